"""Links → statements, and what follows from them for the node they explain."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from kg.linking.link import Link
from kg.linking.linker import Linker
from kg.mapping.draft import Draft, prop
from kg.terms import RDF_TYPE, decimal, ref, string
from kg.vocabularies.codes import load_codes

__all__ = ["add_links", "classes_of", "drugs_of", "within"]

_LINK = prop("tkg:link")
_CONCEPT_LINK = prop("tkg:ConceptLink")
_CONCEPT = prop("tkg:concept")
_MATCHED_TEXT = prop("tkg:matchedText")
_METHOD = prop("tkg:method")
_SCORE = prop("tkg:score")
_VOCABULARY = prop("tkg:vocabulary")
_VERSION = prop("tkg:vocabularyVersion")

_GIVES_NO_DRUG = frozenset({"DEVICE", "DIAGNOSTIC_TEST", "BEHAVIORAL", "PROCEDURE", "RADIATION"})


def add_links(draft: Draft, node: str, links: Iterable[Link]) -> None:
    """The link nodes of one node, numbered from 1.

    Args:
        draft: the study's statements.
        node: the term of the condition, intervention or study that the links explain.
        links: its links.
    """
    statements = draft.statements
    start = f"{node[:-1]}/link/"
    for number, link in enumerate(links, 1):
        term = f"{start}{number}>"
        concept = link.concept
        method, score, vocabulary, version = _how(link.method, link.score, concept.vocabulary, concept.version)
        statements += (
            (node, _LINK, term),
            (term, RDF_TYPE, _CONCEPT_LINK),
            (term, _CONCEPT, f"<{concept.iri}>"),
            (term, _MATCHED_TEXT, string(link.text)),
            (term, _METHOD, method),
            (term, _SCORE, score),
            (term, _VOCABULARY, vocabulary),
            (term, _VERSION, version),
        )


@lru_cache(maxsize=1024)
def _how(method: str, score: str, vocabulary: str, version: str) -> tuple[str, str, str, str]:
    """How a link was made, and what it leads into, as terms; only a few of these come together."""
    return load_codes()["method"][method], decimal(score), ref(vocabulary), string(version)


def drugs_of(links: Iterable[Link], type_: str | None) -> tuple[str, ...]:
    """IRIs of the drugs that an intervention of this registry type gives, in order, each once."""
    if type_ in _GIVES_NO_DRUG:
        return ()
    return tuple(dict.fromkeys(link.concept.iri for link in links if link.concept.is_drug))


def classes_of(links: Iterable[Link]) -> tuple[str, ...]:
    """IRIs of the agent classes that an intervention names, in order, each once."""
    return tuple(dict.fromkeys(link.concept.iri for link in links if link.concept.kind == "class"))


def within(concepts: Iterable[str], linker: Linker) -> tuple[str, ...]:
    """Terms of everything that concepts, given by their IRIs, are within, in order, each once."""
    return tuple(dict.fromkeys(chain.from_iterable([_above(iri, linker) for iri in concepts])))


@lru_cache(maxsize=65_536)
def _above(iri: str, linker: Linker) -> tuple[str, ...]:
    return tuple([f"<{above}>" for above in linker.within(iri)])
