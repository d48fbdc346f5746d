"""Counting the rows of a result in its bytes, while they go by.

The engine writes results itself and tells no number. Each of these formats has a mark that stands once for each row
and never inside a value, since values are escaped.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RowCounter"]

_LINE: Final = re.compile(rb"\n")
_MARKS: Final = {
    # The first binding of a row: inside a text its quotes would be escaped.
    "application/sparql-results+json": re.compile(rb'\{"[^"\\]+":\{"type":'),
    "application/sparql-results+xml": re.compile(rb"<result>"),
    "text/csv": _LINE,
    "text/tab-separated-values": _LINE,
    "application/n-triples": _LINE,
    "application/n-quads": _LINE,
}
_WITH_HEAD: Final = ("text/csv", "text/tab-separated-values")
_LONGEST_MARK: Final = 256


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
            self._found += len(self._mark.findall(joined)) - len(self._mark.findall(self._tail))
            self._tail = joined[-_LONGEST_MARK:]
