import dataclasses
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

# The loopback Hub lives with the tests of the Hub's client.
sys.path.append(str(Path(__file__).parent.parent / "hub"))

from loopback_client import client_of, environment
from loopback_hub import OWNER, LoopbackHub

import cxrzoo
from cxrzoo.inference import evaluate
from cxrzoo.pretrained import Lineage, patient_set

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def running_hub(tmp_path_factory):
    with LoopbackHub(tmp_path_factory.mktemp("hub")).running() as hub:
        yield hub


@pytest.fixture
def hub(running_hub):
    running_hub.seen.clear()
    yield running_hub
    running_hub.faults.clear()


@pytest.fixture(scope="session")
def client(running_hub, tmp_path_factory):
    """A process whose Hub is the one on loopback, and whose Keras is of this backend."""
    with client_of(running_hub.url, tmp_path_factory.mktemp("home"), HF_TOKEN=OWNER) as client:
        yield client


@pytest.fixture
def hub_environment(running_hub, tmp_path):
    """Variables for a process with an empty cache of its own."""

    def variables(**more):
        return environment(running_hub.url, tmp_path / "home", HF_TOKEN=OWNER, **more)

    return variables


@pytest.fixture
def repo_id(hub):
    return f"acme/xray-{next(_NUMBERS)}"


@pytest.fixture(scope="session")
def sample_parts():
    return cxrzoo.load_sample().split("official")


@pytest.fixture(scope="session")
def licensed_model(sample_parts):
    """A small model with everything that publishing asks for."""
    import keras  # noqa: PLC0415 - after the backend was chosen

    keras.utils.set_random_seed(4)
    model = cxrzoo.cnn_test1(
        input_shape=(64, 64, 1), filters=(4, 8), hidden_units=16, name="xray_small"
    )
    kernel = model.get_layer("predictions").kernel
    kernel.assign(4 * kernel)  # so that images differ in their scores
    lineage = Lineage(
        recipe="modern",
        started_from="imagenet",
        data=sample_parts.train.name,
        split="official",
        images=len(sample_parts.train),
        patients=len(set(sample_parts.train.patients)),
        seed=3,
        epochs=7,
        best_epoch=5,
        backend="tensorflow",
        versions={"keras": "3.15.0"},
        trained_on=(patient_set(sample_parts.train.patients),),
    )
    model.cxrzoo = dataclasses.replace(model.cxrzoo, licence="CC-BY-4.0", lineage=lineage)
    return model


@pytest.fixture(scope="session")
def report(licensed_model, sample_parts):
    return evaluate(
        licensed_model,
        sample_parts.test.dataset(image_size=64),
        n_bootstrap=50,
        name="xray_small",
        split="official",
        part="test",
    )


@pytest.fixture(scope="session")
def saved_once(licensed_model, report, tmp_path_factory):
    return cxrzoo.save_pretrained(licensed_model, tmp_path_factory.mktemp("saved") / "m", report)


@pytest.fixture
def saved(saved_once, tmp_path):
    """A directory as save_pretrained wrote it, to be altered at will."""
    directory = tmp_path / "model"
    directory.mkdir()
    for path in saved_once.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    return directory


@pytest.fixture(scope="session")
def real_pixels(sample_parts):
    """Real X-rays as uint8 (3, 64, 64, 1)."""
    from cxrzoo.images import read_image  # noqa: PLC0415

    return np.stack([read_image(path, 64) for path in sample_parts.test.images[:3]])
