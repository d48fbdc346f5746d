"""Quality of the drug ontology's data: every fact has its source, every name one owner, every identifier its form."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from pathlib import Path

import pyoxigraph
import pytest

from kg.config import resource
from kg.namespaces import CODE_LISTS, PREFIXES, agent_iri, compress, expand, slug
from kg.vocabularies.agents import Agents, load_agents, load_mappings

ONTOLOGY = Path(str(resource("ontology")))
TKG, SKOS, DCTERMS, MESH = (PREFIXES[prefix] for prefix in ("tkg", "skos", "dcterms", "mesh"))
PATTERNS = {
    "mesh": r"(C\d{6}|C\d{9}|D\d{6}|D\d{9})",
    "drugbank": r"DB\d{5}",
    "unii": r"[A-Z0-9]{10}",
    "obo": r"NCIT_C\d+",
}
UNIPROT = re.compile(r"[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9]([A-Z][A-Z0-9]{2}[0-9]){1,2}")
"""https://www.uniprot.org/help/accession_numbers"""

Facts = dict[str, dict[str, list[str]]]


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Subject → predicate → objects, of the triples without blank nodes."""
    found: Facts = defaultdict(lambda: defaultdict(list))
    for quad in pyoxigraph.parse(path=ONTOLOGY / "agents.ttl", format=pyoxigraph.RdfFormat.TURTLE):
        if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(
            quad.object, pyoxigraph.NamedNode | pyoxigraph.Literal
        ):
            found[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return found


@pytest.fixture(scope="module")
def agents() -> Agents:
    return load_agents()


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    lines = (ONTOLOGY / "agents.sssom.tsv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))


def of_type(facts: Facts, kind: str) -> list[str]:
    return [subject for subject, about in facts.items() if kind in about[PREFIXES["rdf"] + "type"]]


def test_each_agent_has_one_label_a_modality_a_source_and_the_iri_of_its_name(facts: Facts) -> None:
    found = of_type(facts, TKG + "Agent")
    assert len(found) >= 84
    for agent in found:
        about = facts[agent]
        assert len(about[SKOS + "prefLabel"]) == 1, agent
        assert agent_iri(about[SKOS + "prefLabel"][0]) == agent
        assert len(about[TKG + "modality"]) == 1, agent
        assert about[DCTERMS + "source"], agent


def test_each_action_has_one_kind_targets_a_source_and_one_agent(facts: Facts) -> None:
    actions = of_type(facts, TKG + "Action")
    users = Counter(action for about in facts.values() for action in about[TKG + "actsOn"])
    assert users.keys() == set(actions)
    assert set(users.values()) == {1}
    for action in actions:
        assert len(facts[action][TKG + "action"]) == 1, action
        assert facts[action][TKG + "target"], action
        assert facts[action][DCTERMS + "source"], action


def test_the_actions_of_an_agent_are_numbered_from_one(facts: Facts) -> None:
    for agent in of_type(facts, TKG + "Agent"):
        actions = facts[agent][TKG + "actsOn"]
        assert sorted(actions) == [f"{agent}/action/{n}" for n in range(1, len(actions) + 1)]


def test_an_agent_without_an_action_says_so(facts: Facts) -> None:
    for agent in of_type(facts, TKG + "Agent"):
        if not facts[agent][TKG + "actsOn"]:
            assert "no action" in " ".join(facts[agent][PREFIXES["rdfs"] + "comment"]), agent


def test_targets_and_natural_proteins_are_uniprot_entries_with_name_gene_and_hgnc(facts: Facts) -> None:
    used = {p for about in facts.values() for key in ("target", "derivedFrom") for p in about[TKG + key]}
    assert used == set(of_type(facts, PREFIXES["schema"] + "Protein"))
    for protein in used:
        assert UNIPROT.fullmatch(protein.removeprefix(PREFIXES["uniprot"])), protein
        assert len(facts[protein][SKOS + "prefLabel"]) == 1
        assert len(facts[protein][SKOS + "notation"]) == 1
        assert re.fullmatch(r"hgnc:\d+", compress(facts[protein][PREFIXES["rdfs"] + "seeAlso"][0]))


def test_actions_and_modalities_are_codes(facts: Facts) -> None:
    lists = (
        ("action", "action"),
        ("modality", "modality"),
        ("drugGroup", "drug-group"),
        ("selectivity", "selectivity"),
    )
    for key, code_list in lists:
        assert code_list in CODE_LISTS
        used = {code for about in facts.values() for code in about[TKG + key]}
        assert all(re.fullmatch(rf"{code_list}:[a-z]+(-[a-z]+)*", compress(code)) for code in used), used


def test_the_codes_are_in_the_code_lists(facts: Facts) -> None:
    codes = ONTOLOGY / "codes.ttl"
    quads = pyoxigraph.parse(path=codes, format=pyoxigraph.RdfFormat.TURTLE)
    listed = {str(quad.subject).strip("<>") for quad in quads}
    keys = ("action", "modality", "drugGroup", "selectivity")
    used = {code for about in facts.values() for key in keys for code in about[TKG + key]}
    assert used <= listed, sorted(used - listed)


def test_no_name_belongs_to_two(agents: Agents) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for thing in (*agents.agents, *agents.classes):
        for name in thing.names:
            owners[name.casefold()].add(thing.iri)
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


def test_names_are_clean(agents: Agents) -> None:
    for thing in (*agents.agents, *agents.classes):
        assert len({name.casefold() for name in thing.names}) == len(thing.names), thing
        for name in thing.names:
            assert name == " ".join(name.split())
            assert len(name) > 2, thing
            assert not re.search(r"[®™\x00-\x1f]", name), name


def test_the_name_of_a_class_is_no_name_of_an_agent(agents: Agents) -> None:
    # These stand among the synonyms of single agents in the sources.
    wrong = {"anti-pdl1", "immunoglobulin g4, anti-(human programmed cell death 1)"}
    assert not {name.casefold() for agent in agents.agents for name in agent.names} & wrong


def test_every_class_has_a_label_a_definition_names_and_a_member(agents: Agents, facts: Facts) -> None:
    members = Counter(above for agent in agents.agents for above in agents.within[agent.iri])
    for thing in agents.classes:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", thing.iri.rpartition("/")[2])
        assert facts[thing.iri][SKOS + "definition"], thing.iri
        assert len(thing.names) > 1, thing.iri
        assert members[thing.iri] > 0, thing.iri


def test_versions_agree(agents: Agents, facts: Facts) -> None:
    about = facts[PREFIXES["agent"]]
    assert about[PREFIXES["owl"] + "versionInfo"] == [agents.version]
    assert about[PREFIXES["owl"] + "versionIRI"] == [PREFIXES["agent"] + agents.version]
    head = (ONTOLOGY / "agents.sssom.tsv").read_text(encoding="utf-8")
    assert f'#mapping_set_version: "{agents.version}"\n' in head
    assert f'#subject_source_version: "{agents.version}"\n' in head


def test_agents_are_sorted_by_iri() -> None:
    text = (ONTOLOGY / "agents.ttl").read_text(encoding="utf-8")
    for kind in ("tkg:Agent , owl:NamedIndividual", "owl:Class"):
        order = re.findall(rf"^agent:(\S+) a {kind}", text, re.MULTILINE)
        assert order
        assert order == sorted(order)


def test_blank_nodes_are_only_in_definitions() -> None:
    allowed = {PREFIXES["owl"] + name for name in ("equivalentClass", "someValuesFrom", "intersectionOf")}
    allowed |= {PREFIXES["owl"] + name for name in ("unionOf", "oneOf")}
    allowed |= {PREFIXES["rdf"] + name for name in ("first", "rest")}
    for quad in pyoxigraph.parse(path=ONTOLOGY / "agents.ttl", format=pyoxigraph.RdfFormat.TURTLE):
        if isinstance(quad.object, pyoxigraph.BlankNode):
            assert quad.predicate.value in allowed


# --- identifiers -----------------------------------------------------------


def test_the_table_is_sorted_without_duplicates_and_complete(table: list[dict[str, str]]) -> None:
    keys = [(row["subject_id"], row["subject_label"], row["predicate_id"], row["object_id"]) for row in table]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert len(table) == len(load_mappings())
    for row in table:
        for column in ("subject_label", "mapping_justification", "object_source", "comment"):
            assert row[column], row
        assert row["mapping_justification"] == "semapv:ManualMappingCuration"


def test_identifiers_have_the_form_of_their_vocabulary(table: list[dict[str, str]]) -> None:
    for row in table:
        prefix, _, local = row["object_id"].partition(":")
        assert re.fullmatch(PATTERNS[prefix], local), row["object_id"]


def test_subjects_are_agents_by_their_label(table: list[dict[str, str]], agents: Agents) -> None:
    labels = {agent.iri: agent.label for agent in agents.agents}
    for row in table:
        assert labels[expand(row["subject_id"])] == row["subject_label"]


def test_an_identifier_belongs_to_one_agent_and_an_agent_has_one_of_a_kind(table: list[dict[str, str]]) -> None:
    assert max(Counter(row["object_id"] for row in table).values()) == 1
    kinds = Counter((row["subject_id"], row["object_id"].partition(":")[0], row["predicate_id"]) for row in table)
    assert max(kinds.values()) == 1


def test_the_header_says_the_licence_and_every_prefix() -> None:
    lines = (ONTOLOGY / "agents.sssom.tsv").read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    assert "#license: https://creativecommons.org/licenses/by/4.0/" in head
    stated = dict(re.findall(r'^#  (\w+): "(.+)"$', "\n".join(head), re.MULTILINE))
    assert stated == {prefix: PREFIXES[prefix] for prefix in stated}
    assert {"agent", "skos", "semapv", *PATTERNS} == set(stated)


@pytest.mark.parametrize(
    ("agent", "identifier"),
    [
        ("pembrolizumab", "obo:NCIT_C106432"),
        ("pembrolizumab", "mesh:C582435"),
        ("nivolumab", "mesh:D000077594"),
        ("aldesleukin", "mesh:C082598"),
        ("nemvaleukin alfa", "drugbank:DB18187"),
    ],
)
def test_known_identifiers(table: list[dict[str, str]], agent: str, identifier: str) -> None:
    assert ("agent:" + slug(agent), identifier) in {(row["subject_id"], row["object_id"]) for row in table}


@pytest.mark.parametrize(
    ("identifier", "why"),
    [
        ("obo:NCIT_C2742", "an invented code of pembrolizumab"),
        ("obo:NCIT_C162611", "disputed for cemiplimab"),
        ("obo:NCIT_C121540", "disputed for cemiplimab"),
        ("rxnorm:472407780", "a PubChem SID, given as the RxNorm id of dostarlimab"),
        ("mesh:D000082082", "given for nivolumab, whose record is D000077594"),
    ],
)
def test_identifiers_known_to_be_wrong_are_absent(table: list[dict[str, str]], identifier: str, why: str) -> None:
    assert identifier not in {row["object_id"] for row in table}, why


def test_identifiers_from_share_alike_sources_are_absent(table: list[dict[str, str]]) -> None:
    assert not {row["object_id"].partition(":")[0] for row in table} & {"chembl", "rxnorm", "atc"}
    said = (ONTOLOGY / "agents.ttl").read_text(encoding="utf-8") + str(table)
    assert not re.search(r"DrugCentral|ClinPGx|MOAlmanac", said, re.IGNORECASE)


def test_the_complex_and_the_natural_proteins_are_close_not_exact(table: list[dict[str, str]]) -> None:
    close = {(row["subject_id"], row["object_id"]) for row in table if row["predicate_id"] == "skos:closeMatch"}
    assert ("agent:nogapendekin-alfa", "mesh:C582303") in close
    assert ("agent:human-interleukin-2", "mesh:D007376") in close


# --- against the sources ---------------------------------------------------


@pytest.mark.shared_data
def test_every_agent_of_the_curated_list_is_present(shared_data: Path, agents: Agents) -> None:
    with (shared_data / "agents" / "io_agents.tsv").open(encoding="utf-8", newline="") as file:
        wanted = {agent_iri(row["preferred_name"]) for row in csv.DictReader(file, delimiter="\t")}
    assert len(wanted) == 84
    assert wanted <= {agent.iri for agent in agents.agents}


@pytest.mark.shared_data
def test_mesh_identifiers_and_labels_are_those_of_mesh(shared_data: Path, table: list[dict[str, str]]) -> None:
    wanted = {row["object_id"].partition(":")[2]: row["object_label"] for row in table if "mesh:" in row["object_id"]}
    found = {}
    for name in ("descriptors.tsv.gz", "supplementary.tsv.gz"):
        with gzip.open(shared_data / "mesh" / name, "rt", encoding="utf-8") as file:
            for line in file:
                ui, label = line.split("\t", 2)[:2]
                if ui in wanted:
                    found[ui] = label
    assert found == wanted


@pytest.mark.shared_data
def test_drugbank_and_unii_identifiers_are_those_of_drugbank(shared_data: Path, table: list[dict[str, str]]) -> None:
    with gzip.open(shared_data / "agents" / "drugbank_vocabulary.csv.gz", "rt", encoding="utf-8", newline="") as file:
        drugbank = {row["DrugBank ID"]: row for row in csv.DictReader(file)}
    ids = {row["subject_id"]: row["object_id"][9:] for row in table if row["object_id"].startswith("drugbank:")}
    assert len(ids) >= 80
    for row in table:
        prefix, _, local = row["object_id"].partition(":")
        if prefix == "drugbank":
            assert drugbank[local]["Common name"] == row["object_label"]
            assert drugbank[local]["Common name"].casefold() == row["subject_label"].casefold()
        elif prefix == "unii":
            assert drugbank[ids[row["subject_id"]]]["UNII"] == local


@pytest.mark.shared_data
def test_targets_are_those_of_the_curated_list_or_better_sourced(shared_data: Path, facts: Facts) -> None:
    # Where a database lists the receptor complex as the target of an antibody or a toxin, we have the chain it binds.
    ours_is_narrower = {"daclizumab", "denileukin diftitox"}
    with (shared_data / "agents" / "io_agents.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            listed = set(row["target_uniprot"].split("|")) - {""}
            actions = facts[agent_iri(row["preferred_name"])][TKG + "actsOn"]
            ours = {compress(t).partition(":")[2] for action in actions for t in facts[action][TKG + "target"]}
            if row["preferred_name"] in ours_is_narrower:
                assert ours < listed
            else:
                assert listed <= ours, row["preferred_name"]


def above_in_mesh(shared_data: Path) -> dict[str, set[str]]:
    """MeSH record → the descriptors that it stands under, those of the headings it is mapped to included."""
    trees: dict[str, list[str]] = {}
    mapped: dict[str, list[str]] = {}
    for name, column in (("descriptors.tsv.gz", trees), ("supplementary.tsv.gz", mapped)):
        with gzip.open(shared_data / "mesh" / name, "rt", encoding="utf-8") as file:
            for line in file:
                cells = line.rstrip("\n").split("\t")
                column[cells[0]] = cells[2].split("|")
    at = {tree: ui for ui, own in trees.items() for tree in own}

    def above(ui: str) -> set[str]:
        steps = (tree.split(".") for tree in trees[ui])
        return {at[".".join(parts[:length])] for parts in steps for length in range(2, len(parts) + 1)}

    found = {ui: above(ui) for ui in trees if ui.startswith("D")}
    return found | {
        ui: {one for heading in headings if heading in found for one in found[heading]}
        for ui, headings in mapped.items()
    }


GROUPS_OF_MESH = {
    "platinum-compound": {"D017671", "D009944"},
    "taxane": {"D043823"},
    "vinca-alkaloid": {"D014748"},
    "anthracycline": {"D018943"},
    "interferon-alpha": {"D016898"},
}


@pytest.mark.shared_data
def test_groups_that_rest_on_the_mesh_tree_are_there_in_mesh(shared_data: Path, facts: Facts) -> None:
    above = above_in_mesh(shared_data)
    checked = 0
    for agent in of_type(facts, TKG + "Agent"):
        groups = {compress(group).partition(":")[2] for group in facts[agent][TKG + "drugGroup"]}
        records = {compress(s).partition(":")[2] for s in facts[agent][DCTERMS + "source"] if s.startswith(MESH)}
        for group in groups & GROUPS_OF_MESH.keys():
            # Carboplatin and oxaliplatin are coordination complexes in MeSH, platinum compounds elsewhere.
            if records and not records & {"D016190", "D000077150"}:
                assert any(above[record] & GROUPS_OF_MESH[group] for record in records), (agent, group)
                checked += 1
    assert checked >= 15


@pytest.mark.shared_data
def test_groups_match_mesh_descriptors_by_their_label(shared_data: Path) -> None:
    with gzip.open(shared_data / "mesh" / "descriptors.tsv.gz", "rt", encoding="utf-8") as file:
        labels = dict(line.split("\t", 2)[:2] for line in file)
    matches: dict[str, set[str]] = defaultdict(set)
    for quad in pyoxigraph.parse(path=ONTOLOGY / "codes.ttl", format=pyoxigraph.RdfFormat.TURTLE):
        if quad.predicate.value == SKOS + "closeMatch" and str(quad.object).startswith(f"<{MESH}"):
            matches[compress(str(quad.subject).strip("<>"))].add(
                labels[str(quad.object).strip("<>").rpartition("/")[2]]
            )
    assert matches == {
        "drug-group:platinum-compound": {"Platinum Compounds", "Organoplatinum Compounds"},
        "drug-group:taxane": {"Taxoids"},
        "drug-group:vinca-alkaloid": {"Vinca Alkaloids"},
        "drug-group:anthracycline": {"Anthracyclines"},
        "drug-group:antimetabolite": {"Antimetabolites, Antineoplastic"},
        "drug-group:alkylating-agent": {"Antineoplastic Agents, Alkylating"},
        "drug-group:topoisomerase-inhibitor": {"Topoisomerase Inhibitors"},
        "drug-group:interferon-alpha": {"Interferon-alpha"},
    }


@pytest.mark.parametrize("part", ["tkg:drugGroup", "tkg:selectivity"])
def test_groups_and_selectivity_have_a_source_that_is_not_only_a_list_of_names(part: str, facts: Facts) -> None:
    for subject, about in facts.items():
        if about[expand(part)] and "interferon" not in subject:
            sources = about[DCTERMS + "source"]
            assert any(not source.startswith(PREFIXES["drugbank"]) for source in sources), subject
