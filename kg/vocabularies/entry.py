"""A concept as every vocabulary reader gives it, and the vocabulary it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Entry", "Source"]


class Entry(NamedTuple):
    """One concept of a vocabulary.

    Attributes:
        iri: the concept.
        label: its preferred name.
        synonyms: other names that mean exactly it.
        loose: names that the vocabulary gives it though they mean less or something near: narrower, broader, related.
        parents: IRIs of what it lies directly within: superclasses, broader concepts, the headings that a
            supplementary record is mapped to (only the preferred ones where the source says which).
        trees: MeSH tree numbers, which decide in place of ``parents``; empty elsewhere.
        mapped: MeSH headings that a supplementary record is mapped to beside ``parents``.
        actions: IRIs of pharmacological actions.
        matches: cross-references as IRIs, each with the IRI of the SKOS predicate that says how near it is.
        deprecated: whether the vocabulary has given it up. It stays in the graph and is never linked to.
        replaced_by: the IRI of what stands in for a deprecated one; empty where the source does not say.
        kind: ``agent``, ``class`` (drug ontology), ``descriptor``, ``supplementary`` (MeSH), ``concept`` (all others).
    """

    iri: str
    label: str
    synonyms: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    mapped: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    matches: tuple[tuple[str, str], ...] = ()
    deprecated: bool = False
    replaced_by: str = ""
    kind: str = "concept"


class Source(NamedTuple):
    """A vocabulary that is being read.

    Attributes:
        title: for people, as the source says it.
        iri: the vocabulary itself, as links name it.
        version: year, release or date, as the source says it.
        licence: as the source says it; empty where it does not.
        entries: its concepts, once; made while they are read, so an error in the source may come late.
    """

    title: str
    iri: str
    version: str
    licence: str
    entries: Iterator[Entry]
