"""Statements have one order and one text, whatever they come in."""

from __future__ import annotations

import random

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib.compare import to_isomorphic

from kg.errors import StoreError
from kg.namespaces import PREFIXES
from kg.turtle import lines_of, natural_key, ntriples, ordered, prefix_lines, prefixed, subjects, turtle

XSD = PREFIXES["xsd"]
STUDY = PREFIXES["trial"] + "NCT99999901"

segments = st.text(alphabet="abcXYZ0189-._~'()!*,;=&@%:/#?ü", max_size=12).map(lambda text: text.replace("%", "%25"))
iris = (
    st.builds(lambda prefix, local: PREFIXES[prefix] + local, st.sampled_from(sorted(PREFIXES)), segments)
    .filter(lambda iri: iri.count("#") < 2)
    .map(NamedNode)
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
literals = st.one_of(
    text.map(Literal),
    st.builds(lambda value, tag: Literal(value, language=tag), text, st.sampled_from(["en", "en-gb", "de"])),
    st.sampled_from(
        [
            Literal("14", datatype=NamedNode(XSD + "integer")),
            Literal("-3", datatype=NamedNode(XSD + "integer")),
            Literal("18", datatype=NamedNode(XSD + "decimal")),
            Literal("1.5", datatype=NamedNode(XSD + "decimal")),
            Literal("-0.00001", datatype=NamedNode(XSD + "decimal")),
            Literal("1.5E-7", datatype=NamedNode(XSD + "double")),
            Literal("true", datatype=NamedNode(XSD + "boolean")),
            Literal("2022-10", datatype=NamedNode(XSD + "gYearMonth")),
            Literal("P1Y6M", datatype=NamedNode(XSD + "duration")),
        ]
    ),
)
triples = st.lists(st.builds(Triple, iris, iris, st.one_of(iris, literals)), max_size=12)


def read(document: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(document, RdfFormat.TURTLE)}


@given(triples)
def test_turtle_reads_back_as_the_same_statements(statements: list[Triple]) -> None:
    assert read(prefix_lines() + turtle(ordered(statements))) == set(statements)


@given(triples)
def test_rdflib_reads_the_same_from_both_forms(statements: list[Triple]) -> None:
    # Surrogate-free text only; rdflib reads documents as text and splits N-Triples lines by itself.
    sorted_statements = ordered(statements)
    as_turtle = rdflib.Graph().parse(data=prefix_lines() + turtle(sorted_statements), format="turtle")
    as_ntriples = rdflib.Graph().parse(data=ntriples(sorted_statements), format="nt")
    assert to_isomorphic(as_turtle) == to_isomorphic(as_ntriples)
    assert len(as_ntriples) == len(sorted_statements)


@given(triples, st.randoms(use_true_random=False))
def test_order_in_does_not_show(statements: list[Triple], shuffler: random.Random) -> None:
    shuffled = statements * 2
    shuffler.shuffle(shuffled)
    assert turtle(ordered(shuffled)) == turtle(ordered(statements))


@given(triples)
def test_no_name_needs_a_backslash(statements: list[Triple]) -> None:
    nodes = [triple for triple in statements if isinstance(triple.object, NamedNode)]
    assert b"\\" not in turtle(nodes)


def test_study_then_parts_then_type_then_iris() -> None:
    node, type_ = NamedNode, NamedNode(PREFIXES["rdf"] + "type")
    label = NamedNode(PREFIXES["rdfs"] + "label")
    a_label = NamedNode("http://a.example/label")
    wanted = [
        Triple(node(STUDY), type_, node("https://x.example/Study")),
        Triple(node(STUDY), a_label, node("https://x.example/1")),
        Triple(node(STUDY), a_label, Literal("0")),
        Triple(node(STUDY + "/arm/2"), type_, node("https://x.example/Arm")),
        Triple(node(STUDY + "/arm/2/use/1"), label, Literal("use")),
        Triple(node(STUDY + "/arm/10"), label, Literal("ten")),
        Triple(node(STUDY + "/record"), label, Literal("record")),
    ]
    assert ordered(reversed(wanted)) == wanted


def test_equal_numbers_in_different_digits_stay_apart() -> None:
    assert natural_key("a/01") == natural_key("a/1")
    same = [Triple(NamedNode(f"x:{n}"), NamedNode("x:p"), Literal("")) for n in ("01", "1", "001")]
    assert ordered(same) == ordered(reversed(same))


@pytest.mark.parametrize("at", ["subject", "object"])
def test_a_blank_node_is_refused_with_its_study(at: str) -> None:
    blank, iri = BlankNode("b"), NamedNode("x:s")
    triple = Triple(blank, iri, iri) if at == "subject" else Triple(iri, iri, blank)
    with pytest.raises(StoreError, match=r"NCT99999901: blank node _:b .*every node of a study has an IRI"):
        ordered([triple], place="NCT99999901")


def test_a_prefix_is_used_where_it_needs_no_backslash() -> None:
    pubmed = PREFIXES["pubmed"]
    assert prefixed(pubmed + "12345") == "pubmed:12345"
    assert prefixed(pubmed + "12345/") == ""


def test_an_iri_that_is_a_namespace_is_shortened() -> None:
    # tkg:vocabulary has such values.
    assert prefixed(PREFIXES["mesh"]) == "mesh:"


def test_a_dot_inside_a_name_needs_no_backslash() -> None:
    assert prefixed(PREFIXES["response-criteria"] + "recist-1.1") == "response-criteria:recist-1.1"
    assert prefixed(PREFIXES["response-criteria"] + "recist-1.") == ""


def test_the_longest_namespace_is_used() -> None:
    assert prefixed(PREFIXES["meshv"] + "TreeNumber") == "meshv:TreeNumber"
    assert prefixed(PREFIXES["mesh"] + "vocab") == "mesh:vocab"


@pytest.mark.parametrize("tail", ["/../x", "/./x", "//x", "/.x", "/", "/x:y", "/x?y", "0/x", "/x/..", "/ü"])
def test_a_part_with_an_odd_name_keeps_it(tail: str) -> None:
    statement = Triple(NamedNode(STUDY + tail), NamedNode("x:p"), Literal(""))
    text = turtle([statement])
    assert text.startswith(f"<{STUDY}{tail}>".encode())
    assert read(prefix_lines() + text) == {statement}


@given(triples)
def test_text_and_objects_have_the_same_order(statements: list[Triple]) -> None:
    by_subject = subjects(lines_of(statements))
    lines = [b"%b %b %b .\n" % (s, p, value) for s, about in by_subject for p, values in about for value in values]
    assert b"".join(lines) == ntriples(ordered(statements))


@pytest.mark.parametrize(
    "text", ["two\nlines", 'a "quoted"\nline"', 'three """\nquotes', "back\\slash\nn \\n", "\n", '"\n"']
)
def test_lines_are_lines_in_turtle(text: str) -> None:
    for literal in (Literal(text), Literal(text, language="en"), Literal(text, datatype=NamedNode("x:t"))):
        statement = Triple(NamedNode(STUDY), NamedNode("x:p"), literal)
        document = turtle([statement])
        assert document.count(b"\n") == text.count("\n") + 2
        assert read(prefix_lines() + document) == {statement}


def test_every_namespace_ends_where_names_are_cut() -> None:
    assert {namespace[-1] for namespace in PREFIXES.values()} == {"/", "#", ":"}


def test_prefix_lines_are_sorted_and_complete() -> None:
    lines = prefix_lines().decode().splitlines()
    assert lines[:-1] == sorted(lines[:-1])
    assert len(lines) - 2 == len(PREFIXES)
    assert not lines[-1]


def test_nothing_is_written_for_nothing() -> None:
    assert turtle([]) == b""
    assert ntriples([]) == b""
