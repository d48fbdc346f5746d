"""Groups that results are reported by, and numbers of participants in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.results.numbers import add_whole
from kg.study import Arm, Denominator, Group
from kg.terms import RDF_TYPE

__all__ = ["COMMENT", "GROUP", "Groups", "add_denominators", "add_groups", "folded", "in_group"]

GROUP: Final = prop("tkg:group")
COMMENT: Final = prop("tkg:comment")
_RESULT_GROUP = prop("tkg:resultGroup")
_RESULT_GROUP_CLASS = prop("tkg:ResultGroup")
_IDENTIFIER = prop("dcterms:identifier")
_DESCRIPTION = prop("dcterms:description")
_GROUP_ARM = prop("tkg:groupArm")
_DENOMINATOR = prop("tkg:denominator")
_DENOMINATOR_CLASS = prop("tkg:Denominator")
_UNIT = prop("tkg:unit")
_ANALYZED = prop("tkg:analyzed")
_CLASS_TITLE = prop("tkg:classTitle")

Groups = Mapping[str, str]
"""The registry's id of a group → its term; ids hold within one table."""


def folded(text: str | None) -> str:
    """A title for comparing: letter case and spacing aside."""
    return " ".join((text or "").casefold().split())


def add_groups(draft: Draft, owner: str, below: str, groups: Sequence[Group], arms: Sequence[Arm]) -> Groups:
    """Statements on the groups of one table.

    A group is the group of an arm where its title is the label of exactly one arm; nothing else says so.

    Args:
        draft: the study's statements.
        owner: the term of what the groups are of.
        below: the path of the table below the study, as ``result/flow``.
        groups: the groups.
        arms: the arms of the study.
    """
    labels = Counter(folded(arm.label) for arm in arms)
    numbers = {label: n for n, arm in enumerate(arms, 1) if labels[label := folded(arm.label)] == 1 and label}
    terms: dict[str, str] = {}
    for number, group in enumerate(groups, 1):
        node = draft.part(f"{below}/group", number)
        draft.statements += ((owner, _RESULT_GROUP, node), (node, RDF_TYPE, _RESULT_GROUP_CLASS))
        draft.text(node, _IDENTIFIER, group.id)
        draft.text(node, LABEL, group.title)
        draft.text(node, _DESCRIPTION, group.description)
        if arm := numbers.get(folded(group.title)):
            draft.statements.append((node, _GROUP_ARM, draft.part("arm", arm)))
        terms.setdefault(group.id or "", node)
    return terms


def in_group(draft: Draft, node: str, groups: Groups, group_id: str | None, field: str) -> None:
    """A statement on the group of a number; an id that its table lacks is rejected."""
    term = groups.get(group_id or "")
    if term:
        draft.statements.append((node, GROUP, term))
    elif group_id:
        draft.reject(field, f"{group_id!r} is no group of its table")


def add_denominators(
    draft: Draft,
    owner: str,
    denominators: Sequence[Denominator],
    groups: Groups,
    field: str,
    *,
    below: str = "",
    title: str | None = None,
) -> None:
    """Statements on how many of each group were analyzed.

    Args:
        draft: the study's statements.
        owner: the term of the measure.
        denominators: a list of numbers for each unit.
        groups: the groups of the measure.
        field: the path of the denominators in the record.
        below: the path of the class of the measure that they are for, below the measure.
        title: the title of that class.
    """
    place = owner[:-1] + below
    for unit, denominator in enumerate(denominators, 1):
        for count, entry in enumerate(denominator.counts, 1):
            node = f"{place}/denominator/{unit}/count/{count}>"
            draft.statements += ((owner, _DENOMINATOR, node), (node, RDF_TYPE, _DENOMINATOR_CLASS))
            in_group(draft, node, groups, entry.group_id, f"{field}.counts[].groupId")
            draft.text(node, _UNIT, denominator.units)
            add_whole(draft, node, _ANALYZED, entry.value, f"{field}.counts[].value")
            draft.text(node, _CLASS_TITLE, title)
