"""The study results of registry pages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kg.sources import Form, RawRecord, decode, head
from kg.sources.ctgov_page.rows import is_value
from kg.study import (
    Agreement,
    PointOfContact,
    Study,
)

PAGES = Path(__file__).parent / "pages"
RESULTS = (PAGES / "results.html").read_bytes()


def study(data: bytes, form: Form = Form.PAGE_HTML) -> Study:
    return decode(RawRecord(data, form, "page"))


@pytest.fixture(scope="module")
def results() -> Study:
    return study(RESULTS)


def test_participant_flow(results: Study) -> None:
    assert results.results_section is not None
    module = msgspec.to_builtins(results.results_section.participant_flow_module)
    assert module["recruitmentDetails"] == "By word of mouth.\nAt two sites."
    assert "preAssignmentDetails" not in module
    assert module["groups"] == [
        {"id": "FG000", "title": "Lamp and antibody", "description": "Everything at once."},
        {"id": "FG001", "title": "Salt water, warm"},
    ]
    (period,) = module["periods"]
    assert [
        (stone["type"], [one["numSubjects"] for one in stone["achievements"]]) for stone in period["milestones"]
    ] == [
        ("STARTED", ["602", "602"]),
        ("Switched on", ["600", "601"]),
        ("COMPLETED", ["590", "595"]),
        ("NOT COMPLETED", ["12", "7"]),
    ]
    assert period["milestones"][0]["achievements"][1]["comment"] == "One came twice."
    assert [drop["type"] for drop in period["dropWithdraws"]] == ["Withdrawal by Subject"]


def test_baseline(results: Study) -> None:
    assert results.results_section is not None
    module = results.results_section.baseline_characteristics_module
    assert module.population_description == "All who came."
    assert [count.value for count in module.denoms[0].counts] == ["602", "602", "1204"]
    age, sex = module.measures
    assert (age.title, age.param_type, age.dispersion_type) == ("Age, Continuous", "MEAN", "STANDARD_DEVIATION")
    assert [(one.value, one.spread) for one in age.classes[0].categories[0].measurements] == [
        ("55.1", "4.5"),
        ("54", "6"),
        ("54.6", "5"),
    ]
    assert (sex.title, sex.description) == ("Sex: Female, Male", "As they said.")
    assert [(row.title, [one.value for one in row.measurements]) for row in sex.classes[0].categories] == [
        ("Female", ["602", "600", "1202"]),
        ("Male", ["0", "2", "2"]),
    ]


def test_outcomes_with_their_values(results: Study) -> None:
    assert results.results_section is not None
    first, second = results.results_section.outcome_measures_module.outcome_measures
    assert (first.type, first.title, first.time_frame) == ("PRIMARY", "Hiccups in a day", "2 weeks (day 14 [+/- 1])")
    assert (first.dispersion_type, first.unit_of_measure) == ("95% Confidence Interval", "hiccups")
    day_1, day_14 = first.classes
    assert (day_1.title, day_14.title) == ("Day 1", "Day 14")
    value = day_1.categories[0].measurements[1]
    assert (value.value, value.lower_limit, value.upper_limit, value.comment) == ("41", "36", "NA", "They lost count.")
    assert (second.type, second.denom_units_selected) == ("SECONDARY", "Nights")
    assert [denominator.units for denominator in second.denoms] == ["Participants", "Nights"]
    assert [one.value for one in second.classes[0].categories[0].measurements] == ["1000", "900"]


def test_analyses(results: Study) -> None:
    assert results.results_section is not None
    (analysis,) = results.results_section.outcome_measures_module.outcome_measures[0].analyses
    assert msgspec.to_builtins(analysis) == {
        "groupIds": ["OG000", "OG001"],  # though one of the titles has a comma
        "groupDescription": "Both at once.",
        "nonInferiorityType": "SUPERIORITY_OR_OTHER",
        "pValue": "<0.001",
        "pValueComment": "Not adjusted.",
        "statisticalMethod": "ANCOVA",
        "paramType": "Mean Difference (Final Values)",
        "paramValue": "-36",
        "ciNumSides": "TWO_SIDED",
        "ciPctValue": "95",
        "ciLowerLimit": "-40",
        "ciUpperLimit": "-31.5",
        "dispersionType": "STANDARD_ERROR_OF_MEAN",
        "dispersionValue": "2.1",
        "estimateComment": "Less is better.",
    }


def test_adverse_events(results: Study) -> None:
    assert results.results_section is not None
    module = results.results_section.adverse_events_module
    assert (module.frequency_threshold, module.time_frame) == ("5", "2 weeks")
    first, second = module.event_groups
    assert (first.deaths_num_affected, first.deaths_num_at_risk, second.deaths_num_affected) == (0, 602, None)
    assert (first.serious_num_affected, second.other_num_affected) == (1, 0)
    (event,) = module.serious_events
    assert (event.term, event.organ_system) == ("Blue vision", "Eye disorders")
    assert (event.source_vocabulary, event.assessment_type) == ("MedDRA 20.0", "SYSTEMATIC_ASSESSMENT")
    assert event.notes == "It went away."
    assert [(one.num_events, one.num_affected, one.num_at_risk) for one in event.stats] == [(3, 1, 602), (None, 2, 602)]
    assert [(one.term, one.assessment_type) for one in module.other_events] == [
        ("Yawning", "NON_SYSTEMATIC_ASSESSMENT")
    ]


def test_more_information(results: Study) -> None:
    assert results.results_section is not None
    module = results.results_section.more_info_module
    assert module.limitations_and_caveats is not None
    assert module.limitations_and_caveats.description == "The lamps were old."
    assert module.certain_agreement == Agreement(
        pi_sponsor_employee=False, restrictive_agreement=True, restriction_type="LTE60"
    )
    assert module.point_of_contact == PointOfContact(title="Head of Lamps", organization="Example Biologics, Ltd.")
    assert results.has_results is True
    assert results.reading_notes == []


def test_the_rows_above_and_below_the_results(results: Study) -> None:
    protocol = results.protocol_section
    assert protocol.conditions_module.conditions == ["Hiccups", "Chronic Singultus"]
    assert [one.name for one in protocol.arms_interventions_module.interventions] == ["Zanvitimab", "Blue lamp"]
    assert protocol.design_module.design_info is not None
    assert protocol.design_module.design_info.allocation == "RANDOMIZED"
    assert protocol.status_module.results_first_submit_date == "2021-05-02"
    assert head(RawRecord(RESULTS, Form.PAGE_HTML, "page")) == ("NCT99999901", "2021-07-15")


@pytest.mark.parametrize("lost", [b"<td>41 (36 to NA) [1]</td>", b"<td>40 (35.5 to 46)</td>"])
def test_a_row_that_lost_a_cell_is_left_out_and_noted(lost: bytes) -> None:
    found = study(RESULTS.replace(lost, b""))
    assert found.results_section is not None
    assert found.reading_notes
    assert all("cannot be told" in note or "footnote" in note for note in found.reading_notes)


def test_descriptions_of_some_groups_only_are_left_out() -> None:
    page_ = RESULTS.replace(b"<td>Everything at once.</td><td>Warm salt water.</td>", b"<td>Warm salt water.</td>", 1)
    found = study(page_)
    assert found.results_section is not None
    groups = found.results_section.outcome_measures_module.outcome_measures[0].groups
    assert [group.description for group in groups] == [None, None]
    assert any("which description is whose" in note for note in found.reading_notes)


def on_lines(*lines: str) -> Study:
    head_ = ["ClinicalTrials.gov Identifier: NCT99999904", "First Posted : May 1, 2019", "Study Type : Interventional"]
    head_ += ["Participant Flow", "Arm/Group Title", "A", "B"]
    return study("\n".join([*head_, *lines]).encode(), Form.PAGE_TEXT)


def test_rows_of_lines_alone() -> None:
    found = on_lines(
        "Period Title: Overall Study",
        "Started",
        "4",
        "5",
        "Baseline Characteristics",
        "Arm/Group Title",
        "A",
        "B",
        "Total",
        "Overall Number of Baseline Participants",
        "4",
        "5",
        "9",
        "Age",
        "Mean (Standard Deviation)",
        "Unit of measure: Years",
        "Number Analyzed",
        "4 participants",
        "5 participants",
        "9 participants",
        "50 (1.5)",
        "60 (2)",
        "55 (NA)",
    )
    assert found.results_section is not None
    assert len(found.results_section.participant_flow_module.periods[0].milestones[0].achievements) == 2
    module = found.results_section.baseline_characteristics_module
    assert [group.title for group in module.groups] == ["A", "B", "Total"]
    (measure,) = module.measures
    assert measure.title == "Age"
    assert [one.value for one in measure.classes[0].denoms[0].counts] == ["4", "5", "9"]
    assert [one.spread for one in measure.classes[0].categories[0].measurements] == ["1.5", "2", "NA"]


@pytest.mark.parametrize("values", [["4"], ["4", "5", "6"]])
def test_other_values_than_groups_belong_to_nobody(values: list[str]) -> None:
    found = on_lines("Period Title: Overall Study", "Started", *values, "Completed", "3", "5")
    assert found.results_section is not None
    (stone,) = found.results_section.participant_flow_module.periods[0].milestones
    assert (stone.type, [one.num_subjects for one in stone.achievements]) == ("COMPLETED", ["3", "5"])
    assert [note.partition(":")[0] for note in found.reading_notes] == ["Participant flow"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("12", True),
        ("12.3 (4.5)", True),
        ("1 (0 to NA)", True),
        ("<0.001", True),
        ("NA", True),
        ("--", True),
        ("4 participants", True),
        ("Week 4", False),
        ("Participant 1", False),
        ("18 Years", False),
        ("", False),
    ],
)
def test_what_reads_like_a_value(text: str, is_one: bool) -> None:
    assert is_value(text) is is_one
