import itertools
from pathlib import Path

import pytest
from loopback_client import client_of
from loopback_hub import LoopbackHub

_NUMBERS = itertools.count()

README = """---
license: apache-2.0
library_name: keras
---
# A model
"""


@pytest.fixture(scope="session")
def running_hub(tmp_path_factory):
    with LoopbackHub(tmp_path_factory.mktemp("hub")).running() as hub:
        yield hub


@pytest.fixture(scope="session")
def client(running_hub, tmp_path_factory):
    with client_of(running_hub.url, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="session")
def offline_client(running_hub, tmp_path_factory):
    home = tmp_path_factory.mktemp("offline")
    with client_of(running_hub.url, home, HF_HUB_OFFLINE="1") as client:
        yield client


@pytest.fixture
def hub(running_hub):
    running_hub.seen.clear()
    yield running_hub
    running_hub.faults.clear()


@pytest.fixture
def repo_id(hub):
    """A name of the hub's that no other test has used."""
    return f"acme/model-{next(_NUMBERS)}"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def model(tmp_path) -> Path:
    """A directory as it is published; to the Hub its files are bytes."""
    directory = tmp_path / "model"
    directory.mkdir()
    (directory / "cxrzoo.json").write_text('{"format": 1}')
    (directory / "model.safetensors").write_bytes(bytes(range(256)) * 2000)
    (directory / "README.md").write_text(README)
    (directory / "report.json").write_text('{"macro": 0.8}')
    return directory
