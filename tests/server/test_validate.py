"""``POST /validate``: reports, refusals, and shapes that mean no good while others ask queries."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from rdflib import RDF, SH, Graph

from kg.config import LIMITS
from kg.server.multipart import Part, read_parts
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.validators import Validation, Validators
from kg.validation import ShapesDocument, validate
from tests.server.server_process import Server, running
from tests.validation.hostile import ENDLESS, PREFIX, RECURSIVE, REFUSED, arm_shape

VALID = (Path(__file__).parents[1] / "validation" / "valid-study.ttl").read_bytes()
POINT = "SELECT ?t { <https://w3id.org/trialkg/trial/NCT99999902> <http://purl.org/dc/terms/title> ?t }"
ARM = "https://w3id.org/trialkg/trial/NCT99999901/arm/1"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
BAD = f"<{ARM}> <{TYPE}> <https://w3id.org/trialkg/vocab#Arm> .\n".encode()
# What the endless shapes look at for ever.
FOOD = (
    f'<{ARM}> a <https://w3id.org/trialkg/vocab#Arm> ; <http://purl.org/dc/terms/title> "{"a" * 60}!" ; <urn:p> '
    f"{', '.join(map(str, range(60)))} .\n"
).encode()
DOSE = arm_shape('sh:property [ sh:path tkg:dose ; sh:minCount 1 ; sh:message "<b>Dose!</b>" ]')
TURTLE = {"Content-Type": "text/turtle"}
FORM = "multipart/form-data; boundary=x"
EMPTY_PART = b"--x\r\nContent-Disposition: form-data; name=data\r\n\r\n\r\n"
OWL = "http://www.w3.org/2002/07/owl#"
WAIT = 15.0


def eventually(true: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def form(data: bytes, shapes: str | bytes | None = None, **parameters: str) -> dict[str, Any]:
    """What httpx sends as a form with files."""
    files: dict[str, Any] = {"data": ("data.ttl", data, "text/turtle")}
    if shapes is not None:
        files["shapes"] = ("shapes.ttl", shapes if isinstance(shapes, bytes) else shapes.encode(), "text/turtle")
    return {"files": files, "params": parameters}


def busy(client: httpx.Client) -> int:
    return int(client.get("/health").json()["validations"]["busy"])


pytestmark = pytest.mark.server


def test_a_report_of_our_shapes(client: httpx.Client) -> None:
    good = client.post("/validate", content=VALID, headers=TURTLE)
    assert (good.status_code, good.json()["conforms"], good.json()["studies"]) == (200, True, 1)
    bad = client.post("/validate", content=BAD, headers={"Content-Type": "application/n-triples"})
    assert bad.status_code == 200
    assert bad.headers["content-type"] == "application/json"
    assert bad.headers["cache-control"] == "no-store"
    assert bad.headers["content-security-policy"].startswith("default-src 'none'")
    report = bad.json()
    assert report["conforms"] is False
    assert report == json.loads(validate(Graph().parse(data=BAD, format="nt")).json())


def test_a_report_of_other_shapes(client: httpx.Client) -> None:
    (result,) = client.post("/validate", **form(BAD, DOSE)).json()["results"]
    assert (result["sourceShape"], result["focus"]) == ("https://example.org/Arm", ARM)
    assert result["message"] == "<b>Dose!</b>"


def test_blank_data_conforms(client: httpx.Client) -> None:
    for content in (b"", b"# nothing\n", b"\xef\xbb\xbf"):
        report = client.post("/validate", content=content, headers=TURTLE).json()
        assert (report["conforms"], report["studies"], report["results"]) == (True, 0, [])
    assert client.post("/validate", **form(b"", DOSE)).json()["conforms"]


@pytest.mark.parametrize(
    ("accept", "name", "media_type"),
    [
        ("*/*", "", "application/json"),
        ("text/turtle", "", "text/turtle; charset=utf-8"),
        ("text/plain", "", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "", "application/json"),
        ("text/turtle", "json", "application/json"),
        ("application/json", "ttl", "text/turtle; charset=utf-8"),
        ("application/json", "text", "text/plain; charset=utf-8"),
    ],
)
def test_formats(client: httpx.Client, accept: str, name: str, media_type: str) -> None:
    parameters = {"format": name} if name else {}
    answer = client.post("/validate", content=BAD, headers={**TURTLE, "Accept": accept}, params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    if media_type.startswith("text/turtle"):
        assert (None, RDF.type, SH.ValidationReport) in Graph().parse(data=answer.text)
    elif media_type.startswith("text/plain"):
        assert answer.text.endswith("does not conform.")


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/turtle; charset=UTF-8", BAD),
        ("application/n-triples", BAD),
        ("text/plain", BAD),
        ("application/trig", b"<urn:g> { " + BAD + b" }"),
        ("application/n-quads", BAD.replace(b" .\n", b" <urn:g> .\n")),
    ],
)
def test_forms_of_data(client: httpx.Client, media_type: str, content: bytes) -> None:
    alone = client.post("/validate", content=content, headers={"Content-Type": media_type})
    assert alone.json()["counts"]["Violation"] > 0
    files: dict[str, Any] = {"data": ("file", content, media_type)}
    files["shapes"] = ("own.nt", DOSE, "application/octet-stream")
    if media_type != "text/plain":
        assert len(client.post("/validate", files=files).json()["results"]) == 1


def test_a_part_without_a_type_goes_by_its_name(client: httpx.Client) -> None:
    quads = BAD.replace(b" .\n", b" <urn:g> .\n")
    for filename, content, status in (("a.nq", quads, 200), ("a.ttl", BAD, 200), ("", BAD, 200), ("a", quads, 400)):
        disposition = f'form-data; name="data"; filename="{filename}"' if filename else 'form-data; name="data"'
        body = b"--x\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n--x--\r\n"
        answer = client.post("/validate", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert answer.status_code == status, filename


def test_html_in_literals_stays_text(client: httpx.Client) -> None:
    data = f'<{ARM}> a <https://w3id.org/trialkg/vocab#Arm> ; <urn:x> "<script>alert(1)</script>" .'.encode()
    shapes = arm_shape('sh:property [ sh:path <urn:x> ; sh:maxLength 1 ; sh:message "<script>2</script>" ]')
    for name in ("json", "ttl", "text"):
        answer = client.post("/validate", **form(data, shapes, format=name), headers={"Accept": "text/html"})
        assert "<script>" in answer.text
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
    broken = b'<urn:a> "<script>alert(1)</script>" <urn:b> .'
    page = client.post("/validate", content=broken, headers={**TURTLE, "Accept": "text/html,*/*;q=0.1"})
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"<urn:a>\n<urn:b> .", 2, "data:2: "),
        (b"<urn:a> <urn:b> [\n\n", 3, "breaks off too early"),
        (VALID[: len(VALID) // 2], None, "data:"),
        (b"<urn:a> <urn:b> '\xff' .", None, "byte 17 is not UTF-8"),
        ("<urn:a> <urn:b> <urn:c> .".encode("utf-16"), None, "byte 0 is not UTF-8"),
        (b"<urn:a> <urn:b> <urn:c>\x00 .", 1, "data:1: "),
        (b"( " * 10_000, 1, "breaks off too early"),
        (b"<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", None, "no term of RDF 1.1"),
    ],
)
def test_data_that_does_not_parse(client: httpx.Client, content: bytes, line: int | None, reason: str) -> None:
    for answer in (
        client.post("/validate", content=content, headers=TURTLE),
        client.post("/validate", **form(content)),
    ):
        assert answer.status_code == 400
        problem = answer.json()
        assert reason in problem["detail"]
        assert line is None or problem["line"] == line


@pytest.mark.parametrize(
    ("shapes", "line", "reason"),
    [
        (PREFIX + "ex:Arm a sh:NodeShape ; .. ", 3, "shapes:3: "),
        (DOSE[:-20], 3, "breaks off too early"),
        ("", None, "no shape with a target"),
        (b"\xfe\xff\x00a", None, "shapes: byte 0 is not UTF-8"),
        (arm_shape('sh:sparql [ sh:select "SELECT {" ]'), None, "not SPARQL"),
        (arm_shape('sh:property [ sh:path tkg:use ; sh:pattern "(" ]'), None, "cannot be evaluated"),
        (PREFIX + "[a sh:NodeShape].\n" * 60_000, None, "more than 50,000 statements"),
        (arm_shape("sh:not [ " * 2_000 + 'sh:pattern "x"' + " ]" * 2_000), None, "shapes: "),
        *((text, None, "recursive shapes") for text in RECURSIVE.values()),
        *((text, None, "shapes: ") for text in REFUSED.values()),
    ],
)
def test_shapes_that_are_not_taken(client: httpx.Client, shapes: str | bytes, line: int | None, reason: str) -> None:
    answer = client.post("/validate", **form(FOOD, shapes))
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert reason in problem["detail"]
    assert problem.get("line") == line
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/ld+json", 415),
        (b"<rdf/>", "application/rdf+xml", 415),
        (b"data=1", "application/x-www-form-urlencoded", 415),
        (b"", "", 415),
        (b"", "text/turtle; charset=latin-1", 415),
        (b"", "text/turtle;" + "x" * 2000, 415),
        (b"x" * (LIMITS.validation_bytes + 1), "text/turtle", 413),
        (b"--x--", "multipart/form-data", 400),
        (b"--x--", "multipart/form-data; boundary=" + "x" * 200, 400),
        (b"--x--", FORM, 400),
        (b"", FORM, 400),
        (b"--x\r\nno head", FORM, 400),
        (b"--x\r\n\r\n\r\n--x--", FORM, 400),
        (b"--x\r\nContent-Disposition: form-data; name=data\r\n\r\nbreaks off", FORM, 400),
        (EMPTY_PART.replace(b"=data", b"=other") + b"--x--", FORM, 400),
        (b"--x\r\nA: " + b"a" * 9000 + b"\r\n\r\n\r\n--x--", FORM, 400),
        (EMPTY_PART * 2 + b"--x--", FORM, 400),
        (EMPTY_PART * 50 + b"--x--", FORM, 400),
        (EMPTY_PART, FORM, 400),
        (EMPTY_PART + b"--x-", FORM, 400),
        ((EMPTY_PART + b"--x--").replace(b"\r\n", b"\n"), FORM, 400),
        (EMPTY_PART.replace(b"form-data", b"attachment") + b"--x--", FORM, 400),
    ],
)
def test_bodies_that_are_not_taken(client: httpx.Client, content: bytes, content_type: str, status: int) -> None:
    answer = client.post("/validate", content=content, headers={"Content-Type": content_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("parameters", "name", "filename"),
    [
        (b"name=data", "data", ""),
        (b'NAME = "data" ; filename=a.nq', "data", "a.nq"),
        (b'name="a;b=\\"c\\\\d"; filename="e;\\".nq"', 'a;b="c\\d', 'e;".nq'),
        ('name="größe"; filename="\U0001d539.nq"'.encode(), "größe", "\U0001d539.nq"),
        (b'name="\xff"', "\ufffd", ""),
        # What RFC 7578, section 4.2, says not to use counts for nothing.
        (b"name=data; filename*=UTF-8''a.nq", "data", ""),
        (b"name=data; filename*=UTF-8''a.nq; filename=a.ttl", "data", "a.ttl"),
    ],
)
def test_names_in_a_form(parameters: bytes, name: str, filename: str) -> None:
    body = b"--x\r\nA:\r\nContent-Disposition: Form-Data; " + parameters + b"\r\n\r\n\r\n\r\n--x--"
    assert read_parts(FORM, body) == [Part(name, None, filename, b"\r\n")]


def test_contents_of_a_form() -> None:
    contents = [b"", b"a\nb\r\nc\r", b"--x", b"\r\n--", b"\r\n--y--", b"\x00\xff" * 9]
    head = b'--x y\r\nContent-Type: a/b\r\nContent-Disposition: form-data; name="%d"\r\n\r\n'
    body = b"".join(head % number + content + b"\r\n" for number, content in enumerate(contents))
    parts = read_parts('multipart/form-data; charset=utf-8; boundary="x y"', body + b"--x y--\r\nno matter")
    assert parts == [Part(str(number), "a/b", "", content) for number, content in enumerate(contents)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (EMPTY_PART * 21 + b"--x--", "more than 20 parts"),
        (EMPTY_PART * 20, "its last boundary is missing"),
        (b"--x\r\n\r\ntext\r\n--x--", "no name"),
        (b"--x\r\n\r\n\r\n--x--", "no name"),
        (EMPTY_PART.replace(b"name=data", b"title=data") + b"--x--", "no name"),
        (b"--x\r\n" + b"A: %s\r\n" % (b"a" * 1500) * 3 + b"\r\n\r\n--x--", "more than 4096 bytes"),
        (b"--x\r\nA: " + b"a" * 4097 + b"\r\n\r\n\r\n--x--", "cannot be read at byte"),
        (b"--x\nContent-Disposition: form-data; name=data\n\n\n--x--\n", "cannot be read at byte 3"),
        (b"--x\r\nContent-Disposition: form-data; name=data\n\n\r\n--x--", "breaks off"),
    ],
)
def test_forms_that_cannot_be_read(body: bytes, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Problem, match=reason) as refused:
        read_parts(FORM, body)
    assert refused.value.status == 400
    assert not caplog.records


def test_a_form_full_of_boundaries_keeps_nobody_waiting(client: httpx.Client, server: Server) -> None:
    body = EMPTY_PART + b"\r\n--x-a" * 2**18

    def post() -> float:
        with server.client() as sender:
            start = time.monotonic()
            answer = sender.post("/validate", content=body, headers={"Content-Type": FORM})
            assert "its last boundary is missing" in answer.json()["detail"]
            return time.monotonic() - start

    with ThreadPoolExecutor(1) as other:
        posting = other.submit(post)
        waits = []
        while not posting.done():
            start = time.monotonic()
            client.get("/health")
            waits.append(time.monotonic() - start)
    assert max(waits) < posting.result() / 2


def test_parts_that_are_not_taken(client: httpx.Client) -> None:
    data = ("a", b"", "text/turtle")
    assert client.post("/validate", files={"data": ("a", b"", "application/json")}).status_code == 415
    assert client.post("/validate", files={"data": data, "shapes": ("a", b"", "application/trig")}).status_code == 415
    assert client.post("/validate", files={"data": ("a", b"", "text/turtle; charset=utf-16")}).status_code == 415
    long = form(b"", b"#" * (LIMITS.shapes_bytes + 1))
    assert "shapes are longer" in client.post("/validate", **long).json()["detail"]
    assert client.post("/validate", **long).status_code == 413
    huge = form(b"", b"#" * 2 * LIMITS.validation_bytes)
    assert client.post("/validate", **huge).status_code == 413


def test_other_ways_to_ask(client: httpx.Client) -> None:
    assert client.get("/validate").status_code == 405
    options = client.options("/validate")
    assert (options.status_code, options.headers["allow"]) == (204, "POST, OPTIONS")
    assert "text/turtle" in options.headers["accept-post"]
    for parameters, status in (
        ({"format": "pdf"}, 400),
        ({"shapes": "http://127.0.0.1:9/"}, 400),
        ({"timeout": "never"}, 400),
        ({"timeout": "0"}, 400),
    ):
        assert client.post("/validate", content=b"", headers=TURTLE, params=parameters).status_code == status
    nothing = {**TURTLE, "Accept": "image/png"}
    assert client.post("/validate", content=b"", headers=nothing).status_code == 406
    compressed = {**TURTLE, "Content-Encoding": "gzip"}
    assert client.post("/validate", content=b"", headers=compressed).status_code == 415


def test_it_is_in_openapi(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/validate"]["post"]
    assert {"text/turtle", "multipart/form-data"} <= operation["requestBody"]["content"].keys()
    assert operation["responses"]["200"]["content"].keys() == {"application/json", "text/turtle", "text/plain"}


def test_nothing_is_fetched(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        imports = f"<urn:o> a <{OWL}Ontology> ; <{OWL}imports> <{address}/> ."
        graph = f"<urn:o> <http://www.w3.org/ns/shacl#shapesGraph> <{address}/shapes.ttl> ."
        assert client.post("/validate", **form((imports + graph).encode(), DOSE + imports)).status_code == 200
        hostile = arm_shape(f'sh:sparql [ sh:select "SELECT $this {{ SERVICE <{address}> {{ $this ?p ?o }} }}" ]')
        refused = client.post("/validate", **form(BAD, hostile))
        assert (refused.status_code, "SERVICE is not allowed" in refused.text) == (400, True)
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("shapes", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_never_ends_is_stopped(client: httpx.Client, server: Server, shapes: str) -> None:
    before = server.children()
    answer = client.post("/validate", **form(FOOD, shapes, timeout="0.5"))
    assert answer.status_code == 504
    assert "stopped after 0.5 s" in answer.json()["detail"]
    eventually(lambda: server.children() <= before)


@pytest.mark.slow
def test_queries_are_answered_meanwhile(served_store: Path) -> None:
    with running(served_store, workers=2, timeout=4) as server, ThreadPoolExecutor(6) as others:
        workers = server.children()

        def attack(shapes: str) -> int:
            with server.client() as client:
                return client.post("/validate", **form(FOOD, shapes)).status_code

        with server.client() as client:
            attacks = [others.submit(attack, shapes) for shapes in [*ENDLESS.values(), "", RECURSIVE["three"]]]
            eventually(lambda: busy(client) > 0)
            asked = 0
            while not all(one.done() for one in attacks):
                assert client.get("/sparql", params={"query": POINT}).status_code == 200
                asked += 1
            assert [one.result() for one in attacks] == [504] * len(ENDLESS) + [400, 400]
            assert asked > 10
            assert busy(client) == 0
            assert client.post("/validate", content=BAD, headers=TURTLE).status_code == 200
        # The query processes are the same, and there is no other.
        assert server.children() == workers
        assert "Traceback" not in "".join(server.log)


def test_a_client_that_goes_frees_the_process(served_store: Path) -> None:
    with running(served_store, workers=1) as server, server.client() as client:
        workers = server.children()
        with server.client() as impatient, pytest.raises(httpx.ReadTimeout):
            impatient.post("/validate", **form(FOOD, ENDLESS["cross join"]), timeout=1)
        eventually(lambda: busy(client) == 0)
        eventually(lambda: server.children() == workers)


def test_a_body_that_breaks_off_holds_nothing(served_store: Path) -> None:
    with running(served_store, workers=1) as server, server.client() as client:
        host, port = server.url.removeprefix("http://").split(":")
        for head in ("Content-Length: 100", "Transfer-Encoding: chunked"):
            with socket.create_connection((host, int(port))) as connection:
                lines = ["POST /validate HTTP/1.1", "Host: x", "Content-Type: text/turtle", head, "", "5", "<urn:"]
                connection.sendall("\r\n".join(lines).encode())
                eventually(lambda: busy(client) == 1)
            eventually(lambda: busy(client) == 0)
        assert client.post("/validate", content=BAD, headers=TURTLE).status_code == 200


def test_a_body_of_unknown_length_is_cut(client: httpx.Client) -> None:
    pieces = (b"#" * 2**20 for _ in range(2 * LIMITS.validation_bytes // 2**20))
    assert client.post("/validate", content=pieces, headers=TURTLE).status_code == 413
    assert busy(client) == 0


def test_a_server_that_stops_stops_validations(served_store: Path) -> None:
    with running(served_store, workers=1) as server, ThreadPoolExecutor(1) as other, server.client() as client:
        asking = other.submit(client.post, "/validate", **form(FOOD, ENDLESS["pattern"]))
        with server.client() as second:
            eventually(lambda: busy(second) == 1)
        eventually(lambda: len(server.children()) == 2)
        children = server.children()
        server.process.terminate()
        assert server.process.wait(WAIT) == 0
        assert asking.result(WAIT).status_code == 503
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    assert "Traceback" not in "".join(server.log)


def asked(shapes: str, seconds: float = 20) -> Validation:
    document = ShapesDocument(shapes.encode(), "shapes")
    return Validation(FOOD, "text/turtle", document, "http://x/", "json", seconds)


def test_the_queue_is_bounded() -> None:
    async def run() -> None:
        validators = Validators(ServerSettings(workers=1, validations=1, waiting=1, waiting_seconds=0.2))
        async with validators.place():
            waiting = asyncio.ensure_future(validators.place().__aenter__())
            await asyncio.sleep(0)
            assert (validators.busy, validators.waiting) == (1, 1)
            with pytest.raises(Problem) as refused:
                await validators.place().__aenter__()
            assert (refused.value.status, "Retry-After" in refused.value.headers) == (429, True)
            with pytest.raises(Problem) as late:
                await waiting
            assert late.value.status == 503
        assert (validators.busy, validators.waiting) == (0, 0)
        await validators.stop()

    asyncio.run(run())


def test_memory_and_what_comes_after() -> None:
    async def run() -> None:
        validators = Validators(ServerSettings(workers=1, validations=1, validation_memory=48 * 2**20))
        query = "SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?i"
        with pytest.raises(Problem) as much:
            await validators.report(asked(arm_shape(f'sh:sparql [ sh:select "{query}" ]')))
        assert (much.value.status, "memory" in much.value.detail or "MiB" in much.value.detail) == (503, True)
        assert json.loads(await validators.report(asked(DOSE)))["conforms"] is False
        stopped = asyncio.ensure_future(validators.report(asked(ENDLESS["cross join"])))
        await asyncio.sleep(0.5)
        stopped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopped
        await validators.stop()
        with pytest.raises(Problem) as after:
            await validators.report(asked(DOSE))
        assert after.value.status == 503

    asyncio.run(run())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("validation")]
