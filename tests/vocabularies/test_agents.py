"""Reading the drug ontology: names, closure, identifiers, and what the store gets of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, agent_class_iri, agent_iri, expand, mesh_iri
from kg.terms import render
from kg.vocabularies.agents import VOCABULARY, Agents, load_agents, load_mappings, statements

FILES = ("agents.ttl", "agents-inferred.ttl", "agents.sssom.tsv")


@pytest.fixture(scope="module")
def agents() -> Agents:
    return load_agents()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "ontology"
    copy.mkdir()
    for name in FILES:
        shutil.copy(Path(str(resource("ontology", name))), copy / name)
    return copy


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def named(agents: Agents) -> dict[str, str]:
    return {name.casefold(): thing.iri for thing in (*agents.agents, *agents.classes) for name in thing.names}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ALKS 4230", "nemvaleukin alfa"),
        ("Nemvaleukin", "nemvaleukin alfa"),
        ("IL-2", "human interleukin-2"),
        ("Interleukin-2", "human interleukin-2"),
        ("hrIL-2", "human interleukin-2"),
        ("Human recombinant IL-2", "human interleukin-2"),
        ("rhIL-2", "human interleukin-2"),
        ("Proleukin", "aldesleukin"),
        ("NKTR-214", "bempegaldesleukin"),
        ("BEMPEG", "bempegaldesleukin"),
        ("THOR-707", "pegenzileukin"),
        ("SAR444245", "pegenzileukin"),
        ("RO6874281", "simlukafusp alfa"),
        ("TransCon IL-2 β/γ", "TransCon IL-2 beta/gamma"),
        ("ALT-803", "nogapendekin alfa"),
        ("N-803", "nogapendekin alfa"),
        ("MDNA11", "MDNA11"),
        ("IBI363", "IBI363"),
        ("MK-3475", "pembrolizumab"),
        ("Keytruda", "pembrolizumab"),
        ("BMS-936558", "nivolumab"),
        ("REGN2810", "cemiplimab"),
        ("Libtayo", "cemiplimab"),
        ("JS001", "toripalimab"),
        ("MPDL3280A", "atezolizumab"),
        ("RO5541267", "atezolizumab"),
        ("Tecentriq", "atezolizumab"),
        ("KN046", "erfonrilimab"),
        ("RG6058", "tiragolumab"),
        ("Avastin", "bevacizumab"),
        ("Inlyta", "axitinib"),
        ("apatinib", "rivoceranib"),
        ("cis-platinum", "cisplatin"),
        ("5-FU", "fluorouracil"),
        ("Taxol", "paclitaxel"),
        ("Abraxane", "nab-paclitaxel"),
        ("pegylated liposomal doxorubicin", "liposomal doxorubicin"),
        ("fludarabine phosphate", "fludarabine"),
        ("interferon alpha", "interferon alfa"),
    ],
)
def test_what_registrants_write_for_an_agent_is_a_name_of_it(agents: Agents, written: str, meant: str) -> None:
    assert named(agents)[written.casefold()] == agent_iri(meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Checkpoint inhibitor", "ImmuneCheckpointInhibitor"),
        ("ICI", "ImmuneCheckpointInhibitor"),
        ("immune checkpoint blockade", "ImmuneCheckpointInhibitor"),
        ("Anti-PD-1", "PD1Inhibitor"),
        ("anti-PD1", "PD1Inhibitor"),
        ("PD-1 antibody", "PD1Inhibitor"),
        ("PD-1 blockade", "PD1Inhibitor"),
        ("anti-PDL1", "PDL1Inhibitor"),
        ("anti-PD-(L)1", "PD1PathwayInhibitor"),
        ("anti-PD-1/PD-L1", "PD1PathwayInhibitor"),
        ("PD-1/PD-L1 inhibitor", "PD1PathwayInhibitor"),
        ("IL-15 superagonist", "IL15ReceptorAgonist"),
        ("anti-TIGIT", "TIGITInhibitor"),
        ("VEGFR-TKI", "VEGFRTyrosineKinaseInhibitor"),
        ("platinum-based chemotherapy", "PlatinumCompound"),
        ("taxanes", "Taxane"),
        ("immunocytokine", "AntibodyCytokineFusion"),
        ("non-alpha IL-2", "NonAlphaIL2ReceptorAgonist"),
    ],
)
def test_what_registrants_write_for_a_class_is_a_name_of_it(agents: Agents, written: str, meant: str) -> None:
    assert named(agents)[written.casefold()] == agent_class_iri(meant)


@pytest.mark.parametrize(
    "target",
    [
        "PD-1",
        "PD-L1",
        "CTLA-4",
        "CD25",
        "VEGF",
        "TIGIT",
        "EGFR",
        "platinum",
        "chemotherapy",
        "interferon",
        "CDDP",
        "MTX",
    ],
)
def test_a_bare_target_or_family_is_no_name_of_a_drug(agents: Agents, target: str) -> None:
    assert target.casefold() not in named(agents)


def test_the_label_is_the_first_name_and_no_name_comes_twice(agents: Agents) -> None:
    for thing in (*agents.agents, *agents.classes):
        assert thing.names[0] == thing.label
        assert len(set(thing.names)) == len(thing.names)


def test_within_is_reflexive_transitive_and_sorted(agents: Agents) -> None:
    assert agents.within.keys() == {thing.iri for thing in (*agents.agents, *agents.classes)}
    for iri, above in agents.within.items():
        assert iri in above
        assert list(above) == sorted(above)
        assert {further for other in above for further in agents.within[other]} == set(above)


def test_mesh_records_lead_to_agents_by_exact_and_close_match(agents: Agents) -> None:
    assert agents.mesh[mesh_iri("C582435")] == agent_iri("pembrolizumab")
    assert agents.mesh[mesh_iri("C582303")] == agent_iri("nogapendekin alfa")
    assert agents.mesh[mesh_iri("D007376")] == agent_iri("human interleukin-2")
    assert agents.mesh[mesh_iri("C082598")] == agent_iri("aldesleukin")


def test_statements_have_no_blank_node_and_no_axiom() -> None:
    given_out = list(statements())
    assert len(given_out) == len(set(given_out))
    for subject, predicate, value in given_out:
        assert subject.startswith("<")
        assert not value.startswith("_:")
        assert predicate not in (f"<{PREFIXES['owl']}equivalentClass>", f"<{PREFIXES['rdfs']}subClassOf>")
        assert value != f"<{PREFIXES['owl']}NamedIndividual>"


def test_statements_come_back_from_the_store_as_they_went_in() -> None:
    document = render(statements())
    store = pyoxigraph.Store()
    store.load(document.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert {f"{q.subject} {q.predicate} {q.object} ." for q in store} == set(document.splitlines())


def test_statements_keep_facts_sources_inferences_and_matches() -> None:
    document = set(render(statements()).splitlines())
    for line in (
        "agent:pembrolizumab rdf:type tkg:Agent",
        "agent:pembrolizumab tkg:within agent:ImmuneCheckpointInhibitor",
        "agent:pembrolizumab skos:exactMatch mesh:C582435",
        "agent:nemvaleukin-alfa tkg:derivedFrom uniprot:P60568",
        "agent:nemvaleukin-alfa tkg:actsOn agent:nemvaleukin-alfa/action/1",
        "agent:nemvaleukin-alfa/action/1 tkg:target uniprot:P14784",
        "agent:nemvaleukin-alfa/action/1 tkg:action action:agonist",
        "agent:nogapendekin-alfa skos:closeMatch mesh:C582303",
        "agent:PD1Inhibitor rdf:type owl:Class",
        "uniprot:Q15116 rdfs:seeAlso hgnc:8760",
    ):
        assert " ".join(f"<{expand(term)}>" for term in line.split()) + " ." in document
    assert f'<{VOCABULARY}> <{PREFIXES["owl"]}versionInfo> "1.1.0" .' in document


def test_reading_it_needs_no_heavy_library() -> None:
    code = (
        "import sys; from kg.vocabularies.agents import load_agents; load_agents();"
        "print(sorted({'rdflib', 'owlready2', 'pyshacl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", FILES)
def test_an_absent_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(VocabularyError, match=f"ontology/{name}: cannot be read"):
        load_agents(folder)


@pytest.mark.parametrize("name", FILES[:2])
def test_broken_turtle_is_one_line_with_its_place(folder: Path, name: str) -> None:
    (folder / name).write_text("agent:x a\n\n.", encoding="utf-8")
    with pytest.raises(VocabularyError, match=f"ontology/{name}: is not Turtle: ") as caught:
        load_agents(folder)
    assert "\n" not in str(caught.value)


def test_an_ontology_without_a_version_is_refused(folder: Path) -> None:
    edit(folder / "agents.ttl", '    owl:versionInfo "1.1.0" ;\n', "")
    with pytest.raises(VocabularyError, match="no owl:versionInfo"):
        load_agents(folder)


def test_an_agent_without_a_label_is_refused(folder: Path) -> None:
    edit(folder / "agents.ttl", '    skos:prefLabel "MDNA11"@en ;\n', "")
    with pytest.raises(VocabularyError, match=r"agent/mdna11 has no skos:prefLabel"):
        load_agents(folder)


def test_an_agent_that_the_reasoner_has_not_seen_is_refused_with_the_command(folder: Path) -> None:
    with (folder / "agents.ttl").open("a", encoding="utf-8") as file:
        file.write('agent:new a tkg:Agent ; skos:prefLabel "new"@en .\n')
    with pytest.raises(VocabularyError, match=r"agent/new is in only one .*reason --write"):
        load_agents(folder)


def test_a_number_among_the_facts_is_refused(folder: Path) -> None:
    with (folder / "agents.ttl").open("a", encoding="utf-8") as file:
        file.write("agent:mdna11 skos:notation 11 .\n")
    with pytest.raises(VocabularyError, match="is no text or date"):
        list(statements(folder))


def row(*cells: str) -> str:
    return "\t".join(cells) + "\n"


HEADER = "# a comment\n" + row("subject_id", "predicate_id", "object_id", "mapping_justification")
JUSTIFIED = "semapv:ManualMappingCuration"


def table(tmp_path: Path, text: str) -> Path:
    (tmp_path / FILES[2]).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "column subject_id is missing"),
        (row("subject_id", "predicate_id"), "column object_id is missing"),
        (HEADER + "agent:x\n", r"agents.sssom.tsv:3: 1 cells \(expected 4"),
        (HEADER + row("agent:x", "skos:exactMatch", "nowhere:1", JUSTIFIED), "prefix 'nowhere' is not known"),
        (HEADER + row("agent:x", "skos:broadMatch", "mesh:D1", JUSTIFIED), "broadMatch is not a match"),
        (HEADER + 'agent:x\t"skos:exact"Match\tmesh:D1\t\n', "is not a table in UTF-8"),
    ],
)
def test_a_malformed_table_of_identifiers_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        load_mappings(table(tmp_path, text))


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILES[2]).write_bytes(HEADER.encode() + b"agent:\xff\n")
    with pytest.raises(VocabularyError, match="is not a table in UTF-8"):
        load_mappings(tmp_path)


def test_two_agents_with_one_mesh_record_are_refused(folder: Path) -> None:
    with (folder / FILES[2]).open("a", encoding="utf-8") as file:
        cells = ["agent:nivolumab", "nivolumab", "skos:exactMatch", "mesh:C582435", "", JUSTIFIED, "", "", ""]
        file.write(row(*cells))
    with pytest.raises(VocabularyError, match="C582435 belongs to two agents"):
        load_agents(folder)


@given(st.text(max_size=200))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / FILES[2]).write_bytes((HEADER + text).encode("utf-8", "surrogatepass"))
    try:
        mappings = load_mappings(folder)
    except VocabularyError as error:
        complaint = str(error)
    else:
        complaint = ""
        assert all(mapping.predicate.startswith(PREFIXES["skos"]) for mapping in mappings)
    assert complaint == "" or complaint.startswith(f"{folder.name}/{FILES[2]}")
