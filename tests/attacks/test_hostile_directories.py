"""What strangers send is refused: one typed error, no code run, nothing written, memory bounded."""

import json
import sys

import hostile_descriptions  # noqa: F401 - fills ATTACKS
import hostile_tensors  # noqa: F401 - likewise
import pytest
from forked import Process
from hostile import ATTACKS, GOLDEN_ATTACKS

from cxrzoo import from_pretrained
from cxrzoo.errors import CxrZooError, IntegrityError, TensorError


def everything(folder):
    return {
        path: None if path.is_dir() or not path.exists() else path.stat().st_size
        for path in folder.rglob("*")
    }


@pytest.fixture(autouse=True)
def canary(tmp_path, monkeypatch):
    path = tmp_path / "code-has-run"
    monkeypatch.setenv("CXRZOO_CANARY", str(path))
    yield path
    assert not path.exists()


def test_the_honest_model_loads(victim):
    assert from_pretrained(victim, verify=True).cxrzoo.builder == "cnn_test1"


def test_the_canary_sings_when_it_is_unpickled(canary):
    import pickle  # noqa: PLC0415

    from hostile import Canary  # noqa: PLC0415

    pickle.loads(pickle.dumps(Canary()))  # noqa: S301 - our own
    assert canary.exists()
    canary.unlink()


@pytest.mark.parametrize("name", list(ATTACKS))
def test_it_is_refused(victim, tmp_path, name):
    spoil, expected = ATTACKS[name]
    spoil(victim)
    before = everything(tmp_path)
    with pytest.raises(expected) as caught:
        from_pretrained(victim)
    assert len(str(caught.value)) < 1500
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", list(GOLDEN_ATTACKS))
def test_it_is_refused_by_who_verifies(victim, tmp_path, name):
    GOLDEN_ATTACKS[name](victim)
    before = everything(tmp_path)
    with pytest.raises((TensorError, IntegrityError)):
        from_pretrained(victim, verify=True)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["one NaN", "a hundred thousand labels", "a tensor missing"])
def test_weights_from_a_hostile_directory_are_refused_alike(victim, small, name):
    spoil, expected = ATTACKS[name]
    spoil(victim)
    with pytest.raises(expected):
        small("cnn_test1", weights=str(victim))


BOUNDED = """
import json, resource, sys
import keras, cxrzoo, cxrzoo.artifacts
from pathlib import Path
from cxrzoo.errors import CxrZooError

def used():  # MB of address space, which no allocation can hide from
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize() // 2**20

cxrzoo.from_pretrained(sys.argv[1])  # what the backend takes for itself, it has taken now
limit = (used() + 300) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
outcome = {}
for folder in map(Path, sys.argv[2:]):
    try:
        cxrzoo.from_pretrained(folder)
    except CxrZooError as error:
        outcome[folder.parent.name] = type(error).__name__
    except BaseException as error:
        outcome[folder.parent.name] = f"not refused: {type(error)}"
print(json.dumps(outcome))
"""

LARGE = (
    "a description of 5 MB",
    "a description of 100 MB",
    "three hundred thousand keys, one of them twice",
    "a description nested a million deep",
    "a hundred thousand labels",
    "four hundred thousand and one patients",
    "more parameters than are ever built",
    "a gigabyte described beside a small file",
    "tensors padded by 50 MB",
    "a header of 2**63 bytes",
    "a header of fifteen thousand tensors",
    "a tensor of a billion numbers",
    "a shape that overflows",
    "a huge input",
    "a billion filters",
)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
def test_bombs_are_refused_within_300_mb(honest, tmp_path):
    folders = []
    for number, name in enumerate(LARGE):
        folder = tmp_path / str(number) / "model"
        folder.mkdir(parents=True)
        for path in honest.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        ATTACKS[name][0](folder)
        folders.append(folder)
    outcome = json.loads(Process(BOUNDED, honest, *folders, folder=tmp_path).finish())
    for number, name in enumerate(LARGE):
        kinds = {kind.__name__ for kind in _family(ATTACKS[name][1])}
        assert outcome[str(number)] in kinds, (name, outcome[str(number)])


def _family(kind: type[CxrZooError]) -> set[type[CxrZooError]]:
    return {kind}.union(*(_family(child) for child in kind.__subclasses__()))


NO_DESERIALISATION = """
import sys
import keras, h5py, pickle
import cxrzoo, cxrzoo.artifacts
from keras.src.saving import saving_lib, serialization_lib

def forbidden(*_, **__):
    raise AssertionError("deserialisation was called")

pickle.load = pickle.loads = pickle.Unpickler = forbidden
h5py.File = forbidden
numpy = __import__("numpy")
numpy.load = forbidden
for module in (keras.saving, serialization_lib, saving_lib, keras.models, keras.layers):
    for name in dir(module):
        if name.startswith(("deserialize", "load_model", "load_weights")):
            setattr(module, name, forbidden)

# Keras's layers look up by it, by name, the initialisers that their own signatures default to.
def only_defaults(config, *_, **__):
    kinds = {"glorot_uniform": "GlorotUniform", "zeros": "Zeros", "ones": "Ones"}
    if config["config"] or config["class_name"] not in kinds:
        forbidden()
    return getattr(keras.initializers, kinds[config["class_name"]])()

serialization_lib.deserialize_keras_object = only_defaults
for uri in sys.argv[1:]:
    cxrzoo.from_pretrained(uri, verify=True)
cxrzoo.mobilenet_cxr(input_shape=(160, 160, 1), weights="nih-mini")
print("loaded")
"""


def test_loading_never_unpickles_opens_hdf5_or_deserialises(honest, run_keras):
    assert run_keras(NO_DESERIALISATION, honest, "nih-mini").strip().endswith("loaded")
