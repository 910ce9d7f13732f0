"""From the name of a published model to its description and its tensors, both verified."""

import atexit
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from cxrzoo.directories import is_directory
from cxrzoo.errors import ArtifactNotFoundError, ConfigError, TensorError, either
from cxrzoo.nearest import with_nearest
from cxrzoo.opened import given_path, require_file
from cxrzoo.pretrained.catalog import catalog
from cxrzoo.pretrained.config import ModelConfig, config_from_json
from cxrzoo.pretrained.golden import Golden, golden_bytes, parse_golden
from cxrzoo.pretrained.held import HeldFiles
from cxrzoo.pretrained.hub_address import SCHEME, HubAddress, parse_hub_uri
from cxrzoo.pretrained.hub_integrity import MAX_FILE_BYTES, read_verified, require_within
from cxrzoo.pretrained.tensors import Tensors, parse_tensors, require_bounded, tensor_bytes
from cxrzoo.strict_json import MAX_BYTES, parse_object

CONFIG_FILE: Final = "cxrzoo.json"
TENSORS_FILE: Final = "model.safetensors"
GOLDEN_FILE: Final = "golden.safetensors"
REPORT_FILE: Final = "report.json"
CARD_FILE: Final = "README.md"
_FILES: Final = (CONFIG_FILE, TENSORS_FILE)
KNOWN_FILES: Final = (*_FILES, GOLDEN_FILE, REPORT_FILE, CARD_FILE)
"""What cxrzoo fetches of a published model, and what a catalog entry pins."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A published model that has been found, its description read and checked.

    Attributes:
        uri: what was asked for.
        directory: the folder that holds its files.
        config: what ``cxrzoo.json`` says.
        sha256: the hash of each file by name, which every read is held to; empty for a directory of
            one's own, which nobody pinned.
        commit: the commit that all files are of, if they came from the Hub.
        held: the files of a directory of one's own, opened together with its description: what is read
            later is of the same model, also if another one has taken its place.
    """

    uri: str
    directory: Path
    config: ModelConfig
    sha256: Mapping[str, str]
    commit: str | None = None
    held: HeldFiles | None = field(default=None, repr=False, compare=False)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that belong to it, sorted: the hashed ones, or those of a directory."""
        if self.held is not None:
            return self.held.names
        return tuple(sorted(set(KNOWN_FILES).intersection(self.sha256)))

    def read(self, name: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """Return the bytes of a file, held to its hash where there is one.

        Raises:
            ArtifactNotFoundError: there is no such file.
            IntegrityError: it is larger than ``limit`` or not what was pinned.
        """
        path = self.directory / name
        if self.held is None:
            return read_verified(path, self.sha256.get(name), limit=limit)
        return require_within(path, self._held(name, limit + 1), limit)

    def require_size(self, parameters: int) -> None:
        """Refuse a description of more parameters than the tensors file could hold.

        It costs nothing, and keeps a description of a kilobyte from having a gigabyte built.

        Raises:
            ArtifactNotFoundError: there is no tensors file.
            TensorError: the file is too small by far.
        """
        path = self.directory / TENSORS_FILE
        if self.held is not None:
            size = self.held.size(TENSORS_FILE)
        else:
            size = path.stat().st_size if path.is_file() else None
        if size is not None and size < parameters:
            raise TensorError(
                f"{self.uri}: {TENSORS_FILE} has {size} bytes and is not the file of "
                f"the {parameters:,} parameters that {CONFIG_FILE} describes."
            )

    def tensors(self, shapes: Mapping[str, tuple[int, ...]]) -> Tensors:
        """Read exactly the tensors that ``shapes`` names, as ``float32``."""
        limit = tensor_bytes(shapes)
        if self.held is None:
            raw = self.read(TENSORS_FILE, limit)
            return parse_tensors(raw, shapes, source=f"{self.uri}: {TENSORS_FILE}")
        path = self.directory / TENSORS_FILE
        raw = self._held(TENSORS_FILE, limit + 1)
        require_bounded(path, raw, limit, described="its configuration")
        return parse_tensors(raw, shapes, source=str(path))

    def golden(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> Golden:
        """Read the golden vectors of a model with these shapes (without the batch).

        Raises:
            ArtifactNotFoundError: it was published without.
            IntegrityError: they are not what was pinned.
            TensorError: they are broken, or of another model.
        """
        if GOLDEN_FILE not in self.files:
            raise ArtifactNotFoundError(
                f"{self.uri} has no {GOLDEN_FILE}, so that nothing tells whether it computes what it "
                "should; cxrzoo.save_pretrained writes them."
            )
        return parse_golden(
            self.read(GOLDEN_FILE, golden_bytes(input_shape, output_shape)),
            input_shape=input_shape,
            output_shape=output_shape,
            source=f"{self.uri}: {GOLDEN_FILE}",
        )

    def _held(self, name: str, most: int) -> bytes:
        assert self.held is not None  # noqa: S101 - of a directory of one's own
        try:
            return self.held.read(name, most)
        except FileNotFoundError:
            raise ArtifactNotFoundError(
                f"{self.directory / name} is not there: a cxrzoo model directory holds {name}."
            ) from None


def open_artifact(
    uri: str | Path, *, token: str | None = None, documents: bool = False
) -> Artifact:
    """Find a published model and read its description; its tensors are read later.

    Args:
        uri: a name of the catalog, ``"hf://org/name@revision"``, or a directory that
            :func:`cxrzoo.save_pretrained` wrote.
        token: for private and gated repositories of the Hub.
        documents: fetch its report and its card too, where it has them.

    Raises:
        ArtifactNotFoundError: there is no such model, or one of its files is missing.
        HubError: the Hub refused, or cannot be reached.
        IntegrityError: a file is not what was pinned.
        ConfigError: ``cxrzoo.json`` breaks its format.
    """
    name = str(uri)
    if not name:
        raise ArtifactNotFoundError("uri, or weights, must name a model; got ''.")
    if name in catalog():
        release = catalog()[name]
        if release.repository is None:
            return _verified(name, _embedded(name), release.sha256)
        address = HubAddress(release.repository, release.commit)
        return _fetched(name, address, token, release.sha256, documents=documents)
    if name.startswith(SCHEME):
        return _fetched(name, parse_hub_uri(name), token, None, documents=documents)
    directory = given_path(uri, ArtifactNotFoundError)
    if not is_directory(directory):
        raise ArtifactNotFoundError(
            f"there is no model {with_nearest([name], catalog())}: expected a folder that "
            "cxrzoo.save_pretrained or 'cxrzoo train' wrote, hf://org/name@revision, or one of "
            f"{', '.join(catalog()) or 'no names yet'}."
        )
    path, held = directory / CONFIG_FILE, HeldFiles(directory, KNOWN_FILES)
    if CONFIG_FILE not in held.names:
        require_file(path, ArtifactNotFoundError, _no_config(path))  # what is no file is said
        raise _no_config(path)("")
    config = _config(held.read(CONFIG_FILE, MAX_BYTES + 1), str(path))
    return Artifact(name, directory, config, {}, held=held)


def _no_config(path: Path) -> Callable[[str], ArtifactNotFoundError]:
    text = (
        f"{path} is not there: a cxrzoo model directory holds {CONFIG_FILE}. Write one with "
        + either("cxrzoo.save_pretrained(model, directory).", "'cxrzoo train' or 'cxrzoo pull'.")
    )
    return lambda _: ArtifactNotFoundError(text)


def _config(raw: bytes, source: str) -> ModelConfig:
    return config_from_json(parse_object(raw, source=source, error=ConfigError), source=source)


def _fetched(
    uri: str,
    address: HubAddress,
    token: str | None,
    sha256: Mapping[str, str] | None,
    *,
    documents: bool,
) -> Artifact:
    from cxrzoo.pretrained.hub import fetch  # noqa: PLC0415 - the Hub's client only when the Hub is asked

    optional = (GOLDEN_FILE, *((REPORT_FILE, CARD_FILE) if documents else ()))
    fetched = fetch(address, files=_FILES, optional=optional, token=token, sha256=sha256)
    return _verified(uri, fetched.directory, fetched.sha256, fetched.commit)


def _verified(
    uri: str, directory: Path, sha256: Mapping[str, str], commit: str | None = None
) -> Artifact:
    raw = read_verified(directory / CONFIG_FILE, sha256[CONFIG_FILE], limit=MAX_BYTES)
    return Artifact(uri, directory, _config(raw, f"{uri}: {CONFIG_FILE}"), sha256, commit)


@cache
def _embedded(name: str) -> Path:
    # As files on disk whatever the package was imported from; a zip is unpacked until exit.
    held = ExitStack()
    atexit.register(held.close)
    return held.enter_context(as_file(files("cxrzoo.pretrained") / "embedded" / name))
