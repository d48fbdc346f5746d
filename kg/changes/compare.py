"""Two versions of a study, compared: which fields differ, which parts came, went, or are worded otherwise.

Parts are matched by what they say, never by their number: an arm that moved from second to third place is no change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final

import msgspec
from rapidfuzz import fuzz

from kg.changes.facts import Facts, Part
from kg.terms import clean

__all__ = ["Change", "How", "compare"]

_LEAST_LIKE: Final = 80.0
"""Percent of letters in common from which two texts count as one that was reworded."""
_MOST_PAIRS: Final = 40_000
"""Beyond so many pairs of texts, none is looked at: what is gone is gone, and what is new is new."""
_OUTCOMES: Final = ("primary outcome", "secondary outcome", "other outcome", "outcome")
_CRITERIA: Final = ("inclusion criterion", "exclusion criterion")
_FAMILY: Final = {kind: kinds for kinds in (_OUTCOMES, _CRITERIA) for kind in kinds}
"""Kinds between which a part can change its place."""
_RENAMED_BY: Final = {"arm": "description", "intervention": "description"}
"""Kinds with short names, of which one tells little of another: the same detail tells that a part was renamed."""
_MATCHED: Final = _FAMILY.keys() | _RENAMED_BY.keys()
_FIRST: Final = ("status", "why stopped", "enrollment", "enrollment type")
_SHOWN: Final = 300
_LONG: Final = 120


class How(StrEnum):
    """What became of something."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"


class Change(msgspec.Struct, frozen=True):
    """One difference.

    Attributes:
        field: what differs: ``enrollment``, ``site``, or a detail of ``part``.
        change: what became of it.
        was: what it was; for what moved, the kind it was of.
        now: what it is now; for what moved, the kind it is of.
        part: the part that it is a detail of, or that moved; ``""`` for the study itself.
    """

    field: str
    change: How
    was: str = ""
    now: str = ""
    part: str = ""

    def text(self) -> str:
        """The difference as a line.

        >>> Change("enrollment", How.CHANGED, "120", "80").text()
        'enrollment 120 → 80'
        >>> Change("site", How.ADDED, now="Clinic, Graz, Austria").text()
        'site added: Clinic, Graz, Austria'
        """
        if self.change is How.MOVED:
            return f"{self.was} became {self.now}: {_short(self.part)}"
        where = f"{_short(self.part)}: {self.field}" if self.part else self.field
        if self.change is How.ADDED:
            return f"{where} added: {_short(self.now)}"
        if self.change is How.REMOVED:
            return f"{where} removed: {_short(self.was)}"
        if self.change is How.REWORDED:
            return f"{where} reworded: {_short(self.was)} → {_short(self.now)}"
        if max(len(self.was), len(self.now)) > _LONG:
            return f"{where} reworded"
        return f"{where} {_short(self.was)} → {_short(self.now)}"


def compare(before: Facts, after: Facts) -> list[Change]:
    """What differs between two versions: the study's own fields, then its parts."""
    changes: list[Change] = []
    for name in sorted(before.fields | after.fields, key=lambda name: (*(name != first for first in _FIRST), name)):
        changes += _values(name, before.fields.get(name, ()), after.fields.get(name, ()))
    rest_before, rest_after, details = _same_name(before.parts, after.parts)
    moved = list(_moved(rest_before, rest_after))
    reworded = list(_reworded(rest_before, rest_after))
    came_and_went = [Change(part.kind, How.REMOVED, was=part.name) for part in rest_before]
    came_and_went += [Change(part.kind, How.ADDED, now=part.name) for part in rest_after]
    return changes + sorted([*moved, *reworded, *came_and_went, *details], key=_order)


def _order(change: Change) -> tuple[int, str, str, str, str]:
    kinds = (*_OUTCOMES, "arm", "intervention", *_CRITERIA, "condition", "site")
    kind = next((kind for kind in kinds if kind in (change.field, change.was) or change.part.startswith(kind)), "")
    place = kinds.index(kind) if kind else len(kinds)
    return place, change.part, change.field, change.change, change.was + change.now


def _values(name: str, was: tuple[str, ...], now: tuple[str, ...], part: str = "") -> Iterator[Change]:
    if len(was) == len(now) == 1 and was != now:
        yield Change(name, How.CHANGED, was[0], now[0], part)
        return
    yield from (Change(name, How.REMOVED, was=text, part=part) for text in (Counter(was) - Counter(now)).elements())
    yield from (Change(name, How.ADDED, now=text, part=part) for text in (Counter(now) - Counter(was)).elements())


def _details(before: Part, after: Part) -> Iterator[Change]:
    for name in sorted(before.details | after.details):
        yield from _values(name, before.details.get(name, ()), after.details.get(name, ()), _title(after))


def _title(part: Part) -> str:
    return f"{part.kind} {part.name}"


def _same_name(before: Iterable[Part], after: Iterable[Part]) -> tuple[list[Part], list[Part], list[Change]]:
    """Pair parts of the same kind and name; what is left of both sides, and the details that differ in a pair."""
    waiting: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in before:
        waiting[part.kind, part.name].append(part)
    rest: list[Part] = []
    second: list[Part] = []
    changes: list[Change] = []
    for part in after:
        # Of several with one name, those that say the same belong together.
        if part in waiting[part.kind, part.name]:
            waiting[part.kind, part.name].remove(part)
        else:
            second.append(part)
    for part in second:
        if same := waiting[part.kind, part.name]:
            changes += _details(same.pop(0), part)
        else:
            rest.append(part)
    return [part for parts in waiting.values() for part in parts], rest, changes


def _moved(before: list[Part], after: list[Part]) -> Iterator[Change]:
    def same_words(one: Part, other: Part) -> float:
        return 100.0 * (other.kind in _FAMILY.get(one.kind, ()) and one.name.casefold() == other.name.casefold())

    for was, now in _pairs(before, after, same_words):
        yield Change(now.kind, How.MOVED, was.kind, now.kind, now.name)
        yield from _details(was, now)


def _reworded(before: list[Part], after: list[Part]) -> Iterator[Change]:
    def likeness(one: Part, other: Part) -> float:
        if one.kind != other.kind:
            return 0.0
        if one.kind in _FAMILY:
            return fuzz.ratio(one.name, other.name, score_cutoff=_LEAST_LIKE)
        detail = one.details.get(_RENAMED_BY[one.kind], ())
        return 100.0 * bool(detail and detail == other.details.get(_RENAMED_BY[one.kind]))

    for was, now in _pairs(before, after, likeness):
        yield Change(now.kind, How.REWORDED, was.name, now.name)
        yield from _details(was, now)


def _pairs(before: list[Part], after: list[Part], likeness: Callable[[Part, Part], float]) -> list[tuple[Part, Part]]:
    """Take the most alike out of both lists, pair by pair."""
    first, second = ([part for part in parts if part.kind in _MATCHED] for parts in (before, after))
    if len(first) * len(second) > _MOST_PAIRS:
        return []
    rated = sorted(
        (-score, one, other)
        for one, was in enumerate(first)
        for other, now in enumerate(second)
        if (score := likeness(was, now)) >= _LEAST_LIKE
    )
    pairs: dict[int, int] = {}
    for _, one, other in rated:
        if one not in pairs and other not in pairs.values():
            pairs[one] = other
    for parts, taken in ((before, [first[one] for one in pairs]), (after, [second[other] for other in pairs.values()])):
        for part in taken:
            parts.remove(part)
    return [(first[one], second[other]) for one, other in pairs.items()]


def _short(text: str) -> str:
    line = " ".join(clean(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
