"""A registry page in HTML → blocks, as :mod:`kg.sources.ctgov_page.blocks` makes them from text.

Nothing is fetched, no entity is expanded, and the parser's own limits stay on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from kg.errors import RecordError
from kg.sources.ctgov_page.blocks import ITEM_MARK, Block, Kind
from kg.sources.ctgov_page.words import squeezed

__all__ = ["html_blocks"]

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "select", "button", "input", "textarea", "iframe", "object",
    "caption", "img", "head", "title",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "big", "cite", "code", "em", "font", "i", "ins", "kbd", "label", "mark", "nobr", "q",
    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LISTS = frozenset(("ol", "ul"))
_CELLS = frozenset(("td", "th"))
# What ends the text of an open item; paragraphs of one item stay together.
_OWN_BLOCK = frozenset(("li", "ol", "table", "tr", "ul"))
_AS_BLOCK = re.compile(r"display\s*:\s*block")
_SPACE = re.compile(r"\s+")
_BREAK = "\n"
_NEXT_DOCUMENT = re.compile(rb"</html\s{0,100}>\s{0,1000}(?=<!doctype\b|<html\b)", re.IGNORECASE)
_MOST_DOCUMENTS = 20
_DEEPEST = 6
"""So deep lists are told apart within a cell."""


def html_blocks(data: bytes) -> Iterator[Block]:
    """The blocks of a page.

    Args:
        data: the page, UTF-8; or several, one after the other.

    Yields:
        Blocks in the order of the page; the first is its title, where it has one.

    Raises:
        RecordError: the parser gave it up on the way, so that what follows would be lost.
    """
    # The parser takes what stands behind the end of a document for nothing.
    for document in _NEXT_DOCUMENT.split(data, maxsplit=_MOST_DOCUMENTS):
        yield from _document_blocks(document)


def _document_blocks(data: bytes) -> Iterator[Block]:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = cast("etree._Element | None", etree.fromstring(data, parser))
    except etree.XMLSyntaxError:  # nothing in it that is an element
        return
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise RecordError("nested too deep or with a text too long for the parser, which stops there")
    if root is None:
        return
    title = root.findtext("./head/title") or root.findtext(".//title")
    if title and squeezed(title):
        yield Block(Kind.TITLE, (squeezed(title),))
    yield from _Reader().blocks(root)


class _Reader:
    """Walks over the elements and gathers text until something ends it."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._heading = False
        self._items: list[bool] = []  # for each open <li>: whether its own text is given already
        self._lists = 0
        self._row: list[str] | None = None  # the cells of the open row; None outside one
        self._row_lists = 0  # lists open in the cell

    def blocks(self, root: etree._Element) -> Iterator[Block]:
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = str(element.tag)
            if event == "start":
                if tag in _SKIPPED:
                    walker.skip_subtree()
                    continue
                if not _is_inline(element):
                    yield from self._opened(tag)
                self._gather(element.text)
            elif tag in _SKIPPED:
                self._gather(element.tail)
            else:
                if not _is_inline(element):
                    yield from self._closed(tag)
                self._gather(element.tail)
        yield from self._flush()

    def _gather(self, text: str | None) -> None:
        if text:
            self._text.append(_SPACE.sub(" ", text).replace(ITEM_MARK, ""))

    def _opened(self, tag: str) -> Iterator[Block]:
        if tag == "table" and self._row is not None:
            # A table in a cell: the outer one only lays out the page, so its row is no row.
            cells, self._row = [_unmarked(cell) for cell in [*self._row, _BREAK.join(self._lines())]], None
            self._row_lists = 0
            yield from (Block(Kind.LINE, (line,)) for cell in cells for line in cell.split(_BREAK) if line)
        if self._row is not None:
            if tag in _CELLS:
                self._text = []
                self._row_lists = 0
            else:
                self._row_lists += tag in _LISTS
                mark = ITEM_MARK * min(max(1, self._row_lists), _DEEPEST) if tag == "li" else ""
                self._text.append(_BREAK + mark)
            return
        if tag == "br" or (self._items and tag not in _OWN_BLOCK):
            self._text.append(_BREAK)
            return
        yield from self._flush()
        if tag == "tr":
            self._row = []
        elif tag in _LISTS:
            self._lists += 1
        elif tag == "li":
            self._items.append(False)
        elif tag in _HEADINGS:
            self._heading = True

    def _closed(self, tag: str) -> Iterator[Block]:
        if self._row is not None:
            if tag in _CELLS:
                self._row.append(_BREAK.join(self._lines()))
            elif tag == "tr":
                cells, self._row = tuple(self._row), None
                self._text = []
                if any(cells):
                    plain = tuple(_unmarked(cell) for cell in cells)
                    yield Block(Kind.ROW, plain, marked=cells if cells != plain else ())
            else:
                self._row_lists -= tag in _LISTS
                self._text.append(_BREAK)
            return
        if tag == "br":
            return
        if self._items and tag not in _OWN_BLOCK:
            self._text.append(_BREAK)
            return
        yield from self._flush()
        if tag in _LISTS:
            self._lists = max(0, self._lists - 1)
        elif tag == "li" and self._items:
            self._items.pop()
        elif tag in _HEADINGS:
            self._heading = False

    def _lines(self) -> list[str]:
        lines = [squeezed(line) for line in "".join(self._text).split(_BREAK)]
        self._text = []
        found: list[str] = []
        mark = ""
        for line in lines:
            if not line.strip(ITEM_MARK):
                mark = line or mark  # an item whose text is in an element of its own
            else:
                found.append(mark + line)
                mark = ""
        return found

    def _flush(self) -> Iterator[Block]:
        lines = self._lines()
        if not lines:
            return
        if self._items and not self._items[-1]:
            self._items[-1] = True
            yield Block(Kind.ITEM, (_BREAK.join(lines),), level=max(0, self._lists - 1))
        elif self._heading:
            yield Block(Kind.HEADING, (" ".join(lines),))
        else:
            for number, line in enumerate(lines):
                yield Block(Kind.LINE, (line,), attached=number > 0)


def _unmarked(cell: str) -> str:
    return cell.replace(ITEM_MARK, "")


def _is_inline(element: etree._Element) -> bool:
    return element.tag in _INLINE and not _AS_BLOCK.search(element.get("style") or "")
