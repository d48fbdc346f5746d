"""Writes a study as the classic registry would have shown it: each tab, as HTML and as what converters make of it.

Made from what is known of the layout; the words between the values are those that the reader goes by. A page that is
made here shows that what is written can be read again, and not that the registry wrote it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from kg.study import (
    AdverseEvent,
    Analysis,
    BaselineMeasure,
    DateStruct,
    Denominator,
    Group,
    Measurement,
    Outcome,
    OutcomeResult,
    Study,
)

__all__ = ["FORMS", "TABS", "page", "write"]


class Item(NamedTuple):
    """An item of a list: its lines, and the list inside of it."""

    lines: tuple[str, ...]
    inner: tuple[Item, ...] = ()
    glued: bool = False
    """Converters leave no break between its first line and the next, as between an outcome and its description."""


Cell = Sequence["str | Item"]


class Heading(NamedTuple):
    text: str


class Paragraph(NamedTuple):
    text: str


class Items(NamedTuple):
    items: tuple[Item, ...]


class Row(NamedTuple):
    cells: tuple[Cell, ...]


Element = Heading | Paragraph | Items | Row
FORMS = ("html", "bars", "tabs", "lines")
TABS = ("details", "tabular", "results")


def page(study: Study, *wanted: str) -> list[Element]:
    """The elements of a page with these tabs one after the other."""
    makers = {"details": _details, "tabular": _tabular, "results": _results}
    found: list[Element] = []
    for tab in wanted:
        found += [*_header(study), *makers[tab](study)]
    return found


def row(label: str, *values: str | Cell | None) -> list[Element]:
    """A row, unless all of its values are missing."""
    cells: list[Cell] = [[value] if isinstance(value, str) else list(value or ()) for value in values]
    return [Row(([label] if label else [], *cells))] if any(cells) else []


# --- how an element looks in each form


def write(elements: Iterable[Element], form: str) -> bytes:
    """The page in a form: ``html``, or text with ``bars``, with ``tabs``, or with ``lines`` alone."""
    elements = list(elements)
    if form == "html":
        return _html(elements).encode()
    return "\n".join(_text(element, form) for element in elements).encode()


def _html(elements: list[Element]) -> str:
    out = ["<!DOCTYPE html><html><head><title>A study - ClinicalTrials.gov</title></head><body>"]
    table = False
    for element in elements:
        if isinstance(element, Row) != table:
            out.append("</table>" if table else "<table>")
            table = not table
        if isinstance(element, Row):
            out.append("<tr>" + "".join(f"<td>{_html_cell(cell)}</td>" for cell in element.cells) + "</tr>")
        elif isinstance(element, Heading):
            out.append(f"<h3>{escape(element.text)}</h3>")
        elif isinstance(element, Paragraph):
            out.append(f"<p>{escape(element.text)}</p>")
        else:
            out.append(_html_items(element.items))
    return "\n".join([*out, "</table>" if table else "", "</body></html>"])


def _html_items(items: Iterable[Item]) -> str:
    return "<ul>" + "".join(f"<li>{_html_item(item)}</li>" for item in items) + "</ul>"


def _html_item(item: Item) -> str:
    rest = "".join(f"<div>{escape(line)}</div>" for line in item.lines[1:])
    return escape(item.lines[0]) + rest + (_html_items(item.inner) if item.inner else "")


def _html_cell(cell: Cell) -> str:
    if all(isinstance(piece, str) for piece in cell):
        return "<br>".join(escape(str(piece)) for piece in cell)
    return "".join(_html_items([piece]) if isinstance(piece, Item) else f"<p>{escape(piece)}</p>" for piece in cell)


def _text(element: Element, form: str) -> str:
    if isinstance(element, Heading):
        return "\n" + element.text
    if isinstance(element, Paragraph):
        return "\n" + element.text
    if isinstance(element, Items):
        return "\n".join(_text_items(element.items))
    cells = ["\n".join(_text_cell(cell)) for cell in element.cells]
    if form == "bars":
        # A cell of blocks begins on a line of its own.
        return "".join(("\n" if "\n" in cell and at else " " if at else "") + f"{cell} |" for at, cell in enumerate(cells))
    if form == "tabs":
        return "\t".join(cells)
    return "\n".join(cell for cell in cells if cell)


def _text_cell(cell: Cell) -> list[str]:
    lines: list[str] = []
    for piece in cell:
        lines += _text_items([piece]) if isinstance(piece, Item) else [piece]
    return lines


def _text_items(items: Iterable[Item], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for item in items:
        first, *rest = item.lines
        if item.glued:
            first, rest = "".join(item.lines), []
        lines += ["  " * depth + "- " + first, *rest, *_text_items(item.inner, depth + 1)]
    return lines


# --- values as the registry wrote them

_MONTHS = "January February March April May June July August September October November December".split()


def day(text: str | None) -> str | None:
    if not text:
        return None
    year, month, *rest = text.split("-")
    return f"{_MONTHS[int(month) - 1]} {int(rest[0])}, {year}" if rest else f"{_MONTHS[int(month) - 1]} {year}"


def when(struct: DateStruct | None) -> str | None:
    return day(struct.date) if struct else None


def kind(struct: DateStruct | None) -> str:
    return {"ACTUAL": "Actual ", "ESTIMATED": "Estimated "}.get((struct.type if struct else "") or "", "")


def yes(value: bool | None) -> str | None:
    return None if value is None else "Yes" if value else "No"


def words(code: str | None) -> str | None:
    return code.replace("_", " ").title() if code else None


_WORDS = {
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
    "UNKNOWN": "Unknown status",
    "NOT_YET_RECRUITING": "Not yet recruiting",
    "ENROLLING_BY_INVITATION": "Enrolling by invitation",
    "NON_RANDOMIZED": "Non-Randomized",
    "NA": "N/A",
    "SINGLE_GROUP": "Single Group Assignment",
    "PARALLEL": "Parallel Assignment",
    "CROSSOVER": "Crossover Assignment",
    "FACTORIAL": "Factorial Assignment",
    "SEQUENTIAL": "Sequential Assignment",
    "ECT": "Educational/Counseling/Training",
    "CASE_CONTROL": "Case-Control",
    "CASE_ONLY": "Case-Only",
    "CASE_CROSSOVER": "Case-Crossover",
    "CROSS_SECTIONAL": "Cross-Sectional",
    "NON_PROBABILITY_SAMPLE": "Non-Probability Sample",
    "STUDY_PROTOCOL": "Study Protocol",
    "SAP": "Statistical Analysis Plan (SAP)",
    "ICF": "Informed Consent Form (ICF)",
    "CSR": "Clinical Study Report (CSR)",
    "EARLY_PHASE1": "Early Phase 1",
    "NIH": "U.S. NIH Grant/Contract",
    "FDA": "U.S. FDA Grant/Contract",
    "VA": "U.S. VA Grant/Contract",
    "CDC": "U.S. CDC Grant/Contract",
    "AHRQ": "U.S. AHRQ Grant/Contract",
    "SAMHSA": "U.S. SAMHSA Grant/Contract",
    "OTHER_GRANT": "Other Grant/Funding Number",
    "EUDRACT_NUMBER": "EudraCT Number",
    "CTIS": "EU Trial (CTIS) Number",
    "REGISTRY": "Registry Identifier",
    "OTHER": "Other",
    "OTHER_PRE_SPECIFIED": "Other Pre-specified",
    "POST_HOC": "Post-Hoc",
    "NON_INFERIORITY": "Non-Inferiority",
    "NON_INFERIORITY_OR_EQUIVALENCE": "Non-Inferiority or Equivalence",
    "NON_INFERIORITY_OR_EQUIVALENCE_LEGACY": "Non-Inferiority or Equivalence (legacy)",
    "SUPERIORITY_OR_OTHER": "Superiority or Other",
    "SUPERIORITY_OR_OTHER_LEGACY": "Superiority or Other (legacy)",
    "STANDARD_ERROR_OF_MEAN": "Standard Error of the Mean",
    "COUNT_OF_PARTICIPANTS": "Count of Participants",
    "COUNT_OF_UNITS": "Count of Units",
}


def word(code: str | None) -> str | None:
    return _WORDS.get(code or "", words(code))


def phases(study: Study) -> list[str]:
    listed = study.protocol_section.design_module.phases
    return ["Not Applicable" if one == "NA" else word(one.replace("PHASE", "PHASE ").replace("EARLY_", "EARLY ")) or "" for one in listed]


def text_cell(text: str | None) -> list[str | Item]:
    """Free text of the API, which has its lists in Markdown, as paragraphs and lists."""
    cell: list[str | Item] = []
    for line in (text or "").split("\n"):
        item = re.match(r"\s*(?:[*-]|\d{1,2}[.)])\s+(.*\S)", line)
        if item:
            cell.append(Item((item[1],)))
        elif line.strip():
            cell.append(line.strip())
    return cell


def elements(cell: Iterable[str | Item]) -> list[Element]:
    return [Items((piece,)) if isinstance(piece, Item) else Paragraph(piece) for piece in cell]


def number_lines(study: Study) -> list[str]:
    module = study.protocol_section.identification_module
    first = module.org_study_id_info.id if module.org_study_id_info and module.org_study_id_info.id else None
    lines = [first] if first else []
    for one in module.secondary_id_infos:
        type_ = {"OTHER": "Other Identifier"}.get(one.type or "", word(one.type) or "")
        bracket = f" ( {type_}{': ' + one.domain if one.domain else ''} )" if type_ else ""
        lines.append(f"{one.id}{bracket}")
    return lines


def party(study: Study) -> str | None:
    module = study.protocol_section.sponsor_collaborators_module
    answer = module.responsible_party
    if not answer:
        return None
    if answer.type == "SPONSOR":
        return module.lead_sponsor.name if module.lead_sponsor else None
    return ", ".join(
        text for text in (answer.investigator_full_name, answer.investigator_title, answer.investigator_affiliation) if text
    )


def status_lines(study: Study) -> list[str]:
    module = study.protocol_section.status_module
    text = word(module.overall_status)
    if not text:
        return []
    if module.overall_status == "UNKNOWN":
        known = f". Recruitment status was: {(word(module.last_known_status) or '')}" if module.last_known_status else ""
        return [text, f"Verified {day(module.status_verified_date)} by somebody{known}"]
    text = text[:1] + text[1:].lower()
    return [text + (f" ({module.why_stopped})" if module.why_stopped else "")]


def ages(study: Study) -> str | None:
    module = study.protocol_section.eligibility_module
    groups = ", ".join({"CHILD": "Child", "ADULT": "Adult", "OLDER_ADULT": "Older Adult"}[one] for one in module.std_ages)
    low, high = module.minimum_age, module.maximum_age
    text = f"{low} to {high}" if low and high else f"{low} and older" if low else f"up to {high}" if high else ""
    return f"{text} ({groups})" if text and groups else text or groups or None


def outcome_items(outcomes: Iterable[Outcome]) -> tuple[Item, ...]:
    return tuple(
        Item(
            (
                f"{one.measure}" + (f" [ Time Frame: {one.time_frame} ]" if one.time_frame else ""),
                *([" ".join(one.description.split())] if one.description else []),
            ),
            glued=True,
        )
        for one in outcomes
    )


def design_lines(study: Study) -> list[str]:
    info = study.protocol_section.design_module.design_info
    if not info:
        return []
    masking = info.masking_info
    who = ", ".join(words(one) or "" for one in masking.who_masked) if masking else ""
    degree = ("None (Open Label)" if masking.masking == "NONE" else word(masking.masking)) if masking else None
    pairs = [
        ("Allocation", word(info.allocation)),
        ("Intervention Model", word(info.intervention_model)),
        ("Intervention Model Description", info.intervention_model_description),
        ("Masking", f"{degree} ({who})" if who else degree),
        ("Masking Description", masking.masking_description if masking else None),
        ("Primary Purpose", word(info.primary_purpose)),
        ("Observational Model", word(info.observational_model)),
        ("Time Perspective", word(info.time_perspective)),
    ]
    return [f"{label}: {' '.join(value.split())}" for label, value in pairs if value]


def study_type(study: Study) -> str | None:
    module = study.protocol_section.design_module
    text = word(module.study_type)
    if module.patient_registry:
        return f"{text} [Patient Registry]"
    return "Interventional (Clinical Trial)" if module.study_type == "INTERVENTIONAL" else text


def intervention_lines(study: Study) -> list[str]:
    listed = study.protocol_section.arms_interventions_module.interventions
    return [f"{word(one.type)}: {one.name}" for one in listed]


# --- the tabs


def _header(study: Study) -> list[Element]:
    module = study.protocol_section
    status = module.status_module
    facts: list[Element] = [
        Heading(module.identification_module.brief_title or ""),
        *row("", f"ClinicalTrials.gov Identifier: {study.nct_id}"),
        Paragraph(f"Recruitment Status : {' '.join(status_lines(study))}"),
        Paragraph(f"First Posted : {when(status.study_first_post_date_struct)}"),
        Paragraph(f"Last Update Posted : {when(status.last_update_post_date_struct)}"),
    ]
    tabs = ("Study Details", "Tabular View", "Study Results" if study.has_results else "No Results Posted")
    return [*facts, Items(tuple(Item((tab,)) for tab in tabs))]


def _details(study: Study) -> list[Element]:
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
        label = f"{_arm_type(arm.type)}{arm.label}"
        given: list[str] = []
        for name in arm.intervention_names:
            one = by_name.get(name)
            given += [name, *_flat(one.description if one else None)]
            if one and one.other_names:
                given += [f"Other Name{'s' if len(one.other_names) > 1 else ''}: {one.other_names[0]}", *one.other_names[1:]]
        out += [Row(([label, *_flat(arm.description)], given))]
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
    for label, value in _sharing(study):
        out += row(f"{label}:", value)
    for label, flag in _flags(study):
        out += row(f"{label}:", yes(flag))
    if p.conditions_module.keywords:
        out += [Paragraph("Keywords provided by the sponsor:"), *row("", p.conditions_module.keywords)]
    return out


def _arm_type(code: str | None) -> str:
    return f"{words(code)}: " if code else ""


def _flat(text: str | None) -> list[str]:
    return [" ".join(text.split())] if text else []


def _flags(study: Study) -> list[tuple[str, bool | None]]:
    module = study.protocol_section.oversight_module
    return [
        ("Studies a U.S. FDA-regulated Drug Product", module.is_fda_regulated_drug),
        ("Studies a U.S. FDA-regulated Device Product", module.is_fda_regulated_device),
        ("Device Product Not Approved or Cleared by U.S. FDA", module.is_unapproved_device),
        ("Pediatric Postmarket Surveillance of a Device Product", module.is_ppsd),
        ("Product Manufactured in and Exported from the U.S.", module.is_us_export),
    ]


def _sharing(study: Study) -> list[tuple[str, str | None]]:
    module = study.protocol_section.ipd_sharing_statement_module
    return [
        ("Plan to Share IPD", word(module.ipd_sharing)),
        ("Plan Description", " ".join(_flat(module.description))),
        ("Supporting Materials", ", ".join(word(one) or "" for one in module.info_types)),
        ("Time Frame", " ".join(_flat(module.time_frame))),
        ("Access Criteria", " ".join(_flat(module.access_criteria))),
        ("URL", module.url),
    ]


def _tabular(study: Study) -> list[Element]:
    p = study.protocol_section
    design, status, eligibility = p.design_module, p.status_module, p.eligibility_module
    first = f"(submitted: {day(status.study_first_submit_date)})"
    out: list[Element] = [*row("Tracking Information", "")]
    out = [Heading("Tracking Information")]
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
        described = ["Description:", *_flat(design.bio_spec.description)] if design.bio_spec.description else []
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
    flags = [f"{label}: {yes(flag)}" for label, flag in _flags(study) if flag is not None]
    out += row("U.S. FDA-regulated Product", flags)
    out += row("IPD Sharing Statement ICMJE", [f"{label}: {value}" for label, value in _sharing(study) if value])
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
                *_flat(one.description),
                *([f"Other Name{'s' if len(one.other_names) > 1 else ''}: {one.other_names[0]}"] if one.other_names else []),
                *one.other_names[1:],
            )
        )
        for one in study.protocol_section.arms_interventions_module.interventions
    ]


def _tabular_arms(study: Study) -> list[Item]:
    return [
        Item(
            (
                f"{_arm_type(arm.type)}{arm.label}",
                *_flat(arm.description),
                *(["Interventions:"] if arm.intervention_names else []),
            ),
            tuple(Item((name,)) for name in arm.intervention_names),
        )
        for arm in study.protocol_section.arms_interventions_module.arm_groups
    ]


def _results(study: Study) -> list[Element]:
    results = study.results_section
    assert results is not None
    p = study.protocol_section
    out: list[Element] = [*row("Study Type", study_type(study)), *row("Study Design", "; ".join(design_lines(study)))]
    out += row("Conditions", p.conditions_module.conditions) + row("Interventions", intervention_lines(study))
    if p.design_module.enrollment_info and p.design_module.enrollment_info.count is not None:
        out += row("Enrollment", str(p.design_module.enrollment_info.count))
    flow = results.participant_flow_module
    out += [Heading("Participant Flow")]
    out += row("Recruitment Details", _flat(flow.recruitment_details))
    out += row("Pre-assignment Details", _flat(flow.pre_assignment_details))
    out += row("Type of Units Analyzed", flow.type_units_analyzed)
    out += _groups(flow.groups)
    for period in flow.periods:
        out += [Paragraph(f"Period Title: {period.title}")]
        notes: list[str] = []
        for label, achieved in (
            *((words(stone.type) if stone.type in _STONES else stone.type, stone.achievements) for stone in period.milestones),
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
    base = results.baseline_characteristics_module
    out += [Heading("Baseline Characteristics"), *_groups(base.groups)]
    for denominator in base.denoms:
        out += _counts(f"Overall Number of Baseline {denominator.units}", denominator, base.groups)
    out += row("Baseline Analysis Population Description", _flat(base.population_description))
    for measure in base.measures:
        out += _measure(measure, base.groups, measure.title or "")
    if results.outcome_measures_module.outcome_measures:
        out += [Heading("Outcome Measures")]
    for at, outcome in enumerate(results.outcome_measures_module.outcome_measures, 1):
        out += [Paragraph(f"{at}. {word(outcome.type)} Outcome"), *row("Title", _flat(outcome.title))]
        out += row("Description", _flat(outcome.description)) + row("Time Frame", _flat(outcome.time_frame))
        out += row("Analysis Population Description", _flat(outcome.population_description))
        out += row("Anticipated Posting Date", outcome.anticipated_posting_date)
        out += [Paragraph("Outcome Measure Data"), *_groups(outcome.groups)]
        for denominator in outcome.denoms:
            if denominator.units == "Participants":
                label = "Overall Number of Participants Analyzed"
            else:
                label = f"Overall Number of Units Analyzed Type of Units Analyzed: {denominator.units}"
            out += _counts(label, denominator, outcome.groups)
        if outcome.classes:
            out += _measure(outcome, outcome.groups, "")
        for number, analysis in enumerate(outcome.analyses, 1):
            out += _analysis(number, analysis, outcome.groups)
    out += _events(study) + _more(study)
    return out


_STONES = ("STARTED", "COMPLETED", "NOT COMPLETED")


def _groups(groups: Sequence[Group]) -> list[Element]:
    out = row("Arm/Group Title", *(group.title or "" for group in groups))
    if any(group.description for group in groups):
        out += row("Arm/Group Description", *(_flat(group.description) or "[Not Specified]" for group in groups))
    return out


def _counts(label: str, denominator: Denominator, groups: Sequence[Group], unit: str = "") -> list[Element]:
    values = {count.group_id: count.value for count in denominator.counts}
    return row(label, *(f"{values[group.id]}{unit}" if values.get(group.id) else "" for group in groups))


def _measure(measure: BaselineMeasure | OutcomeResult, groups: Sequence[Group], title: str) -> list[Element]:
    param = word(measure.param_type)
    spread = (measure.dispersion_type or "").replace("INTER_QUARTILE", "Inter-Quartile")
    spread = word(spread) if spread.isupper() or "_" in spread else spread
    how = f"{param} ({spread})" if spread else f"Measure Type: {param}"
    notes: list[str] = []
    described = isinstance(measure, BaselineMeasure) and (measure.description or measure.population_description)
    if described:
        notes += [f"Measure Description: {' '.join(measure.description.split())}"] if measure.description else []
        if measure.population_description:
            notes.append(f"Measure Analysis Population Description: {' '.join(measure.population_description.split())}")
    mark = " [1]" if described else ""
    head = [*([title + mark] if title else []), how, f"Unit of Measure: {measure.unit_of_measure}"]
    out: list[Element] = [Row((head,))]
    for one in measure.classes:
        plain = len(one.categories) == 1 and not one.categories[0].title
        for denominator in one.denoms[:1]:
            label = [[one.title]] if one.title and plain else []
            values = {count.group_id: count.value for count in denominator.counts}
            unit = (denominator.units or "participants").lower()
            cells = [[f"{values[group.id]} {unit}"] if values.get(group.id) else [] for group in groups]
            if one.title and not plain:
                out.append(Row(([one.title],)))
            out.append(Row((*label, ["Number Analyzed"], *cells)))
        if one.title and not one.denoms and not plain:
            out.append(Row(([one.title],)))
        for category in one.categories:
            shown: dict[str | None, str] = {}
            for value in category.measurements:
                if value.comment:
                    notes.append(" ".join(value.comment.split()))
                shown[value.group_id] = _value(value) + (f" [{len(notes)}]" if value.comment else "")
            label_text = category.title or (one.title if plain and not one.denoms else "") or ""
            out += row(label_text, *(shown.get(group.id, "") for group in groups))
    return [*out, *(Paragraph(f"[{at}] {note}") for at, note in enumerate(notes, 1))]


def _value(one: Measurement) -> str:
    if one.lower_limit is not None and one.upper_limit is not None:
        return f"{one.value} ({one.lower_limit} to {one.upper_limit})"
    return f"{one.value} ({one.spread})" if one.spread is not None else one.value or ""


def _analysis(number: int, analysis: Analysis, groups: Sequence[Group]) -> list[Element]:
    titles = [" ".join((group.title or "").split()) for id_ in analysis.group_ids for group in groups if group.id == id_]
    out: list[Element] = [Paragraph(f"Statistical Analysis {number}")]

    def part(heading: str, *rows: tuple[str, str | None]) -> None:
        shown = [(label, value) for label, value in rows if value]
        for at, (label, value) in enumerate(shown):
            out.append(Row(([heading] if at == 0 else [], [label], [value])))

    def flat(text: str | None) -> str | None:
        return " ".join(text.split()) if text else None

    part(
        "Statistical Analysis Overview",
        ("Comparison Group Selection", ", ".join(titles)),
        ("Comments", flat(analysis.group_description) if titles else None),
        ("Type of Statistical Test", word(analysis.non_inferiority_type)),
        ("Comments", flat(analysis.non_inferiority_comment) if analysis.non_inferiority_type else None),
    )
    part(
        "Statistical Test of Hypothesis",
        ("P-Value", analysis.p_value),
        ("Comments", flat(analysis.p_value_comment) if analysis.p_value else None),
        ("Method", analysis.statistical_method),
        ("Comments", flat(analysis.statistical_comment) if analysis.statistical_method else None),
    )
    sides = {"ONE_SIDED": "(1-Sided) ", "TWO_SIDED": "(2-Sided) "}.get(analysis.ci_num_sides or "", "")
    level = f"{analysis.ci_pct_value}% " if analysis.ci_pct_value else ""
    limits = ""
    if analysis.ci_lower_limit or analysis.ci_upper_limit:
        limits = f"{analysis.ci_lower_limit or '--'} to {analysis.ci_upper_limit or '--'}"
    dispersion = f"Type: {word(analysis.dispersion_type)} Value: {analysis.dispersion_value}" if analysis.dispersion_type else None
    part(
        "Method of Estimation",
        ("Estimation Parameter", analysis.param_type),
        ("Estimated Value", analysis.param_value),
        ("Confidence Interval", f"{sides}{level}{limits}".strip()),
        ("Parameter Dispersion", dispersion),
        ("Estimation Comments", flat(analysis.estimate_comment)),
    )
    part("", ("Other Statistical Analysis", flat(analysis.other_analysis_description)))
    return out


def _events(study: Study) -> list[Element]:
    assert study.results_section is not None
    module = study.results_section.adverse_events_module
    groups = module.event_groups
    if not groups:
        return []
    out: list[Element] = [Heading("Adverse Events"), *row("Time Frame", _flat(module.time_frame))]
    out += row("Adverse Event Reporting Description", _flat(module.description))
    out += _groups(groups) + [Heading("All-Cause Mortality")]
    titles = [group.title or "" for group in groups]
    out += row("", *titles) + row("", *("Affected / at Risk (%)" for _ in groups))
    out += row("Total", *(_affected(group.deaths_num_affected, group.deaths_num_at_risk) for group in groups))
    for name, events, totals in (
        ("Serious Adverse Events", module.serious_events, [(g.serious_num_affected, g.serious_num_at_risk) for g in groups]),
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
        out += _event_rows(events, groups)
    return out


def _event_rows(events: Sequence[AdverseEvent], groups: Sequence[Group]) -> list[Element]:
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


def _more(study: Study) -> list[Element]:
    assert study.results_section is not None
    module = study.results_section.more_info_module
    out: list[Element] = []
    if module.limitations_and_caveats and module.limitations_and_caveats.description:
        out += [Heading("Limitations and Caveats"), Paragraph(" ".join(module.limitations_and_caveats.description.split()))]
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
            "GT60": "The sponsor can embargo communications for a period that is more than 60 days but less than 180 days.",
            "OTHER": "Restriction Type: Other",
        }.get(agreement.restriction_type or "")
        out += [Paragraph(sentence)] if sentence else []
        if agreement.other_details:
            out += [Paragraph(f"Restriction Description: {' '.join(agreement.other_details.split())}")]
    contact = module.point_of_contact
    if contact:
        out += [Heading("Results Point of Contact"), Paragraph(f"Name/Title: {contact.title}")]
        out += [Paragraph(f"Organization: {contact.organization}"), Paragraph("Phone: 555-0100"), Paragraph("EMail: a@b.example")]
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
