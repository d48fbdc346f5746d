"""What a file holds, by its first bytes; its name is never asked."""

from __future__ import annotations

import re
from enum import Enum, auto

__all__ = ["UNKNOWN", "Content", "after_prolog", "detect", "without_mark"]

_MARK = b"\xef\xbb\xbf"
# Forms that people try; the reason in the report then says what to do instead of only "not known".
_OTHERS = (
    (b"<?xml", "XML, of no form that is read (download the record as JSON)"),
    (b"BZh", "a bzip2 file (unpack it first, or use gzip)"),
    (b"\xfd7zXZ", "an xz file (unpack it first, or use gzip)"),
    (b"7z\xbc\xaf", "a 7z archive (unpack it first, or use zip)"),
    (b"%PDF", "a PDF (download the record as JSON)"),
    (b"\xff\xfe", "UTF-16 text (save it as UTF-8)"),
    (b"\xfe\xff", "UTF-16 text (save it as UTF-8)"),
)
_TAR_PLACE = 257
# With a document type it is refused, but as what it is.
_STUDY_XML = re.compile(rb"<(?:!DOCTYPE\s+)?clinical_study(?=[\s/>\[])", re.IGNORECASE)


class Content(Enum):
    """What reads a file."""

    EMPTY = auto()
    JSON = auto()
    """One JSON document, or one to the line."""
    HTML = auto()
    TEXT = auto()
    """Anything else that may be text: whether it is a registry page, the page reader says."""
    XML = auto()
    """The registry's legacy XML, or what calls itself so."""
    OTHER = auto()


def without_mark(head: bytes) -> bytes:
    """``head`` without byte order mark and white space at its start."""
    return head.removeprefix(_MARK).lstrip()


def after_prolog(data: bytes) -> int:
    """Where in a document the XML declaration, comments and instructions before the first element end.

    A document type declaration is not passed over. One that does not end is passed over to the end of the data.

    >>> after_prolog(b"<?xml version='1.0'?><!-- <a> --> <b/>")
    34
    """
    at = len(data) - len(without_mark(data))
    while True:
        for opening, closing in ((b"<?", b"?>"), (b"<!--", b"-->")):
            if data.startswith(opening, at):
                end = data.find(closing, at + len(opening))
                at = len(data) if end < 0 else end + len(closing)
                break
        else:
            return at
        while data[at : at + 1].isspace():
            at += 1


def detect(head: bytes) -> tuple[Content, str]:
    """What a file is that begins with ``head``.

    Args:
        head: its first bytes; the more, the surer.

    Returns:
        The content, and for content that is not read, why not, with what to do.

    >>> detect(b'{"protocolSection": {}}')
    (<Content.JSON: 2>, '')
    >>> detect(b"BZh9")
    (<Content.OTHER: 6>, 'a bzip2 file (unpack it first, or use gzip)')
    """
    start = without_mark(head)
    if not start:
        return Content.EMPTY, "empty, or only white space where it begins (nothing to read)"
    if start[:1] in (b"{", b"["):
        return Content.JSON, ""
    if _STUDY_XML.match(start, after_prolog(start)):
        return Content.XML, ""
    for magic, reason in _OTHERS:
        if start.startswith(magic):
            is_xhtml = magic == b"<?xml" and b"<html" in start[:1024].lower()
            return (Content.HTML, "") if is_xhtml else (Content.OTHER, reason)
    if head[_TAR_PLACE : _TAR_PLACE + 5] == b"ustar":
        return Content.OTHER, "a tar archive (unpack it first, or use zip)"
    if start.startswith(b"<"):
        return Content.HTML, ""
    if b"\0" in head:
        return Content.OTHER, UNKNOWN
    if start.startswith((b"id|nct_id|", b"nct_id|")):
        return Content.OTHER, "a table of an AACT export (name the folder or the zip that holds all of its tables)"
    return (Content.JSON, "") if _mostly_objects(start) else (Content.TEXT, "")


UNKNOWN = "no known form of a study record (expected API JSON, legacy XML, an AACT export or a registry page)"
"""Why a file is not read that is nothing in particular."""


def _mostly_objects(start: bytes) -> bool:
    """Whether most lines are JSON objects, so that a spoilt first line does not cost the others."""
    lines = [line for line in start.split(b"\n") if line.strip()]
    objects = sum(line.startswith(b'{"') for line in lines)
    return objects > 0 and objects * 2 >= len(lines)
