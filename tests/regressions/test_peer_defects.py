"""Defects seen in other projects that turn trial records into graphs, each with a test, so that it cannot be ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.config import resource
from kg.examples import paths
from kg.library import load_library
from kg.linking.linker import Linker, load_linker
from kg.mapping.criteria import split_criteria
from kg.mapping.study import Mapped, map_study
from kg.namespaces import PREFIXES, expand, mesh_iri
from kg.sources import Form, RawRecord, decode, read
from kg.terms import render

MESH = re.compile(r"<http://id\.nlm\.nih\.gov/mesh/([^>]*)>")
DECLARED = re.compile(rf"<{re.escape(PREFIXES['tkg'])}(\w+)>")


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


@pytest.fixture(scope="module")
def examples(linker: Linker) -> list[Mapped]:
    found = []
    for record in read(paths()):
        assert isinstance(record, RawRecord), record
        study = decode(record)
        found.append(map_study(study, linker.study(study), linker, record.data, record.form))
    return found


def mapped(
    nct_id: str = "NCT99999999",
    derived: dict[str, Any] | None = None,
    results: dict[str, Any] | None = None,
    **modules: Any,
) -> Mapped:
    identification = {"nctId": nct_id, "briefTitle": "Title"}
    record = {"protocolSection": {"identificationModule": identification, **modules}, "derivedSection": derived or {}}
    record["resultsSection"] = results or {}
    data, linker = json.dumps(record).encode(), load_linker()
    study = decode(RawRecord(data, Form.API_V2, "here"))
    return map_study(study, linker.study(study), linker, data, Form.API_V2)


def values(found: Mapped, curie: str, subject: str = "") -> list[str]:
    start = f"<{PREFIXES['trial']}{found.nct_id}{subject}"
    return [
        o
        for s, p, o in found.statements
        if p == f"<{expand(curie)}>" and (s == start + ">" if subject else s[:-1] == start)
    ]


def test_d01_exclusion_criteria_are_not_the_inclusion_criteria() -> None:
    """Bio2RDF read the exclusion criteria from the text of the inclusion criteria."""
    found = split_criteria("Inclusion Criteria:\n\n* Adult\n* Ill\n\nExclusion Criteria:\n\n* Pregnant\n* Allergic")
    assert [one.text for one in found.inclusion] == ["Adult", "Ill"]
    assert [one.text for one in found.exclusion] == ["Pregnant", "Allergic"]
    study = mapped(
        eligibilityModule={"eligibilityCriteria": "Inclusion Criteria:\n* Adult\nNon-inclusion Criteria:\n* Pregnant"}
    )
    assert values(study, "dcterms:description", "/eligibility/exclusion/1") == ['"Pregnant"']


def test_d02_mesh_terms_have_the_iris_of_nlm(examples: list[Mapped]) -> None:
    """Bio2RDF and LinkedCT made IRIs for MeSH terms from a hash or slug of the label."""
    concepts = {o for found in examples for _, p, o in found.statements if p == f"<{expand('tkg:conditionConcept')}>"}
    assert concepts
    assert {
        iri for iri in concepts if not re.fullmatch(r"<http://id\.nlm\.nih\.gov/mesh/[DC][0-9]{6,9}>", iri)
    } == set()


def test_d03_no_terms_concepts_qualifiers_or_years_of_mesh(examples: list[Mapped]) -> None:
    """Another project linked to MeSH *terms* (T000687) and to the IRIs of one year (mesh/2022/…)."""
    study = mapped(derived={"conditionBrowseModule": {"meshes": [{"id": "T000687", "term": "Term"}]}})
    text = "".join(render(found.statements) for found in [*examples, study])
    ids = set(MESH.findall(text)) - {""}
    assert ids
    assert {ui for ui in ids if not re.fullmatch("[DC][0-9]{6,9}", ui)} == set()


def test_d04_a_condition_is_not_linked_to_the_term_of_another() -> None:
    """Samyama linked every condition of a study to every MeSH term of the study, ancestors included."""
    study = mapped(
        conditionsModule={"conditions": ["Zzyzx", "Psoriasis"]},
        derived={
            "conditionBrowseModule": {
                "meshes": [{"id": "D011565", "term": "Psoriasis"}, {"id": "D008545", "term": "Melanoma"}],
                "ancestors": [{"id": "D012871", "term": "Skin Diseases"}],
            }
        },
    )
    assert values(study, "tkg:link", "/condition/1") == []
    assert {o for link in (1, 2) for o in values(study, "tkg:concept", f"/condition/2/link/{link}")} == {
        f"<{mesh_iri('D011565')}>"
    }
    concepts = values(study, "tkg:conditionConcept")
    assert f"<{mesh_iri('D012871')}>" not in concepts
    assert f"<{mesh_iri('D012871')}>" in values(study, "tkg:conditionWithin")


def test_d05_counts_are_of_distinct_things() -> None:
    """Samyama published 101,005 studies for a condition that 28,130 have: rows were counted, not studies."""
    counting = [query for query in load_library().values() if re.search(r"\bCOUNT\b", query.text, re.IGNORECASE)]
    assert counting
    for query in counting:
        for count in re.findall(r"\bCOUNT\s*\(\s*(\w+|\*|\?)", query.text, re.IGNORECASE):
            assert count.upper() == "DISTINCT", query.name


def test_d06_nothing_is_linked_to_itself_for_want_of_a_target(examples: list[Mapped]) -> None:
    """Samyama's loader put the event type where the term belongs, and a link from a node to itself where none was."""
    for found in examples:
        assert [statement for statement in found.statements if statement[0] == statement[2]] == []


TWO_GROUPS = {
    "adverseEventsModule": {
        "eventGroups": [{"id": "EG000", "title": "Drug"}, {"id": "EG001", "title": "Placebo"}],
        "seriousEvents": [
            {
                "term": "Colitis",
                "organSystem": "Gastrointestinal disorders",
                "stats": [
                    {"groupId": "EG000", "numAffected": 3, "numAtRisk": 40},
                    {"groupId": "EG001", "numAffected": 0, "numAtRisk": 38},
                ],
            }
        ],
        "otherEvents": [{"term": "Colitis", "stats": [{"groupId": "EG000", "numAffected": 5, "numAtRisk": 40}]}],
    }
}


def test_d06_an_adverse_event_has_its_term_its_table_and_the_numbers_of_each_group() -> None:
    found = mapped(results=TWO_GROUPS)
    event = "/result/adverse-event/serious/1"
    assert values(found, "rdfs:label", event) == ['"Colitis"']
    assert values(found, "tkg:seriousness", event) == [f"<{expand('seriousness:serious')}>"]
    assert values(found, "tkg:seriousness", "/result/adverse-event/other/1") == [f"<{expand('seriousness:other')}>"]
    numbers = [
        (values(found, "tkg:affected", f"{event}/count/{n}")[0], values(found, "tkg:atRisk", f"{event}/count/{n}")[0])
        for n in (1, 2)
    ]
    assert [(a.split('"')[1], r.split('"')[1]) for a, r in numbers] == [("3", "40"), ("0", "38")]


def test_d11_adverse_events_and_references_to_results_are_there() -> None:
    """Bio2RDF had no adverse events, and LinkedCT showed no reference to results where the registry had one."""
    references = {
        "references": [{"pmid": "1", "type": "RESULT", "citation": "A paper"}, {"pmid": "2", "type": "DERIVED"}]
    }
    found = mapped(results=TWO_GROUPS, referencesModule=references)
    assert len(values(found, "tkg:adverseEvent")) == 2
    assert len(values(found, "tkg:reference")) == 2
    assert values(found, "tkg:referenceType", "/reference/1") == [f"<{expand('reference-type:result')}>"]


def test_d12_a_value_that_cannot_be_expressed_is_named_and_never_only_gone() -> None:
    """RTX-KG2 lost the predicates of an input, and with them its edges, without a word."""
    found = mapped(designModule={"phases": ["PHASE9"], "studyType": "INTERVENTIONAL"})
    assert values(found, "tkg:phase") == []
    assert found.rejected == {"designModule.phases[]": 1}
    assert any("PHASE9" in note for note in found.notes)


def test_d07_a_study_of_two_phases_has_both() -> None:
    """Samyama joined the phases into one string, so that a question for phase 2 missed every phase 1/2 study."""
    study = mapped(designModule={"phases": ["PHASE1", "PHASE2"]})
    phase = PREFIXES["phase"]
    assert values(study, "tkg:phase") == [f"<{phase}phase-1>", f"<{phase}phase-2>"]


def test_d08_every_term_used_is_in_the_vocabulary(examples: list[Mapped]) -> None:
    """Samyama's schema promised classes and links that its graph does not have."""
    with resource("ontology", "trialkg.ttl").open("rb") as file:
        declared = {
            quad.subject.value
            for quad in ox.parse(file, format=ox.RdfFormat.TURTLE)
            if isinstance(quad.subject, ox.NamedNode)
        }
    used = {
        PREFIXES["tkg"] + name
        for found in examples
        for statement in found.statements
        for term in statement[1:]
        for name in DECLARED.findall(term)
        if term.startswith("<")
    }
    assert used <= declared


@pytest.mark.parametrize("value", ["NCT 99999999", "NCT99999999\t", "NCT9999999", "nct99999999", "NCT99999999>"])
def test_d09_no_record_puts_other_characters_into_an_iri(value: str) -> None:
    """In another project a tab inside an IRI broke the loading of everything."""
    from kg.errors import RecordError

    with pytest.raises(RecordError):
        mapped(nct_id=value)


def test_d09_every_statement_parses_whatever_the_record_holds() -> None:
    nasty = 'tab\there "quote" \\ <angle> {brace} \n `tick` ^ | \u0000 \u2028 \U0001f600'
    study = mapped(
        sponsorCollaboratorsModule={"leadSponsor": {"name": nasty, "class": nasty}, "collaborators": [{"name": "\t"}]},
        conditionsModule={"conditions": [nasty], "keywords": [nasty]},
        armsInterventionsModule={"interventions": [{"type": nasty, "name": nasty, "otherNames": [nasty]}]},
        contactsLocationsModule={"locations": [{"facility": nasty, "country": nasty}]},
        referencesModule={"references": [{"pmid": nasty, "citation": nasty}]},
    )
    quads = list(ox.parse(render(study.statements).encode(), format=ox.RdfFormat.N_TRIPLES))
    assert len(quads) == len(study.statements)


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_d10_every_site_is_there(count: int) -> None:
    """Bio2RDF kept the first site of each study only, until 2017."""
    study = mapped(contactsLocationsModule={"locations": [{"facility": f"Site {n}"} for n in range(count)]})
    assert len(values(study, "tkg:site")) == count
    assert len({o for n in range(1, count + 1) for o in values(study, "rdfs:label", f"/site/{n}")}) == count


def test_d18_the_geo_vocabulary_is_http(examples: list[Mapped]) -> None:
    """rdflib 7 gives the WGS 84 vocabulary an https namespace that it does not have."""
    assert expand("wgs:lat") == "http://www.w3.org/2003/01/geo/wgs84_pos#lat"
    study = mapped(contactsLocationsModule={"locations": [{"geoPoint": {"lat": 1.5, "lon": 2.5}}]})
    text = "".join(render(found.statements) for found in [*examples, study])
    assert "<http://www.w3.org/2003/01/geo/wgs84_pos#lat>" in text
    assert "https://www.w3.org/2003/01/geo" not in text


def test_d19_a_registry_term_is_kept_though_no_string_equals_it() -> None:
    """ctgforge kept a MeSH id only where the registered string is the MeSH label, so every synonym lost it."""
    study = mapped(
        conditionsModule={"conditions": ["An illness of no name", "HNSCC"]},
        derived={
            "conditionBrowseModule": {
                "meshes": [
                    {"id": "D000077195", "term": "Squamous Cell Carcinoma of Head and Neck"},
                    {"id": "D011565", "term": "Psoriasis"},
                ]
            }
        },
    )
    concepts = values(study, "tkg:conditionConcept")
    assert {f"<{mesh_iri('D000077195')}>", f"<{mesh_iri('D011565')}>"} <= set(concepts)
    assert values(study, "tkg:concept", "/link/1") == [f"<{mesh_iri('D011565')}>"]
    assert len(values(study, "tkg:link", "/condition/2")) == 2


def test_d20_what_is_true_of_one_study_stands_on_no_shared_node(linker: Linker) -> None:
    """ctgforge merged interventions by name, so that arm types came from whichever study was first."""
    entry = {"type": "DRUG", "name": "nivolumab", "description": "as here"}

    def study(nct_id: str, kind: str) -> Mapped:
        arm = {"label": "A", "type": kind, "interventionNames": ["Drug: nivolumab"]}
        return mapped(nct_id, armsInterventionsModule={"armGroups": [arm], "interventions": [entry]})

    one, other = study("NCT99999998", "EXPERIMENTAL"), study("NCT99999999", "ACTIVE_COMPARATOR")
    shared = {s for s, _, _ in one.statements} & {s for s, _, _ in other.statements}
    assert shared == set()
    assert values(one, "tkg:role", "/arm/1/use/1") != values(other, "tkg:role", "/arm/1/use/1")


def test_d20_of_shared_nodes_only_names_and_classes_are_said(examples: list[Mapped]) -> None:
    organization = f"<{PREFIXES['organization']}"
    said = {p for found in examples for s, p, _ in found.statements if s.startswith(organization)}
    assert said <= {f"<{expand(curie)}>" for curie in ("rdf:type", "rdfs:label", "tkg:agencyClass")}
    others = {
        s
        for found in examples
        for s, _, _ in found.statements
        if not s.startswith((organization, f"<{PREFIXES['trial']}{found.nct_id}"))
    }
    assert others == set()


def test_each_defect_of_the_list_has_its_test() -> None:
    names = re.findall(r"^def test_d(\d\d)_", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(name) for name in names} == {*range(1, 13), 18, 19, 20}
