"""The blocks of the results → rows, each whole: a label and its values, or a heading.

A converter leaves a row on one line, or its cells on lines of their own; labels tell where a row begins, marks between
cells or the number of groups where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.sources.ctgov_page.blocks import Block, Kind
from kg.sources.ctgov_page.words import squeezed

__all__ = ["FREE", "Row", "free_label", "is_value", "key_of", "result_rows"]

Row = tuple[str, ...]
"""The cells of a row, each of one or more lines; a heading or a line by itself is a row of one cell."""

FREE = frozenset(
    {
        "adverse event reporting description",
        "all-cause mortality comment",
        "analysis population description",
        "anticipated posting date",
        "baseline analysis population description",
        "collection approach for table default",
        "comments",
        "comparison group selection",
        "comparison groups",
        "confidence interval",
        "description",
        "estimated value",
        "estimation comments",
        "estimation parameter",
        "frequency threshold for reporting other adverse events",
        "measure description",
        "method",
        "non-inferiority or equivalence analysis",
        "other statistical analysis",
        "outcome measure description",
        "p-value",
        "parameter dispersion",
        "pre-assignment details",
        "recruitment details",
        "source vocabulary name for table default",
        "time frame",
        "title",
        "type of statistical test",
        "type of units analyzed",
        "conditions",
        "interventions",
        "study design",
        "limitations and caveats",
    }
)
"""Labels with one value, which may be free text over several lines."""
_ONE_LINE = frozenset(
    {
        "anticipated posting date",
        "baseline analysis population description",
        "comparison group selection",
        "comparison groups",
        "estimated value",
        "estimation parameter",
        "frequency threshold for reporting other adverse events",
        "p-value",
        "type of statistical test",
        "type of units analyzed",
    }
)
"""Those of them whose value is one line where a converter has kept no end of cells: below it is something else."""
_WIDE = frozenset({"arm/group title", "arm/group description"})
"""Labels with a text for each group."""
_COUNTED = frozenset({"completed", "not completed", "number analyzed", "started", "total"})
_HEADINGS = re.compile(
    r"participant flow|baseline characteristics|outcome measures|adverse events|more information|certain agreements"
    r"|results point of contact|reason not completed|all-cause mortality|serious adverse events"
    r"|other \(not including serious\) adverse events|outcome measure data|statistical analysis( \d+| overview)?"
    r"|statistical test of hypothesis|method of estimation|period title: .*"
    r"|(\d{1,4}\. )?(primary|secondary|other pre-specified|post-hoc) outcome",
    re.IGNORECASE,
)
_TOGGLE = re.compile(r"^(?:(?:hide|show|show/hide|go to) )+|\s*\[\s*(?:hide|show)\s*\]$", re.IGNORECASE)
_SAME = {
    "arm/group": "arm/group title",
    "reporting groups": "arm/group title",
    "measure time frame": "time frame",
    "outcome measure time frame": "time frame",
    "outcome measure title": "title",
    "parameter": "estimation parameter",
    "population description": "analysis population description",
}
_VALUE_WORDS = re.compile(r"\b(?:na|nan|to|participants?)\b|--", re.IGNORECASE)
_VALUE_START = re.compile(r"[<>≤≥=~]*\s*[-+]?[0-9.]|na\b|nan\b|--", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def key_of(text: str) -> str:
    """A label or heading as it is looked up."""
    if len(text) > 200:
        return ""
    key = _TOGGLE.sub("", squeezed(text)).casefold().rstrip(" :").strip("[]")
    return _SAME.get(key, key)


def free_label(row: Row) -> tuple[str, str] | None:
    """The label and the value of a row with one free value; None for any other row."""
    filled = [cell for cell in row if cell]
    if len(filled) < 2:
        return None
    for number, cell in enumerate(filled[:-1]):
        key = key_of(cell)
        if key in FREE:
            return key, "\n".join(filled[number + 1 :])
    return None


def is_value(text: str) -> bool:
    """Whether a cell reads like a number that was counted or measured, with what stands behind one."""
    if len(text) > 60 or not _VALUE_START.match(text):
        return False
    rest = _VALUE_WORDS.sub("", text)
    return not _LETTER.search(rest) and (rest != text or any(character.isdigit() for character in rest))


def _is_heading(key: str) -> bool:
    return _HEADINGS.fullmatch(key) is not None


def _is_known(key: str) -> bool:
    return key in FREE or key in _WIDE or key in _COUNTED or key.startswith("overall number of ") or _is_heading(key)


def result_rows(blocks: Iterable[Block]) -> list[Row]:
    """The rows of the results, in the order of the page."""
    blocks = list(blocks)
    joiner = _Joiner(by_line=not any(block.kind is Kind.ROW and len(block.cells) > 1 for block in blocks))
    rows = [row for block in blocks for row in joiner.rows(block)]
    rows += joiner.rest()
    return list(_numbers_joined(rows)) if joiner.by_line else rows


class _Joiner:
    """Puts rows together whose cells go over several blocks."""

    def __init__(self, *, by_line: bool) -> None:
        self.by_line = by_line  # every cell is on a line of its own, without any mark
        self._groups = 0
        self._row: list[list[str]] = []
        self._wanted = 0
        self._fresh = True  # what follows is a new cell

    def rows(self, block: Block) -> Iterator[Row]:
        """The rows that are complete with a block."""
        cells = list(block.cells)
        while len(cells) > 1 and not cells[0] and _is_known(key_of(cells[1])):
            cells.pop(0)
        key = key_of(cells[0].split("\n")[0])
        if self._row and len(self._row) > 1 and key_of(self._row[0][0]) in _ONE_LINE:
            yield from self.rest()
        # Among titles on lines of their own, "Total" is a group and no row of sums.
        titled = self.by_line and self._row and self._wanted != 1 and key == "total"
        unfilled = self.by_line and len(self._row) == 1 and self._wanted == 1  # whatever comes, is the value
        begins = (_is_known(key) and not titled) or (len(cells) > 1 and key_of(cells[1]) in FREE)
        if unfilled or (self._row and not begins):
            self._go_on(block, cells)
            if self._fresh and len(self._row) > self._wanted:
                yield from self.rest()
            return
        yield from self.rest()
        if _is_heading(key) and len(cells) > 1 and key_of(cells[1]) in FREE:
            yield (cells[0],)
            cells = cells[1:]
            key = key_of(cells[0])
        whole = key_of(cells[0])
        if whole in FREE and not (_is_heading(whole) and len(cells) == 1):
            self._begin(block, cells, 1)
        elif whole in _WIDE:
            # The titles come first and say how many groups there are; on lines of their own they end at a label.
            self._begin(
                block, cells, self._groups if whole.endswith("description") and self._groups else len(cells) - 1
            )
        else:
            yield tuple(cells)
            return
        if self._fresh and len(self._row) > max(1, self._wanted):
            yield from self.rest()

    def _begin(self, block: Block, cells: list[str], wanted: int) -> None:
        self._row = [[cell] for cell in cells]
        self._wanted = wanted or 1_000
        self._fresh = not block.open or block.kind is not Kind.ROW or len(cells) == 1
        if self._by_html(block):
            self._wanted = len(cells) - 1

    @staticmethod
    def _by_html(block: Block) -> bool:
        return block.kind is Kind.ROW and not block.open and len(block.cells) > 1

    def _go_on(self, block: Block, cells: list[str]) -> None:
        if block.kind is not Kind.ROW:
            alone = self.by_line and self._wanted != 1
            if self._fresh or alone:
                self._row.append([])
            self._row[-1].extend(block.text.split("\n"))
            self._fresh = False
            return
        for number, cell in enumerate(cells):
            if number == 0 and not self._fresh:
                self._row[-1].append(cell)
            else:
                self._row.append([cell])
        self._fresh = not block.open

    def rest(self) -> list[Row]:
        """The row that is not complete yet, as far as it goes."""
        row = tuple("\n".join(line for line in cell if line) for cell in self._row)
        self._row = []
        if not row:
            return []
        if key_of(row[0]) == "arm/group title":
            self._groups = len(row) - 1
        return [row]


def _numbers_joined(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of numbers from lines: a label, and below it as many values as there are groups, or a pair for each."""
    groups = 0
    label: str | None = None
    values: list[str] = []
    for row in [*rows, ()]:
        if len(row) == 1 and groups and label is not None and is_value(row[0]):
            values.append(row[0])
            continue
        yield from _numbers(label, values, groups)
        label, values = (row[0], []) if len(row) == 1 else ("", [])
        if len(row) > 1:
            if key_of(row[0]) == "arm/group title":
                groups = len(row) - 1
            yield row


def _numbers(label: str | None, values: list[str], groups: int) -> Iterator[Row]:
    """The rows that a label and the values below it make; other values than a row has are left as they are.

    Numbers analyzed are followed by the values themselves, which may have no label of their own.
    """
    if not values:
        if label:
            yield (label,)
        return
    counted = groups if key_of(label or "") == "number analyzed" and len(values) > groups else len(values)
    if counted < len(values) and any(" " not in value for value in values[:counted]):
        counted = len(values)
    yield (label or "", *values[:counted])
    if counted < len(values):
        yield ("", *values[counted:])
