"""The labels of the tabular view of a registry page.

Source: the tabular view of the classic pages as it was until 2023.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.sources.ctgov_page.words import squeezed

__all__ = ["GROUPS", "MARKED", "TabularLabel", "has_mark", "is_end_note", "tabular_label"]

GROUPS = frozenset(
    {
        "administrative information",
        "descriptive information",
        "recruitment information",
        "tracking information",
    }
)
"""The headings between the rows."""

MARKED = frozenset(
    {
        "accepts healthy volunteers",
        "ages",
        "brief title",
        "collaborators",
        "condition",
        "contacts",
        "eligibility criteria",
        "enrollment",
        "estimated enrollment",
        "first posted date",
        "first submitted date",
        "intervention",
        "investigators",
        "ipd sharing statement",
        "listed location countries",
        "nct number",
        "official title",
        "other study id numbers",
        "primary outcome measures",
        "recruitment status",
        "results first posted date",
        "results first submitted date",
        "secondary outcome measures",
        "sex/gender",
        "study arms",
        "study completion date",
        "study design",
        "study phase",
        "study sponsor",
        "study start date",
        "study type",
    }
)
"""Labels that have "ICMJE" behind them; where a page has kept that mark, they are no labels without it in free text."""
_UNMARKED = frozenset(
    {
        "biospecimen",
        "brief summary",
        "change history",
        "delayed results posting",
        "detailed description",
        "disposition first posted date",
        "disposition first submitted date",
        "has data monitoring committee",
        "last update posted date",
        "last update submitted date",
        "other pre-specified outcome measures",
        "primary completion date",
        "prs account",
        "publications",
        "removed location countries",
        "responsible party",
        "sampling method",
        "study groups/cohorts",
        "study population",
        "supplementary information",
        "target follow-up duration",
        "u.s. fda-regulated product",
        "verification date",
    }
)
_SAME = {
    "conditions": "condition",
    "first received date": "first submitted date",
    "first submitted": "first submitted date",
    "gender": "sex/gender",
    "information provided by": "responsible party",
    "interventions": "intervention",
    "last updated date": "last update posted date",
    "last verified date": "verification date",
    "other outcome measures": "other pre-specified outcome measures",
    "start date": "study start date",
    "study arm": "study arms",
    "study group/cohort": "study groups/cohorts",
    "target follow up duration": "target follow-up duration",
    "verified date": "verification date",
}
_MARK = re.compile(r"\bICMJE\b")
_SUBMITTED = re.compile(r"\(\s*(?:submitted|posted)\s*:\s*([^()]*)\)", re.IGNORECASE)
_BEFORE = re.compile(r"(current|original) ")
_QUALIFIER = re.compile(r"(actual|estimated|anticipated) ")
_LONGEST = 160


class TabularLabel(NamedTuple):
    """The label of a row.

    Attributes:
        name: without what is said around it.
        original: the row has what was first registered, not what holds.
        qualifier: whether the value is actual or estimated.
    """

    name: str
    original: bool = False
    qualifier: str | None = None


def has_mark(text: str) -> bool:
    """Whether a label has the mark of an element that journal editors require."""
    return len(text) <= _LONGEST and _MARK.search(text) is not None


def is_end_note(text: str) -> bool:
    """Whether a line explains that mark, as below the last row."""
    return _MARK.match(text) is not None and "data element required" in text.casefold()


def tabular_label(text: str) -> TabularLabel | None:
    """The label that ``text`` is; None when it is none.

    >>> tabular_label("Original Estimated Enrollment ICMJE (submitted: May 1, 2019)")
    TabularLabel(name='enrollment', original=True, qualifier='ESTIMATED')
    """
    if len(text) > _LONGEST:
        return None
    key = squeezed(_SUBMITTED.sub("", _MARK.sub("", text))).casefold().rstrip(" :*")
    before = _BEFORE.match(key)
    key = key[before.end() :] if before else key
    qualifier = _QUALIFIER.match(key)
    key = key[qualifier.end() :] if qualifier else key
    key = _SAME.get(key, key)
    if key not in MARKED and key not in _UNMARKED:
        return None
    kind = None if not qualifier else "ACTUAL" if qualifier[1] == "actual" else "ESTIMATED"
    return TabularLabel(key, bool(before and before[1] == "original"), kind)
