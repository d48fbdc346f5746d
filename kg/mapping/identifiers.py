"""Numbers of a study elsewhere, and publications."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import Draft, prop
from kg.namespaces import PREFIXES
from kg.study import Identification, OrgStudyId, Reference, SecondaryId
from kg.terms import RDF_TYPE, clean, web_iri

__all__ = ["add_references", "add_secondary_identifiers"]

_SECONDARY_IDENTIFIER = prop("tkg:secondaryIdentifier")
_SECONDARY_IDENTIFIER_CLASS = prop("tkg:SecondaryIdentifier")
_IDENTIFIER = prop("dcterms:identifier")
_DESCRIPTION = prop("dcterms:description")
_IDENTIFIER_TYPE = prop("tkg:identifierType")
_SEE_ALSO = prop("rdfs:seeAlso")
_REFERENCE = prop("tkg:reference")
_REFERENCE_CLASS = prop("tkg:Reference")
_REFERENCE_TYPE = prop("tkg:referenceType")
_CITATION = prop("dcterms:bibliographicCitation")

# Identifier type → (form of the number, page of the other registry); a number of another form gets no page.
_OTHER_REGISTRIES: Final = {
    "EUDRACT_NUMBER": (
        re.compile(r"[0-9]{4}-[0-9]{6}-[0-9]{2}"),
        "https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:",
    ),
    "CTIS": (re.compile(r"20[0-9]{2}-5[0-9]{5}-[0-9]{2}-[0-9]{2}"), "https://euclinicaltrials.eu/ctis-public/view/"),
}
_PMID: Final = re.compile(r"[0-9]{1,9}")


def add_secondary_identifiers(draft: Draft, module: Identification) -> None:
    """Statements on the sponsor's number and the other numbers; they never say that two studies are one."""
    entries: list[OrgStudyId] = [module.org_study_id_info] if module.org_study_id_info else []
    entries += module.secondary_id_infos
    number = 0
    for entry in entries:
        text = clean(entry.id or "")
        if not text:
            draft.notes.append(f"a secondary identifier of type {entry.type!r} has no number")
            continue
        number += 1
        node = draft.part("secondary-identifier", number)
        draft.statements += (
            (draft.study, _SECONDARY_IDENTIFIER, node),
            (node, RDF_TYPE, _SECONDARY_IDENTIFIER_CLASS),
        )
        draft.text(node, _IDENTIFIER, text)
        draft.code(node, _IDENTIFIER_TYPE, "identifier-type", entry.type)
        if isinstance(entry, SecondaryId):
            draft.text(node, _DESCRIPTION, entry.domain)
        form, page = _OTHER_REGISTRIES.get(entry.type or "", (None, ""))
        if form and form.fullmatch(text):
            draft.statements.append((node, _SEE_ALSO, f"<{page}{text}>"))
        elif entry.link:
            link = web_iri(entry.link)
            draft.add(node, _SEE_ALSO, link)
            if not link:
                draft.notes.append(f"{entry.link!r} is not a web address (expected http or https, without spaces)")


def add_references(draft: Draft, references: Sequence[Reference]) -> None:
    """Statements on publications that the record lists."""
    for number, reference in enumerate(references, 1):
        node = draft.part("reference", number)
        draft.statements += ((draft.study, _REFERENCE, node), (node, RDF_TYPE, _REFERENCE_CLASS))
        pmid = (reference.pmid or "").strip()
        if _PMID.fullmatch(pmid):
            draft.statements.append((node, _SEE_ALSO, f"<{PREFIXES['pubmed']}{pmid}>"))
        elif pmid:
            draft.notes.append(f"{pmid!r} is not a PubMed number")
        draft.code(node, _REFERENCE_TYPE, "reference-type", reference.type)
        draft.text(node, _CITATION, reference.citation)
