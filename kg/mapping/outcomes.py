"""Outcome measures, with the endpoint, the response criteria and the length of time that their text names."""

from __future__ import annotations

from collections.abc import Sequence

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.texts.endpoints import endpoints
from kg.mapping.texts.response_criteria import response_criteria
from kg.mapping.texts.time_frames import time_frame
from kg.study import Outcome, Study
from kg.terms import RDF_TYPE

__all__ = ["add_outcomes"]

_CLASS = prop("tkg:OutcomeMeasure")
_TIME_FRAME = prop("tkg:timeFrame")
_TIME_FRAME_DURATION = prop("tkg:timeFrameDuration")
_TIME_FRAME_DAYS = prop("tkg:timeFrameDays")
_DESCRIPTION = prop("dcterms:description")
_ENDPOINT = prop("tkg:endpoint")
_RESPONSE_CRITERIA = prop("tkg:responseCriteria")
_PRIMARY = prop("tkg:primaryOutcome")
_SECONDARY = prop("tkg:secondaryOutcome")
_OTHER = prop("tkg:otherOutcome")
_UNSTATED = prop("tkg:outcome")


def add_outcomes(draft: Draft, study: Study) -> None:
    """Statements on the outcome measures, by kind; on a page that does not say the kind, of no kind."""
    module = study.protocol_section.outcomes_module
    _add(draft, "outcome/primary", _PRIMARY, module.primary_outcomes)
    _add(draft, "outcome/secondary", _SECONDARY, module.secondary_outcomes)
    _add(draft, "outcome/other", _OTHER, module.other_outcomes)
    if study.page:
        _add(draft, "outcome/unstated", _UNSTATED, study.page.unstated_outcomes)


def _add(draft: Draft, kind: str, predicate: str, outcomes: Sequence[Outcome]) -> None:
    for number, outcome in enumerate(outcomes, 1):
        node = draft.part(kind, number)
        draft.statements += ((draft.study, predicate, node), (node, RDF_TYPE, _CLASS))
        draft.text(node, LABEL, outcome.measure)
        draft.text(node, _TIME_FRAME, outcome.time_frame)
        if outcome.time_frame and (length := time_frame(outcome.time_frame)):
            draft.statements += ((node, _TIME_FRAME_DURATION, length.duration), (node, _TIME_FRAME_DAYS, length.days))
        draft.text(node, _DESCRIPTION, outcome.description)
        measure, description = outcome.measure or "", outcome.description or ""
        for code in endpoints(measure):
            draft.code(node, _ENDPOINT, "endpoint", code)
        for code in response_criteria(f"{measure} {description}"):
            draft.code(node, _RESPONSE_CRITERIA, "response-criteria", code)
