"""Pages of a result: ``limit`` and ``offset`` in, ``Link`` headers out.

Source: https://www.rfc-editor.org/rfc/rfc8288 (relations ``first``, ``prev`` and ``next``).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fastapi import Request

from kg.server.problems import Problem
from kg.server.protocol import Parameters

__all__ = ["MOST_ROWS", "Paging", "read_paging"]

MOST_ROWS: Final = 1_000_000
"""Most rows of a page, and most rows before it."""


class Paging(NamedTuple):
    """Which rows are asked for; ``limit`` is None for all from ``offset`` on."""

    limit: int | None = None
    offset: int = 0

    def others(self, rows: int | None) -> dict[str, Paging]:
        """The pages beside this one, by their relation to it.

        Args:
            rows: how many this one has; None when that is not known.

        >>> Paging(10, 5).others(10)
        {'first': Paging(limit=10, offset=0), 'prev': Paging(limit=10, offset=0), 'next': Paging(limit=10, offset=15)}
        >>> Paging(10, 0).others(9), Paging().others(100)
        ({}, {})
        """
        if self.limit is None:
            return {}
        found = {}
        if self.offset:
            found["first"] = self._replace(offset=0)
            found["prev"] = self._replace(offset=max(0, self.offset - self.limit))
        # A page that is not full is the last.
        if rows is None or rows >= self.limit:
            found["next"] = self._replace(offset=self.offset + self.limit)
        return found

    def address(self, request: Request) -> str:
        """Where this page is: relative, since a proxy may serve it under another address."""
        return "?" + request.url.include_query_params(limit=self.limit, offset=self.offset).query


def read_paging(parameters: Parameters) -> Paging:
    """The page that a request asks for.

    Raises:
        Problem: 400, ``limit`` or ``offset`` is no such number, or given more than once.
    """
    limit, offset = (_number(parameters, name, least) for name, least in (("limit", 1), ("offset", 0)))
    return Paging(limit, offset or 0)


def _number(parameters: Parameters, name: str, least: int) -> int | None:
    given = parameters.one(name)
    if given is None:
        return None
    # Other digits than these are numbers to Python too.
    if not (given.isascii() and given.isdecimal()) or not least <= int(given[:20]) <= MOST_ROWS:
        raise Problem(400, f"{name} {given!r} is not a number from {least} to {MOST_ROWS}")
    return int(given)
