"""The project's checks: ``nox`` runs all of them, ``nox --session tests`` the tests on every backend."""

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["tests", "lint", "types", "imports", "docs"]
nox.options.reuse_existing_virtualenvs = True

BACKENDS = ("tensorflow", "jax", "torch")
# The newest PyTorch that has a build without CUDA for every platform that the tests run on.
TORCH = "torch==2.13.0"


@nox.session
@nox.parametrize("backend", BACKENDS)
def tests(session: nox.Session, backend: str) -> None:
    """Runs the whole test suite in one process under one Keras backend."""
    session.install(".[test]", *{"jax": ["jax"], "torch": [TORCH]}.get(backend, []))
    session.run(
        "pytest", *session.posargs, env={"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    )


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


@nox.session
def imports(session: nox.Session) -> None:
    """Checks that imports point one way."""
    session.install("import-linter==2.16", ".")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Builds the site; a warning is an error."""
    session.install(".[docs]")
    session.run("mkdocs", "build", "--strict")
