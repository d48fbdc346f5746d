"""The AACT tables of one study → its publications, documents, notices, and the terms that the registry derived."""

from __future__ import annotations

from kg.sources.aact.reading import Reading
from kg.study import (
    AnnotationModule,
    Annotations,
    AvailableIpd,
    Browse,
    Documents,
    LargeDocument,
    LargeDocuments,
    MeshTerm,
    Reference,
    References,
    Retraction,
    SeeAlsoLink,
    Unposted,
    UnpostedEvent,
)

__all__ = ["browse", "documents", "notices", "references"]


def references(reading: Reading) -> References:
    """Publications, links, and data of participants that can be had."""
    retractions = reading.by("retractions", "reference_id", "study_references")
    return References(
        references=[
            Reference(
                pmid=row["pmid"],
                type=reading.word(row, "reference_type", "ReferenceType"),
                citation=row["citation"],
                retractions=[
                    Retraction(pmid=one["pmid"], source=one["source"]) for one in retractions.get(row["id"], [])
                ],
            )
            for row in reading.rows("study_references")
        ],
        see_also_links=[SeeAlsoLink(label=row["description"], url=row["url"]) for row in reading.rows("links")],
        avail_ipds=[
            AvailableIpd(id=row["document_id"], type=row["document_type"], url=row["url"], comment=row["comment"])
            for row in reading.rows("documents")
        ],
    )


def documents(reading: Reading) -> Documents:
    """Documents at the registry; of a file, AACT says the whole address."""
    return Documents(
        large_document_module=LargeDocuments(
            large_docs=[
                LargeDocument(
                    has_protocol=reading.truth(row, "has_protocol"),
                    has_sap=reading.truth(row, "has_sap"),
                    has_icf=reading.truth(row, "has_icf"),
                    label=row["document_type"],
                    date=reading.date(row, "document_date"),
                    filename=row["url"].rpartition("/")[2] if row["url"] else None,
                )
                for row in reading.rows("provided_documents")
            ]
        )
    )


def notices(reading: Reading) -> Annotations:
    """What happened to results that are not posted."""
    events = [
        UnpostedEvent(
            type=reading.word(row, "event", "UnpostedEventType"),
            date=reading.date(row, "event_date_description", "event_date"),
        )
        for row in reading.rows("pending_results")
    ]
    return Annotations(
        annotation_module=AnnotationModule(unposted_annotation=Unposted(unposted_events=events) if events else None)
    )


def browse(reading: Reading, table: str) -> Browse:
    """MeSH terms that the registry listed, apart from those that these are within; old exports have only these."""
    terms: dict[bool, list[MeshTerm]] = {True: [], False: []}
    for row in reading.rows(table):
        if row["mesh_term"]:
            terms[(row["mesh_type"] or "mesh-list") == "mesh-list"].append(MeshTerm(term=row["mesh_term"]))
    return Browse(meshes=terms[True], ancestors=terms[False])
