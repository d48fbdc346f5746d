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
from rdflib import SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.errors import ShapesError
from kg.validation import Result, Term
from kg.validation.paths import path_text

__all__ = ["Engine", "differences", "pyshacl_engine", "results_in"]

Engine: TypeAlias = Callable[[Graph, Graph], Sequence[Result]]
"""Data and shapes → the results in any order, with ``study`` left empty. Neither graph is changed.

Raises ShapesError where the shapes cannot be evaluated.
"""

_BLANK: Final = "_:"


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


def results_in(found: Graph) -> list[Result]:
    """The results that a validation report says; those nested in ``sh:detail`` are left out."""
    return [_result(found, node) for node in found.objects(None, SH.result)]


def differences(one: Sequence[Result], other: Sequence[Result]) -> tuple[Counter[Result], Counter[Result]]:
    """What only the one found, and what only the other."""
    first, second = Counter(one), Counter(other)
    return first - second, second - first


def _result(found: Graph, node: Node) -> Result:
    def text(name: str) -> str:
        value = found.value(node, SH[name])
        return _BLANK if isinstance(value, BNode) else str(value)

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


def _term(value: Node) -> Term:
    if isinstance(value, Literal):
        # RDF 1.1: a literal without a datatype is an xsd:string; rdflib takes them for two.
        datatype = "" if value.datatype in (None, XSD.string) else str(value.datatype)
        return Term("literal", str(value), datatype, value.language or "")
    return Term("uri", str(value)) if isinstance(value, URIRef) else Term("bnode", "")


def _copy(graph: Graph) -> Graph:
    copy = Graph(bind_namespaces="none")
    for triple in graph:
        copy.add(triple)
    return copy
