"""A study and its links → statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.linking.linker import Linker, StudyLinks
from kg.mapping.arms import add_arms
from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.eligibility import add_eligibility
from kg.mapping.identifiers import add_mentioned_studies, add_references, add_secondary_identifiers
from kg.mapping.links import add_links, within
from kg.mapping.outcomes import add_outcomes
from kg.mapping.parties import add_parties
from kg.mapping.provenance import add_record
from kg.mapping.sites import add_sites
from kg.namespaces import PREFIXES, study_iri
from kg.study import DateStruct, Design, Identification, Status, Study
from kg.terms import RDF_TYPE, Statement, boolean, clean, integer, string

__all__ = ["Mapped", "map_study"]

_STUDY = prop("tkg:Study")
_TYPES: Final = {
    "INTERVENTIONAL": (prop("schema:MedicalTrial"), prop("obo:OBI_0003699")),
    "OBSERVATIONAL": (prop("schema:MedicalObservationalStudy"), prop("obo:OBI_0003698")),
    "EXPANDED_ACCESS": (prop("tkg:ExpandedAccess"),),
}
_ALLOCATION_TYPES: Final = {"RANDOMIZED": prop("obo:OBI_0004001"), "NON_RANDOMIZED": prop("obo:OBI_0004002")}

_IDENTIFIER = prop("dcterms:identifier")
_TITLE = prop("dcterms:title")
_OFFICIAL_TITLE = prop("tkg:officialTitle")
_ACRONYM = prop("tkg:acronym")
_ABSTRACT = prop("dcterms:abstract")
_DESCRIPTION = prop("dcterms:description")
_SEE_ALSO = prop("rdfs:seeAlso")
_SAME_AS = prop("schema:sameAs")
_STATUS = prop("tkg:status")
_WHY_STOPPED = prop("tkg:whyStopped")
_START_YEAR = prop("tkg:startYear")
_PERIODS: Final = (
    ("start_date_struct", prop("tkg:startDate"), prop("tkg:startDateType")),
    ("primary_completion_date_struct", prop("tkg:primaryCompletionDate"), prop("tkg:primaryCompletionDateType")),
    ("completion_date_struct", prop("tkg:completionDate"), prop("tkg:completionDateType")),
)
_POSTED: Final = (
    ("study_first_post_date_struct", prop("tkg:firstPosted")),
    ("last_update_post_date_struct", prop("tkg:lastUpdatePosted")),
    ("results_first_post_date_struct", prop("tkg:resultsFirstPosted")),
)
_STUDY_TYPE = prop("tkg:studyType")
_PHASE = prop("tkg:phase")
_DESIGN: Final = (
    ("allocation", prop("tkg:allocation"), "allocation"),
    ("intervention_model", prop("tkg:interventionModel"), "intervention-model"),
    ("primary_purpose", prop("tkg:primaryPurpose"), "primary-purpose"),
    ("observational_model", prop("tkg:observationalModel"), "observational-model"),
    ("time_perspective", prop("tkg:timePerspective"), "time-perspective"),
)
_MASKING = prop("tkg:masking")
_MASKED_PARTY = prop("tkg:maskedParty")
_ENROLLMENT = prop("tkg:enrollment")
_ENROLLMENT_TYPE = prop("tkg:enrollmentType")
_KEYWORD = prop("tkg:keyword")
_KEYWORD_CONCEPT = prop("tkg:keywordConcept")
_CONDITION = prop("tkg:condition")
_CONDITION_CLASS = prop("tkg:Condition")
_CONDITION_CONCEPT = prop("tkg:conditionConcept")
_CONDITION_WITHIN = prop("tkg:conditionWithin")
_HAS_RESULTS = prop("tkg:hasResults")
_HAS_DMC = prop("tkg:hasDataMonitoringCommittee")
_FDA_DRUG = prop("tkg:isFdaRegulatedDrug")
_FDA_DEVICE = prop("tkg:isFdaRegulatedDevice")


class Mapped(NamedTuple):
    """What a record became: its statements, and notes on what of it could not be expressed."""

    nct_id: str
    statements: list[Statement]
    notes: list[str]


def map_study(study: Study, links: StudyLinks, linker: Linker, data: bytes, form: str) -> Mapped:
    """The statements of one study; the same study, links and bytes always give the same.

    Args:
        study: the record.
        links: its links.
        linker: what made them; it knows what concepts are within.
        data: the record's bytes, for their hash.
        form: the form they were in.

    Raises:
        TermError: the record has no valid NCT id.
    """
    protocol = study.protocol_section
    draft = Draft(study_iri(study.nct_id))
    draft.notes.extend(links.notes)
    _add_identification(draft, protocol.identification_module, protocol.design_module)
    draft.text(draft.study, _ABSTRACT, protocol.description_module.brief_summary)
    draft.text(draft.study, _DESCRIPTION, protocol.description_module.detailed_description)
    _add_status(draft, protocol.status_module)
    _add_design(draft, protocol.design_module)
    add_parties(draft, protocol.sponsor_collaborators_module, protocol.contacts_locations_module)
    _add_conditions(draft, protocol.conditions_module.conditions, links, linker)
    add_arms(draft, protocol.arms_interventions_module, links, linker)
    add_outcomes(draft, study)
    add_eligibility(draft, protocol.eligibility_module, linker)
    add_sites(draft, protocol.contacts_locations_module.locations)
    add_secondary_identifiers(draft, protocol.identification_module)
    add_mentioned_studies(draft, protocol)
    add_references(draft, protocol.references_module.references)
    oversight = protocol.oversight_module
    draft.add(draft.study, _HAS_DMC, boolean(oversight.oversight_has_dmc))
    draft.add(draft.study, _FDA_DRUG, boolean(oversight.is_fda_regulated_drug))
    draft.add(draft.study, _FDA_DEVICE, boolean(oversight.is_fda_regulated_device))
    draft.add(draft.study, _HAS_RESULTS, boolean(study.has_results))
    add_record(draft, study, data, form)
    return Mapped(study.nct_id, draft.statements, draft.notes)


def _add_identification(draft: Draft, module: Identification, design: Design) -> None:
    study, nct_id = draft.study, module.nct_id or ""
    draft.statements.append((study, RDF_TYPE, _STUDY))
    draft.each(study, RDF_TYPE, _TYPES.get(design.study_type or "", ()))
    if design.study_type == "INTERVENTIONAL" and design.design_info:
        draft.add(study, RDF_TYPE, _ALLOCATION_TYPES.get(design.design_info.allocation or "", ""))
    title = string(module.brief_title or module.official_title or nct_id)
    draft.statements += (
        (study, _IDENTIFIER, string(nct_id)),
        (study, LABEL, title),
        (study, _TITLE, title),
        (study, _SAME_AS, f"<https://clinicaltrials.gov/study/{nct_id}>"),
        (study, _SEE_ALSO, f"<{PREFIXES['clinicaltrials']}{nct_id}>"),
    )
    draft.text(study, _OFFICIAL_TITLE, module.official_title)
    draft.text(study, _ACRONYM, module.acronym)


def _add_status(draft: Draft, module: Status) -> None:
    study = draft.study
    draft.code(study, _STATUS, "status", module.overall_status)
    draft.text(study, _WHY_STOPPED, module.why_stopped)
    for field, predicate, type_predicate in _PERIODS:
        period: DateStruct | None = getattr(module, field)
        if period and draft.date(study, predicate, period.date):
            draft.code(study, type_predicate, "date-type", period.type)
            if field == "start_date_struct":
                draft.add(study, _START_YEAR, integer(int((period.date or "")[:4])))
    for field, predicate in _POSTED:
        posted: DateStruct | None = getattr(module, field)
        if posted:
            draft.date(study, predicate, posted.date)


def _add_design(draft: Draft, module: Design) -> None:
    study = draft.study
    draft.code(study, _STUDY_TYPE, "study-type", module.study_type)
    for phase in dict.fromkeys(module.phases):
        draft.code(study, _PHASE, "phase", phase)
    info = module.design_info
    if info:
        for field, predicate, code_list in _DESIGN:
            draft.code(study, predicate, code_list, getattr(info, field))
        if info.masking_info:
            draft.code(study, _MASKING, "masking", info.masking_info.masking)
            for party in dict.fromkeys(info.masking_info.who_masked):
                draft.code(study, _MASKED_PARTY, "masked-party", party)
    if module.enrollment_info:
        draft.add(study, _ENROLLMENT, integer(module.enrollment_info.count))
        draft.code(study, _ENROLLMENT_TYPE, "date-type", module.enrollment_info.type)


def _add_conditions(draft: Draft, names: Iterable[str], links: StudyLinks, linker: Linker) -> None:
    study = draft.study
    for number, (name, found) in enumerate(zip(names, links.conditions, strict=True), 1):
        node = draft.part("condition", number)
        draft.statements += ((study, _CONDITION, node), (node, RDF_TYPE, _CONDITION_CLASS))
        draft.text(node, LABEL, name)
        add_links(draft, node, found)
    for keyword in dict.fromkeys(clean(keyword) for keyword in links.keywords):
        draft.text(study, _KEYWORD, keyword)
    add_links(draft, study, (*links.registry_conditions, *links.registry_interventions, *links.keyword_links))
    concepts = dict.fromkeys(
        link.concept.iri for found in (*links.conditions, links.registry_conditions) for link in found
    )
    draft.each(study, _CONDITION_CONCEPT, [f"<{iri}>" for iri in concepts])
    draft.each(study, _CONDITION_WITHIN, within(concepts, linker))
    keyword_concepts = dict.fromkeys(link.concept.iri for link in links.keyword_links)
    draft.each(study, _KEYWORD_CONCEPT, [f"<{iri}>" for iri in keyword_concepts])
