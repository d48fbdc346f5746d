"""SPARQL's functions and comparisons over the terms in one row of a query: the same answers as rdflib gives.

Source: https://www.w3.org/TR/sparql11-query/#SparqlOps
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kg.validation.data import Data, NotCompiledError
from kg.validation.values import exact_number, lexical, literal, text_of

if TYPE_CHECKING:
    from rdflib import Literal
    from rdflib.term import Node

__all__ = ["Bound", "Row", "Truth", "is_variable", "truth_of", "value_of"]

Row = tuple[str, ...]
"""What variables are bound to, in the order in which they were bound; the focus node is the first."""
Bound = tuple[str, ...]
"""The names of these variables."""
Truth = Callable[[Data, Row], bool | None]
"""None stands for an error, as SPARQL's logic has three values."""
_Text = Callable[[Row], str | None]

_COMPARED: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_KIND_TESTS: Final = {"Builtin_isIRI": "<", "Builtin_isURI": "<", "Builtin_isLITERAL": '"', "Builtin_isBLANK": "_"}
_REMEMBERED: Final = 4_096


def truth_of(expression: Any, bound: Bound) -> Truth:
    """A function or comparison as rdflib has parsed it.

    Raises:
        NotCompiledError: it is another one, or of what is not bound.
    """
    name = getattr(expression, "name", "")
    if name in _KIND_TESTS:
        first, place = _KIND_TESTS[name], _place(expression.arg, bound)
        return lambda _, row: row[place][0] == first
    if name == "Builtin_isNUMERIC":
        place = _place(expression.arg, bound)
        return lambda _, row: _is_number(row[place])
    if name == "Builtin_STRSTARTS":
        sides = (expression.arg1, expression.arg2)
        if all(getattr(side, "name", "") == "Builtin_STR" for side in sides):
            return _starts_with(*(_place(side.arg, bound) for side in sides))
        return _of_texts(str.startswith, *sides, bound)
    if name == "RelationalExpression" and expression.op in _COMPARED:
        sides = (expression.expr, expression.other)
        if expression.op in _ORDERED and all(map(is_variable, sides)):
            return _of_literals(_ORDERED[expression.op], *(_place(side, bound) for side in sides))
        return _of_texts(_COMPARED[expression.op], *sides, bound)
    raise NotCompiledError(f"{name or expression} is not compiled")


def is_variable(term: Any) -> bool:
    """Whether a part of a query is a variable."""
    from rdflib.term import Variable

    return isinstance(term, Variable)


def value_of(term: Node, bound: Bound) -> Callable[[Row], str]:
    """The term that a variable is bound to, or a constant."""
    if is_variable(term):
        return operator.itemgetter(bound.index(str(term)))
    constant = text_of(term)
    return lambda _: constant


def _place(term: Any, bound: Bound) -> int:
    """Where in a row the value of a variable is."""
    if not is_variable(term) or str(term) not in bound:
        raise NotCompiledError(f"{term} is no variable that is bound")
    return bound.index(str(term))


def _starts_with(whole: int, start: int) -> Truth:
    """``STRSTARTS`` of two ``STR``; of two IRIs without taking them apart."""

    def truth(_: Data, row: Row) -> bool | None:
        one, other = row[whole], row[start]
        if one[0] == other[0] == "<":
            return one.startswith(other[:-1])
        return None if "_" in (one[0], other[0]) else lexical(one).startswith(lexical(other))

    return truth


def _of_texts(compare: Callable[[str, str], bool], one: Any, other: Any, bound: Bound) -> Truth:
    left, right = _text(one, bound), _text(other, bound)

    def truth(_: Data, row: Row) -> bool | None:
        first, second = left(row), right(row)
        return None if first is None or second is None else compare(first, second)

    return truth


def _text(expression: Any, bound: Bound) -> _Text:
    """An expression that gives text: a constant, ``STR``, or ``SUBSTR`` with numbers that are written out."""
    from rdflib import Literal

    name = getattr(expression, "name", "")
    if name == "Builtin_STR":
        place = _place(expression.arg, bound)
        return lambda row: None if row[place][0] == "_" else lexical(row[place])
    if name == "Builtin_SUBSTR":
        inner = _text(expression.arg, bound)
        start, length = (getattr(part, "value", None) for part in (expression.start, expression.length))
        if not isinstance(start, int) or not isinstance(length, int) or start < 1 or length < 0:
            raise NotCompiledError("SUBSTR is compiled for whole numbers only")
        begin, end = start - 1, start - 1 + length
        return lambda row: None if (text := inner(row)) is None else text[begin:end]
    if isinstance(expression, Literal) and expression.datatype is None and not expression.language:
        constant = str(expression)
        return lambda _: constant
    raise NotCompiledError(f"{name or expression} is not compiled as text")


def _of_literals(compare: Callable[[Any, Any], bool], left: int, right: int) -> Truth:
    """Two literals compared by value, as rdflib does it; what does not compare is an error."""

    def truth(_: Data, row: Row) -> bool | None:
        one, other = row[left], row[right]
        first, second = exact_number(one), exact_number(other)
        if first is not None and second is not None:
            return compare(first, second)
        return _compared(compare, one, other) if one[0] == other[0] == '"' else None

    return truth


@lru_cache(_REMEMBERED)
def _compared(compare: Callable[[Any, Any], bool], one: str, other: str) -> bool | None:
    first, second = literal(one), literal(other)
    if not (_is_ordered(first) or _is_ordered(second)):
        return None
    # As rdflib asks for it. The operator itself would ask the second about the first where the first does not know.
    try:
        known = getattr(first, f"__{compare.__name__}__")(second)
    except TypeError:
        return None
    return None if known is NotImplemented else known


def _is_number(term: str) -> bool:
    return exact_number(term) is not None or _is_numeric(term)


@lru_cache(_REMEMBERED)
def _is_numeric(term: str) -> bool:
    from rdflib.plugins.sparql.operators import numeric
    from rdflib.plugins.sparql.sparql import SPARQLError

    if term[0] != '"':
        return False
    try:
        numeric(literal(term))
    except SPARQLError:
        return False
    return True


def _is_ordered(value: Literal) -> bool:
    from rdflib.plugins.sparql.datatypes import XSD_DTs

    return value.datatype is None or value.datatype in XSD_DTs
