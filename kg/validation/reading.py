"""RDF that strangers wrote, read into a graph.

The parser is pyoxigraph's: it fetches nothing, does not recurse however deep brackets nest, and says the line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from kg.errors import InputError

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["read_graph"]

_WHERE: Final = re.compile(r"Parser error .*?: ", re.DOTALL)
_SHOWN: Final = 300


def read_graph(data: bytes, media_type: str, *, place: str, base: str | None = None, most: int | None = None) -> Graph:
    r"""A document as one graph; of a dataset, the statements of all of its graphs.

    Args:
        data: the document, in UTF-8.
        media_type: the RDF format, one that can name no other document to be read.
        place: what the document is, for errors.
        base: what relative IRIs are relative to; None refuses them.
        most: most statements taken.

    Raises:
        InputError: it is not UTF-8, does not parse, or has too many statements.

    >>> len(read_graph(b"<urn:a> <urn:b> 1, 2 .", "text/turtle", place="it"))
    2
    >>> read_graph(b"<urn:a>\n<urn:b> .", "text/turtle", place="it")
    Traceback (most recent call last):
    kg.errors.InputError: it:2: . is not a valid RDF object (correct the syntax)
    """
    from rdflib import Graph

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start} is not UTF-8", place=place, remedy="save it as UTF-8") from error
    graph = Graph()
    try:
        for number, quad in enumerate(ox.parse(text, format=ox.RdfFormat.from_media_type(media_type), base_iri=base)):
            if most is not None and number >= most:
                raise InputError(f"more than {most:,} statements", place=place, remedy="give less at once")
            graph.add((_node(quad.subject), _node(quad.predicate), _node(quad.object)))
    except SyntaxError as error:
        reason = " ".join(_WHERE.sub("", str(error.msg), count=1).split())[:_SHOWN]
        reason = "it breaks off too early" if reason == "Unexpected end" else reason
        where = f"{place}:{error.lineno}" if error.lineno else place
        raise InputError(reason, place=where, remedy="correct the syntax") from error
    except _NotTakenError as error:
        raise InputError(f"{error} is no term of RDF 1.1", place=place, remedy="leave it out") from error
    return graph


class _NotTakenError(Exception):
    """A term that only RDF 1.2 has, and SHACL does not know."""


def _node(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    from rdflib import BNode, Literal, URIRef

    match term:
        case ox.NamedNode():
            return URIRef(term.value)
        case ox.BlankNode():
            return BNode(term.value)
        case ox.Literal() if term.direction is None:
            if term.language:
                return Literal(term.value, lang=term.language)
            # As other readers of rdflib have it, a plain text has no type of its own.
            plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
            return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value))
    raise _NotTakenError(str(term)[:_SHOWN])
