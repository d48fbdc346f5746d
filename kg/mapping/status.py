"""Where a study stands, and its dates."""

from __future__ import annotations

from typing import Final

from kg.errors import TermError
from kg.mapping.draft import Draft, prop
from kg.mapping.texts.stop_reasons import add_stop_reasons
from kg.namespaces import study_iri
from kg.study import DateStruct, ExpandedAccessInfo, Status
from kg.terms import boolean, integer

__all__ = ["add_status"]

_MODULE: Final = "statusModule."
_ACCESS: Final = _MODULE + "expandedAccessInfo."
_STATUS = prop("tkg:status")
_LAST_KNOWN = prop("tkg:lastKnownStatus")
_WHY_STOPPED = prop("tkg:whyStopped")
_START_YEAR = prop("tkg:startYear")
_PERIODS: Final = (
    ("start_date_struct", prop("tkg:startDate"), prop("tkg:startDateType"), "startDateStruct"),
    (
        "primary_completion_date_struct",
        prop("tkg:primaryCompletionDate"),
        prop("tkg:primaryCompletionDateType"),
        "primaryCompletionDateStruct",
    ),
    ("completion_date_struct", prop("tkg:completionDate"), prop("tkg:completionDateType"), "completionDateStruct"),
)
_POSTED: Final = (
    ("study_first_post_date_struct", prop("tkg:firstPosted"), "studyFirstPostDateStruct"),
    ("last_update_post_date_struct", prop("tkg:lastUpdatePosted"), "lastUpdatePostDateStruct"),
    ("results_first_post_date_struct", prop("tkg:resultsFirstPosted"), "resultsFirstPostDateStruct"),
    ("disp_first_post_date_struct", prop("tkg:dispositionFirstPosted"), "dispFirstPostDateStruct"),
)
_DATES: Final = (
    ("status_verified_date", prop("tkg:statusVerified"), "statusVerifiedDate"),
    ("study_first_submit_date", prop("tkg:firstSubmitted"), "studyFirstSubmitDate"),
    ("study_first_submit_qc_date", prop("tkg:firstSubmittedQc"), "studyFirstSubmitQcDate"),
    ("results_first_submit_date", prop("tkg:resultsFirstSubmitted"), "resultsFirstSubmitDate"),
    ("results_first_submit_qc_date", prop("tkg:resultsFirstSubmittedQc"), "resultsFirstSubmitQcDate"),
    ("disp_first_submit_date", prop("tkg:dispositionFirstSubmitted"), "dispFirstSubmitDate"),
    ("disp_first_submit_qc_date", prop("tkg:dispositionFirstSubmittedQc"), "dispFirstSubmitQcDate"),
    ("last_update_submit_date", prop("tkg:lastUpdateSubmitted"), "lastUpdateSubmitDate"),
)
_DELAYED_POSTING = prop("tkg:delayedPosting")
_RESULTS_WAIVED = prop("tkg:resultsWaived")
_HAS_EXPANDED_ACCESS = prop("tkg:hasExpandedAccess")
_EXPANDED_ACCESS_STUDY = prop("tkg:expandedAccessStudy")
_EXPANDED_ACCESS_STATUS = prop("tkg:expandedAccessStatus")


def add_status(draft: Draft, module: Status) -> None:
    """Statements on the status of a study, its periods, and when its record was submitted and posted."""
    study = draft.study
    draft.code(study, _STATUS, "status", module.overall_status, _MODULE + "overallStatus")
    draft.code(study, _LAST_KNOWN, "status", module.last_known_status, _MODULE + "lastKnownStatus")
    draft.text(study, _WHY_STOPPED, module.why_stopped)
    add_stop_reasons(draft, module.why_stopped)
    for name, predicate, type_predicate, field in _PERIODS:
        period: DateStruct | None = getattr(module, name)
        if not period:
            continue
        if draft.date(study, predicate, period.date, f"{_MODULE}{field}.date"):
            draft.code(study, type_predicate, "date-type", period.type, f"{_MODULE}{field}.type")
            if name == "start_date_struct":
                draft.add(study, _START_YEAR, integer(int((period.date or "")[:4])))
        elif period.type:
            # The note on a date that is none says it for both.
            draft.rejected[f"{_MODULE}{field}.type"] += 1
            if not period.date:
                draft.notes.append(f"{period.type!r} is the type of a date that is not there")
    for name, predicate, field in _POSTED:
        posted: DateStruct | None = getattr(module, name)
        if posted:
            draft.date(study, predicate, posted.date, f"{_MODULE}{field}.date")
    for name, predicate, field in _DATES:
        if date := getattr(module, name):
            draft.date(study, predicate, date, _MODULE + field)
    draft.add(study, _DELAYED_POSTING, boolean(module.delayed_posting))
    draft.add(study, _RESULTS_WAIVED, boolean(module.results_waived))
    if module.expanded_access_info:
        _add_expanded_access(draft, module.expanded_access_info)


def _add_expanded_access(draft: Draft, info: ExpandedAccessInfo) -> None:
    study = draft.study
    draft.add(study, _HAS_EXPANDED_ACCESS, boolean(info.has_expanded_access))
    if info.nct_id:
        try:
            draft.add(study, _EXPANDED_ACCESS_STUDY, f"<{study_iri(info.nct_id)}>")
        except TermError as error:
            draft.reject(_ACCESS + "nctId", str(error))
    draft.code(
        study, _EXPANDED_ACCESS_STATUS, "expanded-access-status", info.status_for_nct_id, _ACCESS + "statusForNctId"
    )
