"""Why studies stop, by what they could not go on without: people, supplies, places, order."""

from __future__ import annotations

import re
from typing import Final

from kg.mapping.texts.stop_reason_patterns import UP_TO_3, UP_TO_4, rule

__all__ = ["NOT_FEASIBLE", "RULES"]

_WHO: Final = (
    r"(?:pi|pis|p i|co pi|sub ?i|investigat\w*|researchers?|research (?:fellow|staff|nurse|assistant|coordinator)s?"
    r"|doctors?|dr|physicians?|coordinators?|assistants?|residents?|fellows?|students?|staff\w*|personnel|surgeons?"
    "|nurses?|professors?|scientists?|employees?|clinicians?|team members?|study team|research team"
    "|person (?:in charge|responsible)|authors?|supervisor|i am)"
)
_GONE: Final = (
    r"(?:left|lef|leav\w*|mov(?:ed|ing|es)|re ?locat\w*|retir\w*|died|depart\w*|resign\w*"
    r"|no longer (?!in agreement)|transferr\w*|deceased?|graduat\w*|passed away|new (?:position|job|institution"
    "|role)|(?:maternity|medical|sick|parental|sabbatical) leave|maternity|sabbatical|quit|changed? (?:of |his "
    r"|her |their )?(?:institution\w*|jobs?|positions?|employ\w*|affiliation|hospitals?|departments?|careers?"
    r"|\w*special\w*)|change (?:of|in) (?:institution|position|job|affiliation|employment)|took (?:a "
    r"|another )?(?:new )?(?:job|position)|switched|stepped down|unavailab\w*|not available|illness|ill|sick"
    r"|disab\w*|unable to (?:continue|perform)|contract end\w*|went (?:on|to)|absence|death|turn ?over|shortages?"
    r"|lack\w*|limitations?|constraints?|reassign\w*)"
)
_STAFF: Final = rule(
    "staff",
    {
        "pi p nvest research doctor dr physician coord assist resident fellow student staff person surgeon nurs "
        "profess scien employ clinic team author superv": (
            rf"\b{_WHO}(?: (?!patients|participants|subjects)[^ .]{{1,30}}){{0,8}}? {_GONE}\b",
            r"\b(?:left|leav\w*|depart\w*|re ?locat\w*|retire\w*|loss|lack\w*|changes?|changing|deaths?|insuff?\w*"
            r"|shortages?|absence|turn ?over|illness|resignation|limited|no|not enough|inadequ\w*|missing|low"
            rf"|unavailab\w*|replacement|move|reduced|transfer|few\w*){UP_TO_3}(?:pi|co pi|principa?le? investigators?"
            r"|(?:study |sub )?investigators?|staff\w*|personn?el|coordinators?|(?:study|research) (?:team|nurses?"
            "|fellows?|assistants?|students?)|man ?power|workforce|human (?:resources?|power)|nurses|researchers?"
            r"|workers|employees)\b(?! (?:interest|decision|initiated|time|meeting|request))",
        ),
        "staff power human": (
            r"\bstaff\w* (?:shortages?|issues?|changes?|turn ?over|limit\w*|constraints?|problems?|reasons?"
            r"|difficult\w*|reduc\w*|unavailab\w*|capacity|, resources)",
            r"\bunder ?staffed",
            r"\bman ?power",
            r"\bhuman resources?\b",
        ),
        "institution universit hospital left leav": (
            r"\b(?:left|leaving|leaves|departed?(?: from)?|no longer (?:at|with|in|affiliated with|employed (?:at"
            r"|by))) (?:the |our |this |his |her )?(?:\w+ ){0,2}(?:institution|universit\w*|hospital|institute"
            r"|department|center|centre|clinic|school|organi[sz]ation|faculty|practice)\b",
        ),
    },
)

_GOODS: Final = (
    "(?:drugs?|devices?|medications?|medicines?|medicinal products?|products?|materials?|equipments?|agents?"
    r"|therap(?:y|ies)|suppl(?:y|ies)|kits?|imps?|vaccines?|reagents?|compounds?|placebos?|diets?|tracers?|radio\w+"
    "|isotopes?|implants?|stents?|catheters?|tablets?|capsules?|pills|supplements?|formulas?|formulations?"
    "|ingredients?|instruments?|machines?|scanners?|monitors?|sensors?|pumps?|assays?|antibod(?:y|ies)"
    "|contrast(?: agent)?|probes?|components?|consumables|antibiotics?|injections?|blood products?|treatments?"
    r"|comparator|investigational \w+|test kits?|ventilators?|beds|inventory|stock)\b"
)
_SUPPLY: Final = rule(
    "supply",
    {
        "avail expir suppl short recall stock manufact produc deliver": (
            rf"\b{_GOODS}{UP_TO_4}(?:un ?availab\w*|(?:not|no longer) (?:\w+ )?(?:available|manufactured|produced"
            "|supplied|made|provided|delivered|sold|marketed|accessible|distributed|obtainable)"
            r"|availab\w+ (?:issues?|problems?|delay\w*)|expir\w*|re ?suppl\w*|shortages?|supply\b|stopped suppl\w*"
            r"|recall\w*|out of stock|back ?order\w*|ran out|run out)",
            rf"\b(?:shortages?|unavailab\w*|expir\w*|recall|availability){UP_TO_4}{_GOODS}",
            r"\bno longer (?:commercially |being )?(?:manufactur\w*|produc\w*|suppl\w*|made|sold|distribut\w*)\b",
            r"\b(?:supply|stock|drug supply|supply chain|production|manufacturing|shipping"
            r"|delivery) (?:\w+ )?(?:issues?|problems?|shortages?|delay\w*|difficult\w*|interrupt\w*|disrupt\w*"
            r"|limitations?|constraints?|chain|stopp\w*|ceas\w*|ended|discontinu\w*|exhausted)",
            r"\b(?:change|changes|limited|lack|lost|loss|poor|insufficient) (?:(?:in"
            r"|of) )?(?:\S{1,40} ){0,4}?availability",
            r"\bout of stock",
            r"\bexpiration date",
            r"\bshelf life",
        ),
        "manufact supplier producer vendor": (
            rf"\b(?:manufactur\w*|suppliers?|producers?|vendors?|provider){UP_TO_4}(?:stopp\w*|discontinu\w*|ceas\w*"
            r"|issues?|problems?|no longer|unable|delay\w*|not|halt\w*|difficult\w*|withdr\w*|shortage\w*"
            r"|recall\w*)",
        ),
        "no lack insuf limit inadeq unable not problem diffic issue": (
            r"\b(?:no|lack of|insuff?\w*|inadequ\w*|limited|problems? (?:with|in) (?:the )?(?:supply|delivery"
            rf"|obtaining|procur\w*)|missing) (?:of )?(?:\w+ ){{0,2}}?{_GOODS}(?! (?:effect\w*|related|benefit\w*"
            r"|respon\w*|effica\w*|differ\w*|interact\w*|toxic\w*|approv\w*|develop\w*|activity|compliance"
            r"|adherence|was|were|given|admin\w*|exposure|experience|options?|discontinu\w*|emergent|induced|had"
            "|failures?))",
            r"\b(?:not|unable to|inability to|fail\w* to|diff?icult\w*(?: in| to)?|problems?(?: in"
            r"| with)?) (?:\w+ )?(?:obtain\w*|get|procur\w*|acquir\w*|receiv\w*|secur\w*|purchas\w*|suppl\w*"
            rf"|provid\w*|produc\w*|deliver\w*|manufactur\w*|import\w*) (?:\w+ ){{0,4}}?{_GOODS}",
        ),
        "market longer unavail": (
            r"\b(?:withdrawn|removed|taken|pulled|off) (?:from )?(?:the )?market",
            r"^(?!.*\b(?:patients?|subjects?|participants?|pi|investigator|staff\w*|fund\w*|data|resources?"
            r"|personnel|site|grant|support) (?:\w+ ){0,3}(?:no longer available"
            r"|unavailable)).*\b(?:no longer available|(?:become|became|was|is|are|were|being) unavailable)\b",
        ),
    },
)

_PLACE: Final = (
    "(?:sites?|cent(?:er|re)s?|hospitals?|clinics?|lab(?:orator(?:y|ies))?s?|units?|wards?|facilit(?:y|ies)"
    "|departments?|institut(?:ion|e)s?|schools?|offices?)"
)
_LOGISTICS: Final = rule(
    "logistics",
    {
        "logist techn organi operation infrastr insur capacit workload bureauc coordinat cooperat collabor partner": (
            r"\blogist\w*",
            r"\btechnical\w*",
            r"\btechnological (?:issues?|problems?|difficult\w*|failure)",
            r"\borgani[sz]at(?:ion|ional)\w* (?:\w+ )?(?:problems?|issues?|chang\w*|reasons?|difficult\w*"
            r"|challeng\w*|constrain\w*)",
            r"\borgani[sz]ational\b",
            r"\boperational\b",
            r"\binfrastructur\w*",
            r"\binsurance\b(?! (?:coverage|reimb\w*|company|claims))",
            r"\bcapacit(?:y|ies)\b",
            r"\bwork ?load",
            r"\bbureaucra\w*",
            r"\b(?:lack|absence|loss|end|problems?|poor|no|insufficient|change\w*|issues?|difficult\w*|terminat\w*"
            r"|discontinu\w*|fail\w*|no longer) (?:of |in |with |the )*(?:\w+ )?(?:co ?operation|collaborat\w*"
            r"|co ?ordination|partner\w*)",
            rf"\b(?:co ?operation|collaborat\w*|co ?ordination|partnership){UP_TO_4}(?:chang\w*|end\w*|terminat\w*|not"
            r"|fail\w*|problems?|issues?|withdr\w*|discontinu\w*|stopp\w*|ceas\w*|lack\w*)",
        ),
        "contract agreement negotiat": (
            r"\bcontract(?:s|ual|ing|ed)?\b(?! (?:research|covid|end\w*))",
            rf"\b(?:no|not|lack of|without|fail\w*|unable|disagree\w*|terminat\w*|end of|pending){UP_TO_4}"
            r"agreements?\b",
            rf"\bagreements?{UP_TO_3}(?:not|terminat\w*|end\w*|expire\w*|fail\w*|problems?|issues?|withdr\w*)",
            r"\bnegotiat\w*",
        ),
        "resource time": (
            r"(?<!financial )(?<!human )(?<!and human )(?<!economic )\bresources?\b",
            r"\btime (?:constraints?|limitations?|pressure|issues?|commitment|restrictions?|restraints?|consuming)",
            r"\b(?:lack|shortage|limited|insufficient|no|not enough"
            r"|inadequate) (?:of )?(?:\w+ ){0,3}?time\b(?! (?:point|frame|period))",
            r"\b(?:scheduling|timing|timeline\w*) (?:issues?|problems?|conflicts?|constraints?|delay\w*)",
            r"\btime and\b",
            r", time\b",
        ),
        "site cent hosp clinic lab unit ward facilit departm institut school office transfer": (
            rf"\b(?:study |research |participating |recruiting |clinical |trial |investigat\w* )?{_PLACE} (?:(?:is"
            r"|was|were|has|have|had|been|being|to be|itself) ){0,2}(?:permanently |temporarily )?(?:clos\w*"
            r"|shut\w*|converted|moved|moving|relocat\w*|renovat\w*|withdr\w*|not (?:\w+ )?(?:open\w*|activat\w*"
            r"|able|ready|initiat\w*|participat\w*|selected|available|interested|set up)|never (?:\w+ )?(?:open\w*"
            r"|activat\w*|initiat\w*)|issues?|problems?|reorgani\w*|restructur\w*|merge\w*|dropp\w*|unable"
            r"|difficult\w*|inactiv\w*|terminat\w*|cancel\w*|decision|request|reasons?|no longer)\b",
            r"\b(?:closure|closing|shut ?down|renovation|relocation|withdrawal|reorgani[sz]ation|restructuring|loss"
            "|lack|move|moving|no|insufficient|failure|problems? (?:with|at|in)|need for more|too few"
            "|few) (?:of )?(?:the |our |participating |study |clinical |active "
            rf"|research )*(?:\w+ )?{_PLACE}\b(?! (?:staff|policy|polic\w*|support|approval|review|irb|personnel"
            "|stay|visits?))",
            r"\binstitutional (?:decision|reasons?|chang\w*|issues?|problems?|constraints?|priorit\w*|request)",
            r"(?<!pi )(?<!pi was )(?<!pi has )(?<!investigator )\btransfer\w* (?:of "
            r"|to )(?:\w+ ){0,4}(?:responsib\w*|universit\w*|ownership|sponsorship)",
            "(?<!pi )(?<!investigator )(?<!pi has )(?<!pi was )(?<!investigator was )(?<!investigator has"
            r" )(?<!investigators )\btransferred to (?:the |another )",
            r"\bunable to (?:use|access) (?:\w+ ){0,3}(?:lab|scanner|facilit\w*|equipment|machine|data|room|device)\b",
        ),
        "delay start set software comput server database internet malfunc broken breakdown construc renovat "
        "equip machine device scanner breach": (
            r"\bdelay\w* (?:\w+ ){0,3}(?:initiat\w*|start\w*|set ?up|activat\w*|study|approvals process)\b",
            r"\bstart ?up (?:\w+ )?(?:delay\w*|issues?|problems?)",
            r"\b(?:software|computer|server|database|internet|network|data management"
            r"|it system) (?:\w+ ){0,2}(?:problems?|issues?|failures?|errors?|crash\w*|malfunc\w*|unavailab\w*"
            r"|not|difficult\w*)",
            r"\bmalfunction\w*",
            r"\b(?:equipment|machine|device|scanner|instrument|apparatus|mri) (?:\w+ ){0,2}(?:broke\w*|fail\w*"
            r"|problems?|issues?|breakdown|defect\w*|damag\w*|out of order)",
            r"\b(?:construction|renovation) (?:of|work\w*|in|at)\b",
        ),
    },
)

_EPIDEMIC: Final = rule(
    "epidemic",
    {
        "cov corona sars pandem epidem ebola h1n1 outbreak zika lock quarant mers mpox": (
            r"\b(?:covid|covd|corvid|civid|cov ?id|sars)(?: ?[0-9]+| cov)?\w*\b(?! (?:[0-9]+ )?(?:patients|cases"
            r"|positive|infected|vaccin\w*|treatment|pneumonia|studies))",
            r"\bcorona ?virus",
            r"\bcorona\b",
            r"\bpandem\w*",
            r"\bepidemic",
            r"\bebola",
            r"\bh1n1\b",
            r"\boutbreak",
            r"\bzika\b",
            r"\block ?downs?\b",
            r"\bquarantine\w*",
            r"\bmers\b",
            r"\bmpox\b",
        ),
    },
)

_OTHER: Final = rule(
    "other",
    {
        "complian adher follow drop attrit retent withdr consent": (
            r"\b(?:poor|low|lack\w*|non|insuff?\w*|inadequ\w*|limited|bad|no|problems? with|issues? with"
            r"|difficult\w* (?:in|with)) (?:of )?(?:\w+ ){0,2}?(?:complian\w*|adheren\w*|retention)\b",
            r"\bnon ?(?:complian|adheren)\w*",
            r"\b(?:lost|loss|lack|poor|losses) (?:of |to )(?:\w+ )?follow ?up",
            r"\bdrop ?outs?\b",
            r"\bdropped out",
            r"\battrition",
            r"\b(?:patients?|participants?|subjects?)(?: (?!not)[^ .]{1,20}){0,1} (?:withdr(?:ew|awals?)"
            r"|discontinu\w*)",
            r"\bwithdrawals? (?:of (?:consent|patients|participants|subjects)|rates?)",
            r"\bwithdrew (?:\w+ )?consent",
            r"\bconsent withdrawn",
        ),
        "await wait pending": (
            r"\b(?:await\w*|wait\w*(?: for| on)?|pending)(?: (?!approv|authori|irb|fund|ethic|fda"
            "|regulat)[^ .]{1,30}){0,6}? (?:data|results?|analys[ei]s|outcomes?|evaluation|readout"
            r"|review of)\b",
        ),
        "polic clinical toxicol war politic earthq hurric flood fire disaster legal litig patent lawsuit morator law": (
            r"\bpolic(?:y|ies)\b",
            r"\bnon ?clinical\b",
            r"\btoxicology stud\w*",
            r"\bpre ?clinical",
            r"\bwar\b",
            r"\bpolitical",
            r"\bearthquake",
            r"\bhurricane",
            r"\bflood\w*",
            r"\bnatural disaster",
            r"\bfire\b",
            r"\blegal\b",
            r"\blitigation",
            r"\blawsuit",
            r"\bpatent\b",
            r"\bmoratorium",
            r"\b(?:change in|new) (?:\w+ )?law\b",
        ),
        "error duplic registr mistake twice integrity fraud misconduct gcp irregular quality": (
            r"\bduplicat\w*",
            r"\bregist\w* (?:\w+ ){0,3}(?:in error|by mistake|twice|error)",
            r"\b(?:entered|posted|created|registered|submitted) (?:in error|by mistake|erroneous\w*|twice)",
            r"\berroneous\w*",
            r"\b(?:data|quality) (?:integrity|irregularit\w*|quality|issues?|problems?)",
            r"\bfraud",
            r"\bmisconduct",
            r"\bgcp\b",
        ),
        "improv modif upgrad redesign device defect": (
            r"\b(?:device|product|software|system|prototype|implant"
            r"|app)(?: (?!not)[^ .]{1,20}){0,3} (?:improve\w*|modif\w*|upgrad\w*|defect\w*|optimi[sz]\w*)\b",
            r"\b(?:improve\w*|modif\w*|upgrad\w*|defect\w*|optimi[sz]\w*)(?: [^ .]{1,20}){0,5}? (?:device"
            r"|product|software|system|prototype|implant|app)\b",
        ),
    },
)

RULES: Final = (_STAFF, _SUPPLY, _LOGISTICS, _EPIDEMIC, _OTHER)
"""In the order in which the classes are given."""

NOT_FEASIBLE: Final = re.compile(
    r"\bnot feasible|\binfeasib\w*|\bunfeasib\w*|\bfeasibility (?:reasons?|issues?|problems?|concerns?)"
    r"|\black of feasibility|\bimpractica\w*"
)
"""What says no more than that it could not be done."""
