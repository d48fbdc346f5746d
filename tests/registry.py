"""A registry of invented studies on loopback, which can misbehave on purpose."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Reply = Callable[["Handler", dict[str, str]], bool]
"""Answers a request itself and says True, or leaves it to the registry."""
_SINCE = re.compile(r"AREA\[LastUpdatePostDate\]RANGE\[(.*),MAX\]")


class Registry:
    """What the server knows and saw.

    Attributes:
        studies: records as JSON text, by NCT id, in the order in which they are paged.
        log: the path and parameters of each request for studies.
        replies: asked first, in order, on each request.
        version: the time of the data; no version is answered when empty.
        api_version: the version of the API.
        etags: whether pages have validators.
        packed: whether answers are gzipped.
    """

    def __init__(self) -> None:
        self.url = ""
        self.studies: dict[str, str] = {}
        self.log: list[tuple[str, dict[str, str]]] = []
        self.conditional: list[str] = []
        self.replies: list[Reply] = []
        self.version = ""
        self.api_version: Any = "2.0.5"
        self.etags = False
        self.packed = False

    def add(self, *records: str) -> None:
        """Have these studies; one that is there already is replaced."""
        for record in records:
            identification = json.loads(record)["protocolSection"]["identificationModule"]
            self.studies[identification["nctId"]] = record

    def tokens(self) -> list[str]:
        """The page tokens of the requests so far."""
        return [parameters.get("pageToken", "") for path, parameters in self.log if path == "/studies"]

    def kill_when_asked(self, token: str, *arguments: str) -> None:
        """Run the command line, and kill it while it waits for the page of this token."""
        reached, go_on = Event(), Event()

        def hold(handler: Handler, asked: dict[str, str]) -> bool:
            if asked.get("pageToken") != token:
                return False
            reached.set()
            go_on.wait(60)
            handler.close_connection = True
            return True

        self.replies.append(hold)
        command = [sys.executable, "-m", "kg", *arguments, "--api", self.url, "--interval", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert reached.wait(60)
        process.kill()
        process.wait()
        go_on.set()
        self.replies.remove(hold)

    def page(self, asked: dict[str, str]) -> bytes:
        """The answer to a search."""
        wanted = list(self.studies)
        if "filter.ids" in asked:
            wanted = [one for one in asked["filter.ids"].split(",") if one in self.studies]
        if since := _SINCE.fullmatch(asked.get("filter.advanced", "")):
            wanted = [one for one in wanted if _updated(self.studies[one]) >= since[1]]
        if word := asked.get("query.term"):
            wanted = [one for one in wanted if word in self.studies[one]]
        start, size = int(asked.get("pageToken", "t0")[1:]), int(asked.get("pageSize", "10"))
        parts = [f'"totalCount":{len(wanted)}'] if "countTotal" in asked else []
        parts.append('"studies":[' + ",\n".join(self.studies[one] for one in wanted[start : start + size]) + "]")
        if start + size < len(wanted):
            parts.append(f'"nextPageToken":"t{start + size}"')
        return ("{" + ",".join(parts) + "}").encode()


class Handler(BaseHTTPRequestHandler):
    """Answers as the registry does."""

    protocol_version = "HTTP/1.1"
    registry: Registry

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix("/api/v2")
        registry = self.registry
        if path == "/version":
            body = json.dumps({"apiVersion": registry.api_version, "dataTimestamp": registry.version}).encode()
            self.answer(200, body) if registry.version else self.answer(404)
            return
        registry.log.append((path, asked))
        registry.conditional.append(self.headers.get("If-None-Match", ""))
        if any(reply(self, asked) for reply in registry.replies):
            return
        if path == "/studies":
            self.found(registry.page(asked))
        elif (nct_id := path.rpartition("/")[2]) in registry.studies:
            self.found(registry.studies[nct_id].encode())
        else:
            self.answer(404, b"", "text/plain")

    def found(self, body: bytes) -> None:
        """Answer with JSON, packed and with a validator where the registry does that."""
        etag = f'"{hash(body)}"'
        headers = {"ETag": etag} if self.registry.etags else {}
        if self.registry.etags and self.headers.get("If-None-Match") == etag:
            self.answer(304, headers=headers)
        elif self.registry.packed:
            self.answer(200, gzip.compress(body), headers={**headers, "Content-Encoding": "gzip"})
        else:
            self.answer(200, body, headers=headers)

    def answer(
        self, status: int, body: bytes = b"", kind: str = "application/json", headers: dict[str, Any] | None = None
    ) -> None:
        """Answer with anything."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    """The registry at an address, for as long as the block lasts."""
    handler = type("Handler", (Handler,), {"registry": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        httpd.daemon_threads = True
        thread = Thread(target=httpd.serve_forever)
        thread.start()
        registry.url = f"http://127.0.0.1:{httpd.server_port}"
        try:
            yield registry
        finally:
            httpd.shutdown()
            thread.join()


def _updated(record: str) -> str:
    date: str = json.loads(record)["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"]
    return date
