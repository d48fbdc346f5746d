"""A study and its links → statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.config import REGISTRY_PAGE
from kg.linking.linker import Linker, StudyLinks
from kg.mapping.arms import add_arms
from kg.mapping.documents import add_documents
from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.eligibility import add_eligibility
from kg.mapping.identifiers import add_mentioned_studies, add_secondary_identifiers
from kg.mapping.links import add_links, within
from kg.mapping.outcomes import add_outcomes
from kg.mapping.parties import add_parties
from kg.mapping.provenance import add_record
from kg.mapping.references import add_references
from kg.mapping.results import add_results
from kg.mapping.sites import add_central_contacts, add_sites
from kg.mapping.status import add_status
from kg.mapping.submissions import add_submissions
from kg.namespaces import PREFIXES, study_iri
from kg.study import Design, Identification, Oversight, Study
from kg.terms import RDF_TYPE, Statement, boolean, clean, string

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
_FORMER_ID = prop("tkg:formerNctId")
_ABSTRACT = prop("dcterms:abstract")
_DESCRIPTION = prop("dcterms:description")
_SEE_ALSO = prop("rdfs:seeAlso")
_SAME_AS = prop("schema:sameAs")
_INFO: Final = "designModule.designInfo."
_STUDY_TYPE = prop("tkg:studyType")
_PHASE = prop("tkg:phase")
_DESIGN: Final = (
    ("allocation", prop("tkg:allocation"), "allocation", _INFO + "allocation"),
    ("intervention_model", prop("tkg:interventionModel"), "intervention-model", _INFO + "interventionModel"),
    ("primary_purpose", prop("tkg:primaryPurpose"), "primary-purpose", _INFO + "primaryPurpose"),
    ("observational_model", prop("tkg:observationalModel"), "observational-model", _INFO + "observationalModel"),
    ("time_perspective", prop("tkg:timePerspective"), "time-perspective", _INFO + "timePerspective"),
)
_MODEL_DESCRIPTION = prop("tkg:interventionModelDescription")
_MASKING = prop("tkg:masking")
_MASKING_DESCRIPTION = prop("tkg:maskingDescription")
_MASKED_PARTY = prop("tkg:maskedParty")
_ENROLLMENT = prop("tkg:enrollment")
_ENROLLMENT_TYPE = prop("tkg:enrollmentType")
_EXPANDED_ACCESS_TYPE = prop("tkg:expandedAccessType")
_EXPANDED_ACCESS_TYPES: Final = ("individual", "intermediate", "treatment")
_PATIENT_REGISTRY = prop("tkg:isPatientRegistry")
_TARGET_DURATION = prop("tkg:targetDuration")
_BIO_SPEC = prop("tkg:bioSpecRetention")
_BIO_SPEC_DESCRIPTION = prop("tkg:bioSpecDescription")
_KEYWORD = prop("tkg:keyword")
_KEYWORD_CONCEPT = prop("tkg:keywordConcept")
_CONDITION = prop("tkg:condition")
_CONDITION_CLASS = prop("tkg:Condition")
_CONDITION_CONCEPT = prop("tkg:conditionConcept")
_CONDITION_WITHIN = prop("tkg:conditionWithin")
_HAS_RESULTS = prop("tkg:hasResults")
_OVERSIGHT: Final = (
    ("oversight_has_dmc", prop("tkg:hasDataMonitoringCommittee")),
    ("is_fda_regulated_drug", prop("tkg:isFdaRegulatedDrug")),
    ("is_fda_regulated_device", prop("tkg:isFdaRegulatedDevice")),
    ("is_unapproved_device", prop("tkg:isUnapprovedDevice")),
    ("is_ppsd", prop("tkg:isPediatricPostmarketSurveillance")),
    ("is_us_export", prop("tkg:isUsExport")),
    ("fdaaa801_violation", prop("tkg:hasFdaaaViolation")),
)


class Mapped(NamedTuple):
    """What a record became: its statements, and notes on what of it could not be expressed.

    Attributes:
        rejected: field → how many of its values the notes are about.
    """

    nct_id: str
    statements: list[Statement]
    notes: list[str]
    rejected: Counter[str]


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
    draft.notes.extend(study.reading_notes)
    draft.notes.extend(f"unknown field {path}: kept out" for path in study.unknown_fields)
    draft.notes.extend(links.notes)
    draft.rejected.update(links.rejected)
    _add_identification(draft, protocol.identification_module, protocol.design_module)
    draft.text(draft.study, _ABSTRACT, protocol.description_module.brief_summary)
    draft.text(draft.study, _DESCRIPTION, protocol.description_module.detailed_description)
    add_status(draft, protocol.status_module)
    _add_design(draft, protocol.design_module)
    add_parties(draft, protocol)
    _add_conditions(draft, protocol.conditions_module.conditions, links, linker)
    add_arms(draft, protocol.arms_interventions_module, links, linker)
    add_outcomes(draft, study)
    add_eligibility(draft, protocol.eligibility_module, linker)
    add_sites(draft, protocol.contacts_locations_module.locations)
    add_central_contacts(draft, protocol.contacts_locations_module.central_contacts)
    add_secondary_identifiers(draft, protocol.identification_module)
    add_mentioned_studies(draft, protocol)
    add_references(draft, protocol.references_module)
    add_documents(draft, protocol.ipd_sharing_statement_module, study.document_section)
    _add_oversight(draft, protocol.oversight_module)
    draft.add(draft.study, _HAS_RESULTS, boolean(study.has_results))
    if study.results_section:
        add_results(draft, study.results_section, protocol)
    add_submissions(draft, study)
    add_record(draft, study, data, form)
    return Mapped(study.nct_id, draft.statements, draft.notes, draft.rejected)


def _add_oversight(draft: Draft, module: Oversight) -> None:
    for field, predicate in _OVERSIGHT:
        if (value := getattr(module, field)) is not None:
            draft.statements.append((draft.study, predicate, boolean(value)))


def _add_identification(draft: Draft, module: Identification, design: Design) -> None:
    study, nct_id = draft.study, module.nct_id or ""
    draft.statements.append((study, RDF_TYPE, _STUDY))
    draft.each(study, RDF_TYPE, _TYPES.get(design.study_type or "", ()))
    if design.study_type == "INTERVENTIONAL" and design.design_info:
        draft.add(study, RDF_TYPE, _ALLOCATION_TYPES.get(design.design_info.allocation or "", ""))
    title = string(module.brief_title) or string(module.official_title) or string(nct_id)
    draft.statements += (
        (study, _IDENTIFIER, string(nct_id)),
        (study, LABEL, title),
        (study, _TITLE, title),
        (study, _SAME_AS, f"<{REGISTRY_PAGE}{nct_id}>"),
        (study, _SEE_ALSO, f"<{PREFIXES['clinicaltrials']}{nct_id}>"),
    )
    draft.text(study, _OFFICIAL_TITLE, module.official_title)
    draft.text(study, _ACRONYM, module.acronym)
    for former in dict.fromkeys(module.nct_id_aliases):
        draft.text(study, _FORMER_ID, former)


def _add_design(draft: Draft, module: Design) -> None:
    study = draft.study
    draft.code(study, _STUDY_TYPE, "study-type", module.study_type, "designModule.studyType")
    for phase in dict.fromkeys(module.phases):
        draft.code(study, _PHASE, "phase", phase, "designModule.phases[]")
    info = module.design_info
    if info:
        for name, predicate, code_list, field in _DESIGN:
            if value := getattr(info, name):
                draft.code(study, predicate, code_list, value, field)
        draft.text(study, _MODEL_DESCRIPTION, info.intervention_model_description)
        masking = info.masking_info
        if masking:
            draft.code(study, _MASKING, "masking", masking.masking, _INFO + "maskingInfo.masking")
            draft.text(study, _MASKING_DESCRIPTION, masking.masking_description)
            for party in dict.fromkeys(masking.who_masked):
                draft.code(study, _MASKED_PARTY, "masked-party", party, _INFO + "maskingInfo.whoMasked[]")
    enrollment = module.enrollment_info
    if enrollment:
        draft.count(study, _ENROLLMENT, enrollment.count, "designModule.enrollmentInfo.count")
        draft.code(study, _ENROLLMENT_TYPE, "date-type", enrollment.type, "designModule.enrollmentInfo.type")
    _add_observation(draft, module)


def _add_observation(draft: Draft, module: Design) -> None:
    """What only observational studies and expanded access have."""
    study = draft.study
    draft.add(study, _PATIENT_REGISTRY, boolean(module.patient_registry))
    draft.text(study, _TARGET_DURATION, module.target_duration)
    if module.expanded_access_types:
        for name in _EXPANDED_ACCESS_TYPES:
            if getattr(module.expanded_access_types, name):
                draft.code(study, _EXPANDED_ACCESS_TYPE, "expanded-access-type", name)
    if module.bio_spec:
        retention = module.bio_spec.retention
        draft.code(study, _BIO_SPEC, "bio-spec-retention", retention, "designModule.bioSpec.retention")
        draft.text(study, _BIO_SPEC_DESCRIPTION, module.bio_spec.description)


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
