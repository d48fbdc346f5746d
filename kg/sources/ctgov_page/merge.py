"""The studies of two tabs of one page → one study."""

from __future__ import annotations

import msgspec

from kg.sources.ctgov_page.words import squeezed
from kg.sources.record import one_line
from kg.study import Page, Study
from kg.study.part import Part

__all__ = ["merged"]

_LONGEST_NOTE = 300
# Of these lists, the longer is the better parted one: a converter may have run the entries of the other together.
_LONGER_WINS = frozenset({"conditions", "interventions", "arm_groups"})


def merged(first: Study, second: Study, name: str) -> Study:
    """One study with what either tab says.

    Where both say something, the first stands; where they then differ, that is noted.

    Args:
        first: the study of the tabs read so far; it is changed.
        second: the study of a further tab.
        name: what to call that tab in notes.
    """
    notes = [*first.reading_notes, *second.reading_notes]
    page = first.page
    first.reading_notes, second.reading_notes = [], []
    _fill(first, second, name, "", notes)
    first.page = _settled(page, first) if page else second.page
    first.reading_notes = notes
    return first


def _fill(first: Part, second: Part, name: str, path: str, notes: list[str]) -> None:
    """Give ``first`` what only ``second`` has."""
    for field in type(first).__struct_fields__:
        one, other = getattr(first, field), getattr(second, field)
        where = f"{path}.{field}" if path else field
        if isinstance(one, Part) and isinstance(other, Part):
            _fill(one, other, name, where, notes)
        elif isinstance(one, list):
            if (not one and other) or (field in _LONGER_WINS and len(other) > len(one)):
                setattr(first, field, other)
        elif one is None:
            setattr(first, field, other)
        elif isinstance(one, str) and isinstance(other, str) and _word(one) != _word(other):
            notes.append(one_line(f"{name} has another value for {where}: {other}", _LONGEST_NOTE))


def _word(text: str) -> str:
    """Text as it is compared: converters differ in white space and in the marks of lists."""
    return squeezed(text.replace("*", " ")).casefold()


def _settled(page: Page, study: Study) -> Page | None:
    """What is left to the page when a further tab has said of which kind its outcomes are."""
    module = study.protocol_section.outcomes_module
    stated = {
        squeezed(outcome.measure or "").casefold()
        for outcome in (*module.primary_outcomes, *module.secondary_outcomes, *module.other_outcomes)
    }
    kept = [one for one in page.unstated_outcomes if squeezed(one.measure or "").casefold() not in stated]
    return msgspec.structs.replace(page, unstated_outcomes=kept)
