"""One bad record, value or argument: it costs nothing but itself, and is told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.cli import main
from kg.errors import UsageError
from kg.graph import open as open_graph
from kg.pipeline.build import build
from kg.sources import Form, RawRecord, head
from kg.sources.ctgov_page.values import enrollment
from kg.store.remote import RemoteBackend

_TITLE = "SELECT ?title { ?_study_iri dcterms:title ?title }"


def _record(path: Path, nct_id: str, **modules: dict[str, Any]) -> Path:
    protocol = {"identificationModule": {"nctId": nct_id, "briefTitle": path.stem}, **modules}
    path.write_text(json.dumps({"protocolSection": protocol}), encoding="utf-8")
    return path


def test_a_study_whose_new_record_is_rejected_keeps_its_statements(tmp_path: Path) -> None:
    store = tmp_path / "store"
    build([_record(tmp_path / "good.json", "NCT99999901")], store, checking=None)
    broken = _record(tmp_path / "broken.json", "NCT99999901", designModule={"phases": "no list"})
    report = build([broken, _record(tmp_path / "other.json", "NCT99999902")], store, checking=None)
    assert [row.nct_id for row in report.rejects] == ["NCT99999901"]
    with open_graph(store) as graph:
        for nct_id, title in (("NCT99999901", "good"), ("NCT99999902", "other")):
            assert graph.query(_TITLE, prefixes=True, study=f"trial:{nct_id}").rows == [(title,)]


@pytest.mark.parametrize(("date", "expected"), [("2020-01-31", "2020-01-31"), ("2020-01", "2020-01"), ("zzzz", "")])
def test_what_is_no_date_is_not_the_newest(date: str, expected: str) -> None:
    status = {"lastUpdatePostDateStruct": {"date": date}}
    data = {"protocolSection": {"identificationModule": {"nctId": "NCT99999901"}, "statusModule": status}}
    assert head(RawRecord(json.dumps(data).encode(), Form.API_V2, "x")) == ("NCT99999901", expected)


def test_a_number_too_long_to_be_one_is_no_enrollment() -> None:
    assert enrollment("9" * 5000, None).count is None
    assert enrollment("1,204 participants", None).count == 1204


@pytest.mark.parametrize("name", ["timeout", "prefixes"])
def test_parameters_that_no_query_can_have(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    build([_record(tmp_path / "good.json", "NCT99999901")], tmp_path / "store", checking=None)
    arguments = ["query", "-q", "ASK {}", "--param", f"{name}=1", "--store", str(tmp_path / "store")]
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_disk_error_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record = _record(tmp_path / "good.json", "NCT99999901")
    assert main(["convert", str(record), "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("trialkg: [Errno ")


@pytest.mark.parametrize("url", ["http://[", "http://.example/", "http://127.0.0.1/é"])
def test_urls_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(UsageError, match="URL of an endpoint"):
        RemoteBackend(url)
