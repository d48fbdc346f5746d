"""The query process: one store, opened read-only, one request at a time.

It trusts no query. It has its own memory limit, ignores the keyboard, has no network where the kernel lets it give
that up, writes no files, and ends when its owner does. What it imports decides how fast it is ready, so that is
little; limits and prefixes come with the start and with each request.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from typing import IO, TYPE_CHECKING, Any, Final, cast

import pyoxigraph as ox

from kg.confined.frames import framed
from kg.confined.inside import connect, leave_network, limit_memory
from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError
from kg.store.cutting import Cutter, cut_link
from kg.store.guard import refuse_federation, refuse_oversize
from kg.store.messages import STOP, Chunk, Done, Failed, Started, encode
from kg.store.pin import pin

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.federation.resolve import Federation

__all__ = ["main", "syntax_failure"]

_CHUNK_BYTES: Final = 64 * 1024
_LATER_BYTES: Final = 4 * _CHUNK_BYTES
"""Of all pieces but the first: what is done for each of them on its way costs more than its bytes."""
_SHOWN: Final = 40
_POSITION = re.compile(r"error at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", re.DOTALL)
_UNKNOWN_FUNCTION = re.compile(r"custom (?:aggregate )?function .* is not supported")
# Character classes of the grammar: noise to people.
_CLASSES = re.compile(r"\[[^\[\]]*\]")
_WITH_PREFIXES: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N3, ox.RdfFormat.RDF_XML)


class _Unacceptable(Exception):
    """No format of this kind of result was asked for."""


class _TooLong(Exception):
    """More bytes than the result may have."""


class _Stopped(Exception):
    """Nobody wants the rest."""


class _Enough(Exception):
    """More rows than the result may have, which ends the writing."""


class _Output:
    """Collects what the serialiser writes and sends it in large pieces; a short result in one with its end."""

    def __init__(self, connection: Connection, started: Started, longest: int) -> None:
        self._connection = connection
        self._frames = framed(encode(started))
        self._longest = longest
        self._buffer = bytearray()
        self._size = 0
        self._least = _CHUNK_BYTES

    @property
    def file(self) -> IO[bytes]:
        """This, as the serialiser's signature wants it; it calls only ``write`` and ``flush``."""
        return cast("IO[bytes]", self)

    def write(self, data: bytes | memoryview) -> int:
        self._buffer += data
        if self._longest and self._size + len(self._buffer) > self._longest:
            raise _TooLong
        if len(self._buffer) >= self._least:
            self._collect()
            self._send()
            self._least = _LATER_BYTES
            if self._connection.poll():
                raise _Stopped
        return len(data)

    def flush(self) -> None:
        """The serialiser's flush; pieces stay large regardless."""

    def end(self) -> None:
        """Send what is left."""
        self._collect()
        self._frames += framed(encode(Done(self._size)))
        self._send()

    def _collect(self) -> None:
        if self._buffer:
            self._frames += framed(encode(Chunk(bytes(self._buffer))))
            self._size += len(self._buffer)
            self._buffer.clear()

    def _send(self) -> None:
        frames, self._frames = memoryview(self._frames), b""
        while frames:
            frames = frames[os.write(self._connection.fileno(), frames) :]


class _Counted:
    """What the serialiser writes, until it has too many rows or bytes."""

    def __init__(self, cutter: Cutter, longest: int) -> None:
        self._cutter = cutter
        self._left = longest or math.inf
        self.file = cast("IO[bytes]", self)

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _TooLong
        if self._cutter.add(data):
            raise _Enough
        return len(data)

    def flush(self) -> None:
        """There is nothing to flush."""


def _answer(
    store: ox.Store,
    request: dict[str, Any],
    connection: Connection,
    prefixes: dict[str, str],
    functions: dict[ox.NamedNode, Callable[..., Any]] | None = None,
) -> None:
    results = _asked(store, request).query(
        request["text"],
        base_iri=request["base_iri"],
        prefixes=prefixes if request["prefixes"] else None,
        default_graph=_graphs(request["default_graphs"]),
        named_graphs=_graphs(request["named_graphs"]),
        custom_functions=functions,
    )
    rows, longest = request["rows"], request["longest"]
    if isinstance(results, ox.QueryTriples):
        graph_format = _graph_format(request["media_type"]) or _graph_format(request["graph_media_type"])
        if graph_format is None:
            raise _Unacceptable(f"the query gives a graph, and {request['media_type']!r} is no format of one")
        some, cut_at = _first(results, rows) if rows else (results, None)
        output = _Output(connection, Started(graph_format.media_type, "graph", cut_at), longest)
        used = prefixes if graph_format in _WITH_PREFIXES else None
        ox.serialize(some, output.file, graph_format, prefixes=used)
        return output.end()
    result_format = ox.QueryResultsFormat.from_media_type(request["media_type"])
    if result_format is None:
        raise _Unacceptable(f"the query gives no graph, and {request['media_type']!r} is no format of its result")
    media_type = result_format.media_type
    if isinstance(results, ox.QueryBoolean) or not rows:
        kind = "boolean" if isinstance(results, ox.QueryBoolean) else "solutions"
        output = _Output(connection, Started(media_type, kind), longest)
        results.serialize(output.file, result_format)
        return output.end()
    cutter = Cutter(media_type, rows, cut_link(request["base_iri"], rows))
    with suppress(_Enough):
        results.serialize(_Counted(cutter, longest).file, result_format)
    output = _Output(connection, Started(media_type, "solutions", rows if cutter.cut else None), 0)
    data = memoryview(cutter.data())
    for begin in range(0, len(data), _CHUNK_BYTES):
        output.write(data[begin : begin + _CHUNK_BYTES])
    return output.end()


def _first(triples: ox.QueryTriples, most: int) -> tuple[Iterable[ox.Triple], int | None]:
    """Some statements, and how many they are if there are more."""
    some = list(islice(triples, most + 1))
    return (some[:most], most) if len(some) > most else (some, None)


def _asked(store: ox.Store, request: dict[str, Any]) -> ox.Store:
    """What a request is about: the store, or the description of the endpoint."""
    stated = request["default_graphs"] is not None or request["named_graphs"] is not None
    if stated or not request["description"]:
        return store
    from kg.store.description import is_on_description

    if not is_on_description(request["text"]):
        return store
    description = ox.Store()
    description.load(request["description"], format=ox.RdfFormat.N_TRIPLES)
    return description


def _graphs(names: list[str] | None) -> Any:
    return None if names is None else [ox.NamedNode(name) for name in names]


def _graph_format(media_type: str) -> ox.RdfFormat | None:
    return ox.RdfFormat.from_media_type(media_type) if media_type else None


def _reply(
    store: ox.Store,
    request: dict[str, Any],
    connection: Connection,
    limits: tuple[int, int],
    prefixes: dict[str, str],
    federation: Federation | None,
) -> Failed | None:
    """Answer a request; what went wrong where something did."""
    try:
        refuse_oversize(request["text"], longest=limits[0], deepest=limits[1])
        if federation is None:
            refuse_federation(request["text"])
            _answer(store, request, connection, prefixes)
        else:
            resolved = federation.resolve(store, request, prefixes if request["prefixes"] else {})
            _answer(store, request | {"text": resolved.text}, connection, prefixes, resolved.functions)
    except QueryRefused as error:
        return Failed("refused", error.problem, remedy=error.remedy)
    except QueryTimeout as error:
        return Failed("late", error.problem, remedy=error.remedy)
    except QueryError as error:
        line, column = [*(int(number) for number in re.findall(r"\d+", error.place)), None, None][:2]
        return Failed("syntax", error.problem, line, column, error.remedy)
    except RemoteError as error:
        return Failed("remote", str(error))
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
    except _TooLong:
        most = f"{request['longest']:,} bytes"
        return Failed("length", f"the answer is longer than the {most} it may have", remedy="add a LIMIT")
    except _Stopped:
        return Failed("stopped", "the query was stopped")
    except (OSError, RuntimeError) as error:
        return Failed("request" if _UNKNOWN_FUNCTION.search(str(error)) else "evaluation", str(error))
    return None


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


class _Opened:
    """The store that is open, or what is wrong with it."""

    def __init__(self) -> None:
        self.store: ox.Store | None = None
        self.problem = ""
        self._path = ""
        self._mark: int | None = None

    def open(self, path: str) -> None:
        """Open a store in place of the one before; nothing for none, or the same."""
        if path in ("", self._path):
            return
        # The one before is let go of first, so that never both take memory.
        self.store, mark = None, self._mark
        self._path, self.problem = path, ""
        try:
            self._mark = pin(path)
            self.store = ox.Store.read_only(path)
        except (OSError, RuntimeError) as error:  # a damaged store is a RuntimeError of the engine's
            self.problem = f"the store cannot be opened: {error}"
            # The next request tries again.
            self._path = ""
        if mark is not None:
            os.close(mark)


def main(
    descriptor: str, store_path: str, memory: str, longest: str, deepest: str, services: str = "", calls: str = ""
) -> None:
    """Serve requests until the connection is closed.

    Args:
        descriptor: this process's end of the connection.
        store_path: the folder of the store.
        memory: bytes of address space that queries may use beyond what the open store does.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.
        services: the hosts that queries may ask, and what that may cost, as ``ServiceLimits`` writes it; none when
            empty.
        calls: this process's end of the connection to the process that makes the calls, where there is one.
    """
    leave_network()
    connection = connect(int(descriptor))
    federation: Federation | None = None
    if services:
        from kg.federation.limits import ServiceLimits
        from kg.federation.resolve import Federation as Asking

        federation = Asking(ServiceLimits.decode(services), Connection(int(calls)))
    opened = _Opened()
    opened.open(store_path)
    limit_memory(int(memory))
    limits = int(longest), int(deepest)
    try:
        prefixes = json.loads(connection.recv_bytes())
        while True:
            frame = connection.recv_bytes()
            if frame == STOP:
                continue
            request = json.loads(frame)
            opened.open(request["store"])
            failed: Failed | None = Failed("store", opened.problem)
            if opened.store is not None:
                failed = _reply(opened.store, request, connection, limits, prefixes, federation)
            if failed:
                connection.send_bytes(encode(failed))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
