"""A grouped convolution with a filter a channel, written as a depthwise one."""

import keras
import numpy as np
import pytest
from keras import layers

from cxrzoo.export.depthwise import with_depthwise


def _network(groups, filters):
    inside = keras.Sequential(
        [
            layers.Conv2D(8, 2, strides=2, use_bias=False, name="patches"),
            layers.Conv2D(filters, 3, groups=groups, bias_initializer="ones", name="grouped"),
        ],
        name="inside",
    )  # fmt: skip
    pixels = keras.Input((10, 12, 1))
    last = layers.Conv2D(filters, 3, groups=filters, activation="relu", strides=2, name="last")
    model = keras.Model(pixels, last(inside(pixels)))
    model.cxrzoo = "what it is"
    return model


@pytest.mark.parametrize(("groups", "kinds"), [(8, 2), (4, 1)])
def test_the_network_is_the_same(groups, kinds):
    model = _network(groups, 8)
    made = with_depthwise(model)
    found = [type(one) for one in made._flatten_layers()]
    assert found.count(layers.DepthwiseConv2D) == kinds
    assert found.count(layers.Conv2D) == 3 - kinds
    assert made.cxrzoo == "what it is"
    pixels = np.random.default_rng(0).normal(size=(3, 10, 12, 1)).astype("float32")
    expected = model.predict(pixels, verbose=0)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(made.predict(pixels, verbose=0), expected, atol=1e-6)


def test_a_network_without_such_layers_is_left_as_it_is():
    model = keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(4, 3, groups=2)])
    assert with_depthwise(model) is model
