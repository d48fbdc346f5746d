"""What an export is known to lack, counted while it is written; its README says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.linking.mappings import CATEGORIES
from kg.linking.sssom import NO_TERM, Row
from kg.vocabularies.scope import Side

__all__ = ["Gaps"]

_KINDS = {CATEGORIES[Side.CONDITION]: "conditions", CATEGORIES[Side.INTERVENTION]: "interventions"}


@dataclass
class Gaps:
    """What is known to be missing from an export."""

    strings: Counter[str] = field(default_factory=Counter)
    """``conditions`` and ``interventions`` → how many there are."""
    unlinked: Counter[str] = field(default_factory=Counter)
    """The same → how many of them have no link."""
    undescribed: int = 0
    """Concepts of which no vocabulary in the store says anything."""

    def note(self, rows: Sequence[Row]) -> None:
        """Take in the links of a study."""
        for category, kind in _KINDS.items():
            of_kind = [row for row in rows if row.subject_category == category]
            self.strings[kind] += len({row.subject_id for row in of_kind})
            self.unlinked[kind] += sum(row.object_id == NO_TERM for row in of_kind)
