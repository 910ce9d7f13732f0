import csv
import json
from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo.inference import predict_files
from cxrzoo.pretrained.catalog import catalog


@pytest.fixture
def broken(sample_files, tmp_path):
    """A real X-ray cut short."""
    path = tmp_path / "broken.png"
    path.write_bytes(Path(sample_files[0]).read_bytes()[:2000])
    return path


def test_the_program_runs_as_a_process_with_results_alone_on_standard_output(run_python):
    printed = run_python(
        "import runpy, sys\n"
        "sys.argv = ['cxrzoo', 'list', '--json']\n"
        "runpy.run_module('cxrzoo.cli', run_name='__main__')"
    )
    assert [row["name"] for row in json.loads(printed)] == cxrzoo.list_models()


def test_help_names_every_command(cxrzoo_command):
    ended = cxrzoo_command("--help")
    assert ended.status == 0
    for name in ("quickstart", "list", "info", "train", "evaluate", "predict"):
        assert f"  {name} " in ended.out
        assert cxrzoo_command(name, "--help").status == 0
    assert cxrzoo_command("--version").out.strip().endswith(cxrzoo.__version__)


def test_list_shows_every_model_with_its_size(cxrzoo_command):
    ended = cxrzoo_command("list")
    assert (ended.status, ended.err) == (0, "")
    assert all(name in ended.out for name in cxrzoo.list_models())
    assert "3,760,783" in ended.out
    rows = json.loads(cxrzoo_command("list", "*ilenet_c*", "--json").out)
    assert [(row["name"], row["parameters"]) for row in rows] == [("mobilenet_cxr", 3_760_783)]
    assert json.loads(cxrzoo_command("list", "nothing*", "--json").out) == []


def test_info_describes_a_model_of_the_zoo(cxrzoo_command):
    described = json.loads(cxrzoo_command("info", "mobilenet_cxr", "--json").out)
    assert described["parameters"] == 3_760_783
    assert described["arguments"]["labels"] == list(cxrzoo.NIH_LABELS)
    assert described["arguments_may_be"].keys() == described["arguments"].keys()
    assert "from 0 to 0.95" in described["arguments_may_be"]["dropout"]
    lines = cxrzoo_command("info", "mobilenet_cxr").out.splitlines()
    assert ["arguments.alpha", "1.0"] in [line.split() for line in lines]


def test_info_describes_a_saved_model(cxrzoo_command, saved_model):
    described = json.loads(cxrzoo_command("info", saved_model, "--json").out)
    assert described == json.loads((saved_model / "cxrzoo.json").read_text())
    lines = cxrzoo_command("info", saved_model).out.splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines)
    assert shown["builder"] == "cnn_test1"
    assert shown["arguments.classifier_activation"] == "sigmoid"
    assert len({line.index(value) for line, value in zip(lines, shown.values(), strict=True)}) == 1


def test_list_and_info_describe_every_release(cxrzoo_command):
    rows = json.loads(cxrzoo_command("list", "--pretrained", "--json").out)
    assert {row["name"]: row["builder"] for row in rows} == {
        name: release.builder for name, release in catalog().items()
    }
    shown = cxrzoo_command("list", "--pretrained").out
    for row in rows:
        assert row["name"] in shown
        if row["repository"] is None:
            described = json.loads(cxrzoo_command("info", row["name"], "--json").out)
            assert described["builder"] == row["builder"]


def test_predict_takes_the_model_that_ships_unless_told(cxrzoo_command, sample_files):
    ended = cxrzoo_command("predict", sample_files[0], "--json")
    assert ended.status == 0, ended.err
    expected = predict_files(cxrzoo.from_pretrained("nih-mini"), sample_files[:1])
    found = json.loads(ended.out)["predictions"][0]["scores"]
    np.testing.assert_allclose(found, expected.scores[0], atol=1e-5)


def test_predict_prints_the_highest_labels_of_each_file(cxrzoo_command, saved_model, sample_files):
    ended = cxrzoo_command("predict", *sample_files[:3], "-m", saved_model, "--top", 2)
    assert (ended.status, ended.err) == (0, "")
    expected = predict_files(cxrzoo.from_pretrained(saved_model), sample_files[:3])
    lines = ended.out.splitlines()[1:]
    assert len(lines) == 3
    for line, file, scores in zip(lines, expected.images, expected.scores, strict=True):
        assert line.split()[0] == file
        first, second = np.argsort(-scores, kind="stable")[:2]
        for place in (first, second):
            assert f"{expected.labels[place]} {scores[place]:.3f}" in line


def test_predict_writes_every_score_as_csv_and_json(
    cxrzoo_command, saved_model, sample_files, tmp_path
):
    expected = predict_files(cxrzoo.from_pretrained(saved_model), sample_files)
    arguments = ("predict", *sample_files, "--model", saved_model)
    assert cxrzoo_command(*arguments, "-o", tmp_path / "new" / "scores.csv").status == 0
    with (tmp_path / "new" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == sample_files
    for i, label in enumerate(cxrzoo.NIH_LABELS):
        written = [float(row[f"prob_{label}"]) for row in rows]
        np.testing.assert_allclose(written, expected.scores[:, i], atol=1e-6)
    printed = cxrzoo_command(*arguments, "-o", tmp_path / "scores.json", "--json").out
    content = json.loads((tmp_path / "scores.json").read_text())
    assert json.loads(printed) == content
    assert content["labels"] == list(cxrzoo.NIH_LABELS)
    assert content["failures"] == []
    found = [row["scores"] for row in content["predictions"]]
    np.testing.assert_allclose(found, expected.scores, atol=1e-6)


def test_what_predict_wrote_can_be_measured(cxrzoo_command, saved_model, tmp_path):
    records = cxrzoo.load_sample()[:40]
    cxrzoo_command("predict", *records.images, "-m", saved_model, "-o", tmp_path / "scores.csv")
    truth = Path(records.images[0]).parents[0]
    while not list(truth.glob("Data_Entry_2017*.csv")):
        truth = truth.parent
    ended = cxrzoo_command(
        *("evaluate", "--predictions", tmp_path / "scores.csv", "--bootstrap", 0, "--json"),
        *("--truth", next(truth.glob("Data_Entry_2017*.csv"))),
    )
    assert ended.status == 0, ended.err
    assert json.loads(ended.out)["report"]["n"] == 40


def test_predict_takes_folders_and_patterns(cxrzoo_command, saved_model, sample_files):
    folder = Path(sample_files[0]).parent
    listed = sorted(str(path) for path in folder.rglob("*.png"))
    printed = cxrzoo_command("predict", folder, "-m", saved_model, "--json").out
    assert [row["image"] for row in json.loads(printed)["predictions"]] == listed
    pattern = f"{folder}/0000*.png"
    printed = cxrzoo_command("predict", pattern, "-m", saved_model, "--json").out
    names = [row["image"] for row in json.loads(printed)["predictions"]]
    assert names == sorted(str(path) for path in folder.glob("0000*.png"))
    assert names


def test_predict_carries_on_past_a_broken_file_when_told_to_and_names_it(
    cxrzoo_command, saved_model, sample_files, broken, tmp_path
):
    output = tmp_path / "scores.csv"
    ended = cxrzoo_command(
        *("predict", broken, *sample_files[:2], "-m", saved_model),
        *("--on-error", "skip", "-o", output),
    )
    assert ended.status == 1
    assert ended.err.startswith("skipped: ")
    assert ended.err.count("\n") == 2
    assert ended.err.endswith("1 of 3 files skipped\n")
    assert str(broken) in ended.err
    assert [row.split(",")[0] for row in output.read_text().splitlines()[1:]] == sample_files[:2]
    printed = cxrzoo_command("predict", broken, "-m", saved_model, "--on-error=skip", "--json")
    assert printed.status == 1
    assert [row["image"] for row in json.loads(printed.out)["failures"]] == [str(broken)]


def test_predict_stops_at_a_broken_file_and_writes_nothing(
    cxrzoo_command, saved_model, sample_files, broken, tmp_path
):
    output = tmp_path / "scores.csv"
    ended = cxrzoo_command("predict", *sample_files, broken, "-m", saved_model, "-o", output)
    assert (ended.status, ended.out) == (2, "")
    assert not output.exists()


def test_predict_takes_its_former_options_with_a_line(cxrzoo_command, saved_model, sample_files):
    arguments = ("predict", sample_files[0], "-m", saved_model, "--json")
    new = cxrzoo_command(*arguments, "--flip", "--check-images")
    old = cxrzoo_command(*arguments, "--mirror", "--gate")
    plain = cxrzoo_command(*arguments)
    assert (new.status, old.status, new.err) == (0, 0, "")
    assert old.err == (
        "--mirror is now --flip; use the new name.\n"
        "--gate is now --check-images; use the new name.\n"
    )
    now, before = json.loads(new.out), json.loads(old.out)
    assert now.pop("image_checks") == before.pop("findings") == []
    assert now == before != json.loads(plain.out)
    shown = cxrzoo_command("predict", "--help").out
    assert "--flip" in shown
    assert "--mirror" not in shown


def test_evaluate_measures_a_saved_model_on_the_sample(cxrzoo_command, saved_model, tmp_path):
    arguments = ("evaluate", "--model", saved_model, "--sample", "--bootstrap", 0)
    ended = cxrzoo_command(*arguments, "--output", tmp_path / "report")
    assert ended.status == 0, ended.err
    assert all(label in ended.out for label in cxrzoo.NIH_LABELS)
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    test = cxrzoo.load_sample().split("official").test
    assert report["report"]["n"] == len(test)
    assert (tmp_path / "report" / "report.md").read_text().strip() == ended.out.strip()
    assert (tmp_path / "report" / "report.csv").exists()
    whole = json.loads(cxrzoo_command(*arguments, "--part", "all", "--json").out)
    assert whole["report"]["n"] == len(cxrzoo.load_sample())


def test_train_leaves_a_measured_model_that_the_other_commands_take(
    cxrzoo_command, sample_files, tmp_path
):
    run = tmp_path / "run"
    arguments = (
        *("train", "--sample", "--recipe", "cnn-test1-b", "--image-size", 32, "--epochs", 1),
        *("--output", run, "--json"),
    )
    ended = cxrzoo_command(*arguments)
    assert ended.status == 0, ended.err
    parts = cxrzoo.load_sample().split("official")
    assert json.loads(ended.out)["report"]["n"] == len(parts.validation)
    assert "epoch 1/1" in ended.err
    with (run / "history.csv").open(newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1"]
    config = cxrzoo.from_pretrained(run / "model").cxrzoo
    assert (config.lineage.recipe, config.lineage.images) == ("cnn-test1-b", len(parts.train))
    assert config.arguments["input_shape"] == (32, 32, 1)
    assert cxrzoo_command("info", run / "model").status == 0
    assert cxrzoo_command("predict", sample_files[0], "-m", run / "model").status == 0
    again = cxrzoo_command(*arguments)
    assert (again.status, again.out) == (0, ended.out)
    assert "nothing is left to do" in again.err
