"""Endpoints that the title of an outcome measure names.

``docs/texts.md`` says what each code takes in. A wrong code is worse than none: what only the description says, and what a
careful reader could take for something else, has no rule.
"""

from __future__ import annotations

from typing import Final

from kg.mapping.text_rules import by_word, matching, rules

__all__ = ["endpoints"]

_SURVIVAL: Final = (
    *rules("progression-free-survival", {"pfs pfs1 pfs2": "", "free": r"progress(?:ion|ive)? free survival"}),
    *rules("overall-survival", {"os": r"(?<!KCCQ )\bOS\b(?! [Oo]verall [Ss]atis)"}, keeps_case=True),
    *rules(
        "overall-survival",
        {
            "overall": "overall survival",
            "survival": r"^(?:(?:patient|participant|subject|median|cumulative|long term|one year|\d+ (?:year|month|day)) )?survival"
            r"(?: rates?| times?| status| analysis)?(?: (?:at|after|of (?:patients|participants|subjects)) .*)?$",
        },
    ),
    *rules("disease-free-survival", {"dfs idfs": "", "free": "disease free survival"}, unless="distant disease free"),
    *rules(
        "relapse-free-survival",
        {"rfs": "", "free": "(?:relapse|recurrence) free survival"},
        unless=r"distant recurrence|\bvt recurrence",
    ),
    *rules(
        "event-free-survival",
        {"efs": "", "free": "event free survival"},
        unless="(?:cardiovascular|cardiac|infarction|failure) event free",
    ),
    *rules(
        "metastasis-free-survival",
        {"mfs dmfs": "", "free": "metasta(?:s[ie]s|tic) free survival|distant (?:disease|recurrence) free survival"},
    ),
    *rules(
        "time-to-progression",
        {"ttp": "", "progression": r"time to (?:tumou?r |disease )?progression\b(?! free)"},
        unless="time to peak",
    ),
    *rules("time-to-treatment-failure", {"failure": "time to (?:first )?treatment failure"}),
    *rules("local-control", {"control": r"\b(?:local|loco ?regional|intracranial) (?:tumou?r )?control\b"}),
)
_RESPONSE: Final = (
    *rules(
        "time-to-response",
        {"response remission": r"time to (?:first |objective |initial |complete |tumou?r )?re(?:sponse|mission)\b"},
    ),
    *rules(
        "objective-response-rate",
        {"orr": "", "response": r"objective (?:\w+ )?response\b|(?<!best )overall (?:tumou?r )?response\b|overall response rate"},
        unless="duration of (?:overall|objective) response",
    ),
    *rules("best-overall-response", {"best": r"best overall (?:tumou?r )?response\b(?! rate)"}),
    *rules(
        "duration-of-response",
        {"dor docr": "", "response remission cr": r"duration of (?:(?:\w+ ){0,2}re(?:sponse|mission)|cr)\b"},
        unless="blood pressure",
    ),
    *rules(
        "complete-response",
        {
            "complete": r"complete (?:(?:metabolic|ha?ematologic(?:al)?|clinical|tumou?r|molecular) )?(?:response|remission)\b",
            "cr cri": r"\bcr (?:rate|with incomplete|cri)\b|^cri?$",
        },
        unless="pathologic|duration of|time to|following complete|time interval|renal response",
    ),
    *rules("pathological-complete-response", {"pcr": r"\bpCR\b"}, keeps_case=True),
    *rules(
        "pathological-complete-response",
        {"complete": r"pathol\w{1,12} complete re(?:sponse|mission)|complete pathol\w{1,12} re(?:sponse|mission)"},
    ),
    *rules("major-pathological-response", {"mpr": r"\bMPR\b"}, unless="[Rr]atio", keeps_case=True),
    *rules("major-pathological-response", {"major": r"major pathol\w{1,12} response"}),
    *rules("disease-control-rate", {"dcr": "", "control": r"disease control\b"}, unless="duration of|death in"),
    *rules("clinical-benefit-rate", {"cbr": "", "benefit": "clinical benefit rate"}),
    *rules("minimal-residual-disease", {"mrd": "", "residual": "(?:minimal|measurable) residual disease"}),
)
_SAFETY: Final = (
    *rules("dose-limiting-toxicity", {"dlt dlts": "", "limiting": "dose limiting toxicit"}),
    *rules("maximum-tolerated-dose", {"mtd": "", "tolerated tolerable": "maxim(?:um|al) (?:tolerated|tolerable) dose"}),
    *rules(
        "recommended-phase-2-dose",
        {"rp2d": "", "phase": "recommended phase (?:2|ii) dose"},
        unless="adverse event",
    ),
    *rules(
        "serious-adverse-events",
        {"sae saes tesae tesaes": "", "serious": r"(?<!non )\bserious (?:\w+ )?adverse"},
    ),
    *rules("adverse-events", {"ae": r"\bAE\b"}, keeps_case=True),
    *rules(
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
    *rules(
        "adverse-events",
        {
            "safety tolerability": r"^(?:(?:to|evaluat\w+|assess\w*|determine|the|of|general|overall|long term|clinical|primary|drug|acute) ){0,4}"
            r"(?:safety|tolerability)(?: (?:profile|endpoints?|outcomes?|events?|assessment|evaluation|data|variables))?(?: of\b.*)?$"
            r"|\bsafety (?:and )?tolerability|tolerability and safety"
        },
        unless="measured as|laborator|vital|electrocard|biomarkers|physical",
    ),
    *rules(
        "adverse-events",
        {"toxicity toxicities": "", "cardiotoxicity": "incidence of cardiotoxicity"},
        unless="limiting|cardiac toxicity of|toxicity (?:criteria|shift)|hematology|chemistry",
    ),
    *rules(
        "adverse-events",
        {"complication complications": ""},
        unless="diabet|complications? of (?:hypertension|covid)|complication free",
    ),
    *rules(
        "bleeding",
        {
            "bleeding bleedings bleed bleeds hemorrhage haemorrhage hemorrhages haemorrhages": "",
            "hemorrhagic haemorrhagic": r"ha?emorrhagic (?:events?|complications?|stroke)",
        },
        unless="(?:uterine|withdrawal|scheduled|myocardial) (?:bleed|ha?em)|bleeding (?:time|days)|microvascular|spotting",
    ),
    *rules(
        "immunogenicity",
        {
            "immunogenicity adas": "",
            "ada": r"\bada (?:positiv|titers?|incidence|formation)",
            "antibody antibodies": r"\banti ?drug antibod|\banti \w+(?: \d+)? (?:binding |neutrali[sz]ing )?antibod(?:y|ies)\b"
            r"|\b(?:neutrali[sz]ing|binding) antibod",
        },
        unless="hla|donor|thyro|nuclear|phospholipid|cardi|gad|insulin|islet|antibody therapy",
    ),
)
_HEART: Final = (
    *rules("major-adverse-cardiac-events", {"mace macce maces": "", "major": "major adverse cardi"}),
    *rules(
        "cardiovascular-mortality",
        {
            "death deaths mortality": r"(?<!non )\b(?:cardio ?vascular|cardiac|cv)(?: cv)?(?: disease)?(?: related)? "
            r"(?:or unknown )?(?:deaths?|mortality)\b"
        },
    ),
    *rules(
        "overall-mortality",
        {
            "mortality": r"(?:all cause|any cause) mortality|^mortality\b|\b(?:hospital|icu|days?|months?|year|(?:post|peri)?operative|procedural"
            r"|(?:short|long) term|early|late|with|of|rate|in|and|or|composite|the|time to|from|cumulative|number|reported|patient|maternal"
            r"|overall|total) mortality\b(?! (?:due|from|related|risk|score|attributed|of (?:heart|cardi|cancer)))",
            "death deaths": r"\b(?:all cause|any cause|overall|total) deaths?\b|\bdeaths? (?:from|of|due to|by) (?:any|all) causes?"
            r"|^deaths?\b(?! (?:due|from|related|in cr|by|of|attributed|caused))|\b(?:time to|rate of|incidence of|number of|freedom from|with"
            r"|composite of|mace|or|events|including) deaths?\b(?! (?:due|from|related|in cr|by|of (?:heart|cardi|cancer)|attributed|caused))",
            "died": r"\bwho (?:have )?died\b(?! (?:from|of|due))",
        },
    ),
    *rules(
        "myocardial-infarction",
        {"infarction infarctions": r"\bmyocardial infarctions?\b|\bre ?infarctions?\b", "reinfarction mi mis": ""},
        unless=r"(?:with|after|following|post|history of|in|lysis of|for) (?:acute |an? |st elevation )?(?:myocardial infarction|mi)\b"
        r"|infarction (?:mi )?(?:size|flow|patients|dimension|major|event free)",
    ),
    *rules(
        "stroke",
        {
            "strokes": "",
            "stroke": r"\bstroke\b(?! (?:volumes?|work|index|vol|scale|impact|distance|output|patients|survivors|unit|care|specific|risk"
            r"|severity|rehab|prevention|self|treatment))",
        },
        unless=r"(?:heat|after|patients with|history of|per|post) stroke",
    ),
    *rules(
        "hospitalization",
        {
            "rehospitalization rehospitalizations rehospitalisation rehospitalisations readmission readmissions": "",
            "hospitalization hospitalizations hospitalisation hospitalisations": r"(?<!length of )(?<!duration of )(?<!during )(?<!during index )"
            r"(?<!during the )(?<!index )(?<!days of )(?<!after )(?<!before )(?<!in )(?<!cost of )(?<!costs of )"
            r"\bhospitali[sz]ations?\b(?! (?:costs?|duration|stay|time|length|period|days|anxiety|until))",
            "hospitalized hospitalised": r"hospitali[sz]ed (?:for|due|at least|because)",
            "admission admissions": r"\bre admissions?\b|\bhospital admissions?\b(?! (?:to|and discharge))"
            r"|\badmissions? (?:to (?:the )?hospital|for heart failure)",
        },
    ),
    *rules("length-of-stay", {"los": r"\bLOS\b"}, keeps_case=True),
    *rules(
        "length-of-stay",
        {
            "stay": r"lengths? of (?:\w+ ){0,4}stay\b|duration of (?:\w+ ){0,2}stay\b|\b(?:hospital|icu|intensive care unit) (?:length of )?stay\b",
            "hospitalization hospitalisation": r"(?:length|duration) of (?:\w+ ){0,2}hospitali[sz]ation\b|hospitali[sz]ation (?:duration|time|days)",
            "days": r"\bdays (?:hospitali[sz]ed|in (?:the )?hospital)\b",
        },
    ),
    *rules(
        "revascularization",
        {"revascularization revascularizations revascularisation revascularisations tlr tvr": ""},
        unless="(?:after|undergoing|following|post|before|complete) revascul",
    ),
    *rules(
        "atrial-fibrillation-recurrence",
        {
            "recurrence recurrences recurrent freedom free": r"\b(?:recurrences?|recurrent|freedom from|free from) (?:of )?"
            r"(?:(?:documented|symptomatic|any|persistent|first) )?(?:af\b|atrial (?:fibrillation|(?:tachy)?arrhythmia))"
            r"|\b(?:af|atrial (?:fibrillation|(?:tachy)?arrhythmias?)(?: af)?) (?:free(?:dom)?|recurrence)\b"
        },
    ),
    *rules(
        "left-ventricular-ejection-fraction",
        {
            "lvef": "",
            "ejection": r"left ventric(?:ular|le) (?:systolic )?ejection fraction|\blv ejection fraction"
            r"|ejection fraction (?:of the )?(?:left|lv)\b",
        },
    ),
    *rules("six-minute-walk-distance", {"6mwd 6mwt": "", "walk walking walked": "(?:6|six) min(?:ute)?s? walk"}),
    *rules(
        "blood-pressure",
        {"sbp dbp bp": "", "pressure pressures": r"blood pressure|\b(?:mean|systemic|systolic|diastolic) arterial pressure"},
    ),
    *rules(
        "electrocardiogram",
        {
            "ecg ecgs ekg electrocardiogram electrocardiograms electrocardiographic electrocardiography qtc qtcf qrs": "",
            "qt": r"\bqt (?:interval|prolongation|corrected)",
            "segment": r"\bst segment (?:resol|dev|elev|depr|ch)",
        },
        unless="recurrence",
    ),
    *rules("vital-signs", {"vital": r"\bvital signs?\b"}),
)
_BODY: Final = (
    *rules(
        "hemoglobin-a1c",
        {"hba1c a1c": "", "hba1": r"\bhba1 c\b", "glycated glycosylated": "glyc(?:at|osylat)ed ha?emoglobin"},
    ),
    *rules(
        "fasting-glucose",
        {"fpg fbg": "", "fasting": r"fasting (?:\w+ ){0,2}(?:glucose|blood sugar)\b|\bglucose fasting"},
    ),
    *rules(
        "ldl-cholesterol",
        {"ldl ldlc": "", "density": r"\blow density lipoprotein"},
        unless="oxidi[sz]ed|very low|ldl (?:receptor|apheresis|particle)|vldl",
    ),
    *rules(
        "estimated-glomerular-filtration-rate",
        {"egfr": r"\beGFR\b", "gfr": r"(?<!measured )\bGFR\b"},
        keeps_case=True,
    ),
    *rules("estimated-glomerular-filtration-rate", {"glomerular": "(?<!measured )glomerular filtration"}),
    *rules(
        "body-weight",
        {
            "bmi bodyweight": "",
            "mass": "body mass index",
            "weight": r"\bbody weight\b(?! per)|\bweight (?:loss|gain|change|reduction)\b|\bin weight\b"
            r"|^(?:percent |mean )?(?:change in |change from baseline in |changes in )?weight\b(?! (?:bearing|of|related|self))",
        },
        unless="per (?:unit )?body weight|(?:birth|f[eo]etal|neonatal) ",
    ),
    *rules(
        "laboratory-values",
        {
            "laboratory": r"\blaboratory\b(?! (?:confirmed|of|based|model|stress|setting|for))",
            "hematology haematology urinalysis": "",
            "chemistry": r"\b(?:clinical|serum|blood) chemistry|\bchemistry (?:parameters|panel|values)",
            "hematological": "hematological parameters",
        },
        unless="(?:sleep|cath\\w*|cardiac|adherence) laboratory|confirmed",
    ),
    *rules("pharmacodynamics", {"pharmacodynamic pharmacodynamics": ""}),
    *rules(
        "pharmacokinetics",
        {
            "pharmacokinetic pharmacokinetics pk cmax tmax tlast auclast aucinf auctau aucss auct auc0 ctrough cavg": "",
            "auc": r"\bauc (?:0|last|inf|tau|ss|t\b)",
            "area": r"area under the (?:\w+ )?(?:plasma |serum |blood )?(?:drug )?concentration",
            "half t1": r"\b(?:terminal|elimination|plasma) (?:\w+ )?half li[fv]e|^half life of|\bt1 2\b",
            "terminal": "terminal elimination",
            "clearance": r"\b(?:apparent|oral|body|systemic|total) (?:\w+ )?clearance\b|\brenal clearance (?:of|cl)|clearance cl\b",
            "cl": r"\bcl f\b",
            "trough": r"trough (?:\w+ )?(?:plasma |serum )?(?:concentration|level)",
            "distribution": r"volume of distribution\b",
            "accumulation": "accumulation ratio",
            "quantifiable": "last quantifiable concentration",
            "maximum peak minimum": r"\b(?:maximum|peak|minimum) (?:observed )?(?:\w+ )?(?:plasma|serum|drug|observed) (?:drug )?concentration",
            "metabolite metabolites": r"metabolites? of\b",
        },
        unless="glucose|insulin|c peptide|creatinine clearance|troponin|cortisol|crp|correlation|triglycerid|glucagon",
    ),
)
_SUBSTANCES: Final = (
    r"(?:glucose|insulin|sodium|potassium|ha?emoglobin(?! a1)|albumin|magnesium|calcium|phosphate|(?:total )?cholesterol|vitamin [a-e]\d*"
    r"|iron|uric acid)"
)
_MARKERS: Final = (
    *rules(
        "biomarker-level",
        {
            "level levels concentration concentrations": r"\b(?:cytokines?|hormones?|biomarkers?|proteins?|gene|mrna|metabolites?|catecholamines?"
            r"|lipids?|antibody|chemokines?|enzymes?) (?:levels?|concentrations?)\b|\b(?:serum|circulating) levels? of\b",
            "expression": r"expression (?:of|profile|levels?)\b|\b(?:gene|protein|mrna) expression",
        },
        unless="metabolites? of|protein intake",
    ),
    *rules(
        "biomarker-level",
        {
            "biomarker biomarkers biomarkers": "",
            "marker markers": r"\b(?:inflammatory|inflammation|plasma|serum|blood|cardiac|turnover|endothelial|injury|tumou?r|renal|neurohormonal"
            r"|fibrosis|stress) markers?\b|\bmarkers? of (?:inflammation|fibrosis|oxidative|myocardial|bone|cardiac|endothelial|renal|kidney)",
            "lipid lipids": r"\blipid (?:profile|panel|parameters|levels)|\b(?:blood|serum|plasma|fasting) lipids?\b",
        },
    ),
    *rules(
        "biomarker-level",
        {
            "troponin troponins hstnt hstni bnp probnp ntprobnp crp hscrp interleukin il6 tnf cytokines ferritin transferrin ngal galectin copeptin "
            "procalcitonin isoprostane isoprostanes pyruvate procollagen gdf15 creatinine bilirubin ast alt ggt ldh ckmb aminotransferase "
            "transaminase transaminases dimer fibrinogen triglyceride triglycerides hdl apolipoprotein homocysteine adiponectin leptin aldosterone "
            "renin norepinephrine testosterone cortisol psa mirna mirnas microrna micrornas mrna ctdna cfdna albuminuria uacr albuminemia "
            "myoglobin malondialdehyde glutathione endothelin cystatin vegf phosphatase transferase igg iga ige igm calprotectin st2 mmp9 fgf23 "
            "urea bun lactate hematocrit haematocrit natriuretic": ""
        },
        unless="creatinine clearance|guided|resistance to|natriuretic effect|(?:psa|biochemical) (?:failure|progression)|response|deficiency",
    ),
    *rules(
        "biomarker-level",
        {
            "glucose insulin sodium potassium hemoglobin haemoglobin albumin magnesium calcium phosphate cholesterol vitamin iron uric": r"(?<!fasting )"
            rf"\b(?:serum|plasma|urinary|urine|whole blood|blood|total) {_SUBSTANCES}\b|\b{_SUBSTANCES} (?:levels?|concentrations?|values?|ratio)\b"
            rf"|^(?:changes? (?:in|of|from baseline in|from baseline in the) |mean )?{_SUBSTANCES}(?: (?:at|change|from|after|postoperative|and)\b|$)",
            "reactive": "c reactive protein",
            "peptide": r"\bc peptide\b",
            "kinase": "creatine kinase",
            "ogtt": "",
            "tolerance": "oral glucose tolerance",
        },
        unless="intake|consumption|glucose control|monitoring|cotransporter|requirement|hypoglyc|sodium (?:restrict|diet|removal|excretion)"
        "|fasting (?:blood|plasma|serum) glucose",
    ),
)
_REPORTS: Final = (
    *rules(
        "quality-of-life",
        {
            "qol hrqol kccq mlhfq mlhf sf36 sf12 eq5d": "",
            "life": "quality of life",
            "sf": r"\bsf (?:36|12)\b",
            "eq": r"\beq 5d",
            "qlq": r"\beortc qlq|\bqlq c ?30\b",
            "fact": r"\bfact [glbp]\b",
            "kansas": "kansas city cardiomyopathy q",
            "minnesota": "minnesota living",
        },
    ),
    *rules(
        "pain",
        {"pain": r"\bpain\b(?! (?:medications?|relievers?|killers?|free walking|management|and return))"},
        unless="chest pain",
    ),
    *rules(
        "patient-reported-symptoms",
        {
            "depression depressive anxiety fatigue dyspnea dyspnoea": r"\b(?:depressi(?:on|ve symptoms)|anxiety|fatigue|dyspno?ea)\b"
            r"(?! (?:requiring|disorders?|related))",
            "hads phq ipss": "",
            "gad": r"\bgad ?7\b",
            "symptom symptoms": r"\bsymptoms? (?:scores?|scale|severity|index|burden|inventory|questionnaire|frequency|diary)\b"
            r"|\bpatient reported (?:\w+ ){0,3}symptoms",
        },
        unless="kccq|kansas city|st depression|segment depression|quality of life",
    ),
    *rules(
        "treatment-adherence",
        {
            "adherence": "",
            "compliance": r"\b(?:medication|treatment|patients?|participants?|drug|cpap|dietary|medicine) compliance\b"
            r"|\bcompliance (?:to|with)\b|^compliance(?: rate)?$",
        },
        unless="adherence (?:laboratory|to guidelines|of (?:cells|bacteria))|guideline adherence|^feasibility",
    ),
    *rules(
        "feasibility",
        {
            "feasibility": r"\bfeasibility\b(?! (?:study|trial|phase|cohort))",
            "recruitment enrollment enrolment": r"^(?:recruitment|enroll?ment) rates?\b",
        },
    ),
)
_IMAGES: Final = (
    *rules(
        "imaging-measure",
        {
            "echocardiography echocardiographic echocardiogram echocardiograms mri cmr resonance tomography tomographic radiographic radiographs "
            "angiographic": "",
            "ultrasound ultrasonography ultrasonographic": r"\bultraso\w+\b(?! guided)",
            "pet ct": r"\b(?:pet|ct) (?:scans?|imaging)|\bpet ct\b",
            "mapping": r"\bt[12] mapping",
            "shortening": "fractional shortening",
        },
        unless="ejection fraction|lvef|hemorrhage|radiographic progression|adverse",
    ),
    *rules(
        "imaging-measure",
        {
            "lvesv lvedv lvesvi lvedvi lvedd lvesd lvm lvmi gls tapse": "",
            "volume volumes mass dimension dimensions diameter diameters": r"\b(?:left|right) (?:ventricular|atrial|ventricle)(?: \w+)?(?: end)?"
            r"(?: (?:systolic|diastolic))? (?:volumes?|mass|dimensions?|diameters?)\b|\bend (?:systolic|diastolic) (?:volumes?|diameters?|dimensions?)\b"
            r"|\b(?:lv|rv|la) (?:end \w+ )?(?:volumes?|mass|dimensions?)\b",
            "strain": r"\b(?:global|regional|longitudinal|circumferential|radial) (?:longitudinal |circumferential )?strain\b",
        },
        unless="stroke volume",
    ),
)
_RULES: Final = by_word((*_SURVIVAL, *_RESPONSE, *_SAFETY, *_HEART, *_BODY, *_MARKERS, *_REPORTS, *_IMAGES))

# Of a panel, the single values are not named as endpoints of their own.
_PANEL: Final = "laboratory-values"
_PART_OF_PANEL: Final = "biomarker-level"


def endpoints(measure: str) -> tuple[str, ...]:
    """The endpoints that the title of a measure says, as notations of the code list ``endpoint``.

    >>> endpoints("Progression-free survival (PFS)"), endpoints("Rate of non-progression at 6 months")
    (('progression-free-survival',), ())
    """
    found = matching(_RULES, measure)
    if len(found) > 1 and _PANEL in found and _PART_OF_PANEL in found:
        return tuple(code for code in found if code != _PART_OF_PANEL)
    return found
