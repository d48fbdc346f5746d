"""Why studies stop, by what is decided elsewhere: by sponsors, funders, authorities, and by what others found."""

from __future__ import annotations

import re
from typing import Final

from kg.mapping.texts.stop_reason_patterns import UNABLE, UP_TO_2, UP_TO_3, UP_TO_4, rule

__all__ = ["BY_SPONSOR", "RULES"]

_OF_BUSINESS: Final = (
    r"(?:compan(?:y|ies)|corporation|corporate|firm|pharma\w*|industry partner|management|start up|inc|gmbh|ltd)"
)
_BUSINESS: Final = rule(
    "business",
    {
        "business portfolio commerc bankrup insolv liquidat acqui merge priorit strateg asset r&d licens licenc "
        "out focus": (
            r"\bbusiness\b",
            r"\bportfolio\b",
            r"\bcommercial\b(?! (?:drug|product|suppl|use|access|device|treatment|formulation))",
            r"\bcommerciali[sz]\w*",
            r"\bbankrupt\w*",
            r"\binsolven\w*",
            r"\bliquidat\w*",
            r"(?:company|sponsor|firm|inc) (?:was |has been |got )?acquired\b",
            r"(?<!not )\bacquired (?:by|the company|\w+ (?:\w+ ){0,3}in [0-9]{4})",
            r"\b(?:company|firm|sponsor|corporate) acquisition",
            r"\bacquisition (?:of|by)\b",
            r"\bmerger\b",
            r"\b(?:re|de)? ?prioriti[sz]\w*",
            r"(?<!competing )\bpriorities\b",
            r"\bpriority\b",
            r"\basset terminated",
            r"\bfocus\w* (?:of |our |its )?(?:resourc|compan)\w*",
            r"(?<!recruitment )(?<!recruiting )(?<!enrollment )(?<!treatment )\bstrateg(?:ic\w*|y|ies"
            r"|ical\w*)\b(?! (?:trial|study|was not|not))",
            r"\b(?:out )?licen[cs](?:e|ing|ed|or)\b (?:\w+ ){0,2}(?:terminat|return|end|expire|agreement|partner)\w*",
            r"\bout of business",
            r"\brights (?:were )?returned",
        ),
        "compan corpor firm pharma manufact industry management start inc gmbh ltd": (
            rf"\b{_OF_BUSINESS}(?: s)?{UP_TO_3}(?:decisions?|decid\w*|clos\w*|shut|dissol\w*|reasons?|ceas\w*|stopp\w*"
            r"|terminat\w*|discontinu\w*|no longer (?:exist\w*|interest\w*|in|support\w*|develop\w*)|merg\w*|went"
            r"|out of|withdr\w*|cancel\w*|liquid\w*|collaps\w*|elected|opted|chose|restructur\w*|reorgani\w*"
            r"|request)\b",
            rf"\bdecision (?:by|of|from) (?:the )?{_OF_BUSINESS}\b",
            r"\bto another company",
            r"\b(?:internal|corporate|management) (?:\w+ )?(?:decision|reasons?)",
        ),
        "develop product program compound drug market": (
            rf"\bdevelopment{UP_TO_4}(?:discontinu\w*|terminat\w*|stopp\w*|halt\w*|re ?evaluat\w*|end(?:ed|ing)|ceas\w*"
            r"|cancel\w*|suspend\w*|abandon\w*|on hold)",
            r"\b(?:discontinu\w*|terminat\w*|ceas\w*|stopp\w*|halt\w*|cancel\w*|abandon\w*|end(?:ed|ing)?"
            r"|not pursu\w*|suspend\w*) (?:of )?(?:the |its |further |clinical |all "
            r"|this )*(?:\w+ ){0,3}(?:development|program\w*|product|compound)\b",
            r"\b(?:product|compound|program\w*|device line)(?: line)? (?:was |has been |is "
            r"|being )?(?:discontinu\w*|withdrawn|terminat\w*|abandon\w*)",
            r"\bno longer (?:be )?(?:develop|market|pursu|commerciali)\w*",
            r"\bdevelopment (?:plans?|program\w*|options|strategy)\b",
            r"\bmarketing (?:decision|reasons?)",
        ),
        "sponsor interest": (
            r"\b(?:change (?:of|in)|new|switch of) sponsor\b",
            r"\bsponsor (?:was |has )?(?:switched|changed|bankrupt\w*|dissolv\w*|closed|acquired)",
            rf"\b(?:sponsor|company|manufacturer|partner|industry)\b{UP_TO_4}(?:no|lost|not|lack of"
            r"|loss of) (?:\w+ )?interest\w*",
            rf"\b(?:no|lack of|loss of) interest{UP_TO_3}(?:sponsor|company|manufacturer|industry)\b",
        ),
    },
)

_FUNDING: Final = rule(
    "funding",
    {
        "fund financ money monetar budget econom sponsorship sponsoring reimburs expens cost": (
            r"\b(?:un|de)?fund(?:s|ed|ing|ings|er|ers)?\b(?! (?:were|was) redirected)",
            r"\bfinanc\w*",
            r"\bbudget\w*",
            r"\bmoney\b",
            r"\bmonetary",
            r"\beconomic\w*",
            r"\bsponsorship\b",
            r"\bsponsoring\b",
            r"\breimburs\w*",
            r"\bexpens(?:e|es|ive)\b",
            r"\bcosts?\b",
            r"\bcostly\b",
        ),
        "grant grand": (
            r"\b(?:no|not|never|without|lack of|loss of|end of|pending|lost) (?:\w+ ){0,4}gran[td]s?\b",
            r"\bgran[td]s?\b(?! (?:\w+ )?(?:received|awarded|obtained)\b|ed\b)(?:.{0,40}(?:expire\w*|end\w*|not"
            r"|denied|over|reject\w*|withdr\w*|terminat\w*|lost|cancel\w*|declin\w*|stopp\w*|discontinu\w*|fund"
            r"|money)|(?: \.)?$| (?:support|application|period|issues?|terminat))",
        ),
        "support sponsor": (
            r"\b(?:lack|loss|withdrawal|end|absence|insufficient|no|without|no longer|discontinu\w*|withdrew|lost"
            r"|cessation) (?:of )?(?:\w+ ){0,3}?(?:support|sponsors?)\b(?! (?:staff|decision|group|interest"
            "|from patients))(?<!agreement with the sponsor)(?<!agreement with sponsor)",
            r"\b(?:industry|company|sponsor|external|material) support (?:\w+ )?(?:withdr\w*|end\w*|ceas\w*|lost"
            r"|not|stopp\w*|terminat\w*|discontinu\w*)",
            r"\bsupport (?:was |has been |is )?(?:withdrawn|ended|discontinued|terminated|lost)",
            rf"\b{UNABLE} (?:to )?(?:find|secure|get|obtain|identify) (?:a |an |any )?(?:\w+ )?(?:sponsor|support)\b",
        ),
        "nih application award": (
            r"\b(?:nih|nsf|nihr|nci|dod) (?:\w+ )?(?:application|award|support)\b",
            r"\b(?:not|no) (?:\w+ )?award(?:ed)?\b",
        ),
    },
)

_CARE: Final = (
    r"(?:standards? of care|standard (?:\w+ )?(?:treatment|therapy|care|practice)|(?:clinical |medical |treatment "
    "|surgical )?practices?|guidelines?|recomm[ae]ndations?|(?:treatment )?landscape|(?:clinical |treatment "
    "|patient |medical )?management|treatment (?:paradigm|algorithm|policy|regimen|protocol)s?|paradigm"
    "|care pathway)"
)
_DESIGN: Final = rule(
    "study-design",
    {
        "design protocol method structure criteri": (
            r"\bre ?design\w*",
            r"\bre ?(?:writ\w*|work\w*) (?:the )?protocol",
            rf"\b(?:design|protocol|methodolog\w*|study structure|study plan){UP_TO_3}(?:chang\w*|flaw\w*|revis\w*"
            r"|modif\w*|amend\w*|issues?|problems?|errors?|limitations?|inadequ\w*|re ?evaluat\w*|rewrit\w*"
            r"|updat\w*|obsolete|replac\w*)\b",
            r"\b(?:chang\w*|flaw\w*|revis\w*|modif\w*|amend\w*|issues?|problems?|errors?|weak\w*|improv\w*|new|poor"
            rf"|re ?evaluat\w*|updat\w*|rewrit\w*|inadequ\w*|different){UP_TO_3}(?:design|protocol|methodolog\w*"
            r"|study structure|(?:inclusion|eligibility|entry) criteria)\b",
        ),
        "replac supersed merg combin incorpor roll absor substitut convert continu": (
            r"\breplac(?:e|ed|es|ing|ement by)\b(?! (?:the )?(?:pi|investigator|staff|valve|hip|knee))(?! (?:therap"
            "|surg))",
            r"\bsuperseded\b",
            r"\b(?:combined|merged|incorporated|integrated|absorbed|rolled|converted|subsumed|included) (?:with"
            r"|into|in|as) (?:a |an |the )?(?:\w+ ){0,3}(?:study|trial|protocol|project)",
        ),
        "standard practice guideline recom landscape management paradigm algorithm policy regimen pathway": (
            r"\b(?:chang\w*|new|evol\w*|shift\w*|alter\w*|updat\w*|differ\w*|introduc\w*|revis\w*|adopt\w*|part of"
            rf"|become|became|no longer|now){UP_TO_4}{_CARE}\b(?! (?:team|of the (?:company|hospital)))",
            rf"\b{_CARE}{UP_TO_3}(?:chang\w*|evol\w*|shift\w*|alter\w*|updat\w*|modif\w*|differ\w*|switch\w*)\b",
            r"\bstandard of care\b",
            r"\btreatment landscape",
        ),
        "evidence meta published literature question hypothesis results data answer other similar another": (
            r"\b(?:existing|new|recent|emerging|other|published|external|current|available"
            r"|recently published) (?:\w+ )?(?:evidence|literature|publications?|findings)\b",
            r"\bmeta ?analys[ei]s",
            r"(?<!analysis )(?<!negative )(?<!awaiting )(?<!pending )\b(?:results|data|findings) (?:of|from) (?:a "
            r"|an |the |other |another |similar )(?:\w+ ){0,4}(?:stud(?:y|ies)|trials?|rct)\b",
            r"\b(?:research|study|scientific|clinical) questions? (?:\w+ ){0,4}(?:answered|resolved|relevant"
            "|obsolete|moot|addressed)",
            r"\b(?:other|another|similar) (?:\w+ )?(?:stud(?:y|ies)|trials?|groups?|publications?|research\w*"
            r"|teams?) (?:\w+ ){0,3}(?:publish\w*|show\w*|found|demonstrat\w*|work\w*|answer\w*|address\w*"
            r"|report\w*|proved|conduct\w*|perform\w*)",
            r"\bpublish\w* (?:\w+ ){0,3}(?:results|data|evidence|stud(?:y|ies)|trials?)\b",
        ),
        "new another other different larger follow": (
            r"\b(?:new|different|larger|bigger|revised|follow (?:up|on)|subsequent|alternative"
            r"|modified) (?:\w+ )?(?:study|trial|protocol|formulation|device version|generation"
            r"|version)\b(?! (?:phase|site|staff|pi))",
            r"\b(?:another|other) (?:study|trial|protocol) (?:\w+ ){0,3}(?:instead|start\w*|initiat\w*|plan\w*"
            r"|launch\w*|design\w*|open\w*)",
            r"\bnew(?:er)? (?:\w+ ){0,2}(?:treatments?|therap(?:y|ies)|drugs?|technolog(?:y|ies)|techniques?"
            r"|agents|standard|approach|options?)\b",
            r"\b(?:submitted|registered|resubmitted) as a",
        ),
        "longer obsolete outdat relevan irrelev moot": (
            r"\bno longer (?:\w+ )?(?:relevant|standard|needed|necessary|appropriate|required|valid|applicable"
            "|of interest|indicated|justified|recommended|ethical|used|performed|warranted|meaningful"
            r"|feasible to compare|competitive)\b",
            r"\b(?:study|trial|question|drug|technique|technology|treatment|device) (?:\w+ ){0,2}(?:obsolete"
            r"|out ?dated)\b",
            r"\birrelevant\b",
            r"\bloss of relevance",
            r"\black of (?:scientific )?relevance",
            r"\bmoot\b",
        ),
        "power heterogen event rate chang": (
            r"\bpower (?:calculation|analysis)",
            r"\bunder ?powered",
            r"\binsufficient(?:ly)? power\w*",
            r"\black of (?:statistical )?power\b",
            r"\bheterogen\w*",
            r"\bevents?(?: rates?)?(?: (?:was|were|is|are|being))? (?:\w+ )?(?:low\w*|less|fewer)\b",
            r"\b(?:low\w*|fewer|insuff?\w*|few|small|limited) (?:\w+ ){0,2}(?:events?|event rates?"
            r"|number of events)\b",
            r"\bchang(?:e|ed|es|ing) (?:of |in |the |to )*(?:\w+ ){0,2}(?:chemotherap\w*|treatments?|therap(?:y"
            "|ies)|regimen|indications?|surgical techniques?|techniques?|intervention|comparator|end ?points?|dose"
            r"|dosage|formulation|technology|device)\b",
        ),
    },
)

_AUTHORITY: Final = (
    "(?:fda|ema|emea|mhra|ansm|afssaps|bfarm|pmda|anvisa|nmpa|cfda|sfda|swissmedic|medsafe|cdsco|dcgi|kfda|mfds"
    "|health canada)"
)
_BOARD: Final = "(?:irbs?|erb|reb|hrec|iec|cec|rec|cpp|ec|ethics?|ethical|institutional review|review board)"
_REGULATOR: Final = rule(
    "regulator",
    {
        "regulat fda ema mhra ansm afssaps bfarm pmda anvisa nmpa cfda sfda swissmedic medsafe cdsco dcgi mfds "
        "canada authorit ministry": (
            r"\bregulat(?:ory|or|ors|ions?)\b",
            rf"\b{_AUTHORITY}\b(?! ind\b)",
            r"(?<!agreement with )\b(?:health|competent|national|drug|federal|government\w*|legal) authorit\w*",
            r"\bministry\b",
            r"\bauthorities\b(?<!health authorities)",
        ),
        "irb erb reb hrec iec cec rec cpp ec ethic review": (
            r"\b(?:irbs?|erb|reb|hrec|iec|cec|institutional review board|ethics?(?: review)? (?:committee|board"
            r"|commission)s?|ethical committee)\b(?! (?:\w+ )?(?:informed|notified|number))",
            rf"\b{_BOARD}{UP_TO_3}(?:approv\w*|withdr\w*|expir\w*|terminat\w*|suspen\w*|reject\w*|refus\w*|submission"
            r"|lapse\w*|renew\w*|decision|requir\w*|review|opinion|issues?|concerns?|reasons?|closed?|clos\w*"
            r"|hold)\b",
        ),
        "approv authori permi licen clear": (
            r"(?<!funding )\b(?:no|not|never|(?:unable|failed|failure|inability) to (?:obtain|get|secure|receive"
            r"|gain)|without|lack of|pending|awaiting|waiting(?: for)?|delay\w*|absence of|missing|denied|refus\w*"
            rf"|expired){UP_TO_3}(?:approv\w*|authori[sz]\w*|permission|permits?|licen[cs]e|clearance)\b",
            rf"(?<!funding )\b(?:approval|authori[sz]ation|permission|licen[cs]e|clearance){UP_TO_2}(?:obsolete|expired"
            r"|denied|withdrawn|withdrew|not|never|lapsed|refused|delay\w*|reject\w*|pending|issues?|problems?)\b",
            r"\b(?:drug|agent|device|product|treatment|compound|vaccine|\w+(?:mab|nib|stat|vir|tide|gliptin"
            "|gliflozin))s? (?:was |has been |is |received |were |got |gained )?(?:now "
            r"|already )?(?:\w+ )?approv(?:ed|al)\b",
            r"\b(?:marketing|market|commercial) (?:approval|authori[sz]ation)\b",
            r"\bapproved (?:by|for|in) (?:the )?(?:market|use|indication|us|eu|treatment)",
        ),
        "hold ind ide": (
            r"\bclinical hold\b",
            r"\b(?:ind|ide) (?:was |has been |is )?(?:withdr\w*|inactiv\w*|clos\w*|not|hold|cancel\w*|expired"
            r"|required)\b",
            r"\bfederal hold\b",
        ),
    },
)

RULES: Final = (_BUSINESS, _FUNDING, _DESIGN, _REGULATOR)
"""In the order in which the classes are given."""

BY_SPONSOR: Final = re.compile(
    "|".join(
        (
            rf"\bsponsors?(?: s)?{UP_TO_3}(?:decisions?|decid\w*|request\w*|choice|terminat\w*|withdr\w*|discontinu\w*"
            r"|elected|opted|chose|cancel\w*|stopp\w*|clos\w*|end(?:ed|s)|initiat\w*|related|driven)\b",
            r"\b(?:by|per|from|with) (?:the )?(?:study |trial |industry )?sponsors?\b",
            r"\bsponsor decision\b",
            r"^sponsors?(?: \.)?$",
        )
    )
)
"""What says no more than that the sponsor decided."""
