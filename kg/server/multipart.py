"""Bodies of forms with files, taken apart.

Source: https://www.rfc-editor.org/rfc/rfc7578, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Final, NamedTuple

from kg.server.problems import Problem

__all__ = ["MULTIPART", "Part", "read_parts"]

MULTIPART: Final = "multipart/form-data"

_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PADDING: Final = re.compile(rb"[ \t]*\r\n")
_HEAD_BYTES: Final = 4096
_MOST_PARTS: Final = 20


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

    Args:
        content_type: the Content-Type header of the request, with the boundary.
        body: the body.

    Raises:
        Problem: 400, the body is not what it says, or breaks off.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="data"; filename="a.ttl"\r\n\r\n<urn:a> .\r\n--x--'
    >>> read_parts("multipart/form-data; boundary=x", body)
    [Part(name='data', content_type=None, filename='a.ttl', content=b'<urn:a> .')]
    """
    boundary = _headers(f"Content-Type: {content_type}").get_param("boundary") or ""
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise Problem(400, f"{MULTIPART} needs a boundary of up to 70 plain characters")
    # What is before the first line of the boundary counts for nothing; that line may be the first of all.
    _, *sections = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), _MOST_PARTS + 1)
    parts: list[Part] = []
    for section in sections:
        if section.startswith(b"--"):
            return parts
        parts.append(_part(section))
        if len(parts) > _MOST_PARTS:
            raise Problem(400, f"the form has more than {_MOST_PARTS} parts")
    raise Problem(400, "the form breaks off: its last boundary is missing")


def _part(section: bytes) -> Part:
    padding = _PADDING.match(section)
    # A part without any header has the empty line at once.
    head, empty_line, content = section[padding.end() - 2 :].partition(b"\r\n\r\n") if padding else (b"", b"", b"")
    if not empty_line or len(head) > _HEAD_BYTES:
        raise Problem(400, f"a part of the form has no head, or one of more than {_HEAD_BYTES} bytes")
    headers = _headers(head.decode("utf-8", "replace").strip())
    name = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise Problem(400, "a part of the form has no name")
    return Part(name, headers.get("content-type"), headers.get_filename() or "", content)


def _headers(text: str) -> Message:
    message = Message()
    for line in re.sub(r"\r\n[ \t]+", " ", text).split("\r\n"):
        name, _, value = line.partition(":")
        # Message takes what it is given; a bare line break in a value would be none of a header.
        message[name.strip() or "x-empty"] = " ".join(value.split())
    return message
