"""Tables and graph as part of an export: listed, hashed, and in the catalog."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Store

from kg.catalog import ExportReport, export, verify
from kg.catalog.tables import TABLES
from kg.namespaces import PREFIXES

DCAT = rdflib.Namespace(PREFIXES["dcat"])


@pytest.fixture(scope="module")
def report(invented: Store, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    return export(invented, tmp_path_factory.mktemp("export") / "out", formats=["nt.gz", "parquet", "kgx"])


NAMES = {f"tables/{table.name}.parquet" for table in TABLES} | {
    f"kgx/{stem}.{form}" for stem in ("nodes", "edges") for form in ("tsv", "jsonl")
}


def test_files_are_listed_and_hashed(report: ExportReport) -> None:
    assert verify(report.output) == []
    found = {file.name: file for file in report.files}
    assert found.keys() >= NAMES
    for name in NAMES:
        assert found[name].size == (report.output / name).stat().st_size > 0
        assert found[name].statements == 0
    lines = (report.output / "CHECKSUMS.sha256").read_text(encoding="utf-8").splitlines()
    assert {line.split("  ")[1] for line in lines} >= NAMES


def test_the_catalog_has_them(report: ExportReport) -> None:
    graph = rdflib.Graph().parse(report.output / "catalog.ttl")
    links = {str(link) for link in graph.objects(None, DCAT.downloadURL)}
    for name in NAMES:
        assert [link for link in links if link.endswith("/" + name)], name
    types = {str(type_).rpartition("/media-types/")[2] for type_ in graph.objects(None, DCAT.mediaType)}
    assert "application/vnd.apache.parquet" in types


def test_a_second_export_is_the_same(report: ExportReport, invented: Store, tmp_path: Path) -> None:
    again = export(invented, tmp_path / "out", formats=["nt.gz", "parquet", "kgx"])
    for path in report.output.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (again.output / path.relative_to(report.output)).read_bytes(), path.name
