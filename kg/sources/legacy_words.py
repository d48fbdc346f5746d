"""The words for enum values in the registry's legacy forms → the values of API v2.

Source: ``legacy_words.tsv``: the registry's own list, ``/studies/enums``, each value with its legacy word, and
(``older`` in the last column) words that records of earlier years have.
"""

from __future__ import annotations

import csv
import re
from functools import cache

from kg.config import resource

__all__ = ["legacy_value", "legacy_word"]

_FILE = ("sources", "legacy_words.tsv")
_MARKS = re.compile(r"[\W_]+")


def legacy_value(enumeration: str, word: str) -> str:
    """The enum value that a word stands for; the word itself when it is not known.

    Case, hyphens and spaces do not count: records have "Double-Blind" and "Double Blind".

    Args:
        enumeration: the registry's name of the enumeration.
        word: the word.

    >>> legacy_value("Status", "Active, not recruiting"), legacy_value("Status", "Asleep")
    ('ACTIVE_NOT_RECRUITING', 'Asleep')
    """
    return _values().get((enumeration, _folded(word)), word)


def legacy_word(enumeration: str, value: str) -> str:
    """The registry's own word for an enum value; the value when it has none.

    >>> legacy_word("InterventionType", "DIETARY_SUPPLEMENT")
    'Dietary Supplement'
    """
    return _words().get((enumeration, value), value)


def _folded(word: str) -> str:
    return _MARKS.sub(" ", word).strip().casefold()


@cache
def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(resource(*_FILE).read_text("utf-8").splitlines(), delimiter="\t"))


@cache
def _values() -> dict[tuple[str, str], str]:
    return {(row["enumeration"], _folded(row["word"])): row["value"] for row in _rows()}


@cache
def _words() -> dict[tuple[str, str], str]:
    words: dict[tuple[str, str], str] = {}
    for row in _rows():
        words.setdefault((row["enumeration"], row["value"]), row["word"])
    return words
