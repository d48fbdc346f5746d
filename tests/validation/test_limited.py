"""Validation within limits: shapes that mean no good end with one clear error, and leave no process."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rdflib import Graph

from kg.config import LIMITS
from kg.errors import InputError, ShapesError, UsageError, ValidationStopped, ValidationTimeout
from kg.validation import LimitedValidator, ShapesDocument, Validator, load_shapes, read_shapes_files
from kg.validation.shapes import parse_shapes
from tests.validation.hostile import ENDLESS, PREFIX, RECURSIVE, REFUSED, arm_shape, with_query

ROOT = Path(__file__).parents[2]
VALID = Path(__file__).parent / "valid-study.ttl"
DATA = (
    "<https://w3id.org/trialkg/trial/NCT99999901/arm/1> "
    "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/trialkg/vocab#Arm> ;\n"
    f'<http://purl.org/dc/terms/title> "{"a" * 60}!" ; <urn:p> '
    + ", ".join(str(number) for number in range(60))
    + " .\n"
)
NTRIPLES = Graph().parse(data=DATA).serialize(format="nt")
DOSE = arm_shape("sh:property [ sh:path tkg:dose ; sh:minCount 1 ]")


def own(text: str) -> list[ShapesDocument]:
    return [ShapesDocument(text.encode(), "own")]


def ended(pid: int, seconds: float = 10) -> bool:
    """Whether a process that is not ours to wait for ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def children() -> set[int]:
    found = Path("/proc/self/task").glob("*/children")
    return {int(child) for path in found for child in path.read_text().split()}


def test_it_finds_what_the_validator_finds() -> None:
    graph = Graph().parse(VALID)
    bad = "<https://w3id.org/trialkg/trial/NCT99999901/site/1> a <https://w3id.org/trialkg/vocab#Site> ."
    graph.parse(data=bad)
    with LimitedValidator() as limited:
        assert limited.graph(graph) == Validator().graph(graph)
        assert limited.study("").conforms
    with LimitedValidator(own(DOSE)) as limited:
        assert limited.study(NTRIPLES) == Validator(parse_shapes(own(DOSE))).study(NTRIPLES)
        assert not limited.study(NTRIPLES).conforms


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_never_ends_is_stopped(text: str) -> None:
    before = children()
    started = time.monotonic()
    with (
        LimitedValidator(own(text), seconds=0.5) as limited,
        pytest.raises(ValidationTimeout, match=r"own: .* stopped after 0\.5 s"),
    ):
        limited.study(NTRIPLES)
    assert time.monotonic() - started < 10
    assert children() <= before
    with pytest.raises(ValidationStopped, match="was stopped"):
        limited.study("")


def test_a_query_that_takes_hours_to_parse_is_stopped() -> None:
    text = with_query("SELECT $this { FILTER(" + "(" * 40 + "1" + ")" * 40 + ") }")
    with LimitedValidator(own(text), seconds=0.5) as limited, pytest.raises(ShapesError):
        limited.load()
    with pytest.raises(ValidationStopped):
        # Not with other shapes than those that could not be loaded.
        limited.study("")


def test_memory_is_limited() -> None:
    text = with_query("SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?i")
    with (
        LimitedValidator(own(text), memory=48 * 2**20) as limited,
        pytest.raises(ValidationStopped, match=r"needs more (memory than|than the 48 MiB) it may use"),
    ):
        limited.study(NTRIPLES)


@pytest.mark.parametrize("text", RECURSIVE.values(), ids=RECURSIVE.keys())
def test_recursion_is_refused(text: str) -> None:
    with pytest.raises(ShapesError, match=r"recursive shapes: .+ → .+") as refused:
        parse_shapes(own(text))
    assert len(str(refused.value)) < 300


def test_recursion_is_told_by_its_shapes() -> None:
    with pytest.raises(
        ShapesError, match=r"/Arm → https://example\.org/B → https://example\.org/C → https://example\.org/Arm"
    ):
        parse_shapes(own(RECURSIVE["three"]))


def test_what_only_looks_like_recursion_is_not_refused() -> None:
    text = arm_shape("sh:property ex:use ; sh:node ex:B ; sh:and ( ex:B ex:C )") + (
        "ex:B sh:node ex:C . ex:C sh:in ( ex:Arm ex:B ) .\n"
        "ex:use a sh:PropertyShape ; sh:path ex:use ; sh:node ex:B ; sh:hasValue ex:Arm .\n"
    )
    assert len(parse_shapes(own(text))) > 10


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_shapes_may_not_reach_out(text: str) -> None:
    with pytest.raises(ShapesError, match=r"not allowed|put in place of|variable named"):
        parse_shapes(own(text))


def test_an_honest_path_is_put_in() -> None:
    declared = 'ex: sh:declare [ sh:prefix "tkg" ; sh:namespace "https://w3id.org/trialkg/vocab#"^^xsd:anyURI ] .'
    text = arm_shape(
        "sh:property [ sh:path ( tkg:dose <urn:other/#x> ) ; "
        'sh:sparql [ sh:prefixes ex: ; sh:select "SELECT $this { $this a ?t FILTER NOT EXISTS { $this $PATH ?v } }" ] ]'
    )
    report = Validator(parse_shapes(own(text + declared))).study(NTRIPLES)
    assert len(report.results) == 1


def test_the_process_asks_no_server_whatever_a_query_says() -> None:
    """The second barrier, on its own."""
    code = (
        "import sys; from rdflib import Graph; from kg.errors import ShapesError; from kg.validation import worker\n"
        "worker._ask_no_server()\n"
        "graph = Graph().parse(data='<urn:a> <urn:b> <urn:c> .')\n"
        "assert len(graph.query('SELECT * { ?s ?p ?o OPTIONAL { ?o ?q ?r } }')) == 1\n"
        "for query in ('SELECT * { SERVICE <%s> { ?s ?p ?o } }', 'SELECT * { SERVICE SILENT <%s> { ?s ?p ?o } }'):\n"
        "    try:\n"
        "        list(graph.query(query % sys.argv[1]))\n"
        "    except ShapesError:\n"
        "        print('refused')\n"
        "list(graph.query('SELECT * FROM <%s> { ?s ?p ?o }' % sys.argv[1]))\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done = subprocess.run(
            [sys.executable, "-c", code, address], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
        )
        assert not select.select([listener], [], [], 0)[0]
    assert done.stdout.split() == ["refused", "refused"]


def test_too_many_shapes_are_refused(tmp_path: Path) -> None:
    million = tmp_path / "million.ttl"
    million.write_text(PREFIX + "".join(f"ex:s{i} a sh:NodeShape .\n" for i in range(1_000_000)))
    with pytest.raises(ShapesError, match=r"million\.ttl: too many shapes .*2,097,152 bytes"):
        load_shapes([million])
    half = tmp_path / "half"
    half.mkdir()
    for name in "ab":
        (half / f"{name}.ttl").write_text(DOSE + "#" * (LIMITS.shapes_bytes // 2))
    with pytest.raises(ShapesError, match=r"b\.ttl: too many shapes"):
        read_shapes_files([half])
    short = PREFIX + "[a sh:NodeShape].\n" * (LIMITS.shapes_statements + 1)
    with pytest.raises(ShapesError, match="own: more than 50,000 statements"):
        parse_shapes(own(short))


def test_a_device_that_never_ends_is_read_no_further(tmp_path: Path) -> None:
    link = tmp_path / "zero.ttl"
    os.mkfifo(link)
    with pytest.raises(ShapesError, match="no such file"):
        read_shapes_files([link])


@pytest.mark.parametrize(("opening", "closing"), [("[ ex:p ", " ]"), ("( ", " )")])
def test_deep_nesting_needs_no_stack(opening: str, closing: str) -> None:
    text = f"{PREFIX}ex:a ex:b {opening * 3_000} 1 {closing * 3_000} .".encode()
    with LimitedValidator() as limited:
        assert limited.written(text, "text/turtle", "text", place="data").endswith(b"conforms.")
        with pytest.raises(InputError, match=r"data:3: it breaks off too early"):
            limited.written(text[:-3_001], "text/turtle", "text", place="data")


def test_shapes_that_nest_deeply_are_refused() -> None:
    text = arm_shape("sh:not [ " * 2_000 + 'sh:pattern "x"' + " ]" * 2_000)
    with LimitedValidator(own(text), seconds=20) as limited, pytest.raises(ShapesError, match="own: "):
        limited.study(NTRIPLES)


def test_a_report_keeps_some_results_and_counts_all() -> None:
    lines = "".join(
        f"<urn:x:{number}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/trialkg/vocab#Arm> .\n"
        for number in range(LIMITS.validation_results + 50)
    )
    with LimitedValidator(own(DOSE)) as limited:
        report = limited.study(lines)
    assert len(report.results) == LIMITS.validation_results
    assert report.counts()["Violation"] == LIMITS.validation_results + 50


def test_a_report_that_is_too_long_is_refused() -> None:
    message = "x" * 100_000
    shapes = own(arm_shape(f'sh:property [ sh:path tkg:dose ; sh:minCount 1 ; sh:message "{message}" ]'))
    lines = "".join(
        f"<urn:x:{number}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/trialkg/vocab#Arm> .\n"
        for number in range(400)
    )
    with LimitedValidator(shapes) as limited, pytest.raises(ValidationStopped, match="more than 33,554,432 bytes"):
        limited.study(lines)


def test_odd_terms_are_named() -> None:
    with LimitedValidator() as limited:
        for text, reason in (
            (b"<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", "no term of RDF 1.1"),
            (b'<urn:a> <urn:b> "x"@ar--rtl .', "no term of RDF 1.1"),
            (b"<a> <urn:b> <urn:c> .", "data:1: No scheme"),
            (b"<urn:a> no:prefix <urn:c> .", "data:1: .*no:"),
            (b"<urn:a> <urn:b> '\xe9' .", "data: byte 17 is not UTF-8"),
            ("<urn:a> <urn:b> <urn:c> .".encode("utf-16"), "data: byte 0 is not UTF-8"),
        ):
            with pytest.raises(InputError, match=reason):
                limited.written(text, "text/turtle", "text", place="data")
        assert limited.study("").conforms


def test_another_thread_may_stop_it() -> None:
    limited = LimitedValidator(own(ENDLESS["cross join"]))
    limited.load()
    timer = threading.Timer(0.3, limited.close)
    timer.start()
    with pytest.raises(ValidationStopped, match="own: the validation was stopped"):
        limited.study(NTRIPLES)
    timer.join()


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_deadline_that_is_none(seconds: float) -> None:
    with pytest.raises(UsageError, match="deadline"):
        LimitedValidator(seconds=seconds)


def test_a_deadline_beyond_what_timers_take() -> None:
    with LimitedValidator(own(DOSE), seconds=float("inf")) as limited:
        assert limited.study("").conforms


@pytest.mark.parametrize("name", ["cross join", "pattern"])
def test_the_process_ends_with_its_owner(name: str) -> None:
    """Also when a regular expression holds the interpreter: then by its processor time."""
    code = (
        "import sys, threading, time; from kg.validation import LimitedValidator, ShapesDocument\n"
        "limited = LimitedValidator([ShapesDocument(sys.argv[1].encode(), 'own')], seconds=0.7)\n"
        "limited.load()\n"
        "threading.Thread(target=limited.study, args=(sys.argv[2],), daemon=True).start()\n"
        "time.sleep(0.3); print(limited._process.pid, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, ENDLESS[name], NTRIPLES]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    assert ended(pid)


def test_the_bundled_files_are_taken_as_shapes_of_a_user() -> None:
    folder = ROOT / "shapes"
    assert len(load_shapes([folder])) > len(load_shapes())


def test_limits_of_shapes_and_reports_can_be_others() -> None:
    # With one arm more, the shape finds two things.
    data = NTRIPLES + NTRIPLES.replace("/arm/1", "/arm/2")
    with LimitedValidator(own(DOSE)) as limited:
        assert len(limited.study(data).results) == 2
    with LimitedValidator(own(DOSE), results=1) as limited:
        assert len(limited.study(data).results) == 1
    with LimitedValidator(own(DOSE), longest=10) as limited, pytest.raises(ValidationStopped, match="10 bytes"):
        limited.study(data)
    with LimitedValidator(own(DOSE), statements=1) as limited, pytest.raises(ShapesError, match="statements"):
        limited.study(data)
