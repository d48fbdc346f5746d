"""The AACT tables of one study → its results."""

from __future__ import annotations

from kg.sources.aact.measures import baseline, outcome_measures
from kg.sources.aact.reading import Reading, gathered
from kg.sources.aact.store import Row
from kg.study import (
    Achievement,
    AdverseEvent,
    AdverseEvents,
    Agreement,
    DropWithdraw,
    EventGroup,
    EventStats,
    Flow,
    Group,
    Limitations,
    Milestone,
    MoreInfo,
    Period,
    PointOfContact,
    Results,
)

__all__ = ["results_of"]

_EMPTY = Results()


def results_of(reading: Reading, study: Row) -> Results | None:
    """The results of a study, None when it has none.

    Args:
        reading: its rows.
        study: its row of ``studies``.
    """
    groups: dict[str, list[Row]] = {}
    for row in reading.rows("result_groups"):
        groups.setdefault((row["result_type"] or "").lower(), []).append(row)
    known = {kind: groups.pop(kind, []) for kind in ("participant flow", "baseline", "outcome", "reported event")}
    for kind, unknown in groups.items():
        reading.notes.append(f"result_type is not known: '{kind}' ({len(unknown)} groups left out)")
    results = Results(
        participant_flow_module=_flow(reading, known["participant flow"]),
        baseline_characteristics_module=baseline(reading, study, known["baseline"]),
        outcome_measures_module=outcome_measures(reading, known["outcome"]),
        adverse_events_module=_events(reading, known["reported event"]),
        more_info_module=_more(reading, study),
    )
    return results if results != _EMPTY else None


def _flow(reading: Reading, groups: list[Row]) -> Flow:
    row = reading.one("participant_flows")
    periods: dict[str | None, Period] = {}
    for rows in gathered(reading.rows("milestones"), "period", "title", "milestone_description"):
        milestone = Milestone(
            type=rows[0]["title"],
            comment=rows[0]["milestone_description"],
            achievements=[_achievement(one, one["description"]) for one in rows],
        )
        _period(periods, rows[0]["period"]).milestones.append(milestone)
    for rows in gathered(reading.rows("drop_withdrawals"), "period", "reason", "drop_withdraw_comment"):
        reason = DropWithdraw(
            type=rows[0]["reason"],
            comment=rows[0]["drop_withdraw_comment"],
            reasons=[_achievement(one, one["reason_comment"]) for one in rows],
        )
        _period(periods, rows[0]["period"]).drop_withdraws.append(reason)
    return Flow(
        pre_assignment_details=row["pre_assignment_details"] if row else None,
        recruitment_details=row["recruitment_details"] if row else None,
        type_units_analyzed=row["units_analyzed"] if row else None,
        groups=[
            Group(id=one["ctgov_group_code"], title=one["title"], description=one["description"]) for one in groups
        ],
        periods=list(periods.values()),
    )


def _period(periods: dict[str | None, Period], title: str | None) -> Period:
    if title not in periods:
        periods[title] = Period(title=title, milestones=[], drop_withdraws=[])
    return periods[title]


def _achievement(row: Row, comment: str | None) -> Achievement:
    return Achievement(
        group_id=row["ctgov_group_code"], comment=comment, num_subjects=row["count"], num_units=row["count_units"]
    )


def _events(reading: Reading, groups: list[Row]) -> AdverseEvents:
    rows = reading.rows("reported_events")
    totals: dict[tuple[str | None, str], Row] = {}
    ids = {group["ctgov_group_code"] for group in groups}
    for row in reading.rows("reported_event_totals"):
        code, kind = row["ctgov_group_code"], _total(row)
        if code not in ids:
            reading.notes.append(f"reported_event_totals: the {kind} of a group that is not there: '{code}' (left out)")
        elif (code, kind) in totals:
            reading.notes.append(f"reported_event_totals: the {kind} of the group '{code}' twice (the last one counts)")
        totals[code, kind] = row
    events: dict[str, list[AdverseEvent]] = {"serious": [], "other": []}
    for same in gathered(rows, "event_type", "adverse_event_term", "organ_system", "vocab", "assessment"):
        kind = (same[0]["event_type"] or "").lower()
        if kind not in events:
            reading.notes.append(f"event_type is not known: '{kind}' (taken for other)")
        events.get(kind, events["other"]).append(_event(reading, same))
    first = rows[0] if rows else None
    return AdverseEvents(
        frequency_threshold=first["frequency_threshold"] if first else None,
        time_frame=first["time_frame"] if first else None,
        description=first["description"] if first else None,
        event_groups=[_event_group(reading, group, totals) for group in groups],
        serious_events=events["serious"],
        other_events=events["other"],
    )


def _total(row: Row) -> str:
    """Which total a row is; older exports say it only in ``classification``."""
    words = f"{row['event_type'] or ''} {row['classification'] or ''}".lower()
    if "death" in words or "mortality" in words:
        return "deaths"
    return "serious" if "serious" in words and "other" not in words else "other"


def _event_group(reading: Reading, group: Row, totals: dict[tuple[str | None, str], Row]) -> EventGroup:
    counts = {
        f"{kind}_num_{name}": reading.whole(total, column)
        for kind in ("deaths", "serious", "other")
        if (total := totals.get((group["ctgov_group_code"], kind)))
        for name, column in (("affected", "subjects_affected"), ("at_risk", "subjects_at_risk"))
    }
    return EventGroup(id=group["ctgov_group_code"], title=group["title"], description=group["description"], **counts)


def _event(reading: Reading, rows: list[Row]) -> AdverseEvent:
    row = rows[0]
    return AdverseEvent(
        term=row["adverse_event_term"],
        organ_system=row["organ_system"],
        source_vocabulary=row["vocab"] or row["default_vocab"],
        assessment_type=reading.word(
            row, "assessment" if row["assessment"] else "default_assessment", "EventAssessment"
        ),
        stats=[
            EventStats(
                group_id=one["ctgov_group_code"],
                num_events=reading.whole(one, "event_count"),
                num_affected=reading.whole(one, "subjects_affected"),
                num_at_risk=reading.whole(one, "subjects_at_risk"),
            )
            for one in rows
        ],
    )


def _more(reading: Reading, study: Row) -> MoreInfo:
    agreement = reading.one("result_agreements")
    contact = reading.one("result_contacts")
    return MoreInfo(
        limitations_and_caveats=Limitations(description=study["limitations_and_caveats"])
        if study["limitations_and_caveats"]
        else None,
        certain_agreement=Agreement(
            pi_sponsor_employee=reading.truth(agreement, "pi_employee"),
            restriction_type=reading.word(agreement, "restriction_type", "AgreementRestrictionType"),
            restrictive_agreement=reading.truth(agreement, "restrictive_agreement"),
            # Exports before 2020 have the agreement itself in a column of its own.
            other_details=agreement["other_details"] or agreement["agreement"],
        )
        if agreement
        else None,
        point_of_contact=PointOfContact(
            title=contact["name"],
            organization=contact["organization"],
            email=contact["email"],
            phone=contact["phone"],
            phone_ext=contact["extension"],
        )
        if contact
        else None,
    )
