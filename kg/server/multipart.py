"""Bodies of forms with files, taken apart by python-multipart, within limits and in memory.

Source: https://www.rfc-editor.org/rfc/rfc7578, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from kg.server.problems import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

__all__ = ["MULTIPART", "Part", "read_parts"]

MULTIPART: Final = "multipart/form-data"

_BOUNDARY: Final = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_HEAD_BYTES: Final = 4096
_MOST_PARTS: Final = 20

# What it warns of is answered to the client, who could otherwise fill the log.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


class Part(NamedTuple):
    """One field of a form.

    ``content_type`` is None where the part says none, and ``filename`` is empty.
    """

    name: str
    content_type: str | None
    filename: str
    content: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    r"""The parts of a body, in the order sent.

    A body of nothing but what looks like its boundary takes seconds: call this outside the event loop.

    Args:
        content_type: the Content-Type header of the request, with the boundary.
        body: the body.

    Raises:
        Problem: 400, the body is not what it says, or breaks off.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="data"; filename="a.ttl"\r\n\r\n<urn:a> .\r\n--x--'
    >>> read_parts("multipart/form-data; boundary=x", body)
    [Part(name='data', content_type=None, filename='a.ttl', content=b'<urn:a> .')]
    """
    _, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if not _BOUNDARY.fullmatch(boundary):
        raise Problem(400, f"{MULTIPART} needs a boundary of up to 70 plain characters")
    form = _Form()
    try:
        MultipartParser(boundary, form.callbacks(), max_header_size=_HEAD_BYTES).write(body)
    except MultipartParseError as error:
        raise Problem(400, f"the form cannot be read at byte {error.offset}: {error}") from None
    if not form.ended:
        raise Problem(400, "the form breaks off: its last boundary is missing")
    return form.parts


class _Form:
    """What the parser has found so far."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin_part,
            "on_header_begin": self._begin_header,
            "on_header_field": self._add_field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        if len(self.parts) == _MOST_PARTS:
            raise Problem(400, f"the form has more than {_MOST_PARTS} parts")
        self._headers: dict[bytes, bytes] = {}
        self._head_bytes = 0
        self._content: list[bytes] = []

    def _begin_header(self) -> None:
        self._field = self._value = b""

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers.setdefault(self._field.lower(), self._value)
        self._head_bytes += len(self._field) + len(self._value)
        if self._head_bytes > _HEAD_BYTES:
            raise Problem(400, f"a part of the form has a head of more than {_HEAD_BYTES} bytes")

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def _end_part(self) -> None:
        disposition, parameters = parse_options_header(self._headers.get(b"content-disposition"))
        if disposition.lower() != b"form-data" or b"name" not in parameters:
            raise Problem(400, "a part of the form has no name")
        content_type = self._headers.get(b"content-type")
        self.parts.append(
            Part(
                _text(parameters[b"name"]),
                None if content_type is None else _text(content_type),
                _text(parameters.get(b"filename", b"")),
                b"".join(self._content),
            )
        )

    def _end(self) -> None:
        self.ended = True


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
