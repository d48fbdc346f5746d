"""Registry pages, made into text and as HTML: the same facts, whatever the form."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kg.errors import RecordError
from kg.sources import Form, RawRecord, Reject, decode, head, read
from kg.study import DateStruct, Location, Official, Organization, Outcome, Page, Reference, SecondaryId, Study

PAGES = Path(__file__).parent / "pages"
HTML = (PAGES / "interventional.html").read_bytes()
TEXT = (PAGES / "interventional.txt").read_bytes()
OBSERVATIONAL = (PAGES / "observational.txt").read_bytes()


def study(data: bytes, form: Form = Form.PAGE_TEXT) -> Study:
    return decode(RawRecord(data, form, "page"))


@pytest.fixture(scope="module", params=[(HTML, Form.PAGE_HTML), (TEXT, Form.PAGE_TEXT)], ids=["html", "text"])
def page(request: pytest.FixtureRequest) -> Study:
    return study(*request.param)


def test_both_forms_give_the_same_study() -> None:
    assert msgspec.to_builtins(study(HTML, Form.PAGE_HTML)) == msgspec.to_builtins(study(TEXT))


def test_the_form_is_seen_by_content(tmp_path: Path) -> None:
    for number, (data, form) in enumerate([(HTML, Form.PAGE_HTML), (TEXT, Form.PAGE_TEXT)]):
        path = tmp_path / str(number)
        path.write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
        (record,) = read([path])
        assert isinstance(record, RawRecord)
        assert (record.form, record.place, record.data) == (form, str(path), path.read_bytes())
        assert head(record) == ("NCT99999901", "2021-07-15")
        assert msgspec.to_builtins(decode(record)) == msgspec.to_builtins(study(data, form))


def test_identification(page: Study) -> None:
    module = page.protocol_section.identification_module
    assert module.nct_id == page.nct_id == "NCT99999901"
    assert module.brief_title == "Zanvitimab Plus Blue Lamp in Chronic Hiccups"
    assert module.official_title == "A Randomized Trial of Zanvitimab & Blue Lamp in Adults With Chronic Hiccups"
    assert module.org_study_id_info is not None
    assert module.org_study_id_info.id == "EX-0001"
    assert module.secondary_id_infos == [
        SecondaryId(id="2018-000001-11", type="EUDRACT_NUMBER"),
        SecondaryId(id="EX-ALIAS", type="OTHER", domain="Example Office"),
    ]


def test_status_and_dates(page: Study) -> None:
    module = page.protocol_section.status_module
    assert (module.overall_status, module.why_stopped) == ("TERMINATED", "The lamp maker went out of business")
    dates = [
        module.start_date_struct,
        module.primary_completion_date_struct,
        module.completion_date_struct,
        module.study_first_post_date_struct,
        module.results_first_post_date_struct,
        module.last_update_post_date_struct,
    ]
    assert [(struct.date, struct.type) for struct in dates if struct] == [
        ("2019-05-01", "ACTUAL"),
        ("2020-12", "ACTUAL"),
        ("2022-01-31", "ESTIMATED"),
        ("2019-03-04", None),
        ("2021-06-01", None),
        ("2021-07-15", None),
    ]
    assert page.has_results is True


def test_people_and_organizations(page: Study) -> None:
    module = page.protocol_section.sponsor_collaborators_module
    assert module.lead_sponsor == Organization(name="Example Biologics, Ltd.")
    assert module.collaborators == [Organization(name="University of Nowhere"), Organization(name="Lamp Works GmbH")]
    assert module.responsible_party is not None
    assert module.responsible_party.type == "PRINCIPAL_INVESTIGATOR"
    assert module.responsible_party.investigator_title == "Head of Medicine"
    assert page.protocol_section.contacts_locations_module.overall_officials == [
        Official(name="Grace Example, MD", affiliation="University of Nowhere", role="PRINCIPAL_INVESTIGATOR"),
        Official(name="Max Muster", role="STUDY_CHAIR"),
    ]
    assert page.protocol_section.oversight_module.is_fda_regulated_drug is False
    assert page.protocol_section.oversight_module.is_fda_regulated_device is True


def test_design(page: Study) -> None:
    module = page.protocol_section.design_module
    assert (module.study_type, module.phases) == ("INTERVENTIONAL", ["PHASE1", "PHASE2"])
    assert msgspec.to_builtins(module.enrollment_info) == {"count": 1204, "type": "ACTUAL"}
    assert msgspec.to_builtins(module.design_info) == {
        "allocation": "RANDOMIZED",
        "interventionModel": "PARALLEL",
        "primaryPurpose": "SUPPORTIVE_CARE",
        "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"]},
    }


def test_a_label_in_prose_is_prose(page: Study) -> None:
    summary = page.protocol_section.description_module.brief_summary
    assert summary is not None
    assert summary.endswith("\n\nMasking: a word that only looks like a label.")
    assert page.protocol_section.description_module.detailed_description == (
        "The trial has two parts.\n\n* Run-in\n* Treatment"
    )


def test_arms_and_interventions(page: Study) -> None:
    assert msgspec.to_builtins(page.protocol_section.arms_interventions_module) == {
        "armGroups": [
            {
                "label": "Lamp and antibody",
                "type": "EXPERIMENTAL",
                "description": "Everything at once.",
                "interventionNames": ["Biological: Zanvitimab", "Device: Blue lamp"],
            },
            {
                "label": "Salt water",
                "type": "PLACEBO_COMPARATOR",
                "interventionNames": ["Drug: Placebo", "Device: Blue lamp"],
            },
            {"label": "Waiting list", "type": "NO_INTERVENTION"},
        ],
        "interventions": [
            {
                "type": "BIOLOGICAL",
                "name": "Zanvitimab",
                "description": "3 mg/kg every week.",
                "armGroupLabels": ["Lamp and antibody"],
                "otherNames": ["ZVT-1", "Hiccumab"],
            },
            {
                "type": "DEVICE",
                "name": "Blue lamp",
                "description": "One hour in the evening.",
                "armGroupLabels": ["Lamp and antibody", "Salt water"],
            },
            {
                "type": "DRUG",
                "name": "Placebo",
                "description": "Salt water every week.",
                "armGroupLabels": ["Salt water"],
                "otherNames": ["Saline"],
            },
        ],
    }


def test_outcomes_under_their_headings(page: Study) -> None:
    module = page.protocol_section.outcomes_module
    assert module.primary_outcomes == [
        Outcome(measure="Hiccups in a day", time_frame="2 weeks (day 14 [+/- 1])", description="Counted by a nurse.")
    ]
    assert [outcome.measure for outcome in module.secondary_outcomes] == ["Sleep", "Overall survival"]
    assert module.other_outcomes == [Outcome(measure="Lamp failures")]


def test_outcomes_without_headings_are_unstated() -> None:
    lost = TEXT
    for heading in (b"Primary Outcome Measures :\n", b"Secondary Outcome Measures :\n", b"### Outcome Measures\n"):
        lost = lost.replace(heading, b"")
    found = study(lost.replace(b"Other Outcome Measures:\n- Lamp failures\n", b""))
    assert found.page is not None
    assert [outcome.measure for outcome in found.page.unstated_outcomes] == [
        "Hiccups in a day",
        "Sleep",
        "Overall survival",
    ]
    assert found.protocol_section.outcomes_module.primary_outcomes == []
    assert len(found.protocol_section.arms_interventions_module.arm_groups) == 3


def test_eligibility(page: Study) -> None:
    module = page.protocol_section.eligibility_module
    assert (module.minimum_age, module.maximum_age, module.sex) == ("18 Years", "75 Years", "FEMALE")
    assert module.healthy_volunteers is True
    assert module.std_ages == ["ADULT", "OLDER_ADULT"]
    assert module.eligibility_criteria == (
        "Inclusion Criteria:\n\n* Hiccups for more than 48 hours\n  * or 24 hours twice\n* Able to sit under a lamp\n\n"
        "Exclusion Criteria:\n\n* Fear of the dark"
    )


def test_sites(page: Study) -> None:
    assert page.protocol_section.contacts_locations_module.locations == [
        Location(
            facility="Sunny Clinic",
            status="RECRUITING",
            city="Miami",
            state="Florida",
            zip="33136",
            country="United States",
        ),
        Location(facility="Second Clinic", city="Tampa", state="Florida", country="United States"),
        Location(facility="Klinik am Beispiel", city="Munich", state="Bavaria", zip="80336", country="Germany"),
        Location(facility="Example Hospital", city="Seoul", zip="03080", country="Korea, Republic of"),
    ]


def test_conditions_keywords_and_mesh_terms(page: Study) -> None:
    module = page.protocol_section.conditions_module
    assert module.conditions == ["Hiccups", "Chronic Singultus"]
    assert module.keywords == ["Singultus", "Blue light", "Antibody"]
    assert page.page == Page(mesh_runs=["Hiccup", "Signs and Symptoms, Respiratory", "Antibodies"])


def test_references(page: Study) -> None:
    assert page.protocol_section.references_module.references == [
        Reference(type="DERIVED", citation="Sample A, Muster M. Light and hiccups. J Imag Med. 2021;1(1):1-2.")
    ]


def without_headings(tail: bytes) -> Study:
    return study(TEXT[: TEXT.index(b"Keywords provided by")] + tail)


@pytest.mark.parametrize(
    ("tail", "keywords", "mesh"),
    [
        (
            b"Alpha Beta |\nGamma |\nHiccup Signs |\nAntibodies |\n",
            ["Alpha Beta", "Gamma"],
            ["Hiccup Signs", "Antibodies"],
        ),
        (b"Alpha Beta | Gamma |\nHiccup Signs | Antibodies |", ["Alpha Beta", "Gamma"], ["Hiccup Signs", "Antibodies"]),
        (b"Some New Flag: | Yes |\nAlpha | Beta |\nHiccup | Drug |\n", ["Alpha", "Beta"], ["Hiccup", "Drug"]),
        (b"Alpha |\nBeta |\n", ["Alpha", "Beta"], []),
        (b"", [], []),
    ],
)
def test_trailing_lists_without_headings_are_runs(tail: bytes, keywords: list[str], mesh: list[str]) -> None:
    found = without_headings(tail)
    assert found.page == Page(keyword_runs=keywords, mesh_runs=mesh)
    assert found.protocol_section.conditions_module.keywords == []


def test_one_line_under_a_heading_is_a_run_in_text() -> None:
    found = without_headings(
        b"Keywords provided by X:\nAlpha Beta |\n\nAdditional relevant MeSH terms:\nHiccup Signs |\n"
    )
    assert found.page == Page(keyword_runs=["Alpha Beta"], mesh_runs=["Hiccup Signs"])


def test_rows_without_bars() -> None:
    bare = b"\n".join(
        line.rstrip(b" |").replace(b" | ", b"\t", 1) if b": |" in line else line for line in TEXT.split(b"\n")
    )
    found, whole = study(bare).protocol_section, study(TEXT).protocol_section
    for part in ("status_module", "design_module", "outcomes_module", "eligibility_module", "oversight_module"):
        assert getattr(found, part) == getattr(whole, part), part


def test_what_a_browser_copies_has_tabs() -> None:
    rows = (
        TEXT[: TEXT.index(b"### Arms")].replace(b"\n|\n", b"\n").replace(b" |\n", b"\n").replace(b"---|---|---|\n", b"")
    )
    found = study(rows.replace(b"![](/logo.png)\n", b"").replace(b" | ", b"\t"))
    assert found.protocol_section.design_module == study(TEXT).protocol_section.design_module
    assert found.protocol_section.conditions_module.conditions == ["Hiccups", "Chronic Singultus"]


def test_an_observational_study() -> None:
    found = study(OBSERVATIONAL)
    protocol = found.protocol_section
    assert protocol.identification_module.brief_title == "Snoring in Lighthouse Keepers: a Registry"
    assert protocol.status_module.overall_status == "UNKNOWN"
    assert protocol.status_module.start_date_struct == DateStruct(date="2016-06")
    assert protocol.design_module.study_type == "OBSERVATIONAL"
    assert protocol.design_module.phases == []
    assert msgspec.to_builtins(protocol.design_module.design_info) == {
        "observationalModel": "CASE_CONTROL",
        "timePerspective": "CROSS_SECTIONAL",
    }
    assert msgspec.to_builtins(protocol.arms_interventions_module) == {
        "armGroups": [{"label": "Keepers", "interventionNames": ["Other: Foghorn"]}, {"label": "Visitors"}],
        "interventions": [{"type": "OTHER", "name": "Foghorn", "armGroupLabels": ["Keepers"]}],
    }
    assert protocol.eligibility_module.std_ages == ["CHILD", "ADULT", "OLDER_ADULT"]
    assert protocol.eligibility_module.minimum_age is None
    assert protocol.eligibility_module.eligibility_criteria == "Inclusion Criteria:\n\n* Lives in a lighthouse"
    assert protocol.contacts_locations_module.locations == [
        Location(facility="Phare du Nulle Part", city="Brest", country="France")
    ]
    assert protocol.oversight_module.oversight_has_dmc is True
    assert protocol.sponsor_collaborators_module.lead_sponsor is None  # a person answers; nobody says for whom
    assert found.page is not None
    assert [outcome.description for outcome in found.page.unstated_outcomes] == ["Told by the spouse.", None]
    assert found.page.keyword_runs == ["Snore", "Fog"]
    assert found.has_results is None


def test_expanded_access() -> None:
    lines = [
        "Zanvitimab for Friends",
        "ClinicalTrials.gov Identifier: NCT99999903 |",
        "Expanded Access Status :",
        "Available",
        "First Posted : March 4, 2019",
        "Last Update Posted : March 5, 2019",
        "Condition or disease | Intervention/treatment |",
        "---|---|",
        "Hiccups | Biological: Zanvitimab |",
        "Study Type : | Expanded Access |",
        "Official Title: | Zanvitimab for Friends of the House |",
        "Responsible Party: | Example Biologics, Ltd. |",
    ]
    protocol = study("\n".join(lines).encode()).protocol_section
    assert protocol.design_module.study_type == "EXPANDED_ACCESS"
    assert protocol.status_module.overall_status == "AVAILABLE"
    assert [one.name for one in protocol.arms_interventions_module.interventions] == ["Zanvitimab"]
    assert protocol.sponsor_collaborators_module.lead_sponsor == Organization(name="Example Biologics, Ltd.")


@pytest.mark.parametrize(
    "content",
    [
        b"# Notes\n\nWe start from NCT04144517.\n",
        b"ClinicalTrials.gov Identifier: NCT04144517\n",
        b"ClinicalTrials.gov Identifier: NCT04144517\nStudy Type: Interventional\nSponsor: Somebody\n",
        b"<html><body><h1>ClinicalTrials.gov</h1><p>NCT04144517 is a study.</p></body></html>",
        b"<html></html>",
        b"<",
        b"<!-- NCT04144517 -->",
        TEXT.replace(b"NCT99999901", b"NCT-99999901"),
        HTML.replace(b"NCT99999901", b"NCT999999"),
        HTML.decode().encode("utf-16"),
        TEXT + b"\xff",
        TEXT + OBSERVATIONAL,
        b"NCT99999901\0" + TEXT,
    ],
)
def test_other_text_is_one_reject(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page"
    path.write_bytes(content)
    (reject,) = read([path])
    assert isinstance(reject, Reject)
    assert reject.whole_input
    assert "(" in reject.reason


@pytest.mark.parametrize("form", [Form.PAGE_HTML, Form.PAGE_TEXT])
@pytest.mark.parametrize("data", [b"", b"NCT", b"\xff", b"<html>", b"a\n" * 150_000])
def test_decode_raises_and_head_does_not(data: bytes, form: Form) -> None:
    record = RawRecord(data, form, "here")
    with pytest.raises(RecordError, match="here"):
        decode(record)
    assert head(record) == ("", "")


def test_entities_and_files_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read this")
    hostile = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
    found = study(hostile + HTML.replace(b"Fear of the dark", b"Fear of &x; &amp; dark"), Form.PAGE_HTML)
    assert b"do not read" not in msgspec.json.encode(found)


def test_deeply_nested_html_neither_crashes_nor_hangs() -> None:
    with pytest.raises(RecordError):
        study(b"<div>" * 200_000 + HTML, Form.PAGE_HTML)


def test_scripts_and_captions_are_no_text(page: Study) -> None:
    text = msgspec.json.encode(page)
    assert b"Not a heading" not in text
    assert b"Layout table" not in text


def test_html_that_the_parser_gives_up_is_rejected(tmp_path: Path) -> None:
    page = (Path(__file__).parent / "pages" / "interventional.html").read_bytes()
    at = page.index(b"</table>") + len(b"</table>")
    path = tmp_path / "a.html"
    for inside in (b"<div>" * 300, b"<p>" + b"x" * 10_100_000 + b"</p>"):
        path.write_bytes(page[:at] + inside + page[at:])
        (reject,) = read([path])
        assert isinstance(reject, Reject)
        assert "the parser, which stops there" in reject.reason


def test_rows_of_the_tabular_view_alone_have_no_title() -> None:
    rows = {
        "Results First Posted Date": "June 1, 2021",
        "NCT Number": "NCT99999901",
        "PRS Account": "A clinic",
        "Verification Date": "July 2021",
    }
    page = "\n".join(f"<tr><th>{label} <sup>ICMJE</sup></th><td>{value}</td></tr>" for label, value in rows.items())
    study = decode(RawRecord(page.encode(), Form.PAGE_HTML, "a.html"))
    assert study.nct_id == "NCT99999901"
    assert study.protocol_section.identification_module.brief_title is None
