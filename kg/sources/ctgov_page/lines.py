"""Values that go over several lines: their lines with the lists they are in, free text, values within values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kg.sources.ctgov_page.blocks import ITEM_MARK, Block, Kind
from kg.sources.ctgov_page.words import squeezed

__all__ = ["Line", "entries", "inner_values", "lines_of", "prose"]

_ITEM = re.compile(r"(?:[-*•·]|\d{1,2}[.)])\s+(.*)")


class Line(NamedTuple):
    """A line of a value.

    Attributes:
        text: without the mark of a list.
        level: of the first line of an item, how many lists it is inside of, from 0; None for any other line.
        rest: where the line is a row of a table, its other cells.
        attached: it follows the line above without a gap.
    """

    text: str
    level: int | None = None
    rest: tuple[str, ...] = ()
    attached: bool = False


def lines_of(block: Block, first: int = 0) -> Iterator[Line]:
    """The lines of a block.

    Args:
        block: any block.
        first: of a row, the first cell that counts.
    """
    if block.kind is not Kind.ROW:
        level = block.level if block.kind is Kind.ITEM else None
        for number, line in enumerate(block.text.split("\n")):
            yield Line(line, level if number == 0 else None, attached=block.attached or number > 0)
        return
    cells = (block.marked or block.cells)[first:]
    filled = [cell for cell in cells if cell]
    if first == 0 and len(filled) > 1 and "\n" not in filled[0]:
        plain = [squeezed(cell.replace(ITEM_MARK, "")) for cell in filled]
        yield Line(plain[0], rest=tuple(plain[1:]))
        return
    for cell in filled:
        for line in cell.split("\n"):
            bare = line.lstrip(ITEM_MARK)
            depth = len(line) - len(bare)
            item = None if depth else _ITEM.fullmatch(bare)
            level = depth - 1 if depth else block.level if item else None
            yield Line(squeezed(item[1] if item else bare), level)


def prose(lines: Iterable[Line]) -> str | None:
    """Free text: paragraphs apart by a blank line, items of a list below each other."""
    text = ""
    listing = False
    for line in lines:
        if line.level is not None:
            text += ("\n" if listing else "\n\n") + "  " * line.level + "* " + squeezed(line.text)
        else:
            text += "\n\n" + " ".join((line.text, *line.rest))
        listing = line.level is not None
    return text.strip() or None


def entries(lines: Iterable[Line], begins: re.Pattern[str]) -> list[list[Line]]:
    """The entries of a list: each begins with an item of the outermost list.

    Args:
        lines: the list.
        begins: where there are no items at all, what a line has that begins an entry.
    """
    lines = list(lines)
    outermost = min((line.level for line in lines if line.level is not None), default=None)
    found: list[list[Line]] = []
    for line in lines:
        starts = line.level == outermost if outermost is not None else begins.search(line.text) is not None
        if starts:
            found.append([line])
        elif found:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def inner_values(lines: Iterable[Line], labels: Collection[str]) -> dict[str, list[str]]:
    """Values that have labels of their own within a value: beside the label, behind its colon, or below.

    Args:
        lines: the value.
        labels: the labels that it may have, in lower case.
    """
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        before, _, after = line.text.partition(":")
        key = squeezed(before).casefold().rstrip()
        if key in labels and key not in found and (line.rest or ":" in line.text or key == line.text.casefold()):
            found[key] = current = [value for value in (squeezed(after), *line.rest) if value]
        elif current is not None and line.text:
            current.append(line.text)
    return found
