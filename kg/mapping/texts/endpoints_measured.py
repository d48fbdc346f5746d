"""Rules for endpoints that are measured or reported: the body, agents in it, markers, images, what participants say."""

from __future__ import annotations

from typing import Final

from kg.mapping.texts import endpoints_markers
from kg.mapping.texts.rules import rules_for

__all__ = ["RULES"]

_BODY: Final = (
    *rules_for(
        "hemoglobin-a1c",
        {
            "hba1c a1c": "",
            "hba1": r"\bhba1 c\b",
            "glycated glycosylated": "glyc(?:at|osylat)ed ha?emoglobin",
            "glycohemoglobin glycohaemoglobin": "",
        },
    ),
    *rules_for(
        "fasting-glucose",
        {
            "fpg fbg fbs": "",
            "fasting": r"fasting (?:\w+ ){0,3}(?:glucose|blood sugar|sugar|glyc?a?emia)\b|\b(?:glucose|sugar"
            r"|glyc?a?emia)(?: level)? fasting",
        },
    ),
    *rules_for(
        "ldl-cholesterol",
        {"ldl ldlc": "", "density": r"\blow density lipoprotein"},
        unless="oxidi[sz]ed|very low|ldl (?:receptor|apheresis|particle)|vldl",
    ),
    *rules_for(
        "estimated-glomerular-filtration-rate",
        {"egfr": r"\beGFR\b", "gfr": r"(?<!measured )\bGFR\b"},
        keeps_case=True,
    ),
    *rules_for("estimated-glomerular-filtration-rate", {"glomerular": "(?<!measured )glomerular filtration"}),
    *rules_for(
        "body-weight",
        {
            "bmi bodyweight": "",
            "mass": "body mass index",
            "weight": r"\bbody weight\b(?! per)|\bweight (?:loss|gain|change|reduction)\b|\bin weight\b"
            r"|\bweight (?:in )?(?:kg|kilogram|maintenance|regain)|^(?:percent |mean )?(?:change in "
            r"|change from baseline in |changes in )?weight\b(?! (?:bearing|of|related|self))",
        },
        unless="per (?:unit )?body weight|(?:birth|f[eo]etal|neonatal) ",
    ),
    *rules_for(
        "laboratory-values",
        {
            "laboratory": r"\blaboratory\b(?! (?:confirmed|of|based|model|stress|setting|for))",
            "lab labs": r"\b(?:abnormal|safety|clinical|blood|routine) labs?\b|\blab(?:s)? (?:values?|tests?"
            r"|results?|abnormalit\w+|parameters?)",
            "hematology haematology urinalysis hematocrit haematocrit cbc": "",
            "chemistry biochemistry biochemical": r"\b(?:clinical|serum|blood) (?:bio)?chemistry"
            r"|\b(?:bio)?chemistry (?:parameters|panel|values|blood|tests?|profile)|\bbiochemical (?:parameters"
            r"|tests?|values|profile|analys[ei]s)",
            "hematological haematological hematologic haematologic": r"\bha?ematologic(?:al)? (?:parameters?|values"
            r"|tests?|profile|abnormalit\w+)",
            "count counts": r"\b(?:complete |full |peripheral )?blood(?: cells?)? counts?\b|\b(?:platelets?"
            r"|leu[ck]ocytes?|neutrophils?|white (?:blood )?cells?|wbc|red (?:blood )?cells?|rbc|eosinophils?"
            r"|monocytes?|lymphocytes?|reticulocytes?)(?: \w+)? counts?\b",
            "wbc leukocytes leucocytes": r"\b(?:wbc|leu[ck]ocytes?)\b",
            "test tests enzymes parameters panel": r"\b(?:liver|hepatic|kidney|renal) function (?:tests?"
            r"|parameters)\b|\bliver (?:enzymes?|panel)\b|\b(?:routine |standard )?blood (?:tests?|parameters"
            r"|panel)\b(?! (?:for|pao))",
            "coagulation": r"\bcoagulation (?:parameters?|tests?|profile|panel|values|function)\b",
            "urine": r"\burine (?:evaluation|tests?|analysis|dipstick|parameters)\b",
            "metabolic": r"\b(?:comprehensive|basic) metabolic panel",
        },
        unless="(?:sleep|cath\\w*|cardiac|adherence) laboratory|confirmed|count (?:recovery|returned)"
        "|incomplete (?:\\w+ )?count|pill count|recovery of|blood tests? results disclosure|engraft",
    ),
    *rules_for("pharmacodynamics", {"pharmacodynamic pharmacodynamics pd": r"pharmacodynamic|\bpk pd\b"}),
)
_REPORTS: Final = (
    *rules_for(
        "quality-of-life",
        {
            "qol hrqol kccq mlhfq mlwhfq mlhf sf36 sf12 eq5d whoqol pedsql kdqol qaly qalys sgrq dlqi euroqol "
            "eortc": "",
            "life": r"(?:quality|qualities) of (?:\w+ ){0,2}life|life quality|quality adjusted life",
            "health": r"\b(?:reported|perceived|general|overall|self rated|mental|physical) health status\b"
            r"|\bhealth (?:status|state) (?:score|questionnaire|index|scale|vas)|\bnottingham health"
            r"|\bshort form (?:health )?(?:survey )?(?:\d+|sf)|\bglobal health (?:status|score)",
            "short": r"\bshort form (?:health )?(?:survey )?\d+\b",
            "sf": r"\bsf ?(?:36|12|8|6d|10)\b",
            "eq": r"\beq 5d",
            "qlq": r"\bqlq\b",
            "fact": r"\bfact (?:[a-z]{1,4})\b(?<!fact that)(?<!fact of)(?<!fact is)(?<!fact f)",
            "kansas": "kansas city cardiomyopathy q",
            "minnesota": "minnesota living",
        },
    ),
    *rules_for(
        "pain",
        {"pain": r"\bpain\b(?! (?:medications?|relievers?|killers?|free walking|management|and return))"},
        unless="chest pain|pain free walking|pain free survival|complex regional",
    ),
    *rules_for(
        "patient-reported-symptoms",
        {
            "depression depressive anxiety fatigue dyspnea dyspnoea": r"\b(?:depressi(?:on|ve symptoms)|anxiety"
            r"|fatigue|dyspno?ea)\b"
            r"(?! (?:requiring|disorders?|related))",
            "hads phq ipss phq9 cesd bdi stai gad7 mdasi esas luts borg gcsi": "",
            "distress": r"\b(?:psychological|emotional|diabetes) distress\b",
            "flash hot": r"\bhot flash\w*|\bhot flush\w*",
            "itch pruritus": r"\b(?:itch|pruritus) (?:\w+ )?(?:nrs|score|severity|intensity|scale|numeric|numerical)"
            r"|\bworst itch",
            "facit": r"\bfacit\b",
            "promis": r"\bpromis\b.*\b(?:fatigue|anxiety|depression|sleep|symptom\w*)\b",
            "gad": r"\bgad ?7\b",
            "symptom symptoms": r"\bsymptoms? (?:scores?|scale|severity|index|burden|inventory|questionnaire"
            r"|frequency|diary|assessment|improvement|relief|control|distress|bother|checklist|change)\b"
            r"|\b(?:heart failure|reported|urinary tract|prostate|angina|nasal|menopausal|bowel) (?:\w+ )?symptom\b",
        },
        unless="kccq|kansas city|st depression|segment depression|quality of life",
    ),
    *rules_for(
        "patient-reported-symptoms",
        {
            "symptoms": r"\bsymptoms\b(?! (?:onset|driven|limited|of (?:infection|covid|hypo|toxicity"
            r"|disease progression)|to door|related to))",
        },
        unless="kccq|kansas city|st depression|segment depression|quality of life|signs (?:and|or) symptoms"
        "|symptoms? (?:and|or) signs|solicited|extrapyramidal|withdrawal symptoms|onset of symptoms|symptom onset"
        "|(?:patients|participants|subjects|children) with (?:\\w+ )?symptoms|covid|respiratory symptoms develop"
        "|symptom (?:free|driven)|adverse",
    ),
    *rules_for(
        "treatment-adherence",
        {
            "adherence": "",
            "compliance": r"\b(?:medication|treatment|patients?|participants?|drug|cpap|dietary"
            r"|medicine) compliance\b|\bcompliance (?:to|with)\b|^compliance(?: rates?| assess\w*)?$|\b(?:exercise"
            r"|diet|dietary|protocol|intervention|therapy|device|training|study|session|visit) compliance\b"
            r"|\bcompliance of (?:the )?(?:patients|participants|subjects|treatment)",
            "adherent adhering": r"\badher(?:ent|ing) (?:to|patients)",
            "attendance": r"\b(?:sessions?|class|program\w*|training|exercise|intervention|visit|rehabilitation"
            r"|overall|workout) attendance|\battendance (?:rates?|at|to|in)\b|^attendance",
            "pill": r"\bpill counts?\b",
        },
        unless="lung compliance|arterial compliance|dynamic compliance|static compliance|adherence (?:laboratory"
        "|to guidelines|of (?:cells|bacteria))|guideline adherence|^feasibility",
    ),
    *rules_for(
        "feasibility",
        {
            "feasibility": r"\bfeasibility\b(?! (?:study|trial|phase|cohort))",
            "recruitment enrollment enrolment accrual": r"^(?:\w+ )?(?:recruitment|enroll?ment|accrual) (?:rates?"
            r"|feasib\w+)\b|\brate of (?:recruitment|enroll?ment|accrual)",
        },
    ),
)
_CHAMBER: Final = (
    r"(?:(?:left|right) (?:ventric(?:ular|le|ule)|atri(?:al|um))|ventricular|atrial|lv|rv|la|ra|heart|cardiac"
    r"|myocardial)"
)
_IMAGES: Final = (
    *rules_for(
        "imaging-measure",
        {
            "echocardiography echocardiographic echocardiogram echocardiograms echocardiographically tte tee echo "
            "mri mris fmri cmr resonance tomography tomographic radiographic radiographs radiograph "
            "radiographically radiological radiologic radiology angiographic angiogram angiography scintigraphy "
            "scintigraphic spect sonography sonographic sonographically doppler elastography fibroscan radiomic "
            "radiomics suvmax suv dexa dxa densitometry mammographic mammogram mammograms ultrasonographically "
            "cimt tdi ivus fluoroscopy fluoroscopic xray": "",
            "ultrasound ultrasonography ultrasonographic ultrasounds": r"\bultraso\w+\b(?! (?:guided|therapy"
            r"|treatment|gel))",
            "pet ct cta ccta": r"\b(?:pet|ct|cta|ccta) (?:scans?|imaging|angio\w*)|\bpet ct\b|\b(?:by|on|with|via"
            r"|using|in|from) (?:\w+ )?(?:pet|ct|cta|ccta)\b|\bfdg pet\b|\bpet\b.*\b(?:uptake|parameters)",
            "mapping": r"\bt[12] mapping",
            "imaging": r"\b(?:cardiac|bone|brain|medical|molecular|perfusion|optical|coronary|radionuclide"
            r"|imaging) imaging (?:findings|parameters|measures?|outcomes?)|^imaging\b",
            "shortening": "fractional shortening",
            "diffusion": "apparent diffusion coefficient|fractional anisotropy",
            "x": r"\bx rays?\b(?! (?:therapy|irradiation))",
        },
        unless=r"^(?!.*function).*ejection fraction|lvef|hemorrhage|adverse|image guided|mri compatible"
        r"|time to (?:echo|ct|mri)|number of (?:ct|mri|x)|mammogram (?:uptake|screening|completion)"
        r"|screening mammogram|(?:ultrasound|ct|mri|fluoroscopy) (?:guided|time)|radiologic(?:al)? response"
        r"|radiographic(?:ally)? (?:response|progression)|progression free|fluoroscopy|(?:without|during|after"
        r"|before|undergoing) (?:\w+ )?angiography|completed",
    ),
    *rules_for(
        "imaging-measure",
        {
            "lvesv lvedv lvesvi lvedvi lvedd lvesd lvidd lvids lvm lvmi gls tapse lavi lav rvedv rvesv ivsd lvot "
            "lvh fac rvsp mapse": "",
            "volume volumes mass dimension dimensions diameter diameters size thickness "
            "geometry": rf"\b{_CHAMBER}(?: \w+)?(?: end)?(?: (?:systolic|diastolic))? (?:internal |wall |cavity "
            r"|chamber )?(?:volumes?|mass|dimensions?|diameters?|size|geometry|thickness)\b|\bend (?:systolic"
            r"|diastolic) (?:\w+ )?(?:volumes?|diameters?|dimensions?)\b|\b(?:lv|rv|la) (?:end \w+ )?(?:volumes?"
            r"|mass|dimensions?)\b|\b(?:septal|septum|(?:posterior |relative |ventricular )?wall|intima media"
            r"|media) (?:\w+ )?(?:thickness|diameter)\b|\b(?:muscle|brain|liver|prostate|hippocampal|tumou?r|plaque"
            r"|kidney|lesion|gray matter|adipose|atheroma|thrombus|spleen|hematoma|infarct) volumes?\b"
            r"|\bextracellular volume\b|\binfarct size\b|\b(?:aortic|aneurysm) (?:\w+ )?diameters?\b|\bwall diameter",
            "strain": r"\b(?:global|regional|longitudinal|circumferential|radial|myocardial|ventricular|ventricle"
            r"|atrial|wall|lv|rv|la|peak|heart) (?:\w+ )?(?:longitudinal |circumferential )?strain\b"
            r"|\bstrain (?:rate|of (?:the )?(?:heart|left|right|lv|ventric\w+))|strain of heart",
            "e": r"\be e\b|\be a ratio|\be e prime",
            "mitral": r"\bmitral (?:inflow|peak|e\b|annul\w+ (?:velocity|plane))|mitral regurgitation (?:grade"
            r"|severity|volume)|e wave",
            "tricuspid": "tricuspid annular plane|tricuspid (?:regurgitation (?:grade|severity|velocity)|annul)",
            "relaxation deceleration": "isovolum(?:et)?ric relaxation|deceleration time",
            "remodeling remodelling": r"\b(?:ventricular|lv|cardiac|reverse|myocardial) (?:reverse )?remodell?ing\b",
            "perfusion": r"\bmyocardial perfusion\b",
            "salvage": "myocardial salvage",
            "calcium calcification": r"\bcoronary (?:artery |arterial )?calci(?:um|fication)",
            "density": r"\bbone (?:mineral )?density\b|\bmineral density\b|\bplaque density",
            "bmd": "",
            "plaque": r"\b(?:plaque (?:volume|burden|progression|composition)|(?:carotid|coronary|calcified"
            r"|non calcified|vulnerable) plaques?)\b",
            "lumen": r"\b(?:late )?lumen loss|lumen (?:area|diameter|volume)",
            "myocardium scar fibrosis": r"\bmyocardial (?:scar|fibrosis)\b",
            "t2 t1": r"\bmyocardial t[12]\b|\bt[12] (?:relaxation|weighted)",
        },
        unless="stroke volume|caregiver strain|tumou?r volume doubling|biops|histolog|markers? of myocardial"
        "|fibrosis markers?",
    ),
)

RULES: Final = (*_BODY, *endpoints_markers.RULES, *_REPORTS, *_IMAGES)
"""In the order in which their codes are given."""
