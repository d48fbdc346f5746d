"""SHACL-SPARQL constraints as functions over the statements of one study.

What is compiled is the fragment that rules over one study need: triple patterns and paths that start at what is known
already, ``UNION``, ``FILTER`` with ``EXISTS``, and the functions on text. rdflib parses and translates; any other part
of SPARQL is left to pySHACL. ``docs/decisions/0020-rules-are-compiled.md`` says why not one query a batch.

Source: https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kg.validation.data import Data, NotCompiledError, Step, follow
from kg.validation.values import exact_number, lexical, literal, text_of

if TYPE_CHECKING:
    from rdflib import Literal, URIRef
    from rdflib.paths import Path
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import Node

__all__ = ["Query", "compile_query"]

_Row = tuple[str, ...]
"""What variables are bound to, in the order in which they were bound; the focus node is the first."""
_Bound = tuple[str, ...]
"""The names of these variables."""
_Pattern = Callable[[Data, list[_Row]], list[_Row]]
_Text = Callable[[_Row], str | None]
_Truth = Callable[[Data, _Row], bool | None]
"""None stands for an error, as SPARQL's logic has three values."""

_COMPARED: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_ORDERED: Final[Mapping[str, Callable[[Literal, Literal], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_KIND_TESTS: Final = {"Builtin_isIRI": "<", "Builtin_isURI": "<", "Builtin_isLITERAL": '"', "Builtin_isBLANK": "_"}
_EXISTS: Final = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})
_REMEMBERED: Final = 4_096
_VARIABLE: Final = re.compile(r"[?$](\w+)")

Query = Callable[[Data, str], Iterator[str | None]]
"""From a focus node: what ``?value`` is in each solution, None where it is not bound."""


def compile_query(text: str, prefixes: Mapping[str, str], backwards: set[str]) -> Query:
    """A ``sh:select`` as a function.

    Args:
        text: the query, with ``$this`` for the focus node.
        prefixes: prefix → namespace.
        backwards: where the predicates that it follows backwards are added.

    Raises:
        NotCompiledError: the query has more than the fragment, or is none.
    """
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        algebra = translateQuery(parseQuery(text), initNs=prefixes).algebra
    except Exception as error:  # rdflib's translation raises just that
        raise NotCompiledError(f"the query is not read: {error}") from error
    # Each result counts once in any case.
    project = algebra.p.p if algebra.p.name == "Distinct" else algebra.p
    if algebra.name != "SelectQuery" or project.name != "Project" or algebra.datasetClause:
        raise NotCompiledError(f"{project.name} is not compiled")
    given = {str(variable) for variable in project.PV}
    if not given <= {"this", "value"}:
        raise NotCompiledError("it gives other variables than $this and ?value")
    occurs = Counter(_VARIABLE.findall(text))
    once = frozenset(name for name, number in occurs.items() if number == 1)
    pattern, bound = _Compiler(backwards, once).pattern(project.p, ("this",))
    if "value" not in given or "value" not in bound:
        if "this" not in given:
            raise NotCompiledError("it gives neither $this nor a ?value")
        return lambda data, focus: iter([None] if pattern(data, [(focus,)]) else [])
    place = bound.index("value")
    return lambda data, focus: (row[place] for row in pattern(data, [(focus,)]))


class _Compiler:
    """Parts of one query as functions.

    Args:
        backwards: where the predicates that it follows backwards are added.
        once: variables that stand in one place only, so that it counts whether there is a value and not which.
    """

    def __init__(self, backwards: set[str], once: frozenset[str]) -> None:
        self._backwards = backwards
        self._once = once

    def pattern(self, part: CompValue, bound: _Bound) -> tuple[_Pattern, _Bound]:
        """A pattern, and the variables that are bound behind it."""
        if part.name == "BGP":
            return self._triples(list(part.triples), bound)
        if part.name == "Join":
            first, after = self.pattern(part.p1, bound)
            second, after = self.pattern(part.p2, after)
            return lambda data, rows: second(data, first(data, rows)), after
        if part.name == "Union":
            one, after = self.pattern(part.p1, bound)
            other, after_other = self.pattern(part.p2, bound)
            if set(after) != set(after_other):
                raise NotCompiledError("the sides of a UNION bind different variables")
            if after == after_other:
                return lambda data, rows: one(data, rows) + other(data, rows), after
            # The sides bind them in different orders, which rdflib decides by the names of properties.
            order = operator.itemgetter(*(after_other.index(name) for name in after))
            return lambda data, rows: one(data, rows) + [order(row) for row in other(data, rows)], after
        if part.name == "Filter":
            if not _variables(part.expr) <= set(self.pattern(part.p, ("this",))[1]):
                raise NotCompiledError("a FILTER looks at what is not bound in its group")
            if part.p.name == "BGP":
                return self._triples(list(part.p.triples), bound, part.expr)
            if part.p.name == "Union" and not _has_exists(part.expr):
                return self.pattern(_filtered_sides(part), bound)
            inner, after = self.pattern(part.p, bound)
            test = self._truth(part.expr, after)
            return lambda data, rows: [row for row in inner(data, rows) if test(data, row)], after
        raise NotCompiledError(f"{part.name} is not compiled")

    def _triples(
        self, triples: list[tuple[Node, Path | URIRef, Node]], bound: _Bound, condition: Any = None
    ) -> tuple[_Pattern, _Bound]:
        """Triple patterns, each from what is known, and a condition as soon as what it looks at is."""
        from rdflib.paths import InvPath

        steps: list[_Pattern] = []
        while triples:
            for triple in triples:
                subject, predicate, value = triple
                if _is_variable(predicate):
                    raise NotCompiledError("a property is a variable")
                if _is_known(subject, bound):
                    step, bound = self._one_triple(subject, follow(predicate, self._backwards), value, bound)
                    break
                if _is_known(value, bound):
                    step, bound = self._one_triple(value, follow(InvPath(predicate), self._backwards), subject, bound)
                    break
            else:
                raise NotCompiledError("a pattern does not start at what is known")
            steps.append(step)
            triples.remove(triple)
            if condition is not None and triples and not _has_exists(condition) and _variables(condition) <= set(bound):
                steps.append(_kept(self._truth(condition, bound)))
                condition = None
        if condition is not None:
            steps.append(_kept(self._truth(condition, bound)))

        def along(data: Data, rows: list[_Row]) -> list[_Row]:
            for step in steps:
                rows = step(data, rows)
                if not rows:
                    break
            return rows

        return along, bound

    def _one_triple(self, start: Node, step: Step, end: Node, bound: _Bound) -> tuple[_Pattern, _Bound]:
        begin = _value(start, bound)
        if _is_variable(end) and str(end) in self._once:
            return lambda data, rows: [row for row in rows if step(data, begin(row))], bound
        if _is_variable(end) and str(end) not in bound:
            return (
                lambda data, rows: [(*row, value) for row in rows for value in step(data, begin(row))],
                (*bound, str(end)),
            )
        wanted = _value(end, bound)
        return lambda data, rows: [row for row in rows if wanted(row) in step(data, begin(row))], bound

    def _truth(self, expression: Any, bound: _Bound) -> _Truth:
        name = getattr(expression, "name", "")
        if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
            decides = name == "ConditionalOrExpression"
            tests = [self._truth(part, bound) for part in (expression.expr, *expression.other)]

            def combined(data: Data, row: _Row) -> bool | None:
                is_known = True
                for test in tests:
                    result = test(data, row)
                    if result is decides:
                        return decides
                    is_known = is_known and result is not None
                return not decides if is_known else None

            return combined
        if name == "UnaryNot":
            test = self._truth(expression.expr, bound)
            return lambda data, row: None if (result := test(data, row)) is None else not result
        if name in _EXISTS:
            pattern, wanted = self.pattern(_translated(expression.graph), bound)[0], name == "Builtin_EXISTS"
            return lambda data, row: bool(pattern(data, [row])) == wanted
        if name in _KIND_TESTS:
            first, value = _KIND_TESTS[name], _value(_variable(expression.arg, bound), bound)
            return lambda _, row: value(row)[0] == first
        if name == "Builtin_isNUMERIC":
            value = _value(_variable(expression.arg, bound), bound)
            return lambda _, row: _is_number(value(row))
        if name == "Builtin_STRSTARTS":
            whole, start = (_of_str(part, bound) for part in (expression.arg1, expression.arg2))
            if whole and start:
                return _starts_with(whole, start)
            return _of_texts(str.startswith, expression.arg1, expression.arg2, bound)
        if name == "RelationalExpression" and expression.op in _COMPARED:
            sides = (expression.expr, expression.other)
            if expression.op in _ORDERED and all(_is_variable(side) for side in sides):
                return _of_literals(_ORDERED[expression.op], *(_value(_variable(side, bound), bound) for side in sides))
            return _of_texts(_COMPARED[expression.op], *sides, bound)
        raise NotCompiledError(f"{name or expression} is not compiled")


def _kept(test: _Truth) -> _Pattern:
    return lambda data, rows: [row for row in rows if test(data, row)]


def _is_variable(term: Any) -> bool:
    from rdflib.term import Variable

    return isinstance(term, Variable)


def _is_known(term: Node, bound: _Bound) -> bool:
    from rdflib import BNode

    if isinstance(term, BNode):
        raise NotCompiledError("a pattern has a blank node")
    return not _is_variable(term) or str(term) in bound


def _value(term: Node, bound: _Bound) -> Callable[[_Row], str]:
    """The term that a variable is bound to, or a constant."""
    if _is_variable(term):
        return operator.itemgetter(bound.index(str(term)))
    constant = text_of(term)
    return lambda _: constant


def _variable(term: Any, bound: _Bound) -> Node:
    if not _is_variable(term) or str(term) not in bound:
        raise NotCompiledError(f"{term} is no variable that is bound")
    found: Node = term
    return found


def _filtered_sides(part: CompValue) -> CompValue:
    """A union whose sides are filtered each, which is the same as a filtered union."""
    from rdflib.plugins.sparql.parserutils import CompValue

    sides = {side: CompValue("Filter", expr=part.expr, p=part.p[side]) for side in ("p1", "p2")}
    return CompValue("Union", **sides)


def _of_str(expression: Any, bound: _Bound) -> Callable[[_Row], str] | None:
    """What ``STR`` is taken of, where an expression is just that."""
    if getattr(expression, "name", "") != "Builtin_STR":
        return None
    return _value(_variable(expression.arg, bound), bound)


def _starts_with(whole: Callable[[_Row], str], start: Callable[[_Row], str]) -> _Truth:
    """``STRSTARTS`` of two ``STR``; of two IRIs without taking them apart."""

    def truth(_: Data, row: _Row) -> bool | None:
        one, other = whole(row), start(row)
        if one[0] == other[0] == "<":
            return one.startswith(other[:-1])
        return None if "_" in (one[0], other[0]) else lexical(one).startswith(lexical(other))

    return truth


def _of_texts(compare: Callable[[str, str], bool], one: Any, other: Any, bound: _Bound) -> _Truth:
    left, right = _text(one, bound), _text(other, bound)

    def truth(_: Data, row: _Row) -> bool | None:
        first, second = left(row), right(row)
        return None if first is None or second is None else compare(first, second)

    return truth


def _text(expression: Any, bound: _Bound) -> _Text:
    """An expression that gives text: a constant, ``STR``, or ``SUBSTR`` with numbers that are written out."""
    from rdflib import Literal

    name = getattr(expression, "name", "")
    if name == "Builtin_STR":
        value = _value(_variable(expression.arg, bound), bound)
        return lambda row: None if (term := value(row))[0] == "_" else lexical(term)
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


def _of_literals(
    compare: Callable[[Literal, Literal], bool], left: Callable[[_Row], str], right: Callable[[_Row], str]
) -> _Truth:
    """Two literals compared by value, as rdflib does it; what does not compare is an error."""

    def truth(_: Data, row: _Row) -> bool | None:
        terms = left(row), right(row)
        if any(term[0] != '"' for term in terms):
            return None
        return _compared(compare, *terms)

    return truth


@lru_cache(_REMEMBERED)
def _compared(compare: Callable[[Any, Any], bool], one: str, other: str) -> bool | None:
    exact = exact_number(one), exact_number(other)
    if None not in exact:
        return compare(*exact)
    first, second = literal(one), literal(other)
    if not (_is_ordered(first) or _is_ordered(second)):
        return None
    try:
        return compare(first, second)
    except TypeError:
        return None


@lru_cache(_REMEMBERED)
def _is_number(term: str) -> bool:
    if exact_number(term) is not None:
        return True
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


def _translated(graph: CompValue) -> CompValue:
    from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

    return translateGroupGraphPattern(graph) if graph.name.startswith("GroupGraphPattern") else graph


def _variables(expression: Any) -> set[str]:
    """The variables of an expression outside of ``EXISTS``, which sees all of them anyhow."""
    return {str(part) for part in _parts(expression) if _is_variable(part)}


def _has_exists(expression: Any) -> bool:
    return any(getattr(part, "name", "") in _EXISTS for part in _parts(expression))


def _parts(expression: Any) -> Iterator[Any]:
    """An expression and all within it, down to ``EXISTS``."""
    from rdflib.plugins.sparql.parserutils import CompValue

    yield expression
    if isinstance(expression, CompValue):
        inner = [] if expression.name in _EXISTS else [expression[key] for key in expression if key != "_vars"]
    else:
        inner = list(expression) if isinstance(expression, list | tuple) else []
    for part in inner:
        yield from _parts(part)
