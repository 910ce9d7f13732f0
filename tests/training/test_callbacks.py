"""The presets in a plain ``fit``, and the AUC that they monitor."""

import csv
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

import cxrzoo
from cxrzoo.errors import DivergedError, MissingExtraError, TrainingError
from cxrzoo.training import masked_binary_crossentropy
from cxrzoo.training.history import read_history
from cxrzoo.training.state import EpochState


@pytest.fixture(scope="module")
def batches():
    records = cxrzoo.load_sample()[:40]
    return records.dataset(image_size=32, batch_size=16)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(4, 4), hidden_units=8)
    model.compile("adam", loss=masked_binary_crossentropy)
    return model


def test_validation_auc_is_scikit_learns_over_all_validation_images(model, batches):
    history = model.fit(
        batches, callbacks=[cxrzoo.ValidationAUC(batches)], epochs=1, shuffle=False, verbose=0
    ).history
    y_true = np.concatenate([batches[i][1] for i in range(len(batches))])
    y_score = model.predict(batches, verbose=0)
    both = [j for j in range(15) if 0 < y_true[:, j].sum() < len(y_true)]
    expected = np.mean([roc_auc_score(y_true[:, j], y_score[:, j]) for j in both])
    assert history["val_auc"] == pytest.approx([expected], abs=1e-6)
    assert history["val_loss"] == pytest.approx(
        [log_loss(y_true.ravel(), y_score.ravel().astype(float), labels=[0, 1])], rel=1e-4
    )


@pytest.mark.parametrize("name", ["paper", "modern"])
def test_a_preset_is_the_papers_three_callbacks_after_the_auc_they_monitor(name, tmp_path, batches):
    callbacks = cxrzoo.callback_preset(name, tmp_path, batches)
    assert [type(callback).__name__ for callback in callbacks] == [
        "ValidationAUC",
        "ModelCheckpoint",
        "EarlyStopping",
        "ReduceLROnPlateau",
        "HistoryCSV",
    ]
    assert {callback.monitor for callback in callbacks[1:4]} == {"val_auc"}


def test_a_preset_works_in_any_fit_and_keeps_the_best_weights(tmp_path, model, batches):
    callbacks = cxrzoo.callback_preset("paper", tmp_path, validation=batches)
    seen = []
    callbacks.append(
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda _, logs: seen.append((logs["val_auc"], model.get_weights()))
        )
    )
    model.fit(batches, epochs=3, callbacks=callbacks, shuffle=False, verbose=0)
    best = max(seen, key=lambda epoch: epoch[0])[1]
    model.load_weights(tmp_path / "best.weights.h5")
    for kept, weights in zip(model.get_weights(), best, strict=True):
        np.testing.assert_array_equal(kept, weights)


def test_in_any_fit_the_log_has_every_epochs_figures_as_keras_has_them(tmp_path, model, batches):
    callbacks = cxrzoo.callback_preset("paper", tmp_path, validation=batches)
    for _ in range(2):  # a second fit writes its own
        history = model.fit(
            batches, epochs=2, callbacks=callbacks, shuffle=False, verbose=0
        ).history
        with (tmp_path / "history.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row.pop("epoch") for row in rows] == ["1", "2"]
        assert set(rows[0]) == {"loss", "val_auc", "val_loss", "learning_rate"}
        for name, values in history.items():
            assert [float(row[name]) for row in rows] == [float(value) for value in values]


def test_a_state_that_cannot_be_written_is_not_ahead_of_its_history(tmp_path, model, batches):
    callbacks = cxrzoo.callback_preset("paper", tmp_path, batches)
    state = EpochState(tmp_path, batches, callbacks, seed=0)  # a folder is where its file should go
    with pytest.raises(OSError):
        model.fit(batches, callbacks=[*callbacks, state], epochs=2, shuffle=False, verbose=0)
    assert len(read_history(tmp_path / "history.csv")) == 1


def test_tensorboard_gets_the_figures_or_says_which_package_lacks(tmp_path, model, batches):
    if all(find_spec(name) for name in ("tensorflow", "tensorboard")):
        callbacks = cxrzoo.callback_preset("paper", tmp_path, batches, tensorboard=True)
        model.fit(batches, callbacks=callbacks, shuffle=False, verbose=0)
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("events.out.*"))
        assert b"epoch_auc" in written
        assert b"epoch_loss" in written
    else:
        with pytest.raises(MissingExtraError, match=r"tensor\w+ is not installed.*\[tensorboard\]"):
            cxrzoo.callback_preset("paper", tmp_path / "new", batches, tensorboard=True)
        assert not (tmp_path / "new").exists()


def test_training_stops_when_the_auc_no_longer_rises(tmp_path, model, batches):
    model.compile(keras.optimizers.SGD(0.0), loss=masked_binary_crossentropy)
    callbacks = cxrzoo.callback_preset("paper", tmp_path, batches)
    history = model.fit(batches, epochs=9, callbacks=callbacks, shuffle=False, verbose=0).history
    assert len(history["val_auc"]) == 4  # the first is the best, then a patience of 3


def test_a_preset_without_validation_data_says_how_to_pass_them(tmp_path, model, batches):
    callbacks = cxrzoo.callback_preset("modern", tmp_path)
    with pytest.raises(TrainingError, match=r"validation=records\.dataset"):
        model.fit(batches, callbacks=callbacks, shuffle=False, verbose=0)


def test_scores_that_are_not_numbers_end_the_run_with_epoch_and_hint(model, batches):
    model.get_layer("predictions").bias.assign(np.full(15, np.nan, "float32"))
    callback = cxrzoo.ValidationAUC(batches)
    callback.set_model(model)
    with pytest.raises(DivergedError, match=r"not finite in epoch 3: lower the learning rate"):
        callback.on_epoch_end(2, {})


def test_an_unknown_preset_is_refused(tmp_path):
    with pytest.raises(TrainingError, match="there are paper, modern"):
        cxrzoo.callback_preset("papre", tmp_path)
