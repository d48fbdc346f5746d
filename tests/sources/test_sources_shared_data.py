"""The real data: every record is read, and the page that the project starts from gives what it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from kg.sources import Form, RawRecord, Reject, decode, head, read
from kg.study import DateStruct, Location, Official, Organization, Study

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def seed(shared_data: Path) -> Study:
    (record,) = read([shared_data / "records" / "classic" / "NCT04144517.txt"])
    assert isinstance(record, RawRecord)
    assert record.form is Form.PAGE_TEXT
    assert head(record) == ("NCT04144517", "2021-10-22")
    return decode(record)


def test_seed_identification(seed: Study) -> None:
    module = seed.protocol_section.identification_module
    assert module.nct_id == "NCT04144517"
    assert module.brief_title == "A Study of ALKS 4230 (Nemvaleukin Alfa) With Pembrolizumab in Head and Neck Cancer"
    assert module.official_title is not None
    assert module.official_title.startswith(
        "A Phase 2 Study of ALKS 4230 in Combination With Anti-PD-1 (Pembrolizumab)"
    )
    assert module.org_study_id_info is not None
    assert module.org_study_id_info.id == "ION-01-ALKS 4230"
    assert module.secondary_id_infos == []
    assert seed.has_results is False


def test_seed_status(seed: Study) -> None:
    module = seed.protocol_section.status_module
    assert module.overall_status == "ACTIVE_NOT_RECRUITING"
    assert module.start_date_struct == DateStruct(date="2020-02-05", type="ACTUAL")
    assert module.primary_completion_date_struct == DateStruct(date="2021-10-08", type="ACTUAL")
    assert module.completion_date_struct == DateStruct(date="2022-10", type="ESTIMATED")
    assert module.study_first_post_date_struct == DateStruct(date="2019-10-30")
    assert module.last_update_post_date_struct == DateStruct(date="2021-10-22")


def test_seed_design(seed: Study) -> None:
    assert msgspec.to_builtins(seed.protocol_section.design_module) == {
        "studyType": "INTERVENTIONAL",
        "phases": ["PHASE2"],
        "designInfo": {
            "allocation": "NA",
            "interventionModel": "SINGLE_GROUP",
            "primaryPurpose": "TREATMENT",
            "maskingInfo": {"masking": "NONE"},
        },
        "enrollmentInfo": {"count": 14, "type": "ACTUAL"},
    }
    oversight = seed.protocol_section.oversight_module
    assert (oversight.is_fda_regulated_drug, oversight.is_fda_regulated_device) == (True, False)


def test_seed_arms_and_interventions(seed: Study) -> None:
    module = seed.protocol_section.arms_interventions_module
    (arm,) = module.arm_groups
    assert (arm.label, arm.type) == ("ALKS 4230 + pembrolizumab", "EXPERIMENTAL")
    assert arm.intervention_names == ["Drug: ALKS 4230", "Drug: Pembrolizumab"]
    first, second = module.interventions
    assert (first.type, first.name, first.other_names) == ("DRUG", "ALKS 4230", [])
    assert (second.type, second.name, second.other_names) == ("DRUG", "Pembrolizumab", ["Keytruda"])
    assert first.arm_group_labels == second.arm_group_labels == ["ALKS 4230 + pembrolizumab"]
    assert first.description is not None
    assert second.description is not None
    assert first.description.startswith("Intravenous (IV) infusion")
    assert first.description.endswith("off-treatment period")
    assert second.description.startswith("IV infusion")
    assert second.description.endswith("each cycle")


def test_seed_outcomes(seed: Study) -> None:
    module = seed.protocol_section.outcomes_module
    assert (module.primary_outcomes, module.secondary_outcomes, module.other_outcomes) == ([], [], [])
    assert seed.page is not None
    outcomes = seed.page.unstated_outcomes
    assert len(outcomes) == 12
    assert outcomes[5].measure == "Progression-free survival (PFS)"
    assert outcomes[7].time_frame == "Assessed PFS at 6 months"
    assert [one.description is not None for one in outcomes] == [True] * 4 + [False] * 8
    assert all("RECIST" in (one.description or "") for one in outcomes[:4])


def test_seed_eligibility(seed: Study) -> None:
    module = seed.protocol_section.eligibility_module
    assert (module.minimum_age, module.maximum_age, module.sex) == ("18 Years", None, "ALL")
    assert module.healthy_volunteers is False
    text = module.eligibility_criteria
    assert text is not None
    assert text.startswith("Inclusion Criteria:\n\n* ")
    inclusion, exclusion = text.split("\n\nExclusion Criteria:\n\n")
    assert (inclusion.count("\n* "), len(exclusion.split("\n"))) == (8, 9)
    assert all(line.startswith("* ") for line in exclusion.split("\n"))


def test_seed_people_and_sites(seed: Study) -> None:
    contacts = seed.protocol_section.contacts_locations_module
    assert contacts.overall_officials == [
        Official(name="Timothy Leach, MD", affiliation="Alkermes, Inc.", role="STUDY_DIRECTOR")
    ]
    assert len(contacts.locations) == 6
    assert contacts.locations[0] == Location(
        facility="Alkermes Investigational Site", city="Miami", state="Florida", zip="33136", country="United States"
    )
    assert [(one.city, one.state, one.zip) for one in contacts.locations[1:]] == [
        ("Atlanta", "Georgia", "30308"),
        ("Minneapolis", "Minnesota", "55455"),
        ("New York", "New York", "10029"),
        ("Cleveland", "Ohio", "44195"),
        ("Austin", "Texas", "78712"),
    ]
    sponsors = seed.protocol_section.sponsor_collaborators_module
    assert sponsors.lead_sponsor == Organization(name="Alkermes, Inc.")
    assert sponsors.responsible_party is not None
    assert sponsors.responsible_party.type == "SPONSOR"
    assert sponsors.collaborators == []


def test_seed_conditions_keywords_and_terms(seed: Study) -> None:
    module = seed.protocol_section.conditions_module
    assert module.conditions == ["Non-cutaneous Squamous Cell Carcinoma of Head and Neck"]
    assert module.keywords == []
    assert seed.page is not None
    assert [run.split()[0] for run in seed.page.keyword_runs] == ["Alkermes", "ALKS"]
    assert [run.split()[0] for run in seed.page.mesh_runs] == ["Squamous", "Head"]
    assert seed.page.keyword_runs[1].endswith("Solid Tumors")
    assert seed.page.mesh_runs[1].endswith("Antineoplastic Agents")


def test_every_full_record_is_read(shared_data: Path) -> None:
    count = 0
    for result in read([shared_data / "records" / "v2" / "studies.ndjson.gz"]):
        count += 1
        assert isinstance(result, RawRecord), result
        assert result.place.endswith(f":{count}")
        study = decode(result)
        assert head(result)[0] == study.nct_id
    assert count == 3658


def test_the_bundle_of_il2_and_pd1_studies(shared_data: Path) -> None:
    found = list(read([shared_data / "records" / "il2-pd1"]))
    rejects = [result for result in found if isinstance(result, Reject)]
    assert [Path(reject.place).name for reject in rejects] == ["EXPECTED.tsv", "SOURCES.tsv"]
    studies = [decode(result) for result in found if isinstance(result, RawRecord)]
    assert len({study.nct_id for study in studies}) == 47


def test_recorded_answers(shared_data: Path) -> None:
    folder = shared_data / "records" / "api" / "recorded"
    pages = list(read([folder / "*.json.gz"]))
    assert len(pages) == 200
    assert len({decode(result).nct_id for result in pages if isinstance(result, RawRecord)}) == 161
    counts: Counter[str] = Counter()
    for result in read([folder / "queries-with-params"]):
        name = Path(result.place).name
        if isinstance(result, Reject):
            assert name.endswith(".meta.json")
            assert result.whole_input
        else:
            counts[name.partition("[")[0]] += 1
            decode(result)
    assert set(counts.values()) == {15, 1}
    assert "studies_empty.json" not in counts


def test_mangled_records_are_rejected_one_by_one(shared_data: Path) -> None:
    path = shared_data / "records" / "malformed" / "every-scalar-in-a-list.json"
    found = list(read([path]))
    assert len(found) == 10
    for number, result in enumerate(found):
        assert isinstance(result, Reject)
        assert result.place == f"{path}[{number}]"
        assert "$.protocolSection.identificationModule.nctId" in result.reason
