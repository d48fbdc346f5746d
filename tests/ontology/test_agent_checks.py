"""The checks of the facts of the drug ontology: each catches the fault it is made for."""

from __future__ import annotations

import pyoxigraph
import pytest

from kg.namespaces import expand, sparql_prologue
from kg.terms import render
from kg.vocabularies.checks import load_checks, merged, run

CHECKS = {check.name: check for check in load_checks() if check.over == "agents"}

# Check → a fault, as an update of the sound graph, and the subject that must be found.
FAULTS = {
    "label-missing": ("DELETE WHERE { agent:nivolumab skos:prefLabel ?l }", "agent:nivolumab"),
    "label-several": ('INSERT DATA { agent:nivolumab skos:prefLabel "nivo"@en }', "agent:nivolumab"),
    "name-of-two": ('INSERT DATA { agent:nivolumab skos:altLabel "mk3475" }', "agent:nivolumab"),
    "name-is-iri-of-another": ('INSERT DATA { agent:nivolumab skos:altLabel "Nab Paclitaxel" }', "agent:nivolumab"),
    "name-is-identifier": ('INSERT DATA { agent:nivolumab skos:altLabel "31YO63LBSN" }', "agent:nivolumab"),
    "name-equals-label": ('INSERT DATA { agent:nivolumab skos:altLabel "Nivolumab" }', "agent:nivolumab"),
    "name-too-short": ('INSERT DATA { agent:fluorouracil skos:altLabel "FU" }', "agent:fluorouracil"),
    "name-unclean": ('INSERT DATA { agent:nivolumab skos:altLabel "Opdivo®" }', "agent:nivolumab"),
    "class-without-definition": ("DELETE WHERE { agent:Taxane skos:definition ?t }", "agent:Taxane"),
    "class-without-member": ("DELETE WHERE { ?a tkg:within agent:EGFRInhibitor }", "agent:EGFRInhibitor"),
    "agent-without-class": ("DELETE WHERE { agent:nivolumab tkg:within ?c }", "agent:nivolumab"),
    "agent-outside-inference": (
        'INSERT DATA { agent:newmab a tkg:Agent ; skos:prefLabel "newmab"@en }',
        "agent:newmab",
    ),
    "agent-without-source": ("DELETE WHERE { agent:nivolumab dcterms:source ?s }", "agent:nivolumab"),
    "agent-without-modality": ("INSERT DATA { agent:nivolumab tkg:modality modality:vaccine }", "agent:nivolumab"),
    "agent-without-fact": ("DELETE WHERE { agent:cisplatin tkg:drugGroup ?g ; rdfs:comment ?c }", "agent:cisplatin"),
    "agent-without-identifier": ("DELETE WHERE { agent:docetaxel skos:exactMatch ?m }", "agent:docetaxel"),
    "action-without-kind": (
        "DELETE WHERE { <https://w3id.org/trialkg/agent/nivolumab/action/1> tkg:action ?k }",
        "agent:nivolumab/action/1",
    ),
    "action-without-target": (
        "DELETE WHERE { <https://w3id.org/trialkg/agent/nivolumab/action/1> tkg:target ?t }",
        "agent:nivolumab/action/1",
    ),
    "action-without-source": (
        "DELETE WHERE { <https://w3id.org/trialkg/agent/nivolumab/action/1> dcterms:source ?s }",
        "agent:nivolumab/action/1",
    ),
    "action-not-owned": ("DELETE WHERE { agent:nivolumab tkg:actsOn ?a }", "agent:nivolumab/action/1"),
    "actions-contradict": (
        "INSERT DATA { agent:nivolumab tkg:actsOn <https://example.org/a> . "
        "<https://example.org/a> tkg:action action:agonist ; tkg:target uniprot:Q15116 }",
        "agent:nivolumab",
    ),
    "selectivity-contradicts": (
        "INSERT DATA { <https://w3id.org/trialkg/agent/aldesleukin/action/1> tkg:selectivity selectivity:beta-gamma }",
        "agent:aldesleukin/action/1",
    ),
    "bispecific-with-one-target": (
        "DELETE WHERE { <https://w3id.org/trialkg/agent/ivonescimab/action/2> ?p ?o }",
        "agent:ivonescimab",
    ),
    "immunocytokine-without-cytokine": ("DELETE WHERE { agent:ibi363 tkg:derivedFrom ?p }", "agent:ibi363"),
    "code-unknown": ("INSERT DATA { agent:cisplatin tkg:drugGroup drug-group:platinum }", "agent:cisplatin"),
    "deprecated-in-use": ("INSERT DATA { drug-group:taxane owl:deprecated true }", "agent:paclitaxel"),
    "protein-malformed": (
        "DELETE DATA { uniprot:Q8TDQ0 rdfs:seeAlso hgnc:18437 } ; INSERT DATA { uniprot:Q8TDQ0 rdfs:seeAlso hgnc: }",
        "uniprot:Q8TDQ0",
    ),
    "protein-unused": ("DELETE WHERE { ?a tkg:target uniprot:P00533 }", "uniprot:P00533"),
    "proteins-share": ("INSERT DATA { uniprot:P00533 rdfs:seeAlso hgnc:8760 }", "uniprot:P00533"),
    "identifier-malformed": ("INSERT DATA { agent:nivolumab skos:closeMatch mesh:T000687 }", "agent:nivolumab"),
    "identifier-of-two": ("INSERT DATA { agent:nivolumab skos:closeMatch mesh:C582435 }", "agent:nivolumab"),
    "identifier-several": ("INSERT DATA { agent:nivolumab skos:exactMatch mesh:D007376 }", "agent:nivolumab"),
    "identifier-of-nothing": ("INSERT DATA { agent:renamed skos:exactMatch mesh:D000001 }", "agent:renamed"),
    "identifier-known-wrong": ("INSERT DATA { agent:nivolumab skos:closeMatch mesh:D000082082 }", "agent:nivolumab"),
    "antibody-with-small-molecule-identifier": (
        "INSERT DATA { agent:sintilimab skos:exactMatch <https://identifiers.org/pubchem.compound:2244> }",
        "agent:sintilimab",
    ),
    "source-not-free": ('INSERT DATA { agent:nivolumab dcterms:source "ClinPGx 2025" }', "agent:nivolumab"),
}


@pytest.fixture(scope="module")
def sound() -> str:
    """The whole ontology as N-Triples: loading it is quicker than merging it anew for each fault."""
    return (merged().dump(format=pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.DefaultGraph()) or b"").decode()


@pytest.fixture
def store(sound: str) -> pyoxigraph.Store:
    fresh = pyoxigraph.Store()
    fresh.load(sound.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return fresh


def test_every_check_has_a_fault_that_it_must_catch() -> None:
    assert FAULTS.keys() == CHECKS.keys()


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_finds_its_fault_and_did_not_before(store: pyoxigraph.Store, name: str) -> None:
    update, subject = FAULTS[name]
    before = {finding.subject for finding in run(CHECKS[name], store)}
    assert expand(subject) not in before
    store.update(sparql_prologue() + update)
    assert expand(subject) in {finding.subject for finding in run(CHECKS[name], store)}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_fault_of_another_kind_is_not_found(store: pyoxigraph.Store, name: str) -> None:
    before = run(CHECKS[name], store)
    store.update(sparql_prologue() + 'INSERT DATA { agent:nivolumab skos:altLabel "nivolumab for injection" }')
    assert run(CHECKS[name], store) == before


@pytest.mark.parametrize(
    ("name", "update", "subject"),
    [
        ("name-of-two", 'INSERT DATA { agent:Taxane skos:altLabel "tax ol" }', "agent:paclitaxel"),
        ("name-of-two", 'INSERT DATA { agent:cetuximab skos:altLabel "ALKS4230" }', "agent:nemvaleukin-alfa"),
        ("name-too-short", 'INSERT DATA { agent:cisplatin skos:altLabel "15663-27-1" }', "agent:cisplatin"),
        ("name-is-identifier", 'INSERT DATA { agent:cisplatin skos:altLabel "15663-27-1" }', "agent:cisplatin"),
        ("name-is-identifier", 'INSERT DATA { agent:cisplatin skos:altLabel "NCT00000001" }', "agent:cisplatin"),
        ("selectivity-contradicts", "INSERT DATA { agent:x tkg:selectivity selectivity:alpha }", "agent:x"),
        ("deprecated-in-use", "INSERT DATA { agent:pidilizumab owl:deprecated true . }", None),
        ("deprecated-in-use", "INSERT DATA { agent:nivolumab owl:deprecated true . }", "agent:nivolumab"),
        ("deprecated-in-use", "INSERT DATA { tkg:drugGroup owl:deprecated true . }", "agent:cisplatin"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch drugbank:DB1 }", "agent:x"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch unii:123 }", "agent:x"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch obo:CHEBI_1 }", "agent:x"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch rxnorm:472407780 }", "agent:x"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch atc:L01FF01 }", "agent:x"),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch mesh:C000582435 }", None),
        ("identifier-malformed", "INSERT DATA { agent:x skos:exactMatch chembl:CHEMBL2108738 }", None),
        ("protein-malformed", "INSERT DATA { agent:x tkg:target uniprot:PDCD1 }", "agent:x"),
        ("protein-malformed", "INSERT DATA { agent:x tkg:target uniprot:P12345 }", "agent:x"),
        ("source-not-free", "INSERT DATA { agent:x skos:closeMatch atc:L01FF01 }", "agent:x"),
    ],
)
def test_further_faults(store: pyoxigraph.Store, name: str, update: str, subject: str | None) -> None:
    before = set(run(CHECKS[name], store))
    store.update(sparql_prologue() + update)
    found = {finding.subject for finding in set(run(CHECKS[name], store)) - before}
    assert found >= {expand(subject)} if subject else found == set()


def test_a_name_of_one_agent_written_in_two_ways_is_no_fault(store: pyoxigraph.Store) -> None:
    store.update(sparql_prologue() + 'INSERT DATA { agent:pembrolizumab skos:altLabel "mk-34 75" }')
    assert run(CHECKS["name-of-two"], store) == []


def test_there_are_checks_for_what_the_drug_ontology_promises() -> None:
    assert len(CHECKS) >= 30


def test_what_is_checked_is_what_the_store_gets(sound: str) -> None:
    from kg.vocabularies.agents import statements

    assert set(render(statements()).splitlines()) <= set(sound.splitlines())
