"""The catalog passes the official shapes of DCAT-AP 3.0.1 and our own, and those can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Store
from pyshacl import validate
from rdflib import DCAT, DCTERMS, FOAF, RDF, SH, XSD, Graph, Literal, Namespace, URIRef

from kg.catalog import ExportReport, Publication, export, read_publication
from kg.catalog.checksums import digest
from kg.config import resource
from kg.errors import InputError, UsageError

BASE = "https://w3id.org/trialkg/export/"
DATASET = URIRef(BASE + "dataset")
SPDX = Namespace("http://spdx.org/rdf/terms#")
EU = "http://publications.europa.eu/resource/authority/"

# Types of authority IRIs that the shared stubs do not have. Background data: a catalog does not repeat them.
BACKGROUND = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix type: <http://publications.europa.eu/resource/authority/file-type/> .
@prefix frequency: <http://publications.europa.eu/resource/authority/frequency/> .
<https://www.iana.org/assignments/media-types/application/n-triples> a dct:MediaType .
<https://www.iana.org/assignments/media-types/application/gzip> a dct:MediaType .
<https://www.iana.org/assignments/media-types/text/tab-separated-values> a dct:MediaType .
type:RDF_N_TRIPLES a skos:Concept , dct:MediaTypeOrExtent ;
    skos:prefLabel "RDF N-Triples"@en ; skos:inScheme eu:file-type .
type:TSV a skos:Concept , dct:MediaTypeOrExtent ; skos:prefLabel "TSV"@en ; skos:inScheme eu:file-type .
frequency:MONTHLY a skos:Concept , dct:Frequency ; skos:prefLabel "monthly"@en ; skos:inScheme eu:frequency .
"""


@pytest.fixture
def catalog(exported: ExportReport) -> Graph:
    return Graph().parse(exported.output / "catalog.ttl")


@pytest.fixture(scope="session")
def full(invented: Store, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """A catalog with every optional fact."""
    publication = Publication(
        publisher_iri="https://ror.org/000000000",
        contact_email="data@example.org",
        endpoint="https://data.example.org/sparql",
        frequency="MONTHLY",
    )
    report = export(invented, tmp_path_factory.mktemp("full") / "out", publication=publication)
    return Graph().parse(report.output / "catalog.ttl")


@pytest.fixture(scope="session")
def own_shapes() -> Graph:
    shapes = Graph()
    for name in ("common.ttl", "catalog.ttl"):
        shapes.parse(data=resource("shapes", name).read_bytes(), format="turtle")
    return shapes


@pytest.fixture(scope="session")
def official(shared_data: Path) -> Callable[..., list[str]]:
    """Validates a catalog against official shape files; gives ``path shape`` for each result."""
    folder = shared_data / "catalog-shapes"

    def run(catalog: Graph, *names: str) -> list[str]:
        data = Graph() + catalog
        data.parse(folder / "authority-stubs.ttl")
        data.parse(data=BACKGROUND)
        shapes = Graph()
        for name in names:
            shapes.parse(folder / "dcat-ap-3.0.1" / "html-shacl" / name)
        _, results, _ = validate(data, shacl_graph=shapes, inference="none", advanced=False)
        # Only outer results: the nested ones explain them.
        (report,) = results.subjects(RDF.type, SH.ValidationReport)
        return sorted(
            f"{results.value(one, SH.focusNode)} {results.value(one, SH.resultPath)} {results.value(one, SH.value)}"
            for one in results.objects(report, SH.result)
        )

    return run


def conforms(data: Graph, shapes: Graph) -> tuple[bool, str]:
    good, _, text = validate(data, shacl_graph=shapes, inference="none")
    return good, text


# --- Official shapes --------------------------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize("shapes", ["shapes.ttl", "range.ttl", "deprecateduris.ttl"])
def test_dcat_ap(catalog: Graph, full: Graph, official: Callable[..., list[str]], shapes: str) -> None:
    assert official(catalog, shapes) == []
    assert official(full, shapes) == []


@pytest.mark.shared_data
def test_dcat_ap_code_lists(catalog: Graph, full: Graph, official: Callable[..., list[str]]) -> None:
    # The official shape wants https://spdx.org and, in the same breath, a class of http://spdx.org: its defect.
    # The other expected results are warnings that publishers are best named by the EU's list of bodies.
    for graph in (catalog, full):
        results = [line for line in official(graph, "mdr-vocabularies.shape.ttl") if str(DCTERMS.publisher) not in line]
        checksums = sorted(str(node) for node in graph.subjects(RDF.type, SPDX.Checksum))
        assert results == [f"{node} {SPDX.algorithm} {SPDX.checksumAlgorithm_sha256}" for node in checksums]


@pytest.mark.shared_data
def test_dcat_ap_recommendations_not_followed(full: Graph, official: Callable[..., list[str]]) -> None:
    # docs/export.md says why for each.
    left_out = {
        (line.split()[0].removeprefix(BASE).split("/")[0], line.split()[1])
        for line in official(full, "shapes_recommended.ttl")
    }
    assert left_out == {
        ("catalog", str(DCTERMS.issued)),
        ("catalog", str(DCTERMS.spatial)),
        ("dataset", str(DCTERMS.spatial)),
        ("distribution", "http://data.europa.eu/r5r/availability"),
        ("https:", str(DCTERMS.type)),
    }


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("shapes", "subject", "predicate", "value"),
    [
        ("shapes.ttl", DATASET, DCTERMS.title, None),
        ("shapes.ttl", URIRef(BASE + "catalog"), DCTERMS.publisher, None),
        ("shapes.ttl", URIRef(BASE + "distribution/studies.ttl"), DCAT.byteSize, Literal(12)),
        ("shapes.ttl", URIRef(BASE + "distribution/studies.ttl"), DCAT.accessURL, None),
        ("range.ttl", DATASET, DCAT.theme, URIRef("https://example.org/no-concept")),
        ("mdr-vocabularies.shape.ttl", DATASET, DCTERMS.language, URIRef(EU + "language/KLINGON")),
    ],
)
def test_official_shapes_can_fail(
    catalog: Graph,
    official: Callable[..., list[str]],
    shapes: str,
    subject: URIRef,
    predicate: URIRef,
    value: rdflib.term.Node | None,
) -> None:
    before = official(catalog, shapes)
    catalog.remove((subject, predicate, None))
    if value is not None:
        catalog.add((subject, predicate, value))
    assert official(catalog, shapes) != before


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
        assert isinstance(path, URIRef)
        wrong = Graph() + catalog
        wrong.remove((node, path, None))
        # A value that is nothing: no date, no agent, no language, no authority.
        wrong.add((node, path, Literal(1.5)))
        _, results, _ = validate(wrong, shacl_graph=own_shapes, inference="none")
        assert (None, SH.sourceShape, rule) in results, rule


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
        assert list(graph.subjects(RDF.type, DCAT.Dataset)) == [DATASET]
        assert not [term for triple in graph for term in triple if isinstance(term, rdflib.BNode)]


def test_dates_are_those_of_the_data(catalog: Graph) -> None:
    period = catalog.value(DATASET, DCTERMS.temporal)
    assert str(catalog.value(period, DCAT.startDate)) == "2020-01-01"
    assert str(catalog.value(period, DCAT.endDate)) == str(catalog.value(DATASET, DCTERMS.modified)) == "2026-08-14"
    assert str(catalog.value(DATASET, URIRef(str(DCAT) + "version"))) == "2026-08-14+mapping.0.1.0"


def test_optional_facts(full: Graph) -> None:
    assert full.value(DATASET, DCTERMS.publisher) == URIRef("https://ror.org/000000000")
    assert (None, DCAT.endpointURL, URIRef("https://data.example.org/sparql")) in full
    assert (None, None, URIRef("mailto:data@example.org")) in full
    assert (DATASET, DCTERMS.accrualPeriodicity, URIRef(EU + "frequency/MONTHLY")) in full


# --- Publication facts ------------------------------------------------------------------------------------------


def test_publication_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "publication.toml"
    path.write_text('title = "Ours"\nkeywords = ["a", "b"]\n', encoding="utf-8")
    publication = read_publication(path)
    assert (publication.title, publication.keywords) == ("Ours", ("a", "b"))
    assert publication.base_url == Publication().base_url


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
