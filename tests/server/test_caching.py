"""Entity tags, and compression."""

from __future__ import annotations

import gzip
import re
import socket
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from tests.server.server_process import Server, fill, running
from tests.server.test_server_resilience import ENDLESS, POINT

pytestmark = pytest.mark.server

ALL = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
STUDY = "/trial/NCT99999902"


def ask(client: httpx.Client, query: str = POINT, **headers: str) -> httpx.Response:
    return client.get(
        "/sparql", params={"query": query}, headers={name.replace("_", "-"): headers[name] for name in headers}
    )


def started(server: Server) -> float:
    """How many requests have asked for a query process."""
    with server.client() as client:
        found = re.search(
            r'^trialkg_waiting_seconds_count\{process="query"\} (\S+)$', client.get("/metrics").text, re.M
        )
    assert found
    return float(found[1])


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/sparql", {"query": POINT}),
        ("/sparql", {"query": POINT, "format": "html"}),
        ("/sparql", {"query": "CONSTRUCT WHERE { ?s ?p ?o }"}),
        ("/queries/open-warnings", {}),
        (STUDY, {}),
        (STUDY + ".ttl", {}),
    ],
)
def test_who_has_the_answer_gets_304_without_a_query(server: Server, path: str, parameters: dict[str, str]) -> None:
    with server.client() as client:
        whole = client.get(path, params=parameters)
        assert whole.status_code == 200
        before = started(server)
        for method in ("GET", "HEAD"):
            for known in (
                whole.headers["etag"],
                whole.headers["etag"].removeprefix("W/"),
                '"x", ' + whole.headers["etag"],
            ):
                kept = client.request(method, path, params=parameters, headers={"If-None-Match": known})
                assert (kept.status_code, kept.content) == (304, b"")
        for name in ("etag", "vary", "cache-control", "trialkg-generation"):
            assert (
                kept.headers[name].partition(", Accept-Encoding")[0] == whole.headers[name].partition(", Accept-Enc")[0]
            )
        assert started(server) == before


def test_a_tag_depends_on_query_dataset_and_format(client: httpx.Client) -> None:
    def tag(query: str = POINT, accept: str = "*/*", **more: str) -> str:
        return client.get("/sparql", params={"query": query, **more}, headers={"Accept": accept}).headers["etag"]

    tags = [
        tag(),
        tag(POINT + " "),
        tag(accept="text/csv"),
        tag(format="tsv"),
        tag(format="html"),
        tag(**{"default-graph-uri": "urn:x"}),
        tag(**{"named-graph-uri": "urn:x"}),
    ]
    assert len(set(tags)) == len(tags)
    # What makes no difference to the answer makes none to the tag.
    assert tag(timeout="7") == tags[0]
    assert tag(format="csv") == tags[2]
    studies = {
        client.get(f"{STUDY}.{extension}").headers["etag"] for extension in ("ttl", "nt", "jsonld", "rdf", "html")
    }
    assert len(studies) == 5


def test_what_differs_each_time_has_no_tag(client: httpx.Client) -> None:
    for call in ("NOW()", "rand()", "UUID()", "STRUUID()"):
        answer = ask(client, f"SELECT ({call} AS ?x) {{}}")
        assert answer.status_code == 200
        assert "etag" not in answer.headers
    posted = client.post("/sparql", data={"query": POINT}, headers={"If-None-Match": ask(client).headers["etag"]})
    assert (posted.status_code, "etag" in posted.headers) == (200, False)


def test_an_error_has_no_tag_and_a_star_is_not_taken(client: httpx.Client) -> None:
    assert "etag" not in ask(client, "SELECT").headers
    assert "etag" not in client.get("/trial/NCT00000000").headers
    assert ask(client, if_none_match="*").status_code == 200
    assert ask(client, if_none_match="nonsense").status_code == 200
    assert ask(client, "SELECT", if_none_match="*").status_code == 400


def test_a_new_generation_has_other_tags(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    with running(tmp_path / "store", workers=1) as server, server.client() as client:
        old, study = ask(client).headers["etag"], client.get(STUDY).headers["etag"]
        fill(tmp_path / "store", studies)
        answer = ask(client, if_none_match=old)
        assert (answer.status_code, answer.headers["trialkg-generation"]) == (200, "2")
        assert answer.headers["etag"] != old
        assert client.get(STUDY, headers={"If-None-Match": study}).status_code == 200
        assert ask(client, if_none_match=answer.headers["etag"]).status_code == 304


def test_a_store_made_anew_has_other_tags(tmp_path: Path, studies: str) -> None:
    tags = set()
    for name in ("one", "two"):
        fill(tmp_path / name, studies)
        with running(tmp_path / name, workers=1) as server, server.client() as client:
            answer = ask(client)
            assert answer.headers["trialkg-generation"] == "1"
            # The address is part of the query's base, so the same is asked of both.
            tags.add(client.get(STUDY).headers["etag"])
    assert len(tags) == 2


@pytest.mark.parametrize("coding", ["gzip", "zstd", "br"])
@pytest.mark.parametrize("format_", ["json", "xml", "csv", "tsv"])
def test_answers_are_compressed(server: Server, coding: str, format_: str) -> None:
    parameters = {"query": ALL, "format": format_}
    with server.client() as client:
        plain = client.get("/sparql", params=parameters, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        with client.stream("GET", "/sparql", params=parameters, headers={"Accept-Encoding": coding}) as answer:
            packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == coding
    assert {"Accept", "Accept-Encoding"} <= set(answer.headers["vary"].replace(" ", "").split(","))
    assert answer.headers["etag"] == plain.headers["etag"]
    assert len(packed) < len(plain.content) / 2
    opened = {
        "gzip": gzip.decompress,
        "zstd": zstandard.ZstdDecompressor().decompressobj().decompress,
        "br": brotli.decompress,
    }
    assert opened[coding](packed) == plain.content


def test_graphs_and_pages_are_compressed(client: httpx.Client) -> None:
    for extension in ("ttl", "nt", "jsonld", "rdf", "html"):
        answer = client.get(f"/trial/NCT99999901.{extension}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers.get("content-encoding") == "gzip", extension


def test_short_answers_and_clients_that_want_none(client: httpx.Client) -> None:
    assert "content-encoding" not in ask(client, "ASK {}", accept_encoding="gzip").headers
    assert "content-encoding" not in ask(client, ALL, accept_encoding="gzip;q=0").headers


def test_a_long_answer_is_compressed_while_it_is_made(served_store: Path) -> None:
    long = "SELECT * { ?a ?b ?c . ?d ?e ?f } "
    with running(served_store, workers=1, timeout=2) as server, server.client() as client:
        plain = client.get("/sparql", params={"query": long, "format": "tsv"}, headers={"Accept-Encoding": "identity"})
        packed = client.get("/sparql", params={"query": long, "format": "tsv"}, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["transfer-encoding"] == "chunked"
        assert len(plain.content) > 200_000
        assert packed.content == plain.content
        # Broken off, it is no whole answer either.
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/sparql", params={"query": ENDLESS, "format": "csv"}, headers={"Accept-Encoding": "gzip"})


def test_compression_can_be_switched_off(served_store: Path) -> None:
    with running(served_store, workers=1, compression=False) as server, server.client() as client:
        assert "content-encoding" not in ask(client, ALL, accept_encoding="gzip").headers


def test_a_compressed_answer_that_nobody_reads_holds_no_process(served_store: Path) -> None:
    with running(served_store, workers=1, timeout=1) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection, server.client() as client:
            query = str(httpx.QueryParams(query=ENDLESS, format="csv"))
            connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            assert client.get("/sparql", params={"query": POINT}).status_code == 200
