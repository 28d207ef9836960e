"""As much of the Hugging Face Hub as a pull needs, on 127.0.0.1."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REVISION = "a" * 40


class Hub:
    """`files` by name; the rest says how this hub misbehaves."""

    def __init__(self) -> None:
        self.repo = "owner/tiny"
        self.files: dict[str, bytes] = {}
        self.lies_about_sha256: set[str] = set()
        self.breaks_off: dict[str, int] = {}  # name: after how many bytes; once
        self.status = 200
        self.token = ""
        self.requests: list[str] = []
        self.ranges: list[str] = []

    def info(self) -> dict[str, Any]:
        return {
            "id": self.repo,
            "modelId": self.repo,
            "sha": REVISION,
            "siblings": [self._sibling(name, data) for name, data in self.files.items()],
        }

    def _sibling(self, name: str, data: bytes) -> dict[str, Any]:
        sibling: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": "b" * 40}
        if name.endswith(".safetensors"):
            sha256 = "0" * 64 if name in self.lies_about_sha256 else hashlib.sha256(data).hexdigest()
            sibling["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
        return sibling


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        hub = self.hub
        path = self.path.partition("?")[0]
        hub.requests.append(f"{self.command} {path}")
        name = path.removeprefix(f"/{hub.repo}/resolve/{REVISION}/")
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self.give(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif hub.status != 200:
            self.give(hub.status, b"{}", {})
        elif path in {f"/api/models/{hub.repo}", f"/api/models/{hub.repo}/revision/{REVISION}"}:
            self.give(200, json.dumps(hub.info()).encode(), {})
        elif path.startswith(f"/api/models/{hub.repo}/"):
            self.give(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif name in hub.files:
            self.give_file(name)
        else:
            self.give(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def give_file(self, name: str) -> None:
        data = self.hub.files[name]
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": REVISION}
        start = 0
        if given := self.headers.get("Range"):
            self.hub.ranges.append(given)
            start = int(given.removeprefix("bytes=").partition("-")[0])
            if start >= len(data):
                self.give(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        break_off = self.hub.breaks_off.pop(name, None) if self.command == "GET" else None
        self.give(206 if start else 200, data[start:], headers, break_off)

    def give(self, status: int, data: bytes, headers: dict[str, str], break_off: int | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data[:break_off])
        self.close_connection = break_off is not None


def serve(hub: Hub) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
