"""Our endpoint under siege: many clients of all kinds, killed processes, new generations.

    python -m bench.siege [--clients 200] [--seconds 60] [--generations 50] [--store DIR]

``README.md`` says what happens and what is demanded. Everything runs on 127.0.0.1, and ends by itself. The exit code
is 1 when a demand is not met.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from bench.figures import middle, show
from bench.loopback import (
    Answer,
    Broken,
    Client,
    Peer,
    born,
    client_address,
    form,
    identified,
    load,
    processes,
    trialkg,
)
from kg.namespaces import PREFIXES
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory

__all__ = ["SETTINGS", "Outcome", "Plan", "besiege", "demands", "prepare"]

SETTINGS: Final = {
    "workers": 8,
    "spare_workers": 2,
    "query_memory": 512 * 2**20,
    "timeout": 5,
    "young_seconds": 0.05,
    "quick_seconds": 0.25,
    "long_queries": 2,
    "stall_seconds": 5,
    "waiting": 16,
    "client_waiting": 4,
}
"""How our server is configured; all else as it comes."""
_SPARE_BYTES: Final = 300 * 2**20
_TAIL: Final = 20
"""Most that the 99th percentile of point look-ups may be, in medians of an idle server."""
_STUDIES: Final = 100
_MOST_ROWS: Final = 100_000
_PATIENCE: Final = 20.0
_START_SECONDS: Final = 60.0
_MARKER: Final = ox.NamedNode("urn:siege:generation")
_NUMBER: Final = ox.NamedNode("urn:siege:number")
_RUNAWAY: Final = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(7)) + " }"
_DUMP: Final = f"SELECT * {{ ?a ?b ?c }} LIMIT {_MOST_ROWS}"
_SMALL_DUMP: Final = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {_MOST_ROWS}"
"""For a store that has too few statements."""
_MARKED: Final = f"SELECT ?n {{ {_MARKER} {_NUMBER} ?n }}"


class Group(NamedTuple):
    """Clients of a kind: how many of 200, and how long each rests between two requests, at most."""

    share: int
    rest: float


GROUPS: Final = {
    "point": Group(110, 4.0),
    "marker": Group(10, 4.0),
    "join": Group(30, 6.0),
    "dump": Group(10, 40.0),
    "runaway": Group(10, 10.0),
    "aborted": Group(10, 10.0),
    "syntax": Group(10, 4.0),
    "slow": Group(10, 10.0),
}
_ORDERLY: Final = ("point", "marker")
"""Kinds whose times count: their clients are in a process of their own, so that only the server holds them up."""


@dataclass
class Outcome:
    """What came of the requests of a phase."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: int = 0
    killed: int = 0
    published: int = 0
    excuses: Counter[str] = field(default_factory=Counter)

    def add(self, other: Outcome) -> None:
        """Take in what other clients found."""
        self.answers += other.answers
        self.wrong += other.wrong
        self.excuses += other.excuses
        for kind, taken in other.seconds.items():
            self.seconds.setdefault(kind, []).extend(taken)

    def of(self, *kinds: str) -> Counter[str]:
        """How often there was which status, for some kinds or all."""
        found: Counter[str] = Counter()
        for (kind, status), number in self.answers.items():
            if not kinds or kind in kinds:
                found[status] += number
        return found


class Truth(NamedTuple):
    """Queries with their answers, each a sorted list of rows; and a dump with the number of its rows."""

    points: list[tuple[str, list[str]]]
    joins: list[tuple[str, list[str]]]
    dump: str
    dump_rows: int


class Plan(NamedTuple):
    """How a phase is: its name, clients, length, and what else happens."""

    name: str
    clients: int
    seconds: float
    generations: int = 0
    kills: bool = False


# What is asked, and what is right.


def _rows(body: bytes) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in json.loads(body)["results"]["bindings"])


def _told(body: bytes) -> list[str]:
    """The rows of an answer; none of one that is no document."""
    try:
        return _rows(body)
    except ValueError:
        return []


def prepare(directory: Path) -> Truth:
    """Mark a store with a number, and find out what is right."""
    publish(directory, 0)
    store = open_generation(StoreDirectory(directory).newest())

    def answered(text: str) -> tuple[str, list[str]]:
        solutions = store.query(text)
        assert isinstance(solutions, ox.QuerySolutions)
        return text, _rows(solutions.serialize(format=ox.QueryResultsFormat.JSON) or b"")

    kind, study = ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(PREFIXES["tkg"] + "Study")
    studies = [quad.subject for quad in islice(store.quads_for_pattern(None, kind, study), _STUDIES)]
    return Truth(
        [answered(f"SELECT ?p ?o {{ {one} ?p ?o }}") for one in studies],
        [answered(f"SELECT ?a ?q ?v {{ {one} ?p ?a . ?a ?q ?b . ?b ?r ?v }} LIMIT 2000") for one in studies[:20]],
        *((_DUMP, _MOST_ROWS) if len(store) >= _MOST_ROWS else (_SMALL_DUMP, min(_MOST_ROWS, len(store) ** 2))),
    )


def publish(directory: Path, number: int) -> None:
    """Publish a generation with another number."""
    with StoreDirectory(directory).writing() as draft:
        old = list(draft.store.quads_for_pattern(_MARKER, _NUMBER, None))
        for quad in old:
            draft.store.remove(quad)
        draft.store.add(ox.Quad(_MARKER, _NUMBER, ox.Literal(number)))
        draft.report = {**(draft.base.report if draft.base else {})}


# The clients.


class _Clients:
    """The clients of one process.

    Args:
        url: the endpoint.
        truth: what is right.
        end: when to stop.
        published: the number of the newest generation.
    """

    def __init__(self, url: str, truth: Truth, end: float, published: Synchronized[int]) -> None:
        self._url = url
        self._truth = truth
        self._end = end
        self._published = published
        self._lock = threading.Lock()
        self.outcome = Outcome()

    def live(self, kind: str, number: int) -> None:
        """One client, until the end: asks, rests, asks again."""
        chance = random.Random(number)  # noqa: S311
        client = Client(self._url, client_address(number), _PATIENCE)
        act: Callable[[Client, random.Random], tuple[str, str]] = getattr(self, f"_{kind}")
        time.sleep(chance.uniform(0, min(GROUPS[kind].rest, max(0.0, self._end - time.time()) / 3)))
        while time.time() < self._end:
            began = time.perf_counter()
            try:
                status, wrong = act(client, chance)
            except Broken as error:
                status, wrong = "broken", ""
                self._excuse(kind, str(error))
            with self._lock:
                self.outcome.answers[kind, status] += 1
                if status == "200":
                    self.outcome.seconds.setdefault(kind, []).append(time.perf_counter() - began)
                if wrong:
                    self.outcome.wrong.append(f"{kind}: {wrong}")
            time.sleep(max(0.0, min(chance.uniform(0, GROUPS[kind].rest), self._end - time.time())))
        client.close()

    def _right(self, answer: Answer, expected: list[str], kind: str = "") -> tuple[str, str]:
        if answer.status == 200 and _told(answer.body) != expected:
            return "200", f"{len(expected)} rows expected, and others came: {answer.body[:200]!r}"
        return self._plain(answer, 200, kind=kind)

    def _excuse(self, kind: str, words: str) -> None:
        """Note why a look-up got no answer."""
        if kind in _ORDERLY:
            with self._lock:
                self.outcome.excuses[words] += 1

    def _plain(self, answer: Answer, *expected: int, kind: str = "") -> tuple[str, str]:
        """A status, which has to be one of those expected, or say that the server is busy."""
        if answer.status == 503:
            self._excuse(kind, json.loads(answer.body)["detail"])
        known = answer.status in (*expected, 429, 503, 504)
        return str(answer.status), "" if known else f"status {answer.status}: {answer.body[:300]!r}"

    def _ask(self, client: Client, text: str) -> Answer:
        return client.ask(form(self._url, {"query": text}))

    def _point(self, client: Client, chance: random.Random) -> tuple[str, str]:
        text, expected = chance.choice(self._truth.points)
        return self._right(self._ask(client, text), expected, "point")

    def _join(self, client: Client, chance: random.Random) -> tuple[str, str]:
        text, expected = chance.choice(self._truth.joins)
        return self._right(self._ask(client, text), expected)

    def _marker(self, client: Client, _: random.Random) -> tuple[str, str]:
        """What was published before it was asked is seen."""
        least = self._published.value
        answer = self._ask(client, _MARKED)
        if answer.status == 200:
            found = [int(row["n"]["value"]) for row in json.loads(answer.body)["results"]["bindings"]]
            if len(found) != 1 or not least <= found[0] <= self._published.value + 1:
                return "200", f"generation {found}, but {least} was published"
        return self._plain(answer, 200, kind="marker")

    def _dump(self, client: Client, _: random.Random) -> tuple[str, str]:
        answer = self._ask(client, self._truth.dump)
        if answer.status == 200:
            rows = answer.body.count(b'{"a":{')
            if rows != self._truth.dump_rows or not answer.body.endswith(b"]}}"):
                return "200", f"{rows} rows of {self._truth.dump_rows}, and it looks whole"
        return self._plain(answer, 200)

    def _runaway(self, client: Client, _: random.Random) -> tuple[str, str]:
        return self._plain(self._ask(client, _RUNAWAY))

    def _syntax(self, client: Client, chance: random.Random) -> tuple[str, str]:
        text = chance.choice(["SELECT * {", "SELEC ?a {}", "ASK { ?s nope:x ?o }", "SELECT * { ?s ?p 'x }"])
        return self._plain(self._ask(client, text), 400)

    def _aborted(self, client: Client, chance: random.Random) -> tuple[str, str]:
        client.send(form(self._url, {"query": self._truth.dump}))
        client.read(1 + chance.randrange(200_000))
        client.close()
        return "left", ""

    def _slow(self, client: Client, _: random.Random) -> tuple[str, str]:
        client.send(form(self._url, {"query": self._truth.dump}))
        end = min(self._end, time.time() + _PATIENCE)
        while time.time() < end and client.read(2_000):
            time.sleep(0.1)
        client.close()
        return "left", ""


def _live(
    url: str, truth: Truth, seconds: float, published: Synchronized[int], who: Sequence[tuple[str, int]], *talk: Any
) -> None:
    """Clients in a process of their own, each in a thread; they begin together with those of the other processes."""
    begin, found = talk
    begin.wait()
    clients = _Clients(url, truth, time.time() + seconds, published)
    threads = [threading.Thread(target=clients.live, args=one) for one in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.put(clients.outcome)


# What else happens, and what is watched.


def _memory(process: int) -> int:
    """What a process and those below it have in memory; what several have counts for each."""
    size = 0
    for one in {process} | processes(process):
        with suppress(FileNotFoundError, ProcessLookupError):
            size += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return size


@contextmanager
def _meanwhile(work: Callable[[], None], every: float) -> Iterator[None]:
    """Do something again and again beside the body. What it raises, this raises in the end."""
    stop = threading.Event()
    failed: SimpleQueue[BaseException] = SimpleQueue()

    def repeat() -> None:
        try:
            while not stop.wait(every):
                work()
        except BaseException as error:
            failed.put(error)
            raise

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if not failed.empty():
        raise failed.get()


def besiege(server: Peer, store: Path, truth: Truth, plan: Plan, seen: set[tuple[int, int]]) -> Outcome:
    """One phase.

    Args:
        server: our server.
        store: its store.
        truth: what is right.
        plan: how the phase is.
        seen: gets the processes that were seen below the server.
    """
    context = get_context("spawn")
    published = context.Value("i", _newest_number(store))
    outcome = Outcome()
    chance = random.Random(plan.name)  # noqa: S311

    def watch() -> None:
        outcome.memory = max(outcome.memory, _memory(server.process.pid))
        seen.update(identified(server.process.pid))

    def kill() -> None:
        below = sorted(processes(server.process.pid))
        if below:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(below), signal.SIGKILL)
            outcome.killed += 1

    def renew() -> None:
        if outcome.published < plan.generations:
            publish(store, published.value + 1)
            published.value += 1
            outcome.published += 1

    who = [
        (kind, number)
        for number, kind in enumerate(
            kind for kind, group in GROUPS.items() for _ in range(max(1, round(group.share * plan.clients / 200)))
        )
    ]
    talk = context.Barrier(3), context.Queue()
    parts = [[one for one in who if one[0] in _ORDERLY], [one for one in who if one[0] not in _ORDERLY]]
    running = [
        context.Process(target=_live, args=(server.url, truth, plan.seconds, published, part, *talk)) for part in parts
    ]
    for process in running:
        process.start()
    talk[0].wait(_START_SECONDS)
    every = plan.seconds / (1.6 * plan.generations + 2)
    with (
        _meanwhile(watch, 0.5),
        _meanwhile(kill if plan.kills else lambda: None, 1.0),
        _meanwhile(renew if plan.generations else lambda: None, every if plan.generations else 1.0),
    ):
        for _ in running:
            outcome.add(talk[1].get(timeout=plan.seconds + 3 * _PATIENCE))
        for process in running:
            process.join()
    return outcome


def _newest_number(store: Path) -> int:
    opened = open_generation(StoreDirectory(store).newest())
    (quad,) = opened.quads_for_pattern(_MARKER, _NUMBER, None)
    assert isinstance(quad.object, ox.Literal)
    return int(quad.object.value)


def idle_seconds(server: Peer, truth: Truth, requests: int = 300) -> list[float]:
    """Times of point look-ups, one after the other, while nobody else asks."""
    client = Client(server.url)
    taken = []
    for number in range(requests):
        text, expected = truth.points[number % len(truth.points)]
        begin = time.perf_counter()
        answer = client.ask(form(server.url, {"query": text}))
        taken.append(time.perf_counter() - begin)
        assert _rows(answer.body) == expected
    client.close()
    return taken


def settled(server: Peer, number: int) -> bool:
    """Whether soon nothing computes any more, and there are as many processes as before."""
    end = time.time() + 10
    while time.time() < end:
        below = processes(server.process.pid)
        states = set()
        for one in below:
            with suppress(FileNotFoundError, ProcessLookupError):
                states.add(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[0])
        if len(below) == number and not states & {"R", "Z"}:
            return True
        time.sleep(0.1)
    print(f"left behind: {len(below)} processes, in states {sorted(states)}")
    return False


# What is demanded.


def percentile(values: Sequence[float], part: float) -> float:
    """A percentile; 0 of nothing."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def demands(plan: Plan, outcome: Outcome, idle: float, *, workers: int, memory: int, calm: bool) -> dict[str, bool]:
    """What is demanded of a phase, and whether it is met."""
    statuses = outcome.of()
    points = outcome.of(*_ORDERLY)
    met = {
        "no 500": not any(status.startswith("5") and status not in ("503", "504") for status in statuses),
        "no wrong answer": not outcome.wrong,
        "memory within workers × limit + 300 MB": outcome.memory <= workers * memory + _SPARE_BYTES,
        "nothing left behind": calm,
        "point look-ups are answered": points["200"] > 0,
    }
    if not plan.kills:
        met["no point look-up is lost"] = not points["broken"] and not points["503"]
    if not plan.kills and not plan.generations:
        p99 = percentile(outcome.seconds.get("point", ()), 0.99)
        met[f"p99 of point look-ups below {_TAIL} × {1000 * idle:.2f} ms"] = p99 < _TAIL * idle
    if plan.generations:
        met[f"{plan.generations} generations published"] = outcome.published == plan.generations
    return met


def _print(plan: Plan, outcome: Outcome, met: dict[str, bool]) -> None:
    rows = []
    for kind in GROUPS:
        found = outcome.of(kind)
        said = ", ".join(f"{status}: {number}" for status, number in sorted(found.items()))
        taken = outcome.seconds.get(kind, ())
        times = [f"{1000 * percentile(taken, part):.1f}" if taken else "–" for part in (0.5, 0.99)]
        rows.append((kind, f"{found.total():,}", *times, said))
    title = (
        f"{plan.name}: {plan.clients} clients, {plan.seconds:g} s, {outcome.killed} killed, {outcome.published} "
        f"published, {outcome.memory / 2**20:,.0f} MiB at most; {load()}"
    )
    show(title, ("", "requests", "median ms", "p99 ms", "answers"), rows)
    for wrong in outcome.wrong[:5]:
        print("WRONG", wrong)
    for words, number in outcome.excuses.most_common(5):
        print(f"a look-up got no answer, {number} times: {words}")
    for demand, is_met in met.items():
        print("met    " if is_met else "NOT MET", demand)


def run(store: Path, plans: Sequence[Plan], folder: Path, settings: dict[str, int | float]) -> bool:
    """Besiege a server in some phases, and print the tables; whether every demand is met."""
    truth = prepare(store)
    lines = [f"{name} = {value}" for name, value in settings.items()]
    seen: set[tuple[int, int]] = set()
    good = True
    with trialkg(store, folder, lines) as server:
        for plan in plans:
            idle = middle(idle_seconds(server, truth))
            outcome = besiege(server, store, truth, plan, seen)
            calm = settled(server, int(settings["workers"] + settings["spare_workers"]))
            met = demands(
                plan, outcome, idle, workers=int(settings["workers"]), memory=int(settings["query_memory"]), calm=calm
            )
            _print(plan, outcome, met)
            good = good and all(met.values())
        seen |= identified(server.process.pid)
    left = [one for one, began in seen if born(one) == began]
    log = (folder / "trialkg.log").read_text()
    print("NOT MET" if left else "met    ", "no process outlives the server")
    print("NOT MET" if "Traceback" in log else "met    ", "no traceback in the log")
    if "Traceback" in log:
        print(log[-3000:])
    return good and not left and "Traceback" not in log


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Our endpoint under siege.")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each of the three phases is")
    parser.add_argument("--generations", type=int, default=50, help="published in the last two phases together")
    parser.add_argument("--store", type=Path, help="a store to use and change, in place of one built of real records")
    given = parser.parse_args()
    half = given.generations // 2
    plans = [
        Plan("mixed", given.clients, given.seconds),
        Plan("new generations", given.clients, given.seconds, given.generations - half),
        Plan("new generations and killed processes", given.clients, given.seconds, half, kills=True),
    ]
    with tempfile.TemporaryDirectory(prefix="trialkg-siege-") as name:
        store = given.store or Path(name) / "trials.kg"
        if not given.store:
            # Not above: the processes of the clients import this module.
            from bench.endpoint import make_store

            make_store(store)
        sys.exit(0 if run(store, plans, Path(name), dict(SETTINGS)) else 1)


if __name__ == "__main__":
    main()
