"""The words of a registry page: its headings, the labels of its rows, and its values with their codes.

Source: the classic pages as they were in 2021; codes and their words from the registry's API, ``/studies/enums``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

__all__ = [
    "ALLOCATION",
    "ARM_TYPES",
    "DESIGN_LABELS",
    "EXPANDED_ACCESS",
    "INTERVENTION_TYPES",
    "IPD_INFO",
    "IPD_INFO_END",
    "IPD_LABELS",
    "MASKED",
    "MODEL",
    "PROSE",
    "PURPOSE",
    "ROLES",
    "SECONDARY_ID_TYPE",
    "SITE_STATUS",
    "STATUS",
    "STUDY_TYPES",
    "Label",
    "Section",
    "code",
    "is_boilerplate",
    "label_of",
    "section_of",
    "squeezed",
]


class Section(Enum):
    """What the blocks after a heading are about."""

    ANY = auto()
    """Nothing in particular, or a part that is not read."""
    SUMMARY = auto()
    DESCRIPTION = auto()
    ARMS = auto()
    OUTCOMES = auto()
    """Outcomes of no stated kind; the headings below it say which."""
    PRIMARY = auto()
    SECONDARY = auto()
    OTHER = auto()
    ELIGIBILITY = auto()
    POPULATION = auto()
    CRITERIA = auto()
    BIOSPECIMEN = auto()
    LOCATIONS = auto()
    SPONSORS = auto()
    BACKGROUND = auto()
    RESULTS = auto()
    DERIVED = auto()
    KEYWORDS = auto()
    MESH = auto()


PROSE = frozenset({Section.SUMMARY, Section.DESCRIPTION, Section.CRITERIA, Section.POPULATION, Section.BIOSPECIMEN})
"""Sections of free text, where a line that looks like a label is only a line."""

_SECTIONS = {
    "study description": Section.ANY,
    "condition or disease": Section.ANY,
    "brief summary": Section.SUMMARY,
    "detailed description": Section.DESCRIPTION,
    "study design": Section.ANY,
    "arms and interventions": Section.ARMS,
    "groups and cohorts": Section.ARMS,
    "outcome measures": Section.OUTCOMES,
    "primary outcome measures": Section.PRIMARY,
    "secondary outcome measures": Section.SECONDARY,
    "other outcome measures": Section.OTHER,
    "other pre-specified outcome measures": Section.OTHER,
    "biospecimen description": Section.BIOSPECIMEN,
    "eligibility criteria": Section.ELIGIBILITY,
    "information from the national library of medicine": Section.ANY,
    "study population": Section.POPULATION,
    "contacts and locations": Section.LOCATIONS,
    "study documents (full-text)": Section.ANY,
    "sponsors and collaborators": Section.SPONSORS,
    "more information": Section.ANY,
    "additional information": Section.ANY,
    "publications": Section.BACKGROUND,
    "publications of results": Section.RESULTS,
    "other publications": Section.BACKGROUND,
    "layout table for study information": Section.ANY,
}
# Words that also stand alone on a line of free text, where they open no section of the page.
_SECTIONS_OUTSIDE_PROSE = {
    "criteria": Section.CRITERIA,
    "inclusion criteria": Section.CRITERIA,
    "contacts": Section.LOCATIONS,
    "contact": Section.LOCATIONS,
    "locations": Section.LOCATIONS,
    "investigators": Section.ANY,
}
_SECTION_STARTS = (
    ("keywords provided by ", Section.KEYWORDS),
    ("additional relevant mesh terms", Section.MESH),
    ("publications automatically indexed to this study", Section.DERIVED),
    ("additional publications automatically indexed", Section.DERIVED),
)
# Sentences of the registry's own between the parts of a page; where the headings are lost, they end the part above.
_BOILERPLATE = (
    "choosing to participate in a study",
    "to learn more about this study",
    "please refer to this study by its",
    "information from the national library of medicine",
    "the safety and scientific validity of this study",
    "listing a study does not mean",
    "contacts and locations",
)


class Label(NamedTuple):
    """The label of a fact: its name, and whether it says that the value is actual or estimated."""

    name: str
    qualifier: str | None = None


_LABELS = frozenset(
    {
        "access criteria",
        "accepts healthy volunteers",
        "ages eligible for study",
        "allocation",
        "biospecimen retention",
        "clinicaltrials.gov identifier",
        "collaborator",
        "device product not approved or cleared by u.s. fda",
        "enrollment",
        "first posted",
        "first submitted",
        "gender based eligibility",
        "gender eligibility description",
        "has data monitoring committee",
        "information provided by",
        "intervention model",
        "intervention model description",
        "ipd sharing statement",
        "last update posted",
        "last verified",
        "masking",
        "masking description",
        "observational model",
        "official title",
        "other study id numbers",
        "plan description",
        "plan to share ipd",
        "pediatric postmarket surveillance of a device product",
        "primary completion date",
        "primary purpose",
        "product manufactured in and exported from the u.s",
        "recruitment status",
        "responsible party",
        "results first posted",
        "results first submitted",
        "sampling method",
        "sexes eligible for study",
        "sponsor",
        "studies a u.s. fda-regulated device product",
        "studies a u.s. fda-regulated drug product",
        "study completion date",
        "study start date",
        "study type",
        "supporting materials",
        "target follow-up duration",
        "time perspective",
    }
)
# Words that are labels only at the head of a row: elsewhere they begin a line of anything.
_ROW_LABELS = frozenset({"time frame", "url"})
_SAME_LABEL = {
    "collaborators": "collaborator",
    "expanded access status": "recruitment status",
    "gender eligible for study": "sexes eligible for study",
    "genders eligible for study": "sexes eligible for study",
    "information provided by (responsible party)": "information provided by",
    "device product not approved": "device product not approved or cleared by u.s. fda",
    "last updated": "last update posted",
    "pediatric postmarket study of a device product": "pediatric postmarket surveillance of a device product",
    "sex eligible for study": "sexes eligible for study",
    "study first posted": "first posted",
}
_QUALIFIER = re.compile(r"(actual|estimated|anticipated) ")

STATUS = {
    "active, not recruiting": "ACTIVE_NOT_RECRUITING",
    "unknown status": "UNKNOWN",
}
SITE_STATUS = frozenset(
    {
        "active, not recruiting",
        "available",
        "completed",
        "enrolling by invitation",
        "not yet recruiting",
        "recruiting",
        "suspended",
        "terminated",
        "withdrawn",
    }
)
STUDY_TYPES = ("Interventional", "Observational", "Expanded Access")
EXPANDED_ACCESS = {
    "individual": "individual patients",
    "intermediate": "intermediate-size population",
    "treatment": "treatment ind/protocol",
}
DESIGN_LABELS = frozenset(
    {
        "allocation",
        "intervention model",
        "intervention model description",
        "masking",
        "masking description",
        "observational model",
        "primary purpose",
        "time perspective",
    }
)
"""The labels within the row of the study design."""
IPD_LABELS = frozenset(
    {
        "access criteria",
        "ipd plan description",
        "plan description",
        "plan to share ipd",
        "supporting materials",
        "time frame",
        "url",
    }
)
"""The labels within what is said of sharing participants' data."""
IPD_INFO = {
    "study protocol": "STUDY_PROTOCOL",
    "statistical analysis plan (sap)": "SAP",
    "informed consent form (icf)": "ICF",
    "clinical study report (csr)": "CSR",
    "analytic code": "ANALYTIC_CODE",
}
IPD_INFO_END = re.compile(r"(?<=\))\s*[,;]?\s+|(?<=Protocol)\s*[,;]?\s+|(?<=Code)\s*[,;]?\s+")
"""Between the names of documents, where they are on one line."""
ALLOCATION = {"n/a": "NA", "not applicable": "NA"}
MODEL = {
    "single group assignment": "SINGLE_GROUP",
    "parallel assignment": "PARALLEL",
    "crossover assignment": "CROSSOVER",
    "factorial assignment": "FACTORIAL",
    "sequential assignment": "SEQUENTIAL",
}
PURPOSE = {"educational/counseling/training": "ECT"}
MASKED = {
    "participant": "PARTICIPANT",
    "subject": "PARTICIPANT",
    "care provider": "CARE_PROVIDER",
    "caregiver": "CARE_PROVIDER",
    "investigator": "INVESTIGATOR",
    "outcomes assessor": "OUTCOMES_ASSESSOR",
}
ARM_TYPES = ("Experimental", "Active Comparator", "Placebo Comparator", "Sham Comparator", "No Intervention", "Other")
INTERVENTION_TYPES = (
    "Behavioral",
    "Biological",
    "Combination Product",
    "Device",
    "Diagnostic Test",
    "Dietary Supplement",
    "Drug",
    "Genetic",
    "Procedure",
    "Radiation",
    "Other",
)
ROLES = frozenset({"study chair", "study director", "principal investigator", "sub-investigator"})
SECONDARY_ID_TYPE = {
    "u.s. nih grant/contract": "NIH",
    "u.s. fda grant/contract": "FDA",
    "u.s. va grant/contract": "VA",
    "u.s. cdc grant/contract": "CDC",
    "u.s. ahrq grant/contract": "AHRQ",
    "u.s. samhsa grant/contract": "SAMHSA",
    "other grant/funding number": "OTHER_GRANT",
    "eudract number": "EUDRACT_NUMBER",
    "eu trial (ctis) number": "CTIS",
    "registry identifier": "REGISTRY",
    "other identifier": "OTHER",
}


def squeezed(text: str) -> str:
    """``text`` with each run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def _key(text: str) -> str:
    """A heading or label as it is looked up: lower case, without its colon and the link that stands before it."""
    return squeezed(text).casefold().removeprefix("go to ").rstrip(" :.")


def code(text: str, table: Mapping[str, str] | None = None) -> str:
    """The registry's code for a word of a page.

    Args:
        text: the word.
        table: codes that are not made from their word by the registry's rule.

    >>> code("Parallel Assignment", MODEL), code("Cross-Sectional")
    ('PARALLEL', 'CROSS_SECTIONAL')
    """
    word = squeezed(text)
    made = re.sub(r"[^A-Z0-9]+", "_", word.upper()).strip("_")
    return (table or {}).get(word.casefold(), made)


def section_of(text: str, *, in_prose: bool = False) -> Section | None:
    """The section that a heading opens; None when it is no heading of a page.

    >>> section_of("Primary Outcome Measures  :")
    <Section.PRIMARY: 6>
    """
    if len(text) > 200:
        return None
    key = _key(text)
    found = _SECTIONS.get(key) or (None if in_prose else _SECTIONS_OUTSIDE_PROSE.get(key))
    return found or next((section for start, section in _SECTION_STARTS if key.startswith(start)), None)


def label_of(text: str, *, row: bool = False) -> Label | None:
    """The label that ``text`` is; None when it is none.

    Args:
        text: what may be a label.
        row: it is the first cell of a row with a value.

    >>> label_of("Estimated Study Completion Date :")
    Label(name='study completion date', qualifier='ESTIMATED')
    """
    if len(text) > 80:
        return None
    key = _key(text)
    qualifier = _QUALIFIER.match(key)
    if qualifier:
        key = key[qualifier.end() :]
    key = _SAME_LABEL.get(key, key)
    if key not in _LABELS and not (row and key in _ROW_LABELS):
        return None
    if not qualifier:
        return Label(key)
    return Label(key, "ACTUAL" if qualifier[1] == "actual" else "ESTIMATED")


def is_boilerplate(text: str) -> bool:
    """Whether a line is the registry's own text, the same on every page."""
    return text.casefold().startswith(_BOILERPLATE)
