"""A build validates every study: what breaks a rule is kept out or marked, and pySHACL is asked about a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, URIRef
from typer.testing import CliRunner

from kg.cli import app
from kg.errors import ValidationDisagreement
from kg.pipeline import checking
from kg.pipeline.build import build
from kg.pipeline.checking import USUAL, Checking
from kg.pipeline.report import RunReport
from kg.store.embedded import open_generation, study_ids
from kg.store.generations import StoreDirectory
from kg.validation import Engine, Validator
from tests.records import combination, record

BREAKS = ox.NamedNode("https://w3id.org/trialkg/vocab#breaksRule")
# Rules that the invented records break, as our own mapping breaks none of the worst severity.
STRICT = """
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix tkg: <https://w3id.org/trialkg/vocab#> .
    @prefix s: <https://w3id.org/trialkg/shapes#> .
    s:Two a sh:NodeShape ; sh:targetClass tkg:Study ; sh:property s:NeedsArm , s:NeedsName .
    s:NeedsArm a sh:PropertyShape ; sh:path tkg:arm ; sh:minCount 1 ; sh:message "Give it an arm." .
    s:NeedsName a sh:PropertyShape ; sh:path tkg:acronym ; sh:minCount 1 ; sh:message "Name it." ;
        sh:severity sh:Warning .
"""


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rules in place of the bundled ones."""

    def validator(engine: Engine) -> Validator:
        return Validator(Graph().parse(data=STRICT, format="turtle"), engine)

    monkeypatch.setattr(checking, "_validator", validator)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A study without an arm, and one with."""
    file = tmp_path / "records.ndjson"
    file.write_text(f"{record('NCT99999901')}\n{combination('NCT99999902')}\n", encoding="utf-8")
    return file


def run(file: Path, store: Path, **how: Any) -> RunReport:
    return build([file], store, checking=USUAL._replace(**how), jobs=1)


def studies(store: Path) -> list[str]:
    return sorted(study_ids(open_generation(StoreDirectory(store).newest())))


def marks(store: Path) -> set[tuple[str, str]]:
    quads = open_generation(StoreDirectory(store).newest()).quads_for_pattern(None, BREAKS, None, None)
    return {(quad.subject.value[-11:], quad.object.value.rpartition("#")[2]) for quad in quads}  # type: ignore[union-attr]


@pytest.mark.usefixtures("strict")
def test_a_study_with_violations_is_kept_out_with_its_statements_and_its_report(
    records: Path, store: Path, tmp_path: Path
) -> None:
    report = run(records, store)
    assert (report.records, report.studies, report.rejected, report.validated) == (2, 1, 0, 2)
    [row] = report.quarantined
    assert (row.nct_id, row.reason) == ("NCT99999901", "NeedsArm: Give it an arm.")
    assert row.place.endswith("records.ndjson:1")
    assert "1 quarantined" in report.text()
    assert studies(store) == ["NCT99999902"]
    assert marks(store) == {("NCT99999902", "NeedsName")}
    [file] = (store / "quarantine").iterdir()
    written = Graph().parse(file)
    [study] = written.subjects(RDF.type, URIRef("https://w3id.org/trialkg/vocab#Study"))
    assert str(study).endswith("NCT99999901")
    [message] = written.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?m { ?r sh:resultMessage ?m ; sh:resultSeverity sh:Violation }"
    )
    assert str(message[0]) == "Give it an arm."  # type: ignore[index]


@pytest.mark.usefixtures("strict")
def test_the_study_that_the_store_had_stays(records: Path, store: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    first.write_text(combination("NCT99999901"), encoding="utf-8")
    run(first, store)
    before = marks(store)
    report = run(records, store)
    assert [row.nct_id for row in report.quarantined] == ["NCT99999901"]
    assert studies(store) == ["NCT99999901", "NCT99999902"]
    assert ("NCT99999901", "NeedsName") in before & marks(store)


@pytest.mark.usefixtures("strict")
def test_a_study_leaves_the_quarantine_when_its_record_is_mended(records: Path, store: Path, tmp_path: Path) -> None:
    run(records, store)
    other = tmp_path / "other.json"
    other.write_text(combination("NCT99999903"), encoding="utf-8")
    run(other, store)
    assert StoreDirectory(store).newest().report["inQuarantine"].keys() == {"NCT99999901"}
    assert len(list((store / "quarantine").iterdir())) == 1
    other.write_text(combination("NCT99999901"), encoding="utf-8")
    run(other, store)
    assert StoreDirectory(store).newest().report["inQuarantine"] == {}
    assert studies(store) == ["NCT99999901", "NCT99999902", "NCT99999903"]


@pytest.mark.usefixtures("strict")
def test_admitted_studies_are_marked_and_counted(records: Path, store: Path, tmp_path: Path) -> None:
    report = run(records, store, admits=True)
    assert (report.studies, report.admitted, report.quarantined) == (2, 1, [])
    assert "1 study with violations admitted" in report.text()
    assert ("NCT99999901", "NeedsArm") in marks(store)
    assert not (store / "quarantine").exists()


@pytest.mark.usefixtures("strict")
def test_quarantined_studies_count_with_the_rejects(records: Path, store: Path, tmp_path: Path) -> None:
    command = ["build", str(records), "--store", str(store)]
    done = CliRunner().invoke(app, [*command, "--strict"])
    assert done.exit_code == 1
    assert "quarantined: NCT99999901" in done.stderr
    assert "1 rejected or quarantined, more than the 0 allowed" in done.stderr
    assert CliRunner().invoke(app, [*command, "--max-rejects", "1"]).exit_code == 0
    assert CliRunner().invoke(app, [*command, "--strict", "--admit-violations"]).exit_code == 0


@pytest.mark.usefixtures("strict")
def test_nothing_is_left_of_a_quarantine_when_the_build_fails(
    records: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.errors import StoreError
    from kg.pipeline import build as module

    def fail(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(module, "count_statements", fail)
    with pytest.raises(StoreError):
        run(records, store)
    monkeypatch.undo()
    first = tmp_path / "first.json"
    first.write_text(combination("NCT99999903"), encoding="utf-8")
    build([first], store, jobs=1)
    assert not list((store / "quarantine").glob("*")) if (store / "quarantine").exists() else True


def test_a_disagreement_fails_the_build_and_names_study_and_rule(
    records: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = StoreDirectory(store).newest().number
    monkeypatch.setattr(Validator, "audit", lambda *_: ["only pySHACL: ArmLabelExpected  trial:NCT99999902"])
    with pytest.raises(ValidationDisagreement, match=r"NCT9999990[12]: .*ArmLabelExpected.*--engine pyshacl"):
        run(records, store)
    assert StoreDirectory(store).newest().number == before


def test_every_build_audits_a_sample_that_the_seed_chooses(records: Path, store: Path) -> None:
    assert run(records, store).audited == 1
    assert run(records, store, audit_every=1).audited == 2
    assert run(records, store, audit_every=0).audited == 0
    ids = {f"NCT{number:08}" for number in range(5_000)}
    chosen = {seed: {one for one in ids if Checking(audit_every=100, seed=seed).is_audited(one)} for seed in (1, 2)}
    assert chosen[1] != chosen[2]
    assert all(20 < len(found) < 90 for found in chosen.values())
    assert USUAL.for_studies({"NCT00000001", "NCT00000002"}).audited


def test_pyshacl_alone_marks_the_same(records: Path, store: Path) -> None:
    run(records, store)
    compiled = marks(store)
    report = run(records, store, engine=Engine.PYSHACL)
    assert marks(store) == compiled != set()
    assert (report.validated, report.audited) == (2, 0)


def test_the_store_says_what_the_rules_say(records: Path, store: Path) -> None:
    run(records, store)
    asked = (
        "SELECT ?rule ?what { ?study <https://w3id.org/trialkg/vocab#breaksRule> ?rule "
        "OPTIONAL { ?rule <http://www.w3.org/ns/shacl#message> ?what } }"
    )
    rows = list(open_generation(StoreDirectory(store).newest()).query(asked))  # type: ignore[arg-type]
    assert rows
    assert all(row["what"] for row in rows)
