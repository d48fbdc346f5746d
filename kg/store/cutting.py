"""Cutting a result off after some rows, so that what is left is a document of its format that says so.

The engine writes results itself and can only be stopped in the middle of its bytes. A row is found in them by the
grammar of the format as the engine writes it.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

__all__ = ["Cutter", "cut_link"]

_TEXT: Final = rb'"(?:[^"\\]++|\\.)*+"'
_NESTED: Final = 12
"""Deepest objects in a row of JSON: a binding is one, a triple in it two more, and so on."""


def _object(depth: int) -> bytes:
    within = _object(depth - 1) if depth else rb"(?!)"
    return rb"\{(?:[^\"{}]++|" + _TEXT + rb"|" + within + rb")*+\}"


class _Form(NamedTuple):
    """What stands before the first row, a row, and what comes after the last."""

    head: re.Pattern[bytes]
    row: re.Pattern[bytes]
    tail: bytes


def _form(head: bytes, row: bytes, tail: bytes = b"") -> _Form:
    return _Form(re.compile(head, re.DOTALL), re.compile(row, re.DOTALL), tail)


_LINE: Final = rb"[^\n]*+\n"
_RECORD: Final = rb'(?:[^"\n]++|"[^"]*+")*+\n'
_FORMS: Final = {
    "application/sparql-results+json": _form(rb'.*?"bindings":\[', rb",?" + _object(_NESTED), b"]}}"),
    "application/sparql-results+xml": _form(rb".*?<results>", rb"<result>.*?</result>", b"</results></sparql>"),
    "text/csv": _form(_RECORD, _RECORD),
    "text/tab-separated-values": _form(_LINE, _LINE),
}


def cut_link(base: str | None, rows: int) -> str:
    """The address that stands in a result that is cut off, and says that it is.

    >>> cut_link("http://127.0.0.1/sparql", 10)
    'http://127.0.0.1/sparql#cut-off-after-10-rows'
    """
    return f"{base or ''}#cut-off-after-{rows}-rows"


class Cutter:
    r"""A result that is taken in up to some rows.

    Args:
        media_type: its format.
        most: most rows; the next one is cut off.
        link: an address for the result to point to when it is cut off, where its format has a place for one.

    >>> cutter = Cutter("text/csv", 1, "http://x/")
    >>> cutter.add(b'a\r\n"1\n1"\r\n'), cutter.add(b"2\r\n"), cutter.data()
    (False, True, b'a\r\n"1\n1"\r\n')
    """

    def __init__(self, media_type: str, most: int, link: str) -> None:
        self._media_type = media_type.partition(";")[0]
        self._form = _FORMS[self._media_type]
        self._most = most
        self._link = link
        self._data = bytearray()
        self._end = 0
        self._rows = -1
        self.cut = False

    def add(self, data: bytes) -> bool:
        """Take in the next bytes; whether there are more rows than are allowed."""
        self._data += data
        while not self.cut:
            pattern = self._form.head if self._rows < 0 else self._form.row
            found = pattern.match(self._data, self._end)
            if not found:
                break
            self.cut = self._rows == self._most
            if not self.cut:
                self._rows += 1
                self._end = found.end()
        return self.cut

    def data(self) -> bytes:
        """What may be given of the result.

        Raises:
            ValueError: it is whole, and not of the grammar that is known here.
        """
        if self.cut:
            return self._pointing(bytes(self._data[: self._end])) + self._form.tail
        if self._data[self._end :] != self._form.tail:
            raise ValueError("the rows of the result cannot be counted")
        return bytes(self._data)

    def _pointing(self, data: bytes) -> bytes:
        """With the link in the head, which ends before any value."""
        if self._media_type.endswith("json"):
            return data.replace(b"]}", b'],"link":[' + json.dumps(self._link).encode() + b"]}", 1)
        if self._media_type.endswith("xml"):
            from xml.sax.saxutils import quoteattr

            return data.replace(b"</head>", f"<link href={quoteattr(self._link)}/></head>".encode(), 1)
        return data
