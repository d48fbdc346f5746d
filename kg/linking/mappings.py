"""Links as rows of an SSSOM table: those of single strings, and those that a store holds.

What a row claims is no more than its link does. A string whose every word the concept accounts for matches it; one
that says more is narrower, so the concept is the broader one; a part of a list, a keyword, and a term that the registry
gives are related, and nothing more is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.linking.index import Concept, NameIndex
from kg.linking.link import Link
from kg.linking.normalize import fold
from kg.linking.sssom import LITERAL, NO_TERM, Row
from kg.namespaces import PREFIXES, expand
from kg.store.embedded import study_quads
from kg.vocabularies.scope import Side

__all__ = [
    "CANDIDATE",
    "CATEGORIES",
    "Rejected",
    "labels_in",
    "rejected",
    "rows_of_store",
    "rows_of_study",
    "rows_of_text",
]

CATEGORIES: Final = {Side.CONDITION: expand("tkg:Condition"), Side.INTERVENTION: expand("tkg:Intervention")}
"""What a string of each side is, in ``subject_category``."""

CANDIDATE: Final = expand("tkg:candidate")
"""The predicate of a concept that a string could mean and that was not chosen."""

_STUDY: Final = expand("tkg:Study")
_EXACT: Final = expand("skos:exactMatch")
_CLOSE: Final = expand("skos:closeMatch")
_BROAD: Final = expand("skos:broadMatch")
_RELATED: Final = expand("skos:relatedMatch")
_LEXICAL: Final = expand("semapv:LexicalMatching")
_JUSTIFICATIONS: Final = {
    "registry": expand("semapv:UnspecifiedMatching"),
    "fuzzy": expand("semapv:LexicalSimilarityThresholdMatching"),
    "manual": expand("semapv:ManualMappingCuration"),
}
_NO_LINK: Final = "no link: no known name, or one that several concepts share"
_SIDES: Final = {
    Side.CONDITION: "what is studied",
    Side.INTERVENTION: "what is given or done",
}

_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_LABEL: Final = expand("rdfs:label")
_LABELS: Final = (ox.NamedNode(_LABEL), ox.NamedNode(expand("skos:prefLabel")))
_LINK: Final = expand("tkg:link")
_NODES: Final = ((expand("tkg:condition"), Side.CONDITION), (expand("tkg:intervention"), Side.INTERVENTION))
_METHODS: Final = PREFIXES["method"]


class Rejected(NamedTuple):
    """A concept that has a string as its name and is not linked to it, and why."""

    concept: Concept
    reason: str


class _Subject(NamedTuple):
    """What is linked: a node of a study or a string, and what it is. A study has no side."""

    iri: str
    label: str
    side: Side | None
    record: str = ""

    def row(self, predicate: str, object_id: str, justification: str) -> Row:
        return Row(
            subject_id=self.iri,
            subject_label=self.label,
            subject_category=CATEGORIES[self.side] if self.side else _STUDY,
            subject_type="" if self.iri else LITERAL,
            subject_source=self.record,
            predicate_id=predicate,
            object_id=object_id,
            mapping_justification=justification,
        )


class _Found(NamedTuple):
    """A link, as the linker gives it or as a store holds it."""

    concept: str
    label: str
    text: str
    method: str
    score: str
    vocabulary: str
    version: str


def rows_of_text(text: str, side: Side, links: Sequence[Link], others: Iterable[Rejected] = ()) -> list[Row]:
    """The rows of a string: its links, or that it has none, and the concepts that were not chosen.

    >>> [row.comment for row in rows_of_text("triple therapy", Side.INTERVENTION, ())]
    ['no link: no known name, or one that several concepts share']
    """
    subject = _Subject("", text, side)
    found = [
        _Found(
            link.concept.iri,
            link.concept.label,
            link.text,
            link.method,
            link.score,
            link.concept.vocabulary,
            link.concept.version,
        )
        for link in links
    ]
    return [
        *_rows(subject, found),
        *(
            subject.row(CANDIDATE, concept.iri, _LEXICAL)._replace(
                object_label=concept.label,
                object_source=concept.vocabulary,
                object_source_version=concept.version,
                comment=f"not chosen: {reason}",
            )
            for concept, reason in others
        ),
    ]


def rejected(text: str, side: Side, links: Sequence[Link], index: NameIndex) -> list[Rejected]:
    """The concepts that have a string, or its words, as a name, and that it is not linked to.

    Args:
        text: the string.
        side: what it names.
        links: what it is linked to.
        index: the names.
    """
    chosen = {link.concept.iri for link in links}
    others = [concept for concept in index.candidates(text, side) if concept.iri not in chosen]
    manual = any(link.method == "manual" for link in links)
    found = []
    for concept in others:
        agent = index.agent_of(concept.iri)
        if manual:
            reason = "a correction says what the string means"
        elif agent in chosen and agent != concept.iri:
            reason = "the drug ontology stands for it"
        elif links:
            reason = f"{links[0].concept.label} goes before it"
        elif len(others) > 1:
            reason = f"the name of {len(others)} concepts"
        else:
            reason = "says too little, or a correction forbids it"
        found.append(Rejected(concept, reason))
    for other in Side:
        if other is not side:
            known = chosen.union(concept.iri for concept in others)
            found += [
                Rejected(concept, f"names {_SIDES[other]}, not {_SIDES[side]}")
                for concept in index.candidates(text, other)
                if concept.iri not in known
            ]
    return found


def rows_of_study(triples: Iterable[ox.Triple], label_of: Callable[[str], str]) -> list[Row]:
    """The rows of a study, sorted: its links, and its conditions and interventions that have none.

    Args:
        triples: the statements of the study.
        label_of: the label of a concept, by its IRI.
    """
    about: dict[str, dict[str, list[str]]] = {}
    study = ""
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal):
            about.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(
                triple.object.value
            )
            if triple.predicate == _TYPE and triple.object.value == _STUDY:
                study = triple.subject.value
    facts = about.get(study, {})
    record = _first(facts, expand("tkg:record"))
    rows = []
    if facts.get(_LINK):
        rows += _rows(_Subject(study, _first(facts, _LABEL), None, record), _links(about, study, label_of))
    for predicate, side in _NODES:
        for node in facts.get(predicate, ()):
            subject = _Subject(node, _first(about.get(node, {}), _LABEL), side, record)
            rows += _rows(subject, _links(about, node, label_of))
    return sorted(rows)


def rows_of_store(store: ox.Store, nct_ids: Iterable[str]) -> Iterator[Row]:
    """The rows of some studies of a store, one study in memory at a time.

    Raises:
        TermError: not an NCT id.
    """
    label_of = labels_in(store)
    for nct_id in nct_ids:
        yield from rows_of_study((quad.triple for quad in study_quads(store, nct_id)), label_of)


def labels_in(store: ox.Store) -> Callable[[str], str]:
    """Gives the label that a store has of a concept, by its IRI; empty where there is none."""

    @lru_cache(maxsize=100_000)
    def label_of(iri: str) -> str:
        found = [
            quad.object.value
            for predicate in _LABELS
            for quad in store.quads_for_pattern(ox.NamedNode(iri), predicate, None, ox.DefaultGraph())
            if isinstance(quad.object, ox.Literal)
        ]
        return min(found, default="")

    return label_of


def _links(about: dict[str, dict[str, list[str]]], node: str, label_of: Callable[[str], str]) -> Iterator[_Found]:
    for link in about.get(node, {}).get(_LINK, ()):
        facts = about.get(link, {})
        concept = _first(facts, expand("tkg:concept"))
        yield _Found(
            concept,
            label_of(concept),
            _first(facts, expand("tkg:matchedText")),
            _first(facts, expand("tkg:method")).removeprefix(_METHODS),
            _first(facts, expand("tkg:score")),
            _first(facts, expand("tkg:vocabulary")),
            _first(facts, expand("tkg:vocabularyVersion")),
        )


def _rows(subject: _Subject, found: Iterable[_Found]) -> list[Row]:
    links = list(found)
    if not links:
        return [subject.row(_EXACT, NO_TERM, _LEXICAL)._replace(comment=_NO_LINK)]
    parts = len({link.concept for link in links if link.method == "component"})
    return [
        subject.row(
            _predicate(link, subject, parts), link.concept, _JUSTIFICATIONS.get(link.method, _LEXICAL)
        )._replace(
            object_label=link.label,
            object_source=link.vocabulary,
            object_source_version=link.version,
            confidence=link.score,
            match_string=link.text,
            comment=link.method,
        )
        for link in links
    ]


def _predicate(link: _Found, subject: _Subject, parts: int) -> str:
    """How near a link says that its concept is; ``parts`` counts the concepts that parts of the string name."""
    if subject.side is None or link.method == "registry":
        return _RELATED
    if link.method == "manual":
        # How near, the person knew; the graph keeps only that it was a person.
        return _CLOSE
    if link.method == "component":
        return _BROAD if parts == 1 and subject.side is Side.CONDITION else _RELATED
    if link.method == "fuzzy":
        return _CLOSE
    if fold(link.text) == fold(subject.label):
        return _EXACT
    if link.method == "abbreviation":
        return _CLOSE
    # What is left out qualifies a condition; of an intervention it may be a dose or a partner.
    return _BROAD if subject.side is Side.CONDITION else _RELATED


def _first(facts: dict[str, list[str]], predicate: str) -> str:
    return min(facts.get(predicate, ()), default="")
