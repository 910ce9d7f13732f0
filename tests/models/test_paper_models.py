"""The models are those of the paper: Brako and Moncrief, sections 3.2 to 3.4."""

import inspect
import warnings

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.errors import ReluOutputWarning


def copied(model, reference):
    reference.set_weights(model.get_weights())
    return reference


def test_mobilenet_cxr_has_the_size_of_the_paper():
    model = cxrzoo.mobilenet_cxr()
    assert model.count_params() == 3_760_783
    assert model.output_shape == (None, 15)
    assert model.cxrzoo.labels == cxrzoo.NIH_LABELS


def test_mobilenet_cxr_is_pooling_dropout_dense_dropout_dense_on_mobilenet(
    small, score, pixels, same_scores
):
    model = small("mobilenet_cxr", hidden_units=16, input_shape=(64, 64, 3))
    layers = keras.layers
    reference = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            keras.applications.MobileNet(
                input_shape=(64, 64, 3), alpha=0.25, include_top=False, weights=None
            ),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(3, activation="sigmoid"),
        ]
    )
    images = pixels((64, 64, 3))
    scaled = score(keras.Model(model.input, model.get_layer("scale").output), images)
    wanted = keras.applications.mobilenet.preprocess_input(images.copy())
    np.testing.assert_allclose(scaled, wanted, atol=1e-6)
    # Keras lists what is not trained last, whatever the nesting: assigned layer by layer.
    reference.layers[0].set_weights(
        keras.Model(model.input, model.get_layer("head_pool").input).get_weights()
    )
    reference.layers[3].set_weights(model.get_layer("head_dense").get_weights())
    reference.layers[5].set_weights(model.get_layer("predictions").get_weights())
    same_scores(score(model, images), score(reference, scaled))
    rates = [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)]
    assert rates == [0.5, 0.5]


def test_the_hidden_activation_of_mobilenet_is_an_argument(small):
    for name, kind in (("linear", keras.layers.Activation), ("leaky_relu", keras.layers.LeakyReLU)):
        model = small("mobilenet_cxr", hidden_activation=name)
        assert isinstance(model.get_layer("head_activation"), kind)


@pytest.mark.parametrize("pool_between", [True, False])
def test_cnn_test1_is_6x6_and_2x2_convolutions_with_relu(small, score, pixels, pool_between):
    model = small("cnn_test1", pool_between=pool_between)
    layers = keras.layers
    reference = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(3, (6, 6), activation="relu"),
            *([layers.MaxPooling2D((2, 2))] if pool_between else []),
            layers.Conv2D(4, (2, 2), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(8, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(3, activation="sigmoid"),
        ]
    )
    expected = score(copied(model, reference), pixels() / 255)
    np.testing.assert_allclose(score(model, pixels()), expected, atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_cnn_test2_is_two_2x2_convolutions_with_leaky_relu_before_the_output(
    small, score, pixels, activation
):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReluOutputWarning)
        model = small("cnn_test2", classifier_activation=activation)
    layers = keras.layers
    reference = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(3, (2, 2), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(4, (2, 2), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(8),
            layers.LeakyReLU(),
            layers.Dropout(0.5),
            layers.Dense(3, activation=activation),
        ]
    )
    expected = score(copied(model, reference), pixels() / 255)
    np.testing.assert_allclose(score(model, pixels()), expected, atol=1e-6)


def test_cnn_test2_may_have_leaky_relu_after_its_convolutions(small):
    model = small("cnn_test2", conv_activation="leaky_relu")
    kinds = [type(model.get_layer(f"conv{i}_activation")) for i in (1, 2)]
    assert kinds == [keras.layers.LeakyReLU] * 2


def test_the_relu_output_warns_at_the_line_that_asks_for_it():
    arguments = {"input_shape": (32, 32, 1), "filters": (2, 2), "hidden_units": 4}
    for build in (cxrzoo.cnn_test2, lambda **given: cxrzoo.create_model("cnn_test2", **given)):
        with pytest.warns(ReluOutputWarning, match="classifier_activation='sigmoid'") as caught:
            model = build(**arguments)
        assert len(caught) == 1
        assert model.get_layer("predictions").activation is keras.activations.relu
    with pytest.warns(ReluOutputWarning) as caught:
        line = inspect.currentframe().f_lineno + 1
        cxrzoo.cnn_test2(**arguments)
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)


def test_the_sigmoid_is_one_argument_away_and_does_not_warn():
    model = cxrzoo.cnn_test2(
        input_shape=(32, 32, 1), filters=(2, 2), hidden_units=4, classifier_activation="sigmoid"
    )
    assert model.get_layer("predictions").activation is keras.activations.sigmoid


def test_without_top_there_is_no_output_to_warn_of(small):
    small("cnn_test2", include_top=False, classifier_activation="relu")


@pytest.mark.parametrize(("name", "rate"), [("cnn_test1", 0.2), ("cnn_test2", 0.5)])
def test_the_small_networks_drop_out_on_the_first_dense_layer(small, name, rate):
    model = small(name)
    names = [layer.name for layer in model.layers]
    assert names.index("head_dense") < names.index("head_dropout") < names.index("predictions")
    assert model.get_layer("head_dropout").rate == rate
