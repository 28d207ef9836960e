"""A server that speaks the OpenAI protocol, as far as chat completions go, and behaves as a test tells it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@dataclass
class LanguageModelServer:
    """`url` is the base URL. `asked` are the bodies it got, `headers` those of the last request."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def says(content: str) -> Behaviour:
    """Answers every question with `content`, as a model's own words."""
    return answers({"choices": [{"message": {"role": "assistant", "content": content}}]})


def answers(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Behaviour:
    """Answers with `body`: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return behave


@contextmanager
def serving(behave: Behaviour) -> Iterator[LanguageModelServer]:
    """The server on a free port of loopback, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            known.headers = dict(self.headers)
            try:
                behave(self, known.asked[-1])
            except OSError:  # the client had enough
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known = LanguageModelServer(url=f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
