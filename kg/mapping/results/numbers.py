"""Numbers in results. The registry has them as text, since registrants write "NA", "<0.001" and "1,234" too."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from kg.mapping.draft import Draft, prop
from kg.terms import decimal, integer, string

__all__ = ["LOWER", "P_VALUE", "SPREAD", "UPPER", "VALUE", "Measured", "add_number", "add_whole"]

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})")
_WHOLE: Final = re.compile(r"[0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5}")


class Measured(NamedTuple):
    """The property for a number, and the one for its text where the number does not give it back."""

    number: str
    text: str


VALUE: Final = Measured(prop("tkg:value"), prop("tkg:valueText"))
SPREAD: Final = Measured(prop("tkg:spread"), prop("tkg:spreadText"))
LOWER: Final = Measured(prop("tkg:lowerLimit"), prop("tkg:lowerLimitText"))
UPPER: Final = Measured(prop("tkg:upperLimit"), prop("tkg:upperLimitText"))
P_VALUE: Final = Measured(prop("tkg:pValue"), prop("tkg:pValueText"))


def add_number(draft: Draft, node: str, measured: Measured, text: str | None) -> None:
    """Statements with a number: as a decimal where it is one, and as text where the decimal would not give it back.

    A comma is never read as a mark of thousands or of decimals: which it is, the record does not say.
    """
    if text:
        for kind, value in enumerate(_number(text) if len(text) < _LONGEST_KEPT else _number.__wrapped__(text)):
            if value:
                draft.statements.append((node, measured[kind], value))


_LONGEST_KEPT: Final = 100
"""A longer text is no number, and would fill the memory."""


@lru_cache(maxsize=65_536)
def _number(text: str) -> tuple[str, str]:
    """The decimal and, where that is not the same text, the text.

    >>> _number("12.50"), _number("7"), _number("<0.001")
    (('"12.5"^^<...decimal>', '"12.50"'), ('"7"^^<...decimal>', ''), ('', '"<0.001"'))
    """
    written = string(text)
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return "", written
    number = decimal(stripped)
    return number, "" if number.startswith(f'"{stripped}"') else written


def add_whole(draft: Draft, node: str, predicate: str, text: str | None, field: str) -> None:
    """A statement with a whole number; what is none is rejected. Numbers of people have commas for thousands only."""
    if not text:
        return
    stripped = text.strip()
    if _WHOLE.fullmatch(stripped):
        draft.statements.append((node, predicate, integer(int(stripped.replace(",", "")))))
    elif stripped:
        draft.reject(field, f"{text!r} is not a whole number")
