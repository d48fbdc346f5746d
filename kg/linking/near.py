"""Names of conditions with words that mean the same evened out, for when the words themselves do not match.

MeSH says *Kidney Diseases* where a registrant writes *renal disorder*. Names and strings are both taken down to the
same rough form: the organ for its adjective, one word for *cancer* and *tumor*, one for *disease* and *disorder*, the
disease for its adjective (*ischemic*, *ischemia*), figures for Roman numerals and number words. The form is for
comparing only, so it need not be a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from kg.linking.normalize import bag

__all__ = ["has_equals", "near", "same"]

_SAME: Final = """
    kidney renal nephric
    liver hepatic
    heart cardiac cardial
    lung pulmonary pulmonal
    brain cerebral encephalic
    stomach gastric
    eye ocular ophthalmic ophthalmologic ophthalmological
    skin cutaneous dermal dermatologic dermatological integumentary
    bone osseous bony
    spine spinal vertebral
    prostate prostatic
    colon colonic
    bladder vesical
    ovary ovarian
    uterus uterine
    rectum rectal
    anus anal
    pancreas pancrea pancreatic
    esophagus esophageal
    muscle muscular
    nerve neural
    artery arterial
    vein venous
    vessel vascular
    atrium atrial
    ventricle ventricular
    aorta aortic
    nose nasal
    mouth oral buccal
    tooth dental
    thymus thymic
    spleen splenic
    intestine intestinal bowel enteric
    breast mammary
    penis penile
    testis testicular testicle
    urethra urethral
    ureter ureteral ureteric
    trachea tracheal
    bronchus bronchial
    larynx laryngeal
    pharynx pharyngeal
    joint articular
    pleura pleural
    peritoneum peritoneal
    meninges meningeal
    pericardium pericardial
    myocardium myocardial
    endometrium endometrial
    endothelium endothelial
    retina retinal
    cornea corneal
    ear otic aural
    pituitary hypophyseal hypophysis
    cerebellum cerebellar
    blood hematologic hematological hematopoietic
    disc disk
    lymphocytic lymphoid
    lymphoblastic
    precursor
    myeloid myelogenous myelocytic
    neoplasm cancer tumor malignancy neoplasia cancerous
    disease disorder illness condition
    injury damage trauma injured wound
    insufficiency regurgitation incompetence
    stenosis stricture stenosed
    herniation herniated prolapse prolapsed protrusion slipped
    operative op
    hereditary inherited heritable
    calcification calcified calcific
    dysfunction dysfunctional disfunction
    metastatic
    hypertrophy hypertrophied
    amyloid amyloidotic
    tract system
    surgery surgical
    transplant transplantation transplanted graft grafting
    deficiency deficient deficit
    pain painful
    thrombosis thrombus
    arrhythmia dysrhythmia
    infarction infarct
    edema edematous
    diabetes diabete diabetic
    asthma asthmatic
    obesity obese
    infertility infertile
    sepsis septic
    allergy allergic
    toxicity toxic
    hemorrhage hemorrhagic bleeding
    fracture fractured
    pregnancy pregnant
    male man men boy
    female woman women girl
    impairment impaired
    disability disabled
    remodeling remodelling
    dilation dilatation dilated dilatative
    postpartum puerperal
    abnormality anomaly malformation abnormal
    1 i one first
    2 ii two second
    3 iii three third
    4 iv four fourth
    5 five fifth
    6 six sixth
"""
"""On each line words that are one: the first stands for all."""

_FIRST: Final = {word: line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()}
_EMPTY: Final = frozenset(
    "tract system type mellitus procedure operative operation sided nos unspecified other or by from".split()
)
"""Words that names have or lack without meaning anything else: *Diabetes Mellitus, Type 2* is *diabetes 2*."""
_PREFIXES: Final = ("non", "post", "pre")
_COMPOUNDS: Final = {
    "lv": ("left", "ventricle"),
    "rv": ("right", "ventricle"),
    "discopathy": ("intervertebral", "disc", "disease"),
    "nephropathy": ("kidney", "disease"),
    "hepatopathy": ("liver", "disease"),
    "cardiopathy": ("heart", "disease"),
    "cardiovascular": ("heart", "vessel"),
    "pneumopathy": ("lung", "disease"),
    "retinopathy": ("retina", "disease"),
    "encephalopathy": ("brain", "disease"),
    "enteropathy": ("intestine", "disease"),
    "arthropathy": ("joint", "disease"),
    "myelopathy": ("spine", "cord", "disease"),
    "coronaropathy": ("coronary", "disease"),
    "coronaropathie": ("coronary", "disease"),
    "vasculopathy": ("vessel", "disease"),
    "myopathy": ("muscle", "disease"),
    "coagulopathy": ("blood", "coagulation", "disease"),
    "endocrinopathy": ("endocrine", "disease"),
    "nephrotoxicity": ("kidney", "disease"),
    "nephrotoxic": ("kidney", "disease"),
}
_ENDINGS: Final = (
    ("osis", "os"), ("otic", "os"),
    ("emia", "em"), ("emic", "em"),
    ("tension", "tens"), ("tensive", "tens"),
    ("itis", "it"), ("itic", "it"),
    ("trophy", "troph"), ("trophic", "troph"),
    ("pathy", "path"), ("pathic", "path"),
    ("lepsy", "lep"), ("leptic", "lep"),
    ("ation", "at"), ("ated", "at"), ("ative", "at"),
    ("ction", "ct"), ("ctive", "ct"), ("cted", "ct"),
    ("ssion", "ss"), ("ssive", "ss"), ("ssed", "ss"),
    ("usion", "us"), ("usive", "us"),
    ("ysis", "y"), ("ytic", "y"),
    ("asis", "as"), ("atic", "as"),
    ("ia", "i"), ("iac", "i"), ("ic", "i"),
)  # fmt: skip
"""Nouns and the adjectives made of them: *sclerosis*, *sclerotic*; *ischemia*, *ischemic*; *infection*, *infected*."""
_SHORTEST: Final = 6
_VALVES: Final = frozenset({"aorta", "mitral", "tricuspid"})
_OF_VALVES: Final = frozenset({"insufficiency", "stenosis", "herniation"})


def same(word: str) -> str:
    """The word that stands for a word and all that mean the same.

    >>> same("renal"), same("melanoma")
    ('kidney', 'melanoma')
    """
    return _FIRST.get(word, word)


def has_equals(word: str) -> bool:
    """Whether there are words that mean the same as a word.

    >>> has_equals("asthmatic"), has_equals("enlargement")
    (True, False)
    """
    return word in _FIRST


def near(of_words: Sequence[str]) -> str:
    """The rough form of a name, from the normal forms of its words.

    >>> near(["renal", "disorder"]) == near(["disease", "of", "the", "kidney"])
    True
    >>> near(["type", "ii", "diabetes"]) == near(["diabetes", "mellitus", "type", "2"])
    True
    """
    found = {one for word in of_words for one in _near(word)}
    # Of what only a valve can have, names leave the valve out.
    if "valve" in found and found & _VALVES and found & _OF_VALVES:
        found.discard("valve")
    # Acute lymphocytic leukemia is of lymphoblasts, and lymphoblasts are precursor cells.
    if "acute" in found and "lymphocytic" in found:
        found = found - {"lymphocytic"} | {"lymphoblastic"}
    if "lymphoblastic" in found:
        found -= {"acute", "precursor"}
    kept = _without_empty(found)
    # "B-cell lymphoma" is B lymphoma, but "cell physiology" is not physiology.
    if "cell" in kept and len(kept) > 2:
        kept.remove("cell")
    return bag(kept)


def _without_empty(found: Iterable[str]) -> list[str]:
    return [word for word in found if word not in _EMPTY]


@lru_cache(maxsize=200_000)
def _near(word: str) -> tuple[str, ...]:
    first = _FIRST.get(word)
    if first:
        return (first,)
    compound = _COMPOUNDS.get(word)
    if compound:
        return compound
    if len(word) < _SHORTEST or not word.isascii():
        return (word,)
    for prefix in _PREFIXES:
        # "Pre-diabetes", "pre diabetes" and "prediabetes" are one.
        if word.startswith(prefix) and len(word) >= len(prefix) + 4:
            return (prefix, *_near(word[len(prefix) :]))
    if word.endswith("ical"):
        word = word[:-2]
    for ending, stem in _ENDINGS:
        if word.endswith(ending):
            return (word[: -len(ending)] + stem,)
    return (word,)
