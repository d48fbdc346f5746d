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
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kg.validation.data import Data, NotCompiledError, follow
from kg.validation.functions import Bound, Row, Truth, is_variable, truth_of, value_of

if TYPE_CHECKING:
    from rdflib import URIRef
    from rdflib.paths import Path
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import Node

__all__ = ["Query", "compile_query"]

_Pattern = Callable[[Data, list[Row]], list[Row]]

_EXISTS: Final = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})
_NOTHING: Final[Mapping[str, list[str]]] = {}
_VARIABLE: Final = re.compile(r"[?$](\w+)")


class Query(NamedTuple):
    """A compiled query."""

    pattern: _Pattern
    place: int | None
    """Where in a row ``?value`` is."""

    def values(self, data: Data, focus: str) -> Iterator[str | None]:
        """What ``?value`` is in each solution for a focus node; None where it is not bound."""
        rows = self.pattern(data, [(focus,)])
        if self.place is None:
            return iter([None] if rows else [])
        return map(operator.itemgetter(self.place), rows)

    def finds_none(self, data: Data, nodes: Collection[str]) -> bool:
        """Whether none of many focus nodes has a solution."""
        return not self.pattern(data, [(node,) for node in nodes])


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
        return Query(pattern, None)
    return Query(pattern, bound.index("value"))


class _Compiler:
    """Parts of one query as functions.

    Args:
        backwards: where the predicates that it follows backwards are added.
        once: variables that stand in one place only, so that it counts whether there is a value and not which.
    """

    def __init__(self, backwards: set[str], once: frozenset[str]) -> None:
        self._backwards = backwards
        self._once = once

    def pattern(self, part: CompValue, bound: Bound) -> tuple[_Pattern, Bound]:
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
            return _in_turn([inner, *self._filters(part.expr, after)]), after
        raise NotCompiledError(f"{part.name} is not compiled")

    def _triples(
        self, triples: list[tuple[Node, Path | URIRef, Node]], bound: Bound, condition: Any = None
    ) -> tuple[_Pattern, Bound]:
        """Triple patterns, each from what is known, and a condition as soon as what it looks at is."""
        from rdflib.paths import InvPath

        steps: list[_Pattern] = []
        while triples:
            for triple in triples:
                subject, predicate, value = triple
                if is_variable(predicate):
                    raise NotCompiledError("a property is a variable")
                if _is_known(subject, bound):
                    step, bound = self._one_triple(subject, predicate, value, bound)
                    break
                if _is_known(value, bound):
                    step, bound = self._one_triple(value, InvPath(predicate), subject, bound)
                    break
            else:
                raise NotCompiledError("a pattern does not start at what is known")
            steps.append(step)
            triples.remove(triple)
            if condition is not None and triples and not _has_exists(condition) and _variables(condition) <= set(bound):
                steps += self._filters(condition, bound)
                condition = None
        if condition is not None:
            steps += self._filters(condition, bound)
        return _in_turn(steps), bound

    def _one_triple(self, start: Node, path: Path | URIRef, end: Node, bound: Bound) -> tuple[_Pattern, Bound]:
        step = follow(path, self._backwards)
        begin = value_of(start, bound)
        if is_variable(end) and str(end) in self._once:
            return lambda data, rows: [row for row in rows if step(data, begin(row))], bound
        if is_variable(end) and str(end) not in bound:
            if is_variable(start) and _is_property(path):
                return _values_of(f"<{path}>", bound.index(str(start))), (*bound, str(end))
            return (
                lambda data, rows: [(*row, value) for row in rows for value in step(data, begin(row))],
                (*bound, str(end)),
            )
        wanted = value_of(end, bound)

        def met(data: Data, rows: list[Row]) -> list[Row]:
            # Many rows start at the same node, and a path from it can be long.
            ends = {first: step(data, first) for first in {begin(row) for row in rows}}
            return [row for row in rows if wanted(row) in ends[begin(row)]]

        return met, bound

    def _filters(self, expression: Any, bound: Bound) -> list[_Pattern]:
        """A condition as patterns that keep the rows for which it holds; an error is not told from false."""
        name = getattr(expression, "name", "")
        if name == "ConditionalAndExpression":
            return [step for part in (expression.expr, *expression.other) for step in self._filters(part, bound)]
        if name in _EXISTS:
            pattern, width = self.pattern(_translated(expression.graph), bound)[0], len(bound)
            return [_matched(pattern, width) if name == "Builtin_EXISTS" else _unmatched(pattern, width)]
        return [_kept(self._holds(expression, bound))]

    def _holds(self, expression: Any, bound: Bound) -> Truth:
        """The same for one row."""
        if getattr(expression, "name", "") != "ConditionalOrExpression":
            return self._truth(expression, bound)
        return reduce(_either, (self._holds(part, bound) for part in (expression.expr, *expression.other)))

    def _truth(self, expression: Any, bound: Bound) -> Truth:
        name = getattr(expression, "name", "")
        if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
            decides = name == "ConditionalOrExpression"
            tests = [self._truth(part, bound) for part in (expression.expr, *expression.other)]

            def combined(data: Data, row: Row) -> bool | None:
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
        return truth_of(expression, bound)


def _either(one: Truth, other: Truth) -> Truth:
    return lambda data, row: one(data, row) or other(data, row)


def _values_of(predicate: str, place: int) -> _Pattern:
    """The values of one property, which most patterns ask for."""

    def along(data: Data, rows: list[Row]) -> list[Row]:
        nodes = data.nodes
        return [(*row, value) for row in rows for value in nodes.get(row[place], _NOTHING).get(predicate, ())]

    return along


def _in_turn(steps: list[_Pattern]) -> _Pattern:
    def along(data: Data, rows: list[Row]) -> list[Row]:
        for step in steps:
            rows = step(data, rows)
            if not rows:
                break
        return rows

    return along


def _kept(test: Truth) -> _Pattern:
    return lambda data, rows: [row for row in rows if test(data, row)]


def _matched(pattern: _Pattern, width: int) -> _Pattern:
    """The rows from which a pattern leads on."""

    def kept(data: Data, rows: list[Row]) -> list[Row]:
        found = {row[:width] for row in pattern(data, rows)}
        return [row for row in rows if row in found]

    return kept


def _unmatched(pattern: _Pattern, width: int) -> _Pattern:
    """The rows from which it does not."""

    def kept(data: Data, rows: list[Row]) -> list[Row]:
        found = {row[:width] for row in pattern(data, rows)}
        return [row for row in rows if row not in found]

    return kept


def _is_property(path: Path | URIRef) -> bool:
    from rdflib import URIRef

    return isinstance(path, URIRef)


def _is_known(term: Node, bound: Bound) -> bool:
    from rdflib import BNode

    if isinstance(term, BNode):
        raise NotCompiledError("a pattern has a blank node")
    return not is_variable(term) or str(term) in bound


def _filtered_sides(part: CompValue) -> CompValue:
    """A union whose sides are filtered each, which is the same as a filtered union."""
    from rdflib.plugins.sparql.parserutils import CompValue

    sides = {side: CompValue("Filter", expr=part.expr, p=part.p[side]) for side in ("p1", "p2")}
    return CompValue("Union", **sides)


def _translated(graph: CompValue) -> CompValue:
    from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

    return translateGroupGraphPattern(graph) if graph.name.startswith("GroupGraphPattern") else graph


def _variables(expression: Any) -> set[str]:
    """The variables of an expression outside of ``EXISTS``, which sees all of them anyhow."""
    return {str(part) for part in _parts(expression) if is_variable(part)}


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
