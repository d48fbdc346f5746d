"""The catalog passes our own shapes, which can fail, and says what was written; for those of others: test_demo.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, SH, XSD, Graph, Literal, Namespace, URIRef

from kg.catalog import ExportReport, Publication, read_publication
from kg.catalog.checksums import digest
from kg.catalog.profiles.checking import shapes_of
from kg.errors import InputError, UsageError

BASE = "https://w3id.org/trialkg/export/"
DATASET = URIRef(BASE + "dataset")
SPDX = Namespace("http://spdx.org/rdf/terms#")
AVAILABILITY = URIRef("http://data.europa.eu/r5r/availability")
EU = "http://publications.europa.eu/resource/authority/"


@pytest.fixture
def catalog(exported: ExportReport) -> Graph:
    return Graph().parse(exported.output / "catalog.ttl")


@pytest.fixture
def full(exported_in_full: ExportReport) -> Graph:
    """A catalog with every optional fact."""
    return Graph().parse(exported_in_full.output / "catalog.ttl")


@pytest.fixture(scope="module")
def own_shapes() -> Graph:
    return shapes_of(("catalog.ttl",))


def conforms(data: Graph, shapes: Graph) -> tuple[bool, str]:
    good, _, text = validate(data, shacl_graph=shapes, inference="none")
    return good, text


# --- Our own shapes ---------------------------------------------------------------------------------------------


def test_own_shapes(catalog: Graph, full: Graph, own_shapes: Graph) -> None:
    for graph in (catalog, full):
        good, text = conforms(graph, own_shapes)
        assert good, text


@pytest.mark.parametrize("shape", ["Catalog", "Dataset", "Distribution", "Checksum"])
def test_each_rule_of_our_own_can_fail(catalog: Graph, own_shapes: Graph, shape: str) -> None:
    s = Namespace("https://w3id.org/trialkg/shapes#")
    node = min(catalog.subjects(RDF.type, own_shapes.value(s[shape], SH.targetClass)), key=str)
    rules = list(own_shapes.objects(s[shape], SH.property))
    assert rules
    for rule in rules:
        path = own_shapes.value(rule, SH.path)
        assert path is not None
        choice = own_shapes.value(path, SH.alternativePath)
        paths = list(own_shapes.items(choice)) if choice else [path]
        wrong = Graph() + catalog
        for one in paths:
            wrong.remove((node, one, None))
        if not choice:
            # A value that is nothing: no date, no agent, no language, no authority.
            wrong.add((node, path, Literal(1.5)))
        _, results, _ = validate(wrong, shacl_graph=own_shapes, inference="none")
        assert (None, SH.sourceShape, rule) in results, rule


def test_only_a_folder_has_no_checksum(catalog: Graph, own_shapes: Graph) -> None:
    node = URIRef(BASE + "distribution/studies.ttl")
    catalog.remove((node, SPDX.checksum, None))
    assert not conforms(catalog, own_shapes)[0]
    catalog.set((node, DCAT.downloadURL, URIRef(BASE + "studies/")))
    assert conforms(catalog, own_shapes)[0]


def test_a_blank_node_fails_our_own_shapes(catalog: Graph, own_shapes: Graph) -> None:
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, SPDX.Checksum, FOAF.Agent):
        blank = rdflib.BNode()
        wrong = Graph() + catalog
        wrong.add((blank, RDF.type, kind))
        _, results, _ = validate(wrong, shacl_graph=own_shapes, inference="none")
        assert (None, SH.focusNode, blank) in results, kind


# --- What it says -----------------------------------------------------------------------------------------------


def test_one_distribution_for_each_data_file(catalog: Graph, exported: ExportReport) -> None:
    nodes = {str(node): node for node in catalog.objects(DATASET, DCAT.distribution)}
    assert set(nodes) == {f"{BASE}distribution/{file.name}" for file in exported.files}
    for node in nodes.values():
        path = exported.output / str(catalog.value(node, DCAT.downloadURL)).removeprefix(BASE)
        size = catalog.value(node, DCAT.byteSize)
        assert isinstance(size, Literal)
        assert (str(size), size.datatype) == (str(path.stat().st_size), XSD.nonNegativeInteger)
        value = catalog.value(catalog.value(node, SPDX.checksum), SPDX.checksumValue)
        assert str(value) == digest(path)
        packed = catalog.value(node, DCAT.compressFormat) is not None
        assert packed == (path.suffix == ".gz")


def test_one_dataset_and_no_blank_node(catalog: Graph, full: Graph) -> None:
    for graph in (catalog, full):
        assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 1
        assert not [term for triple in graph for term in triple if isinstance(term, rdflib.BNode)]


def test_dates_are_those_of_the_data(catalog: Graph) -> None:
    period = catalog.value(DATASET, DCTERMS.temporal)
    assert str(catalog.value(period, DCAT.startDate)) == "2020-01-01"
    assert str(catalog.value(period, DCAT.endDate)) == str(catalog.value(DATASET, DCTERMS.modified)) == "2026-08-14"
    assert str(catalog.value(DATASET, URIRef(str(DCAT) + "version"))) == "2026-08-14+mapping.0.1.0"


def test_countries_are_those_of_the_sites(catalog: Graph) -> None:
    for node in (DATASET, URIRef(BASE + "catalog")):
        assert set(catalog.objects(node, DCTERMS.spatial)) == {URIRef(EU + "country/FRA")}


def test_optional_facts(full: Graph) -> None:
    publisher, dataset = URIRef("https://ror.org/000000000"), URIRef("https://data.example.org/trials/dataset")
    catalog = URIRef("https://data.example.org/trials/catalog")
    assert full.value(dataset, DCTERMS.publisher) == publisher
    assert str(full.value(publisher, DCTERMS.type)).endswith("/publishertype/Academia-ScientificOrganisation")
    assert {str(full.value(node, DCTERMS.issued)) for node in (dataset, catalog)} == {"2026-11-01"}
    for node in full.objects(dataset, DCAT.distribution):
        assert full.value(node, AVAILABILITY) == URIRef(EU + "planned-availability/STABLE")
    assert (None, DCAT.endpointURL, URIRef("https://data.example.org/sparql")) in full
    assert (None, None, URIRef("mailto:data@example.org")) in full
    assert (dataset, DCTERMS.accrualPeriodicity, URIRef(EU + "frequency/MONTHLY")) in full


# --- Publication facts ------------------------------------------------------------------------------------------


def test_publication_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "publication.toml"
    path.write_text('title = "Ours"\nkeywords = ["a", "b"]\n', encoding="utf-8")
    publication = read_publication(path)
    assert (publication.title, publication.keywords) == ("Ours", ("a", "b"))
    assert publication.base_url == Publication().base_url


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("keywords = []", "keywords"),
        ('keywords = ["a", " "]', "keywords"),
        ('health.legislation = ["EHDS"]', "health.legislation"),
        ('health.categories = [""]', "health.categories"),
        ('health.hdab.page = "somewhere"', "health.hdab.page"),
        ('health.holder.email = "nobody"', "health.holder.email"),
    ],
)
def test_wrong_facts_in_lists_and_tables_are_named(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "publication.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"^{re.escape(place)}: "):
        read_publication(tmp_path / "publication.toml")


@pytest.mark.parametrize("text", ["title = ", 'titel = "typing error"', "title = 3", 'title = "\\ud800"', None])
def test_a_file_that_is_no_publication(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "publication.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"publication\.toml: publication facts: .*expected TOML with base_url"):
        read_publication(path)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "publication.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(InputError, match="publication facts"):
        read_publication(tmp_path / "publication.toml")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "https://example.org/no-slash"),
        ("base_url", "ftp://example.org/"),
        ("base_url", "https://example.org/a b/"),
        ("licence", ""),
        ("licence", "CC BY"),
        ("endpoint", 'https://example.org/"'),
        ("publisher_iri", "somebody"),
        ("contact_url", "javascript:alert(1)"),
        ("contact_email", "nobody"),
        ("contact_email", "a@b> <c"),
        ("frequency", "every month"),
        ("issued", "2026-11"),
        ("issued", "2026-02-30"),
        ("availability", "SOMETIMES"),
        ("publisher_type", "Person"),
        ("title", " "),
        ("rights", ""),
    ],
)
def test_wrong_publication_facts_are_named(field: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"^{field}: "):
        Publication(**{field: value})  # type: ignore[arg-type]
    (tmp_path / "publication.toml").write_text(f"{field} = '''{value}'''", encoding="utf-8")
    with pytest.raises(UsageError, match=f"^{field}: "):
        read_publication(tmp_path / "publication.toml")
