"""Questions that the drug ontology must answer rightly, from the file that ships and from a run of the reasoner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kg.config import resource
from kg.namespaces import PREFIXES, agent_class_iri, agent_iri, compress
from kg.vocabularies.agents import load_agents, load_mappings
from kg.vocabularies.reason import classify

ONTOLOGY = Path(str(resource("ontology")))

# Question → agent, classes that it is in, classes that it is not in.
QUESTIONS = {
    "ivonescimab blocks PD-1 and VEGF": (
        "ivonescimab",
        "PD1Inhibitor VEGFInhibitor VEGFPathwayInhibitor BispecificCheckpointInhibitor",
        "PDL1Inhibitor VEGFRInhibitor CTLA4Inhibitor",
    ),
    "cadonilimab blocks PD-1 and CTLA-4": (
        "cadonilimab",
        "PD1Inhibitor CTLA4Inhibitor BispecificCheckpointInhibitor",
        "LAG3Inhibitor PDL1Inhibitor",
    ),
    "IBI363 is both, and biased to the alpha chain": (
        "IBI363",
        "PD1Inhibitor IL2ReceptorAgonist AlphaBiasedIL2ReceptorAgonist PD1BlockingIL2ReceptorAgonist "
        "AntibodyCytokineFusion",
        "NonAlphaIL2ReceptorAgonist IL15ReceptorAgonist TregSelectiveIL2ReceptorAgonist BispecificCheckpointInhibitor",
    ),
    "N-803 acts by interleukin-15": (
        "nogapendekin alfa",
        "IL15ReceptorAgonist IL2PathwayAgonist",
        "IL2ReceptorAgonist NonAlphaIL2ReceptorAgonist",
    ),
    "NKTR-255 acts by interleukin-15": (
        "NKTR-255",
        "IL15ReceptorAgonist IL2PathwayAgonist",
        "IL2ReceptorAgonist NonAlphaIL2ReceptorAgonist",
    ),
    "inbakicept alone does nothing": ("inbakicept", "", "IL15ReceptorAgonist IL2PathwayAgonist"),
    "atezolizumab blocks PD-L1, not PD-1": (
        "atezolizumab",
        "PDL1Inhibitor PD1PathwayInhibitor ImmuneCheckpointInhibitor",
        "PD1Inhibitor",
    ),
    "pembrolizumab blocks PD-1, not PD-L1": (
        "pembrolizumab",
        "PD1Inhibitor PD1PathwayInhibitor ImmuneCheckpointInhibitor",
        "PDL1Inhibitor BispecificCheckpointInhibitor VEGFInhibitor",
    ),
    "cosibelimab blocks PD-L1": ("cosibelimab", "PDL1Inhibitor PD1PathwayInhibitor", "PD1Inhibitor"),
    "aldesleukin is not non-alpha": (
        "aldesleukin",
        "IL2ReceptorAgonist IL2PathwayAgonist",
        "NonAlphaIL2ReceptorAgonist AlphaBiasedIL2ReceptorAgonist TregSelectiveIL2ReceptorAgonist IL15ReceptorAgonist",
    ),
    "interleukin-2 itself has no bias": (
        "human interleukin-2",
        "IL2ReceptorAgonist",
        "NonAlphaIL2ReceptorAgonist AlphaBiasedIL2ReceptorAgonist TregSelectiveIL2ReceptorAgonist",
    ),
    "bempegaldesleukin is non-alpha": (
        "bempegaldesleukin",
        "NonAlphaIL2ReceptorAgonist IL2ReceptorAgonist IL2PathwayAgonist",
        "AlphaBiasedIL2ReceptorAgonist AntibodyCytokineFusion",
    ),
    "nemvaleukin is non-alpha": (
        "nemvaleukin alfa",
        "NonAlphaIL2ReceptorAgonist IL2ReceptorAgonist",
        "IL15ReceptorAgonist TregSelectiveIL2ReceptorAgonist AntibodyCytokineFusion",
    ),
    "pegenzileukin is non-alpha": ("pegenzileukin", "NonAlphaIL2ReceptorAgonist", "AlphaBiasedIL2ReceptorAgonist"),
    "MDNA11 is non-alpha": ("MDNA11", "NonAlphaIL2ReceptorAgonist", "TregSelectiveIL2ReceptorAgonist"),
    "simlukafusp is a non-alpha immunocytokine": (
        "simlukafusp alfa",
        "NonAlphaIL2ReceptorAgonist AntibodyCytokineFusion",
        "ImmuneCheckpointInhibitor PD1BlockingIL2ReceptorAgonist",
    ),
    "bifikafusp is an immunocytokine without a bias": (
        "bifikafusp alfa",
        "AntibodyCytokineFusion IL2ReceptorAgonist",
        "NonAlphaIL2ReceptorAgonist",
    ),
    "rezpegaldesleukin is for regulatory T cells": (
        "rezpegaldesleukin",
        "TregSelectiveIL2ReceptorAgonist AlphaBiasedIL2ReceptorAgonist IL2ReceptorAgonist",
        "NonAlphaIL2ReceptorAgonist",
    ),
    "efavaleukin is for regulatory T cells": (
        "efavaleukin alfa",
        "TregSelectiveIL2ReceptorAgonist IL2ReceptorAgonist",
        "NonAlphaIL2ReceptorAgonist AlphaBiasedIL2ReceptorAgonist",
    ),
    "basiliximab blocks the receptor": (
        "basiliximab",
        "IL2ReceptorAntagonist",
        "IL2PathwayAgonist IL2ReceptorAgonist ImmuneCheckpointInhibitor",
    ),
    "a toxin on CD25 is neither agonist nor blocker": (
        "camidanlumab tesirine",
        "",
        "IL2PathwayAgonist IL2ReceptorAntagonist CytotoxicAgent",
    ),
    "relatlimab blocks LAG-3": (
        "relatlimab",
        "LAG3Inhibitor ImmuneCheckpointInhibitor",
        "PD1PathwayInhibitor TIGITInhibitor",
    ),
    "a soluble LAG-3 does not block LAG-3": ("eftilagimod alfa", "", "LAG3Inhibitor ImmuneCheckpointInhibitor"),
    "tebotelimab blocks PD-1 and LAG-3": (
        "tebotelimab",
        "PD1Inhibitor LAG3Inhibitor BispecificCheckpointInhibitor",
        "CTLA4Inhibitor",
    ),
    "tiragolumab blocks TIGIT": (
        "tiragolumab",
        "TIGITInhibitor ImmuneCheckpointInhibitor",
        "PD1PathwayInhibitor LAG3Inhibitor",
    ),
    "rilvegostomig blocks PD-1 and TIGIT": (
        "rilvegostomig",
        "PD1Inhibitor TIGITInhibitor BispecificCheckpointInhibitor",
        "CTLA4Inhibitor PDL1Inhibitor",
    ),
    "sabatolimab blocks TIM-3": ("sabatolimab", "TIM3Inhibitor ImmuneCheckpointInhibitor", "PD1PathwayInhibitor"),
    "ipilimumab blocks CTLA-4": ("ipilimumab", "CTLA4Inhibitor ImmuneCheckpointInhibitor", "PD1PathwayInhibitor"),
    "quavonlimab blocks CTLA-4": ("quavonlimab", "CTLA4Inhibitor", "PD1Inhibitor"),
    "erfonrilimab blocks PD-L1 and CTLA-4": (
        "erfonrilimab",
        "PDL1Inhibitor CTLA4Inhibitor BispecificCheckpointInhibitor",
        "PD1Inhibitor",
    ),
    "pidilizumab is not placed by its name": ("pidilizumab", "", "PD1Inhibitor ImmuneCheckpointInhibitor"),
    "bevacizumab blocks the ligand": (
        "bevacizumab",
        "VEGFInhibitor VEGFPathwayInhibitor",
        "VEGFRInhibitor ImmuneCheckpointInhibitor",
    ),
    "ramucirumab blocks the receptor and is no kinase inhibitor": (
        "ramucirumab",
        "VEGFRInhibitor VEGFPathwayInhibitor",
        "VEGFInhibitor VEGFRTyrosineKinaseInhibitor",
    ),
    "axitinib inhibits the receptor": (
        "axitinib",
        "VEGFRTyrosineKinaseInhibitor VEGFRInhibitor VEGFPathwayInhibitor",
        "VEGFInhibitor CytotoxicAgent",
    ),
    "lenvatinib inhibits the receptor": ("lenvatinib", "VEGFRTyrosineKinaseInhibitor", "VEGFInhibitor EGFRInhibitor"),
    "cetuximab blocks EGFR": ("cetuximab", "EGFRInhibitor", "VEGFRInhibitor ImmuneCheckpointInhibitor"),
    "cisplatin is a platinum compound": ("cisplatin", "PlatinumCompound CytotoxicAgent", "AlkylatingAgent Taxane"),
    "nab-paclitaxel is a taxane": ("nab-paclitaxel", "Taxane CytotoxicAgent", "PlatinumCompound"),
    "pemetrexed is an antimetabolite": ("pemetrexed", "Antimetabolite CytotoxicAgent", "Taxane"),
    "cyclophosphamide is an alkylating agent": (
        "cyclophosphamide",
        "AlkylatingAgent CytotoxicAgent",
        "Antimetabolite PlatinumCompound",
    ),
    "fludarabine is an antimetabolite": ("fludarabine", "Antimetabolite", "AlkylatingAgent"),
    "irinotecan inhibits topoisomerase": ("irinotecan", "TopoisomeraseInhibitor", "Anthracycline"),
    "doxorubicin is an anthracycline and inhibits topoisomerase": (
        "doxorubicin",
        "Anthracycline TopoisomeraseInhibitor CytotoxicAgent",
        "AntibodyCytokineFusion",
    ),
    "vinorelbine is a vinca alkaloid": ("vinorelbine", "VincaAlkaloid CytotoxicAgent", "Taxane"),
    "interferon alfa is not cytotoxic": (
        "interferon alfa-2b",
        "InterferonAlphaProduct",
        "CytotoxicAgent IL2PathwayAgonist",
    ),
}
# Class → its members, where they are few enough to know them all.
WHOLE = {
    "AlphaBiasedIL2ReceptorAgonist": "ibi363 rezpegaldesleukin",
    "IL15ReceptorAgonist": "interleukin-15-human-recombinant nktr-255 nogapendekin-alfa",
    "IL2ReceptorAntagonist": "basiliximab daclizumab",
    "LAG3Inhibitor": "favezelimab fianlimab ieramilimab relatlimab tebotelimab",
    "NonAlphaIL2ReceptorAgonist": (
        "bempegaldesleukin cergutuzumab-amunaleukin mdna11 nemvaleukin-alfa pegenzileukin simlukafusp-alfa "
        "transcon-il-2-beta-gamma"
    ),
    "PD1BlockingIL2ReceptorAgonist": "ibi363",
    "PlatinumCompound": "carboplatin cisplatin lobaplatin nedaplatin oxaliplatin",
    "TIGITInhibitor": "domvanalimab ociperlimab rilvegostomig tiragolumab vibostolimab",
    "TIM3Inhibitor": "cobolimab sabatolimab",
    "TregSelectiveIL2ReceptorAgonist": "efavaleukin-alfa rezpegaldesleukin",
    "VEGFInhibitor": "aflibercept bevacizumab ivonescimab",
}
# Published and wrong: these stand in data in wide use, and must not come in from there.
WRONG = {
    ("pembrolizumab", "obo:NCIT_C2742"): "invented; the code is C106432",
    ("nivolumab", "mesh:D000082082"): "Immune Checkpoint Inhibitors; the record is D000077594",
    ("dostarlimab", "rxnorm:472407780"): "a PubChem substance number",
    ("cemiplimab", "obo:NCIT_C162611"): "disputed",
    ("cemiplimab", "obo:NCIT_C121540"): "disputed",
}
NO_SMALL_MOLECULES = ("retifanlimab", "quavonlimab", "sintilimab")


def answer(question: str, within: Mapping[str, Sequence[str]]) -> tuple[set[str], set[str]]:
    """What is missing and what is too much."""
    agent, among, not_among = QUESTIONS[question]
    classes = set(within[agent_iri(agent)])
    return (
        {name for name in among.split() if agent_class_iri(name) not in classes},
        {name for name in not_among.split() if agent_class_iri(name) in classes},
    )


@pytest.fixture(scope="module")
def kept() -> dict[str, tuple[str, ...]]:
    return load_agents().within


@pytest.fixture(scope="module")
def reasoned() -> dict[str, tuple[str, ...]]:
    return classify([ONTOLOGY / "trialkg.ttl", ONTOLOGY / "agents.ttl"]).agents


def test_there_are_enough_questions_and_they_name_classes_that_exist() -> None:
    classes = {thing.iri for thing in load_agents().classes}
    assert len(QUESTIONS) >= 25
    asked = {name for _, among, not_among in QUESTIONS.values() for name in (*among.split(), *not_among.split())}
    assert {agent_class_iri(name) for name in asked} == classes


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_file_that_ships_answers(kept: dict[str, tuple[str, ...]], question: str) -> None:
    assert answer(question, kept) == (set(), set())


@pytest.mark.java
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_reasoner_answers(reasoned: dict[str, tuple[str, ...]], question: str) -> None:
    assert answer(question, reasoned) == (set(), set())


@pytest.mark.parametrize("name", WHOLE)
def test_small_classes_have_these_members_and_no_others(kept: dict[str, tuple[str, ...]], name: str) -> None:
    agents = {agent.iri for agent in load_agents().agents}
    members = {compress(iri).partition(":")[2] for iri in agents if agent_class_iri(name) in kept[iri]}
    assert members == set(WHOLE[name].split())


def test_a_combination_of_two_classes_is_no_member_by_halves(kept: dict[str, tuple[str, ...]]) -> None:
    both = agent_class_iri("PD1BlockingIL2ReceptorAgonist")
    halves = {agent_class_iri("PD1Inhibitor"), agent_class_iri("IL2ReceptorAgonist")}
    for agent in load_agents().agents:
        assert (both in kept[agent.iri]) == (halves <= set(kept[agent.iri])), agent


@pytest.mark.parametrize(("agent", "identifier"), WRONG)
def test_identifiers_known_to_be_wrong_are_nowhere_in_our_files(agent: str, identifier: str) -> None:
    prefix, _, local = identifier.partition(":")
    assert (agent_iri(agent), PREFIXES[prefix] + local) not in {(m.subject, m.object) for m in load_mappings()}
    for name in ("agents.ttl", "agents.sssom.tsv", "agents-inferred.ttl"):
        text = (ONTOLOGY / name).read_text(encoding="utf-8")
        assert not re.search(rf"\b{re.escape(local)}\b", text), (name, WRONG[agent, identifier])


@pytest.mark.parametrize("agent", NO_SMALL_MOLECULES)
def test_antibodies_have_no_identifier_of_a_small_molecule(agent: str) -> None:
    found = [compress(mapping.object) for mapping in load_mappings() if mapping.subject == agent_iri(agent)]
    assert {identifier.partition(":")[0] for identifier in found} <= {"drugbank", "unii", "mesh", "obo"}
    assert not any(re.search(r"pubchem|chembl|CHEBI", identifier, re.IGNORECASE) for identifier in found)
