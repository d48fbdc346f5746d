r"""API v2 writes long texts as Markdown: it puts a backslash before what would mean something there (``\<``, ``\[``).

Nobody registered these backslashes, and the registry's other forms do not have them. Which fields are Markdown the
registry's description does not say; these are the ones in which records have escapes, and their like.

Source: CommonMark 0.28, "Backslash escapes", which the registry's description names as its Markdown.
"""

from __future__ import annotations

import re
from typing import Any, Final

from kg.study import Study

__all__ = ["unescape"]

_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_FIELDS: Final = """
    protocol_section.status_module.why_stopped
    protocol_section.description_module.brief_summary
    protocol_section.description_module.detailed_description
    protocol_section.design_module.design_info.intervention_model_description
    protocol_section.design_module.design_info.masking_info.masking_description
    protocol_section.design_module.bio_spec.description
    protocol_section.arms_interventions_module.arm_groups.description
    protocol_section.arms_interventions_module.interventions.description
    protocol_section.outcomes_module.primary_outcomes.description
    protocol_section.outcomes_module.secondary_outcomes.description
    protocol_section.outcomes_module.other_outcomes.description
    protocol_section.eligibility_module.eligibility_criteria
    protocol_section.eligibility_module.study_population
    protocol_section.eligibility_module.gender_description
    protocol_section.references_module.see_also_links.label
    protocol_section.references_module.avail_ipds.comment
    protocol_section.ipd_sharing_statement_module.description
    protocol_section.ipd_sharing_statement_module.time_frame
    protocol_section.ipd_sharing_statement_module.access_criteria
    results_section.participant_flow_module.pre_assignment_details
    results_section.participant_flow_module.recruitment_details
    results_section.participant_flow_module.groups.description
    results_section.participant_flow_module.periods.milestones.comment
    results_section.participant_flow_module.periods.milestones.achievements.comment
    results_section.participant_flow_module.periods.drop_withdraws.comment
    results_section.participant_flow_module.periods.drop_withdraws.reasons.comment
    results_section.baseline_characteristics_module.population_description
    results_section.baseline_characteristics_module.groups.description
    results_section.baseline_characteristics_module.measures.description
    results_section.baseline_characteristics_module.measures.population_description
    results_section.baseline_characteristics_module.measures.classes.categories.measurements.comment
    results_section.outcome_measures_module.outcome_measures.description
    results_section.outcome_measures_module.outcome_measures.population_description
    results_section.outcome_measures_module.outcome_measures.groups.description
    results_section.outcome_measures_module.outcome_measures.classes.categories.measurements.comment
    results_section.outcome_measures_module.outcome_measures.analyses.group_description
    results_section.outcome_measures_module.outcome_measures.analyses.statistical_comment
    results_section.outcome_measures_module.outcome_measures.analyses.p_value_comment
    results_section.outcome_measures_module.outcome_measures.analyses.estimate_comment
    results_section.outcome_measures_module.outcome_measures.analyses.non_inferiority_comment
    results_section.outcome_measures_module.outcome_measures.analyses.other_analysis_description
    results_section.outcome_measures_module.outcome_measures.analyses.ci_lower_limit_comment
    results_section.outcome_measures_module.outcome_measures.analyses.ci_upper_limit_comment
    results_section.adverse_events_module.description
    results_section.adverse_events_module.all_cause_mortality_comment
    results_section.adverse_events_module.event_groups.description
    results_section.adverse_events_module.serious_events.notes
    results_section.adverse_events_module.other_events.notes
    results_section.more_info_module.limitations_and_caveats.description
    results_section.more_info_module.certain_agreement.other_details
    annotation_section.annotation_module.violation_annotation.violation_events.description
"""

_Plan = tuple[tuple[str, "_Plan"], ...]
"""Fields of a part, each with the plan for what it holds; an empty plan for a text."""


def _plan(paths: list[list[str]]) -> _Plan:
    names = dict.fromkeys(path[0] for path in paths)
    return tuple((name, _plan([path[1:] for path in paths if path[0] == name and path[1:]])) for name in names)


_PLAN: Final = _plan([path.split(".") for path in _FIELDS.split()])


def unescape(study: Study) -> None:
    r"""Take the backslashes of Markdown out of a study's texts; the study is changed.

    >>> from kg.study import Description, Protocol
    >>> study = Study(protocol_section=Protocol(description_module=Description(brief_summary=r"age \> 18 \[years\]")))
    >>> unescape(study)
    >>> study.protocol_section.description_module.brief_summary
    'age > 18 [years]'
    """
    _unescape(study, _PLAN)


def _unescape(part: Any, plan: _Plan) -> None:
    for name, inner in plan:
        value = getattr(part, name)
        if not value:
            continue
        if not inner:
            if "\\" in value:
                setattr(part, name, _ESCAPED.sub(r"\1", value))
        elif isinstance(value, list):
            for item in value:
                _unescape(item, inner)
        else:
            _unescape(value, inner)
