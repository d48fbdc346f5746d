"""An endpoint on the loopback that answers what a test says, however wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from kg.store.remote import RemoteBackend

__all__ = ["JSON", "FakeEndpoint", "fake_endpoint"]

JSON = "application/sparql-results+json"


class FakeEndpoint(ThreadingHTTPServer):
    """Answers what the test says, and remembers what it was asked."""

    daemon_threads = True
    reply: Callable[[BaseHTTPRequestHandler], object]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, list[str]]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"

    def answers(self, data: bytes, media_type: str = JSON, status: int = 200, **headers: str) -> RemoteBackend:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            if media_type:
                handler.send_header("Content-Type", media_type)
            handler.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        return self.does(reply)

    def does(self, reply: Callable[[BaseHTTPRequestHandler], object]) -> RemoteBackend:
        self.reply = reply
        return RemoteBackend(self.url, most=1_000_000)


class Handler(BaseHTTPRequestHandler):
    server: FakeEndpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(parse_qs(body.decode(), keep_blank_values=True))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.reply(self)

    def do_GET(self) -> None:
        self.server.asked.append({"method": ["GET"]})
        self.server.reply(self)

    def log_message(self, *_: object) -> None:
        """No log: what a client breaks off is expected here."""


@contextmanager
def fake_endpoint() -> Iterator[FakeEndpoint]:
    """One that listens."""
    with FakeEndpoint() as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
