"""New processes of Python that begin with Keras imported.

Importing Keras and its backend takes three seconds or four, and dozens of tests need a process of their
own. Here one process imports Keras, computes nothing, and is forked for each of them: what is counted,
cached or seeded is as in a process that has just begun. Code that looks at what importing does, or that
gives huggingface_hub an environment, needs a process that imports it all (``run_python``).
"""

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SERVER = """
import json, os, sys, warnings
import keras
for line in sys.stdin:
    asked = json.loads(line)
    if "poll" in asked:
        pid, status = os.waitpid(asked["poll"], os.WNOHANG)
        print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), flush=True)
        continue
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of OpenBLAS's threads, which it ends before a fork
        pid = os.fork()
    if not pid:
        break
    print(pid, flush=True)
else:
    os._exit(0)
os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
for number, path, way in ((0, os.devnull, os.O_RDONLY), (1, asked["said"], os.O_WRONLY | os.O_APPEND),
                          (2, asked["wrong"], os.O_WRONLY | os.O_APPEND)):
    os.dup2(os.open(path, way), number)
sys.argv[1:] = asked["arguments"]
sys.path[1:1] = [path for path in asked["environment"].get("PYTHONPATH", "").split(os.pathsep) if path]
if asked["quiet"]:
    warnings.simplefilter("ignore")
exec(compile(asked["code"], "<code>", "exec"), {"__name__": "__main__"})
"""


@functools.cache
def _server(backend):
    """The process that is forked."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        env={**environment, "KERAS_BACKEND": backend},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)  # it ends when there is nothing more to read
    return server


class Process:
    """A process that runs code; ``poll``, ``kill`` and ``pid`` are as those of ``subprocess.Popen``.

    Args:
        code: what it runs.
        *arguments: what it finds in ``sys.argv[1:]``.
        folder: where it runs.
        importable: whether it finds cxrzoo, where this process has it, and the modules beside this one.
        quiet: whether warnings are ignored.
        **environment: variables beside those of this process.
    """

    def __init__(self, code, *arguments, folder, importable=True, quiet=False, **environment):
        import cxrzoo  # noqa: PLC0415 - a test of what importing it does comes first

        inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if importable:
            found = Path(cxrzoo.__file__).parent.parent, Path(__file__).parent
            inherited["PYTHONPATH"] = os.pathsep.join(map(str, found))
        variables = {"KERAS_BACKEND": "tensorflow", **inherited, **environment}
        printed = Path(tempfile.mkdtemp(prefix="printed-"))  # in a folder that conftest.py deletes
        self._said, self._wrong = printed / "said", printed / "wrong"
        for path in (self._said, self._wrong):
            path.touch()
        self.returncode = None
        if sys.platform == "linux":
            self._popen, self._fork = None, _server(variables["KERAS_BACKEND"])
            self.pid = self._ask(
                code=code,
                arguments=[str(one) for one in arguments],
                folder=str(folder),
                environment=variables,
                quiet=quiet,
                said=str(self._said),
                wrong=str(self._wrong),
            )
        else:  # where a process with libraries in it is not forked safely, or not at all
            words = [*(["-W", "ignore"] if quiet else []), "-c", code, *map(str, arguments)]
            with self._said.open("wb") as said, self._wrong.open("wb") as wrong:
                self._popen = subprocess.Popen(
                    [sys.executable, *words],
                    cwd=folder,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=wrong,
                )
            self.pid = self._popen.pid

    def _ask(self, **asked):
        print(json.dumps(asked), file=self._fork.stdin, flush=True)
        return json.loads(self._fork.stdout.readline())

    def poll(self):
        if self.returncode is None:
            self.returncode = self._popen.poll() if self._popen else self._ask(poll=self.pid)
        return self.returncode

    def kill(self):
        if self.poll() is None:
            self._popen.kill() if self._popen else os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self, timeout=120):
        """Wait for the end, and give what it printed."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                self.kill()
                raise TimeoutError(f"it ran for more than {timeout} s: {self.wrong}")
            time.sleep(0.005)
        return self.said

    def finish(self, timeout=120):
        """Wait for the end, which must be a good one, and give what it printed."""
        self.wait(timeout)
        assert self.returncode == 0, self.said + self.wrong
        return self.said

    @property
    def said(self):
        return self._said.read_text("utf-8")

    @property
    def wrong(self):
        return self._wrong.read_text("utf-8")
