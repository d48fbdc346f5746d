"""Values as the classic pages wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.study import DateStruct, Outcome, Study
from tests.sources.classic_writing import Element, Item, Items, Paragraph

__all__ = [
    "ages",
    "arm_type",
    "day",
    "design_lines",
    "elements",
    "flags",
    "flat",
    "intervention_lines",
    "kind",
    "number_lines",
    "outcome_items",
    "party",
    "phases",
    "sharing",
    "status_lines",
    "study_type",
    "text_cell",
    "when",
    "word",
    "words",
    "yes",
]

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
    return [
        "Not Applicable" if one == "NA" else word(one.replace("PHASE", "PHASE ").replace("EARLY_", "EARLY ")) or ""
        for one in listed
    ]


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
        text
        for text in (answer.investigator_full_name, answer.investigator_title, answer.investigator_affiliation)
        if text
    )


def status_lines(study: Study) -> list[str]:
    module = study.protocol_section.status_module
    text = word(module.overall_status)
    if not text:
        return []
    if module.overall_status == "UNKNOWN":
        known = (
            f". Recruitment status was: {(word(module.last_known_status) or '')}" if module.last_known_status else ""
        )
        return [text, f"Verified {day(module.status_verified_date)} by somebody{known}"]
    text = text[:1] + text[1:].lower()
    return [text + (f" ({module.why_stopped})" if module.why_stopped else "")]


def ages(study: Study) -> str | None:
    module = study.protocol_section.eligibility_module
    groups = ", ".join(
        {"CHILD": "Child", "ADULT": "Adult", "OLDER_ADULT": "Older Adult"}[one] for one in module.std_ages
    )
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


def arm_type(code: str | None) -> str:
    return f"{words(code)}: " if code else ""


def flat(text: str | None) -> list[str]:
    return [" ".join(text.split())] if text else []


def flags(study: Study) -> list[tuple[str, bool | None]]:
    module = study.protocol_section.oversight_module
    return [
        ("Studies a U.S. FDA-regulated Drug Product", module.is_fda_regulated_drug),
        ("Studies a U.S. FDA-regulated Device Product", module.is_fda_regulated_device),
        ("Device Product Not Approved or Cleared by U.S. FDA", module.is_unapproved_device),
        ("Pediatric Postmarket Surveillance of a Device Product", module.is_ppsd),
        ("Product Manufactured in and Exported from the U.S.", module.is_us_export),
    ]


def sharing(study: Study) -> list[tuple[str, str | None]]:
    module = study.protocol_section.ipd_sharing_statement_module
    return [
        ("Plan to Share IPD", word(module.ipd_sharing)),
        ("Plan Description", " ".join(flat(module.description))),
        ("Supporting Materials", ", ".join(word(one) or "" for one in module.info_types)),
        ("Time Frame", " ".join(flat(module.time_frame))),
        ("Access Criteria", " ".join(flat(module.access_criteria))),
        ("URL", module.url),
    ]
