"""Updates of a store from a registry on loopback."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.cli import main
from kg.errors import InputError, RemoteError, StoreError, UsageError
from kg.namespaces import PREFIXES
from kg.pipeline.build import build
from kg.pipeline.update import Update, update
from kg.sources.ctgov_api import RegistryApi, registry_query
from kg.store.embedded import open_generation, study_ids, study_quads
from kg.store.generations import StoreDirectory
from kg.store.pin import in_use
from tests.records import record
from tests.registry import Handler, Registry, serving

ONE, TWO, THREE, NEW = (f"NCT9000000{number}" for number in range(1, 5))


def dated(nct_id: str, updated: str, title: str = "as it was", of: str = "2024-03-02") -> str:
    """A record as the registry gives it, with the date of its data, which changes every day."""
    made: dict[str, Any] = json.loads(record(nct_id, updated=updated, title=title))
    made["derivedSection"] = {"miscInfoModule": {"versionHolder": of}}
    return json.dumps(made)


@pytest.fixture
def registry() -> Iterator[Registry]:
    known = Registry()
    known.version = "2024-03-02T09:00:00"
    known.add(dated(ONE, "2024-01-01"), dated(TWO, "2024-02-29"), dated(THREE, "2024-03-01"))
    with serving(known):
        yield known


@pytest.fixture
def built(registry: Registry, store: Path, tmp_path: Path) -> Path:
    """A store with what the registry has, which then has newer data."""
    (tmp_path / "in.ndjson").write_text("\n".join(registry.studies.values()))
    build([tmp_path / "in.ndjson"], store, checking=None)
    registry.version = "2024-03-09T09:00:00"
    for nct_id, text in registry.studies.items():
        registry.studies[nct_id] = text.replace("2024-03-02", "2024-03-09")
    return store


def titles(store: Path) -> dict[str, str]:
    answer = open_generation(StoreDirectory(store).newest()).query(
        f"SELECT ?id ?title {{ ?s a <{PREFIXES['tkg']}Study> ; <{PREFIXES['dcterms']}identifier> ?id ; "
        f"<{PREFIXES['dcterms']}title> ?title }}"
    )
    assert isinstance(answer, ox.QuerySolutions)
    return {str(row["id"].value)[-1]: str(row["title"].value) for row in answer}


def run(store: Path, registry: Registry, **options: Any) -> Update:
    with RegistryApi(registry.url, interval=0, sleep=lambda _seconds: None) as api:
        return update(store, api, checking=None, **options)


def generation(store: Path) -> int:
    return StoreDirectory(store).newest().number


def test_what_changed_is_replaced_and_what_is_new_comes_in(registry: Registry, built: Path) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed"), dated(NEW, "2024-03-07", "new"))
    steps: list[tuple[int, int]] = []
    done = run(built, registry, progress=lambda *step: steps.append(step))
    assert done.since == "2024-02-29"
    assert registry.log[0][1]["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2024-02-29,MAX]"
    assert (done.fetched.records, done.changed) == (4, 2)
    assert done.report is not None
    assert done.report.studies == 2
    assert titles(built) == {"1": "changed", "2": "as it was", "3": "as it was", "4": "new"}
    assert json.loads((built / "report.json").read_text())["dataDate"] == "2024-03-08"
    assert steps == [(4, 4), (2, 2)]
    assert not (built / "update").exists()


def test_the_generation_it_begins_with_is_marked_meanwhile(registry: Registry, built: Path) -> None:
    base = str(StoreDirectory(built).newest().path.parent)
    registry.add(dated(ONE, "2024-03-08", "changed"))
    marked: list[bool] = []
    run(built, registry, progress=lambda *_: marked.append(in_use(base)))
    assert set(marked) == {True}
    assert not in_use(base)


def test_nothing_changed_is_nothing_built(registry: Registry, built: Path) -> None:
    before = generation(built)
    done = run(built, registry)
    assert (done.fetched.records, done.changed, done.report) == (2, 0, None)
    assert generation(built) == before


def test_the_same_bytes_need_no_kept_record(registry: Registry, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.add(dated(NEW, "2024-03-07", of="2024-03-09"))
    assert run(built, registry).changed == 1
    monkeypatch.setattr("kg.pipeline.update._Present.kept", lambda *_: iter(()))
    assert run(built, registry).changed == 0


def test_another_mapping_builds_everything_again(
    registry: Registry, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.pipeline.update.MAPPING_VERSION", "999")
    assert run(built, registry).changed == 2


def test_a_change_without_a_new_date_is_seen(registry: Registry, built: Path) -> None:
    registry.add(dated(THREE, "2024-03-01", "retracted", of="2024-03-09"))
    assert run(built, registry).changed == 1
    assert titles(built)["3"] == "retracted"


@pytest.mark.parametrize("by_id", [True, False])
def test_only_known_studies(registry: Registry, built: Path, by_id: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not by_id:
        monkeypatch.setattr("kg.pipeline.update._ASKED_BY_ID", 0)
    registry.add(dated(ONE, "2024-03-08", "changed"), dated(NEW, "2024-03-07", "new"))
    assert run(built, registry, known=True).changed == 1
    assert titles(built)["1"] == "changed"
    assert "4" not in titles(built)
    assert registry.log[0][1].get("filter.ids") == (",".join((ONE, TWO, THREE)) if by_id else None)


def test_words_and_days_of_the_users(registry: Registry, built: Path) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed"), dated(NEW, "2024-03-07", "new"))
    done = run(built, registry, query=registry_query(term="new", since="2024-03-05"))
    assert (done.since, done.changed) == ("2024-03-05", 1)
    assert titles(built)["1"] == "as it was"


@pytest.mark.parametrize(
    ("data_date", "words"),
    [("", "no data date"), ("2999-01-01", "lies in the future"), ("0001-01-01", "no date"), ("x", "no date")],
)
def test_data_dates_of_no_use(registry: Registry, built: Path, data_date: str, words: str) -> None:
    path = StoreDirectory(built).newest().path.with_name("report.json")
    report = json.loads(path.read_text())
    path.unlink()
    path.write_text(json.dumps({**report, "dataDate": data_date}))
    with pytest.raises(StoreError, match=words):
        run(built, registry)
    assert registry.log == []
    assert run(built, registry, query=registry_query(since="2024-03-01")).fetched.records == 1


def test_a_month_is_its_first_day(registry: Registry, built: Path) -> None:
    path = StoreDirectory(built).newest().path.with_name("report.json")
    report = json.loads(path.read_text())
    path.unlink()
    path.write_text(json.dumps({**report, "dataDate": "2024-03"}))
    assert run(built, registry).since == "2024-02-29"


def test_no_store(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        run(tmp_path / "none", registry)
    assert not (tmp_path / "none").exists()


def test_a_failure_leaves_the_store_and_the_next_run_goes_on(registry: Registry, built: Path) -> None:
    registry.add(*(dated(f"NCT8000000{number}", "2024-03-07", "new") for number in range(5)))

    def broken(handler: Handler, asked: dict[str, str]) -> bool:
        if asked.get("pageToken") != "t4":
            return False
        handler.answer(500)
        return True

    registry.replies.append(broken)
    before = generation(built)
    with pytest.raises(RemoteError):
        run(built, registry, page_size=2)
    assert generation(built) == before
    registry.replies.clear()
    registry.log.clear()
    assert run(built, registry, page_size=2).changed == 5
    assert registry.tokens() == ["t4", "t6"]
    assert generation(built) == before + 1


def test_what_was_fetched_of_older_data_is_not_used(registry: Registry, built: Path) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed"))

    def broken(handler: Handler, asked: dict[str, str]) -> bool:
        if "pageToken" in asked:
            handler.answer(403)
        return "pageToken" in asked

    registry.replies.append(broken)
    with pytest.raises(RemoteError):
        run(built, registry, page_size=1)
    registry.replies.clear()
    registry.log.clear()
    registry.version = "2024-03-10T09:00:00"
    registry.add(dated(ONE, "2024-03-09", "changed again"))
    run(built, registry, page_size=2)
    assert registry.tokens() == ["", "t2"]
    assert titles(built)["1"] == "changed again"


def test_a_kill_between_fetching_and_publishing_costs_no_request(
    registry: Registry, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed"))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kg.pipeline.update.build", killed)
        with pytest.raises(KeyboardInterrupt):
            run(built, registry)
    registry.log.clear()
    assert run(built, registry).changed == 1
    assert registry.log == []
    assert titles(built)["1"] == "changed"


def test_a_real_kill_leaves_the_store_whole(registry: Registry, built: Path) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed"))
    registry.kill_when_asked("t1", "update", "--new", "--store", str(built), "--page-size", "1")
    assert titles(built)["1"] == "as it was"
    registry.log.clear()
    assert run(built, registry, page_size=1).changed == 1
    assert registry.tokens() == ["t1", "t2"]
    assert titles(built)["1"] == "changed"


def test_a_broken_record_keeps_its_study_and_costs_no_other(registry: Registry, built: Path) -> None:
    odd = json.loads(dated(TWO, "2024-03-08"))
    odd["protocolSection"]["statusModule"]["overallStatus"] = 7
    registry.add(dated(ONE, "2024-03-08", "changed"), json.dumps(odd))
    done = run(built, registry)
    assert done.report is not None
    assert [row.nct_id for row in done.report.rejects] == [TWO]
    assert titles(built) == {"1": "changed", "2": "as it was", "3": "as it was"}
    registry.add(json.dumps(odd).replace("2024-03-08", "2024-03-09"))
    del registry.studies[ONE]
    with pytest.raises(InputError):
        run(built, registry)
    assert len(titles(built)) == 3


def test_two_updates_at_once(registry: Registry, built: Path) -> None:
    errors: list[BaseException] = []

    def again(_handler: Handler, _asked: dict[str, str]) -> bool:
        registry.replies.clear()
        with pytest.raises(UsageError) as raised:
            run(built, registry)
        errors.append(raised.value)
        return False

    registry.add(dated(ONE, "2024-03-08", "changed"))
    registry.replies.append(again)
    assert run(built, registry).changed == 1
    assert "another process" in str(errors[0])


def test_an_updated_store_is_as_one_built_from_all(
    registry: Registry, built: Path, vocabulary_store: Path, tmp_path: Path
) -> None:
    registry.add(dated(ONE, "2024-03-08", "changed", of="2024-03-09"), dated(NEW, "2024-03-07", "new"))
    run(built, registry, query=registry_query(since="2024-01-01"))
    anew = tmp_path / "anew"
    shutil.copytree(vocabulary_store, anew, copy_function=os.link)
    (tmp_path / "all.ndjson").write_text("\n".join(registry.studies.values()))
    build([tmp_path / "all.ndjson"], anew, checking=None)

    def statements(store: Path) -> set[str]:
        of_the_day = (PREFIXES["tkg"] + "sha256", PREFIXES["tkg"] + "dataDate")
        opened = open_generation(StoreDirectory(store).newest())
        quads = [quad for nct_id in study_ids(opened) for quad in study_quads(opened, nct_id)]
        return {str(quad) for quad in quads if quad.predicate.value not in of_the_day}

    assert len(statements(built)) > 40
    assert statements(built) == statements(anew)


def test_the_command_leaves_studies_that_the_store_does_not_have(registry: Registry, built: Path) -> None:
    other = "NCT90000009"
    registry.add(dated(ONE, "2024-03-08", "changed"), dated(other, "2024-03-08"))
    at = ["--store", str(built), "--api", registry.url, "--interval", "0"]
    assert main(["update", *at]) == 0
    assert titles(built) == {"1": "changed", "2": "as it was", "3": "as it was"}
    assert main(["update", "--new", *at]) == 0
    assert len(titles(built)) == 4


def test_the_command(registry: Registry, built: Path, capfd: pytest.CaptureFixture[str]) -> None:
    at = ["--store", str(built), "--api", registry.url, "--interval", "0"]
    capfd.readouterr()
    assert main(["update", *at]) == 0
    out, err = capfd.readouterr()
    assert (out, err) == ("", "since 2024-02-29: 2 studies fetched, 0 new or changed\n")
    registry.add(dated(ONE, "2024-03-08", "changed"))
    registry.studies["NCT90000009"] = dated("NCT90000009", "2024-03-08").replace("NCT90000009", "nct")
    assert main(["update", "--new", *at]) == 0
    err = capfd.readouterr().err
    assert "rejected: page 1[3]: 'nct' is no NCT id" in err
    assert "since 2024-02-29: 3 studies fetched, 1 new or changed" in err
    assert err.endswith(f"published in {built}\n")
    assert main(["update", "--since", "yesterday", *at]) == 2
    assert main(["update", "--store", str(built / "none"), *at[2:]]) == 2

    def refusing(handler: Handler, _asked: dict[str, str]) -> bool:
        handler.answer(403)
        return True

    registry.replies.append(refusing)
    assert main(["update", *at]) == 3
