"""Every query of the library: well made, and right over the fixture and the bundled studies."""

from __future__ import annotations

import keyword
import re
import tomllib
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from kg.examples import expected, paths
from kg.library import Kind, LibraryQuery, bind, load_library
from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.namespaces import PREFIXES, compress
from kg.sources import decode, read
from kg.terms import decimal, render
from kg.vocabularies.installed import statements

HERE = Path(__file__).resolve().parent
QUERIES = HERE.parents[1] / "queries"
LIBRARY = load_library()
CASES: list[dict[str, Any]] = tomllib.loads((HERE / "answers.toml").read_text(encoding="utf-8"))["case"]
REQUIRED = {"results-overdue": {"as_of": "2026-01-01"}, "stale-records": {"since": "2026-01-01"}}
EVIDENCE = {
    "il2-pd1-same-arm": "arm",
    "il2-pd1-same-combination": "combination",
    "il2-pd1-same-study": "study",
    "il2-pd1-class-only": "class",
}
RESERVED = {"format", "timeout", "limit", "offset", "page", "endpoint", "prefixes", "name", "name_or_text", "self"}

by_query = pytest.mark.parametrize("query", LIBRARY.values(), ids=LIBRARY)
by_case = pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['query']}" for n, case in enumerate(CASES)])


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(path=HERE / "fixture.ttl")
    store.load(path=HERE / "history.trig")
    return store


@pytest.fixture(scope="module")
def bundled() -> ox.Store:
    """The bundled studies with the drug ontology and MeSH, as a build makes it."""
    linker = load_linker()
    store = ox.Store()
    for path in paths():
        (record,) = read([path])
        assert not hasattr(record, "reason")
        study = decode(record)
        mapped = map_study(study, linker.study(study), linker, record.data, record.form)
        store.load(render(mapped.statements).encode(), format=ox.RdfFormat.N_TRIPLES)
    for piece in statements():
        store.bulk_load(piece, format=ox.RdfFormat.N_TRIPLES)
    return store


def bound(query: LibraryQuery, **values: object) -> str:
    return bind(query, REQUIRED.get(query.name, {}) | values)


def answer(store: ox.Store, text: str) -> tuple[list[str], list[list[str]]]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return [variable.value for variable in found.variables], [[shown(term) for term in row] for row in found]


def shown(term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode | rdflib.URIRef):
        return compress(str(getattr(term, "value", term)))
    if isinstance(term, rdflib.Literal) and isinstance(term.value, Decimal):
        return decimal(term.value).split('"')[1]  # in canonical form, as the store has it
    return str(term.value) if isinstance(term, ox.Literal) else str(term)


def dumped(store: ox.Store, name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> bytes:
    return store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=name) or b""


def studies(store: ox.Store, name: str, **values: object) -> set[str]:
    columns, rows = answer(store, bound(LIBRARY[name], **values))
    return {row[columns.index("study")] for row in rows}


# --- How a query is made ------------------------------------------------------


@by_query
def test_it_parses_in_both_engines_bound_and_as_it_is(query: LibraryQuery, store: ox.Store) -> None:
    for text in (query.text, bound(query)):
        prepareQuery(text)
        ox.Store().query(text)


@by_query
def test_it_declares_the_prefixes_that_it_uses_and_no_others(query: LibraryQuery) -> None:
    declared = dict(re.findall(r"^PREFIX ([\w-]+): <([^>]*)>$", query.text, flags=re.MULTILINE))
    assert declared.items() <= PREFIXES.items()
    body = re.sub(r'^PREFIX.*|"[^"]*"|#.*', "", query.text, flags=re.MULTILINE)
    used = set(re.findall(r"(?<![\w?$])([a-z][\w-]*):", body))
    # grlc writes "2026-01-01"^^xsd:date, and would declare the prefix itself before each SELECT.
    typed = {"xsd"} if {one.kind for one in query.parameters} - {Kind.IRI, Kind.TEXT} else set()
    assert used | typed == declared.keys()


@by_query
def test_it_keeps_the_rules_of_the_library(query: LibraryQuery) -> None:
    text = query.text
    assert re.findall(r"COUNT *\((?! *DISTINCT)", text) == []
    assert text.rstrip().splitlines()[-1].startswith(("ORDER BY", "LIMIT"))
    assert not re.search(r"\b(LATERAL|FROM)\b", text)
    # What is current is in the default graph; only earlier versions are elsewhere.
    assert bool(re.search(r"\bGRAPH\b", text)) == ("history" in query.tags)
    # A text without these letters needs no parse before it is allowed.
    assert not re.search("service|load", text, re.IGNORECASE)
    assert "\\u" not in text
    assert query.summary.endswith("?")
    assert query.description.endswith(".")
    assert max(map(len, text.splitlines())) <= 120


@by_query
def test_its_parameters_can_be_given_in_python_and_over_http(query: LibraryQuery) -> None:
    names = {parameter.name for parameter in query.parameters}
    # The command line, the server and grlc have parameters of their own, Graph.query has its own arguments.
    assert not names & (RESERVED - {"name"})
    assert not {name for name in names if keyword.iskeyword(name)}


@by_query
def test_grlc_understands_its_parameters(query: LibraryQuery) -> None:
    for variable in set(re.findall(r"\?_\w+", query.text)):
        assert re.fullmatch(r"\?_[A-Za-z0-9]+(_iri|_integer|_xsd_(date|decimal|boolean))?", variable)
    # It puts a default into angle brackets as it is.
    source = (QUERIES / f"{query.name}.rq").read_text(encoding="utf-8")
    assert not re.search(r"^#\+ +- \w+: [\w-]+:(?!//)", source, re.MULTILINE)


@by_query
def test_it_runs_and_shows_no_parameter_as_a_column(query: LibraryQuery, store: ox.Store) -> None:
    columns, _ = answer(store, bound(query))
    assert len(columns) > 1
    assert not [column for column in columns if column.startswith("_")]


# --- What it answers ----------------------------------------------------------


def test_every_query_has_a_case_with_rows() -> None:
    assert {case["query"] for case in CASES if case["rows"]} == LIBRARY.keys()


@by_case
def test_the_answer_over_the_fixture(case: dict[str, Any], store: ox.Store) -> None:
    columns, rows = answer(store, bind(LIBRARY[case["query"]], case["parameters"]))
    assert columns == case["columns"]
    assert rows == case["rows"]


def test_the_order_of_the_data_does_not_change_an_answer(store: ox.Store) -> None:
    # Another order of loading gives the engine other internal orders where a query leaves any open.
    statements = sorted(store, key=lambda quad: str(quad.object)[::-1])
    other = ox.Store()
    other.extend(statements[::-1])
    for case in CASES:
        text = bind(LIBRARY[case["query"]], case["parameters"])
        assert answer(other, text) == answer(store, text), case["query"]


# Over nothing, rdflib makes one group of GROUP BY where SPARQL has none.
@pytest.mark.slow
@pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated")  # by rdflib itself
@pytest.mark.parametrize("case", [case for case in CASES if case["rows"]], ids=itemgetter("query"))
def test_rdflib_answers_the_same(case: dict[str, Any], graph: rdflib.Graph, dataset: rdflib.Dataset) -> None:
    data = dataset if "history" in LIBRARY[case["query"]].tags else graph
    found = data.query(bind(LIBRARY[case["query"]], case["parameters"]))
    rows = [[shown(term) if term is not None else "" for term in row] for row in found if isinstance(row, tuple)]
    assert rows == case["rows"]


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    return rdflib.Graph().parse(HERE / "fixture.ttl")


@pytest.fixture(scope="module")
def dataset(store: ox.Store) -> rdflib.Dataset:
    """The fixture with its earlier versions. In the graph alone, rdflib is twice as fast."""
    found = rdflib.Dataset()
    found.default_graph.parse(data=dumped(store, ox.DefaultGraph()), format="nt")
    for name in store.named_graphs():
        found.graph(rdflib.URIRef(str(name)[1:-1])).parse(data=dumped(store, name), format="nt")
    return found


def test_each_study_has_one_kind_of_evidence(store: ox.Store, bundled: ox.Store) -> None:
    for data in (store, bundled):
        found = [studies(data, name) for name in EVIDENCE]
        assert sum(map(len, found)) == len(set.union(*found))


# --- The flagship over the bundled studies ------------------------------------


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_bundled_studies_answer_as_expected(name: str, bundled: ox.Store) -> None:
    wanted = {nct_id for nct_id, (evidence, _) in expected().items() if evidence == EVIDENCE[name]}
    assert wanted
    assert studies(bundled, name) == wanted


def test_the_flagship_can_be_restricted_to_head_and_neck(bundled: ox.Store) -> None:
    wanted = {nct_id for nct_id, (evidence, head_and_neck) in expected().items() if evidence == "arm" and head_and_neck}
    assert "NCT04144517" in wanted
    assert studies(bundled, "il2-pd1-same-arm", condition="mesh:D006258") == wanted
    columns, rows = answer(bundled, bound(LIBRARY["il2-pd1-same-arm"], condition="mesh:D006258"))
    assert all("MeSH 2024)" in row[columns.index("reason")] for row in rows)


def test_those_that_recruit_are_those_whose_records_say_so(bundled: ox.Store) -> None:
    # One is a page and no record, and says in other words that it does not recruit.
    said = re.compile(r'"overallStatus": *"RECRUITING"')
    recruiting = {path.stem for path in paths() if said.search(path.read_text(encoding="utf-8"))}
    arms = {nct_id: head_and_neck for nct_id, (evidence, head_and_neck) in expected().items() if evidence == "arm"}
    wanted = {nct_id for nct_id, head_and_neck in arms.items() if head_and_neck} & recruiting
    assert wanted
    assert studies(bundled, "recruiting-combinations") == wanted
    assert studies(bundled, "recruiting-combinations", condition="mesh-category:C") == arms.keys() & recruiting


def test_what_only_looks_like_a_combination_is_not_in_the_answer(bundled: ox.Store) -> None:
    # IBI363 is both in one molecule; NCT05980598 has the two agents in different arms.
    impostors = {"NCT06797297", "NCT05980598"}
    assert not impostors & studies(bundled, "il2-pd1-answer")
    assert impostors == studies(bundled, "il2-pd1-different-arms")


def test_the_answer_is_the_four_queries_together(bundled: ox.Store) -> None:
    columns, rows = answer(bundled, bound(LIBRARY["il2-pd1-answer"]))
    found: dict[str, set[str]] = {}
    for row in rows:
        evidence = row[columns.index("evidence")].removesuffix(" only")
        found.setdefault(evidence, set()).add(row[columns.index("study")])
    assert found == {evidence: studies(bundled, name) for name, evidence in EVIDENCE.items()}


def test_narrower_classes_leave_out_il15_and_pdl1(bundled: ox.Store) -> None:
    wide = studies(bundled, "il2-pd1-same-arm")
    narrow = studies(bundled, "il2-pd1-same-arm", first="agent:IL2ReceptorAgonist", second="agent:PD1Inhibitor")
    # ALT-803 and N-803 act like IL-15; the third gives atezolizumab, which binds PD-L1.
    assert wide - narrow == {"NCT02523469", "NCT06161545", "NCT03386721"}


def test_every_row_of_the_answer_gives_a_reason_for_both_links(bundled: ox.Store) -> None:
    for name in EVIDENCE:
        columns, rows = answer(bundled, bound(LIBRARY[name]))
        reasons = [row[columns.index("reason")] for row in rows]
        assert all(len(re.findall(r"'[^']+' is [^(]+ \(\w+, [\w ]+ [\w.]+\)", reason)) >= 2 for reason in reasons)
