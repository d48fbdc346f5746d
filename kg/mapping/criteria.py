"""The criteria text of a record parted into inclusion and exclusion criteria.

Registrants write it freely. What is wrong worse than too little is a criterion on the wrong side, so every line that
reads as a heading ends the side before it, and one that names both sides at once begins neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kg.terms import clean

__all__ = ["Criteria", "split_criteria"]

_MARKS: Final = r"[\s*#>•·\-_\d.)\\]*"
_CRITERIA: Final = r"criteri(?:a|on|um)"
_HEADING: Final = re.compile(
    _MARKS
    + r"(?:(?:key|main|major|general|principal|additional|other|patient|subject|participant|study)\s+){0,3}"
    + rf"((?:inclusion|exclusion)s?(?:\s+{_CRITERIA})?\b[^:\n]{{0,60}}?(?:{_CRITERIA}\b[^:\n]{{0,60}}?)?)"
    + r"\s*[:：]\s*[*_]*(.*)",
    re.IGNORECASE,
)
_BARE_HEADING: Final = re.compile(
    _MARKS + rf"(?:(?:key|main|major|general)\s+)?((?:inclusion|exclusion)\s+{_CRITERIA})[\s*_.]*()", re.IGNORECASE
)
_OPENING: Final = re.compile(r"((?:inclusion|exclusion)\s+criteri\w*)[\s.]*(.*)", re.IGNORECASE)
_PREFIXED: Final = re.compile(r"\s*(?:\S+\s+){1,4}((?:Inclusion|Exclusion) Criteria)\s*:\s*(.*)")
_SIDE: Final = re.compile(r"\b(?:(?P<non>non)[- ]?)?(?P<side>inclusion|exclusion)s?\b", re.IGNORECASE)
_REFUSAL: Final = re.compile(
    r"\b(?:ineligible|excluded|prohibited|cannot|(?:may|should|will|can|must|are|is) not(?! limited))\b", re.IGNORECASE
)
_STATEMENT: Final = re.compile(
    r"\b(?:apply|applies|applied|applicable|may|must|will|be|is|are|was|were|meets?|meeting|met|see)\b", re.IGNORECASE
)
_WITHIN_LINE: Final = re.compile(r"\s+(?=(?:Inclusion|Exclusion) Criteria\s*:)")
_AT_END: Final = re.compile(
    r"(.*?(\w+)\W*)\s((?:(?:Key|Main|Major|General|Other|Additional) )?(?:Inclusion|Exclusion)(?: Criteria)?)[\s:]*"
)
_LEADING_IN: Final = re.compile(r".*\bfollowing\b.*\bcriteria\b[^.]*:\s*", re.IGNORECASE)
# The patterns take time in proportion to the square of such a gap.
_LONG_GAP: Final = re.compile(r"(?<=\S)\s{9,}")
_REFERRING: Final = frozenset(
    "of the all any no not these those meet meets met following other study to and or".split()
)
_LONGEST_LINE: Final = 1_000
"""A longer line is no heading; the patterns take time in proportion to its square."""
_LONGEST_TITLE: Final = 12
_LONGEST_PREFIX: Final = 4
_ITEM: Final = re.compile(r"(\s*)(?:\\?[*•·▪◦‣○●■–—-]|\(?\d{1,2}\\?[.)]|\(?[a-z]\\?[.)]|\(?[ivx]{1,4}\\?[.)])\s*(?=\S)")


class Criteria(NamedTuple):
    """The criteria of a text, in order; both empty where the text has no headings to part it by."""

    inclusion: Sequence[str]
    exclusion: Sequence[str]


class _Heading(NamedTuple):
    """A line that begins a side: which (``""`` where it names both), and what else it says."""

    side: str
    rest: str


_USUAL: Final = {f"{side.capitalize()} Criteria:": _Heading(side, "") for side in ("inclusion", "exclusion")}


def split_criteria(text: str) -> Criteria:
    r"""The inclusion and exclusion criteria of a registry text.

    A criterion begins at a bullet or number that stands no deeper than the first one under its heading, or,
    where the heading has no bullets under it, at each paragraph; deeper items and further lines belong to it.
    A criterion never moves from one side to the other, and nothing before the first heading is a criterion.

    >>> split_criteria("Inclusion Criteria:\n\n* Adult\n  * Over 18\n\nExclusion Criteria:\n\n* Pregnant")
    Criteria(inclusion=['Adult\n* Over 18'], exclusion=['Pregnant'])
    """
    sides: dict[str, list[str]] = {"": [], "inclusion": [], "exclusion": []}
    side = ""
    block: list[str] = []
    found: list[tuple[str, _Heading | None]]
    for whole in clean(text).split("\n"):
        speaks = "clusion" in whole or "CLUSION" in whole
        # Hardly any line is a heading, and each that is says so or leads in what follows.
        if len(whole) > _LONGEST_LINE or not (speaks or whole.endswith(":")):
            block.append(whole)
            continue
        if whole in _USUAL:
            found = [(whole, _USUAL[whole])]
        elif speaks:
            found = [(line, _heading(line)) for line in _lines(_LONG_GAP.sub(" ", whole))]
        else:
            found = [(whole, _leading_in(whole, side))]
        for line, heading in found:
            if heading is None:
                block.append(line)
            else:
                sides[side] += _items(block)
                side = heading.side
                block = [heading.rest] if heading.rest else []
    sides[side] += _items(block)
    return Criteria(sides["inclusion"], sides["exclusion"])


def _lines(line: str) -> Iterator[str]:
    """A line, broken before a heading that someone ran on."""
    start = 0
    for match in _WITHIN_LINE.finditer(line) if "clusion Criteria" in line else ():
        if len(line[start : match.start()].split()) > _LONGEST_PREFIX:
            yield line[start : match.start()]
            start = match.end()
    part = line[start:]
    ending = _AT_END.fullmatch(part) if part.rstrip(" :").endswith(("clusion", "clusion Criteria")) else None
    if not ending or ending[2].lower() in _REFERRING:
        yield part
        return
    item = _ITEM.match(part)
    before = ending[1][item.end() :] if item else ending[1]
    if not item and len(part.split()) <= _LONGEST_TITLE:
        yield part
        return
    # "* Part 1: Exclusion Criteria:" is a title with a bullet; "* Reads English Exclusion Criteria" a run-on one.
    if len(before.split()) > 1 and ":" not in before:
        yield ending[1]
    yield ending[3]


def _leading_in(line: str, current: str) -> _Heading | None:
    """The heading that a sentence without either word is: *Patients must meet all of the following criteria:*."""
    if _ITEM.match(line) or not _LEADING_IN.fullmatch(line):
        return None
    refused = _REFUSAL.search(line) is not None
    return _Heading("exclusion" if refused else "inclusion", "") if refused or not current else None


def _heading(line: str) -> _Heading | None:
    """The heading that a line with one of the two words is, if it is one."""
    match = _HEADING.fullmatch(line) or _BARE_HEADING.fullmatch(line)
    # A line of a criterion may speak of exclusion too; a heading says "criteria" or next to nothing else.
    if match and ("criteri" in line.lower() or len(line.split()) <= 4):
        return _Heading(_named(match[1]), match[2])
    if _ITEM.match(line):
        return None
    opening = _OPENING.fullmatch(line.strip()) or _PREFIXED.fullmatch(line)
    if opening:
        head, rest = opening.groups()
        # "Exclusion criteria for part B" is a title; "Exclusion Criteria Pregnant women" says a criterion.
        return _Heading(_named(head), rest if rest[:1].isupper() or rest[:1].isdigit() else "")
    head, colon, rest = line.partition(":")
    if colon and not rest.strip() and ("criteri" in head.lower() or len(head.split()) <= 6) and _SIDE.search(head):
        side = "exclusion" if _REFUSAL.search(head) else _named(head)
        # A sentence that names both sides leads in what follows on the side it stands on.
        return _Heading(side, "") if side or not _STATEMENT.search(head) else None
    return _Heading(_named(line), "") if not colon and _is_title(line) else None


def _is_title(line: str) -> bool:
    count = len(line.split())
    return (
        count <= (_LONGEST_TITLE if "criteri" in line.lower() else 3)
        and not _ITEM.match(line)
        and not line.rstrip().endswith((".", ",", ";"))
        and _SIDE.search(line) is not None
        and _STATEMENT.search(line) is None
    )


def _named(head: str) -> str:
    """The side that a heading names; ``""`` where it names both."""
    sides = {"exclusion" if match["non"] else match["side"].lower() for match in _SIDE.finditer(head)}
    return sides.pop() if len(sides) == 1 else ""


def _item_start(line: str) -> int:
    """Where the text of an item begins after its bullet or number; 0 where the line begins no item."""
    match = _ITEM.match(line)
    return match.end() if match else 0


def _items(block: Sequence[str]) -> list[str]:
    items: list[list[str]] = []
    depth = -1
    after_gap = True
    for line in block:
        if not line.strip():
            after_gap = True
            continue
        indent = len(line) - len(line.lstrip())
        # Nearly every item of the registry begins with this bullet.
        start = indent + 2 if line.startswith("* ", indent) else _item_start(line)
        item = start > 0
        if item and (depth < 0 or indent <= depth):
            depth = max(depth, indent)
            items.append([line[start:].strip()])
        elif not item and depth < 0 and (after_gap or not items):
            items.append([line.strip()])
        elif items:
            items[-1].append(line.strip())
        else:
            items.append([line.strip()])
        after_gap = False
    return [text for lines in items if (text := "\n".join(lines).strip())]
