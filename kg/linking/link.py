"""A link: the claim that a registered string means a concept, with its evidence."""

from __future__ import annotations

from typing import Final, NamedTuple

from kg.linking.index import Concept

__all__ = ["LONGEST_TEXT", "METHODS", "Link", "link_to"]

LONGEST_TEXT: Final = 500
"""Longer strings are no names: the registry allows 200 characters, and the search in them costs more than linearly."""

METHODS: Final[dict[str, str]] = {
    "registry": "0.9",
    "exact": "1",
    "synonym": "1",
    "normalized": "0.9",
    "abbreviation": "0.85",
    "component": "0.8",
    "fuzzy": "0.7",
    "manual": "1",
}
"""Method → score of a link made by it; decimals in canonical form."""


class Link(NamedTuple):
    """One piece of evidence that a string means a concept.

    ``text`` is the part of the string that matched, as registered; ``score`` is between 0 and 1, as canonical
    decimal text.
    """

    concept: Concept
    text: str
    method: str
    score: str


def link_to(concept: Concept, text: str, method: str) -> Link:
    """A link with the score of its method."""
    return Link(concept, text, method, METHODS[method])
