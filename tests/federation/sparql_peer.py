"""A small SPARQL server to be asked by SERVICE, which can also misbehave."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox

__all__ = ["Handler", "Peer", "peer"]

JSON = "application/sparql-results+json"


class Handler(BaseHTTPRequestHandler):
    """One request; the peer decides what is answered."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        # The engine's own client, with which ours is compared, sends the query as the body.
        direct = self.headers["content-type"].startswith("application/sparql-query")
        query = body.decode() if direct else parse_qs(body.decode())["query"][0]
        self._answer(query)

    def _answer(self, query: str) -> None:
        owner: Peer = self.server.peer  # type: ignore[attr-defined]
        owner.queries.append(query)
        owner.headers.append(dict(self.headers.items()))
        try:
            owner.behaviour(self, query)
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer(parse_qs(self.path.partition("?")[2])["query"][0])

    def reply(self, body: bytes, media_type: str = JSON, status: int = 200, **headers: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@dataclass
class Peer:
    """A server and what it was asked."""

    authority: str
    scheme: str
    store: ox.Store
    behaviour: Callable[[Handler, str], None]
    queries: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}/sparql"

    def answer(self, handler: Handler, query: str) -> None:
        """Answer as a server should."""
        body = self._results(query, ox.QueryResultsFormat.JSON)
        handler.reply(body, JSON + ";charset=utf-8")

    def packed(self, handler: Handler, query: str) -> None:
        """The same, in XML and compressed."""
        body = gzip.compress(self._results(query, ox.QueryResultsFormat.XML))
        handler.reply(body, "application/sparql-results+xml", Content_Encoding="gzip")

    def _results(self, query: str, form: ox.QueryResultsFormat) -> bytes:
        # In a function of its own: the engine's objects may be freed by no other thread, so none may be left in the
        # frames of an error.
        results: Any = self.store.query(query)
        written: bytes = results.serialize(format=form)
        return written

    def drip(self, handler: Handler, query: str) -> None:
        """Begin an answer that never ends."""
        assert query
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b" ")
            time.sleep(0.05)


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that leave early, as ours do."""

    def handle_error(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def peer(context: Any = None) -> Iterator[Peer]:
    """A peer on a free port of 127.0.0.1; with a TLS context, by https."""
    httpd = _Quiet(("127.0.0.1", 0), Handler)
    if context:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    made = Peer(f"127.0.0.1:{httpd.server_port}", "https" if context else "http", ox.Store(), lambda *_: None)
    made.behaviour = made.answer
    httpd.peer = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)
