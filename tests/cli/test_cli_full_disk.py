"""Every command that writes says on one line which file has no room, with status 2, and leaves no half.

Files may not grow beyond a limit (RLIMIT_FSIZE, whose signal is ignored as Python does): the system
refuses the next byte in the middle of a file, as a full disk does. ``/dev/full`` is the standard output.
"""

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from forked import Process

resource = pytest.importorskip("resource")  # not on Windows

PROGRAM = """
import contextlib, io, json, resource, signal, sys
from cxrzoo.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for limit, arguments in json.loads(sys.argv[1]):
    said = io.StringIO()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            main(arguments)
        except SystemExit as end:
            status = end.code
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(json.dumps([status, said.getvalue()]), flush=True)
"""
MODEL = Path(__file__).parents[1] / "earlier" / "files" / "model"
DATA = ["--sample", "--split", "official"]
TINY = ["--image-size", "32", "--recipe", "cnn-test1-a", "--epochs", "1"]


def commands(folder, model, image):
    """By the file that has no room: the most bytes that a file may have, and the command."""
    predict = ["predict", "--engine", "keras", "--model", model, image, "--output"]
    evaluate = ["evaluate", *DATA, "--model", model, "--bootstrap", "0", "--output"]
    pack = ["pack", "--sample", "--image-size", "32", "--output"]
    found = {
        "run/unfinished/best.weights.h5": (
            9000,
            ["train", *DATA, *TINY, "--output", f"{folder}/run"],
        ),
        "evaluated/report.json": (900, [*evaluate, f"{folder}/evaluated"]),
        "scores.csv": (50, [*predict, f"{folder}/scores.csv"]),
        "scores.json": (50, [*predict, f"{folder}/scores.json"]),
        "pack/pixels-00000.npy": (9000, [*pack, f"{folder}/pack"]),
        "pulled": (9000, ["pull", model, f"{folder}/pulled"]),
    }
    if keras.backend.backend() == "tensorflow":
        export = ["export", model, "--format", "tf_saved_model", "--output", f"{folder}/saved"]
        found["saved"] = (9000, export)
    return found


def test_every_command_says_which_file_has_no_room_and_leaves_no_half_of_it(tmp_path, sample_files):
    folder = tmp_path / "out"
    asked = commands(folder, str(MODEL), sample_files[0])
    # It ends well, and by no signal: HDF5 ended the process with SIGSEGV.
    printed = Process(
        # What JAX keeps of compilations for other processes would be cut short as well.
        f"import keras\nif keras.backend.backend() == 'jax':\n    import jax\n"
        f"    jax.config.update('jax_enable_compilation_cache', False)\n{PROGRAM}",
        json.dumps(list(asked.values())),
        folder=tmp_path,
        quiet=True,
    ).finish(timeout=300)
    for name, line in zip(asked, printed.splitlines(), strict=True):
        status, said = json.loads(line)
        assert status == 2, said
        assert said.count("\n") == 1, said
        assert f"{folder / name} " in said
        assert "File too large" in said
        assert not (folder / name).exists()
    assert not [path for path in tmp_path.rglob("*") if "partial" in path.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_an_output_that_has_no_room_is_an_error_on_one_line():
    program = "from cxrzoo.cli import main; main(['--version'])"
    for full in ("stdout", "stderr"):
        with Path("/dev/full").open("wb") as nowhere:
            streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, full: nowhere}
            wrong = program.replace("--version", "--version" if full == "stdout" else "nonsense")
            ended = subprocess.run([sys.executable, "-c", wrong], check=False, text=True, **streams)
        assert ended.returncode == 2, full
        if full == "stdout":
            assert ended.stderr.startswith("error: the output cannot be written (No space left")
            assert ended.stderr.count("\n") == 1
