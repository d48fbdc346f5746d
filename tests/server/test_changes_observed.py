"""Changes among what the server measures, logs, keeps and compresses."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg.cli import main
from tests.server.server_process import TOKEN, Server, fill, running_with_token
from tests.server.test_server_resilience import RUNAWAY, eventually

pytestmark = pytest.mark.server

TOKEN_HEADER = {"Authorization": f"Bearer {TOKEN}"}
UPDATE = {**TOKEN_HEADER, "Content-Type": "application/sparql-update"}
LONG = f"INSERT {{ <urn:a> <urn:b> ?n }} WHERE {{ {{ {RUNAWAY} }} }}"


@pytest.fixture(scope="module")
def logging_server(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Iterator[Server]:
    """A server that takes changes, and writes every log on standard error, as JSON."""
    store = tmp_path_factory.mktemp("observed") / "store"
    fill(store, studies)
    with running_with_token(store, log_format="json", query_log="-", update_memory=32 * 2**20) as server:
        yield server


@pytest.fixture
def writer(logging_server: Server) -> Iterator[httpx.Client]:
    with logging_server.client(headers=UPDATE) as client:
        yield client


def kills(client: httpx.Client) -> dict[str, float]:
    """Reason → how many processes of changes ended for it."""
    return {
        sample.labels["reason"]: sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "trialkg_kills_total" and sample.labels["process"] == "change"
    }


def killed_once(client: httpx.Client, before: dict[str, float], reason: str) -> bool:
    return kills(client) == {**before, reason: before[reason] + 1}


def test_a_change_at_its_deadline_is_a_kill(writer: httpx.Client) -> None:
    before = kills(writer)
    assert writer.post("/update?timeout=0.4", content=LONG).status_code == 504
    eventually(lambda: killed_once(writer, before, "deadline"))


def test_a_change_whose_client_left_is_a_kill(logging_server: Server, writer: httpx.Client) -> None:
    before = kills(writer)
    with logging_server.client(headers=UPDATE) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/update", content=LONG, timeout=0.4)
    eventually(lambda: killed_once(writer, before, "client"))


def test_a_change_that_needs_too_much_memory_is_a_kill(writer: httpx.Client) -> None:
    before = kills(writer)
    text = "INSERT { ?a ?b ?o } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . BIND(CONCAT(STR(?d), STR(?g)) AS ?o) }"
    assert writer.post("/update", content=text).status_code == 503
    eventually(lambda: killed_once(writer, before, "memory"))


def test_a_change_that_somebody_else_ends_is_a_kill(logging_server: Server, writer: httpx.Client) -> None:
    before, readers = kills(writer), logging_server.children()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.post, f"{logging_server.url}/update", content=LONG, headers=UPDATE, timeout=30)
        eventually(lambda: logging_server.children() - readers)
        for process in logging_server.children() - readers:
            os.kill(process, signal.SIGKILL)
        assert asked.result().status_code == 503
    eventually(lambda: killed_once(writer, before, "outside"))


def test_one_client_has_one_name_in_every_log(logging_server: Server, writer: httpx.Client) -> None:
    seen = len(logging_server.log)
    made = writer.post("/update", content="INSERT DATA { <urn:a> <urn:b> 1 }")
    writer.get("/sparql", params={"query": "ASK {}"})
    eventually(lambda: len(logging_server.log) >= seen + 3)
    audit, change, query = (json.loads(line) for line in logging_server.log[seen:])
    assert (audit["log"], change["log"], query["log"]) == ("audit", "query", "query")
    assert audit["client"] == change["client"] == query["client"]
    assert audit["generation"] == change["generation"] == int(made.headers["trialkg-generation"])
    assert (change["route"], change["query"], change["status"]) == ("/update", None, 204)


def test_every_line_is_json_and_in_one_log(logging_server: Server) -> None:
    said = [json.loads(line) for line in logging_server.log]
    assert all(one["time"].endswith("Z") for one in said)
    assert {one["log"] for one in said} <= {"audit", "query", "server", "slow"}
    assert not [one for one in said if one["log"] == "server" and "operation" in one["message"]]


def test_a_graph_has_a_tag_until_something_changes(writer: httpx.Client) -> None:
    target = "/graphs?graph=urn:tagged"
    turtle = {"Content-Type": "text/turtle"}
    writer.put(target, content="<urn:a> <urn:b> 1 .", headers=turtle)
    tag = writer.get(target).headers["etag"]
    assert writer.get(target, headers={"If-None-Match": tag}).status_code == 304
    changed = writer.put(target, content="<urn:a> <urn:b> 2 .", headers=turtle)
    assert "etag" not in changed.headers
    again = writer.get(target, headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["etag"] == tag) == (200, False)


def test_the_method_query_has_tags_and_compression(writer: httpx.Client) -> None:
    asked = {"Content-Type": "application/sparql-query", "Accept": "text/csv", "Accept-Encoding": "gzip"}
    text = "SELECT * { ?s ?p ?o }"
    answer = writer.request("QUERY", "/sparql", content=text, headers=asked)
    assert answer.headers["content-encoding"] == "gzip"
    kept = {**asked, "If-None-Match": answer.headers["etag"]}
    assert writer.request("QUERY", "/sparql", content=text, headers=kept).status_code == 304
    assert writer.request("QUERY", "/sparql", content="ASK {}", headers=kept).status_code == 200


def test_answers_to_changes_are_not_compressed(logging_server: Server) -> None:
    # The name of the graph is no IRI, and is told back.
    target = f"/graphs?graph={'x' * 3000}"
    with logging_server.client(headers={"Accept-Encoding": "gzip", "Content-Type": "text/turtle"}) as client:
        refused = client.put(target, content="", headers=TOKEN_HEADER)
        read = client.get(target)
    assert refused.status_code == read.status_code == 400
    assert "content-encoding" not in refused.headers
    assert len(refused.content) > 3000
    assert read.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("text", ["allow_update = true", 'token_file = "token"'])
def test_a_configuration_has_the_token_and_the_permission_or_neither(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(text)
    assert main(["serve", "--config", str(file)]) == 2
    assert "one of allow_update and token_file is given" in capsys.readouterr().err
