"""pySHACL, which is the authority on what shapes mean, and where the compiled rules are held against it.

Known limits of pySHACL that the shapes keep clear of: ``sh:lessThan`` on dates of two precisions, durations, values in
messages, graphs inside a store. No inference is run, nothing is fetched, and the data is not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from kg.errors import ShapesError
from kg.namespaces import PREFIXES
from kg.terms import Statement
from kg.validation.naming import (
    default_message,
    message_of,
    node_name,
    only_study,
    rule_iri,
    severity_name,
    study_of,
    term,
)
from kg.validation.paths import path_text
from kg.validation.report import Result
from kg.validation.values import node_of, quiet

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Authority", "as_graph", "disagreements"]

_SH: Final = PREFIXES["sh"]


class Authority:
    """Shapes, to validate graphs with pySHACL one by one.

    Args:
        shapes: a shapes graph; it is copied.
    """

    def __init__(self, shapes: Graph) -> None:
        self._shapes = _bare(shapes)

    def results(self, data: Graph) -> list[Result]:
        """What does not fit in a graph, which is not changed.

        Raises:
            ShapesError: the shapes are not well-formed, or a constraint in them cannot be evaluated.
        """
        from rdflib import RDF, URIRef

        found = _run(data, self._shapes)
        only = only_study(map(str, data.subjects(RDF.type, URIRef(PREFIXES["tkg"] + "Study"))))
        result = URIRef(f"{_SH}result")
        return [_result(found, node, self._shapes, only) for node in found.objects(None, result)]


def as_graph(statements: Iterable[Statement]) -> Graph:
    """Statements as a graph of rdflib, in which literals keep the form that they are written in."""
    from rdflib import Graph

    graph = Graph()
    with quiet():
        for subject, predicate, value in statements:
            graph.add((node_of(subject), node_of(predicate), node_of(value)))
    return graph


def disagreements(found: Iterable[Result], authority: Iterable[Result]) -> list[str]:
    """Where two engines differ, a line for each result that only one of them has.

    >>> one = Result("", "Info", "a:Rule", "a:x", "", None, "Mend it.", "a:C")
    >>> disagreements([one], [one]), disagreements([], [one])
    ([], ['only pySHACL: a:Rule  a:x'])
    """
    sides = (("only compiled", set(found)), ("only pySHACL", set(authority)))
    lines = []
    for (name, own), (_, others) in (sides, sides[::-1]):
        for result in own - others:
            place = (result.rule_name, result.focus, result.path, "" if result.value is None else str(result.value))
            lines.append(f"{name}: {'  '.join(part for part in place if part)}")
    return sorted(lines)


def _run(data: Graph, shapes: Graph) -> Graph:
    """The report graph of pySHACL."""
    import pyshacl

    try:
        _mend_messages()
        with quiet(), _as_written():
            # Severity plays no part in whether a value conforms to a nested shape, so pySHACL is not told to allow
            # warnings; Report.conforms looks at the severities.
            _, found, text = pyshacl.validate(
                data,
                shacl_graph=shapes,
                advanced=False,
                js=False,
                inference="none",
                meta_shacl=False,
                do_owl_imports=False,
            )
    except MemoryError:
        raise
    except Exception as error:
        # Ill-formed shapes, values that do not compare, $shapesGraph, undeclared prefixes: each raises its own, or none
        # but Exception.
        raise ShapesError(f"the shapes cannot be evaluated: {error}", remedy="correct the shape") from error
    if isinstance(found, Exception):
        raise ShapesError(f"the shapes cannot be evaluated: {text}", remedy="correct the shape") from found
    return found  # type: ignore[no-any-return]


@cache
def _mend_messages() -> None:
    """Let pySHACL put values into messages as they are.

    It takes each value of a query's result for a template of regular expressions, whether the message has a place for
    it or not, and stops at a backslash before a letter or digit.
    """
    from pyshacl.constraints.constraint_component import ConstraintComponent

    written = ConstraintComponent._format_sparql_based_result_message

    def formatted(self: ConstraintComponent, message: str, values: Any) -> Any:
        return written(self, message, _without_escapes(values))  # type: ignore[no-untyped-call]

    ConstraintComponent._format_sparql_based_result_message = formatted  # type: ignore[method-assign]


def _without_escapes(values: Any) -> Any:
    """Terms as the text of a template that gives them; terms may be in tuples, lists and mappings."""
    if isinstance(values, tuple | list):
        return type(values)(map(_without_escapes, values))
    if isinstance(values, dict):
        return {name: _without_escapes(value) for name, value in values.items()}
    return None if values is None else str(values).replace("\\", r"\\")


@contextmanager
def _as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals while pySHACL copies values into its report."""
    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _result(found: Graph, node: Node, shapes: Graph, only: str) -> Result:
    from rdflib import URIRef

    def get(name: str) -> Node | None:
        return found.value(node, URIRef(_SH + name), any=True)

    focus, path, value, source = get("focusNode"), get("resultPath"), get("value"), get("sourceShape")
    focus_text = node_name(focus) if focus is not None else "_:"
    component = str(get("sourceConstraintComponent"))
    says = any((one, URIRef(f"{_SH}message"), None) in shapes for one in (source, get("sourceConstraint")) if one)
    messages = found.objects(node, URIRef(f"{_SH}resultMessage"))
    return Result(
        study=study_of(focus_text) or only,
        severity=severity_name(str(get("resultSeverity"))),
        source_shape=rule_iri(shapes, source),
        focus=focus_text,
        path="" if path is None else path_text(found, path),
        value=None if value is None else term(value),
        # pySHACL makes a message of its own for a shape that has none.
        message=message_of(messages) if says else default_message(component),
        constraint_component=component,
    )


def _bare(shapes: Graph) -> Graph:
    """A copy, since pySHACL adds triples, without names and comments, which it would look at again for every node."""
    from rdflib import RDFS, Graph, URIRef

    left_out = {RDFS.comment, URIRef(f"{_SH}name"), URIRef(f"{_SH}description")}
    bare = Graph()
    for triple in shapes.triples((None, None, None)):
        if triple[1] not in left_out:
            bare.add(triple)
    return bare
