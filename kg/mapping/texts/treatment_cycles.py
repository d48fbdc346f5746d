"""Treatment cycles in a time frame: how long so many of them are."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_cycles"]

_UNIT: Final = "(?P<unit>day|week)s?"
# "21-day cycles", "(each cycle is 28 days)", "cycle 1 (21 days)", "6 cycles (each 21 days)", "1 cycle = 4 weeks".
_LENGTH_BEFORE: Final = re.compile(rf"\b(?P<number>[0-9]{{1,2}})[- ]?{_UNIT}[- ](?:treatment )?(?:cycle|course)s?\b")
_LENGTH_AFTER: Final = re.compile(
    r"(?P<kept>\b(?:[0-9]{1,2} |each |one |every |a |per )?(?:cycle|course)s?(?: [0-9]{1,2})?)(?: lengths?"
    r"| duration)?,? ?(?:\(|is|=|of|was|are|lasts?|:)? ?\(?"
    rf"(?:each |one cycle |a cycle |approximately |about |cycle ?)?(?:is |= ?"
    rf"|of )?(?P<number>[0-9]{{1,2}})[- ]{_UNIT}\b(?! (?:after|post|of)| ?[0-9])(?: each| per cycle)?\)?"
)
_CODED: Final = re.compile(r"\bc([0-9]{1,2}) ?d([0-9]{1,2})\b")
_NUMBERED: Final = re.compile(
    r"\b(?:cycle|course)s? (?P<numbers>[0-9]{1,2}(?: ?(?:,|-|to|and|or|through|&) ?(?:and )?(?:(?:cycle"
    r"|course) )?[0-9]{1,2}\b){0,30})"
)
_COUNTED: Final = re.compile(
    r"\b(?P<number>[0-9]{1,2}|one|two|three|four|six|eight|first|second|third|fourth|sixth)(?:st|nd|rd"
    r"|th)? (?:treatment )?(?:cycle|course)s?\b"
)
_SPELLED: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "six": 6,
    "eight": 8,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "sixth": 6,
}
_DAYS: Final = re.compile(
    r"\bdays? [0-9]{1,2}(?: ?(?:,|-|to|and|through|&) ?(?:and )?[0-9]{1,2}\b){0,30}(?! ?(?:day|week|month|year|hour"
    r"|min))"
)
_WITHIN_A_DAY: Final = re.compile(
    r"[0-9.]+(?: ?(?:,|-|to|and|&) ?[0-9.]{1,5}){0,40}[- ]?(?:hours?|hrs?|h|minutes?|mins?)\b"
)
_NUMBER: Final = re.compile("[0-9]{1,2}")


def without_cycles(plain: str) -> tuple[str, list[tuple[float, str]]]:
    """A time frame without its cycles, and the lengths (number, unit) that they come to.

    Days of a later cycle are points that cannot be told when no length of a cycle is stated: they are left out as well.

    >>> without_cycles("6 cycles (each 21 days)")
    (' ', [(126, 'day')])
    """
    plain = _CODED.sub(r"cycle \1 day \2", plain)
    stated = _LENGTH_BEFORE.search(plain) or _LENGTH_AFTER.search(plain)
    plain = _LENGTH_BEFORE.sub(" cycle ", plain)
    plain = _LENGTH_AFTER.sub(lambda match: match["kept"] + " ", plain)
    numbers = [int(number) for match in _NUMBERED.finditer(plain) for number in _NUMBER.findall(match["numbers"])]
    numbers += [_SPELLED.get(match["number"]) or int(match["number"]) for match in _COUNTED.finditer(plain)]
    last = max(numbers, default=0)
    found: list[tuple[float, str]] = []
    if last > 1 or (last and stated):
        days = [int(number) for match in _DAYS.finditer(plain) for number in _NUMBER.findall(match[0])]
        if stated:
            size, unit = int(stated["number"]), stated["unit"]
            in_days = size * (7 if unit == "week" else 1)
            if days and max(days) <= in_days and "end of" not in plain:
                found.append(((last - 1) * in_days + max(days), "day"))
            else:
                found.append((last * size, unit))
        plain = _DAYS.sub(" ", plain)
        plain = _WITHIN_A_DAY.sub(" ", plain)
    return _COUNTED.sub(" ", _NUMBERED.sub(" ", plain)), found
