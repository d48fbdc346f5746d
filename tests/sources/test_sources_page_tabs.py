"""The other tabs of registry pages, and several tabs in one file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kg.errors import RecordError
from kg.sources import Form, RawRecord, Reject, decode, head, read
from kg.sources.page_html import html_blocks
from kg.sources.page_lines import lines_of
from kg.sources.page_tabular_words import tabular_label
from kg.study import (
    Agreement,
    BioSpec,
    Enrollment,
    FullOrganization,
    IpdSharing,
    Location,
    Official,
    Outcome,
    PointOfContact,
    Study,
)
from tests.sources.classic_pages import FORMS, page, write
from tests.sources.round_trip import differences, read_again

PAGES = Path(__file__).parent / "pages"
DETAILS = (PAGES / "interventional.html").read_bytes()
DETAILS_TEXT = (PAGES / "interventional.txt").read_bytes()
TABULAR = (PAGES / "tabular.html").read_bytes()
RESULTS = (PAGES / "results.html").read_bytes()


def study(data: bytes, form: Form = Form.PAGE_HTML) -> Study:
    return decode(RawRecord(data, form, "page"))


@pytest.fixture(scope="module")
def tabular() -> Study:
    return study(TABULAR)


@pytest.fixture(scope="module")
def results() -> Study:
    return study(RESULTS)


@pytest.fixture(scope="module")
def whole() -> Study:
    return study(DETAILS + TABULAR + RESULTS)


# --- the tabular view


def test_the_tabular_view_says_what_the_details_say(tabular: Study) -> None:
    details = study(DETAILS)
    for module in ("outcomes_module", "arms_interventions_module"):
        assert getattr(tabular.protocol_section, module) is not None
    assert tabular.protocol_section.arms_interventions_module == details.protocol_section.arms_interventions_module
    ours, theirs = tabular.protocol_section, details.protocol_section
    assert ours.design_module.enrollment_info == theirs.design_module.enrollment_info
    assert ours.design_module.phases == theirs.design_module.phases
    assert ours.identification_module.official_title == theirs.identification_module.official_title
    assert ours.eligibility_module.eligibility_criteria == theirs.eligibility_module.eligibility_criteria
    assert ours.eligibility_module.std_ages == theirs.eligibility_module.std_ages
    assert ours.outcomes_module.primary_outcomes == theirs.outcomes_module.primary_outcomes
    assert ours.outcomes_module.other_outcomes == theirs.outcomes_module.other_outcomes
    assert ours.sponsor_collaborators_module == theirs.sponsor_collaborators_module
    assert ours.contacts_locations_module.overall_officials == theirs.contacts_locations_module.overall_officials


def test_what_only_the_tabular_view_says(tabular: Study) -> None:
    protocol = tabular.protocol_section
    assert protocol.status_module.study_first_submit_date == "2019-03-01"
    assert protocol.status_module.results_first_submit_date == "2021-05-02"
    assert protocol.status_module.status_verified_date == "2021-07"
    assert protocol.identification_module.organization == FullOrganization(full_name="Example Biologics, Ltd.")
    assert tabular.derived_section.misc_info_module.removed_countries == ["France"]
    assert protocol.contacts_locations_module.locations == [
        Location(country="Germany"),
        Location(country="Korea, Republic of"),
        Location(country="United States"),
    ]
    assert protocol.ipd_sharing_statement_module == IpdSharing(
        ipd_sharing="YES",
        description="On paper.",
        info_types=["STUDY_PROTOCOL", "SAP"],
        time_frame="From 2023.",
        access_criteria="By letter.",
        url="https://example.org/paper",
    )
    info = protocol.design_module.design_info
    assert info is not None
    assert info.masking_info is not None
    assert (info.intervention_model_description, info.masking_info.masking_description) == ("Two lamps.", "Curtains.")
    assert protocol.eligibility_module.gender_based is True
    assert protocol.oversight_module.is_unapproved_device is True


def test_what_was_first_registered_is_noted(tabular: Study) -> None:
    assert tabular.reading_notes == [
        "Original primary outcome measures: Hiccups in an hour [ Time Frame: 1 week ]",
        "Original estimated enrollment: 900",
        "Original study sponsor: Lamp Works GmbH",
    ]


def test_nobody_is_called(tabular: Study, results: Study) -> None:
    for one in (tabular, results):
        text = msgspec.json.encode(one)
        assert b"555-0100" not in text
        assert b"nobody@" not in text


def test_lists_within_cells(tabular: Study) -> None:
    assert tabular.protocol_section.outcomes_module.secondary_outcomes == [
        Outcome(measure="Sleep", time_frame="2 weeks", description="Hours:\nat night\nby day"),
        Outcome(measure="Overall survival"),
    ]
    (row,) = html_blocks(b"<table><tr><td>a<ul><li>b<ol><li>c</li></ol></li><li><p>d</p>e</li></ul>f</td></tr></table>")
    assert row.cells == ("a\nb\nc\nd\ne\nf",)
    assert [(line.text, line.level) for line in lines_of(row)] == [
        ("a", None), ("b", 0), ("c", 1), ("d", 0), ("e", None), ("f", None),
    ]  # fmt: skip


def test_a_heading_in_free_text_is_a_line_of_it(tabular: Study) -> None:
    summary = tabular.protocol_section.description_module.brief_summary
    assert summary is not None
    assert summary.endswith("\n\nStudy Design\n\nis only a line of the summary here.")
    for form in ("bars", "tabs", "lines"):
        again = read_again(tabular, form, "tabular")
        assert again.protocol_section.description_module.brief_summary == summary, form


def test_an_old_tabular_view_of_lines_alone() -> None:
    found = study((PAGES / "tabular_unmarked.txt").read_bytes(), Form.PAGE_TEXT)
    protocol = found.protocol_section
    assert protocol.status_module.study_first_submit_date == "2016-07-07"
    assert protocol.status_module.last_known_status == "RECRUITING"
    assert protocol.design_module.patient_registry is True
    assert protocol.design_module.bio_spec == BioSpec(retention="SAMPLES_WITH_DNA", description="Hair.")
    assert protocol.design_module.enrollment_info == Enrollment(count=40, type="ESTIMATED")
    assert [one.measure for one in protocol.outcomes_module.primary_outcomes] == [
        "Nights without snoring",
        "Foghorn signals heard",
    ]
    assert protocol.eligibility_module.sex == "ALL"
    assert protocol.eligibility_module.study_population == "People near the sea."
    assert protocol.contacts_locations_module.overall_officials == [
        Official(name="Jeanne Exemple, PhD", affiliation="Institute of Lighthouses", role="PRINCIPAL_INVESTIGATOR")
    ]
    assert protocol.references_module.references == []


def test_a_name_run_together_with_its_description() -> None:
    lines = [
        "ClinicalTrials.gov Identifier: NCT99999903",
        "NCT Number ICMJE | NCT99999903 |",
        "Study Type ICMJE | Interventional |",
        "Brief Title ICMJE | Zanvitimab for Friends |",
        "Intervention ICMJE |",
        "- Drug: AThree times a day.",
        "- Drug: A and BOnce.",
        "- Drug: " + "Never ending name. " * 20 + "|",
        "Study Arms ICMJE |",
        "- Experimental: One",
        "Interventions:",
        "  - Drug: A",
        "  - Drug: A and B |",
    ]
    found = study("\n".join(lines).encode(), Form.PAGE_TEXT)
    module = found.protocol_section.arms_interventions_module
    assert [(one.name, one.description) for one in module.interventions] == [
        ("A", "Three times a day."),
        ("A and B", "Once."),
    ]
    assert [note.partition(":")[0] for note in found.reading_notes] == [
        "An intervention whose name cannot be told from its description"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Brief Title ICMJE", ("brief title", False, None)),
        ("Original Estimated Enrollment ICMJE (submitted: May 1, 2019)", ("enrollment", True, "ESTIMATED")),
        ("Publications *", ("publications", False, None)),
        ("Actual Primary Completion Date", ("primary completion date", False, "ACTUAL")),
        ("Anything else", None),
        ("Brief Title " * 50, None),
    ],
)
def test_labels_of_the_tabular_view(text: str, expected: tuple[str, bool, str | None] | None) -> None:
    assert tabular_label(text) == expected


# --- the results


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
    assert [(one.term, one.assessment_type) for one in module.other_events] == [("Yawning", "NON_SYSTEMATIC_ASSESSMENT")]


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


# --- several tabs


def test_tabs_one_after_the_other(tmp_path: Path, whole: Study, results: Study) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(DETAILS + TABULAR + RESULTS)
    (record,) = read([path])
    assert isinstance(record, RawRecord)
    assert whole.results_section == results.results_section
    protocol = whole.protocol_section
    assert len(protocol.contacts_locations_module.locations) == 4  # of the details, with their addresses
    assert protocol.conditions_module.keywords == ["Singultus", "Blue light", "Antibody"]
    assert protocol.status_module.study_first_submit_date == "2019-03-01"
    assert protocol.ipd_sharing_statement_module.ipd_sharing == "YES"
    assert protocol.references_module.references[0].type == "DERIVED"


@pytest.mark.parametrize("order", [(DETAILS, RESULTS, TABULAR), (TABULAR, RESULTS, DETAILS), (RESULTS, TABULAR, DETAILS)])
def test_their_order_is_no_matter(order: tuple[bytes, ...], whole: Study) -> None:
    found = study(b"".join(order))
    assert found.results_section == whole.results_section
    assert found.protocol_section == whole.protocol_section


def test_where_tabs_differ_is_noted() -> None:
    found = study(DETAILS + TABULAR.replace(b"Two weeks under", b"Three weeks under"))
    assert any("brief_summary: Three weeks under" in note for note in found.reading_notes)
    summary = found.protocol_section.description_module.brief_summary
    assert summary is not None
    assert summary.startswith("Two weeks")


def test_the_tabular_view_says_of_which_kind_outcomes_are(tabular: Study) -> None:
    details = DETAILS_TEXT
    for heading in (b"Primary Outcome Measures :\n", b"Secondary Outcome Measures :\n", b"### Outcome Measures\n"):
        details = details.replace(heading, b"")
    alone = study(details, Form.PAGE_TEXT)
    assert alone.page is not None
    assert len(alone.page.unstated_outcomes) == 3
    found = study(details + b"\n\n" + write(page(tabular, "tabular"), "bars"), Form.PAGE_TEXT)
    assert found.page is not None
    assert found.page.unstated_outcomes == []
    assert [one.measure for one in found.protocol_section.outcomes_module.primary_outcomes] == ["Hiccups in a day"]


def test_tabs_of_two_studies_are_no_page() -> None:
    with pytest.raises(RecordError, match="names more than one study"):
        study(DETAILS + TABULAR.replace(b"NCT99999901", b"NCT99999904"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tab", ["details", "tabular", "results"])
def test_every_form_says_the_same(whole: Study, tab: str, form: str) -> None:
    """A page of the study in any form gives what its HTML gives, but for what that form cannot tell."""
    if tab == "details" and form in ("tabs", "lines"):
        pytest.skip("the tables of conditions and arms end nowhere without marks between cells")
    first = read_again(whole, "html", tab)
    _, other = differences(first, read_again(whole, form, tab))
    # The rows that begin the results are not told from anything else where no mark is between label and value.
    wanted = ("resultsSection",) if (tab, form) == ("results", "lines") else ("protocol", "results", "derived")
    assert not {field for field in other if field.startswith(wanted)}


# --- hostile pages


@pytest.mark.parametrize(
    "made",
    [
        b"<table>" + b"<tr><td>Arm/Group Title</td>" + b"<td>a</td>" * 5_000 + b"</tr>" + b"<tr><td>Started</td></tr>" * 500,
        b"<table><tr><td>Study Arms ICMJE</td><td>" + b"<ul><li>Experimental: A" * 300 + b"</td></tr></table>",
        b"<table><tr><td>Brief Title ICMJE</td><td>" + b"( " * 100_000 + b"</td></tr></table>",
        b"<p>Participant Flow</p>" + b"<p>Arm/Group Title</p><p>Period Title: x</p>" * 10_000,
        b"<p>1. Primary Outcome</p><p>Title</p>" * 10_000,
    ],
)
def test_made_up_tabs_are_read_to_their_end(made: bytes) -> None:
    study(DETAILS + b"<html>" + made)


def test_a_private_mark_in_a_page_is_taken_out() -> None:
    found = study(TABULAR.replace(b"<li>Hiccups</li>", "<li>\ue000\ue000Hiccups\ue000</li>".encode()))
    assert found.protocol_section.conditions_module.conditions == ["Hiccups", "Chronic Singultus"]


def test_too_many_lines_in_a_tab(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(TABULAR.replace(b"</body>", b"<p>x</p>" * 100_001 + b"</body>"))
    (reject,) = read([path])
    assert isinstance(reject, Reject)
    assert "100,000 lines" in reject.reason
