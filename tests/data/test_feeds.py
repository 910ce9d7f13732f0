import pickle
from dataclasses import replace

import numpy as np
import pytest

import cxrzoo
from cxrzoo.data import load_sample
from cxrzoo.data.augment import AUGMENTATIONS, augmented
from cxrzoo.images import read_image

SAMPLE = load_sample()[::12]  # 20 rows
SIZE = 32


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A pack of all 240 images; the 20 are a part of it."""
    folder = tmp_path_factory.mktemp("cache")
    cxrzoo.pack(load_sample(), folder, SIZE)
    return folder


def dataset(**arguments):
    given = {"image_size": SIZE, "batch_size": 6, "shuffle": True, "seed": 4, **arguments}
    return SAMPLE.dataset(**given)


def epochs(dataset, n=2):
    found = []
    for _ in range(n):
        found += [dataset[i] for i in range(len(dataset))]
        dataset.on_epoch_end()
    return found


def assert_same(ours, theirs):
    assert len(ours) == len(theirs)
    for (pixels, targets), (other_pixels, other_targets) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.asarray(pixels), np.asarray(other_pixels))
        np.testing.assert_array_equal(np.asarray(targets), np.asarray(other_targets))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"augment": "strong"},
        {"channels": 3, "augment": "light"},
        {"shuffle": False, "channels": 3},
        {"workers": 1},
        {"workers": 3},
        {"use_multiprocessing": True, "workers": 2, "augment": "light"},
    ],
)
def test_a_pack_feeds_the_same_batches_as_the_files(cache, arguments):
    packed = dataset(cache=cache, **arguments)
    plain = dataset(**{k: v for k, v in arguments.items() if k != "use_multiprocessing"})
    assert_same(epochs(packed), epochs(plain))


def test_processes_feed_what_threads_feed():
    assert_same(epochs(dataset(use_multiprocessing=True, workers=2)), epochs(dataset()))


def test_the_first_use_of_a_cache_packs_and_the_second_does_not(tmp_path):
    made = dataset(cache=tmp_path / "cache")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    again = dataset(cache=tmp_path / "cache")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == times
    assert_same(epochs(made), epochs(again))


def test_batches_belong_to_whoever_gets_them(cache):
    packed = dataset(cache=cache, shuffle=False)
    pixels, _ = packed[0]
    kept = pixels.copy()
    pixels[:] = 0
    np.testing.assert_array_equal(packed[0][0], kept)


@pytest.mark.parametrize("augment", ["none", "light"])
@pytest.mark.parametrize("cached", [True, False])
def test_a_tf_dataset_goes_through_the_same_epochs(cache, cached, augment):
    pytest.importorskip("tensorflow")
    source = dataset(cache=cache if cached else None, augment=augment)
    view = source.as_tf_dataset()
    assert int(view.cardinality()) == len(source) == 4
    seen = [batch for _ in range(2) for batch in view.as_numpy_iterator()]
    assert_same(seen, epochs(dataset(augment=augment)))
    assert source.epoch == 0


@pytest.mark.parametrize("workers", [0, 1])
def test_a_torch_dataset_has_the_same_rows(cache, workers):
    torch = pytest.importorskip("torch")
    view = dataset(cache=cache, augment="light").as_torch_dataset()
    assert isinstance(view, torch.utils.data.Dataset)
    # Forking a process that other libraries have threads in is what PyTorch's users are told not to.
    loader = torch.utils.data.DataLoader(
        view,
        batch_size=6,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
    )
    plain = dataset(shuffle=False, augment="light")
    assert_same(list(loader), [plain[i] for i in range(len(plain))])


def test_a_grain_source_has_the_same_rows(cache):
    view = pickle.loads(pickle.dumps(dataset(cache=cache).as_grain_source()))  # noqa: S301 - our own bytes
    assert len(view) == 20
    for i in (np.int64(0), 7, 19):
        pixels, targets = view[i]
        np.testing.assert_array_equal(pixels, read_image(SAMPLE.images[i], SIZE))
        np.testing.assert_array_equal(targets, SAMPLE.targets[i])
    for i in (-1, 20):
        with pytest.raises(IndexError):
            view[i]
    assert repr(view) == "RowSource(20 rows, epoch 0)"


def test_grain_itself_takes_the_source(cache):
    grain = pytest.importorskip("grain")
    view = dataset(cache=cache).as_grain_source()
    rows = list(grain.MapDataset.source(view).shuffle(seed=1))
    assert sorted(p.tobytes() for p, _ in rows) == sorted(view[i][0].tobytes() for i in range(20))


@pytest.mark.parametrize("arguments", [{"workers": 3}, {"workers": 2, "use_multiprocessing": True}])
def test_a_fit_over_a_pack_sees_every_row_once_an_epoch(
    numbered, rows_seen_by_fit, tmp_path, arguments
):
    train = numbered.dataset(
        image_size=4, batch_size=3, shuffle=True, cache=tmp_path / "pack", **arguments
    )
    expected = []
    for epoch in (1, 2, 3):  # Keras ends an epoch once before a fit begins
        expected += [pixels[:, 0, 0, 0].tolist() for pixels, _ in train.batches(epoch)]

    seen = rows_seen_by_fit(train, 3)
    assert seen == expected
    assert sorted(row for batch in seen[:7] for row in batch) == list(range(20))


def test_left_and_right_change_places_only_for_those_who_ask():
    grey = read_image(SAMPLE.images[0])[:, :, 0]
    still = replace(
        AUGMENTATIONS["light"], shift=0, rotation=0, zoom=0, brightness=0, contrast=0, flip=1
    )
    flipped = augmented(grey, still, np.random.default_rng(0))
    np.testing.assert_array_equal(flipped, grey[:, ::-1])
    assert not any(ranges.flip for ranges in AUGMENTATIONS.values() if ranges)
    often = sum(
        (augmented(grey, replace(still, flip=0.5), np.random.default_rng(i)) != grey).any()
        for i in range(40)
    )
    assert 8 < often < 32
    mine = dataset(augment=still, shuffle=False)[0][0]
    np.testing.assert_array_equal(mine, dataset(shuffle=False)[0][0][:, :, ::-1])
