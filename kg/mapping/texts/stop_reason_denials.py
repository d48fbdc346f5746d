"""What a text on why a study stopped denies: that is no reason."""

from __future__ import annotations

import re
from typing import Final

from kg.mapping.texts.stop_reason_patterns import UP_TO_2

__all__ = ["DENIED"]

_FILLER: Final = (
    "(?: (?:at|all|in|any|way|directly|specifically|made|taken|terminated|stopped|withdrawn|discontinued|ended"
    "|closed|halted|suspended|a|primarily|necessarily|been|be|study|trial|it|was|is|the|decision|to|safety|or|and"
    "|,))"
)
_NO_HARM: Final = r"(?:safety|adverse|toxicit\w*|harm|side effects?|saes?|deaths?|died|mortality|risks?)"
DENIED: Final = re.compile(
    "|".join(
        (
            rf"\b(?:not|never|neither|nor){_FILLER}{{0,4}}? (?:due|based|related|because|driven|caused|linked"
            r"|prompted|motivated|attributable|associated|reflect\w*|(?:a )?result of|(?:a )?consequence"
            r"|in response|made for|on account)\b[^.]{0,300}?(?=\.|\bbut\b|$)",
            r"\b(?:unrelated (?:to|with)|independent(?:ly)? (?:of|from)|rather than|irrespective of|regardless of"
            "|no relation(?:ship)? (?:to|with)|nothing to do with|not (?:for |a |any |an )*(?:safety"
            r"|efficacy))\b[^.,]{0,300}?(?=[.,]|\bbut\b|$)",
            rf"\bnot{UP_TO_2}(?:identif\w*|rais\w*|reveal\w*|indicat\w*|observ\w*|seen?|show\w*|impact|affect|pose"
            "|have)(?: (?:any|new|a|an|significant|unexpected|patient|the"
            rf"|serious)){{0,3}} {_NO_HARM}\b[^.,]{{0,80}}",
            rf"\b(?:no|without|absence of|nor)(?: (?!but\b|and\b|,)[^ .]{{1,30}}){{0,3}}? {_NO_HARM}\b(?: (?:and|or"
            r"|,|events?|findings?|concerns?|issues?|signals?|observ\w*|reasons?|efficacy|effectiveness|were|was"
            "|identified|noted|reported|related|problems?)){0,6}",
        )
    )
)
"""A denial goes on to the end of its sentence, and "but" opens another."""
