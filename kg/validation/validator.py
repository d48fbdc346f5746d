"""Validation with either engine: compiled rules, and pySHACL for what they leave, or pySHACL alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import TermError
from kg.terms import Statement
from kg.validation.audit import Authority, as_graph, disagreements
from kg.validation.compiled import Compiled, without_targets
from kg.validation.data import Data
from kg.validation.naming import study_of
from kg.validation.report import Report, Result
from kg.validation.shapes import load_shapes
from kg.validation.values import quiet, text_of

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["Engine", "Validator", "validate"]


class Engine(StrEnum):
    """What validates."""

    COMPILED = "compiled"
    PYSHACL = "pyshacl"


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
    """Shapes, read once, to validate many graphs one by one.

    Args:
        shapes: shapes to use in place of the bundled ones; they are copied.
        engine: :attr:`Engine.COMPILED` gives what :attr:`Engine.PYSHACL` gives, and is faster.

    >>> Validator().study("").conforms
    True
    """

    def __init__(self, shapes: Graph | None = None, engine: Engine = Engine.COMPILED) -> None:
        self._is_bundled = shapes is None
        self._rules = _Rules(load_shapes() if shapes is None else shapes, engine)
        self._engine = engine

    @property
    def left(self) -> Mapping[str, str]:
        """Shape → why its rules are not compiled and pySHACL evaluates them."""
        return self._rules.left

    def study(self, ntriples: str | bytes) -> Report:
        """What does not fit in the statements of one study.

        Args:
            ntriples: an N-Triples document, as the mapping writes it.

        Raises:
            TermError: the text is not N-Triples.
            ShapesError: as for :meth:`graph`.
        """
        return self.statements(_parsed(ntriples))

    def statements(self, statements: Sequence[Statement]) -> Report:
        """What does not fit in statements, each of which is there once and in the spelling of :mod:`kg.terms`.

        Raises:
            ShapesError: as for :meth:`graph`.
        """
        with quiet():
            return self._report(statements)

    def graph(self, data: Graph) -> Report:
        """What does not fit in a graph; it is not changed.

        Raises:
            ShapesError: the shapes are not well-formed, or a constraint in them cannot be evaluated.
        """
        return self.statements([(text_of(s), text_of(p), text_of(o)) for s, p, o in data])

    def audit(self, statements: Sequence[Statement], report: Report) -> list[str]:
        """Where pySHACL finds something else in the same statements; see :func:`kg.validation.audit.disagreements`.

        Raises:
            ShapesError: as for :meth:`graph`.
        """
        return disagreements(report.results, self._rules.authority.results(as_graph(statements)))

    def _report(self, statements: Sequence[Statement]) -> Report:
        data = self._rules.data(statements)
        if data.has_code_lists and self._is_bundled:
            data = self._with_vocabulary.data(statements)
            found = self._with_vocabulary.results(data, statements)
        else:
            found = self._rules.results(data, statements)
        return Report.of(found, sum(map(bool, map(study_of, data.studies))))

    @cached_property
    def _with_vocabulary(self) -> _Rules:
        return _Rules(load_shapes(vocabulary=True), self._engine)


class _Rules:
    """One shapes graph for one engine."""

    def __init__(self, shapes: Graph, engine: Engine) -> None:
        self._shapes = shapes
        self._compiled = Compiled(shapes) if engine is Engine.COMPILED else None
        self._rest = (
            Authority(without_targets(shapes, self._compiled.left)) if self._compiled and self._compiled.left else None
        )

    @cached_property
    def authority(self) -> Authority:
        return Authority(self._shapes)

    @property
    def left(self) -> dict[str, str]:
        left = self._compiled.left if self._compiled else {}
        return {str(shape): reason for shape, reason in sorted(left.items(), key=str)}

    def data(self, statements: Sequence[Statement]) -> Data:
        return self._compiled.data(statements) if self._compiled else Data(statements)

    def results(self, data: Data, statements: Sequence[Statement]) -> list[Result]:
        if self._compiled is None:
            return self.authority.results(as_graph(statements))
        found = self._compiled.results(data)
        if self._rest:
            found += self._rest.results(as_graph(statements))
        return found


def _parsed(ntriples: str | bytes) -> list[Statement]:
    try:
        triples = dict.fromkeys(ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        text = ntriples if isinstance(ntriples, str) else ntriples[:10_000].decode(errors="replace")
        place = next((found for part in text[:10_000].split("<") if (found := study_of(part.replace(">", "/")))), "")
        raise TermError(f"not N-Triples: {error}", place=place, remedy="write terms with kg.terms") from error
    return [(str(one.subject), str(one.predicate), str(one.object)) for one in triples]
