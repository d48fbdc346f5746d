"""The W3C's tests of queries and updates: read from their manifests, and what counts as the right answer.

Source: https://github.com/w3c/rdf-tests/tree/main/sparql/sparql11, https://www.w3.org/TR/sparql11-results-csv-tsv/.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.request import url2pathname

import pyoxigraph as ox

__all__ = [
    "Dataset",
    "Test",
    "expected_rows",
    "fill_in",
    "read_suite",
    "same_dataset",
    "same_graph",
    "same_rows",
    "same_table",
]

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Rows = list[dict[str, Term]]

_NEXT_TO_RUN = ("entailment", "service", "protocol", "service-description", "graph-store-protocol", "http-rdf-update")
"""Folders of other kinds of tests; protocols have tests of their own here."""


@dataclass(frozen=True)
class Dataset:
    """Files of a default graph, and name and file of each named graph."""

    default: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()


@dataclass(frozen=True)
class Test:
    """One test; ``after`` is the dataset that an update has to leave."""

    __test__ = False

    name: str
    kind: str
    text: str
    base: str
    data: Dataset
    result: Path | None
    after: Dataset


class _Manifest:
    def __init__(self, file: Path) -> None:
        self._graph = ox.Store()
        self._graph.load(path=file, format=ox.RdfFormat.TURTLE, base_iri=file.as_uri())

    def all(self, subject: Term, predicate: str) -> list[Term]:
        node = ox.NamedNode(predicate)
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        return [quad.object for quad in self._graph.quads_for_pattern(subject, node, None)]

    def one(self, subject: Term | None, predicate: str) -> Term | None:
        return next(iter(self.all(subject, predicate)), None) if subject is not None else None

    def tests(self) -> Iterator[tuple[ox.NamedNode, str]]:
        for quad in self._graph.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None):
            kind = quad.object.value.removeprefix(MF) if isinstance(quad.object, ox.NamedNode) else ""
            if kind.endswith(("Test", "Test11")) and isinstance(quad.subject, ox.NamedNode):
                yield quad.subject, kind

    def dataset(self, node: Term | None, terms: str) -> Dataset:
        if node is None:
            return Dataset()
        named = []
        for graph in self.all(node, terms + "graphData"):
            file = self.one(graph, terms + "graph")
            if file is None:
                named.append((_iri(graph), _path(graph)))
            else:
                label = self.one(graph, LABEL)
                assert isinstance(label, ox.Literal)
                named.append((label.value, _path(file)))
        return Dataset(tuple(map(_path, self.all(node, terms + "data"))), tuple(named))


def _iri(term: Term | None) -> str:
    assert isinstance(term, ox.NamedNode)
    return term.value


def _path(term: Term | None) -> Path:
    return Path(url2pathname(_iri(term).removeprefix("file://")))


def read_suite(folder: Path) -> list[Test]:
    """The tests of queries, updates and their syntax, without those of entailment and of other servers."""
    found = []
    for file in sorted(folder.glob("*/manifest.ttl")):
        if file.parent.name in _NEXT_TO_RUN:
            continue
        manifest = _Manifest(file)
        for node, kind in manifest.tests():
            action, result = manifest.one(node, MF + "action"), manifest.one(node, MF + "result")
            assert action is not None
            is_update = kind == "UpdateEvaluationTest"
            terms = UT if is_update else QT
            request = manifest.one(action, UT + "request") or manifest.one(action, QT + "query") or action
            found.append(
                Test(
                    name=f"{file.parent.name}/{node.value.rpartition('#')[2]}",
                    kind=kind,
                    text=_path(request).read_text(encoding="utf-8"),
                    base=_iri(request),
                    data=Dataset() if action is request else manifest.dataset(action, terms),
                    result=_path(result) if isinstance(result, ox.NamedNode) else None,
                    after=manifest.dataset(result, terms) if is_update else Dataset(),
                )
            )
    return sorted(found, key=lambda test: test.name)


def fill_in(store: ox.Store, data: Dataset) -> None:
    """Load the files of a dataset."""
    for file in data.default:
        store.load(path=file, base_iri=file.as_uri(), to_graph=ox.DefaultGraph())
    for name, file in data.named:
        store.add_graph(ox.NamedNode(name))
        store.load(path=file, base_iri=file.as_uri(), to_graph=ox.NamedNode(name))


# --- What is the same ---------------------------------------------------------


def expected_rows(file: Path) -> tuple[Rows, bool] | bool:
    """The rows of a result file, and whether their order counts; or the truth value."""
    if file.suffix in (".ttl", ".rdf"):
        return _rows_in_rdf(file)
    results = ox.parse_query_results(path=file)
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    return _rows(results), False


def _rows(results: ox.QuerySolutions) -> Rows:
    names = [variable.value for variable in results.variables]
    return [
        {name: term for name, term in zip(names, solution, strict=True) if term is not None} for solution in results
    ]


def _rows_in_rdf(file: Path) -> tuple[Rows, bool] | bool:
    store = ox.Store()
    store.load(path=file, base_iri=file.as_uri())

    def values(subject: Term, name: str) -> list[Term]:
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        return [quad.object for quad in store.quads_for_pattern(subject, ox.NamedNode(RS + name), None)]

    [[node]] = [[quad.subject] for quad in store.quads_for_pattern(None, None, ox.NamedNode(RS + "ResultSet"))]
    for truth in values(node, "boolean"):
        assert isinstance(truth, ox.Literal)
        return truth.value == "true"
    rows: list[tuple[int, dict[str, Term]]] = []
    for solution in values(node, "solution"):
        bindings = {}
        for binding in values(solution, "binding"):
            [variable], [value] = values(binding, "variable"), values(binding, "value")
            assert isinstance(variable, ox.Literal)
            bindings[variable.value] = value
        index = [int(term.value) for term in values(solution, "index") if isinstance(term, ox.Literal)]
        rows.append((index[0] if index else 0, bindings))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])], any(index for index, _ in rows)


def same_rows(found: ox.QuerySolutions, expected: tuple[Rows, bool]) -> bool:
    """Whether two results have the same rows, up to the names of blank nodes."""
    rows, ordered = expected
    return _canonical(_as_graph(_rows(found), ordered)) == _canonical(_as_graph(rows, ordered))


def _as_graph(rows: Rows, ordered: bool) -> Iterator[ox.Quad]:
    for number, row in enumerate(rows):
        node = ox.BlankNode(f"row{number}")
        yield ox.Quad(node, ox.NamedNode("urn:is"), ox.Literal(number if ordered else "row"))
        for name, term in row.items():
            yield ox.Quad(node, ox.NamedNode(f"urn:{name}"), _renamed(term))


def _renamed(term: Term) -> Term:
    # No row has the name of a value.
    return ox.BlankNode(f"value{term.value}") if isinstance(term, ox.BlankNode) else term


def _canonical(quads: Iterable[ox.Quad]) -> set[str]:
    # Through a store, which writes numbers in one way: "01" and "1" are the same integer.
    store = ox.Store()
    store.extend(quads)
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def same_graph(found: Iterable[ox.Triple | ox.Quad], file: Path) -> bool:
    """Whether a graph is that of a file, up to the names of blank nodes."""
    store = ox.Store()
    store.load(path=file, base_iri=file.as_uri(), to_graph=ox.DefaultGraph())
    quads = (ox.Quad(one.subject, one.predicate, one.object) for one in found)
    return _canonical(quads) == _canonical(store)


def same_dataset(found: Iterable[ox.Quad], after: Dataset) -> bool:
    """Whether a dataset is that of files, up to the names of blank nodes; graphs without statements do not count."""
    store = ox.Store()
    fill_in(store, after)
    return _canonical(found) == _canonical(store)


def same_table(found: bytes, expected: bytes) -> bool:
    """Whether two results in CSV say the same, in any order of rows and columns.

    Numbers are compared by value, blank nodes by where they stand. The order of columns of ``SELECT *`` is open.
    """
    return _table(found) == _table(expected)


def _table(data: bytes) -> list[list[tuple[str, str]]]:
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return sorted(sorted((name, _cell(cell)) for name, cell in row.items()) for row in rows)


def _cell(cell: str) -> str:
    if cell.startswith("_:"):
        return "_:"
    try:
        return str(Decimal(cell).normalize())
    except InvalidOperation:
        return cell
