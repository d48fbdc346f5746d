"""Shapes compiled to functions over the statements of one study.

The shapes graph itself is compiled, not a second description of the rules, and gives what pySHACL gives: the same
focus node, path, value, component, rule, severity and message. pySHACL stays the authority: what cannot be compiled is
named in :attr:`Compiled.left` and left to it, and :mod:`kg.validation.audit` compares the two.

Source: https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from kg.namespaces import PREFIXES
from kg.terms import Statement
from kg.validation.constraints import Conforms, constraints
from kg.validation.data import Data, NotCompiledError, Step, follow
from kg.validation.naming import message_of, only_study, rule_iri, severity_name
from kg.validation.paths import path_text, read_path
from kg.validation.report import Result
from kg.validation.shape import Found, Shape
from kg.validation.values import Accepts, text_of

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Compiled", "without_targets"]

_SH: Final = PREFIXES["sh"]
_TARGETS: Final = ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
_DEEPEST: Final = 12
"""Shapes nested deeper are left to pySHACL, which has a limit of its own."""


class Compiled:
    """The shapes of a graph as functions.

    Args:
        shapes: a shapes graph; it is not changed.

    Attributes:
        left: target shape → why it is left to pySHACL.

    >>> import rdflib
    >>> from kg.terms import RDF_TYPE
    >>> shapes = rdflib.Graph().parse(data='''
    ...     @prefix sh: <http://www.w3.org/ns/shacl#> .
    ...     <a:Rule> a sh:NodeShape ; sh:targetClass <a:Arm> ; sh:property <a:Label> .
    ...     <a:Label> a sh:PropertyShape ; sh:path <a:label> ; sh:minCount 1 ; sh:message "Give it a label." .
    ... ''')
    >>> compiled = Compiled(shapes)
    >>> [result.message for result in compiled.results(compiled.data([("<a:x>", RDF_TYPE, "<a:Arm>")]))]
    ['Give it a label.']
    """

    def __init__(self, shapes: Graph) -> None:
        self.left: dict[Node, str] = {}
        self._backwards: set[str] = set()
        self._of_class: dict[str, list[Shape]] = {}
        self._targets: list[tuple[Step, Shape]] = []
        self._shapes = _Shapes(shapes, self._backwards)
        for node, targets in _targets(shapes).items():
            try:
                self._add(self._shapes.shape(node), targets)
            except NotCompiledError as reason:
                self.left[node] = str(reason)

    def _add(self, shape: Shape, targets: Collection[_Target]) -> None:
        for target in targets:
            if target.kind == "targetClass":
                self._of_class.setdefault(text_of(target.value), []).append(shape)
            elif target.kind == "targetNode":
                self._targets.append((_always(text_of(target.value)), shape))
            else:
                predicate = text_of(target.value)
                if target.kind == "targetObjectsOf":
                    self._backwards.add(predicate)
                    self._targets.append((_objects_of(predicate), shape))
                else:
                    self._targets.append((_subjects_of(predicate), shape))

    def data(self, statements: Iterable[Statement]) -> Data:
        """Statements as :meth:`results` takes them.

        Args:
            statements: N-Triples terms, each statement once, each term in one spelling.
        """
        return Data(statements, self._backwards)

    def results(self, data: Data) -> list[Result]:
        """What does not fit, each result once and in no order."""
        found: list[Found] = []
        for kind, nodes in data.members.items():
            for shape in self._of_class.get(kind, ()):
                shape.check_all(data, nodes, found)
        for ends, shape in self._targets:
            shape.check_all(data, ends(data, ""), found)
        if not found:
            return []
        only = only_study(data.studies)
        return [one.result(only) for one in dict.fromkeys(found)]


def without_targets(shapes: Graph, left: Collection[Node]) -> Graph:
    """A copy of a shapes graph in which only some shapes have targets: what pySHACL then evaluates is theirs alone."""
    from rdflib import OWL, RDF, RDFS, Graph, URIRef

    rest = Graph()
    for triple in shapes:
        rest.add(triple)
    for node in _targets(shapes):
        if node not in left:
            for kind in _TARGETS:
                rest.remove((node, URIRef(_SH + kind), None))
            for implied in (RDFS.Class, OWL.Class):
                rest.remove((node, RDF.type, implied))
    return rest


class _Target(NamedTuple):
    kind: str
    value: Node


def _targets(shapes: Graph) -> dict[Node, list[_Target]]:
    from rdflib import OWL, RDF, RDFS, URIRef

    found: dict[Node, list[_Target]] = {}
    for kind in _TARGETS:
        for node, value in shapes.subject_objects(URIRef(_SH + kind)):
            found.setdefault(node, []).append(_Target(kind, value))
    kinds = {node for name in ("NodeShape", "PropertyShape") for node in shapes.subjects(RDF.type, URIRef(_SH + name))}
    for node in kinds:
        if any((node, RDF.type, kind) in shapes for kind in (RDFS.Class, OWL.Class)):
            found.setdefault(node, []).append(_Target("targetClass", node))
    return found


def _always(focus: str) -> Step:
    return lambda *_: (focus,)


def _objects_of(predicate: str) -> Step:
    return lambda data, _: data.incoming[predicate]


def _subjects_of(predicate: str) -> Step:
    return lambda data, _: data.with_property(predicate)


class _Shapes:
    """The shapes of a graph, each compiled when it is first asked for."""

    def __init__(self, graph: Graph, backwards: set[str]) -> None:
        self._graph = graph
        self._backwards = backwards
        self._compiled: dict[Node, Shape] = {}
        self._open: list[Node] = []

    def shape(self, node: Node) -> Shape:
        """A shape, compiled.

        Raises:
            NotCompiledError: it or a shape in it is left to pySHACL.
        """
        if node in self._open:
            raise NotCompiledError("it is recursive")
        if len(self._open) > _DEEPEST:
            raise NotCompiledError("it is nested too deep")
        if node not in self._compiled:
            self._open.append(node)
            try:
                self._compiled[node] = self._compile(node)
            finally:
                self._open.pop()
        return self._compiled[node]

    def _compile(self, node: Node) -> Shape:
        from rdflib import RDF, URIRef

        graph = self._graph
        path = _only(graph, node, "path")
        if path is None and (node, RDF.type, URIRef(f"{_SH}PropertyShape")) in graph:
            raise NotCompiledError("a property shape has no path")
        severity = _only(graph, node, "severity")
        deactivated = _only(graph, node, "deactivated")
        shape = Shape(
            rule_iri(graph, node),
            severity_name(str(severity or f"{_SH}Violation")),
            message_of(graph.objects(node, URIRef(f"{_SH}message"))),
            "" if path is None else path_text(graph, path),
            None if path is None else follow(read_path(graph, path), self._backwards),
            f"<{path}>" if isinstance(path, URIRef) else "",
        )
        inner = [self._property(found) for found in graph.objects(node, URIRef(f"{_SH}property"))]
        checks = constraints(graph, node, self, self._backwards, shape.message)
        shape.complete(checks, inner, is_active=str(deactivated).lower() not in ("true", "1"))
        return shape

    def _property(self, node: Node) -> Shape:
        from rdflib import URIRef

        if (node, URIRef(f"{_SH}path"), None) not in self._graph:
            raise NotCompiledError(f"sh:property points to {node}, which has no path")
        return self.shape(node)

    def conformance(self, node: Node) -> Conforms:
        """Whether a value conforms to a shape; see :class:`kg.validation.constraints.Shapes`."""
        return self.shape(node).conforms

    def of_value(self, node: Node) -> Accepts | None:
        """The same where nothing but the value decides."""
        return self.shape(node).of_value


def _only(graph: Graph, node: Node, name: str) -> Node | None:
    from rdflib import URIRef

    values = list(graph.objects(node, URIRef(_SH + name)))
    if len(values) > 1:
        raise NotCompiledError(f"it has several values of sh:{name}")
    return values[0] if values else None
