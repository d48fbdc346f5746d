"""What of a store goes into an export.

One study is in memory at a time. What grows with the export is small: the NCT ids, and the IRIs of the
organizations and concepts that the studies name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.errors import StoreError, UsageError
from kg.namespaces import PREFIXES, expand
from kg.store.embedded import study_quads
from kg.turtle import RDF_TYPE, natural_key, ordered

__all__ = [
    "CONCEPT_PROPERTIES",
    "Facts",
    "chosen_studies",
    "classes_of",
    "concept_statements",
    "concepts_of",
    "organization_statements",
    "study_statements",
]

CONCEPT_PROPERTIES = frozenset(
    expand(f"tkg:{name}")
    for name in (
        "concept",
        "conditionConcept",
        "conditionWithin",
        "drug",
        "drugClass",
        "drugWithin",
        "interventionConcept",
        "keywordConcept",
    )
)
"""Properties whose values are concepts of a vocabulary."""

_STUDY = NamedNode(expand("tkg:Study"))
_TYPE = NamedNode(RDF_TYPE)
_WITHIN = NamedNode(expand("tkg:within"))
_LABELS = (NamedNode(expand("rdfs:label")), NamedNode(expand("skos:prefLabel")))
_DEFAULT = DefaultGraph()
_NCT = re.compile(re.escape(PREFIXES["trial"]) + r"(NCT\d{8})")
_DATES = frozenset(expand(f"xsd:{name}") for name in ("date", "dateTime", "gYearMonth"))


@dataclass
class Facts:
    """What the written statements say about the export as a whole; collected while they pass.

    Nothing here is of the run: the same statements give the same facts.
    """

    data_date: str = ""
    """Newest state of the registry that a study shows: the latest ``tkg:dataDate`` or ``tkg:lastUpdatePosted``."""
    first_posted: str = ""
    """Earliest ``tkg:firstPosted``."""
    mapping_versions: set[str] = field(default_factory=set)
    vocabularies: set[tuple[str, str]] = field(default_factory=set)
    """Vocabulary and version, from the links."""
    countries: set[str] = field(default_factory=set)
    """Where sites are: ISO 3166-1 alpha-2 codes."""
    organizations: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)

    def collect(self, triples: Sequence[Triple]) -> None:
        """Take in the statements of one study."""
        vocabulary: dict[str, str] = {}
        versions: dict[str, str] = {}
        for triple in triples:
            name, value = triple.predicate.value, triple.object
            if isinstance(value, NamedNode):
                if name in CONCEPT_PROPERTIES:
                    self.concepts.add(value.value)
                elif value.value.startswith(PREFIXES["organization"]):
                    self.organizations.add(value.value)
                elif name == _VOCABULARY:
                    vocabulary[str(triple.subject)] = value.value
            elif isinstance(value, Literal):
                if name in _NEWEST and value.datatype.value in _DATES:
                    self.data_date = max(self.data_date, value.value[:10])
                elif name == _FIRST_POSTED and value.datatype.value in _DATES:
                    self.first_posted = min(self.first_posted or value.value, value.value)
                elif name == _MAPPING_VERSION:
                    self.mapping_versions.add(value.value)
                elif name == _COUNTRY:
                    self.countries.add(value.value)
                elif name == _VOCABULARY_VERSION:
                    versions[str(triple.subject)] = value.value
        self.vocabularies.update((iri, versions.get(link, "")) for link, iri in vocabulary.items())

    @property
    def version(self) -> str:
        """Version of the data: its date and the mapping that made the statements.

        >>> Facts(data_date="2026-08-14", mapping_versions={"0.1.0"}).version
        '2026-08-14+mapping.0.1.0'
        """
        mapping = ".".join(sorted(self.mapping_versions, key=natural_key)) or "unknown"
        return f"{self.data_date or 'undated'}+mapping.{mapping}"


_VOCABULARY = expand("tkg:vocabulary")
_VOCABULARY_VERSION = expand("tkg:vocabularyVersion")
_MAPPING_VERSION = expand("tkg:mappingVersion")
_FIRST_POSTED = expand("tkg:firstPosted")
_COUNTRY = expand("schema:addressCountry")
_NEWEST = frozenset((expand("tkg:dataDate"), expand("tkg:lastUpdatePosted")))


def chosen_studies(store: Store, select: Iterable[str] = ()) -> list[str]:
    """NCT ids to export, in their order.

    Args:
        store: the statements.
        select: the ids wanted; none means every study of the store.

    Raises:
        UsageError: an id is not in the store.
        StoreError: the store holds no study.
    """
    wanted = sorted(set(select))
    if wanted:
        absent = [
            nct_id
            for nct_id in wanted
            if not _NCT.fullmatch(iri := PREFIXES["trial"] + nct_id)
            or Quad(NamedNode(iri), _TYPE, _STUDY, _DEFAULT) not in store
        ]
        if absent:
            shown = ", ".join(absent[:10]) + (f" and {len(absent) - 10} more" if len(absent) > 10 else "")
            raise UsageError(f"not in the store: {shown}", remedy="give NCT ids of studies that the store has")
        return wanted
    found = []
    for quad in store.quads_for_pattern(None, _TYPE, _STUDY, _DEFAULT):
        match = _NCT.fullmatch(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
        if not match:
            raise StoreError(f"{quad.subject} is a tkg:Study but its IRI is not one of a study", remedy="build again")
        found.append(match[1])
    if not found:
        raise StoreError("no study in the store", remedy="run trialkg build first")
    return sorted(found)


def study_statements(store: Store, nct_id: str) -> list[Triple]:
    """The statements that a study owns, in order.

    Raises:
        StoreError: one of them has a blank node.
    """
    return ordered((quad.triple for quad in study_quads(store, nct_id)), place=nct_id)


def organization_statements(store: Store, iri: str) -> list[Triple]:
    """What the store says about an organization, in order."""
    return ordered((quad.triple for quad in store.quads_for_pattern(NamedNode(iri), None, None, _DEFAULT)), place=iri)


def concepts_of(store: Store, named: Iterable[str]) -> list[str]:
    """The concepts named and everything they are within, in order."""
    found = set(named)
    for iri in tuple(found):
        for quad in store.quads_for_pattern(NamedNode(iri), _WITHIN, None, _DEFAULT):
            if isinstance(quad.object, NamedNode):
                found.add(quad.object.value)
    return sorted(found, key=lambda iri: (natural_key(iri), iri))


def concept_statements(store: Store, iri: str) -> list[Triple]:
    """Classes, labels and ``tkg:within`` of a concept, in order; the rest of a vocabulary is its publisher's."""
    node = NamedNode(iri)
    return ordered(
        (
            quad.triple
            for predicate in (_TYPE, *_LABELS, _WITHIN)
            for quad in store.quads_for_pattern(node, predicate, None, _DEFAULT)
        ),
        place=iri,
    )


def classes_of(store: Store, iri: str) -> Iterator[str]:
    """The classes that the store states for a node."""
    for quad in store.quads_for_pattern(NamedNode(iri), _TYPE, None, _DEFAULT):
        if isinstance(quad.object, NamedNode):
            yield quad.object.value
