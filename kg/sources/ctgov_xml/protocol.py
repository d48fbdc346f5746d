"""What the registrant said of a study, from legacy XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.sources.ctgov_xml.elements import Element
from kg.sources.ctgov_xml.values import coded, count, dated, day, flag, name, prose
from kg.sources.registry_words import enum_value
from kg.study import (
    Arm,
    ArmsInterventions,
    AvailableIpd,
    BioSpec,
    Conditions,
    Contact,
    Contacts,
    Description,
    Design,
    DesignInfo,
    Eligibility,
    Enrollment,
    ExpandedAccessInfo,
    ExpandedAccessTypes,
    FullOrganization,
    Identification,
    Intervention,
    IpdSharing,
    Location,
    Masking,
    Official,
    Organization,
    OrgStudyId,
    Outcome,
    Outcomes,
    Oversight,
    Protocol,
    Reference,
    References,
    ResponsibleParty,
    SecondaryId,
    SeeAlsoLink,
    SponsorCollaborators,
    Status,
)

__all__ = ["protocol"]

_REGISTRY = "[Patient Registry]"
# Files before 2017 have the design in one line: "Allocation: Randomized, Masking: Double Blind (Subject)".
_DESIGN = re.compile(
    r"(?:^|, )(Allocation|Endpoint Classification|Intervention Model|Observational Model|Masking|Primary Purpose|"
    r"Time Perspective): "
)
_CONTACT = "CONTACT"


def protocol(root: Element) -> Protocol:
    """``protocolSection`` of a record."""
    return Protocol(
        identification_module=_identification(root),
        status_module=_status(root),
        sponsor_collaborators_module=_sponsors(root),
        oversight_module=_oversight(root.first("oversight_info")),
        description_module=Description(
            brief_summary=prose(root, "brief_summary", "textblock"),
            detailed_description=prose(root, "detailed_description", "textblock"),
        ),
        conditions_module=Conditions(conditions=root.texts("condition"), keywords=root.texts("keyword")),
        design_module=_design(root),
        arms_interventions_module=_arms_interventions(root),
        outcomes_module=Outcomes(
            primary_outcomes=_outcomes(root, "primary_outcome"),
            secondary_outcomes=_outcomes(root, "secondary_outcome"),
            other_outcomes=_outcomes(root, "other_outcome"),
        ),
        eligibility_module=_eligibility(root.first("eligibility")),
        contacts_locations_module=_contacts(root),
        references_module=_references(root),
        ipd_sharing_statement_module=_sharing(root.first("patient_data")),
    )


def _identification(root: Element) -> Identification:
    part = root.first("id_info")
    own = part.text("org_study_id")
    source = root.text("source")
    return Identification(
        nct_id=part.text("nct_id"),
        nct_id_aliases=part.texts("nct_alias"),
        org_study_id_info=OrgStudyId(id=own) if own else None,
        secondary_id_infos=[SecondaryId(id=number) for number in part.texts("secondary_id")],
        brief_title=root.text("brief_title"),
        official_title=root.text("official_title"),
        acronym=root.text("acronym"),
        organization=FullOrganization(full_name=source) if source else None,
    )


def _status(root: Element) -> Status:
    updated = day(root, "last_update_submitted", "lastchanged_date")
    checked = day(root, "last_update_submitted_qc")
    if checked != updated and checked:
        root.note(f"no field takes last_update_submitted_qc, which is not last_update_submitted: {checked!r}")
    return Status(
        status_verified_date=day(root, "verification_date"),
        overall_status=coded("Status", root.text("overall_status")),
        last_known_status=coded("Status", root.text("last_known_status")),
        why_stopped=prose(root, "why_stopped"),
        expanded_access_info=_expanded_access(root),
        start_date_struct=dated(root, "start_date"),
        primary_completion_date_struct=dated(root, "primary_completion_date"),
        completion_date_struct=dated(root, "completion_date"),
        study_first_submit_date=day(root, "study_first_submitted", "firstreceived_date"),
        study_first_submit_qc_date=day(root, "study_first_submitted_qc"),
        study_first_post_date_struct=dated(root, "study_first_posted"),
        results_first_submit_date=day(root, "results_first_submitted", "firstreceived_results_date"),
        results_first_submit_qc_date=day(root, "results_first_submitted_qc"),
        results_first_post_date_struct=dated(root, "results_first_posted"),
        disp_first_submit_date=day(root, "disposition_first_submitted", "firstreceived_results_disposition_date"),
        disp_first_submit_qc_date=day(root, "disposition_first_submitted_qc"),
        disp_first_post_date_struct=dated(root, "disposition_first_posted"),
        last_update_submit_date=updated,
        last_update_post_date_struct=dated(root, "last_update_posted"),
    )


def _expanded_access(root: Element) -> ExpandedAccessInfo | None:
    info = ExpandedAccessInfo(
        has_expanded_access=flag(root, "has_expanded_access"),
        nct_id=root.text("expanded_access_nctid"),
        status_for_nct_id=coded("ExpandedAccessStatus", root.text("expanded_access_status_for_nctid")),
    )
    return None if info == ExpandedAccessInfo() else info


def _sponsors(root: Element) -> SponsorCollaborators:
    part = root.first("sponsors")
    lead = part.first("lead_sponsor")
    party = root.first("responsible_party")
    return SponsorCollaborators(
        responsible_party=ResponsibleParty(
            type=coded("ResponsiblePartyType", party.text("responsible_party_type")),
            investigator_full_name=party.text("investigator_full_name"),
            investigator_title=party.text("investigator_title"),
            investigator_affiliation=party.text("investigator_affiliation"),
            old_name_title=party.text("name_title"),
            old_organization=party.text("organization"),
        )
        if party
        else None,
        lead_sponsor=_agency(lead) if lead else None,
        collaborators=[_agency(agency) for agency in part.all("collaborator")],
    )


def _agency(part: Element) -> Organization:
    return Organization(name=part.text("agency"), class_=coded("AgencyClass", part.text("agency_class")))


def _oversight(part: Element) -> Oversight:
    return Oversight(
        oversight_has_dmc=flag(part, "has_dmc"),
        is_fda_regulated_drug=flag(part, "is_fda_regulated_drug"),
        is_fda_regulated_device=flag(part, "is_fda_regulated_device"),
        is_unapproved_device=flag(part, "is_unapproved_device"),
        is_ppsd=flag(part, "is_ppsd"),
        is_us_export=flag(part, "is_us_export"),
    )


def _design(root: Element) -> Design:
    kind = root.text("study_type") or ""
    number = root.first("enrollment")
    size = number.text()
    access = root.first("expanded_access_info")
    types = ExpandedAccessTypes(
        individual=flag(access, "expanded_access_type_individual"),
        intermediate=flag(access, "expanded_access_type_intermediate"),
        treatment=flag(access, "expanded_access_type_treatment"),
    )
    samples = BioSpec(
        retention=coded("BioSpecRetention", root.text("biospec_retention")),
        description=prose(root, "biospec_descr", "textblock"),
    )
    enrollment = Enrollment(
        count=count(number, "enrollment", size), type=coded("EnrollmentType", number.attribute("type"))
    )
    return Design(
        study_type=coded("StudyType", kind.removesuffix(_REGISTRY).strip()),
        expanded_access_types=None if types == ExpandedAccessTypes() else types,
        patient_registry=True if kind.endswith(_REGISTRY) else None,
        target_duration=root.text("target_duration"),
        phases=[enum_value("Phase", phase.strip()) for phase in _phases(root.text("phase") or "")],
        design_info=_design_info(root),
        bio_spec=None if samples == BioSpec() else samples,
        enrollment_info=None if enrollment == Enrollment() else enrollment,
    )


def _phases(text: str) -> list[str]:
    return [text] if text == "N/A" else [phase for phase in text.split("/") if phase]


def _design_info(root: Element) -> DesignInfo | None:
    part = root.first("study_design_info")
    in_line: dict[str, str] = {}
    for label, value in _parted(root.text("study_design") or ""):
        if in_line.setdefault(label, value) != value:
            root.note(f"no field takes a second {label!r} of study_design: {value!r}")
    kind = in_line.pop("Endpoint Classification", None)
    if kind:
        root.note(f"no field takes the endpoint classification of study_design: {kind!r}")

    def said(tag: str) -> str | None:
        return part.text(tag) or in_line.pop(tag.replace("_", " ").title(), None)

    info = DesignInfo(
        allocation=coded("DesignAllocation", said("allocation")),
        intervention_model=coded("InterventionalAssignment", said("intervention_model")),
        intervention_model_description=prose(part, "intervention_model_description"),
        primary_purpose=coded("PrimaryPurpose", said("primary_purpose")),
        observational_model=coded("ObservationalModel", said("observational_model")),
        time_perspective=coded("DesignTimePerspective", said("time_perspective")),
        masking_info=_masking(said("masking"), prose(part, "masking_description")),
    )
    for label, value in in_line.items():
        root.note(f"no field takes {label!r} of study_design: {value!r}")
    return None if info == DesignInfo() else info


def _parted(text: str) -> Iterator[tuple[str, str]]:
    before, *parts = _DESIGN.split(text)
    if before:
        yield "", before
    yield from zip(parts[::2], parts[1::2], strict=True)


def _masking(text: str | None, description: str | None) -> Masking | None:
    """Degree and who is masked: "Double (Participant, Investigator)", or one of the two alone."""
    if not text:
        return Masking(masking_description=description) if description else None
    whole = enum_value("DesignMasking", text)
    degree, bracket, who = text.partition("(")
    if whole != text:  # "None (Open Label)" is one word
        degree, who = text, ""
    elif not bracket and enum_value("WhoMasked", text.partition(",")[0].strip()) != text.partition(",")[0].strip():
        degree, who = "", text
    parties = [party.strip() for party in who.removesuffix(")").split(",") if party.strip()]
    return Masking(
        masking=coded("DesignMasking", degree.strip() or None),
        masking_description=description,
        who_masked=[enum_value("WhoMasked", party) for party in parties],
    )


def _arms_interventions(root: Element) -> ArmsInterventions:
    interventions = []
    given: dict[str, list[str]] = {}
    for part in root.all("intervention"):
        word, title = part.text("intervention_type"), part.text("intervention_name")
        labels = part.texts("arm_group_label")
        for arm in dict.fromkeys(labels):
            given.setdefault(arm, []).append(f"{word}: {title}" if word else title or "")
        interventions.append(
            Intervention(
                type=coded("InterventionType", word),
                name=title,
                description=prose(part, "description"),
                arm_group_labels=labels,
                other_names=part.texts("other_name"),
            )
        )
    arms = []
    for part in root.all("arm_group"):
        label = part.text("arm_group_label")
        arms.append(
            Arm(
                label=label,
                type=coded("ArmGroupType", part.text("arm_group_type")),
                description=prose(part, "description"),
                intervention_names=list(given.get(label or "", [])),
            )
        )
    for tag in ("number_of_arms", "number_of_groups"):
        stated = root.text(tag)
        if stated and stated != str(len(arms)):
            root.note(f"{tag} is {stated}, and {len(arms)} are listed")
    return ArmsInterventions(arm_groups=arms, interventions=interventions)


def _outcomes(root: Element, tag: str) -> list[Outcome]:
    return [
        Outcome(
            measure=part.text("measure"), description=prose(part, "description"), time_frame=part.text("time_frame")
        )
        for part in root.all(tag)
    ]


def _eligibility(part: Element) -> Eligibility:
    volunteers = part.text("healthy_volunteers")
    if volunteers and volunteers not in ("Accepts Healthy Volunteers", "Yes", "No"):
        part.note(f"healthy_volunteers is neither yes nor no: {volunteers!r}")
    ages = [part.text(limit) for limit in ("minimum_age", "maximum_age")]
    least, most = [None if age == "N/A" else age for age in ages]
    return Eligibility(
        eligibility_criteria=prose(part, "criteria", "textblock"),
        healthy_volunteers={"Accepts Healthy Volunteers": True, "Yes": True, "No": False}.get(volunteers or ""),
        sex=coded("Sex", part.text("gender")),
        gender_based=flag(part, "gender_based"),
        gender_description=prose(part, "gender_description"),
        minimum_age=least,
        maximum_age=most,
        study_population=prose(part, "study_pop", "textblock"),
        sampling_method=coded("SamplingMethod", part.text("sampling_method")),
    )


def _contacts(root: Element) -> Contacts:
    listed = [_contact(root.first(tag)) for tag in ("overall_contact", "overall_contact_backup") if root.first(tag)]
    officials = [
        Official(name=name(part), affiliation=part.text("affiliation"), role=coded("OfficialRole", part.text("role")))
        for part in root.all("overall_official")
    ]
    locations = [_location(part) for part in root.all("location")]
    countries = root.texts("location_countries", "country")
    unlisted = sorted(set(countries) - {location.country for location in locations if location.country})
    if unlisted:
        root.note(f"location_countries without a location: {', '.join(unlisted)}")
    return Contacts(central_contacts=listed, overall_officials=officials, locations=locations)


def _contact(part: Element, role: str | None = _CONTACT) -> Contact:
    return Contact(
        name=name(part),
        role=role,
        phone=part.text("phone"),
        phone_ext=part.text("phone_ext"),
        email=part.text("email"),
    )


def _location(part: Element) -> Location:
    facility = part.first("facility")
    address = facility.first("address")
    contacts = [_contact(part.first(tag)) for tag in ("contact", "contact_backup") if part.first(tag)]
    contacts.extend(_contact(person, coded("ContactRole", person.text("role"))) for person in part.all("investigator"))
    return Location(
        facility=facility.text("name"),
        status=coded("RecruitmentStatus", part.text("status")),
        city=address.text("city"),
        state=address.text("state"),
        zip=address.text("zip"),
        country=address.text("country"),
        contacts=contacts,
    )


def _references(root: Element) -> References:
    """Publications; of those that are no results, it is not said whether the registrant or the registry named them."""
    references = [
        Reference(pmid=part.text("PMID"), type=kind, citation=part.text("citation"))
        for tag, kind in (("reference", None), ("results_reference", "RESULT"))
        for part in root.all(tag)
    ]
    return References(
        references=references,
        see_also_links=[SeeAlsoLink(label=part.text("description"), url=part.text("url")) for part in root.all("link")],
        avail_ipds=[
            AvailableIpd(
                id=part.text("doc_id"),
                type=part.text("doc_type"),
                url=part.text("doc_url"),
                comment=prose(part, "doc_comment"),
            )
            for part in root.all("study_docs", "study_doc")
        ],
    )


def _sharing(part: Element) -> IpdSharing:
    return IpdSharing(
        ipd_sharing=coded("IpdSharing", part.text("sharing_ipd")),
        description=prose(part, "ipd_description"),
        info_types=[enum_value("IpdSharingInfoType", word) for word in part.texts("ipd_info_type")],
        time_frame=prose(part, "ipd_time_frame"),
        access_criteria=prose(part, "ipd_access_criteria"),
        url=part.text("ipd_url"),
    )
