"""What is written is the model that was given, or nothing is written."""

from contextlib import nullcontext
from dataclasses import replace

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo import from_pretrained, push_to_hub, save_pretrained
from cxrzoo.errors import ArtifactError, ReluOutputWarning

layers = keras.layers


def setting(layer, name, value):
    def change(model):
        setattr(model.get_layer(layer), name, value)
        return model

    return change


def on_top(*added, **how):
    def change(model):
        x = model.output
        for layer in added:
            x = layer(x, **how)
        return keras.Model(model.input, x)

    return change


def below(change_pixels):
    def change(model):
        pixels = keras.Input(model.input_shape[1:])
        return keras.Model(pixels, model(change_pixels(pixels)))

    return change


def without_scaling(model):
    x = model.input
    for layer in model.layers[1:]:
        x = x if layer.name == "scale" else layer(x)
    return keras.Model(model.input, x)


def two_outputs(model):
    return keras.Model(model.input, [model.output, model.get_layer("head_dense").output])


def described_otherwise(**arguments):
    def change(model):
        model.cxrzoo = replace(model.cxrzoo, arguments={**model.cxrzoo.arguments, **arguments})
        return model

    return change


def another_call(model):
    layer = next(layer for layer in model.layers if isinstance(layer, layers.Conv2D))
    plain = layer.call
    layer.call = lambda inputs: 0.5 * plain(inputs)
    return model


class OfItsOwn(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, pixels):
        return self.inner(pixels)


class Halved(keras.Model):
    def call(self, pixels, training=None, mask=None):
        return 0.5 * super().call(pixels, training=training, mask=mask)


CHANGED = {
    "logits": (
        setting("predictions", "activation", keras.activations.linear),
        "'predictions' has act",
    ),
    "a function": (
        setting("predictions", "activation", lambda x: x),
        "'predictions' is not made of",
    ),
    "gelu": (
        setting("conv1_activation", "activation", keras.activations.gelu),
        "'conv1_activation'",
    ),
    "pool": (setting("conv2_pool", "pool_size", (3, 3)), "'conv2_pool' has pool_size"),
    "no bias": (setting("head_dense", "use_bias", False), "'head_dense' has use_bias"),
    "offset": (setting("scale", "offset", -0.5), "'scale' has offset=-0.5, described is 0.0"),
    "pixels in [0, 1]": (setting("scale", "scale", 1.0), "'scale' has scale=1.0"),
    "unscaled": (without_scaling, "lacks the layer 'scale'"),
    "scaled before": (below(lambda x: x / 2), "TrueDivide|Multiply|Divide"),
    "rescaled before": (below(layers.Rescaling(255.0, name="to_255")), "'to_255'"),
    "softmax on top": (
        on_top(layers.Softmax(name="soft")),
        "'soft' .Softmax. that is not described",
    ),
    "more labels": (on_top(layers.Dense(9, name="more")), "its config has 3 labels.*'more'"),
    "dropout at work": (on_top(layers.Dropout(0.5, name="mc"), training=True), "'mc'"),
    "two outputs": (two_outputs, "its config has 3 labels"),
    "other call": (another_call, "the layers are those described, but outputs"),
    "a class": (OfItsOwn, "it is a OfItsOwn with a call of its own"),
    "a functional class": (lambda m: Halved(m.input, m.output), "it is a Halved with a call"),
    "arguments": (described_otherwise(classifier_activation=None), "described is 'linear'"),
    "no top": (lambda m: hang(m, labels=(), include_top=False), "'head_flatten'"),
}


def hang(model, *, labels, **arguments):
    described = model.cxrzoo
    model.cxrzoo = replace(described, labels=labels, arguments={**described.arguments, **arguments})
    return model


def changed(model, change):
    config = model.cxrzoo
    other = change(model)
    if not hasattr(other, "cxrzoo"):
        other.cxrzoo = config
    return other


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_model_is_refused_and_nothing_is_left(small, tmp_path, name):
    change, message = CHANGED[name]
    model = changed(small("cnn_test1"), change)
    with pytest.raises(ArtifactError, match=message) as raised:
        save_pretrained(model, tmp_path / "new" / "model")
    assert "is not the model that its description makes (cnn_test1)" in str(raised.value)
    assert "model.save('model.keras')" in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_the_earlier_model_stays(small, tmp_path):
    model = small("cnn_test1")
    saved = save_pretrained(model, tmp_path / "model")
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    model.layers[-1].activation = keras.activations.linear
    with pytest.raises(ArtifactError, match="activation='linear', described is 'sigmoid'"):
        save_pretrained(model, saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_every_way_out_asks_the_same(small, tmp_path):
    model = small("cnn_test1")
    model.layers[-1].activation = keras.activations.linear
    message = "activation='linear', described is 'sigmoid'"
    for write in (
        lambda: save_pretrained(model, tmp_path / "half", dtype="float16"),
        lambda: push_to_hub(model, "nobody/nothing", licence="CC0-1.0"),
        lambda: cxrzoo.export_model(model, tmp_path / "exported", format="tf_saved_model"),
    ):
        with pytest.raises(ArtifactError, match=message):
            write()
    assert list(tmp_path.iterdir()) == []


def test_a_head_of_ones_own_on_a_headless_model_is_refused(small, tmp_path):
    for pooling, added in (
        ("avg", [layers.Dense(3, name="mine")]),
        (None, [layers.GlobalAveragePooling2D(name="mine"), layers.Dense(3)]),
        ("avg", [layers.Dense(256, name="mine")]),  # of the same shape
    ):
        model = small("mobilenet_cxr", include_top=False, pooling=pooling)
        with pytest.raises(ArtifactError, match=r"'mine' .* not described.*replace_head"):
            save_pretrained(changed(model, on_top(*added)), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["dead", "saturated", "fresh"])
def test_a_change_that_no_output_shows_is_refused(small, untrained, score, pixels, tmp_path, kind):
    if kind == "fresh":  # fresh BatchNorm: every image has the same scores
        model = untrained("mobilenet_cxr")
        change = setting("conv_pw_13_bn", "epsilon", 1e-7)
    else:
        activation = {"dead": "relu", "saturated": "sigmoid"}[kind]
        with pytest.warns(ReluOutputWarning) if activation == "relu" else nullcontext():
            model = small("cnn_test1", classifier_activation=activation)
        model.layers[-1].bias.assign(np.full(3, -200 if kind == "dead" else 200, np.float32))
        change = setting("conv2_activation", "activation", keras.activations.gelu)
    before = score(model, pixels())
    other = changed(model, change)
    np.testing.assert_allclose(score(other, pixels()), before, atol=1e-6)
    with pytest.raises(ArtifactError, match=r"has (epsilon|activation)="):
        save_pretrained(other, tmp_path / "model")


class Trains(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


def for_training(model):
    for layer in model.layers:
        layer.trainable = False
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.7
        if hasattr(layer, "momentum"):
            layer.momentum = 0.5
    model.compile("sgd", "binary_crossentropy")
    return model


SAME = {
    "training": for_training,
    "wrapped": lambda m: keras.Model(m.input, m.output, name="again"),
    "nested": below(lambda x: x),
    "noise": on_top(layers.Dropout(0.5), layers.GaussianNoise(0.1)),
    "train_step": lambda m: Trains(m.input, m.output),
}


@pytest.mark.parametrize("name", SAME)
def test_what_computes_the_same_is_written(small, score, pixels, tmp_path, name):
    model = changed(small("mobilenet_cxr"), SAME[name])
    loaded = from_pretrained(save_pretrained(model, tmp_path / "model"), verify=True)
    np.testing.assert_allclose(score(loaded, pixels()), score(model, pixels()), atol=1e-6)


def test_rounding_is_no_change_and_a_change_is_seen_beside_it(small, tmp_path):
    for policy, name, given in (
        ("mixed_bfloat16", "mobilenet_cxr", {"include_top": False}),
        ("mixed_float16", "cnn_test1", {"classifier_activation": None}),
    ):
        keras.config.set_dtype_policy(policy)
        try:
            save_pretrained(small(name, **given), tmp_path / "mixed", dtype="float16")
            model = small(name, **given)  # JAX runs what it compiled before a change
            another_call(model)
            with pytest.raises(ArtifactError, match="outputs for real X-rays differ"):
                save_pretrained(model, tmp_path / "changed")
        finally:
            keras.config.set_dtype_policy("float32")


def test_saving_draws_no_random_numbers_and_does_not_warn(small, tmp_path):
    with pytest.warns(ReluOutputWarning):
        model = small("cnn_test2", classifier_activation="relu")
    drawn = []
    for save in (lambda: None, lambda: save_pretrained(model, tmp_path / "model")):
        keras.utils.set_random_seed(3)
        save()
        dense = layers.Dense(2)
        dense.build((None, 2))
        drawn.append(keras.ops.convert_to_numpy(dense.kernel))
    np.testing.assert_array_equal(*drawn)
