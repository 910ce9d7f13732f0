import csv
import json
import pickle
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import cxrzoo
from cxrzoo.data import Records, load_sample, open_pack
from cxrzoo.data.packs import pack as packing
from cxrzoo.data.packs import write
from cxrzoo.errors import CxrZooError, DataError, DataNotFoundError, ImageError
from cxrzoo.images import read_image

SAMPLE = load_sample()[::8]  # 30 rows
SIZE = 32


@pytest.fixture
def small_shards(monkeypatch):
    """Seven images a shard, so that thirty make five."""
    monkeypatch.setattr(packing, "SHARD_BYTES", 7 * SIZE * SIZE)


@pytest.fixture
def packed(tmp_path, small_shards):
    return cxrzoo.pack(SAMPLE, tmp_path / "pack", SIZE)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("size", [SIZE, (48, 20)])
@pytest.mark.parametrize("aspect", ["stretch", "pad", "crop"])
def test_a_pack_holds_what_read_image_gives(tmp_path, size, aspect):
    pack = cxrzoo.pack(SAMPLE, tmp_path / "new" / "pack", size, aspect=aspect)
    pixels = pack.pixels(np.arange(len(SAMPLE)))
    assert pixels.dtype == np.uint8
    for image, path in zip(pixels, SAMPLE.images, strict=True):
        np.testing.assert_array_equal(image, read_image(path, size, aspect=aspect))


def test_a_pack_is_npy_shards_a_list_of_files_and_an_index(packed):
    names = sorted(path.name for path in packed.directory.iterdir())
    shards = [f"pixels-0000{i}.npy" for i in range(5)]
    assert names == ["index.json", *shards, "sources.csv"]
    stacked = np.concatenate([np.load(packed.directory / name) for name in shards])
    np.testing.assert_array_equal(stacked, packed.pixels(np.arange(30))[:, :, :, 0])
    with (packed.directory / "sources.csv").open() as file:
        listed = [(row["file"], int(row["bytes"])) for row in csv.DictReader(file)]
    assert listed == [(Path(p).name, Path(p).stat().st_size) for p in SAMPLE.images]
    index = json.loads((packed.directory / "index.json").read_text())
    assert (index["source"], index["rows"], index["height"], index["aspect"]) == (
        SAMPLE.name,
        30,
        SIZE,
        "stretch",
    )


def test_the_bytes_do_not_depend_on_the_number_of_workers(tmp_path, packed):
    alone = cxrzoo.pack(SAMPLE, tmp_path / "alone", SIZE, workers=1)
    assert content(alone.directory) == content(packed.directory)


@pytest.mark.parametrize("images", [1, 2, 3])
def test_the_bytes_do_not_depend_on_how_many_images_a_task_decodes(
    tmp_path, packed, monkeypatch, images
):
    monkeypatch.setattr(write, "_CHUNK_PIXELS", images * SIZE * SIZE)
    told = []
    index = packed.index
    other = tmp_path / "other"
    other.mkdir()
    shards = write.write_shards(
        SAMPLE.images, index, other, workers=2, on_error="stop", on_rows=told.append
    )
    assert shards.sha256 == index.shards_sha256
    assert told[-1] == len(SAMPLE)
    assert np.diff([0, *told]).max() == images


def test_a_finished_pack_is_opened_and_not_made_anew(packed):
    before = {path: path.stat().st_mtime_ns for path in packed.directory.iterdir()}
    assert cxrzoo.pack(SAMPLE, packed.directory, SIZE).index == packed.index
    assert open_pack(packed.directory).index == packed.index
    assert {path: path.stat().st_mtime_ns for path in packed.directory.iterdir()} == before


def test_a_part_in_any_order_finds_its_rows(packed):
    part = SAMPLE[[20, 3, 3, 29]]
    assert packed.rows(part).tolist() == [20, 3, 3, 29]


def test_a_pack_knows_its_files_after_they_have_moved(packed, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in SAMPLE.images:
        shutil.copy(path, moved)
    records = Records([moved / Path(p).name for p in SAMPLE.images], SAMPLE.targets, SAMPLE.labels)
    assert packed.rows(records).tolist() == list(range(30))


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    paths = [tmp_path / f"patient{i}" / "study1" / "view.png" for i in range(3)]
    for i, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        Image.new("L", (4, 4), 50 * i).save(path)
    records = Records(paths, np.zeros((3, 1)), ("A",))
    pack = cxrzoo.pack(records, tmp_path / "pack", 4)
    assert pack.index.key_depth == 3
    assert pack.pixels(pack.rows(records[::-1]))[:, 0, 0, 0].tolist() == [100, 50, 0]
    flat = cxrzoo.pack(records[:1], tmp_path / "flat", 4)
    with pytest.raises(DataError, match="cannot tell"):
        flat.rows(records)


def test_a_pack_of_other_settings_or_files_is_refused_with_the_reason(packed, tmp_path):
    folder = packed.directory
    with pytest.raises(DataError, match="of 32 x 32 pixels, not 16 x 16"):
        cxrzoo.pack(SAMPLE, folder, 16)
    with pytest.raises(DataError, match="aspect='stretch', not 'pad'"):
        cxrzoo.pack(SAMPLE, folder, SIZE, aspect="pad")
    with pytest.raises(DataError, match="of other files"):
        cxrzoo.pack(SAMPLE[:9], folder, SIZE)
    with pytest.raises(DataError, match="of 32 x 32 pixels, not 16 x 16"):
        SAMPLE.dataset(image_size=16, cache=folder)
    others = load_sample()[1::8]
    with pytest.raises(DataError, match="other files: it lacks 30 of the 30 images"):
        others.dataset(image_size=SIZE, cache=folder)
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (folder / "index.json").rename(unfinished / "unfinished.json")
    with pytest.raises(DataError, match="of other files"):
        cxrzoo.pack(others, unfinished, SIZE)


def test_a_file_that_has_changed_makes_the_pack_out_of_date(tmp_path):
    path = tmp_path / "x.png"
    Image.new("L", (8, 8), 3).save(path)
    records = Records([path], np.zeros((1, 1)), ("A",))
    pack = cxrzoo.pack(records, tmp_path / "pack", 4)
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(path)
    with pytest.raises(DataError, match=r"out of date: .*x\.png"):
        pack.rows(records)
    with pytest.raises(DataError, match="have changed since"):
        cxrzoo.pack(records, tmp_path / "pack", 4)
    path.unlink()
    assert pack.rows(records).tolist() == [0]  # what is gone cannot have changed


def test_a_directory_with_anything_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"holds something else \(thesis\.txt\)"):
        cxrzoo.pack(SAMPLE, tmp_path, SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(DataNotFoundError, match="holds no finished pack"):
        open_pack(tmp_path)
    with pytest.raises(DataError, match=r"thesis.txt/pack: no such file: what stands for its"):
        cxrzoo.pack(SAMPLE, tmp_path / "thesis.txt" / "pack", SIZE)


@pytest.mark.parametrize("name", ["pixels-00002.npy", "sources.csv"])
def test_verify_names_a_file_with_one_wrong_bit(packed, name):
    packed.verify()
    path = packed.directory / name
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"{name} is damaged"):
        packed.verify()
    path.unlink()
    with pytest.raises(DataError, match=f"{name}: no such file"):
        packed.verify()


def test_a_shard_that_is_cut_short_is_refused_when_it_is_read(packed):
    path = packed.directory / "pixels-00001.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"pixels-00001\.npy cannot be read"):
        open_pack(packed.directory).pixels(np.arange(3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_index_is_an_error_or_says_the_same(packed, place, change):
    path = packed.directory / "index.json"
    good = path.read_bytes()
    data = bytearray(good)
    data[place % len(data)] ^= change
    path.write_bytes(data)
    try:
        found = open_pack(packed.directory).index
        # The fingerprint covers what decides on pixels; the rest is checked by verify().
        assert found.fingerprint == packed.index.fingerprint
    except CxrZooError as error:
        assert str(path) in str(error)
    finally:
        path.write_bytes(good)


@pytest.fixture
def damaged(tmp_path):
    """Thirty rows of which number 4 and 25 cannot be read, and number 6 is really black."""
    folder = tmp_path / "images"
    folder.mkdir()
    paths = [folder / Path(p).name for p in SAMPLE.images]
    for source, path in zip(SAMPLE.images, paths, strict=True):
        shutil.copy(source, path)
    paths[4].write_bytes(b"")
    paths[25].write_bytes(paths[25].read_bytes()[:3000])
    Image.new("L", (9, 9)).save(paths[6])
    return Records(paths, SAMPLE.targets, SAMPLE.labels)


def test_a_file_that_cannot_be_read_stops_the_pack_and_is_named(damaged, tmp_path, small_shards):
    with pytest.raises(ImageError, match=Path(damaged.images[4]).name):
        cxrzoo.pack(damaged, tmp_path / "pack", SIZE)


def test_files_that_cannot_be_read_are_set_aside_when_told_to(damaged, tmp_path, small_shards):
    pack = cxrzoo.pack(damaged, tmp_path / "pack", SIZE, on_error="skip")
    assert pack.index.unreadable == (4, 25)
    with (tmp_path / "pack" / "quarantine.csv").open() as file:
        listed = list(csv.DictReader(file))
    assert [row["image"] for row in listed] == [damaged.images[4], damaged.images[25]]
    assert "empty" in listed[0]["reason"]
    good = pack.readable(damaged)
    assert np.flatnonzero(~good).tolist() == [4, 25]
    for refusing in (
        lambda: cxrzoo.pack(damaged, tmp_path / "pack", SIZE),
        lambda: damaged.dataset(image_size=SIZE, cache=tmp_path / "pack"),
    ):
        with pytest.raises(ImageError, match=r"2 of the 30 images .*quarantine\.csv"):
            refusing()
    pixels, _ = damaged[good].dataset(image_size=SIZE, cache=tmp_path / "pack", batch_size=5)[0]
    np.testing.assert_array_equal(pixels[4], read_image(damaged.images[5], SIZE))
    # Stopped after the shards and before the index: the same is found once more.
    before = content(pack.directory)
    (pack.directory / "index.json").unlink()
    (pack.directory / "unfinished.json").write_text(
        packing.replace(pack.index, shards_sha256=(), unreadable=()).to_json()
    )
    cxrzoo.pack(damaged, pack.directory, SIZE, on_error="skip")
    assert content(pack.directory) == before


def test_a_pack_is_sent_to_other_processes_without_its_pixels(packed):
    packed.pixels(np.arange(3))
    sent = pickle.dumps(packed)
    assert len(sent) < 4000
    again = pickle.loads(sent)  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again.pixels(np.arange(30)), packed.pixels(np.arange(30)))


@pytest.mark.parametrize(
    "arguments", [{"image_size": 0}, {"aspect": "zoom"}, {"workers": 0}, {"on_error": "ignore"}]
)
def test_arguments_of_a_pack_that_make_no_sense_are_refused(tmp_path, arguments):
    with pytest.raises(DataError):
        cxrzoo.pack(SAMPLE, tmp_path / "pack", **arguments)
    with pytest.raises(DataError, match="no rows"):
        cxrzoo.pack(SAMPLE[:0], tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_packing_shows_how_far_it_is_on_a_terminal_and_nothing_elsewhere(
    tmp_path, small_shards, capsys, monkeypatch
):
    cxrzoo.pack(SAMPLE, tmp_path / "quiet", SIZE)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")  # Rich then takes anything for a terminal
    monkeypatch.setenv("COLUMNS", "120")
    cxrzoo.pack(SAMPLE, tmp_path / "shown", SIZE)
    out, err = capsys.readouterr()
    assert out == ""
    assert "packing into shown" in err
    assert re.search(r"30/30\S* images", err)
