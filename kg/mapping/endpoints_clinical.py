"""Rules for endpoints that are events: survival, response, safety, the heart and the vessels."""

from __future__ import annotations

from typing import Final

from kg.mapping.text_rules import rules_for

__all__ = ["RULES"]

_SURVIVAL: Final = (
    *rules_for("progression-free-survival", {"pfs pfs1 pfs2": "", "free": r"progress(?:ion|ive)? free survival"}),
    *rules_for("overall-survival", {"os": r"(?<!KCCQ )\bOS\b(?! [Oo]verall [Ss]atis)"}, keeps_case=True),
    *rules_for(
        "overall-survival",
        {
            "overall": "overall survival",
            "survival": r"^(?:(?:patient|participant|subject|median|cumulative|long term|one year|\d+ (?:year|month"
            r"|day)) )?survival"
            r"(?: rates?| times?| status| analysis)?(?: (?:at|after|of (?:patients|participants|subjects)) .*)?$",
        },
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
        {"ttp": "", "progression": r"time to (?:tumou?r |disease )?progression\b(?! free)"},
        unless="time to peak",
    ),
    *rules_for("time-to-treatment-failure", {"failure": "time to (?:first )?treatment failure"}),
    *rules_for("local-control", {"control": r"\b(?:local|loco ?regional|intracranial) (?:tumou?r )?control\b"}),
)
_RESPONSE: Final = (
    *rules_for(
        "time-to-response",
        {"response remission": r"time to (?:first |objective |initial |complete |tumou?r )?re(?:sponse|mission)\b"},
    ),
    *rules_for(
        "objective-response-rate",
        {
            "orr": "",
            "response": r"objective (?:\w+ )?response\b|(?<!best )overall (?:tumou?r )?response\b"
            r"|overall response rate",
        },
        unless="duration of (?:overall|objective) response",
    ),
    *rules_for("best-overall-response", {"best": r"best overall (?:tumou?r )?response\b(?! rate)"}),
    *rules_for(
        "duration-of-response",
        {"dor docr": "", "response remission cr": r"duration of (?:(?:\w+ ){0,2}re(?:sponse|mission)|cr)\b"},
        unless="blood pressure",
    ),
    *rules_for(
        "complete-response",
        {
            "complete": r"complete (?:(?:metabolic|ha?ematologic(?:al)?|clinical|tumou?r|molecular) )?(?:response"
            r"|remission)\b",
            "cr cri": r"\bcr (?:rate|with incomplete|cri)\b|^cri?$",
        },
        unless="pathologic|duration of|time to|following complete|time interval|renal response",
    ),
    *rules_for("pathological-complete-response", {"pcr": r"\bpCR\b"}, keeps_case=True),
    *rules_for(
        "pathological-complete-response",
        {"complete": r"pathol\w{1,12} complete re(?:sponse|mission)|complete pathol\w{1,12} re(?:sponse|mission)"},
    ),
    *rules_for("major-pathological-response", {"mpr": r"\bMPR\b"}, unless="[Rr]atio", keeps_case=True),
    *rules_for("major-pathological-response", {"major": r"major pathol\w{1,12} response"}),
    *rules_for("disease-control-rate", {"dcr": "", "control": r"disease control\b"}, unless="duration of|death in"),
    *rules_for("clinical-benefit-rate", {"cbr": "", "benefit": "clinical benefit rate"}),
    *rules_for("minimal-residual-disease", {"mrd": "", "residual": "(?:minimal|measurable) residual disease"}),
)
_SAFETY: Final = (
    *rules_for("dose-limiting-toxicity", {"dlt dlts": "", "limiting": "dose limiting toxicit"}),
    *rules_for(
        "maximum-tolerated-dose", {"mtd": "", "tolerated tolerable": "maxim(?:um|al) (?:tolerated|tolerable) dose"}
    ),
    *rules_for(
        "recommended-phase-2-dose",
        {"rp2d": "", "phase": "recommended phase (?:2|ii) dose"},
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
            "aes teae teaes trae traes irae iraes maae maaes aesi aesis": "",
            "adverse": r"(?<!(?<!non )serious )(?<!emergent serious )(?<!related serious )"
            r"adverse (?:drug |device |treatment )?(?:events?|reactions?|effects?)\b",
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
            r"|clinical|primary|drug|acute) ){0,4}"
            r"(?:safety|tolerability)(?: (?:profile|endpoints?|outcomes?|events?|assessment|evaluation|data"
            r"|variables))?(?: of\b.*)?$"
            r"|\bsafety (?:and )?tolerability|tolerability and safety"
        },
        unless="measured as|laborator|vital|electrocard|biomarkers|physical",
    ),
    *rules_for(
        "adverse-events",
        {"toxicity toxicities": "", "cardiotoxicity": "incidence of cardiotoxicity"},
        unless="limiting|cardiac toxicity of|toxicity (?:criteria|shift)|hematology|chemistry",
    ),
    *rules_for(
        "adverse-events",
        {"complication complications": ""},
        unless="diabet|complications? of (?:hypertension|covid)|complication free",
    ),
    *rules_for(
        "bleeding",
        {
            "bleeding bleedings bleed bleeds hemorrhage haemorrhage hemorrhages haemorrhages": "",
            "hemorrhagic haemorrhagic": r"ha?emorrhagic (?:events?|complications?|stroke)",
        },
        unless="(?:uterine|withdrawal|scheduled|myocardial) (?:bleed|ha?em)|bleeding (?:time|days)|microvascular"
        "|spotting",
    ),
    *rules_for(
        "immunogenicity",
        {
            "immunogenicity adas": "",
            "ada": r"\bada (?:positiv|titers?|incidence|formation)",
            "antibody antibodies": r"\banti ?drug antibod|\banti \w+(?: \d+)? (?:binding "
            r"|neutrali[sz]ing )?antibod(?:y|ies)\b"
            r"|\b(?:neutrali[sz]ing|binding) antibod",
        },
        unless="hla|donor|thyro|nuclear|phospholipid|cardi|gad|insulin|islet|antibody therapy",
    ),
)
_HEART: Final = (
    *rules_for("major-adverse-cardiac-events", {"mace macce maces": "", "major": "major adverse cardi"}),
    *rules_for(
        "cardiovascular-mortality",
        {
            "death deaths mortality": r"(?<!non )\b(?:cardio ?vascular|cardiac|cv)(?: cv)?(?: disease)?(?: related)? "
            r"(?:or unknown )?(?:deaths?|mortality)\b"
        },
    ),
    *rules_for(
        "overall-mortality",
        {
            "mortality": r"(?:all cause|any cause) mortality|(?:^|\b(?:hospital|icu|days?|months?|year"
            r"|(?:post|peri)?operative|procedural|(?:short|long) term|early|late|with|of|rate|in|and|or|composite"
            r"|the|time to|from|cumulative|number|reported|patient|maternal|overall|total) )mortality\b"
            r"(?! (?:due|from|related|risk|score|attributed|of (?:heart|cardi|cancer)))",
            "death deaths": r"\b(?:all cause|any cause|overall|total) deaths?\b|\bdeaths? (?:from|of|due to"
            r"|by) (?:any|all) causes?"
            r"|^deaths?\b(?! (?:due|from|related|in cr|by|of|attributed|caused))|\b(?:time to|rate of|incidence of"
            r"|number of|freedom from|with"
            r"|composite of|mace|or|events|including) deaths?\b(?! (?:due|from|related|in cr|by|of (?:heart|cardi"
            r"|cancer)|attributed|caused))",
            "died": r"\bwho (?:have )?died\b(?! (?:from|of|due))",
        },
    ),
    *rules_for(
        "myocardial-infarction",
        {"infarction infarctions": r"\bmyocardial infarctions?\b|\bre ?infarctions?\b", "reinfarction mi mis": ""},
        unless=r"(?:with|after|following|post|history of|in|lysis of|for) (?:acute |an? "
        r"|st elevation )?(?:myocardial infarction|mi)\b"
        r"|infarction (?:mi )?(?:size|flow|patients|dimension|major|event free)",
    ),
    *rules_for(
        "stroke",
        {
            "strokes": "",
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
            "hospitalized hospitalised": r"hospitali[sz]ed (?:for|due|at least|because)",
            "admission admissions": r"\bre admissions?\b|\bhospital admissions?\b(?! (?:to|and discharge))"
            r"|\badmissions? (?:to (?:the )?hospital|for heart failure)",
        },
    ),
    *rules_for("length-of-stay", {"los": r"\bLOS\b"}, keeps_case=True),
    *rules_for(
        "length-of-stay",
        {
            "stay": r"lengths? of (?:\w+ ){0,4}stay\b|duration of (?:\w+ ){0,2}stay\b|\b(?:hospital|icu"
            r"|intensive care unit) (?:length of )?stay\b",
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
            r"|free from) (?:of )?"
            r"(?:(?:documented|symptomatic|any|persistent|first) )?(?:af\b|atrial (?:fibrillation"
            r"|(?:tachy)?arrhythmia))"
            r"|\b(?:af|atrial (?:fibrillation|(?:tachy)?arrhythmias?)(?: af)?) (?:free(?:dom)?|recurrence)\b"
        },
    ),
    *rules_for(
        "left-ventricular-ejection-fraction",
        {
            "lvef": "",
            "ejection": r"left ventric(?:ular|le) (?:systolic )?ejection fraction|\blv ejection fraction"
            r"|ejection fraction (?:of the )?(?:left|lv)\b",
        },
    ),
    *rules_for("six-minute-walk-distance", {"6mwd 6mwt": "", "walk walking walked": "(?:6|six) min(?:ute)?s? walk"}),
    *rules_for(
        "blood-pressure",
        {
            "sbp dbp bp": "",
            "pressure pressures": r"blood pressure|\b(?:mean|systemic|systolic"
            r"|diastolic) arterial pressure",
        },
    ),
    *rules_for(
        "electrocardiogram",
        {
            "ecg ecgs ekg electrocardiogram electrocardiograms electrocardiographic electrocardiography": "",
            "qtc qtcf qrs": "",
            "qt": r"\bqt (?:interval|prolongation|corrected)",
            "segment": r"\bst segment (?:resol|dev|elev|depr|ch)",
        },
        unless="recurrence",
    ),
    *rules_for("vital-signs", {"vital": r"\bvital signs?\b"}),
)

RULES: Final = (*_SURVIVAL, *_RESPONSE, *_SAFETY, *_HEART)
"""In the order in which their codes are given."""
