"""How checks are kept and run: heads, exceptions, the command, and that the ontology passes all of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef

from kg.config import resource
from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand
from kg.vocabularies.checks import (
    FOLDERS,
    SEVERITIES,
    Check,
    as_written,
    findings,
    load_checks,
    load_exceptions,
    main,
    run,
)

ONTOLOGY = Path(str(resource("ontology")))
CHECKS = {check.name: check for check in load_checks()}
TKG = Namespace(PREFIXES["tkg"])


@pytest.fixture(scope="module")
def defined() -> Graph:
    """Vocabulary and code lists."""
    return Graph().parse(ONTOLOGY / "trialkg.ttl").parse(ONTOLOGY / "codes.ttl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, copy)
    return copy


def test_the_ontology_passes_every_check() -> None:
    assert findings() == []


# --- heads, exceptions, terms


def test_every_folder_and_severity_is_used() -> None:
    assert {check.over for check in CHECKS.values()} == set(FOLDERS)
    assert {check.severity for check in CHECKS.values()} == set(SEVERITIES)


def test_rules_that_a_check_goes_after_are_read() -> None:
    assert CHECKS["ontology-without-licence"].after == ("ROBOT missing_ontology_license", "FOOPS! OM1", "FOOPS! OM4.1")
    assert CHECKS["term-unknown"].after == ()


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_heads_are_sentences_and_names_say_what_is_found(check: Check) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", check.name)
    for text in (check.summary, check.why):
        assert re.fullmatch(r"[A-Z].*\.", text), check.name
    assert len({other.summary for other in CHECKS.values()}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_checks_use_prefixes_and_terms_that_exist(check: Check, defined: Graph) -> None:
    declared = dict(re.findall(r"^PREFIX (\S+): <(.*)>$", check.text, re.MULTILINE))
    assert {prefix: PREFIXES[prefix] for prefix in declared} == declared
    body = re.sub(r'"[^"\n]*"|<[^>\n]*>|#.*', "", check.text)
    assert {prefix for prefix in declared if f"{prefix}:" not in body} == set()
    for name in re.findall(r"\btkg:(\w+)", body):
        assert (TKG[name], RDF.type, None) in defined, name
    for name in re.findall(r"\b((?:action|modality|selectivity):[a-z-]+)", body):
        assert (URIRef(expand(name)), RDF.type, SKOS.Concept) in defined, name


def test_exceptions_name_a_check_an_agent_and_a_reason() -> None:
    labels = Graph().parse(ONTOLOGY / "agents.ttl")
    for (check, subject), reason in load_exceptions().items():
        assert check in CHECKS
        assert isinstance(labels.value(URIRef(subject), SKOS.prefLabel), Literal), subject
        assert re.fullmatch(r"[A-Z].*\.", reason)


def test_violations_have_no_exceptions() -> None:
    assert {CHECKS[check].severity for check, _ in load_exceptions()} == {"warning"}


def test_an_exception_that_nothing_needs_is_found(folder: Path) -> None:
    with (folder / "checks" / "exceptions.tsv").open("a", encoding="utf-8") as file:
        file.write("agent-without-class\tagent:nivolumab\tBy mistake.\n")
    (finding,) = findings(folder)
    assert (finding.check, finding.subject) == ("agent-without-class", expand("agent:nivolumab"))
    assert "no longer" in finding.detail or "any longer" in finding.detail


def test_without_its_exceptions_every_known_gap_is_found(folder: Path) -> None:
    (folder / "checks" / "exceptions.tsv").write_text("check\tsubject\treason\n", encoding="utf-8")
    assert {(finding.check, finding.subject) for finding in findings(folder)} == load_exceptions().keys()


# --- unhappy paths


HEAD = "#+ summary: A.\n#+ severity: warning\n#+ why: B.\n"


def checks_in(folder: Path, files: dict[str, str]) -> Path:
    for over in FOLDERS:
        (folder / over).mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"terms/a-check.rq": "SELECT * WHERE { ?s ?p ?o }"}, "terms/a-check.rq: has the head nothing"),
        ({"agents/a-check.rq": HEAD.replace("warning", "bad")}, "severity violation or warning"),
        ({"agents/a-check.rq": HEAD + "#+ becuase: C.\n"}, "has the head becuase"),
        ({"agents/a-check.txt": HEAD}, "agents/a-check.txt: has the head"),
        ({"agents/a-check.rq": HEAD, "headers/a-check.rq": HEAD}, "headers/a-check.rq: is in agents too"),
        ({"a-check.rq": HEAD}, "a-check.rq is no folder of checks"),
    ],
)
def test_a_check_that_is_not_kept_as_it_should_be_is_refused(
    tmp_path: Path, files: dict[str, str], complaint: str
) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        load_checks(checks_in(tmp_path, files))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("SELECT", "is not SPARQL"), ("ASK {}", "no subject and detail"), ("SELECT ?s {}", "no subject and detail")],
)
def test_a_check_that_is_no_such_query_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint):
        run(Check("odd", "terms", "Odd.", "warning", "Odd.", (), text), pyoxigraph.Store())


@pytest.mark.parametrize("name", ["trialkg.ttl", "codes.ttl", "agents.ttl"])
def test_a_file_that_cannot_be_read_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("not Turtle", encoding="utf-8")
    with pytest.raises(VocabularyError, match=f"{name}: is not Turtle"):
        as_written(folder)
    (folder / name).unlink()
    with pytest.raises(VocabularyError, match=f"{name}: cannot be read"):
        as_written(folder)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no table of exceptions"),
        ("check\tsubject\treason\nlabel-missing\tagent:x\n", r"exceptions.tsv:2: row"),
        ("check\tsubject\treason\nlabel-missing\tagent:x\t\n", "a reason"),
        ("check\tsubject\treason\na\tagent:x\tB.\na\tagent:x\tC.\n", r"exceptions.tsv:3"),
    ],
)
def test_a_malformed_table_of_exceptions_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "exceptions.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=complaint):
        load_exceptions(tmp_path)


def test_the_command_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ontology", str(folder)]) == 0
    assert f"{len(CHECKS)} checks, 0 findings" in capsys.readouterr().out
    text = (folder / "agents.ttl").read_text(encoding="utf-8")
    (folder / "agents.ttl").write_text(text.replace('"BGB-A1217"', '"BGB-A1217" , "MK 7684"', 1), encoding="utf-8")
    assert main(["--ontology", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "violation\tname-of-two\tagent:ociperlimab\tMK 7684 is a name of" in shown
    assert "violation\tname-of-two\tagent:vibostolimab\tMK-7684 is a name of" in shown
    (folder / "agents.ttl").write_text("not Turtle", encoding="utf-8")
    assert main(["--ontology", str(folder)]) == 2
    assert "is not Turtle" in capsys.readouterr().err


def test_the_command_looks_at_terms_and_headers_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "codes.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('skos:prefLabel "Male"@en', 'skos:prefLabel "Female"@en').replace(
            'dcterms:publisher "trialkg developers" ;', ""
        ),
        encoding="utf-8",
    )
    assert main(["--ontology", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "violation\tlabel-of-two-terms\tsex:male\tFemale is the label of" in shown
    assert "violation\tontology-without-publisher\thttps://w3id.org/trialkg/code\t" in shown
