"""Adverse events: each as it was reported, with the numbers of each group. No code of MedDRA is made up or copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.results.groups import COMMENT, Groups, add_groups, in_group
from kg.mapping.results.numbers import Measured, add_number
from kg.study import AdverseEvent, AdverseEvents, Arm
from kg.terms import RDF_TYPE

__all__ = ["add_adverse_events"]

_MODULE: Final = "resultsSection.adverseEventsModule."
_REPORT = prop("tkg:adverseEventReport")
_REPORT_CLASS = prop("tkg:AdverseEventReport")
_TIME_FRAME = prop("tkg:timeFrame")
_DESCRIPTION = prop("dcterms:description")
_MORTALITY_COMMENT = prop("tkg:mortalityComment")
_THRESHOLD: Final = Measured(prop("tkg:frequencyThreshold"), prop("tkg:frequencyThresholdText"))
_TOTALS: Final = (
    ("deaths_num_affected", "deathsNumAffected", prop("tkg:deathsAffected")),
    ("deaths_num_at_risk", "deathsNumAtRisk", prop("tkg:deathsAtRisk")),
    ("serious_num_affected", "seriousNumAffected", prop("tkg:seriousAffected")),
    ("serious_num_at_risk", "seriousNumAtRisk", prop("tkg:seriousAtRisk")),
    ("other_num_affected", "otherNumAffected", prop("tkg:otherAffected")),
    ("other_num_at_risk", "otherNumAtRisk", prop("tkg:otherAtRisk")),
)
_EVENT = prop("tkg:adverseEvent")
_EVENT_CLASS = prop("tkg:AdverseEvent")
_SERIOUSNESS = prop("tkg:seriousness")
_ORGAN_SYSTEM = prop("tkg:organSystem")
_SOURCE_VOCABULARY = prop("tkg:sourceVocabulary")
_ASSESSMENT = prop("tkg:assessmentType")
_COUNT = prop("tkg:eventCount")
_COUNT_CLASS = prop("tkg:EventCount")
_EVENTS = prop("tkg:events")
_AFFECTED = prop("tkg:affected")
_AT_RISK = prop("tkg:atRisk")


def add_adverse_events(draft: Draft, module: AdverseEvents, arms: Sequence[Arm]) -> None:
    """Statements on adverse events; none when the record reports none and says nothing of how they were sought."""
    if module == AdverseEvents():
        return
    node = f"<{draft.iri}/result/adverse-events>"
    draft.statements += ((draft.study, _REPORT, node), (node, RDF_TYPE, _REPORT_CLASS))
    add_number(draft, node, _THRESHOLD, module.frequency_threshold)
    draft.text(node, _TIME_FRAME, module.time_frame)
    draft.text(node, _DESCRIPTION, module.description)
    draft.text(node, _MORTALITY_COMMENT, module.all_cause_mortality_comment)
    groups = add_groups(draft, node, "result/adverse-events", module.event_groups, arms)
    for number, group in enumerate(module.event_groups, 1):
        term = draft.part("result/adverse-events/group", number)
        for name, field, predicate in _TOTALS:
            draft.count(term, predicate, getattr(group, name), f"{_MODULE}eventGroups[].{field}")
    _add_events(draft, "serious", module.serious_events, groups)
    _add_events(draft, "other", module.other_events, groups)


def _add_events(draft: Draft, kind: str, events: Sequence[AdverseEvent], groups: Groups) -> None:
    statements = draft.statements
    field = f"{_MODULE}{kind}Events[]."
    affected, at_risk, events_of = (f"{field}stats[].{name}" for name in ("numAffected", "numAtRisk", "numEvents"))
    for number, event in enumerate(events, 1):
        node = draft.part(f"result/adverse-event/{kind}", number)
        statements += ((draft.study, _EVENT, node), (node, RDF_TYPE, _EVENT_CLASS))
        draft.text(node, LABEL, event.term)
        draft.code(node, _SERIOUSNESS, "seriousness", kind)
        draft.text(node, _ORGAN_SYSTEM, event.organ_system)
        draft.text(node, _SOURCE_VOCABULARY, event.source_vocabulary)
        draft.code(node, _ASSESSMENT, "event-assessment", event.assessment_type, field + "assessmentType")
        draft.text(node, COMMENT, event.notes)
        place = node[:-1]
        for count, stats in enumerate(event.stats, 1):
            term = f"{place}/count/{count}>"
            statements += ((node, _COUNT, term), (term, RDF_TYPE, _COUNT_CLASS))
            in_group(draft, term, groups, stats.group_id, field + "stats[].groupId")
            draft.count(term, _AFFECTED, stats.num_affected, affected)
            draft.count(term, _AT_RISK, stats.num_at_risk, at_risk)
            draft.count(term, _EVENTS, stats.num_events, events_of)
