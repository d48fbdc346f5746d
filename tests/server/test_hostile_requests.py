"""Requests that are made to break something: their form, their size, their depth, what comes back of them."""

from __future__ import annotations

import gzip
import re
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.server.server_process import TOKEN, Server, fill, running_with_token
from tests.server.test_server_resilience import eventually

pytestmark = pytest.mark.server

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
ASK = b"query=ASK%20%7B%7D"
MORE = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
TOLD = {"Authorization": f"Bearer {TOKEN}"}
SCRIPT = "\"'><script>alert(1)</script>"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Iterator[Server]:
    """A server of everything, whose memory is measured."""
    store = tmp_path_factory.mktemp("attacked") / "store"
    fill(store, studies)
    with running_with_token(store, workers=2, timeout=5) as server:
        yield server


@pytest.fixture
def attacker(attacked: Server) -> Iterator[httpx.Client]:
    """A client of that server, which has to be as well afterwards as before."""
    with attacked.client() as client:
        yield client
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    assert "Traceback" not in "".join(attacked.log)


def raw(server: Server, data: bytes, wait: float = 5.0) -> bytes:
    """What a server answers to these bytes, until it closes the connection."""
    host, port = server.url.removeprefix("http://").split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(data)
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            return answer
    return answer


def peak(server: Server) -> int:
    """The most memory that the server's own process has had so far, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) // 1024


# --- Form ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 18\r\nContent-Length: 5\r\n",
        b"Content-Length: 18, 5\r\n",
        b"Content-Length: +18\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x12\r\n",
        b"Content-Length: 18\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 18\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\nContent-Length: 18\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"X: a\x00b\r\nContent-Length: 18\r\n",
        b"Host: b\r\nContent-Length: 18\r\n",
    ],
)
@pytest.mark.usefixtures("attacker")
def test_a_request_ends_at_one_place(attacked: Server, head: bytes) -> None:
    request = b"POST /sparql HTTP/1.1\r\nHost: a\r\n" + FORM + head + b"\r\n"
    for body in (ASK, b"12\r\n" + ASK + b"\r\n0\r\n\r\n"):
        answer = raw(attacked, request + body + MORE)
        assert answer.startswith(b"HTTP/1.1 400 ")
        # What follows belongs to nobody.
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"generation" not in answer


@pytest.mark.usefixtures("attacker")
def test_a_body_that_is_not_wanted_is_no_request(attacked: Server) -> None:
    inner = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n1234"
    length = b"Content-Length: %d\r\n\r\n" % len(inner)
    for head in (b"GET /health", b"POST /sparql", b"POST /update", b"POST /nothing", b"PUT /sparql"):
        answer = raw(attacked, head + b" HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n" + length + inner + MORE)
        assert b"trialkg_request_seconds" not in answer
        assert answer.count(b"HTTP/1.1 ") in (1, 2)


@pytest.mark.usefixtures("attacker")
def test_heads_have_a_limit(attacked: Server) -> None:
    for request in (
        b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X%d: y\r\n" % number for number in range(20_000)) + b"\r\n",
        b"GET /health?" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ):
        assert raw(attacked, request)[:13] in (b"HTTP/1.1 400 ", b"")
    chunk = b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"
    assert raw(attacked, b"POST /sparql HTTP/1.1\r\nHost: a\r\n" + FORM + chunk).startswith(b"HTTP/1.1 400 ")


# --- Paths --------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["static", "trial", "queries", "graphs"])
@pytest.mark.usefixtures("attacker")
def test_no_path_leads_to_a_file(attacked: Server, folder: str) -> None:
    up = ("../", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "..\\", "%252e%252e%252f", "..%c0%af", "....//")
    for step in up:
        for end in ("etc/passwd", "templating.py", "CURRENT", "current%00.css"):
            answer = raw(
                attacked, f"GET /{folder}/{step * 6}{end} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
            )
            assert re.match(rb"HTTP/1\.1 40[04] ", answer), answer
            assert b"root:" not in answer
    for path in (f"/{folder}//etc/passwd", f"/{folder}/" + "a" * 5000, f"/{folder}/%ff%fe", f"/{folder}/a%00b"):
        answer = raw(attacked, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        assert re.match(rb"HTTP/1\.1 40[04] ", answer), answer


# --- What comes back ----------------------------------------------------------


def test_nothing_sent_becomes_a_header(attacker: httpx.Client) -> None:
    evil = "x\r\nX-Injected: yes\r\n\r\n<script>"
    answers = [
        attacker.get("/trial", params={"id": f"NCT99999901{evil}"}, follow_redirects=False),
        attacker.get(f"/trial/NCT99999901{quote(evil)}"),
        attacker.get(f"/queries/{quote(evil)}"),
        attacker.get("/sparql", params={"query": "ASK {}", "format": evil}),
        attacker.get("/sparql", params={"query": "ASK {}", "timeout": evil}),
        attacker.get("/sparql", params={"query": evil}),
        attacker.get("/sparql", params={"query": "ASK {}", "default-graph-uri": evil}),
        attacker.get("/queries/sponsor-pipeline", params={"name": evil}),
        attacker.get("/queries/sponsor-pipeline", params={evil: evil}),
        attacker.get("/graphs", params={"graph": f"urn:{evil}"}),
        attacker.post(f"/graphs/{quote(evil)}", headers={**TOLD, "Content-Type": "text/turtle"}, content=b""),
        attacker.post("/validate", params={"format": evil}, content=b""),
        attacker.post("/sparql", headers={"Content-Type": "text/x"}, params={"x": evil}),
    ]
    for answer in answers:
        assert "x-injected" not in answer.headers
        assert answer.status_code < 500
        assert answer.text.count("<script") == 0 or "html" not in answer.headers["content-type"]


def test_a_host_that_is_none_gets_into_nothing(attacked: Server, attacker: httpx.Client) -> None:
    for host in (b'a"<script>', b"a b", b"a/../b?c#d", b"[::1", b"\xff\xfe", b"", b"a:99999", b"a>\\"):
        graph = b"Content-Type: text/turtle\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\nContent-Length: 0\r\n"
        for request in (
            b"GET / HTTP/1.1\r\nAccept: text/html\r\n",
            b"GET /sparql HTTP/1.1\r\nAccept: text/turtle\r\n",
            b"GET /queries?format=html HTTP/1.1\r\n",
            b"POST /graphs HTTP/1.1\r\n" + graph,
        ):
            if request.startswith(b"POST") and host not in (b'a"<script>', b"a b", b"a/../b?c#d"):
                continue
            answer = raw(attacked, request + b"Host: " + host + b"\r\nConnection: close\r\n\r\n")
            assert re.match(rb"HTTP/1\.1 [24]", answer), answer
            assert b"alert" not in answer
            assert b"<script" not in answer
            if location := re.search(rb"\r\n[Ll]ocation: ([^\r]*)", answer):
                assert re.fullmatch(rb"http://[\w.:]+/graphs/[\w-]+", location[1])
                attacker.delete("/graphs/" + location[1].decode().rpartition("/")[2], headers=TOLD)


def test_what_is_sent_is_shown_as_text(attacker: httpx.Client) -> None:
    html = {"Accept": "text/html"}
    asked = f"SELECT (?x AS ?y) {{ BIND({SCRIPT!r} AS ?x) }}"
    for answer in (
        attacker.get("/sparql", params={"query": SCRIPT}, headers=html),
        attacker.get("/sparql", params={"query": asked}, headers=html),
        attacker.get("/sparql", params={"query": "ASK {}", "format": SCRIPT}, headers=html),
        attacker.get("/sparql", params={"query": f"SELECT * {{ SERVICE <urn:{SCRIPT}> {{}} }}"}, headers=html),
        attacker.get(f"/nothing/{quote(SCRIPT)}", headers=html),
        attacker.get(f"/trial/{quote(SCRIPT)}", headers=html),
        attacker.get(f"/queries/{quote(SCRIPT)}", headers=html),
        attacker.get("/queries/sponsor-pipeline", params={"name": SCRIPT}, headers=html),
        attacker.get("/queries/sponsor-pipeline", params={"name": "x", SCRIPT: "y"}, headers=html),
        attacker.get("/graphs", params={"graph": f"urn:{SCRIPT}"}, headers=html),
        attacker.get("/trial", params={"id": SCRIPT}, headers=html),
    ):
        assert answer.headers["content-type"].startswith("text/html")
        assert "<script" not in answer.text.casefold()
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'self'" in answer.headers["content-security-policy"]


# --- Size ---------------------------------------------------------------------


def test_huge_bodies_are_refused_unread(attacked: Server, attacker: httpx.Client) -> None:
    before, started = peak(attacked), time.monotonic()
    kinds = ("application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update")
    for kind in kinds:
        target = "/update" if "update" in kind else "/sparql"
        told = {**TOLD, "Content-Type": kind}
        # Announced as 100 MB: the answer comes without them.
        announced = (
            f"POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: {TOLD['Authorization']}\r\n"
        )
        announced += f"Content-Type: {kind}\r\nContent-Length: {100 * 2**20}\r\n\r\nquery="
        assert raw(attacked, announced.encode()).startswith(b"HTTP/1.1 413 ")
        # Not announced: what comes is counted.
        endless = (b"a" * 65536 for _ in range(1600))
        try:
            assert attacker.post(target, content=endless, headers=told).status_code == 413
        except httpx.TransportError:
            # The connection may break before the answer is read, as the rest is not taken.
            assert attacker.get("/health").status_code == 200
    assert peak(attacked) - before < 60
    assert time.monotonic() - started < 15


def test_compressed_bodies_are_refused_packed(attacked: Server, attacker: httpx.Client) -> None:
    before = peak(attacked)
    plain = b"ASK {}" + b" " * (50 * 2**20)
    for encoding, bomb in (
        ("gzip", gzip.compress(plain, 1)),
        ("deflate", zlib.compress(plain, 1)),
        ("GZIP, gzip", b""),
    ):
        for target, kind in (
            ("/sparql", "application/sparql-query"),
            ("/sparql", "application/x-www-form-urlencoded"),
            ("/update", "application/sparql-update"),
            ("/graphs?graph=urn:x", "text/turtle"),
            ("/validate", "text/turtle"),
        ):
            told = {**TOLD, "Content-Type": kind, "Content-Encoding": encoding}
            assert attacker.post(target, content=bomb, headers=told).status_code == 415
    assert peak(attacked) - before < 30


# --- Depth --------------------------------------------------------------------

DEEP = {
    "brackets": "SELECT * " + "{" * 90_000 + "}" * 90_000,
    "not": "SELECT * { FILTER(" + "!" * 190_000 + "true) }",
    "plus": "SELECT (1" + "+1" * 90_000 + " AS ?x) {}",
    "or": "SELECT * { FILTER(true" + "||true" * 30_000 + ") }",
    "path": "SELECT * { ?s <a>" + "/<a>" * 40_000 + " ?o }",
    "union": "SELECT * { {}" + "UNION{}" * 25_000 + " }",
    "optional": "SELECT * { " + "OPTIONAL{}" * 19_000 + " }",
    "minus": "SELECT * { " + "MINUS{}" * 25_000 + " }",
    "bind": "SELECT * { " + "".join(f"BIND(1 AS ?v{number})" for number in range(9_000)) + " }",
    "reified": "SELECT * { ?s ?p " + "<< <urn:s> <urn:p> " * 9_000 + "1" + " >>" * 9_000 + " }",
    "service": "SELECT * { " + "SERVICE <urn:a> { " * 150 + "}" * 150 + "}",
}


@pytest.mark.parametrize("query", DEEP.values(), ids=DEEP.keys())
def test_what_is_too_deep_is_refused(attacked: Server, attacker: httpx.Client, query: str) -> None:
    answer = attacker.post("/sparql", data={"query": query})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    eventually(lambda: len(attacked.children()) >= 2)


def test_an_update_or_a_graph_that_is_too_deep_is_refused(attacker: httpx.Client) -> None:
    update = "INSERT { ?s <urn:p> ?o } WHERE " + DEEP["not"].partition("* ")[2]
    generation = attacker.get("/health").json()["generation"]
    answer = attacker.post("/update", content=update, headers={**TOLD, "Content-Type": "application/sparql-update"})
    assert answer.status_code == 403
    for kind, graph in (
        ("text/turtle", "<urn:a> <urn:b> " + "[ <urn:b> " * 200_000),
        ("text/turtle", "<urn:a> <urn:b> " + "( " * 50_000),
        ("text/turtle", "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 50_000),
        ("application/ld+json", '{"urn:b":' * 100_000),
        ("application/ld+json", "[" * 1_000_000),
        ("application/rdf+xml", "<a xmlns='urn:'>" * 500_000),
    ):
        answer = attacker.put("/graphs?graph=urn:deep", content=graph, headers={**TOLD, "Content-Type": kind})
        assert answer.status_code in (400, 403), (kind, graph[:40], answer.text)
    assert attacker.get("/health").json()["generation"] == generation
