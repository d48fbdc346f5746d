"""Eligibility: ages, sex, and the criteria text parted into inclusion and exclusion criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from kg.mapping.draft import Draft, prop
from kg.study import Eligibility
from kg.terms import RDF_TYPE, boolean, clean, decimal, duration, integer, string

__all__ = ["Criteria", "add_eligibility", "split_criteria"]

_ELIGIBILITY = prop("tkg:eligibility")
_ELIGIBILITY_CLASS = prop("tkg:Eligibility")
_CRITERIA_TEXT = prop("tkg:criteriaText")
_CRITERION_CLASS = prop("tkg:Criterion")
_POSITION = prop("tkg:position")
_DESCRIPTION = prop("dcterms:description")
_SEX = prop("tkg:sex")
_HEALTHY = prop("tkg:acceptsHealthyVolunteers")
_STANDARD_AGE = prop("tkg:standardAge")
_SIDES: Final = (
    ("inclusion", prop("tkg:inclusionCriterion")),
    ("exclusion", prop("tkg:exclusionCriterion")),
)
_AGES: Final = (
    ("minimum_age", prop("tkg:minimumAge"), prop("tkg:minimumAgeYears")),
    ("maximum_age", prop("tkg:maximumAge"), prop("tkg:maximumAgeYears")),
)

_AGE: Final = re.compile(r"([0-9]{1,5})\s+(Year|Month|Week|Day|Hour|Minute)s?", re.IGNORECASE)
_IN_A_YEAR: Final = {"year": "1", "month": "12", "week": "52.1775", "day": "365.2425", "hour": "8765.82",
                     "minute": "525949.2"}  # fmt: skip
_HEADING: Final = re.compile(
    r"[\s*#>•·\-_\d.)]*(?:(?:key|main|major|general|principal|additional|other|patient|subject|participant|study)\s+){0,3}"
    r"(inclusion|exclusion)s?(?:\s+criteri(?:a|on|um))?\b[^:\n]{0,60}?(?:criteri(?:a|on|um)\b[^:\n]{0,60}?)?\s*[:：]\s*[*_]*(.*)",
    re.IGNORECASE,
)
_BARE_HEADING: Final = re.compile(
    r"[\s*#>•·\-_\d.)]*(?:(?:key|main|major|general)\s+)?(inclusion|exclusion)\s+criteri(?:a|on|um)[\s*_.]*",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r"(\s*)(?:[*•·▪◦‣○●■–—-]|\(?\d{1,2}[.)]|\(?[a-z][.)]|\(?[ivx]{1,4}[.)])\s*(?=\S)")


class Criteria(NamedTuple):
    """The criteria of a text, in order; both empty where the text has no headings to part it by."""

    inclusion: Sequence[str]
    exclusion: Sequence[str]


def add_eligibility(draft: Draft, module: Eligibility) -> None:
    """Statements on who may take part; none when the record says nothing about it."""
    if module == Eligibility():
        return
    node = f"<{draft.iri}/eligibility>"
    draft.statements += ((draft.study, _ELIGIBILITY, node), (node, RDF_TYPE, _ELIGIBILITY_CLASS))
    for field, exact, years in _AGES:
        text = getattr(module, field)
        terms = _age(text) if text else None
        if terms:
            draft.statements += ((node, exact, terms[0]), (node, years, terms[1]))
        elif text and text.strip().upper() not in ("N/A", "NONE"):
            draft.notes.append(f"{text!r} is not an age (expected a number and Years, Months, Weeks, Days, …)")
    draft.code(node, _SEX, "sex", module.sex)
    draft.add(node, _HEALTHY, boolean(module.healthy_volunteers))
    for age in dict.fromkeys(module.std_ages):
        draft.code(node, _STANDARD_AGE, "standard-age", age)
    if not module.eligibility_criteria:
        return
    draft.text(node, _CRITERIA_TEXT, module.eligibility_criteria)
    criteria = split_criteria(module.eligibility_criteria)
    for (side, predicate), texts in zip(_SIDES, criteria, strict=True):
        for position, text in enumerate(texts, 1):
            item = f"<{draft.iri}/eligibility/{side}/{position}>"
            draft.statements += (
                (node, predicate, item),
                (item, RDF_TYPE, _CRITERION_CLASS),
                (item, _POSITION, integer(position)),
                (item, _DESCRIPTION, string(text)),
            )


@lru_cache(maxsize=4096)
def _age(text: str) -> tuple[str, str] | None:
    match = _AGE.fullmatch(text.strip())
    if not match:
        return None
    number, unit = int(match[1]), match[2].lower()
    exact = duration(days=number * 7) if unit == "week" else duration(**{unit + "s": number})
    return exact, decimal(round(Decimal(number) / Decimal(_IN_A_YEAR[unit]), 4))


def split_criteria(text: str) -> Criteria:
    r"""The inclusion and exclusion criteria of a registry text.

    A criterion begins at a bullet or number that stands no deeper than the first one under its heading, or,
    where the heading has no bullets under it, at each paragraph; deeper items and further lines belong to it.
    A criterion never moves from one side to the other, and nothing before the first heading is a criterion.

    >>> split_criteria("Inclusion Criteria:\n\n* Adult\n  * Over 18\n\nExclusion Criteria:\n\n* Pregnant")
    Criteria(inclusion=['Adult\n* Over 18'], exclusion=['Pregnant'])
    """
    sides: dict[str, list[str]] = {"inclusion": [], "exclusion": []}
    side = ""
    block: list[str] = []
    for line in clean(text).split("\n"):
        heading = ("clusion" in line or "CLUSION" in line) and (
            _HEADING.fullmatch(line) or _BARE_HEADING.fullmatch(line)
        )
        if heading and _is_heading(line):
            if side:
                sides[side] += _items(block)
            side = heading[1].lower()
            rest = heading[2] if heading.lastindex and heading.lastindex > 1 else ""
            block = [rest] if rest else []
        else:
            block.append(line)
    if side:
        sides[side] += _items(block)
    return Criteria(sides["inclusion"], sides["exclusion"])


def _is_heading(line: str) -> bool:
    """A line of a criterion may speak of exclusion too; a heading is short or begins with the word."""
    return "criteri" in line.lower() or len(line.split()) <= 4


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
