"""Words around the names of conditions, in normal form, by what they do to a name."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ABOUT",
    "ABOUT_WHICH",
    "CONNECTORS",
    "DENIALS",
    "GRADED",
    "GRADES",
    "HEALTHY",
    "JOINING",
    "LEADING",
    "MARKERS",
    "NAMED",
    "NEGATIONS",
    "NUANCES",
    "PEOPLE",
    "PHRASES",
    "QUALIFIERS",
    "SHIFTS",
    "STAGES",
    "STAGING",
    "THESAURUS",
    "TROUBLE",
    "VARIANTS",
]

QUALIFIERS: Final = frozenset(
    """
    accelerated active acute advanced aggressive asymptomatic bilateral castration chronic chronically clinical
    clinically combined compensated complex complicated confirmed controlled curable current decompensated
    developed diagnosed difficult dmmr early elective established existing extensive extranodal first fit
    frontline genetically histologically historical hormone hr idiopathic incident incurable inoperable
    intermediate invasive isolated known late life limited line local localized locally locoregional
    locoregionally long longstanding major malignant metastatic microsatellite mild minor mismatch moderate msi
    mss mucosal multiple naive negative new newly nodal node nonmetastatic nonsquamous novo objective old
    oligometastatic onset operable other overt pathologic pathological persistent platinum poor poorly positive
    possible previous previously primary probable proficient progressive proven pt pure rare rearranged recent
    recurrence recurrent refractory relapse relapsed relapsing repair resectable resected residual resistant
    second secondary selected sensitive serious several severe significant simple solid specific sporadic stable
    subacute suspected symptomatic term third threatening tmb total treated treatmentnaive treatmentrefractory
    uncontrolled undiagnosed unilateral unknown unresectable unresected unspecified untreatable untreated
    various very well wild year
    """.split()
)
"""Words that say which cases are meant, how bad or how far, not which disease."""

PEOPLE: Final = frozenset(
    """
    adolescence adolescent adult age aged baby boy candidate case child childhood children elderly female girl
    individual infancy inpatient juvenile male man men mother older outpatient participant patient pediatric
    people person population recipient senior subject survivor teenager volunteer woman women young youth
    """.split()
)
"""Whom a study looks at: left out where a name does not need them."""

ABOUT: Final = frozenset(
    """
    aspect assessment awareness burden care complication consequence control detection diagnosis diagnostic
    effect etiology evaluation event exacerbation finding form gene history incidence intervention investigation
    management manifestation monitoring occurrence outcome pathophysiology phenotype prediction presence
    prevalence prevention prognosis program progression prophylaxis rate screening sequela severity sign study
    subtype survival symptom therapy treatment use
    """.split()
)
"""What a study does about a condition, or looks at in it: the condition is still what is studied."""

STAGING: Final = frozenset("stage grade class nyha ajcc figo tnm ecog killip acc aha rai binet group".split())
STAGES: Final = frozenset(
    "i ii iii iv v vi ia ib ic iia iib iic iiia iiib iiic iiid iva ivb ivc a b c d t n m functional version".split()
)
"""What a stage is written with, after one of the words before it."""
PHRASES: Final = (
    ("not", "otherwise", "specified"),
    ("new", "york", "heart", "association"),
    ("who", "group"),
    ("who", "functional", "class"),
    ("of", "unknown", "etiology"),
    ("of", "unknown", "origin"),
    ("in", "remission"),
    ("in", "relapse"),
    ("de", "novo"),
    ("life", "threatening"),
    ("unknown", "primary"),
)
"""Words that only together say which cases are meant."""
NAMED: Final = frozenset({("unknown", "primary")})
"""Words that would each only qualify, and together are part of a name."""

LEADING: Final = frozenset("of the and or in a an with to by from on for as at is are".split())
"""Words that begin and end no name."""

JOINING: Final = frozenset(
    {
        ("associated", "with"), ("associated", "to"), ("related", "to"), ("secondary", "to"), ("due", "to"),
        ("complicated", "by"), ("complicated", "with"), ("caused", "by"), ("induced", "by"), ("attributed", "to"),
        ("attributable", "to"), ("resulting", "from"), ("combined", "with"), ("coexisting", "with"),
    }
)  # fmt: skip
"""Two words that join to a condition another that the string is about as well."""

CONNECTORS: Final = {
    # what follows is studied too, if it is a condition
    "with": True, "due": True, "complicating": True, "affecting": True, "in": True, "during": True, "among": True,
    "having": True, "for": True,
    # what follows is circumstance: *dysfunction after prostatectomy*
    "without": False, "after": False, "following": False, "before": False, "undergoing": False, "requiring": False,
    "receiving": False, "using": False, "under": False, "at": False, "on": False, "as": False,
    "by": False, "who": False, "that": False, "which": False, "involving": False, "not": False, "from": False,
    "post": False, "versus": False, "vs": False, "despite": False, "within": False, "until": False, "per": False,
    "because": False, "when": False, "where": False, "awaiting": False, "over": False, "less": False, "more": False,
}  # fmt: skip
"""Words that end a name; whether what follows them is studied as well."""
ABOUT_WHICH: Final = frozenset("in with for among undergoing having requiring during affecting".split())
"""Those of them after which a string may first say what it is about."""

DENIALS: Final = frozenset("no without free excluding except anti family never absence fear risk".split())
"""Words that make a name something else: *family history of asthma*, *risk of melanoma*."""
NEGATIONS: Final = frozenset({"no", "not", "without"})
"""Words that make all that follows them something else."""
GRADED: Final = frozenset({"risk", "grade", "stage", "volume", "burden", "dose"})
GRADES: Final = frozenset({"high", "higher", "low", "lower", "intermediate", "standard", "average"})
"""*High-risk melanoma* is a melanoma; *risk of melanoma* is none."""
HEALTHY: Final = frozenset({"healthy", "normal"})

VARIANTS: Final = {
    "carcinoma": "neoplasm",
    "adenocarcinoma": "neoplasm",
    "cancer": "carcinoma",
    "syndrome": "disease",
    "disease": "syndrome",
    "disorder": "syndrome",
}
"""Last words that MeSH may have another for: it names neoplasms by site where people name them by tissue."""
TROUBLE: Final = frozenset(
    """
    abnormality anomaly complication condition damage defect deformity derangement disease disorder disturbance
    dysfunction hypoplasia impairment injury insult involvement lesion malformation pathology problem syndrome
    toxicity wound
    """.split()
)
"""Heads that say only that something is wrong with what stands before them."""

SHIFTS: Final = frozenset(
    "abnormal decreased elevated high impaired increased loss low lower poor preserved reduced".split()
)
"""Words before the name of a function or measure that make a condition of it: *low libido* is not libido."""
NUANCES: Final = frozenset({"mid", "mildly", "moderately", "slightly"})
"""Words that make of what follows less than it is: *mildly reduced*."""

MARKERS: Final = frozenset("associated induced related mediated dependent acquired linked caused".split())
"""What stands before them says which: *sepsis-induced cardiomyopathy* is a cardiomyopathy."""

THESAURUS: Final = {
    "adverse event": "drug related side effect and adverse reaction",
    "adverse reaction": "drug related side effect and adverse reaction",
    "allograft vasculopathy": "graft occlusion vascular",
    "androgen deficiency": "hypogonadism",
    "angina": "angina pectoris",
    "aorta insufficiency": "aortic valve insufficiency",
    "artery stiffness": "vascular stiffness",
    "atherosclerotic cardiovascular disease": "atherosclerosis",
    "autosomal dominant disease": "inborn genetic disease",
    "autosomal recessive disease": "inborn genetic disease",
    "cardiovascular risk": "heart disease risk factor",
    "cognitive deficiency": "cognitive dysfunction",
    "conduction abnormality": "cardiac conduction system disease",
    "conduction disease": "cardiac conduction system disease",
    "conduction disturbance": "cardiac conduction system disease",
    "coronary microvascular dysfunction": "microvascular angina",
    "coronary revascularization": "myocardial revascularization",
    "developmental delay": "developmental disability",
    "diastolic dysfunction": "left ventricular diastolic dysfunction",
    "disc disease": "intervertebral disc disease",
    "dominant disease": "inborn genetic disease",
    "ejection fraction": "stroke volume",
    "erectile function": "penile erection",
    "exercise capacity": "exercise tolerance",
    "exercise intolerance": "exercise tolerance",
    "exercise training": "exercise",
    "fluid overload": "water electrolyte imbalance",
    "fracture": "bone fracture",
    "functional performance": "physical functional performance",
    "growth retardation": "growth disorder",
    "heart pacing": "artificial cardiac pacing",
    "heart remodeling": "ventricular remodeling",
    "hemodialysis": "renal dialysis",
    "hepatotoxicity": "chemical and drug induced liver injury",
    "high cholesterol": "hypercholesterolemia",
    "immune deficiency": "immunologic deficiency syndrome",
    "immunodeficiency": "immunologic deficiency syndrome",
    "impairment fasting glucose": "prediabetic state",
    "incontinence": "urinary incontinence",
    "intensive care": "critical care",
    "left ventricle ejection fraction": "stroke volume",
    "left ventricle failure": "heart failure",
    "liver resection": "hepatectomy",
    "low libido": "sexual dysfunction psychological",
    "lung resection": "pneumonectomy",
    "lymphocytic neoplasm": "lymphoproliferative disorder",
    "male erectile disease": "erectile dysfunction",
    "mechanical ventilation": "artificial respiration",
    "mental handicap": "intellectual disability",
    "muscle wasting": "muscular atrophy",
    "myeloid neoplasm": "hematologic neoplasm",
    "myeloma": "multiple myeloma",
    "nerve injury": "peripheral nerve injury",
    "neurodegeneration": "neurodegenerative disease",
    "neuropathy": "peripheral nervous system disease",
    "older adult": "aged",
    "older patient": "aged",
    "older people": "aged",
    "olfactory loss": "olfaction disorder",
    "overdose": "drug overdose",
    "pacemaker": "artificial pacemaker",
    "pacing": "artificial cardiac pacing",
    "physical function": "physical functional performance",
    "physical training": "exercise",
    "preserved ejection fraction": "heart failure preserved ejection fraction",
    "prostate enlargement": "prostatic hyperplasia",
    "radiation toxicity": "radiation injury",
    "radiotherapy side effect": "radiation injury",
    "recessive disease": "inborn genetic disease",
    "reduced ejection fraction": "heart failure reduced ejection fraction",
    "restenosis": "coronary restenosis",
    "rhythm disease": "arrhythmia",
    "rhythm disturbance": "arrhythmia",
    "rigidity": "muscle rigidity",
    "side effect": "drug related side effect and adverse reaction",
    "smell loss": "olfaction disorder",
    "spasticity": "muscle spasticity",
    "spine canal stenosis": "spinal stenosis",
    "systolic dysfunction": "left ventricular systolic dysfunction",
    "testosterone deficiency": "hypogonadism",
    "toxicity": "drug related side effect and adverse reaction",
    "transitional cell neoplasm": "transitional cell carcinoma",
    "urothelial carcinoma": "transitional cell carcinoma",
    "urothelial neoplasm": "transitional cell carcinoma",
    "valve disease": "heart valve disease",
    "valve implantation": "heart valve prosthesis implantation",
    "valve replacement": "heart valve prosthesis implantation",
    "volume overload": "water electrolyte imbalance",
    "weakness": "muscle weakness",
    "x linked disease": "x linked genetic disease",
    "x linked recessive disease": "x linked genetic disease",
}
"""What people say → what MeSH says, where no rule about words leads there; with the words that stand for others."""
