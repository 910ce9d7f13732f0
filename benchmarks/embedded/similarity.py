"""How often copies of an X-ray are found to be the same picture, and other X-rays are.

    python benchmarks/embedded/similarity.py FOLDER

FOLDER holds NIH's ``Data_Entry_2017_v2020.csv(.gz)`` and images in ``256/`` and ``full/``. Copies
are made of 500 images of ``256/``; those in ``full/`` too are compared with their 1024 x 1024 originals.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from cxrzoo.data import NIHChestXray14
from cxrzoo.data.leakage import SAME_PICTURE, picture_bits, picture_distances
from cxrzoo.images import read_image, resize


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    records = NIHChestXray14(folder, images="256", missing="drop")
    with ThreadPoolExecutor(2) as pool:
        greys = list(pool.map(lambda path: read_image(path)[:, :, 0], records.images))
    bits = np.stack([picture_bits(grey) for grey in greys])
    between = picture_distances(bits, bits)[np.triu_indices(len(bits), 1)]
    same = (records.patients[:, None] == records.patients[None, :])[np.triu_indices(len(bits), 1)]
    for name, some in (("other patients", between[~same]), ("same patient", between[same])):
        near = int((some <= SAME_PICTURE).sum())
        print(f"{name}: {near:,} of {len(some):,} pairs within {SAME_PICTURE} bits, ", end="")
        print(f"least {some.min():.0f}, median {np.median(some):.0f}")
    print("\n| copy | found | median | most |\n|---|---|---|---|")
    chosen = np.random.default_rng(0).choice(len(greys), 500, replace=False)
    for name, copy in copies().items():
        apart = [
            float(picture_distances(bits[i : i + 1], picture_bits(copy(greys[i]))[None])[0, 0])
            for i in chosen
        ]
        line(name, apart)
    large = NIHChestXray14(folder, images="full", missing="drop")
    place = {name: i for i, name in enumerate(records.file_names)}
    found = zip(large.images, large.file_names, strict=True)
    pairs = [(path, place[name]) for path, name in found if name in place]
    line(
        f"1024 x 1024 original ({len(pairs)})",
        [
            float(picture_distances(bits[i : i + 1], picture_bits(read_image(path)[:, :, 0])[None])[0, 0])
            for path, i in pairs
        ],
    )  # fmt: skip


def line(name: str, apart: list[float]) -> None:
    found = np.mean(np.array(apart) <= SAME_PICTURE)
    print(f"| {name} | {100 * found:.1f} % | {np.median(apart):.0f} | {max(apart):.0f} |")


def copies() -> dict:
    return {
        "JPEG, quality 75": lambda grey: jpeg(grey, 75),
        "JPEG, quality 40": lambda grey: jpeg(grey, 40),
        "224 x 224": lambda grey: resize(grey, 224),
        "64 x 64": lambda grey: resize(grey, 64),
        "28 x 28": lambda grey: resize(grey, 28),
        "contrast 80 %, 5 % brighter": lambda grey: np.clip(
            (grey.astype(float) - 127) * 0.8 + 140, 0, 255
        ).astype(np.uint8),
        "gamma 1.3": lambda grey: (255 * (grey / 255) ** 1.3).astype(np.uint8),
        "1.5 % cut from each edge": lambda grey: grey[4:-4, 4:-4],
        "mirrored": lambda grey: grey[:, ::-1],
        "inverted": lambda grey: 255 - grey,
    }


def jpeg(grey: np.ndarray, quality: int) -> np.ndarray:
    stream = BytesIO()
    Image.fromarray(grey).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream))


if __name__ == "__main__":
    main()
