"""A Hub's repositories on disk: content-addressed blobs, commits, branches and tags.

::

    <root>/<organisation>/<name>/
        about.json          private, gated, who was granted access
        blobs/<oid>         content of small files by git object id, of large ones by SHA-256
        commits/<sha>.json  parent, message, and for each path its blob
        refs/heads/<name>   a branch: the commit it points to
        refs/tags/<name>
"""

import base64
import hashlib
import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

LARGE = (".safetensors", ".h5", ".bin")


class ConflictError(Exception):
    """The parent commit is not the head of the branch, or the name is taken."""


@dataclass(frozen=True)
class Entry:
    path: str
    oid: str
    size: int
    lfs: bool


@dataclass
class About:
    private: bool = False
    gated: bool = False
    granted: list[str] = field(default_factory=list)


def git_oid(raw: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


class Repository:
    _lock = threading.Lock()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def exists(self) -> bool:
        return (self.folder / "about.json").is_file()

    @property
    def about(self) -> About:
        return About(**json.loads((self.folder / "about.json").read_text()))

    @about.setter
    def about(self, about: About) -> None:
        (self.folder / "about.json").write_text(json.dumps(asdict(about)))

    def create(self, *, private: bool = False) -> None:
        attributes = b"".join(b"*%s filter=lfs\n" % kind.encode() for kind in LARGE)
        with self._lock:
            for name in ("blobs", "commits", "refs/heads", "refs/tags"):
                (self.folder / name).mkdir(parents=True)
            self._commit("main", {".gitattributes": self.keep(".gitattributes", attributes)}, None)
            self.about = About(private=private)

    def keep(self, path: str, raw: bytes, *, lfs: bool = False) -> Entry:
        oid = hashlib.sha256(raw).hexdigest() if lfs else git_oid(raw)
        (self.folder / "blobs" / oid).write_bytes(raw)
        return Entry(path, oid, len(raw), lfs)

    def blob(self, oid: str) -> Path:
        return self.folder / "blobs" / oid

    def refs(self, kind: str) -> dict[str, str]:
        folder = self.folder / "refs" / kind
        return {unquote(path.name): path.read_text() for path in sorted(folder.iterdir())}

    def resolve(self, revision: str) -> str | None:
        named = {**self.refs("tags"), **self.refs("heads")}
        known = (self.folder / "commits" / f"{revision}.json").is_file()
        return named.get(revision, revision if known else None)

    def entries(self, commit: str) -> dict[str, Entry]:
        record = json.loads((self.folder / "commits" / f"{commit}.json").read_text())
        return {path: Entry(**entry) for path, entry in record["files"].items()}

    def history(self, revision: str) -> list[str]:
        found, commit = [], self.resolve(revision)
        while commit is not None:
            found.append(commit)
            commit = json.loads((self.folder / "commits" / f"{commit}.json").read_text())["parent"]
        return found

    def point(self, kind: str, name: str, commit: str) -> None:
        with self._lock:
            if name in self.refs(kind):
                raise ConflictError(f"{name} exists")
            (self.folder / "refs" / kind / quote(name, safe="")).write_text(commit)

    def apply(self, branch: str, lines: list[dict]) -> str:
        """Makes one commit of the lines that the client posts, or none at all."""
        with self._lock:
            parent = self.refs("heads")[branch]
            files = self.entries(parent)
            for line in lines:
                value = line["value"]
                match line["key"]:
                    case "header":
                        if value.get("parentCommit") not in (None, parent):
                            raise ConflictError("A commit has happened since. Please refresh.")
                    case "file":
                        raw = base64.b64decode(value["content"])
                        files[value["path"]] = self.keep(value["path"], raw)
                    case "lfsFile":
                        size = self.blob(value["oid"]).stat().st_size
                        files[value["path"]] = Entry(value["path"], value["oid"], size, lfs=True)
                    case "deletedFile":
                        del files[value["path"]]
            return self._commit(branch, files, parent)

    def add(self, path: str, raw: bytes) -> str:
        """Makes a commit on main as somebody else would, in the browser."""
        value = {"path": path, "content": base64.b64encode(raw).decode()}
        return self.apply("main", [{"key": "file", "value": value}])

    def _commit(self, branch: str, files: dict[str, Entry], parent: str | None) -> str:
        record = json.dumps(
            {
                "parent": parent,
                "time": time.time_ns(),
                "files": {path: asdict(entry) for path, entry in files.items()},
            }
        )
        commit = hashlib.sha1(record.encode(), usedforsecurity=False).hexdigest()
        (self.folder / "commits" / f"{commit}.json").write_text(record)
        (self.folder / "refs" / "heads" / quote(branch, safe="")).write_text(commit)
        return commit

    # What no honest Hub does: the same names, other content.

    def alter(self, path: str, raw: bytes, revision: str = "main") -> None:
        """Puts other bytes under the blob's old name, so that its ETag is a lie."""
        self.blob(self.entries(self.resolve(revision))[path].oid).write_bytes(raw)

    def swap(self, path: str, raw: bytes, revision: str = "main") -> None:
        """Puts another file into an old commit, with the ETag that is true of it."""
        commit = self.resolve(revision)
        record = json.loads((self.folder / "commits" / f"{commit}.json").read_text())
        lfs = record["files"][path]["lfs"]
        record["files"][path] = asdict(self.keep(path, raw, lfs=lfs))
        (self.folder / "commits" / f"{commit}.json").write_text(json.dumps(record))
