"""Queries in a process of their own, which can be stopped.

The engine has neither a deadline nor a memory limit, and a text can overflow its parser's stack. So each query runs
in a reader process, which is killed at the deadline and may die without harm.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from kg.config import LIMITS
from kg.confined.owner import Confined, Ending, How
from kg.errors import QueryError, QueryTimeout, StoreError
from kg.federation.limits import ServiceLimits
from kg.namespaces import PREFIXES
from kg.store.messages import Chunk, Done, Failed, Message, Started, decode

__all__ = [
    "GRAPH_TYPE",
    "RESULTS_TYPE",
    "Chunk",
    "Done",
    "Failed",
    "Message",
    "QueryRequest",
    "Reader",
    "ResultStream",
    "Started",
    "run",
]

RESULTS_TYPE: Final = "application/sparql-results+json"
"""The format of results that every other can be made of."""
GRAPH_TYPE: Final = "text/turtle"
"""The format of graphs for people."""

_WORKER: Final = "kg.store.worker"
_CALLER: Final = "kg.federation.caller"


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query, and how its result is wanted.

    Args:
        text: the SPARQL text.
        timeout: seconds until the query is stopped.
        media_type: the format for SELECT and ASK. When it names an RDF format, it is the one for graphs too.
        graph_media_type: the format for CONSTRUCT and DESCRIBE, when ``media_type`` is none for graphs.
            Empty when no graph is acceptable.
        default_graphs: names of the graphs that make the default graph; None leaves it to the query.
        named_graphs: names of the named graphs; None leaves them to the query.
        prefixes: whether the standard prefixes count as declared.
        base_iri: what relative IRIs are relative to.
        description: N-Triples that a query on the description of the endpoint is answered from; see
            :func:`kg.store.description.is_on_description`.
        rows: most rows of a result, or statements of a graph; 0 for any number. With a number, nothing is given before
            the result is whole or has so many rows: that it is cut off is said before the first of them.
        longest: most bytes of the result; 0 for any number. One that has more is broken off.
        store: the folder of another store, which the process has open from then on; empty for the one that it has.
        marked: the query with marks in the places of values, and ``terms`` each mark with its term. Whoever sends the
            text elsewhere proves by them that the values are terms; see :mod:`kg.store.substitution`.
    """

    text: str
    timeout: float = LIMITS.query_seconds
    media_type: str = RESULTS_TYPE
    graph_media_type: str = GRAPH_TYPE
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    prefixes: bool = False
    base_iri: str | None = None
    description: str = ""
    rows: int = 0
    longest: int = 0
    store: str = ""
    marked: str = ""
    terms: tuple[tuple[str, str], ...] = ()

    def frame(self) -> bytes:
        """The request as the query process reads it."""
        return msgspec.json.encode(self)

    @classmethod
    def of_frame(cls, frame: bytes) -> QueryRequest:
        """The request that :meth:`frame` wrote.

        >>> request = QueryRequest("ASK {}", prefixes=True)
        >>> QueryRequest.of_frame(request.frame()) == request
        True
        """
        return msgspec.json.decode(frame, type=cls)


class Reader:
    """One query process over one store, for one request at a time.

    After :meth:`start` requests may be sent at once; the process takes them when it is ready. For each, it sends
    ``Failed``, or ``Started``, some ``Chunk`` and ``Done``; ``Failed`` may also break an answer off. Afterwards it
    takes the next, if it is still :attr:`alive`. It never outlives the process that started it.

    :meth:`receive` may wait in one thread while :meth:`kill` is called in another.

    Args:
        store: the folder of the store; opened read-only.
        memory: bytes that queries may use beyond what the open store does.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.
        services: the hosts that queries may ask by SERVICE; None for none.
    """

    def __init__(
        self,
        store: Path,
        *,
        memory: int = LIMITS.query_memory,
        longest: int = LIMITS.query_bytes,
        deepest: int = LIMITS.query_depth,
        services: ServiceLimits | None = None,
    ) -> None:
        self.store = store
        self.memory = memory
        self._limits = longest, deepest
        self._services = services
        self._caller: Confined | None = None
        self._process: Confined | None = None

    def start(self) -> None:
        """Start the process, without waiting until it is ready.

        Raises:
            StoreError: it cannot be started.
        """
        given = [str(self.store.absolute()), *(str(limit) for limit in (self.memory, *self._limits))]
        inherited = []
        try:
            if self._services:
                # A child of this process too: one of the query process would be left to whoever adopts orphans.
                self._caller = Confined(_CALLER, [self._services.encode()])
                inherited = [self._caller.fileno()]
                given += [self._services.encode(), str(self._caller.fileno())]
            self._process = Confined(_WORKER, given, inherited=inherited)
        except OSError as error:
            self.kill()
            raise StoreError(f"no query process can be started: {error}", place=str(self.store)) from error
        self._process.send(json.dumps(PREFIXES).encode())

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs, and the one that makes its calls, where it has one."""
        running = self._process is not None and self._process.alive
        return running and (self._caller is None or self._caller.alive)

    def fileno(self) -> int:
        """The descriptor that becomes readable when there is a message.

        Raises:
            StoreError: not started.
        """
        return self._open().fileno()

    def send(self, request: QueryRequest) -> None:
        """Send a request. Should the process have ended, :meth:`receive` tells.

        Raises:
            StoreError: not started.
        """
        self._open().send(request.frame())

    def poll(self, timeout: float = 0.0) -> bool:
        """Whether a message, or the end of the process, comes within so many seconds."""
        return self._open().poll(timeout)

    def receive(self) -> Message:
        """The next message; waits for it. When the process has ended, ``Failed`` with the reason.

        Raises:
            StoreError: not started.
        """
        process = self._open()
        try:
            return decode(process.receive())
        except EOFError:
            return self.ended()

    def ended(self) -> Failed:
        """How the process ended; waits a little until it has.

        Raises:
            StoreError: not started.
        """
        return self._reason(self._open().ending())

    def kill(self) -> None:
        """End the process at once, whatever it does. May be called again, and from any thread."""
        for process in (self._process, self._caller):
            if process:
                process.kill()

    def _open(self) -> Confined:
        if self._process is None:
            raise StoreError("the query process is not started", place=str(self.store), remedy="call start() first")
        return self._process

    def _reason(self, ending: Ending) -> Failed:
        match ending.how:
            case How.MEMORY:
                limit = f"{self.memory / 2**20:,.0f} MiB"
                return Failed(
                    "memory", f"the query needs more than the {limit} it may use", remedy="ask for less at once"
                )
            case How.KILLED:
                return Failed("killed", "the query was stopped")
            case How.STACK:
                return Failed("deep", "the query overflowed the engine's stack", remedy="make it shorter")
            case How.CRASHED:
                how, _, last = ending.words.partition(": ")
                return Failed("crashed", f"the query process ended by {how}", remedy=last)


class ResultStream:
    """The result of a query while it comes: its type at once, its bytes by iterating.

    Args:
        reader: a reader that is started and idle.
        request: what to ask it.
        finished: called with the reader once the result is complete and the reader free again.

    The time limit counts the time spent waiting for the reader, so whoever reads slowly loses nothing by it. A
    stream left before its end has its reader killed when it is closed or forgotten.

    Raises:
        QueryTimeout: the deadline was reached; also while iterating.
        QueryError: the query does not parse, is refused, or fails; also while iterating.
    """

    def __init__(
        self, reader: Reader, request: QueryRequest, *, finished: Callable[[Reader], None] | None = None
    ) -> None:
        self.complete = False
        self.cut_at: int | None = None
        self.suspect_at: int | None = None
        self._finished = finished
        self._reader: Reader | None = reader
        self._timeout = request.timeout
        self._left = request.timeout
        reader.send(request)
        first = self._next(reader)
        if not isinstance(first, Started):
            reader.kill()
            raise QueryError("the query process answered out of order")
        self.media_type = first.media_type
        self.kind = first.kind
        self.cut_at = first.cut_at

    def __iter__(self) -> Iterator[bytes]:
        while self._reader:
            message = self._next(self._reader)
            if isinstance(message, Done):
                self.complete = True
                reader, self._reader = self._reader, None
                if self._finished:
                    self._finished(reader)
            elif isinstance(message, Chunk):
                yield message.data

    def read(self, most: int = LIMITS.answer_bytes) -> bytes:
        """The whole result.

        Raises:
            QueryError: it has more than ``most`` bytes.
        """
        result = bytearray()
        for chunk in self:
            result += chunk
            if len(result) > most:
                self.close()
                raise QueryError(f"the result has more than {most:,} bytes", remedy="add LIMIT, or write it to a file")
        return bytes(result)

    def close(self) -> None:
        """Stop the query, unless it is complete."""
        if self._reader:
            self._reader.kill()
            self._reader = None

    def __enter__(self) -> ResultStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self, reader: Reader) -> Message:
        before = time.monotonic()
        ready = reader.poll(max(0.0, self._left))
        self._left -= time.monotonic() - before
        if not ready:
            self.close()
            raise QueryTimeout(
                f"the query was stopped after {self._timeout:g} s", remedy="narrow it, or allow more time"
            )
        message = reader.receive()
        if isinstance(message, Failed):
            self._reader = None
            raise message.error()
        return message


def run(store: Path, request: QueryRequest, *, memory: int = LIMITS.query_memory) -> ResultStream:
    """Answer a request with a reader of its own, which ends with the answer.

    Args:
        store: the folder of the store, for example ``StoreDirectory(…).newest().path``.
        request: the query.
        memory: bytes that the query may use.

    Raises:
        StoreError: the store cannot be opened.
        QueryError: the query does not parse, is refused, or fails.
        QueryTimeout: nothing came before the deadline.
    """
    reader = Reader(store, memory=memory)
    reader.start()
    try:
        return ResultStream(reader, request)
    except BaseException:
        reader.kill()
        raise
