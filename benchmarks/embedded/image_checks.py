"""Fit the rule of the image checks, and measure how often it warns of good images and passes bad ones.

    python benchmarks/embedded/image_checks.py fit FOLDER         writes cxrzoo/images/check_rule.npz
    python benchmarks/embedded/image_checks.py measure FOLDER     prints a Markdown table

FOLDER holds NIH's ``Data_Entry_2017_v2020.csv(.gz)`` and images in ``256/``; ``measure`` also looks at
those in ``64/`` and ``full/``, where they are. The rule is fitted on the official train part's patients;
its limits are set on the validation part; everything is measured on images of other patients. Bad images
are made of those, and crops of the two photographs that scikit-learn ships.
"""

import argparse
import csv
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy.stats import beta
from sklearn.datasets import load_sample_images

from cxrzoo.data import NIHChestXray14
from cxrzoo.images import check_images, checks, read_image, resize
from cxrzoo.images.checks import CheckRule, find_problems, standardised_thumbnail

COMPONENTS = 12
TAIL = 0.005
"""Of the validation images that each limit may leave outside."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["fit", "measure"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    parts = NIHChestXray14(options.folder, images="256", missing="drop").split("official")
    if options.command == "fit":
        target = Path(checks.__file__).with_name("check_rule.npz")
        rule = fit(pixels(parts.train.images), pixels(parts.validation.images))
        np.savez_compressed(target, **rule)
        print(f"{target}: {target.stat().st_size:,} bytes")
        print({name: value for name, value in rule.items() if np.size(value) < 3})
    else:
        measure(options.folder, parts)


def pixels(paths) -> list[np.ndarray]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda path: read_image(path)[:, :, 0], paths))


def fit(train: list[np.ndarray], validation: list[np.ndarray]) -> dict[str, np.ndarray]:
    small = np.stack([standardised_thumbnail(grey) for grey in train])
    average = small.mean(axis=0)
    average /= np.linalg.norm(average)
    across = small - np.outer(small @ average, average)
    components = np.linalg.svd(across, full_matrices=False)[2][:COMPONENTS]
    rule = {"average": average.astype(np.float32), "components": components.astype(np.float32)}
    open_rule = CheckRule(
        **rule,
        least_correlation=-1,
        most_unexplained=1,
        mean=(0, 255),
        least_range=0,
        turn_margin=2,
    )
    held_out = [standardised_thumbnail(grey) for grey in validation]
    correlations, unexplained = np.array([open_rule.compare(s) for s in held_out]).T
    margins = [
        max(open_rule.compare(np.rot90(s.reshape(24, 24), k).ravel())[0] for k in (1, 2, 3)) - r
        for s, r in zip(held_out, correlations, strict=True)
    ]
    every = train + validation
    means = [grey.mean() for grey in every]
    ranges = [np.subtract(*np.percentile(grey, [99, 1])) for grey in every]
    rule["least_correlation"] = np.quantile(correlations, TAIL)
    rule["most_unexplained"] = np.quantile(unexplained, 1 - TAIL)
    rule["mean"] = np.quantile(means, [0.001, 0.999])
    rule["least_range"] = np.quantile(ranges, 0.001)
    rule["turn_margin"] = np.max(margins)
    return rule


def measure(folder: Path, parts) -> None:
    fitted = set(parts.train.patients) | set(parts.validation.patients)
    good = pixels(parts.test.images)
    print(
        "| images | n | patients | warned of | 95 % interval | reasons |\n|---|---|---|---|---|---|"
    )
    line("official test part, 256", parts.test.patients, [reasons(grey) for grey in good])
    for name in ("64", "full"):
        if (folder / name).is_dir():
            records = NIHChestXray14(folder, images=name, missing="drop")
            other = np.array([patient not in fitted for patient in records.patients])
            for some, who in ((records[other], "other patients"), (records[~other], "fitted on")):
                line(f"{who}, {name}", some.patients, checked(some))
    for name, images in made(good).items():
        line(name, None, [reasons(grey) for grey in images])
    print(f"\nwider than {checks._MOST_ASPECT} to 1: {aspects(folder)}")  # noqa: SLF001 - its own limit


def checked(records) -> list[set[str]]:
    found = {path: set() for path in records.images}
    for problem in check_images(records):
        found[problem.image].add(problem.reason)
    return list(found.values())


def reasons(grey: np.ndarray) -> set[str]:
    return {reason for reason, _ in find_problems(grey)}


def made(good: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    photographs = [image.mean(axis=2).astype(np.uint8) for image in load_sample_images().images]
    return {
        "made: inverted": [255 - grey for grey in good],
        "made: turned by 90 degrees": [np.rot90(grey) for grey in good],
        "made: turned by 180 degrees": [np.rot90(grey, 2) for grey in good],
        "made: turned by 270 degrees": [np.rot90(grey, 3) for grey in good],
        "made: upside down": [grey[::-1] for grey in good],
        "made: flipped": [grey[:, ::-1] for grey in good],
        "made: the left half only": [grey[:, : grey.shape[1] // 2] for grey in good],
        "made: a quarter, from its middle": [
            grey[64:192, 64:192] for grey in good if grey.shape == (256, 256)
        ],
        "made: a fifth as bright": [(grey // 5).astype(np.uint8) for grey in good],
        "made: noise": [rng.integers(0, 256, (256, 256), np.uint8) for _ in range(200)],
        "made: smooth noise": [
            resize(rng.integers(0, 256, (8, 8), np.uint8), 256) for _ in range(200)
        ],
        "crops of two photographs": [crop(photographs[i % 2], rng) for i in range(400)],
    }


def crop(photograph: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    edge = int(rng.integers(64, min(photograph.shape)))
    top, left = (int(rng.integers(0, size - edge + 1)) for size in photograph.shape)
    return np.ascontiguousarray(photograph[top : top + edge, left : left + edge])


def line(name: str, patients, found: list[set[str]]) -> None:
    n, warned = len(found), sum(bool(reasons) for reasons in found)
    if not n:
        return
    # Clopper-Pearson. Images of one patient are alike, so true intervals are somewhat wider.
    low = beta.ppf(0.025, warned, n - warned + 1) if warned else 0.0
    high = beta.ppf(0.975, warned + 1, n - warned) if warned < n else 1.0
    each = {reason: sum(reason in one for one in found) for reason in checks.REASONS}
    counts = ", ".join(f"{reason} {count}" for reason, count in each.items() if count)
    people = "" if patients is None else f"{len(set(patients)):,}"
    interval = f"{100 * low:.1f} to {100 * high:.1f} %"
    print(f"| {name} | {n:,} | {people} | {100 * warned / n:.1f} % | {interval} | {counts} |")


def aspects(folder: Path) -> str:
    table = next(folder.glob("Data_Entry_2017_v2020.csv*"))
    opened = gzip.open if table.suffix == ".gz" else open
    with opened(table, "rt", newline="") as stream:
        header, *rows = csv.reader(stream)
    place = header.index("OriginalImage[Width")
    sizes = np.array([[float(row[place]), float(row[place + 1])] for row in rows])
    wide = sizes.max(axis=1) > checks._MOST_ASPECT * sizes.min(axis=1)  # noqa: SLF001 - as above
    return f"{wide.sum():,} of {len(wide):,} NIH originals"


if __name__ == "__main__":
    main()
