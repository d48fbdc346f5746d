"""The AACT tables of one study → the study; its results are :mod:`kg.sources.aact.results`'s."""

from __future__ import annotations

from kg.sources.aact.documents import browse, documents, notices, references
from kg.sources.aact.reading import Reading
from kg.sources.aact.results import results_of
from kg.sources.aact.sites import contacts, eligibility
from kg.sources.aact.store import Row, Tables
from kg.sources.record import one_line
from kg.sources.registry_words import enum_words, phase_values
from kg.study import (
    Arm,
    ArmsInterventions,
    BioSpec,
    Conditions,
    DateStruct,
    Derived,
    Description,
    Design,
    DesignInfo,
    Enrollment,
    ExpandedAccessInfo,
    ExpandedAccessTypes,
    FullOrganization,
    Identification,
    Intervention,
    IpdSharing,
    Masking,
    MiscInfo,
    Organization,
    OrgStudyId,
    Outcome,
    Outcomes,
    Oversight,
    Protocol,
    ResponsibleParty,
    SecondaryId,
    SponsorCollaborators,
    Status,
    Study,
)

__all__ = ["study_of"]

_REGISTRY = "[patient registry]"
_MASKED = {
    "subject_masked": "PARTICIPANT",
    "caregiver_masked": "CARE_PROVIDER",
    "investigator_masked": "INVESTIGATOR",
    "outcomes_assessor_masked": "OUTCOMES_ASSESSOR",
}


def study_of(nct_id: str, tables: Tables) -> Study:
    """The study of one NCT id.

    Args:
        nct_id: the study.
        tables: its rows, those of ``studies`` among them.

    Returns:
        The study; what in the rows is not as expected is in its notes.
    """
    reading = Reading(tables)
    (row,) = reading.rows("studies")
    results = results_of(reading, row)
    return Study(
        protocol_section=Protocol(
            identification_module=_identification(reading, nct_id, row),
            status_module=_status(reading, row),
            sponsor_collaborators_module=_sponsors(reading),
            oversight_module=Oversight(
                oversight_has_dmc=reading.truth(row, "has_dmc"),
                is_fda_regulated_drug=reading.truth(row, "is_fda_regulated_drug"),
                is_fda_regulated_device=reading.truth(row, "is_fda_regulated_device"),
                is_unapproved_device=reading.truth(row, "is_unapproved_device"),
                is_ppsd=reading.truth(row, "is_ppsd"),
                is_us_export=reading.truth(row, "is_us_export"),
                fdaaa801_violation=reading.truth(row, "fdaaa801_violation"),
            ),
            description_module=Description(
                brief_summary=_text(reading, "brief_summaries"),
                detailed_description=_text(reading, "detailed_descriptions"),
            ),
            conditions_module=Conditions(
                conditions=_names(reading, "conditions"), keywords=_names(reading, "keywords")
            ),
            design_module=_design(reading, row),
            arms_interventions_module=_arms(reading),
            outcomes_module=_outcomes(reading),
            eligibility_module=eligibility(reading),
            contacts_locations_module=contacts(reading),
            references_module=references(reading),
            ipd_sharing_statement_module=IpdSharing(
                ipd_sharing=reading.word(row, "plan_to_share_ipd", "IpdSharing"),
                description=row["plan_to_share_ipd_description"],
                info_types=[
                    word
                    for info in reading.rows("ipd_information_types")
                    if (word := reading.word(info, "name", "IpdSharingInfoType"))
                ],
                time_frame=row["ipd_time_frame"],
                access_criteria=row["ipd_access_criteria"],
                url=row["ipd_url"],
            ),
        ),
        results_section=results,
        annotation_section=notices(reading),
        document_section=documents(reading),
        derived_section=Derived(
            misc_info_module=MiscInfo(
                removed_countries=[
                    country["name"]
                    for country in reading.rows("countries")
                    if country["name"] and reading.truth(country, "removed")
                ]
            ),
            condition_browse_module=browse(reading, "browse_conditions"),
            intervention_browse_module=browse(reading, "browse_interventions"),
        ),
        has_results=results is not None or row["results_first_posted_date"] is not None,
        reading_notes=list(dict.fromkeys(reading.notes)),
    )


def _names(reading: Reading, table: str) -> list[str]:
    return [row["name"] for row in reading.rows(table) if row["name"]]


def _text(reading: Reading, table: str) -> str | None:
    row = reading.one(table)
    return row["description"] if row else None


def _identification(reading: Reading, nct_id: str, row: Row) -> Identification:
    ids: dict[str, list[Row]] = {}
    for one in reading.rows("id_information"):
        # Exports before 2022 say in id_type what newer ones say in id_source.
        kind = one["id_source"] or one["id_type"] or ""
        ids.setdefault(kind, []).append(one)
    owns = ids.pop("org_study_id", [])
    own = owns[0] if owns else None
    if len(owns) > 1:
        numbers = ", ".join(repr(one["id_value"]) for one in owns[1:])
        reading.notes.append(f"more than one org_study_id: only the first one is read, not {one_line(numbers)}")
    aliases = ids.pop("nct_alias", [])
    others = ids.pop("secondary_id", [])
    for kind, unknown in ids.items():
        reading.notes.append(f"id_source is not known: '{kind}' ({len(unknown)} numbers left out)")
    return Identification(
        nct_id=nct_id,
        nct_id_aliases=[alias["id_value"] for alias in aliases if alias["id_value"]],
        org_study_id_info=OrgStudyId(
            id=own["id_value"], type=_id_type(reading, own, "OrgStudyIdType"), link=own["id_link"]
        )
        if own
        else None,
        secondary_id_infos=[
            SecondaryId(
                id=one["id_value"],
                type=_id_type(reading, one, "SecondaryIdType"),
                domain=one["id_type_description"],
                link=one["id_link"],
            )
            for one in others
        ],
        brief_title=row["brief_title"],
        official_title=row["official_title"],
        acronym=row["acronym"],
        organization=FullOrganization(full_name=row["source"], class_=reading.word(row, "source_class", "AgencyClass"))
        if row["source"] or row["source_class"]
        else None,
    )


def _id_type(reading: Reading, row: Row, list_name: str) -> str | None:
    return reading.word(row, "id_type", list_name) if row["id_source"] else None


def _date(reading: Reading, row: Row, stem: str) -> DateStruct | None:
    """A date with its type; as the registrant wrote it where that is kept, which may be without a day."""
    written = (f"{stem}_month_year",) if f"{stem}_month_year" in row else ()
    date = reading.date(row, *written, f"{stem}_date")
    kind = reading.word(row, f"{stem}_date_type", "DateType")
    return DateStruct(date=date, type=kind) if date or kind else None


def _status(reading: Reading, row: Row) -> Status:
    access = ExpandedAccessInfo(
        has_expanded_access=reading.truth(row, "has_expanded_access"),
        nct_id=row["expanded_access_nctid"],
        status_for_nct_id=reading.word(row, "expanded_access_status_for_nctid", "ExpandedAccessStatus"),
    )
    return Status(
        status_verified_date=reading.date(row, "verification_month_year", "verification_date"),
        overall_status=reading.word(row, "overall_status", "Status"),
        last_known_status=reading.word(row, "last_known_status", "Status"),
        delayed_posting=reading.truth(row, "delayed_posting"),
        why_stopped=row["why_stopped"],
        expanded_access_info=access if access != ExpandedAccessInfo() else None,
        start_date_struct=_date(reading, row, "start"),
        primary_completion_date_struct=_date(reading, row, "primary_completion"),
        completion_date_struct=_date(reading, row, "completion"),
        study_first_submit_date=reading.date(row, "study_first_submitted_date"),
        study_first_submit_qc_date=reading.date(row, "study_first_submitted_qc_date"),
        study_first_post_date_struct=_date(reading, row, "study_first_posted"),
        results_first_submit_date=reading.date(row, "results_first_submitted_date"),
        results_first_submit_qc_date=reading.date(row, "results_first_submitted_qc_date"),
        results_first_post_date_struct=_date(reading, row, "results_first_posted"),
        disp_first_submit_date=reading.date(row, "disposition_first_submitted_date"),
        disp_first_submit_qc_date=reading.date(row, "disposition_first_submitted_qc_date"),
        disp_first_post_date_struct=_date(reading, row, "disposition_first_posted"),
        last_update_submit_date=reading.date(row, "last_update_submitted_date"),
        last_update_post_date_struct=_date(reading, row, "last_update_posted"),
    )


def _sponsors(reading: Reading) -> SponsorCollaborators:
    party = reading.one("responsible_parties")
    sponsors = [
        (
            (row["lead_or_collaborator"] or "").lower(),
            Organization(name=row["name"], class_=reading.word(row, "agency_class", "AgencyClass")),
        )
        for row in reading.rows("sponsors")
    ]
    leads = [sponsor for role, sponsor in sponsors if role == "lead"]
    if len(leads) > 1:
        names = ", ".join(repr(sponsor.name) for sponsor in leads[1:])
        reading.notes.append(f"more than one lead sponsor: only the first one is read, not {one_line(names)}")
    return SponsorCollaborators(
        responsible_party=ResponsibleParty(
            type=reading.word(party, "responsible_party_type", "ResponsiblePartyType"),
            investigator_full_name=party["name"],
            investigator_title=party["title"],
            investigator_affiliation=party["affiliation"],
            old_name_title=party["old_name_title"],
            old_organization=party["organization"],
        )
        if party
        else None,
        lead_sponsor=leads[0] if leads else None,
        collaborators=[sponsor for role, sponsor in sponsors if role != "lead"],
    )


def _design(reading: Reading, row: Row) -> Design:
    kind = row["study_type"] or ""
    is_registry = kind.lower().endswith(_REGISTRY)
    named = {**row, "study_type": kind[: -len(_REGISTRY)].strip() if is_registry else row["study_type"]}
    access = ExpandedAccessTypes(
        individual=reading.truth(row, "expanded_access_type_individual"),
        intermediate=reading.truth(row, "expanded_access_type_intermediate"),
        treatment=reading.truth(row, "expanded_access_type_treatment"),
    )
    samples = BioSpec(
        retention=reading.word(row, "biospec_retention", "BioSpecRetention"), description=row["biospec_description"]
    )
    enrollment = Enrollment(
        count=reading.whole(row, "enrollment"), type=reading.word(row, "enrollment_type", "EnrollmentType")
    )
    return Design(
        study_type=reading.word(named, "study_type", "StudyType"),
        expanded_access_types=access if access != ExpandedAccessTypes() else None,
        patient_registry=True if is_registry else None,
        target_duration=row["target_duration"],
        phases=phase_values(row["phase"]) if row["phase"] else [],
        design_info=_design_info(reading),
        bio_spec=samples if samples != BioSpec() else None,
        enrollment_info=enrollment if enrollment != Enrollment() else None,
    )


def _design_info(reading: Reading) -> DesignInfo | None:
    row = reading.one("designs")
    if row is None:
        return None
    masking = Masking(
        masking=reading.word(row, "masking", "DesignMasking"),
        masking_description=row["masking_description"],
        who_masked=[who for column, who in _MASKED.items() if reading.truth(row, column)],
    )
    return DesignInfo(
        allocation=reading.word(row, "allocation", "DesignAllocation"),
        intervention_model=reading.word(row, "intervention_model", "InterventionalAssignment"),
        intervention_model_description=row["intervention_model_description"],
        primary_purpose=reading.word(row, "primary_purpose", "PrimaryPurpose"),
        observational_model=reading.word(row, "observational_model", "ObservationalModel"),
        time_perspective=reading.word(row, "time_perspective", "DesignTimePerspective"),
        masking_info=masking if masking != Masking() else None,
    )


def _arms(reading: Reading) -> ArmsInterventions:
    """Arms and interventions, each naming the other as the pairs of their ids say."""
    arms = {row["id"]: row for row in reading.rows("design_groups")}
    interventions = {row["id"]: row for row in reading.rows("interventions")}
    given: dict[str | None, list[str]] = {}
    used: dict[str | None, list[str]] = {}
    for pair in reading.rows("design_group_interventions"):
        arm, intervention = arms.get(pair["design_group_id"]), interventions.get(pair["intervention_id"])
        if arm is None or intervention is None:
            reading.notes.append("design_group_interventions names an arm or intervention that is not there")
            continue
        kind = reading.word(intervention, "intervention_type", "InterventionType")
        name = f"{enum_words('InterventionType', kind)}: {intervention['name']}" if kind else intervention["name"]
        given.setdefault(arm["id"], []).append(name or "")
        used.setdefault(intervention["id"], []).append(arm["title"] or "")
    others = reading.by("intervention_other_names", "intervention_id", "interventions")
    return ArmsInterventions(
        arm_groups=[
            Arm(
                label=row["title"],
                type=reading.word(row, "group_type", "ArmGroupType"),
                description=row["description"],
                intervention_names=given.get(key, []),
            )
            for key, row in arms.items()
        ],
        interventions=[
            Intervention(
                type=reading.word(row, "intervention_type", "InterventionType"),
                name=row["name"],
                description=row["description"],
                arm_group_labels=used.get(key, []),
                other_names=[other["name"] for other in others.get(key, []) if other["name"]],
            )
            for key, row in interventions.items()
        ],
    )


def _outcomes(reading: Reading) -> Outcomes:
    outcomes = Outcomes(primary_outcomes=[], secondary_outcomes=[], other_outcomes=[])
    lists = {
        "primary": outcomes.primary_outcomes,
        "secondary": outcomes.secondary_outcomes,
        "other": outcomes.other_outcomes,
    }
    for row in reading.rows("design_outcomes"):
        kind = (row["outcome_type"] or "").lower()
        if kind not in lists:
            reading.notes.append(f"outcome_type of a planned outcome is not known: '{kind}' (taken for other)")
        outcome = Outcome(measure=row["measure"], description=row["description"], time_frame=row["time_frame"])
        lists.get(kind, outcomes.other_outcomes).append(outcome)
    return outcomes
