"""The criteria text of a record parted into inclusion and exclusion criteria, with what is nested in them.

Registrants write it freely. What is wrong worse than too little is a criterion on the wrong side, so every line that
reads as a heading ends the side before it, and what no heading or only one that names both sides stands above is of
no side. ``docs/eligibility.md`` says the rules in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from kg.mapping.criteria_headings import ITEM, USUAL, headings, may_be_heading

__all__ = ["Criteria", "Criterion", "split_criteria"]

_Line = tuple[int, str]
"""The number of a line in the text, from 0, and the line."""
_DEEPEST: Final = 4
"""What is nested deeper is text of the item above it."""
_FEWEST: Final = 2
"""So many items without a heading above them are clearly a list."""
_LEADS_IN: Final = re.compile(
    r"\b(?:following|below|either|(?:one|two|any|all|both|more|none) of|at least|defined|includ(?:es?|ed|ing)|such as"
    r"|must|have|has|is|are|was|were|be|may|not|no|(?:with|who|whom|of|if|requires?)\W*$)\b",
    re.IGNORECASE,
)
"""What makes of a line before others a criterion, which they detail, and not only a title."""
_LONGEST_TITLE: Final = 8
_SHORT_TITLE: Final = 5
_PEOPLE: Final = (
    r"\b(?:patients?|subjects?|participants?|individuals?|candidates?|volunteers?|persons?|people|women|men)\b"
)
_INTRODUCTION: Final = re.compile(
    rf"(?=.*{_PEOPLE})(?=.*\b(?:following|below|these|criteria)\b).*:"
    rf"|(?:all |any )?{_PEOPLE}(?: \w+)? (?:with|who|that|having|must|should)\s*:",
    re.IGNORECASE,
)
"""What stands before all criteria of a side and is none."""
_WHOLE_LIST: Final = re.compile(
    rf"(?=.*{_PEOPLE}).*\b(?:all|any|none|each|one or more)\b.*\bfollowing\b.*\bcriteria\b.*:", re.IGNORECASE
)
_NONE: Final = frozenset(
    "none|n/a|na|nil|not applicable|not specified|see disease characteristics|see patient characteristics".split("|")
)
"""Items that say that there are no criteria, or none here."""
_LONGEST_NONE: Final = 29
_ELSEWHERE: Final = re.compile(
    r"(?:note\W+)?(?:there (?:are|may be) )?(?:other|further|additional|more) (?:[\w-]+ )?"
    r"(?:(?:inclusion|exclusion)\s?(?:/|and|or)?\s?(?:exclusion|inclusion)? )?criteria "
    r"(?:may |could |will |also |can )*"
    r"(?:appl(?:y|ies|ied)|exist|be applied)\b.*",
    re.IGNORECASE,
)
"""Items that refer to criteria elsewhere."""
_MARKS: Final = frozenset("*-0123456789 ")
_NUMBER: Final = re.compile(r"\d{1,2}[.)] ")


class Criterion(msgspec.Struct, frozen=True, gc=False):
    """One criterion, or an item nested in one.

    Attributes:
        text: the whole of it, what is nested in it included; the bullet or number that it begins with is not.
        own: the same without what is nested in it.
        parts: what is nested in it, in order.
        line: the number of the line on which it begins, from 0.
    """

    text: str
    own: str
    parts: tuple[Criterion, ...]
    line: int


class Criteria(NamedTuple):
    """The criteria of a text, in order; what the text puts on no side is ``unstated``."""

    inclusion: Sequence[Criterion]
    exclusion: Sequence[Criterion]
    unstated: Sequence[Criterion]


def split_criteria(text: str) -> Criteria:
    r"""The inclusion and exclusion criteria of a registry text.

    A criterion begins at a bullet or number that stands no deeper than the first one under its heading, or,
    where the heading has no bullets under it, at each paragraph; deeper items are nested in it, and further lines
    belong to it. A criterion never moves from one side to the other.

    Args:
        text: the text as :func:`kg.terms.clean` leaves it.

    >>> found = split_criteria("Inclusion Criteria:\n\n* Adult\n  * Over 18\n\nExclusion Criteria:\n\n* Pregnant")
    >>> [(one.own, [part.own for part in one.parts]) for one in found.inclusion], found.exclusion[0].text
    ([('Adult', ['Over 18'])], 'Pregnant')
    """
    sides: dict[str, list[Criterion]] = {"inclusion": [], "exclusion": [], "unstated": [], "neither": []}
    side = ""
    block: list[_Line] = []
    has_capitals = "CLUSION" in text
    for entry in enumerate(text.split("\n")):
        line = entry[1]
        # Hardly any line is a heading. One with a mark says which side it begins.
        if not line or not (
            "clusi" in line
            or line[-1] == ":"
            or (line[0] not in _MARKS and may_be_heading(line))
            or (has_capitals and "CLUSION" in line)
        ):
            block.append(entry)
        elif line in USUAL:
            _close(sides, side, block)
            side, block = USUAL[line].side, []
        else:
            for part, heading in headings(line, side):
                if heading is None:
                    block.append((entry[0], part))
                else:
                    _close(sides, side, block)
                    side = heading.side
                    block = [(entry[0], heading.rest)] if heading.rest else []
    _close(sides, side, block)
    return Criteria(sides["inclusion"], sides["exclusion"], sides["unstated"])


def _close(sides: dict[str, list[Criterion]], side: str, block: Sequence[_Line]) -> None:
    """Put the criteria of a block of lines on their side."""
    if side:
        sides[side] += _without_introduction(_plain_list(block) or _top_level(block))
    elif sum(1 for _, line in block if _starts(line)) >= _FEWEST:
        # Before any heading only a list is clearly one of criteria.
        sides["unstated"] += _without_introduction(_top_level(block, only_items=True))


def _starts(line: str) -> int:
    """Where the text of an item begins after its bullet or number; 0 where the line begins no item."""
    # Nearly every item of the registry begins with this bullet.
    if line.startswith("* "):
        return 2
    match = ITEM.match(line)
    return match.end() if match else 0


def _plain_list(block: Sequence[_Line]) -> list[Criterion]:
    """The criteria of lines that are all bullets or all numbers at no depth, as most are; empty for others."""
    found: list[Criterion] = []
    numbered = None
    for number, line in block:
        if not line:
            continue
        if line[0] == "*" and line[1:2] == " " and not numbered:
            numbered = False
            text = line[2:].strip()
        elif numbered is not False and (match := _NUMBER.match(line)):
            numbered = True
            text = line[match.end() :].strip()
        else:
            return []
        if text and not ((len(text) < _LONGEST_NONE or "criteria " in text) and _says_nothing(text)):
            found.append(Criterion(text, text, (), number))
    return found


def _top_level(block: Sequence[_Line], *, only_items: bool = False) -> list[Criterion]:
    """The criteria of the lines under one heading."""
    found: list[tuple[int, list[_Line]]] = []
    level = _Level()
    after_gap = True
    in_paragraph = False
    for place, (number, line) in enumerate(block):
        if not line or line.isspace():
            after_gap = True
            continue
        start = _starts(line)
        if start:
            if (level.begins_item(line, start) and not in_paragraph) or not found:
                found.append((start, [(number, line)]))
            else:
                found[-1][1].append((number, line))
        else:
            role = _role(line, block, place, is_first=not found) if after_gap else ""
            if role == "title":
                level, in_paragraph = _Level(), False
            elif not only_items and (
                not found or (after_gap and (level.depth < 0 or in_paragraph or role == "lead-in"))
            ):
                # "Adults with one of:", then bullets: they are its items, and the next paragraph is another criterion.
                in_paragraph = role == "lead-in"
                level = _Level()
                found.append((0, [(number, line)]))
            elif found:
                found[-1][1].append((number, line))
                level.before = line
        after_gap = False
    return [one for start, lines in found if (one := _criterion(start, lines, 1)).text and not _says_nothing(one.text)]


def _says_nothing(text: str) -> bool:
    if len(text) < _LONGEST_NONE:
        return text.lower().rstrip(".") in _NONE
    return "criteria " in text and _ELSEWHERE.fullmatch(text) is not None


def _without_introduction(found: list[Criterion]) -> list[Criterion]:
    """The criteria without a first item that only says that what follows are the criteria."""
    if not found or found[0].own[-1] != ":":
        return found
    first = found[0]
    if len(found) == 1 and len(first.parts) >= _FEWEST and _INTRODUCTION.fullmatch(first.own):
        return list(first.parts)
    return found[1:] if len(found) > _FEWEST and not first.parts and _WHOLE_LIST.fullmatch(first.own) else found


class _Level:
    """What begins an item at one level of a list: marks of one kind, no deeper than the first."""

    def __init__(self) -> None:
        self.depth = -1
        self.before = ""
        self._kind = ""
        self._is_within = False

    def begins_item(self, line: str, start: int) -> bool:
        """Whether a line with a mark begins an item of this level, and not one nested in the item before."""
        mark = line[:start]
        bare = mark.lstrip()
        indent = len(mark) - len(bare)
        before, self.before = self.before, line
        if self.depth < 0:
            self.depth, self._kind = indent, _kind(bare)
            return True
        if indent > self.depth:
            return False
        if indent == self.depth and (bare[:1] != self._kind or bare[1:2] == "."):
            kind = _kind(bare)
            # "1. One of:", then bullets that stand no deeper.
            if kind != self._kind and (self._is_within or before.rstrip().endswith(":") or kind == "1.1"):
                self._is_within = True
                return False
        self._is_within = False
        return True


def _kind(mark: str) -> str:
    """What a mark is: ``1``, ``1.1``, ``a``, or the bullet itself."""
    bare = mark.strip(" ().\\")
    if bare[:1].isdigit():
        return "1.1" if "." in bare else "1"
    return "a" if bare[:1].isalpha() else mark[:1]


def _role(line: str, block: Sequence[_Line], place: int, *, is_first: bool) -> str:
    """What a line without a mark after a gap is for those under it: ``title``, ``lead-in``, or ``""`` for neither."""
    bare = line.strip()
    if bare.endswith((".", ",", ";")):
        return ""
    count = len(bare.split())
    ends_open = bare.endswith(":")
    if count <= _LONGEST_TITLE and bare.isupper() and len(bare) > _FEWEST:
        return "title"
    following = next((block[n][1] for n in range(place + 1, len(block)) if block[n][1].strip()), "")
    if not following:
        return ""
    leads_in = _LEADS_IN.search(bare) is not None
    if not _starts(following):
        return "title" if ends_open and count <= _SHORT_TITLE and not leads_in else ""
    if is_first and ends_open and _INTRODUCTION.fullmatch(bare):
        return "title"
    if not leads_in and count <= (_LONGEST_TITLE if ends_open else _SHORT_TITLE):
        return "title"
    return "lead-in" if ends_open or "ollowing" in bare or count <= _SHORT_TITLE else ""


def _criterion(start: int, lines: Sequence[_Line], depth: int) -> Criterion:
    """An item of its lines, of which the first has a mark up to ``start``."""
    number, first = lines[0]
    first = first[start:].strip()
    if len(lines) == 1:
        return Criterion(first, first, (), number)
    text = "\n".join([first, *(line.strip() for _, line in lines[1:])])
    nested = next((n for n in range(1, len(lines)) if _starts(lines[n][1])), len(lines)) if depth < _DEEPEST else 0
    if not nested or nested == len(lines):
        return Criterion(text, text, (), number)
    own = "\n".join([first, *(line.strip() for _, line in lines[1:nested])])
    return Criterion(text, own, tuple(_nested(lines[nested:], depth + 1)), number)


def _nested(lines: Sequence[_Line], depth: int) -> list[Criterion]:
    found: list[tuple[int, list[_Line]]] = []
    level = _Level()
    for number, line in lines:
        start = _starts(line)
        if start and level.begins_item(line, start):
            found.append((start, [(number, line)]))
        else:
            found[-1][1].append((number, line))
            level.before = line
    return [_criterion(start, own, depth) for start, own in found if own[0][1][start:].strip()]
