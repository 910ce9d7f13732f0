import pickle

import keras
import numpy as np
import pytest

from cxrzoo.data import Records, load_sample
from cxrzoo.data.augment import AUGMENTATIONS, Augmentation, augmented
from cxrzoo.errors import DataError, ImageError
from cxrzoo.images import decoding, read_image

SAMPLE = load_sample()[::12]  # 20 rows of all parts


def batches(dataset):
    pixels, targets = zip(*(dataset[i] for i in range(len(dataset))), strict=True)
    return np.concatenate(pixels), np.concatenate(targets)


def tiny_model(k=15):
    model = keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(k, activation="sigmoid"),
        ]
    )
    model.compile("sgd", "binary_crossentropy", jit_compile=False)
    return model


def test_batches_are_the_records_in_their_order():
    dataset = SAMPLE.dataset(image_size=(64, 48), batch_size=8)
    assert len(dataset) == 3
    assert dataset.labels == SAMPLE.labels
    assert dataset.image_size == (64, 48)
    pixels, targets = batches(dataset)
    assert pixels.shape == (20, 64, 48, 1)
    assert (pixels.dtype, targets.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(targets, SAMPLE.targets)
    for i, path in enumerate(SAMPLE.images):
        np.testing.assert_array_equal(pixels[i], read_image(path, (64, 48)))
    with pytest.raises(IndexError):
        dataset[3]


def test_unknown_targets_stay_nan():
    records = SAMPLE.relabel(["Mass", "Scoliosis"], missing="unknown")
    _, targets = records.dataset(image_size=8, batch_size=4)[0]
    assert np.isnan(targets[:, 1]).all()
    assert not np.isnan(targets[:, 0]).any()


def test_every_epoch_is_another_permutation_of_all_rows():
    marks = Records(SAMPLE.images, np.eye(20), tuple(f"row {i}" for i in range(20)))
    dataset = marks.dataset(image_size=8, batch_size=7, shuffle=True, seed=3)
    orders = []
    for _ in range(3):
        orders.append(batches(dataset)[1].argmax(axis=1).tolist())
        dataset.on_epoch_end()
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    resumed = marks.dataset(image_size=8, batch_size=7, shuffle=True, seed=3)
    resumed.epoch = 2
    assert batches(resumed)[1].argmax(axis=1).tolist() == orders[2]
    other = marks.dataset(image_size=8, batch_size=7, shuffle=True, seed=4)
    assert batches(other)[1].argmax(axis=1).tolist() != orders[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_evaluate_and_predict_take_the_dataset(workers):
    keras.utils.set_random_seed(0)
    model = tiny_model()
    train = SAMPLE.dataset(
        image_size=32, batch_size=8, shuffle=True, augment="light", workers=workers
    )
    plain = SAMPLE.dataset(image_size=32, batch_size=8, workers=workers)
    history = model.fit(train, validation_data=plain, epochs=2, shuffle=False, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    scores = model.predict(plain, verbose=0)
    np.testing.assert_allclose(
        scores, model.predict(batches(plain)[0], verbose=0), rtol=1e-5, atol=1e-6
    )
    clipped = np.clip(scores, 1e-7, 1 - 1e-7)
    truth = SAMPLE.targets
    loss = -np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped))
    assert model.evaluate(plain, verbose=0) == pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_fit_sees_every_row_once_an_epoch_in_the_order_of_that_epoch(
    numbered, rows_seen_by_fit, workers
):
    train = numbered.dataset(image_size=4, batch_size=3, shuffle=True, workers=workers)
    expected, epochs = [], []
    for epoch in (1, 2, 3):  # Keras ends an epoch once before a fit begins
        train.epoch = epoch
        expected += [train[i][0][:, 0, 0, 0].tolist() for i in range(len(train))]
    train.epoch = 0

    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: epochs.append(train.epoch))
    seen = rows_seen_by_fit(train, 3, [note])
    assert epochs == [1, 2, 3]
    assert seen == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_trains_the_same_model(workers):
    def weights(workers):
        keras.utils.set_random_seed(0)
        model = tiny_model()
        train = SAMPLE.dataset(
            image_size=32, batch_size=4, shuffle=True, seed=5, augment="strong", workers=workers
        )
        model.fit(train, epochs=2, shuffle=False, verbose=0)
        return model.get_weights()

    for ours, theirs in zip(weights(1), weights(workers), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_augmentation_depends_on_seed_epoch_and_row_alone(strength):
    def pixels(epoch=0, seed=0, shuffle=False):
        dataset = SAMPLE.dataset(
            image_size=64, batch_size=6, augment=strength, seed=seed, shuffle=shuffle
        )
        dataset.epoch = epoch
        return batches(dataset)[0]

    first = pixels()
    np.testing.assert_array_equal(first, pixels())
    plain = batches(SAMPLE.dataset(image_size=64, batch_size=6))[0]
    for other in (pixels(epoch=1), pixels(seed=1), plain):
        assert all((a != b).any() for a, b in zip(first, other, strict=True))
    shuffled = {image.tobytes() for image in pixels(shuffle=True)}
    assert shuffled == {image.tobytes() for image in first}


@pytest.mark.parametrize("strength", ["light", "strong"])
def test_changed_copies_are_nearer_to_their_original_than_to_its_mirror_image(strength):
    near, far = [], []
    for row, path in enumerate(SAMPLE.images):
        grey = read_image(path, 64)[:, :, 0]
        copy = augmented(grey, AUGMENTATIONS[strength], np.random.default_rng(row))
        near.append(np.corrcoef(copy.ravel(), grey.ravel())[0, 1])
        far.append(np.corrcoef(copy.ravel(), grey[:, ::-1].ravel())[0, 1])
    assert np.mean(near) > np.mean(far) + 0.1


class Drawn:
    """A generator whose uniform draws are given."""

    def __init__(self, **draws):
        names = ("down", "right", "turn", "zoom", "brightness", "contrast")
        self.values = np.array([draws.get(name, 0.0) for name in names])

    def uniform(self, low, high, size):
        assert (low, high, size) == (-1, 1, 6)
        return self.values


WHOLE = Augmentation(shift=0.25, rotation=90, zoom=1, brightness=0.2, contrast=0.5)


def test_each_change_does_what_it_says():
    grey = np.zeros((8, 8), np.uint8)
    grey[2:4, 3:5] = 100
    np.testing.assert_array_equal(augmented(grey, WHOLE, Drawn()), grey)
    np.testing.assert_array_equal(augmented(grey, WHOLE, Drawn(down=1)), np.roll(grey, 2, axis=0))
    np.testing.assert_array_equal(
        augmented(grey, WHOLE, Drawn(right=-1)), np.roll(grey, -2, axis=1)
    )
    turned = augmented(grey, WHOLE, Drawn(turn=1))
    np.testing.assert_array_equal(turned, np.rot90(grey, -1))
    assert (augmented(grey, WHOLE, Drawn(zoom=1)) > 0).sum() > (grey > 0).sum()
    assert augmented(grey, WHOLE, Drawn(brightness=1)).max() == 100 + 51
    assert augmented(grey, WHOLE, Drawn(contrast=1)).max() == round(127.5 - 27.5 * 1.5)


def test_a_broken_image_is_named_when_its_batch_is_read(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"")
    records = Records([*SAMPLE.images[:2], tmp_path / "broken.png"], np.zeros((3, 1)), ("A",))
    with pytest.raises(ImageError, match=r"broken\.png"):
        records.dataset(image_size=8)[0]


def test_batches_are_the_same_in_whatever_order_they_are_asked_for():
    arguments = {"image_size": 16, "batch_size": 4, "shuffle": True, "seed": 1}
    in_order = SAMPLE.dataset(**arguments)
    expected = [in_order[i] for i in range(5)]
    jumping = SAMPLE.dataset(**arguments)
    for i in (3, 0, 1, 4, 4, 2, 3, 0, 0, 1):
        for found, wanted in zip(jumping[i], expected[i], strict=True):
            np.testing.assert_array_equal(found, wanted)
        list(zip(jumping.batches(1), range(2), strict=False))  # what is left of it disturbs nobody
    jumping.on_epoch_end()
    for found, wanted in zip(jumping.batches(0), expected, strict=True):
        np.testing.assert_array_equal(found[0], wanted[0])


def test_files_are_read_ahead_of_those_alone_who_go_through_the_batches_in_order(monkeypatch):
    read = []

    def read_grey(path, real=decoding.read_grey):
        read.append(path)
        return real(path)

    monkeypatch.setattr(decoding, "read_grey", read_grey)
    dataset = SAMPLE.dataset(image_size=8, batch_size=1, workers=1)

    def reads(index):
        read.clear()
        dataset[index]
        dataset._pool.submit(len, ()).result()  # one thread does one task after another
        return len(read)

    assert [reads(i) for i in (0, 1, 2, 9, 5, 6, 7, 0)] == [3, 1, 1, 1, 1, 3, 1, 3]
    assert reads(19) == reads(3) == 1


def test_a_dataset_can_be_sent_to_a_worker_process():
    dataset = SAMPLE.dataset(image_size=16, batch_size=4, shuffle=True)
    again = pickle.loads(pickle.dumps(dataset))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(again[1][0], dataset[1][0])


@pytest.mark.parametrize(
    "arguments",
    [
        {"batch_size": 0},
        {"image_size": 0},
        {"image_size": (8, 8, 1)},
        {"seed": -1},
        {"augment": "flip"},
        {"channels": 2},
        {"workers": 0},
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments):
    with pytest.raises(DataError, match=next(iter(arguments)).split("_")[0]):
        SAMPLE.dataset(**arguments)
    with pytest.raises(DataError, match="no rows"):
        SAMPLE[:0].dataset()
