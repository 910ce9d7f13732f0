"""Names of files that are no UTF-8, or that a spreadsheet would compute: nothing is lost by them."""

import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo.data import open_pack

NAMES = (
    b"d\xe9/im\xff1.png",
    b"d\xe9/im\xff2.png",
    b"d\xe9/=cmd|' !A0.png",
    b"d\xe9/a\x1b[31m.png",
)


@pytest.fixture
def records(sample_files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(b"d\xe9")).mkdir()
    for found, name in zip(sample_files, NAMES, strict=False):
        shutil.copy(found, name)
    return cxrzoo.Records(
        images=[os.fsdecode(name) for name in NAMES],
        targets=np.eye(4, 3, dtype="float32"),
        labels=("Mass", "Edema", "Hernia"),
        patients=["p\udcff1", "p\udcff1", "p2", "p3"],
        name="befunde\udcff",
    )


def test_they_are_packed_found_again_and_split(records):
    pack = cxrzoo.pack(records, "pack", 32)
    expected = np.stack([cxrzoo.images.read_image(path, 32) for path in records.images])
    np.testing.assert_array_equal(open_pack("pack").pixels(range(4)), expected)
    for again in range(2):  # made, then found
        batches = records[::-1].dataset(image_size=32, batch_size=4, cache="pack")
        np.testing.assert_array_equal(batches[0][0], expected[::-1], err_msg=str(again))
    assert pack.index.source == "befunde{0xff}"
    lines = Path("pack/sources.csv").read_text("utf-8").splitlines()
    listed = [name for name, _ in csv.reader(lines)][1:]
    assert listed == ["im{0xff}1.png", "im{0xff}2.png", "'=cmd|' !A0.png", "a{U+001B}[31m.png"]
    parts = records.split("patient", seed=0)
    assert not parts.train.leakage(parts.test)
    assert len(parts.fingerprint) == 64


def test_two_names_that_read_alike_are_not_taken_for_one(records, sample_files):
    cxrzoo.pack(records, "pack", 32)
    shutil.copy(sample_files[4], os.fsencode("d\udce9/im{0xff}1.png"))
    other = cxrzoo.Records(
        [records.images[0], "d\udce9/im{0xff}1.png"], np.zeros((2, 1)), ("Mass",)
    )
    with pytest.raises(cxrzoo.errors.DataError, match="cannot tell"):
        other.dataset(image_size=32, cache="pack")
