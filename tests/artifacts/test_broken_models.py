"""A published model comes from strangers: it loads whole or not at all."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cxrzoo import from_pretrained, save_pretrained
from cxrzoo.errors import (
    ArtifactNotFoundError,
    ConfigError,
    CxrZooError,
    ModelError,
    TensorError,
    UnknownModelError,
)


@pytest.fixture
def saved(small, tmp_path):
    return save_pretrained(small("cnn_test1"), tmp_path / "model")


def rewrite(folder, **changed):
    path = folder / "cxrzoo.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def rewrite_arguments(folder, **changed):
    description = json.loads((folder / "cxrzoo.json").read_text())
    rewrite(folder, arguments={**description["arguments"], **changed})


@pytest.mark.parametrize("name", ["cxrzoo.json", "model.safetensors"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ArtifactNotFoundError, match=name):
        from_pretrained(saved)


def test_a_folder_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="expected a folder that"):
        from_pretrained(tmp_path / "absent")


def test_a_missing_an_extra_and_a_misshapen_tensor_are_named(saved):
    path = saved / "model.safetensors"
    tensors = load_file(path)
    kernel = tensors["predictions/kernel"]
    rest = {name: value for name, value in tensors.items() if name != "predictions/kernel"}
    for content, message in (
        (rest, "lacks 1 tensor.*predictions/kernel"),
        ({**tensors, "predictions/other": kernel}, "holds 1 tensor.*predictions/other"),
        ({**rest, "predictions/kernel": kernel.T.copy()}, r"shape \(3, 8\); the model's is \(8, 3"),
        ({**rest, "predictions/kernel": np.full_like(kernel, np.nan)}, "not finite"),
    ):
        save_file(content, path)
        with pytest.raises(TensorError, match=message):
            from_pretrained(saved)


def test_a_file_cut_short_is_refused(saved):
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(TensorError, match="not a whole safetensors file"):
        from_pretrained(saved)


def test_an_unknown_builder_is_refused_with_the_nearest(saved):
    rewrite(saved, builder="cnn_test3")
    with pytest.raises(UnknownModelError, match="nearest: 'cnn_test"):
        from_pretrained(saved)


def test_an_argument_of_another_builder_is_refused(saved):
    rewrite_arguments(saved, alpha=0.25)
    with pytest.raises(CxrZooError, match="no argument 'alpha'"):
        from_pretrained(saved)


@pytest.mark.parametrize(
    "arguments",
    [
        {"input_shape": [2048, 2048, 3], "filters": [1024, 1024], "hidden_units": 8192},
        {"input_shape": [2048, 2048, 1], "hidden_units": 8192},
    ],
)
def test_a_description_too_large_for_memory_is_refused_before_it_is_built(saved, arguments):
    rewrite_arguments(saved, **arguments)
    with pytest.raises((ModelError, TensorError), match=r"[\d,]{11,} parameters"):
        from_pretrained(saved)


def test_a_description_that_breaks_its_format_is_refused_before_the_tensors_are_read(saved):
    (saved / "model.safetensors").unlink()
    rewrite(saved, labels=[])
    with pytest.raises(ConfigError, match="labels"):
        from_pretrained(saved)


def test_other_labels_do_not_fit_the_tensors(saved):
    rewrite(saved, labels=["Mass", "Edema"])
    with pytest.raises(TensorError, match="the model's is"):
        from_pretrained(saved)
