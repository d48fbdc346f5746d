"""Single values as pages write them."""

from __future__ import annotations

import locale

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.sources.ctgov_page.blocks import Kind, text_blocks
from kg.sources.ctgov_page.lists import SiteLine, arms_interventions, sites
from kg.sources.ctgov_page.values import (
    age_limits,
    date_struct,
    enrollment,
    outcome,
    phases,
    responsible,
    secondary_id,
    status,
    study_type,
    yes_no,
)
from kg.sources.ctgov_page.words import Section, code, label_of, section_of


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("October 8, 2021", "2021-10-08"),
        ("October 2022", "2022-10"),
        ("May 1, 2019 Key Record Dates", "2019-05-01"),
        ("February 29, 2020", "2020-02-29"),
        ("February 30, 2020", "February 30, 2020"),
        ("Oktober 2022", "Oktober 2022"),
        ("2022", "2022"),
        ("", ""),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert date_struct(text, "ACTUAL").date == date


def test_dates_do_not_ask_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "nl_langinfo", lambda _: "?", raising=False)
    assert date_struct("December 31, 1999").date == "1999-12-31"


@given(st.dates())
@settings(deadline=None)
def test_every_day_there_and_back(day: object) -> None:
    from datetime import date

    assert isinstance(day, date)
    months = "January February March April May June July August September October November December".split()
    assert date_struct(f"{months[day.month - 1]} {day.day}, {day.year:04}").date == day.isoformat()


@pytest.mark.parametrize(
    ("text", "least", "most", "groups"),
    [
        ("18 Years and older (Adult, Older Adult)", "18 Years", None, ["ADULT", "OLDER_ADULT"]),
        ("18 Years to 65 Years (Adult, Older Adult)", "18 Years", "65 Years", ["ADULT", "OLDER_ADULT"]),
        ("up to 17 Years (Child)", None, "17 Years", ["CHILD"]),
        ("6 Months to 5 Years (Child)", "6 Months", "5 Years", ["CHILD"]),
        ("Child, Adult, Older Adult", None, None, ["CHILD", "ADULT", "OLDER_ADULT"]),
        ("", None, None, []),
    ],
)
def test_ages(text: str, least: str | None, most: str | None, groups: list[str]) -> None:
    limits = age_limits(text)
    assert (limits.minimum_age, limits.maximum_age, limits.std_ages) == (least, most, groups)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Phase 2", ["PHASE2"]),
        ("Phase 2 Phase 3", ["PHASE2", "PHASE3"]),
        ("Phase 1/Phase 2", ["PHASE1", "PHASE2"]),
        ("Early Phase 1", ["EARLY_PHASE1"]),
        ("Not Applicable", ["NA"]),
        ("N/A", ["NA"]),
        ("", []),
    ],
)
def test_phases(text: str, codes: list[str]) -> None:
    assert phases(text) == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Active, not recruiting", ("ACTIVE_NOT_RECRUITING", None, None)),
        ("Not yet recruiting", ("NOT_YET_RECRUITING", None, None)),
        ("Withdrawn (no money (again))", ("WITHDRAWN", "no money (again)", None)),
        ("Unknown Verified May 2017", ("UNKNOWN", None, None)),
        ("Unknown status Recruitment status was: Recruiting", ("UNKNOWN", None, "RECRUITING")),
        ("Something new", ("SOMETHING_NEW", None, None)),
    ],
)
def test_status(text: str, expected: tuple[str, str | None, str | None]) -> None:
    assert status(text) == expected


def test_enrollment_yes_no_and_codes() -> None:
    assert enrollment("0 participants", "ACTUAL").count == 0
    assert enrollment("unknown", None).count is None
    assert [yes_no(word) for word in ("Yes", "no", "Accepts Healthy Volunteers", "Perhaps", None)] == [
        True,
        False,
        True,
        None,
        None,
    ]
    assert code("Non-Randomized") == "NON_RANDOMIZED"


@pytest.mark.parametrize(
    ("text", "measure", "frame", "description"),
    [
        ("Weight", "Weight", None, None),
        ("Weight [ Time Frame: 1 year ]", "Weight", "1 year", None),
        ("Weight [kg] [ Time Frame: 1 year ]In kg [sic].", "Weight [kg]", "1 year", "In kg [sic]."),
        ("Weight [ Time Frame: 1 year ] [ Designated as safety issue: Yes ]\nAs told.", "Weight", "1 year", "As told."),
        ("Weight [ Time Frame: cut", "Weight", "cut", None),
    ],
)
def test_outcomes(text: str, measure: str, frame: str | None, description: str | None) -> None:
    found = outcome(text)
    assert (found.measure, found.time_frame, found.description) == (measure, frame, description)


@pytest.mark.parametrize(
    ("text", "sponsor", "type_", "lead"),
    [
        ("Alkermes, Inc.", None, "SPONSOR", "Alkermes, Inc."),
        ("Merck & Co., Inc., Rahway, NJ", None, "SPONSOR", "Merck & Co., Inc., Rahway, NJ"),
        ("Example, Inc.", "Example, Inc.", "SPONSOR", "Example, Inc."),
        ("Ada B, Anything, Example, Inc.", "Example, Inc.", "PRINCIPAL_INVESTIGATOR", "Example, Inc."),
        ("Ada B, Principal Investigator, Example University", None, "PRINCIPAL_INVESTIGATOR", None),
        ("Ada B, Head of Lamps, Example Biologics, Ltd.", None, "PRINCIPAL_INVESTIGATOR", None),
        ("Ada B, Sponsor-Investigator, Example University", None, "SPONSOR_INVESTIGATOR", None),
        ("Ada B, Professor, Example University", "Ada B", "SPONSOR", "Ada B"),
    ],
)
def test_who_answers(text: str, sponsor: str | None, type_: str, lead: str | None) -> None:
    found = responsible(text, sponsor)
    assert (found.party.type, found.sponsor) == (type_, lead)


@pytest.mark.parametrize(
    ("text", "id_", "type_", "domain"),
    [
        ("EX-1", "EX-1", None, None),
        ("2018-000001-11 ( EudraCT Number )", "2018-000001-11", "EUDRACT_NUMBER", None),
        ("2023-1 ( EU Trial (CTIS) Number )", "2023-1", "CTIS", None),
        ("U1 ( Registry Identifier: Somewhere )", "U1", "REGISTRY", "Somewhere"),
        ("U1 ( Registry Identifier: Office (Main) )", "U1", "REGISTRY", "Office (Main)"),
        ("EX (part 2)", "EX (part 2)", None, None),
        ("(" * 100_000, "(" * 100_000, None, None),
    ],
)
def test_secondary_ids(text: str, id_: str, type_: str | None, domain: str | None) -> None:
    found = secondary_id(text)
    assert (found.id, found.type, found.domain) == (id_, type_, domain)


def test_labels_and_headings() -> None:
    assert label_of("Anticipated Enrollment :") == ("enrollment", "ESTIMATED")
    assert label_of("Go to   Masking:") == ("masking", None)
    assert label_of("Nothing") is None
    assert section_of("Keywords provided by Somebody:") is Section.KEYWORDS
    assert section_of("Locations", in_prose=True) is None


def test_the_longer_name_is_meant() -> None:
    found = arms_interventions(
        "Drug: A Drug: A plus B", [("Experimental: One", "Drug: A plus B Both. Drug: A Alone, not Drug: Another.")]
    )
    assert [(one.name, one.description) for one in found.interventions] == [
        ("A", "Alone, not Drug: Another."),
        ("A plus B", "Both."),
    ]


def test_arms_name_what_the_table_of_conditions_left_out() -> None:
    found = arms_interventions("", [("Other: One", "Drug: A\nDaily.\nOther Name: Alpha\nDevice: B")])
    assert found.arm_groups[0].intervention_names == ["Drug: A", "Device: B"]
    assert [(one.type, one.name, one.other_names) for one in found.interventions] == [
        ("DRUG", "A", ["Alpha"]),
        ("DEVICE", "B", []),
    ]


def test_sites_need_an_address() -> None:
    lines = ["A keyword", "Another", "France", "No address here", "Neoplasms, by Site"]
    assert sites([SiteLine(line) for line in lines]) == []


def test_addresses_of_many_shapes() -> None:
    lines = ["Singapore", "H1", "Singapore, Singapore, 169608", "H2", "Singapore, Singapore"]
    lines += ["Canada, British Columbia", "Vancouver, British Columbia, Canada, V5Z 4E6"]
    found = [(one.facility, one.city, one.state, one.zip) for one in sites([SiteLine(line) for line in lines])]
    assert found == [
        ("H1", "Singapore", None, "169608"),
        ("H2", "Singapore", None, None),
        (None, "Vancouver", "British Columbia", "V5Z 4E6"),
    ]


def test_markdown_is_read_through() -> None:
    text = (
        "# Title\n**Brief Summary:**\nSee [the site](https://example.org/a) ![logo](x.png).\n---\n* item\n  * inner\n"
    )
    assert [(block.kind, block.text, block.level) for block in text_blocks(text)] == [
        (Kind.HEADING, "Title", 0),
        (Kind.LINE, "Brief Summary:", 0),
        (Kind.LINE, "See the site .", 0),
        (Kind.ITEM, "item", 0),
        (Kind.ITEM, "inner", 1),
    ]


def test_what_stands_behind_the_study_type() -> None:
    assert study_type("Observational [Patient Registry]").patient_registry is True
    access = study_type("Expanded Access [Individual Patients, Treatment IND/Protocol]").expanded_access
    assert access is not None
    assert (access.individual, access.intermediate, access.treatment) == (True, None, True)
    assert study_type("Expanded Access").expanded_access is None
    assert study_type("Something new").code == "Something new"
    assert study_type("").code is None
