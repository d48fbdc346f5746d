"""Why studies stop, by what they found: nobody to take part, no effect, what was sought, or harm."""

from __future__ import annotations

from typing import Final

from kg.mapping.texts.stop_reason_patterns import (
    ENROL,
    PEOPLE,
    UNABLE,
    UP_TO_2,
    UP_TO_3,
    UP_TO_4,
    UP_TO_6,
    WITHIN_3,
    WITHIN_4,
    YES_3,
    YES_6,
    rule,
)

__all__ = ["RULES"]

# Between what is lacking and people: nothing that would itself be lacking, in them or for them.
_TO_PEOPLE: Final = (
    r"(?: (?!events?\b|in\b|for\b|to\b|on\b|by\b|from\b|among\b|benefi|effic|effect|fund|resourc|respons|support"
    r"|data\b|staff|money|drug|improve|differen|safety|activity)[^ .]{1,30}){0,5}? "
)
# What is only about taking part where the word before says so.
_TAKING_PART: Final = (
    r"(?:participation|consent\w*|referr\w*|uptake|turn ?out|intake|eligib\w*|screening|volunteering|census"
    r"|case ?load|willing\w*)\b"
)
_LACKING: Final = (
    r"(?:slow\w*|low(?:er)?|poor\w*|lack\w*|lagg\w*|insuff?\w*|inadequ\w*|diff?icult\w*|dificulit\w*|challeng\w*"
    r"|problem\w*|limit\w*|fail\w*|unable|inab\w*|delay\w*|bad|not|never|issues?|barriers?|troubl\w*|hard"
    r"|impossib\w*|less|few\w*|minimal|sub ?optimal\w*|behind|hinder\w*|hamper\w*|imped\w*|unsuccess\w*|shortage"
    r"|shortfall|absen\w*|zero|nil|weak\w*|obstac\w*|struggl\w*|unmet|concerns?|considerations|small\w*|scarc\w*"
    r"|paucity|dearth|declin\w*|decreas\w*|diminish\w*|stagnat\w*|stall\w*|sluggish\w*|disappoint\w*|deficien\w*"
    r"|below|infeasib\w*|unfeasib\w*|feasib\w*|unrealistic\w*|affect\w*|impact\w*|constrain\w*|limitations?"
    r"|unsatisfactor\w*)"
)
_HARDLY: Final = (
    r"(?:no|lack\w*|few|fewer|insuff?\w*|not (?:\w+ )?(?:enough|sufficient\w*)|not (?:an )?adequate|limited"
    r"|low(?! (?:risk|grade|dose|income))|absence|inadequ\w*|small|too little|scarc\w*|paucity|dearth|shortages?"
    r"|zero|0|none of|with one|unavailab\w*|decreas\w*|declin\w*|deficien\w*|minimal|only (?:[0-9]{1,3}|an?|one"
    "|two|three|four|five|six|seven|eight|nine|ten|few))"
)
_NUMBER: Final = r"(?:sample size|sample|target\w*|numbers?|quota|study population|recruits?)"
_ACCRUAL: Final = rule(
    "accrual",
    {
        "rol orl rec ac inclu random": (
            rf"\b(?:{_LACKING}|no|under|without|short|only|too){UP_TO_3}{ENROL}",
            rf"\b{ENROL}{WITHIN_3}(?:{_LACKING}|too|under|short|rates?|taking)\b",
            rf"\b(?:{ENROL}|{_TAKING_PART}){UP_TO_4}not (?:\w+ )?(?:sufficient|enough|adequate)",
            rf"^(?:\w+ (?:,|and) ){{0,3}}(?:\w+ )?{ENROL}(?: (?:,|and) \w+){{0,3}}(?: \.)?$",
            r"\b(?:due to|because of|owing to|reasons?(?: \.)?) (?:(?:the|patient|subject|participant|study"
            rf"|site) )?{ENROL}(?! (?:goals?|targets?|complet\w*|criteri\w*|ended|closed|clos\w*|met|reached))",
            rf"\b(?:recruit\w*|enroll?\w*) (?:end\w*|clos\w*|stopp\w*){UP_TO_3}(?:without|no) ",
        ),
        "no 0 with one few lack enough insuf suff adeq limit low absen small little scarc pauc dearth short "
        "zero unavail decreas declin defic minim only": (
            rf"\b{_HARDLY}{_TO_PEOPLE}{PEOPLE}(?! (?:benefit\w*|respon\w*|effect\w*|died|deaths?|safety"
            r"|experienc\w*|harm\w*|compliance|adheren\w*|retention|follow|outcomes?|risk|reported|showed|developed"
            r"|withdr\w*|population benefit|preference|care\b))",
            rf"\b{_HARDLY}{UP_TO_3}{_TAKING_PART}",
        ),
        "find found getting identif locat attract access reach obtain": (
            rf"\b(?:{UNABLE}|trouble){UP_TO_3}(?:find\w*|found|gett?ing|identif\w*|locat\w*|attract\w*|access|reach"
            rf"|obtain\w*){UP_TO_4}(?:{PEOPLE}|eligible|suitable)",
            rf"\bno longer{UP_TO_3}access to{UP_TO_4}(?:population|{PEOPLE})",
        ),
        "not never": (
            rf"\b{PEOPLE}{WITHIN_4}(?:not|never) (?:be |been |to be )?(?:\w+ )?(?:found|available|reached"
            r"|interested|willing|eligible|identified|meet\w*|met|consent\w*|participat\w*|agree\w*)\b",
            rf"\b{_NUMBER}{UP_TO_6}not (?:\w+ )?(?:reach\w*|achiev\w*|met|meet|attain\w*|obtain\w*|complet\w*"
            r"|sufficient|enough)",
        ),
        "refus declin unwilling reluct inelig interest": (
            rf"\b{PEOPLE}{UP_TO_2}(?:refus\w*|declin\w*|unwilling\w*|reluct\w*|ineligib\w*|disinterest\w*|interest)\b",
            r"\b(?:refusal|unwilling\w*|reluctan\w*|low interest|lack of interest|no interest"
            f"|little interest){UP_TO_4}{PEOPLE}",
            r"\bineligible\b",
        ),
        "sample target number quota population recruits": (
            rf"\b(?:{UNABLE}|too){UP_TO_3}(?:reach\w*|achiev\w*|meet\w*|attain|obtain\w*|complete|get|small"
            rf"|low){UP_TO_4}{_NUMBER}\b",
            rf"\b{_NUMBER}(?: of [^ .]{{1,30}}| [^ .]{{1,30}}){{0,2}} (?:(?:was|were|is|are|being) )?(?:too |so "
            r"|very )?(?:small|low|insuff?\w*|inadequ\w*|impossible)\b",
            r"\b(?:low|small|insuff?\w*|inadequ\w*|limited|decreas\w*|lower|fewer) (?:\w+ )?(?:numbers?|volumes?"
            r"|sample|sample size)\b(?! of (?:\w+ )?events)",
        ),
        "rare rarity preval incid screen": (
            r"\brarity\b",
            r"\b(?:too|very|so) rare\b",
            r"\brare (?:disease|condition|disorder|indication|population|event|tumou?r)",
            r"\b(?:low|lower|decreas\w*|declin\w*|reduced|falling) (?:\w+ )?prevalence",
            r"\b(?:low|lower|decreas\w*|declin\w*|reduced|falling) (?:\w+ )?incidence of (?:the )?(?:disease"
            "|condition|infection|cases)",
            r"\bscreen(?:ing)? fail\w*",
        ),
    },
)

_WORTH: Final = (
    r"(?:end ?points?|outcome measures?|primary outcomes?|effica\w*|effective\w*|benefi\w*|effects?|activity"
    "|superiority|improvements?|significan(?:t|ce)|differences?|positive trend|success|promise|response"
    r"|statistical\w*|proof of concept)\b"
)
_EFFICACY: Final = rule(
    "efficacy",
    {
        "futil ineffic ineffec inferior": (
            r"\bfutil\w*",
            r"\bineffica\w*",
            r"\bineffect\w*",
            r"\binferior\b",
            r"\binferiority was not",
        ),
        "lack absen insuf limit no without low inadeq poor weak disappoint minim little": (
            r"\b(?:lack\w*|absence|insuff?\w*|limited|no|without|low|inadequ\w*|poor|weak|disappoint\w*|minimal"
            rf"|little|less){YES_3}(?:effica\w*|effective\w*|benefi\w*|effects?|activity|superiority|improvements?"
            r"|significan(?:t|ce)|differences?|positive trend|promise|proof of concept)\b(?! (?:data|analysis"
            r"|assess\w*|evaluat\w*|and safety data))",
            r"\b(?:lack\w*|absence|insuff?\w*|poor|no|inadequ\w*|low) (?:of )?(?:(?:\w+ )?(?:clinical|tumou?r"
            r"|treatment|therapeutic|objective|biological) (?:\w+ )?)?(?:respon(?:se|ses|ders?)|results"
            r"|signals?)(?: rates?)?\b(?! to (?:letter|invit|survey|recruit))(?<!^low response)",
        ),
        "likel power probab chance": (
            rf"\b(?:unlikely|not likely|low (?:\w+ )?(?:likelihood|probability|chance)|small chance){UP_TO_4}(?:show"
            r"|demonstrat\w*|succe\w*|meet|achiev\w*|reach|positive|benefit|significan\w*|effect\w*"
            r"|efficac\w*)\b(?! (?:\w+ ){0,2}(?:accrual|enrol\w*|recruit\w*|target number))",
            r"\bconditional power",
        ),
        "not fail unable inab": (
            r"\b(?:not|fail\w* to|failure to|inability to|unable to) (?:\w+ )?(?:meet\w*|met|reach\w*|achiev\w*"
            r"|show\w*|demonstrat\w*|find|found|prov\w*|establish\w*|confirm\w*|detect\w*|yield\w*|observ\w*|seen?"
            rf"|support\w*|attain|improve\w*|provide){UP_TO_6}{_WORTH}",
            rf"\b{_WORTH}{UP_TO_4}not (?:been |be )?(?:met|reached|achieved|shown|demonstrated|observed|seen"
            "|significant|proven|found|confirmed|attained|as (?:expected|hoped))",
            r"\bnot (?:\w+ )?(?:work|effective|efficacious|superior|beneficial|helpful|better)\b",
            r"\bno better than\b",
            r"\bseparate from placebo",
            r"\bfailed (?:\w+ ){0,3}(?:trial|phase|efficacy|endpoint|study results)",
        ),
        "negativ unfavo discourag lower fail": (
            r"\b(?:negative|unfavou?rable|discouraging) (?:\w+ ){0,3}(?:results?|analys[ei]s|study|trial"
            r"|outcomes?|data|findings)\b",
            r"\b(?:results?|outcomes?) (?:\w+ ){0,2}(?:negative|discouraging|disappointing)\b",
            r"\b(?:lower|less) than (?:expected|anticipated) (?:efficacy|response|benefit|effect)",
            r"\b(?:response|efficacy|effect|benefit|endpoints)(?: rates?)? (?:were |was "
            "|is )?lower than (?:expected|anticipated)",
            r"\b(?:treatment|therapy|drug) failures?\b",
        ),
    },
)

_AIM: Final = (
    "(?:aims?|objectives?|goals?|end ?points?|targets?|purpose|milestones?|commitments?|requirements?|obligations?"
    "|hypothesis)"
)
_PIECES_OF_STUDY: Final = (
    r"(?:tests?|data collection|analys[ei]s|enroll?\w*|recruit\w*|accrual|inclusion|primary analysis|pilot"
    "|experiments?|phase [0-9i]+|part [0-9a-d]+|stage [0-9i]+|cohort)"
)
_SUCCESS: Final = rule(
    "success",
    {
        "accompl achiev fulfil met reach attain satisf meet answer": (
            rf"\b(?<!not met )(?<!not meet ){_AIM}{YES_6}(?:accomplish\w*|achieved|fulfill?\w*|could be met|(?:was"
            r"|were|been|is|are|already) (?:met|reached)|attained|satisfied)\b",
            r"(?<!not )(?<!to )(?<!unable )\b(?:reached|achieved|accomplished|fulfilled|met)(?: (?:its|the|all|our"
            rf"|study|primary|main|trial|planned)){{1,4}} {_AIM}\b",
            rf"(?<!fail )(?<!unable )(?<!failure )(?<!inability )\bto meet{UP_TO_3}commitments?\b",
            r"\bmeet the requirements of\b",
            r"\b(?:recruit\w*|enroll?\w*|accrual)(?: (?:was|is|has been))? (?:fulfilled|goal met)\b",
            rf"\b(?:primary|secondary|main|study) {_AIM} (?:met|reached)\b",
            r"\bresults (?:were|are) (?:already )?significant\b",
            r"\b(?:power|sample size|target)(?: of the study)? (?:was|has been|is) (?:reached|met|achieved)\b",
            r"\breached a definitive",
            r"(?<!not )\b(?:was|been|were) answered\b",
        ),
        "enough suff adequ": (
            r"(?<!not )(?<!without )(?<!no )(?<!lack of )(?<!not have )(?<!not get )(?<!not obtain )\b(?:enough"
            f"|sufficient|adequate){UP_TO_3}(?:data|information|evidence|results|knowledge|{PEOPLE}{UP_TO_3}(?:collected"
            r"|gathered|obtained|available|recruited|enrolled|reached|included|accrued))\b(?! (?:not|was not"
            "|were not|are not|for))",
            r"(?<!not )\b(?:enough|sufficient|adequate) (?:data|information|evidence)\b(?! (?:not|was not|were not))",
        ),
        "effica benefi superior success positiv": (
            r"\b(?:early|earlier|overwhelming|superior|proven|clear|demonstrated|positive|favou?rable) (?:efficacy"
            r"|benefit|success|results?|outcomes?|interim)\b",
            r"\b(?:efficacy|benefit|superiority|effectiveness) (?:was |has been |were |is )?(?:already "
            "|clearly )?(?:shown|demonstrated|established|proven|confirmed|evident)",
            r"\bsuccessful\w* (?:complet\w*|conclu\w*|early|interim)",
            r"\b(?<!not )(?<!not yet )(?:demonstrated|showed|proved|established|confirmed) (?:clear |early "
            r"|overwhelming |the |significant )*(?:efficacy|superiority)\b",
            r"\bstopp\w* (?:early )?for (?:efficacy|benefit|superiority|success)",
        ),
        "complet finish": (
            rf"(?<!not )\b{_PIECES_OF_STUDY} (?:was |is |has been |have been "
            r"|were )?(?:successfully )?(?:early )?(?:completed?|finished)\b",
        ),
        "additional further more": (
            r"\bno (?:additional|further|more) (?:\w+ ){0,2}(?:data|information|patients|subjects"
            r"|participants) (?:\w+ ){0,2}(?:needed|required|necessary)",
            r"\b(?:additional|further|more) (?:\w+ ){0,2}(?:data|information|patients|subjects"
            r"|participants) (?:\w+ ){0,3}(?:unnecessary|not (?:needed|required|necessary|change|alter|add))",
            r"\blimited additional information",
        ),
    },
)

_STAFF_DIED: Final = (
    "(?<!pi )(?<!investigator )(?<!investigators )(?<!pi has )(?<!investigator has )(?<!pi s )(?<!investigator s )"
)
_HARM: Final = (
    r"(?:mortality|deaths?|toxicit\w*|complications?|bleed\w*|ha?emorrhag\w*|infections?|rejection|thrombos\w*"
    r"|strokes?|adverse|hypotension|arrhythmi\w*|reactions?|injur\w*|fibrillation|fractures?|perforations?|hepat\w*"
    "|reoperation|relapses?)"
)
_SAFETY: Final = rule(
    "safety",
    {
        "safe tox advers side harm sae worse danger": (
            r"\b(?<!no )safety\b(?! , (?:\w+ ){0,3}(?:no|not)\b)"
            r"(?! (?:and efficacy data|and efficacy analysis|data|board|monitoring|study"
            "|committee|run|lead|profile (?:was|is)|review|follow|analysis|population|phase|trial|extension))",
            r"\bunsafe\b",
            r"\b\w{0,12}toxicit\w*",
            r"\btoxic\b",
            r"\badverse\b",
            r"\bside effects?",
            r"\bharm(?:s|ful|ed)?\b",
            r"\b(?:worse|worsening|worsened) (?:\w+ )?(?:outcomes?|survival|results|condition)",
            r"\bsaes?\b",
            r"\bsusars?\b",
            r"\bdangerous",
        ),
        "die death dead fatal mortal": (
            rf"\b{_STAFF_DIED}(?:died|deaths?|dead)\b(?! of (?:the )?(?:\w+ )?(?:pi|investigators?|researcher|dr)\b)",
            r"\bfatal\w*",
            r"\b(?:increas\w*|high\w*|excess\w*|elevated|more) (?:\w+ ){0,3}(?:mortality|deaths?)",
        ),
        "complic reject reaction tolera dlt injur bleed": (
            r"\bcomplications?\b(?! in (?:the )?(?:recruit|enrol))",
            r"\b(?:acute |organ |graft )rejection",
            r"\b(?:allergic|hypersensitivity|anaphyla\w*|infusion|injection site) reactions?",
            r"\banaphyla\w*",
            r"\b(?:not|poorly|badly) (?:well )?tolerated",
            r"\bintolera\w*",
            r"\b(?:poor|lack of|low|insufficient|bad) (?:\w+ )?tolera\w*",
            r"\bdlts?\b",
            r"\b(?:patient|liver|kidney|renal|lung) injur\w*",
            r"\bbleeding (?:events?|risk|complications?)",
        ),
        "high increas excess elevat unaccept unexpect unantic sever serious frequen": (
            r"\b(?:high\w*|increas\w*|excess\w*|elevated|unaccept\w*|unexpected\w*|unanticipated|severe|serious"
            rf"|frequent|too many) (?:\w+ ){{0,4}}?{_HARM}\b",
            r"\b(?:increas\w*|higher|elevated|excess\w*|unaccept\w*) (?:\w+ )?(?:risks?|incidence of|frequency of"
            r"|rates? of)\b(?! (?:\w+ )?(?:screen|drop|withdraw|loss|refus|exclu|attrition))",
            r"\bhigh (?:rate|incidence|number|frequency)s? of (?!\w* ?(?:screen|drop|withdraw|loss|refus|exclu"
            "|attrition|patients|missing|ineligib))",
        ),
        "risk": (
            r"\brisks? (?:, )?(?:vs |versus |to |and |over )?(?:the )?benefit",
            r"\bbenefit\w* (?:, )?(?:vs |versus |to |and )?(?:the )?risks?\b",
            r"\b(?:unfavou?rable|potential|possible|safety|patient|health) risks?\b",
            r"\brisks? (?:to|for) (?:the )?(?:patients|participants|subjects)",
            r"\brisks? outweigh",
        ),
        "stop": (rf"\bstopping (?:rules?|criteri\w*|boundar\w*)(?: [^ .]+){{0,4}} {_HARM}\b",),
    },
)

RULES: Final = (_ACCRUAL, _EFFICACY, _SUCCESS, _SAFETY)
"""In the order in which the classes are given."""
