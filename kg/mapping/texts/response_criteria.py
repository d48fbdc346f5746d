"""Published response criteria that the text of an outcome measure names."""

from __future__ import annotations

from typing import Final

from kg.mapping.texts.rules import by_word, matching, rules_for

__all__ = ["response_criteria"]

_OF_1: Final = r" ?(?:criteria |guidelines? )?(?:v|ver|vers|version|criteria v)? ?1 "
_SOLID: Final = r"solid tumou?rs? (?:criteria )?(?:recist )?(?:criteria |guidelines? )?(?:v|ver|version)? ?1 "
_RULES: Final = by_word(
    (
        *rules_for("recist-1.0", {"recist recist1 recistv1 solid": rf"(?<!modified )\brecist{_OF_1}0\b|{_SOLID}0\b"}),
        *rules_for("recist-1.1", {"recist recist1 recistv1 solid": rf"(?<!modified )\brecist{_OF_1}1\b|{_SOLID}1\b"}),
        *rules_for("irecist", {"irecist": ""}),
        *rules_for("mrecist", {"mrecist": "", "recist": r"\bmodified recist\b"}),
        *rules_for("irrecist", {"irrecist": "", "recist": "immune related recist"}),
        *rules_for("immune-related-response-criteria", {"irrc": "", "immune": "immune related response criteria"}),
        *rules_for("percist", {"percist": ""}),
        *rules_for("choi", {"choi": r"\bchoi (?:response )?criteria"}),
        *rules_for("who", {"who": r"\bWHO (?:tumou?r |tumou?r response |response )criteria"}, keeps_case=True),
        *rules_for("irano", {"irano": ""}),
        *rules_for("rano", {"rano": ""}),
        *rules_for("macdonald", {"macdonald": r"\bmacdonald(?: \w+)? criteria"}),
        *rules_for("lugano", {"lugano": ""}),
        *rules_for("lyric", {"lyric": r"\bLYRIC\b"}, keeps_case=True),
        *rules_for(
            "cheson-2007",
            {
                "cheson": r"\bcheson (?:et al |criteria |revised criteria |response criteria ){0,2}2007\b|2007 cheson",
                "revised": r"revised response criteria for malignant lymphoma",
            },
        ),
        *rules_for("imwg", {"imwg": "", "myeloma": "international myeloma working group"}),
        *rules_for(
            "pcwg3",
            {"pcwg3": "", "pcwg": r"\bpcwg 3\b", "prostate": "prostate cancer (?:clinical trials )?working group 3"},
        ),
        *rules_for(
            "pcwg2",
            {"pcwg2": "", "pcwg": r"\bpcwg 2\b", "prostate": "prostate cancer (?:clinical trials )?working group 2"},
        ),
        *rules_for("iwcll", {"iwcll": ""}),
        *rules_for("eln", {"eln": r"\bELN\b"}, keeps_case=True),
        *rules_for("eln", {"leukemianet": "", "leukemia": "european leukemia net"}),
        *rules_for("gcig-ca-125", {"gcig": ""}),
        *rules_for("inrc", {"inrc": "", "neuroblastoma": "international neuroblastoma response criteria"}),
    )
)


def response_criteria(text: str) -> tuple[str, ...]:
    """The response criteria that a text names, as notations of the code list ``response-criteria``.

    A version that is not stated is not made up: "RECIST" alone gives none.

    >>> response_criteria("assessed by RECIST v1.1 and iRECIST"), response_criteria("RECIST criteria v1.1")
    (('recist-1.1', 'irecist'), ('recist-1.1',))
    """
    # Texts are long and hardly any names criteria; each that does has one of these. A loop would take longer.
    if (
        "riteria" in text or "RECIST" in text or "Lugano" in text or "iwCLL" in text
        or "RANO" in text or "PCWG" in text or "IMWG" in text or "ELN" in text
    ):  # fmt: skip
        return matching(_RULES, text)
    return ()
