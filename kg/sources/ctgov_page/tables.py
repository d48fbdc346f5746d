"""What the tables of the results share: groups, numbers of participants, values with their spread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kg.sources.ctgov_page.rows import Row, is_value, key_of
from kg.sources.ctgov_page.words import squeezed
from kg.study import Count, Denominator, Group, Measurement

__all__ = ["GroupTable", "Split", "denominator", "measurement", "number", "split"]

_SHARE = re.compile(r"[<>]?\s*[0-9.]+%")
_WITH_SHARE = re.compile(r"(.+?)\s+[<>]?[0-9.]+%")
_SPREAD = re.compile(r"(\S+)\s*\(([^()]*)\)")
_LIMITS = re.compile(r"(\S+)\s+to\s+(\S+)")
_COUNT = re.compile(r"([0-9][0-9,]{0,14})\b")
_FOOTNOTE = re.compile(r"(.*?)\s*\[(\d{1,3})\]", re.DOTALL)
_LONGEST_VALUE = 300


class GroupTable:
    """The groups of one table.

    Args:
        prefix: of their ids, which are made here as the registry makes them: ``OG000``, ``OG001``, …

    Attributes:
        groups: the groups, by the columns of the table.
    """

    def __init__(self, prefix: str, kind: type[Group] = Group) -> None:
        self._prefix = prefix
        self._kind = kind
        self.groups: list[Group] = []

    def read(self, row: Row) -> bool | None:
        """Take the titles or the descriptions of the groups.

        Returns:
            True when the row was one of these; None when it was, and which text is whose cannot be told.
        """
        key = key_of(row[0]) if row else ""
        texts = [squeezed(cell) if key == "arm/group title" else cell for cell in row[1:]]
        if key == "arm/group title" and not self.groups:
            texts = [text for text in texts if text]
            self.groups = [self._kind(id=f"{self._prefix}{at:03}", title=text) for at, text in enumerate(texts)]
            return True
        if key == "arm/group title":
            return True
        if key != "arm/group description":
            return False
        if len(texts) != len(self.groups):
            return None if any(texts) else True
        for group, text in zip(self.groups, texts, strict=True):
            group.description = None if text in ("", "[Not Specified]") else text
        return True

    @property
    def ids(self) -> list[str]:
        """The ids of the groups, by column."""
        return [group.id or "" for group in self.groups]


class Split(NamedTuple):
    """A row of a table: the texts before its values, and the value of each group; no values in a heading."""

    labels: list[str]
    values: list[str]


def split(row: Row, groups: int) -> Split | None:
    """Part a row into its labels and its values, which are its last cells, one for each group.

    Returns:
        None when there are values, and which is whose cannot be told.
    """
    cells = [squeezed(cell) if number else cell for number, cell in enumerate(row)]
    cells = [cell for cell in cells if not _SHARE.fullmatch(cell)]
    filled = [cell for cell in cells if cell]
    if groups and filled and len(cells) == groups and all(map(is_value, filled)):
        return Split([], cells)  # a converter has left out the empty cell before them
    if len(filled) <= 1 and len(row) != groups + 1:
        return Split(filled, [])
    if not any(cells[-groups:] if groups else ()):
        return Split(filled, [])
    if not groups or len(cells) <= groups or any(map(is_value, cells[1:-groups])):
        return None
    return Split([cell for cell in cells[:-groups] if cell], cells[-groups:])


def number(text: str) -> str | None:
    """The number that a cell begins with, as the registry writes it: without commas.

    >>> number("1,204 participants"), number("--")
    ('1204', None)
    """
    found = _COUNT.match(text)
    return found[1].replace(",", "") if found else None


def denominator(units: str, ids: Sequence[str], values: Sequence[str]) -> Denominator:
    """How many units of each group were analyzed."""
    counts = [(id_, number(value)) for id_, value in zip(ids, values, strict=True)]
    return Denominator(units=units, counts=[Count(group_id=id_, value=value) for id_, value in counts if value])


def measurement(group_id: str, text: str) -> tuple[Measurement, str | None]:
    """A value with its spread or its limits, and the number of the footnote on it, if any.

    >>> measurement("OG000", "12.3 (1.0 to 2.0) [1]")[0].upper_limit
    '2.0'
    """
    if len(text) > _LONGEST_VALUE:
        return Measurement(group_id=group_id, value=text), None
    marked = _FOOTNOTE.fullmatch(text)
    text, note = (marked[1], marked[2]) if marked else (text, None)
    share = _WITH_SHARE.fullmatch(text)
    text = share[1] if share else text
    found = _SPREAD.fullmatch(text)
    measured = Measurement(group_id=group_id, value=found[1] if found else text)
    limits = _LIMITS.fullmatch(found[2].strip()) if found else None
    if limits:
        measured.lower_limit, measured.upper_limit = limits[1], limits[2]
    elif found:
        measured.spread = squeezed(found[2]) or None
    return measured, note
