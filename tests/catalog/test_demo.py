"""The demo's export: recounted from its files, and under the shapes and readers of others.

The shapes are real data and are not kept here; the readers live in an environment of their own. docs/conformance.md has
what comes out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, SH, VOID, Graph, Literal, Namespace, URIRef

from kg.catalog import ExportReport, Publication, export
from kg.catalog.profiles import PROFILES
from kg.catalog.tables import TABLES
from kg.cli import main
from kg.namespaces import PREFIXES
from kg.store.generations import StoreDirectory

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
READERS = ROOT / "build" / "catalogs" / "bin" / "python"
SPDX = Namespace("http://spdx.org/rdf/terms#")
HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
EU = "http://publications.europa.eu/resource/authority/"
PARTS = ("studies", "concepts", "vocabulary", "codes", "agents")
TOTALS = ("triples", "entities", "distinctSubjects", "classes", "properties")
IANA = "https://www.iana.org/assignments/media-types/"

# Types of authority IRIs that the shared stubs do not have. Background data: a catalog does not repeat them.
BACKGROUND = f"""
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix eu: <{EU}> .
<{IANA}application/n-triples> a dct:MediaType .
<{IANA}application/gzip> a dct:MediaType .
<{IANA}text/tab-separated-values> a dct:MediaType .
<{EU}file-type/RDF_N_TRIPLES> a skos:Concept , dct:MediaTypeOrExtent ; skos:prefLabel "N-Triples"@en ;
    skos:inScheme eu:file-type .
<{EU}file-type/TSV> a skos:Concept , dct:MediaTypeOrExtent ; skos:prefLabel "TSV"@en ; skos:inScheme eu:file-type .
<{EU}frequency/MONTHLY> a skos:Concept , dct:Frequency ; skos:prefLabel "monthly"@en ; skos:inScheme eu:frequency .
<{EU}country/AUS> a skos:Concept , dct:Location ; skos:prefLabel "Australia"@en ; skos:inScheme eu:country .
<{EU}country/USA> a skos:Concept , dct:Location ; skos:prefLabel "United States"@en ; skos:inScheme eu:country .
<{EU}planned-availability/STABLE> a skos:Concept ; skos:prefLabel "stable"@en ; skos:inScheme eu:planned-availability .
@prefix publisher: <http://purl.org/adms/publishertype/> .
publisher:Academia-ScientificOrganisation a skos:Concept ; skos:prefLabel "Academia"@en ; skos:inScheme publisher:1.0 .
publisher:NationalAuthority a skos:Concept ; skos:prefLabel "National authority"@en ; skos:inScheme publisher:1.0 .
publisher:1.0 a skos:ConceptScheme ; dct:title "Publisher type"@en .
eu:country a skos:ConceptScheme ; dct:title "Country"@en .
"""


@pytest.fixture(scope="module")
def demo_store(vocabulary_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that ``make demo`` builds, but for the validation."""
    directory = tmp_path_factory.mktemp("demo") / "store"
    shutil.copytree(vocabulary_store, directory, copy_function=shutil.copy)
    studies = ROOT / "kg" / "examples" / "studies"
    assert main(["build", str(studies), "--store", str(directory), "--no-validate"]) == 0
    return directory


@pytest.fixture(scope="module")
def demo(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    """The export of the demo as ``make demo`` writes it."""
    return export(StoreDirectory(demo_store), tmp_path_factory.mktemp("demo-export") / "out")


@pytest.fixture(scope="module")
def demo_in_full(demo_store: Path, publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    """The same with every publication fact and every profile."""
    target = tmp_path_factory.mktemp("demo-in-full") / "out"
    return export(StoreDirectory(demo_store), target, profiles=tuple(PROFILES), publication=publication)


@pytest.fixture
def catalog(demo: ExportReport) -> Graph:
    return Graph().parse(demo.output / "catalog.ttl")


@pytest.fixture
def full(demo_in_full: ExportReport) -> Graph:
    return Graph().parse(demo_in_full.output / "catalog.ttl")


@pytest.fixture
def health(demo_in_full: ExportReport) -> Graph:
    return Graph().parse(demo_in_full.output / "healthdcat-ap-r8-public.ttl")


Check = Callable[..., list[tuple[str, str, str]]]


def results(data: Graph, shapes: Graph) -> list[tuple[str, str, str]]:
    """Focus, path and value of each result; only outer ones, since the nested ones explain them."""
    _, found, _ = validate(data, shacl_graph=shapes, inference="none", advanced=False)
    assert isinstance(found, Graph)
    (report,) = found.subjects(RDF.type, SH.ValidationReport)
    return sorted(
        (str(found.value(one, SH.focusNode)), str(found.value(one, SH.resultPath)), str(found.value(one, SH.value)))
        for one in found.objects(report, SH.result)
    )


@pytest.fixture(scope="module")
def dcat_ap(shared_data: Path) -> Check:
    """Validates a description against one official file, with the types of authority IRIs as background."""
    folder = shared_data / "catalog-shapes"

    def run(description: Graph, name: str, *, background: bool = True) -> list[tuple[str, str, str]]:
        data = Graph() + description
        if background:
            data.parse(folder / "authority-stubs.ttl")
            data.parse(data=BACKGROUND)
        return results(data, Graph().parse(folder / "dcat-ap-3.0.1" / "html-shacl" / name))

    return run


# --- True numbers -----------------------------------------------------------------------------------------------


def test_the_catalog_says_what_the_files_hold(demo: ExportReport, catalog: Graph) -> None:
    data = Graph().parse(demo.output / "studies.ttl")
    tkg, schema = Namespace(PREFIXES["tkg"]), Namespace(PREFIXES["schema"])
    dates = [*data.objects(None, tkg.dataDate), *data.objects(None, tkg.lastUpdatePosted)]
    first, last = min(map(str, data.objects(None, tkg.firstPosted))), max(map(str, dates))
    dataset = URIRef("https://w3id.org/trialkg/export/dataset")
    period = catalog.value(dataset, DCTERMS.temporal)
    assert (str(catalog.value(period, DCAT.startDate)), str(catalog.value(period, DCAT.endDate))) == (first, last)
    assert str(catalog.value(dataset, DCTERMS.modified)) == last
    studies = len(set(data.subjects(RDF.type, tkg.Study)))
    assert str(catalog.value(dataset, DCTERMS.description)).endswith(f" {studies} studies.")
    # Where a site is in the EU's list, by hand.
    known = {"AU": "AUS", "US": "USA"}
    places = {URIRef(f"{EU}country/{known[str(code)]}") for code in data.objects(None, schema.addressCountry)}
    assert set(catalog.objects(dataset, DCTERMS.spatial)) == places
    for node in catalog.objects(dataset, DCAT.distribution):
        path = demo.output / str(catalog.value(node, DCAT.downloadURL)).rpartition("/")[2]
        checksum = catalog.value(catalog.value(node, SPDX.checksum), SPDX.checksumValue)
        assert str(catalog.value(node, DCAT.byteSize)) == str(path.stat().st_size)
        assert str(checksum) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_linksets_and_totals_of_the_demo(demo: ExportReport) -> None:
    void = Graph().parse(demo.output / "void.ttl")
    base = "https://w3id.org/trialkg/export/"
    parts = {name: Graph().parse(demo.output / f"{name}.ttl") for name in PARTS}
    union = {triple for part in parts.values() for triple in part}
    totals = [int(str(void.value(URIRef(base + "dataset"), VOID[name]))) for name in TOTALS]
    classes = {kind for _, predicate, kind in union if predicate == RDF.type and isinstance(kind, URIRef)}
    subjects = {subject for subject, _, _ in union}
    assert totals == [len(union), len(subjects), len(subjects), len(classes), len({p for _, p, _ in union})]
    linksets = list(void.subjects(RDF.type, VOID.Linkset))
    assert len(linksets) > 30
    for linkset in linksets:
        space = str(void.value(void.value(linkset, VOID.objectsTarget), VOID.uriSpace))
        predicate = void.value(linkset, VOID.linkPredicate)
        part = parts[str(void.value(linkset, VOID.subjectsTarget)).rpartition("/")[2]]
        links = [
            value
            for subject, value in part.subject_objects(predicate)
            if str(value).startswith(space) and isinstance(value, URIRef) and not str(subject).startswith(space)
        ]
        assert int(str(void.value(linkset, VOID.triples))) == len(links) > 0


# --- DCAT-AP 3.0.1 ----------------------------------------------------------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["shapes.ttl", "range.ttl", "deprecateduris.ttl"])
def test_dcat_ap(catalog: Graph, full: Graph, health: Graph, dcat_ap: Check, name: str) -> None:
    for graph in (catalog, full, health):
        assert dcat_ap(graph, name) == []


@pytest.mark.shared_data
def test_dcat_ap_recommendations(catalog: Graph, full: Graph, health: Graph, dcat_ap: Check) -> None:
    # Without background data, whose nodes lack what is recommended for them.
    for graph in (full, health):
        assert dcat_ap(graph, "shapes_recommended.ttl", background=False) == []
    left_out = Counter(path for _, path, _ in dcat_ap(catalog, "shapes_recommended.ttl", background=False))
    # docs/conformance.md says why for each.
    assert left_out == {
        str(DCTERMS.issued): 1,
        "http://data.europa.eu/r5r/availability": 7,
        str(DCTERMS.type): 1,
    }


@pytest.mark.shared_data
def test_dcat_ap_code_lists(catalog: Graph, full: Graph, dcat_ap: Check) -> None:
    # The official shape wants https://spdx.org and, in the same breath, a class of http://spdx.org: its defect.
    # The other expected results are warnings that publishers are best named by the EU's list of bodies.
    for graph in (catalog, full):
        found = [line for line in dcat_ap(graph, "mdr-vocabularies.shape.ttl") if line[1] != str(DCTERMS.publisher)]
        checksums = sorted(str(node) for node in graph.subjects(RDF.type, SPDX.Checksum))
        assert found == [(node, str(SPDX.algorithm), str(SPDX.checksumAlgorithm_sha256)) for node in checksums]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("shapes", "subject", "predicate", "value"),
    [
        ("shapes.ttl", "dataset", DCTERMS.title, None),
        ("shapes.ttl", "catalog", DCTERMS.publisher, None),
        ("shapes.ttl", "distribution/studies.ttl", DCAT.byteSize, Literal(12)),
        ("shapes.ttl", "distribution/studies.ttl", DCAT.accessURL, None),
        ("shapes_recommended.ttl", "dataset", DCTERMS.spatial, None),
        ("range.ttl", "dataset", DCAT.theme, URIRef("https://example.org/no-concept")),
        ("mdr-vocabularies.shape.ttl", "dataset", DCTERMS.language, URIRef(EU + "language/KLINGON")),
    ],
)
def test_official_shapes_can_fail(
    catalog: Graph, dcat_ap: Check, shapes: str, subject: str, predicate: URIRef, value: rdflib.term.Node | None
) -> None:
    before = dcat_ap(catalog, shapes)
    node = URIRef("https://w3id.org/trialkg/export/" + subject)
    catalog.remove((node, predicate, None))
    if value is not None:
        catalog.add((node, predicate, value))
    assert dcat_ap(catalog, shapes) != before


# --- HealthDCAT-AP Release 8, PUBLIC ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def release_8(shared_data: Path) -> Graph:
    """The official shapes, without the one property shape that has no path, which pySHACL refuses."""
    shapes = Graph().parse(shared_data / "catalog-shapes" / "healthdcat-ap-r8-public" / "public-shapes.ttl")
    odd = [(node, rule) for node, rule in shapes.subject_objects(SH.property) if (rule, SH.path, None) not in shapes]
    # What it says, that structured data has variables, is said by ours: s:HealthDataset.
    assert [str(shapes.value(rule, SH.message)).partition(",")[0] for _, rule in odd] == [
        "If healthdcatap:hasStructuredData is true"
    ]
    for node, rule in odd:
        shapes.remove((node, SH.property, rule))
    return shapes


@pytest.mark.shared_data
def test_healthdcat(health: Graph, release_8: Graph) -> None:
    assert results(health, release_8) == []


@pytest.mark.shared_data
def test_healthdcat_shapes_can_fail(health: Graph, catalog: Graph, release_8: Graph) -> None:
    dataset = URIRef("https://data.example.org/trials/dataset")
    for predicate in (HEALTH.hdab, HEALTH.healthCategory, HEALTH.hasStructuredData, DCTERMS.identifier):
        wrong = Graph() + health
        wrong.remove((dataset, predicate, None))
        assert (str(dataset), str(predicate), "None") in results(wrong, release_8)
    # The default profile does not pretend to be of this kind.
    assert results(catalog, release_8)


# --- CKAN and Croissant -----------------------------------------------------------------------------------------


def read(script: str, *arguments: str) -> Any:
    command = [str(READERS), str(HERE / "readers" / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.readers
def test_ckan_reads_one_dataset(demo: ExportReport, catalog: Graph) -> None:
    (package,) = read("ckan_reads.py", "euro_dcat_ap_3", str(demo.output / "catalog.ttl"))
    dataset = URIRef("https://w3id.org/trialkg/export/dataset")
    assert package["title"] == str(catalog.value(dataset, DCTERMS.title))
    assert package["notes"] == str(catalog.value(dataset, DCTERMS.description))
    assert {tag["name"] for tag in package["tags"]} == {str(word) for word in catalog.objects(dataset, DCAT.keyword)}
    assert package["version"] == demo.version
    found = {one["url"]: (one["name"], int(one["size"]), one["hash"], one["license"]) for one in package["resources"]}
    base, licence = Publication().base_url, Publication().licence
    assert found == {base + file.name: (file.title, file.size, file.sha256, licence) for file in demo.files}
    extras = {extra["key"]: extra["value"] for extra in package["extras"]}
    assert extras["modified"] == extras["temporal_end"] == demo.data_date
    assert extras["publisher_name"] == Publication().publisher


@pytest.mark.readers
def test_croissant_is_read_with_every_file_and_table(
    demo_store: Path, publication: Publication, tmp_path: Path
) -> None:
    target, formats = tmp_path / "out", ("ttl.gz", "parquet")
    profiles = ("croissant", "healthdcat-ap-r8-public")
    report = export(StoreDirectory(demo_store), target, formats=formats, profiles=profiles, publication=publication)
    found = read("croissant_reads.py", str(target))
    assert found["errors"] == []
    # The version is that of the data; the reader would rather have MAJOR.MINOR.PATCH.
    (warning,) = found["warnings"]
    assert f"Version doesn't follow MAJOR.MINOR.PATCH: {report.version}" in warning
    assert found["files"] == {file.name: file.sha256 for file in report.files}
    assert found["records"].keys() == {table.name for table in TABLES}
    assert all(found["records"].values())
    assert len(found["records"]["studies"]) == report.studies
    assert "NCT04144517" in {record["studies/nct_id"] for record in found["records"]["studies"]}
