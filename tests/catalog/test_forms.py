"""Every form and layout holds the same statements, for us and for other readers, and follows a change of one study."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
import rdflib
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib.compare import to_isomorphic

from kg.catalog import ExportReport, export, verify
from kg.catalog.checksums import files_below
from kg.errors import StoreError, UsageError
from kg.namespaces import PREFIXES, study_iri
from tests.catalog.jena import read_by_riot

FORMS = ("ttl", "nt", "nq", "trig", "jsonld", "rdfxml")
PARSERS = {
    "ttl": (RdfFormat.TURTLE, "turtle"),
    "nt": (RdfFormat.N_TRIPLES, "nt"),
    "nq": (RdfFormat.N_QUADS, "nquads"),
    "trig": (RdfFormat.TRIG, "trig"),
    "jsonld": (RdfFormat.JSON_LD, "json-ld"),
    "rdf": (RdfFormat.RDF_XML, "xml"),
}
TKG = PREFIXES["tkg"]
Statements = Callable[..., list[Quad]]


def opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def form_of(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[2]


def read(path: Path) -> set[Triple]:
    with opened(path) as file:
        return {quad.triple for quad in parse(file, PARSERS[form_of(path)][0])}


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_below(folder)}


@pytest.fixture(scope="module")
def everything(invented: Store, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    folder = tmp_path_factory.mktemp("forms") / "out"
    return export(invented, folder, formats=[*FORMS, *(f"{form}.gz" for form in FORMS)])


@pytest.fixture(scope="module")
def by_study(invented: Store, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    return export(invented, tmp_path_factory.mktemp("study") / "out", formats=FORMS, layout="study")


def test_every_form_has_the_same_statements(everything: ExportReport) -> None:
    wanted = read(everything.output / "studies.nt")
    files = [file for file in everything.files if file.stem == "studies"]
    assert len(files) == 2 * len(FORMS)
    for file in files:
        assert read(everything.output / file.name) == wanted, file.name
        assert file.statements == len(wanted)


# rdflib's own readers of datasets use what rdflib calls deprecated.
@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning:rdflib")
def test_rdflib_reads_the_same_graph_from_every_form(everything: ExportReport) -> None:
    def graph(name: str) -> rdflib.Graph:
        # As text: of a path, rdflib leaves the file open.
        dataset = rdflib.Dataset()
        dataset.parse(data=(everything.output / name).read_text("utf-8"), format=PARSERS[form_of(Path(name))][1])
        return to_isomorphic(dataset.default_graph)

    wanted = graph("studies.nt")
    assert len(wanted) == everything.files[0].statements
    for form in PARSERS:
        assert graph(f"studies.{form}") == wanted, form


@pytest.mark.java
@pytest.mark.jena
def test_riot_reads_the_same_from_every_file(everything: ExportReport, by_study: ExportReport, tmp_path: Path) -> None:
    wanted = read(everything.output / "studies.nt")
    whole = [everything.output / file.name for file in everything.files if file.stem == "studies"]
    parts = [path for form in PARSERS for path in files_below(by_study.output / f"studies-{form}")]
    found = read_by_riot(whole + parts, tmp_path)
    assert {quad.triple for quad in found} == wanted
    # Each statement once in each whole file, and once in each folder of parts.
    assert set(found.values()) == {len(whole) + len(PARSERS)}


def test_n_triples_are_sorted_lines_and_nothing_else(everything: ExportReport) -> None:
    lines = (everything.output / "studies.nt").read_bytes().splitlines()
    of_studies = [line for line in lines if line.startswith(b"<" + PREFIXES["trial"].encode())]
    assert of_studies == sorted(of_studies)
    assert len(lines) == everything.files[0].statements
    assert (everything.output / "studies.nq").read_bytes() == (everything.output / "studies.nt").read_bytes()


def test_an_awkward_property_has_a_name_in_xml_or_is_an_error(statements: Statements, tmp_path: Path) -> None:
    study = NamedNode(study_iri("NCT99999901"))
    store = Store()
    store.extend(statements(1))
    store.add(Quad(study, NamedNode("https://example.org/a-9b/c"), Literal("<&>\r\n ]]> \u00e9", language="de")))
    report = export(store, tmp_path / "out", formats=["nt", "rdfxml"])
    assert read(report.output / "studies.rdf") == read(report.output / "studies.nt")
    for predicate, value in (("https://example.org/9", "no name"), ("https://example.org/x", "bell \x07")):
        quad = Quad(study, NamedNode(predicate), Literal(value))
        store.add(quad)
        with pytest.raises(StoreError, match="write another format than rdfxml"):
            export(store, tmp_path / "out", formats=["rdfxml"])
        store.remove(quad)


def test_an_iri_that_json_ld_would_read_otherwise_is_an_error(statements: Statements, tmp_path: Path) -> None:
    store = Store()
    store.extend(statements(1))
    store.add(Quad(NamedNode(study_iri("NCT99999901")), NamedNode("mesh:x"), Literal("x")))
    with pytest.raises(StoreError, match="reads as a prefixed name"):
        export(store, tmp_path / "out", formats=["jsonld"])
    report = export(store, tmp_path / "out", formats=["ttl", "nt"])
    assert read(report.output / "studies.ttl") == read(report.output / "studies.nt")


# --- Layouts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["study", "partition"])
def test_files_of_a_layout_hold_together_what_one_file_does(
    invented: Store, everything: ExportReport, tmp_path: Path, layout: str
) -> None:
    report = export(invented, tmp_path / "out", formats=["ttl", "nt.gz"], layout=layout)
    assert verify(report.output) == []
    for folder in ("studies-ttl", "studies-nt-gz"):
        found = [read(path) for path in files_below(report.output / folder)]
        assert len(found) == (4 if layout == "study" else 2)
        assert set().union(*found) == read(everything.output / "studies.nt")
        assert sum(map(len, found)) == len(set().union(*found))
    (entry, compressed) = [file for file in report.files if file.stem.startswith("studies")]
    assert (entry.name, entry.form, entry.compressed, entry.sha256) == ("studies-ttl/", "ttl", False, "")
    assert (compressed.form, compressed.compressed) == ("nt", True)
    assert entry.size == sum(path.stat().st_size for path in files_below(report.output / "studies-ttl"))


def test_a_study_has_its_own_file_with_the_prefixes_it_needs(by_study: ExportReport) -> None:
    path = by_study.output / "studies-ttl" / "NCT9999xxxx" / "NCT99999902.ttl"
    text = path.read_text(encoding="utf-8")
    assert {str(triple.subject)[1:-1].removeprefix(study_iri("NCT99999902"))[:1] for triple in read(path)} == {"", "/"}
    assert "@prefix tkg:" in text
    assert "@prefix vann:" not in text


def test_after_a_change_of_one_study_only_its_file_and_the_counts_differ(
    statements: Statements, tmp_path: Path
) -> None:
    store = Store()
    store.extend(statements(1, 2, 12))
    before = tree(export(store, tmp_path / "a", formats=FORMS, layout="study").output)
    assert tree(export(store, tmp_path / "b", formats=FORMS, layout="study").output) == before
    study = NamedNode(study_iri("NCT99999902"))
    store.add(Quad(study, NamedNode(TKG + "officialTitle"), Literal("Another title"), DefaultGraph()))
    after = tree(export(store, tmp_path / "c", formats=FORMS, layout="study").output)
    differ = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    own = {name for name in after if "NCT99999902" in name}
    assert len(own) == len(FORMS)
    assert differ == own | {"CHECKSUMS.sha256", "README.md", "catalog.ttl", "void.ttl"}
    lines = {name: set(before[name].splitlines()) ^ set(after[name].splitlines()) for name in differ - own}
    assert len(lines["CHECKSUMS.sha256"]) == 2 * (len(differ) - 1)
    # Of the study itself nothing but what was added: the object, and the separator of the list before it.
    ttl = "studies-ttl/NCT9999xxxx/NCT99999902.ttl"
    assert len(set(before[ttl].splitlines()) ^ set(after[ttl].splitlines())) <= 3


def test_a_layout_that_does_not_exist(invented: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'tree' is not a layout of an export .*whole, partition, study"):
        export(invented, tmp_path / "out", layout="tree")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on the path")
def test_sha256sum_checks_files_in_folders(by_study: ExportReport) -> None:
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "CHECKSUMS.sha256"], cwd=by_study.output, check=False
    )
    assert done.returncode == 0


def test_an_export_with_a_file_added_below_is_refused(invented: Store, tmp_path: Path) -> None:
    report = export(invented, tmp_path / "out", formats=["nt"], layout="study", vocabularies=False)
    (report.output / "studies-nt" / "NCT9999xxxx" / "mine").touch()
    with pytest.raises(UsageError, match="files that no export wrote: studies-nt/NCT9999xxxx/mine"):
        export(invented, report.output)


def test_without_vocabularies(invented: Store, everything: ExportReport, tmp_path: Path) -> None:
    report = export(invented, tmp_path / "out", formats=["nt"], vocabularies=False)
    assert set(tree(report.output)) == {
        "CHECKSUMS.sha256", "CITATION.cff", "README.md", "catalog.ttl", "links.sssom.tsv", "studies.nt", "void.ttl",
    }  # fmt: skip
    assert (report.output / "studies.nt").read_bytes() == (everything.output / "studies.nt").read_bytes()
    assert report.statements == len(read(report.output / "studies.nt"))
    assert "were left out" in (report.output / "README.md").read_text(encoding="utf-8")
