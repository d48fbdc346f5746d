"""The duration that a time frame says: its latest point, or the length it states.

"Baseline, week 12 and week 52" says 52 weeks, "up to 2 years" says two years. Points before the start, frequencies
("every 8 weeks"), windows ("±3 days"), ages and recall periods ("the past 4 weeks") are not the end of a time frame.
One that states neither a point nor a length ("until discharge") has no duration. ``docs/texts.md`` has the rules.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from kg.mapping.texts.treatment_cycles import without_cycles
from kg.terms import decimal, duration

__all__ = ["IN_DAYS", "Length", "TimeFrame", "length", "time_frame"]

IN_DAYS: Final = {
    "year": Decimal("365.25"),
    "month": Decimal("30.4375"),
    "week": Decimal(7),
    "day": Decimal(1),
    "hour": Decimal(1) / 24,
    "minute": Decimal(1) / 1440,
}
"""Days in each unit; a year is a mean one, and a month the twelfth part of it."""

_MOST_LETTERS: Final = 600
"""Of characters. The registry allows 254; what is much longer is not read."""
_TOO_MANY_DAYS: Final = 40_000
"""More than a life: a number that is something else."""

_UNITS: Final = {
    word: unit
    for unit, words in {
        "year": "year years yr yrs y",
        "month": "month months mon mons mo mos mth mths",
        "week": "week weeks wk wks w",
        "day": "day days d pod",
        "hour": "hour hours hr hrs h",
        "minute": "minute minutes min mins",
    }.items()
    for word in words.split()
}
_CARDINALS: Final[dict[str, float]] = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve fourteen fifteen sixteen eighteen twenty "
        "thirty forty sixty ninety".split(),
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 30, 40, 60, 90),
        strict=True,
    )
)
_ORDINALS: Final[dict[str, float]] = dict(
    zip("first second third fourth fifth sixth seventh eighth ninth tenth".split(), range(1, 11), strict=True)
)
_SPELLED: Final = _CARDINALS | _ORDINALS
# Of how many smaller units a larger one is: "1 year and 6 months" is a sum, "6 months and 1 year" are two points.
_PARTS: Final = {("year", "month"): 12, ("week", "day"): 7, ("day", "hour"): 24, ("hour", "minute"): 60}

_Point = tuple[float, str]
_DAYS_IN: Final = {unit: float(days) for unit, days in IN_DAYS.items()}

_MARKS: Final = dict.fromkeys(map(ord, "‐‑‒–—−"), "-") | dict.fromkeys(map(ord, "、，"), ",")
_TOKEN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|[^\s\w]")
_NEGATIVE: Final = re.compile(r"(?<![^\s(,;:])-(?=[0-9.])")
_MINUS: Final = "−"
_PLUS_MINUS: Final = re.compile(r"\+ ?/ ?-|\+-|plus ?/ ?minus|plus or minus")
_WINDOW: Final = re.compile(
    r"([0-9] ?)?\(?± ?[0-9]{1,3}(?:\.[0-9]{1,2})?(?: ?- ?[0-9]{1,3})? ?((?:year|month|week|wk|day|hour|hr|min|d\b"
    r"|h\b)[a-z]{0,4})?\)?"
)
_ARTICLE: Final = re.compile(
    r"\b(within|after|for|over|to|during|until|at|of|average|about|approximately) an? (?=(?:year|month|week|day|hour"
    r"|half)\b)"
)
_AND_A_HALF: Final = re.compile(r"\b([0-9]{1,2}|one|two|three) and (?:a|one) half\b")
_HALF: Final = re.compile(r"\b(?:an? |1 |one )?half(?: an?)?[ -](?=year|month|hour)")
_START_IN_BRACKETS: Final = re.compile(r"\b(baseline|screening|enrol+ment|randomi[sz]ation) ?\([^()]{0,80}\)")
_REPEATED_IN_BRACKETS: Final = re.compile(
    r"(?<=[a-z0-9]) ?\((?:[0-9]{1,3}|[a-z]{3,6}(?:[ -][a-z]{3,6})?)\)(?=[ -]?(?:year|month|week|day|hour|min))"
)

_KINDS: Final = {
    **dict.fromkeys(_UNITS, "unit"),
    **dict.fromkeys(_CARDINALS, "number"),
    **dict.fromkeys(_ORDINALS, "ordinal"),
    **dict.fromkeys((",", "-", "/", "&", "~", "to", "and", "or", "through", "thru", "until", "till"), "joining"),
    **dict.fromkeys(("st", "nd", "rd", "th"), "suffix"),
    **dict.fromkeys(("every", "each", "per", "q", "past", "last", "previous", "preceding"), "often"),
    **dict.fromkeys((";", ".", ":", "(", ")", "other"), "break"),
    "m": "m",
    _MINUS: _MINUS,
}
_AGE: Final = frozenset(("pma", "gestation", "gestational", "postmenstrual", "age", "ages", "aged", "old"))
_SUFFIXES: Final = frozenset(("st", "nd", "rd", "th"))
_OF_AN_ORDINAL: Final = frozenset(
    ("postoperative", "post", "operative", "op", "postop", "follow", "up", "study", "full", "calendar")
)
_BEFORE_START: Final = frozenset(
    "before prior preceding previous earlier ago pre predose preop preoperative preoperatively presurgery predialysis "
    "walk".split()
)


class Length(NamedTuple):
    """A length of time in the unit it was stated in."""

    number: Decimal
    unit: str

    @property
    def days(self) -> Decimal:
        """The same in days."""
        return self.number * IN_DAYS[self.unit]


class TimeFrame(NamedTuple):
    """A length as terms: ``xsd:duration``, and days as ``xsd:decimal``."""

    duration: str
    days: str


@lru_cache(maxsize=16_384)
def time_frame(text: str) -> TimeFrame | None:
    """The terms for what a time frame says; None where it says no length.

    >>> time_frame("Baseline, 12 weeks").days, time_frame("until discharge")
    ('"84"^^<http://www.w3.org/2001/XMLSchema#decimal>', None)
    """
    found = _longest(text)
    return _terms(*found) if found else None


def length(text: str) -> Length | None:
    """The length of time that a time frame says, in its own unit; None where it says none.

    >>> length("6 weeks, 3, 6, 12 and 24 months"), length("Day 1 to Day 21"), length("every 8 weeks")
    (Length(number=Decimal('24'), unit='month'), Length(number=Decimal('21'), unit='day'), None)
    """
    found = _longest(text)
    return Length(Decimal(str(found[0])), found[1]) if found else None


def _longest(text: str) -> _Point | None:
    if len(text) > _MOST_LETTERS:
        return None
    plain = _evened(text.lower())
    found: list[_Point] = []
    if "cycle" in plain or "course" in plain or "c1d" in plain or "c2d" in plain:
        plain, found = without_cycles(plain)
    tokens = _TOKEN.findall(plain)
    if not _AGE.isdisjoint(tokens):
        return None
    found += _read(tokens)
    if not found:
        return None
    longest = found[0] if len(found) == 1 else max(found, key=_in_days)
    return longest if 0 < _in_days(longest) < _TOO_MANY_DAYS else None


def _in_days(point: _Point) -> float:
    return point[0] * _DAYS_IN[point[1]]


def _evened(plain: str) -> str:
    """A text without what says the same in other words, and without what is beside the point."""
    if not plain.isascii():
        plain = " ".join(unicodedata.normalize("NFKC", plain).translate(_MARKS).split())
    if "+" in plain or "plus" in plain or "±" in plain:
        plain = _WINDOW.sub(_window, _PLUS_MINUS.sub("±", plain))
    if "-" in plain:
        plain = _NEGATIVE.sub(_MINUS, plain)
    if " a " in plain or " an " in plain:
        plain = _ARTICLE.sub(r"\1 1 ", plain)
    if "half" in plain:
        plain = _HALF.sub("0.5 ", _AND_A_HALF.sub(lambda match: f"{_value(match[1])}.5", plain))
    if "(" in plain:
        plain = _START_IN_BRACKETS.sub(r"\1", _REPEATED_IN_BRACKETS.sub("", plain))
    return plain


def _window(match: re.Match[str]) -> str:
    # "14 ± 2 days" is a point with a window; "(± 2 days)" belongs to a point that has its unit.
    return f"{match[1]} {match[2] or ''}" if match[1] else " "


def _value(token: str) -> float:
    if token.isdecimal():
        return int(token)
    return float(token) if token[0].isdigit() else _SPELLED[token]


def _read(tokens: list[str]) -> list[_Point]:
    """The points and lengths that tokens say, from left to right.

    Numbers are kept until it is clear what unit they have: the one after them ("3, 6 and 12 months"), or the one before
    them ("weeks 4, 8 and 12").
    """
    found: list[_Point] = []
    numbers: list[float] = []
    unit_before = ""
    last: str | None = ""
    often = ordinal = single = False
    following = iter([*tokens[1:], " "])
    for word in tokens:
        then = next(following)
        kind = _KINDS.get(word)
        if kind is None and word[0].isdigit():
            kind, ordinal = "number", then in _SUFFIXES
        elif kind == "ordinal":
            kind, ordinal = "number", True
        if kind is None or kind == "break":
            if kind is None and ordinal and last == "number" and word in _OF_AN_ORDINAL:
                continue
            if numbers:
                if unit_before:
                    found.append((max(numbers), unit_before))
                numbers.clear()
            elif word == ":":
                continue
            unit_before, often, single = "", word == "other" and often, False
        elif kind == "number":
            if last == _MINUS:
                last = ","
                continue
            if last == "number":
                if unit_before:
                    found.append((max(numbers), unit_before))
                    unit_before = ""
                numbers.clear()
            numbers.append(_value(word))
        elif kind == "unit" or (kind == "m" and then[0].isdigit() and last != "number"):
            unit = _UNITS.get(word, "month")
            if often:
                numbers.clear()
                unit_before, often = "", False
            elif numbers and (
                (last == "number" and not (unit_before and then[0].isdigit())) or (last == "-" and not unit_before)
            ):
                single = _take(found, numbers, unit_before, unit, then, single)
                unit_before = ""
            else:
                if numbers and unit_before:
                    found.append((max(numbers), unit_before))
                numbers.clear()
                unit_before = unit
        elif kind == "often":
            numbers.clear()
            unit_before, often, single = "", True, False
        elif kind == "suffix" or (ordinal and word == "-"):
            continue
        elif word != "and":
            single = False
        last = kind if kind != "joining" else word
    if numbers and unit_before:
        found.append((max(numbers), unit_before))
    return found


def _take(found: list[_Point], numbers: list[float], before: str, unit: str, then: str, after_single: bool) -> bool:
    """Give numbers the unit that follows; returns whether it was one number, to which a smaller unit can be added."""
    if before and before != unit and len(numbers) > 1:
        # Of several numbers between two units, the larger unit has one: "week 4, 6 months", "day 1, 2 and 4 hours".
        kept = numbers[-1:] if _DAYS_IN[unit] > _DAYS_IN[before] else numbers[1:]
        found.append((max(numbers[: len(numbers) - len(kept)]), before))
        numbers[:] = kept
    number, single = max(numbers), len(numbers) == 1 and not before
    numbers.clear()
    if then in _BEFORE_START:
        return False
    parts = _PARTS.get((found[-1][1], unit), 0) if after_single and single and found else 0
    if number < parts:
        whole = found.pop()[0]
        found.append((whole * parts + number, unit))
    else:
        found.append((number, unit))
    return single


@lru_cache(maxsize=4096)
def _terms(number: float, unit: str) -> TimeFrame:
    found = Length(Decimal(str(number)), unit)
    return TimeFrame(_duration(found), decimal(round(found.days, 4)))


def _duration(found: Length) -> str:
    """A length as ``xsd:duration``; a part of a month is counted in days."""
    number, unit = found
    if unit == "year" and number * 12 % 1 == 0:
        number, unit = number * 12, "month"
    if unit in ("year", "month"):
        return duration(months=int(number)) if number % 1 == 0 else duration(days=round(found.days))
    return duration(minutes=round(found.days * 1440))
