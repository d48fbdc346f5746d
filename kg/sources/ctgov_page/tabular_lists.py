"""The lists in the cells of the tabular view: outcomes, interventions, arms, investigators, countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kg.sources.ctgov_page.lines import Line, entries
from kg.sources.ctgov_page.values import outcome
from kg.sources.ctgov_page.words import ARM_TYPES, INTERVENTION_TYPES, ROLES, code, squeezed
from kg.study import Arm, ArmsInterventions, Intervention, Official, Outcome

__all__ = ["arms_and_interventions", "countries", "officials", "outcomes"]

_TIME_FRAME = re.compile(r"\[\s*Time Frame:", re.IGNORECASE)
_NAMED = re.compile(rf"({'|'.join(INTERVENTION_TYPES)}): (.+)", re.DOTALL)
_ARM = re.compile(rf"({'|'.join(ARM_TYPES)}): (.+)", re.DOTALL)
_OTHER_NAMES = re.compile(r"Other Names?:\s*(.*)")
_GIVEN = re.compile(r"Interventions?:\s*(.*)")
_LONGEST_NAME = 200
"""The registry takes no longer names, so that a longer line is a name with its description."""
# "Korea, Republic of": what stands behind the comma of a country's own name.
_COUNTRY_END = re.compile(
    r",\s+(?!(?:the\b|republic of|islamic republic|democratic people|federated|province of|occupied|united republic|"
    r"former|u\.s\.|british))",
    re.IGNORECASE,
)


def outcomes(lines: Iterable[Line]) -> list[Outcome]:
    """The outcomes of a cell."""
    return [outcome("\n".join(line.text for line in entry)) for entry in entries(lines, _TIME_FRAME)]


def countries(lines: Iterable[Line]) -> list[str]:
    """Countries by line or apart by commas; a name with a comma of its own stays whole.

    >>> countries([Line("Canada, Korea, Republic of, United States")])
    ['Canada', 'Korea, Republic of', 'United States']
    """
    return [name.strip() for line in lines for name in _COUNTRY_END.split(line.text) if name.strip()]


def officials(lines: Iterable[Line]) -> list[Official]:
    """People responsible for the study: role, name, affiliation, in a row or one below the other."""
    found: list[Official] = []
    waiting: list[str] = []
    for line in [*lines, Line("")]:
        role, _, after = line.text.partition(":")
        if role.casefold().strip() in ROLES or not line.text:
            if waiting and len(waiting) in (2, 3):
                found.append(Official(role=code(waiting[0]), name=waiting[1], affiliation=(*waiting, None)[2]))
            waiting = [role, *(value for value in (after.strip(), *line.rest) if value)]
        elif waiting:
            waiting.append(line.text)
    return found


def arms_and_interventions(interventions: Sequence[Line], arms: Sequence[Line], notes: list[str]) -> ArmsInterventions:
    """Arms and interventions, which the view has in a cell each.

    Args:
        interventions: the lines of the one.
        arms: the lines of the other, with the interventions of each arm below its description. Where a converter has
            run name and description together, these tell where a name ends.
        notes: takes what cannot be told.
    """
    listed = [_arm(entry) for entry in entries(arms, _ARM)]
    names = {name for arm in listed for name in arm.intervention_names}
    labels: dict[str, list[str]] = {}
    for arm in listed:
        for name in dict.fromkeys(arm.intervention_names):
            labels.setdefault(name, []).append(arm.label or "")
    lengths = sorted({len(name) for name in names if len(name) <= 2 * _LONGEST_NAME}, reverse=True)
    found = []
    for entry in entries(interventions, _NAMED):
        first = entry[0].text
        known = next((first[:length] for length in lengths if first[:length] in names), "")
        one = _intervention(entry, known)
        if one is None:
            notes.append(f"An intervention whose name cannot be told from its description: {entry[0].text[:300]}")
            continue
        full = f"{one.type}: {one.name}"
        one.arm_group_labels = labels.get(full, [])
        one.type = code(one.type or "") or None
        found.append(one)
    return ArmsInterventions(arm_groups=listed, interventions=found)


def _intervention(entry: Sequence[Line], known: str) -> Intervention | None:
    """The intervention of an entry; ``known`` is the name that it begins with, where one is known."""
    first = entry[0].text
    rest = first[len(known) :].strip() if known else ""
    named = _NAMED.fullmatch(known or first)
    if not named or len(named[2]) > _LONGEST_NAME:
        return None
    description: list[str] = []
    others: list[str] = []
    in_others = False
    for line in ([Line(rest)] if rest else []) + list(entry[1:]):
        before, sign, after = line.text.partition("Other Name")
        label = _OTHER_NAMES.fullmatch(sign + after) if sign else None
        if label:
            description += [before.strip()] if before.strip() else []
            others += [label[1]] if label[1] else []
            in_others = True
        elif in_others and line.text:
            others.append(line.text)
        elif line.text:
            description.append(line.text)
    return Intervention(
        type=named[1], name=squeezed(named[2]), description="\n".join(description) or None, other_names=others
    )


def _arm(entry: Sequence[Line]) -> Arm:
    first = squeezed(entry[0].text)
    typed = _ARM.fullmatch(first)
    description: list[str] = []
    given: list[str] = []
    in_given = False
    for line in entry[1:]:
        label = _GIVEN.fullmatch(line.text)
        if label:
            in_given = True
            given += [label[1]] if label[1] else []
        elif in_given and _NAMED.match(line.text):
            given.append(squeezed(line.text))
        elif line.text:
            description.append(line.text)
    return Arm(
        label=typed[2] if typed else first,
        type=code(typed[1]) if typed else None,
        description="\n".join(description) or None,
        intervention_names=given,
    )
