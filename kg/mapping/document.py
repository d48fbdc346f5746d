"""Writes ``docs/mapping.md``: which field of a record becomes which property.

    python -m kg.mapping.document > docs/mapping.md

The paths come from the Structs of :mod:`kg.study`, so that a field without a row here is an error, not a gap.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final, NamedTuple, get_args, get_origin

import msgspec

from kg.errors import TrialkgError
from kg.study import Page, Study

__all__ = ["Row", "leaves", "main", "mapping_table", "rows"]

_PROTOCOL: Final = "protocolSection."
_NOT_KEPT: Final = "–"

_DATE: Final = "`xsd:date` or `xsd:gYearMonth`, as precise as registered; what is no date is noted"
_STRING: Final = "string"
_BOOLEAN: Final = "`xsd:boolean`"
_OUTCOME: Final = {
    "measure": ("rdfs:label, tkg:endpoint", "string, and the endpoints it names: `endpoint:…`"),
    "description": (
        "dcterms:description, tkg:responseCriteria",
        "string, and the response criteria that it or the measure names: `response-criteria:…`",
    ),
    "timeFrame": ("tkg:timeFrame", _STRING),
}

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    # path: node, properties, value
    "identificationModule.nctId": (
        "study",
        "dcterms:identifier, rdfs:seeAlso, schema:sameAs",
        "string; also in the IRI of every node, as `clinicaltrials:NCT…`, and as the page of the registry",
    ),
    "identificationModule.orgStudyIdInfo.id": (
        "secondary-identifier/1",
        "tkg:secondaryIdentifier, dcterms:identifier, rdfs:seeAlso",
        "string; a number of another registry also as its page there",
    ),
    "identificationModule.orgStudyIdInfo.type": ("secondary-identifier/1", "tkg:identifierType", "`identifier-type:…`"),
    "identificationModule.orgStudyIdInfo.link": ("secondary-identifier/1", "rdfs:seeAlso", "IRI, where it is http(s)"),
    "identificationModule.secondaryIdInfos[].id": (
        "secondary-identifier/N",
        "tkg:secondaryIdentifier, dcterms:identifier, rdfs:seeAlso",
        "string; a number of another registry also as its page there, whatever its type; an entry without a number is "
        "noted",
    ),
    "identificationModule.secondaryIdInfos[].type": (
        "secondary-identifier/N",
        "tkg:identifierType",
        "`identifier-type:…`",
    ),
    "identificationModule.secondaryIdInfos[].link": (
        "secondary-identifier/N",
        "rdfs:seeAlso",
        "IRI, where it is http(s) and the number itself gives no page; anything else is noted",
    ),
    "identificationModule.secondaryIdInfos[].domain": (
        "secondary-identifier/N",
        "dcterms:description",
        "string: who gave the number",
    ),
    "identificationModule.briefTitle": (
        "study",
        "dcterms:title, rdfs:label",
        "string; without it the official title, and without that the NCT id",
    ),
    "identificationModule.officialTitle": ("study", "tkg:officialTitle", _STRING),
    "identificationModule.acronym": ("study", "tkg:acronym", _STRING),
    "statusModule.overallStatus": ("study", "tkg:status", "`status:…`"),
    "statusModule.whyStopped": ("study", "tkg:whyStopped", _STRING),
    "statusModule.startDateStruct.date": (
        "study",
        "tkg:startDate, tkg:startYear",
        f"{_DATE}; the year also as `xsd:integer`",
    ),
    "statusModule.startDateStruct.type": ("study", "tkg:startDateType", "`date-type:…`"),
    "statusModule.primaryCompletionDateStruct.date": ("study", "tkg:primaryCompletionDate", _DATE),
    "statusModule.primaryCompletionDateStruct.type": ("study", "tkg:primaryCompletionDateType", "`date-type:…`"),
    "statusModule.completionDateStruct.date": ("study", "tkg:completionDate", _DATE),
    "statusModule.completionDateStruct.type": ("study", "tkg:completionDateType", "`date-type:…`"),
    "statusModule.studyFirstPostDateStruct.date": ("study", "tkg:firstPosted", _DATE),
    "statusModule.studyFirstPostDateStruct.type": ("study", _NOT_KEPT, "not kept: when it was posted is known"),
    "statusModule.resultsFirstPostDateStruct.date": ("study", "tkg:resultsFirstPosted", _DATE),
    "statusModule.resultsFirstPostDateStruct.type": ("study", _NOT_KEPT, "not kept: when it was posted is known"),
    "statusModule.lastUpdatePostDateStruct.date": ("study", "tkg:lastUpdatePosted", _DATE),
    "statusModule.lastUpdatePostDateStruct.type": ("study", _NOT_KEPT, "not kept: when it was posted is known"),
    "sponsorCollaboratorsModule.responsibleParty.type": (
        "responsible-party",
        "tkg:responsibleParty, tkg:responsiblePartyType",
        "`responsible-party-type:…`",
    ),
    "sponsorCollaboratorsModule.responsibleParty.investigatorFullName": (
        "responsible-party",
        "tkg:investigatorName",
        _STRING,
    ),
    "sponsorCollaboratorsModule.responsibleParty.investigatorTitle": (
        "responsible-party",
        "tkg:investigatorTitle",
        _STRING,
    ),
    "sponsorCollaboratorsModule.responsibleParty.investigatorAffiliation": (
        "responsible-party",
        "tkg:affiliation",
        _STRING,
    ),
    "sponsorCollaboratorsModule.responsibleParty.oldNameTitle": (
        "responsible-party",
        "tkg:investigatorName",
        "string, where there is no full name",
    ),
    "sponsorCollaboratorsModule.responsibleParty.oldOrganization": (
        "responsible-party",
        "tkg:affiliation",
        "string, where there is no affiliation",
    ),
    "sponsorCollaboratorsModule.leadSponsor.name": (
        "organization/SLUG-HASH",
        "tkg:leadSponsor, rdfs:label",
        "an `org:Organization`; names that differ only in case or spacing share it",
    ),
    "sponsorCollaboratorsModule.leadSponsor.class": ("organization/SLUG-HASH", "tkg:agencyClass", "`agency-class:…`"),
    "sponsorCollaboratorsModule.collaborators[].name": (
        "organization/SLUG-HASH",
        "tkg:collaborator, rdfs:label",
        "an `org:Organization`, as above",
    ),
    "sponsorCollaboratorsModule.collaborators[].class": (
        "organization/SLUG-HASH",
        "tkg:agencyClass",
        "`agency-class:…`",
    ),
    "oversightModule.oversightHasDmc": ("study", "tkg:hasDataMonitoringCommittee", _BOOLEAN),
    "oversightModule.isFdaRegulatedDrug": ("study", "tkg:isFdaRegulatedDrug", _BOOLEAN),
    "oversightModule.isFdaRegulatedDevice": ("study", "tkg:isFdaRegulatedDevice", _BOOLEAN),
    "descriptionModule.briefSummary": ("study", "dcterms:abstract", _STRING),
    "descriptionModule.detailedDescription": ("study", "dcterms:description", _STRING),
    "conditionsModule.conditions[]": (
        "condition/N",
        "tkg:condition, rdfs:label, tkg:link",
        "string as registered, and a link for each concept it names; see *Links*",
    ),
    "conditionsModule.keywords[]": (
        "study",
        "tkg:keyword, tkg:keywordConcept",
        "string, each once; the concept only where the whole keyword is the name of one",
    ),
    "designModule.studyType": (
        "study",
        "tkg:studyType, rdf:type",
        "`study-type:…`; interventional: `schema:MedicalTrial`, `obo:OBI_0003699`; observational: "
        "`schema:MedicalObservationalStudy`, `obo:OBI_0003698`; expanded access: `tkg:ExpandedAccess`",
    ),
    "designModule.phases[]": ("study", "tkg:phase", "`phase:…`, one for each: a phase 1/2 study has both"),
    "designModule.designInfo.allocation": (
        "study",
        "tkg:allocation, rdf:type",
        "`allocation:…`; randomized trials also `obo:OBI_0004001`, non-randomized `obo:OBI_0004002`",
    ),
    "designModule.designInfo.interventionModel": ("study", "tkg:interventionModel", "`intervention-model:…`"),
    "designModule.designInfo.primaryPurpose": ("study", "tkg:primaryPurpose", "`primary-purpose:…`"),
    "designModule.designInfo.observationalModel": ("study", "tkg:observationalModel", "`observational-model:…`"),
    "designModule.designInfo.timePerspective": ("study", "tkg:timePerspective", "`time-perspective:…`"),
    "designModule.designInfo.maskingInfo.masking": ("study", "tkg:masking", "`masking:…`"),
    "designModule.designInfo.maskingInfo.whoMasked[]": ("study", "tkg:maskedParty", "`masked-party:…`"),
    "designModule.enrollmentInfo.count": ("study", "tkg:enrollment", "`xsd:integer`"),
    "designModule.enrollmentInfo.type": ("study", "tkg:enrollmentType", "`date-type:…`"),
    "armsInterventionsModule.armGroups[].label": ("arm/N", "tkg:arm, rdfs:label", _STRING),
    "armsInterventionsModule.armGroups[].type": ("arm/N", "tkg:armType", "`arm-type:…`; decides roles, see *Roles*"),
    "armsInterventionsModule.armGroups[].description": ("arm/N", "dcterms:description", _STRING),
    "armsInterventionsModule.armGroups[].interventionNames[]": (
        "arm/N/use/M",
        "tkg:use, tkg:intervention, tkg:role",
        "a use of the intervention of this name (and type), with its role; a name that is not listed is noted",
    ),
    "armsInterventionsModule.interventions[].type": (
        "intervention/N",
        "tkg:interventionType",
        "`intervention-type:…`; devices, procedures, radiation, tests and behavioral ones give no drug",
    ),
    "armsInterventionsModule.interventions[].name": (
        "intervention/N",
        "tkg:intervention, rdfs:label, tkg:link, tkg:drug, tkg:drugClass",
        "string as registered; links, drugs and classes that it names; see *Links*",
    ),
    "armsInterventionsModule.interventions[].description": ("intervention/N", "dcterms:description", _STRING),
    "armsInterventionsModule.interventions[].armGroupLabels[]": (
        "arm/N/use/M",
        "tkg:use, tkg:intervention, tkg:role",
        "as interventionNames, for an arm that has none",
    ),
    "armsInterventionsModule.interventions[].otherNames[]": (
        "intervention/N",
        "skos:altLabel, tkg:link",
        "string; linked only where the name itself links to nothing",
    ),
    **{
        f"outcomesModule.{kind}Outcomes[].{field}": (f"outcome/{kind}/N", f"tkg:{kind}Outcome, {properties}", value)
        for kind in ("primary", "secondary", "other")
        for field, (properties, value) in _OUTCOME.items()
    },
    "eligibilityModule.eligibilityCriteria": (
        "eligibility, eligibility/inclusion/N, eligibility/exclusion/N",
        "tkg:eligibility, tkg:criteriaText, tkg:inclusionCriterion, tkg:exclusionCriterion, tkg:position, "
        "dcterms:description",
        "string, whole; and parted, where headings say which side a criterion is on",
    ),
    "eligibilityModule.healthyVolunteers": ("eligibility", "tkg:acceptsHealthyVolunteers", _BOOLEAN),
    "eligibilityModule.sex": ("eligibility", "tkg:sex", "`sex:…`"),
    "eligibilityModule.minimumAge": (
        "eligibility",
        "tkg:minimumAge, tkg:minimumAgeYears",
        "`xsd:duration`, and `xsd:decimal` years for comparing; what is no age is noted",
    ),
    "eligibilityModule.maximumAge": (
        "eligibility",
        "tkg:maximumAge, tkg:maximumAgeYears",
        "`xsd:duration`, and `xsd:decimal` years for comparing; what is no age is noted",
    ),
    "eligibilityModule.stdAges[]": ("eligibility", "tkg:standardAge", "`standard-age:…`"),
    "contactsLocationsModule.overallOfficials[].name": ("official/N", "tkg:overallOfficial, rdfs:label", _STRING),
    "contactsLocationsModule.overallOfficials[].affiliation": ("official/N", "tkg:affiliation", _STRING),
    "contactsLocationsModule.overallOfficials[].role": ("official/N", "tkg:officialRole", "`official-role:…`"),
    "contactsLocationsModule.locations[].facility": ("site/N", "tkg:site, rdfs:label", _STRING),
    "contactsLocationsModule.locations[].status": ("site/N", "tkg:siteStatus", "`site-status:…`"),
    "contactsLocationsModule.locations[].city": ("site/N", "schema:addressLocality", _STRING),
    "contactsLocationsModule.locations[].state": ("site/N", "schema:addressRegion", _STRING),
    "contactsLocationsModule.locations[].zip": ("site/N", "schema:postalCode", _STRING),
    "contactsLocationsModule.locations[].country": (
        "site/N",
        "tkg:countryName, schema:addressCountry",
        "string as registered, and the ISO 3166-1 alpha-2 code; a country without one is noted",
    ),
    "contactsLocationsModule.locations[].geoPoint.lat": ("site/N", "wgs:lat", "`xsd:decimal`"),
    "contactsLocationsModule.locations[].geoPoint.lon": ("site/N", "wgs:long", "`xsd:decimal`"),
    "referencesModule.references[].pmid": ("reference/N", "tkg:reference, rdfs:seeAlso", "IRI at PubMed"),
    "referencesModule.references[].type": ("reference/N", "tkg:referenceType", "`reference-type:…`"),
    "referencesModule.references[].citation": ("reference/N", "dcterms:bibliographicCitation", _STRING),
    "derivedSection.miscInfoModule.versionHolder": ("record", "tkg:dataDate", _DATE),
    **{
        f"derivedSection.{side}BrowseModule.meshes[].{field}": (
            f"{side}/N/link/M, or link/M of the study",
            f"{properties}, tkg:{side}Concept" if field == "id" else properties,
            value,
        )
        for side in ("condition", "intervention")
        for field, (properties, value) in {
            "id": (
                "tkg:concept",
                "the MeSH record, or the agent that it is; beside the first string that means it too",
            ),
            "term": ("tkg:matchedText", _STRING),
        }.items()
    },
    "hasResults": ("study", "tkg:hasResults", _BOOLEAN),
}

_HEAD: Final = """\
# From record to graph

Which field of a record becomes which property. Fields are named as in the registry's API v2, `protocolSection.` left
out; every other source is read into the same form first. Nodes are parts of the study: `arm/1` is
`https://w3id.org/trialkg/trial/NCT…/arm/1`. A field that is not here is not read.

This page is written by `python -m kg.mapping.document`; a test compares it with the code.

| field | node | property | value |
|---|---|---|---|
"""

_TAIL: Final = """
Every node has its class (`rdf:type`): `tkg:Study` and so on; see `ontology/trialkg.ttl`. Text is kept as registered,
but for Unicode NFC, line ends and control characters. A code that is not in the code list is noted in the report, and
gives no statement.

## What follows from the fields

| property | on | from |
|---|---|---|
| `tkg:conditionConcept`, `tkg:interventionConcept` | study | its links, and the registry's own terms |
| `tkg:conditionWithin` | study | its condition concepts and everything they are within |
| `tkg:drug`, `tkg:drugClass` | intervention, arm, study | what interventions name: agents and drugs, and classes |
| `tkg:drugWithin` | arm, study | its drugs and classes and everything they are within |
| `tkg:secondaryIdentifier`, `tkg:foundIn` | study, its number | numbers of other registries that are only in a title |
| `tkg:mentionedStudy` | study | NCT ids of other studies in titles, descriptions, criteria, numbers |
| `tkg:record` | study | the record that was read |

The record is a `prov:Entity` with `dcterms:source` (its page at the registry), `tkg:sourceForm`, `tkg:sha256` of its
bytes, `tkg:dataDate` and `tkg:mappingVersion`.

## Links

A link (`tkg:ConceptLink`) says that a registered string means a concept: `tkg:concept`, `tkg:matchedText`,
`tkg:method`, `tkg:score`, `tkg:vocabulary`, `tkg:vocabularyVersion`. It stands on the condition or intervention that it
explains. A term of the registry that no string of the record accounts for, and links of keywords, stand on the study.
The registry's lists of ancestors are not read: what a term is within is known from MeSH.

## Numbers of other registries

EudraCT, CTIS, ISRCTN, ACTRN, DRKS, jRCT, UMIN, JapicCTI, ChiCTR, CTRI, KCT, IRCT, PACTR, SLCTR, TCTR, RBR, RPCEC, Dutch
(NL-OMON, NTR, NL) and universal trial numbers are known by their form, in numbers of any type and in titles; none of
them has a public rule for check digits. The number leads to its page there by `rdfs:seeAlso`, and a number without a
registered type gets the one of its form. A date or a protocol number has none of these forms, nor has a CTIS number
without its last part; Dutch NTR and NL numbers count only where the record speaks of that register. That two records
mean one study is the registrant's word: nothing here says that they are the same.

## Roles

Of an intervention in an arm, by the first rule that applies: a placebo or sham is `role:placebo`; in a comparator arm,
what experimental arms give too is `role:background` unless the arm gives nothing else, and the rest `role:comparator`;
in an arm whose drugs are a proper part of those of an experimental arm, `role:comparator`; what every arm gives, where
the arms differ, `role:background`; in an experimental arm, `role:investigational`; else `role:unknown`.

## Registry pages

A page has what the API has no field for:

| what | becomes |
|---|---|
| outcomes whose heading is lost (`unstatedOutcomes`) | `tkg:outcome`, which does not say which kind |
| keywords without marks between them (`keywordRuns`) | `tkg:keyword`, parted with the help of known names |
| MeSH terms without marks between them (`meshRuns`) | links by `method:registry`, of what is not inherited |

A term of a page is inherited when it is above another one in the list, or an action beside a listed substance.
"""


class Row(NamedTuple):
    """A field and what it becomes; ``properties`` are prefixed names, none where the field is not kept."""

    path: str
    node: str
    properties: tuple[str, ...]
    value: str


def leaves(struct: type[msgspec.Struct] = Study, path: str = "") -> Iterator[str]:
    """The paths of the fields of a record that hold a value, as the registry names them; a list ends in ``[]``.

    >>> next(leaves())
    'protocolSection.identificationModule.nctId'
    """
    for field in msgspec.structs.fields(struct):
        if field.type != Page | None:
            yield from _leaves_of(field.type, path + field.encode_name)


def _leaves_of(kind: object, path: str) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from leaves(kind, path + ".")
    elif get_origin(kind) is list:
        yield from _leaves_of(get_args(kind)[0], path + "[]")
    elif inner := [argument for argument in get_args(kind) if argument is not type(None)]:
        yield from _leaves_of(inner[0], path)
    else:
        yield path


def rows() -> list[Row]:
    """A row for every field, in the order of the record.

    Raises:
        TrialkgError: a field has no row, or a row has no field.
    """
    paths = [path.removeprefix(_PROTOCOL) for path in leaves()]
    odd = sorted(set(paths) ^ _TEXTS.keys())
    if odd:
        raise TrialkgError(
            f"{odd[0]} is a field or a row, and not both", place=__file__, remedy="add or remove the row"
        )
    return [Row(path, node, _names(properties), value) for path in paths for node, properties, value in [_TEXTS[path]]]


def _names(properties: str) -> tuple[str, ...]:
    return () if properties == _NOT_KEPT else tuple(properties.split(", "))


def mapping_table() -> str:
    """The text of ``docs/mapping.md``."""
    lines = [
        f"| `{path}` | {node} | {', '.join(f'`{name}`' for name in properties) or _NOT_KEPT} | {value} |\n"
        for path, node, properties, value in rows()
    ]
    return _HEAD + "".join(lines) + _TAIL


def main() -> None:
    """Write the page to standard output."""
    sys.stdout.write(mapping_table())


if __name__ == "__main__":
    main()
