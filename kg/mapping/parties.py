"""Who runs and answers for a study: sponsors, the responsible party, officials."""

from __future__ import annotations

from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.namespaces import organization_iri
from kg.study import Protocol
from kg.terms import RDF_TYPE, clean

__all__ = ["add_parties"]

_SPONSORS: Final = "sponsorCollaboratorsModule."
_LEAD_SPONSOR = prop("tkg:leadSponsor")
_COLLABORATOR = prop("tkg:collaborator")
_REGISTERING_ORGANIZATION = prop("tkg:registeringOrganization")
_ORGANIZATION = prop("org:Organization")
_AGENCY_CLASS = prop("tkg:agencyClass")
_RESPONSIBLE_PARTY = prop("tkg:responsibleParty")
_RESPONSIBLE_PARTY_CLASS = prop("tkg:ResponsibleParty")
_RESPONSIBLE_PARTY_TYPE = prop("tkg:responsiblePartyType")
_INVESTIGATOR_NAME = prop("tkg:investigatorName")
_INVESTIGATOR_TITLE = prop("tkg:investigatorTitle")
_AFFILIATION = prop("tkg:affiliation")
_OFFICIAL = prop("tkg:overallOfficial")
_OFFICIAL_CLASS = prop("tkg:Official")
_OFFICIAL_ROLE = prop("tkg:officialRole")


def add_parties(draft: Draft, protocol: Protocol) -> None:
    """Statements on sponsors, who registered the study, the responsible party and overall officials."""
    sponsors, contacts = protocol.sponsor_collaborators_module, protocol.contacts_locations_module
    before = len(draft.statements)
    lead, registering = sponsors.lead_sponsor, protocol.identification_module.organization
    if lead:
        _add_organization(draft, _LEAD_SPONSOR, lead.name, lead.class_, _SPONSORS + "leadSponsor.class")
    for one in sponsors.collaborators:
        _add_organization(draft, _COLLABORATOR, one.name, one.class_, _SPONSORS + "collaborators[].class")
    if registering:
        field = "identificationModule.organization.class"
        _add_organization(draft, _REGISTERING_ORGANIZATION, registering.full_name, registering.class_, field)
    # A record may name one organization twice.
    draft.statements[before:] = dict.fromkeys(draft.statements[before:])
    party = sponsors.responsible_party
    if party:
        node = f"<{draft.iri}/responsible-party>"
        draft.statements += ((draft.study, _RESPONSIBLE_PARTY, node), (node, RDF_TYPE, _RESPONSIBLE_PARTY_CLASS))
        draft.code(
            node, _RESPONSIBLE_PARTY_TYPE, "responsible-party-type", party.type, _SPONSORS + "responsibleParty.type"
        )
        draft.text(node, _INVESTIGATOR_NAME, party.investigator_full_name or party.old_name_title)
        draft.text(node, _INVESTIGATOR_TITLE, party.investigator_title)
        draft.text(node, _AFFILIATION, party.investigator_affiliation or party.old_organization)
    for number, official in enumerate(contacts.overall_officials, 1):
        node = draft.part("official", number)
        draft.statements += ((draft.study, _OFFICIAL, node), (node, RDF_TYPE, _OFFICIAL_CLASS))
        draft.text(node, LABEL, official.name)
        draft.text(node, _AFFILIATION, official.affiliation)
        draft.code(
            node, _OFFICIAL_ROLE, "official-role", official.role, "contactsLocationsModule.overallOfficials[].role"
        )


def _add_organization(draft: Draft, predicate: str, name: str | None, class_: str | None, field: str) -> None:
    """An organization is nobody's: its label and class come with each study that names it."""
    name = clean(name or "")
    if not name:
        return
    node = f"<{organization_iri(name)}>"
    draft.statements += ((draft.study, predicate, node), (node, RDF_TYPE, _ORGANIZATION))
    draft.text(node, LABEL, name)
    draft.code(node, _AGENCY_CLASS, "agency-class", class_, field)
