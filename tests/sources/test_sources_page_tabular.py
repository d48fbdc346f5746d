"""The tabular view of registry pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.sources import Form, RawRecord, decode
from kg.sources.ctgov_page.html import html_blocks
from kg.sources.ctgov_page.lines import lines_of
from kg.sources.ctgov_page.tabular_words import tabular_label
from kg.study import (
    BioSpec,
    Enrollment,
    FullOrganization,
    IpdSharing,
    Location,
    Official,
    Outcome,
    Study,
)
from tests.sources.round_trip import read_again

PAGES = Path(__file__).parent / "pages"
DETAILS = (PAGES / "interventional.html").read_bytes()
TABULAR = (PAGES / "tabular.html").read_bytes()


def study(data: bytes, form: Form = Form.PAGE_HTML) -> Study:
    return decode(RawRecord(data, form, "page"))


@pytest.fixture(scope="module")
def tabular() -> Study:
    return study(TABULAR)


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
