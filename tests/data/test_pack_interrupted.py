import gc
import os
import random
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo.data import Records, load_sample
from cxrzoo.data.packs import pack as packing
from cxrzoo.data.packs.write import only_packer

SAMPLE = load_sample()
SIZE = 64

PACK = f"""
import sys
import cxrzoo
import cxrzoo.errors
from cxrzoo.data.packs import pack as packing
packing.SHARD_BYTES = 10 * {SIZE} * {SIZE}
records = cxrzoo.load_sample()
print("begun", flush=True)
try:
    cxrzoo.pack(records, sys.argv[1], {SIZE})
except cxrzoo.errors.DataError as error:
    print(error)
    sys.exit(7)
"""


def started(folder, *before):
    place = {**os.environ, "PYTHONPATH": str(Path(cxrzoo.__file__).parent.parent)}
    return subprocess.Popen(
        [*before, sys.executable, "-c", PACK, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=place,
    )


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "pack"
    whole = started(folder)
    assert whole.wait(60) == 0, whole.stdout.read()
    whole.stdout.close()
    assert len(content(folder)) == 24 + 2
    return content(folder)


def test_a_pack_killed_at_any_moment_ends_in_the_same_bytes(undisturbed, tmp_path):
    chance = random.Random(0)
    cut = 0
    for trial in range(4):
        folder = tmp_path / str(trial)
        running = started(folder)
        assert running.stdout.readline() == "begun\n"
        try:
            running.wait(chance.uniform(0, 0.25))
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(60)
        running.stdout.close()
        cut += not (folder / "index.json").exists()
        packing_bytes = packing.SHARD_BYTES
        try:
            packing.SHARD_BYTES = 10 * SIZE * SIZE
            cxrzoo.pack(SAMPLE, folder, SIZE)
        finally:
            packing.SHARD_BYTES = packing_bytes
        assert content(folder) == undisturbed
    assert cut, "every process was done before it was killed"


def test_what_a_stop_left_is_kept_cleaned_or_made_anew(undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "SHARD_BYTES", 10 * SIZE * SIZE)
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, data in undisturbed.items():
        (folder / name).write_bytes(data)
    index = cxrzoo.pack(SAMPLE, folder, SIZE).index
    (folder / "index.json").unlink()
    (folder / "unfinished.json").write_text(packing.replace(index, shards_sha256=()).to_json())
    (folder / "pixels-00003.npy").unlink()
    (folder / "pixels-00004.npy").write_bytes(undisturbed["pixels-00004.npy"][:-5])  # a power cut
    for name in (".pixels-00003.npy.partial", ".quarantine.csv.123.partial"):
        (folder / name).write_bytes(b"half")
    kept = (folder / "pixels-00000.npy").stat().st_mtime_ns
    cxrzoo.pack(SAMPLE, folder, SIZE)
    assert content(folder) == undisturbed
    assert (folder / "pixels-00000.npy").stat().st_mtime_ns == kept


def in_a_mount(options, folder):
    """The command that runs another one with a file system of its own at the folder."""
    mount = f'mount -t tmpfs -o {options} none "$0" && exec "$@"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(folder)]
    if (
        not shutil.which("unshare")
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this system lets nobody mount a file system of their own")
    return command


def test_a_full_disk_ends_in_one_clear_error_with_the_finished_shards_kept(tmp_path):
    keep = 'python="$1"; "$@"; status=$?; ls "$4"; exit $status'
    command = in_a_mount("size=500k", tmp_path)
    ended = started(tmp_path / "pack", *command, "sh", "-c", keep, "-")
    said, _ = ended.communicate(timeout=300)
    assert ended.returncode == 7
    assert "Traceback" not in said
    assert "No space left on device" in said
    assert "finished shards are kept" in said
    assert "pixels-00005.npy" in said.splitlines()
    assert "partial" not in said
    assert "index.json" not in said.splitlines()


def test_a_read_only_directory_ends_in_one_clear_error(tmp_path):
    ended = started(tmp_path / "pack", *in_a_mount("ro", tmp_path))
    said, _ = ended.communicate(timeout=300)
    assert ended.returncode == 7
    assert said.splitlines()[1:] == [
        f"cannot pack into {tmp_path / 'pack'} (Read-only file system)"
    ]


def test_a_packer_waits_for_another_one_in_the_same_directory(undisturbed, tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    with only_packer(folder):
        waiting = started(folder)
        assert waiting.stdout.readline() == "begun\n"
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.5)
        assert content(folder) == {}
    said, _ = waiting.communicate(timeout=300)
    assert waiting.returncode == 0, said
    assert content(folder) == undisturbed


def test_packing_more_rows_takes_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "SHARD_BYTES", 50 * SIZE * SIZE)

    def peak(n, attempt=0):
        gc.collect()
        records = Records(np.resize(SAMPLE.images, n), np.zeros((n, 1)), ("A",))
        tracemalloc.start()
        try:
            cxrzoo.pack(records, tmp_path / f"{n}-{attempt}", SIZE)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(50)  # what is imported and cached
    few = peak(240)
    # Several tries: threads that other tests left behind allocate too.
    assert any(peak(1200, attempt) - few < 0.02 * 1200 * SIZE * SIZE for attempt in range(1, 6))
