import sys
from pathlib import Path

import pytest

# The loopback Hub lives with the tests of the Hub's client.
sys.path.append(str(Path(__file__).parent.parent / "hub"))

import cxrzoo


@pytest.fixture(scope="session")
def honest(small, tmp_path_factory):
    """A whole small model, as it is published."""
    return cxrzoo.save_pretrained(small("cnn_test1"), tmp_path_factory.mktemp("honest") / "model")


@pytest.fixture
def victim(honest, tmp_path):
    """A copy of it to be spoiled, alone in a folder of its own."""
    directory = tmp_path / "sandbox" / "model"
    directory.mkdir(parents=True)
    for path in honest.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    return directory
