"""The tabular view of a classic page."""

from __future__ import annotations

from kg.study import DateStruct, Study
from tests.sources.classic_values import (
    ages,
    arm_type,
    day,
    design_lines,
    flags,
    flat,
    kind,
    number_lines,
    outcome_items,
    party,
    phases,
    sharing,
    status_lines,
    study_type,
    text_cell,
    when,
    word,
    words,
    yes,
)
from tests.sources.classic_writing import Element, Heading, Item, Paragraph, row

__all__ = ["tabular"]


def tabular(study: Study) -> list[Element]:
    p = study.protocol_section
    design, status, eligibility = p.design_module, p.status_module, p.eligibility_module
    first = f"(submitted: {day(status.study_first_submit_date)})"
    out: list[Element] = [Heading("Tracking Information")]
    out += row("First Submitted Date ICMJE", day(status.study_first_submit_date))
    out += row("First Posted Date ICMJE", when(status.study_first_post_date_struct))
    out += row("Results First Submitted Date ICMJE", day(status.results_first_submit_date))
    out += row("Results First Posted Date ICMJE", when(status.results_first_post_date_struct))
    out += row("Last Update Posted Date", when(status.last_update_post_date_struct))
    out += row(f"{kind(status.start_date_struct)}Study Start Date ICMJE", when(status.start_date_struct))
    done = when(status.primary_completion_date_struct)
    out += row(
        f"{kind(status.primary_completion_date_struct)}Primary Completion Date",
        done and f"{done}   (Final data collection date for primary outcome measure)",
    )
    for name, outcomes in (
        ("Primary Outcome Measures ICMJE", p.outcomes_module.primary_outcomes),
        ("Secondary Outcome Measures ICMJE", p.outcomes_module.secondary_outcomes),
        ("Other Pre-specified Outcome Measures", p.outcomes_module.other_outcomes),
    ):
        out += row(f"Current {name} {first}", outcome_items(outcomes) or "Not Provided")
        out += row(f"Original {name}", "Same as current")
    out += row("Change History", "Complete list of historical versions")
    out += [Heading("Descriptive Information")]
    out += row("Brief Title ICMJE", p.identification_module.brief_title)
    out += row("Official Title ICMJE", p.identification_module.official_title)
    out += row("Brief Summary", text_cell(p.description_module.brief_summary))
    out += row("Detailed Description", text_cell(p.description_module.detailed_description) or "Not Provided")
    out += row("Study Type ICMJE", study_type(study)) + row("Study Phase ICMJE", phases(study))
    out += row("Study Design ICMJE", design_lines(study))
    out += row("Target Follow-Up Duration", design.target_duration)
    if design.bio_spec:
        kept = f"Retention: {word(design.bio_spec.retention)}" if design.bio_spec.retention else None
        described = ["Description:", *flat(design.bio_spec.description)] if design.bio_spec.description else []
        out += row("Biospecimen", [*([kept] if kept else []), *described])
    out += row("Sampling Method", word(eligibility.sampling_method))
    out += row("Study Population", text_cell(eligibility.study_population))
    out += row("Condition ICMJE", [Item((one,)) for one in p.conditions_module.conditions])
    out += row("Intervention ICMJE", _tabular_interventions(study))
    out += row("Study Arms ICMJE", _tabular_arms(study))
    out += row("Publications *", [Item((one.citation,)) for one in p.references_module.references if one.citation])
    out += [Heading("Recruitment Information"), *row("Recruitment Status ICMJE", status_lines(study))]
    size = design.enrollment_info
    if size and size.count is not None:
        out += row(f"{kind(DateStruct(type=size.type))}Enrollment ICMJE {first}", str(size.count))
        out += row("Original Estimated Enrollment ICMJE", "Same as current")
    out += row(f"{kind(status.completion_date_struct)}Study Completion Date ICMJE", when(status.completion_date_struct))
    out += row("Eligibility Criteria ICMJE", text_cell(eligibility.eligibility_criteria))
    sex = [f"Sexes Eligible for Study: {words(eligibility.sex)}"] if eligibility.sex else []
    if eligibility.gender_based is not None:
        sex.append(f"Gender Based Eligibility: {yes(eligibility.gender_based)}")
    if eligibility.gender_description:
        sex.append(f"Gender Eligibility Description: {' '.join(eligibility.gender_description.split())}")
    out += row("Sex/Gender ICMJE", sex) + row("Ages ICMJE", ages(study))
    out += row("Accepts Healthy Volunteers ICMJE", yes(eligibility.healthy_volunteers))
    out += row("Contacts ICMJE", "Contact information is only displayed when the study is recruiting subjects")
    countries = sorted({one.country for one in p.contacts_locations_module.locations if one.country})
    out += row("Listed Location Countries ICMJE", ", ".join(countries))
    out += row("Removed Location Countries", ", ".join(study.derived_section.misc_info_module.removed_countries))
    out += [Heading("Administrative Information"), *row("NCT Number ICMJE", study.nct_id)]
    out += row("Other Study ID Numbers ICMJE", number_lines(study))
    out += row("Has Data Monitoring Committee", yes(p.oversight_module.oversight_has_dmc))
    shown = [f"{label}: {yes(flag)}" for label, flag in flags(study) if flag is not None]
    out += row("U.S. FDA-regulated Product", shown)
    out += row("IPD Sharing Statement ICMJE", [f"{label}: {value}" for label, value in sharing(study) if value])
    sponsors = p.sponsor_collaborators_module
    out += row("Current Responsible Party", party(study)) + row("Original Responsible Party", "Same as current")
    out += row("Current Study Sponsor ICMJE", sponsors.lead_sponsor.name if sponsors.lead_sponsor else None)
    out += row("Original Study Sponsor ICMJE", "Same as current")
    out += row("Collaborators ICMJE", [one.name or "" for one in sponsors.collaborators] or "Not Provided")
    people: list[str] = []
    for one in p.contacts_locations_module.overall_officials:
        people += [f"{words(one.role)}:", one.name or "", *([one.affiliation] if one.affiliation else [])]
    out += row("Investigators ICMJE", people)
    organization = p.identification_module.organization
    out += row("PRS Account", organization.full_name if organization else None)
    out += row("Verification Date", day(status.status_verified_date))
    out += [Paragraph("ICMJE     Data element required by journal editors")]
    return out


def _tabular_interventions(study: Study) -> list[Item]:
    return [
        Item(
            (
                f"{word(one.type)}: {one.name}",
                *flat(one.description),
                *(
                    [f"Other Name{'s' if len(one.other_names) > 1 else ''}: {one.other_names[0]}"]
                    if one.other_names
                    else []
                ),
                *one.other_names[1:],
            )
        )
        for one in study.protocol_section.arms_interventions_module.interventions
    ]


def _tabular_arms(study: Study) -> list[Item]:
    return [
        Item(
            (
                f"{arm_type(arm.type)}{arm.label}",
                *flat(arm.description),
                *(["Interventions:"] if arm.intervention_names else []),
            ),
            tuple(Item((name,)) for name in arm.intervention_names),
        )
        for arm in study.protocol_section.arms_interventions_module.arm_groups
    ]
