"""Make what the package embeds of NIH ChestX-ray14: the sample and the official split lists.

    python benchmarks/embedded/make_sample.py FOLDER

FOLDER holds NIH's ``Data_Entry_2017_v2020.csv(.gz)``, ``train_val_list.txt(.gz)``,
``test_list.txt(.gz)`` and in ``256/`` images of 256 x 256 pixels. The choice depends on nothing but
those files, so the command makes the same sample again.

Within each part of the official split (seed 0), images are taken one by one: always the next image
that shows the label with the fewest positives so far and the most other labels that are rare still,
one image a patient as long as that lasts.
"""

import argparse
import csv
import gzip
import shutil
from collections import Counter
from hashlib import blake2b
from pathlib import Path

import numpy as np
from PIL import Image

import cxrzoo.data
from cxrzoo.data import NIHChestXray14, Records
from cxrzoo.images import read_image

PACKAGE = Path(cxrzoo.data.__file__).parent
EDGE = 128
IMAGES = {"train": 140, "validation": 35, "test": 65}
MAX_BYTES = 2_600_000


def main() -> None:
    """Write cxrzoo/data/official and cxrzoo/data/sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    write_lists(folder, PACKAGE / "official")
    parts = NIHChestXray14(folder, images="256", missing="drop").split("official")
    rows = {name: choose(getattr(parts, name), n) for name, n in IMAGES.items()}
    chosen = [getattr(parts, name)[picked] for name, picked in rows.items()]
    write_sample(folder, chosen, PACKAGE / "sample")
    for name, part in zip(rows, chosen, strict=True):
        print(name, part.summary(), sep="\n", end="\n\n")


def choose(records: Records, n: int) -> np.ndarray:
    """Row numbers (n,), in the records' order, that even out the labels' positives."""
    tie = [blake2b(name.encode()).digest() for name in records.file_names]
    left = set(range(len(records)))
    counts = np.zeros(len(records.labels))
    patients: Counter[str] = Counter()
    chosen: list[int] = []
    while left and len(chosen) < n:
        available = records.targets[sorted(left)].any(axis=0)
        rarest = int(np.argmin(np.where(available, counts, np.inf)))
        # Of those that show it: new patients first, then the most of labels that are still rare.
        gain = records.targets @ (1 / (1 + counts))
        row = min(
            (r for r in left if records.targets[r, rarest]),
            key=lambda r: (patients[records.patients[r]], -gain[r], tie[r]),
        )
        left.remove(row)
        chosen.append(row)
        counts += records.targets[row]
        patients[records.patients[row]] += 1
    return np.sort(chosen)


def write_lists(folder: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for part in ("train_val", "test"):
        text = "\n".join(read_text(folder, f"{part}_list.txt").split()) + "\n"
        # mtime=0: the same bytes whenever this is run.
        packed = gzip.compress(text.encode(), 9, mtime=0)
        (target / f"{part}_list.txt.gz").write_bytes(packed)


def write_sample(folder: Path, chosen: list[Records], target: Path) -> None:
    for old in target.glob("images/*.png"):
        old.unlink()
    (target / "images").mkdir(parents=True, exist_ok=True)
    names = set()
    for path in (path for part in chosen for path in part.images):
        name = Path(path).name
        names.add(name)
        grey = read_image(path, EDGE)[:, :, 0]
        Image.fromarray(grey).save(target / "images" / name, optimize=True)
    header, *rows = csv.reader(read_text(folder, "Data_Entry_2017_v2020.csv").splitlines())
    with (target / "Data_Entry_2017_sample.csv").open("w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerows([header, *(row for row in rows if row[0] in names)])
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{len(names)} images, {size:,} bytes")
    if size > MAX_BYTES:
        shutil.rmtree(target / "images")
        raise SystemExit(f"the sample is larger than {MAX_BYTES:,} bytes; choose fewer images")


def read_text(folder: Path, name: str) -> str:
    plain = folder / name
    if plain.exists():
        return plain.read_text()
    return gzip.decompress((folder / f"{name}.gz").read_bytes()).decode()


if __name__ == "__main__":
    main()
