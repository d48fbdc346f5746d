"""A table of an AACT export → a file with its whole rows, for a CSV reader.

A quote that is never closed makes a CSV reader take all that follows for one value, and what is lost that way it does
not say. So rows are told apart here first; what is in them is the reader's.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import IO, NamedTuple

from kg.config import Limits
from kg.errors import InputError
from kg.sources.archive import Stream
from kg.sources.detect import without_mark
from kg.sources.record import Reject, spoilt

__all__ = ["Header", "copy_rows", "read_header"]

_CLOSING = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')
_OPENING = {"|": re.compile(rb'(?:^|\|)"'), ",": re.compile(rb'(?:^|,)"')}
_LONGEST_HEADER = 64 * 1024
_MOST_LINES = 5_000
"""So many lines in one row, and a quote in it is taken for one that was never closed."""
_QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
_END = b"\n\n"


class Header(NamedTuple):
    """The first row of a table: its columns, and what parts them."""

    columns: tuple[str, ...]
    delimiter: str


def read_header(stream: Stream) -> Header:
    r"""The header of a table; without columns where there is none.

    >>> import io
    >>> read_header(io.BufferedReader(io.BytesIO(b"id|nct_id|name\n1|NCT00000001|x\n")))
    Header(columns=('id', 'nct_id', 'name'), delimiter='|')
    """
    line = without_mark(stream.readline(_LONGEST_HEADER)).decode("utf-8", "replace").strip()
    delimiter = "|" if "|" in line else ","
    try:
        columns = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        columns = []
    return Header(tuple(name.strip().lower() for name in columns), delimiter)


def copy_rows(stream: Stream, target: IO[bytes], place: str, header: Header, limits: Limits) -> Iterator[Reject]:
    """Copy a table from its second line on; a row whose quotes do not close becomes an empty line.

    Lines keep their numbers, so that what the CSV reader finds can be found in the original.

    Args:
        stream: the table, its header already read.
        target: where the rows go.
        place: what to call the table.
        header: its header.
        limits: ``table_row_bytes`` bounds a row, ``spool_bytes`` the table, ``table_rejects`` the broken rows.

    Yields:
        A reject for each row that is left out.

    Raises:
        InputError: the stream broke, or the table is too long or too broken; what came before was copied.
    """
    left = limits.spool_bytes
    broken = 0
    for number, row, problem in _rows(stream, header, limits.table_row_bytes):
        left -= len(row)
        if left < 0:
            raise InputError(f"longer than {limits.spool_bytes:,} bytes", place=place, remedy="split the export")
        target.write(row)
        if problem:
            broken += 1
            yield spoilt(f"{place}:{number}", problem)
            if broken == limits.table_rejects:
                raise InputError(f"{broken:,} broken rows; the rest is left out", place=place, remedy="export it again")


def _rows(stream: Stream, header: Header, longest: int) -> Iterator[tuple[int, bytes, str]]:
    """Rows, each with the number of its first line; an empty one, with the reason, for one that is left out."""
    start = re.compile(_row_start(header))
    again: deque[bytes] = deque()
    number = 2
    row: list[bytes] = []  # the lines of a row in which a quote is open
    size = 0
    while line := again.popleft() if again else _line(stream, longest) or (b"" if not row else _END):
        if row and (line is _END or start.match(line) or size + len(line) > longest or len(row) == _MOST_LINES):
            # What follows the line that opens the quote is rows of its own.
            again.extendleft(reversed([*row[1:], line] if line is not _END else row[1:]))
            yield number, b"\n", "a quote that is opened and not closed (this row is left out)"
            number, row, size = number + 1, [], 0
        elif len(line) > longest:
            yield number, b"\n", f"a row longer than {longest:,} bytes (left out)"
            number += 1
        else:
            is_open = _left_open(line, header.delimiter, inside=bool(row))
            row.append(line)
            size += len(line)
            if not is_open:
                whole = b"".join(row)
                if b"\r" in whole and b"\r" in _QUOTED.sub(b"", whole):
                    # A CSV reader gives up the whole table for it.
                    yield number, b"\n" * len(row), "a carriage return that is not in quotes (this row is left out)"
                else:
                    yield number, whole, ""
                number, row, size = number + len(row), [], 0


def _row_start(header: Header) -> bytes:
    part = re.escape(header.delimiter.encode())
    before = rb'(?:"?[0-9]+"?' + part + rb")" if header.columns[:2] == ("id", "nct_id") else b""
    return before + rb'"?NCT[0-9]{8}"?' + part


def _line(stream: Stream, longest: int) -> bytes:
    """The next line with a plain line end; one that is too long is cut, and stays too long."""
    line = stream.readline(longest + 1)
    if len(line) > longest:
        while (rest := stream.readline(longest)) and not rest.endswith(b"\n"):
            pass
        return line
    return line.rstrip(b"\r\n") + b"\n" if line.endswith((b"\r\n", b"\r")) else line


def _left_open(line: bytes, delimiter: str, *, inside: bool) -> bool:
    """Whether a quoted value goes on after ``line``."""
    if b'"' not in line:
        return inside
    at = 0
    while True:
        if inside:
            closing = _CLOSING.match(line, at)
            if closing is None:
                return True
            at, inside = closing.end(), False
        opening = _OPENING[delimiter].search(line, at)
        if opening is None:
            return False
        at, inside = opening.end(), True
