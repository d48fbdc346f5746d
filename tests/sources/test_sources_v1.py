"""API v1: every piece of its structure reaches the v2 field of the same meaning; what has none is noted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.config import Limits
from kg.sources import Form, Inputs, RawRecord, Reject, decode, head, read
from kg.study import DateStruct, Study

STRUCTURE = Path(__file__).with_name("v1_structure.txt")
WITHOUT_FIELD = ["OrgStudyIdDomain", "ResultsFirstPostedQCCommentsDateStruct"]

STUDY: dict[str, Any] = {
    "ProtocolSection": {
        "IdentificationModule": {
            "NCTId": "NCT00000011",
            "NCTIdAliasList": {"NCTIdAlias": ["NCT00000012"]},
            "OrgStudyIdInfo": {"OrgStudyId": "A-1"},
            "SecondaryIdInfoList": {
                "SecondaryIdInfo": [{"SecondaryId": "2011-1", "SecondaryIdType": "Other Grant/Funding Number"}]
            },
            "Organization": {"OrgFullName": "A clinic", "OrgClass": "OTHER"},
            "BriefTitle": "A study",
        },
        "StatusModule": {
            "StatusVerifiedDate": "January 2018",
            "OverallStatus": "Active, not recruiting",
            "StartDateStruct": {"StartDate": "September 2015", "StartDateType": "Actual"},
            "CompletionDateStruct": {"CompletionDate": "December 31, 2026", "CompletionDateType": "Anticipated"},
            "StudyFirstPostDateStruct": {"StudyFirstPostDate": "June 11, 2013", "StudyFirstPostDateType": "Estimate"},
            "LastUpdatePostDateStruct": {"LastUpdatePostDate": "January 25, 2018", "LastUpdatePostDateType": "Actual"},
        },
        "OversightModule": {"OversightHasDMC": "Yes", "IsFDARegulatedDrug": "No"},
        "ConditionsModule": {"ConditionList": {"Condition": ["Asthma"]}, "KeywordList": {"Keyword": ["air", "lung"]}},
        "DesignModule": {
            "StudyType": "Interventional",
            "PhaseList": {"Phase": ["Phase 2", "Phase 3"]},
            "DesignInfo": {
                "DesignAllocation": "Randomized",
                "DesignInterventionModel": "Parallel Assignment",
                "DesignObservationalModelList": {"DesignObservationalModel": ["Case-Only"]},
                "DesignMaskingInfo": {
                    "DesignMasking": "Double",
                    "DesignWhoMaskedList": {"DesignWhoMasked": ["Participant", "Care Provider"]},
                },
            },
            "EnrollmentInfo": {"EnrollmentCount": "20000", "EnrollmentType": "Anticipated"},
        },
        "ArmsInterventionsModule": {
            "ArmGroupList": {
                "ArmGroup": [
                    {
                        "ArmGroupLabel": "One",
                        "ArmGroupType": "Active Comparator",
                        "ArmGroupInterventionList": {"ArmGroupInterventionName": ["Drug: Salt"]},
                    }
                ]
            },
            "InterventionList": {
                "Intervention": [
                    {
                        "InterventionType": "Drug",
                        "InterventionName": "Salt",
                        "InterventionArmGroupLabelList": {"InterventionArmGroupLabel": ["One"]},
                        "InterventionOtherNameList": {"InterventionOtherName": ["NaCl"]},
                    }
                ]
            },
        },
        "OutcomesModule": {
            "PrimaryOutcomeList": {
                "PrimaryOutcome": [{"PrimaryOutcomeMeasure": "Breath", "PrimaryOutcomeTimeFrame": "1 year"}]
            }
        },
        "EligibilityModule": {
            "HealthyVolunteers": "Accepts Healthy Volunteers",
            "Gender": "All",
            "MinimumAge": "18 Years",
            "StdAgeList": {"StdAge": ["Adult", "Older Adult"]},
        },
        "SurpriseModule": {"Surprise": "x"},
    },
    "DerivedSection": {
        "MiscInfoModule": {"VersionHolder": "July 07, 2021"},
        "ConditionBrowseModule": {
            "ConditionMeshList": {"ConditionMesh": [{"ConditionMeshId": "D000001249", "ConditionMeshTerm": "Asthma"}]},
            "ConditionBrowseLeafList": {
                "ConditionBrowseLeaf": [{"ConditionBrowseLeafId": "M1", "ConditionBrowseLeafRelevance": "high"}]
            },
        },
    },
}


def one(tmp_path: Path, value: Any) -> RawRecord | Reject:
    path = tmp_path / "records.json"
    path.write_text(json.dumps(value, indent=1))
    (found,) = read([path])
    return found


@pytest.fixture
def study(tmp_path: Path) -> Study:
    found = one(tmp_path, {"FullStudy": {"Rank": 1, "Study": STUDY}})
    assert isinstance(found, RawRecord)
    assert found.form is Form.API_V1
    assert head(found) == ("NCT00000011", "2018-01-25")
    return decode(found)


def test_protocol(study: Study) -> None:
    protocol = study.protocol_section
    identification = protocol.identification_module
    assert identification.nct_id_aliases == ["NCT00000012"]
    assert identification.org_study_id_info is not None
    assert identification.org_study_id_info.id == "A-1"
    assert [(one.id, one.type) for one in identification.secondary_id_infos] == [("2011-1", "OTHER_GRANT")]
    assert identification.organization is not None
    assert (identification.organization.full_name, identification.organization.class_) == ("A clinic", "OTHER")
    status = protocol.status_module
    assert (status.status_verified_date, status.overall_status) == ("2018-01", "ACTIVE_NOT_RECRUITING")
    assert status.start_date_struct == DateStruct(date="2015-09", type="ACTUAL")
    assert status.completion_date_struct == DateStruct(date="2026-12-31", type="ESTIMATED")
    assert status.study_first_post_date_struct == DateStruct(date="2013-06-11", type="ESTIMATED")
    assert protocol.oversight_module.oversight_has_dmc is True
    assert protocol.oversight_module.is_fda_regulated_drug is False
    assert (protocol.conditions_module.conditions, protocol.conditions_module.keywords) == (["Asthma"], ["air", "lung"])
    assert msgspec.to_builtins(protocol.design_module) == {
        "studyType": "INTERVENTIONAL",
        "phases": ["PHASE2", "PHASE3"],
        "designInfo": {
            "allocation": "RANDOMIZED",
            "interventionModel": "PARALLEL",
            "observationalModel": "CASE_ONLY",
            "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "CARE_PROVIDER"]},
        },
        "enrollmentInfo": {"count": 20000, "type": "ESTIMATED"},
    }
    assert msgspec.to_builtins(protocol.arms_interventions_module) == {
        "armGroups": [{"label": "One", "type": "ACTIVE_COMPARATOR", "interventionNames": ["Drug: Salt"]}],
        "interventions": [{"type": "DRUG", "name": "Salt", "armGroupLabels": ["One"], "otherNames": ["NaCl"]}],
    }
    assert msgspec.to_builtins(protocol.eligibility_module) == {
        "healthyVolunteers": True,
        "sex": "ALL",
        "minimumAge": "18 Years",
        "stdAges": ["ADULT", "OLDER_ADULT"],
    }


def test_derived_terms_and_notes(study: Study) -> None:
    module = study.derived_section.condition_browse_module
    assert [(one.id, one.term) for one in module.meshes] == [("D000001249", "Asthma")]
    assert [(one.id, one.relevance) for one in module.browse_leaves] == [("M1", "HIGH")]
    assert study.derived_section.misc_info_module.version_holder == "2021-07-07"
    assert study.has_results is False
    assert study.reading_notes == ["no field of API v2 for ProtocolSection.SurpriseModule"]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"FullStudiesResponse": {"APIVrs": "1.01.05", "FullStudies": [{"Rank": 1, "Study": STUDY}]}},
        {"FullStudy": {"Rank": 1, "Study": STUDY}},
        {"Study": STUDY},
        STUDY,
        [STUDY],
    ],
)
def test_each_way_of_wrapping(tmp_path: Path, wrapped: Any, study: Study) -> None:
    found = one(tmp_path, wrapped)
    assert isinstance(found, RawRecord)
    assert decode(found) == study


def test_one_to_the_line_beside_v2(tmp_path: Path) -> None:
    path = tmp_path / "records.ndjson"
    v2 = {"protocolSection": {"identificationModule": {"nctId": "NCT00000013"}}}
    path.write_text("\n".join(json.dumps(value) for value in ({"Study": STUDY}, v2, {"Study": {"NoSection": 1}})))
    found = list(read([path]))
    assert [type(one).__name__ for one in found] == ["RawRecord", "RawRecord", "Reject"]
    assert [one.form for one in found if isinstance(one, RawRecord)] == [Form.API_V1, Form.API_V2]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"IdentificationModule": {"NCTId": "11"}}, "'11' is no NCT id"),
        ({"IdentificationModule": {}}, "no NCT id"),
        (
            {"IdentificationModule": {"NCTId": "NCT00000011"}, "StatusModule": {"StartDateStruct": "May"}},
            "expected an object",
        ),
        ({"IdentificationModule": {"NCTId": ["NCT00000011"]}}, "not as the registry's API v1 gives it"),
        ({"IdentificationModule": {"NCTId": "NCT00000011"}, "OversightModule": {"OversightHasDMC": "Maybe"}}, "bool"),
    ],
)
def test_what_is_no_record_is_rejected(tmp_path: Path, broken: Any, reason: str) -> None:
    path = tmp_path / "records.json"
    studies = [{"Study": {"ProtocolSection": broken}}, {"Study": STUDY}]
    path.write_text(json.dumps({"FullStudiesResponse": {"FullStudies": studies}}))
    bad, good = read([path])
    assert isinstance(bad, Reject)
    assert reason in bad.reason
    assert isinstance(good, RawRecord)


def test_a_spoilt_study_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    whole = json.dumps({"FullStudiesResponse": {"FullStudies": [{"Study": STUDY}, {"Study": STUDY}]}})
    path.write_text(whole[:-40])
    found = list(read([path]))
    assert isinstance(found[0], RawRecord)
    assert isinstance(found[-1], Reject)


def test_a_record_that_is_too_long_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"Study": STUDY}))
    with Inputs([path], Limits(record_bytes=1000)) as inputs:
        (found,) = inputs.records()
    assert isinstance(found, Reject)
    assert "longer than 1,000 bytes" in found.reason


def test_every_piece_of_the_structure_has_its_field(tmp_path: Path) -> None:
    """Each piece gets a value of its own, and each value is found in the study, under one field."""
    marks = iter(re.findall(r"[][{}]|[A-Za-z0-9]+\*?", STRUCTURE.read_text()))
    pieces: list[str] = []
    assert next(marks) == "Study"
    assert next(marks) == "{"
    filled = fill(marks, pieces)
    filled["ProtocolSection"]["IdentificationModule"]["NCTId"] = "NCT00000011"
    found = one(tmp_path, filled)
    assert isinstance(found, RawRecord), found
    study = decode(found)
    assert sorted(note.rpartition(".")[2] for note in study.reading_notes) == WITHOUT_FIELD
    values = [value for value in leaves(msgspec.to_builtins(study)) if str(value).startswith("piece ")]
    flags = [piece for piece in pieces if is_flag(piece)]
    numbers = [piece for piece in pieces if is_number(piece)]
    lost = ["OrgStudyIdDomain", "ResultsFirstPostedQCCommentsDate", "ResultsFirstPostedQCCommentsDateType", "NCTId"]
    assert sorted(values) == sorted(f"piece {piece}" for piece in pieces if piece not in [*flags, *numbers, *lost])
    assert sum(value is True for value in leaves(msgspec.to_builtins(study))) == len(flags) + 1  # and has_results
    assert sum(type(value) is int for value in leaves(msgspec.to_builtins(study))) == len(numbers)
    assert len(pieces) > 280


def fill(marks: Iterator[str], pieces: list[str]) -> dict[str, Any]:
    """The part that ``marks`` describe up to its end: ``[X]`` is a list of X, ``{}`` what a piece holds."""
    part: dict[str, Any] = {}
    name = ""
    for mark in marks:
        if mark == "}":
            return part
        if mark == "[":
            continue
        if mark == "]":
            part[f"{name}List"] = {name: [part.pop(name)]}
        elif mark == "{":
            part[name] = fill(marks, pieces)
            pieces.remove(name)
        else:
            name = mark.rstrip("*")
            pieces.append(name)
            value: Any = "Yes" if is_flag(name) else "7" if is_number(name) else f"piece {name}"
            part[name] = [value] if mark.endswith("*") else value
    return part


def is_flag(piece: str) -> bool:
    return piece in {
        "DelayedPosting", "HasExpandedAccess", "OversightHasDMC", "FDAAA801Violation", "PatientRegistry",
        "ExpAccTypeIndividual", "ExpAccTypeIntermediate", "ExpAccTypeTreatment", "HealthyVolunteers", "GenderBased",
        "BaselineMeasureCalculatePct", "OutcomeMeasureCalculatePct", "OutcomeAnalysisTestedNonInferiority",
        "AgreementPISponsorEmployee", "AgreementRestrictiveAgreement",
    } or piece.startswith(("Is", "LargeDocHas"))  # fmt: skip


def is_number(piece: str) -> bool:
    group = piece.startswith("EventGroup") and "Num" in piece
    return group or "EventStatsNum" in piece or piece in {"EnrollmentCount", "SubmissionMCPReleaseN"}


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def test_two_pieces_for_one_field_are_noted(tmp_path: Path) -> None:
    record = {
        "Study": {"ProtocolSection": {**STUDY["ProtocolSection"], "EligibilityModule": {"Gender": "All", "Sex": "x"}}}
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record))
    (found,) = read([path])
    assert isinstance(found, RawRecord)
    study = decode(found)
    assert study.protocol_section.eligibility_module.sex == "ALL"
    where = "ProtocolSection.EligibilityModule.Sex"
    assert f"{where} says a second time what another piece says: not read" in study.reading_notes
