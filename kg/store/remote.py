"""The same questions to a SPARQL endpoint elsewhere, through SPARQLWrapper.

Nothing that comes back is trusted: its size, its time, its form and its nesting are limited, and an answer that is
no SPARQL result says so in one line.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec
import pyoxigraph as ox

from kg.config import LIMITS, VERSION
from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError, UsageError
from kg.namespaces import PREFIXES, sparql_prologue
from kg.store.guard import refuse_oversize
from kg.store.reader import RESULTS_TYPE, QueryRequest
from kg.terms import clean, ref

__all__ = ["RemoteBackend", "RemoteResult"]

_ACCEPT_GRAPH: Final = "application/n-triples, text/turtle;q=0.9"
_GRAPH_FORMS: Final = ("CONSTRUCT", "DESCRIBE")
_PIECE: Final = 64 * 1024
_SHOWN: Final = 200
_EXPECTED_URL: Final = "expected http:// or https://, a host, and a path in ASCII"
_LONGEST_NUMBER: Final = 20
_MOST_TRIPLE_TERMS: Final = 5000
"""Deeper nesting of triple terms overflows the stack of the engine's parser between 10,000 and 20,000."""
_GRAPH_FORMATS: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE)


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST arrives as a GET without its query, and where it goes is not ours to trust."""

    def redirect_request(self, *_: Any) -> None:
        """No request: the redirect becomes an error."""


_OPENER: Final = build_opener(_NoRedirect)


class _Term(msgspec.Struct):
    # A value that is no string is a triple term, whose nesting could be endless.
    type: str
    value: str


class _Bindings(msgspec.Struct):
    bindings: list[dict[str, _Term]]


class _Answer(msgspec.Struct):
    results: _Bindings | None = None
    boolean: bool | None = None


_ANSWER: Final = msgspec.json.Decoder(_Answer)


class RemoteResult:
    """An endpoint's answer, checked and in the format that was asked for.

    ``cut_at`` is the number of rows at which the server says it cut the answer off, if it says so.
    """

    def __init__(self, data: bytes, media_type: str, kind: str, cut_at: int | None = None) -> None:
        self._data = data
        self.media_type = media_type
        self.kind = kind
        self.cut_at = cut_at

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


class RemoteBackend:
    """Answers from a SPARQL endpoint.

    Args:
        url: the endpoint, http or https.
        most: the largest answer in bytes.

    Raises:
        UsageError: not an http(s) URL, or one with a password in it.
    """

    def __init__(self, url: str, *, most: int = LIMITS.answer_bytes) -> None:
        try:
            parts = urlsplit(url)
            # urllib would find these only on its way out, and raise what is no error of the network.
            (parts.hostname or "").encode("idna")
            (parts.path + parts.query).encode("ascii")
        except ValueError as error:
            # Not the URL itself: it may hold a password.
            raise UsageError(f"not the URL of an endpoint: {error}", remedy=_EXPECTED_URL) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{url!r} is not the URL of an endpoint", remedy=_EXPECTED_URL)
        if parts.username or parts.password:
            # It would stand in every message and log.
            raise UsageError("the URL of an endpoint may hold no password", place=parts.hostname)
        self.url = url
        self.most = most

    def run(self, request: QueryRequest) -> RemoteResult:
        """Answer a request; see :class:`kg.store.backend.Backend`.

        The endpoint is always asked for JSON or N-Triples by form POST, which every server seen understands. Other
        formats are made here.

        Raises:
            QueryRefused: an update, or a text that is too long or too deeply nested.
            QueryError: the endpoint says that the query is wrong, or no format asked for fits its result.
            QueryTimeout: no complete answer before the deadline.
            RemoteError: it cannot be reached, failed, or answered what no endpoint answers.
        """
        refuse_oversize(request.text, longest=LIMITS.query_bytes, deepest=LIMITS.query_depth)
        try:
            sent, form = self._request(request)
        except UnicodeEncodeError as error:
            raise QueryError(f"the query is not Unicode text: {error.reason}", remedy="write it in UTF-8") from error
        data, headers = self._fetch(sent, request.timeout)
        media_type = str(headers.get("content-type") or "").partition(";")[0].strip().lower()
        if form in _GRAPH_FORMS:
            return self._graph(data, media_type, request)
        return self._results(data, media_type, request, _number(headers.get("x-sparql-maxrows")))

    def close(self) -> None:
        """Nothing is kept open between queries."""

    def _request(self, request: QueryRequest) -> tuple[Request, str]:
        """The HTTP request, and the form of the query in capitals.

        Raises:
            QueryRefused: the text is an update.
            TermError: the base is no IRI.
        """
        from SPARQLWrapper import POST, URLENCODED, SPARQLWrapper

        wrapper = SPARQLWrapper(self.url, agent=f"trialkg/{VERSION}")
        wrapper.setMethod(POST)
        # Virtuoso never answers a query that is the body itself.
        wrapper.setRequestMethod(URLENCODED)
        wrapper.setOnlyConneg(True)
        # On one line, so that the lines in the server's messages are still those of the query.
        prologue = sparql_prologue().replace("\n", " ") if request.prefixes else ""
        base = f"BASE {ref(request.base_iri)} " if request.base_iri else ""
        for graph in request.default_graphs or ():
            wrapper.addDefaultGraph(graph)
        for graph in request.named_graphs or ():
            wrapper.addNamedGraph(graph)
        with warnings.catch_warnings():
            # It guesses the form of the query by a pattern and warns when it cannot; the server knows better.
            warnings.simplefilter("ignore", RuntimeWarning)
            wrapper.setQuery(base + prologue + request.text)
            if wrapper.isSparqlUpdateRequest():
                raise QueryRefused(f"an update ({wrapper.queryType}) is no query", place=self.url)
            # Its own list holds application/json, which some servers answer with a form of their own.
            accept = _ACCEPT_GRAPH if wrapper.queryType in _GRAPH_FORMS else RESULTS_TYPE
            wrapper.addCustomHttpHeader("Accept", accept)
            # Its way of sending reads error pages of any length and follows redirects, so only its request is used.
            return wrapper._createRequest(), wrapper.queryType or ""

    def _fetch(self, request: Request, timeout: float) -> tuple[bytes, Any]:
        deadline = time.monotonic() + timeout
        try:
            with _OPENER.open(request, timeout=timeout) as response:
                return self._read(response, deadline, timeout), response.headers
        except HTTPError as error:
            with error:
                raise self._refusal(error, timeout) from error
        except TimeoutError as error:
            raise self._too_late(timeout) from error
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._too_late(timeout) from error
            raise self._error(
                f"the endpoint cannot be reached: {error.reason}", remedy="check the URL and the network"
            ) from error
        except (HTTPException, OSError) as error:
            raise self._error(f"the connection broke: {error or type(error).__name__}") from error

    def _refusal(self, error: HTTPError, timeout: float) -> QueryError | RemoteError:
        """What an answer with an error status means."""
        if error.code in (408, 504):
            return self._too_late(timeout)
        if 300 <= error.code < 400:
            to = error.headers.get("location", "nowhere")
            return self._error(f"the endpoint has moved to {to}", remedy="name that URL")
        said = ""
        if "html" not in (error.headers.get("content-type") or ""):
            with suppress(OSError, HTTPException):
                said = _one_line(error.read(_SHOWN * 4).decode("utf-8", "replace"))
        if error.code == 400:
            return QueryError(f"the endpoint refuses the query: {said or 'it says no more'}", place=self.url)
        return self._error(f"the endpoint answered {error.code} {error.reason}{': ' if said else ''}{said}")

    def _read(self, response: Any, deadline: float, timeout: float) -> bytes:
        """Read an answer; one that drips in forever is bound by the deadline, not only by each read's."""
        data = bytearray()
        while piece := response.read1(_PIECE):
            data += piece
            if len(data) > self.most:
                raise self._error(f"the answer has more than {self.most:,} bytes", remedy="add LIMIT")
            if time.monotonic() > deadline:
                raise self._too_late(timeout)
        if response.length:
            raise self._error(f"the answer is {response.length:,} bytes short", remedy="try again")
        return bytes(data)

    def _results(self, data: bytes, media_type: str, request: QueryRequest, cut_at: int | None) -> RemoteResult:
        wanted = ox.QueryResultsFormat.from_media_type(request.media_type)
        if wanted is None:
            problem = f"the query gives no graph, and {request.media_type!r} is no format of its result"
            raise QueryError(problem, place=self.url)
        found = ox.QueryResultsFormat.from_media_type(media_type) if media_type else None
        if found != ox.QueryResultsFormat.JSON:
            raise self._wrong_type(media_type, data)
        self._check_json(data, media_type)
        try:
            rewritten, kind = _rewrite_results(data, wanted)
        except (SyntaxError, OSError) as error:
            problem = f"the answer is no {media_type}: {error}"
        else:
            return RemoteResult(rewritten, wanted.media_type, kind, cut_at)
        # Out here the engine's error is gone, and with it the last hold on its objects, see _rewrite_results.
        raise self._error(problem)

    def _check_json(self, data: bytes, media_type: str) -> None:
        try:
            answer = _ANSWER.decode(data)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            if data.lstrip()[:1] == b"[":
                problem = f"the answer is a bare list, not SPARQL results in JSON, though it says {media_type}"
            else:
                problem = f"the answer is not SPARQL results in JSON: {error}"
            raise self._error(problem) from error
        if answer.results is None and answer.boolean is None:
            raise self._error("the answer has neither results nor a boolean")

    def _graph(self, data: bytes, media_type: str, request: QueryRequest) -> RemoteResult:
        wanted = ox.RdfFormat.from_media_type(request.media_type) or (
            ox.RdfFormat.from_media_type(request.graph_media_type) if request.graph_media_type else None
        )
        if wanted is None:
            problem = f"the query gives a graph, and {request.media_type!r} is no format of one"
            raise QueryError(problem, place=self.url)
        found = ox.RdfFormat.from_media_type(media_type) if media_type else None
        if found is None or found not in _GRAPH_FORMATS:
            raise self._wrong_type(media_type, data)
        if data.count(b"<<") > _MOST_TRIPLE_TERMS:
            raise self._error(f"the graph has more than {_MOST_TRIPLE_TERMS:,} '<<'")
        try:
            rewritten = _rewrite_graph(data, found, wanted, self.url)
        except (SyntaxError, OSError) as error:
            problem = f"the answer is no {media_type}: {error}"
        else:
            return RemoteResult(rewritten, wanted.media_type, "graph")
        raise self._error(problem)

    def _wrong_type(self, media_type: str, data: bytes) -> RemoteError:
        if media_type in ("text/html", "application/xhtml+xml"):
            return self._error("the endpoint answered an HTML page", remedy="is this the URL of the SPARQL endpoint?")
        start = data[:40].decode("utf-8", "replace")
        said = media_type or "no media type"
        return self._error(f"the endpoint answered {said}, beginning {start!r}")

    def _error(self, problem: str, remedy: str = "") -> RemoteError:
        """An error in one line, whatever the server put into it."""
        return RemoteError(_one_line(problem), place=self.url, remedy=remedy)

    def _too_late(self, timeout: float) -> QueryTimeout:
        return QueryTimeout(
            f"no complete answer within {timeout:g} s", place=self.url, remedy="narrow the query, or allow more time"
        )


def _rewrite_results(data: bytes, wanted: ox.QueryResultsFormat) -> tuple[bytes, str]:
    """Results in JSON in another format, and their kind; whole and well formed, even in the same format.

    The engine's iterators may be freed only by the thread that made them, so they must not live on in a traceback:
    callers let go of the error before they raise another.
    """
    results = ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON)
    kind = "boolean" if isinstance(results, ox.QueryBoolean) else "solutions"
    return results.serialize(format=wanted) or b"", kind


def _rewrite_graph(data: bytes, found: ox.RdfFormat, wanted: ox.RdfFormat, base_iri: str) -> bytes:
    """A graph in another format; see :func:`_rewrite_results`."""
    triples = (quad.triple for quad in ox.parse(data, format=found, base_iri=base_iri))
    prefixes = None if wanted in (ox.RdfFormat.JSON_LD, ox.RdfFormat.STREAMING_JSON_LD) else PREFIXES
    return ox.serialize(triples, format=wanted, prefixes=prefixes) or b""


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))[:_SHOWN]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < _LONGEST_NUMBER else None
