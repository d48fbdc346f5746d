"""A result that is cut off is a document of its format, with the first rows of the whole one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kg.store.cutting import Cutter

LINK = 'http://127.0.0.1/sparql?a=1&b="2"#cut'
TEXTS = st.text(st.sampled_from('ab"\\{}[],:\n\r\t<>&éü '), max_size=8)
TERMS = st.one_of(st.none(), TEXTS, TEXTS.map(lambda text: ("triple", text)))
_SPARQL = "{http://www.w3.org/2005/sparql-results#}"


def rows_of_json(data: bytes) -> Sequence[object]:
    return list(json.loads(data)["results"]["bindings"])


def rows_of_xml(data: bytes) -> Sequence[object]:
    return [etree.tostring(row) for row in etree.fromstring(data).iter(f"{_SPARQL}result")]


def rows_of_csv(data: bytes) -> Sequence[object]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]


def rows_of_tsv(data: bytes) -> Sequence[object]:
    return list(data.split(b"\n")[1:-1])


READERS: list[tuple[ox.QueryResultsFormat, Callable[[bytes], Sequence[object]]]] = [
    (ox.QueryResultsFormat.JSON, rows_of_json),
    (ox.QueryResultsFormat.XML, rows_of_xml),
    (ox.QueryResultsFormat.CSV, rows_of_csv),
    (ox.QueryResultsFormat.TSV, rows_of_tsv),
]


def written(rows: list[tuple[object, object]], format_: ox.QueryResultsFormat) -> bytes:
    """What the engine writes of some rows."""

    def term(value: object) -> str:
        if value is None:
            return "UNDEF"
        if isinstance(value, tuple):
            return f"<<( <urn:s> <urn:p> <<( <urn:s> <urn:p> {ox.Literal(value[1])} )>> )>>"
        return str(ox.Literal(str(value)))

    values = " ".join(f"({term(a)} {term(b)})" for a, b in rows)
    solutions = ox.Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions.serialize(format=format_) or b""


@given(st.lists(st.tuples(TERMS, TERMS), max_size=5), st.integers(1, 5), st.integers(1, 40))
def test_the_first_rows_stay(rows: list[tuple[object, object]], most: int, piece: int) -> None:
    for format_, read in READERS:
        whole = written(rows, format_)
        if format_ == ox.QueryResultsFormat.XML and any("\r" in str(row) for row in rows):
            continue  # a reader makes a line feed of it
        if format_ == ox.QueryResultsFormat.CSV and any(isinstance(term, tuple) for row in rows for term in row):
            continue  # the engine does not put those into quotes
        cutter = Cutter(format_.media_type, most, LINK)
        more = False
        for begin in range(0, len(whole), piece):
            more = cutter.add(whole[begin : begin + piece])
            if more:
                break
        assert more == cutter.cut == (len(rows) > most)
        data = cutter.data()
        assert read(data) == read(whole)[:most]
        if not more:
            assert data == whole


def test_it_says_so_in_its_head() -> None:
    rows: list[tuple[object, object]] = [("1", None), ("2", "]}</head>")]
    found = {}
    for format_, _ in READERS:
        cutter = Cutter(format_.media_type, 1, LINK)
        assert cutter.add(written(rows, format_))
        found[format_.media_type] = cutter.data()
    assert json.loads(found["application/sparql-results+json"])["head"] == {"vars": ["a", "b"], "link": [LINK]}
    (link,) = etree.fromstring(found["application/sparql-results+xml"]).iter(f"{_SPARQL}link")
    assert link.get("href") == LINK


def test_what_cannot_be_counted_is_an_error() -> None:
    cutter = Cutter("application/sparql-results+json", 1, LINK)
    cutter.add(b'{"head":{"vars":["a"]},"results":{"bindings":[1,2,3]}}')
    with pytest.raises(ValueError, match="cannot be counted"):
        cutter.data()
