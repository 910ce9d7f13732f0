"""A Hugging Face Hub on this machine's loopback, small but real: it stores, checks and refuses.

It speaks what huggingface_hub sends when it creates a repository, commits to it, tags, looks and
downloads. Large files go through a second origin, as they do on the Hub (its storage and CDN).
There is no Xet storage here: clients run with ``HF_HUB_DISABLE_XET=1``.
"""

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from loopback_http import Exchange, Fault, RefusalError, Seen
from loopback_repository import LARGE, ConflictError, Entry, Repository

OWNER = "hf_acme"  # the token of the account that owns acme/*
READER = "hf_reader"  # a token of another account


class LoopbackHub:
    """The Hub; ``url`` is what HF_ENDPOINT should be while ``running()``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.tokens: dict[str, str] = {OWNER: "acme", READER: "reader"}
        self.stopping = threading.Event()
        self.url = self.storage_url = ""

    def repository(self, repo_id: str) -> Repository:
        return Repository(self.root / repo_id)

    @contextlib.contextmanager
    def running(self) -> Iterator["LoopbackHub"]:
        shared = {"hub": self, "faults": self.faults, "seen": self.seen, "stopping": self.stopping}
        servers = [
            ThreadingHTTPServer(("127.0.0.1", 0), type(role.__name__, (role,), shared))
            for role in (_Api, _Storage)
        ]
        self.url, self.storage_url = (f"http://127.0.0.1:{s.server_port}" for s in servers)
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            for server in servers
        ]
        for server, thread in zip(servers, threads, strict=True):
            server.daemon_threads = True
            thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            for server, thread in zip(servers, threads, strict=True):
                server.shutdown()
                server.server_close()
                thread.join()


_NAME = r"(?P<repo>[^/]+/[^/]+)"


class _Storage(Exchange):
    """Where the bytes of large files lie: another origin, which knows no tokens."""

    hub: LoopbackHub
    storage = True
    routes = (
        ("GET|HEAD", rf"/{_NAME}/(?P<oid>[0-9a-f]{{64}})", "stored"),
        ("PUT", rf"/{_NAME}/(?P<oid>[0-9a-f]{{64}})", "store"),
    )

    def stored(self, repo: str, oid: str) -> None:
        self.content(self.hub.repository(repo).blob(oid).read_bytes(), {"ETag": f'"{oid}"'})

    def store(self, repo: str, oid: str) -> None:
        if hashlib.sha256(self.body).hexdigest() != oid:
            raise RefusalError(400, message="not the content that was announced")
        self.hub.repository(repo).blob(oid).write_bytes(self.body)
        self.send({})

    def content(self, raw: bytes, headers: dict[str, str]) -> None:
        headers = {**headers, "Accept-Ranges": "bytes"}
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if start is None:
            return self.send(raw, headers=headers)
        first = int(start[1])
        headers["Content-Range"] = f"bytes {first}-{len(raw) - 1}/{len(raw)}"
        return self.send(raw[first:], status=206, headers=headers)


class _Api(_Storage):
    storage = False
    routes = (
        ("GET", r"/api/whoami-v2", "whoami"),
        ("POST", r"/api/repos/create", "create"),
        ("POST", r"/api/validate-yaml", "validate"),
        ("GET", rf"/api/models/{_NAME}", "info"),
        ("GET", rf"/api/models/{_NAME}/revision/(?P<revision>[^/]+)", "info"),
        ("GET", rf"/api/models/{_NAME}/refs", "refs"),
        ("GET", rf"/api/models/{_NAME}/tree/(?P<revision>[^/]+)", "tree"),
        ("POST", rf"/api/models/{_NAME}/paths-info/(?P<revision>[^/]+)", "paths_info"),
        ("POST", rf"/api/models/{_NAME}/preupload/(?P<revision>[^/]+)", "preupload"),
        ("POST", rf"/api/models/{_NAME}/commit/(?P<revision>[^/]+)", "commit"),
        ("POST", rf"/api/models/{_NAME}/branch/(?P<name>[^/]+)", "branch"),
        ("POST", rf"/api/models/{_NAME}/tag/(?P<revision>[^/]+)", "tag"),
        ("POST", rf"/{_NAME}\.git/info/lfs/objects/batch", "lfs_batch"),
        ("POST", rf"/{_NAME}\.git/info/lfs/objects/verify", "lfs_verify"),
        ("GET|HEAD", rf"/{_NAME}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
    )

    # Who may do what.

    def _repository(self, repo_id: str, *, write: bool = False, files: bool = False) -> Repository:
        repository, user = self.hub.repository(repo_id), self.hub.tokens.get(self.token or "")
        if self.token and user is None:
            raise RefusalError(401, message="Invalid credentials in Authorization header")
        owner = user == repo_id.partition("/")[0]
        if not repository.exists or (repository.about.private and not owner):
            raise RefusalError(404 if user else 401, "RepoNotFound", "Repository not found")
        if write and not owner:
            raise RefusalError(403 if user else 401, message="You need the right to write")
        about = repository.about
        if files and about.gated and not owner and user not in about.granted:
            raise RefusalError(
                403 if user else 401, "GatedRepo", "Access to this model is restricted"
            )
        return repository

    def _commit_of(self, repository: Repository, revision: str) -> str:
        commit = repository.resolve(revision)
        if commit is None:
            raise RefusalError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    # The API.

    def whoami(self) -> None:
        user = self.hub.tokens.get(self.token or "")
        if user is None:
            raise RefusalError(401, message="Invalid username or password.")
        self.send({"type": "user", "name": user, "orgs": [], "auth": {"type": "access_token"}})

    def create(self) -> None:
        asked = json.loads(self.body)
        user = self.hub.tokens.get(self.token or "")
        if user is None or asked["organization"] not in (None, user):
            raise RefusalError(403 if user else 401, message="You may not create a model here")
        repo_id = f"{user}/{asked['name']}"
        answer = {"url": f"{self.hub.url}/{repo_id}"}
        private = asked.get("private") or asked.get("visibility") == "private"
        try:
            self.hub.repository(repo_id).create(private=bool(private))
        except FileExistsError:
            self.send({**answer, "error": "You already created this model repo"}, status=409)
        else:
            self.send(answer)

    def validate(self) -> None:
        content = json.loads(self.body)["content"]
        if not content.startswith("---\n"):
            self.send({"errors": [{"message": "no metadata"}], "warnings": []}, status=400)
        else:
            self.send({"errors": [], "warnings": []})

    def info(self, repo: str, revision: str = "main") -> None:
        repository = self._repository(repo)
        commit = self._commit_of(repository, revision)
        files = [{"rfilename": path} for path in repository.entries(commit)]
        about = repository.about
        self.send(
            {"_id": repo, "id": repo, "modelId": repo, "sha": commit, "siblings": files}
            | {"private": about.private, "gated": "auto" if about.gated else False, "tags": []}
        )

    def refs(self, repo: str) -> None:
        repository = self._repository(repo)
        listed = {
            kind: [
                {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit}
                for name, commit in repository.refs(kind).items()
            ]
            for kind in ("heads", "tags")
        }
        self.send({"branches": listed["heads"], "tags": listed["tags"], "converts": []})

    def tree(self, repo: str, revision: str) -> None:
        repository = self._repository(repo)
        entries = repository.entries(self._commit_of(repository, revision))
        self.send([_described(entry) for entry in entries.values()])

    def paths_info(self, repo: str, revision: str) -> None:
        repository = self._repository(repo)
        entries = repository.entries(self._commit_of(repository, revision))
        paths = parse_qs(self.body.decode())["paths"]
        self.send([_described(entries[path]) for path in paths if path in entries])

    def preupload(self, repo: str, revision: str) -> None:
        repository = self._repository(repo, write=True)
        entries = repository.entries(self._commit_of(repository, revision))
        ignore = entries.get(".gitignore")
        ignored = repository.blob(ignore.oid).read_text().split() if ignore else []
        answer = []
        for file in json.loads(self.body)["files"]:
            old = entries.get(file["path"])
            mode = "lfs" if file["path"].endswith(LARGE) else "regular"
            answer.append(
                {"path": file["path"], "uploadMode": mode, "shouldIgnore": file["path"] in ignored}
                | ({"oid": old.oid} if old else {})
            )
        self.send({"files": answer})

    def commit(self, repo: str, revision: str) -> None:
        repository = self._repository(repo, write=True)
        lines = [json.loads(line) for line in self.body.splitlines()]
        try:
            commit = repository.apply(revision, lines)
        except ConflictError as error:
            raise RefusalError(412, message=str(error)) from None
        url = f"{self.hub.url}/{repo}/commit/{commit}"
        self.send({"success": True, "commitOid": commit, "commitUrl": url, "hookOutput": ""})

    def branch(self, repo: str, name: str) -> None:
        repository = self._repository(repo, write=True)
        self._point(repository, "heads", name, repository.resolve("main"))

    def tag(self, repo: str, revision: str) -> None:
        repository = self._repository(repo, write=True)
        commit = self._commit_of(repository, revision)
        self._point(repository, "tags", json.loads(self.body)["tag"], commit)

    def _point(self, repository: Repository, kind: str, name: str, commit: str) -> None:
        try:
            repository.point(kind, name, commit)
        except ConflictError as error:
            raise RefusalError(409, message=str(error)) from None
        self.send({})

    # Files.

    def lfs_batch(self, repo: str) -> None:
        repository = self._repository(repo, write=True)
        objects = []
        for item in json.loads(self.body)["objects"]:
            if not repository.blob(item["oid"]).is_file():
                upload = {"href": f"{self.hub.storage_url}/{repo}/{item['oid']}"}
                verify = {"href": f"{self.hub.url}/{repo}.git/info/lfs/objects/verify"}
                item["actions"] = {"upload": upload, "verify": verify}
            objects.append(item)
        self.send({"transfer": "basic", "objects": objects})

    def lfs_verify(self, repo: str) -> None:
        repository, asked = self._repository(repo, write=True), json.loads(self.body)
        blob = repository.blob(asked["oid"])
        if not blob.is_file() or blob.stat().st_size != asked["size"]:
            raise RefusalError(404, message="the upload did not arrive")
        self.send({})

    def resolve(self, repo: str, revision: str, path: str) -> None:
        repository = self._repository(repo, files=True)
        commit = self._commit_of(repository, revision)
        entry = repository.entries(commit).get(path)
        headers = {"X-Repo-Commit": commit}
        if entry is None:
            raise RefusalError(404, "EntryNotFound", "Entry not found")
        if entry.lfs:
            headers |= {"X-Linked-Etag": f'"{entry.oid}"', "X-Linked-Size": str(entry.size)}
            headers["Location"] = f"{self.hub.storage_url}/{repo}/{entry.oid}"
            self.send(b"", status=302, headers=headers)
        else:
            headers["ETag"] = f'"{entry.oid}"'
            self.content(repository.blob(entry.oid).read_bytes(), headers)


def _described(entry: Entry) -> dict[str, object]:
    lfs = {"oid": entry.oid, "size": entry.size, "pointerSize": 130} if entry.lfs else None
    described = {"type": "file", "path": entry.path, "size": entry.size, "oid": entry.oid}
    return described | ({"lfs": lfs} if lfs else {})
