"""The query library's mechanics: heads, parameters, binding."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyparsing.exceptions import ParseException

from kg.config import resource
from kg.errors import QueryError, UsageError
from kg.library import Kind, LibraryQuery, as_markdown, bind, load_library, parse_query
from kg.terms import clean

LIBRARY = load_library()
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "queries.md"
HEAD = "#+ summary: What?\n#+ description: More.\n#+ tags:\n#+   - one\n#+   - two\n"
ECHO = parse_query('SELECT (?_text AS ?x) ("?_text $_text" AS ?y) (<http://e/?_text> AS ?z) WHERE {} # ?_text')

# What a text would need to break out of a string, in every language that may read it.
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="\"'\\u0025cUtn{}<>#?$_ \n"),
    st.lists(
        st.sampled_from(
            [
                '"',
                "'",
                '"""',
                "\\",
                "\\u0022",
                "\\U00000022",
                "\\u005c",
                "\\\\u0022",
                "\n",
                "} #",
                "> .",
                "u0022",
                "?_text",
                "x",
            ]
        )
    ).map("".join),
)


def ask(text: str) -> list[list[str]]:
    """What both engines answer over nothing; they must agree."""
    found = ox.Store().query(text)
    assert isinstance(found, ox.QuerySolutions)
    rows = [[term.value for term in solution if isinstance(term, ox.NamedNode | ox.Literal)] for solution in found]
    other = [[str(term) for term in row] for row in rdflib.Graph().query(text) if isinstance(row, tuple)]
    assert rows == other
    return rows


def bound_or_refused(query: LibraryQuery, value: str) -> str:
    try:
        return bind(query, {"it": value})
    except UsageError:
        return "refused"


# --- Binding ------------------------------------------------------------------


@settings(deadline=None)
@given(HOSTILE)
def test_any_text_arrives_as_exactly_that_text(value: str) -> None:
    assert ask(bind(ECHO, {"text": value})) == [[clean(value), "?_text $_text", "http://e/?_text"]]


@settings(deadline=None)
@given(HOSTILE)
def test_any_text_as_iri_is_one_iri_or_refused(value: str) -> None:
    query = parse_query("SELECT (?_it_iri AS ?x) WHERE {}")
    assert re.fullmatch(r'SELECT \(<[^<>"\s]+> AS \?x\) WHERE \{\}\n|refused', bound_or_refused(query, value))


@settings(deadline=None)
@given(HOSTILE, st.sampled_from([Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.BOOLEAN]))
def test_any_text_as_number_or_date_is_one_or_refused(value: str, kind: Kind) -> None:
    query = parse_query(f"SELECT (?_it_{kind} AS ?x) WHERE {{}}")
    one_term = r'SELECT \("[^"\\\n]+"\^\^<[^<>"\s]+> AS \?x\) WHERE \{\}\n|refused'
    assert re.fullmatch(one_term, bound_or_refused(query, value))


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("mesh:D006258", "<http://id.nlm.nih.gov/mesh/D006258>"),
        ("http://id.nlm.nih.gov/mesh/D006258", "<http://id.nlm.nih.gov/mesh/D006258>"),
        ("<https://example.org/a#b>", "<https://example.org/a#b>"),
        ("urn:x:y", "<urn:x:y>"),
        (" owl:Thing ", "<http://www.w3.org/2002/07/owl#Thing>"),
    ],
)
def test_an_iri_may_be_written_in_several_ways(value: str, term: str) -> None:
    assert bind(parse_query("ASK { ?s ?p ?_thing_iri }"), {"thing": value}) == f"ASK {{ ?s ?p {term} }}\n"


@pytest.mark.parametrize(
    "value", ["D006258", "mush:D006258", "mesh:D00 6258", "<mesh:D1> } #", "", "<>", "javascript:alert(1)"]
)
def test_what_is_no_iri_is_refused_with_the_parameter_named(value: str) -> None:
    with pytest.raises(UsageError, match="parameter 'thing'"):
        bind(parse_query("ASK { ?s ?p ?_thing_iri }"), {"thing": value})


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("integer", "+007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("integer", 7, '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "1.50", '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("date", "2024-02", '"2024-02"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'),
        ("boolean", True, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("text", "", '""'),
        ("text", "a\\b", r'"a\\b"'),
    ],
)
def test_a_value_becomes_a_term_of_its_kind(kind: str, value: object, term: str) -> None:
    assert bind(parse_query(f"ASK {{ ?s ?p ?_v_{kind} }}"), {"v": value}) == f"ASK {{ ?s ?p {term} }}\n"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "1e3"),
        ("integer", "1_000"),
        ("integer", "9" * 41),
        ("integer", "٣"),
        ("decimal", "nan"),
        ("decimal", "1e999"),
        ("date", "2024-02-30"),
        ("date", ""),
        ("boolean", "yes"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match="parameter 'v'"):
        bind(parse_query(f"ASK {{ ?s ?p ?_v_{kind} }}"), {"v": value})


def test_every_place_of_a_parameter_is_bound_and_nothing_else() -> None:
    query = parse_query(
        "SELECT ?s { ?s ?p ?_a , $_a , ?_ab ; ex:l\\#?_a ?o . # ?_a 'open\n"
        "FILTER (?o < 3 && '''it's ?_a''' != \"\"\"a \"quoted\" ?_a\"\"\" && 'x\\'?_a' != \"?_a\") }"
    )
    assert [parameter.name for parameter in query.parameters] == ["a", "ab"]
    assert bind(query, {"a": "A", "ab": "AB"}) == (
        'SELECT ?s { ?s ?p "A" , "A" , "AB" ; ex:l\\#"A" ?o . # ?_a \'open\n'
        "FILTER (?o < 3 && '''it's ?_a''' != \"\"\"a \"quoted\" ?_a\"\"\" && 'x\\'?_a' != \"?_a\") }\n"
    )


def test_unknown_and_missing_parameters_are_named() -> None:
    query = parse_query("ASK { ?s ?_a_iri ?_b }", name="a-query")
    with pytest.raises(UsageError, match="no such parameter: c, d") as unknown:
        bind(query, {"a": "tkg:arm", "b": "", "d": "", "c": ""})
    assert "takes a, b" in str(unknown.value)
    assert "a-query" in str(unknown.value)
    with pytest.raises(UsageError, match="no value for b"):
        bind(query, {"a": "tkg:arm"})
    with pytest.raises(UsageError, match="takes no parameters"):
        bind(parse_query("ASK {}"), {"a": "x"})


def test_code_point_escapes_and_parameters_do_not_go_together() -> None:
    escaped = 'ASK { ?s ?p "\\u0022" ; ?q ?_a }'
    with pytest.raises(UsageError, match="escapes"):
        bind(parse_query(escaped), {"a": "x"})
    without = escaped.replace("?_a", "?a")
    assert bind(parse_query(without)) == without + "\n"


def test_a_string_that_does_not_end_is_an_error_with_its_line() -> None:
    with pytest.raises(QueryError, match="line 2"):
        parse_query("ASK {\n ?s ?p 'x }")


def test_many_brackets_and_quotes_take_no_time() -> None:
    for text in (
        "<" * 50_000,
        "a" * 100_000,
        "?" * 50_000,
        "'x' " * 20_000,
        '"""' + '""a' * 30_000 + '"""',
        "\\" * 50_000,
    ):
        parse_query("ASK { " + text)


# --- Heads --------------------------------------------------------------------


def test_a_head_is_read() -> None:
    query = parse_query(HEAD + '#+ defaults:\n#+   - when: "2020-01"\n#+   - text: ""\nASK { ?s ?_when_date ?_text }\n')
    assert (query.summary, query.description, query.tags) == ("What?", "More.", ("one", "two"))
    assert [(one.name, one.kind, one.default) for one in query.parameters] == [
        ("when", Kind.DATE, "2020-01"),
        ("text", Kind.TEXT, ""),
    ]
    assert query.text == "ASK { ?s ?_when_date ?_text }\n"
    assert bind(query) == 'ASK { ?s "2020-01"^^<http://www.w3.org/2001/XMLSchema#gYearMonth> "" }\n'


@pytest.mark.parametrize(
    ("head", "line", "message"),
    [
        ("#+ summary What?", 1, "no line of a head"),
        ("#+ summary:", 1, "no line of a head"),
        ("#+ summary: a\n#+ endpoint: http://x/", 2, "no line of a head"),
        ("#+ summary: a\n#+ summary: b", 2, "stands twice"),
        ("#+ summary: a\n#+   - b", 2, "belongs to no list"),
        ("#+ tags: a", 1, "no line of a head"),
        ("#+ tags:\n#+   - a: b", 2, "not a plain value"),
        ("#+ summary: a: b", 1, "not a plain value"),
        ("#+ summary: a #b", 1, "not a plain value"),
        ("#+ summary: [a]", 1, "not a plain value"),
        ('#+ summary: "a', 1, "not a quoted value"),
        ("#+ defaults:\n#+   - a", 2, "no default"),
        ("#+ defaults:\n#+   - a: 1\n#+   - a: 2", 3, "no default"),
        ("#+ defaults:\n#+   - a:", 2, "no default"),
    ],
)
def test_a_wrong_head_is_an_error_with_file_and_line(head: str, line: int, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        parse_query(head + "\nASK { ?s ?p ?_a }", place="some.rq")
    assert raised.value.place == f"some.rq:{line}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("#+ defaults:\n#+   - b: 1\nASK { ?s ?p ?_a }", "no parameter of the query: b"),
        ("#+ defaults:\n#+   - a: x\nASK { ?s ?p ?_a_integer }", "parameter 'a'"),
        ("ASK { ?s ?_a_iri ?_a_text }", "two kinds"),
    ],
)
def test_head_and_query_must_agree(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_query(source, place="some.rq")


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("Bad_Name.rq", HEAD + "ASK {}", "no query name"),
        ("good.rq", "#+ summary: a\nASK {}", "head is not complete"),
        ("good.rq", "ASK {}", "head is not complete"),
    ],
)
def test_a_folder_with_a_wrong_file_is_an_error_that_names_it(
    tmp_path: Path, name: str, source: str, message: str
) -> None:
    (tmp_path / name).write_text(source)
    (tmp_path / "notes.txt").write_text("not a query")
    with pytest.raises(UsageError, match=message) as raised:
        load_library(tmp_path)
    assert raised.value.place in (name, name.removesuffix(".rq")) or name in str(raised.value)


def test_a_folder_of_ones_own_is_loaded_in_order(tmp_path: Path) -> None:
    for name in ("b.rq", "a-c.rq"):
        (tmp_path / name).write_text(HEAD + "ASK {}")
    assert list(load_library(tmp_path)) == ["a-c", "b"]


# --- The document -------------------------------------------------------------


def test_the_document_is_what_the_heads_say(update_goldens: bool) -> None:
    written = as_markdown(LIBRARY)
    if update_goldens:
        DOCUMENT.write_text(written, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == written, "run pytest tests/test_library.py --update-goldens"


def test_every_file_of_the_folder_is_in_the_library() -> None:
    names = {entry.name for entry in resource("queries").iterdir()}
    assert names == {f"{name}.rq" for name in LIBRARY}


def test_text_outside_the_grammar_is_left_to_the_engine() -> None:
    with pytest.raises(ParseException):
        rdflib.Graph().query(bind(parse_query("ASK { ?s ?p ?_a "), {"a": "x"}))


def test_every_question_of_researchers_has_a_query_or_a_reason() -> None:
    document = (DOCUMENT.parent / "questions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+\??) \| (.+) \| (.*) \|$", document, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 43))
    kinds = {"whole": 0, "in part": 0, "no": 0}
    for _, _, queries, missing in rows:
        named = re.findall(r"\[`([a-z0-9-]+)`\]\(queries\.md#\1\)", queries)
        assert named or queries == "–"
        assert set(named) <= LIBRARY.keys()
        kind = re.match(r"in part(?=: )|no(?=: )|$|and ", missing)
        assert kind
        assert bool(named) is not (kind[0] == "no")
        kinds[kind[0] if kind[0] in kinds else "whole"] += 1
    assert f"{kinds['whole']} are answered, {kinds['in part']} in part, {kinds['no']} is not." in document
