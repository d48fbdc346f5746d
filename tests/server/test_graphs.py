"""The Graph Store Protocol beyond what the W3C's tests ask: names, formats, patches, what is refused."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import rdflib

from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, Server, fill, running_with_token

pytestmark = pytest.mark.server

TURTLE = {"Content-Type": "text/turtle"}
NAMED_WITHIN = b'{"@id": "urn:x", "@graph": [{"@id": "urn:a", "urn:b": 1}]}'
UPDATE = {"Content-Type": "application/sparql-update"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Path:
    directory = tmp_path_factory.mktemp("graphs") / "store"
    fill(directory, studies)
    return directory


def number(store: Path) -> int:
    return StoreDirectory(store).newest().number


def statements(client: httpx.Client, target: str) -> set[tuple[str, str, str]]:
    answer = client.get(target, headers={"Accept": "application/n-triples"}).raise_for_status()
    return {(str(s), str(p), str(o)) for s, p, o in rdflib.Graph().parse(data=answer.text, format="nt")}


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/turtle", b"<#it> <urn:p> '\xc3\xa9' ."),
        ("application/n-triples", b"<urn:g:it> <urn:p> '\xc3\xa9' ."),
        ("application/ld+json", '{"@id": "urn:g:it", "urn:p": "é"}'.encode()),
        (
            "application/rdf+xml",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<r:Description r:about="urn:g:it"><u:p>é</u:p></r:Description></r:RDF>'.encode(),
        ),
    ],
)
def test_a_graph_in_each_form(writer: httpx.Client, media_type: str, body: bytes) -> None:
    if media_type == "application/n-triples":
        body = body.replace(b"'", b'"')
    answer = writer.put("/graphs?graph=urn:g", content=body, headers={"Content-Type": media_type})
    assert answer.status_code in (201, 204), answer.text
    [(_, predicate, value)] = statements(writer, "/graphs?graph=urn:g")
    assert (predicate, value) == ("urn:p", "é")
    for form in ("ttl", "nt", "jsonld", "rdf", "trig", "nq"):
        assert "urn:p" in writer.get(f"/graphs?graph=urn:g&format={form}").text or form == "rdf"
    assert writer.get("/graphs?graph=urn:g", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        ("PUT", "/graphs?graph=urn:n", TURTLE, b"<urn:a> <urn:b>", 400),
        ("PUT", "/graphs?graph=urn:n", TURTLE, b"<urn:a> <urn:b> '\xff' .", 400),
        ("PUT", "/graphs?graph=urn:n", {"Content-Type": "text/turtle; charset=latin-1"}, b"", 415),
        ("PUT", "/graphs?graph=urn:n", {**TURTLE, "Content-Encoding": "gzip"}, b"", 415),
        ("PUT", "/graphs?graph=urn:n", {}, b"", 415),
        ("PUT", "/graphs?graph=urn:n", {"Content-Type": "application/trig"}, b"", 415),
        ("PUT", "/graphs?graph=urn:n", {"Content-Type": "application/n-quads"}, b"", 415),
        ("PUT", "/graphs?graph=urn:n", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ("POST", "/graphs?graph=urn:n", {"Content-Type": "multipart/form-data"}, b"--x--", 400),
        ("POST", "/graphs?graph=urn:n", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nContent-D", 400),
        ("PUT", "/graphs?graph=urn:n", {"Content-Type": "application/ld+json"}, NAMED_WITHIN, 400),
        ("PUT", "/graphs", TURTLE, b"", 400),
        ("DELETE", "/graphs", {}, b"", 400),
        ("DELETE", "/graphs?graph=urn:none", {}, b"", 404),
        ("PATCH", "/graphs?graph=urn:n", TURTLE, b"", 415),
        ("PATCH", "/graphs?graph=urn:n", UPDATE, b"INSERT", 400),
        ("PATCH", "/graphs?graph=urn:n", UPDATE, b"INSERT DATA { GRAPH <urn:m> { <urn:a> <urn:b> 1 } }", 422),
        ("PATCH", "/graphs?default", UPDATE, b"INSERT DATA { GRAPH <urn:m> { <urn:a> <urn:b> 1 } }", 422),
        ("PATCH", "/graphs?default", UPDATE, b"DROP ALL", 422),
        ("PATCH", "/graphs?default", UPDATE, b"WITH <urn:m> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", 422),
    ],
)
def test_a_change_that_fails_changes_nothing(
    writer: httpx.Client, store: Path, method: str, target: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    before = number(store)
    answer = writer.request(method, target, headers=headers, content=body)
    assert answer.status_code == status, answer.text
    assert number(store) == before
    assert writer.get("/graphs?graph=urn:n").status_code == 404


NAMES = [
    "urn:x> } ; DROP ALL #",
    "urn:x>",
    "http://x/{y}",
    'http://x/"',
    "http://x/ y",
    "http://x/\\u003e",
    "http://x/\n",
    "relative",
    "//x/y",
    "",
    "file with spaces",
    "../../etc/passwd",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_name_that_is_no_iri_is_refused(writer: httpx.Client, store: Path, method: str, name: str) -> None:
    before = number(store)
    content = b"<urn:a> <urn:b> 1 ." if method == "PUT" else None
    answer = writer.request(method, f"/graphs?graph={quote(name, safe='')}", headers=TURTLE, content=content)
    assert answer.status_code == 400, answer.text
    assert number(store) == before


@pytest.mark.parametrize("name", ["file:///etc/passwd", "http://127.0.0.1:1/x", "urn:drop%20all", "tag:x'y;--"])
def test_a_name_is_a_name_and_nothing_is_fetched_or_read(writer: httpx.Client, name: str) -> None:
    target = f"/graphs?graph={quote(name, safe='')}"
    assert writer.get(target).status_code == 404
    assert writer.put(target, content=b"<urn:a> <urn:b> 1 .", headers=TURTLE).status_code == 201
    assert statements(writer, target) == {("urn:a", "urn:b", "1")}
    assert writer.delete(target).status_code == 204
    assert writer.get(target).status_code == 404


@pytest.mark.parametrize(
    "path", ["/graphs/../../etc/passwd", "/graphs/..", "/graphs/x/./y", "/graphs/%2e%2e/x", "/graphs/x/%2E./y"]
)
def test_a_path_does_not_lead_out(open_server: Server, store: Path, path: str) -> None:
    before, files = number(store), {entry.name for entry in store.parent.iterdir()}
    host, port = open_server.url.removeprefix("http://").split(":")
    # A client of this level sends the path as it is.
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(
            f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: text/turtle\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert number(store) == before
    assert {entry.name for entry in store.parent.iterdir()} == files


def test_half_a_document_is_none(writer: httpx.Client, store: Path) -> None:
    before = number(store)
    whole = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">\n'
        '<r:Description r:about="urn:x"><u:p>1</u:p></r:Description></r:RDF>'
    )
    for end in (len(whole) - 1, len(whole) - 10, whole.index("</u:p>"), 0):
        told = {"Content-Type": "application/rdf+xml"}
        answer = writer.put("/graphs?graph=urn:half", content=whole[:end], headers=told)
        assert (answer.status_code, "line" in answer.json()) == (400, True)
    assert number(store) == before


def test_what_a_graph_names_elsewhere_is_not_fetched(writer: httpx.Client, store: Path) -> None:
    before = number(store)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/context.json"
        content = f'{{"@context": "{url}", "@id": "urn:a", "name": "b"}}'
        answer = writer.put("/graphs?graph=urn:n", content=content, headers={"Content-Type": "application/ld+json"})
        assert answer.status_code == 400
        entity = (
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns:u="urn:"><r:Description r:about="urn:x"><u:p>&e;</u:p></r:Description></r:RDF>'
        )
        answer = writer.put("/graphs?graph=urn:n", content=entity, headers={"Content-Type": "application/rdf+xml"})
        assert answer.status_code == 400
        listening.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listening.accept()
    assert number(store) == before


def test_a_patch_changes_one_graph(writer: httpx.Client) -> None:
    target = "/graphs?graph=urn:patch"
    default = statements(writer, "/graphs?default")
    made = writer.patch(target, content="INSERT DATA { <urn:a> <urn:b> 1, 2, [] }", headers=UPDATE)
    assert made.status_code == 201
    text = "DELETE { ?s ?p 1 } INSERT { ?s ?p 3 } WHERE { ?s ?p 1 }"
    assert writer.patch(target, content=text, headers=UPDATE).status_code == 204
    values = {value for _, _, value in statements(writer, target)}
    assert {"2", "3"} < values
    assert "1" not in values
    assert len(values) == 3
    assert statements(writer, "/graphs?default") == default
    added = writer.patch("/graphs?default", content="INSERT DATA { <urn:a> <urn:b> 4 }", headers=UPDATE)
    assert added.status_code == 204
    assert statements(writer, "/graphs?default") - default == {("urn:a", "urn:b", "4")}


def test_blank_nodes_of_two_posts_stay_apart(writer: httpx.Client) -> None:
    for _ in range(2):
        answer = writer.post("/graphs?graph=urn:blank", content=b"_:x <urn:b> 1 .", headers=TURTLE)
        assert answer.status_code in (201, 204)
    assert len(statements(writer, "/graphs?graph=urn:blank")) == 2


def test_an_empty_graph_is_there(writer: httpx.Client, open_server: Server) -> None:
    target = "/graphs/empty%20one"
    assert writer.put(target, content=b"", headers=TURTLE).status_code == 201
    assert statements(writer, target) == set()
    listed = writer.get("/sparql", params={"format": "ttl"}).text
    assert f"<{open_server.url}/graphs/empty%20one>" in listed
    assert writer.delete(target).status_code == 204
    assert writer.head(target).status_code == 404


def test_a_form_of_files(writer: httpx.Client) -> None:
    files = [
        ("one", ("a.ttl", b"<#a> <urn:b> 1 .", "application/octet-stream")),
        ("two", ("b.nt", b"<urn:a> <urn:b> <urn:c> .", "application/n-triples")),
    ]
    assert writer.post("/graphs?graph=http://x/g", files=files).status_code == 201
    assert statements(writer, "/graphs?graph=http://x/g") == {
        ("http://x/g#a", "urn:b", "1"),
        ("urn:a", "urn:b", "urn:c"),
    }
    odd = writer.post("/graphs?graph=http://x/g", files=[("one", ("a.csv", b"1,2", "text/csv"))])
    assert odd.status_code == 415


def test_the_default_graph_is_replaced_and_emptied(tmp_path: Path, studies: str) -> None:
    store = tmp_path / "store"
    fill(store, studies)
    with running_with_token(store) as server, server.client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.put("/graphs?default", content=b"<urn:a> <urn:b> 1 .", headers=TURTLE).status_code == 204
        assert statements(client, "/graphs?default") == {("urn:a", "urn:b", "1")}
        assert client.delete("/graphs?default").status_code == 204
        assert statements(client, "/graphs?default") == set()
        assert client.get("/health").json()["triples"] == 0
