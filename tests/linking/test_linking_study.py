"""The links of whole studies: what stands beside which string, and what is said of the study alone."""

from __future__ import annotations

from typing import Any

import pytest

from kg.linking.link import Link
from kg.linking.linker import Linker, StudyLinks, load_linker
from kg.study import (
    ArmsInterventions,
    Browse,
    Conditions,
    Derived,
    Description,
    Identification,
    Intervention,
    MeshTerm,
    Page,
    Protocol,
    Study,
)

MELANOMA, PSORIASIS = MeshTerm(id="D008545", term="Melanoma"), MeshTerm(id="D011565", term="Psoriasis")


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


def study(
    *,
    conditions: tuple[str, ...] = (),
    interventions: tuple[Intervention, ...] = (),
    condition_terms: tuple[MeshTerm, ...] = (),
    intervention_terms: tuple[MeshTerm, ...] = (),
    keywords: tuple[str, ...] = (),
    title: str | None = None,
    summary: str | None = None,
    page: Page | None = None,
) -> Study:
    return Study(
        protocol_section=Protocol(
            identification_module=Identification(nct_id="NCT99999999", brief_title=title),
            description_module=Description(brief_summary=summary),
            conditions_module=Conditions(conditions=list(conditions), keywords=list(keywords)),
            arms_interventions_module=ArmsInterventions(interventions=list(interventions)),
        ),
        derived_section=Derived(
            condition_browse_module=Browse(meshes=list(condition_terms)),
            intervention_browse_module=Browse(meshes=list(intervention_terms)),
        ),
        page=page,
    )


def short(links: tuple[Link, ...] | list[Link]) -> list[tuple[str, str, str]]:
    return [(link.concept.iri.rpartition("/")[2], link.method, link.text) for link in links]


def linked(linker: Linker, given: Study) -> StudyLinks:
    found = linker.study(given)
    assert len(found.conditions) == len(given.protocol_section.conditions_module.conditions)
    assert len(found.interventions) == len(given.protocol_section.arms_interventions_module.interventions)
    return found


def test_a_registry_term_stands_beside_the_string_that_means_it(linker: Linker) -> None:
    found = linked(linker, study(conditions=("Psoriasis", "Melanoma"), condition_terms=(MELANOMA, PSORIASIS)))
    assert short(found.conditions[0]) == [("D011565", "exact", "Psoriasis"), ("D011565", "registry", "Psoriasis")]
    assert short(found.conditions[1]) == [("D008545", "exact", "Melanoma"), ("D008545", "registry", "Melanoma")]
    assert found.registry_conditions == []


def test_a_registry_term_that_no_string_means_is_the_studys(linker: Linker) -> None:
    found = linked(linker, study(conditions=("Zzyzx", "Melanoma"), condition_terms=(PSORIASIS, MELANOMA)))
    assert found.conditions[0] == ()
    assert short(found.registry_conditions) == [("D011565", "registry", "Psoriasis")]


@pytest.mark.parametrize("padded", ["D008545", "D000008545"])
def test_zero_padded_ids_are_the_same_record(linker: Linker, padded: str) -> None:
    found = linked(linker, study(condition_terms=(MeshTerm(id=padded, term="Melanoma"),)))
    assert short(found.registry_conditions) == [("D008545", "registry", "Melanoma")]


def test_a_registry_drug_is_the_agent_of_the_drug_ontology(linker: Linker) -> None:
    term = MeshTerm(id="C000582435", term="pembrolizumab")
    found = linked(linker, study(intervention_terms=(term,)))
    assert short(found.registry_interventions) == [("pembrolizumab", "registry", "pembrolizumab")]


@pytest.mark.parametrize("wrong", ["T000687", "M0013493", "Q000628", "melanoma", "", None])
def test_what_is_no_mesh_record_is_noted(linker: Linker, wrong: str | None) -> None:
    found = linked(linker, study(condition_terms=(MeshTerm(id=wrong, term="Something"), MELANOMA)))
    assert short(found.registry_conditions) == [("D008545", "registry", "Melanoma")]
    assert len(found.notes) == 1
    assert "'Something'" in found.notes[0]


def test_a_term_of_another_mesh_year_is_kept_and_noted(linker: Linker) -> None:
    found = linked(linker, study(condition_terms=(MeshTerm(id="D999999999", term="New"),)))
    assert short(found.registry_conditions) == [("D999999999", "registry", "New")]
    assert "not in the installed MeSH" in found.notes[0]


def test_other_names_speak_only_where_the_name_is_silent(linker: Linker) -> None:
    brand = Intervention(type="DRUG", name="Study drug", other_names=["Keytruda", "MK-3475"])
    clear = Intervention(type="DRUG", name="nivolumab", other_names=["Keytruda"])
    found = linked(linker, study(interventions=(brand, clear)))
    assert {link.concept.label for link in found.interventions[0]} == {"pembrolizumab"}
    assert {link.concept.label for link in found.interventions[1]} == {"nivolumab"}


def test_keywords_explain_nothing_else(linker: Linker) -> None:
    found = linked(linker, study(conditions=("Zzyzx",), keywords=("Melanoma", "Keytruda", "a long story of melanoma")))
    assert short(found.keyword_links) == [("D008545", "exact", "Melanoma"), ("pembrolizumab", "synonym", "Keytruda")]
    assert found.conditions == [()]
    assert found.registry_conditions == []


def test_an_abbreviation_is_what_the_record_says_it_is(linker: Linker) -> None:
    by_summary = linked(linker, study(conditions=("NPC",), summary="People with nasopharyngeal carcinoma (NPC)."))
    assert short(by_summary.conditions[0]) == [("D000077274", "abbreviation", "NPC")]
    other = linked(linker, study(conditions=("NPC",), summary="People with Niemann-Pick disease type C (NPC)."))
    assert "D000077274" not in {iri for iri, _, _ in short(other.conditions[0])}
    assert linked(linker, study(conditions=("NPC",))).conditions == [()]


def test_an_abbreviation_is_what_the_title_spells_out(linker: Linker) -> None:
    found = linked(linker, study(conditions=("Recurrent or Metastatic NPC",), title="A Drug for Nasopharyngeal Cancer"))
    assert short(found.conditions[0]) == [("D009303", "abbreviation", "Recurrent or Metastatic NPC")]
    two = linked(linker, study(conditions=("ABC",), title="Anal Bladder Cancer and Acute Bronchitis Cough"))
    assert two.conditions == [()]


@pytest.mark.parametrize(
    ("short", "given", "label"),
    [
        ("T2DM", {"title": "Walking in People With Type 2 Diabetes"}, "Diabetes Mellitus, Type 2"),
        ("T2DM", {"keywords": ("type 2 diabetes",)}, "Diabetes Mellitus, Type 2"),
        ("CHF", {"summary": "Congestive heart failure (CHF) is common."}, "Heart Failure"),
        ("CHF", {"summary": "CHF (congestive heart failure) is common."}, "Heart Failure"),
        ("DM", {"summary": "People with myotonic dystrophy (DM)."}, "Myotonic Dystrophy"),
        ("PKU", {"summary": "Children with phenylketonuria (PKU)."}, "Phenylketonurias"),
        ("SCA3", {"summary": "Spinocerebellar ataxia (SCA) has many types."}, "Machado-Joseph Disease"),
        ("HD", {"keywords": ("Huntington disease",)}, "Huntington Disease"),
        ("Refractory MM", {"summary": "In multiple myeloma (MM) they"}, "Multiple Myeloma"),
    ],
)
def test_an_abbreviation_by_the_rest_of_the_record(
    linker: Linker, short: str, given: dict[str, Any], label: str
) -> None:
    names = [link.concept.label for link in linked(linker, study(conditions=(short,), **given)).conditions[0]]
    assert names == [label]


def test_the_record_goes_before_what_an_abbreviation_usually_means(linker: Linker) -> None:
    usual = linked(linker, study(conditions=("COPD",)))
    assert [link.concept.label for link in usual.conditions[0]] == ["Pulmonary Disease, Chronic Obstructive"]
    here = linked(linker, study(conditions=("COPD",), summary="Cutaneous or plantar dermatitis (COPD)."))
    assert "Pulmonary Disease, Chronic Obstructive" not in [link.concept.label for link in here.conditions[0]]


def test_what_is_known_stays_where_the_record_says_the_same(linker: Linker) -> None:
    text = "Chronic obstructive pulmonary disease (COPD) is studied."
    assert (
        linked(linker, study(conditions=("COPD",), summary=text)).conditions
        == linked(linker, study(conditions=("COPD",))).conditions
    )


def test_an_abbreviated_intervention(linker: Linker) -> None:
    drug = Intervention(type="DRUG", name="NBPX")
    found = linked(linker, study(interventions=(drug,), summary="They get nab paclitaxel (NBPX) each week."))
    assert short(found.interventions[0]) == [("nab-paclitaxel", "abbreviation", "NBPX")]
    assert linked(linker, study(interventions=(drug,))).interventions == [()]


def test_runs_of_a_page(linker: Linker) -> None:
    page = Page(
        keyword_runs=["IL-2 Zzyzx Keytruda"],
        mesh_runs=["Head and Neck Neoplasms Neoplasms", "Pembrolizumab Antineoplastic Agents, Immunological Zzyzx"],
    )
    found = linked(linker, study(conditions=("Head and Neck Cancer",), keywords=("kept",), page=page))
    assert found.keywords == ["kept", "IL-2", "Zzyzx", "Keytruda"]
    assert [method for _, method, _ in short(found.conditions[0])] == ["synonym", "registry"]
    assert [iri for iri, _, _ in short(found.registry_interventions)] == ["pembrolizumab"]
    assert found.notes == ["registry MeSH term 'Zzyzx' is not in the installed MeSH"]


def test_terms_without_ids_are_known_by_name_and_those_above_them_are_not_asserted(linker: Linker) -> None:
    terms = ("Head and Neck Neoplasms", "Neoplasms", "melanoma", "Zzyzx")
    found = linked(linker, study(condition_terms=tuple(MeshTerm(term=term) for term in terms)))
    assert [iri for iri, _, _ in short(found.registry_conditions)] == ["D006258", "D008545"]
    assert found.notes == ["registry MeSH term 'Zzyzx' is not in the installed MeSH"]


def test_within_is_reflexive_and_reaches_the_top(linker: Linker) -> None:
    melanoma = "http://id.nlm.nih.gov/mesh/D008545"
    assert linker.within(melanoma)[0] == melanoma
    assert "https://w3id.org/trialkg/code/mesh-category/C" in linker.within(melanoma)
    assert linker.within("https://example.org/unknown") == ("https://example.org/unknown",)


def test_an_empty_study_has_no_links(linker: Linker) -> None:
    found = linker.study(Study())
    assert found == StudyLinks([], [], [], [], [], [], [], [])
