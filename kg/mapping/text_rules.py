"""Rules that recognise a code in a short registered text, tried only where one of their words occurs.

Trying every pattern on every text takes half a build, so a rule names the words of which one must be there. Patterns see
a text that has been :func:`flattened`: what may repeat without end (white space, punctuation) may take time without end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Final, NamedTuple

__all__ = ["Rule", "Rules", "by_word", "flattened", "matching", "rules"]


class Rule(NamedTuple):
    """A code, the words of which one must occur, and the pattern that then decides; without one, the words do.

    ``unless`` is a pattern that takes the code back.
    """

    code: str
    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes] | None
    unless: re.Pattern[bytes] | None
    keeps_case: bool


Rules = dict[bytes, tuple[tuple[int, Rule], ...]]
"""Rules by each of their words, with their place in the order in which codes are given."""

_MARKS: Final = b"-()[]/,.;:+'\"*_=<>{}|&%?!~"
# Of bytes: translating text takes four times as long.
_PUNCTUATION: Final = bytes.maketrans(_MARKS, b" " * len(_MARKS))


def rules(code: str, patterns: Mapping[str, str], *, unless: str = "", keeps_case: bool = False) -> tuple[Rule, ...]:
    """Rules for one code, by the words that each is tried for; for an empty pattern, the words decide by being there.

    Patterns see the text in lower case, which is three times as fast as ignoring case; unless told otherwise (OS and MPR are
    words in lower case).
    """
    fold = str if keeps_case else str.lower
    exception = re.compile(fold(unless).encode()) if unless else None
    return tuple(
        Rule(code, tuple(words.encode().split()), re.compile(fold(text).encode()) if text else None, exception, keeps_case)
        for words, text in patterns.items()
    )


def by_word(ordered: Iterable[Rule]) -> Rules:
    """Rules as :func:`matching` takes them, in the order in which their codes are to be given."""
    found: dict[bytes, list[tuple[int, Rule]]] = {}
    for order, one in enumerate(ordered):
        for word in one.words:
            found.setdefault(word, []).append((order, one))
    return {word: tuple(entries) for word, entries in found.items()}


def flattened(text: str) -> bytes:
    """A text as rules see it: punctuation is space; wide forms and dashes of other keyboards are the usual ones.

    >>> flattened("PFS（progression–free  survival), RECIST 1.1").split()[-3:]
    [b'RECIST', b'1', b'1']
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = " ".join(text.translate(_OTHER_MARKS).split())
    return text.encode(errors="replace").translate(_PUNCTUATION)


_OTHER_MARKS: Final = dict.fromkeys(map(ord, "‐‑‒–—−‘’“”、。，；：·•…≥≤±®™"), " ")


def matching(by_words: Rules, text: str) -> tuple[str, ...]:
    """The codes of the rules that match, each once, in the order of the rules."""
    flat = flattened(text)
    words = flat.lower().split()
    triggers = by_words.keys() & words
    if not triggers:
        return ()
    candidates = {entry for trigger in triggers for entry in by_words[trigger]}
    lowered, cased = b" ".join(words), b""
    found: dict[str, None] = {}
    for _, one in sorted(candidates, key=itemgetter(0)) if len(candidates) > 1 else candidates:
        if one.code in found:
            continue
        seen = lowered
        if one.keeps_case:
            seen = cased = cased or b" ".join(flat.split())
        if (one.pattern is None or one.pattern.search(seen)) and not (one.unless and one.unless.search(seen)):
            found[one.code] = None
    return tuple(found)
