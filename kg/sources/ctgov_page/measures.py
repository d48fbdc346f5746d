"""Measures in the results: baseline characteristics, and outcome measures with their values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.sources.ctgov_page.analyses import AnalysisReader
from kg.sources.ctgov_page.rows import Row, free_label, is_value, key_of
from kg.sources.ctgov_page.tables import GroupTable, denominator, measurement, split
from kg.sources.ctgov_page.words import code, squeezed
from kg.study import Baseline, BaselineMeasure, Category, MeasureClass, Measurement, OutcomeResult

__all__ = ["baseline", "outcome_result"]

_PARAMETERS = (
    "Geometric Least Squares Mean", "Least Squares Mean", "Geometric Mean", "Log Mean", "Mean", "Median",
    "Count of Participants", "Count of Units", "Number",
)  # fmt: skip
_PARAMETER = re.compile(
    rf"(?P<before>.*?)\s*\b(?:Measure Type:\s*)?(?P<parameter>{'|'.join(_PARAMETERS)})\s*(?:\((?P<spread>[^()]+)\))?",
    re.DOTALL,
)
_UNIT = re.compile(r"(?P<before>.*?)\s*\bUnit of measure:\s*(?P<unit>.*)", re.IGNORECASE | re.DOTALL)
_NOTE = re.compile(r"\[(\d{1,3})\]\s*(.+)", re.DOTALL)
_MARK = re.compile(r"\s*\[\d{1,3}\]")
_NOTED = re.compile(r"(measure description|(?:measure )?analysis population description)\s*:", re.IGNORECASE)
_HAS_UNIT = re.compile(r"\bUnit of measure:", re.IGNORECASE)
_UNITS = re.compile(r"overall number of (.*?)\s*(?:analyzed)?(?:\s*type of units analyzed\s*:\s*(.*))?", re.IGNORECASE)
_DISPERSION = {
    "80% Confidence Interval": "CONFIDENCE_80",
    "90% Confidence Interval": "CONFIDENCE_90",
    "95% Confidence Interval": "CONFIDENCE_95",
    "97.5% Confidence Interval": "CONFIDENCE_975",
    "99% Confidence Interval": "CONFIDENCE_99",
    "Other Confidence Interval Level": "CONFIDENCE_OTHER",
    "Geometric Coefficient of Variation": "GEOMETRIC_COEFFICIENT",
}
_COUNTS = frozenset({"COUNT_OF_PARTICIPANTS", "COUNT_OF_UNITS"})
_NOT_A_TITLE = frozenset({"outcome measure data", "[not specified]"})
_LONGEST_HEADING = 3000


class _Values:
    """Reads the rows of one measure: what is measured, how, and the value in each group."""

    def __init__(self, measure: BaselineMeasure | OutcomeResult, ids: list[str], notes: list[str]) -> None:
        self._measure = measure
        self._ids = ids
        self._notes = notes
        self._noted: dict[str, list[Measurement]] = {}
        self._own: MeasureClass | None = None  # a class with a heading or with numbers of its own

    def read(self, row: Row) -> None:
        """Take one row below the heading of the measure."""
        note = _NOTE.fullmatch(row[0]) if len(row) == 1 else None
        if note:
            self._footnote(note[1], note[2])
            return
        parts = split(row, len(self._ids))
        if parts is None:
            self._notes.append(f"{self._name()}: a row whose values cannot be told apart: {' | '.join(row)[:200]}")
            return
        labels = [squeezed(label) for label in parts.labels]
        if not parts.values:
            if labels and labels[0].casefold() not in _NOT_A_TITLE:
                self._own = MeasureClass(title=labels[0])
                self._measure.classes.append(self._own)
            return
        if labels and key_of(labels[-1]) == "number analyzed":
            title = labels[-2] if len(labels) > 1 else None
            if not (self._own and self._own.title and not self._own.categories and not title):
                self._own = MeasureClass(title=title)
                self._measure.classes.append(self._own)
            units = self._measure.denom_units_selected or _units_of(parts.values)
            self._own.denoms.append(denominator(units, self._ids, parts.values))
            return
        self._category(labels[-1] if labels else None, parts.values)

    def _category(self, title: str | None, values: list[str]) -> None:
        measured = []
        for id_, value in zip(self._ids, values, strict=True):
            if value:
                one, note = measurement(id_, value)
                measured.append(one)
                if note:
                    self._noted.setdefault(note, []).append(one)
        classes = self._measure.classes
        if self._own:
            # Below its heading or its numbers a class has untitled values, or categories; a titled row after an
            # untitled one belongs to no class of its own.
            self._own.categories.append(Category(title=title, measurements=measured))
        elif self._measure.param_type in _COUNTS:
            if not classes:
                classes.append(MeasureClass())
            classes[-1].categories.append(Category(title=title, measurements=measured))
        else:
            classes.append(MeasureClass(title=title, categories=[Category(measurements=measured)]))

    def _footnote(self, mark: str, text: str) -> None:
        noted = self._noted.pop(mark, [])
        for one in noted:
            one.comment = squeezed(text)
        named = _NOTED.match(text)
        if named:
            field = "description" if named[1].casefold() == "measure description" else "population_description"
            setattr(self._measure, field, text[named.end() :].strip())
            self._measure.title = _MARK.sub("", self._measure.title or "") or None
        elif not noted:
            self._notes.append(f"{self._name()}: a footnote on nothing: [{mark}] {text[:200]}")

    def _name(self) -> str:
        return (self._measure.title or "A measure")[:120]


def _units_of(values: Iterable[str]) -> str:
    words = next((value.partition(" ")[2] for value in values if " " in value), "") or "participants"
    return words[:1].upper() + words[1:]


def _heading(measure: BaselineMeasure | OutcomeResult, text: str) -> str | None:
    """Read how something was measured from the text above its values.

    Returns:
        What stands before it: the title of a baseline measure; None when the text says nothing of the kind.
    """
    text = text[:_LONGEST_HEADING]
    unit = _UNIT.fullmatch(text)
    found = _PARAMETER.fullmatch(squeezed(_MARK.sub("", (unit["before"] if unit else text).rpartition("\n")[2])))
    above = (unit["before"] if unit else text).rpartition("\n")[0]
    if unit:
        measure.unit_of_measure = squeezed(unit["unit"]) or None
    if not found:
        return unit["before"] if unit else None
    measure.param_type = code(found["parameter"])
    spread = found["spread"]
    # The registry has codes for the one and words for the other.
    as_code = isinstance(measure, BaselineMeasure) and spread
    measure.dispersion_type = _DISPERSION.get(spread, code(spread)) if as_code else spread
    return f"{above}\n{found['before']}".strip()


def baseline(rows: list[Row], notes: list[str]) -> Baseline:
    """The baseline characteristics.

    Args:
        rows: from the heading on.
        notes: takes what cannot be told.
    """
    found = Baseline()
    table = GroupTable("BG")
    values: _Values | None = None
    loose: list[str] = []  # lines that may be the title of the next measure
    for row in rows:
        free = free_label(row)
        taken = table.read(row)
        if taken is not False:
            if taken is None:
                notes.append("Baseline characteristics: which description is whose group's cannot be told")
            found.groups = table.groups
            continue
        if free and free[0] in ("baseline analysis population description", "analysis population description"):
            found.population_description = None if free[1] == "[Not Specified]" else free[1]
            continue
        if key_of(row[0]).startswith("overall number of baseline "):
            parts = split(row, len(table.groups))
            if parts and parts.values:
                units = _UNITS.fullmatch(squeezed(row[0]).removeprefix("Overall Number of Baseline ").strip())
                name = "Participants" if "participants" in key_of(row[0]) else units[2] if units else "Units"
                found.denoms.append(denominator(name or "Units", table.ids, parts.values))
            continue
        first = next((cell for cell in row if cell), "")
        if _HAS_UNIT.search(first):
            measure = BaselineMeasure()
            title = _heading(measure, "\n".join([*loose, first]))
            *before, title = (title or "").split("\n")
            measure.title = squeezed(title) or None
            notes.extend(f"Baseline characteristics: {line[:300]}" for line in before if line)
            loose = []
            found.measures.append(measure)
            values = _Values(measure, table.ids, notes)
            rest = tuple(row[row.index(first) + 1 :])
            if any(rest):
                values.read(rest if rest[0] else ("", *rest[1:]))
        elif len(row) == 1 and not _NOTE.fullmatch(row[0]) and not (len(table.groups) == 1 and is_value(row[0])):
            loose.append(row[0])
        elif values:
            for line in loose:
                values.read((line,))
            loose = []
            values.read(row)
    return found


def outcome_result(type_: str, rows: list[Row], notes: list[str]) -> OutcomeResult:
    """One outcome measure with its results.

    Args:
        type_: primary, secondary, …, as its heading says.
        rows: below that heading.
        notes: takes what cannot be told.
    """
    found = OutcomeResult(type=type_)
    table = GroupTable("OG")
    values: _Values | None = None
    analyses = AnalysisReader(notes)
    loose: list[str] = []
    for row in rows:
        if analyses.read(row, table.groups):
            continue
        taken = table.read(row)
        if taken is not False:
            if taken is None:
                notes.append(f"{found.title}: which description is whose group's cannot be told")
            found.groups = table.groups
            continue
        free = free_label(row)
        key = key_of(row[0])
        if free and free[0] in _FIELDS and not values:
            if free[1] != "[Not Specified]":
                setattr(found, _FIELDS[free[0]], squeezed(free[1]) if free[0] in _ONE_LINE else free[1])
        elif key.startswith("overall number of ") and (parts := split(row, len(table.groups))) and parts.values:
            units = _UNITS.fullmatch(squeezed(row[0]))
            name = (units[2] or units[1]) if units else "participants"
            found.denoms.append(denominator(name[:1].upper() + name[1:], table.ids, parts.values))
            if name.casefold() != "participants":
                found.denom_units_selected = found.type_units_analyzed = name
        elif not values and table.groups:
            values = _first_values(found, row, loose, table.ids, notes)
        elif values:
            values.read(row)
    found.analyses = analyses.analyses
    if found.classes or found.groups:
        found.reporting_status = "POSTED"
    elif found.anticipated_posting_date:
        found.reporting_status = "NOT_POSTED"
    return found


_FIELDS = {
    "title": "title",
    "description": "description",
    "outcome measure description": "description",
    "time frame": "time_frame",
    "analysis population description": "population_description",
    "anticipated posting date": "anticipated_posting_date",
}
_ONE_LINE = frozenset({"title", "time frame", "anticipated posting date"})


def _first_values(found: OutcomeResult, row: Row, loose: list[str], ids: list[str], notes: list[str]) -> _Values | None:
    """The reader of the values, once the row is there that says how they were measured."""
    first = next((cell for cell in row if cell), "")
    if not _HAS_UNIT.search(first):
        if len(row) == 1:
            loose.append(row[0])
        return None
    _heading(found, "\n".join([*loose, first]))
    values = _Values(found, ids, notes)
    rest = tuple(row[row.index(first) + 1 :])
    if any(rest):
        values.read(rest if len(rest) > len(ids) else ("", *rest))
    return values
