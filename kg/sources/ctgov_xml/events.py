"""``clinical_results`` of legacy XML: adverse events, agreements, and whom to ask."""

from __future__ import annotations

from typing import NamedTuple

from kg.sources.ctgov_xml.elements import Element
from kg.sources.ctgov_xml.results import groups
from kg.sources.ctgov_xml.values import coded, count, group_id, prose
from kg.study import (
    AdverseEvent,
    AdverseEvents,
    Agreement,
    EventGroup,
    EventStats,
    Limitations,
    MoreInfo,
    PointOfContact,
)

__all__ = ["adverse_events", "more_info"]

# The totals stand among the organ systems, as events of a system "Total".
_TOTALS = {
    "Total, serious adverse events": "serious",
    "Total, other adverse events": "other",
    "Total, all-cause mortality": "deaths",
}
_EMPLOYED = {
    "All Principal Investigators ARE employed by the organization sponsoring the study.": True,
    "Principal Investigators are NOT employed by the organization sponsoring the study.": False,
}
_UNRESTRICTED = (
    "There is NOT an agreement between Principal Investigators and the Sponsor (or its agents) that restricts"
)
_RESTRICTED = "There IS an agreement between Principal Investigators and the Sponsor (or its agents) that restricts"
_EMBARGO = (
    "The only disclosure restriction on the PI is that the sponsor can review results communications prior to public "
    "release and can embargo communications regarding trial results for a period that is "
)
_EMBARGOES = {
    "less than or equal to 60 days. ": "LTE60",
    "more than 60 days but less than or equal to 180 days. ": "GT60",
}


class _Total(NamedTuple):
    kind: str
    stats: list[EventStats]


def adverse_events(results: Element) -> AdverseEvents:
    """``adverseEventsModule``."""
    part = results.first("reported_events")
    serious, totals = _events(part.first("serious_events"))
    other, more = _events(part.first("other_events"))
    return AdverseEvents(
        frequency_threshold=part.text("other_events", "frequency_threshold"),
        time_frame=prose(part, "time_frame"),
        description=prose(part, "desc"),
        event_groups=_groups(part, totals + more),
        serious_events=serious,
        other_events=other,
    )


def _groups(part: Element, totals: list[_Total]) -> list[EventGroup]:
    found = [EventGroup(id=group.id, title=group.title, description=group.description) for group in groups(part)]
    by_id = {group.id: group for group in found}
    for kind, stats in totals:
        for numbers in stats:
            group = by_id.get(numbers.group_id)
            if group is None:
                part.note(f"a total of {kind} is of a group that is not listed: {numbers.group_id!r}")
            elif kind == "deaths":
                group.deaths_num_affected, group.deaths_num_at_risk = numbers.num_affected, numbers.num_at_risk
            elif kind == "serious":
                group.serious_num_affected, group.serious_num_at_risk = numbers.num_affected, numbers.num_at_risk
            else:
                group.other_num_affected, group.other_num_at_risk = numbers.num_affected, numbers.num_at_risk
            if group is not None and numbers.num_events is not None:
                part.note(f"no field takes the number of events in a total: {numbers.num_events}")
    return found


def _events(part: Element) -> tuple[list[AdverseEvent], list[_Total]]:
    """The rows of a table, and the totals among them."""
    vocabulary, assessment = part.text("default_vocab"), part.text("default_assessment")
    found: list[AdverseEvent] = []
    totals: list[_Total] = []
    for category in part.all("category_list", "category"):
        system = category.text("title")
        for event in category.all("event_list", "event"):
            term = event.first("sub_title")
            words = term.text()
            stats = [_stats(cell) for cell in event.all("counts")]
            kind = _TOTALS.get(words or "") if system == "Total" else None
            if kind:
                totals.append(_Total(kind, stats))
                continue
            found.append(
                AdverseEvent(
                    term=words,
                    organ_system=system,
                    source_vocabulary=term.attribute("vocab") or vocabulary,
                    assessment_type=coded("EventAssessment", event.text("assessment") or assessment),
                    notes=prose(event, "description"),
                    stats=stats,
                )
            )
    return found, totals


def _stats(cell: Element) -> EventStats:
    def number(name: str) -> int | None:
        return count(cell, f"{name} of an event", cell.attribute(name))

    return EventStats(
        group_id=group_id(cell),
        num_events=number("events"),
        num_affected=number("subjects_affected"),
        num_at_risk=number("subjects_at_risk"),
    )


def more_info(results: Element) -> MoreInfo:
    """``moreInfoModule``."""
    limits = prose(results, "limitations_and_caveats")
    agreements, contact = results.first("certain_agreements"), results.first("point_of_contact")
    phone, own_extension = contact.text("phone") or "", contact.text("phone_ext")
    number, _, extension = (phone, "", own_extension) if own_extension else phone.partition(" ext ")
    return MoreInfo(
        limitations_and_caveats=Limitations(description=limits) if limits else None,
        certain_agreement=_agreement(agreements) if agreements else None,
        point_of_contact=PointOfContact(
            title=contact.text("name_or_title"),
            organization=contact.text("organization"),
            email=contact.text("email"),
            phone=number or None,
            phone_ext=extension or None,
        )
        if contact
        else None,
    )


def _agreement(part: Element) -> Agreement:
    """What the sentences say that the files have for what was ticked; another sentence is the registrant's own."""
    employed = part.text("pi_employee")
    if employed and employed not in _EMPLOYED:
        part.note(f"pi_employee is not a sentence that is known: {employed!r}")
    agreement = Agreement(pi_sponsor_employee=_EMPLOYED.get(employed or ""))
    text = part.text("restrictive_agreement")
    if not text:
        return agreement
    agreement.restrictive_agreement = not text.startswith(_UNRESTRICTED)
    period = next((kind for words, kind in _EMBARGOES.items() if text.startswith(_EMBARGO + words)), None)
    if period:
        agreement.restriction_type = period
    elif not text.startswith((_UNRESTRICTED, _RESTRICTED)):
        agreement.restriction_type = "OTHER"
        agreement.other_details = prose(part, "restrictive_agreement")
    return agreement
