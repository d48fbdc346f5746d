"""Calls to other servers: what is connected to, and what is made of answers that are none."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.errors import RemoteError
from kg.federation import AllowedHosts, caller
from kg.federation.answers import read_rows
from kg.federation.caller import Answered, CallFailed, call
from tests.federation.sparql_peer import JSON, Handler, Peer, peer

QUERY = "SELECT * WHERE { ?s ?p ?o }"
EMPTY = b'{"head":{"vars":[]},"results":{"bindings":[]}}'


@pytest.fixture(scope="module")
def shared_peer() -> Iterator[Peer]:
    with peer() as made:
        yield made


@pytest.fixture
def other(shared_peer: Peer) -> Peer:
    """A peer that answers as it should, until a test tells it otherwise."""
    shared_peer.behaviour = shared_peer.answer
    shared_peer.queries.clear()
    shared_peer.headers.clear()
    return shared_peer


def ask(
    other: Peer, iri: str = "", *, hosts: list[str] | None = None, at: list[str] | None = None, seconds: float = 5
) -> Answered:
    async def resolve(_: str, __: int) -> list[str]:
        return at or []

    allowed = AllowedHosts([other.authority] if hosts is None else hosts)
    return asyncio.run(call(allowed, iri or other.url, QUERY, seconds=seconds, most=100_000, resolve=resolve))


def failure(*arguments: object, **options: object) -> str:
    with pytest.raises(CallFailed) as failed:
        ask(*arguments, **options)  # type: ignore[arg-type]
    return f"{failed.value.kind}: {failed.value}"


def test_what_a_server_is_sent(other: Peer) -> None:
    assert ask(other).media_type == JSON
    assert other.queries == [QUERY]
    [headers] = other.headers
    assert headers["Host"] == other.authority
    assert headers["Accept"].startswith("application/sparql-results+json, ")
    assert headers["User-Agent"].startswith("trialkg/")
    assert "Authorization" not in headers
    assert "Cookie" not in headers


def test_a_name_is_connected_to_at_an_address_that_was_checked(other: Peer) -> None:
    port = other.authority.rpartition(":")[2]
    name = f"sparql.test:{port}"
    iri = f"http://{name}/sparql"
    assert failure(other, iri, hosts=[name], at=["127.0.0.1"]).startswith("refused: sparql.test is at an address")
    assert failure(other, iri, hosts=[name], at=[]) == "remote: sparql.test has no address"
    assert not other.queries
    # The address itself is named too; the first one is no longer an obstacle, nor a way to it.
    ask(other, iri, hosts=[name, other.authority], at=["169.254.169.254", "127.0.0.1"])
    assert other.headers[0]["Host"] == name


def test_a_proxy_of_the_environment_is_not_used(other: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    ask(other)
    assert len(other.queries) == 1


def test_redirects_are_followed_on_the_same_host_only(other: Peer) -> None:
    answers = iter(["/elsewhere", "", other.url, other.url, other.url, other.url])

    def move(handler: Handler, query: str) -> None:
        if location := next(answers):
            handler.reply(b"", status=301, Location=location)
        else:
            other.answer(handler, query)

    other.behaviour = move
    ask(other)
    assert other.queries == [QUERY, QUERY]
    assert failure(other) == "remote: 127.0.0.1 redirects more than 3 times"


@pytest.mark.parametrize(
    "location", ["http://localhost:{port}/", "http://[::1]:{port}/", "ftp://127.0.0.1:{port}/", ""]
)
def test_a_redirect_to_another_host_is_not_followed(other: Peer, location: str) -> None:
    with peer() as victim:
        port = victim.authority.rpartition(":")[2]
        to = location.format(port=port) or f"http://127.0.0.1:{port}/"
        other.behaviour = lambda handler, _: handler.reply(b"", status=307, Location=to)
        assert "which is not followed" in failure(other)
        # Also where it could be asked itself, unless it is the same host.
        if location:
            assert "which is not followed" in failure(other, hosts=[other.authority, f"localhost:{port}"])
        assert not victim.queries


def answering(body: bytes, media_type: str = JSON, **headers: Any) -> Callable[[Handler, str], None]:
    return lambda handler, _: handler.reply(body, media_type, **headers)


def half(handler: Handler, _: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(EMPTY)
    handler.close_connection = True


BOMB = gzip.compress(b" " * 50_000_000, 1)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (answering(b" " * 200_000), "large: the answers of other servers have more than 100,000 bytes"),
        (answering(BOMB, Content_Encoding="gzip"), "large: the answers of other servers have more than 100,000 bytes"),
        (answering(b"no gzip", Content_Encoding="gzip"), "remote: 127.0.0.1 answered what is not gzip"),
        (answering(gzip.compress(EMPTY)[:-9], Content_Encoding="gzip"), "remote: the answer of 127.0.0.1 ends early"),
        (answering(EMPTY, Content_Encoding="br"), "remote: 127.0.0.1 answered in the encoding 'br'"),
        (half, "remote: the connection to 127.0.0.1 broke: peer closed connection"),
        (lambda handler, _: handler.wfile.write(b"\x16\x03\x01 nonsense\r\n\r\n"), "remote: the connection to 127.0"),
        (lambda handler, _: handler.reply(b"slow\x1b[2J\ndown", "text/plain", 429), "remote: 127.0.0.1 answered 429: "),
        (lambda handler, _: handler.reply(b"<script>", "text/html", 500), "remote: 127.0.0.1 answered 500"),
        (lambda handler, _: handler.reply(b"", status=504), "late: 127.0.0.1 answered 504"),
    ],
)
def test_answers_that_are_none(other: Peer, behaviour: Callable[[Handler, str], None], said: str) -> None:
    other.behaviour = behaviour
    found = failure(other)
    assert found.startswith(said)
    assert found.isprintable()
    assert "script" not in found


def test_a_raw_deflate_is_told_and_a_zlib_one_read(other: Peer) -> None:
    other.behaviour = answering(zlib.compress(EMPTY), Content_Encoding="deflate")
    assert ask(other).body == EMPTY


def drip_head(handler: Handler, _: str) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(600):
        handler.wfile.write(b"X-%d: y\r\n" % number)
        time.sleep(0.05)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_slow_drip_ends_with_the_time(other: Peer, part: str) -> None:
    other.behaviour = drip_head if part == "head" else other.drip
    started = time.monotonic()
    assert failure(other, seconds=0.3) == "late: 127.0.0.1 gave no whole answer within 0.3 s"
    assert time.monotonic() - started < 2


def test_a_server_that_takes_no_post_is_asked_by_get(other: Peer) -> None:
    def only_get(handler: Handler, query: str) -> None:
        if handler.command == "POST":
            handler.reply(b"", status=405)
        else:
            other.answer(handler, query)

    other.behaviour = only_get
    assert ask(other, other.url + "?lang=en&x=%26").media_type == JSON
    assert other.queries == [QUERY, QUERY]
    other.behaviour = lambda handler, _: handler.reply(b"", status=405)
    assert failure(other) == "remote: 127.0.0.1 answered 405"


def test_nobody_there(other: Peer) -> None:
    assert failure(other, "http://127.0.0.1:9/", hosts=["127.0.0.1:9"]).startswith(
        "remote: 127.0.0.1 cannot be reached"
    )


@pytest.mark.openssl
def test_a_certificate_has_to_be_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key -out cert "
    made += "-subj /CN=sparql.test -addext subjectAltName=DNS:sparql.test"
    subprocess.run(made.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
    caller._certificates.cache_clear()
    try:
        with peer(context) as secure:
            port = secure.authority.rpartition(":")[2]
            hosts = [f"sparql.test:{port}", f"other.test:{port}", secure.authority]
            ask(secure, f"https://sparql.test:{port}/sparql", hosts=hosts, at=["127.0.0.1"])
            for name in ("other.test", "127.0.0.1"):
                said = failure(secure, f"https://{name}:{port}/sparql", hosts=hosts, at=["127.0.0.1"])
                assert "certificate verify failed" in said
            # Not from https to http, though it is the same host.
            secure.behaviour = lambda handler, _: handler.reply(b"", status=301, Location=f"http://sparql.test:{port}/")
            said = failure(secure, f"https://sparql.test:{port}/sparql", hosts=hosts, at=["127.0.0.1"])
            assert "which is not followed" in said
            assert len(secure.queries) == 2
    finally:
        caller._certificates.cache_clear()


def results(binding: bytes) -> bytes:
    return b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":' + binding + b"}]}}"


@pytest.mark.parametrize(
    ("media_type", "data", "said"),
    [
        ("text/html", b"<!doctype html>", "an HTML page"),
        ("", b"{}", "no media type"),
        ("text/csv", b"a\r\n1\r\n", "'text/csv', beginning"),
        ("application/json", b"[]", "is no application/json"),
        ("application/json", b"", "is no application/json"),
        (JSON, EMPTY[:-3], "is no application/sparql-results"),
        (JSON, b'{"head":{},"boolean":true}', "is a boolean"),
        (JSON, results(b'{"type":"uri","value":"not an iri"}'), "Invalid uri value"),
        (JSON, results(b'{"type":"uri","value":5}'), "must be a string"),
        (JSON, results(b'{"type":"bnode","value":"x y"}'), "Invalid bnode"),
        (JSON, results(b'{"type":"literal","value":"x","xml:lang":"!"}'), "Invalid xml:lang"),
        (JSON, results(b'{"type":"triple"' * 2000 + b"}" * 2000), "terms that are triples"),
        ("text/xml", b"<sparql xmlns='http://www.w3.org/2005/sparql-results#'><head/><results>", "is no text/xml"),
        ("application/xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><sparql>&e;</sparql>", "is no"),
    ],
)
def test_what_is_no_result(media_type: str, data: bytes, said: str) -> None:
    with pytest.raises(RemoteError, match=said):
        read_rows(media_type, data, ["a"], "https://example.org/")


def test_variables_that_nobody_asked_for_are_left_out() -> None:
    data = b'{"head":{"vars":["x","a"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:x"}}]}}'
    assert read_rows(JSON, data, ["a", "b"], "") == [(None, None)]


def test_the_old_name_of_a_typed_literal_is_taken() -> None:
    typed = b'{"type":"typed-literal","value":"1","datatype":"http://www.w3.org/2001/XMLSchema#integer"}'
    [[term]] = read_rows(JSON, results(typed), ["a"], "")
    assert term is not None
    assert term.value == "1"
