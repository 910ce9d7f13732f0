"""One exchange over HTTP: read the request, find its route, answer, and go wrong where asked to."""

import contextlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote, urlsplit


@dataclass
class Fault:
    """What goes wrong with the answers to requests whose method and path match."""

    path: str
    method: str = "GET|HEAD|POST|PUT"
    times: int = 1_000_000
    status: int | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    cut_to: int | None = None  # promise everything, send this many bytes, hang up
    stall: float = 0.0
    wait: Callable[[], object] | None = None  # before anything is done


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    token: str | None
    bytes_range: str | None
    storage: bool


class RefusalError(Exception):
    def __init__(self, status: int, code: str | None = None, message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message or code or "refused"


class Exchange(BaseHTTPRequestHandler):
    """A handler whose routes name its methods; the parts of the path are their arguments."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    routes: tuple[tuple[str, str, str], ...] = ()
    faults: list[Fault]
    seen: list[Seen]
    stopping: threading.Event
    storage: bool

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        route = urlsplit(self.path).path
        self.token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        self.seen.append(
            Seen(self.command, route, self.token, self.headers.get("Range"), self.storage)
        )
        self.body = self._read()
        self.fault = self._fault_for(route)
        try:
            self._dispatch(route)
        except RefusalError as refusal:
            headers = {"X-Error-Message": refusal.message}
            if refusal.code:
                headers["X-Error-Code"] = refusal.code
            self.send({"error": refusal.message}, status=refusal.status, headers=headers)

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - http.server's names

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _fault_for(self, route: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.path, route) and self.command in fault.method:
                fault.times -= 1
                return fault
        return None

    def _dispatch(self, route: str) -> None:
        if self.fault and self.fault.wait:
            self.fault.wait()
        if self.fault and self.fault.status:
            raise RefusalError(self.fault.status, message="injected")
        for method, pattern, name in self.routes:
            found = re.fullmatch(pattern, route)
            if found and self.command in method.split("|"):
                parts = {key: unquote(value) for key, value in found.groupdict().items()}
                action: Callable[..., None] = getattr(self, name)
                return action(**parts)
        raise RefusalError(404)

    def send(self, body: object, *, status: int = 200, headers: dict | None = None) -> None:
        fault = self.fault or Fault("")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        raw = raw if fault.body is None else fault.body
        told = {"Content-Length": str(len(raw)), **(headers or {}), **fault.headers}
        if fault.stall:
            self.stopping.wait(fault.stall)
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            for key, value in told.items():
                if value is not None:
                    self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(raw[: fault.cut_to])
        if fault.cut_to is not None or told["Content-Length"] is None:
            self.close_connection = True
