"""Counting the rows of a result in its bytes, while they go by.

The engine writes results itself and tells no number. Each of these formats has a mark that stands once for each row
and never inside a value, since values are escaped.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RowCounter"]

_LINE: Final = re.compile(rb"\n")
# A row as an object of a list. In a text the quotes would be escaped; where they end one, no name follows.
_NEXT_ROW: Final = re.compile(rb',\{"[^},:]')
_XML_ROW: Final = re.compile(rb"<result>")
_FIRST_ROW: Final = re.compile(rb'\[\{"[^},:]')
_MARKS: Final = {
    "application/sparql-results+json": _NEXT_ROW,
    "application/sparql-results+xml": _XML_ROW,
    "text/csv": _LINE,
    "text/tab-separated-values": _LINE,
    "application/n-triples": _LINE,
    "application/n-quads": _LINE,
}
_WITH_HEAD: Final = ("text/csv", "text/tab-separated-values")
_LENGTHS: Final = {_NEXT_ROW: len(b',{"a'), _XML_ROW: len(b"<result>")}


class RowCounter:
    r"""Counts the rows of one result, or the statements of N-Triples and N-Quads.

    A row of JSON in which nothing is bound is not counted.

    Args:
        media_type: the format, as a Content-Type says it.

    >>> counter = RowCounter("text/csv")
    >>> for part in (b'a,b\r\n1,"x', b'\ny"\r\n', b"2,z\r\n"):
    ...     counter.add(part)
    >>> counter.rows
    2
    """

    def __init__(self, media_type: str) -> None:
        name = media_type.partition(";")[0]
        self._mark = _MARKS.get(name)
        self._csv = name == "text/csv"
        self._found = -1 if name in _WITH_HEAD else 0
        self._quoted = False
        self._found_first = False
        # One less than the length of a mark, so that none is in there whole.
        self._overlap = _LENGTHS[self._mark] - 1 if self._mark in _LENGTHS else 0
        self._tail = b""

    @property
    def rows(self) -> int | None:
        """How many so far; None for a format in which they cannot be counted."""
        return None if self._mark is None else max(0, self._found)

    def add(self, data: bytes) -> None:
        """Count what is in the next bytes."""
        if self._mark is None:
            return
        if self._csv:
            # Values with line breaks are in quotes.
            parts = data.split(b'"')
            self._found += sum(part.count(b"\n") for part in parts[self._quoted :: 2])
            self._quoted ^= len(parts) % 2 == 0
        elif self._mark is _LINE:
            self._found += data.count(b"\n")
        else:
            # A mark may lie across two parts.
            joined = self._tail + data
            self._found += len(self._mark.findall(joined))
            if self._mark is _NEXT_ROW and not self._found_first:
                # Looked for apart: one expression for both takes eight times as long.
                self._found_first = bool(_FIRST_ROW.search(joined))
                self._found += self._found_first
            self._tail = joined[-self._overlap :]
