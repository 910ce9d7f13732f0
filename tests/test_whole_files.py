"""A file is the old one or the whole new one, and what a killed writer left beside it goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cxrzoo.files import write_whole

fcntl = pytest.importorskip("fcntl")  # Windows has no locks that end with the process

WRITER = """
import sys
from pathlib import Path
from cxrzoo import files
with files._opened(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_writer_left_is_deleted_and_what_a_live_one_writes_is_not(tmp_path):
    partial = {who: tmp_path / f".scores [1].csv.{who}.partial" for who in ("killed", "live")}
    other = tmp_path / ".scores.csv.4711.partial"
    other.write_bytes(b"of another file")
    writers = {
        who: subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for who, path in partial.items()
    }
    try:
        for writer in writers.values():
            assert writer.stdout.readline() == b"half\n"
        writers["killed"].send_signal(signal.SIGKILL)
        writers["killed"].wait()
        write_whole(tmp_path / "scores [1].csv", "whole")
        assert {path.name for path in tmp_path.iterdir()} == {
            "scores [1].csv",
            partial["live"].name,
            other.name,
        }
    finally:
        for writer in writers.values():
            writer.kill()
            writer.communicate()


def test_a_file_that_cannot_be_written_is_named_and_the_old_one_stays(tmp_path):
    write_whole(tmp_path / "a" / "old.txt", "old")
    program = (
        "import resource, signal, sys\n"
        "from cxrzoo.files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_whole(sys.argv[1], 'x' * 2000)\n"
        "except OSError as error:\n"
        "    assert error.filename == sys.argv[1], error.filename\n"
        "    print(error.strerror)\n"
    )
    path = str(tmp_path / "a" / "old.txt")
    said = subprocess.check_output([sys.executable, "-c", program, path], text=True)
    assert said == "File too large\n"
    assert Path(path).read_text() == "old"
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["old.txt"]
    for wrong, named in (("a", "a"), ("a/old.txt/new", "a/old.txt")):
        with pytest.raises(OSError, match=r"Is a directory|File exists") as refused:
            write_whole(tmp_path / wrong, "new")
        assert str(refused.value.filename) == str(tmp_path / named)


def test_text_is_utf_8_and_permissions_are_those_of_any_new_file(tmp_path):
    assert write_whole(tmp_path / "text", "Röntgen") == tmp_path / "text"
    assert (tmp_path / "text").read_bytes() == "Röntgen".encode()
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "text").stat().st_mode & 0o777 == 0o666 & ~umask
