import numpy as np
import pytest
from written_weights import WRITTEN


@pytest.fixture(scope="session")
def written():
    """The folder of small files that PyTorch, safetensors and h5py wrote."""
    return WRITTEN


@pytest.fixture(scope="session")
def expected():
    """The numbers of each of these files, as its own library reads them."""
    found = {}
    with np.load(WRITTEN / "expected.npz") as numbers:
        for key in numbers:
            name, _, tensor = key.partition("|")
            found.setdefault(name, {})[tensor] = numbers[key]
    return found


@pytest.fixture(scope="session")
def same_numbers():
    """Asserts that weights have these names and numbers, bit by bit."""

    def check(weights, expected, *, ordered=True):
        names, wanted = list(weights.tensors), list(expected)
        assert (names if ordered else sorted(names)) == (wanted if ordered else sorted(wanted))
        for name, value in expected.items():
            found = weights[name]
            assert found.dtype == value.dtype, name
            assert weights.tensors[name].shape == found.shape == value.shape, name
            assert found.tobytes() == np.ascontiguousarray(value).tobytes(), name

    return check
