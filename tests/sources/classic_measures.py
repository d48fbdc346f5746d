"""Groups, measures and analyses in the results of a classic page."""

from __future__ import annotations

from collections.abc import Sequence

from kg.study import Analysis, BaselineMeasure, Denominator, Group, Measurement, OutcomeResult
from tests.sources.classic_values import flat, word
from tests.sources.classic_writing import Element, Paragraph, Row, row

__all__ = ["analysis_rows", "counts_rows", "groups_rows", "measure_rows"]


def groups_rows(groups: Sequence[Group]) -> list[Element]:
    out = row("Arm/Group Title", *(group.title or "" for group in groups))
    if any(group.description for group in groups):
        out += row("Arm/Group Description", *(flat(group.description) or "[Not Specified]" for group in groups))
    return out


def counts_rows(label: str, denominator: Denominator, groups: Sequence[Group], unit: str = "") -> list[Element]:
    values = {count.group_id: count.value for count in denominator.counts}
    return row(label, *(f"{values[group.id]}{unit}" if values.get(group.id) else "" for group in groups))


def measure_rows(measure: BaselineMeasure | OutcomeResult, groups: Sequence[Group], title: str) -> list[Element]:
    param = word(measure.param_type)
    spread = (measure.dispersion_type or "").replace("INTER_QUARTILE", "Inter-Quartile")
    if spread.isupper() or "_" in spread:
        spread = word(spread) or ""
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


def analysis_rows(number: int, analysis: Analysis, groups: Sequence[Group]) -> list[Element]:
    titles = [
        " ".join((group.title or "").split()) for id_ in analysis.group_ids for group in groups if group.id == id_
    ]
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
    dispersion = (
        f"Type: {word(analysis.dispersion_type)} Value: {analysis.dispersion_value}"
        if analysis.dispersion_type
        else None
    )
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
