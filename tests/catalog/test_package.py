"""An export is complete, the same each time, and never lands on somebody else's files."""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib.compare import to_isomorphic

from kg.catalog import ExportReport, Publication, contents, export, verify
from kg.catalog import target as target_module
from kg.catalog.checksums import CHECKSUM_FILE
from kg.catalog.data import study_part
from kg.catalog.profiles import dcat_ap
from kg.config import resource
from kg.errors import StoreError, UsageError, VocabularyError
from kg.namespaces import PREFIXES, study_iri
from kg.store.generations import StoreDirectory

Statements = Callable[..., list[Quad]]
ALL = ["NCT99999901", "NCT99999902", "NCT99999912"]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def store_of(quads: list[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store


def read(path: Path) -> set[Triple]:
    return {quad.triple for quad in parse(path.read_bytes(), RdfFormat.TURTLE)}


# --- What is written --------------------------------------------------------------------------------------------


def test_files_of_an_export(exported: ExportReport) -> None:
    assert set(content(exported.output)) == {
        "README.md", "CITATION.cff", "CHECKSUMS.sha256", "catalog.ttl", "void.ttl", "concepts.ttl",
        "vocabulary.ttl", "codes.ttl", "agents.ttl",
        "studies.ttl", "studies.nt", "studies.ttl.gz", "studies.nt.gz", "links.sssom.tsv",
    }  # fmt: skip
    assert verify(exported.output) == []
    assert exported.studies == 3
    assert exported.data_date == "2026-08-14"
    assert exported.version == "2026-08-14+mapping.0.1.0"
    assert exported.bytes == sum(len(data) for data in content(exported.output).values())


def test_studies_are_the_statements_of_the_store(exported: ExportReport, invented: Store) -> None:
    wanted = {triple for nct_id in ALL for triple in study_part(invented, nct_id).triples}
    sponsor = NamedNode(PREFIXES["organization"] + "example-inc-00000001")
    wanted |= {quad.triple for quad in invented.quads_for_pattern(sponsor, None, None)}
    assert read(exported.output / "studies.ttl") == wanted
    assert len(wanted) > 150


def test_rdflib_reads_every_file_and_both_forms_alike(exported: ExportReport) -> None:
    graphs = {
        path.name: rdflib.Graph().parse(path, format="nt" if path.suffix == ".nt" else "turtle")
        for path in exported.output.iterdir()
        if path.suffix in (".ttl", ".nt")
    }
    assert all(graphs.values())
    assert to_isomorphic(graphs["studies.ttl"]) == to_isomorphic(graphs["studies.nt"])
    for file in exported.files:
        if file.name in graphs:
            assert len(graphs[file.name]) == file.statements, file.name


def test_awkward_text_survives(exported: ExportReport) -> None:
    study = rdflib.URIRef(study_iri("NCT99999901"))
    graph = rdflib.Graph().parse(exported.output / "studies.ttl")
    abstract = graph.value(study, rdflib.DCTERMS.abstract)
    wanted = "He said \"no\"; a backslash \\ and 'quotes', a tab\t, β-blocker ≥ 5 µg, 😀.\nLine two.\n\n* a list"
    assert str(abstract) == wanted
    month = graph.value(study, rdflib.URIRef(PREFIXES["tkg"] + "completionDate"))
    assert isinstance(month, rdflib.Literal)
    assert (str(month), month.datatype) == ("2022-10", rdflib.XSD.gYearMonth)
    tagged = graph.value(study, rdflib.URIRef(PREFIXES["tkg"] + "officialTitle"))
    assert tagged == rdflib.Literal("tagged", lang="en-gb")


def test_study_before_parts_in_natural_order(exported: ExportReport) -> None:
    text = (exported.output / "studies.ttl").read_text(encoding="utf-8")
    subjects = re.findall(r"^<(NCT[^>]+)> a ", text, re.MULTILINE)
    of_first = [name.removeprefix("NCT99999901") for name in subjects if "NCT99999901" in name]
    assert of_first[:5] == ["", "/arm/1", "/arm/1/use/1", "/arm/2", "/arm/10"]
    assert [name for name in subjects if "/" not in name] == ALL


def test_gzip_holds_the_same(exported: ExportReport) -> None:
    files = content(exported.output)
    for name in ("studies.ttl", "studies.nt"):
        assert gzip.decompress(files[f"{name}.gz"]) == files[name]


def test_only_what_studies_name_comes_along(exported: ExportReport) -> None:
    studies = (exported.output / "studies.ttl").read_text(encoding="utf-8")
    concepts = (exported.output / "concepts.ttl").read_text(encoding="utf-8")
    assert "organization:example-inc-00000001 a org:Organization" in studies
    assert "unused-00000002" not in studies
    assert "D003920" not in concepts
    assert "belongs to the vocabulary" not in concepts
    # D009369 is named by no study, only reached by tkg:within.
    assert re.search(r'^mesh:D009369 rdfs:label "Neoplasms"@en', concepts, re.MULTILINE)
    assert exported.concepts == 6
    assert exported.undescribed_concepts == 0


def test_ontology_files_are_copies(exported: ExportReport) -> None:
    for name, source in (("vocabulary.ttl", "trialkg.ttl"), ("codes.ttl", "codes.ttl"), ("agents.ttl", "agents.ttl")):
        assert (exported.output / name).read_bytes() == resource("ontology", source).read_bytes()


def test_statements_of_all_files_are_counted_once(exported: ExportReport) -> None:
    union: set[object] = set()
    for name in ("studies", "concepts", "vocabulary", "codes", "agents"):
        union |= set(rdflib.Graph().parse(exported.output / f"{name}.ttl"))
    assert exported.statements == len(union)


def test_readme_says_the_figures(exported: ExportReport) -> None:
    text = (exported.output / "README.md").read_text(encoding="utf-8")
    assert "| Studies | 3 |" in text
    assert f"| Statements, all files together, each once | {exported.statements:,} |" in text
    assert "| `tkg:Arm` | 9 |" in text
    assert "- `http://id.nlm.nih.gov/mesh/`, version 2024" in text
    for file in exported.files:
        assert f"| `{file.name}` | {file.description} | {file.statements:,} | {file.size:,} |" in text


def test_readme_says_what_is_known_to_be_missing(exported: ExportReport, invented: Store, tmp_path: Path) -> None:
    text = (exported.output / "README.md").read_text(encoding="utf-8")
    assert "- 0 of 3 conditions have no link to a concept" in text
    assert "have no label here" not in text
    condition = NamedNode(study_iri("NCT99999901") + "/condition/9")
    store = Store()
    store.extend(invented)
    store.add(Quad(NamedNode(study_iri("NCT99999901")), NamedNode(PREFIXES["tkg"] + "condition"), condition))
    store.add(Quad(condition, NamedNode(PREFIXES["tkg"] + "concept"), NamedNode("https://example.org/unknown")))
    text = (export(store, tmp_path / "out").output / "README.md").read_text(encoding="utf-8")
    assert "- 1 of 4 conditions have no link to a concept" in text
    assert "- 1 of the concepts named have no label here" in text


def test_the_citation_says_what_to_cite(exported: ExportReport, invented: Store, tmp_path: Path) -> None:
    found = msgspec.yaml.decode((exported.output / "CITATION.cff").read_bytes())
    assert (found["cff-version"], found["type"], found["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert (found["version"], found["date-released"]) == (exported.version, exported.data_date)
    assert found["authors"] == [{"name": Publication().publisher}]
    assert found["references"][0]["title"] == "ClinicalTrials.gov"
    own = Publication(title="Ours: all", licence="https://data.example.org/licence")
    report = export(invented, tmp_path / "out", formats=["nt"], vocabularies=False, publication=own)
    found = msgspec.yaml.decode((report.output / "CITATION.cff").read_bytes())
    assert found["title"] == "Ours: all"
    assert found["license-url"] == own.licence
    assert "license" not in found


def test_nothing_of_the_run_is_in_the_files(exported: ExportReport) -> None:
    for name, data in content(exported.output).items():
        if name.endswith(".gz"):
            # Bytes 4 to 7 are the time, bit 3 of byte 3 says that a name follows (RFC 1952).
            assert data[4:8] == b"\0\0\0\0"
            assert not data[3] & 8
        else:
            assert str(exported.output.parent).encode() not in data


# --- The same each time -----------------------------------------------------------------------------------------


def test_statements_in_another_order_give_the_same_bytes(
    exported: ExportReport, statements: Statements, tmp_path: Path
) -> None:
    quads = statements(12, 2, 1)
    random.Random(7).shuffle(quads)  # noqa: S311
    store = Store(str(tmp_path / "store"))
    for quad in quads:
        store.add(quad)
    again = export(store, tmp_path / "again", formats=("ttl", "nt", "ttl.gz", "nt.gz"))
    assert content(again.output) == content(exported.output)


def test_another_process_with_other_hashes_gives_the_same_bytes(
    exported: ExportReport, invented: Store, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.nq"
    invented.dump(str(dump), RdfFormat.N_QUADS)
    script = (
        "import sys, pathlib, pyoxigraph, kg.catalog as c\n"
        "store = pyoxigraph.Store(); store.load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_QUADS)\n"
        "c.export(store, pathlib.Path(sys.argv[2]), formats=('ttl', 'nt', 'ttl.gz', 'nt.gz'))\n"
    )
    for seed in ("1", "2"):
        target = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", script, str(dump), str(target)],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        )
        assert content(target) == content(exported.output)


def test_the_newest_generation_of_a_store_directory(
    exported: ExportReport, statements: Statements, tmp_path: Path
) -> None:
    directory = StoreDirectory(tmp_path / "trials.kg")
    with directory.writing() as draft:
        draft.store.extend(statements(1, 2, 12))
    formats = ("ttl", "nt", "ttl.gz", "nt.gz")
    of_directory = export(directory, tmp_path / "a", formats=formats)
    of_generation = export(directory.newest(), tmp_path / "b", formats=formats)
    assert content(of_directory.output) == content(of_generation.output) == content(exported.output)


# --- Selection --------------------------------------------------------------------------------------------------


def test_selected_studies_only(exported: ExportReport, invented: Store, tmp_path: Path) -> None:
    report = export(invented, tmp_path / "out", select=["NCT99999912", "NCT99999901", "NCT99999912"], formats=["ttl"])
    assert report.studies == 2
    everything = {
        triple for triple in read(exported.output / "studies.ttl") if "NCT99999902" not in str(triple.subject)
    }
    assert read(report.output / "studies.ttl") == everything
    assert not (report.output / "studies.nt").exists()


@pytest.mark.parametrize("wrong", ["NCT00000000", "nct99999901", "NCT99999901/arm/1", "x> <y", ""])
def test_an_unknown_study_is_named(invented: Store, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"not in the store: {wrong} ")):
        export(invented, tmp_path / "out", select=["NCT99999901", wrong])
    assert list(tmp_path.iterdir()) == []


def test_many_unknown_studies_are_not_all_listed(invented: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NCT00000009 and 5 more"):
        export(invented, tmp_path / "out", select=[f"NCT{n:08}" for n in range(15)])


def test_an_empty_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no study in the store .*trialkg build"):
        export(Store(), tmp_path / "out")


def test_a_study_in_a_named_graph_is_no_current_study(statements: Statements, tmp_path: Path) -> None:
    old = NamedNode("https://w3id.org/trialkg/old")
    store = store_of([Quad(quad.subject, quad.predicate, quad.object, old) for quad in statements(1)])
    with pytest.raises(StoreError, match="no study in the store"):
        export(store, tmp_path / "out")


def test_a_study_with_a_wrong_iri(tmp_path: Path) -> None:
    type_, study = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["tkg"] + "Study")
    store = store_of([Quad(NamedNode("https://example.org/study"), type_, study)])
    with pytest.raises(StoreError, match=r"https://example.org/study> is a tkg:Study"):
        export(store, tmp_path / "out")


def test_a_blank_node_stops_the_export_and_leaves_nothing(statements: Statements, tmp_path: Path) -> None:
    store = store_of(statements(1))
    store.add(Quad(NamedNode(study_iri("NCT99999901")), NamedNode(PREFIXES["tkg"] + "site"), BlankNode("b")))
    with pytest.raises(StoreError, match="NCT99999901: blank node"):
        export(store, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_records_without_dates(statements: Statements, tmp_path: Path) -> None:
    dates = {PREFIXES["tkg"] + name for name in ("dataDate", "lastUpdatePosted", "firstPosted", "mappingVersion")}
    store = store_of([quad for quad in statements(1) if quad.predicate.value not in dates])
    report = export(store, tmp_path / "out")
    assert (report.data_date, report.version) == ("", "undated+mapping.unknown")
    assert "not stated by the records" in (report.output / "README.md").read_text(encoding="utf-8")


def test_a_date_that_is_text_does_not_count(statements: Statements, tmp_path: Path) -> None:
    store = store_of(statements(1))
    record = NamedNode(study_iri("NCT99999901") + "/record")
    store.add(Quad(record, NamedNode(PREFIXES["tkg"] + "dataDate"), Literal("yesterday")))
    assert export(store, tmp_path / "out").data_date == "2026-08-14"


# --- Where it is written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("formats", [(), ("ttl", "ttl"), ("xlsx",)])
def test_formats_that_do_not_exist(invented: Store, tmp_path: Path, formats: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=r"ttl, nt, nq, trig, jsonld, rdfxml, ttl.gz, nt.gz"):
        export(invented, tmp_path / "out", formats=formats)


def test_an_earlier_export_is_replaced(invented: Store, tmp_path: Path) -> None:
    export(invented, tmp_path / "out", formats=["nt"])
    report = export(invented, tmp_path / "out", select=["NCT99999901"], formats=["ttl"])
    assert not (tmp_path / "out" / "studies.nt").exists()
    assert verify(report.output) == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken_and_parents_are_made(invented: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    export(invented, tmp_path / "empty", formats=["ttl"])
    export(invented, tmp_path / "a" / "b", formats=["ttl"])
    assert verify(tmp_path / "empty") == verify(tmp_path / "a" / "b") == []


def test_others_may_read_the_folder(exported: ExportReport, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    usual = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert stat.S_IMODE(exported.output.stat().st_mode) == usual


@pytest.mark.parametrize("name", ["notes.txt", "catalog.ttl", "CHECKSUMS.sha256", "a-folder"])
def test_a_folder_of_others_is_refused(invented: Store, tmp_path: Path, name: str) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    if name == "a-folder":
        (target / name).mkdir()
    else:
        (target / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="mine: not an earlier export"):
        export(invented, target)
    assert [path.name for path in target.iterdir()] == [name]


def test_a_catalog_of_somebody_else_is_refused(invented: Store, tmp_path: Path) -> None:
    report = export(invented, tmp_path / "out", formats=["ttl"])
    (report.output / "catalog.ttl").write_text("# another catalog\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not an earlier export"):
        export(invented, report.output)


@pytest.mark.parametrize("kind", ["added file", "folder in the place of a file"])
def test_an_export_with_files_added_is_refused(invented: Store, tmp_path: Path, kind: str) -> None:
    report = export(invented, tmp_path / "out", formats=["ttl"])
    stranger = report.output / ("thesis.docx" if kind == "added file" else "void.ttl")
    if kind == "added file":
        stranger.write_text("mine", encoding="utf-8")
    else:
        stranger.unlink()
        stranger.mkdir()
        (stranger / "mine").touch()
    with pytest.raises(UsageError, match=f"files that no export wrote: {stranger.name}"):
        export(invented, report.output)
    assert stranger.exists()


def test_a_file_is_refused(invented: Store, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder"):
        export(invented, tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_failure_leaves_the_earlier_export(
    invented: Store, statements: Statements, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = export(invented, tmp_path / "out", formats=["ttl"])
    before = content(report.output)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(dcat_ap, "write_graph", full)
        with pytest.raises(StoreError, match="No space left on device"):
            export(store_of(statements(5)), tmp_path / "out")
    rename = Path.rename

    def not_the_new_one(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(target_module, "exchange", lambda *_: False)
        patch.setattr(Path, "rename", not_the_new_one)
        with pytest.raises(StoreError, match="Input/output error"):
            export(store_of(statements(5)), tmp_path / "out")
    assert content(report.output) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_export_that_can_be_put_neither_away_nor_back_is_kept(
    invented: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = export(invented, tmp_path / "out", formats=["ttl"])
    before = content(report.output)
    rename = Path.rename

    def only_away(self: Path, target: Path) -> Path:
        if self.name in ("new", "old"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(target_module, "exchange", lambda *_: False)
        patch.setattr(Path, "rename", only_away)
        with pytest.raises(StoreError, match="Input/output error"):
            export(invented, tmp_path / "out")
    (kept,) = tmp_path.glob(".out.*.partial/old")
    assert content(kept) == before


def test_a_package_without_its_ontology(invented: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "resource", lambda *parts: tmp_path.joinpath(*parts))
    with pytest.raises(VocabularyError, match=r"ontology/trialkg.ttl is not in the package"):
        export(invented, tmp_path / "out")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on the path")
def test_sha256sum_checks_an_export(exported: ExportReport) -> None:
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", CHECKSUM_FILE], cwd=exported.output, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.count(b": OK\n") == len(content(exported.output)) - 1


def test_own_publication_facts(invented: Store, tmp_path: Path) -> None:
    publication = Publication(
        title="Ours", base_url="https://data.example.org/x/", endpoint="https://data.example.org/q"
    )
    report = export(invented, tmp_path / "out", formats=["ttl"], publication=publication)
    text = (report.output / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# Ours\n")
    assert "| SPARQL endpoint | <https://data.example.org/q> |" in text
    assert "https://data.example.org/x/studies.ttl" in (report.output / "void.ttl").read_text(encoding="utf-8")
