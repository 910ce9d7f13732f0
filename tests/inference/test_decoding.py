import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest

from cxrzoo.errors import ImageError
from cxrzoo.images import ImageSpec, read_image
from cxrzoo.inference import decoding as module
from cxrzoo.inference.decoding import decoding

WAIT = 60
"""Seconds that something on a busy machine may take; it is done as soon as it is seen."""


@pytest.fixture
def spec():
    return ImageSpec(160, 160)


@dataclass
class Reads:
    begun: list
    may_end: threading.Event


@pytest.fixture
def reads(monkeypatch):
    """What has been begun; nothing ends before ``may_end`` is set."""
    seen = Reads([], threading.Event())
    lock = threading.Lock()

    def read(_, path):
        with lock:
            seen.begun.append(path)
        assert seen.may_end.wait(WAIT)
        return np.zeros((1, 1, 1), np.uint8)

    monkeypatch.setattr(ImageSpec, "read", read)
    return seen


def until(condition):
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_batches_come_in_order_with_the_pixels_that_read_image_gives(sample_files, spec):
    with decoding(sample_files, spec, 4) as batches:
        found = list(batches)
    assert [len(batch) for batch in found] == [4, 2]
    assert [file for batch in found for file, _ in batch] == sample_files
    for file, pixels in [pair for batch in found for pair in batch]:
        np.testing.assert_array_equal(pixels, read_image(file, (160, 160)))


def test_an_unreadable_file_is_given_as_its_error(sample_files, spec, tmp_path):
    absent = str(tmp_path / "absent.png")
    with decoding([absent, sample_files[0]], spec, 2) as batches:
        ((_, error), (_, pixels)) = next(batches)
    assert isinstance(error, ImageError)
    assert "absent.png" in str(error)
    assert pixels.shape == (160, 160, 1)


def test_decoding_begins_before_anything_is_asked_for(reads, spec):
    with decoding(["a", "b"], spec, 2):
        until(lambda: reads.begun)
        reads.may_end.set()


def test_no_more_is_decoded_ahead_than_was_said(reads, spec, monkeypatch):
    monkeypatch.setattr(module, "_BYTES_AHEAD", 5 * 2 * 160 * 160)  # five batches of two
    reads.may_end.set()
    files = [str(i) for i in range(100)]
    with decoding(files, spec, 2) as batches:
        until(lambda: len(reads.begun) == 10)
        time.sleep(0.1)
        assert len(reads.begun) == 10
        next(batches)
        until(lambda: len(reads.begun) == 12)
        assert sum(len(batch) for batch in batches) == 98
    assert sorted(reads.begun, key=int) == files


def test_what_is_not_wanted_any_more_is_not_decoded(reads, spec):
    with pytest.raises(ZeroDivisionError), decoding([*map(str, range(100))], spec, 1):
        until(lambda: reads.begun)
        threading.Timer(0.05, reads.may_end.set).start()  # what has begun ends a little later
        raise ZeroDivisionError
    assert len(reads.begun) < 20
    assert not [t for t in threading.enumerate() if t.name.startswith("cxrzoo-decoding")]


def test_it_needs_no_keras(run_python):
    run_python(
        "import sys\n"
        "from cxrzoo.inference.decoding import decoding\n"
        "from cxrzoo import Scorer, load_sample\n"
        "files = load_sample().images[:2]\n"
        "with decoding(files, Scorer('nih-mini').image_spec, 2) as batches:\n"
        "    assert len(next(batches)) == 2\n"
        "assert 'keras' not in sys.modules"
    )
