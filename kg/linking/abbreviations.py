"""Abbreviations that a record spells out itself: ``long form (SHORT)`` or ``SHORT (long form)``.

Source: Schwartz & Hearst, A simple algorithm for identifying abbreviation definitions in biomedical text,
Pacific Symposium on Biocomputing 2003.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

__all__ = ["LongForms", "abbreviations", "is_abbreviation", "spelled_by", "spells"]

_SHORT: Final = re.compile(r"\(([A-Za-z][A-Za-z0-9/-]{1,9})(?:[;,][^()]{0,80})?\)")
_BEFORE: Final = re.compile(r"(?<![\w/-])([A-Za-z][A-Za-z0-9/-]{1,9}) ?\(([A-Za-z][^()]{4,100})\)")
_FARTHEST: Final = 400
"""So far before its brackets, in characters, a long form may begin."""
_LONGEST_TITLE: Final = 1_000
_ABBREVIATION: Final = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9/-]{2,10}")
_LONG_WORD: Final = 10
"""One word is a long form only when it has so many letters: *choroideremia (CHM)*."""


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
        if "(" not in text:
            continue
        for match in _SHORT.finditer(text):
            short = match[1]
            long = _long_form(text[max(0, match.start() - _FARTHEST) : match.start()].rstrip(), short)
            if long:
                found.setdefault(short, long)
        for match in _BEFORE.finditer(text):
            short, long = match[1], match[2].strip()
            if is_abbreviation(short) and _long_form(long, short) == long:
                found.setdefault(short, long)
    return found


class LongForms(Mapping[str, str]):
    """Short form → long form as texts define them, each looked for when it is asked for.

    Args:
        texts: where the first definition stands.

    >>> LongForms(["nasopharyngeal carcinoma (NPC)"]).get("NPC")
    'nasopharyngeal carcinoma'
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)
        self._found: dict[str, str] = {}

    def __getitem__(self, short: str) -> str:
        if short not in self._found:
            texts = [text for text in self._texts if f"({short}" in text or f"{short} (" in text or f"{short}(" in text]
            self._found[short] = abbreviations(texts).get(short, "")
        if not self._found[short]:
            raise KeyError(short)
        return self._found[short]

    def __iter__(self) -> Iterator[str]:
        return iter(abbreviations(self._texts))

    def __len__(self) -> int:
        return len(abbreviations(self._texts))


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
            return _reordered(words, short)
        at -= 1
    long = candidate[at + 1 :].strip()
    is_long = len(long) > len(short) and (" " in long or len(long) >= _LONG_WORD)
    return long if is_long else _reordered(words, short)


def _reordered(words: list[str], short: str) -> str:
    """The last words, one for each letter, where they begin with the letters in another order: *DM*, *HF*."""
    last = words[-len(short) :]
    initials = sorted(word[0].lower() for word in last)
    return " ".join(last) if len(short) > 1 and initials == sorted(short.lower()) else ""


def spells(short: str, text: str) -> bool:
    """Whether an abbreviation may stand for the whole of a text: two letters only for the first letters of two words.

    >>> spells("HD", "Huntington disease"), spells("HD", "heart attack"), spells("HD", "hand")
    (True, False, False)
    """
    if text[:1].casefold() != short[:1].casefold():
        return False
    words = re.findall(r"\w+", text.casefold())
    letters = [letter for letter in short.casefold() if letter.isalnum()]
    if len(letters) == 2:
        return [word[0] for word in words] == letters
    return len(letters) > 2 and len(words) > 1 and _spell(words, "".join(letters))


def spelled_by(short: str, text: str) -> Iterator[str]:
    """Runs of words of a text that an abbreviation may stand for, where the text does not put it in brackets.

    Stricter than :func:`abbreviations`, since nothing but the letters says so: three letters at least, each word of the
    run begins with one of them, and every letter is used. Of runs that begin together only the longest is given.

    >>> list(spelled_by("NPC", "Toripalimab in nasopharyngeal cancer of adults"))
    ['nasopharyngeal cancer']
    """
    letters = short.casefold()
    if len(letters) < 3 or not letters.isalnum() or len(text) > _LONGEST_TITLE:
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
