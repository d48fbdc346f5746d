"""Published response criteria that the text of an outcome measure names."""

from __future__ import annotations

from typing import Final

from kg.mapping.text_rules import by_word, matching, rules

__all__ = ["response_criteria"]

# Descriptions are long and hardly any names criteria; each that does has one of these.
_HINTS: Final = ("RECIST", "riteria", "RANO", "PCWG", "IMWG", "GCIG", "Lugano", "CLL", "ELN", "INRC")
_OF_1: Final = r" ?(?:criteria |guidelines? )?(?:v|ver|vers|version|criteria v)? ?1 "
_SOLID: Final = r"solid tumou?rs? (?:criteria )?(?:recist )?(?:criteria |guidelines? )?(?:v|ver|version)? ?1 "
_RULES: Final = by_word(
    (
        *rules("recist-1.0", {"recist recist1 recistv1 solid": rf"(?<!modified )\brecist{_OF_1}0\b|{_SOLID}0\b"}),
        *rules("recist-1.1", {"recist recist1 recistv1 solid": rf"(?<!modified )\brecist{_OF_1}1\b|{_SOLID}1\b"}),
        *rules("irecist", {"irecist": ""}),
        *rules("mrecist", {"mrecist": "", "recist": r"\bmodified recist\b"}),
        *rules("irrecist", {"irrecist": "", "recist": "immune related recist"}),
        *rules("immune-related-response-criteria", {"irrc": "", "immune": "immune related response criteria"}),
        *rules("percist", {"percist": ""}),
        *rules("choi", {"choi": r"\bchoi (?:response )?criteria"}),
        *rules("who", {"who": r"\bWHO (?:tumou?r |tumou?r response |response )criteria"}, keeps_case=True),
        *rules("irano", {"irano": ""}),
        *rules("rano", {"rano": ""}),
        *rules("macdonald", {"macdonald": r"\bmacdonald(?: \w+)? criteria"}),
        *rules("lugano", {"lugano": ""}),
        *rules("lyric", {"lyric": r"\bLYRIC\b"}, keeps_case=True),
        *rules(
            "cheson-2007",
            {
                "cheson": r"\bcheson (?:et al |criteria |revised criteria |response criteria ){0,2}2007\b|2007 cheson",
                "revised": r"revised response criteria for malignant lymphoma",
            },
        ),
        *rules("imwg", {"imwg": "", "myeloma": "international myeloma working group"}),
        *rules("pcwg3", {"pcwg3": "", "pcwg": r"\bpcwg 3\b", "prostate": "prostate cancer (?:clinical trials )?working group 3"}),
        *rules("pcwg2", {"pcwg2": "", "pcwg": r"\bpcwg 2\b", "prostate": "prostate cancer (?:clinical trials )?working group 2"}),
        *rules("iwcll", {"iwcll": ""}),
        *rules("eln", {"eln": r"\bELN\b"}, keeps_case=True),
        *rules("eln", {"leukemianet": "", "leukemia": "european leukemia net"}),
        *rules("gcig-ca-125", {"gcig": ""}),
        *rules("inrc", {"inrc": "", "neuroblastoma": "international neuroblastoma response criteria"}),
    )
)


def response_criteria(text: str) -> tuple[str, ...]:
    """The response criteria that a text names, as notations of the code list ``response-criteria``.

    A version that is not stated is not made up: "RECIST" alone gives none.

    >>> response_criteria("assessed by RECIST v1.1 and iRECIST"), response_criteria("RECIST criteria v1.1")
    (('recist-1.1', 'irecist'), ('recist-1.1',))
    """
    for hint in _HINTS:
        if hint in text:
            return matching(_RULES, text)
    return ()
