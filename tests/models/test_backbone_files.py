"""``weights="FILE.safetensors"``: a backbone of one's own, taken whole or refused with one line."""

import keras
import numpy as np
import pytest
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.errors import ArtifactNotFoundError, FreshLayersWarning, TensorError
from cxrzoo.models import model_tensors

LAST = ("conv_pw_13", "conv_pw_13_bn")


@pytest.fixture(scope="module")
def backbone(batch_norm):
    """Random weights as a Keras 2 export of MobileNet 0.25 for RGB names them."""
    random = np.random.default_rng(7)
    model = keras.applications.MobileNet(
        input_shape=(32, 32, 3), alpha=0.25, include_top=False, weights=None
    )
    tensors = {}
    for layer in model.layers:
        values = layer.get_weights()
        if isinstance(layer, keras.layers.BatchNormalization):
            values = batch_norm(random, values[0].shape)
        for variable, value in zip(layer.weights, values, strict=True):
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            name = "depthwise_kernel" if depthwise else variable.name
            tensors[f"{layer.name}/{name}"] = np.array(value)
    return tensors


@pytest.fixture
def write(tmp_path):
    def written(tensors):
        path = tmp_path / "backbone.safetensors"
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path)
        return path

    return written


def without_last(tensors):
    return {name: value for name, value in tensors.items() if name.split("/")[0] not in LAST}


def test_every_tensor_arrives_and_the_first_kernel_is_summed_for_grey(small, backbone, write):
    path = write(backbone)
    colour, grey = (
        model_tensors(small("mobilenet_cxr", input_shape=(32, 32, n), weights=str(path)))
        for n in (3, 1)
    )
    for stored, value in backbone.items():
        name = stored.replace("depthwise_kernel", "kernel")
        np.testing.assert_array_equal(colour[name], value, strict=True)
        if name != "conv1/kernel":
            np.testing.assert_array_equal(grey[name], value, strict=True)
    # Convolution is linear: a grey image fed three times meets the sum of the three planes.
    image = np.random.default_rng(0).normal(size=(1, 9, 9, 1)).astype("float32")
    summed, thrice = (
        keras.ops.convert_to_numpy(keras.ops.conv(keras.ops.convert_to_tensor(x), kernel))
        for x, kernel in (
            (image, grey["conv1/kernel"]),
            (np.repeat(image, 3, axis=3), backbone["conv1/kernel"]),
        )
    )
    np.testing.assert_allclose(summed, thrice, atol=1e-5)


def test_whole_last_layers_may_be_missing_and_a_warning_and_the_lineage_say_so(
    small, backbone, write
):
    path = write(without_last(backbone))
    with pytest.warns(FreshLayersWarning, match=r"2 .* \(conv_pw_13, conv_pw_13_bn\)") as said:
        model = small("mobilenet_cxr", weights=path)
    ours = next(one for one in said if one.category is FreshLayersWarning)
    assert ours.filename.endswith("conftest.py")  # the line that calls the builder
    started = model.cxrzoo.lineage.started_from
    assert started.startswith("backbone.safetensors (SHA-256 ")
    assert started.endswith("conv_pw_13, conv_pw_13_bn fresh")
    assert str(path.parent) not in started
    np.testing.assert_array_equal(
        model_tensors(model)["conv_dw_13/kernel"], backbone["conv_dw_13/depthwise_kernel"]
    )
    whole = small("mobilenet_cxr", weights=write(backbone))
    assert "fresh" not in whole.cxrzoo.lineage.started_from


def test_a_file_may_stop_after_any_layer_and_not_before_the_first(small, backbone, write):
    layers = list(dict.fromkeys(name.split("/")[0] for name in backbone))
    for last in (1, len(layers) // 2, len(layers) - 1):
        held = {
            name: value for name, value in backbone.items() if name.split("/")[0] in layers[:last]
        }
        with pytest.warns(FreshLayersWarning, match=f"stops before {len(layers) - last} of"):
            found = model_tensors(small("mobilenet_cxr", weights=write(held)))
        for name in [name for name in held if name != "conv1/kernel"]:
            np.testing.assert_array_equal(found[name.replace("depthwise_", "")], held[name])
    with pytest.raises(TensorError, match="lacks"):
        small("mobilenet_cxr", weights=write({}))


def test_half_precision_is_read(small, backbone, write):
    path = write({name: value.astype("float16") for name, value in backbone.items()})
    found = model_tensors(small("mobilenet_cxr", weights=path))["conv_pw_5/kernel"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, backbone["conv_pw_5/kernel"].astype("float16"))


def changed(name, value):
    return lambda tensors: {**tensors, name: value(tensors.get(name))}


def left_out(*names):
    return lambda tensors: {name: value for name, value in tensors.items() if name not in names}


BROKEN = {
    "a layer missing": (left_out("conv_pw_5/kernel"), "lacks .*conv_pw_5/kernel"),
    "half of the last layer missing": (
        left_out("conv_pw_13_bn/gamma"),
        "lacks .*conv_pw_13_bn/gam",
    ),
    "no first kernel": (left_out("conv1/kernel"), "lacks .*conv1/kernel"),
    "a layer too many": (
        changed("dense/kernel", lambda _: np.ones((2, 2))),
        "holds .*dense/kernel",
    ),
    "a head": (changed("predictions/bias", lambda _: np.ones(3, "float32")), "holds .*predictions"),
    "another width": (
        changed("conv_pw_5/kernel", lambda v: v[..., :-1]),
        "has shape .*the model's",
    ),
    "a first kernel of two channels": (
        changed("conv1/kernel", lambda v: v[:, :, :2]),
        "'conv1/kernel' has shape",
    ),
    "a flat first kernel": (changed("conv1/kernel", np.ravel), "'conv1/kernel' has shape"),
    "NaN": (changed("conv_dw_3_bn/beta", lambda v: v * np.nan), "not finite"),
    "whole numbers": (changed("conv_dw_3_bn/beta", lambda v: v.astype("int32")), "type int32"),
    "one kernel under two names": (
        lambda tensors: {**tensors, "conv_dw_3/kernel": tensors["conv_dw_3/depthwise_kernel"]},
        "two names",
    ),
    "nothing": (lambda _: {}, "lacks"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_is_not_the_backbone_is_refused_with_one_line_that_names_it(
    small, backbone, write, what
):
    spoil, message = BROKEN[what]
    path = write(spoil(backbone))
    with pytest.raises(TensorError, match=message) as caught:
        small("mobilenet_cxr", weights=path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_or_far_too_large_is_refused(small, backbone, write):
    path = write(backbone)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(TensorError, match="not a whole safetensors file"):
        small("mobilenet_cxr", weights=path)
    path = write({**backbone, "huge": np.zeros(4_000_000, "float32")})
    with pytest.raises(TensorError, match=r"larger than the \d+ bytes of tensors"):
        small("mobilenet_cxr", weights=path)


def test_no_file_and_the_file_of_another_network_are_said(small, write, backbone, tmp_path):
    with pytest.raises(ArtifactNotFoundError, match=r"gone\.safetensors is not there"):
        small("mobilenet_cxr", weights=str(tmp_path / "gone.safetensors"))
    with pytest.raises(TensorError, match=r"lacks .*conv1/bias"):
        cxrzoo.cnn_test1(weights=str(write(backbone)))
