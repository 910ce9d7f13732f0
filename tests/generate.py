"""Writes the files that list the zoo's public names: ``python tests/generate.py``.

Backbones and data sets register themselves; these files follow from the registries, and
``test_generated.py`` holds them to it: the names of builders and readers that ``import cxrzoo`` knows
without Keras, what its builders are (``zoo.json``), the stubs that type checkers and the documentation
read, the tables of the documentation, and the list of public names in which a reviewer sees what a
change adds or takes.
"""

import ast
import functools
import importlib
import inspect
import json
import os
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from zoo_numbers import numbers, zoo_json

import cxrzoo
from cxrzoo import readers
from cxrzoo.data import SETS, DataSet
from cxrzoo.data.sets.vocabulary import labels_of
from cxrzoo.models import entry, list_models

PACKAGE = Path(cxrzoo.__file__).parent
TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
ANNOTATIONS = {
    "labels": "Sequence[str]",
    "weights": "str | os.PathLike[str] | None",
}  # have no kind
NOTE = "Written by tests/generate.py; do not edit."
PACKAGES = (
    "cxrzoo",
    "cxrzoo.artifacts",
    "cxrzoo.data",
    "cxrzoo.errors",
    "cxrzoo.evaluation",
    "cxrzoo.export",
    "cxrzoo.heatmaps",
    "cxrzoo.images",
    "cxrzoo.inference",
    "cxrzoo.models",
    "cxrzoo.training",
)
LAZY = (  # those that cxrzoo.lazy gives a __getattr__, but cxrzoo.models
    "cxrzoo",
    "cxrzoo.convert",
    "cxrzoo.data",
    "cxrzoo.data.packs",
    "cxrzoo.evaluation",
    "cxrzoo.evaluation.experts",
    "cxrzoo.evaluation.report",
    "cxrzoo.evaluation.statistics",
    "cxrzoo.heatmaps",
    "cxrzoo.images",
    "cxrzoo.inference",
    "cxrzoo.pretrained",
    "cxrzoo.training",
    "cxrzoo.training.paper",
)


@functools.cache
def generated() -> dict[Path, str]:
    """Return the content of every generated file by its path."""
    return {
        PACKAGE / "builders.py": builder_names(),
        PACKAGE / "readers.py": reader_names(),
        PACKAGE / "zoo.json": zoo_json(),
        **{
            PACKAGE.parent / package.replace(".", "/") / "__init__.pyi": package_stub(package)
            for package in LAZY
        },
        PACKAGE / "models" / "__init__.pyi": models_stub(),
        TESTS / "public_names.txt": "\n".join(public_names()) + "\n",
        **{
            path: with_tables(path.read_text("utf-8"), tables)
            for page, tables in PAGES.items()
            if (path := DOCS / page).exists()
        },
    }


def builder_names() -> str:
    names = "".join(f'    "{name}",\n' for name in list_models())
    return (
        f'"""Names of the zoo\'s builders. {NOTE}"""\n\nfrom typing import Final\n\n'
        f"BUILDERS: Final = (\n{names})\n"
    )


def reader_names() -> str:
    readers = {
        one.reader.__module__.rpartition(".")[2]: one.reader.__name__ for one in SETS.values()
    }
    names = "".join(f'    "{file}": "{readers[file]}",\n' for file in sorted(readers))
    return (
        f'"""Readers of public data sets by their file. {NOTE}"""\n\nfrom typing import Final\n\n'
        f"READERS: Final = {{\n{names}}}\n"
    )


def package_stub(package: str) -> str:
    """The names and modules of a package that imports them when they are used."""
    version = "\n__version__: str\n" if package == "cxrzoo" else ""
    return f'"""What ``{package}`` offers. {NOTE}"""\n\n{stub_imports(package)}{version}'


def stub_imports(package: str) -> str:
    """What a package imports at once, what ``lazy_names`` finds, and the modules below it."""
    source = ast.parse(Path(importlib.import_module(package).__file__ or "").read_text("utf-8"))
    call = next(
        node
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy_names"
    )
    known = {"BUILDERS": list_models(), "READERS": readers.READERS}
    lazy = eval(compile(ast.Expression(call.args[1]), "", "eval"), known)  # noqa: S307
    public = importlib.import_module(package).__all__
    at_once = [
        (f"{node.module}", alias.name)
        for node in source.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in public
    ]
    later = [(f"{package}.{home}", name) for home, found in lazy.items() for name in found]
    modules = [
        (package, one.name)
        for one in pkgutil.iter_modules(importlib.import_module(package).__path__)
        if not one.name.startswith("_") and one.name not in public
    ]
    return "".join(
        f"from {home} import {name} as {name}\n"
        for home, name in [*sorted(at_once + later), *sorted(modules)]
    )


def models_stub() -> str:
    """The names of cxrzoo.models, each builder with the signature and docstring it has when it runs."""
    builders = "\n".join(builder_stub(name) for name in list_models())
    return (
        f'"""The zoo\'s models. {NOTE}"""\n\nimport os\nfrom collections.abc import Sequence\n\n'
        f"import keras\n\n{stub_imports('cxrzoo.models')}\n{builders}"
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


def with_tables(page: str, tables: dict[str, Callable[[], str]]) -> str:
    """A page with each of its generated tables as the registries have it."""
    for name, table in tables.items():
        start, end = f"<!-- {name}: written by tests/generate.py -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(start)
        page = f"{before}{start}{table()}{end}{rest.partition(end)[2]}"
    return page


def builders_table() -> str:
    head = (
        "| builder | what it is | parameters | multiply-adds | input | last maps | pixels are scaled | "
        "ImageNet weights | reads files of |\n|---|---|---:|---:|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| `{one.name}` | {one.summary} | {one.parameters / 1e6:.1f} million | "
        f"{one.multiply_adds / 1e6:,.0f} million | {sides(one.input_shape)} | "
        f"{sides(one.feature_maps[-1].size)} | {one.scaling} | {one.imagenet or 'no'} | "
        f"{', '.join(one.publishers) or ''} |\n"
        for one in map(numbers, list_models())
    )


def sides(size: tuple[int, ...]) -> str:
    return " x ".join(map(str, size))


SPEEDS = Path(__file__).parents[1] / "benchmarks" / "results" / "backbones.json"
ENGINES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "openvino": "OpenVINO"}


def speeds_table() -> str:
    """How fast each builder is, as ``benchmarks/speed/backbones.py`` found it."""
    found = json.loads(SPEEDS.read_text("utf-8"))["builders"] if SPEEDS.exists() else {}
    works = [("predict", "score", engine) for engine in ENGINES]
    works += [("train", "train", engine) for engine in ENGINES if engine != "openvino"]
    head = "".join(f" {verb}, {ENGINES[engine]} |" for _, verb, engine in works)
    return f"| builder |{head}\n|---|{'---:|' * len(works)}\n" + "".join(
        f"| `{name}` |"
        + "".join(f" {speed(found.get(name, {}), work, engine)} |" for work, _, engine in works)
        + "\n"
        for name in list_models()
    )


def speed(found: dict, work: str, engine: str) -> str:
    value = found.get(work, {}).get(engine)
    return "not measured" if value is None else f"{value:.2g}"


def recipes_table() -> str:
    head = (
        "| recipe | builder | learning rate | weight decay | epochs | batch | pixels | starts from | "
        "figures from |\n|---|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| `{one.recipe}` | `{one.name}` | {own.learning_rate:g} | {own.weight_decay:g} | "
        f"{own.epochs} | {own.batch_size} | {own.image_size} | "
        f"{'ImageNet' if one.imagenet else 'random weights'} | {own.source} |\n"
        for one in map(numbers, list_models())
        if (own := one.fine_tuning) is not None
    )


def sets() -> list[DataSet]:
    return [SETS[name] for name in sorted(SETS)]


def sets_table() -> str:
    head = "| `--dataset` | data set | reader | reads | options, default first | split | `metadata` |\n"
    return f"{head}|---|---|---|---|---|---|---|\n" + "".join(
        f"| `{one.name}` | {one.title} | `{one.reader.__name__}` | {one.holds} | {options(one)} | "
        f"{one.split} | {', '.join(one.metadata)} |\n"
        for one in sets()
    )


def options(one: DataSet) -> str:
    return "; ".join(
        f"`{name}`: "
        + ", ".join(f"`{v}`" for v in sorted(option.values, key=lambda v: v != option.default))
        for name, option in one.options.items()
        if name != "missing"
    )


def terms_table() -> str:
    head = "| data set | labelled images | patients | terms |\n|---|---|---|---|\n"
    return head + "".join(
        f"| [{one.title}]({one.link}) | {one.images:,} | "
        f"{f'{one.patients:,}' if one.patients else ''} | {one.terms} |\n"
        for one in sets()
    )


def labels_table() -> str:
    lines = ["| data set | its name | becomes |", "|---|---|---|"]
    for one in sets():
        becomes: dict[str, list[str]] = {}
        for own in one.names:
            label = " and ".join(labels_of(one.names, own)) or "dropped"
            becomes.setdefault(label, []).append(own)
        lines += [f"| {one.title} | {', '.join(own)} | {label} |" for label, own in becomes.items()]
    return "\n".join(lines) + "\n"


PAGES = {
    "models.md": {"builders": builders_table, "speeds": speeds_table},
    "guides/train.md": {"recipes": recipes_table},
    "datasets.md": {"sets": sets_table, "terms": terms_table, "labels": labels_table},
}


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
    if PACKAGE.parent.resolve() != TESTS.parent.resolve():
        sys.exit(f"cxrzoo was imported from {PACKAGE.parent}: run with PYTHONPATH={TESTS.parent}")
    names = {PACKAGE / "builders.py": builder_names(), PACKAGE / "readers.py": reader_names()}
    if any(content != path.read_text("utf-8") for path, content in names.items()):
        for path, content in names.items():
            path.write_text(content, encoding="utf-8")
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - the package has read the old
    for path, content in generated().items():
        path.write_text(content, encoding="utf-8")
