"""What a concept may be linked to: what is studied, what is given or done, and whether giving it gives a drug."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from kg.vocabularies.entry import Entry
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.profiles import Profile

__all__ = ["Scope", "Side", "mesh_scope", "profile_scope"]

# Geographicals, publication characteristics, anatomy, humanities, disciplines are never what is studied or given.
_NOT_CONDITIONS: Final = frozenset("ABDHJKLVZ")
_NOT_INTERVENTIONS: Final = frozenset("ACHKMVZ")
# Cells, bone marrow, blood and its parts are given.
_GIVEN_OF_THE_BODY: Final = ("A11", "A12.207.152", "A15.145", "A15.378.316")
# Actions and uses (D27) and dosage forms (D26) are kinds of drugs, not drugs; so are classes of antibodies.
_KINDS_OF_DRUGS: Final = ("D26", "D27")
_GENERIC: Final = frozenset("D000906 D000911 D007074 D007106 D011506 D011993 D018033 D018796 D058846 D061067".split())


class Side(Enum):
    """What a string names: what is studied, or what is given or done."""

    CONDITION = "condition"
    INTERVENTION = "intervention"


class Scope(NamedTuple):
    """What a concept may stand for; ``is_drug`` says whether a study that names it gives a drug."""

    sides: tuple[Side, ...]
    is_drug: bool


def mesh_scope(ui: str, trees: Sequence[str]) -> Scope:
    """The scope of a MeSH record.

    Args:
        ui: the record.
        trees: its tree numbers, or those of the headings that it is mapped to.

    >>> mesh_scope("D008545", ["C04.557.465.625.650.510"]).sides
    (<Side.CONDITION: 'condition'>,)
    """
    categories = {tree[0] for tree in trees}
    sides = []
    if categories - _NOT_CONDITIONS:
        sides.append(Side.CONDITION)
    if categories - _NOT_INTERVENTIONS or any(tree.startswith(_GIVEN_OF_THE_BODY) for tree in trees):
        sides.append(Side.INTERVENTION)
    is_drug = ui not in _GENERIC and any(
        tree.startswith("D") and not tree.startswith(_KINDS_OF_DRUGS) for tree in trees
    )
    return Scope(tuple(sides), is_drug)


def profile_scope(profile: Profile | None, entry: Entry, hierarchy: Hierarchy) -> Scope:
    """The scope of a concept of another vocabulary, by where it lies.

    Args:
        profile: what is known about the vocabulary; without one, everything in it may be given.
        entry: the concept.
        hierarchy: the vocabulary's hierarchy.
    """
    if profile is None:
        return Scope((Side.INTERVENTION,), is_drug=True)
    within = frozenset(hierarchy.within(entry.iri))
    sides = []
    if profile.is_condition(entry, within):
        sides.append(Side.CONDITION)
    if profile.is_intervention(entry, within):
        sides.append(Side.INTERVENTION)
    return Scope(tuple(sides), profile.is_drug(entry, within))
