"""What the rules for stop reasons share: how a rule is made, gaps between words, people, taking part, being unable.

A rule sees a text that :mod:`kg.mapping.texts.stop_reasons` has made plain: lower case, words parted by one space, a
full stop as a word of its own at the end of each sentence, a comma as one wherever a list goes on. So a gap of a few
words never runs from one sentence into the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = [
    "ENROL",
    "PEOPLE",
    "UNABLE",
    "UP_TO_2",
    "UP_TO_3",
    "UP_TO_4",
    "UP_TO_6",
    "UP_TO_8",
    "WITHIN_3",
    "WITHIN_4",
    "YES_3",
    "YES_6",
    "Rule",
    "rule",
]


class Rule(NamedTuple):
    """A class, and its patterns, each with the pieces of text of which one must occur."""

    code: str
    patterns: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]


def rule(code: str, patterns: Mapping[str, tuple[str, ...]]) -> Rule:
    """A rule from patterns that stand under the pieces of text, parted by spaces, of which one must be there.

    Looking for a piece costs a hundredth of a pattern.

    >>> rule("supply", {"drug": ("no drug", "drug expired")}).patterns[0][1].pattern
    'no drug|drug expired'
    """
    return Rule(code, tuple((tuple(pieces.split()), re.compile("|".join(some))) for pieces, some in patterns.items()))


# Up to so many words between two that belong together; a bound, so that no text takes time without end.
UP_TO_2: Final = "(?: [^ .]{1,30}){0,2}? "
UP_TO_3: Final = "(?: [^ .]{1,30}){0,3}? "
UP_TO_4: Final = "(?: [^ .]{1,30}){0,4}? "
UP_TO_6: Final = "(?: [^ .]{1,30}){0,6}? "
UP_TO_8: Final = "(?: [^ .]{1,30}){0,8}? "
# The same, but not beyond a comma.
WITHIN_3: Final = "(?: [^ .,]{1,30}){0,3}? "
WITHIN_4: Final = "(?: [^ .,]{1,30}){0,4}? "
# The same, but nothing that denies what follows.
YES_3: Final = r"(?: (?!not\b|never\b|un|no\b|fail)[^ .]{1,30}){0,3}? "
YES_6: Final = r"(?: (?!not\b|never\b|un|no\b|fail)[^ .]{1,30}){0,6}? "

PEOPLE: Final = (
    r"(?:patients?|pts?|parti[cs]ipa\w+|subjects?|volunt[ae]+rs?|candidates?|cases|people|persons?|individuals"
    "|women|men|males?|females?|children|infants|neonates|newborns|babies|adults|adolescents|families|parents"
    r"|donors?|recipients?|populations?|mothers|couples|veterans|enrollees|respondents|caregivers|dyads)\b"
)
# With the slips of spelling that are common: recruitement, recriutment, recuitment, enrolement, acrual, accural.
ENROL: Final = (
    r"(?:(?:under|re|over)?(?:en?roll?|enorl|inrol|recr\w{0,3}t|recuit|reqruit|requit)\w*|ac+r?u+[ae]?r?[ai]?l\w*"
    r"|accru\w*|inclu(?:sions?|ded?)|randomi[sz]\w*)\b"
)
UNABLE: Final = r"(?:not|never|unable|inab\w*|diff?icult\w*|hard|fail\w*|impossib\w*|challeng\w*|problem\w*|struggl\w*)"
