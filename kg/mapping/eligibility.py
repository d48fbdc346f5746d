"""Eligibility: ages, sex, and the inclusion and exclusion criteria."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kg.mapping.criteria import split_criteria
from kg.mapping.draft import Draft, prop
from kg.study import Eligibility
from kg.terms import RDF_TYPE, boolean, clean, decimal, duration, integer, quoted

__all__ = ["add_eligibility"]

_MODULE: Final = "eligibilityModule."
_ELIGIBILITY = prop("tkg:eligibility")
_ELIGIBILITY_CLASS = prop("tkg:Eligibility")
_CRITERIA_TEXT = prop("tkg:criteriaText")
_CRITERION_CLASS = prop("tkg:Criterion")
_POSITION = prop("tkg:position")
_DESCRIPTION = prop("dcterms:description")
_SEX = prop("tkg:sex")
_HEALTHY = prop("tkg:acceptsHealthyVolunteers")
_GENDER_BASED = prop("tkg:isGenderBased")
_GENDER_DESCRIPTION = prop("tkg:genderDescription")
_POPULATION = prop("tkg:studyPopulation")
_SAMPLING = prop("tkg:samplingMethod")
_STANDARD_AGE = prop("tkg:standardAge")
_SIDES: Final = (
    ("inclusion", prop("tkg:inclusionCriterion")),
    ("exclusion", prop("tkg:exclusionCriterion")),
)
_AGES: Final = (
    ("minimum_age", prop("tkg:minimumAge"), prop("tkg:minimumAgeYears"), "minimumAge"),
    ("maximum_age", prop("tkg:maximumAge"), prop("tkg:maximumAgeYears"), "maximumAge"),
)

_AGE: Final = re.compile(r"([0-9]{1,5})\s+(Year|Month|Week|Day|Hour|Minute)s?", re.IGNORECASE)
_IN_A_YEAR: Final = {"year": "1", "month": "12", "week": "52.1775", "day": "365.2425", "hour": "8765.82",
                     "minute": "525949.2"}  # fmt: skip


def add_eligibility(draft: Draft, module: Eligibility) -> None:
    """Statements on who may take part; none when the record says nothing about it."""
    if module == Eligibility():
        return
    node = f"<{draft.iri}/eligibility>"
    draft.statements += ((draft.study, _ELIGIBILITY, node), (node, RDF_TYPE, _ELIGIBILITY_CLASS))
    for field, exact, years, path in _AGES:
        text = getattr(module, field)
        terms = _age(text) if text else None
        if terms:
            draft.statements += ((node, exact, terms[0]), (node, years, terms[1]))
        elif text and text.strip().upper() not in ("N/A", "NONE"):
            note = f"{text!r} is not an age (expected a number and Years, Months, Weeks, Days, …)"
            draft.reject(f"{_MODULE}{path}", note)
    draft.code(node, _SEX, "sex", module.sex, _MODULE + "sex")
    draft.add(node, _GENDER_BASED, boolean(module.gender_based))
    draft.text(node, _GENDER_DESCRIPTION, module.gender_description)
    draft.add(node, _HEALTHY, boolean(module.healthy_volunteers))
    for age in dict.fromkeys(module.std_ages):
        draft.code(node, _STANDARD_AGE, "standard-age", age, _MODULE + "stdAges[]")
    draft.text(node, _POPULATION, module.study_population)
    draft.code(node, _SAMPLING, "sampling-method", module.sampling_method, _MODULE + "samplingMethod")
    if not module.eligibility_criteria:
        return
    whole = clean(module.eligibility_criteria)
    draft.add(node, _CRITERIA_TEXT, quoted(whole))
    criteria = split_criteria(whole)
    for (side, predicate), texts in zip(_SIDES, criteria, strict=True):
        for position, text in enumerate(texts, 1):
            item = f"<{draft.iri}/eligibility/{side}/{position}>"
            draft.statements += (
                (node, predicate, item),
                (item, RDF_TYPE, _CRITERION_CLASS),
                (item, _POSITION, integer(position)),
                (item, _DESCRIPTION, quoted(text)),
            )


@lru_cache(maxsize=4096)
def _age(text: str) -> tuple[str, str] | None:
    match = _AGE.fullmatch(text.strip())
    if not match:
        return None
    number, unit = int(match[1]), match[2].lower()
    exact = duration(days=number * 7) if unit == "week" else duration(**{unit + "s": number})
    return exact, decimal(round(Decimal(number) / Decimal(_IN_A_YEAR[unit]), 4))
