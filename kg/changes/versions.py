"""The versions of a study that a graph has, found by SPARQL, and what each says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kg.changes.facts import Facts, facts_of
from kg.errors import QueryError, UsageError
from kg.namespaces import study_iri
from kg.store.cells import lexical

if TYPE_CHECKING:
    from kg.graph import Graph

__all__ = ["CURRENT", "StudyVersion", "chosen", "read_version", "versions_of"]

CURRENT: Final = "current"
"""What the current version is called, which has no IRI of its own."""

_NOW: Final = """SELECT ?posted WHERE {
  ?study a tkg:Study ; dcterms:identifier ?_nct OPTIONAL { ?study tkg:lastUpdatePosted ?posted } }"""
_EARLIER: Final = """SELECT ?version ?number ?posted WHERE {
  GRAPH ?version {
    ?version dcterms:isVersionOf ?_study_iri ; schema:version ?number OPTIONAL { ?version dcterms:issued ?posted } } }
ORDER BY ?number"""
_OF_VERSION: Final = "SELECT ?s ?p ?o WHERE { GRAPH ?_version_iri { ?s ?p ?o } }"
# A study, its parts and theirs, and the organizations that it names.
_OF_NOW: Final = """SELECT DISTINCT ?s ?p ?o WHERE {
  { ?_study_iri dcterms:identifier ?id . BIND (?_study_iri AS ?s) }
  UNION { ?_study_iri ?link ?s FILTER (STRSTARTS(STR(?s), ?_below)) }
  UNION { ?_study_iri ?link ?part FILTER (STRSTARTS(STR(?part), ?_below))
    ?part ?deeper ?s FILTER (STRSTARTS(STR(?s), ?_below)) }
  UNION { ?_study_iri tkg:leadSponsor|tkg:collaborator|tkg:registeringOrganization ?s }
  ?s ?p ?o }"""
_DATE: Final = re.compile(r"\d{4}-\d{2}(-\d{2})?")


class StudyVersion(msgspec.Struct, frozen=True):
    """One version of a study.

    Attributes:
        name: the last part of its IRI, ``current``, or the path of a record.
        number: counted from 1; the current one has the highest.
        posted: the date of its posting; ``""`` where the record does not say.
        iri: its IRI, which is that of its graph; ``""`` for the current one, which is in the default graph, and for a
            record outside of a store.
    """

    name: str
    number: int
    posted: str = ""
    iri: str = ""

    def text(self) -> str:
        """The version in words.

        >>> StudyVersion("current", 3, "2024-05-01").text()
        'version 3 (current, posted 2024-05-01)'
        """
        posted = f"posted {self.posted}" if self.posted else "without a date"
        return f"version {self.number} ({'' if self.iri else self.name + ', '}{posted})"


def versions_of(graph: Graph, nct_id: str) -> list[StudyVersion]:
    """The versions of a study, the first that was kept first, the current one last.

    Raises:
        UsageError: no such study in the graph.
        TermError: not an NCT id.
    """
    study = study_iri(nct_id)
    now = graph.query(_NOW, prefixes=True, nct=nct_id).rows
    if not now:
        raise UsageError(f"no study {nct_id} here", remedy="trialkg build adds studies to a store")
    found = [
        StudyVersion(str(iri).rsplit("/", 1)[1], int(lexical(number)), lexical(posted), str(iri))
        for iri, number, posted in graph.query(_EARLIER, prefixes=True, study=study).rows
    ]
    return [*found, StudyVersion(CURRENT, found[-1].number + 1 if found else 1, lexical(now[0][0]))]


def chosen(versions: Sequence[StudyVersion], wanted: str | int | date) -> StudyVersion:
    """The version that is meant.

    Args:
        versions: all of a study, in order.
        wanted: its number, the last part of its IRI, the whole IRI, ``current``, or a date (``YYYY-MM-DD`` or
            ``YYYY-MM``): then the newest that was posted by that day or month.

    Raises:
        UsageError: there is none.
    """
    text = lexical(wanted)
    if _DATE.fullmatch(text):
        for version in reversed(versions):
            if version.posted and version.posted[: len(text)] <= text:
                return version
        raise UsageError(f"no version was posted by {text}", remedy=_known(versions))
    for version in versions:
        if text in (version.name, str(version.number), version.iri):
            return version
    raise UsageError(f"no version {text!r}", remedy=_known(versions))


def read_version(graph: Graph, nct_id: str, version: StudyVersion) -> Facts:
    """What a version says.

    Raises:
        QueryError: the endpoint did not give all of it.
    """
    study = study_iri(nct_id)
    values: dict[str, Any] = {"version": version.iri} if version.iri else {"study": study, "below": study + "/"}
    result = graph.query(_OF_VERSION if version.iri else _OF_NOW, prefixes=True, **values)
    if result.cut_at is not None:
        raise QueryError(
            f"the endpoint gave only {result.cut_at} rows", place=nct_id, remedy="ask for more, or a store"
        )
    return facts_of(nct_id, result.rows)


def _known(versions: Sequence[StudyVersion]) -> str:
    names = [f"{version.number} = {version.name}" for version in versions[-10:]]
    return f"there are {'… ' if len(versions) > len(names) else ''}{', '.join(names)}"
