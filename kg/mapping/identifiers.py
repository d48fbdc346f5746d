"""Numbers of a study elsewhere, and other studies that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import NO_ADDRESS, Draft, prop
from kg.mapping.registries import RegistryNumber, registry_numbers
from kg.namespaces import PREFIXES, study_iri
from kg.study import Identification, OrgStudyId, Protocol, SecondaryId
from kg.terms import RDF_TYPE, clean, web_iri

__all__ = ["add_mentioned_studies", "add_secondary_identifiers"]

_MODULE: Final = "identificationModule."
_SECONDARY_IDENTIFIER = prop("tkg:secondaryIdentifier")
_SECONDARY_IDENTIFIER_CLASS = prop("tkg:SecondaryIdentifier")
_IDENTIFIER = prop("dcterms:identifier")
_DESCRIPTION = prop("dcterms:description")
_IDENTIFIER_TYPE = prop("tkg:identifierType")
_SEE_ALSO = prop("rdfs:seeAlso")
_FOUND_IN = prop("tkg:foundIn")
_MENTIONED_STUDY = prop("tkg:mentionedStudy")

_AFTER_LETTERS: Final = frozenset("0123456789 -")
_NCT: Final = re.compile(r"(?<![0-9A-Za-z])NCT[ -]?([0-9]{8})(?![0-9])", re.IGNORECASE)


def add_secondary_identifiers(draft: Draft, module: Identification) -> None:
    """Statements on the sponsor's number and the other numbers; they never say that two studies are one.

    A number of another registry leads to its page there, whatever type it was registered with. One that stands only
    in a title follows after the registered numbers, with the title as its evidence.
    """
    entries: list[OrgStudyId] = [module.org_study_id_info] if module.org_study_id_info else []
    entries += module.secondary_id_infos
    number = 0
    known: set[str] = set()
    for entry in entries:
        field = _MODULE + ("secondaryIdInfos[]" if isinstance(entry, SecondaryId) else "orgStudyIdInfo")
        text = clean(entry.id or "")
        if not text:
            domain = f" and domain {entry.domain!r}" if isinstance(entry, SecondaryId) and entry.domain else ""
            draft.reject(f"{field}.type", f"a secondary identifier of type {entry.type!r}{domain} has no number")
            continue
        number += 1
        node = _add_number(draft, number, text)
        domain = entry.domain or "" if isinstance(entry, SecondaryId) else ""
        found = list(registry_numbers(text, domain))
        draft.code(node, _IDENTIFIER_TYPE, "identifier-type", entry.type or _type_of(found), f"{field}.type")
        draft.text(node, _DESCRIPTION, domain)
        pages = [one.page for one in found]
        known.update(pages)
        pages += [f"{PREFIXES['clinicaltrials']}{nct_id}" for nct_id in _studies(draft, text)]
        draft.each(node, _SEE_ALSO, [f"<{page}>" for page in pages])
        if entry.link and not pages:
            link = web_iri(entry.link)
            draft.add(node, _SEE_ALSO, link)
            if not link:
                draft.reject(f"{field}.link", NO_ADDRESS.format(entry.link))
    for field in ("brief_title", "official_title", "acronym"):
        title = clean(getattr(module, field) or "")
        for one in registry_numbers(title):
            if one.page not in known:
                known.add(one.page)
                number += 1
                node = _add_number(draft, number, one.text)
                draft.code(node, _IDENTIFIER_TYPE, "identifier-type", one.type)
                draft.statements.append((node, _SEE_ALSO, f"<{one.page}>"))
                draft.text(node, _FOUND_IN, field.replace("_", " "))


def _add_number(draft: Draft, number: int, text: str) -> str:
    node = draft.part("secondary-identifier", number)
    draft.statements += (
        (draft.study, _SECONDARY_IDENTIFIER, node),
        (node, RDF_TYPE, _SECONDARY_IDENTIFIER_CLASS),
    )
    draft.text(node, _IDENTIFIER, text)
    return node


def _type_of(found: Sequence[RegistryNumber]) -> str | None:
    """The type of an identifier that was registered without one."""
    types = {one.type for one in found}
    return types.pop() if len(types) == 1 else None


def _studies(draft: Draft, text: str) -> list[str]:
    """The NCT ids of other studies in a text, in order, each once."""
    if not _may_name_study(text):
        return []
    own = draft.iri[-8:]
    return [f"NCT{digits}" for digits in dict.fromkeys(_NCT.findall(text)) if digits != own]


def _may_name_study(text: str) -> bool:
    """Whether the pattern is worth trying: it takes ten times as long as to find its letters."""
    lowered = text.lower()
    at = lowered.find("nct")
    while at >= 0:
        if lowered[at + 3 : at + 4] in _AFTER_LETTERS:
            return True
        at = lowered.find("nct", at + 3)
    return False


def add_mentioned_studies(draft: Draft, protocol: Protocol) -> None:
    """Statements on the other studies that the record names by their NCT ids; which text does, the text shows."""
    identification, description = protocol.identification_module, protocol.description_module
    arms = protocol.arms_interventions_module
    org = identification.org_study_id_info
    texts = (
        identification.brief_title,
        identification.official_title,
        description.brief_summary,
        description.detailed_description,
        protocol.eligibility_module.eligibility_criteria,
        protocol.status_module.why_stopped,
        org.id if org else None,
        *(entry.id for entry in identification.secondary_id_infos),
        *(arm.description for arm in arms.arm_groups),
        *(entry.description for entry in arms.interventions),
    )
    named = dict.fromkeys(nct_id for text in texts if text for nct_id in _studies(draft, text))
    draft.each(draft.study, _MENTIONED_STUDY, [f"<{study_iri(nct_id)}>" for nct_id in named])
