"""AACT exports: what tables say comes back as studies, and what is broken in them costs no other row."""

from __future__ import annotations

import csv
import gzip
import json
import re
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from kg.config import Limits
from kg.pipeline.choose import choose
from kg.sources import Form, Inputs, RawRecord, Reject, decode, head, read
from kg.sources.aact.store import TableStore
from kg.sources.aact.tables import COLUMNS, OPTIONAL_COLUMNS, UNUSED_COLUMNS, UNUSED_TABLES
from kg.study import Study
from tests.records import record
from tests.sources.aact_export import Export, export

# What AACT cannot hold of a record, as beginnings of JSON paths without indices, with the reason.
LOST = {
    "protocolSection.contactsLocationsModule.locations.geoPoint": "no coordinates before 2024",
    "protocolSection.designModule.nPtrsToThisExpAccNctId": "no column",
    "protocolSection.armsInterventionsModule.interventions.interventionMappedName": "of no field of API 2.0.5 either",
    "protocolSection.statusModule.resultsWaived": "no column",
    "derivedSection.conditionBrowseModule.meshes.id": "terms only",
    "derivedSection.conditionBrowseModule.ancestors.id": "terms only",
    "derivedSection.conditionBrowseModule.browseLeaves": "no table",
    "derivedSection.conditionBrowseModule.browseBranches": "no table",
    "derivedSection.interventionBrowseModule.meshes.id": "terms only",
    "derivedSection.interventionBrowseModule.ancestors.id": "terms only",
    "derivedSection.interventionBrowseModule.browseLeaves": "no table",
    "derivedSection.interventionBrowseModule.browseBranches": "no table",
    "derivedSection.miscInfoModule.versionHolder": "no column",
    "derivedSection.miscInfoModule.submissionTracking": "no table",
    "documentSection.largeDocumentModule.noSap": "no column",
    "documentSection.largeDocumentModule.largeDocs.typeAbbrev": "no column; the has_ columns say the same",
    "documentSection.largeDocumentModule.largeDocs.uploadDate": "no column",
    "documentSection.largeDocumentModule.largeDocs.size": "no column",
    "annotationSection.annotationModule.unpostedAnnotation.unpostedResponsibleParty": "no column",
    "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents.dateUnknown": "no column",
    "annotationSection.annotationModule.violationAnnotation": "no table",
    "resultsSection.participantFlowModule.periods.milestones.achievements": "only where a group has no row",
    "resultsSection.baselineCharacteristicsModule.measures.denoms": "a number analyzed for each value, not the level",
    "resultsSection.baselineCharacteristicsModule.measures.classes.denoms": "the same",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.reportingStatus": "no column",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.calculatePct": "no column",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.denomUnitsSelected": "no column",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.classes.denoms": "no table",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.analyses.testedNonInferiority": "no column",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures.analyses.ciLowerLimitComment": "no column",
    "resultsSection.adverseEventsModule.allCauseMortalityComment": "no column",
    "resultsSection.adverseEventsModule.frequencyThreshold": "only with the events, so not where there is none",
    "resultsSection.adverseEventsModule.timeFrame": "the same",
    "resultsSection.adverseEventsModule.description": "the same",
    "resultsSection.adverseEventsModule.seriousEvents.notes": "no column",
    "resultsSection.adverseEventsModule.otherEvents.notes": "no column",
}


def invented(nct_id: str, **changes: Any) -> dict[str, Any]:
    """A study that fills every column that is read."""
    values = [{"groupId": "OG000", "value": "1", "spread": "2", "lowerLimit": "<3", "upperLimit": "4", "comment": "x"}]
    counts = [{"groupId": "OG000", "value": "9"}]
    dates = {
        f"{name}DateStruct": {"date": date, "type": kind}
        for name, date, kind in (
            ("start", "2015-09", "ACTUAL"),
            ("primaryCompletion", "2016-01-02", "ACTUAL"),
            ("completion", "2026-12", "ESTIMATED"),
            ("studyFirstPost", "2015-08-01", "ESTIMATED"),
            ("resultsFirstPost", "2017-08-01", "ACTUAL"),
            ("dispFirstPost", "2017-01-01", "ACTUAL"),
            ("lastUpdatePost", "2020-02-03", "ACTUAL"),
        )
    }
    days = (
        "studyFirstSubmit studyFirstSubmitQc resultsFirstSubmit resultsFirstSubmitQc dispFirstSubmit dispFirstSubmitQc"
    )
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": nct_id,
                "nctIdAliases": ["NCT00000099"],
                "orgStudyIdInfo": {"id": "A|1", "type": "NIH", "link": "https://example.org/a"},
                "secondaryIdInfos": [
                    {"id": "U1", "type": "REGISTRY", "domain": "WHO", "link": "https://example.org/u"}
                ],
                "briefTitle": 'A "brief" title | with marks',
                "officialTitle": "An official title\nover two lines",
                "acronym": "ABC",
                "organization": {"fullName": "A clinic", "class": "OTHER"},
            },
            "statusModule": {
                "statusVerifiedDate": "2020-01",
                "overallStatus": "TERMINATED",
                "lastKnownStatus": "RECRUITING",
                "delayedPosting": True,
                "whyStopped": "No funds",
                "expandedAccessInfo": {
                    "hasExpandedAccess": True,
                    "nctId": "NCT00000098",
                    "statusForNctId": "AVAILABLE",
                },
                "lastUpdateSubmitDate": "2020-02-01",
                **{f"{name}Date": f"2016-03-{number:02}" for number, name in enumerate(days.split(), 1)},
                **dates,
            },
            "sponsorCollaboratorsModule": {
                "responsibleParty": {
                    "type": "PRINCIPAL_INVESTIGATOR",
                    "investigatorFullName": "A Person",
                    "investigatorTitle": "Doctor",
                    "investigatorAffiliation": "A clinic",
                    "oldNameTitle": "A Person, Doctor",
                    "oldOrganization": "An old clinic",
                },
                "leadSponsor": {"name": "A clinic", "class": "OTHER"},
                "collaborators": [{"name": "A firm", "class": "INDUSTRY"}],
            },
            "oversightModule": {
                "oversightHasDmc": True,
                "isFdaRegulatedDrug": True,
                "isFdaRegulatedDevice": False,
                "isUnapprovedDevice": True,
                "isPpsd": False,
                "isUsExport": True,
                "fdaaa801Violation": False,
            },
            "descriptionModule": {"briefSummary": "Short.", "detailedDescription": 'Long.\n\nTwo|parts, "quoted".'},
            "conditionsModule": {"conditions": ["Asthma", "Cough"], "keywords": ["air"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "expandedAccessTypes": {"individual": True, "intermediate": False, "treatment": True},
                "patientRegistry": True,
                "targetDuration": "2 Years",
                "phases": ["PHASE1", "PHASE2"],
                "designInfo": {
                    "allocation": "RANDOMIZED",
                    "interventionModel": "PARALLEL",
                    "interventionModelDescription": "Two arms",
                    "primaryPurpose": "TREATMENT",
                    "observationalModel": "COHORT",
                    "timePerspective": "PROSPECTIVE",
                    "maskingInfo": {
                        "masking": "QUADRUPLE",
                        "maskingDescription": "All",
                        "whoMasked": ["PARTICIPANT", "CARE_PROVIDER", "INVESTIGATOR", "OUTCOMES_ASSESSOR"],
                    },
                },
                "bioSpec": {"retention": "SAMPLES_WITH_DNA", "description": "Blood"},
                "enrollmentInfo": {"count": 48, "type": "ESTIMATED"},
            },
            "armsInterventionsModule": {
                "armGroups": [
                    {
                        "label": "One",
                        "type": "EXPERIMENTAL",
                        "description": "Salt",
                        "interventionNames": ["Dietary Supplement: Salt"],
                    },
                    {"label": "Two", "type": "NO_INTERVENTION"},
                ],
                "interventions": [
                    {
                        "type": "DIETARY_SUPPLEMENT",
                        "name": "Salt",
                        "description": "Taken",
                        "armGroupLabels": ["One"],
                        "otherNames": ["NaCl"],
                    }
                ],
            },
            "outcomesModule": {
                f"{kind}Outcomes": [{"measure": kind, "description": "How", "timeFrame": "1 year"}]
                for kind in ("primary", "secondary", "other")
            },
            "eligibilityModule": {
                "eligibilityCriteria": "Inclusion Criteria:\n\n* Age",
                "healthyVolunteers": True,
                "sex": "FEMALE",
                "genderBased": True,
                "genderDescription": "Women",
                "minimumAge": "18 Years",
                "maximumAge": "80 Years",
                "stdAges": ["CHILD", "ADULT", "OLDER_ADULT"],
                "studyPopulation": "A town",
                "samplingMethod": "PROBABILITY_SAMPLE",
            },
            "contactsLocationsModule": {
                "centralContacts": [
                    {"name": "Desk", "role": "CONTACT", "phone": "1", "phoneExt": "2", "email": "desk@example.org"}
                ],
                "overallOfficials": [{"name": "Chief", "affiliation": "A clinic", "role": "STUDY_CHAIR"}],
                "locations": [
                    {
                        "facility": "Ward",
                        "status": "RECRUITING",
                        "city": "Bern",
                        "state": "BE",
                        "zip": "3000",
                        "country": "Switzerland",
                        "contacts": [
                            {
                                "name": "Ward",
                                "role": "CONTACT",
                                "phone": "3",
                                "phoneExt": "4",
                                "email": "w@example.org",
                            },
                            {"name": "Head", "role": "PRINCIPAL_INVESTIGATOR"},
                        ],
                    }
                ],
            },
            "referencesModule": {
                "references": [
                    {
                        "pmid": "1",
                        "type": "DERIVED",
                        "citation": "Someone. A paper.",
                        "retractions": [{"pmid": "2", "source": "A journal"}],
                    }
                ],
                "seeAlsoLinks": [{"label": "A page", "url": "https://example.org"}],
                "availIpds": [{"id": "D", "type": "Data", "url": "https://example.org/d", "comment": "On request"}],
            },
            "ipdSharingStatementModule": {
                "ipdSharing": "YES",
                "description": "All",
                "infoTypes": ["STUDY_PROTOCOL", "CSR"],
                "timeFrame": "Ever",
                "accessCriteria": "None",
                "url": "https://example.org/ipd",
            },
        },
        "resultsSection": {
            "participantFlowModule": {
                "preAssignmentDetails": "Before",
                "recruitmentDetails": "In a town",
                "typeUnitsAnalyzed": "Eyes",
                "groups": [{"id": "FG000", "title": "One", "description": "Salt"}],
                "periods": [
                    {
                        "title": "All of it",
                        "milestones": [
                            {
                                "type": "STARTED",
                                "comment": "All",
                                "achievements": [
                                    {"groupId": "FG000", "comment": "Here", "numSubjects": "9", "numUnits": "18"}
                                ],
                            }
                        ],
                        "dropWithdraws": [
                            {
                                "type": "Death",
                                "comment": "Any",
                                "reasons": [
                                    {"groupId": "FG000", "comment": "One", "numSubjects": "1", "numUnits": "2"}
                                ],
                            }
                        ],
                    }
                ],
            },
            "baselineCharacteristicsModule": {
                "populationDescription": "All who came",
                "typeUnitsAnalyzed": "Eyes",
                "groups": [{"id": "OG000", "title": "One", "description": "Salt"}],
                "denoms": [{"units": "Eyes", "counts": counts}],
                "measures": [
                    {
                        "title": "Sight",
                        "description": "Read",
                        "populationDescription": "Who can",
                        "paramType": "MEAN",
                        "dispersionType": "STANDARD_DEVIATION",
                        "unitOfMeasure": "lines",
                        "calculatePct": False,
                        "denomUnitsSelected": "Eyes",
                        "classes": [
                            {
                                "title": "Left",
                                "denoms": [{"units": "Eyes", "counts": [{"groupId": "OG000", "value": "5"}]}],
                                "categories": [{"title": "Good", "measurements": values}],
                            }
                        ],
                    }
                ],
            },
            "outcomeMeasuresModule": {
                "outcomeMeasures": [
                    {
                        "type": "PRIMARY",
                        "title": "Breath",
                        "description": "How",
                        "populationDescription": "All",
                        "anticipatedPostingDate": "2018-04",
                        "paramType": "COUNT_OF_UNITS",
                        "dispersionType": "95% Confidence Interval",
                        "unitOfMeasure": "breaths",
                        "timeFrame": "1 year",
                        "typeUnitsAnalyzed": "Lungs",
                        "groups": [{"id": "OG000", "title": "One", "description": "Salt"}],
                        "denoms": [{"units": "Lungs", "counts": counts}],
                        "classes": [
                            {"title": "Day 1", "categories": [{"title": "Deep", "measurements": values}]},
                            {"title": "Day 2", "categories": [{"measurements": values}, {"measurements": values}]},
                        ],
                        "analyses": [
                            {
                                "paramType": "Odds Ratio (OR)",
                                "paramValue": "1.50",
                                "dispersionType": "STANDARD_ERROR_OF_MEAN",
                                "dispersionValue": "0.2",
                                "statisticalMethod": "t-test",
                                "statisticalComment": "Two sides",
                                "pValue": "<0.001",
                                "pValueComment": "Not adjusted",
                                "ciNumSides": "TWO_SIDED",
                                "ciPctValue": "95",
                                "ciLowerLimit": "1.1",
                                "ciUpperLimit": "NA",
                                "ciUpperLimitComment": "Not reached",
                                "estimateComment": "Rough",
                                "nonInferiorityType": "NON_INFERIORITY",
                                "nonInferiorityComment": "Margin 1",
                                "otherAnalysisDescription": "None",
                                "groupDescription": "One",
                                "groupIds": ["OG000"],
                            }
                        ],
                    }
                ]
            },
            "adverseEventsModule": {
                "frequencyThreshold": "5",
                "timeFrame": "1 year",
                "description": "As told",
                "eventGroups": [
                    {
                        "id": "EG000",
                        "title": "One",
                        "description": "Salt",
                        "deathsNumAffected": 0,
                        "deathsNumAtRisk": 9,
                        "seriousNumAffected": 1,
                        "seriousNumAtRisk": 8,
                        "otherNumAffected": 2,
                        "otherNumAtRisk": 7,
                    }
                ],
                **{
                    f"{kind}Events": [
                        {
                            "term": "Thirst",
                            "organSystem": "General",
                            "sourceVocabulary": "MedDRA",
                            "assessmentType": "SYSTEMATIC_ASSESSMENT",
                            "stats": [{"groupId": "EG000", "numEvents": 3, "numAffected": 2, "numAtRisk": 9}],
                        }
                    ]
                    for kind in ("serious", "other")
                },
            },
            "moreInfoModule": {
                "limitationsAndCaveats": {"description": "Few"},
                "certainAgreement": {
                    "piSponsorEmployee": False,
                    "restrictionType": "GT60",
                    "restrictiveAgreement": True,
                    "otherDetails": "Ask",
                },
                "pointOfContact": {
                    "title": "Desk",
                    "organization": "A clinic",
                    "email": "desk@example.org",
                    "phone": "1",
                    "phoneExt": "2",
                },
            },
        },
        "annotationSection": {
            "annotationModule": {"unpostedAnnotation": {"unpostedEvents": [{"type": "RELEASE", "date": "2016-05-06"}]}}
        },
        "documentSection": {
            "largeDocumentModule": {
                "largeDocs": [
                    {
                        "hasProtocol": True,
                        "hasSap": True,
                        "hasIcf": False,
                        "label": "Study Protocol",
                        "date": "2016-01-01",
                        "filename": "Prot_000.pdf",
                    }
                ]
            }
        },
        "derivedSection": {
            "miscInfoModule": {"removedCountries": ["Italy"]},
            "conditionBrowseModule": {"meshes": [{"term": "Asthma"}], "ancestors": [{"term": "Lung Diseases"}]},
            "interventionBrowseModule": {"meshes": [{"term": "Sodium Chloride"}], "ancestors": [{"term": "Salts"}]},
        },
        "hasResults": True,
        **changes,
    }


def made(*records: dict[str, Any]) -> Export:
    return export(json.dumps(one) for one in records)


def results(inputs: Sequence[str | Path], limits: Limits | None = None) -> tuple[dict[str, Study], list[Reject]]:
    with Inputs(inputs, limits or Limits()) as opened:
        found = list(opened.records())
    records = [one for one in found if isinstance(one, RawRecord)]
    assert {one.form for one in records} <= {Form.AACT}
    return {study.nct_id: study for study in map(decode, records)}, [one for one in found if isinstance(one, Reject)]


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Paths, without indices, at which two records differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from differences(before.get(name), after.get(name), f"{path}.{name}".removeprefix("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differences(one, other, path)
    elif isinstance(before or after, dict) and not (before and after):
        yield from differences(before or {}, after or {}, path)
    elif before != after and not (before in (None, []) and after in (None, [])):
        yield path


def test_a_whole_study_comes_back(tmp_path: Path) -> None:
    first, second = invented("NCT00000001"), json.loads(record("NCT00000002"))
    studies, rejects = results([made(first, second).write(tmp_path / "export")])
    assert rejects == []
    assert list(studies) == ["NCT00000001", "NCT00000002"]
    assert list(differences(first, msgspec.to_builtins(studies["NCT00000001"]))) == []
    assert studies["NCT00000001"].reading_notes == []
    assert studies["NCT00000002"].results_section is None
    assert studies["NCT00000002"].has_results is False


def test_the_words_of_older_exports(tmp_path: Path) -> None:
    tables = made(invented("NCT00000001"))
    study = tables.rows["studies"][0]
    study |= {
        "overall_status": "Active, not recruiting", "phase": "Phase 2/Phase 3", "enrollment_type": "Anticipated",
        "completion_date_type": "Anticipated", "completion_month_year": "December 2026", "has_dmc": "f",
        "start_month_year": "September 3, 2015", "study_type": "Observational [Patient Registry]",
        "delayed_posting": "Yes", "last_update_posted_date_type": "Estimate",
    }  # fmt: skip
    tables.rows["eligibilities"][0] |= {"gender": "Both", "healthy_volunteers": "Accepts Healthy Volunteers"}
    tables.rows["eligibilities"][0] |= {"minimum_age": "N/A"}
    tables.rows["interventions"][0]["intervention_type"] = "Dietary Supplement"
    tables.rows["designs"][0]["masking"] = "None (Open Label)"
    tables.rows["reported_event_totals"][2] |= {"event_type": None, "classification": "Total, all-cause mortality"}
    tables.rows["outcome_analyses"][0] |= {"p_value_raw": None, "p_value_modifier": "<", "p_value": "0.001"}
    studies, _ = results([tables.write(tmp_path / "export")])
    protocol = studies["NCT00000001"].protocol_section
    status = protocol.status_module
    assert (status.overall_status, status.delayed_posting) == ("ACTIVE_NOT_RECRUITING", True)
    assert status.completion_date_struct is not None
    assert (status.completion_date_struct.date, status.completion_date_struct.type) == ("2026-12", "ESTIMATED")
    assert status.start_date_struct is not None
    assert status.start_date_struct.date == "2015-09-03"
    design = protocol.design_module
    assert (design.study_type, design.patient_registry, design.phases) == ("OBSERVATIONAL", True, ["PHASE2", "PHASE3"])
    assert design.enrollment_info is not None
    assert design.enrollment_info.type == "ESTIMATED"
    assert design.design_info is not None
    assert design.design_info.masking_info is not None
    assert design.design_info.masking_info.masking == "NONE"
    eligibility = protocol.eligibility_module
    assert (eligibility.sex, eligibility.healthy_volunteers, eligibility.minimum_age) == ("ALL", True, None)
    assert protocol.arms_interventions_module.arm_groups[0].intervention_names == ["Dietary Supplement: Salt"]
    found = studies["NCT00000001"].results_section
    assert found is not None
    assert found.adverse_events_module.event_groups[0].deaths_num_at_risk == 9
    assert found.outcome_measures_module.outcome_measures[0].analyses[0].p_value == "<0.001"


@pytest.mark.shared_data
def test_every_column_of_the_schema_is_read_or_has_a_reason(shared_data: Path) -> None:
    with (shared_data / "records" / "aact" / "tables.tsv").open(newline="") as file:
        schema = {(row["table"], row["column"]) for row in csv.DictReader(file, delimiter="\t")}
    unread = {
        f"{table}.{column}"
        for table, column in schema
        if table not in UNUSED_TABLES and column not in ("id", "nct_id", *COLUMNS.get(table, ()))
    }
    assert unread == UNUSED_COLUMNS.keys()
    assert {(table, column) for table, columns in COLUMNS.items() for column in columns} <= schema
    assert UNUSED_TABLES.keys() | COLUMNS.keys() == {table for table, _ in schema}


# What is read only where another column is empty, or of which the invented study says the same elsewhere.
SECOND_CHOICE = {
    "studies": {
        "start_date",
        "verification_date",
        "completion_date",
        "primary_completion_date",
        "primary_completion_month_year",
        "results_first_posted_date",
    },
    "countries": {"removed"},
    "outcome_analyses": {"p_value_modifier", "p_value", "ci_lower_limit", "ci_upper_limit"},
    "outcome_counts": {"result_group_id", "scope"},
    "outcome_measurements": {"result_group_id", "dispersion_lower_limit", "dispersion_upper_limit"},
    "outcome_analysis_groups": {"result_group_id"},
    "baseline_counts": {"scope"},
    "outcomes": {"anticipated_posting_date"},
    "pending_results": {"event_date_description", "event_date"},
    "reported_event_totals": {"classification"},
    "reported_events": {"default_vocab", "default_assessment"},
    "result_agreements": {"agreement"},
}


def test_every_column_that_is_read_says_something(tmp_path: Path) -> None:
    """An export of one study for each column, without that column; none is as the whole."""
    tables = made(invented("NCT10000000"))
    whole = tables.rows
    changed = Export()
    cases = {}
    for number, (table, column) in enumerate((owner, one) for owner in COLUMNS for one in COLUMNS[owner]):
        nct_id = f"NCT{10000001 + number}"
        cases[nct_id] = (table, column)
        for name, rows in whole.items():
            for row in rows:
                moved = {**row, "nct_id": nct_id}
                for key in moved:
                    if isinstance(moved[key], int) and (key == "id" or (key.endswith("_id") and key in COLUMNS[name])):
                        moved[key] += (number + 1) * 1000
                if name == table:
                    moved[column] = None
                changed.rows[name].append(moved)
    for name, rows in whole.items():
        changed.rows[name] += rows
    studies, rejects = results([changed.write(tmp_path / "export")])
    assert rejects == []
    same = msgspec.to_builtins(studies.pop("NCT10000000"))
    for nct_id, study in studies.items():
        table, column = cases[nct_id]
        plain = msgspec.to_builtins(study)
        plain["protocolSection"]["identificationModule"]["nctId"] = "NCT10000000"
        if column not in SECOND_CHOICE.get(table, ()):
            assert plain != same, f"{table}.{column}"


@pytest.mark.shared_data
@pytest.mark.slow
def test_real_records_come_back(shared_data: Path, tmp_path: Path) -> None:
    chosen: dict[str, dict[str, Any]] = {}
    posted = 0
    with gzip.open(shared_data / "records" / "v2" / "studies.ndjson.gz") as lines:
        for line in lines:
            with_results = b'"resultsSection"' in line
            if len(chosen) < 250 or (with_results and posted < 60):
                study = json.loads(line)
                chosen[study["protocolSection"]["identificationModule"]["nctId"]] = study
                posted += with_results
    assert posted >= 60
    tables = Export()
    for study in chosen.values():
        tables.add(study)
    studies, rejects = results([tables.write(tmp_path / "export")])
    assert rejects == []
    assert studies.keys() == chosen.keys()
    other: dict[str, set[str]] = {}
    for nct_id, study in chosen.items():
        plain = msgspec.to_builtins(studies[nct_id])
        plain.pop("readingNotes", None)
        for path in differences(study, plain):
            if not any(path.startswith(lost) for lost in LOST):
                other.setdefault(path, set()).add(nct_id)
    assert other == {}


@pytest.mark.shared_data
def test_real_extracts_are_read(shared_data: Path) -> None:
    folder = shared_data / "records" / "aact" / "extract"
    studies, rejects = results([folder])
    with (folder / "studies.csv").open(newline="") as file:
        rows = {row["nct_id"]: row for row in csv.DictReader(file) if row["nct_id"]}
    assert studies.keys() == rows.keys()
    for nct_id, study in studies.items():
        row, protocol = rows[nct_id], study.protocol_section
        assert protocol.identification_module.brief_title == row["brief_title"]
        assert (protocol.status_module.overall_status or "").isupper()
        assert all(re.fullmatch(r"NA|(EARLY_)?PHASE\d", phase) for phase in protocol.design_module.phases)
        # Their dates were mangled by a spreadsheet, which is said and not guessed at.
        assert any("is no date: '" in note for note in study.reading_notes)
    reasons = [reject.reason for reject in rejects]
    assert len([reason for reason in reasons if reason.startswith("no table ")]) == 1
    assert all("belong to no study" in reason for reason in reasons if not reason.startswith("no table "))


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return made(json.loads(record("NCT00000001")), json.loads(record("NCT00000002"))).write(tmp_path / "export")


def test_broken_rows_are_rejects_with_their_line(broken: Path) -> None:
    rows = [
        '1|NCT00000001|"a | b ""c"""',
        '2|NCT00000001|"two\nlines"',
        "3|NCT00000001|too|many",
        "4|NCT00000001",
        '5|NCT00000001|"quoted" and not',
        '6|NCT00000001|"never closed',
        "7|NCT00000002|after it",
    ]
    path = broken / "keywords.txt"
    path.write_text("id|nct_id|name\n" + "\n".join(rows) + "\n")
    studies, rejects = results([broken])
    assert studies["NCT00000001"].protocol_section.conditions_module.keywords == ['a | b "c"', "two\nlines"]
    assert studies["NCT00000002"].protocol_section.conditions_module.keywords == ["after it"]
    assert sorted((reject.place.rpartition(":")[2], reject.nct_id) for reject in rejects) == [
        ("5", "NCT00000001"),
        ("6", "NCT00000001"),
        ("7", "NCT00000001"),
        ("8", ""),
    ]
    assert all(reject.place.startswith(str(path)) and not reject.whole_input for reject in rejects)
    assert {reject.reason.partition(" (")[0] for reject in rejects} == {
        "a row that does not fit the header",
        "a quote that is opened and not closed",
    }


def test_a_quote_that_is_never_closed_at_the_end_costs_one_row(broken: Path) -> None:
    (broken / "keywords.txt").write_text('id|nct_id|name\n1|NCT00000001|"open\n2|NCT00000001|x\n3|NCT00000002|"y"')
    studies, rejects = results([broken])
    assert [one.protocol_section.conditions_module.keywords for one in studies.values()] == [["x"], ["y"]]
    assert [reject.place.rpartition(":")[2] for reject in rejects] == ["2"]


def test_windows_lines_marks_and_bytes_that_are_no_text(broken: Path) -> None:
    (broken / "keywords.txt").write_bytes(
        b"\xef\xbb\xbfid|nct_id|name\r\n1|NCT00000001|caf\xc3\xa9\r\n2|NCT00000001|\xff\xfe\r\n3|NCT00000002|x\n\n"
    )
    studies, rejects = results([broken])
    assert [one.protocol_section.conditions_module.keywords for one in studies.values()] == [["café"], ["x"]]
    assert [reject.place.rpartition(":")[2] for reject in rejects] == ["3"]


def test_rows_of_no_study_are_counted_once(broken: Path) -> None:
    (broken / "keywords.txt").write_text("id|nct_id|name\n" + "".join(f"{n}|NCT9999999{n}|x\n" for n in range(7)))
    _, rejects = results([broken])
    assert [reject.reason for reject in rejects] == ["7 rows of keywords belong to no study in studies (left out)"]


def test_a_study_twice_is_one_record(broken: Path) -> None:
    path = broken / "studies.txt"
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    studies, rejects = results([broken])
    assert len(studies) == 2
    assert [reject.reason for reject in rejects] == ["1 rows of studies repeat a study (the first row of each counts)"]


def test_missing_tables_columns_and_other_files_are_said_once(broken: Path) -> None:
    for name in ("links", "milestones"):
        (broken / f"{name}.txt").unlink()
    (broken / "keywords.txt").write_text("id|nct_id|names\n1|NCT00000001|x\n")
    (broken / "readme.md").write_text("x")
    (broken / "mesh_terms.txt").write_text("id|mesh_term\n")
    (broken / "conditions.txt").write_text("not a table")
    studies, rejects = results([broken])
    assert len(studies) == 2
    assert sorted(reject.reason.partition(" (")[0] for reject in rejects) == [
        "columns that are missing: name",
        "columns that are not known: names",
        "no header with nct_id and without repeats",
        "no table conditions, links, milestones in this export",
        "no table of AACT that is known",
    ]


def test_values_that_are_not_as_expected_are_noted(broken: Path) -> None:
    tables = made(invented("NCT00000001"))
    tables.rows["studies"][0] |= {"has_dmc": "perhaps", "enrollment": "many", "start_month_year": "soon"}
    tables.rows["id_information"][0]["id_source"] = "new"
    tables.rows["design_outcomes"][0]["outcome_type"] = "tertiary"
    tables.rows["result_groups"][0]["result_type"] = "Something"
    tables.rows["design_group_interventions"][0]["intervention_id"] = 77
    studies, rejects = results([tables.write(broken)])
    assert rejects == []
    assert sorted(studies["NCT00000001"].reading_notes) == [
        "design_group_interventions names an arm or intervention that is not there",
        "enrollment is no whole number: 'many'",
        "has_dmc is neither yes nor no: 'perhaps'",
        "id_source is not known: 'new' (1 numbers left out)",
        "outcome_type of a planned outcome is not known: 'tertiary' (taken for other)",
        "result_type is not known: 'something' (1 groups left out)",
        "start_month_year is no date: 'soon'",
    ]


def test_a_country_without_a_site_is_a_site(broken: Path) -> None:
    (broken / "countries.txt").write_text("id|nct_id|name|removed\n1|NCT00000001|Peru|f\n2|NCT00000001|Chad|t\n")
    studies, _ = results([broken])
    study = studies["NCT00000001"]
    assert [one.country for one in study.protocol_section.contacts_locations_module.locations] == ["Peru"]
    assert study.derived_section.misc_info_module.removed_countries == ["Chad"]


def test_coordinates_of_newer_exports(broken: Path) -> None:
    columns = ("id", "nct_id", *COLUMNS["facilities"], *OPTIONAL_COLUMNS["facilities"])
    row = ["1", "NCT00000001", "", "Ward", "Bern", "", "", "Switzerland", "46.9", "7.4"]
    (broken / "facilities.txt").write_text("|".join(columns) + "\n" + "|".join(row) + "\n")
    studies, rejects = results([broken])
    assert rejects == []
    (site,) = studies["NCT00000001"].protocol_section.contacts_locations_module.locations
    assert site.geo_point is not None
    assert (site.geo_point.lat, site.geo_point.lon) == (46.9, 7.4)


def test_a_zip_is_as_the_folder(tmp_path: Path) -> None:
    tables = made(invented("NCT00000001"))
    folder, _ = results([tables.write(tmp_path / "export")])
    for path in (tables.zip(tmp_path / "a.zip"), tables.zip(tmp_path / "b.zip", prefix="../../20240101/")):
        studies, rejects = results([path])
        assert (studies, rejects) == (folder, [])
    assert not (tmp_path.parent.parent / "20240101").exists()


def test_names_in_a_zip_are_only_words(tmp_path: Path) -> None:
    tables = made(json.loads(record("NCT00000001")))
    path = tables.zip(tmp_path / "export.zip")
    outside = tmp_path / "outside.txt"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(str(outside), "id|nct_id\n")
        archive.writestr("../keywords.txt", "id|nct_id|name\n1|NCT00000001|second\n")
    studies, rejects = results([path])
    assert studies["NCT00000001"].protocol_section.conditions_module.keywords == []
    assert sorted(reject.reason.partition(" (")[0] for reject in rejects) == [
        "a second table keywords in one export",
        "no table of AACT that is known",
    ]
    assert not outside.exists()


def test_a_zip_that_unpacks_to_too_much_is_stopped(tmp_path: Path) -> None:
    tables = made(json.loads(record("NCT00000001")))
    path = tables.zip(tmp_path / "export.zip", [table for table in COLUMNS if table != "keywords"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("keywords.txt", "id|nct_id|name\n" + "1|NCT00000001|x\n" * 500_000)
    limits = Limits(archive_grace=100_000, archive_ratio=20)
    studies, rejects = results([path], limits)
    assert len(studies) == 1
    assert any("unpacks to more than 20 times its size" in reject.reason for reject in rejects)


def test_a_table_with_too_many_broken_rows_is_left(broken: Path) -> None:
    (broken / "keywords.txt").write_text("id|nct_id|name\n" + '1|NCT00000001|"x\n' * 50)
    studies, rejects = results([broken], Limits(table_rejects=10))
    assert len(studies) == 2
    assert [reject.reason for reject in rejects][-1] == "10 broken rows; the rest is left out (export it again)"
    assert len(rejects) == 11


def test_rows_beyond_those_that_are_told_are_said(broken: Path) -> None:
    (broken / "keywords.txt").write_text("id|nct_id|name\n" + "1|NCT00000001|too|many\n" * 50 + "2|NCT00000001|x\n")
    studies, rejects = results([broken], Limits(table_rejects=10))
    assert studies["NCT00000001"].protocol_section.conditions_module.keywords == ["x"]
    assert len(rejects) == 11
    assert rejects[-1].reason.startswith("more than 10 errors; the other rows")


def test_studies_without_a_number_are_said(broken: Path) -> None:
    path = broken / "studies.txt"
    text = path.read_text()
    path.write_text(text.replace("NCT00000002|", "NCT002|", 1) + "|" * text.splitlines()[0].count("|") + "\n")
    studies, rejects = results([broken])
    assert list(studies) == ["NCT00000001"]
    assert "1 rows of studies have no NCT id, as 'NCT002' (left out)" in [reject.reason for reject in rejects]


def test_a_carriage_return_costs_no_table(broken: Path) -> None:
    rows = [b'1|NCT00000001|"a\rb"', b"2|NCT00000001|c\rd", b"3|NCT00000001|e\r\r", b"4|NCT00000002|f|g"]
    (broken / "keywords.txt").write_bytes(b"id|nct_id|name\n" + b"\n".join(rows) + b"\n")
    studies, rejects = results([broken])
    assert studies["NCT00000001"].protocol_section.conditions_module.keywords == ["a\rb", "e"]
    assert [reject.place.rpartition(":")[2] for reject in rejects] == ["3", "5"]


def test_rows_of_no_row_that_is_there_are_noted(broken: Path) -> None:
    tables = made(invented("NCT00000001"))
    owners = {
        "facility_contacts": ("facility_id", "facilities"),
        "facility_investigators": ("facility_id", "facilities"),
        "intervention_other_names": ("intervention_id", "interventions"),
        "outcome_analysis_groups": ("outcome_analysis_id", "outcome_analyses"),
        "outcome_analyses": ("outcome_id", "outcomes"),
        "outcome_counts": ("outcome_id", "outcomes"),
        "outcome_measurements": ("outcome_id", "outcomes"),
        "retractions": ("reference_id", "study_references"),
    }
    for table, (column, _) in owners.items():
        tables.rows[table][0][column] = 777
    studies, _ = results([tables.write(broken)])
    notes = studies["NCT00000001"].reading_notes
    for table, (column, owner) in owners.items():
        assert f"{table}: 1 rows whose {column} is not in {owner} (left out)" in notes


def test_what_there_is_room_for_once_is_noted_when_it_comes_twice(broken: Path) -> None:
    tables = made(invented("NCT00000001"))
    for table, column in (("sponsors", "name"), ("id_information", "id_value")):
        tables.rows[table].append({**tables.rows[table][0], "id": 99, column: "another"})
    totals = tables.rows["reported_event_totals"]
    totals += [{**totals[0], "id": 98}, {**totals[0], "id": 99, "ctgov_group_code": "EG777"}]
    studies, _ = results([tables.write(broken)])
    assert sorted(studies["NCT00000001"].reading_notes) == [
        "more than one lead sponsor: only the first one is read, not 'another'",
        "more than one org_study_id: only the first one is read, not 'another'",
        "reported_event_totals: the serious of a group that is not there: 'EG777' (left out)",
        "reported_event_totals: the serious of the group 'EG000' twice (the last one counts)",
    ]


def test_an_export_that_failed_fails_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: TableStore) -> list[str]:
        raise duckdb.IOException("no space left")

    monkeypatch.setattr(TableStore, "_settled", full)
    with Inputs([made(invented("NCT00000001")).write(tmp_path / "export")]) as opened:
        first, second = list(opened.records()), list(opened.records())
    (reject,) = first
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("the tables cannot be joined: no space left")
    assert second == first


def test_an_export_is_read_once_and_gone_through_again(tmp_path: Path) -> None:
    folder = made(invented("NCT00000001"), json.loads(record("NCT00000002"))).write(tmp_path / "export")
    newer = tmp_path / "newer.json"
    newer.write_text(record("NCT00000002", updated="2024-01-01"))
    with Inputs([folder, newer]) as opened:
        choice = choose(opened)
        again = [one for one in opened.records() if isinstance(one, RawRecord)]
    # Of one date, the registry's own JSON is the richer form.
    assert choice.winners == {"NCT00000001": 0, "NCT00000002": 2}
    assert [one.form for one in again] == [Form.AACT, Form.AACT, Form.API_V2]
    assert [head(one) for one in again[:2]] == [("NCT00000001", "2020-02-03"), ("NCT00000002", "2024-01-01")]
    assert again[0].place == f"{folder}:NCT00000001"


def test_a_table_on_its_own_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "conditions.txt").write_text("id|nct_id|name|downcase_name\n1|NCT00000001|Asthma|asthma\n")
    (reject,) = [one for one in read([tmp_path / "conditions.txt"]) if isinstance(one, Reject)]
    assert "a table of an AACT export" in reject.reason


def test_a_missing_package_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (reject,) = read([made(invented("NCT00000001")).write(tmp_path / "export")])
    assert isinstance(reject, Reject)
    assert reject.reason == 'an AACT export needs the package duckdb (pip install "trialkg[aact]")'


def test_the_database_is_locked_down(tmp_path: Path) -> None:
    import duckdb

    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    folder = tmp_path / "it's"
    folder.mkdir()
    store = TableStore(folder, Limits())
    for command in (
        f"SELECT * FROM read_csv('{secret}')",  # noqa: S608
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 64",
    ):
        with pytest.raises(duckdb.Error):
            store._run(command)
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["it's", "secret.csv"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    made(json.loads(record("NCT00000001"))).write(folder)
    words = " ".join(f"word{number}" for number in range(600))
    write_table(folder, "studies", (f"NCT{n:08}" for n in range(20_000)), ["brief_title"], lambda _: ["A title"])
    for table in ("brief_summaries", "detailed_descriptions"):
        write_table(folder, table, (f"NCT{n:08}" for n in range(20_000)), ["description"], lambda _: [words])
    ids = (f"NCT{n:08}" for n in range(20_000) for _ in range(10))
    write_table(folder, "conditions", ids, ["name"], lambda number: [f"Condition {number} {words[:900]}"])
    total = sum(path.stat().st_size for path in folder.iterdir())
    program = f"""
        import resource, sys
        from kg.config import Limits
        from kg.sources import Inputs, RawRecord
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with Inputs([{str(folder)!r}], Limits(table_memory=100 * 2**20)) as opened:
            number = sum(isinstance(one, RawRecord) for one in opened.records())
        print(number, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    number, grown = map(int, done.stdout.split())
    assert number == 20_000
    assert total > 350_000_000
    assert grown < 300_000_000


def write_table(folder: Path, table: str, nct_ids: Iterable[str], columns: list[str], values: Any) -> None:
    with (folder / f"{table}.txt").open("w") as file:
        key = [] if table == "studies" else ["id"]
        file.write("|".join([*key, "nct_id", *columns]) + "\n")
        for number, nct_id in enumerate(nct_ids):
            file.write("|".join([*([str(number)] if key else []), nct_id, *values(number)]) + "\n")
