"""What an endpoint answered, checked, and in the format that was asked for.

Nothing in it is trusted: its form, its nesting and its completeness are checked before the engine's parsers see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import pyoxigraph as ox

from kg.config import LIMITS
from kg.errors import QueryError, RemoteError
from kg.namespaces import PREFIXES
from kg.store.reader import QueryRequest
from kg.store.wire import Reply, one_line

__all__ = ["RemoteResult", "check", "is_often_a_limit"]

_MOST_TRIPLE_TERMS: Final = 5000
"""Deeper nesting of triple terms overflows the stack of the engine's parser between 10,000 and 20,000."""
_GRAPH_FORMATS: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE)
_PIECE: Final = 64 * 1024
_HTML: Final = ("text/html", "application/xhtml+xml")
_LONGEST_NUMBER: Final = 20
_SHOWN_END: Final = 60
_FEWEST_CUT: Final = 500
_ROUND: Final = re.compile(r"(?:[1235]|15|25)0+")
_LIMIT: Final = re.compile(r"\blimit\s+(\d+)", re.IGNORECASE)


class RemoteResult:
    """An endpoint's answer, checked and in the format that was asked for.

    ``cut_at`` is the number of rows at which the server says it cut the answer off, if it says so. ``suspect_at`` is
    their number where it says nothing, servers are often set to cut at that number, and the query does not name it.
    """

    def __init__(
        self, data: bytes, media_type: str, kind: str, cut_at: int | None = None, suspect_at: int | None = None
    ) -> None:
        self._data = data
        self.media_type = media_type
        self.kind = kind
        self.cut_at = cut_at
        self.suspect_at = suspect_at

    def __iter__(self) -> Iterator[bytes]:
        view = memoryview(self._data)
        for start in range(0, len(view), _PIECE):
            yield bytes(view[start : start + _PIECE])

    def read(self, most: int = LIMITS.answer_bytes) -> bytes:
        """The whole result.

        Raises:
            QueryError: it has more than ``most`` bytes.
        """
        if len(self._data) > most:
            raise QueryError(f"the result has more than {most:,} bytes", remedy="add LIMIT, or write it to a file")
        return self._data

    def close(self) -> None:
        """Nothing to stop: the answer is here."""


class _Term(msgspec.Struct, omit_defaults=True):
    # A value that is no string is a triple term, whose nesting could be endless.
    type: str
    value: str
    datatype: str | None = None
    language: str | None = msgspec.field(default=None, name="xml:lang")


class _Head(msgspec.Struct, omit_defaults=True):
    vars: list[str] = []


class _Bindings(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Answer(msgspec.Struct, omit_defaults=True):
    # Members beside these are left out: Comunica has "metadata", at which the engine's parser stops.
    head: _Head = msgspec.field(default_factory=_Head)
    results: _Bindings | None = None
    boolean: bool | None = None


_ANSWER: Final = msgspec.json.Decoder(_Answer)


def is_often_a_limit(rows: int) -> bool:
    """Whether servers are often set to cut answers at this number of rows.

    >>> [rows for rows in (10, 500, 999, 1000, 4000, 10_000, 65_536, 1_048_576, 1_050_000) if is_often_a_limit(rows)]
    [500, 1000, 10000, 65536, 1048576]
    """
    return rows >= _FEWEST_CUT and (bool(_ROUND.fullmatch(str(rows))) or (rows > 1000 and rows & (rows - 1) == 0))


def check(reply: Reply, request: QueryRequest, *, graph: bool, place: str, rows: int = 0) -> RemoteResult:
    """An endpoint's answer, in the format that the request wants.

    Args:
        reply: the answer, with a status that is no error.
        request: what was asked.
        graph: whether the query asks for a graph.
        place: the endpoint's URL.
        rows: most rows, or statements of a graph; 0 for any number.

    Raises:
        QueryError: no format asked for fits the result.
        RemoteError: it is no answer to a query, or only a part of one.
    """
    try:
        if encoding := reply.headers.get("content-encoding", "identity").strip().lower().replace("identity", ""):
            raise RemoteError(f"the answer is compressed with {encoding}, which was not asked for")
        if state := reply.headers.get("x-sql-state"):
            # Virtuoso's "anytime" queries: what was found until its own deadline, as if it were all.
            said = reply.headers.get("x-sql-message", "")
            raise RemoteError(f"the endpoint sent a part of the answer: {state} {said}", remedy="narrow the query")
        return _graph(reply, request, place, rows) if graph else _results(reply, request, rows)
    except (QueryError, RemoteError) as error:
        raise type(error)(one_line(error.problem), place=place, remedy=error.remedy) from error


def _results(reply: Reply, request: QueryRequest, most: int) -> RemoteResult:
    wanted = ox.QueryResultsFormat.from_media_type(request.media_type)
    if wanted is None:
        raise QueryError(f"the query gives no graph, and {request.media_type!r} is no format of its result")
    found = ox.QueryResultsFormat.from_media_type(reply.media_type) if reply.media_type else None
    if found != ox.QueryResultsFormat.JSON:
        raise _wrong_type(reply)
    answer = _decoded(reply)
    rows = len(answer.results.bindings) if answer.results else 0
    cut = _cut(reply, request, rows, most)
    if answer.results and most:
        del answer.results.bindings[most:]
    try:
        data, kind = _rewrite_results(msgspec.json.encode(answer), wanted)
    except (SyntaxError, OSError) as error:
        problem = f"the answer is no {reply.media_type}: {error}"
    else:
        return RemoteResult(data, wanted.media_type, kind, *cut)
    # Out here the engine's error is gone, and with it the last hold on its objects, see _rewrite_results.
    raise RemoteError(problem)


def _cut(
    reply: Reply, request: QueryRequest, rows: int, most: int, *, graph: bool = False
) -> tuple[int | None, int | None]:
    """At how many rows an answer is cut off, and at how many it may be."""
    if most and rows > most:
        return most, None
    said = reply.headers.get("x-sparql-maxrows", "")
    if said.isdecimal() and len(said) < _LONGEST_NUMBER:
        return int(said), None
    # Of a graph Virtuoso gives one more, and says nothing.
    likely = is_often_a_limit(rows) or (graph and is_often_a_limit(rows - 1))
    return None, rows if likely and str(rows) not in _LIMIT.findall(request.text) else None


def _decoded(reply: Reply) -> _Answer:
    try:
        answer = _ANSWER.decode(reply.data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if reply.data.lstrip()[:1] == b"[":
            problem = f"the answer is a bare list, not SPARQL results in JSON, though it says {reply.media_type}"
        else:
            problem = f"the answer is not SPARQL results in JSON: {error}"
            if reply.data:
                # A server that fails half-way often says why, in the middle of its answer.
                problem += f"; it ends {reply.data[-_SHOWN_END:].decode('utf-8', 'replace').strip()!r}"
        raise RemoteError(problem) from error
    if answer.results is None and answer.boolean is None:
        raise RemoteError("the answer has neither results nor a boolean")
    if answer.results:
        for row in answer.results.bindings:
            for term in row.values():
                if term.type == "typed-literal":
                    term.type = "literal"
    return answer


def _graph(reply: Reply, request: QueryRequest, base_iri: str, most: int) -> RemoteResult:
    wanted = ox.RdfFormat.from_media_type(request.media_type) or (
        ox.RdfFormat.from_media_type(request.graph_media_type) if request.graph_media_type else None
    )
    if wanted is None:
        raise QueryError(f"the query gives a graph, and {request.media_type!r} is no format of one")
    found = ox.RdfFormat.from_media_type(reply.media_type) if reply.media_type else None
    if found is None or found not in _GRAPH_FORMATS:
        raise _wrong_type(reply)
    if reply.data.count(b"<<") > _MOST_TRIPLE_TERMS:
        raise RemoteError(f"the graph has more than {_MOST_TRIPLE_TERMS:,} '<<'")
    try:
        rewritten, statements = _rewrite_graph(reply.data, found, wanted, base_iri, most)
    except (SyntaxError, OSError) as error:
        problem = f"the answer is no {reply.media_type}: {error}"
    else:
        return RemoteResult(rewritten, wanted.media_type, "graph", *_cut(reply, request, statements, most, graph=True))
    raise RemoteError(problem)


def _wrong_type(reply: Reply) -> RemoteError:
    if reply.media_type in _HTML:
        return RemoteError("the endpoint answered an HTML page", remedy="is this the URL of the SPARQL endpoint?")
    start = reply.data[:40].decode("utf-8", "replace")
    return RemoteError(f"the endpoint answered {reply.media_type or 'no media type'}, beginning {start!r}")


def _rewrite_results(data: bytes, wanted: ox.QueryResultsFormat) -> tuple[bytes, str]:
    """Results in JSON in another format, and their kind; whole and well formed, even in the same format.

    The engine's iterators may be freed only by the thread that made them, so they must not live on in a traceback:
    callers let go of the error before they raise another.
    """
    results = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
    kind = "boolean" if isinstance(results, ox.QueryBoolean) else "solutions"
    return results.serialize(format=wanted) or b"", kind


def _rewrite_graph(
    data: bytes, found: ox.RdfFormat, wanted: ox.RdfFormat, base_iri: str, most: int
) -> tuple[bytes, int]:
    """A graph in another format, up to some statements, and how many it had; see :func:`_rewrite_results`."""
    triples = [quad.triple for quad in ox.parse(data, format=found, base_iri=base_iri)]
    prefixes = None if wanted in (ox.RdfFormat.JSON_LD, ox.RdfFormat.STREAMING_JSON_LD) else PREFIXES
    return ox.serialize(triples[: most or None], format=wanted, prefixes=prefixes) or b"", len(triples)
