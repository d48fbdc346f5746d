"""No request makes a server call another: a listener counts who comes.

Updates have tests of their own beside those of what updates do, shapes beside those of validation.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.server.server_process import TOKEN, Server, running_with_token

pytestmark = pytest.mark.server

TRICKS = [
    # {url} is the listener's.
    "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "select*{{service<{url}>{{?s ?p ?o}}}}",
    "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
    "BASE <{url}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "BASE <{url}/a/b> SELECT * {{ SERVICE <../sparql> {{ ?s ?p ?o }} }}",
    "PREFIX s: <{url}> SELECT * {{ SERVICE s: {{ ?s ?p ?o }} }}",
    "PREFIX SERVICE: <{url}> SELECT * {{ SERVICE SERVICE: {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND(<{url}> AS ?host) SERVICE ?host {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?host {{ <{url}> }} SERVICE SILENT $host {{ ?s ?p ?o }} }}",
    "SELECT * {{ {{ SELECT (IRI(CONCAT('{url}','')) AS ?host) {{}} }} SERVICE ?host {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE ?host {{ ?s ?p ?o }} }} VALUES ?host {{ <{url}> }}",
    "SELECT * {{ {{ SELECT * {{ {{ SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }} }} }}",
    "SELECT (EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} AS ?there) {{}}",
    "ASK {{ FILTER NOT EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "ASK {{ BIND(IF(EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }}, 1, 2) AS ?x) }}",
    "SELECT * {{ ?s ?p ?o }} GROUP BY ?s HAVING (EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }})",
    "SELECT ?s {{ ?s ?p ?o }} ORDER BY (EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }})",
    "SELECT * {{ OPTIONAL {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ ?s ?p ?o MINUS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ {{}} UNION {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ GRAPH <urn:g> {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ SERVICE <urn:nobody> {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ LATERAL {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{url}>",
    "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    # What the parsers could read differently: escapes, comments, strings, operators that look like IRIs.
    "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERV\\U00000049CE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u005Cu0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ # \\u000A SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ # SERVICE\r SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ # \u2028 SERVICE <{url}> {{ ?s ?p ?o }} \n }}",
    "SELECT * {{ SERVICE#\n<{url}>#\n{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p '''\\''' . SERVICE <{url}> {{ ?s ?p ''' }} }}",
    'SELECT * {{ ?s ?p "\\\\" . SERVICE <{url}> {{ ?s ?p ?o }} # " }}',
    "SELECT * {{ FILTER(?a<?b) SERVICE <{url}> {{ ?s ?p ?o }} FILTER(?a>?b) }}",
    "SELECT * {{ FILTER(1<2&&'>'='>') SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p ?o.SERVICE<{url}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ \u017fERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE\ufeff <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE\u00a0<{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE\x0b<{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SER\x00VICE <{url}> {{ ?s ?p ?o }} }}",
    # Updates where a query is expected.
    "LOAD <{url}>",
    "SELECT * {{}} ; LOAD <{url}>",
    "ASK {{}} LOAD SILENT <{url}> INTO GRAPH <urn:g>",
]


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[object]]]:
    """The address of somebody who answers nothing, and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def count() -> None:
            while True:
                try:
                    connection, address = listening.accept()
                except OSError:
                    return
                came.append(address)
                connection.close()

        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture(scope="module", params=[(), ("sparql.example.org", "127.0.0.1:9")], ids=["none", "others"])
def asked(request: pytest.FixtureRequest, served_store: Path) -> Iterator[Server]:
    """A server that asks nobody, and one that may ask others than the listener. Nothing is changed in the store."""
    with running_with_token(served_store, allow_service=request.param, workers=2, timeout=10) as server:
        yield server


WAYS: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
    "GET": lambda client, text: client.get(f"/sparql?query={quote(text)}"),
    "form": lambda client, text: client.post("/sparql", data={"query": text}),
    "direct": lambda client, text: client.post(
        "/sparql", content=text.encode(), headers={"Content-Type": "application/sparql-query"}
    ),
    "QUERY": lambda client, text: client.request(
        "QUERY", "/sparql/", content=text.encode(), headers={"Content-Type": "application/sparql-query"}
    ),
}


def test_no_query_reaches_another_host(asked: Server, listener: tuple[str, list[object]]) -> None:
    url, came = listener
    ways = list(WAYS.values())
    with asked.client() as client:
        for number, trick in enumerate(TRICKS):
            text = trick.format(url=url)
            # Each way in turn: what a query may do is decided behind all of them, in one place.
            answer = ways[number % len(ways)](client, text)
            # Names of graphs that are not there, and a comment that only ends at the end of the line.
            harmless = any(part in text for part in ("DESCRIBE <", " FROM ", "# \u2028"))
            assert answer.status_code == 200 if harmless else answer.status_code in (400, 403), (text, answer.text)
            if harmless:
                assert url not in answer.text
        for way in ways:
            assert way(client, TRICKS[0].format(url=url)).status_code == 403
    assert not came


def test_an_allowed_list_is_no_way_around(asked: Server, listener: tuple[str, list[object]]) -> None:
    url, came = listener
    port = url.rpartition(":")[2]
    with asked.client() as client:
        for other in (
            f"http://localhost:{port}/",
            f"http://127.1:{port}/",
            f"http://2130706433:{port}/",
            f"http://[::ffff:127.0.0.1]:{port}/",
            f"http://sparql.example.org:{port}/",
            f"http://sparql.example.org@127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}#@sparql.example.org/",
            f"http://127.0.0.1:{port}/?http://sparql.example.org/",
            f"http://127.0.0.1:9@127.0.0.1:{port}/",
            f"HTTP://127.0.0.1:{port}/",
            f"ftp://127.0.0.1:{port}/",
            "file:///etc/passwd",
        ):
            answer = client.post("/sparql", data={"query": f"SELECT * {{ SERVICE SILENT <{other}> {{ ?s ?p ?o }} }}"})
            assert answer.status_code == 403, other
        # Changes ask nobody, whom ever queries may ask.
        for allowed in ("http://127.0.0.1:9/", "https://sparql.example.org/", url):
            update = f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{allowed}> {{ ?s ?p ?o }} }}"
            told = {"Authorization": f"Bearer {TOKEN}"}
            assert client.post("/update", data={"update": update}, headers=told).status_code == 403
    assert not came


def test_no_parameter_is_fetched(asked: Server, listener: tuple[str, list[object]]) -> None:
    url, came = listener
    told = {"Authorization": f"Bearer {TOKEN}"}
    with asked.client() as client:
        for parameter in ("default-graph-uri", "named-graph-uri"):
            everything = {"query": "ASK { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", parameter: url}
            assert client.get("/sparql", params=everything).json()["boolean"] is False
        for parameter in ("using-graph-uri", "using-named-graph-uri"):
            # Stopped before it could be published: the store is everybody's.
            sent = {"update": "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", parameter: url, "timeout": "0.000001"}
            assert client.post("/update", data=sent, headers=told).status_code in (503, 504)
        for name in ("endpoint", "service", "graph", "store", "url", "shapes"):
            client.get("/queries/conditions-without-link?" + urlencode({name: url}))
            client.get("/sparql?" + urlencode({"query": "ASK {}", name: url}))
        described = client.get("/openapi.json").json()["paths"]
        for path, operations in described.items():
            if path.startswith("/queries/"):
                names = [one["name"] for one in operations["get"]["parameters"]]
                values = {name: f"{url}> {{}} SERVICE <{url}" for name in names if name not in ("format", "timeout")}
                assert client.get(path, params=values).status_code in (200, 400)
                assert client.get(path, params=dict.fromkeys(values, url)).status_code in (200, 400)
        assert client.get("/graphs", params={"graph": url}).status_code == 404
        assert client.get("/trial", params={"id": url}, follow_redirects=False).status_code == 400
        for header in ("Host", "X-Forwarded-Host", "Forwarded", "Origin", "Referer", "Profile", "Link"):
            client.get("/sparql", headers={header: url.removeprefix("http://")})
    assert not came
