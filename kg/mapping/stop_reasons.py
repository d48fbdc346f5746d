"""Why a study was stopped, suspended or withdrawn: the classes of reasons that the registered text states.

A text may state several reasons, and many state none ("Study terminated", "PI decision"): then there is no class. What
is denied ("not due to safety concerns") does not count. ``docs/texts.md`` has the classes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from kg.mapping.draft import Draft, prop

__all__ = ["add_stop_reasons", "stop_reasons"]

_STOP_REASON = prop("tkg:stopReason")

_LONGEST: Final = 2000
"""Of characters. The registry allows 250 (160 in old records); what is much longer is cut off."""

_PEOPLE: Final = (
    r"(?:patients?|participants?|subjects?|volunteers?|candidates?|cases|pts|people|individuals|women"
    r"|men|children|persons|families|donors?)"
)
_ENROL: Final = r"(?:enrol\w*|recr?uit\w*|recrutment|accru\w*|inclusions?|randomi[sz]ations?)"
_LACKING: Final = (
    r"(?:slow\w*|low\w*|poor\w*|lack\w*|insufficient\w*|inadequate\w*|difficult\w*|challeng\w*|problem\w*|limited"
    r"|limitations?|fail\w*|unable|inability"
    r"|delay\w*|bad|no|not|never|issues?|barrier\w*|trouble|hard|impossib\w*|under|less|few\w*|minimal|suboptimal"
    r"|behind|hinder\w*|cannot|feasibility"
    r"|considerations|unsuccessful|short\w*|absence|without|zero|weak|obstacles?|struggl\w*|too long|taking|unmet"
    r"|concerns?|rates?)"
)
# Up to so many words between two that belong together; a bound, so that no text takes time without end.
_WORDS_3: Final = r"(?:\W{1,3}\w[\w'-]{0,24}){0,3}?\W{1,3}"
_WORDS_6: Final = r"(?:\W{1,3}\w[\w'-]{0,24}){0,6}?\W{1,3}"
_WORDS_8: Final = r"(?:\W{1,3}\w[\w'-]{0,24}){0,8}?\W{1,3}"

_ACCRUAL: Final = (
    rf"\b{_LACKING}{_WORDS_3}{_ENROL}\b",
    rf"\b{_ENROL}{_WORDS_3}{_LACKING}\b",
    rf"^{_ENROL}\W*$",
    rf"\b{_ENROL} (?:goals?|targets?)\b",
    rf"\b(?:no|lack of|few|fewer|insufficient|not enough|limited|low|absence of|lacking|inadequate|small"
    rf"|only (?:[0-9]{{1,3}}|one|two|three|four|five|six|few)){_WORDS_3}{_PEOPLE}\b"
    r"(?!\W{1,3}(?:benefit|response|effect|died|safety))",
    rf"(?:\bnot|n't|\bunable to|\binability to|\bdifficulty|\bcannot){_WORDS_3}(?:find|finding|identify"
    rf"|identifying){_WORDS_3}(?:{_PEOPLE}|eligible|suitable)\b",
    rf"\b(?:eligible|suitable) {_PEOPLE}{_WORDS_3}not found",
    r"\bscreening of\b.{0,40}\bnot sufficient|\bsample size\b.{0,30}\b(?:not|could|unable)",
    rf"(?:\bnot|n't)(?: able to)?{_WORDS_3}{_ENROL}\b",
    rf"\b{_PEOPLE}{_WORDS_3}(?:not|never) (?:be )?(?:included|reached)|\bno {_PEOPLE} included|\binclusion cannot",
)
_EFFICACY: Final = (
    r"\bfutil\w*|\binefficac\w*|\bineffective|\binferior\b|\black of (?:\w+ )?signal",
    rf"\b(?:lack|absence|insufficient|limited|no|not|without|low|inadequate){_WORDS_3}(?:efficacy|effective\w*"
    rf"|benefit|beneficial|effects?|activity|statistical significance"
    r"|significant (?:results?|difference|effect)|positive trend)\b",
    r"\black of (?:clinical )?response\b|\bpoor (?:response|results)\b|\blow likelihood of (?:\w+ ){0,2}success",
    rf"(?:\bnot|n't|\bfailed to|\bfailure to|\binability to|\bunable to) (?:meet|met|reach|achieve|show|demonstrate"
    rf"|find|found){_WORDS_6}(?:end ?-?points?|efficacy|significance|significant|benefit)\b",
    rf"\bend ?-?points?{_WORDS_3}(?:not|n't) (?:met|reached|achieved)|\bend ?-?points? (?:were"
    rf"|was) lower than expected",
    r"\bnegative (?:\w+ ){0,2}(?:results?|analysis|study|trial|outcome|data)\b|\bunlikely to (?:show|demonstrate"
    r"|succeed|meet|achieve)",
    r"\b(?:lower|less) than expected (?:efficacy|response)|\bdid not work\b",
)
_SUCCESS: Final = (
    rf"\b(?:aims?|objectives?|goals?|end ?-?points?|targets?){_WORDS_6}(?:accomplished|achieved|fulfilled"
    rf"|could be met|(?:was|were|been) (?:met|reached)|attained)\b",
    r"^\W*(?:recruitment|enrol\w*|accrual)\W{1,3}(?:was |is )?(?:fulfilled|completed?|goal met)\b"
    r"|\breached a definitive",
    rf"\b(?:enough|sufficient|adequate){_WORDS_3}(?:data|information|evidence|{_PEOPLE}){_WORDS_3}(?:collected"
    rf"|gathered|obtained|available|recruited|enrolled|reached)\b",
    r"\b(?:early|overwhelming|superior|proven|clear|demonstrated|positive) (?:efficacy|benefit|success|results?)\b",
    r"\b(?:efficacy|benefit|superiority) (?:was |has been |were )?(?:shown|demonstrated|established|proven)"
    r"|\bpower of the study was reached",
    r"\bsuccessfully (?:completed|concluded)|\bprimary analysis completed",
)
_SAFETY: Final = (
    r"\bsafety\b(?!\W{1,3}(?:and efficacy data|data|board|monitoring|study|committee|run|lead|profile was))",
    r"\b(?:hepato|cardio|nephro|neuro)?toxicit\w*|\badverse\b|\bside effects?|\bharm\w*|\bworse outcomes?|\bdied\b"
    r"|\bdeaths?\b|\bcomplications?\b|\bclinical hold",
    r"\bhigh(?:er)? (?:incidence|mortality|complication)|\bincreased (?:frequency|mortality|risk|incidence|rate)",
    r"\brisk\W{1,3}(?:benefit|vs)|\bbenefit\W{1,3}(?:to )?risk|\bunfavou?rable risk",
)
_BUSINESS: Final = (
    r"\bbusiness\b|\bportfolio\b|\bcommercial\w*|\bbankrupt\w*|(?<!not )\bacquired\b|\bacquisition\b"
    r"|\b(?:re-?)?prioriti\w*|\bpriorities\b|\basset terminated|\bfocus resourc\w*",
    r"(?<!recruitment )(?<!recruiting )\bstrateg(?:ic|y|ies|ical)\b",
    rf"\bcompany{_WORDS_3}(?:decisions?|decided|clos\w*|shut|dissol\w*|reasons?|ceased|stopped|terminat\w*"
    rf"|discontinu\w*|no longer|merge\w*|went|out of)",
    r"\bto another company|\bchange (?:of|in) sponsor|\bsponsor switched",
    rf"\bdevelopment{_WORDS_3}(?:discontinu\w*|terminat\w*|stopped|halted|re-?evaluat\w*|ended|ceased)",
    rf"\b(?:discontinu\w*|terminat\w*|ceas\w*|stopp\w*|halt\w*){_WORDS_3}development\b|\bproduct (?:was "
    rf"|has been )?(?:discontinued|withdrawn)",
)
# What says no more than who decided counts where nothing else is said.
_SPONSOR: Final = (
    rf"\bsponsor\W{{0,2}}s?{_WORDS_3}(?:decisions?|decided|request|choice|terminat\w*|withdrew|discontinu\w*"
    rf"|withdrawal|elected|cancel\w*)|\bby (?:the )?sponsor\b",
)
_FUNDING: Final = (
    r"\bfund(?:s|ing|er|ers|ed)?\b(?! (?:were|was) redirected)|\bfinanc\w*|\bgrants?\b|\bgrands expired|\bbudget\w*"
    r"|\bmoney\b|\bmonetary|\bsponsorship\b"
    r"|\bsponsoring\b|\bloss of sponsor|\bcosts?\b",
)
_DESIGN: Final = (
    r"\bre-?design\w*|\breplaced?\b|\bsuperseded\b|\btreatment landscape|\bimprove the inclusion"
    r"|\bnew (?:\w+ ){0,2}(?:guidelines?|recomm[ae]ndations?|protocol|formulation)",
    rf"\b(?:design|protocol){_WORDS_3}(?:chang\w*|flaw\w*|revis\w*|modif\w*|amend\w*)\b",
    rf"\bchang(?:e[sd]?|ing){_WORDS_3}(?:protocol|design|standard of care|practice|guidelines?)\b"
    rf"|\bstandard of care\b",
    r"\b(?:combined|merged|submitted) (?:with|into|as) a(?:nother| new) (?:study|trial|protocol)"
    r"|\bno longer (?:relevant|standard|needed|necessary|appropriate)",
)
_REGULATOR: Final = (
    r"\bregulat(?:ory|or|ors|ions?)\b|\b(?:fda|ema|mhra)\b",
    rf"\b(?:irb|iec|ec|reb|ethics?(?: committee)?){_WORDS_3}(?:withdr\w*|expir\w*|terminat\w*|suspen\w*|reject\w*"
    rf"|refus\w*|submission|lapse\w*|renew\w*|decision|requir\w*"
    r"|(?:not|never) (?:\w+ )?(?:approv\w*|obtain\w*))",
    rf"\b(?:withdrawn|discarded|terminated|suspended|disapproved|rejected){_WORDS_3}(?:irb|ethics|ec)\b",
    rf"(?<!funding )\b(?:no|not|(?:unable|failed) to (?:obtain|get|secure|receive)|without|lack of|never|pending"
    rf"|awaiting|waiting){_WORDS_3}(?:approv\w*|authori[sz]\w*|permission|licen[cs]e)\b",
    r"\b(?:approval|authori[sz]ation) (?:was |is |has )?(?:obsolete|expired|denied|withdrawn|not|lapsed|refused)"
    r"|\b(?:drug|agent|device|product) (?:was |has been |is )?(?:now )?approved",
)
_GONE: Final = (
    r"(?:left|leav\w*|mov(?:ed|ing)|relocat\w*|retir\w*|died|depart\w*|resign\w*|no longer|transferred"
    r"|deceased|graduat\w*|passed away|new position|maternity|quit)"
)
_STAFF: Final = (
    rf"\b(?:p\.?i\.?'?s?|investigators?|researchers?|doctor|physician|coordinator|assistant|resident|fellow|student"
    rf"|staff|personnel|surgeon|nurse){_WORDS_8}{_GONE}\b",
    rf"\b(?:left|leav\w*|departure|relocat\w*|retire\w*|loss|lack|changes?|death|insufficient|shortage|absence"
    rf"|turnover){_WORDS_3}(?:pi|investigators?|staff\w*|personnel"
    r"|coordinators?|study team|manpower)\b",
    r"\bstaff(?:ing)? (?:shortages?|issues?|changes?|turnover|limitations?|constraints?)|\bunderstaffed|\bmanpower",
)
_GOODS: Final = (
    r"(?:drugs?|devices?|medications?|products?|materials?|equipment|agents?|therap(?:y|ies)|suppl(?:y"
    r"|ies)|kits?|imp|vaccines?|reagents?)"
)
_SUPPLY: Final = (
    rf"\b{_GOODS}{_WORDS_3}(?:unavailab\w*|(?:not|no longer) available|availability|expir\w*|resuppl\w*|shortages?"
    rf"|supply\b|stopped suppl\w*|recall\w*|not supplied)",
    rf"\b(?:shortages?|lack|unavailab\w*|expir\w*|availability|recall){_WORDS_3}{_GOODS}\b|\b(?:change|changes"
    rf"|limited|lack) (?:in|of) (?:\S{{1,40}} ){{1,4}}?availability",
    rf"\bmanufactur\w*{_WORDS_3}(?:stopp\w*|discontinu\w*|ceas\w*|issues?|problems?|no longer|unable|delay\w*)"
    rf"|\bcould not get the (?:\w+ ){{0,2}}equipment",
)
_LOGISTICS: Final = (
    r"\blogistic\w*|\btechnical\b|\borgani[sz]ational|\bcontract\b|\bcontract(?:ual|ing)? (?:issues?|problems?)"
    r"|\boperational\b|\binsurance\b|\btime constraints?",
    rf"\bresources? (?:unavailab\w*|constraints?|restraints?|limitations?|not|issues?)|\b(?:lack|shortage|limited"
    rf"|insufficient|no){_WORDS_3}(?:resources?|time|capacity|infrastructure)\b",
    r"\b(?:site|center|centre|hospital|clinic|lab|laboratory|unit|ward) (?:is |was |has |has been |were |being "
    r"|to be )?(?:closed|closing|closure|shut|converted|moved)",
    r"\binstitution request|\bunable to use\b|\btransferred to (?:the )?(?:university|another (?:institution|site"
    r"|hospital|center))|\bstaff / resources|\bneed for more cent",
    r"\bconflicting trials|\bcompeting (?:stud\w*|trials?)|\busable data can be collected"
    r"|\bdelays? during (?:study )?initiation|\bstart ?-?up (?:timelines )?delay\w*",
)
_RULES: Final = tuple(
    (code, re.compile("|".join(patterns)))
    for code, patterns in (
        ("accrual", _ACCRUAL),
        ("efficacy", _EFFICACY),
        ("success", _SUCCESS),
        ("safety", _SAFETY),
        ("business", _BUSINESS),
        ("funding", _FUNDING),
        ("study-design", _DESIGN),
        ("regulator", _REGULATOR),
        ("staff", _STAFF),
        ("supply", _SUPPLY),
        ("logistics", _LOGISTICS),
        ("epidemic", (r"\bcovid\w*|\bcoronavirus|\bsars\b|\bpandemic|\bepidemic|\bebola|\bh1n1\b|\boutbreak",)),
        (
            "other",
            (
                r"\bpolic(?:y|ies)\b|\bnon-?clinical\b|\btoxicology stud\w*|\bpreclinical|\bwar\b|\bpolitical"
                r"|\bearthquake|\bhurricane|\blegal\b|\blitigation|\bpatent\b",
            ),
        ),
    )
)
_SPONSOR_ALONE: Final = re.compile("|".join(_SPONSOR))

# A denial goes on to the end of its sentence; "but" opens another.
_DENIED: Final = re.compile(
    rf"\b(?:not|never|neither){_WORDS_3}(?:due|based|related|because|driven|caused|linked|prompted|motivated"
    rf"|attributable|associated)\b[^.;]{{0,300}}?(?=[.;]|\bbut\b|$)"
    r"|\b(?:unrelated to|independent of|rather than|not (?:for |a |any )?(?:safety|efficacy))\b[^.;,]{0,300}?(?=[.;,]"
    r"|\bbut\b|$)"
    rf"|\b(?:no|without|absence of){_WORDS_3}(?:safety|adverse|toxicit\w*|harm|side effects?)\b(?: (?:and|or|events?"
    rf"|findings?|concerns?|issues?|signals?|observations?|reasons?|efficacy)){{0,4}}"
)


@lru_cache(maxsize=4096)
def stop_reasons(text: str) -> tuple[str, ...]:
    """The reasons that a text states, as notations of the code list ``stop-reason``, in the order of that list.

    >>> stop_reasons("Low enrollment and lack of funding"), stop_reasons("Sponsor decision, not related to safety")
    (('accrual', 'funding'), ('business',))
    >>> stop_reasons("Study terminated")
    ()
    """
    plain = _DENIED.sub(" ", " ".join(text[:_LONGEST].lower().split()))
    found = tuple(code for code, pattern in _RULES if pattern.search(plain))
    return found or (("business",) if _SPONSOR_ALONE.search(plain) else ())


def add_stop_reasons(draft: Draft, text: str | None) -> None:
    """Statements on why a study was stopped; none where the text states no reason."""
    if text:
        for code in stop_reasons(text):
            draft.code(draft.study, _STOP_REASON, "stop-reason", code)
