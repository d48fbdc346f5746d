"""Values as registry pages write them → values as the API writes them.

A value that is not understood is kept as it stands, so that the mapping can report it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kg.sources.ctgov_page import words as words
from kg.sources.ctgov_page.lines import Line, inner_values
from kg.sources.ctgov_page.words import code, squeezed
from kg.sources.dates import WRITTEN_DATE, iso_date
from kg.study import (
    BioSpec,
    DateStruct,
    DesignInfo,
    Eligibility,
    Enrollment,
    ExpandedAccessTypes,
    IpdSharing,
    Masking,
    Outcome,
    Oversight,
    ResponsibleParty,
    SecondaryId,
)

__all__ = [
    "Responsible",
    "StatusWords",
    "StudyType",
    "age_limits",
    "bio_spec",
    "date_struct",
    "design_info",
    "enrollment",
    "ipd_sharing",
    "outcome",
    "oversight",
    "phases",
    "responsible",
    "secondary_id",
    "status",
    "study_type",
    "yes_no",
]

_PHASE = re.compile(r"early phase 1|phase ([1-4])|not applicable|n/a", re.IGNORECASE)
_AGE = r"(\d+ (?:years?|months?|weeks?|days?|hours?|minutes?))"
_AGES = re.compile(rf"(?:{_AGE} and older|{_AGE} to {_AGE}|up to {_AGE}|{_AGE})", re.IGNORECASE)
_STANDARD_AGE = re.compile(r"\b(older adult|adult|child)\b", re.IGNORECASE)
_TIME_FRAME = re.compile(r"\[\s*Time Frame:\s*", re.IGNORECASE)
_SAFETY_ISSUE = re.compile(r"^\[\s*Designated as safety issue:[^\]]*\]\s*", re.IGNORECASE)
_TYPED_ID = re.compile(
    r"(?P<id>.+?)\s*\(\s*(?P<type>[^():]+?(?:\([^()]*\)[^():]*?)?)\s*(?::\s*(?P<domain>[^()]*(?:\([^()]*\)[^()]*){0,2}))?\)"
)
_LONGEST_ID = 300
# Of the person who answers for a record, the page gives name, title and place in one line; a company has none of these.
_TITLE = re.compile(
    r"\b(?:investigator|professor|director|chair\w*|physician|doctor|dr|md|m\.d|phd|ph\.d|head|chief|surgeon|lecturer|"
    r"resident|fellow|scientist|researcher|consultant|dean)\b",
    re.IGNORECASE,
)

# What stands behind the comma of a company's own name.
_COMPANY_END = re.compile(
    r"(?:inc|incorporated|ltd|limited|llc|l\.?p|co|corp|corporation|gmbh|s\.?a|ag|plc|b\.?v)\.?", re.I
)


def date_struct(text: str, qualifier: str | None = None) -> DateStruct:
    """A date of a page; words after it are left out, one without a day stays one.

    >>> date_struct("October 30, 2019 Key Record Dates").date, date_struct("October 2022", "ESTIMATED").date
    ('2019-10-30', '2022-10')
    """
    found = WRITTEN_DATE.match(squeezed(text))
    if not found:
        return DateStruct(date=squeezed(text), type=qualifier)
    return DateStruct(date=iso_date(found[0]) or found[0], type=qualifier)


class StatusWords(NamedTuple):
    """What a page says of recruitment; ``""`` and None for what it does not."""

    overall: str
    why_stopped: str | None = None
    last_known: str | None = None


def status(text: str) -> StatusWords:
    """Overall status, why the study was stopped, and of an unknown status the last known one.

    >>> status("Terminated (slow accrual)")
    StatusWords(overall='TERMINATED', why_stopped='slow accrual', last_known=None)
    >>> status("Unknown status Verified May 2017 by X. Recruitment status was: Not yet recruiting").last_known
    'NOT_YET_RECRUITING'
    """
    word, _, rest = squeezed(text).partition("(")
    if word.casefold().startswith("unknown"):
        known = squeezed(text).casefold().rpartition("status was:")
        return StatusWords("UNKNOWN", None, code(known[2], words.STATUS) if known[1] else None)
    return StatusWords(code(word, words.STATUS), rest.removesuffix(")").strip() or None)


class StudyType(NamedTuple):
    """Study type, and what the page says in its brackets."""

    code: str | None
    patient_registry: bool | None = None
    expanded_access: ExpandedAccessTypes | None = None


def study_type(text: str) -> StudyType:
    """The study type of a row.

    >>> study_type("Observational [Patient Registry]")
    StudyType(code='OBSERVATIONAL', patient_registry=True, expanded_access=None)
    """
    name = next((name for name in words.STUDY_TYPES if text.startswith(name)), None)
    if not name:
        return StudyType(squeezed(text) or None)
    below = text.casefold()
    found = {field: True for field, sign in words.EXPANDED_ACCESS.items() if sign in below}
    access = ExpandedAccessTypes(**found) if found and name == "Expanded Access" else None
    return StudyType(code(name), True if "[patient registry]" in below else None, access)


def bio_spec(lines: Sequence[Line]) -> BioSpec | None:
    """Samples that are kept, from a row with the labels ``Retention`` and ``Description`` in it."""
    found = inner_values(lines, ("retention", "description"))
    kept = found.get("retention")
    if not found:
        return None
    return BioSpec(
        retention=code(kept[0]) if kept else None, description="\n".join(found.get("description", [])) or None
    )


def ipd_sharing(found: Mapping[str, list[str]]) -> IpdSharing:
    """Whether data of participants are shared, from rows by their labels."""

    def text(*labels: str) -> str | None:
        return next(("\n".join(found[label]) for label in labels if found.get(label)), None)

    plan = text("plan to share ipd")
    return IpdSharing(
        ipd_sharing=code(plan.split("\n")[0]) if plan else None,
        description=text("plan description", "ipd plan description"),
        info_types=[
            words.IPD_INFO.get(name.casefold(), code(name))
            for line in found.get("supporting materials", [])
            for name in words.IPD_INFO_END.split(squeezed(line))
            if name
        ],
        time_frame=text("time frame"),
        access_criteria=text("access criteria"),
        url=text("url"),
    )


def phases(text: str) -> list[str]:
    """The phases in a cell.

    >>> phases("Phase 1 Phase 2"), phases("Not Applicable")
    (['PHASE1', 'PHASE2'], ['NA'])
    """
    found = []
    for match in _PHASE.finditer(squeezed(text)):
        word = match[0].casefold()
        found.append("EARLY_PHASE1" if word.startswith("early") else f"PHASE{match[1]}" if match[1] else "NA")
    return found


def enrollment(text: str, qualifier: str | None) -> Enrollment:
    """The number of participants.

    >>> enrollment("1,204 participants", "ACTUAL").count
    1204
    """
    digits = re.match(r"[0-9][0-9,]{0,14}(?![0-9,])", text)
    return Enrollment(count=int(digits[0].replace(",", "")) if digits else None, type=qualifier)


def design_info(facts: dict[str, str]) -> DesignInfo:
    """The design, from the rows of the page by their labels."""

    def coded(label: str, table: dict[str, str] | None = None) -> str | None:
        return code(facts[label], table) if label in facts else None

    masking = None
    if "masking" in facts:
        degree, _, who = squeezed(facts["masking"]).partition("(")
        parties = [code(party, words.MASKED) for party in who.rstrip(") ").split(",") if party.strip()]
        degree_code = code(degree.casefold().replace("-blind", ""))
        masking = Masking(masking=degree_code, who_masked=[] if degree_code == "NONE" else parties)
    if "masking description" in facts:
        masking = masking or Masking()
        masking.masking_description = facts["masking description"]
    return DesignInfo(
        allocation=coded("allocation", words.ALLOCATION),
        intervention_model=coded("intervention model", words.MODEL),
        intervention_model_description=facts.get("intervention model description"),
        primary_purpose=coded("primary purpose", words.PURPOSE),
        observational_model=coded("observational model"),
        time_perspective=coded("time perspective"),
        masking_info=masking,
    )


def age_limits(text: str) -> Eligibility:
    """Least and greatest age, and the registry's age groups.

    >>> age_limits("6 Months to 17 Years (Child)").maximum_age
    '17 Years'
    """
    text = squeezed(text)
    found = _AGES.match(text)
    older, least, most, up_to, only = found.groups() if found else (None,) * 5
    return Eligibility(
        minimum_age=older or least or only,
        maximum_age=most or up_to or only,
        std_ages=[code(group) for group in _STANDARD_AGE.findall(text[found.end() :] if found else text)],
    )


def yes_no(text: str | None) -> bool | None:
    """Whether a row says yes; None when it is absent or says something else.

    >>> yes_no("Yes"), yes_no("No"), yes_no(None)
    (True, False, None)
    """
    word = (text or "").casefold()
    return True if word.startswith(("yes", "accepts")) else False if word.startswith("no") else None


def outcome(text: str) -> Outcome:
    """An outcome: measure, time frame in brackets, description.

    >>> outcome("Weight [ Time Frame: 4 weeks (day [28]) ]In kilograms").time_frame
    '4 weeks (day [28])'
    """
    found = _TIME_FRAME.search(text)
    if not found:
        return Outcome(measure=squeezed(text))
    depth, end = 1, found.end()
    while end < len(text) and depth:
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        end += 1
    frame = text[found.end() : end - 1 if depth == 0 else end]
    description = _SAFETY_ISSUE.sub("", text[end:].strip())
    return Outcome(measure=squeezed(text[: found.start()]), time_frame=squeezed(frame), description=description or None)


def secondary_id(text: str) -> SecondaryId:
    """A number of the study elsewhere, with its type in brackets where given.

    >>> secondary_id("2019-001234-56 ( EudraCT Number )").type
    'EUDRACT_NUMBER'
    """
    found = _TYPED_ID.fullmatch(squeezed(text)) if len(text) <= _LONGEST_ID else None
    if not found or found["type"].casefold() not in words.SECONDARY_ID_TYPE:
        return SecondaryId(id=squeezed(text))
    return SecondaryId(
        id=found["id"],
        type=words.SECONDARY_ID_TYPE[found["type"].casefold()],
        domain=squeezed(found["domain"] or "") or None,
    )


def oversight(facts: Mapping[str, str], committee: str | None) -> Oversight:
    """Oversight, from rows by their labels, as the tabular view and the study details have them."""
    return Oversight(
        oversight_has_dmc=yes_no(committee),
        is_fda_regulated_drug=yes_no(facts.get("studies a u.s. fda-regulated drug product")),
        is_fda_regulated_device=yes_no(facts.get("studies a u.s. fda-regulated device product")),
        is_unapproved_device=yes_no(facts.get("device product not approved or cleared by u.s. fda")),
        is_ppsd=yes_no(facts.get("pediatric postmarket surveillance of a device product")),
        is_us_export=yes_no(facts.get("product manufactured in and exported from the u.s")),
    )


class Responsible(NamedTuple):
    """The responsible party, and the sponsor's name as far as it follows from it."""

    party: ResponsibleParty
    sponsor: str | None


def responsible(text: str, sponsor: str | None) -> Responsible:
    """Who answers for the record: the sponsor, or a person with title and affiliation.

    Args:
        text: what the page says.
        sponsor: the lead sponsor, where a row says who it is. Without one, a responsible party that is not a person
            is the sponsor: the registry knows no other case.

    >>> responsible("Ada Byron, Professor, Example University", "Example University").party.type
    'PRINCIPAL_INVESTIGATOR'
    """
    text = squeezed(text)
    name, _, rest = text.partition(", ")
    if sponsor and text != sponsor and rest.endswith(f", {sponsor}"):
        title, affiliation = rest.removesuffix(f", {sponsor}"), sponsor
    elif sponsor or text.count(", ") < 2 or not _TITLE.search(rest.rpartition(", ")[0]):
        return Responsible(ResponsibleParty(type="SPONSOR"), sponsor or text)
    else:
        title, _, affiliation = rest.rpartition(", ")
        if _COMPANY_END.fullmatch(affiliation) and ", " in title:
            title, _, company = title.rpartition(", ")
            affiliation = f"{company}, {affiliation}"
    own = "sponsor-investigator" in title.casefold() or name == sponsor
    party = ResponsibleParty(
        type="SPONSOR_INVESTIGATOR" if own else "PRINCIPAL_INVESTIGATOR",
        investigator_full_name=name,
        investigator_title=title,
        investigator_affiliation=affiliation,
    )
    return Responsible(party, sponsor)
