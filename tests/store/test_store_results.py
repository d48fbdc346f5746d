"""Results: typed cells, frames, tables, files."""

from __future__ import annotations

import copy
import pickle
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError, UsageError
from kg.namespaces import PREFIXES
from kg.store.backend import EmbeddedBackend
from kg.store.cells import IRI, LangString, cell
from kg.store.reader import QueryRequest
from kg.store.result import Result

JSON = "application/sparql-results+json"
MEDIA_TYPES = {"json": JSON, "xml": "application/sparql-results+xml", "tsv": "text/tab-separated-values"}
XSD = PREFIXES["xsd"]
CELLS = [
    ("tkg:Study", IRI(PREFIXES["tkg"] + "Study")),
    ('"text"', "text"),
    ('"texte"@fr', "texte"),
    ("14", 14),
    ('"7"^^xsd:nonNegativeInteger', 7),
    ("1.5", Decimal("1.5")),
    ("1.5e0", 1.5),
    ("true", True),
    ('"2020-02-05"^^xsd:date', date(2020, 2, 5)),
    ('"2020-02-05T01:02:03Z"^^xsd:dateTime', datetime(2020, 2, 5, 1, 2, 3, tzinfo=UTC)),
    ('"2022-10"^^xsd:gYearMonth', "2022-10"),
    ('"P1Y6M"^^xsd:duration', "P1Y6M"),
    ("?unbound", None),
]
ODD = [
    ("integer", "1_000"),
    ("integer", "9" * 5000),
    ("integer", "x"),
    ("decimal", "NaN"),
    ("boolean", "yes"),
    ("date", "2020-02-30"),
    ("date", "2020-02-05+01:00"),
    ("date", "-0044-03-15"),
    ("date", "12020-01-01"),
    ("dateTime", "later"),
]


def select(*variables: str, rows: str) -> Result:
    """The result of VALUES as the engine writes it."""
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    text = f"{prologue} SELECT {' '.join(variables)} {{ VALUES ({' '.join(variables)}) {{ {rows} }} }}"
    found = ox.Store().query(text)
    assert isinstance(found, ox.QuerySolutions)
    return Result(found.serialize(format=ox.QueryResultsFormat.JSON) or b"", JSON)


def one_column(*values: str) -> Result:
    return select("?x", "?y", rows="".join(f"({value} UNDEF)" for value in values))


@pytest.mark.parametrize(("term", "value"), CELLS[:-1])
def test_a_cell_has_the_type_of_its_term(term: str, value: object) -> None:
    ((found, unbound),) = one_column(term).rows
    assert (found, type(found), unbound) == (value, LangString if "@" in term else type(value), None)


@pytest.mark.parametrize(("datatype", "text"), ODD)
def test_what_python_cannot_hold_stays_text(datatype: str, text: str) -> None:
    assert cell(ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))) == text


@given(st.text(max_size=12), st.sampled_from(["integer", "decimal", "double", "boolean", "date", "dateTime", "float"]))
def test_no_literal_breaks_a_cell(text: str, datatype: str) -> None:
    assert cell(ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))) is not None


def test_strings_that_know_more_survive_copies() -> None:
    french = LangString("texte", "fr")
    for made in (copy.deepcopy(french), pickle.loads(pickle.dumps(french))):  # noqa: S301 (our own)
        assert (made, made.language, type(made)) == ("texte", "fr", LangString)
    assert pickle.loads(pickle.dumps(IRI(PREFIXES["tkg"] + "arm"))).curie == "tkg:arm"  # noqa: S301 (our own)


def test_columns_that_no_row_binds_stay() -> None:
    result = one_column("1")
    assert result.columns == ("x", "y")
    assert (len(result), list(result), bool(result)) == (1, [(1, None)], True)
    assert list(result.to_pandas().columns) == ["x", "y"]
    assert result.to_polars().columns == ["x", "y"]
    empty = one_column()
    assert (empty.rows, empty.columns, bool(empty)) == ([], ("x", "y"), False)
    assert empty.to_pandas().shape == (0, 2)
    assert empty.to_polars().shape == (0, 2)


@pytest.mark.parametrize(
    ("values", "pandas_type", "polars_type"),
    [
        (["1", "UNDEF"], "Int64", polars.Int64),
        (["1.5", "2", "UNDEF"], "object", polars.Decimal(38, 1)),
        (["1.5e0", "2", "UNDEF"], "Float64", polars.Float64),
        (["true", "UNDEF"], "boolean", polars.Boolean),
        (["'a'", "'b'@en", "tkg:Study", "UNDEF"], "string", polars.String),
        (["'2020-02-05'^^xsd:date", "UNDEF"], "object", polars.Date),
        (["'2020-02-05T01:02:03Z'^^xsd:dateTime"], "object", polars.Datetime("us", "UTC")),
        (["'2020-02-05T01:02:03'^^xsd:dateTime"], "object", polars.String),
        (["1", "'a'", "UNDEF"], "object", polars.String),
        (["9223372036854775808", "UNDEF"], "object", polars.String),
        (["UNDEF"], "object", polars.String),
    ],
)
def test_column_types(values: list[str], pandas_type: str, polars_type: polars.DataType) -> None:
    result = one_column(*values)
    pandas_column = result.to_pandas()["x"]
    assert str(pandas_column.dtype) == pandas_type
    assert pandas_column.isna().tolist() == [value == "UNDEF" for value in values]
    polars_column = result.to_polars()["x"]
    assert polars_column.dtype == polars_type
    assert polars_column.is_null().to_list() == [value == "UNDEF" for value in values]


def test_values_survive_the_frames() -> None:
    result = one_column("1.25", "2")
    assert result.to_polars()["x"].to_list() == [Decimal("1.25"), Decimal(2)]
    assert result.to_pandas()["x"].tolist() == [Decimal("1.25"), Decimal(2)]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_an_absent_library_names_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf"{name} is not installed \(pip install 'trialkg\[{name}\]'\)"):
        getattr(one_column("1"), f"to_{name}")()


def test_every_form_says_the_same() -> None:
    result = one_column("tkg:Study", r"'é, \"x\"\n'@en", "1", "UNDEF")
    for form in ("json", "xml", "tsv"):
        again = Result(result.serialise(form), MEDIA_TYPES[form])
        assert (again.columns, again.rows) == (result.columns, result.rows)
    assert result.to_csv().startswith("x,y\r\nhttps://w3id.org/trialkg/vocab#Study,\r\n")
    frame = polars.read_parquet(result.serialise("parquet"))
    assert frame.equals(result.to_polars())
    with pytest.raises(UsageError, match="rows cannot be written as 'ttl'"):
        result.serialise("ttl")


def test_ask() -> None:
    result = Result(b'{"head":{},"boolean":false}', JSON)
    assert (result.boolean, bool(result), result.rows, result.columns) == (False, False, [(False,)], ("boolean",))
    assert result.serialise("csv") == b"false"
    assert "false" in result.table()


def test_a_graph() -> None:
    turtle = f"@prefix tkg: <{PREFIXES['tkg']}> . <http://s> a tkg:Study ; tkg:n 3 ."
    result = Result(turtle.encode(), "text/turtle")
    assert result.is_graph
    assert result.columns == ("subject", "predicate", "object")
    assert {row[2] for row in result} == {IRI(PREFIXES["tkg"] + "Study"), 3}
    for form in ("ttl", "nt", "nq", "trig", "jsonld", "rdfxml"):
        media_type = {"jsonld": "application/ld+json", "rdfxml": "application/rdf+xml"}.get(form, f"application/{form}")
        media_type = {"ttl": "text/turtle", "nt": "application/n-triples", "nq": "application/n-quads"}.get(
            form, media_type
        )
        assert set(Result(result.serialise(form), media_type).rows) == set(result.rows)
    assert "a tkg:Study" in result.graph_text
    with pytest.raises(UsageError, match="a graph cannot be written as 'csv'"):
        result.to_csv()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(b"<html>", JSON), (b"[]", JSON), (b"x", "text/turtle"), (b"a,b\n", "text/csv"), (b"", "text/html"), (b"", "")],
)
def test_what_is_no_result_is_an_error(data: bytes, media_type: str) -> None:
    with pytest.raises(QueryError, match="read"):
        Result(data, media_type)


def test_a_table_shows_prefixed_names_and_wraps() -> None:
    table = one_column("tkg:Study", f"'{'word ' * 30}'", "UNDEF").table(width=40)
    assert "tkg:Study" in table
    assert all(len(line) <= 40 for line in table.splitlines())
    assert table.count("word") == 30


def test_a_table_is_text_whatever_it_says() -> None:
    table = one_column(r"'\u001B[31m[bold red]x[/] :smile: \u0007'").table(width=80)
    assert "[31m[bold red]x[/] :smile:" in table
    assert "\x1b" not in table
    assert "\x07" not in table


def test_html_is_escaped() -> None:
    page = one_column(
        "'<script>alert(1)</script>'", "<javascript:alert(1)>", "tkg:Study", "<http://h/?a=1&b='>"
    )._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="javascript' not in page
    assert '<a href="https://w3id.org/trialkg/vocab#Study">tkg:Study</a>' in page
    assert 'href="http://h/?a=1&amp;b=&#39;"' in page


def test_html_shows_the_first_rows() -> None:
    page = one_column(*map(str, range(130)))._repr_html_()
    assert page.count("<tr>") == 101
    assert "30 more rows" in page
    assert repr(one_column("1")) == "<Result: 1 rows of x, y>"


def test_a_backend_keeps_its_reader_and_follows_the_store(number_store: Path) -> None:
    backend = EmbeddedBackend(number_store)
    count = QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    pids = set()
    for _ in range(3):
        assert Result.of(backend.run(count)).rows == [(3000,)]
        assert backend._idle
        pids.add(backend._idle.pid)
    assert len(pids) == 1
    with pytest.raises(QueryError):
        backend.run(QueryRequest("SELECT"))
    first, second = backend.run(count), backend.run(count)
    assert first.read() == second.read()
    backend.close()
    assert backend._idle is None
    assert Result.of(backend.run(count)).rows == [(3000,)]
    backend.close()
