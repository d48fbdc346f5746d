"""The record of a study, in the shape of the registry's API v2: what every source gives and the mapping takes.

Only fields that the mapping uses are declared; the decoder skips the rest without building them, which makes it
faster than a general JSON parser. Names are the registry's, in snake case. A field that is absent is None or an
empty list; an enum value is kept as registered, so that a new one is reported and never fatal.

Source: the registry's OpenAPI description 2.0.5, schema ``Study``. :class:`Page` holds what a classic registry
page says in a form that the API has no field for.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "Arm",
    "ArmsInterventions",
    "Browse",
    "Conditions",
    "Contacts",
    "DateStruct",
    "Derived",
    "Description",
    "Design",
    "DesignInfo",
    "Eligibility",
    "Enrollment",
    "GeoPoint",
    "Identification",
    "Intervention",
    "Location",
    "Masking",
    "MeshTerm",
    "MiscInfo",
    "Official",
    "OrgStudyId",
    "Organization",
    "Outcome",
    "Outcomes",
    "Oversight",
    "Page",
    "Protocol",
    "Reference",
    "References",
    "ResponsibleParty",
    "SecondaryId",
    "SponsorCollaborators",
    "Status",
    "Study",
]


class _Part(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """A part of a record."""


class OrgStudyId(_Part):
    """The sponsor's own number for the study."""

    id: str | None = None
    type: str | None = None
    link: str | None = None


class SecondaryId(OrgStudyId):
    """A number of the study elsewhere: another registry, a grant."""

    domain: str | None = None


class Organization(_Part):
    """An organization with its class (industry, NIH, …)."""

    name: str | None = None
    class_: str | None = msgspec.field(name="class", default=None)


class Identification(_Part):
    """``identificationModule``."""

    nct_id: str | None = None
    org_study_id_info: OrgStudyId | None = None
    secondary_id_infos: list[SecondaryId] = []
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None


class DateStruct(_Part):
    """A date of day or month precision, actual or estimated."""

    date: str | None = None
    type: str | None = None


class Status(_Part):
    """``statusModule``."""

    overall_status: str | None = None
    why_stopped: str | None = None
    start_date_struct: DateStruct | None = None
    primary_completion_date_struct: DateStruct | None = None
    completion_date_struct: DateStruct | None = None
    study_first_post_date_struct: DateStruct | None = None
    results_first_post_date_struct: DateStruct | None = None
    last_update_post_date_struct: DateStruct | None = None


class ResponsibleParty(_Part):
    """Who answers for the record: the sponsor, or an investigator with name, title and affiliation."""

    type: str | None = None
    investigator_full_name: str | None = None
    investigator_title: str | None = None
    investigator_affiliation: str | None = None
    old_name_title: str | None = None
    old_organization: str | None = None


class SponsorCollaborators(_Part):
    """``sponsorCollaboratorsModule``."""

    responsible_party: ResponsibleParty | None = None
    lead_sponsor: Organization | None = None
    collaborators: list[Organization] = []


class Oversight(_Part):
    """``oversightModule``."""

    oversight_has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None


class Description(_Part):
    """``descriptionModule``."""

    brief_summary: str | None = None
    detailed_description: str | None = None


class Conditions(_Part):
    """``conditionsModule``."""

    conditions: list[str] = []
    keywords: list[str] = []


class Masking(_Part):
    """Degree of masking, and who is masked."""

    masking: str | None = None
    who_masked: list[str] = []


class DesignInfo(_Part):
    """How participants are allotted, compared and observed."""

    allocation: str | None = None
    intervention_model: str | None = None
    primary_purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking_info: Masking | None = None


class Enrollment(_Part):
    """Number of participants, actual or estimated."""

    count: int | None = None
    type: str | None = None


class Design(_Part):
    """``designModule``."""

    study_type: str | None = None
    phases: list[str] = []
    design_info: DesignInfo | None = None
    enrollment_info: Enrollment | None = None


class Arm(_Part):
    """An arm group; ``intervention_names`` are ``Type: name`` of the interventions given in it."""

    label: str | None = None
    type: str | None = None
    description: str | None = None
    intervention_names: list[str] = []


class Intervention(_Part):
    """What is given or done, as registered."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    arm_group_labels: list[str] = []
    other_names: list[str] = []


class ArmsInterventions(_Part):
    """``armsInterventionsModule``."""

    arm_groups: list[Arm] = []
    interventions: list[Intervention] = []


class Outcome(_Part):
    """An outcome measure."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class Outcomes(_Part):
    """``outcomesModule``."""

    primary_outcomes: list[Outcome] = []
    secondary_outcomes: list[Outcome] = []
    other_outcomes: list[Outcome] = []


class Eligibility(_Part):
    """``eligibilityModule``."""

    eligibility_criteria: str | None = None
    healthy_volunteers: bool | None = None
    sex: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    std_ages: list[str] = []


class Official(_Part):
    """Someone responsible for the study overall."""

    name: str | None = None
    affiliation: str | None = None
    role: str | None = None


class GeoPoint(_Part):
    """Degrees, WGS 84."""

    lat: float | None = None
    lon: float | None = None


class Location(_Part):
    """A site; ``country`` is the registry's name of it."""

    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    geo_point: GeoPoint | None = None


class Contacts(_Part):
    """``contactsLocationsModule``."""

    overall_officials: list[Official] = []
    locations: list[Location] = []


class Reference(_Part):
    """A publication: background, result, or derived (found by its NCT id)."""

    pmid: str | None = None
    type: str | None = None
    citation: str | None = None


class References(_Part):
    """``referencesModule``."""

    references: list[Reference] = []


class Protocol(_Part):
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


class MeshTerm(_Part):
    """A MeSH term that the registry gives; ``id`` may be zero-padded."""

    id: str | None = None
    term: str | None = None


class Browse(_Part):
    """``conditionBrowseModule``, ``interventionBrowseModule``: terms that the registry derived from the strings.

    The lists of ancestors are not read: they are inherited, not asserted.
    """

    meshes: list[MeshTerm] = []


class MiscInfo(_Part):
    """``miscInfoModule``; ``version_holder`` is the registry's data date."""

    version_holder: str | None = None


class Derived(_Part):
    """``derivedSection``."""

    misc_info_module: MiscInfo = msgspec.field(default_factory=MiscInfo)
    condition_browse_module: Browse = msgspec.field(default_factory=Browse)
    intervention_browse_module: Browse = msgspec.field(default_factory=Browse)


class Page(_Part):
    """What a registry page says that the API has no field for.

    On pages made into text, outcomes lose their headings, and the lists of keywords and of MeSH terms lose the
    marks between their entries: a run is such a list as one string, to be parted by someone who knows the terms.
    """

    unstated_outcomes: list[Outcome] = []
    keyword_runs: list[str] = []
    mesh_runs: list[str] = []


class Study(_Part):
    """The record of one study."""

    protocol_section: Protocol = msgspec.field(default_factory=Protocol)
    derived_section: Derived = msgspec.field(default_factory=Derived)
    has_results: bool | None = None
    page: Page | None = None

    @property
    def nct_id(self) -> str:
        """The study's NCT id; ``""`` where the record has none."""
        return self.protocol_section.identification_module.nct_id or ""
