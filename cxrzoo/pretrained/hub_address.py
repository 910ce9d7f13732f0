"""The address of a model on the Hugging Face Hub: ``hf://organisation/name@revision``."""

import re
from dataclasses import dataclass
from typing import Final

from cxrzoo.errors import ArtifactNotFoundError

SCHEME: Final = "hf://"

_WORD: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_REPO_ID: Final = re.compile(f"{_WORD}/{_WORD}")
_REVISION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,199}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class HubAddress:
    """A model repository and, where it is known, the revision wanted of it.

    Attributes:
        repo_id: ``organisation/name``.
        revision: a branch, a tag or a commit; None is the branch ``main``.

    Raises:
        ArtifactNotFoundError: either cannot be the name of anything on the Hub.
    """

    repo_id: str
    revision: str | None = None

    def __post_init__(self) -> None:
        # Both become parts of paths in the cache: what could climb out of it is refused here.
        if not _REPO_ID.fullmatch(self.repo_id) or _climbs(self.repo_id) or "--" in self.repo_id:
            raise ArtifactNotFoundError(
                f"{self.repo_id!r} is no Hub repository: expected 'organisation/name' of letters, "
                "digits, '-', '_' and '.', such as 'acme/chest-model'."
            )
        if self.revision is not None and (
            not _REVISION.fullmatch(self.revision) or _climbs(self.revision)
        ):
            raise ArtifactNotFoundError(
                f"{self.revision!r} is no revision: expected a branch, a tag or a commit, such as "
                "'main', 'v1.0' or 40 hexadecimal digits."
            )

    def __str__(self) -> str:
        """Return the address as it is written: ``hf://organisation/name@revision``."""
        return f"{SCHEME}{self.repo_id}" + (f"@{self.revision}" if self.revision else "")


def parse_hub_uri(uri: str) -> HubAddress:
    """Return the address that ``hf://organisation/name`` or ``hf://organisation/name@revision`` is.

    Raises:
        ArtifactNotFoundError: the text is no such address.
    """
    if not uri.startswith(SCHEME):
        raise ArtifactNotFoundError(
            f"{uri!r} is no Hub address: expected hf://organisation/name or "
            "hf://organisation/name@revision."
        )
    repo_id, at, revision = uri.removeprefix(SCHEME).partition("@")
    return HubAddress(repo_id, revision if at else None)


def is_commit(revision: str | None) -> bool:
    """Return whether a revision is a whole commit hash, which can never come to mean something else."""
    return revision is not None and _COMMIT.fullmatch(revision) is not None


def _climbs(path: str) -> bool:
    return ".." in path or "//" in path or path.endswith(("/", ".", ".lock"))
