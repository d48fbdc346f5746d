"""The query library as RDF, in the form that query editors read examples in, with the prefixes of the graph.

Each query stands with its defaults, so that it runs as it is.

Source: https://github.com/sib-swiss/sparql-examples, https://www.w3.org/TR/shacl/#sparql-prefixes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from kg.library import Kind, LibraryQuery, bind
from kg.namespaces import PREFIXES

__all__ = ["example_statements"]

_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_ANY_URI: Final = ox.NamedNode(PREFIXES["xsd"] + "anyURI")


def _term(prefix: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(PREFIXES[prefix] + name)


def example_statements(base: str, library: Iterable[LibraryQuery], date: str) -> Iterator[ox.Triple]:
    """The queries of a library, each a ``sh:SPARQLExecutable``, and the standard prefixes.

    Args:
        base: the server's address, with a slash at the end.
        library: the queries; all of them SELECT.
        date: for parameters that take a date and have no default.
    """
    document = f"{base}.well-known/sparql-examples"
    endpoint, prefixes = ox.NamedNode(f"{base}sparql"), ox.NamedNode(f"{document}#prefixes")
    for name, namespace in PREFIXES.items():
        declared = ox.NamedNode(f"{document}#prefix-{name}")
        yield ox.Triple(prefixes, _term("sh", "declare"), declared)
        yield ox.Triple(declared, _TYPE, _term("sh", "PrefixDeclaration"))
        yield ox.Triple(declared, _term("sh", "prefix"), ox.Literal(name))
        yield ox.Triple(declared, _term("sh", "namespace"), ox.Literal(namespace, datatype=_ANY_URI))
    for query in library:
        example = ox.NamedNode(f"{document}#{query.name}")
        dates = {one.name: date for one in query.parameters if one.kind is Kind.DATE and one.default is None}
        yield ox.Triple(example, _TYPE, _term("sh", "SPARQLExecutable"))
        yield ox.Triple(example, _TYPE, _term("sh", "SPARQLSelectExecutable"))
        yield ox.Triple(example, _term("rdfs", "comment"), ox.Literal(query.summary, language="en"))
        yield ox.Triple(example, _term("dcterms", "description"), ox.Literal(query.description, language="en"))
        yield ox.Triple(example, _term("sh", "prefixes"), prefixes)
        yield ox.Triple(example, _term("sh", "select"), ox.Literal(bind(query, dates)))
        yield ox.Triple(example, _term("schema", "target"), endpoint)
        yield ox.Triple(example, _term("rdfs", "seeAlso"), ox.NamedNode(f"{base}queries/{query.name}"))
        for tag in query.tags:
            yield ox.Triple(example, _term("schema", "keywords"), ox.Literal(tag))
