"""Real files, cut and spoiled in thousands of ways: weights or one typed error, never more."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from written_weights import FILES

import cxrzoo
from cxrzoo.convert import read_weights
from cxrzoo.errors import TensorError

PLAIN = [name for name in FILES if not name.endswith(".h5")]
ROUNDS = 1000
"""For each file: 16,000 in all."""


def reading_in(folder):
    """Reads bytes as a file, all of it; gives the shapes, or None if it is refused."""
    path = folder / "damaged"

    def read(raw):
        path.write_bytes(raw)
        try:
            weights = read_weights(path)
            found = {name: weights[name].shape for name in weights.tensors}
        except TensorError as error:
            assert len(str(error)) < 1000
            assert "\n" not in str(error)
            return None
        assert all(line.isprintable() for line in weights.other)
        return found

    return read


@pytest.fixture
def outcome(tmp_path):
    return reading_in(tmp_path)


def spoiled(raw, chance):
    """Bytes flipped, put in, taken out, copied elsewhere or cut off."""
    raw = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(raw))
        kind = chance.randrange(6)
        if kind <= 1:
            raw[at] = chance.randrange(256)
        elif kind == 2:
            raw[at] ^= 1 << chance.randrange(8)
        elif kind == 3:
            raw[at:at] = chance.randbytes(chance.randrange(1, 9))
        elif kind == 4:
            del raw[at : at + chance.randrange(1, 9)]
        else:
            origin = chance.randrange(len(raw))
            raw[at : at + 8] = raw[origin : origin + 8]
        if not raw:
            break
    return bytes(raw[: chance.randrange(len(raw) + 1)] if chance.random() < 0.05 else raw)


@pytest.mark.parametrize("name", PLAIN)
def test_a_spoiled_file_is_read_or_refused(written, outcome, name):
    raw = (written / name).read_bytes()
    chance = random.Random(name)
    found = [outcome(spoiled(raw, chance)) for _ in range(ROUNDS)]
    assert any(shapes is None for shapes in found)


SPOILING = """
import random, sys
from pathlib import Path
from test_damaged_weights import reading_in, spoiled

folder, raw = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
read = reading_in(folder)
chance = random.Random(sys.argv[2][-8:])
found = [read(spoiled(raw, chance)) for _ in range(ROUNDS)]
found += [read(raw[:length]) for length in range(0, len(raw), 97)]
print(sum(shapes is None for shapes in found), len(found))
""".replace("ROUNDS", str(ROUNDS))


@pytest.mark.parametrize("name", sorted(set(FILES) - set(PLAIN)))
def test_a_spoiled_hdf5_file_is_read_or_refused(written, tmp_path, name):
    # In a process of its own: the HDF5 library is written in C.
    paths = (Path(__file__).parent, Path(cxrzoo.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", SPOILING, str(tmp_path), str(written / name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
    )
    assert done.returncode == 0, done.stderr[-1000:]
    refused, n = map(int, done.stdout.split())
    assert ROUNDS / 2 < refused < n


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_cut_anywhere_is_refused(written, outcome, name):
    raw = (written / name).read_bytes()
    step = 1 if len(raw) < 2000 else 7
    for length in range(0, len(raw), step):
        assert outcome(raw[:length]) is None, length


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_with_anything_behind_it_is_refused(written, outcome, name):
    raw = (written / name).read_bytes()
    for more in (b"\0", b"\n", raw, b"PK\x05\x06" + bytes(18)):
        assert outcome(raw + more) is None


@pytest.mark.parametrize("name", [name for name in PLAIN if "legacy" in name])
def test_a_download_that_broke_off_says_what_is_missing(written, tmp_path, name):
    path = tmp_path / name
    path.write_bytes((written / name).read_bytes()[:-3])
    with pytest.raises(TensorError, match=r"are announced and \d+ bytes are left. Fetch the file"):
        read_weights(path)
