"""``resultsSection``: what came out of a study, as the registry gives it.

Numbers of participants, measured values and limits are strings there, since registrants write "NA" and "<0.001" too.
"""

from __future__ import annotations

import msgspec

from kg.study.part import Part

__all__ = [
    "Achievement",
    "AdverseEvent",
    "AdverseEvents",
    "Agreement",
    "Analysis",
    "Baseline",
    "BaselineMeasure",
    "Category",
    "Count",
    "Denominator",
    "DropWithdraw",
    "EventGroup",
    "EventStats",
    "Flow",
    "Group",
    "Limitations",
    "MeasureClass",
    "Measurement",
    "Milestone",
    "MoreInfo",
    "OutcomeMeasures",
    "OutcomeResult",
    "Period",
    "PointOfContact",
    "Results",
]


class Group(Part):
    """Participants that are reported together; ``id`` holds within one table."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


class Achievement(Part):
    """How many of a group reached a milestone, or left for a reason."""

    group_id: str | None = None
    comment: str | None = None
    num_subjects: str | None = None
    num_units: str | None = None


class Milestone(Part):
    """A point of a period: started, completed, or one of the registrant's own."""

    type: str | None = None
    comment: str | None = None
    achievements: list[Achievement] = []


class DropWithdraw(Part):
    """A reason for leaving a period."""

    type: str | None = None
    comment: str | None = None
    reasons: list[Achievement] = []


class Period(Part):
    """A period of the participant flow."""

    title: str | None = None
    milestones: list[Milestone] = []
    drop_withdraws: list[DropWithdraw] = []


class Flow(Part):
    """``participantFlowModule``."""

    pre_assignment_details: str | None = None
    recruitment_details: str | None = None
    type_units_analyzed: str | None = None
    groups: list[Group] = []
    periods: list[Period] = []


class Count(Part):
    """A number of units in a group."""

    group_id: str | None = None
    value: str | None = None


class Denominator(Part):
    """How many participants, or other units, of each group were analyzed."""

    units: str | None = None
    counts: list[Count] = []


class Measurement(Part):
    """What was measured in a group."""

    group_id: str | None = None
    value: str | None = None
    spread: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    comment: str | None = None


class Category(Part):
    """A row of a measure."""

    title: str | None = None
    measurements: list[Measurement] = []


class MeasureClass(Part):
    """Rows of a measure that belong together, as those of one visit."""

    title: str | None = None
    denoms: list[Denominator] = []
    categories: list[Category] = []


class _Measure(Part):
    """What baseline measures and outcome measures share."""

    title: str | None = None
    description: str | None = None
    population_description: str | None = None
    param_type: str | None = None
    dispersion_type: str | None = None
    unit_of_measure: str | None = None
    calculate_pct: bool | None = None
    denom_units_selected: str | None = None
    denoms: list[Denominator] = []
    classes: list[MeasureClass] = []


class BaselineMeasure(_Measure):
    """A baseline characteristic."""


class Baseline(Part):
    """``baselineCharacteristicsModule``."""

    population_description: str | None = None
    type_units_analyzed: str | None = None
    groups: list[Group] = []
    denoms: list[Denominator] = []
    measures: list[BaselineMeasure] = []


class Analysis(Part):
    """A statistical analysis of an outcome."""

    param_type: str | None = None
    param_value: str | None = None
    dispersion_type: str | None = None
    dispersion_value: str | None = None
    statistical_method: str | None = None
    statistical_comment: str | None = None
    p_value: str | None = None
    p_value_comment: str | None = None
    ci_num_sides: str | None = None
    ci_pct_value: str | None = None
    ci_lower_limit: str | None = None
    ci_upper_limit: str | None = None
    ci_lower_limit_comment: str | None = None
    ci_upper_limit_comment: str | None = None
    estimate_comment: str | None = None
    tested_non_inferiority: bool | None = None
    non_inferiority_type: str | None = None
    non_inferiority_comment: str | None = None
    other_analysis_description: str | None = None
    group_description: str | None = None
    group_ids: list[str] = []


class OutcomeResult(_Measure):
    """An outcome measure with its results."""

    type: str | None = None
    reporting_status: str | None = None
    anticipated_posting_date: str | None = None
    time_frame: str | None = None
    type_units_analyzed: str | None = None
    groups: list[Group] = []
    analyses: list[Analysis] = []


class OutcomeMeasures(Part):
    """``outcomeMeasuresModule``."""

    outcome_measures: list[OutcomeResult] = []


class EventGroup(Group):
    """A group of the adverse event tables, with its totals."""

    deaths_num_affected: int | None = None
    deaths_num_at_risk: int | None = None
    serious_num_affected: int | None = None
    serious_num_at_risk: int | None = None
    other_num_affected: int | None = None
    other_num_at_risk: int | None = None


class EventStats(Part):
    """How often an event occurred in a group: events, participants affected, participants at risk."""

    group_id: str | None = None
    num_events: int | None = None
    num_affected: int | None = None
    num_at_risk: int | None = None


class AdverseEvent(Part):
    """A row of the adverse event tables."""

    term: str | None = None
    organ_system: str | None = None
    source_vocabulary: str | None = None
    assessment_type: str | None = None
    notes: str | None = None
    stats: list[EventStats] = []


class AdverseEvents(Part):
    """``adverseEventsModule``."""

    frequency_threshold: str | None = None
    time_frame: str | None = None
    description: str | None = None
    all_cause_mortality_comment: str | None = None
    event_groups: list[EventGroup] = []
    serious_events: list[AdverseEvent] = []
    other_events: list[AdverseEvent] = []


class Limitations(Part):
    """What limits the results, in the registrant's words."""

    description: str | None = None


class Agreement(Part):
    """What the sponsor and the investigators agreed on publishing."""

    pi_sponsor_employee: bool | None = None
    restriction_type: str | None = None
    restrictive_agreement: bool | None = None
    other_details: str | None = None


class PointOfContact(Part):
    """Whom to ask about the results."""

    title: str | None = None
    organization: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_ext: str | None = None


class MoreInfo(Part):
    """``moreInfoModule``."""

    limitations_and_caveats: Limitations | None = None
    certain_agreement: Agreement | None = None
    point_of_contact: PointOfContact | None = None


class Results(Part):
    """``resultsSection``."""

    participant_flow_module: Flow = msgspec.field(default_factory=Flow)
    baseline_characteristics_module: Baseline = msgspec.field(default_factory=Baseline)
    outcome_measures_module: OutcomeMeasures = msgspec.field(default_factory=OutcomeMeasures)
    adverse_events_module: AdverseEvents = msgspec.field(default_factory=AdverseEvents)
    more_info_module: MoreInfo = msgspec.field(default_factory=MoreInfo)
