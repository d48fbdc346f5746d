"""What of a store goes into an export.

One study is in memory at a time. What grows with the export is small: the NCT ids, and the IRIs of the
organizations and concepts that the studies name.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from kg.catalog.scan import scanned
from kg.catalog.writing import Part
from kg.errors import StoreError, UsageError
from kg.namespaces import PREFIXES, expand, study_iri
from kg.store.embedded import study_ids, study_quads
from kg.turtle import RDF_TYPE, literal_text, natural_key

__all__ = [
    "CONCEPT_PROPERTIES",
    "Facts",
    "chosen_studies",
    "classes_of",
    "concept_part",
    "concepts_of",
    "linking_triples",
    "organization_part",
    "studies",
    "study_part",
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

    def collect(self, part: Part) -> None:
        """Take in the statements of one study."""
        vocabulary: dict[bytes, str] = {}
        versions: dict[bytes, str] = {}
        for subject, predicates in part.subjects:
            for predicate, values in predicates:
                for value in values:
                    if value.startswith(_ORGANIZATION):
                        self.organizations.add(value[1:-1].decode())
                if predicate not in _TELLING:
                    continue
                for value in values:
                    if value[:1] == b"<":
                        if predicate in _CONCEPT_TERMS:
                            self.concepts.add(value[1:-1].decode())
                        elif predicate == _VOCABULARY:
                            vocabulary[subject] = value[1:-1].decode()
                        continue
                    text, datatype = literal_text(value)
                    if predicate in _NEWEST and datatype in _DATES:
                        self.data_date = max(self.data_date, text[:10])
                    elif predicate == _FIRST_POSTED and datatype in _DATES:
                        self.first_posted = min(self.first_posted or text, text)
                    elif predicate == _MAPPING_VERSION:
                        self.mapping_versions.add(text)
                    elif predicate == _COUNTRY:
                        self.countries.add(text)
                    elif predicate == _VOCABULARY_VERSION:
                        versions[subject] = text
        self.vocabularies.update((iri, versions.get(link, "")) for link, iri in vocabulary.items())

    @property
    def version(self) -> str:
        """Version of the data: its date and the mapping that made the statements.

        >>> Facts(data_date="2026-08-14", mapping_versions={"0.1.0"}).version
        '2026-08-14+mapping.0.1.0'
        """
        mapping = ".".join(sorted(self.mapping_versions, key=natural_key)) or "unknown"
        return f"{self.data_date or 'undated'}+mapping.{mapping}"


def _term(name: str) -> bytes:
    return f"<{expand(name)}>".encode()


_ORGANIZATION = f"<{PREFIXES['organization']}".encode()
_CONCEPT_TERMS = frozenset(f"<{iri}>".encode() for iri in CONCEPT_PROPERTIES)
_VOCABULARY = _term("tkg:vocabulary")
_VOCABULARY_VERSION = _term("tkg:vocabularyVersion")
_MAPPING_VERSION = _term("tkg:mappingVersion")
_FIRST_POSTED = _term("tkg:firstPosted")
_COUNTRY = _term("schema:addressCountry")
_NEWEST = frozenset((_term("tkg:dataDate"), _term("tkg:lastUpdatePosted")))
_TELLING = _CONCEPT_TERMS | _NEWEST | {_VOCABULARY, _VOCABULARY_VERSION, _MAPPING_VERSION, _FIRST_POSTED, _COUNTRY}
_DATES = frozenset(_term(f"xsd:{name}") for name in ("date", "dateTime", "gYearMonth"))


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


def studies(store: Store, chosen: Sequence[str], folder: Path) -> Iterator[Part]:
    """The studies, in the order given, each with everything below it.

    Many studies of a store are read in one pass over it, few by walking the links of each.

    Args:
        store: the statements.
        chosen: NCT ids, sorted.
        folder: a place for files that are read again.

    Raises:
        StoreError: a statement of a study has a blank node, or the store cannot be read.
    """
    if len(chosen) < _FEW or len(chosen) * _WALKED_OF_SCANNED < sum(1 for _ in study_ids(store)):
        for nct_id in chosen:
            yield study_part(store, nct_id)
        return
    with tempfile.TemporaryDirectory(prefix="scan-", dir=folder) as scratch:
        for nct_id, text in scanned(store, Path(scratch), frozenset(chosen)):
            yield _checked(Part(nct_id, text))


def study_part(store: Store, nct_id: str) -> Part:
    """One study with everything below it, found by walking its links.

    Raises:
        StoreError: a statement has a blank node.
    """
    return _checked(Part.of(nct_id, (quad.triple for quad in study_quads(store, nct_id))))


def organization_part(store: Store, iri: str) -> Part:
    """What the store says about an organization."""
    return _part_about(store, iri, None)


def linking_triples(part: Part) -> list[Triple]:
    """The statements that tell of the links of a study: on itself, its conditions and interventions, and the links."""
    study = f"<{study_iri(part.name)}>".encode()
    nodes = {study}
    lines = []
    # A node comes before its parts in the one order, but not before what it leads to: so links are looked up after.
    by_subject = dict(part.subjects)
    about = dict(by_subject.get(study, ()))
    nodes.update(value for name in _LINKED for value in about.get(name, ()))
    for node in tuple(nodes):
        nodes.update(dict(by_subject.get(node, ())).get(_LINK, ()))
    for node in nodes:
        for predicate, values in by_subject.get(node, ()):
            if predicate in _TOLD or node != study:
                lines += [b"%b %b %b .\n" % (node, predicate, value) for value in values]
    return [quad.triple for quad in parse(b"".join(lines), RdfFormat.N_TRIPLES)]


_LINK = _term("tkg:link")
_LINKED = (_term("tkg:condition"), _term("tkg:intervention"))
_TOLD = frozenset((*_LINKED, _LINK, _term("tkg:record"), _term("rdfs:label"), _term("rdf:type")))
"""What matters of a study itself."""


def _part_about(store: Store, iri: str, *predicates: NamedNode | None) -> Part:
    node = NamedNode(iri)
    return _checked(
        Part.of(
            iri,
            [
                quad.triple
                for predicate in predicates
                for quad in store.quads_for_pattern(node, predicate, None, _DEFAULT)
            ],
        )
    )


def _checked(part: Part) -> Part:
    """The part, unless it has what has no stable place in any order.

    Raises:
        StoreError: a blank node or a triple term.
    """
    # Text may hold these letters too, so where they are found, what they are is looked at.
    if _MAYBE_NO_NODE.search(part.text) and (found := _NO_NODE.search(part.text)):
        kind = "blank node" if found[1].startswith(b"_:") else "triple term"
        raise StoreError(
            f"{kind} {found[1].decode()} in the statements of the store",
            place=part.name,
            remedy="every node of a study has an IRI; convert the study again",
        )
    return part


_MAYBE_NO_NODE = re.compile(rb"> (?:_:|<<)")
_NO_NODE = re.compile(rb"^<[^>]*> <[^>]*> (_:[^ ]+|<<.*>>)", re.MULTILINE)
_WALKED_OF_SCANNED = 3
"""Walking a study costs so many times what scanning one does."""
_FEW = 500
"""So few studies are walked in any case: a pass over the store is also one over its vocabularies."""


def concepts_of(store: Store, named: Iterable[str]) -> list[str]:
    """The concepts named and everything they are within, in order."""
    found = set(named)
    for iri in tuple(found):
        for quad in store.quads_for_pattern(NamedNode(iri), _WITHIN, None, _DEFAULT):
            if isinstance(quad.object, NamedNode):
                found.add(quad.object.value)
    return sorted(found, key=lambda iri: (natural_key(iri), iri))


def concept_part(store: Store, iri: str) -> Part:
    """Classes, labels and ``tkg:within`` of a concept; the rest of a vocabulary is its publisher's."""
    return _part_about(store, iri, _TYPE, *_LABELS, _WITHIN)


def classes_of(store: Store, iri: str) -> Iterator[str]:
    """The classes that the store states for a node."""
    for quad in store.quads_for_pattern(NamedNode(iri), _TYPE, None, _DEFAULT):
        if isinstance(quad.object, NamedNode):
            yield quad.object.value
