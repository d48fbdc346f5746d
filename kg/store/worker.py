"""The query process: one store, opened read-only, one request at a time.

It trusts no query. It has its own memory limit, ignores the keyboard, has no network where the kernel lets it give
that up, writes no files, and ends when its owner does. What it imports decides how fast it is ready, so that is
little; limits and prefixes come with the start and with each request.
"""

from __future__ import annotations

import json
import re
from multiprocessing.connection import Connection
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from kg.confined.inside import connect, leave_network, limit_memory
from kg.errors import QueryError, QueryRefused
from kg.store.guard import refuse_federation, refuse_oversize
from kg.store.messages import Chunk, Done, Failed, Message, Started, encode
from kg.store.pin import pin

__all__ = ["main", "syntax_failure"]

_CHUNK_BYTES: Final = 64 * 1024
_SHOWN: Final = 40
_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", re.DOTALL)
# Character classes of the grammar: noise to people.
_CLASSES = re.compile(r"\[[^\[\]]*\]")
_WITH_PREFIXES: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N3, ox.RdfFormat.RDF_XML)


class _Unacceptable(Exception):
    """No format of this kind of result was asked for."""


class _Output:
    """Collects what the serialiser writes and sends it in large pieces."""

    def __init__(self, connection: Connection, started: Started) -> None:
        self._connection = connection
        self._started: Started | None = started
        self._buffer = bytearray()
        self.size = 0

    @property
    def file(self) -> IO[bytes]:
        """This, as the serialiser's signature wants it; it calls only ``write`` and ``flush``."""
        return cast("IO[bytes]", self)

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) >= _CHUNK_BYTES:
            self.flush_chunk()
        return len(data)

    def flush(self) -> None:
        """The serialiser's flush; pieces stay large regardless."""

    def flush_chunk(self) -> None:
        if self._started:
            self._connection.send_bytes(encode(self._started))
            self._started = None
        if self._buffer:
            self._connection.send_bytes(encode(Chunk(bytes(self._buffer))))
            self.size += len(self._buffer)
            self._buffer.clear()


def _answer(store: ox.Store, request: dict[str, Any], connection: Connection) -> Done:
    results = store.query(
        request["text"],
        base_iri=request["base_iri"],
        prefixes=request["prefixes"] if request["bind_prefixes"] else None,
        default_graph=_graphs(request["default_graphs"]),
        named_graphs=_graphs(request["named_graphs"]),
    )
    if isinstance(results, ox.QueryTriples):
        graph_format = _graph_format(request["media_type"]) or _graph_format(request["graph_media_type"])
        if graph_format is None:
            raise _Unacceptable(f"the query gives a graph, and {request['media_type']!r} is no format of one")
        output = _Output(connection, Started(graph_format.media_type, "graph"))
        if graph_format in _WITH_PREFIXES:
            ox.serialize(results, output.file, graph_format, prefixes=request["prefixes"])
        else:
            results.serialize(output.file, graph_format)
    else:
        result_format = ox.QueryResultsFormat.from_media_type(request["media_type"])
        if result_format is None:
            raise _Unacceptable(f"the query gives no graph, and {request['media_type']!r} is no format of its result")
        kind = "boolean" if isinstance(results, ox.QueryBoolean) else "solutions"
        output = _Output(connection, Started(result_format.media_type, kind))
        results.serialize(output.file, result_format)
    output.flush_chunk()
    return Done(output.size)


def _graphs(names: list[str] | None) -> Any:
    return None if names is None else [ox.NamedNode(name) for name in names]


def _graph_format(media_type: str) -> ox.RdfFormat | None:
    return ox.RdfFormat.from_media_type(media_type) if media_type else None


def _reply(store: ox.Store, request: dict[str, Any], connection: Connection, limits: tuple[int, int]) -> Message:
    """Answer a request, saying what went wrong where something did."""
    try:
        refuse_oversize(request["text"], longest=limits[0], deepest=limits[1])
        refuse_federation(request["text"])
    except QueryRefused as error:
        return Failed("refused", error.problem, remedy=error.remedy)
    except QueryError as error:
        line, column = (int(number) for number in re.findall(r"\d+", error.place))
        return Failed("syntax", error.problem, line, column, error.remedy)
    try:
        return _answer(store, request, connection)
    except SyntaxError as error:
        return syntax_failure(str(error), request["text"])
    except _Unacceptable as error:
        return Failed("unacceptable", str(error))
    except ValueError as error:
        return Failed("request", str(error))
    except MemoryError:
        return Failed("memory", "the query needs more memory than it may use", remedy="ask for less at once")
    except (BrokenPipeError, ConnectionResetError):
        raise
    except (OSError, RuntimeError) as error:
        return Failed("evaluation", str(error))


def syntax_failure(message: str, text: str) -> Failed:
    """The engine's message about a query, with its position and what stands there.

    The engine stops a little behind the mistake, and of what it says it expected only the sentences help.
    """
    match = _POSITION.match(message)
    if not match:
        return Failed("syntax", message)
    line, column = int(match[1]), int(match[2])
    offset = sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1
    near = " ".join(text[max(0, offset - _SHOWN) : offset + _SHOWN // 2].split())
    said = [part for part in re.split(r",\s*", " ".join(_CLASSES.sub("", match[3]).split())) if " " in part]
    if "Prefix not found" in said:
        return Failed("syntax", f"a prefix near {near!r} is not declared", line, column, "add a PREFIX line")
    return Failed("syntax", f"the query does not parse near {near!r}", line, column, "; ".join(said))


def main(descriptor: str, store_path: str, memory: str, longest: str, deepest: str) -> None:
    """Serve requests until the connection is closed.

    Args:
        descriptor: this process's end of the connection.
        store_path: the folder of the store.
        memory: bytes of address space that queries may use beyond what the open store does.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.
    """
    leave_network()
    connection = connect(int(descriptor))
    store: ox.Store | None = None
    problem = ""
    try:
        pin(store_path)
        store = ox.Store.read_only(store_path)
    except (OSError, RuntimeError) as error:  # a damaged store is a RuntimeError of the engine's
        problem = f"the store cannot be opened: {error}"
    limit_memory(int(memory))
    limits = int(longest), int(deepest)
    try:
        while True:
            request = json.loads(connection.recv_bytes())
            reply = _reply(store, request, connection, limits) if store is not None else Failed("store", problem)
            connection.send_bytes(encode(reply))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
