"""Rules that recognise a code in a short registered text, tried only where one of their words occurs.

Trying every pattern on every text takes half a build, so a rule names the words of which one must be there. Patterns
see a text that has been :func:`flattened`: what may repeat without end (white space, punctuation) may take time without
end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

__all__ = ["Rule", "Rules", "by_word", "flattened", "matching", "rules_for"]


class Rule(NamedTuple):
    """A code, the words of which one must occur, and the pattern that then decides; without one, the words do.

    ``unless`` is a pattern that takes the code back, and so does each word of ``without``.
    """

    code: str
    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes] | None
    unless: re.Pattern[bytes] | None
    keeps_case: bool
    without: frozenset[bytes]


class Rules(NamedTuple):
    """Rules in the order in which their codes are to be given, and the places of those to try for a word."""

    ordered: tuple[Rule, ...]
    places: dict[bytes, tuple[int, ...]]


_MARKS: Final = b"-()[]/,.;:+'\"*_=<>{}|&%?!~"
# Of bytes: translating text takes four times as long.
_PUNCTUATION: Final = bytes.maketrans(_MARKS, b" " * len(_MARKS))
_LOWERED: Final = bytes(_PUNCTUATION.lower())


def rules_for(
    code: str, patterns: Mapping[str, str], *, unless: str = "", without: str = "", keeps_case: bool = False
) -> tuple[Rule, ...]:
    """Rules for one code, by the words that each is tried for; for an empty pattern, the words decide by being there.

    Patterns see the text in lower case, which is three times as fast as ignoring case; unless told otherwise (OS and
    MPR are words in lower case). Words in ``without``, parted by spaces, cost less than the same in ``unless``.
    """
    fold = str if keeps_case else str.lower
    excluded = frozenset(without.encode().split())
    exception = re.compile(fold(unless).encode()) if unless else None
    return tuple(
        Rule(
            code,
            tuple(words.encode().split()),
            re.compile(fold(text).encode()) if text else None,
            exception,
            keeps_case,
            excluded,
        )
        for words, text in patterns.items()
    )


def by_word(ordered: Iterable[Rule]) -> Rules:
    """Rules as :func:`matching` takes them, in the order in which their codes are to be given."""
    found = Rules(tuple(ordered), {})
    for place, one in enumerate(found.ordered):
        for word in one.words:
            found.places[word] = (*found.places.get(word, ()), place)
    return found


def flattened(text: str) -> bytes:
    """A text as rules see it: punctuation is space; wide forms and dashes of other keyboards are the usual ones.

    >>> flattened("PFS（progression–free  survival), RECIST 1.1").split()[-3:]
    [b'RECIST', b'1', b'1']
    """
    return _usual(text).translate(_PUNCTUATION)


def _usual(text: str) -> bytes:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = " ".join(text.translate(_OTHER_MARKS).split())
    return text.encode(errors="replace")


_OTHER_MARKS: Final = dict.fromkeys(map(ord, "‐‑‒–—−‘’“”、。，；：·•…≥≤±®™"), " ")


def matching(rules: Rules, text: str) -> tuple[str, ...]:
    """The codes of the rules that match, each once, in the order of the rules."""
    usual = _usual(text)
    words = usual.translate(_LOWERED).split()
    triggers = rules.places.keys() & words
    if not triggers:
        return ()
    if len(triggers) == 1:
        places: Iterable[int] = rules.places[triggers.pop()]
    else:
        places = sorted({place for trigger in triggers for place in rules.places[trigger]})
    lowered = cased = b""
    found: list[str] = []
    for place in places:
        code, _, pattern, unless, keeps_case, without = rules.ordered[place]
        if code in found or (without and not without.isdisjoint(words)):
            continue
        if keeps_case:
            seen = cased = cased or b" ".join(usual.translate(_PUNCTUATION).split())
        else:
            seen = lowered = lowered or b" ".join(words)
        if (pattern is None or pattern.search(seen)) and (unless is None or not unless.search(seen)):
            found.append(code)
    return tuple(found)
