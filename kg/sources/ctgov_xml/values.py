"""Values of legacy XML → values of API v2; what is not understood is kept as it stands, so that it is noted."""

from __future__ import annotations

import re

from kg.sources.ctgov_xml.elements import Element
from kg.sources.ctgov_xml.text import paragraphs, unwrapped
from kg.sources.dates import iso_date
from kg.sources.registry_words import enum_value
from kg.study import DateStruct

__all__ = ["coded", "count", "dated", "day", "flag", "group_id", "group_ids", "name", "prose"]

_YES = {"yes": True, "no": False}
_GROUP = re.compile(r"([BEOP])([1-9][0-9]{0,2})")
_TABLES = {"B": "BG", "E": "EG", "O": "OG", "P": "FG"}


def coded(enumeration: str, word: str | None) -> str | None:
    """The enum value of a word, see :func:`kg.sources.registry_words.enum_value`; None for None."""
    return enum_value(enumeration, word) if word else None


def flag(parent: Element, *path: str) -> bool | None:
    """Yes or no; anything else is noted, since a boolean cannot hold it."""
    element = parent.first(*path)
    word = element.text()
    if word is None:
        return None
    if word.casefold() not in _YES:
        element.note(f"{'/'.join(path)} is neither yes nor no: {word!r}")
    return _YES.get(word.casefold())


def count(element: Element, what: str, text: str | None) -> int | None:
    """A whole number; anything else is noted.

    Args:
        element: where it was.
        what: what to call it in the note.
        text: the number.
    """
    if text is None:
        return None
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        element.note(f"{what} is not a whole number: {text!r}")
        return None
    return int(digits)


def day(parent: Element, *paths: str) -> str | None:
    """The date of the first of some elements that is there; the paths are names by which it has gone."""
    for path in paths:
        text = parent.text(path)
        if text:
            return iso_date(text) or text
    return None


def dated(parent: Element, *paths: str) -> DateStruct | None:
    """The same with its type: actual, or estimated, which is written ``Anticipated`` or ``Estimate``."""
    date = day(parent, *paths)
    types = (parent.first(path).attribute("type") for path in paths)
    kind = coded("DateType", next(filter(None, types), None))
    return DateStruct(date=date, type=kind) if date or kind else None


def name(person: Element) -> str | None:
    """The name of a person, whose parts are apart in older records, with the degrees after it."""
    parts = [person.text(part) for part in ("first_name", "middle_name", "last_name")]
    whole = " ".join(filter(None, parts))
    return ", ".join(filter(None, (whole, person.text("degrees")))) or None


def prose(parent: Element, *path: str) -> str | None:
    """Text of several lines; what begins on a line of its own, as a ``textblock`` does, is set in columns."""
    element = parent.first(*path)
    text = element.own()
    if not text:
        return None
    return unwrapped(text) if element.tag == "textblock" or text.startswith(("\n", "\r")) else paragraphs(text)


def group_id(element: Element) -> str | None:
    """The id of a group, which holds within one table, as API v2 counts it: from 0, after a letter more.

    An id of another form stays as it is.
    """
    return _group_id(element.attribute("group_id"))


def group_ids(texts: list[str]) -> list[str]:
    """The same for ids that are texts."""
    return [_group_id(text) or text for text in texts]


def _group_id(text: str | None) -> str | None:
    found = _GROUP.fullmatch(text or "")
    return f"{_TABLES[found[1]]}{int(found[2]) - 1:03}" if found else text
