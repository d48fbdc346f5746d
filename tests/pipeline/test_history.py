"""Earlier versions of studies: kept when asked for, in order, for good, and out of the way of what is current."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import kg
from kg.catalog import export
from kg.errors import StoreError
from kg.namespaces import PREFIXES, study_iri
from kg.pipeline.additions import opened
from kg.pipeline.build import build
from kg.pipeline.report import RunReport
from kg.store.embedded import count_statements, open_generation, study_quads
from kg.store.generations import StoreDirectory
from kg.store.history import newest_version, version_graphs
from kg.validation import Validator
from tests.records import combination, record

A, B = "NCT99999901", "NCT99999902"
MESH = "ui\tlabel\ttree_numbers\tsynonyms\nD008545\tMelanoma\tC04.557.465\tmalignant melanoma\n"


def study(updated: str, status: str = "RECRUITING", *, stamp: str = "", **modules: Any) -> str:
    found = json.loads(record(A, updated=updated, conditionsModule={"conditions": ["Melanoma"]}, **modules))
    found["protocolSection"]["statusModule"]["overallStatus"] = status
    if stamp:
        found["derivedSection"] = {"miscInfoModule": {"versionHolder": stamp}}
    return json.dumps(found)


@pytest.fixture
def other_store(vocabulary_store: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "other" / "store"
    directory.parent.mkdir()
    shutil.copytree(vocabulary_store, directory, copy_function=os.link)
    return directory


FIRST = study("2024-01-01")
SECOND = study("2024-02-02", "ACTIVE_NOT_RECRUITING")
THIRD = study("2024-03-03", "COMPLETED")


def add(store: Path, *records: str, **options: Any) -> RunReport:
    source = store.parent / "in.ndjson"
    source.write_text("\n".join(records) + "\n")
    return build([source], store, checking=None, **options)


def add_mesh(store: Path, year: str, **options: Any) -> RunReport:
    path = store.parent / f"mesh{year}.tsv.gz"
    path.write_bytes(gzip.compress((MESH + f"D99{year}\tNew in {year}\tC17\t\n").encode()))
    with opened([str(path)], name="mesh", version=year) as addition:
        return build((), store, add=[addition], **options)


def now(store: Path) -> ox.Store:
    return open_generation(StoreDirectory(store).newest())


def name(text: str, day: str) -> str:
    return f"{study_iri(A)}/version/{day}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def graph(store: ox.Store, iri: str) -> set[str]:
    return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(iri))}


def own(store: ox.Store, nct_id: str = A) -> set[str]:
    return {str(quad.triple) for quad in study_quads(store, nct_id)}


def everything(directory: Path) -> tuple[int, set[str]]:
    """How many statements there are, and those on the study and its versions."""
    store = now(directory)
    return len(store), own(store) | {str(quad) for quad in version_graphs(store)}


def chain(store: ox.Store) -> list[str]:
    found, iri = [], newest_version(store, A)
    while iri:
        found.append(iri)
        node = ox.NamedNode(iri)
        before = [quad.object for quad in store.quads_for_pattern(node, prop("prov:wasRevisionOf"), None, node)]
        iri = before[0].value if before else ""  # type: ignore[union-attr]
    return found


def prop(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def test_three_versions_make_a_chain_of_two_graphs(store: Path) -> None:
    reports = [add(store, FIRST, history=True)]
    states = [own(now(store))]
    for text in (SECOND, THIRD):
        reports.append(add(store, text))
        states.append(own(now(store)))
    assert [report.versions for report in reports] == [0, 1, 1]
    assert "1 earlier version kept" in reports[1].text()
    found = now(store)
    first, second = name(FIRST, "2024-01-01"), name(SECOND, "2024-02-02")
    assert chain(found) == [second, first]
    for iri, state in ((first, states[0]), (second, states[1])):
        about = {line for line in graph(found, iri) if line.startswith(f"<{iri}>")}
        assert state <= graph(found, iri)
        assert graph(found, iri) - about == state
    rows = found.query(
        "SELECT ?version ?number ?day ?before WHERE { GRAPH ?version { ?version "
        f"<{PREFIXES['dcterms']}isVersionOf> <{study_iri(A)}> ; <{PREFIXES['schema']}version> ?number ; "
        f"<{PREFIXES['dcterms']}issued> ?day OPTIONAL {{ ?version <{PREFIXES['prov']}wasRevisionOf> ?before }} }} }} "
        "ORDER BY ?number"
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert [[getattr(cell, "value", "") for cell in row] for row in rows] == [
        [first, "1", "2024-01-01", ""],
        [second, "2", "2024-02-02", first],
    ]


def test_without_the_option_nothing_is_kept(store: Path) -> None:
    add(store, FIRST)
    assert add(store, SECOND).versions == 0
    assert not list(now(store).named_graphs())
    assert newest_version(now(store), A) == ""


def test_it_is_a_property_of_the_store_and_can_be_switched_off(store: Path) -> None:
    add(store, FIRST, history=True)
    assert add(store, SECOND).history
    off = add(store, THIRD, history=False)
    assert (off.history, off.versions) == (False, 0)
    add(store, study("2024-04-04"))
    # What was kept stays, and the next version to be kept follows it.
    assert chain(now(store)) == [name(FIRST, "2024-01-01")]
    add(store, study("2024-05-05"), history=True)
    assert chain(now(store)) == [name(study("2024-04-04"), "2024-04-04"), name(FIRST, "2024-01-01")]
    stored = json.loads((store / "report.json").read_text())
    assert (stored["history"], stored["versions"], stored["storeVersions"]) == (True, 1, 2)


@pytest.mark.parametrize("again", [FIRST, json.dumps(json.loads(FIRST), indent=None, sort_keys=True)])
def test_the_same_record_makes_no_version(store: Path, again: str) -> None:
    add(store, FIRST, history=True)
    assert add(store, again).versions == 0
    assert not list(now(store).named_graphs())


def test_another_stamp_of_the_day_makes_no_version(store: Path) -> None:
    add(store, study("2024-01-01", stamp="2024-06-01"), history=True)
    last_seen = study("2024-01-01", stamp="2024-06-02")
    assert add(store, last_seen).versions == 0
    assert add(store, study("2024-06-03", stamp="2024-06-03")).versions == 1
    # It is called by the record that was seen last.
    assert chain(now(store)) == [name(last_seen, "2024-01-01")]


def test_the_same_day_with_other_words_makes_a_version(store: Path) -> None:
    add(store, FIRST, history=True)
    assert add(store, study("2024-01-01", "TERMINATED")).versions == 1


def test_an_older_record_replaces_and_the_chain_stays_whole(store: Path) -> None:
    add(store, FIRST, history=True)
    for text in (SECOND, FIRST, THIRD):
        add(store, text)
    first, second = name(FIRST, "2024-01-01"), name(SECOND, "2024-02-02")
    found = now(store)
    assert chain(found) == [first + "-2", second, first]
    assert any("completed" in line for line in own(found))
    strip = {f"<{first}-2>": f"<{first}>"}
    texts = [
        {line.replace(*pair) for pair in strip.items() for line in graph(found, iri) if "#wasRevisionOf" not in line}
        for iri in (first, first + "-2")
    ]
    assert {line for line in texts[0] ^ texts[1] if "schema.org/version" not in line} == set()


def test_what_is_current_is_as_without_history(store: Path, other_store: Path) -> None:
    for text in (FIRST, SECOND):
        add(other_store, text, combination(B))
        add(store, text, combination(B), history=True)
    with_history, without = now(store), now(other_store)
    [link] = own(with_history) - own(without)
    assert str(prop("prov:wasRevisionOf")) in link
    assert own(without) < own(with_history)
    assert own(without, B) == own(with_history, B)
    reports = [json.loads((directory / "report.json").read_text()) for directory in (store, other_store)]
    assert reports[0]["triples"] == reports[1]["triples"] + 1 == count_statements(with_history)
    assert len(with_history) == reports[0]["triples"] + len(list(version_graphs(with_history)))
    assert len(without) == reports[1]["triples"]
    assert reports[0]["storeStudies"] == reports[1]["storeStudies"] == 2


def test_queries_see_versions_only_when_they_ask_for_graphs(store: Path) -> None:
    for text in (FIRST, SECOND):
        add(store, text, history=True)
    first = name(FIRST, "2024-01-01")
    with kg.open(store) as opened_graph:

        def statuses(text: str) -> list[str]:
            return sorted(str(row[0]).rsplit("/", 1)[1] for row in opened_graph.query(text, prefixes=True))

        assert statuses("SELECT ?s { ?x tkg:status ?s }") == ["active-not-recruiting"]
        assert statuses("SELECT ?s { GRAPH ?g { ?x tkg:status ?s } }") == ["recruiting"]
        assert statuses("SELECT ?s FROM <IRI> { ?x tkg:status ?s }".replace("IRI", first)) == ["recruiting"]
        assert opened_graph.query("class-counts").rows[0]
        found = opened_graph.query("SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a tkg:Study }", prefixes=True)
        assert found.rows == [(1,)]


def test_versions_outlive_a_change_of_vocabularies(store: Path) -> None:
    add(store, FIRST, combination(B), history=True)
    add(store, SECOND)
    before = now(store)
    report = add_mesh(store, "2030")
    assert (report.relinked, report.versions, report.history) == (2, 0, True)
    after = now(store)
    first, second = name(FIRST, "2024-01-01"), name(SECOND, "2024-02-02")
    assert chain(after) == [first]
    assert graph(after, first) == graph(before, first)
    assert newest_version(after, B) == ""
    add(store, THIRD)
    assert chain(now(store)) == [second, first]
    assert graph(now(store), first) == graph(before, first)


def test_a_record_and_a_vocabulary_in_one_build(store: Path) -> None:
    add(store, FIRST, combination(B), history=True)
    add(store, SECOND)
    path = store.parent / "mesh.tsv.gz"
    path.write_bytes(gzip.compress(MESH.encode()))
    with opened([str(path)], name="mesh", version="2031") as addition:
        # The study of the second record is as it was, so that other links of it make no version.
        report = add(store, THIRD, combination(B).replace('"Two', ' "Two'), add=[addition])
    assert (report.versions, report.relinked) == (1, 0)
    assert chain(now(store)) == [name(SECOND, "2024-02-02"), name(FIRST, "2024-01-01")]
    assert newest_version(now(store), B) == ""


def test_organizations_of_a_version_keep_their_names(store: Path) -> None:
    sponsor = {"leadSponsor": {"name": "Gone Pharma", "class": "INDUSTRY"}}
    text = study("2024-01-01", sponsorCollaboratorsModule=sponsor)
    add(store, text, history=True)
    add(store, SECOND)
    add_mesh(store, "2032")
    label = ox.Literal("Gone Pharma")
    found = {quad.graph_name for quad in now(store).quads_for_pattern(None, None, label, None)}
    assert found == {ox.NamedNode(name(text, "2024-01-01"))}


@pytest.mark.parametrize("vocabulary", [False, True])
def test_a_rejected_record_leaves_the_study_and_its_versions(store: Path, vocabulary: bool) -> None:
    add(store, FIRST, history=True)
    add(store, SECOND)
    before = now(store)
    broken = json.loads(THIRD)
    broken["protocolSection"]["conditionsModule"] = "none"
    if vocabulary:
        add_mesh(store, "2033")
        before = now(store)
    report = add(store, json.dumps(broken), combination(B))
    assert (len(report.rejects), report.versions) == (1, 0)
    after = now(store)
    assert own(after) == own(before)
    assert chain(after) == chain(before) == [name(FIRST, "2024-01-01")]
    assert graph(after, chain(after)[0]) == graph(before, chain(before)[0])


@pytest.mark.parametrize("where", ["kg.pipeline.history.version_quads", "kg.store.generations._write"])
def test_an_error_in_the_middle_leaves_the_old_generation(
    store: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    add(store, FIRST, history=True)
    before = everything(store)

    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(where, full)
        with pytest.raises(StoreError, match="no space left"):
            add(store, SECOND)
    assert everything(store) == before
    assert add(store, SECOND).versions == 1


def test_an_export_holds_what_is_current(store: Path, tmp_path: Path) -> None:
    for text in (FIRST, SECOND):
        add(store, text, history=True)
    report = export(StoreDirectory(store), tmp_path / "out")
    written = (report.output / "studies.nt").read_text()
    assert "status/recruiting>" not in written
    assert f"<{name(FIRST, '2024-01-01')}>" in written
    assert written.count("#Study>") == report.studies == 1
    assert f"void:triples {report.statements}" in (report.output / "void.ttl").read_text()


@pytest.mark.parametrize("layout", ["whole", "study"])
def test_an_export_holds_earlier_versions_where_wanted(store: Path, tmp_path: Path, layout: str) -> None:
    for text in (FIRST, SECOND, THIRD):
        add(store, text, history=True)
    add(store, record(B))
    forms = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD}
    # Turtle and N-Triples know no named graphs: TriG and N-Quads are written beside them.
    report = export(
        StoreDirectory(store), tmp_path / "out", formats=["ttl", "nt", "jsonld"], layout=layout, history=True
    )
    wanted = set(version_graphs(open_generation(StoreDirectory(store).newest())))
    assert len({quad.graph_name for quad in wanted}) == 2
    files = [file for file in report.files if file.stem.startswith("history")]
    assert [file.form for file in files] == ["trig", "nq", "jsonld"]
    for file in files:
        path = report.output / file.name
        path = path if layout == "whole" else path / "NCT9999xxxx" / f"{A}.{file.form}"
        assert set(ox.parse(path.read_bytes(), forms[file.form])) == wanted
        assert file.statements == len(wanted)
    assert "Earlier versions of studies are not in it" not in (report.output / "README.md").read_text()


def test_the_same_records_in_the_same_order_give_the_same_graphs(store: Path, other_store: Path) -> None:
    for directory in (store, other_store):
        for text in (FIRST, SECOND, THIRD):
            add(directory, text, history=True)
    assert everything(store) == everything(other_store)


def test_versions_and_the_current_study_fit_the_shapes(store: Path) -> None:
    for text in (FIRST, SECOND, THIRD):
        add(store, text, history=True)
    found = now(store)
    texts = ["".join(f"{line} .\n" for line in own(found))]
    texts += ["".join(f"{line} .\n" for line in graph(found, iri)) for iri in chain(found)]
    assert len(texts) == 3
    for text in texts:
        report = Validator().study(text)
        assert report.counts()["Violation"] == 0, report.text()


def test_a_study_that_is_mentioned_is_no_change(store: Path) -> None:
    """It has a name in the default graph, and none in the graph of an earlier version."""
    text = {"briefSummary": f"A sequel of {B}."}
    add(store, study("2024-01-01", descriptionModule=text), record(B), history=True)
    add(store, study("2024-02-02", "COMPLETED", descriptionModule=text))
    with kg.open(store) as graph:
        rows = graph.query("changes-of-study", nct=A).rows
    assert {str(row[2]) for row in rows} == {f"{PREFIXES['tkg']}status"}


def test_a_study_that_was_lost_and_comes_back_has_its_versions(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(store, FIRST, record(B), history=True)
    add(store, SECOND)
    add(store, THIRD)
    with monkeypatch.context() as lost:
        lost.setattr("kg.pipeline.build.kept_records", lambda *_: iter(()))
        add_mesh(store, "2031", checking=None)
    with kg.open(store) as graph:
        assert graph.query("SELECT ?s { ?s a tkg:Study }", prefixes=True).rows == []
    add(store, FIRST)
    add(store, SECOND)
    with kg.open(store) as graph:
        rows = graph.query("versions-of-study", nct=A).rows
        assert [(row[0], str(row[1])) for row in rows] == [
            (1, "2024-01-01"),
            (2, "2024-02-02"),
            (3, "2024-01-01"),
            (None, "2024-02-02"),
        ]
        assert graph.diff(A).before.number == 3
