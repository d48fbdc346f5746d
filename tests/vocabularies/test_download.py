"""Vocabulary files from a server that behaves, and from one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from kg.config import Limits
from kg.errors import RemoteError
from kg.vocabularies.readers import download
from kg.vocabularies.readers.download import fetched


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/mesh.nt")
            self.end_headers()
        elif self.path == "/mesh.nt":
            self.answer(b"content", 7)
        elif self.path == "/cut.nt":
            self.answer(b"content", 700)
        elif self.path == "/large.nt":
            self.answer(b"x" * 2000, 2000)
        else:
            self.send_error(404)

    def answer(self, body: bytes, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["mesh.nt", "moved"])
def test_a_file_is_there_for_a_while(server: str, path: str) -> None:
    with fetched(f"{server}/{path}") as file:
        assert file.name == path
        assert file.read_bytes() == b"content"
    assert not file.exists()


def test_failures_are_one_line_and_exit_three(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LIMITS", Limits(vocabulary_bytes=1000))
    for url, problem in (
        (f"{server}/absent", "answers 404"),
        (f"{server}/cut.nt", "cannot be fetched"),
        (f"{server}/large.nt", "more than 1,000 bytes"),
        ("http://127.0.0.1:1/mesh.nt", "cannot be fetched"),
        ("http://[::1/mesh.nt", "is no URL"),
    ):
        with pytest.raises(RemoteError, match=problem) as raised, fetched(url):
            pass
        assert raised.value.exit_code == 3
        assert "\n" not in str(raised.value)
