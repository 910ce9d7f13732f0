"""What one file may cost: pictures and tables of a few kilobytes that would fill the memory."""

import gzip
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom")
os.environ.setdefault("CXRZOO_EDGE", "2048")
from hostile_pictures import FULL, PICTURES, write_all

from cxrzoo.budget import BYTES_A_PIXEL, MAX_PIXELS
from cxrzoo.data import ChestMNIST, csv_rows, records_from_csv
from cxrzoo.errors import ImageError, TableError
from cxrzoo.images import decoding, read_image, resize

SCRIPT = Path(__file__).with_name("read_pictures.py")
CONSTANT = 48
"""MiB that strips and tables take beside the pixels."""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by Linux's /proc")
def test_no_picture_takes_more_than_the_budget(tmp_path):
    write_all(tmp_path)
    limit = BYTES_A_PIXEL * MAX_PIXELS >> 20
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(limit)]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    rows = {row[0]: row[1:] for row in map(json.loads, ended.stdout.splitlines())}
    assert set(rows) == set(PICTURES)
    wrong = {}
    for name, (found, read, checked) in rows.items():
        words = PICTURES[name][1]
        # What is refused may have been inflated as far as any file may be.
        most = BYTES_A_PIXEL * FULL**2 / 2**20 + CONSTANT if words is None else 320
        right = found == [224, 224, 1] if words is None else re.search(words, str(found))
        if not right or max(read, checked) > most:
            wrong[name] = found, read, checked
    assert not wrong


@pytest.mark.parametrize("edges", [(40, 300), (300, 40), (7, 900), (900, 7)])
def test_a_narrow_picture_is_resized_the_other_way_round_and_nearly_the_same(edges, monkeypatch):
    grey = np.random.default_rng(0).integers(0, 256, edges).astype(np.uint8)
    usual = resize(grey, (90, 80)).astype(int)
    monkeypatch.setattr(decoding, "MAX_PIXELS", 90 * 80)
    assert np.abs(resize(grey, (90, 80)) - usual).max() <= 1  # each way rounds twice


def test_memory_that_is_not_there_is_an_image_error(tmp_path, monkeypatch):
    from PIL import Image  # noqa: PLC0415 - only here

    path = tmp_path / "x.png"
    Image.new("L", (9, 9)).save(path)

    def full(*_args, **_options):
        raise MemoryError

    for place, name in ((decoding, "_decoded"), (decoding, "resized")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(ImageError, match=r"x\.png: there is not enough memory"):
                read_image(path, 4)


TABLES = {
    "a row without an end": (b"image,a\n" + b"x" * 2**21, "row of more than 1,048,576 characters"),
    "a header without an end": (b"image,a," * 2**18, "row of more than 1,048,576 characters"),
    "lines that quotation marks join": (
        b"image,a\nx.png,1\n" + b'"\n",' * 2**19,
        "row of more than 1,048,576 characters",
    ),
    "rows that are too many in memory": (b"image,a\n" + b"x,1\n" * 2**20, "4 MiB and 16 times"),
    "bytes that are too many": (b"image,a\n" + b"x,1\n" + b"\n" * 2**21, "larger than"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_small_gzip_does_not_become_a_large_table(tmp_path, monkeypatch, name):
    content, words = TABLES[name]
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(content, 9))
    monkeypatch.setattr(csv_rows, "TABLE_BYTES", 2**22)
    if words == "larger than":
        monkeypatch.setattr(csv_rows, "MAX_TABLE_BYTES", 2**20)
    with pytest.raises(TableError, match=words):
        records_from_csv(path, labels=["a"], missing="drop")


def npz(path, member="train_labels", header=None, **options):
    """Write a ChestMNIST of two images a part, one member of which has another header."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        for part in ("train", "val", "test"):
            for kind, array in (
                ("labels", np.zeros((2, 14), np.uint8)),
                ("images", np.zeros((2, 28, 28), np.uint8)),
            ):
                stream = io.BytesIO()
                np.save(stream, array)
                data = stream.getvalue()
                if header is not None and f"{part}_{kind}" == member:
                    text = header.encode().ljust(118 if len(header) < 117 else len(header)) + b"\n"
                    data = data[:8] + len(text).to_bytes(2, "little") + text + data[128:]
                archive.writestr(f"{part}_{kind}.npy", data)


def described(shape, kind="|u1"):
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    ("member", "header"),
    [
        ("train_images", described("(-1, 28, 28)")),
        ("train_images", described("(-2, -28, -28)")),
        ("train_images", described("(2, 65536, 65536)")),
        ("train_images", described("(3, 28, 28)")),
        ("train_images", described(f"({2**62}, 28, 28)")),
        ("train_images", described(f"({10**40}, 28, 28)")),
        ("train_images", described("(2, 28, 28)", "|V900000000")),
        ("train_labels", described(f"({2**40}, 14)")),
        ("train_labels", described("(-1, 14)")),
        ("train_labels", described("(0, 14)")),
        ("train_labels", described("(True, 14)")),
        ("train_labels", described("(2.5, 14)")),
        ("train_labels", described("(2, 14)") + " " * 60_000),
        ("train_labels", "(" * 5000),
        ("val_images", "nonsense"),
    ],
)
def test_an_array_of_another_size_than_its_member_is_refused(tmp_path, member, header):
    npz(tmp_path / "chestmnist.npz", member, header)
    with pytest.raises(TableError, match="no ChestMNIST"):
        ChestMNIST(tmp_path / "chestmnist.npz")
    assert len(list(tmp_path.rglob("*.png"))) <= 4


def test_a_chestmnist_is_read_whichever_way_numpy_writes_it_and_no_other(tmp_path):
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        npz(tmp_path / "chestmnist.npz", compression=kind)
        assert len(ChestMNIST(tmp_path / "chestmnist.npz")) == 6
    npz(tmp_path / "chestmnist.npz", compression=zipfile.ZIP_LZMA)
    with pytest.raises(TableError, match="compressed in another way"):
        ChestMNIST(tmp_path / "chestmnist.npz")
    with (tmp_path / "chestmnist.npz").open("r+b") as file:  # sparse: it takes no room
        file.truncate(2**33)
    with pytest.raises(TableError, match="no ChestMNIST"):
        ChestMNIST(tmp_path / "chestmnist.npz")
