"""Filling stores elsewhere: whole, and in two runs of which the first is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.cli import main
from kg.errors import RemoteError, RemoteUnavailable, UsageError
from kg.examples import paths
from kg.pipeline.remote.load import load
from kg.pipeline.remote.statements import Sent, statements_of
from kg.pipeline.remote.target import Credentials, Target, read_credentials
from kg.store.generations import StoreDirectory
from kg.store.pin import in_use
from tests.fake_endpoint import FakeEndpoint, fake_endpoint
from tests.remote.backends import QUERIES, Running, running

TURTLE = """@prefix : <http://e/> .
:a :p [ :q "x\\\\u0041" , "é\\n" ; :r _:b ] . _:b :p 1.5 .
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Not by the environment: the index of names is in the usual folder.
    monkeypatch.setattr("kg.pipeline.remote.load.cache_directory", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An Oxigraph server without data; each test has a graph of its own."""
    with running("oxigraph", tmp_path_factory.mktemp("empty")) as started:
        yield started


@pytest.fixture
def fake() -> Iterator[FakeEndpoint]:
    with fake_endpoint() as server:
        yield server


def graph_at(server: Running, graph: str) -> set[str]:
    answer = httpx.get(server.graphs, params={"graph": graph}, headers={"Accept": "application/n-triples"})
    return {str(quad.triple) for quad in ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)}


def expected(*inputs: str) -> set[str]:
    """The statements of inputs without named graphs, as a store has them."""
    store = ox.Store()
    lines = "".join(f"{one.line} .\n" for one in statements_of(inputs, vocabularies=False, reject=print))
    store.load(lines.encode(), format=ox.RdfFormat.N_TRIPLES)
    return {str(quad.triple) for quad in store}


@pytest.mark.oxigraph
@pytest.mark.server
@pytest.mark.parametrize("by", ["update", "graphs"])
def test_files_records_and_stores_arrive_whole(
    empty: Running, tmp_path: Path, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    turtle, store = tmp_path / "some.ttl", tmp_path / "trials.kg"
    turtle.write_text(TURTLE)
    with StoreDirectory(store).writing() as draft:
        draft.store.load(path=QUERIES / "fixture.ttl")
        draft.store.load(path=QUERIES / "history.trig")
    record = paths()[0]
    graph, url = f"http://e/{by}", empty.update if by == "update" else empty.graphs
    inputs = [str(turtle), str(record), str(store)]
    options = ["--graph-store"] if by == "graphs" else []
    assert main(["load", *inputs, "--endpoint", url, "--graph", graph, "--batch", "300", *options]) == 0
    said = capsys.readouterr().err
    assert "statements sent in" in said
    versions = {one.graph for one in statements_of([str(store)], vocabularies=False, reject=print)} - {""}
    assert len(versions) > 1
    found = graph_at(empty, graph).union(*(graph_at(empty, version) for version in versions))
    assert found == expected(*inputs)
    assert '"x\\\\u0041"' in "".join(found)


def test_a_store_is_marked_while_it_is_sent(tmp_path: Path) -> None:
    store = StoreDirectory(tmp_path / "trials.kg")
    with store.writing() as draft:
        draft.store.load(path=QUERIES / "fixture.ttl")
    generation = str(store.newest().path.parent)
    statements = statements_of([str(store.directory)], vocabularies=False, reject=print)
    next(statements)
    assert in_use(generation)
    assert list(statements)
    assert not in_use(generation)


@pytest.mark.oxigraph
@pytest.mark.server
def test_a_load_that_is_killed_goes_on_where_it_was(empty: Running, tmp_path: Path) -> None:
    graph, journal, file = "http://e/killed", tmp_path / "journal.json", tmp_path / "many.nt"
    file.write_text("".join(f"<http://e/{n}> <http://e/p> _:b{n % 7} .\n" for n in range(600)))
    command = [sys.executable, "-m", "kg", "load", str(file), "--endpoint", empty.update, "--graph", graph]
    command += ["--batch", "10", "--journal", str(journal)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not journal.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    noted = json.loads(journal.read_bytes())["sent"]
    assert 0 < noted < 600
    assert len(graph_at(empty, graph)) in (noted, noted + 10)
    again = subprocess.run([*command, "--resume"], stderr=subprocess.PIPE, text=True, check=True)
    assert f"{600 - noted:,} statements sent" in again.stderr
    assert f"{noted:,} were sent before" in again.stderr
    assert not journal.exists()
    assert graph_at(empty, graph) == expected(str(file))
    assert len(expected(str(file))) == 600


def sends(fake: FakeEndpoint, *statuses: int, data: bytes = b"", **headers: str) -> list[int]:
    """Let it answer with these statuses, the last for ever; gives the list of the sizes of what it is sent."""
    left, sizes = list(statuses), []

    def reply(handler: BaseHTTPRequestHandler) -> None:
        sizes.append(int(handler.headers["Content-Length"]))
        handler.send_response(left.pop(0) if len(left) > 1 else left[0])
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    fake.does(reply)
    return sizes


def some(tmp_path: Path, count: int = 4) -> list[str]:
    file = tmp_path / "some.nt"
    file.write_text("".join(f"<http://e/{n}> <http://e/p> <http://e/o> .\n" for n in range(count)))
    return [str(file)]


def test_a_store_without_time_is_asked_again(fake: FakeEndpoint, tmp_path: Path) -> None:
    sizes = sends(fake, 503, 204, Retry_After="0")
    report = load(some(tmp_path), Target(fake.url))
    assert (report.statements, len(sizes)) == (4, 2)


def test_what_is_too_much_at_once_is_sent_in_halves(fake: FakeEndpoint, tmp_path: Path) -> None:
    sizes = sends(fake, 413, 204)
    assert load(some(tmp_path), Target(fake.url)).statements == 4
    assert len(sizes) == 3
    assert sizes[1] == sizes[2] < sizes[0]


@pytest.mark.parametrize(
    ("status", "data", "kind", "said"),
    [
        (400, b"no such prefix", RemoteError, "refuses the statement <http://e/0> <http://e/p> <http://e/o>: 400"),
        (401, b"", RemoteError, "takes no statements: 401"),
        (302, b"", RemoteError, "the store answered 302"),
        (200, b"<html>Welcome", RemoteError, "the store answered an HTML page"),
    ],
)
def test_what_a_store_does_not_take_is_told(
    fake: FakeEndpoint, tmp_path: Path, status: int, data: bytes, kind: type[RemoteError], said: str
) -> None:
    sends(fake, status, data=data, Content_Type="text/html" if b"<html>" in data else "text/plain", Location="/x")
    with pytest.raises(kind) as caught:
        load(some(tmp_path), Target(fake.url))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_store_that_does_not_answer_in_time(
    fake: FakeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.02)

    monkeypatch.setattr("kg.pipeline.remote.target._ATTEMPTS", 1)
    fake.does(drip)
    with pytest.raises(RemoteUnavailable, match=r"no answer within 0\.3 s"):
        load(some(tmp_path), Target(fake.url, timeout=0.3))


def test_what_is_resumed_must_be_what_it_was(fake: FakeEndpoint, tmp_path: Path, cache: Path) -> None:
    inputs = some(tmp_path)
    sends(fake, 204, 204, 400)
    with pytest.raises(RemoteError, match="2 statements are sent, and --resume goes on there"):
        load(inputs, Target(fake.url), batch=1)
    [journal] = (cache / "loads").iterdir()
    Path(inputs[0]).write_text("<http://e/other> <http://e/p> <http://e/o> .\n")
    with pytest.raises(UsageError, match="not what it was"):
        load(inputs, Target(fake.url), resume=True)
    with pytest.raises(UsageError, match="of another load"):
        load(inputs, Target(fake.url, graph="http://e/g"), journal=journal, resume=True)
    sends(fake, 204)
    assert load(inputs, Target(fake.url)).before == 0
    assert not journal.exists()


def test_who_is_asking_is_in_a_file(tmp_path: Path, fake: FakeEndpoint) -> None:
    file = tmp_path / "secret"
    for text, problem in (("", "expected one line"), ("two words", "no bearer token"), ("a\nb", "expected one line")):
        file.write_text(text)
        with pytest.raises(UsageError, match=problem):
            read_credentials(file, None)
    file.write_text("name")
    with pytest.raises(UsageError, match="NAME:PASSWORD"):
        read_credentials(None, file)
    with pytest.raises(UsageError, match="give one of them"):
        read_credentials(file, file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_credentials(tmp_path / "nothing", None)
    file.write_text("a-token\n")
    sends(fake, 204)
    load(some(tmp_path), Target(fake.url, credentials=read_credentials(file, None)))
    assert fake.headers[-1]["authorization"] == "Bearer a-token"


def test_basic_is_given_only_when_it_is_asked_for(tmp_path: Path, fake: FakeEndpoint) -> None:
    sends(fake, 401, 204, WWW_Authenticate='Basic realm="x"')
    load(some(tmp_path), Target(fake.url, credentials=Credentials("", "me", "you")), batch=2)
    assert [asked.get("authorization", "")[:6] for asked in fake.headers] == ["", "Basic ", "Basic "]


def test_blank_nodes_have_the_same_names_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    (tmp_path / "b.ttl").write_text(TURTLE + "# another file\n")

    def sent(name: str) -> list[Sent]:
        return list(statements_of([str(tmp_path / name)], vocabularies=False, reject=print))

    assert sent("a.ttl") == sent("a.ttl")
    assert "_:" not in str(sent("a.ttl"))
    assert len({one.line for one in sent("a.ttl")} & {one.line for one in sent("b.ttl")}) == 0


HALF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">
<rdf:Description rdf:about="http://example.org/a"><e:p>x</e:p></rdf:Description>
"""


def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fake: FakeEndpoint
) -> None:
    (tmp_path / "broken.ttl").write_text("<a> <b>")
    (tmp_path / "half.rdf").write_text(HALF)
    for given in ("broken.ttl", "half.rdf", "nothing.json"):
        assert main(["load", str(tmp_path / given), "--endpoint", fake.url]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert fake.asked == []
