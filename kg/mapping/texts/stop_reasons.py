"""Why a study was stopped, suspended or withdrawn: the classes of reasons that the registered text states.

A text may state several reasons, and many state none ("Study terminated", "PI decision"): then there is no class. What
is denied ("not due to safety concerns") does not count. ``docs/texts.md`` has the classes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from kg.mapping.draft import Draft, prop
from kg.mapping.texts import stop_reasons_decided, stop_reasons_found, stop_reasons_lacking
from kg.mapping.texts.stop_reason_denials import DENIED

__all__ = ["add_stop_reasons", "stop_reasons"]

_RULES: Final = (*stop_reasons_found.RULES, *stop_reasons_decided.RULES, *stop_reasons_lacking.RULES)
_WHERE_NOTHING_ELSE_IS_SAID: Final = (
    ("business", stop_reasons_decided.BY_SPONSOR),
    ("logistics", stop_reasons_lacking.NOT_FEASIBLE),
)
_STOP_REASON = prop("tkg:stopReason")

_LONGEST: Final = 2000
"""Of characters. The registry allows 250 (160 in old records); what is much longer is cut off."""

_NOT: Final = re.compile(r"(?:n|\bcan)(?:['’`´]t|not)\b")
_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys(".;!?()[]{}", " . "),
        **dict.fromkeys(",:/&+", " , "),
        **dict.fromkeys("'\"’‘“”`´*_-‐‑‒–—", " "),
    }
)


def _plain(text: str) -> str:
    """A text as the rules see it, see :mod:`kg.mapping.texts.stop_reason_patterns`."""
    lowered = _NOT.sub(" not", text[:_LONGEST].lower()).replace("p.i.", "pi")
    return " ".join(lowered.translate(_MARKS).split())


@lru_cache(maxsize=4096)
def stop_reasons(text: str) -> tuple[str, ...]:
    """The reasons that a text states, as notations of the code list ``stop-reason``, in the order of that list.

    >>> stop_reasons("Low enrollment and lack of funding"), stop_reasons("Sponsor decision, not related to safety")
    (('accrual', 'funding'), ('business',))
    >>> stop_reasons("Study terminated")
    ()
    """
    plain = DENIED.sub(" ", _plain(text))
    found = tuple(
        code
        for code, patterns in _RULES
        if any(any(piece in plain for piece in pieces) and pattern.search(plain) for pieces, pattern in patterns)
    )
    return found or tuple(code for code, pattern in _WHERE_NOTHING_ELSE_IS_SAID if pattern.search(plain))[:1]


def add_stop_reasons(draft: Draft, text: str | None) -> None:
    """Statements on why a study was stopped; none where the text states no reason."""
    if text:
        for code in stop_reasons(text):
            draft.code(draft.study, _STOP_REASON, "stop-reason", code)
