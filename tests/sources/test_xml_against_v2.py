"""The same studies as legacy XML and as API v2: field by field, with a reason for every field in which they differ.

The XML is of 2017 to 2025 and the JSON of 2024 to 2026. Of records that were not updated in between, what the
registrant said is the same in both; what differs is what a form cannot say, what the registry derives anew each day,
or what it changed in all records.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from kg.sources import Form, RawRecord, decode, read
from kg.study import AdverseEvent, Study

_NUMBER = re.compile(r"\[\d+\]")

ABSENT = {
    "derivedSection.*.ancestors[].*": "XML lists a few of them among the terms, without a mark",
    "derivedSection.*.browseBranches[].*": "not in XML",
    "derivedSection.*.browseLeaves[].*": "not in XML",
    "derivedSection.*.meshes[].id": "XML has terms without ids",
    "documentSection.largeDocumentModule.largeDocs[].size": "not in XML",
    "documentSection.largeDocumentModule.largeDocs[].uploadDate": "not in XML",
    "protocolSection.contactsLocationsModule.locations[].geoPoint.*": "not in XML",
    "protocolSection.designModule.patientRegistry": "XML marks registries only, API v2 all",
    "protocolSection.eligibilityModule.stdAges[]": "not in XML; the registry derives them from the ages",
    "protocolSection.identificationModule.organization.class": "not in XML",
    "protocolSection.identificationModule.secondaryIdInfos[].domain": "XML has bare numbers",
    "protocolSection.identificationModule.secondaryIdInfos[].link": "XML has bare numbers",
    "protocolSection.identificationModule.secondaryIdInfos[].type": "XML has bare numbers",
    "protocolSection.referencesModule.references[].type": "XML tells only results from all others",
    "protocolSection.statusModule.lastKnownStatus": "set when a record grew old, after the XML was made",
    "protocolSection.statusModule.lastUpdatePostDateStruct.*": "not in XML before 2018",
    "protocolSection.statusModule.studyFirstPostDateStruct.*": "not in XML before 2018",
    "protocolSection.statusModule.studyFirstSubmitQcDate": "not in XML before 2018",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].analyses[].testedNonInferiority": "not in this XML",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].analyses[].ciPctValue": "absent where both limits are",
    "resultsSection.outcomeMeasuresModule.outcomeMeasures[].denomUnitsSelected": "absent where nothing is posted",
    "protocolSection.referencesModule.references[].pmid": "found by the registry for citations, after the XML was made",
}
"""Fields of API v2 that XML does not have, or not of all records."""

CHANGED = {
    "derivedSection.*.meshes[].term": "derived anew, from a later MeSH; XML has near ancestors among them",
    "derivedSection.miscInfoModule.versionHolder": "the date of the data",
    "protocolSection.armsInterventionsModule.*.description": "no marks of lists in texts that are not set",
    "protocolSection.outcomesModule.*.description": "no marks of lists in texts that are not set",
    "protocolSection.contactsLocationsModule.locations[].*": "the registry evens out places, and sorts sites by them",
    "protocolSection.contactsLocationsModule.overallOfficials[].affiliation": "organizations are renamed",
    "protocolSection.identificationModule.organization.fullName": "organizations are renamed",
    "protocolSection.sponsorCollaboratorsModule.leadSponsor.name": "organizations are renamed",
    "protocolSection.sponsorCollaboratorsModule.responsibleParty.investigatorAffiliation": "as before",
    "protocolSection.sponsorCollaboratorsModule.*.class": "XML has one word, Other, for five classes",
    "protocolSection.referencesModule.references[].citation": "the registry takes citations anew from PubMed",
    "protocolSection.referencesModule.seeAlsoLinks[].*": "the registry removed a link",
    "protocolSection.statusModule.overallStatus": "becomes unknown when a record grows old",
    "resultsSection.adverseEventsModule.otherEvents[].assessmentType": "XML has a default for all",
    "resultsSection.baselineCharacteristicsModule.measures[].title": "XML says Age for all three ways of giving it",
    "resultsSection.moreInfoModule.certainAgreement.restrictiveAgreement": "XML has a sentence for nothing",
}
"""Fields with another value, or that only XML has."""


class Pair(NamedTuple):
    xml: Study
    v2: Study

    @property
    def same_update(self) -> bool:
        dates = [study.protocol_section.status_module.last_update_submit_date for study in self]
        return dates[0] == dates[1]


@pytest.fixture(scope="module")
def pairs(shared_data: Path) -> list[Pair]:
    """The studies that are there in both forms."""
    xml = {}
    for record in read([shared_data / "records/xml/AllPublicXML-sample.zip"]):
        assert isinstance(record, RawRecord)
        study = decode(record)
        xml[study.nct_id] = study
    found = []
    with gzip.open(shared_data / "records/v2/studies.ndjson.gz") as lines:
        for line in lines:
            named = re.search(rb'"nctId": ?"(NCT\d{8})"', line)
            nct_id = named[1].decode() if named else ""
            if nct_id in xml and b'"locations_nested"' not in line:  # one was made by somebody's own tool
                found.append(Pair(xml[nct_id], decode(RawRecord(line, Form.API_V2, nct_id))))
    return found


def fields(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a study, with its path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from fields(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from fields(part, f"{path}[{number}]")
    else:
        yield path, value


def flat(study: Study) -> dict[str, object]:
    """The same, with lists that have no order of their own sorted: the two forms sort events in two ways."""
    if study.results_section:
        events = study.results_section.adverse_events_module
        for rows in (events.serious_events, events.other_events):
            rows.sort(key=event_key)
    return dict(fields(msgspec.to_builtins(study)))


def event_key(event: AdverseEvent) -> tuple[str, ...]:
    numbers = [f"{cell.num_affected} {cell.num_at_risk} {cell.num_events}" for cell in event.stats]
    return event.organ_system or "", event.term or "", event.notes or "", *numbers


def reason(path: str, table: dict[str, str]) -> str:
    """Why a field may differ; ``""`` when it may not."""
    for pattern, why in table.items():
        if re.fullmatch(re.escape(pattern).replace(r"\*", r"[\w\[\].]+"), path):
            return why
    return ""


@pytest.mark.shared_data
def test_records_of_one_update_differ_only_for_a_reason(pairs: list[Pair]) -> None:
    compared = [pair for pair in pairs if pair.same_update]
    assert len(compared) >= 50
    same = 0
    differing: Counter[str] = Counter()
    unexplained = []
    for pair in compared:
        xml, v2 = flat(pair.xml), flat(pair.v2)
        for place in xml.keys() | v2.keys():
            path = _NUMBER.sub("[]", place)
            ours, theirs = xml.get(place), v2.get(place)
            if ours == theirs:
                same += 1
            elif reason(path, ABSENT if ours is None and reason(path, ABSENT) else CHANGED):
                differing[path] += 1
            else:
                unexplained.append(f"{pair.xml.nct_id} {place}: {ours!r} and {theirs!r}")
    sys.stdout.write(f"{len(compared)} studies, {same:,} values are the same in both forms\n")
    for path, count in sorted(differing.items()):
        sys.stdout.write(f"{count:>5} {path}: {reason(path, ABSENT) or reason(path, CHANGED)}\n")
    assert unexplained == []
    assert same > 20_000
    listed = {**ABSENT, **CHANGED}
    idle = [pattern for pattern in listed if not any(reason(path, {pattern: "x"}) for path in differing)]
    assert idle == [], "reasons that explain nothing"


@pytest.mark.shared_data
def test_texts_are_laid_out_as_in_api_v2(pairs: list[Pair]) -> None:
    """The long texts of one update are equal to the last character."""
    for pair in pairs:
        if pair.same_update:
            xml, v2 = flat(pair.xml), flat(pair.v2)
            for path in (
                "protocolSection.descriptionModule.briefSummary",
                "protocolSection.descriptionModule.detailedDescription",
                "protocolSection.eligibilityModule.eligibilityCriteria",
                "protocolSection.eligibilityModule.studyPopulation",
            ):
                assert xml.get(path) == v2.get(path), pair.xml.nct_id


@pytest.mark.shared_data
def test_records_of_two_updates_are_of_the_same_study(pairs: list[Pair]) -> None:
    others = [pair for pair in pairs if not pair.same_update]
    sys.stdout.write(f"{len(others)} studies were updated between their two forms\n")
    assert others
    for pair in others:
        # Everything else may have been corrected, the sponsor's own number included.
        xml, v2 = (study.protocol_section for study in pair)
        assert xml.identification_module.nct_id == v2.identification_module.nct_id
        assert xml.status_module.study_first_submit_date == v2.status_module.study_first_submit_date


@pytest.mark.shared_data
def test_sites_are_the_same_ones_in_another_order(pairs: list[Pair]) -> None:
    """Places are evened out anew, so that sites are compared by what nobody evens out."""
    for pair in pairs:
        if pair.same_update:
            names = [
                Counter(site.facility for site in study.protocol_section.contacts_locations_module.locations)
                for study in pair
            ]
            lost = (names[0] - names[1]).total() + (names[1] - names[0]).total()
            assert names[0].total() == names[1].total()
            assert lost <= 2, pair.xml.nct_id
