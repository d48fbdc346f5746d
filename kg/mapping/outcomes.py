"""Outcome measures, with the endpoint and the response criteria that their text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from kg.mapping.draft import LABEL, Draft, prop
from kg.study import Outcome, Study
from kg.terms import RDF_TYPE

__all__ = ["add_outcomes", "endpoints", "response_criteria"]

_CLASS = prop("tkg:OutcomeMeasure")
_TIME_FRAME = prop("tkg:timeFrame")
_DESCRIPTION = prop("dcterms:description")
_ENDPOINT = prop("tkg:endpoint")
_RESPONSE_CRITERIA = prop("tkg:responseCriteria")
_PRIMARY = prop("tkg:primaryOutcome")
_SECONDARY = prop("tkg:secondaryOutcome")
_OTHER = prop("tkg:otherOutcome")
_UNSTATED = prop("tkg:outcome")


class _Rule(NamedTuple):
    """A code, the words of which one must occur before the pattern is tried, and the pattern that decides."""

    code: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]


_Rules = dict[bytes, tuple[tuple[int, _Rule], ...]]


def _by_trigger(rules: Iterable[_Rule]) -> _Rules:
    """Rules by the words that make them worth trying; trying every pattern on every text takes half a build."""
    found: dict[bytes, list[tuple[int, _Rule]]] = {}
    for order, rule in enumerate(rules):
        for trigger in rule.triggers:
            found.setdefault(trigger.encode(), []).append((order, rule))
    return {trigger: tuple(entries) for trigger, entries in found.items()}


def _rule(code: str, triggers: str, pattern: str, flags: int = re.IGNORECASE) -> _Rule:
    return _Rule(code, tuple(triggers.split()), re.compile(pattern, flags))


# Of bytes: translating text takes four times as long.
_PUNCTUATION: Final = bytes.maketrans(b"-()[]/,.;:+'\"", b" " * 13)

# Abbreviations that are other words in lower case (OS, MPR) keep their case.
_ENDPOINTS: Final = _by_trigger(
    (
        _rule("progression-free-survival", "free pfs pfs1 pfs2", r"progression[- ]free[- ]survival|\bPFS\d?\b"),
        _rule("overall-survival", "overall os", r"[Oo]verall[- ][Ss]urvival|OVERALL SURVIVAL|\bOS\b", 0),
        _rule("disease-free-survival", "free dfs", r"disease[- ]free[- ]survival|\bDFS\b"),
        _rule("relapse-free-survival", "free rfs", r"(?:relapse|recurrence)[- ]free[- ]survival|\bRFS\b"),
        _rule("event-free-survival", "free efs", r"event[- ]free[- ]survival|\bEFS\b"),
        _rule("metastasis-free-survival", "free mfs", r"metastas[ie]s[- ]free[- ]survival|\bMFS\b"),
        _rule(
            "time-to-progression", "progression ttp", r"time[- ]to[- ](?:tumou?r[- ]|disease[- ])?progression|\bTTP\b"
        ),
        _rule("time-to-response", "response ttr", r"time[- ]to[- ](?:first[- ]|objective[- ])?response|\bTTR\b"),
        _rule(
            "objective-response-rate",
            "response orr",
            r"(?:objective|overall)[- ](?:tumou?r[- ])?response[- ]rate|\bORR\b",
        ),
        _rule("duration-of-response", "response dor", r"duration of (?:\w+ ){0,2}response|\bD[Oo]R\b"),
        _rule(
            "pathological-complete-response",
            "complete pcr",
            r"[Pp]athol\w{1,12}[- ][Cc]omplete[- ](?:[Rr]esponse|[Rr]emission)|\bpCR\b",
            0,
        ),
        _rule("major-pathological-response", "major mpr", r"[Mm]ajor[- ][Pp]athol\w{1,12}[- ][Rr]esponse|\bMPR\b", 0),
        _rule("disease-control-rate", "control dcr", r"disease[- ]control[- ]rate|\bDCR\b"),
        _rule("clinical-benefit-rate", "benefit cbr", r"clinical[- ]benefit[- ]rate|\bCBR\b"),
        _rule("dose-limiting-toxicity", "limiting dlt dlts", r"dose[- ]limiting[- ]toxicit|\bDLTs?\b"),
        _rule("maximum-tolerated-dose", "tolerated mtd", r"maximum[- ]tolerated[- ]dose|\bMTD\b"),
        _rule("recommended-phase-2-dose", "phase rp2d", r"recommended[- ]phase[- ](?:2|II)[- ]dose|\bRP2D\b"),
        _rule("serious-adverse-events", "serious sae saes", r"serious[- ]adverse|\bSAEs?\b"),
        _rule(
            "adverse-events",
            "adverse ae aes teae teaes trae traes irae iraes",
            r"(?<!serious )(?<!serious-)adverse (?:drug )?(?:event|reaction)|\b(?:TE|TR|ir)?AEs?\b",
        ),
        _rule("quality-of-life", "life qol hrqol", r"quality[- ]of[- ]life|\b(?:HR)?QoL\b"),
        _rule("major-adverse-cardiac-events", "major mace", r"major adverse cardi|\bMACE\b"),
        _rule("cardiovascular-mortality", "cardiovascular cardiac", r"(?:cardiovascular|cardiac) (?:death|mortality)"),
        _rule("overall-mortality", "mortality death", r"(?:all[- ]cause|overall) (?:death|mortality)"),
        _rule("minimal-residual-disease", "residual mrd", r"(?:minimal|measurable)[- ]residual[- ]disease|\bMRD\b"),
        _rule("hemoglobin-a1c", "hba1c a1c", r"\bHbA1c\b|\bha?emoglobin A1c"),
        _rule("left-ventricular-ejection-fraction", "ejection lvef", r"left ventricular ejection fraction|\bLVEF\b"),
        _rule(
            "six-minute-walk-distance",
            "walk walking 6mwd 6mwt",
            r"(?:6|six)[- ]min(?:ute)?s?[- ]walk|\b6MW[DT]\b",
        ),
        _rule("immunogenicity", "immunogenicity drug antidrug", r"immunogenicity|anti-?drug antibod"),
        _rule(
            "pharmacokinetics",
            "pharmacokinetic pharmacokinetics cmax auc auc0 auclast aucinf auctau area",
            r"pharmacokinetic|\bCmax\b|\bAUC(?:0|last|inf|tau|\b)|area under the (?:plasma )?concentration",
        ),
    )
)

# Descriptions are long and hardly any names criteria; each that does has one of these.
_RESPONSE_HINTS: Final = ("RECIST", "riteria", "RANO", "PCWG", "IMWG", "GCIG", "Lugano", "CLL", "ELN")
_VERSION: Final = r"\)?,? ?(?:[Cc]riteria)? ?,? ?\(? ?(?:[Vv](?:er)?\.?|[Vv]ersion|[Cc]riteria v)? ?"
_RESPONSE: Final = _by_trigger(
    (
        _rule("recist-1.0", "recist", r"(?<![A-Za-z])(?<!odified )RECIST" + _VERSION + r"1\.0\b", 0),
        _rule(
            "recist-1.1",
            "recist",
            r"(?<![A-Za-z])(?<!odified )RECIST" + _VERSION + r"1\.1\b"
            r"|Response Evaluation Criteria (?:in|In) Solid Tumou?rs\W{1,4}(?:\(?RECIST\)?\W{0,4})?"
            r"(?:[Vv]\.?|[Vv]ersion)? ?1\.1\b",
            0,
        ),
        _rule("irecist", "irecist", r"\b[iI]RECIST\b", 0),
        _rule("mrecist", "mrecist modified", r"\bmRECIST\b|\b[Mm]odified RECIST\b", 0),
        _rule("irrecist", "irrecist", r"\birRECIST\b", 0),
        _rule(
            "immune-related-response-criteria",
            "irrc immune",
            r"\birRC\b|[Ii]mmune[- ][Rr]elated [Rr]esponse [Cc]riteria",
            0,
        ),
        _rule("percist", "percist", r"\bPERCIST\b", 0),
        _rule("choi", "choi", r"\bChoi(?: [Rr]esponse)? [Cc]riteria", 0),
        _rule("irano", "irano", r"\biRANO\b", 0),
        _rule("rano", "rano", r"\bRANO\b", 0),
        _rule("lugano", "lugano", r"\bLugano\b", 0),
        _rule("lyric", "lyric", r"\bLYRIC\b", 0),
        _rule("imwg", "imwg myeloma", r"\bIMWG\b|International Myeloma Working Group", 0),
        _rule("pcwg3", "pcwg3 pcwg prostate", r"\bPCWG-?3\b|Prostate Cancer (?:Clinical Trials )?Working Group 3", 0),
        _rule("pcwg2", "pcwg2 pcwg prostate", r"\bPCWG-?2\b|Prostate Cancer (?:Clinical Trials )?Working Group 2", 0),
        _rule("iwcll", "iwcll", r"\biwCLL\b", 0),
        _rule("eln", "eln leukemianet leukemia", r"\bELN\b|European Leukemia ?Net", 0),
        _rule("gcig-ca-125", "gcig", r"\bGCIG\b", 0),
    )
)


def add_outcomes(draft: Draft, study: Study) -> None:
    """Statements on the outcome measures, by kind; on a page that does not say the kind, of no kind."""
    module = study.protocol_section.outcomes_module
    _add(draft, "outcome/primary", _PRIMARY, module.primary_outcomes)
    _add(draft, "outcome/secondary", _SECONDARY, module.secondary_outcomes)
    _add(draft, "outcome/other", _OTHER, module.other_outcomes)
    if study.page:
        _add(draft, "outcome/unstated", _UNSTATED, study.page.unstated_outcomes)


def _add(draft: Draft, kind: str, predicate: str, outcomes: Sequence[Outcome]) -> None:
    for number, outcome in enumerate(outcomes, 1):
        node = draft.part(kind, number)
        draft.statements += ((draft.study, predicate, node), (node, RDF_TYPE, _CLASS))
        draft.text(node, LABEL, outcome.measure)
        draft.text(node, _TIME_FRAME, outcome.time_frame)
        draft.text(node, _DESCRIPTION, outcome.description)
        if outcome.measure:
            for code in endpoints(outcome.measure):
                draft.code(node, _ENDPOINT, "endpoint", code)
        for code in response_criteria(f"{outcome.measure} {outcome.description}"):
            draft.code(node, _RESPONSE_CRITERIA, "response-criteria", code)


def endpoints(measure: str) -> tuple[str, ...]:
    """The endpoints that the name of a measure says, as notations of the code list ``endpoint``.

    >>> endpoints("Progression-free survival (PFS)"), endpoints("Rate of non-progression at 6 months")
    (('progression-free-survival',), ())
    """
    return _matching(_ENDPOINTS, measure)


def response_criteria(text: str) -> tuple[str, ...]:
    """The response criteria that a text names, as notations of the code list ``response-criteria``.

    A version that is not stated is not made up: "RECIST" alone gives none.

    >>> response_criteria("assessed by RECIST v1.1 and iRECIST"), response_criteria("RECIST criteria v1.1")
    (('recist-1.1', 'irecist'), ('recist-1.1',))
    """
    for hint in _RESPONSE_HINTS:
        if hint in text:
            return _matching(_RESPONSE, text)
    return ()


def _matching(rules: _Rules, text: str) -> tuple[str, ...]:
    triggered = rules.keys() & _words(text)
    if not triggered:
        return ()
    candidates = {entry for trigger in triggered for entry in rules[trigger]}
    # Patterns know single spaces only: what may repeat without end may take time without end.
    text = " ".join(text.split())
    return tuple(rule.code for _, rule in sorted(candidates, key=itemgetter(0)) if rule.pattern.search(text))


def _words(text: str) -> list[bytes]:
    lowered = text.lower()
    if not lowered.isascii():
        # Bytes know no white space but that of ASCII.
        lowered = " ".join(lowered.split())
    return lowered.encode(errors="replace").translate(_PUNCTUATION).split()
