"""Proof that values in a query became terms and nothing else, on what a parser makes of the text.

A query goes to an endpoint as text, since the protocol has no parameters, and each engine reads texts with a parser
of its own. So a query with values is parsed, and so is the same query with inconspicuous marks in their places. The
two trees must be equal but for the leaves that the marks are, and these must be the terms.

Source: https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from kg.errors import QueryRefused
from kg.store.guard import parsed

__all__ = ["marks", "refuse_unless_substituted"]

_SUBJECT_AND_PREDICATE: Final = "<urn:x> <urn:x>"
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_UNIQUE: Final = secrets.token_hex(16)
_PATHS: Final = ("PathAlternative", "PathSequence", "PathElt")


def marks(names: Iterable[str]) -> dict[str, str]:
    """An IRI for each name, in angle brackets, that stands in no query yet; the same each time in one process."""
    return {name: f"<urn:x-mark:{_UNIQUE}:{number}>" for number, name in enumerate(names)}


def refuse_unless_substituted(bound: str, marked: str, terms: Mapping[str, str]) -> None:
    """Refuse a query that is not the marked one with terms in the places of the marks.

    Args:
        bound: the query with the values.
        marked: the same query with marks.
        terms: the term for each mark, as N-Triples writes it.

    Raises:
        QueryRefused: it is another query.
        QueryError: one of the two does not parse.

    >>> refuse_unless_substituted('ASK { ?s ?p "a" }', "ASK { ?s ?p <urn:m> }", {"<urn:m>": '"a"'})
    >>> refuse_unless_substituted('ASK { ?s ?p "a" ; ?q 1 }', "ASK { ?s ?p <urn:m> }", {"<urn:m>": '"a"'})
    Traceback (most recent call last):
    kg.errors.QueryRefused: a value of a parameter would be more than a term in the query (...)
    """
    leaves = {mark[1:-1]: _leaf(term) for mark, term in terms.items()}
    if _plain(parsed(bound, "query"), {}) != _plain(_parsed_once(marked), leaves):
        raise QueryRefused(
            "a value of a parameter would be more than a term in the query", remedy="choose another value"
        )


@lru_cache(maxsize=32)
def _parsed_once(marked: str) -> object:
    # Parsing takes most of the time, and a query of the library always has the same marks.
    return parsed(marked, "query")


def _leaf(term: str) -> tuple[str, ...]:
    """A term, read by a parser that is not the one of queries."""
    [quad] = ox.parse(f"{_SUBJECT_AND_PREDICATE} {term} .", format=ox.RdfFormat.N_TRIPLES)
    if isinstance(quad.object, ox.Literal):
        return _literal(quad.object.value, quad.object.datatype.value, quad.object.language)
    assert isinstance(quad.object, ox.NamedNode)  # noqa: S101  (values are IRIs and literals)
    return "iri", quad.object.value


def _literal(text: str, datatype: str | None, language: str | None) -> tuple[str, ...]:
    if language:
        return "literal", text, "", language.lower()
    return "literal", text, "" if datatype in (None, _STRING) else str(datatype), ""


def _plain(node: Any, leaves: Mapping[str, tuple[str, ...]]) -> object:
    """A tree as tuples, with the leaves that are marks replaced."""
    from rdflib import Literal, URIRef, Variable
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(node, CompValue):
        if node.name == "literal":
            return _literal(str(node.string), node.datatype and str(node.datatype), node.lang and str(node.lang))
        # A predicate that is a term and no path: the parser wraps an IRI, but not a variable.
        if node.name in _PATHS and list(node) == ["part"] and not isinstance(node.part, list | tuple):
            return _plain(node.part, leaves)
        return (node.name, *((key, _plain(value, leaves)) for key, value in node.items()))
    if isinstance(node, URIRef):
        return leaves.get(str(node), ("iri", str(node)))
    if isinstance(node, Literal):
        return _literal(str(node), node.datatype and str(node.datatype), node.language)
    if isinstance(node, Variable):
        return "variable", str(node)
    if isinstance(node, str) or not hasattr(node, "__iter__"):
        return type(node).__name__, str(node)
    return tuple(_plain(part, leaves) for part in node)
