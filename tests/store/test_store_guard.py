"""What never reaches the engine."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError, QueryRefused
from kg.store.guard import nesting_depth, refuse_federation, refuse_oversize

SERVICE = [
    "SELECT * { SERVICE <http://h/> { ?s ?p ?o } }",
    "SELECT * { service silent ?h { ?s ?p ?o } }",
    "PREFIX x: <http://h/> SELECT * { SeRvIcE x: { ?s ?p ?o } }",
    "SELECT * { { SELECT * { OPTIONAL { SERVICE <http://h/> { ?s ?p ?o } } } } }",
    "ASK { ?s ?p ?o FILTER NOT EXISTS { SERVICE <http://h/> { ?s ?p ?o } } }",
    "ASK { ?s ?p ?o FILTER(EXISTS { SERVICE <http://h/> { ?s ?p ?o } } || false) }",
    "SELECT (EXISTS { SERVICE <http://h/> { ?s ?p ?o } } AS ?x) { }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o MINUS { SERVICE <http://h/> { ?s ?p ?o } } }",
    "DESCRIBE ?s { { ?s ?p ?o } UNION { SERVICE <http://h/> { ?s ?p ?o } } }",
    "SELECT * { # a comment ends here\rSERVICE <http://h/> { ?s ?p ?o }\n}",
    "SELECT * { # a comment ends here\rSERVICE <http://h/> { ?s ?p ?o } # }\n}",
    r"SELECT * { ?s ?p '\\' . SERVICE <http://h/> { ?s ?p ?o } #'" + "\n}",
    r"SELECT * { \u0053ERVICE <http://h/> { ?s ?p ?o } }",
    r"SELECT * { \U00000053ERVICE <http://h/> { ?s ?p ?o } }",
    r"SELECT * { \u005cu0053ERVICE <http://h/> { ?s ?p ?o } }",
    r"SELECT * { ?s ?p 'x\u0027 . ?a ?b ' . SERVICE <http://h/> { ?s ?p 'z' } }",
]

NOT_UNDERSTOOD = [
    "SELECT * { ?s ?p '#' . SERVICE <http://h/> { ?s ?p ?o } }",
    "SELECT * { ?s <http://h/#> ?o . SERVICE <http://h/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o LATERAL { SERVICE <http://h/> { ?s ?p ?o } } }",
    "SELECT * { <<( ?s ?p ?o )>> ?q 'x' . SERVICE <http://h/> { ?s ?p ?o } }",
]
"""The engine reads these, and the parser that checks does not."""

HARMLESS = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * { ?s ?p 'health service' } # a SERVICE",
    "SELECT ?service { ?service ?p <http://h/service> }",
    "PREFIX service: <http://h/> SELECT * { ?s a service:service }",
    'SELECT * { ?s ?p """say "SERVICE <http://h/> {}" now""" }',
    r"SELECT * { ?s ?p 'caf\u00e9' }",
]


@pytest.mark.parametrize("text", SERVICE)
def test_service_in_any_guise_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match=r"SERVICE|escape"):
        refuse_federation(text)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_cannot_be_checked_does_not_pass(text: str) -> None:
    with pytest.raises(QueryError, match="the letters of SERVICE and does not parse"):
        refuse_federation(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_the_letters_elsewhere_are_allowed(text: str) -> None:
    refuse_federation(text)
    ox.Store().query(text)


def test_escapes_within_escapes_are_refused() -> None:
    text = "S"
    for _ in range(6):
        text = rf"\u{ord(text[0]):04x}{text[1:]}".replace("\\", r"\u005c")
    with pytest.raises(QueryRefused, match="within"):
        refuse_federation(f"SELECT * {{ {text} }}")


def test_a_text_with_the_letters_that_does_not_parse_says_where() -> None:
    with pytest.raises(QueryError, match=r"^line 2, column \d+: .*does not parse") as caught:
        refuse_federation("SELECT * {\n ?s ?p 'service' ")
    assert not isinstance(caught.value, QueryRefused)


def test_a_deep_text_with_the_letters_is_refused_and_not_a_crash() -> None:
    with pytest.raises(QueryRefused, match="deeply nested"):
        refuse_federation("SELECT * { BIND(" + "(" * 5000 + "'service'" + ")" * 5000 + " AS ?x) }")


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("SELECT * { ?s ?p ?o }", 1),
        ("SELECT * { { { } } { } }", 3),
        ('SELECT * { ?s ?p \'}}}\', """}"}""" { [ ] } }', 3),
        ("SELECT * { # }}}}\n { } }", 2),
        ("SELECT * { # }}}}\r { } }", 2),
        (r"SELECT * { x:a\#{ }", 2),
        (r"SELECT * { x:it\'s { } } # '", 2),
        ("FILTER(?a<((((1))))&&?b>1)", 5),
        (")))((", 2),
    ],
)
def test_nesting_depth(text: str, depth: int) -> None:
    assert nesting_depth(text) == depth


@given(st.text(alphabet="{}()[]<>'\"\\#\n\r ab:", max_size=60), st.integers(1, 40))
def test_no_prefix_hides_the_nesting_behind_it(before: str, depth: int) -> None:
    # Whatever stands before, real brackets on lines of their own count, unless it opened a long string.
    if "'''" in before or '"""' in before:
        return
    text = before + " '\"\n" + "{" * depth
    assert nesting_depth(text) >= depth


def test_size_and_depth_are_limited() -> None:
    refuse_oversize("é" * 5, longest=10, deepest=1)
    with pytest.raises(QueryRefused, match=r"11 bytes.*at most 10"):
        refuse_oversize("é" * 5 + "x", longest=10, deepest=1)
    with pytest.raises(QueryRefused, match="10,000 deep"):
        refuse_oversize("{" * 10_000, longest=20_000, deepest=200)
