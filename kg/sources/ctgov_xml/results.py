"""``clinical_results`` of legacy XML: participant flow, baseline characteristics, outcome measures."""

from __future__ import annotations

import re

from kg.sources.ctgov_xml.elements import Element
from kg.sources.ctgov_xml.values import coded, flag, group_id, group_ids, prose
from kg.sources.dates import iso_date
from kg.sources.registry_words import enum_value
from kg.study import (
    Achievement,
    Analysis,
    Baseline,
    BaselineMeasure,
    Category,
    Count,
    Denominator,
    DropWithdraw,
    Flow,
    Group,
    MeasureClass,
    Measurement,
    Milestone,
    OutcomeMeasures,
    OutcomeResult,
    Period,
)

__all__ = ["baseline", "flow", "groups", "outcome_results"]

_MONTH = re.compile(r"([0-9]{1,2})/([0-9]{4})")
# Until 2016 the number of participants was a measure of its own, before the one that it is about.
_UNITS = "Participants"
_PARTICIPANTS = "Number of Participants"


def flow(results: Element) -> Flow:
    """``participantFlowModule``."""
    part = results.first("participant_flow")
    periods = []
    for period in part.all("period_list", "period"):
        milestones = [
            Milestone(
                type=milestone.text("title"),
                comment=prose(milestone, "description"),
                achievements=_achievements(milestone),
            )
            for milestone in period.all("milestone_list", "milestone")
        ]
        reasons = [
            DropWithdraw(type=reason.text("title"), comment=prose(reason, "description"), reasons=_achievements(reason))
            for reason in period.all("drop_withdraw_reason_list", "drop_withdraw_reason")
        ]
        periods.append(Period(title=period.text("title"), milestones=milestones, drop_withdraws=reasons))
    return Flow(
        pre_assignment_details=prose(part, "pre_assignment_details"),
        recruitment_details=prose(part, "recruitment_details"),
        type_units_analyzed=part.text("units_analyzed"),
        groups=groups(part),
        periods=periods,
    )


def groups(part: Element) -> list[Group]:
    """The groups of a table, under the ids by which its cells name them."""
    return [
        Group(id=group_id(group), title=group.text("title"), description=prose(group, "description"))
        for group in part.all("group_list", "group")
    ]


def _achievements(part: Element) -> list[Achievement]:
    return [
        Achievement(
            group_id=group_id(cell),
            comment=prose(cell),
            num_subjects=cell.attribute("count"),
            num_units=cell.attribute("units"),
        )
        for cell in part.all("participants_list", "participants")
    ]


def baseline(results: Element) -> Baseline:
    """``baselineCharacteristicsModule``."""
    part = results.first("baseline")
    denoms = _denoms(part)
    measures = []
    for measure in part.all("measure_list", "measure"):
        if not denoms and _counts_participants(measure):
            denoms = _counted(measure)
        else:
            measures.append(_baseline_measure(measure))
    return Baseline(
        population_description=prose(part, "population"),
        type_units_analyzed=part.text("units_analyzed"),
        groups=groups(part),
        denoms=denoms,
        measures=measures,
    )


def _baseline_measure(part: Element) -> BaselineMeasure:
    return BaselineMeasure(
        title=part.text("title"),
        description=prose(part, "description"),
        population_description=prose(part, "population"),
        param_type=coded("MeasureParam", part.text("param")),
        dispersion_type=coded("MeasureDispersionType", part.text("dispersion")),
        unit_of_measure=part.text("units"),
        denom_units_selected=part.text("units_analyzed"),
        denoms=_denoms(part),
        classes=_classes(part),
    )


def outcome_results(results: Element) -> OutcomeMeasures:
    """``outcomeMeasuresModule``."""
    return OutcomeMeasures(outcome_measures=[_outcome(part) for part in results.all("outcome_list", "outcome")])


def _outcome(part: Element) -> OutcomeResult:
    measures = part.all("measure") or part.all("measure_list", "measure")
    counted = [] if part.first("measure") else [measure for measure in measures if _counts_participants(measure)][:1]
    measured = [measure for measure in measures if measure not in counted]
    measure = measured[0] if measured else part.first("measure")
    for more in measured[1:]:
        more.note(f"an outcome has a second measure, which no field takes: {more.text('title')!r}")
    posted = part.text("posting_date")
    denoms = _counted(counted[0]) if counted else _denoms(measure)
    outcome = OutcomeResult(
        type=coded("OutcomeMeasureType", part.text("type")),
        title=part.text("title"),
        description=prose(part, "description"),
        time_frame=part.text("time_frame"),
        population_description=prose(part, "population"),
        reporting_status="POSTED" if measures else "NOT_POSTED",
        anticipated_posting_date=_month(posted) if posted else None,
        param_type=coded("MeasureParam", measure.text("param")),
        dispersion_type=measure.text("dispersion"),  # in words, as in API v2
        unit_of_measure=measure.text("units"),
        type_units_analyzed=next((each.units for each in denoms if each.units != _UNITS), None),
        denom_units_selected=measure.text("units_analyzed"),
        groups=groups(part),
        denoms=denoms,
        classes=_classes(measure),
        analyses=[_analysis(analysis) for analysis in part.all("analysis_list", "analysis")],
    )
    for field, twice in (
        ("title", measure.text("title")),
        ("description", prose(measure, "description")),
        ("population", prose(measure, "population")),
    ):
        said = outcome.population_description if field == "population" else getattr(outcome, field)
        if twice and twice != said:
            measure.note(f"the {field} of an outcome's measure is not that of the outcome: {twice!r}")
    return outcome


def _month(text: str) -> str:
    found = _MONTH.fullmatch(text)
    return f"{found[2]}-{found[1]:0>2}" if found else iso_date(text) or text


def _counts_participants(measure: Element) -> bool:
    return measure.text("title") == _PARTICIPANTS and bool(measure.first("category_list"))


def _counted(measure: Element) -> list[Denominator]:
    counts = [
        Count(group_id=group_id(cell), value=cell.attribute("value"))
        for category in measure.all("category_list", "category")
        for cell in category.all("measurement_list", "measurement")
    ]
    measure.text("units"), measure.text("param")
    return [Denominator(units=_UNITS, counts=counts)]


def _denoms(part: Element) -> list[Denominator]:
    found = []
    for analyzed in part.all("analyzed_list", "analyzed"):
        analyzed.text("scope")  # where it stands says it
        counts = [
            Count(group_id=group_id(cell), value=cell.attribute("value"))
            for cell in analyzed.all("count_list", "count")
        ]
        found.append(Denominator(units=analyzed.text("units"), counts=counts))
    return found


def _classes(measure: Element) -> list[MeasureClass]:
    if measure.first("category_list"):  # before 2017 there were no classes
        return [MeasureClass(categories=_categories(measure))]
    return [
        MeasureClass(title=part.text("title"), denoms=_denoms(part), categories=_categories(part))
        for part in measure.all("class_list", "class")
    ]


def _categories(part: Element) -> list[Category]:
    return [
        Category(
            title=category.text("title") or category.text("sub_title"),
            measurements=[
                Measurement(
                    group_id=group_id(cell),
                    value=cell.attribute("value"),
                    spread=cell.attribute("spread"),
                    lower_limit=cell.attribute("lower_limit"),
                    upper_limit=cell.attribute("upper_limit"),
                    comment=prose(cell),
                )
                for cell in category.all("measurement_list", "measurement")
            ],
        )
        for category in part.all("category_list", "category")
    ]


def _analysis(part: Element) -> Analysis:
    kind = part.text("non_inferiority_type")
    return Analysis(
        param_type=part.text("param_type"),
        param_value=part.text("param_value"),
        dispersion_type=coded("AnalysisDispersionType", part.text("dispersion_type")),
        dispersion_value=part.text("dispersion_value"),
        statistical_method=part.text("method"),
        statistical_comment=prose(part, "method_desc"),
        p_value=part.text("p_value"),
        p_value_comment=prose(part, "p_value_desc"),
        ci_num_sides=coded("ConfidenceIntervalNumSides", part.text("ci_n_sides")),
        ci_pct_value=part.text("ci_percent"),
        ci_lower_limit=part.text("ci_lower_limit"),
        ci_upper_limit=part.text("ci_upper_limit"),
        ci_lower_limit_comment=prose(part, "ci_lower_limit_na_comment"),
        ci_upper_limit_comment=prose(part, "ci_upper_limit_na_comment"),
        estimate_comment=prose(part, "estimate_desc"),
        tested_non_inferiority=flag(part, "non_inferiority"),
        non_inferiority_type=enum_value("NonInferiorityType", kind) if kind else None,
        non_inferiority_comment=prose(part, "non_inferiority_desc"),
        other_analysis_description=prose(part, "other_analysis_desc"),
        group_description=prose(part, "groups_desc"),
        group_ids=group_ids(part.texts("group_id_list", "group_id")),
    )
