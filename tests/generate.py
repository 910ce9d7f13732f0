"""Writes the files that list the zoo's public names: ``python tests/generate.py``.

A backbone registers itself; these files follow from the registry, and ``test_generated.py`` holds them
to it: the builders' names that ``import cxrzoo`` knows without Keras, the stubs that type checkers and
the documentation read, and the list of public names in which a reviewer sees what a change adds or takes.
"""

import ast
import importlib
import inspect
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import cxrzoo
from cxrzoo.models import entry, list_models, parameters
from cxrzoo.models.register import ANNOTATIONS

PACKAGE = Path(cxrzoo.__file__).parent
TESTS = Path(__file__).parent
MODELS_PAGE = TESTS.parent / "docs" / "models.md"
NOTE = "Written by tests/generate.py; do not edit."
PACKAGES = (
    "cxrzoo",
    "cxrzoo.artifacts",
    "cxrzoo.data",
    "cxrzoo.errors",
    "cxrzoo.evaluation",
    "cxrzoo.export",
    "cxrzoo.images",
    "cxrzoo.inference",
    "cxrzoo.models",
    "cxrzoo.training",
)
LAZY = (
    "cxrzoo",
    "cxrzoo.data",
    "cxrzoo.evaluation",
    "cxrzoo.images",
    "cxrzoo.inference",
    "cxrzoo.training",
)


def generated() -> dict[Path, str]:
    """Return the content of every generated file by its path."""
    return {
        PACKAGE / "builders.py": builder_names(),
        **{
            PACKAGE.parent / package.replace(".", "/") / "__init__.pyi": package_stub(package)
            for package in LAZY
        },
        PACKAGE / "models" / "__init__.pyi": models_stub(),
        TESTS / "public_names.txt": "\n".join(public_names()) + "\n",
        **({MODELS_PAGE: models_page()} if MODELS_PAGE.exists() else {}),
    }


def builder_names() -> str:
    names = "".join(f'    "{name}",\n' for name in list_models())
    return (
        f'"""Names of the zoo\'s builders. {NOTE}"""\n\nfrom typing import Final\n\n'
        f'__all__ = ["BUILDERS"]\n\nBUILDERS: Final = (\n{names})\n'
    )


def package_stub(package: str) -> str:
    """The names of a package that imports them when they are used."""
    source = ast.parse(Path(importlib.import_module(package).__file__ or "").read_text("utf-8"))
    call = next(
        node
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy_names"
    )
    names = eval(compile(ast.Expression(call.args[1]), "", "eval"), {"BUILDERS": list_models()})  # noqa: S307
    imports = "".join(
        f"from {package}.{home} import {name} as {name}\n"
        for home, found in sorted(names.items())
        for name in sorted(found)
    )
    version = "\n__version__: str\n" if package == "cxrzoo" else ""
    return f'"""What ``{package}`` offers. {NOTE}"""\n\n{imports}{version}'


def models_stub() -> str:
    """The names of cxrzoo.models, each builder with the signature and docstring it has when it runs."""
    source = ast.parse((PACKAGE / "models" / "__init__.py").read_text("utf-8"))
    imports = "".join(
        f"from {node.module} import {alias.name} as {alias.name}\n"
        for node in source.body
        if isinstance(node, ast.ImportFrom) and node.module != "cxrzoo.lazy"
        for alias in node.names
        if node.module != "cxrzoo.models"
    )
    builders = "\n".join(builder_stub(name) for name in list_models())
    return (
        f'"""The zoo\'s models. {NOTE}"""\n\nimport os\nfrom collections.abc import Sequence\n\n'
        f"import keras\n\n{imports}\n{builders}"
    )


def builder_stub(name: str) -> str:
    backbone = entry(name)
    lines = []
    for argument, default in backbone.defaults.items():
        kind = ANNOTATIONS.get(argument) or backbone.kind(argument).annotation
        spelled = f'"{default}"' if isinstance(default, str) else repr(default)
        lines.append(f"    {argument}: {kind} = {'...' if argument == 'labels' else spelled},")
    doc = textwrap.indent(inspect.getdoc(backbone.builder) or "", "    ").strip()
    body = "\n".join(lines)
    return f'def {name}(\n    *,\n{body}\n) -> keras.Model:\n    """{doc}\n    """\n'


def models_page() -> str:
    """The page on models, with the table of builders as the registry has it."""
    start, end = "<!-- builders: written by tests/generate.py -->\n", "<!-- end of builders -->"
    before, _, rest = MODELS_PAGE.read_text("utf-8").partition(start)
    rows = "".join(
        f"| `{one.name}` | {one.summary} | {parameters(one) / 1e6:.1f} million | {one.scaling} |\n"
        for one in map(entry, list_models())
    )
    table = f"| builder | what it is | parameters | pixels are scaled |\n|---|---|---|---|\n{rows}"
    return f"{before}{start}{table}{end}{rest.partition(end)[2]}"


def public_names() -> Iterator[str]:
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


if __name__ == "__main__":
    if (names := builder_names()) != (PACKAGE / "builders.py").read_text("utf-8"):
        (PACKAGE / "builders.py").write_text(names, encoding="utf-8")
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - the package has read the old
    for path, content in generated().items():
        path.write_text(content, encoding="utf-8")
