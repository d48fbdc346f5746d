"""SHACL property paths as SPARQL text and back.

A report is plain text and JSON as well as RDF; a path such as "the study that has this arm" is ``^<…#arm>`` there.

Source: https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from kg.errors import ShapesError
from kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.paths import Path
    from rdflib.term import Node, URIRef

__all__ = ["add_path", "path_text", "read_path"]

_SH: Final = PREFIXES["sh"]
_REPEATED: Final[dict[str, Literal["*", "+", "?"]]] = {
    "zeroOrMorePath": "*",
    "oneOrMorePath": "+",
    "zeroOrOnePath": "?",
}


def path_text(graph: Graph, node: Node) -> str:
    """The path that a node of a shapes graph or report stands for: a bare IRI, or SPARQL text where it is longer.

    Raises:
        ShapesError: the node is no path.
    """
    from rdflib import URIRef

    return str(node) if isinstance(node, URIRef) else read_path(graph, node).n3()


def add_path(graph: Graph, text: str) -> Node:
    """Write a path, as :func:`path_text` gives it, into a graph and return its node.

    >>> import rdflib
    >>> graph = rdflib.Graph()
    >>> path_text(graph, add_path(graph, "^<https://w3id.org/trialkg/vocab#arm>"))
    '^<https://w3id.org/trialkg/vocab#arm>'
    >>> str(add_path(graph, "https://w3id.org/trialkg/vocab#arm"))
    'https://w3id.org/trialkg/vocab#arm'
    """
    from rdflib import URIRef
    from rdflib.plugins.sparql import prepareQuery

    if not any(mark in text for mark in "<>"):
        return URIRef(text)
    pattern = prepareQuery(f"SELECT * {{ ?s {text} ?o }}").algebra.p.p
    return _write(graph, pattern.triples[0][1])


def read_path(graph: Graph, node: Node) -> Path | URIRef:
    """The path that a node of a shapes graph or report stands for, as rdflib's SPARQL engine has it.

    Raises:
        ShapesError: the node is no path.
    """
    from rdflib import RDF, URIRef
    from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

    if isinstance(node, URIRef):
        return node
    # A node that is several of these is a list first: so pySHACL reads it.
    if (node, RDF.first, None) in graph:
        return SequencePath(*(read_path(graph, item) for item in graph.items(node)))
    for name, mark in _REPEATED.items():
        if (inner := graph.value(node, URIRef(_SH + name))) is not None:
            return MulPath(read_path(graph, inner), mark)
    if (inner := graph.value(node, URIRef(f"{_SH}inversePath"))) is not None:
        return InvPath(read_path(graph, inner))
    if (inner := graph.value(node, URIRef(f"{_SH}alternativePath"))) is not None:
        return AlternativePath(*(read_path(graph, item) for item in graph.items(inner)))
    raise ShapesError(f"{node} is not a property path", remedy="see https://www.w3.org/TR/shacl/#property-paths")


def _write(graph: Graph, path: Path | Node) -> Node:
    from rdflib import BNode, URIRef
    from rdflib.collection import Collection
    from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

    if isinstance(path, InvPath):
        node = BNode()
        graph.add((node, URIRef(f"{_SH}inversePath"), _write(graph, path.arg)))
        return node
    if isinstance(path, MulPath):
        node = BNode()
        name = next(name for name, mark in _REPEATED.items() if mark == path.mod)
        graph.add((node, URIRef(_SH + name), _write(graph, path.path)))
        return node
    if isinstance(path, AlternativePath | SequencePath):
        items = BNode()
        Collection(graph, items, [_write(graph, part) for part in path.args])
        if isinstance(path, SequencePath):
            return items
        node = BNode()
        graph.add((node, URIRef(f"{_SH}alternativePath"), items))
        return node
    if isinstance(path, URIRef):
        return path
    raise ShapesError(f"{path} is no path that SHACL has", remedy="see https://www.w3.org/TR/shacl/#property-paths")
