"""Packs that commit 977409a wrote, before images were described by one ``ImageSpec``."""

from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo.data import open_pack
from cxrzoo.images import ImageSpec

FILES = Path(__file__).parents[1] / "earlier" / "files"
RECORDS = cxrzoo.load_sample()[:10]
PACKS = pytest.mark.parametrize(
    ("name", "spec"),
    [("pack", ImageSpec(16, 16)), ("pack_padded", ImageSpec(20, 16, 1, "pad"))],
)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@PACKS
def test_a_pack_of_earlier_feeds_the_pixels_of_its_files(name, spec):
    before = content(FILES / name)
    pack = open_pack(FILES / name)
    pack.verify()
    assert pack.index.image_spec == spec
    three = ImageSpec(spec.height, spec.width, 3, spec.aspect)
    batches = RECORDS.dataset(image_spec=three, cache=FILES / name)
    np.testing.assert_array_equal(batches[0][0], [three.read(path) for path in RECORDS.images])
    part = RECORDS[[7, 2]].dataset(image_size=spec.size, aspect=spec.aspect, cache=FILES / name)
    np.testing.assert_array_equal(part[0][0], [spec.read(RECORDS.images[i]) for i in (7, 2)])
    assert content(FILES / name) == before


@PACKS
def test_a_pack_of_today_is_the_same_bytes(name, spec, tmp_path):
    made = cxrzoo.pack(RECORDS, tmp_path / "pack", image_spec=spec)
    assert content(made.directory) == content(FILES / name)
    assert cxrzoo.pack(RECORDS, FILES / name, image_spec=spec).index == made.index
