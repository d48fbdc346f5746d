"""Eligibility: ages, sex, and the inclusion and exclusion criteria."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from kg.linking.link import Link
from kg.linking.linker import Linker
from kg.mapping.criteria import Criterion, split_criteria
from kg.mapping.draft import Draft, prop
from kg.mapping.links import add_links, within
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
    ("unstated", prop("tkg:criterion")),
)
_CRITERION_CONCEPT = prop("tkg:criterionConcept")
_CRITERION_WITHIN = prop("tkg:criterionWithin")
_SUB_CRITERION = prop("tkg:subCriterion")
_AGES: Final = (
    ("minimum_age", prop("tkg:minimumAge"), prop("tkg:minimumAgeYears"), "minimumAge"),
    ("maximum_age", prop("tkg:maximumAge"), prop("tkg:maximumAgeYears"), "maximumAge"),
)

_AGE: Final = re.compile(r"([0-9]{1,5})\s+(Year|Month|Week|Day|Hour|Minute)s?", re.IGNORECASE)
_IN_A_YEAR: Final = {"year": "1", "month": "12", "week": "52.1775", "day": "365.2425", "hour": "8765.82",
                     "minute": "525949.2"}  # fmt: skip


def add_eligibility(draft: Draft, module: Eligibility, linker: Linker) -> None:
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
    if module.eligibility_criteria:
        _add_criteria(draft, node, clean(module.eligibility_criteria), linker)


def _add_criteria(draft: Draft, node: str, text: str, linker: Linker) -> None:
    """The criteria text whole, and parted where it says on which side its criteria are, or clearly lists them."""
    draft.add(node, _CRITERIA_TEXT, quoted(text))
    criteria = split_criteria(text)
    links = iter(linker.criteria([criterion.text for found in criteria for criterion in found]))
    statements = draft.statements
    for (side, predicate), found in zip(_SIDES, criteria, strict=True):
        start = f"{node[:-1]}/{side}/"
        for position, criterion in enumerate(found, 1):
            item = f"{start}{position}>"
            statements += (
                (node, predicate, item),
                (item, RDF_TYPE, _CRITERION_CLASS),
                (item, _POSITION, integer(position)),
                (item, _DESCRIPTION, quoted(criterion.text)),
            )
            if criterion.parts:
                _add_parts(draft, item, criterion.parts)
            named = next(links)
            if named:
                _add_named(draft, item, named, linker)


def _add_named(draft: Draft, item: str, named: Sequence[Link], linker: Linker) -> None:
    """What a criterion names. A disease's place in its hierarchy the concept itself tells, by ``tkg:within``."""
    add_links(draft, item, named)
    draft.statements += [(item, _CRITERION_CONCEPT, f"<{link.concept.iri}>") for link in named]
    drugs = [link.concept.iri for link in named if link.concept.is_drug or link.concept.kind == "class"]
    if drugs:
        draft.each(item, _CRITERION_WITHIN, within(drugs, linker))


def _add_parts(draft: Draft, node: str, parts: Sequence[Criterion]) -> None:
    for position, part in enumerate(parts, 1):
        item = f"{node[:-1]}/part/{position}>"
        draft.statements += (
            (node, _SUB_CRITERION, item),
            (item, RDF_TYPE, _CRITERION_CLASS),
            (item, _POSITION, integer(position)),
            (item, _DESCRIPTION, quoted(part.own)),
        )
        if part.parts:
            _add_parts(draft, item, part.parts)


@lru_cache(maxsize=4096)
def _age(text: str) -> tuple[str, str] | None:
    match = _AGE.fullmatch(text.strip())
    if not match:
        return None
    number, unit = int(match[1]), match[2].lower()
    exact = duration(days=number * 7) if unit == "week" else duration(**{unit + "s": number})
    return exact, decimal(round(Decimal(number) / Decimal(_IN_A_YEAR[unit]), 4))
