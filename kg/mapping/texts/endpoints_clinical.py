"""Rules for endpoints that are events: survival, response, safety, the heart and the vessels."""

from __future__ import annotations

from typing import Final

from kg.mapping.texts.rules import rules_for

__all__ = ["RULES"]

_SURVIVAL: Final = (
    *rules_for(
        "progression-free-survival",
        {
            "pfs pfs1 pfs2 rpfs": "",
            "free": r"progress(?:ion|ive)? free (?:survival|interval|rates?|at)\b|\balive and progress(?:ion)? free\b",
        },
    ),
    *rules_for(
        "overall-survival", {"os": r"(?<!KCCQ )\bm?OS\b(?! [Oo]verall [Ss]atis)", "mos": r"\bmOS\b"}, keeps_case=True
    ),
    *rules_for("overall-survival", {"survival": r"overall survival|\bpatients? (?:and graft )?survival\b"}),
    *rules_for(
        "overall-survival",
        {
            "survival": r"^(?:the |median |mean |cumulative |rate of "
            r"|time of )*(?:\w+ ){0,3}?(?<!free )(?<!specific )(?<!related )survival(?: (?:rates?|times?|status"
            r"|analysis|probability|safety|outcomes?|os|function|curves?|data|endpoint|percentage|benefit|duration"
            r"|of (?:the )?(?:patients|participants|subjects)))*(?: (?:at|after|following|up to|in|from|over|by"
            r"|within|through|until|to|since|for|between|with|and)\b.*| \d.*)?$|\b(?:patients?|participants?"
            r"|subjects?|transplant) survival\b|\b\d+ (?:year|month|day|yr) survival\b"
            r"|\bsurvival of (?:the )?(?:patients|participants|subjects)",
            "alive": r"\b(?:patients|participants|subjects|percent\w*|proportion|number|are|were"
            r"|still) alive\b(?! (?:and|without|free|with))",
            "survived": r"\b(?:patients|participants|subjects) (?:who )?survived\b",
        },
        unless=r"(?:graft|implant|device|allograft|flap|stent|lead|tooth|restoration|cell|cells|patency|fistula"
        r"|catheter|prosthe\w*|bracket|crown|platelet|red cell|embryo|islet|event|ventilator|transfusion|sperm"
        r"|t cells?|kidney|technique|valve) survival|survival (?:of|with)(?: a)? (?:graft|cells?|car|functioning"
        r"|implant|anti|pure)|survived with|free survival|survival time of (?:anti|car)|(?:self"
        r"|cancer) survival skills|specific survival",
    ),
    *rules_for(
        "disease-free-survival", {"dfs idfs": "", "free": "disease free survival"}, unless="distant disease free"
    ),
    *rules_for(
        "relapse-free-survival",
        {"rfs": "", "free": "(?:relapse|recurrence) free survival"},
        unless=r"distant recurrence|\bvt recurrence",
    ),
    *rules_for(
        "event-free-survival",
        {"efs": "", "free": "event free survival"},
        unless="(?:cardiovascular|cardiac|infarction|failure) event free",
    ),
    *rules_for(
        "metastasis-free-survival",
        {"mfs dmfs": "", "free": "metasta(?:s[ie]s|tic) free survival|distant (?:disease|recurrence) free survival"},
    ),
    *rules_for(
        "time-to-progression",
        {"ttp": "", "progression": r"time (?:to|until) (?:\w+ )?(?:\w+ )?progression\b(?! free)"},
        unless="time to peak",
    ),
    *rules_for("time-to-treatment-failure", {"ttf": r"\bTTF\b"}, keeps_case=True),
    *rules_for("time-to-treatment-failure", {"failure": "time to (?:first )?treatment failure"}),
    *rules_for(
        "local-control",
        {
            "control": r"\b(?:local|loco ?regional|regional|intracranial|pelvic|primary tumou?r|in field"
            r"|lesion)(?: \w+)? control\b",
            "local loco locoregional": r"\b(?:local|loco ?regional)(?: (?:and|or|tumou?r|disease|cancer"
            r"|regional)){0,2} (?:failure|recurrences?|relapse)\b(?! free)",
        },
        unless="hernia|fistula|local anest",
    ),
)
_RESPONSE: Final = (
    *rules_for(
        "time-to-response",
        {
            "response remission": r"time (?:to|until) (?:(?:first|objective|initial|complete|tumou?r|best|overall"
            r"|clinical|ha?ematologic\w*|partial|onset of|maximum|confirmed|major|molecular|disease"
            r"|treatment) ){0,2}re(?:sponse|mission)\b(?! to \w+ing)",
            "ttr": r"^ttr\b|\bresponse ttr\b",
        },
    ),
    *rules_for(
        "objective-response-rate",
        {
            "orr": "",
            "response": r"objective (?:\w+ )?response\b|(?<!best )overall (?:tumou?r )?response\b"
            r"|overall response rate|\b(?:disease|tumou?r|antitumou?r|anti tumou?r|radiologic\w*|radiographic"
            r"|intracranial|cns) response\b(?! (?:assess|evaluation|criteria))|^(?:best )?(?:(?:the|to|determine"
            r"|evaluate|assess) ){0,3}response rates?(?: (?:rr|orr|of (?:the )?(?:tumou?r|treatment|disease)"
            r"|assessed|according|by|per|based|evaluated)\b.*| \w+)?$|response (?:rate )?(?:\w+ ){0,3}(?:recist"
            r"|complete response cr|cr pr|cr and pr|cr or pr|partial response)",
            "remission": r"\b(?:objective|overall) remission\b",
        },
        unless=r"(?:duration of|time to) (?:\w+ ){0,2}response|depth of|disease response evaluation"
        r"|response duration|blood pressure|immune response|\b(?:psa response|antibody|glucose|pasi|acr|eczema"
        r"|depress\w*|pain|cytogenetic|molecular response)\b",
    ),
    *rules_for("best-overall-response", {"best": r"best overall (?:tumou?r )?response\b(?! rate)"}),
    *rules_for(
        "duration-of-response",
        {
            "dor docr docor": "",
            "response remission cr": r"(?:duration|durability|length) of (?:(?:\w+ ){0,3}re(?:sponse|mission)|cr)\b"
            r"|\b(?:response|remission) duration",
        },
        unless="blood pressure",
    ),
    *rules_for(
        "complete-response",
        {
            "complete": r"complete (?:(?:metabolic|ha?ematologic(?:al)?|clinical|tumou?r|molecular) )?(?:response"
            r"|remission)\b",
            "cr cri crr": r"\bcr (?:rate|with incomplete|cri)\b|^cri?$|^crr\b",
        },
        unless="pathologic|duration of|time to|following complete|time interval|renal response",
    ),
    *rules_for("pathological-complete-response", {"pcr": r"\bpCR\b"}, keeps_case=True),
    *rules_for(
        "pathological-complete-response",
        {"complete": r"pathol\w{1,12} complete re(?:sponse|mission)|complete pathol\w{1,12} re(?:sponse|mission)"},
    ),
    *rules_for("major-pathological-response", {"mpr": r"\bMPR\b"}, unless="[Rr]atio", keeps_case=True),
    *rules_for(
        "major-pathological-response",
        {"pathological pathologic pathologically pathology": r"major pathol\w{1,12} response"},
    ),
    *rules_for("disease-control-rate", {"dcr": "", "control": r"disease control\b"}, unless="duration of|death in"),
    *rules_for(
        "clinical-benefit-rate",
        {
            "cbr": "",
            "benefit": r"clinical benefit (?:rate|response)"
            r"|^clinical benefit$|\bwith clinical benefit$",
        },
    ),
    *rules_for(
        "minimal-residual-disease", {"mrd": "", "residual": "(?:minimal|measurable|molecular) residual disease"}
    ),
)
_SAFETY: Final = (
    *rules_for("dose-limiting-toxicity", {"dlt dlts": "", "limiting": "dose limiting toxicit"}),
    *rules_for(
        "maximum-tolerated-dose",
        {"mtd mtds": "", "tolerated tolerable": "maxim(?:um|al|ally) (?:tolerated|tolerable) (?:\\w+ )?(?:dos|level)"},
    ),
    *rules_for(
        "recommended-phase-2-dose",
        {
            "rp2d rp2ds": "",
            "recommended": r"\brecommended (?:expansion |phase \w+ )?dose\b(?! (?:intensity|of (?:vitamin|exercise)))",
        },
        unless="adverse event",
    ),
    *rules_for(
        "serious-adverse-events",
        {"sae saes tesae tesaes": "", "serious": r"(?<!non )\bserious (?:\w+ )?adverse"},
    ),
    *rules_for("adverse-events", {"ae": r"\bAE\b"}, keeps_case=True),
    *rules_for(
        "adverse-events",
        {
            "aes teae teaes sirae trae traes irae iraes maae maaes aesi aesis": "",
            "adverse": r"(?<!(?<!non )serious )(?<!emergent serious )(?<!related serious )adverse (?:(?!cardi"
            r"|cerebro|limb|vascular|kidney|renal|neuro|heart|cv)\w+ )?(?:events?|reactions?|effects?"
            r"|experiences?)\b",
            "side": r"\bside effects?\b",
            "reactions": r"\b(?:local|systemic|injection site) reactions",
            "reactogenicity": "",
            "solicited": r"\bsolicited (?:\w+ ){0,2}(?:events|reactions|symptoms)",
        },
    ),
    *rules_for(
        "adverse-events",
        {
            "safety tolerability": r"^(?:(?:to|evaluat\w+|assess\w*|determine|the|of|general|overall|long term"
            r"|clinical|primary|drug|acute) ){0,4}(?:safety|tolerability)(?: (?:profile|endpoints?|outcomes?|events?"
            r"|assessment|evaluation|data|variables))?(?: of\b.*)?$|\b(?:safety|efficacy"
            r"|feasibility) (?:and )?(?:the )?tolerability|tolerability and safety|\b(?:efficacy|effectiveness"
            r"|feasibility) (?:and )?(?:the )?safety\b|\b(?:evaluat\w+|assess\w*|determin\w+|define|establish"
            r"|characteri[sz]e|describe|compare|examine|study)(?: the)? (?:\w+ )?(?:safety|tolerability)\b"
        },
        unless="measured as|laborator|vital|electrocard|biomarkers|physical",
    ),
    *rules_for(
        "adverse-events",
        {
            "toxicity toxicities": "",
            "cardiotoxicity hepatotoxicity nephrotoxicity neurotoxicity ototoxicity cardiotoxicities "
            "hematotoxicity": r"^(?!.*toxicity free)",
        },
        unless=r"limiting|(?:cardiac )?\w*toxicity of (?:troponin|bnp)|predict|prognos|\bmarkers?\b|biomarker"
        r"|toxicity (?:criteria|shift)|hematology|chemistry|financial toxicity",
    ),
    *rules_for(
        "adverse-events",
        {
            "complication complications": "",
            "clavien": "clavien dindo",
            "morbidity morbidities": r"\b(?:post ?operative|peri ?operative|surgical|operative|major|treatment"
            r"|overall|procedur\w+|early|late) (?:\w+ )?morbidit(?:y|ies)\b",
        },
        unless="diabet|complications? of (?:hypertension|covid|disease)|complication free|microvascular|macrovascular",
    ),
    *rules_for(
        "bleeding",
        {
            "bleeding bleedings bleed bleeds hemorrhage haemorrhage hemorrhages haemorrhages": "",
            "hemorrhagic haemorrhagic": r"ha?emorrhagic (?:events?|complications?|stroke)",
            "barc": "",
            "rebleeding rebleed": "",
        },
        unless="(?:uterine|withdrawal|scheduled|myocardial) (?:bleed|ha?em)|bleeding (?:time|days)|microvascular"
        "|spotting",
    ),
    *rules_for(
        "immunogenicity",
        {
            "immunogenicity adas gmt gmts gmc gmcs seroconversion seroprotection seroresponse": "",
            "titer titers titre titres": r"\b(?:antibody|neutrali[sz]ing|neutrali[sz]ation|hai|hi|igg"
            r"|mean) (?:\w+ )?tit(?:er|re)s?\b",
            "immune": r"\b(?:humoral|cellular|vaccine|cell mediated) immune response|\bimmune response to\b",
            "ada": r"\bada (?:positiv|titers?|incidence|formation)",
            "antibody antibodies antidrug": r"\banti ?drug antibod|\banti \w+(?: \d+)? (?:binding "
            r"|neutrali[sz]ing )?antibod(?:y|ies)\b"
            r"|\b(?:neutrali[sz]ing|binding) antibod",
        },
        unless="hbsag|hbeag|hla|donor|thyro|nuclear|phospholipid|cardi|gad|insulin|islet|antibody therapy",
    ),
)
_HEART: Final = (
    *rules_for(
        "major-adverse-cardiac-events",
        {"mace macce maces": "", "major": r"major adverse (?:\w+ and )?(?:cardi|cerebro|heart event|cv )"},
    ),
    *rules_for(
        "cardiovascular-mortality",
        {
            "death deaths mortality": r"(?<!non )\b(?:cardio ?vascular|cardiac"
            r"|cv)(?: cv)?(?: disease)?(?: related)? (?:or unknown )?(?:deaths?|mortality)\b|\b(?:deaths?"
            r"|mortality) (?:from|due to|of|by|attributed to) (?:(?:a|an|any|other) )?(?:cardio ?vascular|cardiac"
            r"|cv)\b"
        },
    ),
    *rules_for(
        "overall-mortality",
        {
            "mortality": r"(?:all cause|any cause) mortality"
            r"|\bmortality(?<!cardiovascular mortality)(?<!cardiac mortality)(?<!cv mortality)(?<!cancer"
            r" mortality)(?<!disease mortality)(?<!specific mortality)(?<!related mortality)(?<!relapse"
            r" mortality)(?<!failure mortality)(?<!vascular mortality)(?<!liver mortality)(?<!stroke"
            r" mortality)(?<!sepsis mortality)(?<!non mortality)(?<!predicted mortality)(?<!infarction"
            r" mortality)(?<!coronary mortality)(?<!renal mortality)(?<!embryo mortality)(?<!tumor"
            r" mortality)(?<!hf mortality)\b(?! (?:due|from|related|risk|score|attributed|prediction|predict"
            r"|by (?:cardi|cv|cancer)|of (?:heart|cardi|cancer|cv)|cardi|in cr\b))|\bmortality (?:by|from|due to"
            r"|of) (?:any|all) causes?",
            "death deaths": r"\b(?:all cause|any cause|overall|total) deaths?\b|\bdeaths? (?:from|of|due to|by"
            r"|for) (?:any|all) (?:causes?|reasons?)"
            r"|\bdeath(?<!cardiovascular death)(?<!cardiac death)(?<!cv death)(?<!cell death)(?<!brain"
            r" death)(?<!sudden death)(?<!cancer death)(?<!specific death)(?<!related death)(?<!renal"
            r" death)(?<!disease death)(?<!failure death)(?<!arrhythmic death)(?<!vascular death)(?<!unknown"
            r" death)(?<!kidney death)(?<!relapse death)(?<!fetal death)(?<!foetal death)(?<!neonatal"
            r" death)(?<!infarction death)(?<!perinatal death)(?<!intrauterine death)(?<!hf death)(?<!of"
            r" death)(?<!to death)(?<!until death)s?\b(?! (?:due|from|related|in cr\b|by|of|attributed|caused"
            r"|anxiety|receptor|ligand|cardi|cv|at home))|\b(?:number|rate|incidence|time|composite|percentage"
            r"|occurrence|risk) (?:of|to) deaths?\b(?! (?:due|from|related|in cr\b|by|of|attributed|caused|cardi"
            r"|cv))",
            "died": r"\bwho (?:have )?died\b(?! (?:from|of|due))",
        },
    ),
    *rules_for(
        "myocardial-infarction",
        {
            "infarction infarctions": r"\bmyocardial infarctions?\b|\bre ?infarctions?\b",
            "attack attacks": r"\bheart attacks?\b",
            "reinfarction mi mis": "",
        },
        unless=r"(?:with|after|following|post|history of|in|lysis of|for) (?:acute |an? "
        r"|st elevation )?(?:myocardial infarction|mi)\b"
        r"|infarction (?:mi )?(?:size|flow|patients|dimension|major|event free)",
    ),
    *rules_for(
        "stroke",
        {
            "strokes cva": "",
            "cerebrovascular": r"\bcerebrovascular (?:accidents?|insults?)\b",
            "cerebral": r"\b(?:ischa?emic )?cerebral infarctions?\b",
            "stroke": r"\bstroke\b(?! (?:volumes?|work|index|vol|scale|impact|distance|output|patients|survivors|unit"
            r"|care|specific|risk"
            r"|severity|rehab|prevention|self|treatment))",
        },
        unless=r"(?:heat|after|patients with|history of|per|post) stroke",
    ),
    *rules_for(
        "hospitalization",
        {
            "rehospitalization rehospitalizations rehospitalisation rehospitalisations readmission readmissions": "",
            "hospitalization hospitalizations hospitalisation hospitalisations": r"(?<!length of )(?<!duration of "
            r")(?<!during )(?<!during index )"
            r"(?<!during the )(?<!index )(?<!days of )(?<!after )(?<!before )(?<!in )(?<!cost of )(?<!costs of )"
            r"\bhospitali[sz]ations?\b(?! (?:costs?|duration|stay|time|length|period|days|anxiety|until))",
            "hospitalized hospitalised": r"hospitali[sz]ed (?:for|due|at least|because|with|again)|\b(?:being|were"
            r"|was|be) (?:re ?)?hospitali[sz]ed\b",
            "rehospitalized rehospitalised readmitted hfh hfhs hhf hhfs": "",
            "admission admissions": r"\bre admissions?\b|\bhospital admissions?\b(?! (?:to|and discharge))"
            r"|\badmissions? (?:to (?:the )?hospital|for (?:\w+ )?heart failure)|\b(?:inpatient|unplanned|emergency"
            r"|hf|heart failure) (?:hospital )?admissions?\b|\badmitted to (?:the )?hospital",
            "admitted": r"\badmitted to (?:the |a )?hospital",
        },
    ),
    *rules_for("length-of-stay", {"los": r"\bLOS\b"}, keeps_case=True),
    *rules_for(
        "length-of-stay",
        {
            "stay": r"lengths? of (?:\w+ ){0,4}stay\b|duration of (?:\w+ ){0,2}stay\b|\b(?:hospital|icu"
            r"|intensive care(?: unit)?|nicu|picu|ward|unit|inpatient|post ?operative) (?:length of )?stays?\b",
            "hospital icu": r"\b(?:length of time|time|days|number of days"
            r"|duration) (?:spent )?in (?:the )?(?:hospital|icu|intensive care)\b|\bhospital (?:days|duration)\b"
            r"|\btime to hospital discharge",
            "discharge": r"\b(?:time|days) (?:from \w+ )?(?:to"
            r"|until) (?:hospital )?discharge\b(?! from (?:the )?(?:recovery|post ?anesth|pacu))",
            "hospitalization hospitalisation": r"(?:length|duration) of (?:\w+ ){0,2}hospitali[sz]ation\b"
            r"|hospitali[sz]ation (?:duration|time|days)",
            "days": r"\bdays (?:hospitali[sz]ed|in (?:the )?hospital)\b",
        },
    ),
    *rules_for(
        "revascularization",
        {"revascularization revascularizations revascularisation revascularisations tlr tvr": ""},
        unless="(?:after|undergoing|following|post|before|complete) revascul",
    ),
    *rules_for(
        "atrial-fibrillation-recurrence",
        {
            "recurrence recurrences recurrent freedom free": r"\b(?:recurrences?|recurrent|freedom from"
            r"|free from) (?:of )?(?:(?:documented|symptomatic|any|persistent|first) )?(?:af\b"
            r"|atrial (?:fibrillation|(?:tachy)?arrhythmia))|\b(?:af|atrial (?:fibrillation"
            r"|(?:tachy)?arrhythmias?)(?: af)?) (?:free(?:dom)?|recurrences?|relapse)\b|\b(?:freedom|free|recurrence"
            r"|recurrences) (?:from|of) (?:\w+ ){0,2}(?:af\b|atrial|atf)\b",
            "sinus": r"\bmaintenance of (?:\w+ )?sinus rhythm|\bsinus rhythm maintenance",
        },
    ),
    *rules_for(
        "left-ventricular-ejection-fraction",
        {
            "lvef": "",
            "ejection": r"left ventric(?:ular|le) (?:systolic )?ejection fraction|\blv ejection fraction"
            r"|ejection fraction (?:of the )?(?:left|lv)\b|^(?!.*(?:right|\brv|atrial|gall ?bladder|gastric|reduced"
            r"|preserved|with \w+ ejection|patients with|rnv|heart failure)).*\bejection fraction\b",
        },
    ),
    *rules_for(
        "six-minute-walk-distance",
        {
            "6mwd 6mwt": "",
            "6mw 6mwtd 6mwdt smwt": "",
            "mwt mwd": "\\b6 mw[td]",
            "walk walking walked": "(?:6|six) ?(?:min(?:ute)?s?|m) ?walk",
        },
        unless="(?:before|after) walking",
    ),
    *rules_for(
        "blood-pressure",
        {
            "sbp dbp bp mbp abpm": "",
            "pressure pressures": r"blood pressure|(?<!pulmonary )\b(?:mean|systemic|systolic|central|aortic"
            r"|diastolic) arterial (?:blood )?pressure|^(?:(?:change|changes) (?:in|from baseline in) )?(?:systolic"
            r"|diastolic|arterial) pressure(?: measurements?| mmhg| at\b.*)?$",
            "map": r"\bmean arterial|\bmap (?:mmhg|mm)|^map$",
        },
    ),
    *rules_for(
        "electrocardiogram",
        {
            "ecg ecgs ekg electrocardiogram electrocardiograms electrocardiographic electrocardiography": "",
            "qtc qtcf qtcb qrs holter": "",
            "qt pr": r"\b(?:qt|pr) (?:interval|prolongation|corrected|duration)",
            "segment": r"\bst segment (?:resol|dev|elev|depr|ch)",
        },
        unless="recurrence",
    ),
    *rules_for("vital-signs", {"vital": r"\bvital signs?\b"}),
)

RULES: Final = (*_SURVIVAL, *_RESPONSE, *_SAFETY, *_HEART)
"""In the order in which their codes are given."""
