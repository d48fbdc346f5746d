"""A graph to ask: a store on this machine or an endpoint elsewhere, with the query library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kg.config import LIMITS
from kg.errors import UsageError
from kg.library import Bound, LibraryQuery, bind_marked, load_library, parse_query
from kg.store.backend import Backend, EmbeddedBackend
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest
from kg.store.result import Result

if TYPE_CHECKING:
    from datetime import date

    from kg.changes import StudyDiff
    from kg.related import Related

__all__ = ["Graph", "open"]

# No SPARQL query is one word; a typing mistake in a name should say so, not be sent as a query.
_LIKE_A_NAME = re.compile(r"[\w.-]+")
_URL = re.compile(r"https?://", re.IGNORECASE)


class Graph:
    """Something that answers questions; use it in ``with``, or close it.

    Args:
        backend: the store or endpoint.
        library: the queries that have a name; the library that ships with the package when not given.
    """

    def __init__(self, backend: Backend, library: Mapping[str, LibraryQuery] | None = None) -> None:
        self.backend = backend
        self._library = library

    @cached_property
    def library(self) -> Mapping[str, LibraryQuery]:
        """The queries that have a name."""
        return load_library() if self._library is None else self._library

    def query(
        self, name_or_text: str, /, *, prefixes: bool = False, timeout: float | None = None, **parameters: object
    ) -> Result:
        """Ask a query of the library, or any SPARQL query.

        Args:
            name_or_text: a name of the library, or SPARQL text.
            prefixes: whether the standard prefixes need not be written.
            timeout: seconds after which the query is stopped.
            parameters: values of the query's parameters; text may have parameters ``?_name_kind`` too.

        Raises:
            UsageError: no query of this name, or a wrong parameter.
            QueryError: the query does not parse, is refused, or fails.
            QueryTimeout: it was stopped at its deadline.
            StoreError: the store cannot be opened.
            RemoteError: the endpoint failed.
        """
        bound = self._bound(name_or_text, parameters)
        deadline = LIMITS.query_seconds if timeout is None else timeout
        request = QueryRequest(bound.text, timeout=deadline, prefixes=prefixes, marked=bound.marked, terms=bound.terms)
        return Result.of(self.backend.run(request))

    def related(self, nct_id: str, *, by: Sequence[str] | None = None, limit: int = 20) -> list[Related]:
        """The studies that are most related to a study, each with the reasons; see :func:`kg.related.related`.

        Args:
            nct_id: the study.
            by: which things count; all of :data:`kg.related.BY` when not given.
            limit: most studies wanted.

        Raises:
            UsageError: no such study in the graph, or a wrong ``by`` or ``limit``.
            TermError: not an NCT id.
            QueryError: a query failed.
            StoreError: the store cannot be opened.
            RemoteError: the endpoint failed.
        """
        # One floor up: it asks a graph, and a graph only passes the question on.
        from kg.related import BY, related

        return related(self, nct_id, by=tuple(BY) if by is None else by, limit=limit)

    def diff(
        self, nct_id: str, *, before: str | int | date | None = None, after: str | int | date | None = None
    ) -> StudyDiff:
        """What changed in a study from one version to another; see :func:`kg.changes.diff`.

        Args:
            nct_id: the study.
            before: the older version: its number, its name or IRI, or a date; the one before ``after`` when not given.
            after: the newer version, likewise; the current one when not given.

        Raises:
            UsageError: no such study in the graph, or no such version.
            TermError: not an NCT id.
            QueryError: a query failed.
            StoreError: the store cannot be opened.
            RemoteError: the endpoint failed.
        """
        from kg.changes import diff

        return diff(self, nct_id, before=before, after=after)

    def close(self) -> None:
        """Let go of processes and connections."""
        self.backend.close()

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bound(self, name_or_text: str, parameters: Mapping[str, object]) -> Bound:
        query = self.library.get(name_or_text)
        if query is None and _LIKE_A_NAME.fullmatch(name_or_text):
            near = get_close_matches(name_or_text, self.library, n=3)
            remedy = f"did you mean {', '.join(near)}?" if near else "trialkg queries lists them"
            raise UsageError(f"no query named {name_or_text!r}", remedy=remedy)
        if query is None:
            if not parameters:
                return Bound(name_or_text)
            query = parse_query(name_or_text)
        return bind_marked(query, parameters)


def open(place: str | Path, *, graph: str = "") -> Graph:
    """A graph from the path of a store directory, or the URL of a SPARQL endpoint.

    Args:
        place: the path, or the URL.
        graph: the graph of the endpoint that queries are about which name none; where it is not given, the endpoint
            decides.

    Raises:
        StoreError: nothing is published in the directory.
        UsageError: a URL that cannot be an endpoint's, or a graph of a store directory.
    """
    if isinstance(place, str) and _URL.match(place):
        # Loaded when asked for: most sessions have their store here.
        from kg.store.remote import RemoteBackend

        return Graph(RemoteBackend(place, graph=graph))
    if graph:
        raise UsageError("only an endpoint has a graph to choose", place=str(place), remedy="name its URL")
    store = StoreDirectory(Path(place))
    store.newest()
    return Graph(EmbeddedBackend(store))
