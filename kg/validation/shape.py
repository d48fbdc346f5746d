"""One compiled shape: what it asks of a node or value, quickly where nothing is wrong and in words where something is.

A node is looked at by its own properties, since it has far fewer than its class has rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, repeat
from operator import contains
from typing import Final, NamedTuple

from kg.namespaces import PREFIXES
from kg.validation.constraints import Check
from kg.validation.data import Data, Step
from kg.validation.naming import node_name, study_of, term
from kg.validation.report import Result
from kg.validation.values import Accepts, fused, node_of

__all__ = ["Found", "Shape"]

_SH: Final = PREFIXES["sh"]
_MANY: Final = 1 << 60
_FEW: Final = 4
"""So few nodes are sooner looked at one by one."""
_NOTHING: Final[Mapping[str, list[str]]] = {}
_REMEMBERED: Final = 4_096
"""So many values that fit are remembered for each rule; codes, numbers and dates come again and again."""


class Found(NamedTuple):
    """A result before it is put into words."""

    shape: Shape
    component: str
    focus: str
    path: str
    value: str | None
    message: str

    def result(self, only: str) -> Result:
        """The result; ``only`` is the study where there is one alone, for nodes whose IRI names none."""
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


class Shape:
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
        self._accepts: tuple[Accepts, ...] = ()
        self._classes: tuple[str, ...] = ()
        self._whole: tuple[Check, ...] = ()
        self._known: set[str] = set()
        self._remembers = False
        self._is_simple = False
        self._least, self._most = 0, _MANY
        self._has_inner = False
        self._by_predicate: dict[str, Shape] = {}
        self._required: list[tuple[str, Shape]] = []
        self._elsewhere: list[Shape] = []

    def complete(self, checks: list[Check], properties: list[Shape], *, is_active: bool) -> None:
        """Give it what it checks."""
        self._is_active = is_active
        self._checks = checks
        self._accepts = fused([check.accepts for check in checks if check.accepts])
        self._classes = tuple(check.of_class for check in checks if check.of_class)
        self._whole = tuple(check for check in checks if check.is_whole)
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
            elif inner._asks_for_a_value:
                self._required.append((inner.predicate, inner))
            else:
                # A path of several steps, what is to be looked at where there is no value too, a second rule.
                self._elsewhere.append(inner)
        self._has_inner = bool(self._by_predicate or self._elsewhere)
        self._is_simple = not (self._has_inner or self._classes or self._whole)

    @property
    def _asks_for_a_value(self) -> bool:
        """Whether all that it asks for is that a property is there."""
        return (
            bool(self.predicate) and self._is_simple and not self._accepts and self._least == 1 and self._most == _MANY
        )

    @property
    def of_value(self) -> Accepts | None:
        """Whether a value conforms, where nothing but the value decides."""
        is_of_value = self._step is None and self._is_simple and self._is_active and self._least <= 1 <= self._most
        return self._is_accepted if is_of_value else None

    def conforms(self, data: Data, focus: str) -> bool:
        """Whether a node or value conforms."""
        return self.check(data, focus, None)

    def check(self, data: Data, focus: str, found: list[Found] | None) -> bool:
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

    def check_all(self, data: Data, nodes: Collection[str], found: list[Found]) -> None:
        """Check many nodes; all at once first, since usually nothing is wrong with any."""
        if len(nodes) > _FEW and self.fits_all(data, nodes):
            return
        for node in nodes:
            self.check(data, node, found)

    def fits_all(self, data: Data, nodes: Collection[str]) -> bool:
        """Whether nothing is wrong with many nodes, rule by rule; False where it must be asked of each."""
        if not self._is_active:
            return True
        if self._step is not None:
            return self._fit(data, nodes, [self._step(data, node) for node in nodes])
        if self._least > 1 or self._most < 1:
            return False
        return self._whole_fits(data, nodes, None) and self._values_fit(data, nodes)

    def _fit(self, data: Data, nodes: Collection[str], columns: Sequence[Collection[str]]) -> bool:
        """The same for the values of a path: a column for each node."""
        numbers = [*map(len, columns)]
        if numbers and not self._least <= min(numbers) <= max(numbers) <= self._most:
            return False
        if not self._whole_fits(data, nodes, columns):
            return False
        return self._values_fit(data, set(chain.from_iterable(columns)))

    def _values_fit(self, data: Data, values: Collection[str]) -> bool:
        """The same for values as such, each of which is there once."""
        if self._accepts:
            unknown = [value for value in values if value not in self._known] if self._remembers else values
            for accepts in self._accepts:
                if not all(map(accepts, unknown)):
                    return False
            if self._remembers and len(self._known) < _REMEMBERED:
                self._known.update(unknown)
        for kind in self._classes:
            if not data.members_of(kind).issuperset(values):
                return False
        return not self._has_inner or self._properties_fit(data, values)

    def _properties_fit(self, data: Data, nodes: Collection[str]) -> bool:
        every = [data.nodes.get(node, _NOTHING) for node in nodes]
        for predicate, _ in self._required:
            if not all(map(contains, every, repeat(predicate))):
                return False
        for predicate, inner in self._by_predicate.items():
            columns = [has[predicate] for has in every if predicate in has]
            if columns and not inner._fit(data, (), columns):
                return False
        return all(inner.fits_all(data, nodes) for inner in self._elsewhere)

    def _whole_fits(self, data: Data, nodes: Collection[str], columns: Sequence[Collection[str]] | None) -> bool:
        for check in self._whole:
            if check.finds_none:
                if not check.finds_none(data, nodes):
                    return False
                continue
            for node, values in zip(nodes, columns or ((node,) for node in nodes), strict=True):
                for _ in check.failing(data, node, values):
                    return False
        return True

    def _check_values(self, data: Data, focus: str, values: Collection[str], found: list[Found] | None) -> bool:
        conforms = self._fits(data, focus, values)
        if not conforms and found is not None:
            self._write_down(data, focus, values, found)
        if self._has_inner:
            for value in values:
                if not self._check_properties(data, value, found):
                    conforms = False
        return conforms

    def _check_properties(self, data: Data, node: str, found: list[Found] | None) -> bool:
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
        if self._accepts:
            for value in values:
                if value not in self._known and not self._is_accepted(value):
                    return False
        if self._classes:
            for value in values:
                classes = data.classes(value)
                for kind in self._classes:
                    if kind not in classes:
                        return False
        for check in self._whole:
            for _ in check.failing(data, focus, values):
                return False
        return True

    def _is_accepted(self, value: str) -> bool:
        for accepts in self._accepts:
            if not accepts(value):
                return False
        if self._remembers and len(self._known) < _REMEMBERED:
            self._known.add(value)
        return True

    def _write_down(self, data: Data, focus: str, values: Collection[str], found: list[Found]) -> None:
        for check in self._checks:
            for value, path in check.failing(data, focus, values):
                found.append(Found(self, check.component, focus, path or self.path, value, check.message))
