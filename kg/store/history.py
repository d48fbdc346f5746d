"""Earlier versions of studies: each a named graph that is written once.

A version graph has the name of the version. It holds the statements that the study had, those of the organizations
that it names, and what the version is: of which study, the how-manieth, posted when, and the version before it. The
record of the current study, in the default graph, names the newest version, so that a chain leads through all of them.

Source: https://www.w3.org/TR/prov-o/#wasRevisionOf, https://www.dublincore.org/specifications/dublin-core/dcmi-terms/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import StoreError
from kg.namespaces import PREFIXES, expand, study_iri
from kg.store.embedded import study_quads

__all__ = [
    "DERIVED",
    "Version",
    "is_another",
    "link_to",
    "newest_version",
    "next_version",
    "version_graphs",
    "version_quads",
]

DERIVED: Final = frozenset(
    expand(f"tkg:{name}")
    for name in (
        "link",
        "conditionConcept",
        "conditionWithin",
        "criterionConcept",
        "criterionWithin",
        "drug",
        "drugClass",
        "drugWithin",
        "interventionConcept",
        "keywordConcept",
        "role",
    )
)
"""Properties of a study and its parts that depend on vocabularies, beside what the registrant wrote."""

_DEFAULT: Final = ox.DefaultGraph()
_TYPE: Final = ox.NamedNode(expand("rdf:type"))
_ENTITY: Final = ox.NamedNode(expand("prov:Entity"))
_REVISION_OF: Final = ox.NamedNode(expand("prov:wasRevisionOf"))
_VERSION_OF: Final = ox.NamedNode(expand("dcterms:isVersionOf"))
_ISSUED: Final = ox.NamedNode(expand("dcterms:issued"))
_NUMBER: Final = ox.NamedNode(expand("schema:version"))
_POSTED: Final = ox.NamedNode(expand("tkg:lastUpdatePosted"))
_DATA_DATE: Final = ox.NamedNode(expand("tkg:dataDate"))
_SHA256: Final = ox.NamedNode(expand("tkg:sha256"))
_MAPPING: Final = ox.NamedNode(expand("tkg:mappingVersion"))
_HASH_DIGITS: Final = 8


class Version(NamedTuple):
    """A version of a study that is to be kept.

    Attributes:
        nct_id: the study.
        iri: its name and that of its graph.
        number: 1 for the first that was kept.
        before: the version before it; ``""`` for the first.
        issued: when it was posted, as the study says; None when it does not.
    """

    nct_id: str
    iri: str
    number: int
    before: str
    issued: ox.Literal | None


def newest_version(store: ox.Store, nct_id: str) -> str:
    """The IRI of the newest earlier version of a study; ``""`` when none was kept.

    A study that the store lost, as by a record that cannot be read any more, has nothing that leads to its versions:
    then the one with the highest number.

    Raises:
        TermError: not an NCT id.
    """
    found = _value(store, _record(nct_id), _REVISION_OF)
    if isinstance(found, ox.NamedNode):
        return found.value
    study = ox.NamedNode(study_iri(nct_id))
    graphs = [quad.subject for quad in list(store.quads_for_pattern(None, _VERSION_OF, study, None))]
    versions = [graph for graph in graphs if isinstance(graph, ox.NamedNode)]
    return max(versions, key=lambda version: _number(store, version)).value if versions else ""


def next_version(store: ox.Store, nct_id: str) -> Version:
    """What the study, as the store has it, will be called once it is an earlier version.

    The name is made of the date of the record and its hash. Where the study had that very record before, with
    another in between, a number is added.

    Raises:
        TermError: not an NCT id.
        StoreError: the study does not say which record it was made from.
    """
    study, record = study_iri(nct_id), _record(nct_id)
    sha256 = _text(_value(store, record, _SHA256))
    if not sha256:
        raise StoreError("the study has no record", place=nct_id, remedy="build the store anew")
    issued = _value(store, ox.NamedNode(study), _POSTED)
    day = _text(issued) or _text(_value(store, record, _DATA_DATE)) or "undated"
    iri = first = f"{study}/version/{day}-{sha256[:_HASH_DIGITS]}"
    times = 1
    while store.contains_named_graph(ox.NamedNode(iri)):
        times += 1
        iri = f"{first}-{times}"
    before = newest_version(store, nct_id)
    number = 1
    if before:
        number = _number(store, ox.NamedNode(before)) + 1
    return Version(nct_id, iri, number, before, issued if isinstance(issued, ox.Literal) else None)


def version_quads(store: ox.Store, version: Version) -> Iterator[ox.Quad]:
    """The graph of a version, from the study as the store has it."""
    node, study = ox.NamedNode(version.iri), ox.NamedNode(study_iri(version.nct_id))
    yield ox.Quad(node, _TYPE, _ENTITY, node)
    yield ox.Quad(node, _VERSION_OF, study, node)
    yield ox.Quad(node, _NUMBER, ox.Literal(version.number), node)
    if version.issued is not None:
        yield ox.Quad(node, _ISSUED, version.issued, node)
    if version.before:
        yield ox.Quad(node, _REVISION_OF, ox.NamedNode(version.before), node)
    # Nobody owns an organization: once no current study names it, the default graph may lose its name.
    organizations = set()
    for quad in study_quads(store, version.nct_id):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, node)
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(PREFIXES["organization"]):
            organizations.add(quad.object)
    for organization in organizations:
        for quad in list(store.quads_for_pattern(organization, None, None, _DEFAULT)):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, node)


def version_graphs(store: ox.Store) -> Iterator[ox.Quad]:
    """The statements of all version graphs, each with its graph."""
    for graph in list(store.named_graphs()):
        yield from list(store.quads_for_pattern(None, None, None, graph))


def link_to(nct_id: str, version: str) -> ox.Quad:
    """The statement by which a current study names its newest earlier version.

    Raises:
        TermError: not an NCT id.
    """
    return ox.Quad(_record(nct_id), _REVISION_OF, ox.NamedNode(version), _DEFAULT)


def is_another(before: ox.Store, after: ox.Store, nct_id: str) -> bool:
    """Whether a study says something else than it did: whether its record has changed.

    The registry stamps a new date on every record each day, so the bytes of a record differ more often than what it
    says. Of records with different bytes, the statements are compared, without those on the record itself and those
    that vocabularies decide. Statements of different versions of the mapping cannot be compared and count as others.

    Raises:
        TermError: not an NCT id.
    """
    record = _record(nct_id)
    if _value(before, record, _SHA256) == _value(after, record, _SHA256):
        return False
    if _value(before, record, _MAPPING) != _value(after, record, _MAPPING):
        return True
    return _registered(before, nct_id) != _registered(after, nct_id)


def _registered(store: ox.Store, nct_id: str) -> set[ox.Triple]:
    record = _record(nct_id)
    return {
        quad.triple
        for quad in study_quads(store, nct_id)
        if quad.subject != record
        and quad.predicate.value not in DERIVED
        and not (isinstance(quad.subject, ox.NamedNode) and "/link/" in quad.subject.value)
    }


def _number(store: ox.Store, version: ox.NamedNode) -> int:
    return int(_text(_value(store, version, _NUMBER, version)) or 0)


def _record(nct_id: str) -> ox.NamedNode:
    return ox.NamedNode(study_iri(nct_id) + "/record")


def _value(
    store: ox.Store, subject: ox.NamedNode, predicate: ox.NamedNode, graph: ox.NamedNode | ox.DefaultGraph = _DEFAULT
) -> ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple | None:
    quad = next(store.quads_for_pattern(subject, predicate, None, graph), None)
    return quad.object if quad else None


def _text(value: object) -> str:
    return value.value if isinstance(value, ox.Literal) else ""
