import keras
import numpy as np
import pytest

from cxrzoo.models import fold_batch_norm


def _norms(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def test_a_folded_mobilenet_has_no_batch_norm_and_gives_the_same_scores(
    small, score, pixels, same_scores
):
    model = small("mobilenet_cxr")
    images = pixels(n=6)
    before = score(model, images)
    folded = fold_batch_norm(model)
    assert len(_norms(model)) == 27
    assert _norms(folded) == []
    assert folded.cxrzoo == model.cxrzoo
    same_scores(score(folded, images), before)
    np.testing.assert_array_equal(score(model, images), before)
    assert np.ptp(before, axis=0).max() > 1e-3


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}, {"epsilon": 0.1}])
def test_a_bias_before_and_the_options_of_batch_norm_are_heeded(options, score):
    random = np.random.default_rng(0)
    norm = keras.layers.BatchNormalization(**options)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            keras.layers.DepthwiseConv2D(3, depth_multiplier=2),
            norm,
            keras.layers.Flatten(),
            keras.layers.Dense(3),
            keras.layers.BatchNormalization(),
        ]
    )
    for layer in model.layers:
        layer.set_weights([random.uniform(0.5, 1.5, one.shape) for one in layer.get_weights()])
    functional = keras.Model(model.inputs[0], model.outputs[0])
    images = random.normal(size=(4, 6, 6, 2)).astype("float32")
    folded = fold_batch_norm(functional)
    assert _norms(folded) == []
    np.testing.assert_allclose(score(folded, images), score(functional, images), rtol=1e-4)


def test_a_model_without_batch_norm_comes_back_itself(small):
    model = small("cnn_test1")
    assert fold_batch_norm(model) is model


def test_a_norm_after_something_else_or_after_what_others_read_stays(score):
    inputs = keras.Input((4,))
    first = keras.layers.BatchNormalization(name="after the input")(inputs)
    read_twice = keras.layers.Dense(4)(first)
    second = keras.layers.BatchNormalization(name="after a shared one")(read_twice)
    dense = keras.layers.Dense(4, activation="relu")(keras.layers.Add()([read_twice, second]))
    third = keras.layers.BatchNormalization(name="after an activation")(dense)
    folds = keras.layers.BatchNormalization(name="folds")(keras.layers.Dense(3)(third))
    model = keras.Model(inputs, keras.layers.Concatenate()([folds, third]))
    random = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([random.uniform(0.5, 1.5, one.shape) for one in layer.get_weights()])
    folded = fold_batch_norm(model)
    assert {layer.name for layer in _norms(folded)} == {
        "after the input",
        "after a shared one",
        "after an activation",
    }
    rows = random.normal(size=(5, 4)).astype("float32")
    np.testing.assert_allclose(score(folded, rows), score(model, rows), rtol=1e-4)


def test_branches_fold(score, pixels, same_scores, batch_norm):
    model = keras.applications.ResNet50(input_shape=(32, 32, 3), weights=None, classes=4)
    random = np.random.default_rng(0)
    for layer in _norms(model):
        layer.set_weights(batch_norm(random, layer.gamma.shape))
    folded = fold_batch_norm(model)
    assert (len(_norms(model)), len(_norms(folded))) == (53, 0)
    images = pixels((32, 32, 3)) / 128
    same_scores(score(folded, images), score(model, images))
