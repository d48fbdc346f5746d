"""A page made into text → blocks: headings, rows, items of lists, lines.

The text is what a converter leaves of a page: cells end in ``|``, items begin with ``-``, some headings are gone.
HTML gives the same blocks (:mod:`kg.sources.ctgov_page.html`), so that one reader serves both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from kg.sources.ctgov_page.words import label_of, section_of, squeezed

__all__ = ["ITEM_MARK", "MOST_BLOCKS", "Block", "Kind", "is_table_head", "text_blocks"]

ITEM_MARK = "\ue000"
"""Before the first line of an item in a cell, once for each list it is inside of; no page has it, it is taken out."""
MOST_BLOCKS = 100_000
"""So many lines no page has; the bound keeps the work on a made-up one small."""


class Kind(Enum):
    """What a block is."""

    TITLE = auto()
    HEADING = auto()
    ROW = auto()
    ITEM = auto()
    LINE = auto()


class Block(NamedTuple):
    """A piece of a page.

    Attributes:
        kind: what it is.
        cells: of a row, its cells, each of one or more lines; of anything else, its text alone.
        level: of an item, how many lists it is inside of, from 0; also of one that a row of text begins with.
        attached: it follows the block before it without a gap: the next line of the same paragraph or item.
        open: of a row made from one line of text, whether its last cell may go on below, since no mark ends it.
        marked: of a row in HTML with lists in it, its cells with each item's line after :data:`ITEM_MARK`.
    """

    kind: Kind
    cells: tuple[str, ...]
    level: int = 0
    attached: bool = False
    open: bool = False
    marked: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its text; of a row, that of its first cell."""
        return self.cells[0]


# Each of these stops at the next bracket, so that no line takes longer than its length.
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:https?:|/|#)[^()]*\)")
# The arm types that are no types of interventions too: such a line begins a row, whatever cell is open.
_ARM_TYPE = re.compile(r"(?:Experimental|Active Comparator|Placebo Comparator|Sham Comparator|No Intervention): ")
_RULE = frozenset("-|: ")
_ITEM = re.compile(r"(\s*)(?:[-*•·]|\d{1,2}[.)])\s+(.*)")
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+(.*)")


def is_table_head(cells: tuple[str, ...]) -> str:
    """Which table begins with a row: ``conditions``, ``arms``, or ``""`` for none of the two.

    >>> is_table_head(("Arm", "Intervention/treatment"))
    'arms'
    """
    words = [cell.casefold() for cell in cells]
    if words[0] == "condition or disease":
        return "conditions"
    return "arms" if words[0] in ("arm", "group/cohort") and words[1:2] == ["intervention/treatment"] else ""


def text_blocks(text: str) -> Iterator[Block]:
    """The blocks of a page made into text.

    Args:
        text: the page; line ends of any kind.

    Yields:
        Blocks in the order of the page.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace(ITEM_MARK, "")
    if "|" not in lines:  # what a browser copies has tabs between cells
        lines = "\n".join(line.strip("\t").rstrip().replace("\t", " | ") for line in lines.split("\n"))
    table: _Table | None = None
    gap = True
    for raw in lines.split("\n"):
        unlinked = _LINK.sub(r"\1", _IMAGE.sub("", raw))
        line = squeezed(unlinked)
        if "--" in line and _RULE.issuperset(line):
            continue
        if table:
            if table.ends_before(line):
                yield from table.rest()
                table = None
            else:
                yield from table.rows(line)
                continue
        block = _block(line, unlinked, attached=not gap)
        gap = block is None
        if block is None:
            continue
        yield block
        if block.kind is Kind.ROW and (name := is_table_head(block.cells)):
            table = _Table(len(block.cells), one_row=name == "conditions", closed=line.endswith("|"))
            gap = True
    if table:
        yield from table.rest()


def _block(line: str, raw: str, *, attached: bool) -> Block | None:
    """The block that one line is; None for a blank one."""
    if not line.strip("| "):
        return None
    if "|" in line:
        cells = line.strip().removeprefix("|").split("|")
        if line.endswith("|"):
            cells.pop()
        indent = len(raw) - len(raw.lstrip()) if _ITEM.match(raw) else 0
        return Block(Kind.ROW, tuple(cell.strip() for cell in cells), indent // 2, open=not line.endswith("|"))
    if heading := _MARKDOWN_HEADING.fullmatch(line):
        return Block(Kind.HEADING, (heading[1].strip("* "),))
    if item := _ITEM.fullmatch(raw.rstrip()):
        return Block(Kind.ITEM, (squeezed(item[2]),), level=len(item[1].expandtabs(4)) // 2)
    emphasized = line.startswith("*") or line.endswith("**")
    return Block(Kind.LINE, (line.strip("* ") if emphasized else line,), attached=attached)


class _Table:
    """A table whose cells may go over several lines: a cell ends at ``|``, a row when it has all its cells."""

    def __init__(self, width: int, *, one_row: bool, closed: bool) -> None:
        self._width = width
        self._one_row = one_row
        self._closed = closed  # the last cell of a row has its mark too
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._done = False

    def ends_before(self, line: str) -> bool:
        """Whether ``line`` is no part of the table."""
        if self._done:
            return True
        first = line.split("|")[0]
        if _MARKDOWN_HEADING.fullmatch(line):
            return True
        if label_of(first) or section_of(first) or (_ITEM.fullmatch(line) and "time frame:" in line.casefold()):
            return True
        return not self._cells and not self._cell and _ITEM.fullmatch(line) is not None

    def rows(self, line: str) -> Iterator[Block]:
        """The rows that are complete with ``line``."""
        parts = line.split("|")
        in_last = not self._closed and len(self._cells) == self._width - 1
        if in_last and (len(parts) > 1 or _ARM_TYPE.match(line)):
            yield from self.rest()
        for number, part in enumerate(parts):
            if number:
                self._cells.append("\n".join(self._cell))
                self._cell = []
                if len(self._cells) == self._width:
                    yield from self.rest()
            item = _ITEM.fullmatch(part)
            words = squeezed(item[2] if item else part)
            if words:
                self._cell.append(words)

    def rest(self) -> Iterator[Block]:
        """The row begun, if any."""
        if self._cell:
            self._cells.append("\n".join(self._cell))
        if any(self._cells):
            yield Block(Kind.ROW, tuple(self._cells))
            self._done = self._one_row
        self._cells, self._cell = [], []
