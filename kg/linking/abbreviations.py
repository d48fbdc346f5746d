"""Abbreviations that a record spells out itself: ``long form (SHORT)``.

Source: Schwartz & Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text,
Pacific Symposium on Biocomputing 2003.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["abbreviations", "is_abbreviation", "spelled_by"]

_SHORT: Final = re.compile(r"\(([A-Za-z][A-Za-z0-9/-]{1,9})\)")
_FARTHEST: Final = 400
"""So far before its brackets, in characters, a long form may begin."""
_LONGEST_TITLE: Final = 1_000
_ABBREVIATION: Final = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9/-]{2,10}")


def is_abbreviation(text: str) -> bool:
    """Whether a text looks like an abbreviation: one short word with two capitals.

    >>> is_abbreviation("HNSCC"), is_abbreviation("Melanoma")
    (True, False)
    """
    return _ABBREVIATION.fullmatch(text) is not None


def abbreviations(texts: Iterable[str]) -> dict[str, str]:
    """Short form → long form, as the texts define them.

    >>> abbreviations(["Patients with nasopharyngeal carcinoma (NPC) who"])
    {'NPC': 'nasopharyngeal carcinoma'}
    """
    found: dict[str, str] = {}
    for text in texts:
        for match in _SHORT.finditer(text):
            short = match[1]
            long = _long_form(text[max(0, match.start() - _FARTHEST) : match.start()].rstrip(), short)
            if long:
                found.setdefault(short, long)
    return found


def _long_form(before: str, short: str) -> str:
    """The shortest end of the text whose letters spell the short form, its first letter beginning a word."""
    words = before.split()[-min(len(short) + 5, len(short) * 2) :]
    candidate = " ".join(words)
    at = len(candidate) - 1
    for position in range(len(short) - 1, -1, -1):
        letter = short[position].lower()
        if not letter.isalnum():
            continue
        while at >= 0 and not (
            candidate[at].lower() == letter and (position > 0 or at == 0 or not candidate[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
        at -= 1
    long = candidate[at + 1 :].strip()
    return long if len(long) > len(short) and " " in long else ""


def spelled_by(short: str, text: str) -> Iterator[str]:
    """Runs of words of a text that an abbreviation may stand for, where the text does not put it in brackets.

    Stricter than :func:`abbreviations`, since nothing but the letters says so: three letters at least, each word of the
    run begins with one of them, and every letter is used. Of runs that begin together only the longest is given.

    >>> list(spelled_by("NPC", "Toripalimab in nasopharyngeal cancer of adults"))
    ['nasopharyngeal cancer']
    """
    letters = short.casefold()
    if len(letters) < 3 or not letters.isalpha() or len(text) > _LONGEST_TITLE:
        return
    words = text.split()
    for start, first in enumerate(words):
        if not first.casefold().startswith(letters[0]):
            continue
        for end in range(min(start + len(letters), len(words)), start, -1):
            if _spell(words[start:end], letters):
                yield " ".join(words[start:end]).strip(".,;:()[]")
                break


def _spell(words: list[str], letters: str) -> bool:
    """Whether the letters are the first letters of the words in order, with others of each word between them."""
    if not words:
        return not letters
    word, rest = words[0].casefold(), words[1:]
    if not letters or word[0] != letters[0]:
        return False
    # How many of the letters this word takes is not known before the words after it have theirs.
    return any(
        _in_order(letters[1:taken], word[1:]) and _spell(rest, letters[taken:]) for taken in range(1, len(letters) + 1)
    )


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)
