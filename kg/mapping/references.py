"""What a record points to: publications, pages about the study, data and documents that can be had."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.mapping.draft import LABEL, NO_ADDRESS, Draft, prop
from kg.namespaces import PREFIXES
from kg.study import AvailableIpd, Reference, References, SeeAlsoLink
from kg.terms import RDF_TYPE, web_iri

__all__ = ["add_address", "add_references"]

_MODULE: Final = "referencesModule."
_SEE_ALSO = prop("rdfs:seeAlso")
_IDENTIFIER = prop("dcterms:identifier")
_DESCRIPTION = prop("dcterms:description")
_REFERENCE = prop("tkg:reference")
_REFERENCE_CLASS = prop("tkg:Reference")
_REFERENCE_TYPE = prop("tkg:referenceType")
_CITATION = prop("dcterms:bibliographicCitation")
_RETRACTION = prop("tkg:retraction")
_RETRACTION_CLASS = prop("tkg:Retraction")
_WEB_PAGE = prop("tkg:webPage")
_WEB_PAGE_CLASS = prop("tkg:WebPage")
_AVAILABLE_DATA = prop("tkg:availableData")
_AVAILABLE_DATA_CLASS = prop("tkg:AvailableData")

_PMID: Final = re.compile(r"[0-9]{1,9}")


def add_references(draft: Draft, module: References) -> None:
    """Statements on the publications, pages and data that a record lists."""
    _add_publications(draft, module.references)
    _add_pages(draft, module.see_also_links)
    _add_available_data(draft, module.avail_ipds)


def add_address(draft: Draft, node: str, url: str | None, field: str) -> None:
    """A statement with the address of a page; what is none is rejected."""
    if not url:
        return
    address = web_iri(url)
    draft.add(node, _SEE_ALSO, address)
    if not address:
        draft.reject(field, NO_ADDRESS.format(url))


def _add_publications(draft: Draft, references: Sequence[Reference]) -> None:
    field = _MODULE + "references[]."
    for number, reference in enumerate(references, 1):
        node = draft.part("reference", number)
        draft.statements += ((draft.study, _REFERENCE, node), (node, RDF_TYPE, _REFERENCE_CLASS))
        _add_pubmed(draft, node, reference.pmid, field + "pmid")
        draft.code(node, _REFERENCE_TYPE, "reference-type", reference.type, field + "type")
        draft.text(node, _CITATION, reference.citation)
        for count, retraction in enumerate(reference.retractions, 1):
            notice = f"{node[:-1]}/retraction/{count}>"
            draft.statements += ((node, _RETRACTION, notice), (notice, RDF_TYPE, _RETRACTION_CLASS))
            _add_pubmed(draft, notice, retraction.pmid, field + "retractions[].pmid")
            draft.text(notice, _CITATION, retraction.source)


def _add_pubmed(draft: Draft, node: str, pmid: str | None, field: str) -> None:
    pmid = (pmid or "").strip()
    if _PMID.fullmatch(pmid):
        draft.statements.append((node, _SEE_ALSO, f"<{PREFIXES['pubmed']}{pmid}>"))
    elif pmid:
        draft.reject(field, f"{pmid!r} is not a PubMed number")


def _add_pages(draft: Draft, links: Sequence[SeeAlsoLink]) -> None:
    for number, link in enumerate(links, 1):
        node = draft.part("web-page", number)
        draft.statements += ((draft.study, _WEB_PAGE, node), (node, RDF_TYPE, _WEB_PAGE_CLASS))
        draft.text(node, LABEL, link.label)
        add_address(draft, node, link.url, _MODULE + "seeAlsoLinks[].url")


def _add_available_data(draft: Draft, entries: Sequence[AvailableIpd]) -> None:
    for number, entry in enumerate(entries, 1):
        node = draft.part("available-data", number)
        draft.statements += ((draft.study, _AVAILABLE_DATA, node), (node, RDF_TYPE, _AVAILABLE_DATA_CLASS))
        draft.text(node, LABEL, entry.type)
        draft.text(node, _IDENTIFIER, entry.id)
        draft.text(node, _DESCRIPTION, entry.comment)
        add_address(draft, node, entry.url, _MODULE + "availIpds[].url")
