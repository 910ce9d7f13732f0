import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrzoo.training import masked_binary_crossentropy


def losses(y_true, y_pred):
    return keras.ops.convert_to_numpy(
        masked_binary_crossentropy(
            keras.ops.convert_to_tensor(np.asarray(y_true, "float32")),
            keras.ops.convert_to_tensor(np.asarray(y_pred, "float32")),
        )
    )


def loss(y_true, y_pred):
    return float(losses(y_true, y_pred).mean())


def test_it_has_a_value_an_image_so_that_keras_can_weigh_and_distribute_it():
    assert losses([[1.0, 0.0], [np.nan, 1.0], [np.nan, np.nan]], np.full((3, 2), 0.5)).shape == (3,)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_it_is_the_papers_cross_entropy_over_the_known_cells(data):
    shape = (data.draw(st.integers(1, 5)), data.draw(st.integers(1, 4)))
    n = shape[0] * shape[1]
    y = np.reshape(
        data.draw(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=n, max_size=n)), shape
    )
    p = np.reshape(data.draw(st.lists(st.floats(0.01, 0.99), min_size=n, max_size=n)), shape)
    known = ~np.isnan(y)
    cells = -(y[known] * np.log(p[known]) + (1 - y[known]) * np.log(1 - p[known]))
    expected = cells.mean() if known.any() else 0.0
    assert loss(y, p) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_without_unknown_cells_it_is_keras_binary_crossentropy():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, (16, 15)).astype("float32")
    p = rng.uniform(0, 1, (16, 15)).astype("float32")
    ours, keras_own = loss(y, p), float(keras.losses.BinaryCrossentropy()(y, p))
    assert ours == pytest.approx(keras_own, rel=1e-5)


def test_scores_of_zero_one_and_beyond_keep_it_finite():
    assert np.isfinite(loss([[1.0, 0.0, 1.0]], [[0.0, 1.0, 7.0]]))


def test_a_score_that_is_not_a_number_is_not_hidden():
    assert np.isnan(loss([[1.0, 0.0]], [[np.nan, 0.5]]))


def test_an_unknown_cell_gives_its_output_no_gradient():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(1.0), loss=masked_binary_crossentropy)
    before = model.get_weights()[0].copy()
    x = np.ones((4, 3), "float32")
    y = np.array([[1.0, np.nan]] * 4, "float32")
    model.fit(x, y, epochs=1, verbose=0)
    after = model.get_weights()[0]
    assert np.isfinite(after).all()
    assert (after[:, 0] != before[:, 0]).all()
    np.testing.assert_array_equal(after[:, 1], before[:, 1])
