"""Requests made up from our own OpenAPI description: none is a mistake of the server's."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from tests.server.server_process import TOKEN, Server, fill, running_with_token

if os.environ.get("TRIALKG_REQUIRE") != "1":
    pytest.importorskip("schemathesis", reason="schemathesis is not installed (requirements-test.lock)")
schemathesis: Any = importlib.import_module("schemathesis")

pytestmark = pytest.mark.server

EXPECTED = {200, 201, 204, 303, 400, 401, 403, 404, 405, 406, 413, 415, 422, 503, 504}


def as_text(_: object, value: object) -> bytes:
    """A body of a type that schemathesis does not know, as it was made up."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


schemathesis.serializer("application/sparql-update", "text/turtle", "application/n-triples", "application/rdf+xml")(
    as_text
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Iterator[Server]:
    """A server that takes all there is."""
    store = tmp_path_factory.mktemp("described") / "store"
    fill(store, studies)
    # Short deadlines: what is made up is no good query, but may be an endless one.
    with running_with_token(store, workers=2, timeout=2) as server:
        yield server


def test_nothing_described_is_answered_500(everything: Server) -> None:
    schema = schemathesis.openapi.from_url(f"{everything.url}/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 70
    seen: set[str] = set()

    def ask(case: Any) -> None:
        answer = case.call(base_url=everything.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        seen.add(case.operation.label)
        assert answer.status_code in EXPECTED, (answer.status_code, answer.text, case.as_curl_command())

    for operation in operations:
        # Those of the library are alike; the others differ.
        examples = 1 if operation.path.startswith("/queries/") else 3
        bounded = settings(deadline=None, database=None, max_examples=examples, suppress_health_check=list(HealthCheck))
        strategy: SearchStrategy[Any] = operation.as_strategy()
        bounded(given(strategy)(ask))()
    assert len(seen) == len(operations)
    assert "Traceback" not in "".join(everything.log)
