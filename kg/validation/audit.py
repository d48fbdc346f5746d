"""Validation with pySHACL, which is the authority on what the shapes mean.

Known limits of pySHACL that the shapes keep clear of: ``sh:lessThan`` on dates of two precisions, durations, values in
messages, graphs inside a store. No inference is run, nothing is fetched, and the data is not changed.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from kg.errors import ShapesError, TermError
from kg.namespaces import PREFIXES
from kg.validation.paths import path_text
from kg.validation.report import SEVERITIES, Report, Result, Term
from kg.validation.shapes import load_shapes

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["Validator", "validate"]

_SH: Final = PREFIXES["sh"]
_STUDY: Final = re.compile(re.escape(PREFIXES["trial"]) + r"(NCT[0-9]{8})(?:/|$)")
# pySHACL logs what it also reports or raises; rdflib logs a traceback for each literal that is none of its datatype.
_LOGGERS: Final = ("pyshacl-validate", "rdflib.term")


def validate(data: Graph, shapes: Graph | None = None) -> Report:
    """What does not fit the shapes in a graph.

    Args:
        data: one or more studies; it is not changed. Where it also holds code lists, codes are looked up in them.
        shapes: shapes to use in place of the bundled ones, see :func:`kg.validation.load_shapes`.

    Raises:
        ShapesError: the shapes are not well-formed, or a constraint in them cannot be evaluated.
    """
    return Validator(shapes).graph(data)


class Validator:
    """Shapes, parsed once, to validate many graphs one by one.

    Args:
        shapes: shapes to use in place of the bundled ones; they are copied.

    >>> Validator().study("").conforms
    True
    """

    def __init__(self, shapes: Graph | None = None) -> None:
        self._bundled = shapes is None
        self._shapes = _bare(load_shapes() if shapes is None else shapes)
        self._with_vocabulary: Graph | None = None

    def study(self, ntriples: str) -> Report:
        """What does not fit in the statements of one study.

        Args:
            ntriples: an N-Triples document, as the mapping writes it.

        Raises:
            TermError: the text is not N-Triples.
            ShapesError: as for :meth:`graph`.
        """
        from rdflib import Graph
        from rdflib.exceptions import ParserError

        data = Graph()
        with _quiet():
            try:
                data.parse(data=ntriples, format="nt")
            except ParserError as error:
                remedy = "write terms with kg.terms"
                raise TermError(f"not N-Triples: {error}", place=_first_study(ntriples), remedy=remedy) from error
        return self.graph(data)

    def graph(self, data: Graph) -> Report:
        """What does not fit in a graph; it is not changed.

        Raises:
            ShapesError: the shapes are not well-formed, or a constraint in them cannot be evaluated.
        """
        from rdflib import RDF, URIRef

        shapes = self._shapes_for(data)
        found = _run(data, shapes)
        studies = {
            match[1]
            for node in data.subjects(RDF.type, URIRef(PREFIXES["tkg"] + "Study"))
            if (match := _STUDY.match(str(node)))
        }
        only = next(iter(studies)) if len(studies) == 1 else ""
        result = URIRef(f"{_SH}result")
        return Report.of((_result(found, node, shapes, only) for node in found.objects(None, result)), len(studies))

    def _shapes_for(self, data: Graph) -> Graph:
        from rdflib import SKOS

        if not self._bundled or (None, SKOS.inScheme, None) not in data:
            return self._shapes
        if self._with_vocabulary is None:
            self._with_vocabulary = _bare(load_shapes(vocabulary=True))
        return self._with_vocabulary


def _run(data: Graph, shapes: Graph) -> Graph:
    """The report graph of pySHACL."""
    import pyshacl
    from pyparsing import ParseBaseException
    from pyshacl.errors import ReportableRuntimeError

    expected = (
        ReportableRuntimeError,  # ill-formed shapes
        ParseBaseException,  # SPARQL that only does not parse with the path put in
        re.error,  # sh:pattern; and a value with a backslash that a query gives back
        NotImplementedError,  # $shapesGraph
        TypeError,  # values that do not compare
        ValueError,
    )
    try:
        with _quiet():
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
    except expected as error:
        raise ShapesError(f"the shapes cannot be evaluated: {error}", remedy="correct the shape") from error
    if isinstance(found, Exception):
        raise ShapesError(f"the shapes cannot be evaluated: {text}", remedy="correct the shape") from found
    return found  # type: ignore[no-any-return]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' own log lines and warnings off the terminal; what they find is in the report."""

    def refuse(_: logging.LogRecord) -> bool:
        return False

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(refuse)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(refuse)


def _result(found: Graph, node: Node, shapes: Graph, only_study: str) -> Result:
    from rdflib import URIRef

    def get(name: str) -> Node | None:
        return found.value(node, URIRef(_SH + name), any=True)

    focus, path, value, source = get("focusNode"), get("resultPath"), get("value"), get("sourceShape")
    focus_text = str(focus) if isinstance(focus, URIRef) else "_:"
    match = _STUDY.match(focus_text)
    severity = str(get("resultSeverity"))
    return Result(
        study=match[1] if match else only_study,
        severity=severity.removeprefix(_SH) if severity.removeprefix(_SH) in SEVERITIES else severity,
        source_shape=_rule(shapes, source),
        focus=focus_text,
        path="" if path is None else path_text(found, path),
        value=None if value is None else _term(value),
        message=_message(found, node),
        constraint_component=str(get("sourceConstraintComponent")),
    )


def _rule(shapes: Graph, shape: Node | None) -> str:
    """The shape's IRI, or that of the nearest shape around it: other people's property shapes often have none."""
    from rdflib import URIRef

    seen = set()
    while shape is not None and not isinstance(shape, URIRef) and shape not in seen:
        seen.add(shape)
        shape = next(iter(sorted(shapes.subjects(None, shape), key=str)), None)
    return str(shape) if isinstance(shape, URIRef) else f"{_SH}Shape"


def _message(found: Graph, node: Node) -> str:
    """The message in English where there are several languages; a shape without one gets pySHACL's own."""
    from rdflib import URIRef

    messages = sorted(found.objects(node, URIRef(f"{_SH}resultMessage")), key=str)
    english = [message for message in messages if (getattr(message, "language", None) or "en").startswith("en")]
    return " ".join(str((english or messages)[0]).split()) if messages else ""


def _term(value: Node) -> Term:
    from rdflib import Literal, URIRef

    if isinstance(value, Literal):
        return Term("literal", str(value), str(value.datatype or ""), value.language or "")
    return Term("uri", str(value)) if isinstance(value, URIRef) else Term("bnode", "")


def _bare(shapes: Graph) -> Graph:
    """A copy, since pySHACL adds triples, without names and comments, which it would look at again for every node."""
    from rdflib import RDFS, Graph, URIRef

    left_out = {RDFS.comment, URIRef(f"{_SH}name"), URIRef(f"{_SH}description")}
    bare = Graph()
    for triple in shapes.triples((None, None, None)):
        if triple[1] not in left_out:
            bare.add(triple)
    return bare


def _first_study(ntriples: str) -> str:
    match = _STUDY.search(ntriples[:10_000].replace(">", "/"))
    return match[1] if match else ""
