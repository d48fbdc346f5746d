"""The lists of a registry page: arms with their interventions, and sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from kg.sources.ctgov_page.words import ARM_TYPES, INTERVENTION_TYPES, ROLES, SITE_STATUS, code, squeezed
from kg.study import Arm, ArmsInterventions, Intervention, Location

__all__ = ["SiteLine", "arms_interventions", "sites"]

_TYPE = "|".join(INTERVENTION_TYPES)
_NAMED = re.compile(rf"(?:^|(?<=\s))({_TYPE}): ")
_OWN_LINE = re.compile(rf"^({_TYPE}): (.+)$", re.MULTILINE)
_OTHER_NAMES = re.compile(r"(?:^|(?<=\s))Other Names?:\s*")
_ARM = re.compile(rf"({'|'.join(ARM_TYPES)}): (.+)")
_PERSON = re.compile(rf"(?:contact|{'|'.join(sorted(ROLES))})\b[^:]*:", re.IGNORECASE)
_LONGEST = 300
"""Longer lines are no names and no addresses; the bound keeps the work on a made-up page small."""
_LOOKAHEAD = 8
"""A group of sites begins with its country; its first address follows within so many lines (contacts between)."""


def arms_interventions(listed: str, rows: Iterable[Sequence[str]]) -> ArmsInterventions:
    """Arms and interventions.

    Args:
        listed: the interventions of the table of conditions. Where a converter has run name and description
            together, this table alone tells where a name ends.
        rows: the rows of the table of arms: the arm, and what is given in it.
    """
    interventions = {f"{one.type}: {one.name}": one for one in _listed(listed)}
    arms = []
    for row in rows:
        lines = row[0].split("\n")
        typed = _ARM.fullmatch(lines[0])
        label = typed[2] if typed else lines[0]
        given = _given(row[1] if len(row) > 1 else "", interventions)
        for name, one in given.items():
            known = interventions.setdefault(name, Intervention(type=one.type, name=one.name))
            known.description = known.description or one.description
            known.other_names += [other for other in one.other_names if other not in known.other_names]
            known.arm_group_labels.append(label)
        arms.append(
            Arm(
                label=label,
                type=code(typed[1]) if typed else None,
                description="\n".join(lines[1:]) or None,
                intervention_names=list(given),
            )
        )
    for one in interventions.values():
        one.type = code(one.type or "")
    return ArmsInterventions(arm_groups=arms, interventions=list(interventions.values()))


def _listed(cell: str) -> list[Intervention]:
    """The interventions of a cell, each ``Type: name``, on lines of their own or run together."""
    starts = [match.start() for match in _NAMED.finditer(cell)]
    found = (cell[start:end].partition(": ") for start, end in pairwise([*starts, len(cell)]))
    return [Intervention(type=type_, name=squeezed(name)) for type_, _, name in found]


def _given(cell: str, names: Mapping[str, Intervention]) -> dict[str, Intervention]:
    """What an arm is given, by ``Type: name``."""
    starts: dict[int, tuple[int, str]] = {}
    lengths = sorted({len(name) for name in names if len(name) <= _LONGEST}, reverse=True)
    for match in _NAMED.finditer(cell):
        start = match.start()
        for end in (start + length for length in lengths):
            if cell[start:end] in names and not cell[end : end + 1].strip():
                starts[start] = (end, cell[start:end])
                break
    for match in _OWN_LINE.finditer(cell):
        starts.setdefault(match.start(), (match.end(), match[0]))
    given: dict[str, Intervention] = {}
    for start, following in pairwise([*sorted(starts), len(cell)]):
        end, name = starts[start]
        description, *others = _OTHER_NAMES.split(cell[end:following])
        type_, _, bare = name.partition(": ")
        given.setdefault(
            name,
            Intervention(
                type=type_,
                name=bare,
                description=_lines(description) or None,
                other_names=[line for other in others for line in _lines(other).split("\n") if line],
            ),
        )
    return given


def _lines(text: str) -> str:
    return "\n".join(squeezed(line) for line in text.split("\n") if line.strip())


class SiteLine(NamedTuple):
    """A line of the list of sites, and the recruitment status beside it, if any."""

    text: str
    status: str | None = None

    @classmethod
    def of(cls, cells: Sequence[str]) -> list[SiteLine]:
        """The lines of a row; a status in a later cell belongs to the first line."""
        filled = [cell for cell in cells if cell]
        status = next((cell for cell in filled[1:] if cell.casefold() in SITE_STATUS), None)
        lines = filled[0].split("\n") if filled else []
        return [cls(line, status if number == 0 else None) for number, line in enumerate(lines)]


class _Group(NamedTuple):
    country: str
    state: str | None


def sites(lines: Sequence[SiteLine]) -> list[Location]:
    """The sites among lines: below a line with the country (and state), facility and address of each site.

    The list needs no heading to be found: a line is the head of a group when an address that ends in it follows.

    >>> found = sites([SiteLine(line) for line in ("Canada, Ontario", "Clinic", "Ottawa, Ontario, Canada, K1A")])
    >>> found[0].city, found[0].state, found[0].zip
    ('Ottawa', 'Ontario', 'K1A')
    """
    found: list[Location] = []
    group: _Group | None = None
    facility: SiteLine | None = None
    for number, line in enumerate(lines):
        if _PERSON.match(line.text):
            continue
        if facility and line.text.casefold() in SITE_STATUS:
            facility = facility._replace(status=line.text)
            continue
        site = _address(line.text, group) if group else None
        if site and group:
            site.country = group.country
            if facility:
                site.facility = facility.text
                site.status = code(facility.status) if facility.status else None
            found.append(site)
            facility = None
        elif head := _group(line.text, lines[number + 1 : number + 1 + _LOOKAHEAD]):
            group, facility = head, None
        else:
            facility = line
    return found


def _group(text: str, following: Sequence[SiteLine]) -> _Group | None:
    """The country that a line names, when an address in it follows."""
    if len(text) > _LONGEST:
        return None
    candidates = [_Group(text, None)]
    candidates += [_Group(text[: at.start()], text[at.end() :]) for at in re.finditer(", ", text)]
    for line in following:
        for candidate in candidates:
            if line.text != text and _address(line.text, candidate):
                return candidate
    return None


def _address(text: str, group: _Group) -> Location | None:
    """``City[, State], Country[, zip]`` in the country of a group; None when it is no such address."""
    if len(text) > _LONGEST or group.country not in text:
        return None
    country = re.escape(group.country)
    if group.state:
        state = re.escape(group.state)
        found = re.fullmatch(rf"(?:(.+?), )?({state}), {country}(?:, ([^,]+))?", text)
    else:
        found = re.fullmatch(rf"([^,]+)(?:, (.+))?, {country}(?:, ([^,]+))?", text)
    return Location(city=found[1], state=found[2], zip=found[3]) if found else None
