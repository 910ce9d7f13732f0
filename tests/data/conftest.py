"""What the tests of batches share."""

import numpy as np
import pytest


@pytest.fixture
def rows_seen_by_fit():
    """Fits over a data set of one-coloured images and gives each step's colours: its rows."""
    import keras  # noqa: PLC0415 - only where Keras is needed

    def fit(train, epochs, callbacks=()):
        seen = []

        class Watched(keras.Model):
            def train_step(self, *arguments):
                pixels = np.asarray(
                    arguments[-1][0]
                )  # data comes last; JAX has the state before it
                seen.append(pixels[:, 0, 0, 0].astype(int).tolist())
                return super().train_step(*arguments)

        inputs = keras.Input((4, 4, 1))
        model = Watched(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(inputs)))
        model.compile("sgd", "mse", run_eagerly=True)
        model.fit(train, epochs=epochs, shuffle=False, verbose=0, callbacks=list(callbacks))
        return seen

    return fit


@pytest.fixture
def numbered(tmp_path):
    """Twenty images, each of its row's number in grey."""
    from PIL import Image  # noqa: PLC0415 - as above

    from cxrzoo.data import Records  # noqa: PLC0415 - as above

    for row in range(20):
        Image.new("L", (4, 4), row).save(tmp_path / f"{row}.png")
    return Records([tmp_path / f"{row}.png" for row in range(20)], np.zeros((20, 1)), ("A",))
