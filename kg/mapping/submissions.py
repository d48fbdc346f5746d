"""How results came to the registry, and its notices about them."""

from __future__ import annotations

from typing import Final

from kg.mapping.draft import Draft, prop
from kg.study import MiscInfo, Study, SubmissionTracking, Unposted, Violation
from kg.terms import RDF_TYPE, boolean

__all__ = ["add_submissions"]

_MISC: Final = "derivedSection.miscInfoModule."
_TRACKING: Final = _MISC + "submissionTracking."
_UNPOSTED: Final = "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents[]."
_VIOLATION: Final = "annotationSection.annotationModule.violationAnnotation.violationEvents[]."
_REMOVED_COUNTRY = prop("tkg:removedCountry")
_ESTIMATED = prop("tkg:estimatedResultsFirstSubmitted")
_COMMENTS_POSTED = prop("tkg:qualityCommentsFirstPosted")
_SUBMISSION = prop("tkg:resultsSubmission")
_SUBMISSION_CLASS = prop("tkg:ResultsSubmission")
_SUBMISSION_DATES: Final = (
    ("release_date", prop("tkg:released"), "releaseDate"),
    ("unrelease_date", prop("tkg:unreleased"), "unreleaseDate"),
    ("reset_date", prop("tkg:reset"), "resetDate"),
)
_UNRELEASE_UNKNOWN = prop("tkg:isUnreleaseDateUnknown")
_COMMENTS_RELEASE = prop("tkg:qualityCommentsRelease")
_UNPOSTED_PARTY = prop("tkg:unpostedResponsibleParty")
_UNPOSTED_EVENT = prop("tkg:unpostedEvent")
_UNPOSTED_EVENT_CLASS = prop("tkg:UnpostedEvent")
_UNPOSTED_TYPE = prop("tkg:unpostedEventType")
_EVENT_DATE = prop("tkg:eventDate")
_DATE_UNKNOWN = prop("tkg:isEventDateUnknown")
_VIOLATION_EVENT = prop("tkg:violationEvent")
_VIOLATION_EVENT_CLASS = prop("tkg:ViolationEvent")
_VIOLATION_TYPE = prop("tkg:violationEventType")
_DESCRIPTION = prop("dcterms:description")
_VIOLATION_DATES: Final = (
    ("creation_date", prop("tkg:noticeCreated"), "creationDate"),
    ("issued_date", prop("tkg:noticeIssued"), "issuedDate"),
    ("release_date", prop("tkg:noticeReleased"), "releaseDate"),
    ("posted_date", prop("tkg:noticePosted"), "postedDate"),
)


def add_submissions(draft: Draft, study: Study) -> None:
    """Statements on submitted results that are not posted, on notices, and on countries taken from the record."""
    _add_misc(draft, study.derived_section.misc_info_module)
    annotations = study.annotation_section.annotation_module
    if annotations.unposted_annotation:
        _add_unposted(draft, annotations.unposted_annotation)
    if annotations.violation_annotation:
        _add_violations(draft, annotations.violation_annotation)


def _add_misc(draft: Draft, module: MiscInfo) -> None:
    for country in dict.fromkeys(module.removed_countries):
        draft.text(draft.study, _REMOVED_COUNTRY, country)
    if module.submission_tracking:
        _add_tracking(draft, module.submission_tracking)


def _add_tracking(draft: Draft, tracking: SubmissionTracking) -> None:
    estimated = tracking.estimated_results_first_submit_date
    draft.date(draft.study, _ESTIMATED, estimated, _TRACKING + "estimatedResultsFirstSubmitDate")
    posted = tracking.first_mcp_info.post_date_struct if tracking.first_mcp_info else None
    if posted:
        draft.date(draft.study, _COMMENTS_POSTED, posted.date, _TRACKING + "firstMcpInfo.postDateStruct.date")
    for number, submission in enumerate(tracking.submission_infos, 1):
        node = draft.part("results-submission", number)
        draft.statements += ((draft.study, _SUBMISSION, node), (node, RDF_TYPE, _SUBMISSION_CLASS))
        for name, predicate, field in _SUBMISSION_DATES:
            draft.date(node, predicate, getattr(submission, name), f"{_TRACKING}submissionInfos[].{field}")
        draft.add(node, _UNRELEASE_UNKNOWN, boolean(submission.unrelease_date_unknown))
        field = f"{_TRACKING}submissionInfos[].mcpReleaseN"
        draft.count(node, _COMMENTS_RELEASE, submission.mcp_release_n, field)


def _add_unposted(draft: Draft, unposted: Unposted) -> None:
    draft.text(draft.study, _UNPOSTED_PARTY, unposted.unposted_responsible_party)
    for number, event in enumerate(unposted.unposted_events, 1):
        node = draft.part("unposted-event", number)
        draft.statements += ((draft.study, _UNPOSTED_EVENT, node), (node, RDF_TYPE, _UNPOSTED_EVENT_CLASS))
        draft.code(node, _UNPOSTED_TYPE, "unposted-event-type", event.type, _UNPOSTED + "type")
        draft.date(node, _EVENT_DATE, event.date, _UNPOSTED + "date")
        draft.add(node, _DATE_UNKNOWN, boolean(event.date_unknown))


def _add_violations(draft: Draft, violation: Violation) -> None:
    for number, event in enumerate(violation.violation_events, 1):
        node = draft.part("violation-event", number)
        draft.statements += ((draft.study, _VIOLATION_EVENT, node), (node, RDF_TYPE, _VIOLATION_EVENT_CLASS))
        draft.code(node, _VIOLATION_TYPE, "violation-event-type", event.type, _VIOLATION + "type")
        draft.text(node, _DESCRIPTION, event.description)
        for name, predicate, field in _VIOLATION_DATES:
            draft.date(node, predicate, getattr(event, name), _VIOLATION + field)
