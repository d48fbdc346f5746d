"""Adverse events in the results: deaths, serious and other events by organ system and term."""

from __future__ import annotations

import re
from typing import cast

from kg.sources.ctgov_page.rows import Row, free_label, key_of
from kg.sources.ctgov_page.tables import GroupTable
from kg.sources.ctgov_page.words import squeezed
from kg.study import AdverseEvent, AdverseEvents, EventGroup, EventStats

__all__ = ["adverse_events"]

_AFFECTED = re.compile(r"([0-9][0-9,]*|--)\s*/\s*([0-9][0-9,]*|--)\s*(?:\(.*\))?")
_COUNT = re.compile(r"[0-9][0-9,]{0,14}")
_TERM = re.compile(r"(?P<term>.+?)\s*(?P<mark>[†*])\s*(?P<vocabulary>\d{1,2})?\s*(?:\[(?P<note>\d{1,3})\])?")
_FOOTNOTE = re.compile(r"\[(\d{1,3})\]\s*(.+)", re.DOTALL)
_VOCABULARY = re.compile(r"(\d{1,2})\s*Term from vocabulary,\s*(.+)", re.IGNORECASE)
_HEAD = frozenset({"affected / at risk (%)", "# events", "number of events", "affected / at risk"})
_ASSESSMENT = {"†": "SYSTEMATIC_ASSESSMENT", "*": "NON_SYSTEMATIC_ASSESSMENT"}
_TABLES = {
    "all-cause mortality": "deaths",
    "serious adverse events": "serious",
    "other (not including serious) adverse events": "other",
}
_FIELDS = {
    "time frame": "time_frame",
    "adverse event reporting description": "description",
    "description": "description",
    "all-cause mortality comment": "all_cause_mortality_comment",
}


class _Numbers:
    """The numbers of one row: for each group, affected and at risk, and events where they are counted."""

    def __init__(self) -> None:
        self.affected: list[tuple[int | None, int | None]] = []
        self.events: list[int | None] = []

    @classmethod
    def of(cls, cells: Row) -> _Numbers | None:
        """The numbers, by their form; None when a cell is something else."""
        found = cls()
        for cell in cells:
            text = squeezed(cell)
            affected = _AFFECTED.fullmatch(text)
            if affected:
                found.affected.append((_number(affected[1]), _number(affected[2])))
                found.events.append(None)
            elif text in ("", "--"):
                continue
            elif _COUNT.fullmatch(text) and found.events:
                found.events[-1] = _number(text)
            else:
                return None
        return found


def _number(text: str) -> int | None:
    return int(text.replace(",", "")[:15]) if text != "--" else None


def adverse_events(rows: list[Row], notes: list[str]) -> AdverseEvents:
    """The adverse events.

    Args:
        rows: from the heading on.
        notes: takes what cannot be told.
    """
    return _Reader(notes).read(rows)


class _Reader:
    def __init__(self, notes: list[str]) -> None:
        self._notes = notes
        self._found = AdverseEvents()
        self._table = GroupTable("EG", EventGroup)
        self._kind = ""
        self._titles: dict[str, None] = {}
        self._system: str | None = None
        self._marked: dict[tuple[str, str], list[AdverseEvent]] = {}  # by vocabulary or note, and its number
        self._unmarked: list[AdverseEvent] = []  # of this table, those that no sign says how they were assessed
        self._vocabularies: dict[str, str] = {}

    def read(self, rows: list[Row]) -> AdverseEvents:
        for row in rows:
            self._row(row)
        self._close_table()
        self._found.event_groups = cast("list[EventGroup]", self._table.groups)
        return self._found

    def _row(self, row: Row) -> None:
        filled = [cell for cell in row if cell]
        if not filled:
            return
        key = key_of(filled[0])
        free = free_label(row)
        if key in _TABLES and len(filled) == 1:
            self._close_table()
            self._kind, self._system = _TABLES[key], None
        elif free and free[0] in _FIELDS:
            setattr(self._found, _FIELDS[free[0]], None if free[1] == "[Not Specified]" else free[1])
        elif free and free[0] == "frequency threshold for reporting other adverse events":
            self._found.frequency_threshold = squeezed(free[1]).rstrip("%") or None
        elif free and free[0] in ("source vocabulary name for table default", "collection approach for table default"):
            self._notes.append(f"Adverse events, {free[0]}: {squeezed(free[1])}")
        elif self._kind and (numbers := _Numbers.of(row[1:])) and numbers.affected:
            self._numbers(row[0], numbers)
        elif (taken := self._table.read(row)) is not False:
            if taken is None:
                self._notes.append("Adverse events: which description is whose group's cannot be told")
        elif any(key_of(cell) in _HEAD for cell in filled) or self._are_titles(filled):
            pass
        elif len(filled) == 1:
            self._line(filled[0])
        else:
            self._notes.append(f"Adverse events: a row whose numbers cannot be told apart: {' | '.join(row)[:200]}")

    def _close_table(self) -> None:
        """Part terms from the numbers of their vocabularies where no sign stands between: when all terms have one."""
        parted = [((event.term or "").rpartition(" "), event) for event in self._unmarked]
        if all(before and number in self._vocabularies for (before, _, number), _ in parted):
            for (before, _, number), event in parted:
                event.term, event.source_vocabulary = before, self._vocabularies[number]
        self._marked, self._unmarked, self._vocabularies = {}, [], {}

    def _are_titles(self, filled: list[str]) -> bool:
        if len(self._titles) != len(self._table.groups):
            self._titles = {squeezed(group.title or ""): None for group in self._table.groups}
        return all(squeezed(cell) in self._titles for cell in filled)

    def _line(self, text: str) -> None:
        """A line by itself: an organ system, or what explains the marks on terms."""
        line = squeezed(text)
        vocabulary, footnote = _VOCABULARY.fullmatch(line), _FOOTNOTE.fullmatch(line)
        if vocabulary:
            self._vocabularies[vocabulary[1]] = vocabulary[2]
            for event in self._marked.pop(("vocabulary", vocabulary[1]), ()):
                event.source_vocabulary = vocabulary[2]
        elif footnote:
            for event in self._marked.pop(("note", footnote[1]), ()):
                event.notes = footnote[2]
        elif line[:1] in _ASSESSMENT or line.casefold().startswith("indicates events"):
            return
        elif self._kind in ("serious", "other"):
            self._system = line

    def _numbers(self, label: str, numbers: _Numbers) -> None:
        groups = cast("list[EventGroup]", self._table.groups)
        name = squeezed(label)
        if len(numbers.affected) != len(groups):
            self._notes.append(
                f"Adverse events, {name[:100]}: numbers for {len(numbers.affected)} of {len(groups)} groups"
            )
            return
        if key_of(name) == "total":
            for group, (affected, at_risk) in zip(groups, numbers.affected, strict=True):
                setattr(group, f"{self._kind}_num_affected", affected)
                setattr(group, f"{self._kind}_num_at_risk", at_risk)
            return
        if self._kind == "deaths":
            self._notes.append(f"Deaths, {name[:200]}: a row that is no total")
            return
        marked = _TERM.fullmatch(name)
        event = AdverseEvent(
            term=marked["term"] if marked else name,
            organ_system=self._system,
            assessment_type=_ASSESSMENT[marked["mark"]] if marked else None,
            stats=[
                EventStats(group_id=group.id, num_events=events, num_affected=affected, num_at_risk=at_risk)
                for group, (affected, at_risk), events in zip(groups, numbers.affected, numbers.events, strict=True)
            ],
        )
        if not marked:
            self._unmarked.append(event)
        for sort in ("vocabulary", "note"):
            if marked and marked[sort]:
                self._marked.setdefault((sort, marked[sort]), []).append(event)
        (self._found.serious_events if self._kind == "serious" else self._found.other_events).append(event)
