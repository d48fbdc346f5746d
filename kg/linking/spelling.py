"""Words with a slip of the pen, and words run together, read as words that names have."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import marisa_trie
from rapidfuzz.distance import OSA

__all__ = ["Spelling"]

_SHORTEST: Final = 6
"""A shorter word is too near to too many others."""
_SHORTEST_HALF: Final = 4
_MOST: Final = 6
"""A word near to more than so many others is probably another word."""


class Spelling:
    """Finds the words that a misspelled word may stand for.

    Args:
        words: every word of the names, in normal form.

    >>> Spelling(marisa_trie.Trie(["dysfunction", "heart", "failure"])).readings("dysfuntion")
    ('dysfunction',)
    """

    def __init__(self, words: marisa_trie.Trie) -> None:
        self._words = words
        self.readings = lru_cache(maxsize=20_000)(self._readings)

    def is_known(self, word: str) -> bool:
        """Whether a name has the word, or it is too short or no word of letters, so that nothing can be said."""
        return len(word) < _SHORTEST or not word.isalpha() or not word.isascii() or word in self._words

    def _readings(self, word: str) -> tuple[str, ...]:
        """Known words that differ by one letter put in, left out, taken for another or two of them swapped.

        The first letter is never wrong. Where there is none, the two known words that the word is made of.
        """
        if self.is_known(word):
            return ()
        # One slip leaves either the first two letters or all after them as they should be.
        near = {
            other
            for other in self._words.keys(word[:2])
            if abs(len(other) - len(word)) <= 1
            and len(other) >= _SHORTEST - 1
            and OSA.distance(word, other, score_cutoff=1) <= 1
        }
        near |= {
            other
            for letter in "abcdefghijklmnopqrstuvwxyz"
            for other in (word[0] + letter + word[2:], word[0] + letter + word[1:], word[0] + word[2:])
            if other in self._words
        }
        swapped = word[0] + word[2] + word[1] + word[3:]
        if swapped in self._words:
            near.add(swapped)
        if near:
            return tuple(sorted(near)) if len(near) <= _MOST else ()
        return tuple(
            f"{word[:at]} {word[at:]}"
            for at in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1)
            if word[:at] in self._words and word[at:] in self._words
        )
