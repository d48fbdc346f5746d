"""A string that names a condition, cut into the words that name it and those that only say which cases are meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from kg.linking.normalize import Token
from kg.linking.words import (
    ABOUT_WHICH,
    CONNECTORS,
    GRADED,
    GRADES,
    JOINING,
    LEADING,
    NAMED,
    PEOPLE,
    PHRASES,
    QUALIFIERS,
    STAGES,
    STAGING,
)

__all__ = ["Part", "Unit", "choices", "content", "denies", "parts", "units"]

_MOST_OPTIONAL: Final = 5
"""With so many words that may be left out, all their combinations are tried; with more, all or none is left out."""
_PHRASES: Final = {phrase[0]: [other for other in PHRASES if other[0] == phrase[0]] for phrase in PHRASES}
_OPTIONAL: Final = QUALIFIERS | PEOPLE
_SPECIAL: Final = STAGING | GRADES | _PHRASES.keys() | {"non", "not", "pre", "negative"}


class Unit(NamedTuple):
    """Words that stay or go together.

    Attributes:
        tokens: the words.
        is_optional: they only say which cases are meant: a name may lack them.
        is_glue: an article or a preposition.
    """

    tokens: tuple[Token, ...]
    is_optional: bool = False
    is_glue: bool = False


class Part(NamedTuple):
    """What stands between two connecting words.

    Attributes:
        tokens: its words.
        is_studied: whether it is studied as well, or only circumstance.
        is_about: whether what stands before it may be about it: *biomarkers in sepsis*, *surgery for scoliosis*.
    """

    tokens: tuple[Token, ...]
    is_studied: bool = True
    is_about: bool = True


def units(found: Iterable[Token]) -> tuple[Unit, ...]:
    """The words of a string in order, those together that stay or go together."""
    return _units(tuple(found))


@lru_cache(maxsize=4096)
def _units(found: tuple[Token, ...]) -> tuple[Unit, ...]:
    made: list[Unit] = []
    at = 0
    while at < len(found):
        length, is_optional = _unit_at(found, at)
        made.append(Unit(tuple(found[at : at + length]), is_optional, length == 1 and found[at].word in LEADING))
        at += length
    return tuple(made)


def _unit_at(found: Sequence[Token], at: int) -> tuple[int, bool]:
    word = found[at].word
    if word not in _SPECIAL and not word.startswith("non") and not _runs_on(found, at):
        return 1, word in _OPTIONAL
    following = found[at + 1].word if at + 1 < len(found) else ""
    for phrase in _PHRASES.get(word, ()):
        if tuple(token.word for token in found[at : at + len(phrase)]) == phrase:
            end = at + len(phrase)
            return (_stages_end(found, end) if phrase[-1] in STAGING else end) - at, phrase not in NAMED
    if word in STAGING:
        end = _stages_end(found, at + 1)
        # "Stage" alone qualifies; "group" and "class" alone say something.
        return end - at, end > at + 1 or word in ("stage", "grade")
    if word in ("non", "not") and following:
        return 2, True
    if word == "pre" and following:
        # "Pre-eclampsia" is one word.
        return 2, False
    if word in GRADES and following in GRADED:
        return 2, True
    if word.startswith("non") and len(word) > 6:
        return 1, True
    if _runs_on(found, at):
        # "SCAR12" is one name, not a scar.
        length = 2
        while _runs_on(found, at + length - 1):
            length += 1
        return length, False
    if word == "negative" and at == len(found) - 1:
        # "Hepatitis B negative" is about people who do not have it; "HER2-negative breast cancer" is a cancer.
        return 1, False
    return 1, word in _OPTIONAL


def _runs_on(found: Sequence[Token], at: int) -> bool:
    """Whether a word is followed by digits, or digits by a word, with nothing between them."""
    return at + 1 < len(found) and found[at].end == found[at + 1].start


def _stages_end(found: Sequence[Token], end: int) -> int:
    """Where the stages that begin here end: *II*, *IIIA or IIIB*, *IV AJCC v8*."""
    while end < len(found) and (
        found[end].word in STAGES | STAGING
        or found[end].word.isdigit()
        or (found[end].word in ("or", "and", "to") and end + 1 < len(found) and _is_stage(found[end + 1].word))
    ):
        end += 1
    return end


def _is_stage(word: str) -> bool:
    return word in STAGES or word.isdigit()


def content(of: Sequence[Unit]) -> list[Unit]:
    """The units that a name must have."""
    return [unit for unit in of if not unit.is_optional and not unit.is_glue]


def choices(of: Sequence[Unit]) -> Iterator[list[Token]]:
    """The words of a string with more and more left out of what may be left out."""
    optional = [n for n, unit in enumerate(of) if unit.is_optional]
    counts = range(len(optional), -1, -1) if len(optional) <= _MOST_OPTIONAL else (len(optional), 1, 0)
    for count in counts:
        for kept in combinations(optional, count):
            yield [token for n, unit in enumerate(of) if not unit.is_optional or n in kept for token in unit.tokens]


def parts(found: Sequence[Token]) -> list[Part]:
    """A string parted at the words that end a name: *ataxia | due to | stroke*; the first part is the main one."""
    made: list[Part] = []
    start = at = 0
    is_studied = is_about = True
    while at < len(found):
        word = found[at].word
        following = found[at + 1].word if at + 1 < len(found) else ""
        length = 2 if (word, following) in JOINING else 1
        if length == 2 or word in CONNECTORS:
            made.append(Part(tuple(found[start:at]), is_studied, is_about))
            is_studied = length == 2 or CONNECTORS[word]
            is_about = length == 1 and word in ABOUT_WHICH
            start = at + length
        at += length
    made.append(Part(tuple(found[start:]), is_studied, is_about))
    return [part for part in made if part.tokens]


def denies(found: Sequence[Token], denials: frozenset[str]) -> bool:
    """Whether a string has a word that makes a name in it something else; a graded risk is none."""
    for n, token in enumerate(found):
        if token.word in denials and not (token.word in GRADED and n and found[n - 1].word in GRADES):
            return True
        if token.word == "negative" and n == len(found) - 1:
            return True
    return False
