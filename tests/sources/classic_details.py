"""The study details of a classic page."""

from __future__ import annotations

from kg.study import DateStruct, Study
from tests.sources.classic_values import (
    ages,
    arm_type,
    day,
    design_lines,
    elements,
    flags,
    flat,
    intervention_lines,
    kind,
    number_lines,
    outcome_items,
    party,
    phases,
    sharing,
    study_type,
    text_cell,
    when,
    word,
    words,
    yes,
)
from tests.sources.classic_writing import Element, Heading, Items, Paragraph, Row, row

__all__ = ["details"]


def details(study: Study) -> list[Element]:
    p = study.protocol_section
    design, status, eligibility = p.design_module, p.status_module, p.eligibility_module
    size = design.enrollment_info
    out: list[Element] = [Heading("Study Description"), Paragraph("Brief Summary:")]
    out += elements(text_cell(p.description_module.brief_summary))
    out += row("Condition or disease", "Intervention/treatment", "Phase")
    out += [Row((p.conditions_module.conditions, intervention_lines(study), phases(study)))]
    if p.description_module.detailed_description:
        out += [Paragraph("Detailed Description:"), *elements(text_cell(p.description_module.detailed_description))]
    out += [Heading("Study Design"), *row("Study Type :", study_type(study))]
    if size and size.count is not None:
        out += row(f"{kind(DateStruct(type=size.type))}Enrollment :", f"{size.count:,} participants")
    for line in design_lines(study):
        label, _, value = line.partition(": ")
        out += row(f"{label}:", value)
    out += row("Target Follow-Up Duration:", design.target_duration)
    out += row("Official Title:", p.identification_module.official_title)
    for label, struct in (
        ("Study Start Date :", status.start_date_struct),
        ("Primary Completion Date :", status.primary_completion_date_struct),
        ("Study Completion Date :", status.completion_date_struct),
    ):
        out += row(kind(struct) + label, when(struct))
    out += [Heading("Arms and Interventions"), *row("Arm", "Intervention/treatment")]
    by_name = {f"{word(one.type)}: {one.name}": one for one in p.arms_interventions_module.interventions}
    for arm in p.arms_interventions_module.arm_groups:
        label = f"{arm_type(arm.type)}{arm.label}"
        given: list[str] = []
        for name in arm.intervention_names:
            one = by_name.get(name)
            given += [name, *flat(one.description if one else None)]
            if one and one.other_names:
                given += [
                    f"Other Name{'s' if len(one.other_names) > 1 else ''}: {one.other_names[0]}",
                    *one.other_names[1:],
                ]
        out += [Row(([label, *flat(arm.description)], given))]
    out += [Heading("Outcome Measures")]
    for title, outcomes in (
        ("Primary Outcome Measures :", p.outcomes_module.primary_outcomes),
        ("Secondary Outcome Measures :", p.outcomes_module.secondary_outcomes),
        ("Other Outcome Measures:", p.outcomes_module.other_outcomes),
    ):
        if outcomes:
            out += [Paragraph(title), Items(outcome_items(outcomes))]
    out += [Heading("Eligibility Criteria"), *row("Ages Eligible for Study:", ages(study))]
    out += row("Sexes Eligible for Study:", words(eligibility.sex))
    out += row("Gender Based Eligibility:", yes(eligibility.gender_based))
    out += row("Accepts Healthy Volunteers:", yes(eligibility.healthy_volunteers))
    out += row("Sampling Method:", word(eligibility.sampling_method))
    if eligibility.study_population:
        out += [Heading("Study Population"), *elements(text_cell(eligibility.study_population))]
    out += [Heading("Criteria"), *elements(text_cell(eligibility.eligibility_criteria))]
    out += [Heading("Contacts and Locations")]
    last = ""
    for site in p.contacts_locations_module.locations:
        parted = site.country in ("United States", "Canada") and site.state
        head = f"{site.country}, {site.state}" if parted else site.country or ""
        out += row(head, "") if head != last else []
        last = head
        out += row(site.facility or "", words(site.status) or "")
        out += row(", ".join(text for text in (site.city, site.state, site.country, site.zip) if text), "")
    out += [Heading("Sponsors and Collaborators")]
    sponsors = p.sponsor_collaborators_module
    out += [Paragraph(one.name or "") for one in (sponsors.lead_sponsor, *sponsors.collaborators) if one]
    out += [Heading("Investigators")]
    for official in p.contacts_locations_module.overall_officials:
        out += row(f"{words(official.role)}:", official.name, official.affiliation or "")
    out += [Heading("More Information")]
    for title, type_ in (
        ("Publications of Results:", "RESULT"),
        ("Other Publications:", "BACKGROUND"),
        ("Publications automatically indexed to this study by ClinicalTrials.gov Identifier (NCT Number):", "DERIVED"),
    ):
        cited = [one.citation for one in p.references_module.references if one.type == type_ and one.citation]
        out += [Paragraph(title), *(Paragraph(one) for one in cited)] if cited else []
    out += row("Responsible Party:", party(study)) + row("ClinicalTrials.gov Identifier:", study.nct_id)
    out += row("Other Study ID Numbers:", number_lines(study))
    out += row("First Posted:", when(status.study_first_post_date_struct))
    out += row("Results First Posted:", when(status.results_first_post_date_struct))
    out += row("Last Update Posted:", when(status.last_update_post_date_struct))
    out += row("Last Verified:", day(status.status_verified_date))
    out += row("Has Data Monitoring Committee:", yes(p.oversight_module.oversight_has_dmc))
    for label, text in sharing(study):
        out += row(f"{label}:", text)
    for label, flag in flags(study):
        out += row(f"{label}:", yes(flag))
    if p.conditions_module.keywords:
        out += [Paragraph("Keywords provided by the sponsor:"), *row("", p.conditions_module.keywords)]
    return out
