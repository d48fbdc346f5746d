"""Statistical analyses of an outcome."""

from __future__ import annotations

from typing import Final

from kg.mapping.draft import Draft, prop
from kg.mapping.results.groups import Groups, in_group
from kg.mapping.results.numbers import LOWER, P_VALUE, SPREAD, UPPER, VALUE, Measured, add_number
from kg.study import Analysis
from kg.terms import RDF_TYPE, boolean

__all__ = ["add_analysis"]

_CLASS = prop("tkg:Analysis")
_TEXTS: Final = (
    ("param_type", prop("tkg:parameter")),
    ("statistical_method", prop("tkg:statisticalMethod")),
    ("statistical_comment", prop("tkg:statisticalComment")),
    ("p_value_comment", prop("tkg:pValueComment")),
    ("ci_lower_limit_comment", prop("tkg:lowerLimitComment")),
    ("ci_upper_limit_comment", prop("tkg:upperLimitComment")),
    ("estimate_comment", prop("tkg:estimateComment")),
    ("non_inferiority_comment", prop("tkg:nonInferiorityComment")),
    ("other_analysis_description", prop("dcterms:description")),
    ("group_description", prop("tkg:groupDescription")),
)
_NUMBERS: Final = (
    ("param_value", VALUE),
    ("dispersion_value", SPREAD),
    ("p_value", P_VALUE),
    ("ci_pct_value", Measured(prop("tkg:confidenceLevel"), prop("tkg:confidenceLevelText"))),
    ("ci_lower_limit", LOWER),
    ("ci_upper_limit", UPPER),
)
_CODES: Final = (
    ("dispersion_type", prop("tkg:analysisDispersionType"), "analysis-dispersion-type", "dispersionType"),
    ("ci_num_sides", prop("tkg:confidenceSides"), "confidence-interval-num-sides", "ciNumSides"),
    ("non_inferiority_type", prop("tkg:nonInferiorityType"), "non-inferiority-type", "nonInferiorityType"),
)
_TESTED = prop("tkg:isNonInferiorityTested")


def add_analysis(draft: Draft, node: str, analysis: Analysis, groups: Groups, field: str) -> None:
    """Statements on one analysis.

    Args:
        draft: the study's statements.
        node: the term of the analysis.
        analysis: the analysis.
        groups: the groups of the outcome.
        field: the path of the analysis in the record, with a dot at its end.
    """
    draft.statements.append((node, RDF_TYPE, _CLASS))
    for group_id in dict.fromkeys(analysis.group_ids):
        in_group(draft, node, groups, group_id, field + "groupIds[]")
    for name, predicate in _TEXTS:
        draft.text(node, predicate, getattr(analysis, name))
    for name, measured in _NUMBERS:
        add_number(draft, node, measured, getattr(analysis, name))
    for name, predicate, code_list, path in _CODES:
        draft.code(node, predicate, code_list, getattr(analysis, name), field + path)
    draft.add(node, _TESTED, boolean(analysis.tested_non_inferiority))
