"""The Biolink graph says what the store says, and no more than that; KGX and the model take it."""

from __future__ import annotations

import csv
import json
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.catalog.biolink import curie, identifiers
from kg.catalog.kgx import EDGE_COLUMNS, NODE_COLUMNS
from kg.catalog.nodes import Vocabulary
from kg.namespaces import expand, sparql_prologue, study_iri

Write = Callable[[Store, str, Path], list[str]]
Record = dict[str, Any]
ROOT = Path(__file__).parents[3]
KGX = ROOT / "build" / "kgx" / "bin" / "python"
PAGE = (ROOT / "docs" / "export-kgx.md").read_text(encoding="utf-8")
IN_TRIALS = "biolink:in_clinical_trials_for"
# What the store says, apart from the code that makes the graph.
PAIRS = """SELECT ?nct ?drug ?arm ?role ?disease ?intervention ?condition WHERE {
    ?study a schema:MedicalTrial ; dcterms:identifier ?nct ; tkg:intervention ?i .
    ?i rdfs:label ?intervention ; tkg:drug ?drug .
    OPTIONAL { ?study tkg:arm ?arm . ?arm tkg:use ?use . ?use tkg:intervention ?i ; tkg:role ?roleCode }
    BIND (STRAFTER(STR(?roleCode), "code/role/") AS ?role)
    FILTER (!BOUND(?roleCode) || ?role != "placebo")
    ?study tkg:conditionConcept ?disease .
    ?disease tkg:within <https://w3id.org/trialkg/code/mesh-category/C> .
    OPTIONAL { ?study tkg:condition ?c . ?c rdfs:label ?condition ; tkg:link/tkg:concept ?disease }
}"""


@pytest.fixture(scope="module")
def folder(example_store: Store, write: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("kgx") / "export"
    names = write(example_store, "kgx", target)
    assert names == ["kgx/nodes.tsv", "kgx/edges.tsv", "kgx/nodes.jsonl", "kgx/edges.jsonl"]
    return target / "kgx"


@pytest.fixture(scope="module")
def nodes(folder: Path) -> list[Record]:
    return records(folder / "nodes.jsonl")


@pytest.fixture(scope="module")
def edges(folder: Path) -> list[Record]:
    return records(folder / "edges.jsonl")


def records(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def asked(store: Store, text: str) -> list[dict[str, str | None]]:
    result: Any = store.query(sparql_prologue() + text)
    names = [variable.value for variable in result.variables]
    return [{name: None if row[name] is None else row[name].value for name in names} for row in result]


def test_drugs_are_in_trials_for_diseases_as_the_store_says(
    example_store: Store, nodes: list[Record], edges: list[Record]
) -> None:
    iris = {node["id"]: node["iri"] for node in nodes}
    found = sorted(
        str(
            (
                edge["has_supporting_studies"][0].removeprefix("CLINICALTRIALS:"),
                iris[edge["subject"]],
                edge.get("arm"),
                edge.get("role"),
                iris[edge["object"]],
                edge["original_subject"],
            )
        )
        for edge in edges
        if edge["predicate"] == IN_TRIALS
    )
    names = ("nct", "drug", "arm", "role", "disease", "intervention")
    wanted = sorted(str(tuple(row[name] for name in names)) for row in asked(example_store, PAIRS))
    assert found == wanted
    assert len(found) > 300


def test_an_edge_says_how_sure_its_links_are(edges: list[Record]) -> None:
    edge = next(
        edge
        for edge in edges
        if edge["predicate"] == IN_TRIALS
        and edge["has_supporting_studies"] == ["CLINICALTRIALS:NCT03635983"]
        and edge["arm_label"] == "Combination"
        and edge["original_subject"] == "NKTR-214"
    )
    shown = {name: edge[name] for name in edge if name not in ("id", "subject", "arm")}
    assert shown == {
        "predicate": IN_TRIALS,
        "object": "MESH:D008545",
        "category": ["biolink:ChemicalOrDrugOrTreatmentToDiseaseOrPhenotypicFeatureAssociation"],
        "primary_knowledge_source": "infores:clinicaltrials-gov",
        "knowledge_level": "knowledge_assertion",
        "agent_type": "automated_agent",
        "has_supporting_studies": ["CLINICALTRIALS:NCT03635983"],
        "original_subject": "NKTR-214",
        "original_object": "Melanoma",
        "arm_label": "Combination",
        "arm_type": "experimental",
        "role": "investigational",
        "subject_link_method": "synonym",
        "subject_link_score": 1.0,
        "object_link_method": "exact",
        "object_link_score": 1.0,
    }
    assert edge["arm"].endswith("/NCT03635983/arm/1")


def test_nothing_treats_anything(edges: list[Record]) -> None:
    assert {edge["predicate"] for edge in edges} == {IN_TRIALS, "biolink:related_to"}


def test_every_study_drug_and_condition_is_there(
    example_store: Store, nodes: list[Record], edges: list[Record]
) -> None:
    iris = {node["id"]: node["iri"] for node in nodes}
    assert len(iris) == len(set(iris.values())) == len(nodes)
    text = """SELECT DISTINCT ?x WHERE { { ?x a tkg:Study } UNION
        { ?s tkg:conditionConcept ?x } UNION
        { ?s a tkg:Study ; tkg:intervention/tkg:drug|tkg:intervention/tkg:drugClass ?x } }"""
    assert set(iris.values()) == {row["x"] for row in asked(example_store, text)}
    assert {edge[end] for edge in edges for end in ("subject", "object")} <= iris.keys()
    assert len({edge["id"] for edge in edges}) == len(edges)
    named = {(edge["subject"], iris[edge["object"]]) for edge in edges if edge["predicate"] != IN_TRIALS}
    text = """SELECT ?nct ?x WHERE { ?s a tkg:Study ; dcterms:identifier ?nct .
        { ?s tkg:conditionConcept ?x } UNION { ?s tkg:intervention/tkg:drug|tkg:intervention/tkg:drugClass ?x } }"""
    assert named == {(f"CLINICALTRIALS:{row['nct']}", row["x"]) for row in asked(example_store, text)}


def test_a_study_as_a_node(nodes: list[Record]) -> None:
    (study,) = [node for node in nodes if node["id"] == "CLINICALTRIALS:NCT03635983"]
    title = study["name"]
    assert title.startswith("A Study of NKTR-214 Combined With Nivolumab vs Nivolumab Alone")
    assert study == {
        "id": "CLINICALTRIALS:NCT03635983",
        "category": ["biolink:ClinicalTrial"],
        "name": title,
        "iri": study_iri("NCT03635983"),
        "clinical_trial_phase": "clinical_trial_phase_3",
        "clinical_trial_primary_purpose": "TREATMENT",
        "clinical_trial_intervention_model": "PARALLEL",
        "clinical_trial_overall_status": "COMPLETED",
        "clinical_trial_brief_title": title,
        "clinical_trial_enrollment": 783,
        "clinical_trial_enrollment_type": "actual",
        "clinical_trial_start_date": "2018-09-21",
    }


def test_a_drug_as_a_node(nodes: list[Record]) -> None:
    (drug,) = [node for node in nodes if node["name"] == "nivolumab"]
    assert drug["id"] == "UNII:31YO63LBSN"
    assert drug["category"] == ["biolink:Drug"]
    assert drug["xref"] == ["DRUGBANK:DB09035", "MESH:D000077594", "NCIT:C68814", "trialkg.agent:nivolumab"]
    assert "Opdivo" in drug["synonym"]


def test_no_two_agents_share_a_name(example_store: Store) -> None:
    vocabulary = Vocabulary(example_store)
    agents = [row["x"] or "" for row in asked(example_store, "SELECT ?x WHERE { ?x a tkg:Agent }")]
    assert len({identifiers(iri, vocabulary)[0] for iri in agents}) == len(agents) > 100


def test_both_forms_say_the_same(folder: Path) -> None:
    for stem, columns in (("nodes", NODE_COLUMNS), ("edges", EDGE_COLUMNS)):
        lists = ("category", "xref", "synonym", "has_supporting_studies", "clinical_trial_age_stage")
        with (folder / f"{stem}.tsv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        assert tuple(table[0]) == columns
        cells = [
            {
                name: "|".join(value) if name in lists else re.sub(r"\s+", " ", str(value))
                for name, value in record.items()
            }
            for record in records(folder / f"{stem}.jsonl")
        ]
        assert [{name: value for name, value in row.items() if value} for row in table] == cells


def test_the_same_statements_give_the_same_bytes(
    invented: Store, statements: Callable[..., list[Quad]], write: Write, tmp_path: Path
) -> None:
    quads = statements(12, 2, 1)
    random.Random(3).shuffle(quads)  # noqa: S311
    other = Store()
    other.extend(quads)
    for name in write(invented, "kgx", tmp_path / "a"):
        if not (tmp_path / "b").exists():
            write(other, "kgx", tmp_path / "b")
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_awkward_text_stays_in_its_cell(statements: Callable[..., list[Quad]], write: Write, tmp_path: Path) -> None:
    store = Store()
    title = NamedNode(expand("dcterms:title"))
    store.extend(quad for quad in statements(1) if quad.predicate != title)
    awkward = 'a\ttab, a\nline, a "quote", a|bar, a\u2028separator'
    store.add(Quad(NamedNode(study_iri("NCT99999901")), title, Literal(awkward)))
    write(store, "kgx", tmp_path / "out")
    assert records(tmp_path / "out/kgx/nodes.jsonl")[0]["name"] == awkward
    lines = (tmp_path / "out/kgx/nodes.tsv").read_text(encoding="utf-8").split("\n")
    assert lines[1].split("\t")[2] == 'a tab, a line, a "quote", a|bar, a separator'
    assert {line.count("\t") for line in lines[:-1]} == {len(NODE_COLUMNS) - 1}


def test_what_is_not_said_of_all_studies(golden_store: Store, write: Write, tmp_path: Path) -> None:
    write(golden_store, "kgx", tmp_path / "out")
    nodes = {node["id"]: node for node in records(tmp_path / "out/kgx/nodes.jsonl")}
    edges = records(tmp_path / "out/kgx/edges.jsonl")
    observational = asked(
        golden_store, "SELECT ?id WHERE { ?s a schema:MedicalObservationalStudy ; dcterms:identifier ?id }"
    )
    assert observational
    for row in observational:
        study = nodes[f"CLINICALTRIALS:{row['id']}"]
        assert study["category"] == ["biolink:Study"]
        assert not [name for name in study if name.startswith("clinical_trial")]
        assert not [edge for edge in edges if [study["id"]] == edge.get("has_supporting_studies")]
        assert [edge for edge in edges if study["id"] == edge["subject"]]
    assert any(node.get("clinical_trial_age_stage") for node in nodes.values())


def test_the_page_names_every_column() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == {*NODE_COLUMNS, *EDGE_COLUMNS}


def test_the_example_of_the_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102
    assert len(names["found"]) > 0


@pytest.mark.kgx
def test_kgx_and_the_model_take_it(folder: Path, nodes: list[Record], edges: list[Record]) -> None:
    script = ROOT / "tests/catalog/readers/kgx_reads.py"
    done = subprocess.run([KGX, script, folder], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    report = json.loads(done.stdout.splitlines()[-1])
    for form in ("tsv", "jsonl"):
        assert (report[form]["nodes"], report[form]["edges"]) == (len(nodes), len(edges))
        messages = [
            message for level in report[form]["errors"].values() for found in level.values() for message in found
        ]
        # The one thing that it does not know is the prefix of agents that no other vocabulary has.
        assert [message for message in messages if "CURIE prefix 'trialkg.agent'" not in message] == []
        ours = {node["id"] for node in nodes if node["id"].startswith("trialkg.agent:")}
        assert {match for message in messages for match in re.findall(r"'(trialkg\.agent:\w+)'", message)} == ours
    ours = set(EDGE_COLUMNS[EDGE_COLUMNS.index("arm") :])
    assert {name for names in report["beyond"].values() for name in names} == ours
    assert report["beyond"].keys() == {
        *(node["category"][0].removeprefix("biolink:") for node in nodes),
        *(edge["category"][0].removeprefix("biolink:") for edge in edges),
    }


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("http://purl.obolibrary.org/obo/CHEBI_6801", "CHEBI:6801"),
        ("http://purl.obolibrary.org/obo/DRON_00018010", "DRON:00018010"),
        ("http://purl.obolibrary.org/obo/MONDO_0005015", "MONDO:0005015"),
        ("http://rdf.ebi.ac.uk/resource/chembl/molecule/CHEMBL1431", "CHEMBL.COMPOUND:CHEMBL1431"),
        ("http://purl.bioontology.org/ontology/RXNORM/6809", "RXCUI:6809"),
        ("https://identifiers.org/unii:9100L32L2N", "UNII:9100L32L2N"),
        ("https://w3id.org/trialkg/agent/mdna11", "trialkg.agent:mdna11"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("http://id.nlm.nih.gov/mesh/", "http://id.nlm.nih.gov/mesh/"),
    ],
)
def test_names_in_other_vocabularies(iri: str, name: str) -> None:
    assert curie(iri) == name
