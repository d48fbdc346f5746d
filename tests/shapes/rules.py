"""Which of the shapes are rules that something can break."""

from __future__ import annotations

from rdflib import SH, Graph
from rdflib.term import Node

from kg.validation.shapes import SHAPES_BASE

__all__ = ["OWN", "TARGETS", "breakable", "local", "targeted"]

TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
# A node shape that only gathers property shapes has nothing of its own to break.
OWN = (SH.pattern, SH["or"], SH.sparql, SH["in"])


def local(node: Node) -> str:
    """A shape's name."""
    return str(node).removeprefix(SHAPES_BASE)


def targeted(shapes: Graph) -> set[Node]:
    """The shapes that look for their own nodes."""
    return {node for target in TARGETS for node in shapes.subjects(target)}


def breakable(shapes: Graph) -> dict[str, str]:
    """Rule → severity."""
    nodes = {rule for shape in targeted(shapes) for rule in shapes.objects(shape, SH.property)}
    nodes |= {shape for shape in targeted(shapes) if any((shape, name, None) in shapes for name in OWN)}
    return {local(node): local_severity(shapes, node) for node in nodes}


def local_severity(shapes: Graph, node: Node) -> str:
    """``Violation``, ``Warning`` or ``Info``."""
    return str(shapes.value(node, SH.severity)).rpartition("#")[2]
