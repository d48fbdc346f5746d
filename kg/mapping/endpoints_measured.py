"""Rules for endpoints that are measured or reported: the body, agents in it, markers, images, what participants say."""

from __future__ import annotations

from typing import Final

from kg.mapping.text_rules import rules_for

__all__ = ["RULES"]

_BODY: Final = (
    *rules_for(
        "hemoglobin-a1c",
        {"hba1c a1c": "", "hba1": r"\bhba1 c\b", "glycated glycosylated": "glyc(?:at|osylat)ed ha?emoglobin"},
    ),
    *rules_for(
        "fasting-glucose",
        {"fpg fbg": "", "fasting": r"fasting (?:\w+ ){0,2}(?:glucose|blood sugar)\b|\bglucose fasting"},
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
            r"|^(?:percent |mean )?(?:change in |change from baseline in |changes in )?weight\b(?! (?:bearing|of"
            r"|related|self))",
        },
        unless="per (?:unit )?body weight|(?:birth|f[eo]etal|neonatal) ",
    ),
    *rules_for(
        "laboratory-values",
        {
            "laboratory": r"\blaboratory\b(?! (?:confirmed|of|based|model|stress|setting|for))",
            "hematology haematology urinalysis": "",
            "chemistry": r"\b(?:clinical|serum|blood) chemistry|\bchemistry (?:parameters|panel|values)",
            "hematological": "hematological parameters",
        },
        unless="(?:sleep|cath\\w*|cardiac|adherence) laboratory|confirmed",
    ),
    *rules_for("pharmacodynamics", {"pharmacodynamic pharmacodynamics": ""}),
    *rules_for(
        "pharmacokinetics",
        {
            "pharmacokinetic pharmacokinetics pk": "",
            "cmax tmax tlast auclast aucinf auctau aucss auct auc0 ctrough cavg": "",
            "auc": r"\bauc (?:0|last|inf|tau|ss|t\b)",
            "area": r"area under the (?:\w+ )?(?:plasma |serum |blood )?(?:drug )?concentration",
            "half t1": r"\b(?:terminal|elimination|plasma) (?:\w+ )?half li[fv]e|^half life of|\bt1 2\b",
            "terminal": "terminal elimination",
            "clearance": r"\b(?:apparent|oral|body|systemic|total) (?:\w+ )?clearance\b|\brenal clearance (?:of|cl)"
            r"|clearance cl\b",
            "cl": r"\bcl f\b",
            "trough": r"trough (?:\w+ )?(?:plasma |serum )?(?:concentration|level)",
            "distribution": r"volume of distribution\b",
            "accumulation": "accumulation ratio",
            "quantifiable": "last quantifiable concentration",
            "maximum peak minimum": r"\b(?:maximum|peak|minimum) (?:observed )?(?:\w+ )?(?:plasma|serum|drug"
            r"|observed) (?:drug )?concentration",
            "metabolite metabolites": r"metabolites? of\b",
        },
        unless="glucose|insulin|c peptide|creatinine clearance|troponin|cortisol|crp|correlation|triglycerid|glucagon",
    ),
)
_SUBSTANCES: Final = (
    r"(?:glucose|insulin|sodium|potassium|ha?emoglobin(?! a1)|albumin|magnesium|calcium|phosphate"
    r"|(?:total )?cholesterol|vitamin [a-e]\d*"
    r"|iron|uric acid)"
)
_MARKERS: Final = (
    *rules_for(
        "biomarker-level",
        {
            "level levels concentration concentrations": r"\b(?:cytokines?|hormones?|biomarkers?|proteins?|gene|mrna"
            r"|metabolites?|catecholamines?"
            r"|lipids?|antibody|chemokines?|enzymes?) (?:levels?|concentrations?)\b|\b(?:serum"
            r"|circulating) levels? of\b",
            "expression": r"expression (?:of|profile|levels?)\b|\b(?:gene|protein|mrna) expression",
        },
        unless="metabolites? of|protein intake",
    ),
    *rules_for(
        "biomarker-level",
        {
            "biomarker biomarkers biomarkers": "",
            "marker markers": r"\b(?:inflammatory|inflammation|plasma|serum|blood|cardiac|turnover|endothelial|injury"
            r"|tumou?r|renal|neurohormonal"
            r"|fibrosis|stress) markers?\b|\bmarkers? of (?:inflammation|fibrosis|oxidative|myocardial|bone|cardiac"
            r"|endothelial|renal|kidney)",
            "lipid lipids": r"\blipid (?:profile|panel|parameters|levels)|\b(?:blood|serum|plasma|fasting) lipids?\b",
        },
    ),
    *rules_for(
        "biomarker-level",
        {
            "troponin troponins hstnt hstni bnp probnp ntprobnp crp hscrp interleukin il6 tnf cytokines ferritin "
            "transferrin ngal galectin copeptin "
            "procalcitonin isoprostane isoprostanes pyruvate procollagen gdf15 creatinine bilirubin ast alt ggt ldh "
            "ckmb aminotransferase "
            "transaminase transaminases dimer fibrinogen triglyceride triglycerides hdl apolipoprotein homocysteine "
            "adiponectin leptin aldosterone "
            "renin norepinephrine testosterone cortisol psa mirna mirnas microrna micrornas mrna ctdna cfdna "
            "albuminuria uacr albuminemia "
            "myoglobin malondialdehyde glutathione endothelin cystatin vegf phosphatase transferase igg iga ige igm "
            "calprotectin st2 mmp9 fgf23 "
            "urea bun lactate hematocrit haematocrit natriuretic": ""
        },
        unless="creatinine clearance|guided|resistance to|natriuretic effect|(?:psa|biochemical) (?:failure"
        "|progression)|response|deficiency",
    ),
    *rules_for(
        "biomarker-level",
        {
            "glucose insulin sodium potassium hemoglobin haemoglobin albumin magnesium calcium phosphate cholesterol "
            "vitamin iron uric": r"(?<!fasting )"
            rf"\b(?:serum|plasma|urinary|urine|whole blood|blood|total) {_SUBSTANCES}\b|\b{_SUBSTANCES} (?:levels?"
            rf"|concentrations?|values?|ratio)\b"
            rf"|^(?:changes? (?:in|of|from baseline in|from baseline in the) |mean )?{_SUBSTANCES}(?: (?:at|change"
            rf"|from|after|postoperative|and)\b|$)",
            "reactive": "c reactive protein",
            "peptide": r"\bc peptide\b",
            "kinase": "creatine kinase",
            "ogtt": "",
            "tolerance": "oral glucose tolerance",
        },
        unless="intake|consumption|glucose control|monitoring|cotransporter|requirement|hypoglyc|sodium (?:restrict"
        "|diet|removal|excretion)"
        "|fasting (?:blood|plasma|serum) glucose",
    ),
)
_REPORTS: Final = (
    *rules_for(
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
    *rules_for(
        "pain",
        {"pain": r"\bpain\b(?! (?:medications?|relievers?|killers?|free walking|management|and return))"},
        unless="chest pain",
    ),
    *rules_for(
        "patient-reported-symptoms",
        {
            "depression depressive anxiety fatigue dyspnea dyspnoea": r"\b(?:depressi(?:on|ve symptoms)|anxiety"
            r"|fatigue|dyspno?ea)\b"
            r"(?! (?:requiring|disorders?|related))",
            "hads phq ipss": "",
            "gad": r"\bgad ?7\b",
            "symptom symptoms": r"\bsymptoms? (?:scores?|scale|severity|index|burden|inventory|questionnaire"
            r"|frequency|diary)\b"
            r"|\bpatient reported (?:\w+ ){0,3}symptoms",
        },
        unless="kccq|kansas city|st depression|segment depression|quality of life",
    ),
    *rules_for(
        "treatment-adherence",
        {
            "adherence": "",
            "compliance": r"\b(?:medication|treatment|patients?|participants?|drug|cpap|dietary|medicine) compliance\b"
            r"|\bcompliance (?:to|with)\b|^compliance(?: rate)?$",
        },
        unless="adherence (?:laboratory|to guidelines|of (?:cells|bacteria))|guideline adherence|^feasibility",
    ),
    *rules_for(
        "feasibility",
        {
            "feasibility": r"\bfeasibility\b(?! (?:study|trial|phase|cohort))",
            "recruitment enrollment enrolment": r"^(?:recruitment|enroll?ment) rates?\b",
        },
    ),
)
_IMAGES: Final = (
    *rules_for(
        "imaging-measure",
        {
            "echocardiography echocardiographic echocardiogram echocardiograms mri cmr resonance tomography "
            "tomographic radiographic radiographs "
            "angiographic": "",
            "ultrasound ultrasonography ultrasonographic": r"\bultraso\w+\b(?! guided)",
            "pet ct": r"\b(?:pet|ct) (?:scans?|imaging)|\bpet ct\b",
            "mapping": r"\bt[12] mapping",
            "shortening": "fractional shortening",
        },
        unless="ejection fraction|lvef|hemorrhage|radiographic progression|adverse",
    ),
    *rules_for(
        "imaging-measure",
        {
            "lvesv lvedv lvesvi lvedvi lvedd lvesd lvm lvmi gls tapse": "",
            "volume volumes mass dimension dimensions diameter diameters": r"\b(?:left|right) (?:ventricular|atrial"
            r"|ventricle)(?: \w+)?(?: end)?"
            r"(?: (?:systolic|diastolic))? (?:volumes?|mass|dimensions?|diameters?)\b|\bend (?:systolic"
            r"|diastolic) (?:volumes?|diameters?|dimensions?)\b"
            r"|\b(?:lv|rv|la) (?:end \w+ )?(?:volumes?|mass|dimensions?)\b",
            "strain": r"\b(?:global|regional|longitudinal|circumferential|radial) (?:longitudinal "
            r"|circumferential )?strain\b",
        },
        unless="stroke volume",
    ),
)

RULES: Final = (*_BODY, *_MARKERS, *_REPORTS, *_IMAGES)
"""In the order in which their codes are given."""
