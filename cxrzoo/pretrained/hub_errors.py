"""Whatever the Hub's client raises, as one error that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from huggingface_hub import constants, errors

from cxrzoo.errors import ArtifactError, ArtifactNotFoundError, CxrZooError, HubError
from cxrzoo.pretrained.hub_address import HubAddress

__all__ = ["hub_errors", "status_of"]

_LOGIN: Final = "pass token=, set HF_TOKEN or run 'hf auth login'"

# By the names of errors, since each version of the client has some of them from another library, and by
# HTTP status. The first that fits is taken: gated is a kind of not found.
_ANSWERS: Final = (
    ("GatedRepoError", ("{repo_id} is gated: ask for access at {hub}/{repo_id}, then {login} with an "
      "account that was granted it.")),
    ("RepositoryNotFoundError", ("{hub} shows no model '{repo_id}': check the name; if it is private, "
      "{login} with an account that may read it.")),
    ("RevisionNotFoundError", ("{repo_id} has no revision '{revision}': expected one of the branches, "
      "tags or commits at {hub}/{repo_id}/commits/main.")),
    ("OfflineModeIsEnabled", "{doing} of {address} needs the network: unset HF_HUB_OFFLINE."),
    ("EntryNotFoundError", "{address} lacks a file ({doing}): look at {hub}/{repo_id}/tree/{revision}."),
    ("401", "{hub} did not accept the token ({doing} of {address}): {login}."),
    ("403", ("{hub} forbids it ({doing} of {address}): the token needs that right; see "
      "{hub}/settings/tokens.")),
    ("429", "{hub} asks to slow down ({doing} of {address}): try again in some minutes."),
    ("5xx", "{hub} answered {status} ({doing} of {address}): its fault; try again later."),
    ("status", "{hub} answered {status} ({doing} of {address}): {error}"),
    ("TimeoutException Timeout TimeoutError", ("{hub} did not answer in time ({doing} of {address}): try "
      "again; HF_HUB_ETAG_TIMEOUT and HF_HUB_DOWNLOAD_TIMEOUT (seconds) give it longer.")),
    ("ConnectError ConnectionError", ("{hub} cannot be reached ({doing} of {address}): check the "
      "network, a proxy and HF_ENDPOINT; with HF_HUB_OFFLINE=1 what was fetched before loads from the "
      "cache. ({error})")),
    ("BaseException", "{doing} of {address} failed: {error}. Try again."),
)  # fmt: skip
_ABSENT: Final = {"RepositoryNotFoundError", "RevisionNotFoundError", "EntryNotFoundError"}


@contextmanager
def hub_errors(address: HubAddress, doing: str) -> Iterator[None]:
    """Turn every error of the Hub's client inside the block into an :class:`ArtifactError`.

    Args:
        address: the repository that is talked about.
        doing: what was tried, for the message: ``"fetching model.safetensors"``.

    Raises:
        ArtifactNotFoundError: no such repository, revision or file, or none that may be seen.
        HubError: gated, forbidden, unreachable, too slow or broken.
    """
    try:
        yield
    except CxrZooError:
        raise
    except Exception as error:
        # The client speaks through requests, httpx or httpx2 according to its version, and lets
        # their errors out, which share no ancestor: whatever it raises is the Hub's trouble.
        raise _explained(error, address, doing) from error


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status that an error of the Hub's client carries, or None."""
    response = getattr(error, "response", None)
    return None if response is None else int(response.status_code)


def _explained(error: BaseException, address: HubAddress, doing: str) -> ArtifactError:
    # "Not in the cache" and "error while uploading" say nothing: what lies behind them does.
    while isinstance(error, errors.LocalEntryNotFoundError | RuntimeError) and error.__cause__:
        error = error.__cause__
    status = status_of(error)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if status is not None:
        kinds |= {"status", str(status), f"{status // 100}xx"}
    kind, text = next(item for item in _ANSWERS if kinds & set(item[0].split()))
    return (ArtifactNotFoundError if kind in _ABSENT else HubError)(
        text.format(
            address=address,
            doing=doing,
            error=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
            hub=constants.ENDPOINT,
            login=_LOGIN,
            repo_id=address.repo_id,
            revision=address.revision or "main",
            status=status,
        )
    )
