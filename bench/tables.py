"""Tables of figures that are printed, and written into a document between two marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.figures import show
from kg.linking.evaluate import Fraction

__all__ = ["DOCUMENT", "Table", "bounds", "percent", "write_section"]

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "linking.md"


class Table(NamedTuple):
    """A table; the first column is text, the others are figures. ``note`` stands below it in the document."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def print(self) -> None:
        """Print it."""
        show(self.title, self.columns, self.rows)

    def markdown(self) -> str:
        """The table as the document has it, under a heading."""
        marks = "|".join(("---", *("---:" for _ in self.columns[1:])))
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.columns, *self.rows)]
        lines.insert(1, f"|{marks}|")
        return "\n".join([f"### {self.title}", "", *lines, *(["", self.note] if self.note else [])])


def percent(fraction: Fraction) -> str:
    """A share in per cent; a dash of nothing."""
    return "–" if fraction.share is None else f"{100 * fraction.share:.1f} %"


def bounds(fraction: Fraction) -> str:
    """A share with its 95 % interval."""
    if fraction.share is None:
        return "–"
    low, high = fraction.interval
    return f"{100 * fraction.share:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def write_section(name: str, tables: Sequence[Table], document: Path = DOCUMENT) -> None:
    """Put tables between the marks ``<!-- NAME -->`` and ``<!-- end of NAME -->`` of a document."""
    before, mark, rest = document.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not mark or not end:
        raise SystemExit(f"{document}: has no section between the marks of {name!r}; put both back")
    text = "\n\n".join(table.markdown() for table in tables)
    document.write_text(f"{before}{mark}\n{text}\n\n{end}{after}", encoding="utf-8")
