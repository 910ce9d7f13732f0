"""How a data set gets into ``SETS``: one decorator on the function that reads it."""

import inspect
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

from cxrzoo.data.records import Records
from cxrzoo.data.sets.vocabulary import Names, in_order, labels_of, require_spelling
from cxrzoo.data.splits import SplitName
from cxrzoo.errors import DataError, argument, either
from cxrzoo.nearest import with_nearest
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

_Reader = TypeVar("_Reader", bound=Callable[..., Records])


@dataclass(frozen=True)
class Option:
    """What an option of a reader may be."""

    values: tuple[str, ...]
    default: str


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What is known of a public data set."""

    name: str
    """As the command line has it."""
    title: str
    reader: Callable[..., Records]
    names: Names
    """The set's own label names, and what they become."""
    holds: str
    """What its folder must hold, in Markdown."""
    images: int
    """How many are published with labels."""
    patients: int | None = None
    """How many there are, None if that is not published."""
    metadata: tuple[str, ...] = ()
    """The columns that its records have."""
    split: SplitName
    """What it is split by unless told."""
    terms: str
    """What it may be used for."""
    link: str

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that its records may have, in the vocabulary's order."""
        return in_order(label for name in self.names for label in labels_of(self.names, name))

    @property
    def options(self) -> Mapping[str, Option]:
        """What its reader lets one choose, by name; ``missing`` among them where it has that."""
        return {
            name: Option(get_args(one.annotation), one.default)
            for name, one in self._arguments().items()
            if get_origin(one.annotation) is Literal
        }

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Check options of the reader by name and value.

        Raises:
            DataError: the set has no such option, or the option no such value.
        """
        for name, value in options.items():
            if name not in self._arguments():
                there = self._listed() or "none"
                nearest = with_nearest([name], self._arguments())
                raise DataError(f"{self.name} has no option {nearest}; there is {there}")
            if name in self.options and value not in self.options[name].values:
                raise DataError(f"{self.name} takes {self._said(name)}; got {value!r}")

    def _arguments(self) -> dict[str, inspect.Parameter]:
        return dict([*inspect.signature(self.reader).parameters.items()][1:])

    def _listed(self) -> str:
        return ", ".join(map(self._said, self._arguments()))

    def _said(self, name: str) -> str:
        """Return an option with what it may be, for a message."""
        if name not in self.options:
            return argument(name)
        choices = f"{name}={'|'.join(self.options[name].values)}"
        command = choices.replace("=", " ") if name == "missing" else f"dataset-option {choices}"
        return either(choices, f"--{command}")


_SETS: Final[dict[str, DataSet]] = {}

SETS: Final[Mapping[str, DataSet]] = MappingProxyType(_SETS)
"""The data sets by name."""


def register_data_set(name: str, *, names: Names, **known: Any) -> Callable[[_Reader], _Reader]:
    """List what a function reads as a public data set.

    The function's first argument is the folder. What else one may choose has a ``Literal`` type and a
    default; ``missing`` and ``images`` are those of the command line.

    Args:
        name: short, of small letters, digits and hyphens.
        names: the set's own label names, and which labels of the vocabulary each becomes, or None.
        **known: the other fields of :class:`DataSet`.

    Raises:
        DataError: the name is no such name or another set's, or an option has no ``Literal`` type.
        LabelError: a label is spelt otherwise than in the vocabulary.
    """
    check_arguments(register_data_set, locals())
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise DataError(
            f"a data set's name has small letters, digits and hyphens; got {shown(name)}"
        )
    for own in names:
        require_spelling(labels_of(names, own))

    def decorate(reader: _Reader) -> _Reader:
        for option, one in inspect.signature(reader).parameters.items():
            literal = get_origin(one.annotation) is Literal
            if one.kind is one.KEYWORD_ONLY and option != "images" and not literal:
                raise DataError(f"{reader.__name__}: the type of {option} must be a Literal")
        if name in SETS and SETS[name].reader.__module__ != reader.__module__:
            raise DataError(f"{SETS[name].reader.__module__} has the data set {name!r} already")
        _SETS[name] = DataSet(name=name, names=names, reader=reader, **known)
        return reader

    return decorate


def find_set(name: str) -> DataSet:
    """Return what is known of a data set.

    Raises:
        DataError: there is none of this name; the message lists those that there are.
    """
    if name not in SETS:
        raise DataError(
            f"there is no data set {with_nearest([name], SETS)}; there are {', '.join(SETS)}"
        )
    return SETS[name]


def open_set(name: str, root: str | os.PathLike[str], **options: Any) -> Records:
    """Read a public data set by its name.

    Args:
        name: one of ``SETS``.
        root: the set's folder, as :attr:`DataSet.holds` says.
        **options: those of its reader, as :attr:`DataSet.options` lists them.

    Raises:
        DataError: there is no such data set, option or value.
        DataNotFoundError: the folder does not hold the set.
    """
    check_arguments(open_set, locals())
    entry = find_set(name)
    entry.check_options(options)
    return entry.reader(root, **options)
