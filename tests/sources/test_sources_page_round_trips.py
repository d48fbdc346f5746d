"""Real records, written as classic pages and read again: what each tab keeps, field by field, in each form.

The pages are made by :mod:`tests.sources.classic_pages`, so this measures the reader against what is known of the
layout, and not against pages of the registry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from kg.errors import RecordError
from kg.sources import RawRecord, decode, read
from kg.study import Study
from tests.sources.round_trip import differences, read_again

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]

STUDIES = 250
WITH_RESULTS = 50

# Fields that no tab shows, or that are not the registrant's.
NOWHERE = (
    ".class",
    ".geoPoint.",
    ".link",
    "Contacts.",
    ".contacts.",
    "QcDate",
    "lastUpdateSubmitDate",
    "dispFirst",
    "PostDateStruct.type",
    "nctIdAliases",
    "acronym",
    "expandedAccessInfo",
    "oldNameTitle",
    "oldOrganization",
    "references.pmid",
    "references.retractions",
    "seeAlsoLinks",
    "availIpds",
    "pointOfContact.email",
    "pointOfContact.phone",
    "testedNonInferiority",
    "milestones.comment",
    "delayedPosting",
    "resultsWaived",
    "nPtrsToThisExpAccNctId",
    "expandedAccessTypes",
    "fdaaa801Violation",
)
LOST = {
    "details": (
        "organization.fullName",
        "studyFirstSubmitDate",
        "resultsFirstSubmitDate",
        "bioSpec",
        "genderDescription",
    ),
    "tabular": (
        "keywords",
        "references.type",
        "locations.",  # only their countries are listed, each once
    ),
    "results": (),
}
# How many of all other values may differ: names and titles with commas, numbers without one of the sponsor's own,
# entries of one list with the same name, outcomes without a time frame before their description.
MAY_DIFFER = {"html": 0.008, "bars": 0.008, "tabs": 0.01, "lines": 0.01}


def records(shared_data: Path, *, with_results: bool) -> Iterator[Study]:
    for result in read([shared_data / "records" / "v2" / "studies.ndjson.gz"]):
        assert isinstance(result, RawRecord)
        try:
            study = decode(result)
        except RecordError:
            continue  # what JSON itself rejects is not looked at here
        if study.results_section or not with_results:
            yield study


def kept(tab: str, field: str) -> bool:
    return not any(part in field for part in (*NOWHERE, *LOST[tab]))


@pytest.fixture(scope="module")
def studies(shared_data: Path) -> list[Study]:
    return list(islice(records(shared_data, with_results=False), STUDIES))


@pytest.fixture(scope="module")
def studies_with_results(shared_data: Path) -> list[Study]:
    return list(islice(records(shared_data, with_results=True), WITH_RESULTS))


def compared(studies: list[Study], tab: str, form: str, section: str) -> tuple[Counter[str], Counter[str]]:
    total: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for study in studies:
        all_, lost = differences(study, read_again(study, form, tab))
        total.update({field: count for field, count in all_.items() if field.startswith(section) and kept(tab, field)})
        other.update({field: count for field, count in lost.items() if field.startswith(section) and kept(tab, field)})
    return total, other


@pytest.mark.parametrize(
    ("tab", "form"),
    [
        *(("details", form) for form in ("html", "bars", "tabs")),
        *(("tabular", form) for form in ("html", "bars", "tabs", "lines")),
    ],
)
def test_protocol(studies: list[Study], tab: str, form: str) -> None:
    total, other = compared(studies, tab, form, "protocolSection")
    assert len(total) > 50
    assert not [field for field, count in other.items() if count == total[field] > 5], "a field is lost altogether"
    assert sum(other.values()) <= MAY_DIFFER[form] * sum(total.values()), other.most_common(8)


@pytest.mark.parametrize("form", ["html", "bars", "tabs", "lines"])
def test_results(studies_with_results: list[Study], form: str) -> None:
    total, other = compared(studies_with_results, "results", form, "resultsSection")
    assert len(total) > 80
    assert not [field for field, count in other.items() if count == total[field] > 5], "a field is lost altogether"
    assert sum(other.values()) <= MAY_DIFFER[form] * sum(total.values()), other.most_common(8)


def test_all_tabs_together(studies_with_results: list[Study]) -> None:
    differing = 0
    for study in studies_with_results[:20]:
        again = read_again(study, "html", "details", "tabular", "results")
        assert again.results_section == read_again(study, "html", "results").results_section
        differing += len(again.reading_notes)
    assert differing <= 5
