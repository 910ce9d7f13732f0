"""Hostile files of weights are refused or read inertly: no code, bounded memory, bounded time."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import hostile_weights_code
import hostile_weights_hdf5  # noqa: F401 - likewise
import hostile_weights_layouts  # noqa: F401 - likewise
import hostile_weights_pickles  # noqa: F401 - likewise
import pytest
from hostile_weights import ATTACKS, by_kind

import cxrzoo

SECONDS = 20
"""For the slowest file on a busy machine; most take some milliseconds."""

BOUNDED = """
import json, resource, sys, time
from pathlib import Path
import h5py, numpy
from cxrzoo.convert import read_weights
from cxrzoo.errors import ArtifactError

def forbidden(*_, **__):
    raise AssertionError("what must never be called was called")

import pickle
pickle.load = pickle.loads = pickle.Unpickler = numpy.load = forbidden
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 400 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
before = set(sys.modules)
for path in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.name)):
    begin = time.perf_counter()
    try:
        weights = read_weights(path)
    except ArtifactError as error:
        print(json.dumps([path.name, f"refused: {error}", time.perf_counter() - begin]), flush=True)
        continue
    except BaseException as error:
        print(json.dumps([path.name, f"not refused: {error!r:.200}", 0]), flush=True)
        continue
    try:
        found = {name: weights[name].tolist() for name in weights.tensors}
        assert all(line.isprintable() and len(line) <= 200 for line in weights.other)
        outcome = json.dumps(found)[:200]
    except ArtifactError as error:
        outcome = f"refused when read: {error}"
    except BaseException as error:
        outcome = f"not refused: {error!r:.200}"
    print(json.dumps([path.name, outcome, time.perf_counter() - begin]), flush=True)
print(json.dumps(["imported", sorted(set(sys.modules) - before), 0]))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each attack, all read by one process with little memory."""
    if sys.platform != "linux":
        pytest.skip("the limit on memory is Linux's")
    folder = tmp_path_factory.mktemp("attacks")
    canary = folder / "code-has-run"
    files = folder / "files"
    files.mkdir()
    for number, one in enumerate(ATTACKS):
        (files / str(number)).write_bytes(one.raw())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BOUNDED, str(files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(cxrzoo.__file__).parent.parent),
            "CXRZOO_CANARY": str(canary),
        },
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not canary.exists()
    assert set(folder.iterdir()) == {files}
    return {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("number", range(len(ATTACKS)), ids=lambda n: ATTACKS[n].name)
def test_it_is_refused_or_inert(outcomes, number):
    outcome, seconds = outcomes[str(number)]
    if ATTACKS[number].inert:
        assert json.loads(outcome) == {"w": [0.0, 1.0, 2.0, 3.0]}
    else:
        # What is packed in a piece of HDF5 shows when it is unpacked, and no sooner.
        late = "inflates" in ATTACKS[number].name
        assert outcome.startswith("refused when read: " if late else "refused: ")
        assert len(outcome) < 700
        assert outcome.isprintable()
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("LONG4 of -1 (zip)", "announces -1 bytes"),
        ("BINSTRING of -1 (stream)", "announces -1 bytes"),
        ("a storage of a negative length (zip)", "a length that no weights have"),
        ("models by the thousand (zip)", "in more than 1000 parts"),
        ("a zip with a pickle of 70 MB", "its pickle takes"),
        ("HDF5 with a group in itself", "stand in one another without end"),
        ("a zip with an entry twice", "holds 'archive/data.pkl' twice"),
        ("a zip with an entry longer than its file", "is longer than the file"),
        ("a zip with fewer entries announced than there are", "lists more entries"),
        ("HDF5 with pieces of 1 GB", "pieces of no usual size"),
        ("HDF5 with an array that is half there", "pieces of no usual size"),
        ("HDF5 with an array in another file", "stands in another file"),
        ("HDF5 with an array of other files' parts", "put together from elsewhere"),
    ],
)
def test_the_first_reason_is_the_one_that_is_told(outcomes, name, reason):
    (number,) = (number for number, one in enumerate(ATTACKS) if one.name == name)
    assert reason in outcomes[str(number)][0]


def test_no_attack_imports_anything(outcomes):
    imported = outcomes["imported"][0]
    known = ("cxrzoo.", "h5py.", "numpy.", "encodings.", "zlib")
    assert [name for name in imported if not name.startswith(known)] == []


def test_the_canary_sings_when_it_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.setenv("CXRZOO_CANARY", str(tmp_path / "code-has-run"))
    pickle.loads(pickle.dumps(hostile_weights_code.Canary()))  # noqa: S301 - our own
    assert (tmp_path / "code-has-run").exists()


def test_hostile_weights_by_kind(capsys):
    counts = by_kind()
    with capsys.disabled():
        print(
            "\n"
            + "".join(
                f"{n:5} {kind}\n" for kind, n in {**counts, "all": sum(counts.values())}.items()
            )
        )
    assert min(counts.values()) >= 8
