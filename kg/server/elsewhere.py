"""A server over an endpoint elsewhere: what the routes otherwise have of a store on this machine.

An endpoint has no generations that could be known here. So answers have no number and no entity tag, and the process
of a query stays good until it is ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg.catalog.served import Served
from kg.errors import QueryError, QueryTimeout, RemoteError, RemoteUnavailable, TermError
from kg.namespaces import PREFIXES, study_iri
from kg.server.describing import Describing
from kg.server.lookup import Lookup, Newest, StoreFacts, StudyData, labels_in
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.store.generations import Generation, StoreDirectory
from kg.store.reader import QueryRequest
from kg.store.remote_reader import Endpoint
from kg.terms import ref

__all__ = ["Elsewhere", "RemoteDescribing", "RemoteLookup"]

_GENERATION: Final = Generation(0, Path(), {})
_FACTS_SECONDS: Final = 60.0
"""How long counts are good for: an endpoint may need seconds for them."""
_LONGEST: Final = 10.0
"""Seconds for all questions of one page."""
_AT_ONCE: Final = 200
"""Subjects in one question; some servers fail on long lists."""
_MOST_STATEMENTS: Final = 300_000
"""A walk that finds more is given up: an endpoint could always name another part."""
_MOST_BYTES: Final = 16 * 2**20
"""Longest answer to one question."""
_NTRIPLES: Final = "application/n-triples"
_FACTS: Final = """\
SELECT ?triples ?studies ?date WHERE {{
  {{ SELECT (COUNT(*) AS ?triples) WHERE {{ ?s ?p ?o }} }}
  {{ SELECT (COUNT(DISTINCT ?study) AS ?studies) WHERE {{ ?study a <{tkg}Study> }} }}
  {{ SELECT (MAX(STR(?said)) AS ?date) WHERE {{ ?record <{tkg}dataDate> ?said }} }}
}}""".format(tkg=PREFIXES["tkg"])
_ABOUT: Final = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {subjects} }} ?s ?p ?o }}"
_LABELS: Final = """\
CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  VALUES ?s {{ {subjects} }} VALUES ?p {{ <{skos}prefLabel> <{rdfs}label> }} ?s ?p ?o
}}"""


class Elsewhere(Newest):
    """The one generation of an endpoint, whose number is 0."""

    def __init__(self) -> None:
        super().__init__(StoreDirectory(Path()))

    def known(self) -> Generation:
        """That generation."""
        return _GENERATION

    def __call__(self) -> Generation:
        """That generation."""
        return _GENERATION


class RemoteLookup(Lookup):
    """What the pages need of an endpoint. Its methods may block: call them in a thread.

    Args:
        endpoint: the endpoint.
        settings: limits.
    """

    def __init__(self, endpoint: Endpoint, settings: ServerSettings) -> None:
        super().__init__(Elsewhere())
        self._backend = endpoint.backend(most=min(settings.endpoint_bytes, _MOST_BYTES))
        self._seconds = min(settings.timeout, _LONGEST)
        # A slow endpoint must not take all threads of the server.
        self._turns = threading.BoundedSemaphore(settings.workers)
        self._known: tuple[float, StoreFacts] | None = None

    def study(self, nct_id: str) -> StudyData | None:
        """Everything about one study, by walking its own links; None when the endpoint has nothing about it.

        Raises:
            TermError: not an NCT id.
            RemoteError: the endpoint failed.
            QueryTimeout: it took too long.
        """
        home = study_iri(nct_id)
        deadline = time.monotonic() + self._seconds
        about = ox.Store()
        seen, pending = {home}, [home]
        while pending:
            found = self._graph(_ABOUT, pending, deadline)
            about.extend(ox.Quad(*triple) for triple in found)
            if len(about) > _MOST_STATEMENTS:
                raise RemoteError(f"the endpoint has more than {_MOST_STATEMENTS:,} statements about {nct_id}")
            parts = {triple.object.value for triple in found if isinstance(triple.object, ox.NamedNode)}
            pending = sorted(part for part in parts - seen if part.startswith(home + "/"))
            seen.update(pending)
        triples = tuple(quad.triple for quad in about)
        if not triples:
            return None
        objects = {triple.object.value for triple in triples if isinstance(triple.object, ox.NamedNode)}
        outside = sorted(iri for iri in objects if not iri.startswith(home))
        labels = ox.Store()
        labels.extend(ox.Quad(*triple) for triple in self._graph(_LABELS, outside, deadline))
        return StudyData(_GENERATION.number, triples, labels_in(labels, triples, home))

    def facts(self) -> StoreFacts:
        """Counts and dates of what the endpoint has, from the last minute.

        Raises:
            RemoteError: the endpoint failed.
            QueryTimeout: it took too long.
        """
        with self._counting:
            if self._known is None or time.monotonic() > self._known[0] + _FACTS_SECONDS:
                [(triples, studies, date)] = self._rows(_FACTS)
                facts = StoreFacts(_GENERATION.number, int(triples), int(studies), date)
                self._known = time.monotonic(), facts
            return self._known[1]

    def graphs(self, most: int) -> list[str]:  # noqa: ARG002
        """None: many endpoints have graphs of their own among those of the data."""
        return []

    def has_graph(self, iri: str) -> bool:
        """Whether there is a named graph with a statement.

        Raises:
            RemoteError: the endpoint failed.
            QueryTimeout: it took too long.
        """
        return bool(self._rows(f"SELECT ?s WHERE {{ GRAPH {ref(iri)} {{ ?s ?p ?o }} }} LIMIT 1"))

    def close(self) -> None:
        """Nothing is kept open."""

    def _current(self) -> tuple[Generation, ox.Store]:
        raise Problem(501, "this server is over an endpoint elsewhere, which has no such thing to show")

    def _graph(self, pattern: str, subjects: Sequence[str], deadline: float) -> list[ox.Triple]:
        """What a CONSTRUCT gives for these subjects, some at a time."""
        found: list[ox.Triple] = []
        for begin in range(0, len(subjects), _AT_ONCE):
            terms = _terms(subjects[begin : begin + _AT_ONCE])
            text = pattern.format(subjects=" ".join(terms), skos=PREFIXES["skos"], rdfs=PREFIXES["rdfs"])
            data = self._ask(text, _NTRIPLES, deadline)
            found += [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]
        return found

    def _rows(self, text: str) -> list[tuple[str, ...]]:
        """The rows of a SELECT as texts; unbound is empty."""
        data = self._ask(text, ox.QueryResultsFormat.JSON.media_type, time.monotonic() + self._seconds)
        solutions = cast("ox.QuerySolutions", ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON))
        return [tuple("" if term is None else str(getattr(term, "value", "")) for term in row) for row in solutions]

    def _ask(self, text: str, media_type: str, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise QueryTimeout(f"the endpoint behind this server needs more than {self._seconds:g} s")
        if not self._turns.acquire(blocking=False):
            raise RemoteUnavailable("too many questions wait for the endpoint behind this server")
        try:
            result = self._backend.run(
                QueryRequest(text, timeout=left, media_type=media_type, graph_media_type=_NTRIPLES)
            )
        except QueryError as error:
            if isinstance(error, QueryTimeout):
                raise QueryTimeout(error.problem) from error
            # Our own question: it is not the client's mistake.
            raise RemoteError(error.problem, place=error.place) from error
        finally:
            self._turns.release()
        if result.cut_at:
            raise RemoteError(f"the endpoint cut an answer off at {result.cut_at:,} rows", place=self._backend.url)
        return result.read()


class RemoteDescribing(Describing):
    """The library's description alone: the endpoint describes its data itself, and counting there takes long."""

    async def wanted_by(self, text: str, base: str) -> str:  # noqa: ARG002
        """Nothing: every query is for the endpoint."""
        return ""

    def _count(self, generation: Generation) -> Served:  # noqa: ARG002
        raise Problem(501, "this server is over an endpoint elsewhere, whose data is not counted here")


def _terms(iris: Iterable[str]) -> list[str]:
    """IRIs as terms of a query; what cannot be one is nobody's subject."""
    found = []
    for iri in iris:
        try:
            found.append(ref(iri))
        except TermError:
            continue
    return found
