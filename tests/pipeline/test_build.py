from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import InputError
from kg.namespaces import PREFIXES, study_iri
from kg.pipeline.build import build
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from tests.records import combination, record


def opened(store: Path) -> ox.Store:
    return open_generation(StoreDirectory(store).newest())


def titles(store: Path) -> dict[str, str]:
    answer = opened(store).query(
        f"SELECT ?id ?title {{ ?s a <{PREFIXES['tkg']}Study> ; <{PREFIXES['dcterms']}identifier> ?id ; "
        f"<{PREFIXES['dcterms']}title> ?title }}"
    )
    assert isinstance(answer, ox.QuerySolutions)
    return {str(row["id"].value): str(row["title"].value) for row in answer}


def write(path: Path, *records: str) -> Path:
    path.write_text("\n".join(records) + "\n")
    return path


def test_every_record_is_accounted_for(store: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "in.ndjson", record(), "{", combination(), record(title="the same again"), '{"a": 1}')
    report = build([source], store)
    assert (report.records, report.studies, len(report.superseded), len(report.rejects)) == (5, 2, 1, 2)
    assert [row.place.rsplit(":", 1)[1] for row in report.rejects] == ["2", "5"]
    assert json.loads((store / "report.json").read_text())["studies"] == 2


def test_the_newest_record_wins_wherever_it_stands(store: Path, tmp_path: Path) -> None:
    newer = record(updated="2024-06-01", title="newer")
    older = record(updated="2024-01-01", title="older")
    for lines in ((newer, older), (older, newer)):
        build([write(tmp_path / "in.ndjson", *lines)], store)
        assert titles(store) == {"NCT99999901": "newer"}


def test_a_second_build_replaces_a_study_and_keeps_the_others(store: Path, tmp_path: Path) -> None:
    build([write(tmp_path / "1.ndjson", record(title="before"), combination())], store)
    before = len(opened(store))
    build([write(tmp_path / "2.ndjson", record(title="after"))], store)
    assert titles(store) == {"NCT99999901": "after", "NCT99999902": "Two agents in one arm"}
    assert len(opened(store)) == before


def test_the_store_holds_the_hierarchy_and_the_terms(store: Path, tmp_path: Path) -> None:
    build([write(tmp_path / "1.ndjson", combination())], store)
    graph = opened(store)
    within = ox.NamedNode(PREFIXES["tkg"] + "within")
    melanoma, neoplasms = (ox.NamedNode(PREFIXES["mesh"] + ui) for ui in ("D008545", "D009369"))
    assert ox.Quad(melanoma, within, neoplasms) in graph
    study = ox.NamedNode(study_iri("NCT99999902"))
    assert ox.Quad(study, ox.NamedNode(PREFIXES["tkg"] + "conditionWithin"), neoplasms) in graph
    assert not any(isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode) for quad in graph)


def test_order_and_processes_do_not_change_the_store(store: Path, tmp_path: Path) -> None:
    lines = [combination(f"NCT9999991{n}") for n in range(3)]
    build([write(tmp_path / "1.ndjson", *lines)], store)
    one = set(opened(store))
    build([write(tmp_path / "2.ndjson", *reversed(lines))], store, jobs=2)
    assert set(opened(store)) == one


@pytest.mark.slow
def test_a_store_from_nothing_has_the_vocabularies(tmp_path: Path) -> None:
    build([write(tmp_path / "1.ndjson", combination())], tmp_path / "new")
    label = ox.Literal("Melanoma", language="en")
    assert any(opened(tmp_path / "new").quads_for_pattern(None, None, label, ox.DefaultGraph()))


def test_vocabularies_of_another_version_are_replaced(store: Path, tmp_path: Path) -> None:
    build([write(tmp_path / "1.ndjson", combination())], store)
    before = set(opened(store))
    stale = ox.Quad(
        ox.NamedNode(PREFIXES["mesh"] + "D000000"), ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.Literal("x")
    )
    with StoreDirectory(store).writing() as draft:
        draft.store.add(stale)
        draft.report = {"vocabularies": {"mesh": "1999"}}
    build([write(tmp_path / "2.ndjson", combination())], store)
    assert set(opened(store)) == before


def test_nothing_readable_is_an_error_and_publishes_nothing(store: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        build([tmp_path / "absent.json"], store)
    with pytest.raises(InputError, match="no NCT id"):
        build([write(tmp_path / "bad.json", '{"protocolSection": {"identificationModule": {}}}')], store)
    assert not titles(store)


def test_a_cut_off_archive_keeps_what_came_before_the_cut(store: Path, tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(record(f"NCT9999{n:04}", title="x" * 200) for n in range(2000)).encode(), 1)
    (tmp_path / "cut.ndjson.gz").write_bytes(packed[: len(packed) * 3 // 4])
    report = build([tmp_path / "cut.ndjson.gz"], store, checking=None, jobs=1)
    assert 1000 < report.studies < 2000
    assert any("cut off" in row.reason for row in report.rejects)


def test_values_that_cannot_be_expressed_are_noted_and_cost_no_record(store: Path, tmp_path: Path) -> None:
    odd = json.loads(record())
    odd["protocolSection"]["statusModule"]["startDateStruct"] = {"date": "2019-13"}
    odd["protocolSection"]["statusModule"]["overallStatus"] = "SOMETHING_NEW"
    report = build([write(tmp_path / "1.json", json.dumps(odd))], store)
    assert report.studies == 1
    assert {note.note.split("'")[1] for note in report.notes} == {"2019-13", "SOMETHING_NEW"}


def test_a_kill_in_the_middle_leaves_the_published_store_whole(store: Path, tmp_path: Path) -> None:
    build([write(tmp_path / "1.ndjson", combination())], store)
    many = write(tmp_path / "2.ndjson", *(record(f"NCT8{n:07}") for n in range(3000)))
    command = [sys.executable, "-m", "kg", "build", str(many), "--store", str(store), "--no-validate", "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(store.glob("draft-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert titles(store) == {"NCT99999902": "Two agents in one arm"}
    build([write(tmp_path / "3.ndjson", record())], store)
    assert len(titles(store)) == 2
    assert not list(store.glob("draft-*"))
