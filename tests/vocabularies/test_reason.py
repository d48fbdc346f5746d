"""The reasoner places agents in their classes, and the checked-in result is its own."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import agent_class_iri, agent_iri
from kg.terms import render
from kg.vocabularies.reason import Classification, classify, inferred_turtle, main, within_statements

ONTOLOGY = Path(str(resource("ontology", "agents.ttl")))
INFERRED = Path(str(resource("ontology", "agents-inferred.ttl")))

PREFIX = """\
@prefix agent: <https://w3id.org/trialkg/agent/> .
@prefix tkg: <https://w3id.org/trialkg/vocab#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/trialkg/agent/> a owl:Ontology .
tkg:Agent a owl:Class .
"""


def ontology(tmp_path: Path, text: str, *, prefix: str = PREFIX) -> list[Path]:
    path = tmp_path / "agents.ttl"
    path.write_text(prefix + text, encoding="utf-8")
    return [path]


@pytest.fixture(scope="module")
def found() -> Classification:
    return classify([ONTOLOGY])


def triples(text: bytes) -> set[str]:
    return {str(quad.triple) for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE)}


@pytest.mark.java
def test_the_checked_in_inferences_are_what_the_reasoner_says(found: Classification) -> None:
    assert triples(INFERRED.read_bytes()) == triples(inferred_turtle(found).encode()), (
        "run python -m kg.vocabularies.reason --write"
    )


@pytest.mark.java
def test_the_checked_in_file_is_byte_for_byte_what_the_command_writes(found: Classification) -> None:
    assert INFERRED.read_text(encoding="utf-8") == inferred_turtle(found)


@pytest.mark.java
def test_the_vocabulary_agrees_with_the_drug_ontology(found: Classification) -> None:
    vocabulary = Path(str(resource("ontology", "trialkg.ttl")))
    assert classify([vocabulary, ONTOLOGY]) == found


@pytest.mark.java
@pytest.mark.parametrize(
    ("agent", "among", "not_among"),
    [
        ("ivonescimab", {"PD1Inhibitor", "VEGFInhibitor", "ImmuneCheckpointInhibitor"}, {"PDL1Inhibitor"}),
        ("basiliximab", {"IL2ReceptorAntagonist"}, {"IL2PathwayAgonist", "IL2ReceptorAgonist"}),
        ("daclizumab", {"IL2ReceptorAntagonist"}, {"IL2PathwayAgonist"}),
        ("denileukin diftitox", set(), {"IL2PathwayAgonist", "IL2ReceptorAgonist", "IL2ReceptorAntagonist"}),
        ("camidanlumab tesirine", set(), {"IL2PathwayAgonist"}),
        ("nogapendekin alfa", {"IL15ReceptorAgonist", "IL2PathwayAgonist"}, {"IL2ReceptorAgonist"}),
        ("NKTR-255", {"IL15ReceptorAgonist", "IL2PathwayAgonist"}, {"IL2ReceptorAgonist"}),
        ("nemvaleukin alfa", {"IL2ReceptorAgonist", "IL2PathwayAgonist"}, {"IL15ReceptorAgonist"}),
        ("human interleukin-2", {"IL2ReceptorAgonist", "IL2PathwayAgonist"}, {"PD1Inhibitor"}),
        ("atezolizumab", {"PDL1Inhibitor", "PD1PathwayInhibitor", "ImmuneCheckpointInhibitor"}, {"PD1Inhibitor"}),
        ("pembrolizumab", {"PD1Inhibitor", "PD1PathwayInhibitor", "ImmuneCheckpointInhibitor"}, {"PDL1Inhibitor"}),
        ("IBI363", {"PD1Inhibitor", "IL2ReceptorAgonist", "IL2PathwayAgonist"}, {"IL15ReceptorAgonist"}),
        ("cadonilimab", {"PD1Inhibitor", "CTLA4Inhibitor"}, {"LAG3Inhibitor"}),
        ("sabatolimab", {"TIM3Inhibitor", "ImmuneCheckpointInhibitor"}, {"PD1PathwayInhibitor"}),
        ("eftilagimod alfa", set(), {"LAG3Inhibitor", "ImmuneCheckpointInhibitor"}),
        ("pidilizumab", set(), {"PD1Inhibitor"}),
    ],
)
def test_competency(found: Classification, agent: str, among: set[str], not_among: set[str]) -> None:
    classes = set(found.agents[agent_iri(agent)])
    assert {agent_class_iri(name) for name in among} <= classes
    assert classes.isdisjoint(agent_class_iri(name) for name in not_among)


@pytest.mark.java
def test_classes_have_their_superclasses(found: Classification) -> None:
    assert found.classes[agent_class_iri("PD1Inhibitor")] == (
        agent_class_iri("ImmuneCheckpointInhibitor"),
        agent_class_iri("PD1PathwayInhibitor"),
    )
    assert found.classes[agent_class_iri("IL15ReceptorAgonist")] == (agent_class_iri("IL2PathwayAgonist"),)
    assert found.classes[agent_class_iri("VEGFInhibitor")] == (agent_class_iri("VEGFPathwayInhibitor"),)
    assert found.classes[agent_class_iri("VEGFPathwayInhibitor")] == ()


@pytest.mark.java
def test_membership_follows_from_the_facts_and_not_from_the_name(tmp_path: Path) -> None:
    text = ONTOLOGY.read_text(encoding="utf-8")
    before = "<pembrolizumab/action/1> a tkg:Action , owl:NamedIndividual ;\n    tkg:action action:blocker"
    assert before in text
    changed = text.replace(before, before.replace("action:blocker", "action:agonist"))
    found = classify(ontology(tmp_path, changed, prefix=""))
    assert found.agents[agent_iri("pembrolizumab")] == ()


@pytest.mark.java
def test_a_gamma_chain_alone_decides_nothing(tmp_path: Path) -> None:
    text = ONTOLOGY.read_text(encoding="utf-8").replace(
        "tkg:target uniprot:P14784 , uniprot:P31785", "tkg:target uniprot:P31785"
    )
    assert classify(ontology(tmp_path, text, prefix="")).agents[agent_iri("nemvaleukin alfa")] == ()


@pytest.mark.java
def test_imports_are_not_fetched(tmp_path: Path) -> None:
    paths = ontology(tmp_path, "<https://w3id.org/trialkg/agent/> owl:imports <http://127.0.0.1:9/nothing> .\n")
    assert classify(paths).agents == {}


@pytest.mark.java
def test_two_runs_do_not_see_each_other(tmp_path: Path, found: Classification) -> None:
    other = classify(ontology(tmp_path, "agent:x a tkg:Agent , owl:NamedIndividual .\n"))
    assert other == Classification({agent_iri("x"): ()}, {})
    assert classify([ONTOLOGY]) == found


@pytest.mark.java
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "agent:A a owl:Class ; owl:disjointWith agent:B . agent:B a owl:Class .\n"
            "agent:x a agent:A , agent:B , owl:NamedIndividual .\n",
            "contradicts itself",
        ),
        (
            "agent:A a owl:Class ; owl:disjointWith agent:B . agent:B a owl:Class .\n"
            "agent:C a owl:Class ; rdfs:subClassOf agent:A , agent:B .\n",
            "agent/C can have no member",
        ),
        (
            "tkg:on a owl:DatatypeProperty ; rdfs:range xsd:date .\n",
            "HermiT failed: .*date",
        ),
        (
            "tkg:p a owl:ObjectProperty .\n"
            "agent:R a owl:Restriction ; owl:onProperty tkg:p ; owl:someValuesFrom tkg:Agent .\n",
            "restriction https://w3id.org/trialkg/agent/R has an IRI",
        ),
        ("agent:x a tkg:Agent\n\n agent:y", "is not Turtle: "),
    ],
)
def test_what_cannot_be_reasoned_over_is_a_one_line_error(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint) as caught:
        classify(ontology(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert "agents.ttl: " in str(caught.value)


@pytest.mark.java
@pytest.mark.parametrize("content", ["", "not turtle", "<a:b> <a:c> <a:d> .", "\ufeff{}"])
def test_a_file_with_no_ontology_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(VocabularyError, match=r"agents\.ttl: (is not Turtle|no class is declared)"):
        classify(ontology(tmp_path, content, prefix=""))


@pytest.mark.java
def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"nothing\.ttl: cannot be read"):
        classify([tmp_path / "nothing.ttl"])


def test_without_java_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VocabularyError, match=r"needs java \(install a Java runtime\)"):
        classify([ONTOLOGY])


def test_the_command_without_java_exits_with_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--check"]) == 2
    assert "install a Java runtime" in capsys.readouterr().err


@pytest.mark.java
def test_the_command_writes_then_agrees_and_sees_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ontology(tmp_path, "agent:x a tkg:Agent , owl:NamedIndividual .\n")
    folder = ["--ontology", str(tmp_path)]
    assert main(["--write", *folder]) == 0
    assert main(["--check", *folder]) == 0
    target = tmp_path / "agents-inferred.ttl"
    target.write_text(target.read_text().replace("agent:x", "agent:y", 1))
    capsys.readouterr()
    assert main(["--check", *folder]) == 1
    shown = capsys.readouterr()
    assert "+ <https://w3id.org/trialkg/agent/x>" in shown.out
    assert "- <https://w3id.org/trialkg/agent/y>" in shown.out
    assert "--write" in shown.err


def test_within_is_reflexive_and_reaches_the_top() -> None:
    classification = Classification({"a:x": ("a:C", "a:D")}, {"a:C": ("a:D",), "a:D": ()})
    assert {(s, o) for s, _, o in within_statements(classification)} == {
        ("<a:x>", "<a:x>"),
        ("<a:x>", "<a:C>"),
        ("<a:x>", "<a:D>"),
        ("<a:C>", "<a:C>"),
        ("<a:C>", "<a:D>"),
        ("<a:D>", "<a:D>"),
    }


def test_the_turtle_holds_the_statements_whatever_their_order() -> None:
    one = Classification({agent_iri("b"): (), agent_iri("a"): ()}, {})
    other = Classification({agent_iri("a"): (), agent_iri("b"): ()}, {})
    assert inferred_turtle(one) == inferred_turtle(other)
    assert triples(inferred_turtle(one).encode()) == {
        line.removesuffix(" .") for line in render(within_statements(one)).splitlines()
    }
