"""A file is the old one or the whole new one, whoever writes it and whenever one is killed."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cxrzoo import beside
from cxrzoo.beside import name_beside
from cxrzoo.files import whole_file, write_whole

posix = pytest.mark.skipif(
    os.name != "posix", reason="Windows has no locks that end with a process"
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_threads_that_write_one_file_leave_one_of_their_contents_whole(tmp_path):
    path, errors, seen = tmp_path / "state.json", [], set()

    def write(letter):
        try:
            for _ in range(60):
                write_whole(path, letter * 100_000)
        except OSError as error:
            errors.append(error)

    write_whole(path, "z" * 100_000)
    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found = path.read_text()
        seen.add((len(found), len(set(found))))
    assert not errors
    assert seen == {(100_000, 1)}
    assert names(tmp_path) == ["state.json"]


@posix
def test_what_killed_writers_left_is_gone_after_the_next_write_and_a_living_one_is_spared(tmp_path):
    path = tmp_path / "scores.csv"
    hold = (
        "import sys, time\n"
        "from cxrzoo.files import whole_file\n"
        "with whole_file(sys.argv[1]) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    print('in it', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    writers = []
    for _ in range(3):  # at once, so that each has a file of its own
        writer = subprocess.Popen(
            [sys.executable, "-c", hold, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert writer.stdout.readline() == b"in it\n"
        writers.append(writer)
    assert len(names(tmp_path)) == 3
    for writer in (writers[0], writers[2]):
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    write_whole(path, "whole")
    assert path.read_text() == "whole"
    assert len(names(tmp_path)) == 2  # and what the living one writes
    writers[1].communicate(b"")
    assert path.read_text() == "half"
    write_whole(path, "again")
    assert names(tmp_path) == ["scores.csv"]


@posix
def test_where_there_are_no_locks_what_is_a_day_old_is_abandoned(tmp_path, monkeypatch):
    monkeypatch.setattr(beside.fcntl, "flock", lambda *_: (_ for _ in ()).throw(OSError(37, "no")))
    path, left = tmp_path / "a.csv", tmp_path / ".a.csv.partial"
    left.write_text("half")
    write_whole(path, "one")
    assert names(tmp_path) == [".a.csv.partial", "a.csv"]
    os.utime(left, (0, 0))
    write_whole(path, "two")
    assert names(tmp_path) == ["a.csv"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_whole(tmp_path / "a.csv", "old")
    with pytest.raises(RuntimeError, match="stop"), whole_file(path) as file:
        file.write(b"half")
        raise RuntimeError("stop")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert (path.read_text(), names(tmp_path)) == ("old", ["a.csv"])


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_replaced_file_keeps_its_mode_and_a_new_one_has_the_usual_one(tmp_path, mode):
    path, new = write_whole(tmp_path / "old.csv", "1"), tmp_path / "new.csv"
    path.chmod(mode)
    write_whole(path, "2")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    before = os.umask(0o027)
    try:
        write_whole(new, "1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


@posix
def test_a_link_stays_and_a_pipe_is_written_to(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "latest.csv").symlink_to(tmp_path / "elsewhere" / "run1.csv")
    for content in ("first", "second"):  # the link leads nowhere, then to a file
        write_whole(tmp_path / "latest.csv", content)
        assert (tmp_path / "latest.csv").is_symlink()
        assert (tmp_path / "elsewhere" / "run1.csv").read_text() == content
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from cxrzoo.files import write_whole; write_whole('/dev/stdout', 'a')",
        ],
        capture_output=True,
        check=True,
    )
    assert said.stdout == b"a"


@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, "a" * 200, "röntgen.csv"])
def test_the_longest_names_can_be_written(tmp_path, name):
    assert write_whole(tmp_path / name, "x").read_text() == "x"
    assert names(tmp_path) == [name]
    assert len(os.fsencode(name_beside(tmp_path / name))) < 230


@posix
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
