"""The record of a study, in the shape of the registry's API v2: what every source gives and the mapping takes.

Every field that the registry describes is declared, under its name in snake case. A field that is absent is None or an
empty list; an enum value is kept as registered, so that a new one is reported and never fatal.

Source: the registry's OpenAPI description 2.0.5, schema ``Study``. :class:`Page` holds what a classic registry
page says in a form that the API has no field for.
"""

from __future__ import annotations

import msgspec

from kg.study.part import DateStruct, Part
from kg.study.protocol import (
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
    GeoPoint,
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
    Retraction,
    SecondaryId,
    SeeAlsoLink,
    SponsorCollaborators,
    Status,
)
from kg.study.registry import (
    AnnotationModule,
    Annotations,
    BmiLimits,
    Browse,
    BrowseBranch,
    BrowseLeaf,
    Derived,
    Documents,
    FirstMcp,
    LargeDocument,
    LargeDocuments,
    MeshTerm,
    MiscInfo,
    ModelPredictions,
    Submission,
    SubmissionTracking,
    Unposted,
    UnpostedEvent,
    Violation,
    ViolationEvent,
)
from kg.study.results import (
    Achievement,
    AdverseEvent,
    AdverseEvents,
    Agreement,
    Analysis,
    Baseline,
    BaselineMeasure,
    Category,
    Count,
    Denominator,
    DropWithdraw,
    EventGroup,
    EventStats,
    Flow,
    Group,
    Limitations,
    MeasureClass,
    Measurement,
    Milestone,
    MoreInfo,
    OutcomeMeasures,
    OutcomeResult,
    Period,
    PointOfContact,
    Results,
)

__all__ = [
    "OWN_FIELDS",
    "Achievement",
    "AdverseEvent",
    "AdverseEvents",
    "Agreement",
    "Analysis",
    "AnnotationModule",
    "Annotations",
    "Arm",
    "ArmsInterventions",
    "AvailableIpd",
    "Baseline",
    "BaselineMeasure",
    "BioSpec",
    "BmiLimits",
    "Browse",
    "BrowseBranch",
    "BrowseLeaf",
    "Category",
    "Conditions",
    "Contact",
    "Contacts",
    "Count",
    "DateStruct",
    "Denominator",
    "Derived",
    "Description",
    "Design",
    "DesignInfo",
    "Documents",
    "DropWithdraw",
    "Eligibility",
    "Enrollment",
    "EventGroup",
    "EventStats",
    "ExpandedAccessInfo",
    "ExpandedAccessTypes",
    "FirstMcp",
    "Flow",
    "FullOrganization",
    "GeoPoint",
    "Group",
    "Identification",
    "Intervention",
    "IpdSharing",
    "LargeDocument",
    "LargeDocuments",
    "Limitations",
    "Location",
    "Masking",
    "MeasureClass",
    "Measurement",
    "MeshTerm",
    "Milestone",
    "MiscInfo",
    "ModelPredictions",
    "MoreInfo",
    "Official",
    "OrgStudyId",
    "Organization",
    "Outcome",
    "OutcomeMeasures",
    "OutcomeResult",
    "Outcomes",
    "Oversight",
    "Page",
    "Period",
    "PointOfContact",
    "Protocol",
    "Reference",
    "References",
    "ResponsibleParty",
    "Results",
    "Retraction",
    "SecondaryId",
    "SeeAlsoLink",
    "SponsorCollaborators",
    "Status",
    "Study",
    "Submission",
    "SubmissionTracking",
    "Unposted",
    "UnpostedEvent",
    "Violation",
    "ViolationEvent",
]


OWN_FIELDS = frozenset({"page", "readingNotes", "unknownFields"})
"""Fields of a study that are ours and not the registry's."""


class Page(Part):
    """What a registry page says that the API has no field for.

    On pages made into text, outcomes lose their headings, and the lists of keywords and of MeSH terms lose the
    marks between their entries: a run is such a list as one string, to be parted by someone who knows the terms.
    """

    unstated_outcomes: list[Outcome] = []
    keyword_runs: list[str] = []
    mesh_runs: list[str] = []


class Study(Part):
    """The record of one study.

    The last three fields are not the registry's: what a page says beyond the API, what the reader of the record could
    not carry over, and the paths of fields of the record that none here takes.
    """

    protocol_section: Protocol = msgspec.field(default_factory=Protocol)
    results_section: Results | None = None
    annotation_section: Annotations = msgspec.field(default_factory=Annotations)
    document_section: Documents = msgspec.field(default_factory=Documents)
    derived_section: Derived = msgspec.field(default_factory=Derived)
    has_results: bool | None = None
    page: Page | None = None
    reading_notes: list[str] = []
    unknown_fields: list[str] = []

    @property
    def nct_id(self) -> str:
        """The study's NCT id; ``""`` where the record has none."""
        return self.protocol_section.identification_module.nct_id or ""
