"""The drug ontology as the linker and the store read it: agents and agent classes, their names, what they are within.

Three files of ``ontology/`` are read: ``agents.ttl`` (facts and definitions), ``agents-inferred.ttl`` (what the
reasoner made of them, see :mod:`kg.vocabularies.reason`) and ``agents.sssom.tsv`` (identifiers in other vocabularies).
OWL axioms stay in the file: no blank node leaves this module.

Source: https://mapping-commons.github.io/sssom/spec-formats-tsv/ (the table of identifiers).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Set
from importlib.resources.abc import Traversable
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph

from kg.config import resource
from kg.errors import TermError, VocabularyError
from kg.namespaces import PREFIXES, expand
from kg.terms import Statement, date, lang_string, ref, string
from kg.vocabularies.entry import Entry

if TYPE_CHECKING:
    from _csv import Reader

__all__ = [
    "VOCABULARY",
    "Agents",
    "Mapping",
    "NamedThing",
    "digest",
    "entries",
    "load_agents",
    "load_mappings",
    "statements",
]

VOCABULARY: Final = PREFIXES["agent"]
"""The vocabulary's IRI, as links name it."""

_FACTS: Final = "agents.ttl"
_INFERRED: Final = "agents-inferred.ttl"
_MAPPINGS: Final = "agents.sssom.tsv"
_COLUMNS: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_MATCHES: Final = (PREFIXES["skos"] + "exactMatch", PREFIXES["skos"] + "closeMatch")

_TYPE: Final = PREFIXES["rdf"] + "type"
_AGENT: Final = PREFIXES["tkg"] + "Agent"
_WITHIN: Final = PREFIXES["tkg"] + "within"
_PREFERRED: Final = PREFIXES["skos"] + "prefLabel"
_ALTERNATIVE: Final = PREFIXES["skos"] + "altLabel"
_VERSION: Final = PREFIXES["owl"] + "versionInfo"
_CLASS: Final = PREFIXES["owl"] + "Class"
_ONTOLOGY: Final = PREFIXES["owl"] + "Ontology"
_DATE: Final = PREFIXES["xsd"] + "date"
_STRING: Final = PREFIXES["xsd"] + "string"
# Between named classes these are axioms too: what follows from them is in tkg:within.
_AXIOMS: Final = frozenset(
    PREFIXES[prefix] + name
    for prefix, name in (("owl", "equivalentClass"), ("owl", "disjointWith"), ("rdfs", "subClassOf"))
)


class NamedThing(NamedTuple):
    """An agent or an agent class; ``names`` has the label first, then the others in order."""

    iri: str
    label: str
    names: tuple[str, ...]


class Mapping(NamedTuple):
    """That an agent is (``skos:exactMatch``) or is nearly (``skos:closeMatch``) a thing of another vocabulary; IRIs."""

    subject: str
    predicate: str
    object: str


class Agents(NamedTuple):
    """The drug ontology in memory.

    ``within`` has for each agent and class all that it is within, itself included, sorted. ``mesh`` leads from the
    IRI of a MeSH record to the agent.
    """

    agents: tuple[NamedThing, ...]
    classes: tuple[NamedThing, ...]
    within: dict[str, tuple[str, ...]]
    mesh: dict[str, str]
    version: str


def load_agents(folder: Traversable | None = None) -> Agents:
    """Reads the drug ontology.

    Args:
        folder: where its three files are; the one that ships with the package when None.

    Raises:
        VocabularyError: a file is absent or malformed, or they do not fit each other.

    >>> agents = load_agents()
    >>> agents.mesh["http://id.nlm.nih.gov/mesh/C582435"]
    'https://w3id.org/trialkg/agent/pembrolizumab'
    """
    folder = folder or resource("ontology")
    kinds: dict[str, str] = {}
    labels: dict[str, str] = {}
    others: dict[str, set[str]] = {}
    version = ""
    for subject, predicate, term in _triples(folder, _FACTS):
        value = term.value
        if predicate == _PREFERRED:
            labels[subject] = value
        elif predicate == _ALTERNATIVE:
            others.setdefault(subject, set()).add(value)
        elif predicate == _VERSION and subject == VOCABULARY:
            version = value
        elif predicate == _TYPE and value in (_AGENT, _CLASS) and subject.startswith(VOCABULARY):
            kinds[subject] = value
    if not version:
        raise VocabularyError(
            "no owl:versionInfo", place=_place(folder, _FACTS), remedy=f"expected one on {VOCABULARY}"
        )

    def things(kind: str) -> tuple[NamedThing, ...]:
        return tuple(
            NamedThing(iri, label, (label, *sorted(others.get(iri, ()), key=_by_letter)))
            for iri, label in ((iri, _label(iri, labels, folder)) for iri in sorted(kinds) if kinds[iri] == kind)
        )

    return Agents(
        agents=things(_AGENT),
        classes=things(_CLASS),
        within=_read_within(folder, kinds.keys()),
        mesh=_read_mesh(folder),
        version=version,
    )


def load_mappings(folder: Traversable | None = None) -> list[Mapping]:
    """Reads the identifiers that agents have in other vocabularies, in the order of the file.

    Raises:
        VocabularyError: the table is absent, or a row is malformed.
    """
    folder = folder or resource("ontology")
    place = _place(folder, _MAPPINGS)
    try:
        lines = _bytes(folder, _MAPPINGS).decode("utf-8").split("\n")
        comments = sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines))
        rows = csv.reader(lines[comments:], delimiter="\t", strict=True)
        return list(_mappings(rows, comments, place))
    except (UnicodeDecodeError, csv.Error) as error:
        raise VocabularyError(f"is not a table in UTF-8: {error}", place=place) from error


def entries() -> Iterator[Entry]:
    """The agents and classes that ship with the package, as concepts of a vocabulary."""
    found = load_agents()
    matches: dict[str, list[tuple[str, str]]] = {}
    for mapping in load_mappings():
        matches.setdefault(mapping.subject, []).append((mapping.predicate, mapping.object))
    for kind, things in (("agent", found.agents), ("class", found.classes)):
        for thing in things:
            yield Entry(
                thing.iri,
                thing.label,
                synonyms=thing.names[1:],
                parents=tuple(above for above in found.within[thing.iri] if above != thing.iri),
                matches=tuple(matches.get(thing.iri, ())),
                kind=kind,
            )


def digest() -> str:
    """Digest of the three files that ship with the package."""
    content = hashlib.sha256()
    for name in (_FACTS, _INFERRED, _MAPPINGS):
        content.update(_bytes(resource("ontology"), name))
    return content.hexdigest()


def statements(folder: Traversable | None = None) -> Iterator[Statement]:
    """What the store loads of the drug ontology: header, labels, facts, ``tkg:within`` and matches; no OWL axioms.

    Raises:
        VocabularyError: as :func:`load_agents`.
    """
    folder = folder or resource("ontology")
    for name in (_FACTS, _INFERRED):
        for subject, predicate, term in _triples(folder, name):
            if not _is_axiom(subject, predicate, term.value):
                yield ref(subject), ref(predicate), _text(term, _place(folder, name))
    for mapping in load_mappings(folder):
        yield ref(mapping.subject), ref(mapping.predicate), ref(mapping.object)


def _mappings(rows: Reader, comments: int, place: str) -> Iterator[Mapping]:
    header = next(rows, [])
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise VocabularyError(f"column {missing[0]} is missing", place=place, remedy="expected an SSSOM table")
    columns = [header.index(column) for column in _COLUMNS[:3]]
    for row in rows:
        at = f"{place}:{comments + rows.line_num}"
        if not row:
            continue
        if len(row) != len(header):
            raise VocabularyError(f"{len(row)} cells", place=at, remedy=f"expected {len(header)}, parted by tabs")
        try:
            mapping = Mapping(*(expand(row[column]) for column in columns))
        except TermError as error:
            raise VocabularyError(str(error), place=at) from error
        if mapping.predicate not in _MATCHES:
            raise VocabularyError(
                f"{mapping.predicate} is not a match", place=at, remedy="expected skos:exactMatch or skos:closeMatch"
            )
        yield mapping


def _is_axiom(subject: str, predicate: str, value: str) -> bool:
    if predicate in _AXIOMS:
        return True
    if predicate != _TYPE or not value.startswith(PREFIXES["owl"]):
        return False
    # Declarations of other people's terms say nothing that a reader of the graph needs.
    return value not in (_CLASS, _ONTOLOGY) or not subject.startswith(VOCABULARY)


def _triples(folder: Traversable, name: str) -> Iterator[tuple[str, str, pyoxigraph.NamedNode | pyoxigraph.Literal]]:
    """The triples of a Turtle file without blank nodes: OWL definitions stay behind."""
    try:
        for quad in pyoxigraph.parse(_bytes(folder, name), format=pyoxigraph.RdfFormat.TURTLE):
            if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(
                quad.object, pyoxigraph.NamedNode | pyoxigraph.Literal
            ):
                yield quad.subject.value, quad.predicate.value, quad.object
    except (SyntaxError, ValueError) as error:
        raise VocabularyError(f"is not Turtle: {' '.join(str(error).split())}", place=_place(folder, name)) from error


def _bytes(folder: Traversable, name: str) -> bytes:
    try:
        return folder.joinpath(name).read_bytes()
    except OSError as error:
        raise VocabularyError(
            f"cannot be read: {error.strerror}", place=_place(folder, name), remedy="is the package installed in full?"
        ) from error


def _text(term: pyoxigraph.NamedNode | pyoxigraph.Literal, place: str) -> str:
    """A term of a file as N-Triples text, by the one escaper."""
    if isinstance(term, pyoxigraph.NamedNode):
        return ref(term.value)
    if term.language:
        return lang_string(term.value, term.language)
    if term.datatype.value == _STRING:
        return string(term.value)
    if term.datatype.value == _DATE:
        return date(term.value)
    raise VocabularyError(f"{term} is no text or date", place=place, remedy="the drug ontology has no numbers")


def _read_within(folder: Traversable, known: Set[str]) -> dict[str, tuple[str, ...]]:
    above: dict[str, set[str]] = {}
    for subject, predicate, term in _triples(folder, _INFERRED):
        if predicate == _WITHIN:
            above.setdefault(subject, set()).add(term.value)
    if above.keys() != known:
        odd = sorted(above.keys() ^ known)
        raise VocabularyError(
            f"{odd[0]} is in only one of {_FACTS} and {_INFERRED}",
            place=_place(folder, _INFERRED),
            remedy="run python -m kg.vocabularies.reason --write",
        )
    return {iri: tuple(sorted(others)) for iri, others in sorted(above.items())}


def _read_mesh(folder: Traversable) -> dict[str, str]:
    mesh: dict[str, str] = {}
    for mapping in load_mappings(folder):
        if mapping.object.startswith(PREFIXES["mesh"]) and mesh.setdefault(mapping.object, mapping.subject) != (
            mapping.subject
        ):
            raise VocabularyError(
                f"{mapping.object} belongs to two agents",
                place=_place(folder, _MAPPINGS),
                remedy=f"keep one of {mesh[mapping.object]} and {mapping.subject}",
            )
    return mesh


def _label(iri: str, labels: dict[str, str], folder: Traversable) -> str:
    if iri not in labels:
        raise VocabularyError(f"{iri} has no skos:prefLabel", place=_place(folder, _FACTS))
    return labels[iri]


def _place(folder: Traversable, name: str) -> str:
    return f"{folder.name}/{name}"


def _by_letter(name: str) -> tuple[str, str]:
    return name.casefold(), name
