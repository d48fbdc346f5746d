"""Several tabs of registry pages in one file, and in each form."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kg.errors import RecordError
from kg.sources import Form, RawRecord, Reject, decode, read
from kg.study import BioSpec, IpdSharing, Study
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


def test_nobody_is_called(tabular: Study, results: Study) -> None:
    for one in (tabular, results):
        text = msgspec.json.encode(one)
        assert b"555-0100" not in text
        assert b"nobody@" not in text


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


@pytest.mark.parametrize(
    "order", [(DETAILS, RESULTS, TABULAR), (TABULAR, RESULTS, DETAILS), (RESULTS, TABULAR, DETAILS)]
)
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
        b"<table>"
        + b"<tr><td>Arm/Group Title</td>"
        + b"<td>a</td>" * 5_000
        + b"</tr>"
        + b"<tr><td>Started</td></tr>" * 500,
        b"<table><tr><td>Study Arms ICMJE</td><td>" + b"<ul><li>Experimental: A" * 100 + b"</td></tr></table>",
        b"<table><tr><td>Brief Title ICMJE</td><td>" + b"( " * 100_000 + b"</td></tr></table>",
        b"<p>Participant Flow</p>" + b"<p>Arm/Group Title</p><p>Period Title: x</p>" * 10_000,
        b"<p>1. Primary Outcome</p><p>Title</p>" * 10_000,
    ],
)
def test_made_up_tabs_are_read_to_their_end(made: bytes) -> None:
    study(DETAILS + b"<html>" + made)


def test_a_tab_nested_deeper_than_the_parser_goes_is_refused_not_cut_short() -> None:
    nested = b"<table><tr><td>Study Arms ICMJE</td><td>" + b"<ul><li>Experimental: A" * 300 + b"</td></tr></table>"
    with pytest.raises(RecordError, match="nested too deep"):
        study(DETAILS + b"<html>" + nested)


def test_a_private_mark_in_a_page_is_taken_out() -> None:
    found = study(TABULAR.replace(b"<li>Hiccups</li>", "<li>\ue000\ue000Hiccups\ue000</li>".encode()))
    assert found.protocol_section.conditions_module.conditions == ["Hiccups", "Chronic Singultus"]


def test_too_many_lines_in_a_tab(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(TABULAR.replace(b"</body>", b"<p>x</p>" * 100_001 + b"</body>"))
    (reject,) = read([path])
    assert isinstance(reject, Reject)
    assert "100,000 lines" in reject.reason


def test_details_of_lines_alone(whole: Study) -> None:
    found, first = read_again(whole, "lines", "details").protocol_section, whole.protocol_section
    assert found.description_module == first.description_module  # the table below the summary is no part of it
    assert found.references_module == first.references_module
    assert found.contacts_locations_module.locations == first.contacts_locations_module.locations
    assert found.identification_module.secondary_id_infos == first.identification_module.secondary_id_infos


def test_rows_of_the_details_that_no_other_test_has() -> None:
    lines = [
        "Biospecimen Retention: | Samples With DNA |",
        "Biospecimen Description:",
        "Hair of the keeper.",
        "",
        "Target Follow-Up Duration: | 1 Year |",
        "Gender Based Eligibility: | Yes |",
        "Plan to Share IPD: | Undecided |",
        "Time Frame: | From 2023. |",
    ]
    text = DETAILS_TEXT.replace(b"### Eligibility Criteria", "\n".join(lines).encode() + b"\n### Eligibility Criteria")
    protocol = study(text, Form.PAGE_TEXT).protocol_section
    assert protocol.design_module.bio_spec == BioSpec(retention="SAMPLES_WITH_DNA", description="Hair of the keeper.")
    assert protocol.design_module.target_duration == "1 Year"
    assert protocol.eligibility_module.gender_based is True
    assert protocol.ipd_sharing_statement_module == IpdSharing(ipd_sharing="UNDECIDED", time_frame="From 2023.")
    assert protocol.status_module.status_verified_date == "2021-07"
    assert len(protocol.outcomes_module.secondary_outcomes) == 2
