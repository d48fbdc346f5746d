"""Validating: the data is left alone, nothing leaks, and shapes of others work or are refused with a reason."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import SKOS, Graph

from kg.errors import ShapesError, TermError
from kg.namespaces import PREFIXES
from kg.terms import string
from kg.validation import Validator, load_shapes, validate
from kg.validation.audit import Authority, as_graph
from kg.validation.document import PAGE, render

VALID = Path(__file__).parent / "valid-study.ttl"
PREFIX = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix tkg: <https://w3id.org/trialkg/vocab#> .
@prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix phase: <https://w3id.org/trialkg/code/phase/> .
"""
ARM = "<https://w3id.org/trialkg/trial/NCT99999901/arm/1>"


def shapes_file(folder: Path, text: str, name: str = "own.ttl") -> Path:
    path = folder / name
    path.write_text(PREFIX + text, encoding="utf-8")
    return path


def test_data_and_shapes_are_left_alone() -> None:
    data, shapes = Graph().parse(VALID), load_shapes()
    before, shapes_before = set(data), set(shapes)
    validate(data, shapes)
    assert set(data) == before
    assert set(shapes) == shapes_before


def test_nothing_is_written_to_the_terminal(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "from kg.validation import Validator\n"
        "subject = '<https://w3id.org/trialkg/trial/NCT99999901/eligibility>'\n"
        "tkg = 'https://w3id.org/trialkg/vocab#'\n"
        "text = f'''{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{tkg}Eligibility> .\n"
        '{subject} <{tkg}minimumAge> "18 Years"^^<http://www.w3.org/2001/XMLSchema#duration> .\n'
        "'''\n"
        "report = Validator().study(text)\n"
        "assert 'EligibilityMinimumAge' in {result.rule_name for result in report.results}\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_is_light() -> None:
    code = "import sys, kg.validation; print(sorted({'rdflib', 'pyshacl'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_a_study_that_is_no_ntriples_is_named() -> None:
    text = "<https://w3id.org/trialkg/trial/NCT99999901> <urn:x:p> <urn:x:o> .\n<urn:x:s> <urn:x:p> .\n"
    with pytest.raises(TermError, match="NCT99999901: not N-Triples"):
        Validator().study(text)


def test_own_shapes_take_the_place_of_the_bundled(tmp_path: Path) -> None:
    path = shapes_file(
        tmp_path,
        "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:property [ sh:path tkg:dose ; sh:minCount 1 ; "
        'sh:message "Gib die Dosis an."@de , "Give the dose."@en ; sh:severity sh:Warning ] .',
    )
    report = validate(Graph().parse(VALID), load_shapes([path]))
    assert report.conforms
    assert {(found.source_shape, found.message) for found in report.results} == {
        ("https://example.org/Arm", "Give the dose.")
    }


def test_a_shape_without_message_gets_one(tmp_path: Path) -> None:
    path = shapes_file(
        tmp_path, "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:property [ sh:path tkg:dose ; sh:minCount 1 ] ."
    )
    report = validate(Graph().parse(VALID), load_shapes([tmp_path, path]))
    assert all(found.message for found in report.results)


def test_inference_and_rules_do_not_run(tmp_path: Path) -> None:
    path = shapes_file(
        tmp_path,
        "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:property ex:ArmDose ;\n"
        "  sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate tkg:dose ; sh:object 1 ] .\n"
        "ex:ArmDose a sh:PropertyShape ; sh:path tkg:dose ; sh:minCount 1 .",
    )
    data = Graph().parse(data=f"{PREFIX}{ARM} a tkg:Arm .")
    assert not validate(data, load_shapes([path])).conforms
    assert len(data) == 1


def test_javascript_does_not_run(tmp_path: Path) -> None:
    path = shapes_file(
        tmp_path,
        "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ;\n"
        '  sh:js [ sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL "http://127.0.0.1:9/f.js"^^xsd:anyURI ] ] .',
    )
    assert validate(Graph().parse(data=f"{PREFIX}{ARM} a tkg:Arm ."), load_shapes([path])).conforms


def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no connection may be opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    own = "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:property [ sh:path tkg:dose ; sh:minCount 1 ] .\n"
    path = shapes_file(
        tmp_path, own + "<https://example.org/s> a owl:Ontology ; owl:imports <http://127.0.0.1:9/more.ttl> ."
    )
    data = Graph().parse(data=f"{PREFIX}{ARM} a tkg:Arm ; owl:imports <http://127.0.0.1:9/data.ttl> .")
    assert not validate(data, load_shapes([path])).conforms


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT $this { SERVICE <http://127.0.0.1:9/sparql> { $this ?p ?o } }", "SERVICE"),
        ("SELECT $this { SERVICE ?where { $this ?p ?o } }", "SERVICE"),
        ("SELECT $this { $this ?p ?o FILTER EXISTS { SERVICE SILENT <urn:x> { ?s ?p ?o } } }", "SERVICE"),
        ("SELECT $this { { SELECT $this { SERVICE <urn:x> { $this ?p ?o } } } }", "SERVICE"),
        ("SELECT $this { $this ?p ?o # hides\\n SERVICE#x\\n<urn:x> { $this ?p ?o } }", "SERVICE"),
        ("SELECT $this FROM <http://127.0.0.1:9/data.ttl> { $this ?p ?o }", "FROM"),
        ("SELECT $this FROM NAMED <file:///etc/passwd> { $this ?p ?o }", "FROM"),
    ],
)
def test_queries_may_not_reach_out(tmp_path: Path, query: str, word: str) -> None:
    path = shapes_file(
        tmp_path, f'ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:sparql [ sh:select "{query}" ] .'
    )
    with pytest.raises(ShapesError, match=f"{word} is not allowed"):
        load_shapes([path])


def test_validators_of_own_components_may_not_reach_out(tmp_path: Path) -> None:
    path = shapes_file(
        tmp_path,
        "ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:p ] ;\n"
        '  sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { SERVICE <urn:x> { $value ?p ?o } }" ] .\n'
        "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm .",
    )
    with pytest.raises(ShapesError, match="SERVICE is not allowed"):
        load_shapes([path])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no shape with a target"),
        ("ex:Arm a sh:NodeShape .", "no shape with a target"),
        ("ex:Arm a sh:NodeShape ; sh:targetClass .", r"own\.ttl:6: "),
        ("ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm ; sh:property [ a ex:Nothing", r"own\.ttl:6: .*too early"),
        ('ex:Arm sh:targetClass tkg:Arm ; sh:sparql [ sh:select "SELECT $this {" ] .', "not SPARQL"),
        (
            'ex:Arm sh:targetClass tkg:Arm ; sh:sparql [ sh:select "SELECT $this { $this no:prefix ?o }" ] .',
            "prefix 'no'",
        ),
        ("ex:Arm sh:targetClass tkg:Arm ; sh:property [ sh:path <urn:x:a\\u003E> ] .", "Invalid IRI"),
        (
            'ex:Arm sh:targetClass tkg:Arm . ex: sh:declare [ sh:prefix "x" ; sh:namespace "urn:x> SELECT" ] .',
            "is not an IRI",
        ),
        (
            'ex:Arm sh:targetClass tkg:Arm . ex: sh:declare [ sh:prefix "x: <urn:y>" ; sh:namespace "urn:x" ] .',
            "is not a prefix",
        ),
    ],
)
def test_bad_shapes_are_refused_with_a_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ShapesError, match=reason):
        load_shapes([shapes_file(tmp_path, text)])


@pytest.mark.parametrize(
    "text",
    [
        "ex:Arm sh:targetClass tkg:Arm ; sh:property [ sh:minCount 1 ] .",  # no path
        'ex:Arm sh:targetClass tkg:Arm ; sh:property [ sh:path tkg:use ; sh:pattern "(" ] .',
        'ex:Arm sh:targetClass tkg:Arm ; sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { $this a ?o } }" ] .',
        'ex:Arm sh:targetClass tkg:Arm ; sh:sparql [ sh:select "SELECT $this { GRAPH $shapesGraph { ?s ?p ?o } }" ] .',
    ],
)
def test_shapes_that_cannot_be_evaluated_are_refused_with_a_reason(tmp_path: Path, text: str) -> None:
    data = Graph().parse(VALID)
    with pytest.raises(ShapesError, match="cannot be evaluated"):
        validate(data, load_shapes([shapes_file(tmp_path, text)]))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(ShapesError, match=r"absent\.ttl: no such file"):
        load_shapes([tmp_path / "absent.ttl"])
    with pytest.raises(ShapesError, match="no shapes file in this folder"):
        load_shapes([tmp_path])
    remote = shapes_file(tmp_path, "{}", "shapes.jsonld")
    with pytest.raises(ShapesError, match=r"'\.jsonld' files are not read.*Turtle"):
        load_shapes([remote])
    latin = tmp_path / "latin.ttl"
    latin.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ShapesError, match="byte 5 is not UTF-8"):
        load_shapes([latin])


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(PREFIX + "ex:Arm a sh:NodeShape ; sh:targetClass tkg:Arm .", encoding="utf-8-sig")
    assert len(load_shapes([path])) == 2


def test_codes_are_looked_up_where_the_lists_are_given() -> None:
    study = f"{PREFIX}<https://w3id.org/trialkg/trial/NCT99999901> tkg:phase phase:phase-2 , phase:phase-5 ."
    alone = validate(Graph().parse(data=study))
    listed = validate(Graph().parse(data=study + "phase:phase-2 skos:inScheme <https://w3id.org/trialkg/code/phase> ."))
    assert "CodeListed" not in {found.rule_name for found in alone.results}
    assert [found.focus for found in listed.results if found.rule_name == "CodeListed"] == [
        "https://w3id.org/trialkg/code/phase/phase-5"
    ]


def test_the_bundled_vocabulary_fits() -> None:
    folder = PAGE.parents[1] / "ontology"
    graph = Graph()
    for name in ("codes.ttl", "agents.ttl"):
        graph.parse(folder / name)
    assert (None, SKOS.inScheme, None) in graph
    report = validate(graph)
    # For these no source says how they act.
    untold = {result.focus for result in report.results if result.rule_name == "AgentActsOnExpected"}
    names = ("inbakicept", "pidilizumab", "eftilagimod-alfa", "tobemstomig", "teceleukin")
    assert untold == {f"{PREFIXES['agent']}{name}" for name in names}
    assert len(report.results) == len(names), report.text()


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m kg.validation.document"


@pytest.mark.parametrize("text", [r"\1", r"\d", r"\g<x>", "\\", "{$this}"])
def test_a_value_is_no_template_of_a_message(text: str) -> None:
    query = "SELECT $this ?value { $this <a:p> ?value }"
    constraint = f"[ a sh:SPARQLConstraint ; sh:message 'It is {{?value}}.' ; sh:select '{query}' ]"
    rules = f"{PREFIX} ex:R a sh:NodeShape ; sh:targetNode <a:1> ; sh:sparql {constraint} ."
    graph = Graph().parse(data=rules, format="turtle")
    (result,) = Authority(graph).results(as_graph([("<a:1>", "<a:p>", string(text))]))
    assert result.value is not None
    assert (result.value.value, result.message) == (text, f"It is {text}.")
