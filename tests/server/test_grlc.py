"""The folder of queries as grlc serves it, in its local mode and unchanged.

grlc wants versions of libraries of its own, so it has an environment of its own, which .ci/run makes.

Source: https://github.com/CLARIAH/grlc.
"""

from __future__ import annotations

import csv
import socket
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kg.library import Kind, load_library
from kg.namespaces import PREFIXES, compress, expand
from kg.store.generations import StoreDirectory
from tests.conftest import GRLC, ROOT
from tests.server.server_process import running

pytestmark = [pytest.mark.server, pytest.mark.grlc]

QUERIES = ROOT / "tests" / "queries"
LIBRARY = load_library()
SERVE = "import sys; from grlc.server import app; app.run('127.0.0.1', int(sys.argv[1]))"
CONFIGURATION = """\
[defaults]
sparql_endpoint = {endpoint}
server_name = 127.0.0.1:{port}
[local]
local_sparql_dir = {queries}
"""


@pytest.fixture(scope="module")
def grlc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """grlc over our folder, asking our endpoint over the data of the library's tests."""
    folder = tmp_path_factory.mktemp("grlc")
    with StoreDirectory(folder / "store").writing() as draft:
        draft.store.load(path=QUERIES / "fixture.ttl")
        draft.store.load(path=QUERIES / "history.trig")
    with running(folder / "store") as server, socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        reserved.close()
        text = CONFIGURATION.format(endpoint=f"{server.url}/sparql", port=port, queries=ROOT / "queries")
        (folder / "config.ini").write_text(text, encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([GRLC, "-c", SERVE, str(port)], cwd=folder, stdout=log, stderr=log)
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                    _wait_for(client, process, folder / "log")
                    yield client
            finally:
                process.terminate()
                process.wait(15)


def _wait_for(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        try:
            client.get("/")
        except httpx.TransportError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        else:
            return
    pytest.fail("grlc did not start")


def test_it_lists_every_query_with_its_parameters(grlc: httpx.Client) -> None:
    described = grlc.get("/api-local/swagger").raise_for_status().json()
    assert described["paths"].keys() == {f"/{name}" for name in LIBRARY}
    for query in LIBRARY.values():
        operation = described["paths"][f"/{query.name}"]["get"]
        assert operation["summary"] == query.summary
        assert operation["tags"] == list(query.tags)
        offered = {_snake(one["name"]): one for one in operation["parameters"] if one["name"] != "endpoint"}
        assert offered.keys() == {one.name for one in query.parameters}
        for one in query.parameters:
            if one.default is not None:
                assert str(offered[one.name]["default"]) == _whole(one.kind, one.default)


def test_it_answers_as_we_do(grlc: httpx.Client) -> None:
    cases: list[dict[str, Any]] = tomllib.loads((QUERIES / "answers.toml").read_text(encoding="utf-8"))["case"]
    asked = set()
    for case in cases:
        query = LIBRARY[case["query"]]
        if not case["rows"] or query.name in asked:
            continue
        asked.add(query.name)
        values = {one.name: case["parameters"].get(one.name, one.default) for one in query.parameters}
        sent = {_camel(one.name): _whole(one.kind, str(values[one.name])) for one in query.parameters}
        answer = grlc.get(f"/api-local/{query.name}", params=sent, headers={"Accept": "text/csv"})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/csv"), answer.text
        head, *rows = csv.reader(answer.text.splitlines())
        assert head == case["columns"]
        assert [[compress(cell) for cell in row] for row in rows] == case["rows"], query.name
    assert asked == LIBRARY.keys()


def _whole(kind: Kind, value: str) -> str:
    return expand(value) if kind is Kind.IRI and value.partition(":")[0] in PREFIXES else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
