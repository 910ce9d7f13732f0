"""From the name of a published model to its description and its tensors, both verified."""

import atexit
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from cxrzoo.errors import ArtifactNotFoundError
from cxrzoo.nearest import with_nearest
from cxrzoo.store.catalog import Release, catalog
from cxrzoo.store.config import ModelConfig, config_from_json
from cxrzoo.store.hub_address import SCHEME, HubAddress, parse_hub_uri
from cxrzoo.store.hub_integrity import read_verified
from cxrzoo.store.strict_json import load_object, read_object
from cxrzoo.store.tensors import Tensors, load_tensors, parse_tensors

__all__ = ["CONFIG_FILE", "TENSORS_FILE", "Artifact", "open_artifact"]

CONFIG_FILE: Final = "cxrzoo.json"
TENSORS_FILE: Final = "model.safetensors"
_FILES: Final = (CONFIG_FILE, TENSORS_FILE)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A published model that has been found, its description read and checked.

    Attributes:
        uri: what was asked for.
        directory: the folder that holds its files.
        config: what ``cxrzoo.json`` says.
        sha256: the hash of each file by name, which every read is held to; empty for a directory of
            one's own, which nobody pinned.
    """

    uri: str
    directory: Path
    config: ModelConfig
    sha256: Mapping[str, str]

    def tensors(self, shapes: Mapping[str, tuple[int, ...]]) -> Tensors:
        """Reads exactly the tensors that ``shapes`` names, as ``float32``."""
        path = self.directory / TENSORS_FILE
        if TENSORS_FILE not in self.sha256:
            return load_tensors(path, shapes)
        raw = read_verified(path, self.sha256[TENSORS_FILE])
        return parse_tensors(raw, shapes, source=f"{self.uri}: {TENSORS_FILE}")


def open_artifact(uri: str | Path, *, token: str | None = None) -> Artifact:
    """Finds a published model and reads its description; its tensors are read later.

    Args:
        uri: a name of the catalog, ``"hf://org/name@revision"``, or a directory that
            :func:`cxrzoo.save_pretrained` wrote.
        token: for private and gated repositories of the Hub.

    Raises:
        ArtifactNotFoundError: there is no such model, or one of its files is missing.
        HubError: the Hub refused, or cannot be reached.
        IntegrityError: a file is not what was pinned.
        ConfigError: ``cxrzoo.json`` breaks its format.
    """
    name = str(uri)
    if name in catalog():
        return _open_release(catalog()[name], token)
    if name.startswith(SCHEME):
        return _open_hub(name, parse_hub_uri(name), token=token, sha256=None)
    directory = Path(uri).expanduser()
    if not directory.is_dir():
        raise ArtifactNotFoundError(
            f"there is no model {with_nearest([name], catalog())}: expected a folder that "
            "cxrzoo.save_pretrained or 'cxrzoo train' wrote, hf://org/name@revision, or one of "
            f"{', '.join(catalog()) or 'no names yet'}."
        )
    path = directory / CONFIG_FILE
    return Artifact(name, directory, config_from_json(read_object(path), source=str(path)), {})


def _open_release(release: Release, token: str | None) -> Artifact:
    if release.repository is None:
        return _verified(release.name, _embedded(release.name), release.sha256)
    address = HubAddress(release.repository, release.commit)
    return _open_hub(release.name, address, token=token, sha256=release.sha256)


def _open_hub(
    uri: str, address: HubAddress, *, token: str | None, sha256: Mapping[str, str] | None
) -> Artifact:
    from cxrzoo.store.hub import fetch  # noqa: PLC0415 - the Hub's client only when the Hub is asked

    pinned = None if sha256 is None else {name: sha256[name] for name in _FILES}
    fetched = fetch(address, files=_FILES, token=token, sha256=pinned)
    return _verified(uri, fetched.directory, fetched.sha256)


def _verified(uri: str, directory: Path, sha256: Mapping[str, str]) -> Artifact:
    source = f"{uri}: {CONFIG_FILE}"
    raw = read_verified(directory / CONFIG_FILE, sha256[CONFIG_FILE])
    return Artifact(
        uri, directory, config_from_json(load_object(raw, source=source), source=source), sha256
    )


@cache
def _embedded(name: str) -> Path:
    # As files on disk whatever the package was imported from; a zip is unpacked until exit.
    held = ExitStack()
    atexit.register(held.close)
    return held.enter_context(as_file(files("cxrzoo.store") / "embedded" / name))
