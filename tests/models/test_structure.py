"""Two models are compared layer by layer; what shows in no output is seen here."""

import keras
import pytest

from cxrzoo.models.structure import differences


@pytest.fixture(scope="module")
def pair(untrained, is_small):
    """Gives a model to be changed and the one that its description makes; small ones once for all."""
    kept = {}

    def build(name):
        both = kept.get(name) or (untrained(name), untrained(name))
        if is_small(name):
            kept[name] = both
        return both

    return build


def test_a_model_built_again_copied_or_read_from_a_file_is_the_same(pair, model_name, tmp_path):
    model, again = pair(model_name)
    model.save(tmp_path / "model.keras")
    assert differences(model, again) == []
    found = differences(keras.saving.load_model(tmp_path / "model.keras"), again)
    if any(isinstance(layer, keras.Model) for layer in model.layers):
        found = [text for text in found if not text.startswith("tensor ")]  # Keras names them anew
    assert found == []


def test_a_model_that_keras_copied_or_wrapped_is_the_same(pair):
    model, again = pair("mobilenet_cxr")
    pixels = keras.Input(model.input_shape[1:])
    for copy in (
        keras.models.clone_model(model),
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model)),
        keras.Model(model.input, model.output, name="another"),
        keras.Model(pixels, model(pixels)),
        keras.Sequential([model]),
    ):
        assert differences(copy, again) == []


OTHER = {
    "activation": keras.activations.gelu,
    "epsilon": 0.5,
    "max_value": None,
    "negative_slope": 0.01,
    "offset": 0.25,
    "padding": "other",
    "pool_size": (3, 3),
    "scale": 2.0,
    "strides": (3, 3),
    "use_bias": None,
}


def test_every_setting_of_every_layer_that_shows_in_outputs_is_seen(pair, model_name):
    model, again = pair(model_name)
    listed = [
        (layer, setting, OTHER[setting])
        for layer in model.layers
        for setting in OTHER
        if setting in layer.get_config() and hasattr(layer, setting)
    ]
    # A deep network has hundreds of them, and comparing it takes a quarter of a second.
    chosen = listed[:: 1 + len(listed) // (60 if len(model.layers) < 100 else 8)]
    assert chosen
    for layer, setting, value in chosen:
        # An attention's are read-only outside.
        place = f"_{setting}" if hasattr(layer, f"_{setting}") else setting
        before = getattr(layer, place)
        if before == value:
            continue
        setattr(layer, place, value)
        try:
            found = differences(model, again)
        finally:
            setattr(layer, place, before)
        assert len(found) == 1, (layer.name, setting, found)
        assert layer.name in found[0]
        assert setting in found[0]


def test_what_matters_in_training_only_is_not_seen(pair, model_name):
    model, again = pair(model_name)
    before = [(layer, layer.trainable) for layer in model.layers]
    for layer in model.layers:
        layer.trainable = False
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.5
    assert differences(model, again) == []
    for layer, trainable in before:
        layer.trainable = trainable


def test_layers_put_in_left_out_or_taking_in_others_are_named(untrained):
    again = untrained("cnn_test1")
    model = untrained("cnn_test1")
    at = {layer.name: layer for layer in model.layers}
    extra = keras.layers.Activation("tanh", name="mine")(model.output)
    [added] = differences(keras.Model(model.input, extra), again)
    assert added == "it has a layer 'mine' (Activation) that is not described"
    x = at["conv1_activation"](at["conv1"](model.input))  # past the scaling
    for name in ("conv1_pool", "conv2", "conv2_activation", "conv2_pool", "head_flatten"):
        x = at[name](x)
    for name in ("head_dense", "head_activation", "predictions"):
        x = at[name](x)
    [lost] = differences(keras.Model(model.input, x), again)
    assert lost == "it lacks the layer 'scale' (Rescaling)"


def test_branches_that_were_swapped_are_seen():
    def build(swapped=False):
        pixels = keras.Input((4,))
        a = keras.layers.Dense(3, name="a")(pixels)
        b = keras.layers.Dense(3, name="b")(pixels)
        both = keras.layers.Subtract(name="less")([b, a] if swapped else [a, b])
        return keras.Model(pixels, both)

    assert differences(build(), build()) == []
    assert differences(build(swapped=True), build())


def test_dropout_that_works_in_inference_is_seen(untrained):
    model, again = untrained("cnn_test1"), untrained("cnn_test1")
    idle = keras.layers.Dropout(0.5)(model.output)
    assert differences(keras.Model(model.input, idle), again) == []
    always = keras.layers.Dropout(0.5, name="mc")(model.output, training=True)
    [found] = differences(keras.Model(model.input, always), again)
    assert "'mc' (Dropout)" in found


def test_a_layer_with_more_tensors_is_seen(untrained):
    model, again = untrained("cnn_test1"), untrained("cnn_test1")
    model.get_layer("head_dense").enable_lora(2)
    assert any("lora" in text for text in differences(model, again))
