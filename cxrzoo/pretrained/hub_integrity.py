"""The bytes that were pinned, or none."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from cxrzoo.errors import ArtifactNotFoundError, IntegrityError

MAX_FILE_BYTES: Final = 1 << 30
"""No file of a published model is larger: 1 GiB is fifty times what the largest builder writes."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_GIT_OID: Final = re.compile(r"[0-9a-f]{40}")


def read_verified(path: Path, sha256: str | None, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """Read a file once and return its bytes if they are the pinned ones, or none are pinned.

    What is parsed afterwards is what was hashed, however the file changes meanwhile.

    Raises:
        ArtifactNotFoundError: there is no such file.
        IntegrityError: the bytes differ from ``sha256``, or are more than ``limit``.
    """
    with _opened(path) as file:
        # As much as is asked for is set aside, whatever there is.
        raw = file.read(min(limit, os.fstat(file.fileno()).st_size) + 1)
    if len(raw) > limit:
        raise _too_large(path, limit)
    if sha256 is not None:
        _require(path, sha256, hashlib.sha256(raw).hexdigest())
    return raw


def verified_sha256(path: Path, pinned: str | None = None) -> str:
    """Return the SHA-256 of a file of the Hub's cache, if it may be used.

    Pinned or not, the content must be what the Hub called it: the cache's links point to blobs
    named by the ETag, which is the SHA-256 of a large file and the git object id of a small one.
    (Where the file system has no links there is no such name, and only ``pinned`` is checked.)

    Raises:
        ArtifactNotFoundError: there is no such file.
        IntegrityError: the content is not ``pinned``, or not what its ETag says, or larger than
            ``MAX_FILE_BYTES``.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_FILE_BYTES:
            raise _too_large(path, MAX_FILE_BYTES)
        found = hashlib.file_digest(file, "sha256").hexdigest()
        if pinned is not None:
            _require(path, pinned, found)
        etag = path.readlink().name if path.is_symlink() else ""
        if _SHA256.fullmatch(etag):
            _require(path, etag, found)
        elif _GIT_OID.fullmatch(etag):
            file.seek(0)
            oid = hashlib.file_digest(file, lambda: _git_hash(size)).hexdigest()
            _require(path, etag, oid, kind="git object id")
    return found


def git_oid(raw: bytes) -> str:
    """Return the id that git, and with it the Hub, gives to these bytes as a file.

    The SHA-1 of the word ``blob``, the length, a zero byte and the content:
    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
    """
    found = _git_hash(len(raw))
    found.update(raw)
    return found.hexdigest()


def _git_hash(size: int) -> "hashlib._Hash":
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError):
        raise ArtifactNotFoundError(
            f"{path} is not there any more: fetch the model again."
        ) from None


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
