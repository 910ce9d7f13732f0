"""Whatever is wrong with the input: one clear line on standard error, status 2, no traceback."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import cxrzoo


@pytest.fixture
def refused(cxrzoo_command, tmp_path, monkeypatch):
    """Runs the program, which must refuse in one line and start no run, and gives that line."""
    empty = tmp_path / "current folder"
    empty.mkdir()
    monkeypatch.chdir(empty)

    def run(*arguments):
        ended = cxrzoo_command(*arguments)
        assert (ended.status, ended.out) == (2, ""), ended
        assert ended.err.startswith("error: "), ended.err
        assert ended.err.count("\n") == 1
        assert len(ended.err) < 1200
        assert "Traceback" not in ended.err
        assert not list(empty.iterdir())
        return ended.err

    return run


@pytest.fixture
def misused(cxrzoo_command):
    """Runs the program, which must say how it is used, and gives what it said."""

    def run(*arguments):
        ended = cxrzoo_command(*arguments)
        assert (ended.status, ended.out) == (2, ""), ended
        assert "\nError: " in ended.err
        assert "Traceback" not in ended.err
        return ended.err

    return run


@pytest.fixture
def model_copy(saved_model, tmp_path):
    return Path(shutil.copytree(saved_model, tmp_path / "model"))


@pytest.fixture
def table(sample_files, tmp_path):
    """A CSV of one's own with two rows, and its images beside it."""
    for path in sample_files[:2]:
        shutil.copy(path, tmp_path)
    names = [Path(path).name for path in sample_files[:2]]
    path = tmp_path / "mine.csv"
    path.write_text(f"image,patient,Mass\n{names[0]},1,1\n{names[1]},2,0\n")
    return path


def train(*source):
    return ("train", *source, "--output", "run", "--recipe", "cnn-test1-b", "--image-size", 32)


def test_no_such_folder(refused, saved_model, tmp_path):
    absent = tmp_path / "absent"
    for arguments in (
        train("--data", absent),
        train("--csv", absent / "mine.csv", "--labels", "Mass"),
        ("evaluate", "--model", saved_model, "--data", absent),
        ("evaluate", "--model", absent, "--sample"),
        ("evaluate", "--predictions", absent / "a.csv", "--truth", absent / "b.csv"),
        ("predict", absent, "--model", saved_model),
        ("predict", absent / "*.png", "--model", saved_model),
    ):
        assert "absent" in refused(*arguments)


def test_a_model_folder_that_is_not_there(refused, sample_files, tmp_path):
    message = refused("predict", sample_files[0], "--model", tmp_path / "absent")
    assert "absent" in message
    assert "'cxrzoo train'" in message


def test_a_csv_without_the_columns(refused, table):
    assert "'Edema'" in refused(*train("--csv", table, "--labels", "Mass,Edema"))
    assert "'subject'" in refused(
        *train("--csv", table, "--labels", "Mass", "--patient-column", "subject")
    )
    assert "labels" in refused(*train("--csv", table))


def test_an_nih_csv_without_the_columns(refused, tmp_path):
    (tmp_path / "Data_Entry_2017.csv").write_text("picture,finding\n1.png,Mass\n")
    assert "Image Index" in refused(*train("--data", tmp_path))


def test_an_image_folder_with_none_of_the_names(refused, saved_model, sample_files, tmp_path):
    sample = Path(sample_files[0]).parents[1]
    while not (found := list(sample.glob("Data_Entry_2017*.csv"))):
        sample = sample.parent
    shutil.copy(found[0], tmp_path)
    (tmp_path / "images").mkdir()
    shutil.copy(sample_files[0], tmp_path / "images" / "other.png")
    for missing in ("error", "drop"):
        message = refused(*train("--data", tmp_path, "--missing", missing))
        assert "240" in message


def test_a_csv_of_ones_own_whose_images_are_elsewhere(refused, table, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    images = ("--images", tmp_path / "elsewhere")
    assert "elsewhere" in refused(*train("--csv", table, "--labels", "Mass", *images))


@pytest.mark.parametrize("size", [0, 7, 2000])
def test_a_truncated_png(refused, saved_model, sample_files, tmp_path, size):
    path = tmp_path / "cut.png"
    path.write_bytes(Path(sample_files[0]).read_bytes()[:size])
    assert "cut.png" in refused("predict", path, "--model", saved_model)


def test_a_truncated_png_among_the_data(refused, saved_model, table, tmp_path):
    first = table.read_text().splitlines()[1].split(",")[0]
    (tmp_path / first).write_bytes((tmp_path / first).read_bytes()[:2000])
    labels = ",".join(cxrzoo.NIH_LABELS)
    rows = table.read_text().splitlines()[1:]
    names = [row.split(",")[0] for row in rows]
    table.write_text(
        "\n".join([f"image,patient,{labels}", *(f"{name},1" + ",0" * 15 for name in names)])
    )
    assert first in refused(
        *("evaluate", "--model", saved_model, "--csv", table, "--labels", labels, "--part", "all"),
        *("--patient-column", "patient"),
    )


def test_a_model_with_a_missing_or_misshapen_tensor(refused, model_copy, sample_files):
    path = model_copy / "model.safetensors"
    tensors = load_file(path)
    bias = tensors.pop("predictions/bias")
    for content, word in (
        (tensors, "lacks"),
        ({**tensors, "predictions/bias": np.zeros(len(bias) + 1, "float32")}, "shape"),
    ):
        save_file(content, path)
        message = refused("predict", sample_files[0], "--model", model_copy)
        assert "predictions/bias" in message
        assert word in message


def test_a_model_without_its_files(refused, model_copy, sample_files):
    for name in ("model.safetensors", "cxrzoo.json"):
        (model_copy / name).unlink()
        assert name in refused("predict", sample_files[0], "--model", model_copy)


def test_a_model_whose_description_is_broken(refused, model_copy):
    (model_copy / "cxrzoo.json").write_text("{")
    for command in (("info", model_copy), ("evaluate", "--model", model_copy, "--sample")):
        assert "cxrzoo.json" in refused(*command)


def test_an_unknown_model_name_with_the_nearest(refused, sample_files):
    assert "'mobilenet_cxr'" in refused("info", "mobilnet_cxr")
    assert "'mobilnet_cxr'" in refused("predict", sample_files[0], "--model", "mobilnet_cxr")


def test_labels_that_do_not_match(refused, cxrzoo_command, small, tmp_path):
    model = small("cnn_test1", labels=["Mass", "Scoliosis"])
    cxrzoo.save_pretrained(model, tmp_path / "model")
    report = cxrzoo_command("evaluate", "--model", tmp_path / "model", "--sample", "--bootstrap", 0)
    assert "because the truth has no such label: Scoliosis." in report.out
    model = small("cnn_test1", labels=["Kyphosis", "Scoliosis"])
    cxrzoo.save_pretrained(model, tmp_path / "model")
    message = refused("evaluate", "--model", tmp_path / "model", "--sample")
    assert "no label in common" in message
    assert "Scoliosis" in message


def test_an_unknown_recipe_with_the_nearest(refused):
    message = refused("train", "--sample", "--recipe", "mobilnet-b", "--output", "run")
    assert "'mobilenet-b'" in message


def test_recipe_figures_out_of_bounds(refused, tmp_path):
    for option, value in (
        ("--image-size", 8),
        ("--epochs", 0),
        ("--batch-size", 0),
        ("--learning-rate", -1),
        ("--learning-rate", "nan"),
    ):
        arguments = ("train", "--sample", "--recipe", "cnn-test1-b", "--output", tmp_path / "run")
        assert f"{option} must lie in" in refused(*arguments, option, value)
        assert not (tmp_path / "run").exists()


def test_an_argument_that_the_recipes_model_does_not_take(refused, tmp_path):
    arguments = (*train("--sample"), "--alpha", 0.5)
    assert "'alpha'" in refused(*arguments)


def test_an_output_that_holds_something_else_is_left_alone(refused, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("text")
    arguments = ("--recipe", "cnn-test1-b", "--image-size", 32, "--output", tmp_path / "run")
    assert "holds no run" in refused("train", "--sample", *arguments)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_an_output_that_cannot_be_written(refused, saved_model, sample_files, tmp_path):
    (tmp_path / "file").write_text("text")
    (tmp_path / "folder.csv").mkdir()
    for output in (tmp_path / "file" / "scores.csv", tmp_path / "folder.csv"):
        message = refused("predict", sample_files[0], "-m", saved_model, "-o", output)
        assert output.name in message or "file" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "current folder",
        "file",
        "folder.csv",
    ]


def test_an_output_with_a_wrong_ending(misused, saved_model, sample_files, tmp_path):
    message = misused("predict", sample_files[0], "-m", saved_model, "-o", tmp_path / "scores.xls")
    assert "--output must end in .csv or .json" in message


def test_misuse(misused, saved_model, tmp_path):
    for arguments, word in (
        (("evaluate",), "--model DIR or --predictions FILE"),
        (("evaluate", "--model", "a", "--predictions", "b"), "--model DIR or --predictions FILE"),
        (("evaluate", "--predictions", "b"), "--truth"),
        (("evaluate", "--model", "a"), "--data DIR, --csv FILE or --sample"),
        (("evaluate", "--model", "a", "--sample", "--data", "b"), "name one source"),
        (("evaluate", "--model", "a", "--sample", "--labels", "Mass"), "--labels goes with --csv"),
        (("predict", "-m", saved_model), "PATHS"),
        (("predict", "x.png", "-m", "a", "--batch-size", "0"), "--batch-size"),
        (("predict", "x.png", "-m", "a", "--on-error", "ignore"), "--on-error"),
        (("train", "--sample"), "--output"),
        (("train", "--output", tmp_path / "run"), "name one source"),
        (("frobnicate",), "frobnicate"),
        (("list", "--frobnicate"), "--frobnicate"),
    ):
        assert word in misused(*arguments)


def test_a_predictions_file_that_makes_no_sense(refused, table, tmp_path):
    scores = tmp_path / "scores.csv"
    scores.write_text("image,prob_Mass\nother.png,0.5\n")
    assert "other.png" in refused("evaluate", "--predictions", scores, "--truth", table)
    scores.write_text("nothing\n1\n")
    assert "'nothing'" in refused("evaluate", "--predictions", scores, "--truth", table)


def test_bad_input_is_json_free_on_standard_output(cxrzoo_command, tmp_path):
    ended = cxrzoo_command("info", tmp_path, "--json")
    assert (ended.status, ended.out) == (2, "")
    with pytest.raises(json.JSONDecodeError):
        json.loads(ended.err)
