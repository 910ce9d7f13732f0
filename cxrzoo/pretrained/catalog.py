"""The catalog: named releases, each pinned to a commit (or shipped in the package) and to hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from cxrzoo.errors import ConfigError
from cxrzoo.strict_json import from_plain, parse_object

_SOURCE: Final = "the package's catalog.json"


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", MappingProxyType(dict(self.sha256)))


@cache
def catalog() -> Mapping[str, Release]:
    """Return the releases that this version of cxrzoo knows, by name."""
    raw = (files("cxrzoo.pretrained") / "catalog.json").read_bytes()
    content = parse_object(raw, source=_SOURCE, error=ConfigError)
    return MappingProxyType({name: release(name, entry) for name, entry in content.items()})


def release(name: str, entry: Mapping[str, Any]) -> Release:
    """Return the release that an entry of the catalog describes.

    Raises:
        ConfigError: it is no such entry.
    """
    return from_plain(Release, {"name": name, **entry}, source=_SOURCE, error=ConfigError)
