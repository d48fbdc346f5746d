"""The table of fields is true: against the registry's description, against real records, and against what comes out.

A record is made that has a value in every field. Taking one away must change the statements where the table says that
the field is mapped, in the properties that it names, and change nothing where it says that it is kept out.
"""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
import yaml

from kg.linking.linker import load_linker
from kg.mapping.fields import PROTOCOL, Row, leaves, occurrences, rows
from kg.mapping.study import map_study
from kg.namespaces import PREFIXES, compress
from kg.sources import Form, RawRecord, decode
from kg.study import OWN_FIELDS, Study
from kg.vocabularies.codes import load_codes

NCT_ID = "NCT99999901"
STUDY = f"<{PREFIXES['trial']}{NCT_ID}>"
# What a field must hold for its row to be true, where any text will not do.
VALUES: dict[str, Any] = {
    "identificationModule.nctId": NCT_ID,
    "identificationModule.orgStudyIdInfo.id": "ORG-1",
    "identificationModule.orgStudyIdInfo.link": "https://example.org/org",
    "identificationModule.secondaryIdInfos[].link": "https://example.org/second",
    "identificationModule.secondaryIdInfos[].id": "A-1",
    "statusModule.expandedAccessInfo.nctId": "NCT99999902",
    "armsInterventionsModule.armGroups[].interventionNames[]": "Drug: Nivolumab",
    "armsInterventionsModule.interventions[].armGroupLabels[]": "Arm label",
    "armsInterventionsModule.interventions[].name": "Nivolumab",
    "armsInterventionsModule.interventions[].otherNames[]": "Opdivo",
    "armsInterventionsModule.interventions[].type": "DRUG",
    "eligibilityModule.eligibilityCriteria": (
        "Inclusion Criteria:\n\n* Adult\n\nExclusion Criteria:\n\n* Prior nivolumab, or:\n  * melanoma"
    ),
    "conditionsModule.conditions[]": "Melanoma",
    "conditionsModule.keywords[]": "Glioma",
    "contactsLocationsModule.locations[].country": "Spain",
    "derivedSection.conditionBrowseModule.meshes[].id": "D001943",
    "derivedSection.conditionBrowseModule.meshes[].term": "Breast Cancer",
    "derivedSection.interventionBrowseModule.meshes[].id": "D008775",
    "derivedSection.interventionBrowseModule.meshes[].term": "Medrol",
    "statusModule.whyStopped": "Slow accrual",
    "outcomesModule.primaryOutcomes[].timeFrame": "12 months",
    "outcomesModule.secondaryOutcomes[].timeFrame": "2 years",
    "outcomesModule.otherOutcomes[].timeFrame": "24 hours",
    "designModule.studyType": "INTERVENTIONAL",
    "designModule.designInfo.allocation": "RANDOMIZED",
    "outcomesModule.primaryOutcomes[].measure": "Overall survival",
    "outcomesModule.secondaryOutcomes[].measure": "Progression-free survival",
    "outcomesModule.otherOutcomes[].measure": "Objective response rate",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].title": "Overall survival",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].type": "PRIMARY",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].dispersionType": "Standard Deviation",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].analyses[].groupIds[]": "G1",
}
ENDINGS = {
    "pmid": "12345678", "url": "https://example.org/page", "date": "2020-01-02", "Date": "2020-01-02", "lat": 1.5,
    "minBmi": 18.5, "maxBmi": 30.0,
    "lon": 2.5, "versionHolder": "2020-01-02", "groupId": "G1", "groups[].id": "G1", "eventGroups[].id": "G1",
    "numSubjects": "7", "numUnits": "8", "counts[].value": "9", "value": "1.50",
    "spread": "2.50", "lowerLimit": "3.50",
    "upperLimit": "4.50", "frequencyThreshold": "5.0", "paramValue": "6.50", "dispersionValue": "7.50",
    "pValue": "0.50",
    "ciPctValue": "95.0", "ciLowerLimit": "8.50", "ciUpperLimit": "9.50", "minimumAge": "18 Years",
    "maximumAge": "65 Years", "filename": "Prot_000.pdf", "groups[].title": "Arm label",
    "eventGroups[].title": "Arm label",
    "armGroups[].label": "Arm label", "description": "assessed by RECIST 1.1",
}  # fmt: skip
# Properties that a value of another kind would give: what one record cannot show beside the others.
OTHER_CASES = {
    "eligibilityModule.eligibilityCriteria": {"tkg:criterion"},
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].dispersionType": {"tkg:dispersionText"},
    "sponsorCollaboratorsModule.responsibleParty.oldNameTitle": {"tkg:investigatorName"},
    "sponsorCollaboratorsModule.responsibleParty.oldOrganization": {"tkg:affiliation"},
    "armsInterventionsModule.interventions[].armGroupLabels[]": {"tkg:use", "tkg:intervention", "tkg:role"},
    "armsInterventionsModule.interventions[].otherNames[]": {"tkg:link"},
    "armsInterventionsModule.interventions[].name": {"tkg:drugClass"},
    "designModule.expandedAccessTypes.individual": set(),
}
# Fields that records have and the description lacks.
NEWER = {f"derivedSection.miscInfoModule.modelPredictions.bmiLimits.{name}" for name in ("minBmi", "maxBmi")}
# Fields that only count where another is absent.
ONLY_WITHOUT = {
    "sponsorCollaboratorsModule.responsibleParty.oldNameTitle": "investigatorFullName",
    "sponsorCollaboratorsModule.responsibleParty.oldOrganization": "investigatorAffiliation",
    "armsInterventionsModule.interventions[].armGroupLabels[]": "interventionNames",
}


def code_lists(row: Row) -> Iterator[str]:
    """A value of the code list that a row names."""
    for part in row.value.split("`")[1::2]:
        name = part.partition(":")[0]
        if name in load_codes():
            yield next(value for value in load_codes()[name] if value != "NA")


def value_of(path: str, kind: Any) -> Any:
    if path in VALUES:
        return VALUES[path]
    kinds = get_args(kind) or (kind,)
    if bool in kinds:
        return True
    row = next((row for row in rows() if row.path == path), None)
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if path.endswith(ending) and float not in kinds and int not in kinds:
            return ENDINGS[ending]
    if float in kinds:
        return ENDINGS[path.rpartition(".")[2]]
    if int in kinds:
        return 11
    return next(code_lists(row), None) if row and next(code_lists(row), None) else f"text of {path}"


def filled(kind: Any, path: str) -> Any:
    """A value of a type with everything in it."""
    if get_origin(kind) is list:
        return [filled(get_args(kind)[0], f"{path}[]")]
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            fields = msgspec.structs.fields(one)
            return {f.encode_name: filled(f.type, f"{path}.{f.encode_name}" if path else f.encode_name) for f in fields}
    return value_of(path.removeprefix(PROTOCOL), kind)


@cache
def whole_record() -> str:
    record = {
        field.encode_name: filled(field.type, field.encode_name)
        for field in msgspec.structs.fields(Study)
        if field.encode_name not in OWN_FIELDS
    }
    return json.dumps(record)


def without(record: Any, path: str) -> Any:
    """A record without a field, wherever it stands."""
    names = [name for part in path.split(".") for name in part.replace("[]", "\0[]").split("\0") if name]
    _remove(record, names)
    return record


def _remove(value: Any, names: list[str]) -> None:
    name, *rest = names
    if name == "[]":
        if rest:
            for item in value:
                _remove(item, rest)
        else:
            value.clear()
    elif rest and rest != ["[]"]:
        _remove(value[name], rest)
    else:
        del value[name]


def full_path(path: str) -> str:
    return path if path.partition(".")[0] in json.loads(whole_record()) else PROTOCOL + path


def statements(record: Any) -> set[tuple[str, str, str]]:
    data = json.dumps(record).encode()
    study, linker = decode(RawRecord(data, Form.API_V2, "here")), load_linker()
    mapped = map_study(study, linker.study(study), linker, data, Form.API_V2)
    return {statement for statement in mapped.statements if "sha256" not in statement[1]}


def base_record(path: str) -> Any:
    record = json.loads(whole_record())
    rival = ONLY_WITHOUT.get(path)
    if rival == "interventionNames":
        without(record, f"{PROTOCOL}armsInterventionsModule.armGroups[].interventionNames")
    elif path == "armsInterventionsModule.armGroups[].interventionNames[]":
        without(record, f"{PROTOCOL}armsInterventionsModule.interventions[].armGroupLabels")
    elif rival:
        without(record, full_path(path).rpartition(".")[0] + f".{rival}")
    return record


MAPPED = [row for row in rows() if row.properties]
KEPT_OUT = [row for row in rows() if not row.properties]


@pytest.mark.parametrize("row", MAPPED, ids=lambda row: row.path)
def test_a_mapped_field_makes_the_statements_of_its_row(row: Row) -> None:
    if row.path == "identificationModule.nctId":
        return  # without it there is no study
    record = base_record(row.path)
    before = statements(record)
    lost = before - statements(without(copy.deepcopy(record), full_path(row.path)))
    assert lost, "the field changes nothing"
    # A node stays while another of its fields does; what leads to it is then not lost.
    nodes = {subject for subject, _, _ in lost}
    made = {compress(p[1:-1]) for s, p, o in before if (s, p, o) in lost or o in nodes}
    assert set(row.properties) - made <= OTHER_CASES.get(row.path, set())


@pytest.mark.parametrize("row", KEPT_OUT, ids=lambda row: row.path)
def test_a_field_that_is_kept_out_changes_nothing_and_says_why(row: Row) -> None:
    record = json.loads(whole_record())
    assert statements(record) == statements(without(copy.deepcopy(record), full_path(row.path)))
    assert row.value.startswith("not kept: ")
    value = value_of(row.path, str)
    if str(value).startswith("text of"):
        assert not [s for s in statements(record) if value in s[2]]


def test_the_whole_record_gives_no_note() -> None:
    data = whole_record().encode()
    study, linker = decode(RawRecord(data, Form.API_V2, "here")), load_linker()
    assert map_study(study, linker.study(study), linker, data, Form.API_V2).notes == []
    assert set(occurrences([study])) == set(leaves())


def test_every_row_is_of_one_field_in_order() -> None:
    paths = [row.path for row in rows()]
    assert paths == list(leaves())
    assert len(set(paths)) == len(paths) == 344 + len(NEWER)


@pytest.mark.shared_data
def test_the_fields_are_those_of_the_registrys_description(shared_data: Path) -> None:
    description = yaml.safe_load((shared_data / "records" / "api" / "ctg-oas-v2.0.5.yaml").read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]

    def described(schema: dict[str, Any], path: str) -> Iterator[str]:
        schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        if "properties" in schema:
            for name, inner in schema["properties"].items():
                yield from described(inner, f"{path}.{name}" if path else name)
        elif schema.get("type") == "array":
            yield from described(schema["items"], f"{path}[]")
        else:
            yield path

    assert set(leaves()) - NEWER == {path.removeprefix(PROTOCOL) for path in described({"$ref": "#/Study"}, "")}


@pytest.mark.shared_data
def test_occurrences_are_those_of_the_raw_records(shared_data: Path) -> None:
    def walked(value: Any, path: str, counts: Counter[str]) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walked(inner, f"{path}.{name}" if path else name, counts)
        elif isinstance(value, list):
            for inner in value:
                walked(inner, f"{path}[]", counts)
        else:
            counts[path.removeprefix(PROTOCOL)] += 1

    raw: Counter[str] = Counter()
    studies = []
    with gzip.open(shared_data / "records" / "v2" / "studies.ndjson.gz") as file:
        for number, line in enumerate(file):
            if number % 5 == 0:
                walked(json.loads(line), "", raw)
                studies.append(decode(RawRecord(line.rstrip(), Form.API_V2, "here")))
    unknown = {path for study in studies for path in study.unknown_fields}
    known = {path: count for path, count in raw.items() if path in set(leaves())}
    assert occurrences(studies) == known
    assert {path for path in raw if path not in known} <= {
        path for path in raw for other in unknown if path.startswith(other.removeprefix(PROTOCOL))
    }
