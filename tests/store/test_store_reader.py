"""Queries in a process: answers, refusals, and processes that end when they must."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import QueryError, QueryRefused, QueryTimeout, StoreError
from kg.namespaces import PREFIXES
from kg.store.generations import StoreDirectory
from kg.store.messages import Chunk, Done, Failed, Started, decode, encode
from kg.store.reader import RESULTS_TYPE, QueryRequest, Reader, ResultStream, run
from kg.store.result import Result

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?a"
PARENT = """
import sys, time
from pathlib import Path
from kg.store.reader import QueryRequest, Reader
reader = Reader(Path(sys.argv[1]))
reader.start()
reader.send(QueryRequest(sys.argv[2]))
time.sleep(0.3)
print(reader.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def store(number_store: Path) -> Path:
    return StoreDirectory(number_store).newest().path


def ask(store: Path, text: str, **options: object) -> bytes:
    return run(store, QueryRequest(text, **options)).read()  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("wanted", "given", "data"),
    [
        ("application/sparql-results+json", "application/sparql-results+json", b'{"head":{"vars":["n"]}'),
        ("application/json", "application/sparql-results+json", b'{"head":{"vars":["n"]}'),
        ("application/sparql-results+xml", "application/sparql-results+xml", b"<?xml"),
        ("text/csv", "text/csv; charset=utf-8", b"n\r\n3000"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", b"?n\n3000"),
    ],
)
def test_select_in_each_format(store: Path, wanted: str, given: str, data: bytes) -> None:
    stream = run(store, QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", media_type=wanted))
    assert (stream.media_type, stream.kind) == (given, "solutions")
    assert stream.read().startswith(data)
    assert stream.complete


def test_ask(store: Path) -> None:
    stream = run(store, QueryRequest("ASK { <http://x/1> ?p '1' }"))
    assert (stream.kind, stream.read()) == ("boolean", b'{"head":{},"boolean":true}')


@pytest.mark.parametrize(
    "wanted",
    [
        "text/turtle",
        "application/n-triples",
        "application/rdf+xml",
        "application/n-quads",
        "application/trig",
        "application/ld+json",
    ],
)
def test_construct_in_each_format(store: Path, wanted: str) -> None:
    text = "CONSTRUCT { ?s a tkg:Study } { ?s ?p '7' }"
    stream = run(store, QueryRequest(text, graph_media_type=wanted, prefixes=True))
    assert (stream.media_type, stream.kind) == (wanted, "graph")
    data = stream.read()
    triples = [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.from_media_type(wanted))]
    study = ox.NamedNode(PREFIXES["tkg"] + "Study")
    assert triples == [ox.Triple(ox.NamedNode("http://x/7"), ox.NamedNode(PREFIXES["rdf"] + "type"), study)]
    short = wanted in ("text/turtle", "application/trig", "application/rdf+xml")
    assert (b"tkg:Study" in data) == short


def test_the_format_fits_the_form_of_the_query(store: Path) -> None:
    csv = {"media_type": "text/csv", "graph_media_type": ""}
    with pytest.raises(QueryError, match="gives a graph, and 'text/csv'"):
        ask(store, "CONSTRUCT WHERE { ?s ?p ?o }", **csv)
    for wanted in ("text/turtle", "", "no media type"):
        with pytest.raises(QueryError, match=f"gives no graph, and '{wanted}'"):
            ask(store, "ASK {}", media_type=wanted)
    stream = run(store, QueryRequest("DESCRIBE <http://x/1>", media_type="application/n-triples"))
    assert stream.read() == b'<http://x/1> <http://p/1> "1" .\n'


def test_large_results_come_in_pieces(store: Path) -> None:
    pieces = list(run(store, QueryRequest("SELECT * { ?s ?p ?o }")))
    assert len(pieces) > 2
    assert all(len(piece) >= 64 * 1024 for piece in pieces[:-1])
    assert len(Result(b"".join(pieces), RESULTS_TYPE)) == 3000


def test_a_result_too_large_for_the_memory_is_refused(store: Path) -> None:
    with pytest.raises(QueryError, match="more than 1,000 bytes"):
        run(store, QueryRequest("SELECT * { ?s ?p ?o }")).read(1000)


def test_prefixes_base_and_graphs(tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "store"))
    for name in "ab":
        graph = ox.NamedNode(f"http://g/{name}")
        store.add(ox.Quad(ox.NamedNode("http://b/s"), ox.NamedNode(PREFIXES["tkg"] + "p"), ox.Literal(name), graph))
    store.flush()
    del store

    def objects(**options: object) -> set[str]:
        csv = ask(tmp_path / "store", "SELECT ?o { <s> tkg:p ?o }", media_type="text/csv", prefixes=True, **options)
        return set(csv.decode().split()[1:])

    base = {"base_iri": "http://b/"}
    assert objects(**base) == set()
    assert objects(**base, default_graphs=("http://g/a",)) == {"a"}
    assert objects(**base, default_graphs=("http://g/a", "http://g/b")) == {"a", "b"}
    named = "SELECT ?g { GRAPH ?g { ?s ?p ?o } }"
    csv = ask(tmp_path / "store", named, media_type="text/csv", default_graphs=(), named_graphs=("http://g/b",))
    assert csv.split() == [b"g", b"http://g/b"]
    with pytest.raises(QueryError, match="IRI"):
        objects(**base, default_graphs=("no iri",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "SELECT ?x WHERE {\n  ?x foo:bar ?y }",
            r"^line 2, column 13: a prefix near '.*foo:bar \?y }' is not declared",
        ),
        (
            "SELECT ?x\nWHERE { ?x ?y }\nLIMIT 3",
            r"^line 3, column 1: the query does not parse near '.* \?x \?y } LIMIT",
        ),
        ("SELECT (?s AS ?s) { ?s ?p ?o }", r"overrides an existing variable"),
        ("", "^line 1, column 1: the query does not parse near ''$"),
        ("INSERT DATA { <a:a> <a:a> <a:a> }", r"^line 1, column \d+: the query does not parse near 'INSERT"),
        ("SELECT * { ?s ?p 'é☃' . ] }", r"^line 1, column \d+: the query does not parse near .*é☃' \. \] }"),
    ],
)
def test_a_syntax_error_has_line_and_column(store: Path, text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        ask(store, text)


def test_a_reader_takes_the_next_request_after_a_failure(store: Path) -> None:
    reader = Reader(store)
    with pytest.raises(StoreError, match="not started"):
        reader.send(QueryRequest("ASK {}"))
    reader.start()
    for text in ("SELECT", "SELECT * { SERVICE <http://h/> {} }", "ASK { <http://x/1> ?p ?o }"):
        reader.send(QueryRequest(text))
    messages = [reader.receive() for _ in range(5)]
    assert [type(message) for message in messages] == [Failed, Failed, Started, Chunk, Done]
    assert [message.kind for message in messages[:2] if isinstance(message, Failed)] == ["syntax", "refused"]
    assert reader.alive
    reader.kill()
    reader.kill()
    assert reader.pid
    assert gone(reader.pid)
    reader.send(QueryRequest("ASK {}"))
    assert reader.receive() == Failed("killed", "the query was stopped")


def test_a_runaway_query_is_stopped_and_its_process_gone(store: Path) -> None:
    reader = Reader(store)
    reader.start()
    with pytest.raises(QueryTimeout, match="stopped after 1 s"):
        ResultStream(reader, QueryRequest(RUNAWAY, timeout=1))
    assert reader.pid
    assert not os.path.exists(f"/proc/{reader.pid}")


def test_a_stream_left_early_has_its_process_killed(store: Path) -> None:
    reader = Reader(store)
    reader.start()
    with ResultStream(reader, QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f }")) as stream:
        assert next(iter(stream))
    assert not reader.alive
    forgotten = Reader(store)
    forgotten.start()
    pid = forgotten.pid
    assert pid
    del forgotten
    assert not os.path.exists(f"/proc/{pid}")


def test_killing_wakes_whoever_waits(store: Path) -> None:
    reader = Reader(store)
    reader.start()
    reader.send(QueryRequest(RUNAWAY))
    timer = threading.Timer(0.3, reader.kill)
    timer.start()
    assert reader.receive() == Failed("killed", "the query was stopped")
    timer.join()


def test_the_process_ends_with_its_owner_even_in_a_query(store: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(store), RUNAWAY], stdout=subprocess.PIPE)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert gone(pid)


def test_the_keyboard_does_not_interrupt_it(store: Path) -> None:
    reader = Reader(store)
    reader.start()
    for _ in range(2):
        reader.send(QueryRequest("ASK {}"))
        assert [type(reader.receive()) for _ in range(3)] == [Started, Chunk, Done]
        assert reader.pid
        os.kill(reader.pid, signal.SIGINT)
    reader.kill()


def test_memory_is_limited(store: Path) -> None:
    reader = Reader(store, memory=128 * 2**20)
    reader.start()
    reader.send(QueryRequest(SORTED))
    message = reader.receive()
    assert isinstance(message, Failed)
    assert (message.kind, message.message) == ("memory", "the query needs more than the 128 MiB it may use")
    with pytest.raises(QueryError, match="128 MiB"):
        run(store, QueryRequest(SORTED), memory=128 * 2**20)


def test_what_overflows_the_parser_kills_only_the_process(store: Path) -> None:
    with pytest.raises(QueryRefused, match="5,001 deep"):
        ask(store, "SELECT * {" + "{" * 5000 + "}" * 5000 + "}")
    with pytest.raises(QueryError, match="overflowed the engine's stack"):
        ask(store, "SELECT (" + "!" * 150_000 + "1 AS ?x) {}")


def test_the_process_loads_little() -> None:
    heavy = ["rdflib", "msgspec", "pandas", "asyncio", "kg.config", "kg.namespaces", "importlib.metadata"]
    checked = "kg.store.guard.refuse_federation('ASK {}'); kg.store.guard.refuse_fetching('CLEAR ALL')"
    code = f"import sys, kg.store.worker; {checked}; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "[]\n"


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        ask(tmp_path / "nothing", "ASK {}")


def test_no_query_reaches_the_network(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        hostile = [
            f"SELECT * {{ SERVICE <{host}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ BIND(<{host}> AS ?h) SERVICE SILENT ?h {{ ?s ?p ?o }} }}",
            rf"SELECT * {{ \u0053ERVICE <{host}> {{ ?s ?p ?o }} }}",
        ]
        for text in hostile:
            with pytest.raises(QueryRefused):
                ask(store, text)
        assert ask(store, "SELECT * { ?s ?p ?o }", default_graphs=(host,))
        assert not select.select([listener], [], [], 0)[0]


def test_the_process_gives_up_the_network_where_it_may() -> None:
    code = (
        "import ctypes, socket, sys; from kg.confined import inside; "
        "may = ctypes.CDLL(None).unshare(inside._NEW_USER_AND_NETWORK) == 0; inside.leave_network(); "
        "print(may, socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1]))))"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        told = subprocess.run([sys.executable, "-c", code, port], capture_output=True, text=True, check=True).stdout
    may, reached = told.split()
    if may == "False":
        pytest.skip("this machine does not let a process give up its network")
    assert reached != "0"


def test_switching_generations_while_a_reader_runs(directory: StoreDirectory) -> None:
    def publish(name: str) -> None:
        with directory.writing() as draft:
            draft.store.add(ox.Quad(ox.NamedNode("http://s"), ox.NamedNode("http://p"), ox.Literal(name)))

    def count(reader: Reader) -> bytes:
        text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        return ResultStream(reader, QueryRequest(text, media_type="text/csv")).read().split()[1]

    publish("0")
    first = directory.newest()
    old = Reader(first.path)
    old.start()
    assert count(old) == b"1"
    for number in range(1, 6):
        publish(str(number))
    new = Reader(directory.newest().path)
    new.start()
    assert (count(old), count(new)) == (b"1", b"6")
    assert directory.numbers() == [1, 4, 5, 6]
    old.kill()
    publish("6")
    assert first.number not in directory.numbers()
    assert count(new) == b"6"
    new.kill()


@pytest.mark.parametrize(
    "message", [Started("text/csv", "solutions"), Chunk(b"\x00\xff"), Done(3), Failed("syntax", "é", 1, 2, "x")]
)
def test_messages_survive_the_way(message: Started | Chunk | Done | Failed) -> None:
    assert decode(encode(message)) == message


@pytest.mark.parametrize("frame", [b"", b"X{}", b"Snonsense"])
def test_a_frame_that_is_no_message(frame: bytes) -> None:
    with pytest.raises(ValueError, match=r"message|Expecting"):
        decode(frame)
