"""Adverse events in the results of a classic page."""

from __future__ import annotations

from collections.abc import Sequence

from kg.study import AdverseEvent, Group, Study
from tests.sources.classic_measures import groups_rows
from tests.sources.classic_values import flat
from tests.sources.classic_writing import Element, Heading, Paragraph, Row, row

__all__ = ["events_rows"]


def events_rows(study: Study) -> list[Element]:
    assert study.results_section is not None
    module = study.results_section.adverse_events_module
    groups = module.event_groups
    if not groups:
        return []
    out: list[Element] = [Heading("Adverse Events"), *row("Time Frame", flat(module.time_frame))]
    out += row("Adverse Event Reporting Description", flat(module.description))
    out += [*groups_rows(groups), Heading("All-Cause Mortality")]
    titles = [group.title or "" for group in groups]
    out += row("", *titles) + row("", *("Affected / at Risk (%)" for _ in groups))
    out += row("Total", *(_affected(group.deaths_num_affected, group.deaths_num_at_risk) for group in groups))
    for name, events, totals in (
        (
            "Serious Adverse Events",
            module.serious_events,
            [(g.serious_num_affected, g.serious_num_at_risk) for g in groups],
        ),
        (
            "Other (Not Including Serious) Adverse Events",
            module.other_events,
            [(g.other_num_affected, g.other_num_at_risk) for g in groups],
        ),
    ):
        out += [Heading(name)]
        if name.startswith("Other"):
            threshold = module.frequency_threshold
            out += row("Frequency Threshold for Reporting Other Adverse Events", f"{threshold}%" if threshold else None)
        out += row("", *(cell for title in titles for cell in (title, "")))
        out += row("", *(cell for _ in groups for cell in ("Affected / at Risk (%)", "# Events")))
        out += row("Total", *(cell for one in totals for cell in (_affected(*one), "")))
        out += _term_rows(events, groups)
    return out


def _term_rows(events: Sequence[AdverseEvent], groups: Sequence[Group]) -> list[Element]:
    out: list[Element] = []
    vocabularies: list[str] = []
    notes: list[str] = []
    system = None
    for event in events:
        if event.organ_system != system:
            system = event.organ_system
            out += [Row(([system or ""],))]
        mark = {"SYSTEMATIC_ASSESSMENT": " †", "NON_SYSTEMATIC_ASSESSMENT": " *"}.get(event.assessment_type or "", "")
        label = (event.term or "") + mark
        if event.source_vocabulary:
            if event.source_vocabulary not in vocabularies:
                vocabularies.append(event.source_vocabulary)
            label += f" {vocabularies.index(event.source_vocabulary) + 1}"
        if event.notes:
            notes.append(" ".join(event.notes.split()))
            label += f" [{len(notes)}]"
        stats = {one.group_id: one for one in event.stats}
        cells: list[str] = []
        for group in groups:
            one = stats.get(group.id)
            cells.append(_affected(one.num_affected, one.num_at_risk) if one else "")
            cells.append(str(one.num_events) if one and one.num_events is not None else "")
        out += row(label, *cells)
    if events:
        out += [Paragraph("† Indicates events were collected by systematic assessment")]
    out += [Paragraph(f"{at} Term from vocabulary, {name}") for at, name in enumerate(vocabularies, 1)]
    return out + [Paragraph(f"[{at}] {note}") for at, note in enumerate(notes, 1)]


def _affected(affected: int | None, at_risk: int | None) -> str:
    if affected is None and at_risk is None:
        return ""
    share = f" ({100 * affected / at_risk:.2f}%)" if affected is not None and at_risk else ""
    return f"{'--' if affected is None else affected}/{'--' if at_risk is None else at_risk}{share}"
