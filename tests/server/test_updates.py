"""Changes of a store over HTTP: who may, what is refused, and that a change is made whole or not at all."""

from __future__ import annotations

import hmac
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from kg.errors import UsageError
from kg.server.bearer import Token, read_token
from kg.server.problems import Problem
from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, Server, fill, running_with_token

pytestmark = pytest.mark.server

UPDATE = {"Content-Type": "application/sparql-update"}
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
# A cross join that never ends.
CROSS = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(7))
RUNAWAY = f"INSERT {{ <urn:x> <urn:y> ?n }} WHERE {{ SELECT (COUNT(*) AS ?n) {{ {CROSS} }} }}"
WAIT = 15.0


def eventually(true: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Path:
    directory = tmp_path_factory.mktemp("changed") / "store"
    fill(directory, studies)
    return directory


@pytest.fixture(scope="module")
def stranger(open_server: Server) -> Iterator[httpx.Client]:
    with open_server.client() as client:
        yield client


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who came to it."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            try:
                while True:
                    connection, address = listening.accept()
                    connection.close()
                    came.append(address)
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listening.getsockname()[1], came
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(WAIT)


def number(store: Path) -> int:
    return StoreDirectory(store).newest().number


def ask(client: httpx.Client, pattern: str) -> bool:
    answer = client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"}).raise_for_status()
    return bool(answer.json()["boolean"])


def audit(server: Server) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in server.log if line.startswith("{")]
    return [line for line in lines if line["log"] == "audit"]


# Who may


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([("Authorization", "Bearer")], 401),
        ([("Authorization", f"Bearer {TOKEN[:-1]}")], 401),
        ([("Authorization", f"Bearer {TOKEN}x")], 401),
        ([("Authorization", f"Bearer {TOKEN.upper()}")], 401),
        ([("Authorization", f"Basic {TOKEN}")], 401),
        ([("Authorization", TOKEN)], 401),
        ([("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")], 401),
        ([("Authorization", f"Bearer {TOKEN}, Bearer {TOKEN}")], 401),
        ([("Cookie", f"access_token={TOKEN}")], 401),
    ],
)
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/update"),
        ("POST", "/sparql"),
        ("PUT", "/graphs?default"),
        ("POST", "/graphs"),
        ("DELETE", "/graphs?default"),
        ("PATCH", "/graphs/x"),
    ],
)
def test_without_the_token_nothing_is_changed(
    stranger: httpx.Client, store: Path, method: str, target: str, headers: list[tuple[str, str]], status: int
) -> None:
    before = number(store)
    answer = stranger.request(method, target, headers=[*headers, *UPDATE.items()], content="CLEAR ALL")
    assert answer.status_code == status
    assert answer.headers["www-authenticate"].startswith('Bearer realm="trialkg"')
    assert number(store) == before


@pytest.mark.parametrize("name", ["access_token", "token"])
@pytest.mark.parametrize("headers", [{}, WITH_TOKEN])
def test_a_token_in_the_url_is_refused(stranger: httpx.Client, store: Path, name: str, headers: dict[str, str]) -> None:
    before = number(store)
    answer = stranger.post(f"/update?{name}={TOKEN}", content="CLEAR ALL", headers={**UPDATE, **headers})
    assert answer.status_code == 400
    assert TOKEN not in answer.text
    assert number(store) == before


def test_a_token_in_a_form_is_none(stranger: httpx.Client) -> None:
    answer = stranger.post("/sparql", data={"update": "CLEAR ALL", "access_token": TOKEN})
    assert answer.status_code == 401


def test_a_body_is_not_waited_for_without_the_token(open_server: Server) -> None:
    host, port = open_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=WAIT) as connection:
        head = (
            "POST /update HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-update\r\nContent-Length: 9\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401")


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def recorded(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return real(left, right)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", recorded)
    token = Token(TOKEN)
    for guess in ("", "x", TOKEN[:-1], TOKEN * 100):
        with pytest.raises(Problem):
            token.check([f"Bearer {guess}"])
    token.check([f"bearer {TOKEN}"])
    assert len(compared) == 5
    assert {len(side) for pair in compared for side in pair} == {32}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"short-token\n", "only 11 characters"),
        (b"a" * 31, "only 31 characters"),
        (b"a" * 32 + b"\n" + b"b" * 32 + b"\n", "no bearer token"),
        (b"a b" * 20, "no bearer token"),
        ("ü".encode() * 32, "no bearer token"),
        (b"a" * 5000, "no bearer token"),
    ],
)
def test_a_file_without_a_good_token_is_an_error_at_the_start(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        read_token(file)
    text = (content or b"").decode().strip()
    assert not text or text not in str(caught.value)


def test_a_token_keeps_nothing_that_could_be_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"  {TOKEN}\r\n", encoding="ascii")
    token = read_token(file)
    token.check([f"Bearer {TOKEN}"])
    assert not any(TOKEN in str(getattr(token, name)) for name in Token.__slots__)


# Updates


@pytest.mark.parametrize("path", ["/update", "/sparql", "/sparql/"])
@pytest.mark.parametrize("form", [False, True])
def test_an_update_is_seen_by_the_next_request(writer: httpx.Client, path: str, form: bool) -> None:
    statement = f"<urn:seen> <urn:by> '{path} {form}'"
    text = f"INSERT DATA {{ {statement} }}"
    sent = {"data": {"update": text}} if form else {"content": text, "headers": UPDATE}
    answer = writer.post(path, **sent)
    assert answer.status_code == 204, answer.text
    assert answer.content == b""
    found = writer.get("/sparql", params={"query": f"ASK {{ {statement} }}"})
    assert found.json()["boolean"]
    assert found.headers["trialkg-generation"] == answer.headers["trialkg-generation"]


@pytest.mark.parametrize(
    ("target", "headers", "body", "status"),
    [
        ("/update", UPDATE, b"INSERT DATA {", 400),
        ("/update", UPDATE, b"ASK {}", 400),
        ("/update", UPDATE, b"INSERT DATA { <urn:a> <urn:b> '\xff' }", 400),
        ("/update", {"Content-Type": "application/sparql-update; charset=utf-16"}, b"CLEAR ALL", 415),
        ("/update", {"Content-Type": "application/sparql-query"}, b"ASK {}", 415),
        ("/update", {}, b"CLEAR ALL", 415),
        ("/update", {"Content-Type": "application/x-www-form-urlencoded"}, b"updat=CLEAR+ALL", 400),
        ("/update", {"Content-Type": "application/x-www-form-urlencoded"}, b"update=CLEAR+ALL&update=CLEAR+ALL", 400),
        ("/update", {"Content-Type": "application/x-www-form-urlencoded"}, b"update=CLEAR+ALL&query=ASK%7B%7D", 400),
        ("/update?update=CLEAR+ALL", UPDATE, b"CLEAR ALL", 400),
        ("/update?default-graph-uri=urn:x", UPDATE, b"CLEAR ALL", 400),
        ("/update?using-graph-uri=relative", UPDATE, b"CLEAR ALL", 400),
        ("/update?using-graph-uri=urn:x%3E%20WHERE", UPDATE, b"CLEAR ALL", 400),
        ("/update?timeout=never", UPDATE, b"CLEAR ALL", 400),
        ("/update", UPDATE, b"# " + b"x" * (2 * 2**20), 413),
        ("/update", UPDATE, b"INSERT { ?s ?p ?o } WHERE " + b"{" * 300 + b"?s ?p ?o" + b"}" * 300, 403),
        ("/update", UPDATE, b"CREATE GRAPH <urn:twice> ; CREATE GRAPH <urn:twice>", 400),
        ("/update", UPDATE, b"DROP GRAPH <urn:none>", 400),
        ("/update", UPDATE, b"INSERT { <urn:a> <urn:b> ?x } WHERE { BIND(<urn:f>(1) AS ?x) }", 400),
    ],
)
def test_an_update_that_fails_changes_nothing(
    writer: httpx.Client, store: Path, target: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    before = number(store)
    answer = writer.post(target, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert number(store) == before
    assert not list(store.glob("draft-*"))


def test_where_a_mistake_is(writer: httpx.Client) -> None:
    found = writer.post("/update", content="CLEAR ALL ;\nINSERT DATA { <urn:a> }", headers=UPDATE).json()
    assert (found["line"], found["status"]) == (2, 400)


def test_a_late_operation_that_fails_takes_the_first_with_it(writer: httpx.Client) -> None:
    text = "INSERT DATA { <urn:half> <urn:of> <urn:it> } ; CREATE GRAPH <urn:g1> ; CREATE GRAPH <urn:g1>"
    assert writer.post("/update", content=text, headers=UPDATE).status_code == 400
    assert not ask(writer, "<urn:half> ?p ?o")


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <{url}>",
        "load silent <{url}> into graph <urn:g>",
        "INSERT DATA {{ <urn:a> <urn:b> 'x' }} ; LOAD\n# comment\n<{url}>",
        "CLEAR ALL;LOAD<{url}>",
        "PREFIX load: <{url}> LOAD load:",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT ?where {{ ?s ?p ?o }} }}",
        "DELETE {{ ?s ?p ?o }} WHERE {{ {{ SELECT * {{ {{}} UNION {{ service<{url}>{{?s ?p ?o}} }} }} }} }}",
        "INSERT {{ ?s ?p 1 }} WHERE {{ ?s ?p ?o FILTER NOT EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
        "INSERT {{ ?s ?p 1 }} WHERE {{ ?s ?p ?o FILTER(?o<?s&&?o='x>y') }} ; LOAD <{url}> # '",
        "\\u004COAD <{url}>",
        "INSERT {{ ?s ?p ?o }} WHERE {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
    ],
)
@pytest.mark.parametrize("patch", [False, True])
def test_no_update_reaches_out(
    writer: httpx.Client, store: Path, listener: tuple[int, list[object]], text: str, patch: bool
) -> None:
    port, came = listener
    before = number(store)
    content = text.format(url=f"http://127.0.0.1:{port}/x.ttl")
    target = ("PATCH", "/graphs?graph=urn:patched") if patch else ("POST", "/update")
    answer = writer.request(*target, content=content, headers=UPDATE)
    assert answer.status_code == 403, answer.text
    assert number(store) == before
    assert not came


def test_words_that_only_look_like_reaching_out_pass(writer: httpx.Client) -> None:
    text = "PREFIX service: <urn:load:> INSERT DATA { service:load service:at 'viral LOAD: a SERVICE' } # LOAD <urn:x>"
    assert writer.post("/update", content=text, headers=UPDATE).status_code == 204
    assert ask(writer, "<urn:load:load> <urn:load:at> ?o")


def test_the_dataset_of_a_request(writer: httpx.Client) -> None:
    filled = "INSERT DATA { GRAPH <urn:d1> { <urn:s1> <urn:in> 1 } GRAPH <urn:d2> { <urn:s2> <urn:in> 2 } }"
    assert writer.post("/update", content=filled, headers=UPDATE).status_code == 204
    text = "INSERT { GRAPH <urn:d3> { ?s <urn:from> ?o } } WHERE { ?s <urn:in> ?o }"
    target = "/update?using-graph-uri=urn:d1&using-named-graph-uri=urn:d2"
    assert writer.post(target, content=text, headers=UPDATE).status_code == 204
    assert ask(
        writer, "GRAPH <urn:d3> { <urn:s1> <urn:from> 1 } FILTER NOT EXISTS { GRAPH <urn:d3> { <urn:s2> ?p ?o } }"
    )
    conflict = "WITH <urn:d1> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"
    assert writer.post(target, content=conflict, headers=UPDATE).status_code == 400


def test_a_get_changes_nothing(writer: httpx.Client, store: Path) -> None:
    before = number(store)
    assert writer.get("/sparql", params={"update": "CLEAR ALL"}).status_code == 400
    refused = writer.get("/update", params={"update": "CLEAR ALL"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert writer.request("QUERY", "/sparql", data={"update": "CLEAR ALL"}).status_code == 400
    assert number(store) == before


def test_what_a_server_that_takes_updates_says_of_itself(writer: httpx.Client) -> None:
    assert "application/sparql-update" in writer.options("/sparql").headers["accept-post"]
    assert "PATCH" in writer.options("/graphs").headers["allow"]
    preflight = writer.options(
        "/graphs",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    assert "SPARQL11Update" in writer.get("/sparql", params={"format": "ttl"}).text


# Trouble


def test_a_runaway_update_is_stopped(writer: httpx.Client, open_server: Server, store: Path) -> None:
    before, processes = number(store), open_server.children()
    answer = writer.post("/update?timeout=1", content=RUNAWAY, headers=UPDATE)
    assert answer.status_code == 504
    assert number(store) == before
    eventually(lambda: open_server.children() <= processes)
    assert not list(store.glob("draft-*"))


def test_an_update_whose_client_goes_is_given_up(writer: httpx.Client, open_server: Server, store: Path) -> None:
    before, processes = number(store), open_server.children()
    with pytest.raises(httpx.ReadTimeout):
        writer.post("/update", content=RUNAWAY, headers=UPDATE, timeout=0.7)
    eventually(lambda: open_server.children() <= processes and not list(store.glob("draft-*")))
    assert number(store) == before
    eventually(lambda: audit(open_server)[-1]["outcome"] == "disconnected")


def test_updates_at_once_are_all_made(writer: httpx.Client, store: Path) -> None:
    before = number(store)

    def insert(which: int) -> int:
        text = f"INSERT DATA {{ <urn:at-once> <urn:number> {which} }}"
        return writer.post("/update", content=text, headers=UPDATE).status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(insert, range(6))) == [204] * 6
    assert ask(writer, "{ SELECT (COUNT(*) AS ?n) { <urn:at-once> <urn:number> ?x } } FILTER(?n = 6)")
    assert number(store) == before + 6


def test_another_writer_is_waited_for_by_the_client(writer: httpx.Client, store: Path) -> None:
    with StoreDirectory(store).writing():
        answer = writer.post("/update", content="CLEAR ALL", headers=UPDATE)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert str(store) not in answer.text
    assert writer.post("/update", content="INSERT DATA {}", headers=UPDATE).status_code == 204


def test_what_a_generation_relies_on_is_kept(writer: httpx.Client, store: Path) -> None:
    kept = store / "records" / "first"
    kept.mkdir(parents=True)
    with StoreDirectory(store).writing() as draft:
        draft.report = {"keeps": ["records/first"], "dataDate": "2026-11-20", "triples": 1, "storeStudies": 2}
    for _ in range(5):
        assert writer.post("/update", content="INSERT DATA {}", headers=UPDATE).status_code == 204
    assert kept.is_dir()
    report = StoreDirectory(store).newest().report
    assert report["dataDate"] == "2026-11-20"
    assert "triples" not in report
    found = writer.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}).text
    assert writer.get("/health").json()["triples"] == int(found.split()[1])


def test_half_a_body_changes_nothing(open_server: Server, store: Path) -> None:
    before = number(store)
    host, port = open_server.url.removeprefix("http://").split(":")
    for method, target in (("POST", "/update"), ("PUT", "/graphs?default"), ("PATCH", "/graphs?default")):
        with socket.create_connection((host, int(port)), timeout=WAIT) as connection:
            connection.sendall(
                f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
                f"Content-Type: {'text/turtle' if method == 'PUT' else UPDATE['Content-Type']}\r\n"
                "Content-Length: 1000\r\n\r\nCLEAR ALL".encode()
            )
    eventually(lambda: [line["outcome"] for line in audit(open_server)[-3:]] == ["disconnected"] * 3)
    assert number(store) == before


def test_huge_bodies_are_refused_before_they_come(open_server: Server) -> None:
    host, port = open_server.url.removeprefix("http://").split(":")
    for method, target, kind in (
        ("POST", "/update", "application/sparql-update"),
        ("PUT", "/graphs?default", "text/turtle"),
        ("POST", "/graphs", "multipart/form-data; boundary=x"),
        ("PATCH", "/graphs?default", "application/sparql-update"),
    ):
        with socket.create_connection((host, int(port)), timeout=WAIT) as connection:
            connection.sendall(
                f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {2**40}\r\n\r\n".encode()
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_an_update_has_changed_nothing(tmp_path: Path, studies: str) -> None:
    store = tmp_path / "store"
    fill(store, studies)
    with running_with_token(store) as server, server.client(headers=WITH_TOKEN) as client:
        readers = server.children()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(
                client.post, "/update", content=f"INSERT DATA {{ <urn:a> <urn:b> 1 }} ; {RUNAWAY}", headers=UPDATE
            )
            eventually(lambda: server.children() - readers and list(store.glob("draft-*/store/CURRENT")))
            processes = server.children()
            server.process.send_signal(signal.SIGKILL)
            server.process.wait(WAIT)
            assert isinstance(asked.exception(WAIT), httpx.RemoteProtocolError | httpx.ReadError)
        eventually(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))
    assert number(store) == 1
    assert list(store.glob("draft-*"))
    with running_with_token(store) as server, server.client(headers=WITH_TOKEN) as client:
        assert client.get("/health").json()["studies"] == 2
        assert client.post("/update", content="INSERT DATA {}", headers=UPDATE).status_code == 204
    assert number(store) == 2
    assert not list(store.glob("draft-*"))


# The audit log


def test_each_change_has_a_line_in_the_audit_log(writer: httpx.Client, open_server: Server) -> None:
    seen = len(audit(open_server))
    body = "INSERT DATA { <urn:a> <urn:audit> 1 }"
    made = writer.post("/update", content=body, headers=UPDATE)
    writer.post("/update", content="INSERT", headers=UPDATE)
    writer.post("/update", content=body, headers={**UPDATE, "Authorization": "Bearer guess"})
    writer.delete("/graphs?graph=urn:none")
    eventually(lambda: len(audit(open_server)) >= seen + 4)
    lines = audit(open_server)[seen:]
    assert [line["outcome"] for line in lines] == ["published", "400", "401", "404"]
    assert [line["operation"] for line in lines] == ["update", "update", "update", "delete"]
    assert [line["bytes"] for line in lines] == [len(body), 6, 0, 0]
    assert [line["generation"] for line in lines] == [int(made.headers["trialkg-generation"]), None, None, None]
    assert len({line["client"] for line in lines}) == 1
    assert all(re.fullmatch(r"[0-9a-f]{16}", str(line["client"])) for line in lines)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", str(line["time"])) for line in lines)


def test_the_log_has_no_token_and_no_address(open_server: Server) -> None:
    log = "".join(open_server.log)
    assert TOKEN not in log
    assert not any("127.0.0.1" in json.dumps(line) for line in audit(open_server))
