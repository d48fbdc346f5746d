"""Each profile writes what it should and fits our rules, which can fail; for those of others: test_demo.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pyoxigraph import Store
from rdflib import DCAT, DCTERMS, FOAF, RDF, SH, VOID, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kg.catalog import Body, ExportReport, HealthFacts, Publication, export
from kg.catalog.profiles import PROFILES, json_ld
from kg.catalog.profiles.checking import check, shapes_of
from kg.cli import main
from kg.errors import UsageError
from kg.namespaces import PREFIXES
from kg.validation import Validator

BASE_URL = "https://data.example.org/trials/"
DATASET = URIRef(BASE_URL + "dataset")
SCHEMA = Namespace("https://schema.org/")
DCTYPES = Namespace("http://purl.org/dc/dcmitype/")
PAV = Namespace("http://purl.org/pav/")
HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
CSVW = Namespace("http://www.w3.org/ns/csvw#")
HERE = Path(__file__).parent
DESCRIPTIONS = [name for profile in PROFILES.values() for name in profile.files]
SHAPES_OF = {
    "hcls.ttl": ("hcls.ttl",),
    "healthdcat-ap-r8-public.ttl": ("catalog.ttl", "healthdcat.ttl"),
    "bioschemas.jsonld": ("bioschemas.ttl",),
    "croissant.json": ("croissant.ttl",),
}


def described(report: ExportReport, name: str) -> Graph:
    text = (report.output / name).read_text(encoding="utf-8")
    return Graph().parse(data=text) if name.endswith(".ttl") else json_ld.read(text, BASE_URL)


def broken(graph: Graph, *names: str) -> str:
    with pytest.raises(UsageError) as caught:
        check(graph, names, "a description")
    return str(caught.value)


# --- Every profile ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_no_study_is_a_dataset_in_a_catalog_file(exported_in_full: ExportReport, name: str) -> None:
    graph = described(exported_in_full, name)
    kinds = [DCAT.Dataset, DCTYPES.Dataset, SCHEMA.Dataset, VOID.Dataset, URIRef("http://schema.org/Dataset")]
    datasets = {node for kind in kinds for node in graph.subjects(RDF.type, kind)}
    assert datasets
    assert not [node for node in datasets if str(node).startswith(PREFIXES["trial"])]


@pytest.mark.parametrize("name", SHAPES_OF)
def test_a_study_that_is_a_dataset_breaks_a_rule(exported_in_full: ExportReport, name: str) -> None:
    for kind in (DCAT.Dataset, DCTYPES.Dataset, SCHEMA.Dataset, VOID.Dataset):
        graph = described(exported_in_full, name)
        graph.add((URIRef(PREFIXES["trial"] + "NCT99999901"), RDF.type, kind))
        assert "NoStudyIsDataset" in broken(graph)


@pytest.mark.parametrize("name", SHAPES_OF)
def test_every_rule_of_a_profile_can_fail(exported_in_full: ExportReport, name: str) -> None:
    """Each property rule is broken once, at the first node it is for: its values are taken away, or are nonsense."""
    shapes, tried = shapes_of(SHAPES_OF[name]), 0
    validator = Validator(shapes)
    described_before = described(exported_in_full, name)
    for shape in sorted(set(shapes.subjects(SH.property, None)), key=str):
        targets = list(target_nodes(described_before, shapes, shape))
        for rule in shapes.objects(shape, SH.property) if targets else ():
            node, path = min(targets, key=str), shapes.value(rule, SH.path)
            assert path is not None
            choice = shapes.value(path, SH.alternativePath)
            paths = list(shapes.items(choice)) if choice else [path]
            without = Graph() + described_before
            for one in paths:
                without.remove((node, one, None))
            nonsense = Graph() + without
            nonsense.add((node, paths[0], BNode()))
            nonsense.add((node, paths[0], Literal(1.5)))
            broken_now = broken_rules(without, validator) | broken_rules(nonsense, validator)
            assert str(rule).rpartition("#")[2] in broken_now, rule
            tried += 1
    assert tried > 10


def target_nodes(graph: Graph, shapes: Graph, shape: Node) -> Iterator[Node]:
    for kind in shapes.objects(shape, SH.targetClass):
        yield from graph.subjects(RDF.type, kind)
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        yield from graph.objects(None, predicate)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        yield from graph.subjects(predicate, None)


def broken_rules(graph: Graph, validator: Validator) -> set[str]:
    return {result.rule_name for result in validator.graph(graph).results}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_node_has_an_iri(exported_in_full: ExportReport, name: str) -> None:
    blank = {term for triple in described(exported_in_full, name) for term in triple if isinstance(term, BNode)}
    # Croissant's own way to say where a column is from has none, but there is no such column here.
    assert blank == set()


def test_the_same_bytes_again(
    exported_in_full: ExportReport, invented: Store, publication: Publication, tmp_path: Path
) -> None:
    again = export(
        invented, tmp_path / "again", formats=("ttl", "nt.gz"), profiles=tuple(PROFILES), publication=publication
    )
    for name in DESCRIPTIONS:
        assert (again.output / name).read_bytes() == (exported_in_full.output / name).read_bytes(), name


def test_profiles_are_listed_for_people_and_checked(exported_in_full: ExportReport) -> None:
    checksums = (exported_in_full.output / "CHECKSUMS.sha256").read_text()
    readme = (exported_in_full.output / "README.md").read_text()
    for name in DESCRIPTIONS:
        assert f"  {name}\n" in checksums
        assert f"| `{name}` |" in readme


# --- HCLS -------------------------------------------------------------------------------------------------------


def test_hcls_has_three_levels(exported_in_full: ExportReport) -> None:
    graph = described(exported_in_full, "hcls.ttl")
    ((version, summary),) = graph.subject_objects(DCTERMS.isVersionOf)
    assert str(graph.value(version, PAV.version)) == exported_in_full.version
    assert summary == URIRef(BASE_URL + "summary")
    files = {str(graph.value(node, DCAT.downloadURL)) for node in graph.objects(version, DCAT.distribution)}
    assert files == {BASE_URL + file.name for file in exported_in_full.files}
    assert set(graph.subjects(RDF.type, DCTYPES.Dataset)) == {
        summary, version, *graph.objects(version, DCAT.distribution)
    }  # fmt: skip


def test_hcls_counts_are_those_of_the_files(exported_in_full: ExportReport) -> None:
    graph = described(exported_in_full, "hcls.ttl")
    counted = 0
    for node in graph.subjects(RDF.type, VOID.Dataset):
        name = str(graph.value(node, VOID.dataDump)).removeprefix(BASE_URL)
        if name.endswith(".gz"):
            continue
        data = Graph().parse(exported_in_full.output / name)
        numbers = [int(str(graph.value(node, VOID[kind]))) for kind in ("triples", "distinctSubjects", "properties")]
        assert numbers == [len(data), len(set(data.subjects())), len(set(data.predicates()))]
        counted += 1
    assert counted == 5


@pytest.mark.parametrize(
    ("level", "predicate", "rule"),
    [
        ("summary", PAV.version, "HclsSummaryWithout"),
        ("summary", DCTERMS.issued, "HclsSummaryWithout"),
        ("version", DCTERMS["format"], "HclsVersionWithout"),
        ("version", VOID.triples, "HclsVersionWithout"),
        ("distribution", DCTERMS.isVersionOf, "HclsLevel"),
    ],
)
def test_hcls_forbids(exported_in_full: ExportReport, level: str, predicate: URIRef, rule: str) -> None:
    graph = described(exported_in_full, "hcls.ttl")
    ((version, summary),) = graph.subject_objects(DCTERMS.isVersionOf)
    nodes = {"summary": summary, "version": version, "distribution": next(graph.objects(version, DCAT.distribution))}
    graph.add((nodes[level], predicate, summary))
    assert rule in broken_rules(graph, Validator(shapes_of(("hcls.ttl",))))


# --- HealthDCAT-AP ----------------------------------------------------------------------------------------------


def test_healthdcat_invents_nothing(invented: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = (
        r"lack base_url, publisher, contact, contact_url, health\.legislation, .*health\.hdab\.name, .*--publication"
    )
    with pytest.raises(UsageError, match=wanted):
        export(invented, tmp_path / "out", profiles=["healthdcat-ap-r8-public"])
    publication = Publication(
        base_url=BASE_URL,
        publisher="Somebody",
        contact="Desk",
        contact_url="https://example.org/",
        health=HealthFacts(
            legislation=("https://example.org/act",), hdab=Body(name="Body"), holder=Body(name="Holder")
        ),
    )
    with pytest.raises(UsageError) as caught:
        export(invented, tmp_path / "out", profiles=["healthdcat-ap-r8-public"], publication=publication)
    left = "health.categories, health.hdab.email or health.hdab.page, health.holder.email or health.holder.page"
    assert caught.value.problem == f"the publication facts lack {left}"
    assert not (tmp_path / "out").exists()
    # What is missing is found before the store is opened.
    arguments = ["export", "-o", str(tmp_path / "out"), "--profile", "healthdcat-ap-r8-public"]
    assert main([*arguments, "--store", str(tmp_path / "none")]) == 2
    assert "health.hdab.name" in capfd.readouterr().err


def test_healthdcat_says_what_it_was_told(exported_in_full: ExportReport, publication: Publication) -> None:
    graph = described(exported_in_full, "healthdcat-ap-r8-public.ttl")
    assert not list(graph.subjects(RDF.type, DCAT.Catalog))
    body = graph.value(DATASET, HEALTH.hdab)
    assert str(graph.value(body, FOAF.name)) == publication.health.hdab.name
    acts = {str(act) for act in graph.objects(DATASET, URIRef("http://data.europa.eu/r5r/applicableLegislation"))}
    assert acts == set(publication.health.legislation)
    assert int(str(graph.value(DATASET, HEALTH.numberOfRecords))) == exported_in_full.studies


def test_healthdcat_describes_the_columns_of_the_table(exported_in_full: ExportReport) -> None:
    graph = described(exported_in_full, "healthdcat-ap-r8-public.ttl")
    (group,) = graph.objects(DATASET, HEALTH.hasVariables)
    (table,) = graph.objects(group, CSVW.table)
    lines = (exported_in_full.output / "links.sssom.tsv").read_text(encoding="utf-8").splitlines()
    head = next(line for line in lines if not line.startswith("#"))
    columns = {str(graph.value(column, CSVW.name)) for column in graph.objects(table, CSVW.column)}
    assert columns == set(head.split("\t"))
    # Structured data without variables is what the official shapes cannot say to pySHACL; see test_demo.py.
    graph.remove((DATASET, HEALTH.hasVariables, None))
    assert "HealthDataset" in broken(graph, "healthdcat.ttl")


# --- Bioschemas -------------------------------------------------------------------------------------------------


def document(report: ExportReport, name: str) -> Any:
    return json.loads((report.output / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bioschemas() -> dict[str, Any]:
    """The profiles as JSON Schema, written by us from their tables."""
    return json.loads((HERE / "bioschemas.schema.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ["Dataset", "DataCatalog"])
def test_bioschemas_json_schema(exported_in_full: ExportReport, bioschemas: dict[str, Any], kind: str) -> None:
    (one,) = [node for node in document(exported_in_full, "bioschemas.jsonld")["@graph"] if node["@type"] == kind]
    schema = {"$ref": f"#/$defs/{kind}", "$defs": bioschemas["$defs"]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["uri", "date"]))
    assert list(validator.iter_errors(one)) == []
    for name in bioschemas["$defs"][kind]["required"]:
        assert list(validator.iter_errors({key: value for key, value in one.items() if key != name})), name
    assert list(validator.iter_errors(one | {"url": 3}))
    left_out = set(bioschemas["recommended"][kind]) - one.keys()
    # There is no paper to cite, no measurement, and one name; docs/conformance.md says so.
    assert left_out == {
        "Dataset": {"alternateName", "citation", "measurementTechnique", "variableMeasured"},
        "DataCatalog": {"about", "alternateName", "citation", "dateCreated", "sourceOrganization"},
    }[kind]  # fmt: skip


def test_json_ld_is_read_without_a_server(exported_in_full: ExportReport) -> None:
    """The context is in the file; one that is named would be fetched, and names of terms would be lost offline."""
    for name in ("bioschemas.jsonld", "croissant.json"):
        assert isinstance(document(exported_in_full, name)["@context"], dict)
        graph = described(exported_in_full, name)
        assert list(graph.subjects(RDF.type, SCHEMA.Dataset)) == [DATASET]
        assert not [predicate for predicate in graph.predicates() if str(predicate).startswith("http://schema.org/")]


# --- Croissant --------------------------------------------------------------------------------------------------


def test_croissant_has_every_file_with_its_hash(exported_in_full: ExportReport) -> None:
    files = {file["@id"]: file for file in document(exported_in_full, "croissant.json")["distribution"]}
    assert set(files) == {file.name for file in exported_in_full.files}
    for file in exported_in_full.files:
        assert files[file.name]["sha256"] == file.sha256
        assert files[file.name]["contentSize"] == f"{file.size} B"
        assert files[file.name]["contentUrl"] == BASE_URL + file.name


def test_croissant_wants_a_date(invented: Store, tmp_path: Path, exported_in_full: ExportReport) -> None:
    graph = described(exported_in_full, "croissant.json")
    graph.remove((None, SCHEMA.datePublished, None))
    assert "set issued in the publication facts" in broken(graph, "croissant.ttl")
    report = export(invented, tmp_path / "out", profiles=["croissant"])
    assert document(report, "croissant.json")["datePublished"] == report.data_date
