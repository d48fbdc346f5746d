"""Validation engines behind one signature, so that any two can be held against each other.

What an engine finds is compared as :class:`kg.validation.Result`: focus, path, value, component, source shape,
severity and message. A blank node is told from other terms, but not from other blank nodes.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import pyshacl
from msgspec import structs
from rdflib import SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from kg.errors import ShapesError
from kg.validation import Report, Result, Term
from kg.validation.naming import node_name
from kg.validation.paths import path_text

__all__ = ["BLANK", "Engine", "differences", "pyshacl_engine", "results_in", "results_of"]

Engine: TypeAlias = Callable[[Graph, Graph], Sequence[Result]]
"""Data and shapes → the results in any order, with ``study`` left empty. Neither graph is changed.

Raises ShapesError where the shapes cannot be evaluated.
"""

BLANK: Final = "_:"
"""Stands for every blank node."""


def pyshacl_engine(data: Graph, shapes: Graph) -> list[Result]:
    """What pySHACL finds, called as :mod:`kg.validation.audit` calls it, before anything is made of its report."""
    logging.getLogger("pyshacl-validate").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning for each literal that is none of its datatype
        try:
            _, found, text = pyshacl.validate(
                data,
                shacl_graph=_copy(shapes),  # it adds triples
                advanced=False,
                js=False,
                inference="none",
                meta_shacl=False,
                do_owl_imports=False,
            )
        except Exception as error:
            raise ShapesError(f"pySHACL cannot evaluate the shapes: {error}", remedy="correct the shape") from error
    if not isinstance(found, Graph):
        raise ShapesError(f"pySHACL cannot evaluate the shapes: {text}", remedy="correct the shape")
    return results_in(found)


def results_in(found: Graph, report: Node | None = None) -> list[Result]:
    """The results of a validation report, or of all in a graph; those nested in ``sh:detail`` are left out."""
    return [_result(found, node) for node in found.objects(report, SH.result)]


def results_of(report: Report) -> list[Result]:
    """The results of a report of ours, as other engines' are given here."""
    return [structs.replace(result, study="", value=_plain(result.value)) for result in report.results]


def differences(one: Sequence[Result], other: Sequence[Result]) -> tuple[Counter[Result], Counter[Result]]:
    """What only the one found, and what only the other."""
    first, second = Counter(one), Counter(other)
    return first - second, second - first


def _result(found: Graph, node: Node) -> Result:
    def text(name: str) -> str:
        value = found.value(node, SH[name])
        return str(value) if value is None else node_name(value)

    path, value = found.value(node, SH.resultPath), found.value(node, SH.value)
    return Result(
        study="",
        severity=text("resultSeverity").removeprefix(str(SH)),
        source_shape=text("sourceShape"),
        focus=text("focusNode"),
        path="" if path is None else path_text(found, path),
        value=None if value is None else _term(value),
        message=" ".join(sorted(str(message) for message in found.objects(node, SH.resultMessage))),
        constraint_component=text("sourceConstraintComponent"),
    )


def _plain(value: Term | None) -> Term | None:
    # RDF 1.1: a literal without a datatype is an xsd:string; rdflib takes them for two.
    return structs.replace(value, datatype="") if value and value.datatype == str(XSD.string) else value


def _term(value: Node) -> Term | None:
    if isinstance(value, Literal):
        return _plain(Term("literal", str(value), str(value.datatype or ""), value.language or ""))
    return Term("uri", str(value)) if isinstance(value, URIRef) else Term("bnode", "")


def _copy(graph: Graph) -> Graph:
    copy = Graph(bind_namespaces="none")
    for triple in graph:
        copy.add(triple)
    return copy
