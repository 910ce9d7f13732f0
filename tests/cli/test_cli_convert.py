"""``cxrzoo convert``: what it prints, and each way in which it is misused."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.models import model_tensors


@pytest.fixture
def file(small, tmp_path):
    """A small CNN's tensors, as Keras names them."""
    model = small("cnn_test1", filters=(32, 64), hidden_units=128)
    tensors = {name: np.ascontiguousarray(one) for name, one in model_tensors(model).items()}
    save_file(tensors, tmp_path / "weights.safetensors", {"by": "x\x1b[2J"})
    return tmp_path / "weights.safetensors"


LABELS = ("--labels", "a, b,c")


def test_it_writes_a_model_and_says_what_it_is(cxrzoo_command, file, tmp_path):
    ended = cxrzoo_command(
        "convert", file, "--as", "cnn_test1", *LABELS, "--output", tmp_path / "out",
        "--input-size", "32", "--mean", "0.5", "--std", "0.25",
    )  # fmt: skip
    assert ended.status == 0, ended
    assert "cnn_test1 for 32 x 32 pixels, 1 channel(s), 3 labels." in ended.out
    assert "pixels are scaled to [-2, 2]" in ended.out
    model = cxrzoo.from_pretrained(tmp_path / "out", verify=True)
    assert model.cxrzoo.labels == ("a", "b", "c")
    scale, offset = json.loads((tmp_path / "out/cxrzoo.json").read_text())["arguments"]["scaling"]
    assert (255 * scale, offset) == (pytest.approx(4), -2)


def test_arguments_of_the_builder_are_passed_on(cxrzoo_command, small, tmp_path):
    model = small("cnn_test1", filters=(8, 4), hidden_units=16)
    tensors = {name: np.ascontiguousarray(one) for name, one in model_tensors(model).items()}
    save_file(tensors, tmp_path / "weights.safetensors")
    ended = cxrzoo_command(
        "convert", tmp_path / "weights.safetensors", "--as", "cnn_test1", *LABELS, "--output",
        tmp_path / "out", "--input-size", "32", "--argument", "filters=[8, 4]",
        "--argument", "hidden_units=16", "--argument", "name=mine",
    )  # fmt: skip
    assert ended.status == 0, ended
    loaded = cxrzoo.from_pretrained(tmp_path / "out")
    assert (loaded.name, loaded.count_params()) == ("mine", model.count_params())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("depth",), "NAME=VALUE"),
        (("hidden_units=8", "hidden_units=9"), "given twice"),
        (("labels=a",), "another option says that"),
        (("path=a", "builder=b"), "builder, path: the file or another option"),
        (("input_shape=[32, 32, 3]",), "input_shape"),
        (("hidden_units=" + "[" * 50_000,), "hidden_units must be"),
        (("hidden_units=many",), "hidden_units must be"),
        (("hidden_units=NaN",), "hidden_units must be"),
        (("depth=3",), "cnn_test1 has no argument 'depth'"),
    ],
)
def test_a_wrong_argument_is_one_error_and_nothing_is_written(
    cxrzoo_command, file, tmp_path, given, said
):
    listed = [word for one in given for word in ("--argument", one)]
    ended = cxrzoo_command(
        "convert", file, "--as", "cnn_test1", *LABELS, "--output", tmp_path / "out", *listed
    )
    assert ended.status == 2, ended
    assert said in ended.err
    assert not (tmp_path / "out").exists()


def test_labels_come_from_a_file_too(cxrzoo_command, file, tmp_path):
    (tmp_path / "labels.txt").write_text("a\n\nc\n")
    ended = cxrzoo_command(
        "convert", file, "--as", "cnn_test1", "--labels-file", tmp_path / "labels.txt",
        "--output", tmp_path / "out", "--input-size", "32x32", "--output-activation", "none",
    )  # fmt: skip
    assert ended.status == 0, ended
    model = cxrzoo.from_pretrained(tmp_path / "out")
    assert model.cxrzoo.labels == ("a", "c")
    assert model.cxrzoo.arguments["classifier_activation"] is None


def test_inspect_lists_tensors_and_what_else_is_there_printably(cxrzoo_command, file):
    strange = file.rename(file.with_name("we\x07ights.safetensors"))
    ended = cxrzoo_command("convert", "--inspect", strange)
    assert ended.status == 0
    assert "\x07" not in ended.out  # which click would let through
    lines = ended.out.splitlines()
    assert lines[0].endswith(
        "ights.safetensors: safetensors, " + f"{strange.stat().st_size:,} bytes"
    )
    assert any(
        line.split() == ["conv1/kernel", "float32", "(6,", "6,", "1,", "32)"] for line in lines
    )
    assert "8 tensors" in lines


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--as", "cnn_test1", *LABELS), "name the network with --as BUILDER and a folder"),
        (("--output", "x", *LABELS), "name the network with --as BUILDER and a folder"),
        (("--as", "cnn_test1", "--output", "x", *LABELS, "--labels-file", "y"), "either --labels or"),
        (("--as", "cnn_test1", "--output", "x", *LABELS, "--mean", "0.5"), "--mean and --std together"),
        (("--as", "cnn_test1", "--output", "x", *LABELS, "--mean", "1,2", "--std", "1"), "nor three"),
        (("--as", "cnn_test1", "--output", "x", *LABELS, "--mean", "1", "--std", "0"), "divides by"),
        (("--as", "cnn_test1", "--output", "x", *LABELS, "--input-size", "3x3x3"), "neither N nor HxW"),
    ],
)  # fmt: skip
def test_misuse_says_how_it_is_used(cxrzoo_command, file, options, said):
    ended = cxrzoo_command("convert", file, *options)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--as", "cnn_test1", "--labels", "a,b"), "2 labels were given"),
        (("--as", "cnn_test9", *LABELS), "cnn_test1"),
        (("--as", "densenet121_cxr", *LABELS), "cxrzoo convert --inspect"),
        (("--as", "cnn_test1", "--labels-file", "none.txt"), "none.txt"),
    ],
)
def test_what_does_not_fit_is_one_line_and_status_2(cxrzoo_command, file, tmp_path, options, said):
    ended = cxrzoo_command(
        "convert", file, *options, "--output", tmp_path / "out", "--input-size", 32
    )
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
