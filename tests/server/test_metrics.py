"""/metrics, and the counting behind it."""

from __future__ import annotations

import os
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg.server.rows import RowCounter
from tests.server.server_process import Server, damage, fill, running
from tests.server.test_server_resilience import ENDLESS, POINT, RUNAWAY, busy, eventually

PREFIX = "trialkg_"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def measured(server: Server) -> Samples:
    with server.client() as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((PREFIX + name, frozenset(labels.items())), 0.0)


pytestmark = pytest.mark.server


def test_what_is_measured(served_store: Path) -> None:
    with running(served_store, workers=2) as server, server.client() as client:
        for _ in range(3):
            client.get("/sparql", params={"query": POINT})
        client.get("/sparql", params={"query": "SELECT"})
        rows = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 7", "format": "csv"})
        client.get("/trial/NCT99999902")
        client.get("/nothing/here")
        client.post("/validate", content=b"", headers={"Content-Type": "text/turtle"})
        client.post("/validate", content=b"nonsense", headers={"Content-Type": "text/turtle"})
        found = measured(server)
        health = client.get("/health").json()
    assert value(found, "request_seconds_count", route="/sparql", status="200") == 4
    assert value(found, "request_seconds_count", route="/sparql", status="400") == 1
    assert value(found, "request_seconds_count", route="/trial/{name}", status="200") == 1
    assert value(found, "request_seconds_count", route="other", status="404") == 1
    assert value(found, "waiting_seconds_count", process="query") == 5
    assert value(found, "waiting_seconds_count", process="validation") == 2
    assert value(found, "validations_total", outcome="report") == 1
    assert value(found, "validations_total", outcome="refused") == 1
    assert value(found, "rows_total") == 3 + 7
    assert value(found, "sent_bytes_total") > len(rows.content)
    assert value(found, "processes_alive", process="query") == 2
    assert value(found, "processes_busy", process="query") == 0
    assert value(found, "requests_waiting", process="query") == 0
    assert value(found, "store_readable") == 1
    assert value(found, "generation") == health["generation"] == 1
    assert value(found, "statements") == health["triples"]
    assert value(found, "studies") == health["studies"]
    assert value(found, "info", version=health["version"]) == 1
    assert value(found, "kills_total", process="query", reason="deadline") == 0
    if os.path.exists("/proc/self/stat"):
        assert found["process_resident_memory_bytes", frozenset()] > 0


def test_kills_are_counted_by_their_reason(served_store: Path) -> None:
    with running(served_store, workers=1) as server, server.client() as client, ThreadPoolExecutor(1) as other:
        client.get("/sparql", params={"query": RUNAWAY, "timeout": "0.1"})
        # Answered by the process that took the place of that one.
        client.get("/sparql", params={"query": POINT})
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?query={RUNAWAY.replace(' ', '+')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            eventually(lambda: busy(server) == 1)
        eventually(lambda: busy(server) == 0)
        assert client.head("/sparql", params={"query": ENDLESS, "format": "csv"}).status_code == 200
        client.get("/sparql", params={"query": POINT})
        asking = other.submit(client.get, "/sparql", params={"query": RUNAWAY})
        eventually(lambda: busy(server) == 1)
        for process in server.children():
            os.kill(process, signal.SIGKILL)
        assert asking.result(15).status_code == 503
        found = measured(server)
        for reason in ("deadline", "client", "unneeded", "outside"):
            assert value(found, "kills_total", process="query", reason=reason) == 1, reason
        assert value(found, "request_seconds_count", route="/sparql", status="504") == 1


def test_an_answer_broken_off_is_counted(served_store: Path) -> None:
    with running(served_store, workers=1, timeout=1) as server, server.client() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/sparql", params={"query": ENDLESS, "format": "csv"})
        found = measured(server)
        assert value(found, "cut_answers_total") == 1
        assert value(found, "kills_total", process="query", reason="deadline") == 1
        assert value(found, "rows_total") > 1000


def test_labels_have_few_values(served_store: Path) -> None:
    """Nothing that a client writes becomes a label."""
    with running(served_store) as server, server.client() as client:
        before = measured(server)
        for number in range(30):
            client.get(f"/trial/NCT{number:08}")
            client.get(f"/queries/none-{number}")
            client.get(f"/static/{number}.css")
            client.get(f"/{number}/x")
            client.request(f"M{number}", f"/sparql?query={number}")
        added = {(name, labels) for name, labels in measured(server).keys() - before.keys() if name.endswith("_count")}
    assert {dict(labels)["route"] for _, labels in added} <= {
        "/metrics", "/trial/{name}", "/queries/{name}", "/static", "/sparql", "other"
    }  # fmt: skip
    assert len(added) <= 8


def test_metrics_can_be_switched_off(served_store: Path) -> None:
    with running(served_store, metrics=False) as server, server.client() as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/health").status_code == 200


def test_a_store_that_cannot_be_read_is_measured_too(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    with running(tmp_path / "store", workers=1) as server:
        assert value(measured(server), "store_readable") == 1
        fill(tmp_path / "store", studies)
        damage(tmp_path / "store")
        assert value(measured(server), "store_readable") == 0


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("media_type", "format_"),
    [
        ("application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("text/csv", ox.QueryResultsFormat.CSV),
        ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
    ],
)
def test_rows_are_counted_as_they_go_by(media_type: str, format_: ox.QueryResultsFormat, size: int) -> None:
    odd = [
        'a"b',
        "line\nline",
        "x\r\ny",
        '{"a":{"type":',
        "<result>",
        '"',
        "",
        "{",
        "\\",
        "},{",
        ",",
        "a,{",
        "[{",
        ',{"a',
        '[{"a',
    ]
    rows = " ".join(f"({ox.Literal(text)} {number})" for number, text in enumerate(odd))
    solutions = ox.Store().query(f"SELECT * {{ VALUES (?text ?n) {{ {rows} }} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    written = solutions.serialize(format=format_)
    assert isinstance(written, bytes)
    counter = RowCounter(media_type)
    for start in range(0, len(written), size):
        counter.add(written[start : start + size])
    assert counter.rows == len(odd)


def test_rows_are_counted_whose_first_value_is_missing() -> None:
    counter = RowCounter("application/sparql-results+json")
    solutions = ox.Store().query("SELECT * { VALUES (?a ?b) { (UNDEF 1) (UNDEF UNDEF) (2 UNDEF) (3 4) } }")
    assert isinstance(solutions, ox.QuerySolutions)
    counter.add(solutions.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    assert counter.rows == 3


def test_rows_of_other_formats_are_not_guessed() -> None:
    counter = RowCounter("text/turtle")
    counter.add(b"<a> <b> <c> .\n")
    assert counter.rows is None


def test_names_are_as_prometheus_wants_them(client: httpx.Client) -> None:
    names = re.findall(r"^# TYPE (\S+) (\S+)$", client.get("/metrics").text, re.MULTILINE)
    assert names
    for name, kind in names:
        assert re.fullmatch(r"(trialkg|process)_[a-z_]+", name)
        assert name.endswith("_total") == (kind == "counter")
