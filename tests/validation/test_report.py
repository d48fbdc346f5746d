"""Reports: the same data gives the same text, JSON and RDF, and they say what was found and where."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from kg.namespaces import PREFIXES
from kg.validation import Report, Result, Term, Validator, load_shapes, merge, validate
from kg.validation.paths import add_path, path_text
from kg.validation.shapes import SHAPES_BASE

DATA = """
@prefix tkg: <https://w3id.org/trialkg/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/trialkg/trial/NCT99999901/site/1> a tkg:Site ; tkg:siteStatus "RECRUITING" , "COMPLETED" .
<https://w3id.org/trialkg/trial/NCT99999902/site/1> a tkg:Site ; tkg:siteStatus "RECRUITING"@en ;
    tkg:countryName "Atlantis" .
<https://w3id.org/trialkg/trial/NCT99999901> tkg:site <https://w3id.org/trialkg/trial/NCT99999901/site/1> .
<https://w3id.org/trialkg/trial/NCT99999902> a tkg:Study .
"""


@pytest.fixture(scope="module")
def report() -> Report:
    return validate(Graph().parse(data=DATA))


def result(rule: str, study: str, severity: str = "Violation") -> Result:
    focus = f"{PREFIXES['trial']}{study}"
    component = f"{PREFIXES['sh']}MinCountConstraintComponent"
    return Result(study, severity, SHAPES_BASE + rule, focus, PREFIXES["tkg"] + "status", None, "Do it.", component)


def test_results_say_where_and_what(report: Report) -> None:
    (country,) = [found for found in report.results if found.rule_name == "SiteCountryExpected"]
    assert country.study == "NCT99999902"
    assert country.severity == "Info"
    assert country.focus == "https://w3id.org/trialkg/trial/NCT99999902/site/1"
    assert country.path == ""
    assert country.constraint_component == "http://www.w3.org/ns/shacl#OrConstraintComponent"
    values = {found.value for found in report.results if found.rule_name == "SiteStatus"}
    assert Term("literal", "RECRUITING", language="en", datatype="") in {
        msgspec.structs.replace(value, datatype="") for value in values if value
    }
    (owner,) = [found for found in report.results if found.rule_name == "SiteOfStudy"]
    assert owner.path == "^<https://w3id.org/trialkg/vocab#site>"
    assert owner.value is None


def test_results_are_sorted_and_repeatable(report: Report) -> None:
    lines = Graph().parse(data=DATA).serialize(format="nt").splitlines()
    again = validate(Graph().parse(data="\n".join(reversed(lines)), format="nt"))
    assert again == report
    assert again.text() == report.text()
    assert again.json() == report.json()
    assert again.turtle() == report.turtle()


def test_text_is_grouped_by_rule_and_sums_up(report: Report) -> None:
    text = report.text(limit=1)
    assert (
        "Violation  SiteStatus: 4 results\n  Give the site at most one status, from the code list site-status.\n"
        in text
    )
    assert "    NCT99999901  site/1  tkg:siteStatus" in text
    assert "    and 3 more" in text
    assert "^tkg:site" in text
    assert text.splitlines()[-1].startswith("1 study checked: ")
    assert text.splitlines()[-1].endswith("; does not conform.")
    assert "https://clinicaltrials.gov/study/NCT99999901" in text
    severities = [line.split()[0] for line in text.splitlines() if line and not line.startswith(" ")][:-1]
    assert severities == sorted(severities, key=["Violation", "Warning", "Info"].index)


def test_nothing_found() -> None:
    empty = Report.of([])
    assert empty.conforms
    assert empty.text() == "1 study checked: 0 Violations, 0 Warnings, 0 Info; conforms."
    assert msgspec.json.decode(empty.json()) == {
        "conforms": True,
        "studies": 1,
        "counts": {"Violation": 0, "Warning": 0, "Info": 0},
        "rules": [],
        "results": [],
    }


def test_only_a_violation_fails() -> None:
    assert Report.of([result("StudyPhaseExpected", "NCT99999901", "Warning")]).conforms
    assert Report.of([result("StudyStatusExpected", "NCT99999901", "Info")]).conforms
    assert not Report.of([result("StudyStatus", "NCT99999901")]).conforms
    # A severity that we do not know may be the worst of all.
    assert not Report.of([result("Other", "NCT99999901", "https://example.org/Fatal")]).conforms


def test_json_has_the_keys_of_the_documentation(report: Report) -> None:
    decoded = msgspec.json.decode(report.json())
    assert list(decoded) == ["conforms", "studies", "counts", "rules", "results"]
    assert decoded["conforms"] is False
    assert (
        sum(decoded["counts"].values()) == len(decoded["results"]) == sum(rule["results"] for rule in decoded["rules"])
    )
    first = decoded["results"][0]
    assert set(first) == {
        "study", "severity", "sourceShape", "focus", "path", "value", "message", "constraintComponent",
    }  # fmt: skip
    values = [found["value"] for found in decoded["results"] if found["value"]]
    assert {"type": "literal", "value": "COMPLETED"}.items() <= next(
        v for v in values if v["value"] == "COMPLETED"
    ).items()
    assert any(value.get("xml:lang") == "en" for value in values)


def test_turtle_is_a_validation_report_with_the_same_content(report: Report) -> None:
    graph = Graph().parse(data=report.turtle())
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert isinstance(node, URIRef)
    assert graph.value(node, SH.conforms) == Literal(False)
    results = list(graph.objects(node, SH.result))
    assert len(results) == len(report.results)
    assert all(isinstance(found, URIRef) for found in results)
    for name in ("focusNode", "resultSeverity", "sourceShape", "sourceConstraintComponent", "resultMessage"):
        assert all(graph.value(found, SH[name]) is not None for found in results)
    owner = next(
        found for found in results if graph.value(found, SH.sourceShape) == URIRef(f"{SHAPES_BASE}SiteOfStudy")
    )
    path = graph.value(owner, SH.resultPath)
    assert isinstance(path, BNode)
    assert graph.value(path, SH.inversePath) == URIRef("https://w3id.org/trialkg/vocab#site")


def test_a_report_itself_fits_what_shacl_says_of_reports(report: Report) -> None:
    pyshacl = pytest.importorskip("pyshacl")
    shapes = Graph().parse(
        data="""
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <urn:x:report> a sh:NodeShape ; sh:targetClass sh:ValidationReport ;
            sh:property [ sh:path sh:conforms ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:boolean ] .
        <urn:x:result> a sh:NodeShape ; sh:targetClass sh:ValidationResult ;
            sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ,
                [ sh:path sh:resultPath ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
                [ sh:path sh:value ; sh:maxCount 1 ] ,
                [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
                [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] .
        """
    )
    conforms, _, text = pyshacl.validate(Graph().parse(data=report.turtle()), shacl_graph=shapes)
    assert conforms, text


def test_merge_adds_up() -> None:
    one = Report.of([result("StudyStatus", "NCT99999901"), result("StudyPhase", "NCT99999901")])
    two = Report.of([result("StudyStatus", "NCT99999902"), result("StudyPhaseExpected", "NCT99999902", "Warning")])
    merged = merge([two, one, Report.of([])])
    assert merged.studies == 3
    assert merged.counts() == {"Violation": 3, "Warning": 1, "Info": 0}
    assert [found.study for found in merged.results] == ["NCT99999901", "NCT99999901", "NCT99999902", "NCT99999902"]
    assert [(rule.results, rule.studies) for rule in merged.rules] == [(1, 1), (2, 2), (1, 1)]
    assert merge([one, two]) == merge([two, one])
    assert "StudyStatus: 2 results in 2 studies" in merged.text()


def test_merge_keeps_few_and_counts_all() -> None:
    reports = (Report.of([result("StudyStatus", f"NCT{number:08}")]) for number in range(100))
    merged = merge(reports, keep=3)
    assert len(merged.results) == 3
    assert merged.counts()["Violation"] == 100
    assert "and 97 more" in merged.text()
    assert not merged.conforms


def test_a_report_crosses_process_borders(report: Report) -> None:
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301 - our own bytes


def test_long_values_are_cut_in_text_only() -> None:
    long = Report.of(
        [msgspec.structs.replace(result("StudyStatus", "NCT99999901"), value=Term("literal", "x\n" * 200))]
    )
    assert "…" in long.text()
    assert max(map(len, long.text().splitlines())) < 150
    assert "x\\n" * 200 in long.json()


def test_values_survive_turtle() -> None:
    terms: dict[Term, Node] = {
        Term("literal", "2019-13", datatype=PREFIXES["xsd"] + "date"): Literal(
            "2019-13", datatype=PREFIXES["xsd"] + "date"
        ),
        Term("literal", "Opdivo", language="en"): Literal("Opdivo", lang="en"),
        Term("literal", 'a "quote"\n\\'): Literal('a "quote"\n\\'),
        Term("uri", "https://example.org/ü"): URIRef("https://example.org/ü"),
    }
    for term, node in terms.items():
        one = Report.of([msgspec.structs.replace(result("StudyStatus", "NCT99999901"), value=term)])
        graph = Graph().parse(data=one.turtle())
        (value,) = graph.objects(None, SH.value)
        assert str(value) == str(node)
        assert getattr(value, "language", None) == getattr(node, "language", None)
        assert getattr(value, "datatype", None) == getattr(node, "datatype", None)


def test_a_blank_node_has_no_label_that_changes_from_run_to_run() -> None:
    data = "@prefix tkg: <https://w3id.org/trialkg/vocab#> . [] a tkg:Site ; tkg:siteStatus [] ."
    first, second = (validate(Graph().parse(data=data)) for _ in range(2))
    assert first == second
    assert {found.focus for found in first.results} == {"_:"}
    assert isomorphic(Graph().parse(data=first.turtle()), Graph().parse(data=second.turtle()))


@pytest.mark.parametrize(
    "path",
    [
        "^<urn:x:a>",
        "<urn:x:a>/<urn:x:b>",
        "<urn:x:a>|<urn:x:b>|<urn:x:c>",
        "<urn:x:a>*",
        "<urn:x:a>+",
        "<urn:x:a>?",
        "^(<urn:x:a>|<urn:x:b>)",
        "<urn:x:a>/(<urn:x:b>*)",
        "urn:x:a",
    ],
)
def test_paths_come_back(path: str) -> None:
    graph = Graph()
    once = path_text(graph, add_path(graph, path))
    again = Graph()
    assert path_text(again, add_path(again, once)) == once
    assert once.replace("(", "").replace(")", "") == path.replace("(", "").replace(")", "")


def test_studies_are_independent() -> None:
    nt = Graph().parse(data=DATA).serialize(format="nt")
    one = "\n".join(line for line in nt.splitlines() if "NCT99999901" in line)
    two = "\n".join(line for line in nt.splitlines() if "NCT99999902" in line)
    validator = Validator()
    alone = [validator.study(one), validator.study(two)]
    assert [validator.study(two), validator.study(one), validator.study(two)] == [alone[1], alone[0], alone[1]]
    assert Validator(load_shapes()).study(one) == alone[0]
