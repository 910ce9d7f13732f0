"""Processes that share a data set read its batches: nothing twice, nothing left out but the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo import load_sample
from cxrzoo.data import Shard
from cxrzoo.errors import DataError


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 60))
def test_the_shards_of_a_batch_are_equal_and_make_it_whole(processes, devices_each, rows):
    devices = processes * devices_each
    batch = np.random.default_rng(rows).permutation(rows)
    parts = [Shard(process, processes, devices).of(batch) for process in range(processes)]
    assert len({len(part) for part in parts}) == 1
    together = np.concatenate(parts)
    np.testing.assert_array_equal(together, batch[: len(together)])
    assert len(batch) - len(together) < devices


def test_two_processes_read_the_batches_of_one():
    records = load_sample()[:43]

    def batches(shard, rows=records):
        dataset = rows.dataset(
            image_size=32, batch_size=16, shuffle=True, seed=5, augment="light", shard=shard
        )
        dataset.epoch = 2
        read = [dataset[index] for index in range(len(dataset))]
        again = list(dataset.batches(2))
        for (x, y), (same_x, same_y) in zip(read, again, strict=True):
            np.testing.assert_array_equal(x, same_x)
            np.testing.assert_array_equal(y, same_y)
        return read

    one, first, second = batches(None), batches(Shard(0, 2, 4)), batches(Shard(1, 2, 4))
    assert [len(x) for x, _ in first] == [8, 8, 4]  # of the last 11 rows, 8 on 4 devices
    for whole, *halves in zip(one, first, second, strict=True):
        for of_whole, of_halves in zip(whole, zip(*halves, strict=True), strict=True):
            together = np.concatenate(of_halves)
            np.testing.assert_array_equal(together, of_whole[: len(together)])
    # A rest with less than a row for each device is no batch.
    assert len(batches(Shard(0, 2, 4), records[:35])) == 2


@pytest.mark.parametrize(
    ("shard", "rows", "batch_size", "what"),
    [
        (Shard(0, 2), 40, 15, "multiple of the 2 devices; got 15"),
        (Shard(0, 2, 8), 7, 16, "7 rows for 8 devices"),
    ],
)
def test_batches_that_cannot_be_divided_are_refused(shard, rows, batch_size, what):
    with pytest.raises(DataError, match=what):
        load_sample()[:rows].dataset(image_size=32, batch_size=batch_size, shard=shard)


@pytest.mark.parametrize("numbers", [(2, 2), (-1, 2), (0, 2, 3)])
def test_a_shard_that_is_none_is_refused(numbers):
    with pytest.raises(DataError, match="process"):
        Shard(*numbers)


def test_the_argument_share_is_taken_and_answers_with_the_new_name():
    with pytest.warns(DeprecationWarning, match=r"share=\.\.\.\) is now shard="):
        dataset = load_sample()[:8].dataset(image_size=32, batch_size=4, share=Shard(0, 2))
    assert dataset.shard == Shard(0, 2)
