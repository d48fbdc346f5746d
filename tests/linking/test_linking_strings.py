"""What registered strings link to, by which method, on which words; and what links to nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.linking.link import METHODS, Link
from kg.linking.linker import Linker, load_linker
from kg.linking.normalize import tokens
from kg.vocabularies.codes import load_codes


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


def short(links: tuple[Link, ...]) -> list[tuple[str, str, str]]:
    """Last part of the concept's IRI, method, matched text."""
    return [(link.concept.iri.rpartition("/")[2], link.method, link.text) for link in links]


INTERVENTIONS = {
    # brands, code names, spellings
    "Keytruda": [("pembrolizumab", "synonym", "Keytruda")],
    "KEYTRUDA®": [("pembrolizumab", "synonym", "KEYTRUDA®")],
    "MK-3475": [("pembrolizumab", "synonym", "MK-3475")],
    "MK3475": [("pembrolizumab", "synonym", "MK3475")],
    "pembrolizumab (MK-3475)": [("pembrolizumab", "normalized", "pembrolizumab")],
    "ALKS 4230": [("nemvaleukin-alfa", "synonym", "ALKS 4230")],
    "ALKS-4230": [("nemvaleukin-alfa", "synonym", "ALKS-4230")],
    "NKTR-214": [("bempegaldesleukin", "synonym", "NKTR-214")],
    "NKTR214": [("bempegaldesleukin", "normalized", "NKTR214")],
    "SAR444245 (Thor-707)": [("pegenzileukin", "normalized", "SAR444245")],
    "N-803": [("nogapendekin-alfa", "synonym", "N-803")],
    "TransCon IL-2 β/γ": [("transcon-il-2-beta-gamma", "synonym", "TransCon IL-2 β/γ")],
    "IBI363": [("ibi363", "exact", "IBI363")],
    "Nivolumab": [("nivolumab", "exact", "Nivolumab")],
    # doses and forms around a name
    "Keytruda 200 mg IV every 3 weeks": [("pembrolizumab", "normalized", "Keytruda")],
    "Nemvaleukin Alfa Subcutaneous": [("nemvaleukin-alfa", "normalized", "Nemvaleukin Alfa")],
    "Metformin 500 mg": [("D008687", "normalized", "Metformin")],
    "Aspirin 81 mg tablet": [("D001241", "normalized", "Aspirin")],
    "Vitamin D 1000 IU": [("D014807", "normalized", "Vitamin D")],
    # IL-2 by itself, and what only has it in its name
    "IL-2": [("human-interleukin-2", "synonym", "IL-2")],
    "HD IL-2": [("human-interleukin-2", "normalized", "IL-2")],
    "Low-dose interleukin-2": [("human-interleukin-2", "normalized", "interleukin-2")],
    "hrIL-2 active": [("human-interleukin-2", "normalized", "hrIL-2")],
    "Aldesleukin": [("aldesleukin", "exact", "Aldesleukin")],
    "anti-IL-2": [],
    "IL-2R": [],
    "IL-2 R": [],
    "IL-2 gene therapy": [],
    "IL-2 receptor antagonist": [("IL2ReceptorAntagonist", "exact", "IL-2 receptor antagonist")],
    "anti-IL-2 receptor antibody": [("IL2ReceptorAntagonist", "synonym", "anti-IL-2 receptor antibody")],
    # classes without an agent
    "anti-PD-1": [("PD1Inhibitor", "synonym", "anti-PD-1")],
    "anti-PD-(L)1": [("PD1PathwayInhibitor", "synonym", "anti-PD-(L)1")],
    "PD-1 inhibitor": [("PD1Inhibitor", "exact", "PD-1 inhibitor")],
    "Checkpoint inhibitor": [("ImmuneCheckpointInhibitor", "synonym", "Checkpoint inhibitor")],
    # an agent says its class
    "Atezolizumab (MPDL3280A), an Engineered Anti-PD-L1 Antibody": [("atezolizumab", "normalized", "Atezolizumab")],
    # combinations
    "ALKS 4230 + pembrolizumab": [
        ("nemvaleukin-alfa", "component", "ALKS 4230"),
        ("pembrolizumab", "component", "pembrolizumab"),
    ],
    "IL-2 and Nivolumab": [("human-interleukin-2", "component", "IL-2"), ("nivolumab", "component", "Nivolumab")],
    "Dose Escalation Doublet: Combination of NKTR-214 + nivolumab": [
        ("bempegaldesleukin", "component", "NKTR-214"),
        ("nivolumab", "component", "nivolumab"),
    ],
    "MDNA11 in combination with checkpoint inhibitor": [
        ("mdna11", "component", "MDNA11"),
        ("ImmuneCheckpointInhibitor", "component", "checkpoint inhibitor"),
    ],
    "cisplatin or carboplatin": [("cisplatin", "component", "cisplatin"), ("carboplatin", "component", "carboplatin")],
    # placebos
    "Pembrolizumab Placebo": [],
    "placebo for nivolumab": [],
    "Matching placebo": [],
    "hrIL-2 placebo": [],
    # what names no drug that is known, or more than one thing
    "triple therapy": [],
    "PD-L1 t-haNK cells": [],
    "PD-1 inhibitor resistant melanoma": [],
    "TransCon TLR7/8 Agonist": [],
    "BAY 94-8367": [],
    "Best Supportive Care": [],
    "": [],
    "  ": [],
}

HEAD_AND_NECK_SCC = "D000077195"
CONDITIONS = {
    # labels, synonyms, inverted names, spellings, plurals
    "Melanoma": [("D008545", "exact", "Melanoma")],
    "SARCOMA": [("D012509", "exact", "SARCOMA")],
    "Carcinoma, Renal Cell": [("D002292", "exact", "Carcinoma, Renal Cell")],
    "Renal Cell Carcinoma": [("D002292", "synonym", "Renal Cell Carcinoma")],
    "HNSCC": [(HEAD_AND_NECK_SCC, "synonym", "HNSCC")],
    "Squamous Cell Carcinoma of the Head and Neck": [
        (HEAD_AND_NECK_SCC, "synonym", "Squamous Cell Carcinoma of the Head and Neck")
    ],
    "Leukaemia": [("D007938", "normalized", "Leukaemia")],
    "Kidney Cancer": [("D007680", "synonym", "Kidney Cancer")],
    "Gastric Cancer": [("D013274", "synonym", "Gastric Cancer")],
    "Head and Neck Cancer": [("D006258", "synonym", "Head and Neck Cancer")],
    "Type 1 Diabetes": [("D003922", "synonym", "Type 1 Diabetes")],
    "Type II Diabetes Mellitus": [("D003924", "normalized", "Type II Diabetes Mellitus")],
    # what only qualifies
    "Metastatic Renal Cell Carcinoma": [("D002292", "normalized", "Renal Cell Carcinoma")],
    "Renal Cell Carcinoma, Metastatic": [("D002292", "normalized", "Renal Cell Carcinoma")],
    "Melanoma Stage Iv": [("D008545", "normalized", "Melanoma")],
    "Melanoma (Skin)": [("D008545", "normalized", "Melanoma")],
    "Colorectal Cancer (MSI-H)": [("D015179", "normalized", "Colorectal Cancer")],
    "Advanced Solid Tumors": [("D009369", "normalized", "Tumors")],
    "Platinum-resistant Ovarian Cancer": [("D010051", "normalized", "Ovarian Cancer")],
    "Non-cutaneous Squamous Cell Carcinoma of Head and Neck": [
        (HEAD_AND_NECK_SCC, "normalized", "Squamous Cell Carcinoma of Head and Neck")
    ],
    # histology of site
    "Stage III Mucosal Melanoma of the Head and Neck": [
        ("D008545", "component", "Melanoma"),
        ("D006258", "component", "Head and Neck"),
    ],
    "Squamous Cell Carcinoma of Skin": [
        ("D002294", "component", "Squamous Cell Carcinoma"),
        ("D012878", "component", "Skin"),
    ],
    # several in one string
    "Advanced/Metastatic Head and Neck, Oesophageal and Cervical Cancers": [
        ("D006258", "component", "Head and Neck"),
        ("D004938", "component", "Oesophageal"),
        ("D002583", "component", "Cervical Cancers"),
    ],
    # what a thing is comes last
    "Giant Renal Cell Carcinoma": [("D002292", "component", "Renal Cell Carcinoma")],
    "Pleural Mesothelioma": [("D008654", "component", "Mesothelioma")],
    "PD-1 inhibitor resistant melanoma": [("D008545", "component", "melanoma")],
    # nothing
    "Not cancer": [],
    "Cancer Prevention": [],
    "Head and Neck": [],
    "NPC": [],
    "Zzyzx": [],
    "": [],
}


@pytest.mark.parametrize(("text", "links"), INTERVENTIONS.items())
def test_interventions(linker: Linker, text: str, links: list[tuple[str, str, str]]) -> None:
    assert short(linker.intervention(text)) == links


@pytest.mark.parametrize(("text", "links"), CONDITIONS.items())
def test_conditions(linker: Linker, text: str, links: list[tuple[str, str, str]]) -> None:
    assert short(linker.condition(text)) == links


@pytest.mark.parametrize(
    "text",
    [
        "monoclonal antibody",
        "Antibody",
        "Humanized monoclonal antibodies",
        "bispecific antibody",
        "Placebo",
        "Vitamins",
        "Antibiotics",
    ],
)
def test_what_is_too_general_is_no_drug(linker: Linker, text: str) -> None:
    assert [link.concept.label for link in linker.intervention(text) if link.concept.is_drug] == []


def test_bare_il2_and_the_product_are_two_agents(linker: Linker) -> None:
    assert linker.intervention("IL-2")[0].concept != linker.intervention("Proleukin")[0].concept


@pytest.mark.parametrize("kind", ["DEVICE", "DIAGNOSTIC_TEST", "BEHAVIORAL"])
def test_a_device_that_names_a_drug_is_not_the_drug(linker: Linker, kind: str) -> None:
    assert [link for link in linker.intervention("nivolumab assay", kind) if link.concept.kind == "agent"] == []
    assert [link for link in linker.intervention("nivolumab", kind) if link.concept.kind == "agent"] == []


def test_a_text_too_long_to_be_a_name_links_to_nothing(linker: Linker) -> None:
    text = "melanoma " * 100
    assert (linker.condition(text), linker.intervention(text)) == ((), ())


def test_methods_are_those_of_the_code_list() -> None:
    assert METHODS.keys() <= load_codes()["method"].keys()
    assert all(0 < float(score) <= 1 for score in METHODS.values())


NAMES = st.sampled_from(sorted({*INTERVENTIONS, *CONDITIONS}))
TEXTS = st.text(max_size=60) | st.lists(
    NAMES
    | st.sampled_from([" ", "-", "/", " + ", "placebo", "of the", "(", ")", "IL-2", "non", "500 mg", "ǅ", "ﬁ", "İ"]),
    max_size=5,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from([None, "DRUG", "DEVICE", "BEHAVIORAL"]))
def test_any_text_links_to_what_it_says(text: str, kind: str | None) -> None:
    """Linking never fails, says the same twice, and shows words that stand in the text."""
    linker = load_linker()
    for links, again in (
        (linker.condition(text), linker._conditions.link(text)),
        (linker.intervention(text, kind), linker._interventions.link(text, kind)),
    ):
        assert links == again
        written = [token.word for token in tokens(text)]
        for link in links:
            assert linker.index.by_iri(link.concept.iri)
            assert 0 < float(link.score) <= 1
            assert link.text.strip()
            assert occurs([token.word for token in tokens(link.text)], written), (link.text, text)
        assert len({link.concept.iri for link in links}) == len(links) or kind is None


def occurs(part: list[str], whole: list[str]) -> bool:
    """Whether the words stand in the text, in their order; what a link leaves out may stand between them."""
    rest = iter(whole)
    return all(word in rest for word in part)


def test_matched_text_keeps_the_registered_spelling(linker: Linker) -> None:
    for text, links in {**INTERVENTIONS, **CONDITIONS}.items():
        for _, _, matched in links:
            assert re.sub(r"\s+", " ", matched) in re.sub(r"\s+", " ", text)
