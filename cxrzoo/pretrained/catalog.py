"""The catalog: named releases, each pinned to a commit (or shipped in the package) and to hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from cxrzoo.pretrained.strict_json import load_object

__all__ = ["Release", "catalog"]


@dataclass(frozen=True, slots=True)
class Release:
    """A named release of weights.

    Attributes:
        name: what ``weights=`` and ``from_pretrained`` take.
        builder: registered name of its builder.
        repository: Hub repository ``org/name``, or None for weights that ship in the package.
        commit: the Hub commit, or None likewise.
        sha256: hash by file name; checked at every load.
        size: bytes of all files.
        data: what it was trained on.
        split: the split, and the part that its figure was measured on.
        macro_auc: macro ROC AUC on that part.
        macro_auc_interval: its 95 % interval, by patients.
        licence: SPDX identifier of the weights' licence.
    """

    name: str
    builder: str
    repository: str | None
    commit: str | None
    sha256: Mapping[str, str]
    size: int
    data: str
    split: str
    macro_auc: float
    macro_auc_interval: tuple[float, float]
    licence: str


@cache
def catalog() -> Mapping[str, Release]:
    """Gives the releases that this version of cxrzoo knows, by name."""
    resource = files("cxrzoo.pretrained") / "catalog.json"
    content = load_object(resource.read_bytes(), source="the package's catalog.json")
    return MappingProxyType({name: _release(name, entry) for name, entry in content.items()})


def _release(name: str, entry: Mapping[str, Any]) -> Release:
    fields = dict(entry)
    low, high = fields.pop("macro_auc_interval")
    hashes = MappingProxyType(fields.pop("sha256"))
    return Release(name=name, sha256=hashes, macro_auc_interval=(low, high), **fields)
