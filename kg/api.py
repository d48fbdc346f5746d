"""What ``import kg`` offers beside graphs: convert and compare records, validate, link strings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError, UsageError
from kg.linking.link import Link
from kg.linking.linker import Linker, load_linker
from kg.pipeline.choose import choose, chosen
from kg.pipeline.convert import convert as convert_inputs
from kg.pipeline.vocabularies import used_or_bundled
from kg.sources import Inputs
from kg.validation import Report
from kg.validation import validate as validate_graph

if TYPE_CHECKING:
    import rdflib

    from kg.changes import Facts, StudyDiff

__all__ = ["convert", "diff", "link", "linker_of", "validate"]


def convert(*inputs: str | Path) -> rdflib.Graph:
    """Records as one graph in memory; for a few studies, not for the registry.

    Args:
        inputs: files, folders or patterns, as for ``trialkg convert``.

    Raises:
        InputError: no record could be converted.

    >>> from kg.config import resource
    >>> len(convert(str(resource("examples", "studies", "NCT04969861.json")))) > 50
    True
    """
    import rdflib

    graph = rdflib.Graph()
    problems = []
    studies = 0
    with Inputs(inputs) as opened:
        for part in convert_inputs(chosen(opened, choose(opened))):
            graph.parse(data=part.ntriples, format="nt")
            studies += len(part.converted)
            problems += part.rejects
    if not studies:
        first = problems[0] if problems else None
        raise InputError(
            first.reason if first else "there is nothing to read",
            place=first.place if first else "",
            remedy="" if first else "name a file with a record",
        )
    return graph


def diff(before: str | Path, after: str | Path) -> StudyDiff:
    """What changed from one record of a study to another, without a store.

    Args:
        before: a file with the older record.
        after: a file with the newer one.

    Raises:
        InputError: a file has not exactly one record, or the records are of different studies.
    """
    from kg.changes import StudyVersion, difference

    (older, was), (newer, now) = _only_study(before), _only_study(after)
    if older != newer:
        raise InputError(f"a record of {newer}, not of {older}", place=str(after), remedy="name two of one study")
    versions = [
        StudyVersion(str(path), number, facts.posted) for number, path, facts in ((1, before, was), (2, after, now))
    ]
    return difference(older, versions[0], was, versions[1], now)


def _only_study(path: str | Path) -> tuple[str, Facts]:
    import pyoxigraph as ox

    from kg.changes import facts_of
    from kg.store.cells import cell

    with Inputs([path]) as opened:
        parts = list(convert_inputs(chosen(opened, choose(opened))))
    rejects = [reject for part in parts for reject in part.rejects]
    studies = [entry.nct_id for part in parts for entry in part.converted]
    if len(studies) != 1:
        problem = rejects[0].reason if rejects else f"{len(studies)} studies"
        raise InputError(problem, place=str(path), remedy="" if rejects else "name a file with one record")
    triples = [quad.triple for part in parts for quad in ox.parse(part.ntriples, format=ox.RdfFormat.N_TRIPLES)]
    rows = [tuple(map(cell, (triple.subject, triple.predicate, triple.object))) for triple in triples]
    return studies[0], facts_of(studies[0], rows)


def link(text: str, *, kind: str = "condition", store: str | Path | None = None) -> tuple[Link, ...]:
    """What a string means, each link with its reason; empty where nothing is certain.

    Args:
        text: the string.
        kind: ``condition`` or ``intervention``.
        store: the store whose vocabularies and corrections are used; where none is named, that in the usual place
            (``$TRIALKG_STORE`` or ``./trials.kg``), and without one what ships with the package.

    Raises:
        UsageError: another kind.
        StoreError: the named store is not there.

    >>> [(found.concept.label, found.method) for found in link("ALKS 4230 + Keytruda", kind="intervention")]
    [('nemvaleukin alfa', 'component'), ('pembrolizumab', 'component')]
    """
    linker = linker_of(store)
    if kind == "condition":
        return linker.condition(text)
    if kind == "intervention":
        return linker.intervention(text)
    raise UsageError(f"kind {kind!r} is not known", remedy="expected condition or intervention")


def linker_of(store: str | Path | None = None) -> Linker:
    """The linker with the vocabularies and corrections of a store, found as by :func:`link`.

    Raises:
        StoreError: the named store is not there.
        VocabularyError: one of its vocabularies, or its corrections, cannot be read.
    """
    return load_linker(used_or_bundled(Path(store) if store else None))


def validate(data: rdflib.Graph | str | Path, shapes: rdflib.Graph | None = None) -> Report:
    """What does not fit the shapes in a graph, or in the studies of some records.

    Args:
        data: a graph, or a path to records.
        shapes: shapes to use in place of the bundled ones.

    Raises:
        InputError: the path gave no study.
        ShapesError: the shapes cannot be used.
    """
    import rdflib

    return validate_graph(data if isinstance(data, rdflib.Graph) else convert(data), shapes)
