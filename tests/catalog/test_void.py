"""The counts of the VoID description are those of the files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Triple
from rdflib import RDF, VOID, XSD, Graph, URIRef
from rdflib.term import Node

from kg.catalog import ExportReport
from kg.catalog.void import VOID_EXT, Counts, Subset, describe
from kg.namespaces import PREFIXES

BASE = "https://w3id.org/trialkg/export/"
PARTS = ("studies", "concepts", "vocabulary", "codes", "agents")

# The query by which editors and sparql-llm learn a schema from VoID, written anew.
SCHEMA = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subject ?property ?object ?datatype WHERE {
  ?partition void:class ?subject ; void:propertyPartition ?inner .
  ?inner void:property ?property .
  OPTIONAL { { ?inner void:classPartition [ void:class ?object ] } UNION { ?inner ext:datatypePartition [ ext:datatype ?datatype ] } }
}
"""  # noqa: E501


@pytest.fixture(scope="module")
def void(exported: ExportReport) -> Graph:
    return Graph().parse(exported.output / "void.ttl")


@pytest.fixture(scope="module")
def parts(exported: ExportReport) -> dict[str, Graph]:
    return {name: Graph().parse(exported.output / f"{name}.ttl") for name in PARTS}


def number(graph: Graph, node: Node, name: str) -> int:
    (value,) = graph.objects(node, VOID[name])
    assert isinstance(value, rdflib.Literal)
    assert value.datatype == XSD.integer
    return int(value)


def table(void: Graph, parent: Node, link: URIRef, key: URIRef, name: str) -> dict[Node, int]:
    found: dict[Node, int] = {}
    for child in void.objects(parent, link):
        (of,) = void.objects(child, key)
        assert of not in found, f"{parent} says {of} twice"
        found[of] = number(void, child, name)
    return found


@pytest.mark.parametrize("name", PARTS)
def test_counts_are_those_of_the_file(void: Graph, parts: dict[str, Graph], name: str) -> None:
    node, data = URIRef(f"{BASE}void/{name}"), parts[name]
    assert (URIRef(BASE + "dataset"), VOID.subset, node) in void
    assert number(void, node, "triples") == len(data)
    assert number(void, node, "distinctSubjects") == number(void, node, "entities") == len(set(data.subjects()))
    assert number(void, node, "properties") == len(set(data.predicates()))
    instances = Counter(of for _, of in set(data.subject_objects(RDF.type)) if isinstance(of, URIRef))
    assert number(void, node, "classes") == len(instances)
    assert table(void, node, VOID.classPartition, VOID["class"], "entities") == instances
    by_property = Counter(predicate for _, predicate, _ in data)
    assert table(void, node, VOID.propertyPartition, VOID.property, "triples") == by_property
    subjects = Counter(predicate for _, predicate in {(s, p) for s, p, _ in data})
    assert table(void, node, VOID.propertyPartition, VOID.property, "distinctSubjects") == subjects


@pytest.mark.parametrize("name", PARTS)
def test_what_each_class_says_about_what(void: Graph, parts: dict[str, Graph], name: str) -> None:
    data = parts[name]
    everything = Graph()
    for part in parts.values():
        everything += part
    wanted: Counter[tuple[Node, Node]] = Counter()
    of_class: Counter[tuple[Node, Node, Node]] = Counter()
    of_datatype: Counter[tuple[Node, Node, Node]] = Counter()
    for subject, predicate, value in data:
        for kind in data.objects(subject, RDF.type):
            wanted[kind, predicate] += 1
            if isinstance(value, rdflib.Literal):
                implied = rdflib.RDF.langString if value.language else XSD.string
                of_datatype[kind, predicate, value.datatype or implied] += 1
            elif predicate != RDF.type:
                for object_kind in everything.objects(value, RDF.type):
                    of_class[kind, predicate, object_kind] += 1
    found: Counter[tuple[Node, Node]] = Counter()
    found_class: Counter[tuple[Node, Node, Node]] = Counter()
    found_datatype: Counter[tuple[Node, Node, Node]] = Counter()
    for partition in void.objects(URIRef(f"{BASE}void/{name}"), VOID.classPartition):
        (kind,) = void.objects(partition, VOID["class"])
        for inner in void.objects(partition, VOID.propertyPartition):
            (predicate,) = void.objects(inner, VOID.property)
            found[kind, predicate] = number(void, inner, "triples")
            for of, count in table(void, inner, VOID.classPartition, VOID["class"], "triples").items():
                found_class[kind, predicate, of] = count
            datatypes = table(
                void, inner, URIRef(VOID_EXT + "datatypePartition"), URIRef(VOID_EXT + "datatype"), "triples"
            )
            for of, count in datatypes.items():
                found_datatype[kind, predicate, of] = count
    assert found == wanted
    assert found_class == of_class
    assert found_datatype == of_datatype


def test_totals_count_what_two_parts_say_once(void: Graph, parts: dict[str, Graph], exported: ExportReport) -> None:
    dataset = URIRef(BASE + "dataset")
    union = {triple for part in parts.values() for triple in part}
    assert number(void, dataset, "triples") == len(union) == exported.statements
    subjects = {subject for subject, _, _ in union}
    assert number(void, dataset, "distinctSubjects") == number(void, dataset, "entities") == len(subjects)
    assert number(void, dataset, "properties") == len({predicate for _, predicate, _ in union})
    classes = {kind for _, predicate, kind in union if predicate == RDF.type and isinstance(kind, URIRef)}
    assert number(void, dataset, "classes") == len(classes)
    assert sum(len(set(part.subjects())) for part in parts.values()) > len(subjects)


def test_linksets_count_the_links_of_the_files(void: Graph, parts: dict[str, Graph]) -> None:
    found: Counter[tuple[str, str, Node]] = Counter()
    for linkset in void.subjects(RDF.type, VOID.Linkset):
        (part,), (target,) = void.objects(linkset, VOID.subjectsTarget), void.objects(linkset, VOID.objectsTarget)
        (uri_space,), (predicate,) = void.objects(target, VOID.uriSpace), void.objects(linkset, VOID.linkPredicate)
        assert (part, VOID.subset, linkset) in void
        assert (target, RDF.type, VOID.Dataset) in void
        found[str(part).rpartition("/")[2], str(uri_space), predicate] += number(void, linkset, "triples")
    spaces = [PREFIXES[name] for name in ("mesh", "agent", "code", "clinicaltrials", "pubmed", "drugbank", "uniprot")]
    spaces += ["https://clinicaltrials.gov/study/"]
    for name, data in parts.items():
        for space in spaces:
            wanted = Counter(
                predicate
                for subject, predicate, value in data
                if isinstance(value, URIRef) and value.startswith(space) and not str(subject).startswith(space)
                if predicate != RDF.type
            )
            assert {key[2]: count for key, count in found.items() if key[:2] == (name, space)} == wanted
    assert found["studies", PREFIXES["mesh"], URIRef(PREFIXES["tkg"] + "conditionConcept")] == 3
    assert found["studies", PREFIXES["agent"], URIRef(PREFIXES["tkg"] + "drug")] == 6


def test_readers_learn_the_schema(void: Graph) -> None:
    rows = {tuple(None if cell is None else str(cell) for cell in row) for row in void.query(SCHEMA)}  # type: ignore[union-attr]
    tkg = PREFIXES["tkg"]
    assert (tkg + "Study", tkg + "arm", tkg + "Arm", None) in rows
    assert (tkg + "Study", tkg + "startDate", None, str(XSD.date)) in rows
    assert (tkg + "Study", tkg + "leadSponsor", PREFIXES["org"] + "Organization", None) in rows
    assert (tkg + "Study", tkg + "phase", PREFIXES["skos"] + "Concept", None) in rows
    assert (tkg + "Arm", tkg + "drug", tkg + "Agent", None) in rows


def test_no_blank_node_and_dumps_exist(void: Graph, exported: ExportReport) -> None:
    assert not [term for triple in void for term in triple if isinstance(term, rdflib.BNode)]
    dumps = {str(url).removeprefix(BASE) for url in void.objects(URIRef(BASE + "dataset"), VOID.dataDump)}
    assert dumps == {file.name for file in exported.files if file.form != "tsv"}
    assert all((exported.output / name).is_file() for name in dumps)
    examples = set(void.objects(URIRef(BASE + "dataset"), VOID.exampleResource))
    assert examples == {URIRef(PREFIXES["trial"] + "NCT99999901")}


def test_vocabularies_are_those_of_the_properties(void: Graph, parts: dict[str, Graph]) -> None:
    names = {str(iri) for iri in void.objects(URIRef(BASE + "dataset"), VOID.vocabulary)}
    assert PREFIXES["tkg"] in names
    assert all(any(str(p).startswith(name) for name in names) for part in parts.values() for p in part.predicates())


def test_classes_stated_here_and_elsewhere_count_once() -> None:
    subject, part, other = (NamedNode(f"https://example.org/{name}") for name in ("s", "part", "other"))
    type_, link, kind = (
        NamedNode(PREFIXES["rdf"] + "type"),
        NamedNode("https://example.org/p"),
        NamedNode("https://example.org/K"),
    )
    asked: list[str] = []

    def elsewhere(iri: str) -> list[str]:
        asked.append(iri)
        return ["https://example.org/Other"] if iri == other.value else [kind.value]

    counts = Counts()
    counts.add(
        [
            Triple(subject, type_, kind),
            Triple(part, type_, kind),
            Triple(subject, link, part),
            Triple(subject, link, other),
            Triple(subject, link, Literal("x")),
        ],
        elsewhere,
    )
    assert asked == [part.value, other.value]
    assert counts.object_class == {
        (kind.value, link.value, kind.value): 1,
        (kind.value, link.value, "https://example.org/Other"): 1,
    }
    assert (counts.triples, counts.subjects, counts.instances[kind.value]) == (5, 2, 2)


def test_a_class_without_a_prefix_gets_a_node_of_its_own(tmp_path: Path) -> None:
    counts = Counts()
    type_ = NamedNode(PREFIXES["rdf"] + "type")
    for name in ("A B", "A%20B", "A/B"):
        node = NamedNode(f"https://example.org/{name.replace(' ', '+')}")
        counts.add([Triple(node, type_, node)])
    graph = describe(BASE, "t", [Subset("x", "x", counts, ())], 3, modified="2025-03", licence="")
    assert len(set(graph.subjects(VOID["class"], None))) == 3
    (modified,) = graph.objects(URIRef(BASE + "dataset"), rdflib.DCTERMS.modified)
    assert modified == rdflib.Literal("2025-03", datatype=XSD.gYearMonth)
