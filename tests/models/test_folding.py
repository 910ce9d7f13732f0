import keras
import numpy as np
import pytest

from cxrzoo.errors import ModelError
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


def test_what_cannot_be_folded_is_refused():
    inputs = keras.Input((4,))
    norm = keras.layers.BatchNormalization(name="norm")(inputs)
    with pytest.raises(ModelError, match="'norm' follows"):
        fold_batch_norm(keras.Model(inputs, norm))
    dense = keras.layers.Dense(4)(inputs)
    normed = keras.layers.BatchNormalization()(dense)
    with pytest.raises(ModelError, match="layers in a row"):
        fold_batch_norm(keras.Model(inputs, keras.layers.Add()([inputs, normed])))
