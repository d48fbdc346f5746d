"""The parts of a page, and how they look in HTML and in what converters make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

__all__ = ["FORMS", "Cell", "Element", "Heading", "Item", "Items", "Paragraph", "Row", "row", "write"]

FORMS = ("html", "bars", "tabs", "lines")


class Item(NamedTuple):
    """An item of a list: its lines, and the list inside of it."""

    lines: tuple[str, ...]
    inner: tuple[Item, ...] = ()
    glued: bool = False
    """Converters leave no break between its first line and the next, as between an outcome and its description."""


Cell = Sequence["str | Item"]


class Heading(NamedTuple):
    text: str


class Paragraph(NamedTuple):
    text: str


class Items(NamedTuple):
    items: tuple[Item, ...]


class Row(NamedTuple):
    cells: tuple[Cell, ...]


Element = Heading | Paragraph | Items | Row


def row(label: str, *values: str | Cell | None) -> list[Element]:
    """A row, unless all of its values are missing."""
    cells: list[Cell] = [[value] if isinstance(value, str) else list(value or ()) for value in values]
    return [Row(([label] if label else [], *cells))] if any(cells) else []


# --- how an element looks in each form


def write(elements: Iterable[Element], form: str) -> bytes:
    """The page in a form: ``html``, or text with ``bars``, with ``tabs``, or with ``lines`` alone."""
    elements = list(elements)
    if form == "html":
        return _html(elements).encode()
    return "\n".join(_text(element, form) for element in elements).encode()


def _html(elements: list[Element]) -> str:
    out = ["<!DOCTYPE html><html><head><title>A study - ClinicalTrials.gov</title></head><body>"]
    table = False
    for element in elements:
        if isinstance(element, Row) != table:
            out.append("</table>" if table else "<table>")
            table = not table
        if isinstance(element, Row):
            out.append("<tr>" + "".join(f"<td>{_html_cell(cell)}</td>" for cell in element.cells) + "</tr>")
        elif isinstance(element, Heading):
            out.append(f"<h3>{escape(element.text)}</h3>")
        elif isinstance(element, Paragraph):
            out.append(f"<p>{escape(element.text)}</p>")
        else:
            out.append(_html_items(element.items))
    return "\n".join([*out, "</table>" if table else "", "</body></html>"])


def _html_items(items: Iterable[Item]) -> str:
    return "<ul>" + "".join(f"<li>{_html_item(item)}</li>" for item in items) + "</ul>"


def _html_item(item: Item) -> str:
    rest = "".join(f"<div>{escape(line)}</div>" for line in item.lines[1:])
    return escape(item.lines[0]) + rest + (_html_items(item.inner) if item.inner else "")


def _html_cell(cell: Cell) -> str:
    if all(isinstance(piece, str) for piece in cell):
        return "<br>".join(escape(str(piece)) for piece in cell)
    return "".join(_html_items([piece]) if isinstance(piece, Item) else f"<p>{escape(piece)}</p>" for piece in cell)


def _text(element: Element, form: str) -> str:
    if isinstance(element, Heading):
        return "\n" + element.text
    if isinstance(element, Paragraph):
        return "\n" + element.text
    if isinstance(element, Items):
        return "\n".join(_text_items(element.items))
    cells = ["\n".join(_text_cell(cell)) for cell in element.cells]
    if form == "bars":
        # A cell of blocks begins on a line of its own.
        return "".join(
            ("\n" if "\n" in cell and at else " " if at else "") + f"{cell} |" for at, cell in enumerate(cells)
        )
    if form == "tabs":
        return "\t".join(cells)
    return "\n".join(cell for cell in cells if cell)


def _text_cell(cell: Cell) -> list[str]:
    lines: list[str] = []
    for piece in cell:
        lines += _text_items([piece]) if isinstance(piece, Item) else [piece]
    return lines


def _text_items(items: Iterable[Item], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for item in items:
        first, *rest = item.lines
        if item.glued:
            first, rest = "".join(item.lines), []
        lines += ["  " * depth + "- " + first, *rest, *_text_items(item.inner, depth + 1)]
    return lines
