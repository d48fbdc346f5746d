"""The registry's legacy XML → studies: one ``clinical_study`` document each, as in its old bulk file.

Source: the registry's ``public.xsd``, in the forms that its files had from 2016 to 2023, which are told apart by
the names of the elements alone. Fields are those of API v2; what it has no field for is in the reading notes.
"""

from __future__ import annotations

from kg.config import LIMITS, Limits
from kg.errors import RecordError
from kg.sources.archive import Stream
from kg.sources.ctgov_xml.elements import Element, Reading, early_texts, parsed
from kg.sources.ctgov_xml.events import adverse_events, more_info
from kg.sources.ctgov_xml.protocol import protocol
from kg.sources.ctgov_xml.results import baseline, flow, outcome_results
from kg.sources.ctgov_xml.values import day, flag
from kg.sources.dates import iso_date
from kg.sources.record import Form, RawRecord, Reject, is_nct_id, one_line, unread
from kg.study import (
    AnnotationModule,
    Annotations,
    Browse,
    Derived,
    Documents,
    LargeDocument,
    LargeDocuments,
    MeshTerm,
    MiscInfo,
    Results,
    Study,
    Submission,
    SubmissionTracking,
    Unposted,
    UnpostedEvent,
)

__all__ = ["decode_xml", "head_xml", "xml_record"]

_ROOT = "clinical_study"
# The words around the record, and its place in a list of search results.
_BOILERPLATE = frozenset({"required_header/link_text", "required_header/url", "@rank"})
_PROCESSED = "ClinicalTrials.gov processed this data on "
_UPDATED = ("last_update_posted", "lastchanged_date")
_PENDING = {"submitted": "RELEASE", "returned": "RESET", "submission_canceled": "UNRELEASE"}


def xml_record(stream: Stream, place: str, limits: Limits = LIMITS) -> RawRecord | Reject:
    """The one record of an XML file, if it can be parsed and names its study.

    Args:
        stream: the file.
        place: what to call it.
        limits: ``record_bytes`` and ``xml_nodes`` bound it.

    Raises:
        InputError: the stream broke.
    """
    data = stream.read(limits.record_bytes + 1)
    if len(data) > limits.record_bytes:
        return unread(place, f"longer than {limits.record_bytes:,} bytes (no record is; download it again)")
    try:
        root = parsed(data, place, nodes=limits.xml_nodes)
        _nct_id(Reading(root).root, place)
    except RecordError as error:
        line = "" if error.place == place else f"line {error.place.removeprefix(f'{place}:')}: "
        return unread(place, one_line(f"{line}{error.problem} ({error.remedy})"))
    return RawRecord(data, Form.XML, place)


def decode_xml(record: RawRecord) -> Study:
    """The study of one record.

    Raises:
        RecordError: not XML, XML that is not safe to read, or no NCT id.
    """
    reading = Reading(parsed(record.data, record.place), boilerplate=_BOILERPLATE)
    root = reading.root
    _nct_id(root, record.place)
    study = Study(
        protocol_section=protocol(root),
        results_section=_results(root.first("clinical_results")),
        annotation_section=Annotations(annotation_module=AnnotationModule(unposted_annotation=_unposted(root))),
        document_section=Documents(large_document_module=LargeDocuments(large_docs=_documents(root))),
        derived_section=Derived(
            misc_info_module=_misc_info(root),
            condition_browse_module=_browse(root, "condition_browse"),
            intervention_browse_module=_browse(root, "intervention_browse"),
        ),
        has_results=bool(root.first("clinical_results")),
    )
    study.reading_notes = [*reading.notes, *reading.left_over()]
    return study


def head_xml(data: bytes) -> tuple[str, str]:
    """NCT id and date of the last update of a record, ``""`` for what is not there; never raises.

    The record is read no further than the date, which stands before the results. Before 2018 the files said when a
    record was changed, and not when that was posted, a few days later.
    """
    try:
        found = early_texts(data, {"nct_id": "id_info", **dict.fromkeys(_UPDATED, _ROOT)}, until=_UPDATED[0])
    except RecordError:
        return "", ""
    updated = next(filter(None, (found.get(tag) for tag in _UPDATED)), "")
    return found.get("nct_id", ""), iso_date(updated) or ""


def _nct_id(root: Element, place: str) -> str:
    if root.tag != _ROOT:
        name = one_line(root.tag, 40)
        raise RecordError(f"XML of {name!r}, not of a study", place=place, remedy=f"expected {_ROOT!r}")
    nct_id = root.text("id_info", "nct_id") or ""
    if not is_nct_id(nct_id):
        what = f"'{one_line(nct_id, 40)}' is no NCT id" if nct_id else "no NCT id"
        raise RecordError(what, place=place, remedy="expected NCT and 8 digits in id_info/nct_id")
    return nct_id


def _results(part: Element) -> Results | None:
    if not part:
        return None
    return Results(
        participant_flow_module=flow(part),
        baseline_characteristics_module=baseline(part),
        outcome_measures_module=outcome_results(part),
        adverse_events_module=adverse_events(part),
        more_info_module=more_info(part),
    )


def _misc_info(root: Element) -> MiscInfo:
    processed = root.text("required_header", "download_date") or ""
    stated = processed.removeprefix(_PROCESSED)
    events = _pending(root)
    return MiscInfo(
        version_holder=iso_date(stated) or processed or None,
        removed_countries=root.texts("removed_countries", "country"),
        submission_tracking=SubmissionTracking(submission_infos=_submissions(events)) if events else None,
    )


def _browse(root: Element, side: str) -> Browse:
    return Browse(meshes=[MeshTerm(term=term) for term in root.texts(side, "mesh_term")])


def _documents(root: Element) -> list[LargeDocument]:
    found = []
    for document in root.all("provided_document_section", "provided_document"):
        address = document.text("document_url") or ""
        filename = address.rpartition("/")[2]
        found.append(
            LargeDocument(
                # A file is named by the short form of its type and a number: Prot_SAP_000.pdf.
                type_abbrev=filename.rpartition("_")[0] or None,
                has_protocol=flag(document, "document_has_protocol"),
                has_sap=flag(document, "document_has_sap"),
                has_icf=flag(document, "document_has_icf"),
                label=document.text("document_type"),
                date=day(document, "document_date"),
                filename=filename or None,
            )
        )
    return found


def _pending(root: Element) -> list[UnpostedEvent]:
    """What happened to results that are not posted, in the order of the record."""
    part = root.first("pending_results")
    found = []
    for element in part.children():
        kind = _PENDING.get(element.tag)
        if kind is None:
            continue  # nobody asks for its text, so that it is noted as left over
        text = element.text()
        unknown = (text or "").casefold() == "unknown"
        date = None if unknown or text is None else iso_date(text) or text
        found.append(UnpostedEvent(type=kind, date=date, date_unknown=True if unknown else None))
    return found


def _unposted(root: Element) -> Unposted | None:
    events = _pending(root)
    return Unposted(unposted_events=events) if events else None


def _submissions(events: list[UnpostedEvent]) -> list[Submission]:
    """The same events as the registry also gives them: each release with what became of it."""
    found: list[Submission] = []
    for event in events:
        if event.type == "RELEASE" or not found:
            found.append(Submission())
        if event.type == "RELEASE":
            found[-1].release_date = event.date
        elif event.type == "RESET":
            found[-1].reset_date = event.date
        else:
            found[-1].unrelease_date, found[-1].unrelease_date_unknown = event.date, event.date_unknown
    return found
