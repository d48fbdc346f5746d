"""Concepts of a vocabulary → the statements that a store keeps of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kg.namespaces import PREFIXES, expand
from kg.terms import RDF_TYPE, Statement, boolean, lang_string, ref
from kg.vocabularies.entry import Entry
from kg.vocabularies.hierarchy import Hierarchy

__all__ = ["all_of", "label_and_place"]

_LABEL: Final = ref(expand("rdfs:label"))
_OTHER_NAME: Final = ref(expand("skos:altLabel"))
_LOOSE_NAME: Final = ref(expand("skos:hiddenLabel"))
_WITHIN: Final = ref(expand("tkg:within"))
_DEPRECATED: Final = ref(expand("owl:deprecated"))
_REPLACED_BY: Final = ref(expand("dcterms:isReplacedBy"))
_BROADER: Final = ref(expand("rdfs:subClassOf"))
_MESH_KINDS: Final = {
    "descriptor": ref(expand("meshv:Descriptor")),
    "supplementary": ref(expand("meshv:SupplementaryConceptRecord")),
}
_TREE_NUMBER: Final = ref(expand("meshv:treeNumber"))
_MAPPED_TO: Final = ref(expand("meshv:mappedTo"))
_PREFERRED: Final = ref(expand("meshv:preferredMappedTo"))
_ACTION: Final = ref(expand("meshv:pharmacologicalAction"))


def label_and_place(entry: Entry, hierarchy: Hierarchy) -> Iterator[Statement]:
    """The least that queries need of a concept: its label, where it has one, and what it is within."""
    subject = ref(entry.iri)
    if entry.label:
        yield subject, _LABEL, lang_string(entry.label)
    for iri in hierarchy.within(entry.iri):
        yield subject, _WITHIN, ref(iri)


def all_of(entry: Entry, hierarchy: Hierarchy) -> Iterator[Statement]:
    """Everything that is known of a concept; MeSH in NLM's own terms (``meshv:``).

    Names that mean less than the concept, or something near, are ``skos:hiddenLabel``: they serve finding it.
    """
    yield from label_and_place(entry, hierarchy)
    subject = ref(entry.iri)
    for name in entry.synonyms:
        yield subject, _OTHER_NAME, lang_string(name)
    for name in entry.loose:
        yield subject, _LOOSE_NAME, lang_string(name)
    for predicate, other in entry.matches:
        yield subject, ref(predicate), ref(other)
    if entry.deprecated:
        yield subject, _DEPRECATED, boolean(entry.deprecated)
    if entry.replaced_by:
        yield subject, _REPLACED_BY, ref(entry.replaced_by)
    if entry.kind in _MESH_KINDS:
        yield from _mesh(subject, entry)
    else:
        for parent in entry.parents:
            yield subject, _BROADER, ref(parent)


def _mesh(subject: str, entry: Entry) -> Iterator[Statement]:
    yield subject, RDF_TYPE, _MESH_KINDS[entry.kind]
    for tree in entry.trees:
        yield subject, _TREE_NUMBER, ref(PREFIXES["mesh"] + tree)
    for iri in (*entry.parents, *entry.mapped):
        yield subject, _MAPPED_TO, ref(iri)
    if entry.mapped:
        for iri in entry.parents:
            yield subject, _PREFERRED, ref(iri)
    for iri in entry.actions:
        yield subject, _ACTION, ref(iri)
