"""What the registry itself adds to a record: terms it derived, how results were submitted, documents, notices."""

from __future__ import annotations

import msgspec

from kg.study.part import DateStruct, Part

__all__ = [
    "AnnotationModule",
    "Annotations",
    "BmiLimits",
    "Browse",
    "BrowseBranch",
    "BrowseLeaf",
    "Derived",
    "Documents",
    "FirstMcp",
    "LargeDocument",
    "LargeDocuments",
    "MeshTerm",
    "MiscInfo",
    "ModelPredictions",
    "Submission",
    "SubmissionTracking",
    "Unposted",
    "UnpostedEvent",
    "Violation",
    "ViolationEvent",
]


class MeshTerm(Part):
    """A MeSH term that the registry gives; ``id`` may be zero-padded."""

    id: str | None = None
    term: str | None = None


class BrowseLeaf(Part):
    """A term of the registry's own tree for browsing."""

    id: str | None = None
    name: str | None = None
    as_found: str | None = None
    relevance: str | None = None


class BrowseBranch(Part):
    """A branch of that tree."""

    abbrev: str | None = None
    name: str | None = None


class Browse(Part):
    """``conditionBrowseModule``, ``interventionBrowseModule``: terms that the registry derived from the strings.

    Only ``meshes`` are asserted; ``ancestors`` are what those are within.
    """

    meshes: list[MeshTerm] = []
    ancestors: list[MeshTerm] = []
    browse_leaves: list[BrowseLeaf] = []
    browse_branches: list[BrowseBranch] = []


class FirstMcp(Part):
    """When results first passed the registry's quality control with major comments."""

    post_date_struct: DateStruct | None = None


class Submission(Part):
    """Results that were submitted and not yet posted: released, taken back, sent back for corrections."""

    release_date: str | None = None
    unrelease_date: str | None = None
    unrelease_date_unknown: bool | None = None
    reset_date: str | None = None
    mcp_release_n: int | None = None


class SubmissionTracking(Part):
    """The way of results through the registry."""

    estimated_results_first_submit_date: str | None = None
    first_mcp_info: FirstMcp | None = None
    submission_infos: list[Submission] = []


class BmiLimits(Part):
    """Limits of the body mass index that a model of the registry reads out of the criteria."""

    min_bmi: float | None = None
    max_bmi: float | None = None


class ModelPredictions(Part):
    """What models of the registry read out of a record; in records, and not in description 2.0.5."""

    bmi_limits: BmiLimits | None = None


class MiscInfo(Part):
    """``miscInfoModule``; ``version_holder`` is the registry's data date."""

    version_holder: str | None = None
    removed_countries: list[str] = []
    submission_tracking: SubmissionTracking | None = None
    model_predictions: ModelPredictions | None = None


class Derived(Part):
    """``derivedSection``."""

    misc_info_module: MiscInfo = msgspec.field(default_factory=MiscInfo)
    condition_browse_module: Browse = msgspec.field(default_factory=Browse)
    intervention_browse_module: Browse = msgspec.field(default_factory=Browse)


class LargeDocument(Part):
    """A document of the study at the registry: protocol, analysis plan, consent form."""

    type_abbrev: str | None = None
    has_protocol: bool | None = None
    has_sap: bool | None = None
    has_icf: bool | None = None
    label: str | None = None
    date: str | None = None
    upload_date: str | None = None
    filename: str | None = None
    size: int | None = None


class LargeDocuments(Part):
    """``largeDocumentModule``."""

    no_sap: bool | None = None
    large_docs: list[LargeDocument] = []


class Documents(Part):
    """``documentSection``."""

    large_document_module: LargeDocuments = msgspec.field(default_factory=LargeDocuments)


class UnpostedEvent(Part):
    """Something that happened to results that are not posted."""

    type: str | None = None
    date: str | None = None
    date_unknown: bool | None = None


class Unposted(Part):
    """Results that were submitted and are not posted."""

    unposted_responsible_party: str | None = None
    unposted_events: list[UnpostedEvent] = []


class ViolationEvent(Part):
    """A notice about a violation of the law on registration and results (FDAAA 801)."""

    type: str | None = None
    description: str | None = None
    creation_date: str | None = None
    issued_date: str | None = None
    release_date: str | None = None
    posted_date: str | None = None


class Violation(Part):
    """Notices about violations."""

    violation_events: list[ViolationEvent] = []


class AnnotationModule(Part):
    """``annotationModule``."""

    unposted_annotation: Unposted | None = None
    violation_annotation: Violation | None = None


class Annotations(Part):
    """``annotationSection``."""

    annotation_module: AnnotationModule = msgspec.field(default_factory=AnnotationModule)
