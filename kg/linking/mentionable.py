"""Names that mean what they name even in running text, as eligibility criteria are: for the index of mentions.

Precision goes first. A registered condition or intervention is a name; in a sentence *combined*, *monitor* and *ASA*
are words that some record happens to have as a name. So: agents and their classes by their full names, substances
that are known as drugs, diseases whose name is of several words or says which disease it is. No short abbreviations
but those that mean one thing in every protocol; no inverted names, which nobody writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kg.linking.forms import GENERIC_HEADS, MODIFIERS, ORDINARY
from kg.linking.index import KEPT
from kg.linking.normalize import BRITISH, words
from kg.linking.salts import base
from kg.vocabularies.entry import Entry
from kg.vocabularies.mesh import VOCABULARY as MESH
from kg.vocabularies.names import other_names

__all__ = ["TARGETS", "beginnings", "mention_names"]

_KINDS: Final = {"agent": 0, "class": 1, "descriptor": 2, "supplementary": 3}
_DISEASES: Final = ("C", "F03")
_SIGNS: Final = ("C23", "C10.597")
"""Signs, symptoms and processes: they are looked at in everyone."""
_LOOSE_WORDS: Final = ("C14.280.067", "C23", "C10.597", "C26")
"""Where one word says little: *arrhythmia*, *syncope*, *fracture*."""
_MEDICINES: Final = ("D02", "D03", "D04", "D06", "D09.408", "D09.698.373", "D12.776.124.486.485.114", "D12.644.548")
"""Organic, heterocyclic and polycyclic compounds, hormones, glycosides, heparins, monoclonal antibodies."""
_OF_THE_BODY: Final = ("D12.125", "D02.241.607", "D08.211")
"""Amino acids, keto acids, coenzymes: what blood is tested for."""
_LEAST_DOTS: Final = 2
_NEOPLASMS: Final = "D009369"
"""Wide, and in every second list of criteria: *no other malignancy*."""
_SHORTEST: Final = 5
_LONGEST_LABEL: Final = 4
_SHORTEST_RARE: Final = 7
_SHORT: Final = frozenset("acne ards copd gerd gout gvhd lupus nash".split())
"""Shorter names of one word that mean one disease wherever they stand."""
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_RUN: Final = re.compile(r"[^\W_]+")
_CODE: Final = re.compile(r"[a-z]{2,} \d{2,}( [a-z]| \d+)*")

_GENERAL: Final = frozenset(
    """
    abnormality addiction adhesion allergy atrophy bleeding blister bruise burn coma complication congestion cough
    deformity dependence diathesis disability disease dislocation distress emergency fatigue fever fibrosis fistula
    headache hemorrhage hernia hyperplasia hypersensitivity hypertrophy hypoxia infarct infarction infection
    inflammation injury lesion malformation mass nausea necrosis neoplasia neoplasm obstruction pain perforation polyp
    prolapse rale recurrence relapse rupture scar sign stenosis strain swelling symptom syndrome thrombosis thrombus
    toxicity trauma tumor ulcer vomiting weakness wound
    """.split()
)
"""Names of one word that say only that something is wrong, or that is looked at in everyone."""
_NO_BEGINNING: Final = frozenset(
    """
    a absence abuse accident acquired active adult advanced age all alt ambulatory american an anatomical androgen
    anesthesia antibiotic antibody artery as at beta bilateral bilirubin bleeding blood bnp body bowel branch capillary
    catheter cell cerebral child clinical clinically coagulation combined complete complication concomitant continuous
    contrast cord day deficiency dependent disease disorder drug e eastern echo ejection elective elevated end english
    exercise factor failure fasting feeding female first free functional general glomerular grade greater group health
    hemoglobin high historical hormone hospital hypertrophy imp implant in inappropriate inclusion increased index
    infiltrative infusion inhibitor injection injury instability insufficiency intrauterine invasive lack language lead
    legal lesion limit limited local localized long loss low lower lumbar male marrow mass may mechanical medical
    medically medication men metabolism metastatic mild natriuretic negative new no normal not obstruction old oncology
    open oral out over oxygen pain patient penile penis peptide permanent persistent physical plasma platelet poorly
    positive post postmenopausal potassium pre prescription pressure primary pro probnp protein psychological radiation
    reduced refractory regular research resection rest resting right scan secondary self serum severe sexual short
    social solid specific spine state stem steroid surface surgery symptom symptomatic systemic systolic therapy third
    three thrombosis time tissue total transitional transplant trauma treatment two vaccination vaccine vein vessel
    wedge well
    """.split()
)
"""Words that begin names which hardly anyone writes, and stand in every text: to look further costs too much."""
_SHORT_BEGINNINGS: Final = frozenset("av lv pd rv st".split())
_NEVER: Final = frozenset(
    """
    D000073296 D000208 D001835 D001836 D002908 D003251 D003643 D004194 D004198 D004630 D005355 D005547 D009100 D011629
    D012008 D012816 D013577 D015430 D018450
    """.split()
)
"""Diseases that are no disease in particular, and what is measured in everyone."""
_MEASURED: Final = frozenset(
    """
    C109794 D000085 D000305 D000431 D000450 D000809 D001323 D001663 D002116 D002118 D002241 D002244 D002395 D002784
    D002857 D003300 D003367 D003401 D003404 D003545 D003903 D004967 D005640 D005938 D005947 D006062 D006063 D006160
    D006859 D006861 D007501 D007773 D007785 D007986 D008055 D008070 D008274 D008345 D009538 D009569 D009584 D010100
    D010649 D010710 D010758 D011188 D011388 D011773 D012172 D012701 D012828 D012964 D012972 D013256 D013261 D013386
    D013431 D013972 D014280 D014508 D014527 D014867 D015032 D019344 D020097 D020156
    """.split()
)
"""Substances that criteria name as a laboratory value, a habit or a part of the body far more often than as a drug."""
_ORDINARY: Final = (
    ORDINARY
    | GENERIC_HEADS
    | MODIFIERS
    | frozenset(
        """
    advance balance basic combat command complete control dimension direct element escort evolution focus harmony
    ideal image impact insight legend liberty matrix monitor optimal organic pearl pilot precise prime profile
    progress ranger regulate resolve response retinal reward select shadow spectrum stance standard summit target
    temper hydroxide nitrogen triumph trooper unison vision
    """.split()
    )
)
"""Brands, most of them of pesticides, that are words."""
_ALSO: Final = {
    "D011247": "pregnant|pregnancy|pregnancies",
    "D015658": "HIV|human immunodeficiency virus|HIV positive|HIV seropositive",
    "D006509": "HBV|hepatitis B virus",
    "D006526": "HCV|hepatitis C virus",
    "D054143": "HFrEF",
    "D054144": "HFpEF",
    "D011470": "BPH",
    "D059411": "LUTS",
    "D002546": "TIA|TIAs",
    "D008103": "cirrhosis",
    "D009765": "obese",
    "D001859": "bone metastasis|bone metastases|bony metastases",
    "D008113": "liver metastasis|liver metastases|hepatic metastases",
    "D008175": "lung metastases|pulmonary metastases",
    "D016543": "CNS metastasis|CNS metastases|central nervous system metastases",
    "D009369": "malignant disease|malignant diseases",
    "D019966": "drug or alcohol abuse|alcohol or drug abuse|substance use disorder",
    "D009062": "oral cancer",
}
"""MeSH diseases and states → what people write for them in criteria."""
_TARGETS: Final = {
    "PD1Inhibitor": "PD-1|PD1|programmed death-1|programmed cell death protein 1|programmed cell death 1",
    "PDL1Inhibitor": "PD-L1|PDL1|programmed death ligand 1|programmed cell death ligand 1",
    "PD1PathwayInhibitor": "PD-1/PD-L1|PD-1/L1",
    "CTLA4Inhibitor": "CTLA-4|CTLA4",
    "LAG3Inhibitor": "LAG-3|LAG3",
    "TIM3Inhibitor": "TIM-3|TIM3",
    "TIGITInhibitor": "TIGIT",
}
"""Classes → their target, which stands for them where the text speaks of inhibitors or antibodies."""
TARGETS: Final = frozenset(" ".join(words(name)) for names in _TARGETS.values() for name in names.split("|"))
"""Those targets as words."""
_PROTEIN: Final = frozenset("il interleukin human recombinant hil hril rhil rh hu r ii".split())
"""A bare protein is measured more often than given."""


def mention_names(entry: Entry, trees: Sequence[str], *, is_drug: bool) -> Iterator[tuple[str, int]]:
    """The names of a concept that mean it in running text, each with its rank among concepts of that name.

    Args:
        entry: the concept.
        trees: its MeSH tree numbers.
        is_drug: whether a study that names it gives a drug.
    """
    ui = entry.iri.removeprefix(MESH)
    yield from ((name, KEPT) for name in _ALSO.get(ui, "").split("|") if name)
    if entry.kind in ("agent", "class"):
        yield from ((name, _KINDS[entry.kind]) for name in (entry.label, *entry.synonyms) if _is_plain_agent(name))
        slug = entry.iri.rpartition("/")[2]
        yield from ((name, KEPT) for name in _TARGETS.get(slug, "").split("|") if name)
    elif is_drug:
        yield from _of_drug(entry, ui, trees)
    elif entry.kind == "descriptor" and ui not in _NEVER and _is_disease(trees, ui):
        yield from _of_disease(entry, trees)


def beginnings(name: str, *, is_drug: bool) -> set[str]:
    """How the first word of a name may be written: singular or plural, American or British, run on to a number."""
    found = words(name)[:3]
    word = found[0]
    forms = {word, _RUN.findall(name.lower())[0]}
    if len(found) == 1 and not is_drug:
        forms |= {f"{word}s", f"{word}es"}
        if word.endswith("y"):
            forms.add(f"{word[:-1]}ies")
        if word.endswith("is"):
            forms.add(f"{word[:-2]}es")
    forms |= {word.replace(american, british) for british, american in BRITISH if american in word}
    forms |= {"".join(found[:count]) for count in (2, 3) if any(part.isdigit() for part in found[1:count])}
    return forms


def _may_begin(found: Sequence[str]) -> bool:
    is_word = len(found[0]) > 2 and not found[0].isdigit()
    return found[0] not in _NO_BEGINNING and (is_word or found[0] in _SHORT_BEGINNINGS)


def _is_disease(trees: Sequence[str], ui: str) -> bool:
    """Whether a descriptor is a disease, and more than a whole field of medicine."""
    places = [tree for tree in trees if tree.startswith(_DISEASES) and not tree.startswith(_SIGNS)]
    return ui == _NEOPLASMS or any(tree.count(".") >= _LEAST_DOTS for tree in places)


def _is_plain_agent(name: str) -> bool:
    """Whether a name of an agent or class is long enough, and not that of a protein.

    A bracket in a name makes two of it, *PD-(L)1*, and is looked at where the name stands; "5-fluorouracil" is found by
    its second word.
    """
    found = words(name)
    if "(" in name or not found or found[0].isdigit() or len(found[0]) == 1 or found[0] in _NO_BEGINNING:
        return False
    if all(word in _PROTEIN or word.isdigit() for word in found):
        return False
    return len(" ".join(found)) >= _SHORTEST and (len(found) > 1 or len(found[0]) >= _SHORTEST)


def _of_drug(entry: Entry, ui: str, trees: Sequence[str]) -> Iterator[tuple[str, int]]:
    if ui in _MEASURED or (entry.kind == "descriptor" and not _is_medicine(trees)):
        return
    others = other_names()
    own = 10 + 10 * _KINDS[entry.kind]
    if entry.iri not in others.found and entry.iri not in others.kept:
        # Of what no list of drugs has, brands and codes are too often words.
        label = words(entry.label)
        if len(label) == 1 and len(label[0]) >= _SHORTEST_RARE and label[0].isalpha() and label[0] not in _ORDINARY:
            yield entry.label, own + _respelled(entry.label, label)
        return
    for names, rank, most in (
        ((entry.label,), own, _LONGEST_LABEL),
        (others.kept.get(entry.iri, ()), KEPT, _LONGEST_LABEL),
        # What MeSH has beside the label are chemical names, most of them, and nobody writes those.
        (entry.synonyms, own + 1, 1),
    ):
        for name in names:
            found = words(name)
            if ", " not in name and len(found) <= most and _says_which_drug(found) and _may_begin(found):
                yield name, rank + (0 if rank == KEPT else _respelled(name, found))
                without = base(found)
                if without and _says_which_drug(without):
                    yield " ".join(without), own + 60


def _is_medicine(trees: Sequence[str]) -> bool:
    """Whether a descriptor is a substance that is given, by where it stands; no whole family of chemicals is."""
    return any(tree.startswith(_MEDICINES) and tree.count(".") >= _LEAST_DOTS for tree in trees) and not any(
        tree.startswith(_OF_THE_BODY) for tree in trees
    )


def _says_which_drug(found: Sequence[str]) -> bool:
    if len(found) == 1:
        return found[0].isalpha() and len(found[0]) >= _SHORTEST and found[0] not in _ORDINARY
    return max(map(len, found), default=0) >= _SHORTEST or _CODE.fullmatch(" ".join(found)) is not None


def _of_disease(entry: Entry, trees: Sequence[str]) -> Iterator[tuple[str, int]]:
    own = 10 + 10 * _KINDS[entry.kind]
    for names, rank in (((entry.label,), own), (entry.synonyms, own + 1), (entry.loose, own + 100)):
        for name in names:
            found = words(name)
            if ", " not in name and found and _says_which_disease(found, trees) and _may_begin(found):
                yield name, rank + _respelled(name, found)


def _respelled(name: str, found: Sequence[str]) -> int:
    """How much worse a name is than one that is spelled like this: Insulins than Insulin."""
    return 0 if found == _WORD.findall(name.casefold()) else 2


def _says_which_disease(found: Sequence[str], trees: Sequence[str]) -> bool:
    if len(found) == 1:
        is_specific = any(tree.startswith(_DISEASES) and not tree.startswith(_LOOSE_WORDS) for tree in trees)
        return found[0] in _SHORT or (is_specific and len(found[0]) >= _SHORTEST and found[0] not in _GENERAL)
    return max(map(len, found)) >= _SHORTEST - 1
