"""Our endpoint beside a bare ``oxigraph serve`` over the same store, and beside rdflib-endpoint.

    python -m bench.endpoint --peers DIR [--rounds 15] [--seconds 4] [--clients 32] [--store DIR]

``README.md`` says what the figures are and how the peers are installed. Everything runs on 127.0.0.1, and ends.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pyoxigraph as ox

from bench.figures import data_path, middle, show, wall_seconds
from bench.loopback import Client, Peer, client_address, form, free_port, load, peer, processor_seconds, trialkg
from kg.namespaces import PREFIXES
from kg.pipeline.build import build
from kg.store.embedded import open_generation, study_quads
from kg.store.generations import StoreDirectory
from kg.store.guard import refuse_federation, refuse_oversize
from kg.store.reader import QueryRequest, Reader, ResultStream

RECORDS: Final = 1_000
_JSON: Final = "application/sparql-results+json"
_RDFLIB_STUDIES: Final = 50
_PROCESSES: Final = 2
"""That make requests, so that the interpreter of one is not what is measured."""


class Question(NamedTuple):
    """A query, and what our time may be as a multiple of the bare engine's server."""

    title: str
    text: str
    most: float


def _prologue(*prefixes: str) -> str:
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in prefixes)


def questions(study: str) -> list[Question]:
    """The four questions; the first asks for one study."""
    join = """
        SELECT ?study ?name ?country {
          ?study tkg:conditionWithin mesh:D001943 ; tkg:arm ?arm ; tkg:site ?site .
          ?arm tkg:use ?use . ?use tkg:intervention ?intervention . ?intervention rdfs:label ?name .
          ?site schema:addressCountry ?country
        }"""
    aggregate = """
        SELECT ?country (COUNT(DISTINCT ?study) AS ?studies) {
          ?study tkg:site ?site . ?site schema:addressCountry ?country
        } GROUP BY ?country"""
    return [
        Question("point: all about one study", f"SELECT ?property ?value {{ <{study}> ?property ?value }}", 2.5),
        Question("3-hop join", _prologue("tkg", "mesh", "rdfs", "schema") + join, 1.15),
        Question("aggregate", _prologue("tkg", "schema") + aggregate, 1.15),
        Question(
            "100,000 rows", _prologue("rdfs") + "SELECT ?thing ?label { ?thing rdfs:label ?label } LIMIT 100000", 1.15
        ),
    ]


def make_store(directory: Path) -> None:
    """A store of the first records."""
    with gzip.open(data_path()) as source, (directory.parent / "records.ndjson").open("wb") as some:
        some.writelines(islice(source, RECORDS))
    build([directory.parent / "records.ndjson"], directory, checking=None)


# One client, one request after the other.


def ask(client: httpx.Client, url: str, text: str) -> int:
    """Ask a question and read all of its answer; the number of rows."""
    answer = client.post(url, data={"query": text})
    answer.raise_for_status()
    return len(answer.json()["results"]["bindings"])


def latencies(peers: Sequence[Peer], question: Question, rounds: int) -> tuple[list[float], float, int]:
    """Seconds of each peer, the middle of the ratio of the second to the first, and the number of rows."""
    headers = {"Accept": _JSON, "Accept-Encoding": "identity"}
    with ExitStack() as stack:
        works = []
        for one in peers:
            client = stack.enter_context(httpx.Client(headers=headers, timeout=120, trust_env=False))
            works.append(partial(ask, client, one.url, question.text))
        rows = {work() for work in works}
        assert len(rows) == 1, f"the servers differ on {question.title!r}: {rows}"
        times = [[wall_seconds(work) for work in works] for _ in range(rounds)]
    medians = [middle(taken[which] for taken in times) for which in range(len(peers))]
    return medians, middle(taken[1] / taken[0] for taken in times), rows.pop()


# Many clients at once.


def _keep_asking(url: str, requests: Sequence[bytes], number: int, end: float) -> int:
    """Requests of one client that are answered whole before a time."""
    client = Client(url, client_address(number))
    done = 0
    while time.time() < end:
        answer = client.ask(requests[(number + done) % len(requests)])
        assert answer.status == 200, answer
        done += 1
    client.close()
    return done


def _crowd(url: str, requests: Sequence[bytes], numbers: Sequence[int], seconds: float) -> tuple[int, float]:
    """Answers to some clients, each in a thread of this process, and the time that they took."""
    begin = time.time()
    with ThreadPoolExecutor(len(numbers)) as threads:
        done = list(threads.map(lambda number: _keep_asking(url, requests, number, begin + seconds), numbers))
    return sum(done), time.time() - begin


def throughput(
    processes: ProcessPoolExecutor, url: str, texts: Sequence[str], clients: int, seconds: float
) -> tuple[int, float]:
    """Answers to so many clients at once, and the time that they took."""
    requests = [form(url, {"query": text}) for text in texts]
    shares = [range(first, clients, _PROCESSES) for first in range(_PROCESSES)]
    running = [processes.submit(_crowd, url, requests, share, seconds) for share in shares]
    done, took = zip(*(one.result() for one in running), strict=True)
    return sum(done), max(took)


# Where the time goes.


def _times(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    taken = [[wall_seconds(work) for work in works] for _ in range(rounds + 1)][1:]
    return [middle(times[which] for times in taken) for which in range(len(works))]


def _engine(store: ox.Store, text: str) -> bytes:
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions.serialize(format=ox.QueryResultsFormat.JSON) or b""


def _policy(text: str) -> None:
    refuse_oversize(text, longest=10**6, deepest=200)
    refuse_federation(text)


def _logged(log: Path, had: int) -> tuple[float, float]:
    """The middle of how long the server's own log says that requests waited, and took, from a line on."""
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[had:]]
    return middle(entry["waited"] for entry in entries), middle(entry["seconds"] for entry in entries)


def spent(store: Path, ours: Peer, log: Path, question: Question, rounds: int) -> list[float]:
    """Milliseconds of a question: parse, policy, engine, pipe, queue, server, transport, and all of it."""
    generation = StoreDirectory(store).newest()
    opened, empty = open_generation(generation), ox.Store()
    reader = Reader(generation.path)
    reader.start()
    client = Client(ours.url)
    request = form(ours.url, {"query": question.text})
    try:
        had = len(log.read_text(encoding="utf-8").splitlines()) + 1
        parse, policy, engine, piped, asked = _times(
            (
                lambda: empty.query(question.text),
                lambda: _policy(question.text),
                lambda: _engine(opened, question.text),
                lambda: ResultStream(reader, QueryRequest(question.text)).read(),
                lambda: client.ask(request),
            ),
            rounds,
        )
    finally:
        reader.kill()
        client.close()
    waited, served = _logged(log, had)
    parts = (
        parse, policy, engine - parse, piped - policy - engine, waited, served - waited - piped, asked - served, asked
    )  # fmt: skip
    return [1000 * part for part in parts]


# The whole.


def _peers(stack: ExitStack, given: argparse.Namespace, store: Path, folder: Path) -> tuple[Peer, Peer]:
    """The engine's own server over a copy of the store, and ours over the store."""
    copy = folder / "copy"
    shutil.copytree(StoreDirectory(store).newest().path, copy)
    at = f"127.0.0.1:{free_port()}"
    command = [given.peers / "bin" / "oxigraph", "serve", "--location", copy, "--bind", at]
    theirs = stack.enter_context(peer("oxigraph serve", command, f"http://{at}/query", folder))
    return theirs, stack.enter_context(trialkg(store, folder, settings(given)))


def settings(given: argparse.Namespace) -> list[str]:
    """Lines of our server's configuration."""
    return ['slow_query_log = ""', *given.setting]


_RDFLIB_APP: Final = """\
import sys
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
import uvicorn
graph = Graph()
graph.parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


def _rdflib(stack: ExitStack, given: argparse.Namespace, store: Path, folder: Path, studies: Sequence[str]) -> Peer:
    """rdflib-endpoint over the statements of some studies; all would take it minutes to read."""
    opened = open_generation(StoreDirectory(store).newest())
    triples = (quad.triple for one in studies for quad in study_quads(opened, one.rpartition("/")[2]))
    with (folder / "some.nt").open("wb") as file:
        ox.serialize(triples, file, ox.RdfFormat.N_TRIPLES)
    port = free_port()
    command = [given.peers / "bin" / "python", "-c", _RDFLIB_APP, folder / "some.nt", str(port)]
    return stack.enter_context(peer("rdflib-endpoint", command, f"http://127.0.0.1:{port}/", folder))


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"


def _alone(given: argparse.Namespace, asked: Sequence[Question], peers: tuple[Peer, Peer]) -> list[tuple[str, ...]]:
    """Rows of the table of one client."""
    rows = []
    for question in asked:
        rounds = given.rounds * 20 if question is asked[0] else given.rounds
        before = [processor_seconds(one.process.pid) for one in peers]
        (their_time, our_time), ratio, found = latencies(peers, question, rounds)
        computed = [
            (processor_seconds(one.process.pid) - had) / (rounds + 1) for one, had in zip(peers, before, strict=True)
        ]
        figures = (_ms(their_time), _ms(our_time), f"{ratio:.2f}", f"≤ {question.most:g}", *map(_ms, computed))
        rows.append((question.title, f"{found:,}", *figures))
    return rows


class _Crowd(NamedTuple):
    """What many clients ask at once, whom, and what our rate may be as a part of the bare engine's server."""

    title: str
    texts: Sequence[str]
    peers: Sequence[Peer]
    least: float


def _together(given: argparse.Namespace, crowds: Sequence[_Crowd]) -> Iterator[tuple[str, ...]]:
    """Rows of the table of many clients."""
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as processes:
        for crowd in crowds:
            rates: list[list[float]] = []
            costs: list[list[float]] = []
            for _ in range(given.turns):
                turn = []
                for one in crowd.peers:
                    before = processor_seconds(one.process.pid)
                    done, took = throughput(processes, one.url, crowd.texts, given.clients, given.seconds)
                    turn.append((done / took, (processor_seconds(one.process.pid) - before) / done))
                rates.append([rate for rate, _ in turn])
                costs.append([cost for _, cost in turn])
            for which, one in enumerate(crowd.peers):
                yield (
                    crowd.title,
                    one.name,
                    f"{middle(turn[which] for turn in rates):,.0f}",
                    f"{middle(turn[which] / turn[0] for turn in rates):.2f}",
                    f"≥ {crowd.least:g}" if which == 1 else "",
                    f"{middle(turn[1] / turn[which] for turn in rates):.2f}" if which == 2 else "",
                    _ms(middle(turn[which] for turn in costs)),
                )


def measure(given: argparse.Namespace, store: Path, folder: Path) -> None:
    """Measure everything, and print the tables."""
    opened = open_generation(StoreDirectory(store).newest())
    kind, study = ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(PREFIXES["tkg"] + "Study")
    found = islice(opened.quads_for_pattern(None, kind, study), _RDFLIB_STUDIES)
    studies = [str(quad.subject)[1:-1] for quad in found]
    asked = questions(studies[0])
    points = [questions(one)[0].text for one in studies]
    with ExitStack() as stack:
        theirs, ours = _peers(stack, given, store, folder)
        columns: tuple[str, ...]
        columns = ("", "rows", "oxigraph ms", "trialkg ms", "ratio", "goal", "oxigraph CPU ms", "trialkg CPU ms")
        show(f"{len(opened):,} statements, one client (httpx), {load()}", columns, _alone(given, asked, (theirs, ours)))

        columns = ("", "parse", "policy", "engine", "pipe", "queue", "server", "transport", "all of it")
        log = folder / "queries.log"
        with trialkg(store, folder, [f"query_log = {str(log)!r}", *settings(given)]) as logging:
            parts = [
                (one.title, *(f"{part:.3f}" for part in spent(store, logging, log, one, given.rounds))) for one in asked
            ]
        show("where the time goes, in ms, with a client of bare sockets", columns, parts)

        others = [_rdflib(stack, given, store, folder, studies)] if given.rdflib else []
        crowds = (
            _Crowd("points", points, [theirs, ours, *others], 0.35),
            _Crowd("3-hop joins", [asked[1].text], [theirs, ours], 0.9),
        )
        columns = ("", "", "answers/s", "to oxigraph", "goal", "trialkg to it (≥ 3)", "CPU ms each")
        show(f"{given.clients} clients at once, {load()}", columns, list(_together(given, crowds)))


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Our endpoint beside others, over the same store.")
    parser.add_argument("--peers", type=Path, required=True, help="an environment with oxigraph and rdflib-endpoint")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each question; point look-ups have 20 as many")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long a turn with many clients is")
    parser.add_argument("--turns", type=int, default=3, help="turns with many clients")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--store", type=Path, help="a store to ask, in place of one built of real records")
    parser.add_argument("--setting", action="append", default=[], help="a line of our server's configuration")
    parser.add_argument("--no-rdflib", dest="rdflib", action="store_false", help="leave rdflib-endpoint out")
    given = parser.parse_args()
    if not (given.peers / "bin" / "oxigraph").exists():
        sys.exit(f"{given.peers}: has no oxigraph; bench/README.md says how to install the peers")
    with tempfile.TemporaryDirectory(prefix="trialkg-bench-") as name:
        store = given.store or Path(name) / "trials.kg"
        if not given.store:
            make_store(store)
        measure(given, store, Path(name))


if __name__ == "__main__":
    main()
