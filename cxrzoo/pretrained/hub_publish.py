"""A directory of files becomes one commit of a repository on the Hugging Face Hub."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import huggingface_hub
from huggingface_hub import constants, errors

from cxrzoo.errors import ArtifactError, ArtifactNotFoundError, HubError, argument
from cxrzoo.opened import given_path, is_folder, read_file
from cxrzoo.pretrained.hub import hub_errors, hub_name, status_of
from cxrzoo.pretrained.hub_address import HubAddress
from cxrzoo.pretrained.hub_integrity import MAX_FILE_BYTES, git_oid
from cxrzoo.pretrained.source import KNOWN_FILES

MODEL_FILES: Final = (*KNOWN_FILES, "config.json", "metadata.json", "model.weights.h5")
"""The files that make a published model. Only these are ever deleted from a repository."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file of a commit: its name, the SHA-256 of its bytes and how many they are."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: all of it is in one commit.

    Attributes:
        repo_id: ``organisation/name``.
        commit: the commit that holds the files.
        files: the files, sorted by name, with what a catalog entry pins.
    """

    repo_id: str
    commit: str
    files: tuple[PublishedFile, ...]

    @property
    def uri(self) -> str:
        """The address that will always mean these files: ``hf://organisation/name@commit``."""
        return str(HubAddress(self.repo_id, self.commit))


def publish_directory(
    directory: str | Path,
    repo_id: str,
    *,
    token: str | None = None,
    private: bool = False,
    revision: str | None = None,
    tag: str | None = None,
    message: str = "Publish a cxrzoo model",
) -> Published:
    """Publish the files of a directory as one commit; creates the repository if need be.

    The commit names the one it was made on top of, so of two publishers at once one succeeds
    and the other gets a :class:`HubError`: the repository never holds a mixture. The files in the
    commit are compared with those that were read before this returns.

    Taken are the files at the top of the directory but for hidden ones; a folder in it is refused
    unless it is empty. Of what the repository held before, those of :data:`MODEL_FILES` that the
    directory does not have are deleted in the same commit (an old report beside new weights would
    lie); every other file stays.

    The arguments are those of :func:`cxrzoo.push_to_hub`, and the commit's ``message``.

    Raises:
        ArtifactNotFoundError: no such directory, or nothing in it.
        ArtifactError: the directory holds a folder, or a file that is too large.
        HubError: no right to write, another publisher was faster, the tag exists, the repository
            is public, or the Hub cannot be reached.
    """
    address = HubAddress(repo_id, revision)
    if tag is not None:
        HubAddress(repo_id, tag)
    contents = _contents(given_path(directory, ArtifactError))
    with hub_errors(address, "publishing"):
        api = huggingface_hub.HfApi(token=token)
        parent, present = _prepared(api, address, private=private, tag=tag)
        commit = _committed(api, address, contents, parent=parent, present=present, message=message)
        _require_complete(api, address, contents, commit)
    if tag is not None:
        with hub_errors(address, f"commit {commit} is published; tagging it {tag!r}"):
            api.create_tag(repo_id, tag=tag, revision=commit)
    files = tuple(
        PublishedFile(name, hashlib.sha256(raw).hexdigest(), len(raw))
        for name, raw in sorted(contents.items())
    )
    return Published(repo_id, commit, files)


def _contents(directory: Path) -> dict[str, bytes]:
    """Return the bytes by name: what is hashed is what is sent, whatever happens to the files."""
    if not is_folder(directory):
        raise ArtifactNotFoundError(f"{directory} is no directory: expected a saved model.")
    paths = [
        path
        for path in sorted(directory.iterdir())
        # Keras leaves an empty folder for assets beside a saved model.
        if not path.name.startswith(".") and not (path.is_dir() and not any(path.iterdir()))
    ]
    if not paths:
        raise ArtifactNotFoundError(f"{directory} is empty: expected a saved model.")
    for path in paths:
        if not path.is_file():
            raise ArtifactError(
                f"{path} is not a file: a published model is files in one folder. Move it away."
            )
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ArtifactError(
                f"{path} has {path.stat().st_size} bytes: expected at most {MAX_FILE_BYTES}."
            )
    return {path.name: read_file(path, MAX_FILE_BYTES, ArtifactError) for path in paths}


def _prepared(
    api: huggingface_hub.HfApi, address: HubAddress, *, private: bool, tag: str | None
) -> tuple[str | None, set[str]]:
    """Make sure of repository and branch; return the commit to build on and the files in it."""
    # None and not False: an organisation may have decided that its repositories are private.
    api.create_repo(address.repo_id, private=private or None, exist_ok=True)
    if address.revision is not None:
        api.create_branch(address.repo_id, branch=address.revision, exist_ok=True)
    info = api.model_info(
        address.repo_id,
        revision=address.revision or "main",
        timeout=constants.HF_HUB_ETAG_TIMEOUT,
    )
    if private and info.private is False:
        asked = argument("private", value=True)
        raise HubError(
            f"{address.repo_id} exists and is public, {asked} was asked: nothing was sent. Change it "
            f"at {hub_name()}/{address.repo_id}/settings or choose a new name."
        )
    if tag is not None and any(ref.name == tag for ref in api.list_repo_refs(address.repo_id).tags):
        raise HubError(
            f"{address.repo_id} has a tag {tag!r} already: tags do not move. Nothing was sent; "
            "choose another."
        )
    return info.sha, {sibling.rfilename for sibling in info.siblings or ()}


def _committed(
    api: huggingface_hub.HfApi,
    address: HubAddress,
    contents: dict[str, bytes],
    *,
    parent: str | None,
    present: set[str],
    message: str,
) -> str:
    stale = [name for name in MODEL_FILES if name in present and name not in contents]
    operations: list[huggingface_hub.CommitOperation] = []
    operations += [huggingface_hub.CommitOperationAdd(*item) for item in contents.items()]
    operations += [huggingface_hub.CommitOperationDelete(name) for name in stale]
    try:
        info = api.create_commit(
            address.repo_id,
            operations,
            commit_message=message,
            revision=address.revision,
            parent_commit=parent,
        )
    except errors.HfHubHTTPError as error:
        if status_of(error) not in {409, 412}:
            raise
        raise HubError(
            f"someone else committed to {address} meanwhile: nothing of yours is in it. Look at "
            f"{hub_name()}/{address.repo_id}/commits/{address.revision or 'main'} and "
            "publish again if yours should come after."
        ) from error
    return info.oid


def _require_complete(
    api: huggingface_hub.HfApi, address: HubAddress, contents: dict[str, bytes], commit: str
) -> None:
    """Ask what the commit holds: a .gitignore on the Hub drops files without a word."""
    there = {}
    for item in api.get_paths_info(address.repo_id, list(contents), revision=commit):
        if isinstance(item, huggingface_hub.hf_api.RepoFile):
            there[item.path] = item.lfs.sha256 if item.lfs else item.blob_id
    wrong = [
        name
        for name, raw in contents.items()
        if there.get(name) not in {hashlib.sha256(raw).hexdigest(), git_oid(raw)}
    ]
    if wrong:
        raise HubError(
            f"commit {commit} of {address} does not hold {', '.join(wrong)} as sent: do not use "
            "it. If the repository has a .gitignore that names them, remove it and publish again."
        )
