"""Endpoints that the title of an outcome measure names.

``docs/texts.md`` says what each code takes in. A wrong code is worse than none: what only the description says, and
what a careful reader could take for something else, has no rule.
"""

from __future__ import annotations

from typing import Final

from kg.mapping.texts import endpoints_clinical, endpoints_measured
from kg.mapping.texts.rules import by_word, matching

__all__ = ["endpoints"]

_RULES: Final = by_word((*endpoints_clinical.RULES, *endpoints_measured.RULES))

# Of a panel, the single values are not named as endpoints of their own.
_PANEL: Final = "laboratory-values"
_PART_OF_PANEL: Final = "biomarker-level"


def endpoints(measure: str) -> tuple[str, ...]:
    """The endpoints that the title of a measure says, as notations of the code list ``endpoint``.

    >>> endpoints("Progression-free survival (PFS)"), endpoints("Rate of non-progression at 6 months")
    (('progression-free-survival',), ())
    """
    found = matching(_RULES, measure)
    if len(found) > 1 and _PANEL in found and _PART_OF_PANEL in found:
        return tuple(code for code in found if code != _PART_OF_PANEL)
    return found
