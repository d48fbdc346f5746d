"""What came out of a study: participant flow, baseline, outcomes, adverse events.

Everything is below ``result/`` of the study. A measured value is one node that says its group, class and category, so
that a query needs no walk through the table it stood in.
"""

from __future__ import annotations

from kg.mapping.draft import Draft, prop
from kg.mapping.results.adverse_events import add_adverse_events
from kg.mapping.results.flow import add_flow
from kg.mapping.results.measures import add_baseline, add_outcome_results
from kg.study import MoreInfo, Protocol, Results
from kg.terms import RDF_TYPE, boolean

__all__ = ["add_results"]

_LIMITATIONS = prop("tkg:limitations")
_CONTACT = prop("tkg:resultsContactOrganization")
_AGREEMENT = prop("tkg:publicationAgreement")
_AGREEMENT_CLASS = prop("tkg:PublicationAgreement")
_EMPLOYEE = prop("tkg:isInvestigatorEmployee")
_RESTRICTIVE = prop("tkg:isRestrictive")
_RESTRICTION = prop("tkg:agreementRestriction")
_DESCRIPTION = prop("dcterms:description")
_AGREEMENT_FIELD = "resultsSection.moreInfoModule.certainAgreement."


def add_results(draft: Draft, section: Results, protocol: Protocol) -> None:
    """Statements on the results of a study.

    Args:
        draft: the study's statements.
        section: the results.
        protocol: the rest of the record, for the arms and the outcomes that results are of.
    """
    arms = protocol.arms_interventions_module.arm_groups
    add_flow(draft, section.participant_flow_module, arms)
    add_baseline(draft, section.baseline_characteristics_module, arms)
    add_outcome_results(draft, section.outcome_measures_module.outcome_measures, protocol)
    add_adverse_events(draft, section.adverse_events_module, arms)
    _add_more_info(draft, section.more_info_module)


def _add_more_info(draft: Draft, module: MoreInfo) -> None:
    if module.limitations_and_caveats:
        draft.text(draft.study, _LIMITATIONS, module.limitations_and_caveats.description)
    if module.point_of_contact:
        draft.text(draft.study, _CONTACT, module.point_of_contact.organization)
    agreement = module.certain_agreement
    if agreement:
        node = f"<{draft.iri}/result/agreement>"
        draft.statements += ((draft.study, _AGREEMENT, node), (node, RDF_TYPE, _AGREEMENT_CLASS))
        draft.add(node, _EMPLOYEE, boolean(agreement.pi_sponsor_employee))
        draft.add(node, _RESTRICTIVE, boolean(agreement.restrictive_agreement))
        field = _AGREEMENT_FIELD + "restrictionType"
        draft.code(node, _RESTRICTION, "agreement-restriction-type", agreement.restriction_type, field)
        draft.text(node, _DESCRIPTION, agreement.other_details)
