"""``cxrzoo evaluate --experts``: a model beside radiologists, from their tables."""

import json

import expert_tables
import numpy as np
import pytest

from cxrzoo.labels import NIH_FINDINGS


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The three tables, and scores of the same images and of one more."""
    folder = tmp_path_factory.mktemp("experts")
    drawn = expert_tables.draw(n=80, seed=2)
    expert_tables.write(folder, drawn)
    scores = np.random.default_rng(0).random((80, 14)) / 2 + drawn[2][:, :, 1:15].mean(1) / 2
    lines = ["Image Index," + ",".join(f"prob_{name}" for name in NIH_FINDINGS)]
    for name, row in zip(drawn[0][:70], scores, strict=False):
        lines.append(name + "," + ",".join(f"{score:.5f}" for score in row))
    (folder / "scores.csv").write_text("\n".join(lines))
    return folder


def arguments(files, *more):
    return (
        "evaluate", "--predictions", files / "scores.csv", "--truth",
        files / "Data_Entry_2017_v2020.csv.gz", "--experts", files, "--bootstrap", 50, *more,
    )  # fmt: skip


def test_a_predictions_file_is_set_beside_radiologists(cxrzoo_command, files, tmp_path):
    ended = cxrzoo_command(*arguments(files, "-o", tmp_path / "out"))
    assert ended.status == 0, ended.err
    assert "scores.csv beside radiologists: 70 images of" in ended.out
    assert "AUC, radiologists" in ended.out
    content = json.loads((tmp_path / "out" / "experts.json").read_text())
    assert content["report"]["n"] == 70
    assert len(content["report"]["points"]) == 14 * 5 * 2
    assert "judged by" in (tmp_path / "out" / "experts.html").read_text()
    assert "4343880271" in (tmp_path / "out" / "experts.md").read_text()
    assert (tmp_path / "out" / "report.html").exists()


def test_json_holds_the_report_and_the_one_on_radiologists(cxrzoo_command, files):
    ended = cxrzoo_command(*arguments(files, "--json"))
    content = json.loads(ended.out)
    assert content["schema"] == "cxrzoo.report/1"
    assert content["experts"]["schema"] == "cxrzoo.expert-report/1"


def test_a_model_is_set_beside_radiologists(cxrzoo_command, saved_model, files, tmp_path):
    """The sample's images take the places of those that were read."""
    import cxrzoo  # noqa: PLC0415 - after the tests of what importing loads

    sample = cxrzoo.load_sample()
    test = sample.split("official").test
    drawn = list(expert_tables.draw(n=len(test), seed=2))
    drawn[0], drawn[1] = list(test.file_names), list(test.patients)
    expert_tables.write(tmp_path, drawn)
    ended = cxrzoo_command(
        "evaluate", "--model", saved_model, "--sample", "--experts", tmp_path, "--bootstrap", 5
    )
    assert ended.status == 0, ended.err
    assert f"beside radiologists: {len(test)} images" in ended.out
    assert "No reader was asked for No Finding" in ended.out
    # The report itself is on NIH's test data.
    assert "confirms from" in ended.out
    assert "NIH's label beside radiologists" in ended.out


def test_a_folder_without_the_tables_is_refused_before_anything_is_measured(
    cxrzoo_command, files, tmp_path
):
    ended = cxrzoo_command(
        "evaluate", "--predictions", tmp_path / "no.csv", "--truth", tmp_path / "no.csv",
        "--experts", tmp_path,
    )  # fmt: skip
    assert ended.status == 2
    assert "google2021_all_findings_test_labels.csv" in ended.err
    assert ended.err.count("\n") == 1
