"""Nothing of a record is lost: every repeated element of every real record is in the graph, or a note says why not.

The records are walked here as plain JSON, without the Structs and the mapping. Each list that occurs in them must be
in one of the tables below, so that a new one cannot go by unseen.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.linking.linker import load_linker
from kg.mapping.study import Mapped, map_study
from kg.namespaces import expand, study_iri
from kg.sources import Form, RawRecord, decode, read
from kg.terms import clean

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]

RESULTS = "resultsSection."
FLOW = RESULTS + "participantFlowModule."
BASELINE = RESULTS + "baselineCharacteristicsModule."
OUTCOMES = RESULTS + "outcomeMeasuresModule.outcomeMeasures"
EVENTS = RESULTS + "adverseEventsModule."
# List of a record → what the path of its nodes below the study is; N is any number.
NODES = {
    "protocolSection.armsInterventionsModule.armGroups": "arm/N",
    "protocolSection.armsInterventionsModule.interventions": "intervention/N",
    "protocolSection.conditionsModule.conditions": "condition/N",
    "protocolSection.outcomesModule.primaryOutcomes": "outcome/primary/N",
    "protocolSection.outcomesModule.secondaryOutcomes": "outcome/secondary/N",
    "protocolSection.outcomesModule.otherOutcomes": "outcome/other/N",
    "protocolSection.contactsLocationsModule.locations": "site/N",
    "protocolSection.contactsLocationsModule.overallOfficials": "official/N",
    "protocolSection.referencesModule.references": "reference/N",
    "protocolSection.referencesModule.references[].retractions": "reference/N/retraction/N",
    "protocolSection.referencesModule.seeAlsoLinks": "web-page/N",
    "protocolSection.referencesModule.availIpds": "available-data/N",
    "documentSection.largeDocumentModule.largeDocs": "document/N",
    "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents": "unposted-event/N",
    "derivedSection.miscInfoModule.submissionTracking.submissionInfos": "results-submission/N",
    FLOW + "groups": "result/flow/group/N",
    FLOW + "periods": "result/flow/period/N",
    FLOW + "periods[].milestones": "result/flow/period/N/milestone/N",
    FLOW + "periods[].milestones[].achievements": "result/flow/period/N/milestone/N/count/N",
    FLOW + "periods[].dropWithdraws": "result/flow/period/N/withdrawal/N",
    FLOW + "periods[].dropWithdraws[].reasons": "result/flow/period/N/withdrawal/N/count/N",
    BASELINE + "groups": "result/population/group/N",
    BASELINE + "denoms[].counts": "result/population/denominator/N/count/N",
    BASELINE + "measures": "result/baseline/N",
    BASELINE + "measures[].denoms[].counts": "result/baseline/N/denominator/N/count/N",
    BASELINE + "measures[].classes[].denoms[].counts": "result/baseline/N/class/N/denominator/N/count/N",
    BASELINE + "measures[].classes[].categories[].measurements": "result/baseline/N/class/N/category/N/measurement/N",
    OUTCOMES: "result/outcome/N",
    OUTCOMES + "[].groups": "result/outcome/N/group/N",
    OUTCOMES + "[].denoms[].counts": "result/outcome/N/denominator/N/count/N",
    OUTCOMES + "[].classes[].denoms[].counts": "result/outcome/N/class/N/denominator/N/count/N",
    OUTCOMES + "[].classes[].categories[].measurements": "result/outcome/N/class/N/category/N/measurement/N",
    OUTCOMES + "[].analyses": "result/outcome/N/analysis/N",
    EVENTS + "eventGroups": "result/adverse-events/group/N",
    EVENTS + "seriousEvents": "result/adverse-event/serious/N",
    EVENTS + "seriousEvents[].stats": "result/adverse-event/serious/N/count/N",
    EVENTS + "otherEvents": "result/adverse-event/other/N",
    EVENTS + "otherEvents[].stats": "result/adverse-event/other/N/count/N",
}
# List of values → the property that has each different one of its owner's.
VALUES = {
    "protocolSection.identificationModule.nctIdAliases": "tkg:formerNctId",
    "protocolSection.conditionsModule.keywords": "tkg:keyword",
    "protocolSection.designModule.phases": "tkg:phase",
    "protocolSection.designModule.designInfo.maskingInfo.whoMasked": "tkg:maskedParty",
    "protocolSection.armsInterventionsModule.interventions[].otherNames": "skos:altLabel",
    "protocolSection.eligibilityModule.stdAges": "tkg:standardAge",
    "protocolSection.ipdSharingStatementModule.infoTypes": "tkg:sharedInformation",
    "derivedSection.miscInfoModule.removedCountries": "tkg:removedCountry",
}
# Lists that are only parts of their elements: the elements are counted.
PARTS = {
    BASELINE + "denoms",
    BASELINE + "measures[].denoms",
    BASELINE + "measures[].classes",
    BASELINE + "measures[].classes[].denoms",
    BASELINE + "measures[].classes[].categories",
    OUTCOMES + "[].denoms",
    OUTCOMES + "[].classes",
    OUTCOMES + "[].classes[].denoms",
    OUTCOMES + "[].classes[].categories",
}
# Lists with a check of their own below.
CHECKED = {
    "protocolSection.identificationModule.secondaryIdInfos",
    "protocolSection.sponsorCollaboratorsModule.collaborators",  # in test_mapping_corpus
    "protocolSection.armsInterventionsModule.armGroups[].interventionNames",
    "protocolSection.armsInterventionsModule.interventions[].armGroupLabels",
    OUTCOMES + "[].analyses[].groupIds",
    "derivedSection.conditionBrowseModule.meshes",
    "derivedSection.interventionBrowseModule.meshes",
}
KEPT_OUT = re.compile(
    r"derivedSection\.\w+BrowseModule\.(?:ancestors|browseLeaves|browseBranches)"
    r"|protocolSection\.contactsLocationsModule\.(?:centralContacts|locations\[\]\.contacts)"  # only their roles
    r"|protocolSection\.contactsLocationsModule\.locations_nested.*"  # fields of others than the registry
    r"|protocolSection\.armsInterventionsModule\.interventions\[\]\.interventionMappedName"
    r"|readingNotes"
)
CHECKS = ("nodes", "values", "secondary identifiers", "uses", "groups of analyses", "registry terms", "rows", "events")


class Findings:
    """What was wrong, by check; and how many elements each list has had."""

    def __init__(self, of_api: bool) -> None:
        self.of_api = of_api
        self.records = 0
        self.wrong: dict[str, list[str]] = defaultdict(list)
        self.lists: Counter[str] = Counter()


def lists_of(value: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from lists_of(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, value
        for inner in value:
            yield from lists_of(inner, path + "[]")


class Graph:
    """The statements of a study, for counting."""

    def __init__(self, mapped: Mapped) -> None:
        self.study = f"<{study_iri(mapped.nct_id)}"
        subjects = {s for s, _, _ in mapped.statements if s.startswith(self.study + "/")}
        self.kinds = Counter(re.sub(r"\d+", "N", s[len(self.study) + 1 : -1]) for s in subjects)
        self.subjects = subjects
        self.predicates = Counter(p for _, p, _ in mapped.statements)
        self.statements = mapped.statements
        self.notes = mapped.notes

    def count(self, curie: str) -> int:
        return self.predicates[f"<{expand(curie)}>"]

    def of(self, curie: str) -> dict[str, str]:
        predicate = f"<{expand(curie)}>"
        return {s: o for s, p, o in self.statements if p == predicate}


def lines(shared_data: Path) -> Iterator[tuple[RawRecord, Any]]:
    """API v2: each record, and what it says."""
    with gzip.open(shared_data / "records" / "v2" / "studies.ndjson.gz") as file:
        for line in file:
            yield RawRecord(line, Form.API_V2, "here"), json.loads(line)


def documents(shared_data: Path) -> Iterator[tuple[RawRecord, Any]]:
    """Legacy XML: that all of it is in the study, tests/sources/test_ctgov_xml.py counts in the XML itself."""
    for record in read([shared_data / "records" / "xml" / "AllPublicXML-sample.zip"]):
        assert isinstance(record, RawRecord), record
        yield record, msgspec.to_builtins(decode(record))


@pytest.fixture(scope="module", params=[lines, documents], ids=["v2", "xml"])
def findings(request: pytest.FixtureRequest, shared_data: Path) -> Findings:
    found = Findings(request.param is lines)
    linker = load_linker()
    for record, raw in request.param(shared_data):
        study = decode(record)
        mapped = map_study(study, linker.study(study), linker, record.data, record.form)
        check(found, raw, Graph(mapped), study.nct_id)
        found.records += 1
    return found


def check(found: Findings, record: dict[str, Any], graph: Graph, nct_id: str) -> None:
    def wrong(what: str, line: object) -> None:
        found.wrong[what].append(f"{nct_id}: {line}")

    counts: Counter[str] = Counter()
    different: Counter[str] = Counter()
    for path, items in lists_of(record):
        counts[path] += len(items)
        if path in VALUES:
            different[VALUES[path]] += len({clean(item) for item in items} - {""})
    found.lists.update(counts)
    for path, pattern in NODES.items():
        if counts[path] != graph.kinds[pattern]:
            wrong("nodes", f"{counts[path]} of {path} in, {graph.kinds[pattern]} out")
    for curie in VALUES.values():
        if different[curie] != graph.count(curie):
            wrong("values", f"{different[curie]} of {curie} in, {graph.count(curie)} out")
    for what, line in (*identifiers(record, graph), *uses(record, graph), *terms(record, graph)):
        wrong(what, line)
    for what, line in (*analysis_groups(record, graph), *rows_of_measures(record, graph), *events(record, graph)):
        wrong(what, line)


def identifiers(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    module = record["protocolSection"]["identificationModule"]
    numbers = [module.get("orgStudyIdInfo", {}), *module.get("secondaryIdInfos", [])]
    wanted = len([one for one in numbers if one.get("id", "").strip()])
    only_in_titles = graph.count("tkg:foundIn")
    noted = len([note for note in graph.notes if "has no number" in note])
    if graph.kinds["secondary-identifier/N"] - only_in_titles != wanted or noted != len(
        [one for one in numbers if one and not one.get("id", "").strip()]
    ):
        yield "secondary identifiers", f"{wanted} in, {graph.kinds['secondary-identifier/N']} out"


def uses(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    module = record["protocolSection"].get("armsInterventionsModule", {})
    for number, arm in enumerate(module.get("armGroups", []), 1):
        names = {" ".join(name.casefold().split()) for name in arm.get("interventionNames", [])}
        made = sum(s.startswith(f"{graph.study}/arm/{number}/use/") for s in graph.subjects)
        noted = sum(note.startswith(f"arm {arm['label']!r} names an intervention") for note in graph.notes)
        # Two names of one intervention are one use of it.
        listed = {" ".join(one["name"].casefold().split()) for one in module.get("interventions", [])}
        same = len(names) - len({name.partition(": ")[2] if name not in listed else name for name in names})
        if names and not len(names) - same - noted <= made <= len(names):
            yield "uses", f"arm {number}: {len(names)} in, {made} out, {noted} noted"


def terms(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    derived = record.get("derivedSection", {})
    meshes = [
        term.get("id", "")
        for side in ("condition", "intervention")
        for term in derived.get(f"{side}BrowseModule", {}).get("meshes", [])
    ]
    by_registry = sum(o.endswith("/code/method/registry>") for o in graph.of("tkg:method").values())
    # XML has no ids, and terms that others are within stand among the asserted ones.
    if by_registry != len(meshes) if all(meshes) else by_registry > len(meshes):
        yield "registry terms", f"{len(meshes)} in, {by_registry} out"


def outcome_results(record: dict[str, Any]) -> list[dict[str, Any]]:
    section = record.get("resultsSection", {}).get("outcomeMeasuresModule", {})
    found: list[dict[str, Any]] = section.get("outcomeMeasures", [])
    return found


def analysis_groups(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    analyses_in = [analysis for one in outcome_results(record) for analysis in one.get("analyses", ())]
    wanted = sum(len(set(analysis.get("groupIds", ()))) for analysis in analyses_in)
    analyses = f"{graph.study}/result/outcome/"
    group = f"<{expand('tkg:group')}>"
    made = sum(p == group and "/analysis/" in s and s.startswith(analyses) for s, p, _ in graph.statements)
    if made != wanted:
        yield "groups of analyses", f"{wanted} in, {made} out"


def rows_of_measures(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    """Titles of classes and categories are on every value below them, or in a note."""
    baseline = record.get("resultsSection", {}).get("baselineCharacteristicsModule", {})
    wanted: Counter[str] = Counter()
    empty = 0
    for measure in (*baseline.get("measures", ()), *outcome_results(record)):
        for one in measure.get("classes", ()):
            values = sum(len(category.get("measurements", ())) for category in one.get("categories", ()))
            numbers = sum(len(denominator["counts"]) for denominator in one.get("denoms", ()))
            if clean(one.get("title", "")):
                wanted["tkg:classTitle"] += values + numbers
                empty += not (values or numbers)
            for category in one.get("categories", ()):
                if clean(category.get("title", "")):
                    wanted["tkg:categoryTitle"] += len(category.get("measurements", ()))
                    empty += not category.get("measurements")
    for curie, number in wanted.items():
        if graph.count(curie) != number:
            yield "rows", f"{number} of {curie} in, {graph.count(curie)} out"
    noted = sum(note.endswith("of a measure has no values") for note in graph.notes)
    if noted != empty:
        yield "rows", f"{empty} without values, {noted} noted"


def events(record: dict[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    """Affected, at risk and events, in total for each group and kind, and the totals that the record itself gives."""
    module = record.get("resultsSection", {}).get("adverseEventsModule", {})
    ids = {node: json.loads(text) for node, text in graph.of("dcterms:identifier").items() if "/group/" in node}
    groups = graph.of("tkg:group")
    for name, curie in (("numAffected", "tkg:affected"), ("numAtRisk", "tkg:atRisk"), ("numEvents", "tkg:events")):
        wanted: Counter[tuple[str, str]] = Counter()
        for kind in ("serious", "other"):
            for event in module.get(f"{kind}Events", ()):
                for stats in event.get("stats", ()):
                    wanted[kind, stats["groupId"]] += stats.get(name, 0)
        made: Counter[tuple[str, str]] = Counter()
        for node, value in graph.of(curie).items():
            kind = "serious" if "/serious/" in node else "other"
            made[kind, ids[groups[node]]] += int(value.split('"')[1])
        if +made != +wanted:
            yield "events", f"{name}: {+wanted} in, {+made} out"
    for kind in ("deaths", "serious", "other"):
        for what in ("Affected", "AtRisk"):
            totals = graph.of(f"tkg:{kind}{what}")
            out = {ids[node]: int(value.split('"')[1]) for node, value in totals.items()}
            field = f"{kind}Num{what}"
            stated = {one["id"]: one[field] for one in module.get("eventGroups", ()) if field in one}
            if out != stated:
                yield "events", f"{field}: {stated} in, {out} out"


@pytest.mark.parametrize("what", CHECKS)
def test_in_is_out(findings: Findings, what: str) -> None:
    lines = findings.wrong[what]
    assert not lines, f"{len(lines)} findings: " + "\n".join(lines[:10])


def test_every_finding_belongs_to_a_check(findings: Findings) -> None:
    assert set(findings.wrong) <= set(CHECKS)


def test_every_list_of_the_records_is_counted(findings: Findings) -> None:
    known = NODES.keys() | VALUES.keys() | PARTS | CHECKED
    assert {path for path in findings.lists if path not in known and not KEPT_OUT.fullmatch(path)} == set()


def test_all_records_were_counted(findings: Findings) -> None:
    assert findings.records == (3658 if findings.of_api else 1180)


def test_the_records_put_the_counts_to_the_test(findings: Findings) -> None:
    if not findings.of_api:
        return
    seldom = {path for path in NODES if findings.lists[path] < 30}
    assert seldom == {
        "protocolSection.referencesModule.references[].retractions",
        BASELINE + "measures[].denoms[].counts",
    }
