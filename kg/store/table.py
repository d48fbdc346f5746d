"""Rows as a table for a terminal."""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Sequence
from decimal import Decimal

from kg.store.cells import Cell, shown
from kg.store.frames import by_column, column_type

__all__ = ["draw"]

_FALLBACK_WIDTH = 160
_WHOLE = 24
_GAP = 3


def draw(columns: Sequence[str], rows: Sequence[tuple[Cell, ...]], width: int | None = None) -> str:
    """A table with prefixed names; cells that are too wide are wrapped.

    Args:
        columns: their names.
        rows: their cells.
        width: characters of the terminal; what it has, or 160 where there is none, when not given.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = width or shutil.get_terminal_size((_FALLBACK_WIDTH, 24)).columns
    cells = [[shown(value) for value in row] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    numeric = [column_type(values) in (int, float, Decimal) for _, values in by_column(columns, rows)]
    widths = _widths(columns, cells, width)
    for name, right, wide in zip(columns, numeric, widths, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold", width=wide)
    for row in cells:
        table.add_row(*map(Text, row))
    output = io.StringIO()
    # Whatever the answer says is text, never markup and never a terminal's control sequence.
    # On a narrow terminal the lines are longer than it is; cut words would be worse.
    width = max(width, sum(widths) + _GAP * len(widths))
    console = Console(file=output, width=width, color_system=None, markup=False, highlight=False, emoji=False)
    console.print(table)
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


def _widths(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths that fit: a column as wide as its longest word, the rest shared by the roots of what they lack.

    A study's id or a name that is cut in two can be neither read nor copied.
    """
    full = [max(len(text) for text in (name, *(row[n] for row in cells))) for n, name in enumerate(columns)]
    longest = (max((len(part) for row in cells for part in row[n].split()), default=1) for n in range(len(columns)))
    word = [min(_WHOLE, length) for length in longest]
    least = [min(most, max(part, len(name))) for most, part, name in zip(full, word, columns, strict=True)]
    spare = max(0, width - sum(least) - _GAP * (len(columns) - 1))
    wants = [most - some for most, some in zip(full, least, strict=True)]
    if sum(wants) <= spare:
        return full
    shares = [math.sqrt(want) for want in wants]
    given = [min(want, int(spare * share / sum(shares))) for want, share in zip(wants, shares, strict=True)]
    return [some + more for some, more in zip(least, given, strict=True)]
