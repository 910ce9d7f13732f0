"""The bytes that were pinned, or none."""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from cxrzoo.errors import ArtifactNotFoundError, IntegrityError

__all__ = ["MAX_FILE_BYTES", "git_oid", "read_verified", "verified_sha256"]

MAX_FILE_BYTES: Final = 1 << 30
"""No file of a published model is larger: 1 GiB is fifty times what the largest builder writes."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GIT_OID: Final = re.compile(r"[0-9a-f]{40}")


def read_verified(path: Path, sha256: str | None, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """Reads a file once and gives its bytes if they are the pinned ones, or none are pinned.

    What is parsed afterwards is what was hashed, however the file changes meanwhile.

    Raises:
        ArtifactNotFoundError: there is no such file.
        IntegrityError: the bytes differ from ``sha256``, or are more than ``limit``.
    """
    with _opened(path) as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise _too_large(path, limit)
    if sha256 is not None:
        _require(path, sha256, hashlib.sha256(raw).hexdigest())
    return raw


def verified_sha256(path: Path, pinned: str | None = None) -> str:
    """Hashes a file of the Hub's cache and gives its SHA-256, if it may be used.

    Pinned or not, the content must be what the Hub called it: the cache's links point to blobs
    named by the ETag, which is the SHA-256 of a large file and the git object id of a small one.
    (Where the file system has no links there is no such name, and only ``pinned`` is checked.)

    Raises:
        ArtifactNotFoundError: there is no such file.
        IntegrityError: the content is not ``pinned``, or not what its ETag says, or larger than
            ``MAX_FILE_BYTES``.
    """
    found, oid = _hashes(path)
    if pinned is not None:
        _require(path, pinned, found)
    if path.is_symlink():
        etag = path.readlink().name
        if _SHA256.fullmatch(etag):
            _require(path, etag, found)
        elif _GIT_OID.fullmatch(etag):
            _require(path, etag, oid, kind="git object id")
    return found


def git_oid(raw: bytes) -> str:
    """The id that git, and with it the Hub, gives to these bytes as a file.

    The SHA-1 of the word ``blob``, the length, a zero byte and the content:
    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
    """
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError):
        raise ArtifactNotFoundError(
            f"{path} is not there any more: fetch the model again."
        ) from None


def _hashes(path: Path) -> tuple[str, str]:
    """SHA-256 and git object id of a file, which may be larger than what should be in memory."""
    with _opened(path) as file:
        size = file.seek(0, io.SEEK_END)
        if size > MAX_FILE_BYTES:
            raise _too_large(path, MAX_FILE_BYTES)
        file.seek(0)
        sha256, oid = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
            oid.update(chunk)
    return sha256.hexdigest(), oid.hexdigest()


def _too_large(path: Path, limit: int) -> IntegrityError:
    return IntegrityError(
        f"{path} is larger than {limit} bytes; no such file of a cxrzoo model is. "
        "Nothing was loaded."
    )


def _require(path: Path, expected: str, found: str, *, kind: str = "SHA-256") -> None:
    if found != expected:
        raise IntegrityError(
            f"{path.name} is not the file that was published: expected {kind} {expected}, got "
            f"{found}. Nothing was loaded. If a cache was damaged, delete {path.resolve()} and "
            "fetch again; if it happens again, do not trust this source."
        )
