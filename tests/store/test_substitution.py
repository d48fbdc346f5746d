"""Values in queries are proven to be terms, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from kg.errors import QueryRefused
from kg.library import bind, bind_marked, load_library, parse_query
from kg.store.substitution import refuse_unless_substituted
from tests.test_library import HOSTILE

LIBRARY = load_library()
# Every place where a value can stand.
EVERYWHERE = parse_query(
    "PREFIX a: <http://e/> SELECT (?_t AS ?x) (COUNT(DISTINCT ?_i_iri) AS ?n) WHERE { "
    '?s a:p ?_i_iri , ?_n_integer , ?_d_date , "x"^^a:dt ; a:q ?_b_boolean ; ?_i_iri 3 . '
    'FILTER (?_t = "a" && ?_n_integer > 3 + ?_m_decimal) VALUES (?a ?b) { (?_i_iri UNDEF) (?_t 1) } '
    "FILTER EXISTS { ?s !(a:p|^a:q) ?_t } }"
)
VALUES = {"t": "x", "i": "agent:x", "n": 5, "d": "2020-01", "b": True, "m": "1.50"}


def test_a_value_is_a_term_in_every_place() -> None:
    bound = bind_marked(EVERYWHERE, VALUES)
    assert bound.text == bind(EVERYWHERE, VALUES)
    refuse_unless_substituted(bound.text, bound.marked, dict(bound.terms))


@settings(deadline=None, max_examples=50)
@given(HOSTILE)
def test_any_text_is_proven_to_be_one_term(value: str) -> None:
    query = parse_query('SELECT * WHERE { ?s ?p ?_it , "?_it" . FILTER (CONTAINS(?o, ?_it)) } # ?_it')
    bound = bind_marked(query, {"it": value})
    refuse_unless_substituted(bound.text, bound.marked, dict(bound.terms))


@pytest.mark.parametrize(
    "bound",
    [
        'ASK { ?s ?p "b" }',
        'ASK { ?s ?p "a"@en }',
        'ASK { ?s ?p "a"^^<http://e/t> }',
        "ASK { ?s ?p <a> }",
        'ASK { ?s ?p "a" , "a" }',
        'ASK { ?s ?p "a" FILTER (1 = 1) }',
        'ASK { ?s ?q "a" }',
    ],
)
def test_another_query_is_refused(bound: str) -> None:
    with pytest.raises(QueryRefused, match="more than a term"):
        refuse_unless_substituted(bound, "ASK { ?s ?p <urn:m> }", {"<urn:m>": '"a"'})


def test_only_values_that_are_given_need_a_proof() -> None:
    query = LIBRARY["class-counts"]
    assert not bind_marked(query).marked
    assert not bind_marked(parse_query("ASK {}")).terms
