"""``protocolSection``: what the registrant said of a study."""

from __future__ import annotations

import msgspec

from kg.study.part import DateStruct, Part

__all__ = [
    "Arm",
    "ArmsInterventions",
    "AvailableIpd",
    "BioSpec",
    "Conditions",
    "Contact",
    "Contacts",
    "Description",
    "Design",
    "DesignInfo",
    "Eligibility",
    "Enrollment",
    "ExpandedAccessInfo",
    "ExpandedAccessTypes",
    "FullOrganization",
    "GeoPoint",
    "Identification",
    "Intervention",
    "IpdSharing",
    "Location",
    "Masking",
    "Official",
    "OrgStudyId",
    "Organization",
    "Outcome",
    "Outcomes",
    "Oversight",
    "Protocol",
    "Reference",
    "References",
    "ResponsibleParty",
    "Retraction",
    "SecondaryId",
    "SeeAlsoLink",
    "SponsorCollaborators",
    "Status",
]


class OrgStudyId(Part):
    """The sponsor's own number for the study."""

    id: str | None = None
    type: str | None = None
    link: str | None = None


class SecondaryId(OrgStudyId):
    """A number of the study elsewhere: another registry, a grant."""

    domain: str | None = None


class Organization(Part):
    """An organization with its class (industry, NIH, …)."""

    name: str | None = None
    class_: str | None = msgspec.field(name="class", default=None)


class FullOrganization(Part):
    """The organization that registered the study."""

    full_name: str | None = None
    class_: str | None = msgspec.field(name="class", default=None)


class Identification(Part):
    """``identificationModule``."""

    nct_id: str | None = None
    nct_id_aliases: list[str] = []
    org_study_id_info: OrgStudyId | None = None
    secondary_id_infos: list[SecondaryId] = []
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None
    organization: FullOrganization | None = None


class ExpandedAccessInfo(Part):
    """Whether there is expanded access to what is studied, and its own study."""

    has_expanded_access: bool | None = None
    nct_id: str | None = None
    status_for_nct_id: str | None = None


class Status(Part):
    """``statusModule``."""

    status_verified_date: str | None = None
    overall_status: str | None = None
    last_known_status: str | None = None
    delayed_posting: bool | None = None
    why_stopped: str | None = None
    expanded_access_info: ExpandedAccessInfo | None = None
    start_date_struct: DateStruct | None = None
    primary_completion_date_struct: DateStruct | None = None
    completion_date_struct: DateStruct | None = None
    study_first_submit_date: str | None = None
    study_first_submit_qc_date: str | None = None
    study_first_post_date_struct: DateStruct | None = None
    results_waived: bool | None = None
    results_first_submit_date: str | None = None
    results_first_submit_qc_date: str | None = None
    results_first_post_date_struct: DateStruct | None = None
    disp_first_submit_date: str | None = None
    disp_first_submit_qc_date: str | None = None
    disp_first_post_date_struct: DateStruct | None = None
    last_update_submit_date: str | None = None
    last_update_post_date_struct: DateStruct | None = None


class ResponsibleParty(Part):
    """Who answers for the record: the sponsor, or an investigator with name, title and affiliation."""

    type: str | None = None
    investigator_full_name: str | None = None
    investigator_title: str | None = None
    investigator_affiliation: str | None = None
    old_name_title: str | None = None
    old_organization: str | None = None


class SponsorCollaborators(Part):
    """``sponsorCollaboratorsModule``."""

    responsible_party: ResponsibleParty | None = None
    lead_sponsor: Organization | None = None
    collaborators: list[Organization] = []


class Oversight(Part):
    """``oversightModule``."""

    oversight_has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_ppsd: bool | None = None
    is_us_export: bool | None = None
    fdaaa801_violation: bool | None = None


class Description(Part):
    """``descriptionModule``."""

    brief_summary: str | None = None
    detailed_description: str | None = None


class Conditions(Part):
    """``conditionsModule``."""

    conditions: list[str] = []
    keywords: list[str] = []


class Masking(Part):
    """Degree of masking, and who is masked."""

    masking: str | None = None
    masking_description: str | None = None
    who_masked: list[str] = []


class DesignInfo(Part):
    """How participants are allotted, compared and observed."""

    allocation: str | None = None
    intervention_model: str | None = None
    intervention_model_description: str | None = None
    primary_purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking_info: Masking | None = None


class ExpandedAccessTypes(Part):
    """For whom expanded access is."""

    individual: bool | None = None
    intermediate: bool | None = None
    treatment: bool | None = None


class BioSpec(Part):
    """Samples that an observational study keeps."""

    retention: str | None = None
    description: str | None = None


class Enrollment(Part):
    """Number of participants, actual or estimated."""

    count: int | None = None
    type: str | None = None


class Design(Part):
    """``designModule``."""

    study_type: str | None = None
    n_ptrs_to_this_exp_acc_nct_id: int | None = None
    expanded_access_types: ExpandedAccessTypes | None = None
    patient_registry: bool | None = None
    target_duration: str | None = None
    phases: list[str] = []
    design_info: DesignInfo | None = None
    bio_spec: BioSpec | None = None
    enrollment_info: Enrollment | None = None


class Arm(Part):
    """An arm group; ``intervention_names`` are ``Type: name`` of the interventions given in it."""

    label: str | None = None
    type: str | None = None
    description: str | None = None
    intervention_names: list[str] = []


class Intervention(Part):
    """What is given or done, as registered."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    arm_group_labels: list[str] = []
    other_names: list[str] = []


class ArmsInterventions(Part):
    """``armsInterventionsModule``."""

    arm_groups: list[Arm] = []
    interventions: list[Intervention] = []


class Outcome(Part):
    """An outcome measure."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class Outcomes(Part):
    """``outcomesModule``."""

    primary_outcomes: list[Outcome] = []
    secondary_outcomes: list[Outcome] = []
    other_outcomes: list[Outcome] = []


class Eligibility(Part):
    """``eligibilityModule``."""

    eligibility_criteria: str | None = None
    healthy_volunteers: bool | None = None
    sex: str | None = None
    gender_based: bool | None = None
    gender_description: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    std_ages: list[str] = []
    study_population: str | None = None
    sampling_method: str | None = None


class Contact(Part):
    """Someone to ask; of persons, only their role is used."""

    name: str | None = None
    role: str | None = None
    phone: str | None = None
    phone_ext: str | None = None
    email: str | None = None


class Official(Part):
    """Someone responsible for the study overall."""

    name: str | None = None
    affiliation: str | None = None
    role: str | None = None


class GeoPoint(Part):
    """Degrees, WGS 84."""

    lat: float | None = None
    lon: float | None = None


class Location(Part):
    """A site; ``country`` is the registry's name of it."""

    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    contacts: list[Contact] = []
    geo_point: GeoPoint | None = None


class Contacts(Part):
    """``contactsLocationsModule``."""

    central_contacts: list[Contact] = []
    overall_officials: list[Official] = []
    locations: list[Location] = []


class Retraction(Part):
    """A notice that a publication was retracted."""

    pmid: str | None = None
    source: str | None = None


class Reference(Part):
    """A publication: background, result, or derived (found by its NCT id)."""

    pmid: str | None = None
    type: str | None = None
    citation: str | None = None
    retractions: list[Retraction] = []


class SeeAlsoLink(Part):
    """A page about the study."""

    label: str | None = None
    url: str | None = None


class AvailableIpd(Part):
    """Data of participants, or a document, that can be had."""

    id: str | None = None
    type: str | None = None
    url: str | None = None
    comment: str | None = None


class References(Part):
    """``referencesModule``."""

    references: list[Reference] = []
    see_also_links: list[SeeAlsoLink] = []
    avail_ipds: list[AvailableIpd] = []


class IpdSharing(Part):
    """``ipdSharingStatementModule``: whether data of participants will be shared."""

    ipd_sharing: str | None = None
    description: str | None = None
    info_types: list[str] = []
    time_frame: str | None = None
    access_criteria: str | None = None
    url: str | None = None


class Protocol(Part):
    """``protocolSection``."""

    identification_module: Identification = msgspec.field(default_factory=Identification)
    status_module: Status = msgspec.field(default_factory=Status)
    sponsor_collaborators_module: SponsorCollaborators = msgspec.field(default_factory=SponsorCollaborators)
    oversight_module: Oversight = msgspec.field(default_factory=Oversight)
    description_module: Description = msgspec.field(default_factory=Description)
    conditions_module: Conditions = msgspec.field(default_factory=Conditions)
    design_module: Design = msgspec.field(default_factory=Design)
    arms_interventions_module: ArmsInterventions = msgspec.field(default_factory=ArmsInterventions)
    outcomes_module: Outcomes = msgspec.field(default_factory=Outcomes)
    eligibility_module: Eligibility = msgspec.field(default_factory=Eligibility)
    contacts_locations_module: Contacts = msgspec.field(default_factory=Contacts)
    references_module: References = msgspec.field(default_factory=References)
    ipd_sharing_statement_module: IpdSharing = msgspec.field(default_factory=IpdSharing)
