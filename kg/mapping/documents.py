"""Documents of a study at the registry, and whether data of participants will be shared."""

from __future__ import annotations

from typing import Final

from kg.mapping.draft import LABEL, Draft, prop
from kg.mapping.references import add_address
from kg.study import Documents, IpdSharing, LargeDocument
from kg.terms import RDF_TYPE, boolean, string, web_iri

__all__ = ["add_documents"]

_FIELD: Final = "documentSection.largeDocumentModule.largeDocs[]."
_SHARING_FIELD: Final = "ipdSharingStatementModule."
_SEE_ALSO = prop("rdfs:seeAlso")
_DESCRIPTION = prop("dcterms:description")
_DOCUMENT = prop("tkg:document")
_DOCUMENT_CLASS = prop("tkg:Document")
_DOCUMENT_TYPE = prop("tkg:documentType")
_HOLDS: Final = (
    ("has_protocol", prop("tkg:hasProtocol")),
    ("has_sap", prop("tkg:hasAnalysisPlan")),
    ("has_icf", prop("tkg:hasConsentForm")),
)
_DOCUMENT_DATE = prop("tkg:documentDate")
_UPLOADED = prop("tkg:uploaded")
_FILE_NAME = prop("tkg:fileName")
_FILE_SIZE = prop("tkg:fileSize")
_NO_PLAN = prop("tkg:hasNoAnalysisPlan")
_SHARING = prop("tkg:dataSharing")
_SHARING_CLASS = prop("tkg:DataSharing")
_SHARES = prop("tkg:sharesData")
_SHARED_INFO = prop("tkg:sharedInformation")
_ACCESS_TIME = prop("tkg:accessTimeFrame")
_ACCESS_CRITERIA = prop("tkg:accessCriteria")


def add_documents(draft: Draft, sharing: IpdSharing, section: Documents) -> None:
    """Statements on the documents of a study and on its plan to share data."""
    module = section.large_document_module
    draft.add(draft.study, _NO_PLAN, boolean(module.no_sap))
    for number, document in enumerate(module.large_docs, 1):
        _add_document(draft, draft.part("document", number), document)
    if sharing != IpdSharing():
        _add_sharing(draft, sharing)


def _add_document(draft: Draft, node: str, document: LargeDocument) -> None:
    draft.statements += ((draft.study, _DOCUMENT, node), (node, RDF_TYPE, _DOCUMENT_CLASS))
    draft.text(node, LABEL, document.label)
    draft.text(node, _DOCUMENT_TYPE, document.type_abbrev)
    for name, predicate in _HOLDS:
        draft.add(node, predicate, boolean(getattr(document, name)))
    draft.date(node, _DOCUMENT_DATE, document.date, _FIELD + "date")
    draft.text(node, _UPLOADED, document.upload_date)
    draft.count(node, _FILE_SIZE, document.size, _FIELD + "size")
    if document.filename and (name := string(document.filename)):
        draft.statements.append((node, _FILE_NAME, name))
        # Where the registry keeps it: by the last two digits of the study's number.
        page = f"https://clinicaltrials.gov/ProvidedDocs/{draft.iri[-2:]}/{draft.iri[-11:]}/{document.filename}"
        draft.add(node, _SEE_ALSO, web_iri(page))


def _add_sharing(draft: Draft, module: IpdSharing) -> None:
    node = f"<{draft.iri}/data-sharing>"
    draft.statements += ((draft.study, _SHARING, node), (node, RDF_TYPE, _SHARING_CLASS))
    draft.code(node, _SHARES, "ipd-sharing", module.ipd_sharing, _SHARING_FIELD + "ipdSharing")
    draft.text(node, _DESCRIPTION, module.description)
    for kind in dict.fromkeys(module.info_types):
        draft.code(node, _SHARED_INFO, "ipd-sharing-info-type", kind, _SHARING_FIELD + "infoTypes[]")
    draft.text(node, _ACCESS_TIME, module.time_frame)
    draft.text(node, _ACCESS_CRITERIA, module.access_criteria)
    add_address(draft, node, module.url, _SHARING_FIELD + "url")
