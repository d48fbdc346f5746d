"""The process that asks an endpoint elsewhere: one request at a time, within limits, and it may be ended at any moment.

It says what the process of a store says, so that whoever talks with it need not know the difference. Nobody's query
leads it to any other address than the endpoint's, and what is no query by the grammar, such as a product's own
directives, is not passed on.
"""

from __future__ import annotations

import re
from multiprocessing.connection import Connection
from typing import Final, cast

import pyoxigraph as ox

from kg.confined.inside import connect, limit_memory
from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError, RemoteUnavailable, TermError, TrialkgError
from kg.namespaces import PREFIXES
from kg.store.guard import refuse_federation, refuse_oversize
from kg.store.messages import STOP, Chunk, Done, Failed, Message, Started, encode
from kg.store.reader import QueryRequest
from kg.store.remote import RemoteBackend
from kg.store.worker import syntax_failure

__all__ = ["main"]

_TRIVIAL: Final = "ASK {}"
"""True of every dataset. Whoever asks only whether this process is ready need not wait for the endpoint."""
_KINDS: Final[tuple[tuple[type[TrialkgError], str], ...]] = (
    (QueryRefused, "refused"),
    (QueryTimeout, "late"),
    (QueryError, "request"),
    (TermError, "request"),
    (RemoteUnavailable, "away"),
    (RemoteError, "remote"),
)


def _check(request: QueryRequest, longest: int, deepest: int) -> Failed | None:
    """What is wrong with a query, by its text alone."""
    try:
        refuse_oversize(request.text, longest=longest, deepest=deepest)
        refuse_federation(request.text)
    except QueryRefused as error:
        return Failed("refused", error.problem, remedy=error.remedy)
    except QueryError as error:
        line, column = (int(number) for number in re.findall(r"\d+", error.place))
        return Failed("syntax", error.problem, line, column, error.remedy)
    try:
        # Over nothing: only its grammar is of interest.
        ox.Store().query(request.text, base_iri=request.base_iri, prefixes=PREFIXES if request.prefixes else None)
    except SyntaxError as error:
        return syntax_failure(str(error), request.text)
    except ValueError as error:
        return Failed("request", str(error))
    except (OSError, RuntimeError):
        # An engine that cannot evaluate it is no reason for another one not to.
        return None
    return None


def _reply(backend: RemoteBackend, request: QueryRequest, connection: Connection, limits: tuple[int, int]) -> Message:
    failed = _check(request, *limits)
    if failed:
        return failed
    if request.text == _TRIVIAL:
        connection.send_bytes(encode(Started(request.media_type, "boolean")))
        found = cast("ox.QueryBoolean", ox.Store().query(_TRIVIAL))
        data = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
        connection.send_bytes(encode(Chunk(data)))
        return Done(len(data))
    try:
        result = backend.run(request)
    except MemoryError:
        return Failed("memory", "the answer needs more memory than it may use", remedy="ask for less at once")
    except TrialkgError as error:
        kind = next(kind for errors, kind in _KINDS if isinstance(error, errors))
        # Not the place, which is an address that only the owner of this process knows.
        return Failed(kind, error.problem, remedy="" if isinstance(error, RemoteError) else error.remedy)
    # A number at which servers often cut is announced like one that they name: it is never silent.
    connection.send_bytes(encode(Started(result.media_type, result.kind, result.cut_at or result.suspect_at)))
    size = 0
    for data in result:
        connection.send_bytes(encode(Chunk(data)))
        size += len(data)
    return Done(size)


def main(descriptor: str, url: str, graph: str, memory: str, longest: str, deepest: str, most: str) -> None:
    """Serve requests until the connection is closed.

    Args:
        descriptor: this process's end of the connection.
        url: the endpoint.
        graph: the default graph of queries that name none; empty to leave it to the endpoint.
        memory: bytes of address space that requests may use beyond what this process starts with.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.
        most: most bytes of an answer.
    """
    connection = connect(int(descriptor))
    # Loaded before the first request, which would wait for it.
    import SPARQLWrapper  # noqa: F401

    limit_memory(int(memory))
    limits = int(longest), int(deepest)
    try:
        while True:
            frame = connection.recv_bytes()
            if frame == STOP:
                continue
            request = QueryRequest.of_frame(frame)
            bytes_ = min(int(most), request.longest or int(most))
            backend = RemoteBackend(
                url, graph=graph, most=bytes_, rows=request.rows, longest=limits[0], deepest=limits[1]
            )
            connection.send_bytes(encode(_reply(backend, request, connection, limits)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
