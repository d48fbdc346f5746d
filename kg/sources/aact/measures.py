"""The AACT tables of one study → its baseline characteristics and outcome measures with their values.

A row is one value; what API v2 nests (measure, class, category, group) is in its columns.
"""

from __future__ import annotations

from kg.sources.aact.reading import Reading, gathered
from kg.sources.aact.store import Row
from kg.study import (
    Analysis,
    Baseline,
    BaselineMeasure,
    Category,
    Count,
    Denominator,
    Group,
    MeasureClass,
    Measurement,
    OutcomeMeasures,
    OutcomeResult,
)

__all__ = ["baseline", "outcome_measures"]

_UNITS = "Participants"
_MEASURE = ("title", "description", "units", "param_type", "dispersion_type", "population_description")


def baseline(reading: Reading, study: Row, groups: list[Row]) -> Baseline:
    """Baseline characteristics.

    Args:
        reading: the study's rows.
        study: its row of ``studies``.
        groups: its rows of ``result_groups`` that are of the baseline.
    """
    denoms = _denominators(reading, reading.rows("baseline_counts"), "overall")
    overall = {(denom.units, count.group_id): count.value for denom in denoms for count in denom.counts}
    measures: dict[tuple[str | None, ...], list[Row]] = {}
    for row in reading.rows("baseline_measurements"):
        measures.setdefault(tuple(row[column] for column in _MEASURE), []).append(row)
    return Baseline(
        population_description=study["baseline_population"],
        type_units_analyzed=study["baseline_type_units_analyzed"],
        groups=_groups(groups),
        denoms=denoms,
        measures=[_baseline_measure(reading, rows, overall) for rows in measures.values()],
    )


def _baseline_measure(
    reading: Reading, rows: list[Row], overall: dict[tuple[str | None, str | None], str | None]
) -> BaselineMeasure:
    row = rows[0]
    units = row["number_analyzed_units"]
    return BaselineMeasure(
        title=row["title"],
        description=row["description"],
        population_description=row["population_description"],
        param_type=reading.word(row, "param_type", "MeasureParam"),
        dispersion_type=reading.word(row, "dispersion_type", "MeasureDispersionType"),
        unit_of_measure=row["units"],
        calculate_pct=reading.truth(row, "calculate_percentage"),
        # Without a unit of its own a measure counts participants, which AACT then writes too.
        denom_units_selected=None if units == _UNITS else units,
        classes=[
            MeasureClass(title=title, denoms=_analyzed(own, overall), categories=_categories(own, ""))
            for title, own in _classes(rows).items()
        ],
    )


def _analyzed(rows: list[Row], overall: dict[tuple[str | None, str | None], str | None]) -> list[Denominator]:
    """How many were analyzed for a class, where that is not the number that the baseline as a whole has."""
    found = {(row["number_analyzed_units"], row["ctgov_group_code"]): row["number_analyzed"] for row in rows}
    if all(number is None or overall.get(key) == number for key, number in found.items()):
        return []
    denoms: dict[str | None, Denominator] = {}
    for (units, group), number in found.items():
        denom = denoms.setdefault(units, Denominator(units=units, counts=[]))
        denom.counts.append(Count(group_id=group, value=number))
    return list(denoms.values())


def outcome_measures(reading: Reading, groups: list[Row]) -> OutcomeMeasures:
    """Outcome measures with their results.

    Args:
        reading: the study's rows.
        groups: its rows of ``result_groups`` that are of outcomes.
    """
    measured = reading.by("outcome_measurements", "outcome_id", "outcomes")
    counted = reading.by("outcome_counts", "outcome_id", "outcomes")
    analyses = reading.by("outcome_analyses", "outcome_id", "outcomes")
    compared = reading.by("outcome_analysis_groups", "outcome_analysis_id", "outcome_analyses")
    results = []
    placed: set[str | None] = set()
    for row in reading.rows("outcomes"):
        values, counts, own = (table.get(row["id"], []) for table in (measured, counted, analyses))
        named = [*counts, *values, *(pair for analysis in own for pair in compared.get(analysis["id"], []))]
        ids = {one["result_group_id"] for one in named}
        mine = [group for group in groups if group["id"] in ids or group["outcome_id"] == row["id"]]
        placed |= {group["id"] for group in mine}
        results.append(
            OutcomeResult(
                type=reading.word(row, "outcome_type", "OutcomeMeasureType"),
                title=row["title"],
                description=row["description"],
                population_description=row["population"],
                anticipated_posting_date=reading.date(
                    row, "anticipated_posting_month_year", "anticipated_posting_date"
                ),
                param_type=reading.word(row, "param_type", "MeasureParam"),
                dispersion_type=row["dispersion_type"],
                unit_of_measure=row["units"],
                time_frame=row["time_frame"],
                type_units_analyzed=row["units_analyzed"],
                groups=_groups(mine),
                denoms=_denominators(reading, counts, "measure"),
                classes=[
                    MeasureClass(title=title, categories=_categories(rows, "_raw"))
                    for title, rows in _classes(values).items()
                ],
                analyses=[_analysis(reading, analysis, compared.get(analysis["id"], [])) for analysis in own],
            )
        )
    lost = sum(group["id"] not in placed for group in groups)
    if lost:
        reading.notes.append(f"result_groups: {lost} groups of outcomes without a value (left out)")
    return OutcomeMeasures(outcome_measures=results)


def _groups(rows: list[Row]) -> list[Group]:
    return [Group(id=row["ctgov_group_code"], title=row["title"], description=row["description"]) for row in rows]


def _denominators(reading: Reading, rows: list[Row], scope: str) -> list[Denominator]:
    denoms: dict[str | None, Denominator] = {}
    for row in rows:
        if (row["scope"] or scope).lower() != scope:
            reading.notes.append(f"scope is not known: '{row['scope']}' (its counts are left out)")
            continue
        denom = denoms.setdefault(row["units"], Denominator(units=row["units"], counts=[]))
        denom.counts.append(Count(group_id=row["ctgov_group_code"], value=row["count"]))
    return list(denoms.values())


def _classes(rows: list[Row]) -> dict[str | None, list[Row]]:
    classes: dict[str | None, list[Row]] = {}
    for row in rows:
        classes.setdefault(row["classification"], []).append(row)
    return classes


def _categories(rows: list[Row], raw: str) -> list[Category]:
    """The categories of a class; ``raw`` ends the columns that have the limits as they were written."""
    return [
        Category(
            title=same[0]["category"],
            measurements=[
                Measurement(
                    group_id=row["ctgov_group_code"],
                    value=row["param_value"],
                    spread=row["dispersion_value"],
                    lower_limit=row[f"dispersion_lower_limit{raw}"] or row["dispersion_lower_limit"],
                    upper_limit=row[f"dispersion_upper_limit{raw}"] or row["dispersion_upper_limit"],
                    comment=row["explanation_of_na"],
                )
                for row in same
            ],
        )
        for same in gathered(rows, "category")
    ]


def _analysis(reading: Reading, row: Row, groups: list[Row]) -> Analysis:
    percent = row["ci_percent"]
    return Analysis(
        param_type=row["param_type"],
        param_value=row["param_value"],
        dispersion_type=reading.word(row, "dispersion_type", "AnalysisDispersionType"),
        dispersion_value=row["dispersion_value"],
        statistical_method=row["method"],
        statistical_comment=row["method_description"],
        p_value=row["p_value_raw"] or f"{row['p_value_modifier'] or ''}{row['p_value'] or ''}" or None,
        p_value_comment=row["p_value_description"],
        ci_num_sides=reading.word(row, "ci_n_sides", "ConfidenceIntervalNumSides"),
        ci_pct_value=percent.removesuffix(".0") if percent else None,
        ci_lower_limit=row["ci_lower_limit_raw"] or row["ci_lower_limit"],
        ci_upper_limit=row["ci_upper_limit_raw"] or row["ci_upper_limit"],
        ci_upper_limit_comment=row["ci_upper_limit_na_comment"],
        estimate_comment=row["estimate_description"],
        non_inferiority_type=reading.word(row, "non_inferiority_type", "NonInferiorityType"),
        non_inferiority_comment=row["non_inferiority_description"],
        other_analysis_description=row["other_analysis_description"],
        group_description=row["groups_description"],
        group_ids=[pair["ctgov_group_code"] for pair in groups if pair["ctgov_group_code"]],
    )
