"""What the pages need of the store: one study, labels of what it points to, and a few facts.

These are our own short walks, not anybody's query, so they run in threads of the server itself, on the newest
generation opened read-only. Anything that a client writes goes to the query processes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import PREFIXES, study_iri
from kg.store.embedded import count_instances, count_statements, reading, study_quads
from kg.store.generations import Generation, StoreDirectory

__all__ = ["Lookup", "Newest", "StoreFacts", "StudyData", "labels_in"]

_STUDY: Final = PREFIXES["tkg"] + "Study"
_DATA_DATE: Final = ox.NamedNode(PREFIXES["tkg"] + "dataDate")
_LABELS: Final = (ox.NamedNode(PREFIXES["skos"] + "prefLabel"), ox.NamedNode(PREFIXES["rdfs"] + "label"))


class StoreFacts(NamedTuple):
    """What is being served; ``data_date`` is empty when no record says the registry's own date.

    ``generation`` is 0 where there are none, see :mod:`kg.server.elsewhere`.
    """

    generation: int
    triples: int
    studies: int
    data_date: str


class StudyData(NamedTuple):
    """The statements about a study and its parts, and labels of the IRIs outside it that they name."""

    generation: int
    triples: tuple[ox.Triple, ...]
    labels: dict[str, str]


class Newest:
    """The newest generation of a store directory, read again only when another was published.

    A report may be long, and every query asks which generation is the newest.

    Args:
        store: the store directory.
    """

    def __init__(self, store: StoreDirectory) -> None:
        self._store = store
        self._current = str(store.directory / "current")
        self._known: tuple[tuple[int, int], Generation] | None = None

    def known(self) -> Generation | None:
        """The newest generation, if it is still the one read last; takes microseconds."""
        known = self._known
        return known[1] if known and known[0] == self._mark() else None

    def __call__(self) -> Generation:
        """The newest generation.

        Raises:
            StoreError: nothing is published.
        """
        known = self.known()
        if known:
            return known
        # The mark is taken first: what is published in between is then seen by the next call.
        mark = self._mark()
        generation = self._store.newest()
        if mark:
            self._known = mark, generation
        return generation

    def _mark(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._current)
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino


class Lookup:
    """The newest generation, open for reading. Its methods may block: call them in a thread.

    Args:
        newest: gives the newest generation.
    """

    def __init__(self, newest: Callable[[], Generation]) -> None:
        self._newest = newest
        self._lock = threading.Lock()
        self._open: tuple[Generation, ox.Store] | None = None
        self._reading = ExitStack()
        self._counting = threading.Lock()
        self._facts: StoreFacts | None = None

    def study(self, nct_id: str) -> StudyData | None:
        """Everything about one study; None when it is not in the store.

        Raises:
            TermError: not an NCT id.
            StoreError: nothing is published, or it cannot be opened.
        """
        home = study_iri(nct_id)
        generation, store = self._current()
        triples = tuple(quad.triple for quad in study_quads(store, nct_id))
        if not triples:
            return None
        return StudyData(generation.number, triples, labels_in(store, triples, home))

    def facts(self) -> StoreFacts:
        """Counts and dates of what is served: what the generation's report says, or else counted, once.

        Raises:
            StoreError: nothing is published, or it cannot be opened.
        """
        generation, store = self._current()
        with self._counting:
            if self._facts is None or self._facts.generation != generation.number:
                self._facts = _reported(generation) or _counted(generation, store)
            return self._facts

    def graphs(self, most: int) -> list[str]:
        """The IRIs of the named graphs, sorted; none where there are more than so many.

        Raises:
            StoreError: nothing is published, or it cannot be opened.
        """
        _, store = self._current()
        found = [graph.value for graph in islice(store.named_graphs(), most + 1) if isinstance(graph, ox.NamedNode)]
        return sorted(found) if len(found) <= most else []

    def has_graph(self, iri: str) -> bool:
        """Whether there is a named graph, be it empty.

        Raises:
            StoreError: nothing is published, or it cannot be opened.
        """
        return self._current()[1].contains_named_graph(ox.NamedNode(iri))

    def close(self) -> None:
        """Let go of the generation."""
        with self._lock:
            self._open = None
            self._reading.close()

    def _current(self) -> tuple[Generation, ox.Store]:
        newest = self._newest()
        with self._lock:
            if self._open is None or self._open[0].number != newest.number:
                with ExitStack() as opening:
                    self._open = newest, opening.enter_context(reading(newest))
                    self._reading.close()
                    self._reading = opening.pop_all()
            return self._open


def _reported(generation: Generation) -> StoreFacts | None:
    """What a build counted already; None for a generation that something else made."""
    match generation.report:
        case {"triples": int(triples), "storeStudies": int(studies), "dataDate": str(date)}:
            return StoreFacts(generation.number, triples, studies, date)
    return None


def _counted(generation: Generation, store: ox.Store) -> StoreFacts:
    dates = {quad.object.value for quad in _matching(store, None, _DATA_DATE) if isinstance(quad.object, ox.Literal)}
    studies = count_instances(store, _STUDY)
    return StoreFacts(generation.number, count_statements(store), studies, max(dates, default=""))


def _matching(
    store: ox.Store, subject: ox.NamedNode | None, predicate: ox.NamedNode, obj: None = None
) -> Iterable[ox.Quad]:
    return store.quads_for_pattern(subject, predicate, obj, ox.DefaultGraph())


def labels_in(store: ox.Store, triples: Iterable[ox.Triple], home: str) -> dict[str, str]:
    """Labels of the IRIs that stand as objects and are not parts of the study; English or plain ones."""
    labels = {}
    outside = {
        triple.object.value: triple.object
        for triple in triples
        if isinstance(triple.object, ox.NamedNode) and not triple.object.value.startswith(home)
    }
    for iri, node in outside.items():
        found = [
            quad.object.value
            for label in _LABELS
            for quad in _matching(store, node, label)
            if isinstance(quad.object, ox.Literal) and quad.object.language in (None, "en")
        ]
        if found:
            labels[iri] = found[0]
    return labels
