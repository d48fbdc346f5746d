"""The study results of a classic page."""

from __future__ import annotations

from kg.study import Study
from tests.sources.classic_events import events_rows
from tests.sources.classic_measures import analysis_rows, counts_rows, groups_rows, measure_rows
from tests.sources.classic_values import (
    day,
    design_lines,
    flat,
    intervention_lines,
    number_lines,
    party,
    study_type,
    when,
    word,
    words,
)
from tests.sources.classic_writing import Element, Heading, Paragraph, row

__all__ = ["results"]


def results(study: Study) -> list[Element]:
    section = study.results_section
    assert section is not None
    p = study.protocol_section
    out: list[Element] = [*row("Study Type", study_type(study)), *row("Study Design", "; ".join(design_lines(study)))]
    out += row("Conditions", p.conditions_module.conditions) + row("Interventions", intervention_lines(study))
    if p.design_module.enrollment_info and p.design_module.enrollment_info.count is not None:
        out += row("Enrollment", str(p.design_module.enrollment_info.count))
    flow = section.participant_flow_module
    out += [Heading("Participant Flow")]
    out += row("Recruitment Details", flat(flow.recruitment_details))
    out += row("Pre-assignment Details", flat(flow.pre_assignment_details))
    out += row("Type of Units Analyzed", flow.type_units_analyzed)
    out += groups_rows(flow.groups)
    for period in flow.periods:
        out += [Paragraph(f"Period Title: {period.title}")]
        notes: list[str] = []
        for label, achieved in (
            *(
                (words(stone.type) if stone.type in _STONES else stone.type, stone.achievements)
                for stone in period.milestones
            ),
            ("Reason Not Completed", None),
            *((drop.type, drop.reasons) for drop in period.drop_withdraws),
        ):
            if achieved is None:
                out += [Paragraph(label or "")] if period.drop_withdraws else []
                continue
            values = {}
            for one in achieved:
                if one.comment:
                    notes.append(" ".join(one.comment.split()))
                values[one.group_id] = (one.num_subjects or "") + (f" [{len(notes)}]" if one.comment else "")
            out += row(label or "", *(values.get(group.id, "") for group in flow.groups))
        out += [Paragraph(f"[{at}] {note}") for at, note in enumerate(notes, 1)]
    base = section.baseline_characteristics_module
    out += [Heading("Baseline Characteristics"), *groups_rows(base.groups)]
    for denominator in base.denoms:
        out += counts_rows(f"Overall Number of Baseline {denominator.units}", denominator, base.groups)
    out += row("Baseline Analysis Population Description", flat(base.population_description))
    for measure in base.measures:
        out += measure_rows(measure, base.groups, measure.title or "")
    if section.outcome_measures_module.outcome_measures:
        out += [Heading("Outcome Measures")]
    for at, outcome in enumerate(section.outcome_measures_module.outcome_measures, 1):
        out += [Paragraph(f"{at}. {word(outcome.type)} Outcome"), *row("Title", flat(outcome.title))]
        out += row("Description", flat(outcome.description)) + row("Time Frame", flat(outcome.time_frame))
        out += row("Analysis Population Description", flat(outcome.population_description))
        out += row("Anticipated Posting Date", outcome.anticipated_posting_date)
        out += [Paragraph("Outcome Measure Data"), *groups_rows(outcome.groups)]
        for denominator in outcome.denoms:
            if denominator.units == "Participants":
                label = "Overall Number of Participants Analyzed"
            else:
                label = f"Overall Number of Units Analyzed Type of Units Analyzed: {denominator.units}"
            out += counts_rows(label, denominator, outcome.groups)
        if outcome.classes:
            out += measure_rows(outcome, outcome.groups, "")
        for number, analysis in enumerate(outcome.analyses, 1):
            out += analysis_rows(number, analysis, outcome.groups)
    out += events_rows(study) + _more(study)
    return out


_STONES = ("STARTED", "COMPLETED", "NOT COMPLETED")


def _more(study: Study) -> list[Element]:
    assert study.results_section is not None
    module = study.results_section.more_info_module
    out: list[Element] = []
    if module.limitations_and_caveats and module.limitations_and_caveats.description:
        out += [
            Heading("Limitations and Caveats"),
            Paragraph(" ".join(module.limitations_and_caveats.description.split())),
        ]
    out += [Heading("More Information")]
    agreement = module.certain_agreement
    if agreement:
        out += [Heading("Certain Agreements")]
        who = "ARE" if agreement.pi_sponsor_employee else "are NOT"
        if agreement.pi_sponsor_employee is not None:
            out += [Paragraph(f"Principal Investigators {who} employed by the organization sponsoring the study.")]
        if agreement.restrictive_agreement is not None:
            is_ = "IS" if agreement.restrictive_agreement else "IS NOT"
            out += [Paragraph(f"There {is_} an agreement between Principal Investigators and the Sponsor.")]
        sentence = {
            "LTE60": "The sponsor can embargo communications for a period that is less than or equal to 60 days.",
            "GT60": "The sponsor can embargo communications for a period that is more than 60 days.",
            "OTHER": "Restriction Type: Other",
        }.get(agreement.restriction_type or "")
        out += [Paragraph(sentence)] if sentence else []
        if agreement.other_details:
            out += [Paragraph(f"Restriction Description: {' '.join(agreement.other_details.split())}")]
    contact = module.point_of_contact
    if contact:
        out += [Heading("Results Point of Contact"), Paragraph(f"Name/Title: {contact.title}")]
        out += [
            Paragraph(f"Organization: {contact.organization}"),
            Paragraph("Phone: 555-0100"),
            Paragraph("EMail: a@b.example"),
        ]
    status = study.protocol_section.status_module
    out += row("Responsible Party:", party(study)) + row("ClinicalTrials.gov Identifier:", study.nct_id)
    out += row("Other Study ID Numbers:", number_lines(study))
    for label, text in (
        ("First Submitted:", day(status.study_first_submit_date)),
        ("First Posted:", when(status.study_first_post_date_struct)),
        ("Results First Submitted:", day(status.results_first_submit_date)),
        ("Results First Posted:", when(status.results_first_post_date_struct)),
        ("Last Update Posted:", when(status.last_update_post_date_struct)),
    ):
        out += row(label, text)
    return out
