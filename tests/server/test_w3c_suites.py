"""The W3C's tests of queries, results, updates and their syntax: over HTTP no worse than the engine by itself.

What fails is in docs/conformance.md, with the reason.

Source: https://github.com/w3c/rdf-tests/tree/main/sparql/sparql11.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pyoxigraph as ox
import pytest

from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, running, running_with_token
from tests.server.w3c_suite import (
    Test,
    expected_rows,
    fill_in,
    read_suite,
    same_dataset,
    same_graph,
    same_rows,
    same_table,
)

pytestmark = [pytest.mark.server, pytest.mark.shared_data]

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")
QUERY_SYNTAX = ("PositiveSyntaxTest11", "NegativeSyntaxTest11")
UPDATE_SYNTAX = ("PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11")
COUNTS = {
    "QueryEvaluationTest": 232,
    "CSVResultFormatTest": 3,
    "UpdateEvaluationTest": 94,
    "PositiveSyntaxTest11": 66,
    "NegativeSyntaxTest11": 48,
    "PositiveUpdateSyntaxTest11": 42,
    "NegativeUpdateSyntaxTest11": 13,
}
TYPES = {".srj": "application/sparql-results+json", ".tsv": "text/tab-separated-values", ".csv": "text/csv"}
NOTHING = "urn:nothing"


class Outcome(NamedTuple):
    """The names of the tests that fail, over HTTP and by the engine alone."""

    over_http: set[str]
    alone: set[str]


@pytest.fixture(scope="module")
def suite(shared_data: Path) -> list[Test]:
    return read_suite(shared_data / "w3c-sparql11")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """In memory where that is possible: each of some hundred updates waits until it is safe on the disk."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def reader(folder: Path, suite: list[Test]) -> Iterator[httpx.Client]:
    """A server over all data of the suite, each file a named graph: a request says which of them it means."""
    directory = folder / "read"
    with StoreDirectory(directory).writing() as draft:
        fill_in_all(draft.store, suite)
    with running(directory) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def written(folder: Path) -> StoreDirectory:
    return StoreDirectory(folder / "written")


@pytest.fixture(scope="module")
def writer(written: StoreDirectory) -> Iterator[httpx.Client]:
    with written.writing():
        pass
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/sparql-update"}
    with running_with_token(written.directory) as server, server.client(headers=headers) as client:
        yield client


def fill_in_all(store: ox.Store, suite: list[Test]) -> None:
    tests = [test for test in suite if test.kind in EVALUATION]
    files = {file.as_uri(): file for test in tests for file in test.data.default}
    files |= {name: file for test in tests for name, file in test.data.named}
    for name, file in files.items():
        store.load(path=file, base_iri=file.as_uri(), to_graph=ox.NamedNode(name))


def graphs_of(test: Test) -> tuple[list[str], list[str]]:
    """The default and the named graphs to ask for; none where the query itself names them."""
    if re.search(r"^FROM\b", test.text, re.MULTILINE):
        return [], []
    default = [file.as_uri() for file in test.data.default]
    return default or [NOTHING], [name for name, _ in test.data.named]


def documented(part: str) -> set[str]:
    """The failing tests of a part that the document lists."""
    section = DOCUMENT.partition("### Queries, results and updates\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| ([a-z, ]+) \| (.*?) \| .+ \|$", section, re.MULTILINE)
    return {name for found, names in rows if found == part for name in re.findall(r"`([^`]+)`", names)}


def check(part: str, outcome: Outcome) -> None:
    """Over HTTP nothing fails that the engine alone can do, but for what is refused on purpose."""
    failing, refused = documented(part), documented(f"{part}, refused")
    assert outcome.over_http - refused <= outcome.alone
    assert outcome.over_http == failing | refused
    assert outcome.alone == failing


def failing(tests: list[Test], passes: Callable[[Test], bool]) -> set[str]:
    assert tests
    return {test.name for test in tests if not passes(test)}


def of(suite: list[Test], *kinds: str) -> list[Test]:
    return [test for test in suite if test.kind in kinds]


def test_every_test_is_here(suite: list[Test]) -> None:
    assert Counter(test.kind for test in suite) == COUNTS
    row = re.search(r"^\| queries, .* \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT, re.MULTILINE)
    assert row
    parts = ("query evaluation", "update evaluation", "query syntax", "update syntax")
    refused, failing = (sum(len(documented(part + end)) for part in parts) for end in (", refused", ""))
    passed = len(suite) - refused - failing
    assert [int(number) for number in row.groups()] == [len(suite), refused, passed, passed]


# --- Queries ------------------------------------------------------------------


def answers_over_http(client: httpx.Client, test: Test) -> bool:
    assert test.result
    default, named = graphs_of(test)
    media_type = TYPES.get(test.result.suffix, "application/sparql-results+xml")
    answer = client.post(
        "/sparql",
        params={"default-graph-uri": default, "named-graph-uri": named},
        content=f"BASE <{test.base}>\n{test.text}",
        headers={"Content-Type": "application/sparql-query", "Accept": f"{media_type}, text/turtle;q=0.9"},
    )
    if answer.status_code != 200:
        return False
    got = answer.headers["content-type"].partition(";")[0]
    if got == "text/turtle":
        return same_graph(ox.parse(answer.content, format=ox.RdfFormat.TURTLE), test.result)
    assert got == media_type
    if got == "text/csv":
        return same_table(answer.content, test.result.read_bytes())
    results_format = ox.QueryResultsFormat.from_media_type(got)
    assert results_format
    return is_right(ox.parse_query_results(answer.content, format=results_format), test)


def is_right(found: ox.QuerySolutions | ox.QueryBoolean, test: Test) -> bool:
    assert test.result
    expected = expected_rows(test.result)
    if isinstance(expected, bool) or isinstance(found, ox.QueryBoolean):
        return isinstance(found, ox.QueryBoolean) and bool(found) is expected
    return same_rows(found, expected)


def answers_alone(store: ox.Store, test: Test) -> bool:
    assert test.result
    default, named = graphs_of(test)
    try:
        found = store.query(
            test.text,
            base_iri=test.base,
            default_graph=[ox.NamedNode(name) for name in default] if default else None,
            named_graphs=[ox.NamedNode(name) for name in named] if default else None,
        )
    except (SyntaxError, RuntimeError):
        return False
    if isinstance(found, ox.QueryTriples):
        return same_graph(found, test.result)
    if test.kind == "CSVResultFormatTest":
        return same_table(found.serialize(format=ox.QueryResultsFormat.CSV) or b"", test.result.read_bytes())
    return is_right(found, test)


def test_query_evaluation(suite: list[Test], reader: httpx.Client) -> None:
    tests, store = of(suite, *EVALUATION), ox.Store()
    fill_in_all(store, suite)
    over_http = failing(tests, lambda test: answers_over_http(reader, test))
    check("query evaluation", Outcome(over_http, failing(tests, lambda test: answers_alone(store, test))))


def is_taken_alone(test: Test) -> bool:
    try:
        if test.kind in QUERY_SYNTAX:
            ox.Store().query(test.text, base_iri=test.base)
        else:
            ox.Store().update(test.text, base_iri=test.base)
    except SyntaxError:
        return False
    except (OSError, RuntimeError):
        return True
    return True


def is_taken(answer: httpx.Response) -> bool:
    """Whether a text was read; what fails later has no line."""
    assert answer.status_code in (200, 204, 400, 403), answer.text
    return answer.status_code != 403 and "line" not in (answer.json() if answer.status_code == 400 else ())


def test_query_syntax(suite: list[Test], reader: httpx.Client) -> None:
    tests = of(suite, *QUERY_SYNTAX)

    def is_sent_rightly(test: Test) -> bool:
        answer = reader.post("/sparql", content=test.text, headers={"Content-Type": "application/sparql-query"})
        return is_taken(answer) is test.kind.startswith("Positive")

    alone = failing(tests, lambda test: is_taken_alone(test) is test.kind.startswith("Positive"))
    check("query syntax", Outcome(failing(tests, is_sent_rightly), alone))


# --- Updates ------------------------------------------------------------------


@pytest.mark.slow
def test_update_evaluation(suite: list[Test], writer: httpx.Client, written: StoreDirectory) -> None:
    tests = of(suite, "UpdateEvaluationTest")

    def is_right_over_http(test: Test) -> bool:
        with written.writing() as draft:
            draft.empty = True
            fill_in(draft.store, test.data)
        answer = writer.post("/update", content=f"BASE <{test.base}>\n{test.text}")
        return answer.status_code == 204 and same_dataset(open_generation(written.newest()), test.after)

    def is_right_alone(test: Test) -> bool:
        store = ox.Store()
        fill_in(store, test.data)
        try:
            store.update(test.text, base_iri=test.base)
        except (OSError, RuntimeError, SyntaxError):
            return False
        return same_dataset(store, test.after)

    over_http = failing(tests, is_right_over_http)
    alone = failing([test for test in tests if "LOAD" not in test.text.upper()], is_right_alone)
    check("update evaluation", Outcome(over_http, alone))


@pytest.mark.slow
def test_update_syntax(suite: list[Test], writer: httpx.Client) -> None:
    tests = of(suite, *UPDATE_SYNTAX)

    def is_sent_rightly(test: Test) -> bool:
        return is_taken(writer.post("/update", content=test.text)) is test.kind.startswith("Positive")

    # Those that load would be carried out.
    alone = [test for test in tests if "LOAD" not in test.text.upper()]
    check(
        "update syntax",
        Outcome(
            failing(tests, is_sent_rightly),
            failing(alone, lambda test: is_taken_alone(test) is test.kind.startswith("Positive")),
        ),
    )
