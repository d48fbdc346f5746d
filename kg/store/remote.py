"""The same questions to a SPARQL endpoint elsewhere, through SPARQLWrapper.

Nothing that comes back is trusted: its size, its time, its form and its nesting are limited, and an answer that is
no SPARQL result says so in one line.
"""

from __future__ import annotations

import re
import warnings
from typing import Final
from urllib.parse import urlsplit
from urllib.request import Request

from kg.config import LIMITS, VERSION
from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError, RemoteUnavailable, TermError, UsageError
from kg.namespaces import sparql_prologue
from kg.store.answers import RemoteResult, check
from kg.store.guard import refuse_oversize
from kg.store.reader import RESULTS_TYPE, QueryRequest
from kg.store.substitution import refuse_unless_substituted
from kg.store.wire import Reply, ask, one_line
from kg.terms import ref

__all__ = ["RemoteBackend", "RemoteResult", "checked_url"]

_ACCEPT_GRAPH: Final = "application/n-triples, text/turtle;q=0.9"
_GRAPH_FORMS: Final = ("CONSTRUCT", "DESCRIBE")
_UNAVAILABLE: Final = (429, 503)
_EXPECTED_URL: Final = "expected http:// or https://, a host, and a path in ASCII"


_PROLOGUE: Final = re.compile(
    r"""(?: \s+ | \#[^\n\r]* | base\s*<[^>]*> | prefix\s+[^\s:<>]*:\s*<[^>]*> )*+ (\w+)""", re.IGNORECASE | re.VERBOSE
)
"""What may stand before the word that says what a query is."""


def _form(text: str) -> str:
    r"""The first word after the prologue, in capitals, when it is one of a query; else nothing.

    >>> _form("PREFIX ask: <http://e/#describe> # CONSTRUCT\nselect * {}"), _form("DEFINE x:y 1 SELECT * {}")
    ('SELECT', '')
    """
    found = _PROLOGUE.match(text)
    word = found[1].upper() if found else ""
    return word if word in ("SELECT", "ASK", *_GRAPH_FORMS) else ""


def checked_url(url: str) -> str:
    """A URL that can be an endpoint's.

    Raises:
        UsageError: not an http(s) URL, or one with a password in it.
    """
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
    return url


class RemoteBackend:
    """Answers from a SPARQL endpoint.

    Args:
        url: the endpoint, http or https.
        graph: the graph that is the default graph of queries which name none; empty to leave that to the endpoint.
        most: the largest answer in bytes.
        rows: most rows of an answer; it is cut off there, and says so. 0 for any number.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.

    Raises:
        UsageError: not an http(s) URL, one with a password in it, or a graph whose name is no IRI.
    """

    def __init__(
        self,
        url: str,
        *,
        graph: str = "",
        most: int = LIMITS.answer_bytes,
        rows: int = 0,
        longest: int = LIMITS.query_bytes,
        deepest: int = LIMITS.query_depth,
    ) -> None:
        self.url = checked_url(url)
        try:
            self.graph = ref(graph)[1:-1] if graph else ""
        except TermError as error:
            raise UsageError(f"the name of the graph, {graph!r}, is not an absolute IRI") from error
        self.most = most
        self.rows = rows
        self._limits = longest, deepest

    def run(self, request: QueryRequest) -> RemoteResult:
        """Answer a request; see :class:`kg.store.backend.Backend`.

        The endpoint is always asked for JSON or N-Triples by form POST, which every server seen understands. Other
        formats are made here.

        Raises:
            QueryRefused: an update, a text that is too long or too deeply nested, or a value of a parameter that would
                be more than a term.
            QueryError: the endpoint says that the query is wrong, or no format asked for fits its result.
            QueryTimeout: no complete answer before the deadline.
            RemoteError: it cannot be reached, failed, or answered what no endpoint answers.
        """
        longest, deepest = self._limits
        refuse_oversize(request.text, longest=longest, deepest=deepest)
        if request.marked:
            refuse_unless_substituted(request.text, request.marked, dict(request.terms))
        try:
            sent, form = self._request(request)
        except UnicodeEncodeError as error:
            raise QueryError(f"the query is not Unicode text: {error.reason}", remedy="write it in UTF-8") from error
        reply = ask(sent, place=self.url, timeout=request.timeout, most=self.most)
        if not 200 <= reply.status < 300:
            raise self._refusal(reply, request.timeout)
        return check(reply, request, graph=form in _GRAPH_FORMS, place=self.url, rows=self.rows)

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
        named = request.default_graphs is not None or request.named_graphs is not None
        for graph in (request.default_graphs or ()) if named else filter(None, [self.graph]):
            wrapper.addDefaultGraph(graph)
        for graph in request.named_graphs or ():
            wrapper.addNamedGraph(graph)
        with warnings.catch_warnings():
            # It guesses the form of the query by a pattern and warns when it cannot; the server knows better.
            warnings.simplefilter("ignore", RuntimeWarning)
            wrapper.setQuery(base + prologue + request.text)
            # A word in a comment or an IRI misleads its pattern.
            wrapper.queryType = _form(request.text) or wrapper.queryType
            if wrapper.isSparqlUpdateRequest():
                raise QueryRefused(f"an update ({wrapper.queryType}) is no query", place=self.url)
            # Its own list holds application/json, which some servers answer with a form of their own.
            accept = _ACCEPT_GRAPH if wrapper.queryType in _GRAPH_FORMS else RESULTS_TYPE
            wrapper.addCustomHttpHeader("Accept", accept)
            # Its way of sending reads error pages of any length and follows redirects, so only its request is used.
            return wrapper._createRequest(), wrapper.queryType or ""

    def _refusal(self, reply: Reply, timeout: float) -> QueryError | RemoteError:
        """What an answer with an error status means."""
        if reply.status in (408, 504):
            remedy = "narrow the query, or allow more time"
            return QueryTimeout(f"no complete answer within {timeout:g} s", place=self.url, remedy=remedy)
        if 300 <= reply.status < 400:
            # Where to is for whoever chose the URL, not for those who ask through a server.
            to = one_line(reply.headers.get("location", "nowhere"))
            return RemoteError("the endpoint has moved", place=self.url, remedy=f"it names {to}")
        said = "" if "html" in reply.media_type else one_line(reply.data.decode("utf-8", "replace"))
        if reply.status == 400:
            return QueryError(f"the endpoint refuses the query: {said or 'it says no more'}", place=self.url)
        problem = f"the endpoint answered {reply.status} {reply.reason}{': ' if said else ''}{said}"
        kind = RemoteUnavailable if reply.status in _UNAVAILABLE else RemoteError
        return kind(one_line(problem), place=self.url)
