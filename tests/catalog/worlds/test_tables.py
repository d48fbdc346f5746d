"""The tables hold what the store holds, and answer the flagship question as it does."""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.catalog import parquet
from kg.catalog.tables import TABLES, TYPES, documented
from kg.errors import StoreError, UsageError
from kg.examples import expected
from kg.graph import open as open_graph
from kg.namespaces import PREFIXES, expand, sparql_prologue, study_iri
from kg.store.generations import StoreDirectory

Write = Callable[[Store, str, Path], list[str]]
PAGE = (Path(__file__).parents[3] / "docs" / "export-tables.md").read_text(encoding="utf-8")
NAMED = {table.name: table for table in TABLES}
# How the nodes of a table are found in the store, apart from the code that makes the tables.
NODES = {
    "studies": "?node a tkg:Study",
    "arms": "?study tkg:arm ?node",
    "interventions": "?study tkg:intervention ?node . ?study a tkg:Study",
    "conditions": "?study tkg:condition ?node",
    "outcomes": "?study tkg:primaryOutcome|tkg:secondaryOutcome|tkg:otherOutcome|tkg:outcome ?node",
    "sites": "?study tkg:site ?node",
    "links": "?subject tkg:link ?node",
}
# Columns of a study that are read from a part of it.
VIA = {
    "sex": "tkg:eligibility",
    "minimum_age_years": "tkg:eligibility",
    "maximum_age_years": "tkg:eligibility",
    "accepts_healthy_volunteers": "tkg:eligibility",
    "data_date": "tkg:record",
    "source": "tkg:record",
    "mapping_version": "tkg:record",
}
# The first label in order, of one that has several.
LABEL = """?of skos:prefLabel|rdfs:label ?label
    FILTER NOT EXISTS { ?of skos:prefLabel|rdfs:label ?less FILTER (STR(?less) < STR(?label)) }"""


Written = tuple[Store, Path]


@pytest.fixture(scope="module")
def folder(example_store: Store, write: Write, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tables") / "export"
    assert write(example_store, "parquet", target) == [f"tables/{table.name}.parquet" for table in TABLES]
    return target


@pytest.fixture(scope="module")
def golden(golden_store: Store, write: Write, tmp_path_factory: pytest.TempPathFactory) -> Written:
    target = tmp_path_factory.mktemp("tables") / "golden"
    write(golden_store, "parquet", target)
    return golden_store, target


@pytest.fixture(scope="module", params=["examples", "golden"])
def written(request: pytest.FixtureRequest, example_store: Store, folder: Path, golden: Written) -> Written:
    """A store and its tables."""
    return golden if request.param == "golden" else (example_store, folder)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pyarrow.parquet.read_table(folder / f"tables/{name}.parquet").to_pylist()
    return found


def sql(text: str) -> list[Any]:
    return duckdb.connect().execute(text).fetchall()


def asked(store: Store, text: str) -> list[list[str | None]]:
    """The rows of a query, as text."""
    result: Any = store.query(sparql_prologue() + text)
    return [[None if row[name] is None else row[name].value for name in result.variables] for row in result]


def shown(value: object) -> set[str]:
    """What a cell holds, in the words of the store."""
    if value is None:
        return set()
    if isinstance(value, list):
        return {word for item in value for word in shown(item)}
    if isinstance(value, bool):
        return {str(value).lower()}
    return {f"{value:g}" if isinstance(value, float) else str(value)}


def stated(kind: str, value: str) -> str | None:
    """What the store says, in the words of a cell."""
    if kind in ("code", "codes", "given"):
        return value.rpartition("/")[2]
    if kind == "month":
        return value[:7]
    if kind == "day":
        return value if len(value) == len("2020-01-01") else None
    return f"{float(value):g}" if kind == "number" else value


# --- The same as the store --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NODES)
def test_every_node_has_its_row(written: Written, name: str) -> None:
    store, folder = written
    key = "study" if name == "studies" else NAMED[name].columns[0].name
    nodes = asked(store, f"SELECT DISTINCT ?node WHERE {{ {NODES[name]} }}")
    keys = [row[key] for row in rows(folder, name)]
    assert len(keys) == len(nodes) == len(set(keys)) > 0
    assert set(keys) == {node for (node,) in nodes}


@pytest.mark.parametrize("name", NODES)
def test_every_column_says_what_the_store_says(written: Written, name: str) -> None:
    store, folder = written
    found = rows(folder, name)
    key = "study" if name == "studies" else NAMED[name].columns[0].name
    for column in NAMED[name].columns:
        if not column.source:
            continue
        path = f"{VIA[column.name]}/{column.source}" if name == "studies" and column.name in VIA else column.source
        pattern = f"{NODES[name]} . ?node {path} ?value"
        if column.kind in ("label", "labels"):
            pattern = f"{NODES[name]} . ?node {path} ?of . {LABEL} BIND (?label AS ?value)"
        if column.kind == "labels":
            pattern = (
                f"{NODES[name]} . ?node {path} ?of . OPTIONAL {{ {LABEL} }} BIND (COALESCE(?label, STR(?of)) AS ?value)"
            )
        wanted = defaultdict(set)
        for node, value in asked(store, f"SELECT ?node ?value WHERE {{ {pattern} }}"):
            if (said := stated(column.kind, str(value))) is not None:
                wanted[node].add(said)
        cells = {row[key]: shown(row[column.name]) for row in found}
        assert {node: said for node, said in cells.items() if said} == wanted, column.name


def test_uses_are_those_of_the_store(example_store: Store, folder: Path) -> None:
    text = """SELECT ?use ?intervention ?role ?drug WHERE {
        ?study a tkg:Study ; tkg:intervention ?intervention .
        OPTIONAL { ?study tkg:arm/tkg:use ?use . ?use tkg:intervention ?intervention ; tkg:role ?role }
        OPTIONAL { ?intervention tkg:drug|tkg:drugClass ?drug } }"""
    wanted = sorted(
        map(
            str,
            (
                [use, of, role and role.rpartition("/")[2], drug]
                for use, of, role, drug in asked(example_store, text)
                if of
            ),
        )
    )
    found = sorted(str([row[name] for name in ("use", "intervention", "role", "drug")]) for row in rows(folder, "uses"))
    assert found == wanted
    assert any(row["arm"] is None for row in rows(folder, "uses"))
    within = {row["drug"]: set(row["drug_within"]) for row in rows(folder, "uses") if row["drug"]}
    for drug, all_within in within.items():
        assert all_within == {iri for (iri,) in asked(example_store, f"SELECT ?w WHERE {{ <{drug}> tkg:within ?w }}")}


def test_edges_are_the_statements_between_iris(folder: Path, golden: Written) -> None:
    store, place = golden
    text = f"""SELECT ?s ?p ?o WHERE {{ ?s ?p ?o
        FILTER (isIRI(?o) && STRSTARTS(STR(?s), "{PREFIXES["trial"]}")) }}"""
    wanted = {tuple(row) for row in asked(store, text)}
    found = [(row["subject"], expand(row["predicate"]), row["object"]) for row in rows(place, "edges")]
    assert set(found) == wanted
    assert len(found) == len(wanted) > 1_000
    labels = {row["object"]: row["object_label"] for row in rows(folder, "edges")}
    assert labels["https://w3id.org/trialkg/agent/nivolumab"] == "nivolumab"
    assert labels["https://w3id.org/trialkg/trial/NCT04144517/arm/1"] == "ALKS 4230 + pembrolizumab"
    assert labels["https://w3id.org/trialkg/code/phase/phase-2"] == "Phase 2"


def test_sponsors_concepts_and_counts(example_store: Store, folder: Path) -> None:
    sponsors = asked(example_store, "SELECT ?s ?o WHERE { ?s tkg:leadSponsor|tkg:collaborator ?o }")
    assert sorted([row["study"], row["organization"]] for row in rows(folder, "sponsors")) == sorted(
        map(list, sponsors)
    )
    concepts = {row["concept"]: row for row in rows(folder, "concepts")}
    named = asked(example_store, "SELECT DISTINCT ?c WHERE { ?s tkg:conditionWithin|tkg:drugWithin ?c }")
    assert {iri for (iri,) in named} <= concepts.keys()
    assert concepts["http://id.nlm.nih.gov/mesh/D008545"]["label"] == "Melanoma"
    sites = {row["study"]: (row["sites"], row["countries"]) for row in rows(folder, "studies")}
    for study, (count, countries) in sites.items():
        assert count == len(asked(example_store, f"SELECT ?x WHERE {{ <{study}> tkg:site ?x }}"))
        text = f"SELECT DISTINCT ?x WHERE {{ <{study}> tkg:site/schema:addressCountry ?x }} ORDER BY ?x"
        assert [[code] for code in countries] == asked(example_store, text)


def test_no_column_is_empty_everywhere(folder: Path, golden: Written) -> None:
    filled = {
        (table.name, name)
        for place in (folder, golden[1])
        for table in TABLES
        for row in rows(place, table.name)
        for name, value in row.items()
        if value not in (None, [])
    }
    assert {(table.name, column.name) for table in TABLES for column in table.columns} == filled


# --- What the page shows ----------------------------------------------------------------------------------------


def test_the_page_lists_every_column() -> None:
    assert documented().strip() in PAGE


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_duckdb_answers_as_the_library_does(
    examples: StoreDirectory, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    answer, *_ = [text for text in blocks("sql") if "class only" in text]
    found = sql(answer)
    library = open_graph(examples.directory).query("il2-pd1-answer")
    place = [library.columns.index(name) for name in ("study", "evidence", "il2", "pd1")]
    assert sorted((row[0], *row[2:]) for row in found) == sorted(tuple(row[at] for at in place) for row in library.rows)
    words = {"class": "class only"}
    marked = {nct_id: words.get(said, said) for nct_id, (said, _) in expected().items() if said != "none"}
    assert {row[0]: row[2] for row in found} == marked
    assert len(marked) == 30


def test_the_examples_of_the_page_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for text in blocks("sql"):
        assert sql(text), text
    for text in blocks("python"):
        names: dict[str, Any] = {}
        exec(text, names)  # noqa: S102
        assert len(names["found"]) > 0, text


def test_readers_agree_on_rows_and_types(folder: Path) -> None:
    for table in TABLES:
        path = folder / f"tables/{table.name}.parquet"
        frame = polars.read_parquet(path)
        count = sql(f"SELECT count(*) FROM '{path}'")  # noqa: S608
        assert [(len(frame),)] == count
        assert frame.columns == [column.name for column in table.columns]
        types = {
            "string": polars.String,
            "list<string>": polars.List(polars.String),
            "int64": polars.Int64,
            "double": polars.Float64,
            "boolean": polars.Boolean,
            "date": polars.Date,
        }
        assert frame.dtypes == [types[TYPES[column.kind]] for column in table.columns]


# --- Values, order, bytes ---------------------------------------------------------------------------------------


def test_awkward_values(invented: Store, write: Write, tmp_path: Path) -> None:
    write(invented, "parquet", tmp_path / "out")
    study, *others = rows(tmp_path / "out", "studies")
    assert [study["nct_id"], *(row["nct_id"] for row in others)] == ["NCT99999901", "NCT99999902", "NCT99999912"]
    assert study["abstract"].endswith("β-blocker ≥ 5 µg, 😀.\nLine two.\n\n* a list")
    assert (study["start_date"], study["start_month"], study["start_year"]) == (date(2020, 2, 5), "2020-02", 2020)
    assert (study["completion_date"], study["completion_month"]) == (None, "2022-10")
    assert (study["enrollment"], study["minimum_age_years"], study["is_fda_regulated_drug"]) == (14, 1.5, True)
    assert study["drug_classes"] == []
    assert [(row["nct_id"], row["position"]) for row in rows(tmp_path / "out", "arms")] == [
        (nct_id, position) for nct_id in ("NCT99999901", "NCT99999902", "NCT99999912") for position in (1, 2, 10)
    ]


def test_the_same_statements_give_the_same_bytes(
    invented: Store, statements: Callable[..., list[Quad]], write: Write, tmp_path: Path
) -> None:
    quads = statements(12, 2, 1)
    random.Random(3).shuffle(quads)  # noqa: S311
    other = Store()
    other.extend(quads)
    names = write(invented, "parquet", tmp_path / "a")
    write(other, "parquet", tmp_path / "b")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_row_groups_are_bounded(invented: Store, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(invented, "parquet", tmp_path / "whole")
    monkeypatch.setattr(parquet, "_ROWS", 2)
    write(invented, "parquet", tmp_path / "rows")
    monkeypatch.setattr(parquet, "_ROWS", 1_000)
    monkeypatch.setattr(parquet, "_CHARACTERS", 400)
    write(invented, "parquet", tmp_path / "characters")
    file = pyarrow.parquet.ParquetFile(tmp_path / "rows/tables/arms.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [2, 2, 2, 2, 1]
    assert pyarrow.parquet.ParquetFile(tmp_path / "characters/tables/studies.parquet").num_row_groups == 3
    for table in TABLES:
        assert rows(tmp_path / "whole", table.name) == rows(tmp_path / "rows", table.name)
        assert rows(tmp_path / "whole", table.name) == rows(tmp_path / "characters", table.name)


def test_a_number_that_fits_in_no_column(statements: Callable[..., list[Quad]], write: Write, tmp_path: Path) -> None:
    store = Store()
    study, enrollment = NamedNode(study_iri("NCT99999901")), NamedNode(expand("tkg:enrollment"))
    integer = NamedNode(expand("xsd:integer"))
    store.extend(quad for quad in statements(1) if quad.predicate != enrollment)
    store.add(Quad(study, enrollment, Literal("9" * 18, datatype=integer)))
    write(store, "parquet", tmp_path / "out")
    assert rows(tmp_path / "out", "studies")[0]["enrollment"] == 999_999_999_999_999_999
    monster = Store()
    monster.extend(quad for quad in statements(1) if quad.predicate != enrollment)
    monster.add(Quad(study, enrollment, Literal("9" * 30, datatype=integer)))
    with pytest.raises(StoreError, match=r"tkg:enrollment 9{30} does not fit"):
        write(monster, "parquet", tmp_path / "monster")


def test_without_pyarrow(invented: Store, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pyarrow is not installed .*pip install 'trialkg\[parquet\]'"):
        write(invented, "parquet", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
