"""Shapes compiled to functions over the statements of one study.

The shapes graph itself is compiled, not a second description of the rules, and gives what pySHACL gives: the same
focus node, path, value, component, rule, severity and message. pySHACL stays the authority: what cannot be compiled is
named in :attr:`Compiled.left` and left to it, and :mod:`kg.validation.audit` compares the two.

A node is looked at by its own properties, since it has far fewer than its class has rules.

Source: https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from kg.namespaces import PREFIXES
from kg.terms import RDF_TYPE, Statement
from kg.validation.constraints import Check, Failing, constraints
from kg.validation.data import Data, NotCompiledError, Step, follow
from kg.validation.naming import message_of, node_name, only_study, rule_iri, severity_name, study_of, term
from kg.validation.paths import path_text, read_path
from kg.validation.report import Result
from kg.validation.values import fused, node_of, text_of

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Compiled", "without_targets"]

_SH: Final = PREFIXES["sh"]
_TARGETS: Final = ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
_MANY: Final = 1 << 60
_NOTHING: Final[Mapping[str, list[str]]] = {}
_REMEMBERED: Final = 4_096
"""So many values that fit are remembered for each rule; codes, numbers and dates come again and again."""
_DEEPEST: Final = 12
"""Shapes nested deeper are left to pySHACL, which has a limit of its own."""


class Compiled:
    """The shapes of a graph as functions.

    Args:
        shapes: a shapes graph; it is not changed.

    Attributes:
        left: target shape → why it is left to pySHACL.

    >>> import rdflib
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
        self._of_class: dict[str, list[_Shape]] = {}
        self._targets: list[tuple[Step, _Shape]] = []
        self._shapes = _Shapes(shapes, self._backwards)
        for node, targets in _targets(shapes).items():
            try:
                self._add(self._shapes.shape(node), targets)
            except NotCompiledError as reason:
                self.left[node] = str(reason)

    def _add(self, shape: _Shape, targets: Collection[_Target]) -> None:
        for target in targets:
            if target.kind == "targetClass":
                self._of_class.setdefault(text_of(target.value), []).append(shape)
            elif target.kind == "targetNode":
                self._targets.append((_always(text_of(target.value)), shape))
            else:
                predicate = text_of(target.value)
                self._backwards.add(predicate)
                objects = target.kind == "targetObjectsOf"
                self._targets.append((_ends_of(predicate, objects=objects), shape))

    def data(self, statements: Iterable[Statement]) -> Data:
        """Statements as :meth:`results` takes them.

        Args:
            statements: N-Triples terms, each statement once, each term in one spelling.
        """
        return Data(statements, self._backwards)

    def results(self, data: Data) -> list[Result]:
        """What does not fit, each result once and in no order."""
        found: list[_Found] = []
        of_class = self._of_class
        for subject, node in data.nodes.items():
            if RDF_TYPE in node:
                for kind in data.classes(subject):
                    if kind in of_class:
                        for shape in of_class[kind]:
                            shape.check(data, subject, found)
        for ends, shape in self._targets:
            for focus in ends(data, ""):
                shape.check(data, focus, found)
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


def _ends_of(predicate: str, *, objects: bool) -> Step:
    if objects:
        return lambda data, _: data.incoming[predicate]
    return lambda data, _: {subject for subjects in data.incoming[predicate].values() for subject in subjects}


class _Found(NamedTuple):
    """A result before it is put into words."""

    shape: _Shape
    component: str
    focus: str
    path: str
    value: str | None
    message: str

    def result(self, only: str) -> Result:
        focus = node_name(node_of(self.focus))
        return Result(
            study=study_of(focus) or only,
            severity=self.shape.severity,
            source_shape=self.shape.rule,
            focus=focus,
            path=self.path,
            value=None if self.value is None else term(node_of(self.value)),
            message=self.message,
            constraint_component=f"{_SH}{self.component}ConstraintComponent",
        )


class _Shape:
    """One shape.

    Attributes:
        rule: IRI of the rule.
        severity: as in :class:`kg.validation.report.Result`.
        path: as in :class:`kg.validation.report.Result`.
        message: what to do, and ``""`` where the shape does not say.
        predicate: the property that it is on, where its path is one.
    """

    __slots__ = (
        "_accepts",
        "_by_predicate",
        "_checks",
        "_classes",
        "_elsewhere",
        "_has_inner",
        "_is_active",
        "_is_simple",
        "_known",
        "_least",
        "_most",
        "_remembers",
        "_required",
        "_step",
        "_whole",
        "message",
        "path",
        "predicate",
        "rule",
        "severity",
    )

    def __init__(self, rule: str, severity: str, message: str, path: str, step: Step | None, predicate: str) -> None:
        self.rule = rule
        self.severity = severity
        self.message = message
        self.path = path
        self.predicate = predicate
        self._step = step
        self._is_active = True
        self._checks: list[Check] = []
        self._accepts: tuple[Callable[[str], bool], ...] = ()
        self._classes: tuple[str, ...] = ()
        self._whole: tuple[Failing, ...] = ()
        self._known: set[str] = set()
        self._remembers = False
        self._is_simple = False
        self._least, self._most = 0, _MANY
        self._has_inner = False
        self._by_predicate: dict[str, _Shape] = {}
        self._required: list[tuple[str, _Shape]] = []
        self._elsewhere: list[_Shape] = []

    def complete(self, checks: list[Check], properties: list[_Shape], *, is_active: bool) -> None:
        """Give it what it checks."""
        self._is_active = is_active
        self._checks = checks
        self._accepts = fused([check.accepts for check in checks if check.accepts])
        self._classes = tuple(check.of_class for check in checks if check.of_class)
        self._whole = tuple(check.failing for check in checks if check.is_whole)
        self._least = max([0, *(check.least for check in checks)])
        self._most = min([_MANY, *(check.most for check in checks)])
        self._remembers = any(check.repeats for check in checks)
        for inner in properties:
            if not inner._is_active:
                continue
            if inner.predicate and not inner._whole and inner.predicate not in self._by_predicate:
                self._by_predicate[inner.predicate] = inner
                if inner._least:
                    self._required.append((inner.predicate, inner))
            else:
                # A path of several steps, what is to be looked at where there is no value too, a second rule.
                self._elsewhere.append(inner)
        self._has_inner = bool(self._by_predicate or self._elsewhere)
        self._is_simple = not (self._has_inner or self._classes or self._whole)

    def conforms(self, data: Data, focus: str) -> bool:
        """Whether a node or value conforms."""
        return self.check(data, focus, None)

    def check(self, data: Data, focus: str, found: list[_Found] | None) -> bool:
        """Whether a node or value conforms; with the results where a list is given for them."""
        if not self._is_active:
            return True
        if self._step is not None:
            return self._check_values(data, focus, self._step(data, focus), found)
        if self._classes or self._whole or self._least > 1 or self._most < 1:
            return self._check_values(data, focus, (focus,), found)
        # The value of a node shape is the node.
        conforms = self._is_accepted(focus)
        if not conforms and found is not None:
            self._write_down(data, focus, (focus,), found)
        return self._check_properties(data, focus, found) and conforms

    def _check_values(self, data: Data, focus: str, values: Collection[str], found: list[_Found] | None) -> bool:
        conforms = self._fits(data, focus, values)
        if not conforms and found is not None:
            self._write_down(data, focus, values, found)
        if self._has_inner:
            for value in values:
                if not self._check_properties(data, value, found):
                    conforms = False
        return conforms

    def _check_properties(self, data: Data, node: str, found: list[_Found] | None) -> bool:
        """Whether the values of a node's properties conform, property by property as the node has them."""
        conforms = True
        has = data.nodes.get(node, _NOTHING)
        by_predicate = self._by_predicate
        for predicate, values in has.items():
            inner = by_predicate.get(predicate)
            if inner is None:
                continue
            if inner._is_simple and len(values) <= inner._most:
                # Most statements end here.
                known = inner._known
                for value in values:
                    if value not in known and not inner._is_accepted(value):
                        break
                else:
                    continue
            if not inner._check_values(data, node, values, found):
                conforms = False
        for predicate, inner in self._required:
            if predicate not in has:
                conforms = False
                if found is not None:
                    inner._write_down(data, node, (), found)
        for inner in self._elsewhere:
            reached = inner._step(data, node) if inner._step else (node,)
            if inner._has_inner or not inner._fits(data, node, reached):
                conforms = inner._check_values(data, node, reached, found) and conforms
        return conforms

    def _fits(self, data: Data, focus: str, values: Collection[str]) -> bool:
        """Whether nothing is wrong with the values, which is usual and asked first."""
        if not self._least <= len(values) <= self._most:
            return False
        for value in values:
            if value not in self._known and not self._is_accepted(value):
                return False
        if self._classes:
            for value in values:
                classes = data.classes(value)
                for kind in self._classes:
                    if kind not in classes:
                        return False
        for failing in self._whole:
            for _ in failing(data, focus, values):
                return False
        return True

    def _is_accepted(self, value: str) -> bool:
        for accepts in self._accepts:
            if not accepts(value):
                return False
        if self._remembers and len(self._known) < _REMEMBERED:
            self._known.add(value)
        return True

    def _write_down(self, data: Data, focus: str, values: Collection[str], found: list[_Found]) -> None:
        for check in self._checks:
            for value, path in check.failing(data, focus, values):
                found.append(_Found(self, check.component, focus, path or self.path, value, check.message))


class _Shapes:
    """The shapes of a graph, each compiled when it is first asked for."""

    def __init__(self, graph: Graph, backwards: set[str]) -> None:
        self._graph = graph
        self._backwards = backwards
        self._compiled: dict[Node, _Shape] = {}
        self._open: list[Node] = []

    def shape(self, node: Node) -> _Shape:
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

    def _compile(self, node: Node) -> _Shape:
        from rdflib import RDF, URIRef

        graph = self._graph
        path = _only(graph, node, "path")
        if path is None and (node, RDF.type, URIRef(f"{_SH}PropertyShape")) in graph:
            raise NotCompiledError("a property shape has no path")
        severity = _only(graph, node, "severity")
        deactivated = _only(graph, node, "deactivated")
        shape = _Shape(
            rule_iri(graph, node),
            severity_name(str(severity or f"{_SH}Violation")),
            message_of(graph.objects(node, URIRef(f"{_SH}message"))),
            "" if path is None else path_text(graph, path),
            None if path is None else follow(read_path(graph, path), self._backwards),
            f"<{path}>" if isinstance(path, URIRef) else "",
        )
        inner = [self._property(found) for found in graph.objects(node, URIRef(f"{_SH}property"))]
        checks = constraints(graph, node, self._conformance, self._backwards, shape.message)
        shape.complete(checks, inner, is_active=str(deactivated).lower() not in ("true", "1"))
        return shape

    def _property(self, node: Node) -> _Shape:
        from rdflib import URIRef

        if (node, URIRef(f"{_SH}path"), None) not in self._graph:
            raise NotCompiledError(f"sh:property points to {node}, which has no path")
        return self.shape(node)

    def _conformance(self, node: Node) -> Callable[[Data, str], bool]:
        return self.shape(node).conforms


def _only(graph: Graph, node: Node, name: str) -> Node | None:
    from rdflib import URIRef

    values = list(graph.objects(node, URIRef(_SH + name)))
    if len(values) > 1:
        raise NotCompiledError(f"it has several values of sh:{name}")
    return values[0] if values else None
