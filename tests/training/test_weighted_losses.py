"""The losses beyond the paper's: weighted, asymmetric; unknown cells add nothing to any."""

import keras
import numpy as np
import pytest

from cxrzoo.errors import TrainingError
from cxrzoo.training import (
    MaskedAsymmetricLoss,
    MaskedBinaryCrossentropy,
    balancing_weights,
    masked_binary_crossentropy,
)

LOSSES = [
    MaskedBinaryCrossentropy(),
    MaskedBinaryCrossentropy(positive_weights=[2.0, 0.5, 7.0]),
    MaskedAsymmetricLoss(),
]


def value(loss, y_true, y_pred):
    found = loss(
        keras.ops.convert_to_tensor(np.asarray(y_true, "float32")),
        keras.ops.convert_to_tensor(np.asarray(y_pred, "float32")),
    )
    return float(keras.ops.convert_to_numpy(found).mean())  # the function has a value an image


@pytest.fixture
def cells():
    rng = np.random.default_rng(3)
    return rng.integers(0, 2, (40, 3)).astype("float32"), rng.uniform(0.02, 0.98, (40, 3))


@pytest.mark.parametrize("loss", LOSSES)
def test_an_unknown_cell_adds_nothing_whatever_its_score(loss, cells):
    y, p = cells
    y[::3, 1] = np.nan
    other = p.copy()
    other[::3, 1] = 0.5
    assert value(loss, y, p) == value(loss, y, other)
    assert value(loss, np.full_like(y, np.nan), p) == 0


@pytest.mark.parametrize("loss", LOSSES)
def test_a_score_that_is_not_a_number_is_not_hidden(loss, cells):
    y, p = cells
    p[0, 0] = np.nan
    assert np.isnan(value(loss, y, p))


def test_without_weights_it_is_that_of_keras(cells):
    ours = value(MaskedBinaryCrossentropy(), *cells)
    theirs = value(keras.losses.BinaryCrossentropy(), *cells)
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_a_positive_counts_as_often_as_its_labels_weight_says(cells):
    y, p = cells
    weights = np.array([2.0, 0.5, 7.0])
    expected = -np.mean(weights * y * np.log(p) + (1 - y) * np.log(1 - p))
    found = value(MaskedBinaryCrossentropy(positive_weights=weights), y, p)
    assert found == pytest.approx(expected, rel=1e-5)


def test_the_asymmetric_loss_is_its_papers_formula(cells):
    y, p = cells
    q = np.maximum(p - 0.05, 0)
    expected = -np.mean(y * (1 - p) * np.log(p) + (1 - y) * q**4 * np.log(1 - q))
    loss = MaskedAsymmetricLoss(gamma_positive=1.0, gamma_negative=4.0, margin=0.05)
    assert value(loss, y, p) == pytest.approx(expected, rel=1e-4)


def test_without_focus_and_margin_the_asymmetric_loss_is_cross_entropy(cells):
    loss = MaskedAsymmetricLoss(gamma_positive=0.0, gamma_negative=0.0, margin=0.0)
    assert value(loss, *cells) == pytest.approx(value(masked_binary_crossentropy, *cells), rel=1e-4)


def test_balancing_weights_are_negatives_by_positives_within_bounds():
    targets = np.array([[1, 0, 0, 1], [0, np.nan, 0, 1], [0, 1, 0, 1], [0, 1, 0, np.nan]], float)
    np.testing.assert_allclose(balancing_weights(targets), [3, 0.5, 1, 1 / 20], rtol=1e-6)


def test_a_model_trains_on_each_and_keeps_its_numbers(cells):
    y, _ = cells
    y[::5] = np.nan
    x = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
    for loss in LOSSES:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(0.05), loss=loss)
        losses = model.fit(x, y, epochs=8, batch_size=8, verbose=0).history["loss"]
        assert losses[-1] < losses[0]


@pytest.mark.parametrize("weights", [[1.0, 0.0], [1.0, float("nan")], [-1.0]])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(TrainingError, match="positive_weights"):
        MaskedBinaryCrossentropy(weights)


@pytest.mark.parametrize(
    ("given", "options"), [((), {"label_smoothing": 0.1}), ((0.1,), {}), ((0.0,), {})]
)
def test_label_smoothing_that_is_gone_is_refused_and_never_read_as_a_weight(given, options):
    with pytest.raises(TrainingError, match="no label_smoothing any more: smooth the targets"):
        MaskedBinaryCrossentropy(*given, **options)
