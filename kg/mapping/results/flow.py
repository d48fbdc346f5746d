"""Participant flow: how many started, completed and left each period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.results.groups import COMMENT, Groups, add_groups, in_group
from kg.mapping.results.numbers import add_whole
from kg.study import Achievement, Arm, DropWithdraw, Flow, Milestone
from kg.terms import RDF_TYPE

__all__ = ["add_flow"]

_MODULE: Final = "resultsSection.participantFlowModule."
_FLOW = prop("tkg:participantFlow")
_FLOW_CLASS = prop("tkg:ParticipantFlow")
_PRE_ASSIGNMENT = prop("tkg:preAssignmentDetails")
_RECRUITMENT = prop("tkg:recruitmentDetails")
_UNITS_ANALYZED = prop("tkg:unitsAnalyzed")
_PERIOD = prop("tkg:period")
_PERIOD_CLASS = prop("tkg:FlowPeriod")
_MILESTONE = prop("tkg:milestone")
_MILESTONE_CLASS = prop("tkg:Milestone")
_REASON = prop("tkg:withdrawalReason")
_REASON_CLASS = prop("tkg:WithdrawalReason")
_COUNT = prop("tkg:participantCount")
_COUNT_CLASS = prop("tkg:ParticipantCount")
_PARTICIPANTS = prop("tkg:participants")
_UNITS = prop("tkg:units")


def add_flow(draft: Draft, module: Flow, arms: Sequence[Arm]) -> None:
    """Statements on the participant flow; none when the record has none."""
    if module == Flow():
        return
    node = f"<{draft.iri}/result/flow>"
    draft.statements += ((draft.study, _FLOW, node), (node, RDF_TYPE, _FLOW_CLASS))
    draft.text(node, _PRE_ASSIGNMENT, module.pre_assignment_details)
    draft.text(node, _RECRUITMENT, module.recruitment_details)
    draft.text(node, _UNITS_ANALYZED, module.type_units_analyzed)
    groups = add_groups(draft, node, "result/flow", module.groups, arms)
    for number, period in enumerate(module.periods, 1):
        part = draft.part("result/flow/period", number)
        draft.statements += ((node, _PERIOD, part), (part, RDF_TYPE, _PERIOD_CLASS))
        draft.text(part, LABEL, period.title)
        for count, milestone in enumerate(period.milestones, 1):
            place = f"{part[:-1]}/milestone/{count}>"
            draft.statements += ((part, _MILESTONE, place), (place, RDF_TYPE, _MILESTONE_CLASS))
            _add_row(draft, place, milestone, milestone.achievements, groups, "milestones[].achievements[].")
        for count, reason in enumerate(period.drop_withdraws, 1):
            place = f"{part[:-1]}/withdrawal/{count}>"
            draft.statements += ((part, _REASON, place), (place, RDF_TYPE, _REASON_CLASS))
            _add_row(draft, place, reason, reason.reasons, groups, "dropWithdraws[].reasons[].")


def _add_row(
    draft: Draft,
    row: str,
    entry: Milestone | DropWithdraw,
    counts: Sequence[Achievement],
    groups: Groups,
    path: str,
) -> None:
    field = f"{_MODULE}periods[].{path}"
    draft.text(row, LABEL, entry.type)
    draft.text(row, COMMENT, entry.comment)
    for number, one in enumerate(counts, 1):
        node = f"{row[:-1]}/count/{number}>"
        draft.statements += ((row, _COUNT, node), (node, RDF_TYPE, _COUNT_CLASS))
        in_group(draft, node, groups, one.group_id, field + "groupId")
        add_whole(draft, node, _PARTICIPANTS, one.num_subjects, field + "numSubjects")
        add_whole(draft, node, _UNITS, one.num_units, field + "numUnits")
        draft.text(node, COMMENT, one.comment)
