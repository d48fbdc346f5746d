"""A value of a parameter is one term in the query and changes nothing else, for every query of the library.

That a query with a value means the query with that term in the place of the parameter is held against rdflib's
parser: there the term is put into the parsed query, where no text can become anything else.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache, partial
from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.namespace import XSD
from rdflib.plugins.sparql.algebra import translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import UsageError
from kg.library import Kind, LibraryQuery, Parameter, bind, load_library
from kg.namespaces import PREFIXES, expand
from kg.terms import clean

LIBRARY = [query for query in load_library().values() if query.parameters]
PIECES = st.sampled_from(
    [
        '"', "'", '"""', "'''", "\\", "\\\\", "\\u0022", "\\U0000003E", "u0022", "\n", "\r", "\t", ">", "<", "<urn:x>",
        "> . ", "}", "{", "} } #", "#", "?_nct", "$_condition_iri", "?study", "@en", "^^", "; DROP ALL ;", "} UNION {",
        "SERVICE", "a", " ", "%22", "\u2028", "\ufeff", "\ud7ff", "é", "NCT00000001", "0", "\x07", "\\n", "`", "|", "^",
    ]
)  # fmt: skip
HOSTILE = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=20))
NUMBERS = st.one_of(HOSTILE, st.from_regex(r"[+-]?[0-9]{1,5}", fullmatch=True))
DATES = st.one_of(HOSTILE, st.dates().map(str))
IRIS = st.one_of(HOSTILE, st.tuples(st.sampled_from(["urn:x:", "http://e/", "mesh:", "<urn:"]), HOSTILE).map("".join))
DECIMALS = st.one_of(HOSTILE, st.decimals(-200, 200, places=3).map(str))
STRATEGIES = {
    Kind.TEXT: HOSTILE, Kind.IRI: IRIS, Kind.INTEGER: NUMBERS, Kind.DECIMAL: DECIMALS, Kind.DATE: DATES,
}  # fmt: skip


def tree(text: str) -> Any:
    """A query as it is parsed, with whole IRIs and literals, and without the names of blank nodes."""
    parsed = parseQuery(text)
    prologue = translatePrologue(parsed[0], None)
    return plain(traverse(parsed[1], visitPost=partial(translatePName, prologue=prologue)))


def plain(node: Any, terms: dict[str, Any] | None = None) -> Any:
    """A parsed query as something that can be compared; ``terms`` go in the place of variables."""
    if isinstance(node, CompValue):
        return (node.name, [(name, plain(value, terms)) for name, value in sorted(node.items())])
    if isinstance(node, rdflib.BNode):
        return "blank"
    if isinstance(node, rdflib.Literal):
        return ("literal", str(node), str(node.datatype or XSD.string), node.language)
    if isinstance(node, rdflib.URIRef | rdflib.Variable | str):
        return (type(node).__name__, str(node))
    if hasattr(node, "__iter__"):
        return [plain(one, terms) for one in node]
    return node


@cache
def unbound(name: str) -> Any:
    return tree(load_library()[name].text)


def replaced(node: Any, terms: dict[str, Any]) -> Any:
    """The tree with terms in the place of variables."""
    if isinstance(node, tuple) and len(node) == 2 and node[0] == "Variable":
        return terms.get(node[1], node)
    if isinstance(node, tuple):
        return tuple(replaced(one, terms) for one in node)
    return [replaced(one, terms) for one in node] if isinstance(node, list) else node


def variables(parameter: Parameter) -> list[str]:
    """The names that its variable can have."""
    first, *rest = parameter.name.split("_")
    names = {parameter.name, first + "".join(map(str.capitalize, rest))}
    kinds = [f"_{parameter.kind}", f"_xsd_{parameter.kind}", *([""] if parameter.kind is Kind.TEXT else [])]
    return [f"_{name}{kind}" for name in names for kind in kinds]


def term(kind: Kind, value: str) -> Any:
    """The term that a value is, said in another way than the library does."""
    if kind is Kind.TEXT:
        return ("literal", clean(value), str(XSD.string), None)
    if kind is Kind.INTEGER:
        return ("literal", str(int(value)), str(XSD.integer), None)
    if kind is Kind.DECIMAL:
        return ("literal", f"{Decimal(value).normalize():f}", str(XSD.decimal), None)
    if kind is Kind.DATE:
        return ("literal", value.strip(), str(XSD.gYearMonth if len(value.strip()) == 7 else XSD.date), None)
    bare = value.strip()
    if bare.startswith("<"):
        return ("URIRef", bare[1:-1])
    prefix, _, rest = bare.partition(":")
    return ("URIRef", expand(bare) if prefix in PREFIXES and not rest.startswith("//") else bare)


def check(query: LibraryQuery, values: dict[str, str]) -> bool:
    """Whether the values are taken; if so, the query has to be the one with their terms."""
    try:
        text = bind(query, values)
    except UsageError:
        return False
    terms = {
        variable: term(one.kind, values.get(one.name, one.default or ""))
        for one in query.parameters
        for variable in variables(one)
    }
    assert tree(text) == replaced(unbound(query.name), terms)
    return True


GOOD = {
    Kind.TEXT: "\"} UNION { ?s ?p '''\\u0022 # ?_nct",
    Kind.IRI: "urn:x:'()",
    Kind.INTEGER: "+07",
    Kind.DECIMAL: "+07.50",
    Kind.DATE: "2024-02",
}


@pytest.mark.parametrize("query", LIBRARY, ids=lambda query: query.name)
def test_every_query_with_terms_of_each_kind(query: LibraryQuery) -> None:
    assert check(query, {one.name: GOOD[one.kind] for one in query.parameters})


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_any_value_is_its_term_or_refused(data: st.DataObject) -> None:
    query = data.draw(st.sampled_from(LIBRARY), label="query")
    check(query, {one.name: data.draw(STRATEGIES[one.kind], label=one.name) for one in query.parameters})
