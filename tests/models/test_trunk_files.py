"""``weights="FILE.safetensors"``: a trunk of one's own, taken whole or refused with one line."""

import keras
import numpy as np
import pytest
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.errors import ArtifactNotFoundError, ModelError, TensorError
from cxrzoo.models import model_tensors

LAST = ("conv_pw_13", "conv_pw_13_bn")


@pytest.fixture(scope="module")
def trunk(batch_norm):
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
        path = tmp_path / "trunk.safetensors"
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path)
        return path

    return written


def without_last(tensors):
    return {name: value for name, value in tensors.items() if name.split("/")[0] not in LAST}


def test_every_tensor_arrives_and_the_first_kernel_is_summed_for_grey(small, trunk, write):
    path = write(trunk)
    colour, grey = (
        model_tensors(small("mobilenet_cxr", input_shape=(32, 32, n), weights=str(path)))
        for n in (3, 1)
    )
    for stored, value in trunk.items():
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
            (np.repeat(image, 3, axis=3), trunk["conv1/kernel"]),
        )
    )
    np.testing.assert_allclose(summed, thrice, atol=1e-5)


def test_the_last_pointwise_convolution_may_be_missing_and_the_lineage_says_so(small, trunk, write):
    path = write(without_last(trunk))
    model = small("mobilenet_cxr", weights=path)
    started = model.cxrzoo.lineage.started_from
    assert started.startswith("trunk.safetensors (SHA-256 ")
    assert started.endswith("conv_pw_13, conv_pw_13_bn fresh")
    assert str(path.parent) not in started
    np.testing.assert_array_equal(
        model_tensors(model)["conv_dw_13/kernel"], trunk["conv_dw_13/depthwise_kernel"]
    )
    whole = small("mobilenet_cxr", weights=write(trunk))
    assert "fresh" not in whole.cxrzoo.lineage.started_from


def test_half_precision_is_read(small, trunk, write):
    path = write({name: value.astype("float16") for name, value in trunk.items()})
    found = model_tensors(small("mobilenet_cxr", weights=path))["conv_pw_5/kernel"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, trunk["conv_pw_5/kernel"].astype("float16"))


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
def test_a_file_that_is_not_the_trunk_is_refused_with_one_line_that_names_it(
    small, trunk, write, what
):
    spoil, message = BROKEN[what]
    path = write(spoil(trunk))
    with pytest.raises(TensorError, match=message) as caught:
        small("mobilenet_cxr", weights=path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_or_far_too_large_is_refused(small, trunk, write):
    path = write(trunk)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(TensorError, match="not a whole safetensors file"):
        small("mobilenet_cxr", weights=path)
    path = write({**trunk, "huge": np.zeros(4_000_000, "float32")})
    with pytest.raises(TensorError, match=r"larger than the \d+ bytes of tensors"):
        small("mobilenet_cxr", weights=path)


def test_no_file_and_no_trunk_are_said(small, write, trunk, tmp_path):
    with pytest.raises(ArtifactNotFoundError, match=r"gone\.safetensors is not there"):
        small("mobilenet_cxr", weights=str(tmp_path / "gone.safetensors"))
    with pytest.raises(ModelError, match="cnn_test1 takes no file of a trunk"):
        cxrzoo.cnn_test1(weights=str(write(trunk)))
