"""The rows of one study, column by column, and what of them is not as expected."""

from __future__ import annotations

import math

from kg.sources.aact.store import Row, Tables
from kg.sources.dates import iso_date
from kg.sources.record import one_line
from kg.sources.registry_words import enum_value

__all__ = ["Reading", "gathered"]

_TRUTHS = {"t": True, "true": True, "yes": True, "y": True, "f": False, "false": False, "no": False, "n": False}


class Reading:
    """One study's rows.

    Attributes:
        tables: the rows by table.
        notes: what could not be read, for :attr:`kg.study.Study.reading_notes`.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.notes: list[str] = []

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        return self.tables[table]

    def one(self, table: str) -> Row | None:
        """The row of a table that has one for each study; a second one is noted."""
        rows = self.tables[table]
        if len(rows) > 1:
            self.notes.append(f"{table} has {len(rows)} rows of this study: only the first one is read")
        return rows[0] if rows else None

    def by(self, table: str, column: str, owners: str) -> dict[str | None, list[Row]]:
        """The rows of a table by the row of another that they belong to; those that belong to none are noted.

        Args:
            table: whose rows.
            column: has the ids of the others.
            owners: the table of these.
        """
        found: dict[str | None, list[Row]] = {}
        for row in self.tables[table]:
            found.setdefault(row[column], []).append(row)
        lost = sum(len(found[key]) for key in found.keys() - {row["id"] for row in self.tables[owners]})
        if lost:
            self.notes.append(f"{table}: {lost} rows whose {column} is not in {owners} (left out)")
        return found

    def degrees(self, row: Row, column: str, most: int) -> float | None:
        """A coordinate."""
        text = row[column]
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.inf
        if abs(value) <= most:
            return value
        self._odd(column, f"no number up to {most}", text)
        return None

    def truth(self, row: Row, column: str) -> bool | None:
        """A value that is true or false."""
        text = row[column]
        if text is None:
            return None
        value = _TRUTHS.get(text.strip().lower())
        if value is None:
            self._odd(column, "neither yes nor no", text)
        return value

    def whole(self, row: Row, column: str) -> int | None:
        """A whole number."""
        text = row[column]
        if text is None:
            return None
        plain = text.removesuffix(".0")
        if plain.isascii() and plain.isdigit() and len(plain) < 19:
            return int(plain)
        self._odd(column, "no whole number", text)
        return None

    def date(self, row: Row, *columns: str) -> str | None:
        """The first of some columns that has a date."""
        for column in columns:
            text = row[column]
            if text is not None:
                date = iso_date(text)
                if date is not None:
                    return date
                self._odd(column, "no date", text)
        return None

    def word(self, row: Row, column: str, list_name: str) -> str | None:
        """A value of one of the registry's lists."""
        text = row[column]
        return None if text is None else enum_value(list_name, text)

    def _odd(self, column: str, what: str, text: str) -> None:
        self.notes.append(f"{column} is {what}: '{one_line(text, 60)}'")


def gathered(rows: list[Row], *columns: str) -> list[list[Row]]:
    """Rows that differ only in their group, together, in the order in which each first appears.

    A second row of a group is of another thing with the same words, as of a second category without a title.

    >>> rows = [{"ctgov_group_code": group, "category": word} for group, word in ("1a", "2a", "1b", "2b", "1a")]
    >>> ["".join(f"{row['ctgov_group_code']}{row['category']} " for row in part) for part in gathered(rows, "category")]
    ['1a 2a ', '1b 2b ', '1a ']
    """
    parts: list[list[Row]] = []
    # Of each combination of words: its parts, and how many rows each group has had so far.
    found: dict[tuple[str | None, ...], tuple[list[list[Row]], dict[str | None, int]]] = {}
    for row in rows:
        own, had = found.setdefault(tuple(row[column] for column in columns), ([], {}))
        group = row["ctgov_group_code"]
        turn = had.get(group, 0)
        had[group] = turn + 1
        if turn == len(own):
            own.append([])
            parts.append(own[-1])
        own[turn].append(row)
    return parts
