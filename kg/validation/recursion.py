"""Shapes that refer to themselves, which are refused: SHACL leaves open what they mean.

Source: https://www.w3.org/TR/shacl/#shapes-recursion
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kg.errors import ShapesError
from kg.namespaces import PREFIXES, compress

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["refuse_recursion"]

_SH: Final = PREFIXES["sh"]
_TO_SHAPES: Final = ("node", "property", "not", "qualifiedValueShape", "and", "or", "xone")
_SHOWN: Final = 6
_TO_PATHS: Final = ("path", "inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")


def refuse_recursion(graph: Graph, place: str) -> None:
    """Refuse shapes, paths and lists that lead back to themselves.

    Args:
        graph: the shapes.
        place: where they are from.

    Raises:
        ShapesError: there are some; it names the shapes of one round.
    """
    from rdflib import BNode

    edges = _edges(graph)
    done: set[Node] = set()
    # Without recursion of our own, since how long the chains are is the writer's choice.
    for start in sorted(edges, key=lambda node: (isinstance(node, BNode), str(node))):
        trail: dict[Node, None] = {}
        pending = [(start, iter(edges[start]))] if start not in done else []
        trail[start] = None
        while pending:
            node, following = pending[-1]
            step = next(following, None)
            if step is None:
                pending.pop()
                trail.pop(node)
                done.add(node)
            elif step in trail:
                raise _recursive(list(trail), step, place)
            elif step not in done and step in edges:
                trail[step] = None
                pending.append((step, iter(edges[step])))


def _edges(graph: Graph) -> dict[Node, list[Node]]:
    """What refers to what: shapes to shapes, and the blank nodes of paths and lists to what they are made of."""
    from rdflib import RDF, BNode, URIRef

    edges: dict[Node, list[Node]] = {}
    for predicate in (*(URIRef(_SH + name) for name in _TO_SHAPES), RDF.first, RDF.rest):
        for node, to in graph.subject_objects(predicate):
            edges.setdefault(node, []).append(to)
    for name in _TO_PATHS:
        for node, to in graph.subject_objects(URIRef(_SH + name)):
            # A property may have the IRI of the shape that is about it.
            if isinstance(to, BNode):
                edges.setdefault(node, []).append(to)
    return edges


def _recursive(trail: list[Node], back: Node, place: str) -> ShapesError:
    from rdflib import URIRef

    names = [compress(str(node)) for node in trail[trail.index(back) :] if isinstance(node, URIRef)]
    middle = ["…"] if len(names) > _SHOWN else []
    shown = " → ".join([*names[:_SHOWN], *middle, names[0]] if names else ["a blank node", "itself"])
    return ShapesError(f"recursive shapes: {shown}", place=place, remedy="SHACL leaves open what that means; end it")
