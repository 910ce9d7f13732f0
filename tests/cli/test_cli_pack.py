import csv
import json
from pathlib import Path

import numpy as np

import cxrzoo
from cxrzoo.data import open_pack
from cxrzoo.images import read_image


def test_pack_says_what_it_made_and_opens_it_the_second_time(cxrzoo_command, tmp_path):
    command = ("pack", "--sample", "--image-size", "32", "--output", tmp_path / "pack")
    first = cxrzoo_command(*command)
    assert (first.status, first.err) == (0, "")
    assert first.out == f"{tmp_path / 'pack'}: 240 images of 32 x 32.\n"
    again = cxrzoo_command(*command, "--verify", "--json")
    said = json.loads(again.out)
    pack = open_pack(tmp_path / "pack")
    assert said["fingerprint"] == pack.index.fingerprint
    assert (said["images"], said["unreadable"], said["verified"]) == (240, 0, True)
    first_image = read_image(cxrzoo.load_sample().images[0], 32)
    np.testing.assert_array_equal(pack.pixels(np.array([0]))[0], first_image)


def test_pack_refuses_in_one_line(cxrzoo_command, tmp_path):
    command = ("pack", "--sample", "--output", tmp_path / "pack", "--image-size")
    assert cxrzoo_command(*command, "16").status == 0
    other = cxrzoo_command(*command, "17")
    assert other.status == 2
    assert "of 16 x 16 pixels, not 17 x 17" in other.err
    assert len(other.err.splitlines()) == 1
    assert cxrzoo_command("pack", "--sample").status == 2


def test_pack_sets_aside_what_cannot_be_read(cxrzoo_command, sample_files, tmp_path):
    (tmp_path / "broken.png").write_bytes(Path(sample_files[0]).read_bytes()[:2000])
    table = tmp_path / "mine.csv"
    rows = [[*sample_files, tmp_path / "broken.png"], [0, 1, 0, 1, 0, 1, 1]]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("image", "Mass"), *zip(*rows, strict=True)])
    command = ("pack", "--csv", table, "--labels", "Mass", "--image-size", "16", "-o")
    stopped = cxrzoo_command(*command, tmp_path / "stopped")
    assert stopped.status == 2
    assert "broken.png" in stopped.err
    skipped = cxrzoo_command(*command, tmp_path / "skipped", "--on-error", "skip")
    assert skipped.status == 1
    assert "7 images" in skipped.out
    assert "1 images could not be read" in skipped.err
    assert "broken.png" in (tmp_path / "skipped" / "quarantine.csv").read_text()


def test_training_from_a_cache_is_the_same_training(cxrzoo_command, tmp_path):
    command = ("train", "--sample", "--recipe", "cnn-test1-a", "--image-size", "32")
    reports = []
    for more in ((), ("--cache", tmp_path / "cache"), ("--cache", tmp_path / "cache")):
        output = tmp_path / f"run{len(reports)}"
        ended = cxrzoo_command(*command, "--epochs", "1", "--json", "--output", output, *more)
        assert ended.status == 0, ended.err
        reports.append((output / "history.csv").read_text())
    assert reports[0] == reports[1] == reports[2]
    parts = cxrzoo.load_sample().split("official")
    assert len(open_pack(tmp_path / "cache")) == len(parts.train) + len(parts.validation)
