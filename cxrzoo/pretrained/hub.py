"""Files of a published model from the Hugging Face Hub, all of one commit, each one hashed.

The client's own cache is used, so other programs share it. The Hub is the one ``HF_ENDPOINT``
names; ``HF_HUB_OFFLINE=1`` makes no request; timeouts are the client's (``HF_HUB_ETAG_TIMEOUT``,
``HF_HUB_DOWNLOAD_TIMEOUT``). The client checks sizes; here content is checked, at every load.
"""

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

import huggingface_hub
from huggingface_hub import constants, errors

from cxrzoo.errors import (
    ArtifactError,
    ArtifactNotFoundError,
    CxrZooError,
    HubError,
    IntegrityError,
)
from cxrzoo.files import write_whole
from cxrzoo.pretrained.hub_address import HubAddress, is_commit
from cxrzoo.pretrained.hub_integrity import MAX_FILE_BYTES, verified_sha256
from cxrzoo.text import visible, without_secrets

# What the Hub gives as ETag: a git object id or a SHA-256. The client makes a path of it.
_ETAG: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

# Seconds to wait after the first and the second answer that says the Hub itself is in trouble.
_PAUSES: Final = (0.5, 1.0)

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

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files that lie in the cache and were verified.

    Attributes:
        directory: the folder that holds them.
        commit: the commit that all of them are of.
        sha256: the hash of each file that is there, by name. Files can change on disk after they
            were hashed; :func:`read_verified` with these gives bytes that did not.
    """

    directory: Path
    commit: str
    sha256: Mapping[str, str]


def fetch(
    address: HubAddress,
    *,
    files: Sequence[str],
    optional: Sequence[str] = (),
    token: str | None = None,
    sha256: Mapping[str, str] | None = None,
    cache_dir: str | Path | None = None,
) -> Fetched:
    """Return a folder that holds the wanted files of one commit, each of them hashed.

    A branch or tag is resolved once; every file comes from the commit it names. Files that are
    in the cache are hashed again and make no request, and a commit needs no resolving. A file that
    fails stays where it is, for inspection: nothing is repaired silently.

    Args:
        address: the repository and the revision.
        files: plain names of the files that must be there. Nothing else is downloaded.
        optional: names of files that are taken where the repository has them.
        token: for private and gated repositories; None uses the login that the client knows.
        sha256: the pinned hash by name. With it, every file of ``files`` needs one, and of
            ``optional`` exactly those that have one are fetched.
        cache_dir: the Hub cache; the client's by default.

    Raises:
        ArtifactNotFoundError: no such repository, revision or file, or offline and not cached.
        HubError: gated, forbidden, unreachable, too slow or broken.
        IntegrityError: a file is not what was pinned, or not what the Hub said it was.
    """
    if sha256 is not None:
        if unpinned := [name for name in files if name not in sha256]:
            raise IntegrityError(f"{address} has pinned hashes, but none for {unpinned[0]!r}.")
        files = [*files, *(name for name in optional if name in sha256)]
        optional = ()
    cache = Path(cache_dir or constants.HF_HUB_CACHE).expanduser()
    # https://huggingface.co/docs/huggingface_hub/guides/manage-cache describes this layout.
    storage = cache / f"models--{address.repo_id.replace('/', '--')}"
    commit = _commit(address, files[0], cache, token)
    pinned, found = HubAddress(address.repo_id, commit), {}
    for name in (*files, *optional):
        there = bool(cached := _cached(pinned, name, cache))
        if cached is None or (not there and name in files):
            there = _download(pinned, name, cache, token)
            if name in files and not there:
                raise ArtifactNotFoundError(_missing(address, commit, name))
            if not there and not constants.HF_HUB_OFFLINE:  # offline nobody can know
                _note(storage / ".no_exist" / commit / name, "")
        if there:
            pin = None if sha256 is None else sha256[name]
            found[name] = verified_sha256(storage / "snapshots" / commit / name, pin)
    if address.revision != commit:
        _note(storage / "refs" / (address.revision or "main"), commit)
    return Fetched(storage / "snapshots" / commit, commit, found)


def _cached(address: HubAddress, name: str, cache: Path) -> Path | Literal[False] | None:
    """Return a file of the cache; False if it is known to be absent, None if nothing is known."""
    found = huggingface_hub.try_to_load_from_cache(
        address.repo_id, name, cache_dir=cache, revision=address.revision
    )
    return Path(found) if isinstance(found, str) else None if found is None else False


def _commit(address: HubAddress, name: str, cache: Path, token: str | None) -> str:
    """Return the commit that the address means now; offline, the one that was fetched last."""
    revision = address.revision or "main"
    if is_commit(revision):
        return revision
    if constants.HF_HUB_OFFLINE:
        if cached := _cached(address, name, cache):
            return cached.parent.name
        raise ArtifactNotFoundError(
            f"{address} is not in the cache {cache} and HF_HUB_OFFLINE is set: unset it, "
            "or fetch the model once while online."
        )
    with hub_errors(address, "resolving the revision"):
        info = _patiently(
            lambda: huggingface_hub.HfApi(token=token).model_info(
                address.repo_id, revision=revision, timeout=constants.HF_HUB_ETAG_TIMEOUT
            )
        )
    if info.sha is None or not is_commit(info.sha):
        raise HubError(f"{hub_name()} names no commit for {address}: is it a Hub?")
    return info.sha


def _download(address: HubAddress, name: str, cache: Path, token: str | None) -> bool:
    """Put one file of a commit into the cache; False if the commit has no such file."""
    if constants.HF_HUB_OFFLINE:
        return False
    with hub_errors(address, f"fetching {name}"):
        try:
            metadata = _patiently(
                lambda: huggingface_hub.get_hf_file_metadata(
                    huggingface_hub.hf_hub_url(address.repo_id, name, revision=address.revision),
                    token=token,
                    timeout=constants.HF_HUB_ETAG_TIMEOUT,
                )
            )
        except errors.EntryNotFoundError:
            return False
        # The client would write wherever these two say, so they are read before it acts on them.
        if metadata.commit_hash != address.revision or not _ETAG.fullmatch(metadata.etag or ""):
            raise HubError(
                f"{hub_name()} does not answer as a Hub does for {name} of {address}: "
                f"commit {metadata.commit_hash!r:.80}, ETag {metadata.etag!r:.80}. Check "
                "HF_ENDPOINT and any proxy; nothing was downloaded."
            )
        if (metadata.size or 0) > MAX_FILE_BYTES:
            raise HubError(
                f"{name} of {address} is said to have {metadata.size} bytes, a model's files at "
                f"most {MAX_FILE_BYTES}: it is no cxrzoo model, and was not downloaded."
            )
        path = _patiently(
            lambda: huggingface_hub.hf_hub_download(
                address.repo_id,
                name,
                revision=address.revision,
                token=token,
                cache_dir=cache,
                etag_timeout=constants.HF_HUB_ETAG_TIMEOUT,
            )
        )
        if Path(path).parts[-2:] != (address.revision, name) or not Path(path).is_file():
            raise HubError(f"{hub_name()} gave another commit's {name} for {address}.")
    return True


def _patiently(ask: Callable[[], _Answer]) -> _Answer:
    """Ask again, twice, when the answer is that the Hub itself is in trouble."""
    for pause in _PAUSES:
        try:
            return ask()
        except errors.HfHubHTTPError as error:
            if (status_of(error) or 0) < 500:
                raise
            time.sleep(pause)
    return ask()


def _missing(address: HubAddress, commit: str, name: str) -> str:
    if constants.HF_HUB_OFFLINE:
        return (
            f"{name} of {address} (commit {commit}) is not in the cache and HF_HUB_OFFLINE is set: "
            "unset it, or fetch the model once while online."
        )
    return (
        f"{address} (commit {commit}) has no {name}: it is not a published cxrzoo model, or not a "
        f"whole one. Look at {hub_name()}/{address.repo_id}/tree/{commit}."
    )


def _note(path: Path, text: str) -> None:
    """Note in the cache what the client notes there too; a cache that is read-only stays as it is."""
    with contextlib.suppress(OSError):
        write_whole(path, text)


@contextlib.contextmanager
def hub_errors(address: HubAddress, doing: str) -> Iterator[None]:
    """Turn every error of the Hub's client inside the block into an :class:`ArtifactError`.

    ``doing`` is what was tried, for the message: ``"fetching model.safetensors"``.

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


def hub_name() -> str:
    """Return the address of the Hub that is asked, without a password that it may carry."""
    return without_secrets(str(constants.ENDPOINT))


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
    told = visible(without_secrets(" ".join(str(error).split())))
    kind, text = next(item for item in _ANSWERS if kinds & set(item[0].split()))
    return (ArtifactNotFoundError if kind in _ABSENT else HubError)(
        text.format(
            address=address,
            doing=doing,
            error=f"{type(error).__name__}: {told[:300]}",
            hub=hub_name(),
            login=_LOGIN,
            repo_id=address.repo_id,
            revision=address.revision or "main",
            status=status,
        )
    )
