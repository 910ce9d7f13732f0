"""What other projects may import; a name that comes or goes is to be seen in a change."""

import importlib
import inspect
from pathlib import Path

SNAPSHOT = Path(__file__).parent / "public_names.txt"
PACKAGES = (
    "cxrzoo",
    "cxrzoo.artifacts",
    "cxrzoo.data",
    "cxrzoo.errors",
    "cxrzoo.evaluation",
    "cxrzoo.export",
    "cxrzoo.inference",
    "cxrzoo.models",
    "cxrzoo.training",
)


def public_names():
    """Each name with its parameters' names, one a line."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in sorted(module.__all__):
            thing = getattr(module, name)
            try:
                parameters = f"({', '.join(inspect.signature(thing).parameters)})"
            except (TypeError, ValueError):
                parameters = ""
            yield f"{package}.{name}{parameters}"


def test_the_public_names_and_their_parameters_are_those_on_file():
    found, on_file = list(public_names()), SNAPSHOT.read_text().splitlines()
    added = [line for line in found if line not in on_file]
    gone = [line for line in on_file if line not in found]
    assert found == on_file, (
        f"added: {added}; gone: {gone}. If that is meant, write it into {SNAPSHOT.name} and CHANGELOG.md."
    )
