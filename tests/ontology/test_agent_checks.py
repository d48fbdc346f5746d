"""The checks of the drug ontology: it passes them, and each catches the fault it is made for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand, sparql_prologue
from kg.terms import render
from kg.vocabularies.checks import SEVERITIES, Check, findings, load_checks, load_exceptions, main, merged, run

ONTOLOGY = Path(str(resource("ontology")))
CHECKS = {check.name: check for check in load_checks()}
TKG = Namespace(PREFIXES["tkg"])

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, copy)
    return copy


def test_the_ontology_passes_every_check() -> None:
    assert findings() == []


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


# --- heads, exceptions, terms


def test_there_are_checks_for_what_the_ontology_promises() -> None:
    assert len(CHECKS) >= 30
    assert {check.severity for check in CHECKS.values()} == set(SEVERITIES)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_heads_are_sentences_and_names_say_what_is_found(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", check.name)
    for text in (check.summary, check.why):
        assert re.fullmatch(r"[A-Z].*\.", text), check.name
    assert len({other.summary for other in CHECKS.values()}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_checks_use_prefixes_and_terms_that_exist(check: Check) -> None:
    declared = dict(re.findall(r"^PREFIX (\S+): <(.*)>$", check.text, re.MULTILINE))
    assert {prefix: PREFIXES[prefix] for prefix in declared} == declared
    body = re.sub(r'"[^"\n]*"|<[^>\n]*>|#.*', "", check.text)
    assert {prefix for prefix in declared if f"{prefix}:" not in body} == set()
    vocabulary = Graph().parse(ONTOLOGY / "trialkg.ttl")
    for name in re.findall(r"\btkg:(\w+)", body):
        assert (TKG[name], RDF.type, None) in vocabulary, name
    codes = Graph().parse(ONTOLOGY / "codes.ttl")
    for name in re.findall(r"\b((?:action|modality|selectivity):[a-z-]+)", body):
        assert (URIRef(expand(name)), RDF.type, SKOS.Concept) in codes, name


def test_exceptions_name_a_check_an_agent_and_a_reason() -> None:
    labels = Graph().parse(ONTOLOGY / "agents.ttl")
    for (check, subject), reason in load_exceptions().items():
        assert check in CHECKS
        assert isinstance(labels.value(URIRef(subject), SKOS.prefLabel), Literal), subject
        assert re.fullmatch(r"[A-Z].*\.", reason)


def test_violations_have_no_exceptions() -> None:
    assert {CHECKS[check].severity for check, _ in load_exceptions()} == {"warning"}


def test_an_exception_that_nothing_needs_is_found(folder: Path) -> None:
    with (folder / "checks" / "exceptions.tsv").open("a", encoding="utf-8") as file:
        file.write("agent-without-class\tagent:nivolumab\tBy mistake.\n")
    (finding,) = findings(folder)
    assert (finding.check, finding.subject) == ("agent-without-class", expand("agent:nivolumab"))
    assert "no longer" in finding.detail or "any longer" in finding.detail


def test_without_its_exceptions_every_known_gap_is_found(folder: Path) -> None:
    (folder / "checks" / "exceptions.tsv").write_text("check\tsubject\treason\n", encoding="utf-8")
    assert {(finding.check, finding.subject) for finding in findings(folder)} == load_exceptions().keys()


# --- unhappy paths


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT * WHERE { ?s ?p ?o }", "has the head nothing"),
        ("#+ summary: A.\n#+ severity: bad\n#+ why: B.\nSELECT ?subject ?detail {}", "severity violation or warning"),
    ],
)
def test_a_check_without_a_proper_head_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "a-check.rq").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=complaint):
        load_checks(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("SELECT", "is not SPARQL"), ("ASK {}", "no subject and detail"), ("SELECT ?s {}", "no subject and detail")],
)
def test_a_check_that_is_no_such_query_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        run(Check("odd", "Odd.", "warning", "Odd.", text), pyoxigraph.Store())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no table of exceptions"),
        ("check\tsubject\treason\nlabel-missing\tagent:x\n", r"exceptions.tsv:2: row"),
        ("check\tsubject\treason\nlabel-missing\tagent:x\t\n", "a reason"),
        ("check\tsubject\treason\na\tagent:x\tB.\na\tagent:x\tC.\n", r"exceptions.tsv:3"),
    ],
)
def test_a_malformed_table_of_exceptions_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "exceptions.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=complaint):
        load_exceptions(tmp_path)


def test_the_command_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ontology", str(folder)]) == 0
    assert f"{len(CHECKS)} checks, 0 findings" in capsys.readouterr().out
    text = (folder / "agents.ttl").read_text(encoding="utf-8")
    (folder / "agents.ttl").write_text(text.replace('"BGB-A1217"', '"BGB-A1217" , "MK 7684"', 1), encoding="utf-8")
    assert main(["--ontology", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "violation\tname-of-two\tagent:ociperlimab\tMK 7684 is a name of" in shown
    assert "violation\tname-of-two\tagent:vibostolimab\tMK-7684 is a name of" in shown
    (folder / "agents.ttl").write_text("not Turtle", encoding="utf-8")
    assert main(["--ontology", str(folder)]) == 2
    assert "is not Turtle" in capsys.readouterr().err


def test_what_is_checked_is_what_the_store_gets(sound: str) -> None:
    from kg.vocabularies.agents import statements

    assert set(render(statements()).splitlines()) <= set(sound.splitlines())
