"""Single values: text, dates, ages, codes, countries, addresses. What cannot be expressed is noted, never fatal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.mapping.sites import country_code

Build = Callable[..., Any]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Cafe\u0301", "Café"),
        ("  trimmed \n", "trimmed"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("bell\u0007, null\u0000 and delete\u007f", "bell, null and delete"),
        ("next line\u0085 and \ufffe", "next line and"),
        ('quote " and \\ backslash', 'quote " and \\ backslash'),
        ("tab\tand\nline", "tab\tand\nline"),
        ("≥ 12 % β/γ 𝒳", "≥ 12 % β/γ 𝒳"),
    ],
)
def test_text(statements: Build, written: str, kept: str) -> None:
    found = statements(identificationModule={"briefTitle": written, "acronym": written})
    assert found.of("", "dcterms:title") == [kept]
    assert found.of("", "rdfs:label") == [kept]
    assert found.of("", "tkg:acronym") == [kept]


@pytest.mark.parametrize("nothing", ["", "   ", "\n", "\u0000", None])
def test_text_of_nothing_gives_no_statement(statements: Build, nothing: str | None) -> None:
    found = statements(identificationModule={"acronym": nothing}, descriptionModule={"briefSummary": nothing})
    assert found.of("", "tkg:acronym") == []
    assert found.of("", "dcterms:abstract") == []
    assert found.notes == []


def test_a_study_without_a_title_is_called_by_its_number(statements: Build) -> None:
    found = statements(identificationModule={"briefTitle": None})
    assert found.of("", "dcterms:title") == ["NCT99999999"]


@pytest.mark.parametrize(
    ("date", "kept", "year"),
    [
        ("2020-02-05", "2020-02-05 date", "2020 integer"),
        ("2020-02", "2020-02 gYearMonth", "2020 integer"),
        ("2020-02-29", "2020-02-29 date", "2020 integer"),
    ],
)
def test_dates_keep_their_precision(statements: Build, date: str, kept: str, year: str) -> None:
    found = statements(statusModule={"startDateStruct": {"date": date, "type": "ACTUAL"}})
    assert found.of("", "tkg:startDate") == [kept]
    assert found.of("", "tkg:startDateType") == ["actual"]
    assert found.of("", "tkg:startYear") == [year]


@pytest.mark.parametrize(
    "date", ["2019-13", "2019-02-30", "2019", "May 2019", "²019-01", "0000-01", "2019-1", " 2019-01"]
)
def test_what_is_no_date_is_noted(statements: Build, date: str) -> None:
    found = statements(statusModule={"startDateStruct": {"date": date, "type": "ACTUAL"}})
    assert found.of("", "tkg:startDate") == []
    assert found.of("", "tkg:startYear") == []
    assert found.of("", "tkg:startDateType") == []
    assert found.notes == [f"{date!r} is not a date (expected YYYY-MM-DD or YYYY-MM)"]


@pytest.mark.parametrize(
    ("age", "exact", "years"),
    [
        ("18 Years", "P18Y", "18"),
        ("1 Year", "P1Y", "1"),
        ("18 Months", "P1Y6M", "1.5"),
        ("6 Weeks", "P42D", "0.115"),
        ("150 Days", "P150D", "0.4107"),
        ("36 Hours", "P1DT12H", "0.0041"),
        ("90 Minutes", "PT1H30M", "0.0002"),
        ("0 Years", "PT0S", "0"),
    ],
)
def test_ages(statements: Build, age: str, exact: str, years: str) -> None:
    found = statements(eligibilityModule={"minimumAge": age, "maximumAge": age})
    for end in ("minimum", "maximum"):
        assert found.of("eligibility", f"tkg:{end}Age") == [f"{exact} duration"]
        assert found.of("eligibility", f"tkg:{end}AgeYears") == [f"{years} decimal"]
    assert found.notes == []


@pytest.mark.parametrize(
    "age", ["eighteen", "18", "-1 Years", "1.5 Years", "18 Years or so", "١٨ Years", "9" * 5000 + " Years"]
)
def test_what_is_no_age_is_noted(statements: Build, age: str) -> None:
    found = statements(eligibilityModule={"minimumAge": age})
    assert found.of("eligibility", "tkg:minimumAge") == []
    assert found.of("eligibility", "tkg:minimumAgeYears") == []
    assert len(found.notes) == 1
    assert "is not an age" in found.notes[0]


@pytest.mark.parametrize("age", ["N/A", "n/a", "None"])
def test_no_limit_of_age_is_no_error(statements: Build, age: str) -> None:
    found = statements(eligibilityModule={"maximumAge": age, "sex": "ALL"})
    assert found.of("eligibility", "tkg:maximumAge") == []
    assert found.notes == []


@pytest.mark.parametrize(
    ("module", "code_list", "curie"),
    [
        ({"statusModule": {"overallStatus": "PAUSED"}}, "status", "tkg:status"),
        ({"designModule": {"phases": ["PAUSED"]}}, "phase", "tkg:phase"),
        ({"designModule": {"studyType": "PAUSED"}}, "study-type", "tkg:studyType"),
        ({"designModule": {"designInfo": {"allocation": "PAUSED"}}}, "allocation", "tkg:allocation"),
        ({"designModule": {"designInfo": {"maskingInfo": {"masking": "PAUSED"}}}}, "masking", "tkg:masking"),
        ({"designModule": {"enrollmentInfo": {"type": "PAUSED"}}}, "date-type", "tkg:enrollmentType"),
    ],
)
def test_an_unknown_code_is_noted(statements: Build, module: dict[str, Any], code_list: str, curie: str) -> None:
    found = statements(**module)
    assert found.of("", curie) == []
    assert found.notes == [f"'PAUSED' is not in the code list {code_list}"]


def test_codes_said_twice_are_one_statement(statements: Build) -> None:
    found = statements(
        designModule={
            "phases": ["PHASE2", "PHASE2"],
            "designInfo": {"maskingInfo": {"whoMasked": ["INVESTIGATOR", "INVESTIGATOR"]}},
        },
        eligibilityModule={"stdAges": ["ADULT", "ADULT"]},
    )
    assert found.of("", "tkg:phase") == ["phase-2"]
    assert found.of("", "tkg:maskedParty") == ["investigator"]
    assert found.of("eligibility", "tkg:standardAge") == ["adult"]


@pytest.mark.parametrize(
    ("study_type", "allocation", "classes"),
    [
        ("INTERVENTIONAL", "RANDOMIZED", {"vocab#Study", "MedicalTrial", "OBI_0003699", "OBI_0004001"}),
        ("INTERVENTIONAL", "NON_RANDOMIZED", {"vocab#Study", "MedicalTrial", "OBI_0003699", "OBI_0004002"}),
        ("INTERVENTIONAL", "NA", {"vocab#Study", "MedicalTrial", "OBI_0003699"}),
        ("OBSERVATIONAL", None, {"vocab#Study", "MedicalObservationalStudy", "OBI_0003698"}),
        ("EXPANDED_ACCESS", None, {"vocab#Study", "vocab#ExpandedAccess"}),
    ],
)
def test_classes_of_a_study(statements: Build, study_type: str, allocation: str | None, classes: set[str]) -> None:
    found = statements(designModule={"studyType": study_type, "designInfo": {"allocation": allocation}})
    assert set(found.of("", "rdf:type")) == classes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Russia", "RU"),
        ("Russian Federation", "RU"),
        ("Turkey", "TR"),
        ("Turkey (Türkiye)", "TR"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("Iran, Islamic Republic of", "IR"),
        ("Macedonia, The Former Yugoslav Republic of", "MK"),
        ("Palestinian Territories, Occupied", "PS"),
        ("Côte D'Ivoire", "CI"),
        ("Kosovo", "XK"),
        ("  france ", "FR"),
        ("Former Yugoslavia", ""),
        ("Former Serbia and Montenegro", ""),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_country_codes(name: str, code: str) -> None:
    assert country_code(name) == code


def test_a_country_without_a_code_keeps_its_name(statements: Build) -> None:
    found = statements(contactsLocationsModule={"locations": [{"country": "Former Yugoslavia"}]})
    assert found.of("site/1", "tkg:countryName") == ["Former Yugoslavia"]
    assert found.of("site/1", "schema:addressCountry") == []
    assert found.notes == ["country 'Former Yugoslavia' has no ISO 3166-1 code"]


def test_sites(statements: Build) -> None:
    place = {"city": "Liège", "country": "Belgium", "geoPoint": {"lat": 50.0, "lon": -0.0}}
    found = statements(
        contactsLocationsModule={"locations": [{"facility": "A", **place}, {"facility": "B", **place}, {}]}
    )
    assert found.of("", "tkg:site") == ["site/1", "site/2", "site/3"]
    assert found.of("site/1", "rdfs:label") + found.of("site/2", "rdfs:label") == ["A", "B"]
    for part in ("site/1", "site/2"):
        assert found.of(part, "schema:addressLocality") == ["Liège"]
        assert found.of(part, "schema:addressCountry") == ["BE"]
        assert found.of(part, "wgs:lat") == ["50 decimal"]
        assert found.of(part, "wgs:long") == ["0 decimal"]
    assert found.of("site/3", "rdf:type") == ["vocab#Site"]


@pytest.mark.parametrize(
    ("entry", "link"),
    [
        (
            {"id": "2020-001234-56", "type": "EUDRACT_NUMBER"},
            "search?query=eudract_number:2020-001234-56",
        ),
        ({"id": "2023-501234-56-00", "type": "CTIS"}, "2023-501234-56-00"),
        ({"id": "R01", "type": "NIH", "link": "https://example.org/R01"}, "R01"),
        ({"id": "R01", "type": "NIH", "link": "HTTP://example.org/R01"}, "R01"),
    ],
)
def test_pages_of_other_numbers(statements: Build, entry: dict[str, str], link: str) -> None:
    found = statements(identificationModule={"secondaryIdInfos": [entry]})
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == [link]
    assert found.of("secondary-identifier/1", "dcterms:identifier") == [entry["id"]]
    assert found.notes == []


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://example.org/a b", "example.org", "file:///etc/passwd", "https://x/<y>"]
)
def test_a_link_that_is_no_web_address_is_noted(statements: Build, link: str) -> None:
    found = statements(identificationModule={"secondaryIdInfos": [{"id": "R01", "type": "NIH", "link": link}]})
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == []
    assert found.notes == [f"{link!r} is not a web address (expected http or https, without spaces)"]


def test_a_number_of_another_form_gets_no_page(statements: Build) -> None:
    found = statements(identificationModule={"secondaryIdInfos": [{"id": "1 2/3", "type": "EUDRACT_NUMBER"}]})
    assert found.of("secondary-identifier/1", "rdfs:seeAlso") == []
    assert found.of("secondary-identifier/1", "tkg:identifierType") == ["eudract-number"]


def test_numbers_count_on_past_an_empty_one(statements: Build) -> None:
    found = statements(
        identificationModule={"orgStudyIdInfo": {"id": "A"}, "secondaryIdInfos": [{"type": "NIH"}, {"id": "B"}]}
    )
    assert found.of("", "tkg:secondaryIdentifier") == ["secondary-identifier/1", "secondary-identifier/2"]
    assert found.of("secondary-identifier/2", "dcterms:identifier") == ["B"]
    assert found.notes == ["a secondary identifier of type 'NIH' has no number"]


@pytest.mark.parametrize(("pmid", "links"), [("123", ["123"]), (" 7 ", ["7"]), ("PMC1", []), ("١٢", []), ("", [])])
def test_publications(statements: Build, pmid: str, links: list[str]) -> None:
    found = statements(referencesModule={"references": [{"pmid": pmid, "type": "RESULT", "citation": "A. B."}]})
    assert found.of("reference/1", "rdfs:seeAlso") == links
    assert found.of("reference/1", "tkg:referenceType") == ["result"]
    assert found.of("reference/1", "dcterms:bibliographicCitation") == ["A. B."]
    assert len(found.notes) == (1 if pmid and not links else 0)


def test_one_organization_named_twice(statements: Build) -> None:
    name = {"name": "Example Biologics, Ltd.", "class": "INDUSTRY"}
    found = statements(
        sponsorCollaboratorsModule={
            "leadSponsor": name,
            "collaborators": [name, name, {"name": "EXAMPLE biologics, ltd."}],
        }
    )
    assert len(found.of("", "tkg:leadSponsor")) == 1
    assert found.of("", "tkg:collaborator") == found.of("", "tkg:leadSponsor")
    assert len(found.all) == len(set(found.all))


def test_where_the_record_is_from(statements: Build) -> None:
    found = statements(derived={"miscInfoModule": {"versionHolder": "2024-05-06"}}, has_results=False)
    assert found.of("record", "tkg:dataDate") == ["2024-05-06 date"]
    assert found.of("record", "tkg:sourceForm") == ["API v2 JSON"]
    assert len(found.of("record", "tkg:sha256")[0]) == 64
    assert found.of("", "tkg:hasResults") == ["false boolean"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_is_fatal(statements: Build, text: str) -> None:
    """The same text in every place where a record can have text, codes and dates included."""
    found = statements(
        identificationModule={"briefTitle": text, "orgStudyIdInfo": {"id": text, "type": text, "link": text}},
        statusModule={"overallStatus": text, "startDateStruct": {"date": text, "type": text}},
        sponsorCollaboratorsModule={"leadSponsor": {"name": text, "class": text}, "responsibleParty": {"type": text}},
        conditionsModule={"conditions": [text], "keywords": [text]},
        designModule={"studyType": text, "phases": [text]},
        armsInterventionsModule={
            "armGroups": [{"label": text, "type": text, "interventionNames": [text]}],
            "interventions": [{"type": text, "name": text, "otherNames": [text]}],
        },
        outcomesModule={"primaryOutcomes": [{"measure": text, "timeFrame": text}]},
        eligibilityModule={"eligibilityCriteria": text, "minimumAge": text, "sex": text, "stdAges": [text]},
        contactsLocationsModule={"locations": [{"facility": text, "city": text, "country": text, "status": text}]},
        referencesModule={"references": [{"pmid": text, "type": text, "citation": text}]},
        derived={"conditionBrowseModule": {"meshes": [{"id": text, "term": text}]}},
    )
    assert len(found.of("", "tkg:condition")) == 1
    assert len(found.all) == len(set(found.all))
