"""Baseline characteristics and outcome measures: what was measured in each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.results.analyses import add_analysis
from kg.mapping.results.groups import COMMENT, Groups, add_denominators, add_groups, folded, in_group
from kg.mapping.results.numbers import LOWER, SPREAD, UPPER, VALUE, add_number
from kg.study import Arm, Baseline, BaselineMeasure, Measurement, OutcomeResult, Protocol
from kg.terms import RDF_TYPE, boolean

__all__ = ["add_baseline", "add_outcome_results"]

_BASELINE: Final = "resultsSection.baselineCharacteristicsModule."
_OUTCOMES: Final = "resultsSection.outcomeMeasuresModule.outcomeMeasures[]"
_DESCRIPTION = prop("dcterms:description")
_POPULATION = prop("tkg:baselinePopulation")
_POPULATION_CLASS = prop("tkg:BaselinePopulation")
_UNITS_ANALYZED = prop("tkg:unitsAnalyzed")
_BASELINE_MEASURE = prop("tkg:baselineMeasure")
_BASELINE_MEASURE_CLASS = prop("tkg:BaselineMeasure")
_ANALYSIS_POPULATION = prop("tkg:analysisPopulation")
_PARAM = prop("tkg:measureParam")
_DISPERSION = prop("tkg:dispersionType")
_DISPERSION_TEXT = prop("tkg:dispersionText")
_UNIT = prop("tkg:unit")
_PERCENT = prop("tkg:isPercentCalculated")
_DENOMINATOR_UNIT = prop("tkg:denominatorUnit")
_MEASUREMENT = prop("tkg:measurement")
_MEASUREMENT_CLASS = prop("tkg:Measurement")
_CLASS_TITLE = prop("tkg:classTitle")
_CATEGORY_TITLE = prop("tkg:categoryTitle")
_RESULT = prop("tkg:outcomeResult")
_RESULT_CLASS = prop("tkg:OutcomeResult")
_RESULT_TYPE = prop("tkg:outcomeResultType")
_OF_OUTCOME = prop("tkg:resultOf")
_REPORTING = prop("tkg:reportingStatus")
_ANTICIPATED = prop("tkg:anticipatedPosting")
_TIME_FRAME = prop("tkg:timeFrame")
_ANALYSIS = prop("tkg:analysis")

# The words that outcomes have for what baseline measures have codes for.
_DISPERSIONS: Final = {
    "standard deviation": "STANDARD_DEVIATION",
    "standard error": "STANDARD_ERROR",
    "inter-quartile range": "INTER_QUARTILE_RANGE",
    "full range": "FULL_RANGE",
    "80% confidence interval": "CONFIDENCE_80",
    "90% confidence interval": "CONFIDENCE_90",
    "95% confidence interval": "CONFIDENCE_95",
    "97.5% confidence interval": "CONFIDENCE_975",
    "99% confidence interval": "CONFIDENCE_99",
    "geometric coefficient of variation": "GEOMETRIC_COEFFICIENT",
}


def add_baseline(draft: Draft, module: Baseline, arms: Sequence[Arm]) -> None:
    """Statements on who took part, as they were at the beginning."""
    if module == Baseline():
        return
    node = f"<{draft.iri}/result/population>"
    draft.statements += ((draft.study, _POPULATION, node), (node, RDF_TYPE, _POPULATION_CLASS))
    draft.text(node, _DESCRIPTION, module.population_description)
    draft.text(node, _UNITS_ANALYZED, module.type_units_analyzed)
    groups = add_groups(draft, node, "result/population", module.groups, arms)
    add_denominators(draft, node, module.denoms, groups, _BASELINE + "denoms[]")
    for number, measure in enumerate(module.measures, 1):
        place = draft.part("result/baseline", number)
        draft.statements += ((draft.study, _BASELINE_MEASURE, place), (place, RDF_TYPE, _BASELINE_MEASURE_CLASS))
        field = _BASELINE + "measures[]"
        dispersion = measure.dispersion_type
        draft.code(place, _DISPERSION, "measure-dispersion-type", dispersion, field + ".dispersionType")
        _add_measure(draft, place, measure, groups, field)


def add_outcome_results(draft: Draft, results: Sequence[OutcomeResult], protocol: Protocol) -> None:
    """Statements on the results of outcome measures."""
    arms = protocol.arms_interventions_module.arm_groups
    registered = _registered_outcomes(protocol)
    for number, result in enumerate(results, 1):
        node = draft.part("result/outcome", number)
        draft.statements += ((draft.study, _RESULT, node), (node, RDF_TYPE, _RESULT_CLASS))
        draft.code(node, _RESULT_TYPE, "outcome-measure-type", result.type, _OUTCOMES + ".type")
        outcome = registered.get((result.type or "", folded(result.title)))
        if outcome:
            draft.statements.append((node, _OF_OUTCOME, draft.part(*outcome)))
        draft.code(node, _REPORTING, "reporting-status", result.reporting_status, _OUTCOMES + ".reportingStatus")
        draft.date(node, _ANTICIPATED, result.anticipated_posting_date, _OUTCOMES + ".anticipatedPostingDate")
        draft.text(node, _TIME_FRAME, result.time_frame)
        draft.text(node, _UNITS_ANALYZED, result.type_units_analyzed)
        groups = add_groups(draft, node, f"result/outcome/{number}", result.groups, arms)
        _add_dispersion(draft, node, result.dispersion_type)
        _add_measure(draft, node, result, groups, _OUTCOMES)
        for count, analysis in enumerate(result.analyses, 1):
            place = f"{node[:-1]}/analysis/{count}>"
            draft.statements.append((node, _ANALYSIS, place))
            add_analysis(draft, place, analysis, groups, _OUTCOMES + ".analyses[].")


def _registered_outcomes(protocol: Protocol) -> dict[tuple[str, str], tuple[str, int]]:
    """Type and title → kind and number of the registered outcome, where the title is that of one of its type."""
    module = protocol.outcomes_module
    found: dict[tuple[str, str], tuple[str, int]] = {}
    twice = set()
    for type_, kind, outcomes in (
        ("PRIMARY", "outcome/primary", module.primary_outcomes),
        ("SECONDARY", "outcome/secondary", module.secondary_outcomes),
        ("OTHER_PRE_SPECIFIED", "outcome/other", module.other_outcomes),
    ):
        for number, outcome in enumerate(outcomes, 1):
            key = type_, folded(outcome.measure)
            if key in found:
                twice.add(key)
            found[key] = kind, number
    return {key: place for key, place in found.items() if key not in twice}


def _add_dispersion(draft: Draft, node: str, text: str | None) -> None:
    if not text:
        return
    code = _DISPERSIONS.get(folded(text), text)
    if code != text or code.isupper():
        draft.code(node, _DISPERSION, "measure-dispersion-type", code, _OUTCOMES + ".dispersionType")
    else:
        draft.text(node, _DISPERSION_TEXT, text)


def _add_measure(draft: Draft, node: str, measure: BaselineMeasure | OutcomeResult, groups: Groups, field: str) -> None:
    """What baseline and outcome measures share."""
    draft.text(node, LABEL, measure.title)
    draft.text(node, _DESCRIPTION, measure.description)
    draft.text(node, _ANALYSIS_POPULATION, measure.population_description)
    draft.code(node, _PARAM, "measure-param", measure.param_type, field + ".paramType")
    draft.text(node, _UNIT, measure.unit_of_measure)
    draft.add(node, _PERCENT, boolean(measure.calculate_pct))
    draft.text(node, _DENOMINATOR_UNIT, measure.denom_units_selected)
    add_denominators(draft, node, measure.denoms, groups, field + ".denoms[]")
    for c, part in enumerate(measure.classes, 1):
        place = f"{node[:-1]}/class/{c}"
        path = field + ".classes[].denoms[]"
        add_denominators(draft, node, part.denoms, groups, path, below=f"/class/{c}", title=part.title)
        said = any(unit.counts for unit in part.denoms) or any(category.measurements for category in part.categories)
        if part.title and not said:
            draft.reject(f"{field}.classes[].title", f"class {part.title!r} of a measure has no values")
        for k, category in enumerate(part.categories, 1):
            if category.title and not category.measurements:
                note = f"category {category.title!r} of a measure has no values"
                draft.reject(f"{field}.classes[].categories[].title", note)
            for m, measurement in enumerate(category.measurements, 1):
                term = f"{place}/category/{k}/measurement/{m}>"
                draft.statements += ((node, _MEASUREMENT, term), (term, RDF_TYPE, _MEASUREMENT_CLASS))
                draft.text(term, _CLASS_TITLE, part.title)
                draft.text(term, _CATEGORY_TITLE, category.title)
                _add_measurement(draft, term, measurement, groups, field)


def _add_measurement(draft: Draft, node: str, measurement: Measurement, groups: Groups, field: str) -> None:
    path = field + ".classes[].categories[].measurements[].groupId"
    in_group(draft, node, groups, measurement.group_id, path)
    add_number(draft, node, VALUE, measurement.value)
    add_number(draft, node, SPREAD, measurement.spread)
    add_number(draft, node, LOWER, measurement.lower_limit)
    add_number(draft, node, UPPER, measurement.upper_limit)
    draft.text(node, COMMENT, measurement.comment)
