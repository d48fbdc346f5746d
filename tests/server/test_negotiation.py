"""Formats: the Accept header and short names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.server.negotiation import DOCUMENTS, GRAPHS, RESULTS, Format, best, by_name, media_type_of, parse_accept

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        (None, RESULTS, "json"),
        ("", RESULTS, "json"),
        ("*/*", RESULTS, "json"),
        ("text/csv", RESULTS, "csv"),
        ("TEXT/CSV", RESULTS, "csv"),
        ("text/csv; charset=utf-8", RESULTS, "csv"),
        ("text/csv;q=0.5, application/sparql-results+xml", RESULTS, "xml"),
        ("text/csv;q=0.5,application/sparql-results+xml;q=0.4", RESULTS, "csv"),
        ("text/csv ; q=0.9 , */* ; q=0.1", RESULTS, "csv"),
        ("*/*, text/csv", RESULTS, "csv"),
        ("text/csv;q=0, */*", RESULTS, "json"),
        ("application/sparql-results+json;q=0, */*", RESULTS, "xml"),
        ("*/*;q=0", RESULTS, None),
        ("text/*", RESULTS, "csv"),
        ("text/*;q=0.3, text/tab-separated-values;q=0.7", RESULTS, "tsv"),
        ("application/json", RESULTS, "json"),
        ("application/sparql-results+json,application/json,text/javascript,application/javascript", RESULTS, "json"),
        ("application/xml", RESULTS, "xml"),
        ("image/png", RESULTS, None),
        ("text/turtle", RESULTS, None),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", RESULTS, "json"),
        # A weight that is none takes its element out, not the header.
        ("text/csv;q=x, text/tab-separated-values", RESULTS, "tsv"),
        ("text/csv;q=2, text/tab-separated-values;q=0.1", RESULTS, "tsv"),
        ("text/csv;q=-1, text/tab-separated-values;q=0.1", RESULTS, "tsv"),
        ("text/csv;q=, text/tab-separated-values;q=0.1", RESULTS, "tsv"),
        ("text/csv;q=nan, text/tab-separated-values;q=0.1", RESULTS, "tsv"),
        ("text/csv;q=1e-1, text/tab-separated-values;q=0.01", RESULTS, "tsv"),
        ("text/csv;q=x", RESULTS, "json"),
        (";;;,,,", RESULTS, "json"),
        ("text/csv;note=\"a,b;q=0\";q=0.2, text/tab-separated-values;q=0.1", RESULTS, "csv"),
        (None, GRAPHS, "ttl"),
        ("application/rdf+xml", GRAPHS, "rdf"),
        ("application/ld+json;profile=\"http://www.w3.org/ns/json-ld#compacted\"", GRAPHS, "jsonld"),
        ("text/turtle;q=0.1,application/n-triples;q=0.2", GRAPHS, "nt"),
        ("application/json", GRAPHS, "jsonld"),
        ("text/rdf+n3,application/n-triples,application/turtle", GRAPHS, "ttl"),
        ("text/csv", GRAPHS, None),
        (BROWSER, DOCUMENTS, "html"),
        (None, DOCUMENTS, "html"),
        ("text/turtle, text/html;q=0.9", DOCUMENTS, "ttl"),
    ],
)  # fmt: skip
def test_accept(accept: str | None, offered: tuple[Format, ...], chosen: str | None) -> None:
    found = best(accept, offered)
    assert (found.name if found else None) == chosen


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n")))
def test_any_header_is_read(header: str) -> None:
    for range_ in parse_accept(header):
        assert 0 <= range_.weight <= 1
    best(header, RESULTS)


@given(st.lists(st.sampled_from([format_.media_type for format_ in RESULTS]), min_size=1, unique=True))
def test_among_equals_the_first_named_wins(types: list[str]) -> None:
    found = best(", ".join(types), RESULTS)
    assert found
    assert found.media_type == types[0]


@pytest.mark.parametrize(
    ("name", "offered", "media_type"),
    [
        ("csv", RESULTS, "text/csv"),
        ("JSON", RESULTS, "application/sparql-results+json"),
        ("json", GRAPHS, "application/ld+json"),
        ("turtle", GRAPHS, "text/turtle"),
        ("application/n-triples", GRAPHS, "application/n-triples"),
        ("ttl", RESULTS, None),
        ("", RESULTS, None),
    ],
)
def test_short_names(name: str, offered: tuple[Format, ...], media_type: str | None) -> None:
    found = by_name(name, offered)
    assert (found.media_type if found else None) == media_type


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/sparql-query", ("application/sparql-query", "")),
        ("Application/SPARQL-Query; Charset=UTF-16", ("application/sparql-query", "utf-16")),
        ("application/x-www-form-urlencoded;charset=utf-8", ("application/x-www-form-urlencoded", "utf-8")),
        ("", ("", "")),
        ("form", ("", "")),
        (None, ("", "")),
    ],
)
def test_content_type(header: str | None, expected: tuple[str, str]) -> None:
    assert media_type_of(header) == expected
