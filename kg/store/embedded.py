"""The embedded store, written and read in this process: loading, replacing and walking studies.

What is current is in the default graph; :mod:`kg.store.history` has what was. Queries of other people do not belong
here: they run in a reader process, see :mod:`kg.store.reader`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import StoreError, TermError
from kg.namespaces import PREFIXES, study_iri
from kg.store.generations import Generation
from kg.store.pin import pin

__all__ = [
    "bulk_load",
    "count_graphs",
    "count_instances",
    "count_statements",
    "has_study",
    "open_generation",
    "reading",
    "remove_study",
    "replace_study",
    "study_ids",
    "study_quads",
]

_RDF_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_GRAPH = ox.DefaultGraph()


def open_generation(generation: Generation) -> ox.Store:
    """A generation, opened read-only in this process.

    Raises:
        StoreError: it cannot be opened.
    """
    try:
        return ox.Store.read_only(str(generation.path))
    except (OSError, RuntimeError) as error:  # a damaged store is a RuntimeError of the engine's
        raise StoreError(f"the store cannot be opened: {error}", place=str(generation.path)) from error


@contextmanager
def reading(generation: Generation) -> Iterator[ox.Store]:
    """A generation, opened read-only in this process, which writers do not sweep away meanwhile.

    The engine opens the files of a large store when it first needs them, so whoever reads for long needs this.

    Raises:
        StoreError: it cannot be opened.
    """
    mark = pin(str(generation.path))
    try:
        yield open_generation(generation)
    finally:
        if mark is not None:
            os.close(mark)


def study_quads(store: ox.Store, nct_id: str) -> Iterator[ox.Quad]:
    """The statements of one study: those about it and about every part of it that its own links lead to.

    Parts are subjects whose IRI begins with the study's. Walking its links takes milliseconds at any size of the
    store, whereas finding subjects by their beginning reads the whole of it.

    Raises:
        TermError: not an NCT id.
    """
    study = ox.NamedNode(study_iri(nct_id))
    below = study.value + "/"
    seen = {study}
    pending = [study]
    while pending:
        # Not lazily: the engine's iterator may be freed only by the thread that made it, and a generator goes anywhere.
        for quad in list(store.quads_for_pattern(pending.pop(), None, None, _GRAPH)):
            yield quad
            part = quad.object
            if isinstance(part, ox.NamedNode) and part.value.startswith(below) and part not in seen:
                seen.add(part)
                pending.append(part)


def study_ids(store: ox.Store) -> Iterator[str]:
    """The NCT ids of all studies, in no particular order."""
    study = ox.NamedNode(PREFIXES["tkg"] + "Study")
    for quad in store.quads_for_pattern(None, _RDF_TYPE, study, _GRAPH):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value.removeprefix(PREFIXES["trial"])


def has_study(store: ox.Store, nct_id: str) -> bool:
    """Whether the store has statements about a study.

    Raises:
        TermError: not an NCT id.
    """
    return next(store.quads_for_pattern(ox.NamedNode(study_iri(nct_id)), None, None, _GRAPH), None) is not None


def remove_study(store: ox.Store, nct_id: str) -> int:
    """Remove the statements of one study, all or none.

    What studies share, as organizations and concepts, stays.

    Returns:
        How many statements were removed.

    Raises:
        TermError: not an NCT id.
        StoreError: the store cannot be written.
    """
    removed = {quad.triple for quad in study_quads(store, nct_id)}
    _change(store, nct_id, removed, set())
    return len(removed)


def replace_study(store: ox.Store, nct_id: str, ntriples: str) -> tuple[int, int]:
    """Put new statements in place of those of one study, in one transaction. Only what differs is written.

    Args:
        store: the store.
        nct_id: the study.
        ntriples: its statements and those about what it shares with others, as an N-Triples document.

    Returns:
        How many statements were removed, and how many added.

    Raises:
        TermError: not an NCT id.
        StoreError: the document does not parse, has blank nodes, or the store cannot be written.
    """
    # Through a store, which rewrites some literals: "1.50" is compared with what is there, "1.5".
    rewritten = ox.Store()
    try:
        rewritten.load(ntriples, format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise StoreError(f"the statements do not parse: {error}", place=nct_id) from error
    wanted = {quad.triple for quad in rewritten}
    if any(isinstance(term, ox.BlankNode) for triple in wanted for term in (triple.subject, triple.object)):
        raise StoreError("the statements have blank nodes", place=nct_id, remedy="give every node an IRI")
    present = {quad.triple for quad in study_quads(store, nct_id)}
    removed, added = present - wanted, {triple for triple in wanted - present if not _holds(store, triple)}
    _change(store, nct_id, removed, added)
    return len(removed), len(added)


def _holds(store: ox.Store, triple: ox.Triple) -> bool:
    return ox.Quad(triple.subject, triple.predicate, triple.object) in store


def _change(store: ox.Store, place: str, removed: Iterable[ox.Triple], added: Iterable[ox.Triple]) -> None:
    """Remove and add in one update request, which the engine carries out as one transaction.

    N-Triples as the engine writes it is SPARQL data as it stands: no blank nodes, and no escapes that a SPARQL
    parser reads otherwise.
    """
    parts = [
        f"{verb} DATA {{\n{_text(triples)}}}" for verb, triples in (("DELETE", removed), ("INSERT", added)) if triples
    ]
    if not parts:
        return
    try:
        store.update(";\n".join(parts))
    except (OSError, RuntimeError, SyntaxError) as error:
        raise StoreError(f"the study cannot be written: {error}", place=place) from error


def _text(triples: Iterable[ox.Triple]) -> str:
    return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def bulk_load(store: ox.Store, stream: IO[bytes], *, trusted: bool = False) -> None:
    """Load N-Triples into the default graph, as fast as the engine can, in bounded memory.

    Not one transaction: load into a draft, which is thrown away on failure.

    Args:
        store: the store.
        stream: N-Triples.
        trusted: the statements come from :mod:`kg.terms`, so their IRIs need no check; about half as fast again.

    Raises:
        StoreError: the stream does not parse, or the store cannot be written.
    """
    try:
        store.bulk_load(stream, format=ox.RdfFormat.N_TRIPLES, lenient=trusted)
    except SyntaxError as error:
        raise StoreError(f"the statements do not parse: {error}", remedy="expected N-Triples") from error
    except OSError as error:
        raise StoreError(f"the statements cannot be loaded: {error}") from error


def count_statements(store: ox.Store) -> int:
    """How many statements the default graph has, without earlier versions of studies; reads the whole store."""
    if next(store.named_graphs(), None) is None:
        return len(store)
    text = "SELECT (COUNT(*) AS ?count) WHERE { ?subject ?predicate ?object }"
    [row] = cast("ox.QuerySolutions", store.query(text))
    return int(row["count"].value)


def count_graphs(store: ox.Store) -> int:
    """How many named graphs there are: one for each earlier version of a study."""
    return sum(1 for _ in store.named_graphs())


def count_instances(store: ox.Store, class_iri: str) -> int:
    """How many things there are of a class, as stated.

    Raises:
        TermError: not an absolute IRI.
    """
    try:
        wanted = ox.NamedNode(class_iri)
    except ValueError as error:
        raise TermError(f"{class_iri!r} is not an absolute IRI") from error
    return sum(1 for _ in store.quads_for_pattern(None, _RDF_TYPE, wanted, _GRAPH))
