"""Peaks and boxes beside those of radiologists, and the two commands."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from planted import SQUARE

from cxrzoo import save_pretrained
from cxrzoo.cli.program import program
from cxrzoo.errors import DataNotFoundError, TableError
from cxrzoo.heatmaps import localise, nih_boxes
from cxrzoo.heatmaps.maps import Box, box, peak
from cxrzoo.heatmaps.measures import MEASURES, measured, shares

SIDES = st.integers(1, 40)


@given(st.tuples(SIDES, SIDES, SIDES, SIDES), st.tuples(SIDES, SIDES, SIDES, SIDES))
def test_overlaps_are_those_of_pixels_counted(one, other):
    found, true = Box(*map(float, one)), Box(*map(float, other))
    masks = np.zeros((2, 90, 90), bool)
    for mask, (x, y, w, h) in zip(masks, (one, other), strict=True):
        mask[y : y + h, x : x + w] = True
    both, either = (masks[0] & masks[1]).sum(), (masks[0] | masks[1]).sum()
    hits = dict(zip(MEASURES, measured((true.y, true.x), found, [true]), strict=True))
    assert hits["hit rate"] == hits["pointing game"] == 1
    for name, value in hits.items():
        kind, _, threshold = name.partition(" > ")
        if threshold:
            share = both / (either if kind == "IoU" else masks[0].sum())
            assert value == (share > float(threshold))


def test_a_peak_is_in_its_box_and_nothing_has_none():
    random = np.random.default_rng(0)
    for _ in range(50):
        values = random.uniform(size=(9, 13)).astype(np.float32)
        y, x = peak(values)
        assert values[int(y), int(x)] == values.max()
        found = box(values, 0.7)
        assert found.x < x < found.x + found.width
        assert found.y < y < found.y + found.height
    assert np.isnan(peak(np.zeros((3, 3)))).all()
    assert box(np.zeros((3, 3)), 0.5) is None
    plateau = np.zeros((9, 9))
    plateau[2:7, 2:7] = 1
    assert peak(plateau) == (4.5, 4.5)


def test_intervals_are_over_patients():
    """Ten copies of each picture by the same patient tell nothing new."""
    hits = np.random.default_rng(0).integers(0, 2, (30, 1)).astype(float)
    patients = [str(i) for i in range(30)]
    once = shares(hits, patients, 500, 0)
    again = shares(np.tile(hits, (10, 1)), patients * 10, 500, 0)
    assert once == again
    assert once[0][1].low < once[0][0] < once[0][1].high


@pytest.fixture
def boxed_folder(tmp_path):
    """NIH's list and images of 192 x 192, each with a bright square for a mass, and dark ones."""
    random = np.random.default_rng(2)
    lines = ["Image Index,Finding Label,Bbox [x,y,w,h],,,"]
    (tmp_path / "images").mkdir()
    for i in range(8):
        top, left = random.integers(0, 192 - 2 * SQUARE, 2)
        picture = np.full((192, 192), 70, np.uint8)
        for decoy in random.integers(0, 192 - 2 * SQUARE, (2, 2)):
            picture[decoy[0] : decoy[0] + 2 * SQUARE, decoy[1] : decoy[1] + 2 * SQUARE] = 10
        picture[top : top + 2 * SQUARE, left : left + 2 * SQUARE] = 230
        name = f"{i // 2:08d}_{i:03d}.png"
        Image.fromarray(picture).save(tmp_path / "images" / name)
        figures = [one * 1024 / 192 for one in (left, top, 2 * SQUARE, 2 * SQUARE)]
        lines.append(f"{name},Mass,{','.join(map(str, figures))}")
    lines.append("00000009_000.png,Infiltrate,1.0,2.0,3.0,4.0")  # without its image
    (tmp_path / "BBox_List_2017.csv").write_text("\n".join(lines))
    return tmp_path


def test_a_model_that_sees_is_told_from_what_sees_nothing(boxed_folder, seeing):
    found = localise(seeing(), boxed_folder, "layer-cam", n_bootstrap=200)
    whole = {row.guess: row for row in found.rows if row.finding == "all findings"}
    own = whole.pop("layer-cam of the model")
    assert (own.pictures, own.patients) == (8, 4)
    assert own.shares["pointing game"][0] >= 0.75
    assert own.shares["IoU > 0.1"][0] >= 0.75
    for row in whole.values():
        assert row.shares["hit rate"][0] < own.shares["hit rate"][0], row.guess
    assert abs(found.sanity["all weights"]) < 0.8
    assert "layer-cam of the model points better than" in found.to_markdown()
    assert json.loads(found.to_json())["rows"][0]["guess"] == own.guess


def test_a_mean_is_of_other_patients_alone(boxed_folder, deciding):
    """Where there is one patient, there is no other to take a mean of."""
    table = boxed_folder / "BBox_List_2017.csv"
    table.write_text("\n".join(table.read_text().splitlines()[:3]))
    found = localise(deciding("cnn_test1"), boxed_folder, n_bootstrap=0)
    assert {row.patients for row in found.rows} == {1}
    means = [row for row in found.rows if row.guess.startswith("mean ")]
    assert len(means) == 4
    for row in means:
        assert not any(share for share, _ in row.shares.values()), row


def test_the_list_of_boxes(boxed_folder, tmp_path):
    found = nih_boxes(boxed_folder)
    assert len(found) == 8
    assert {one.finding for one in found} == {"Mass"}
    assert found[0].patient == "00000000"
    with pytest.raises(DataNotFoundError, match="BBox_List_2017"):
        nih_boxes(boxed_folder / "images")
    (boxed_folder / "BBox_List_2017.csv").write_text(
        "Image Index,Finding Label,x,y,w,h\n00000000_000.png,Mass,1,2,nan,4\n"
    )
    with pytest.raises(TableError, match="has no box"):
        nih_boxes(boxed_folder)


def test_the_commands(boxed_folder, deciding, tmp_path):
    save_pretrained(deciding("cnn_test1"), tmp_path / "model")
    files = sorted(map(str, (boxed_folder / "images").glob("*.png")))[:3]
    output = tmp_path / "maps"
    words = [
        "explain",
        *files,
        "-m",
        str(tmp_path / "model"),
        "--label",
        "mass",
        "--label",
        "Edema",
    ]
    done = CliRunner().invoke(program, [*words, "--output", str(output), "--arrays"])
    assert done.exit_code == 0, done.output
    names = [f"{i:04d}-{label}.png" for i in (1, 2, 3) for label in ("edema", "mass")]
    assert sorted(one.name for one in output.iterdir()) == [
        *names, "heatmaps.json", "heatmaps.npz", "sheet.png",
    ]  # fmt: skip
    told = json.loads((output / "heatmaps.json").read_text())
    assert [row["file"] for row in told["pictures"]] == [Path(one).name for one in files]
    mass = told["pictures"][0]["labels"]["Mass"]
    with np.load(output / "heatmaps.npz") as held:
        x, y = mass["peak"]
        assert held["map_0"][0, int(y), int(x)] > 0.99
        assert held["map_0"].shape == (2, 192, 192)
    drawn = np.asarray(Image.open(output / mass["picture"]))
    plain, over = drawn[:512, :512], drawn[:512, 520:1032]
    assert (plain[..., 0] == plain[..., 2]).all()  # the plain picture has no colour
    y, x = round(y * 512 / 192), round(x * 512 / 192)
    assert over[y, x, 0] > over[y, x, 2] + 40  # yellow where the map is highest
    done = CliRunner().invoke(
        program,
        [
            "localise",
            "-m",
            str(tmp_path / "model"),
            "--data",
            str(boxed_folder),
            "--bootstrap",
            "9",
        ],
    )
    assert done.exit_code == 0, done.output
    assert "mean box of other patients" in done.output
