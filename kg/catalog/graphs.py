"""Small graphs for catalogs: how they are built, and written the same way every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph, Literal, URIRef

__all__ = ["EU", "IANA", "PUBLISHER_TYPES", "add", "day", "new_graph", "number", "text", "write_graph"]

EU: Final = "http://publications.europa.eu/resource/authority/"
"""Where the authority lists of the EU are."""
IANA: Final = "https://www.iana.org/assignments/media-types/"
PUBLISHER_TYPES: Final = "http://purl.org/adms/publishertype/"

_EXTRA_PREFIXES = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "cv": "http://data.europa.eu/m8g/",
    "dcatap": "http://data.europa.eu/r5r/",
    "dctypes": "http://purl.org/dc/dcmitype/",
    "geodcatap": "http://data.europa.eu/930/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "idot": "http://identifiers.org/idot/",
    "pav": "http://purl.org/pav/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}


def new_graph() -> Graph:
    """An empty graph that knows the prefixes catalogs use, and no others."""
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for prefix, namespace in (PREFIXES | _EXTRA_PREFIXES).items():
        graph.bind(prefix, namespace)
    return graph


def add(graph: Graph, subject: URIRef, *pairs: tuple[URIRef, URIRef | Literal]) -> None:
    """Add statements about one thing."""
    for predicate, value in pairs:
        graph.add((subject, predicate, value))


def text(value: str) -> Literal:
    """A text in English."""
    from rdflib import Literal

    return Literal(value.strip(), lang="en")


def day(value: str) -> Literal:
    """A day or a month.

    >>> day("2025-03").n3(), day("2025-03-01").n3()
    ('"2025-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>', '"2025-03-01"^^<http://www.w3.org/2001/XMLSchema#date>')
    """
    from rdflib import XSD, Literal

    return Literal(value, datatype=XSD.date if len(value) == len("2000-01-01") else XSD.gYearMonth)


def number(value: int) -> Literal:
    """A count or size, in the datatype that DCAT-AP wants."""
    from rdflib import XSD, Literal

    return Literal(str(value), datatype=XSD.nonNegativeInteger)


def write_graph(graph: Graph, path: Path, comment: Sequence[str]) -> None:
    """Write a small graph as Turtle, in rdflib's order, with comment lines before it."""
    head = "".join(f"# {line}\n" for line in comment)
    path.write_text(head + graph.serialize(format="turtle"), encoding="utf-8", newline="\n")
