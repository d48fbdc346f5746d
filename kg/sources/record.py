"""What reading gives: records that are not decoded yet, and what was rejected on the way."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from kg.errors import TrialkgError

__all__ = ["Form", "RawRecord", "Reject", "is_nct_id", "one_line", "rejected", "spoilt", "unread"]

_NCT_ID = re.compile(r"NCT[0-9]{8}")


class Form(StrEnum):
    """The forms that a record comes in; the value is what the graph says of its source."""

    API_V2 = "API v2 JSON"
    XML = "legacy XML"
    AACT = "AACT tables"
    API_V1 = "API v1 JSON"
    PAGE_TEXT = "registry page, text"
    PAGE_HTML = "registry page, HTML"


class RawRecord(NamedTuple):
    """One record, not decoded.

    Attributes:
        data: exactly the record's bytes: a line without its end, an element of an array, or a whole file; of AACT and
            API v1, what they say as JSON in the shape of API v2.
        form: what :func:`kg.sources.decode` will read it as.
        place: where it was: ``dir/a.zip!b.json:17`` (line 17) or ``page.json[3]`` (element 3, from 0).
    """

    data: bytes
    form: Form
    place: str


class Reject(NamedTuple):
    """Something in the input that gives no record.

    Attributes:
        place: where, as in :class:`RawRecord`.
        nct_id: the study it would have been; ``""`` when that cannot be seen.
        reason: one line: what is wrong, and what to do about it.
        whole_input: the file (or folder, or archive) gave no record at all because of this.
    """

    place: str
    nct_id: str
    reason: str
    whole_input: bool


def is_nct_id(text: str) -> bool:
    """Whether ``text`` is a registry identifier, and nothing more.

    >>> is_nct_id("NCT04144517"), is_nct_id("NCT4144517")
    (True, False)
    """
    return _NCT_ID.fullmatch(text) is not None


def one_line(text: str, limit: int = 300) -> str:
    r"""``text`` fit for one line of a report: printable, without line breaks, not too long.

    Names of files and of archive members, and what parsers say of bad input, come from outside.

    >>> one_line("a\nb\x1b[31m")
    'a b [31m'
    """
    clean = "".join(character if character.isprintable() else " " for character in text)
    clean = clean.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def unread(place: str, reason: str) -> Reject:
    """The reject of a whole file, folder or archive."""
    return Reject(place, "", reason, whole_input=True)


def spoilt(place: str, reason: str, nct_id: str = "") -> Reject:
    """The reject of one record among others."""
    return Reject(place, nct_id, reason, whole_input=False)


def rejected(error: TrialkgError, *, place: str = "", nct_id: str = "", whole_input: bool = False) -> Reject:
    """The line of the report that an error becomes.

    Args:
        error: what was raised while reading.
        place: where; the error's own place unless given.
        nct_id: the study concerned, where known.
        whole_input: see :class:`Reject`.
    """
    remedy = f" ({error.remedy})" if error.remedy else ""
    return Reject(place or error.place, nct_id, one_line(error.problem + remedy), whole_input)
