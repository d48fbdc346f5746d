"""What relates two studies: kinds of reasons with their weights, and the reasons themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

__all__ = ["BY", "WEIGHTS", "Evidence", "Reason", "Related", "label", "rarity"]

WEIGHTS: Final[Mapping[str, float]] = {
    "extension": 20.0,
    "reference": 15.0,
    "number": 12.0,
    "agent": 10.0,
    "form": 8.0,
    "target": 6.0,
    "class": 3.0,
    "condition": 5.0,
    "near condition": 3.0,
    "sponsor": 2.0,
    "grant": 2.0,
    "phase": 0.5,
}
"""Kind of reason → points where the shared thing is as rare as can be."""

BY: Final[Mapping[str, tuple[str, ...]]] = {
    "target": ("agent", "form", "target"),
    "class": ("class",),
    "condition": ("condition", "near condition"),
    "sponsor": ("sponsor",),
    "phase": ("phase",),
    "reference": ("number", "grant"),
}
"""What can be asked for → the kinds of shared things that it looks at."""


class Evidence(msgspec.Struct, frozen=True, rename="camel"):
    """One piece of text, and how it led to what is shared.

    Attributes:
        text: the text as registered, or the part of a description that names a study.
        matched_text: the part of it that was matched.
        method: how: ``exact``, ``synonym``, …; for other things than concepts, the field that the text is from.
        score: how far that is to be trusted, from 0 to 1.
        concept: IRI of the concept that the text was matched to; empty where it is no concept.
        label: the concept's name.
        vocabulary_version: the version of its vocabulary.
    """

    text: str
    matched_text: str
    method: str
    score: float = 1.0
    concept: str = ""
    label: str = ""
    vocabulary_version: str = ""


class Reason(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that two studies share.

    Attributes:
        kind: a key of :data:`WEIGHTS`.
        label: for people.
        points: its part of the score.
        iris: what is shared; of a target, the action too.
        own: what in the record asked about led to it.
        other: what in the related study's record did.
    """

    kind: str
    label: str
    points: float
    iris: tuple[str, ...]
    own: tuple[Evidence, ...]
    other: tuple[Evidence, ...]

    def text(self) -> str:
        """The reason in one line, from the words of one record to those of the other."""
        sides = " | ".join("; ".join(map(_shown, side)) for side in (self.own, self.other) if side)
        return f"{self.label} [{self.points:.2f}]{': ' if sides else ''}{sides}"


class Related(msgspec.Struct, frozen=True, rename="camel"):
    """A related study; ``score`` is the sum of the points of ``reasons``, which begin with the strongest."""

    nct_id: str
    title: str
    score: float
    reasons: tuple[Reason, ...]


def rarity(studies: int, total: int) -> float:
    """How much a thing says that ``studies`` of ``total`` studies have: 1 for a single one, near 0 for all.

    >>> rarity(1, 999), round(rarity(999, 999), 4), round(rarity(32, 999), 3)
    (1.0, 0.0001, 0.498)
    """
    return math.log((total + 1) / studies) / math.log(total + 1)


def label(kind: str, name: str, action: str = "") -> str:
    """What a reason of a kind says for people; ``action`` is the code of what is done to a target."""
    labels = {
        "extension": f"extension or parent study: {name}",
        "reference": f"one record names the other: {name}",
        "number": f"same number in another registry: {name}",
        "grant": f"same grant: {name}",
        "agent": f"same drug: {name}",
        "form": f"form of the same drug: {name}",
        "target": f"same target: {action.rpartition('/')[2]} of {name}",
        "class": f"same class: {name}",
        "condition": f"same condition: {name}",
        "near condition": f"conditions near in MeSH, both within {name}",
        "sponsor": f"same lead sponsor: {name}",
        "phase": f"same phase: {name}",
    }
    return labels[kind]


def _shown(one: Evidence) -> str:
    if not one.concept:
        return f"'{one.text}' ({one.method})"
    return f"'{one.text}' → {one.method} {one.score:g} → {one.label}"
