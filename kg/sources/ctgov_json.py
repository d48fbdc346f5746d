"""The registry's API v2 JSON → records: one object, an array, a search answer, or one record to the line.

Source: the registry's OpenAPI description 2.0.5, schemas ``Study`` and ``PagedStudies``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain

import msgspec

from kg.config import Limits
from kg.errors import InputError, RecordError
from kg.sources.archive import Stream
from kg.sources.ctgov_v1 import v1_record
from kg.sources.detect import UNKNOWN, without_mark
from kg.sources.markdown import unescape
from kg.sources.record import Form, RawRecord, Reject, is_nct_id, one_line, rejected, spoilt, unread
from kg.sources.unknown_fields import without_unknown
from kg.study import Study

__all__ = ["decode_json", "head_json", "json_records"]


class _Part(msgspec.Struct, rename="camel", gc=False):
    """A part of a record, as far as it is needed to tell records apart."""


class _Date(_Part):
    date: str | None = None


class _Identification(_Part):
    nct_id: str | None = None


class _Status(_Part):
    last_update_post_date_struct: _Date | None = None


class _Protocol(_Part):
    identification_module: _Identification | None = None
    status_module: _Status | None = None


class _Head(_Part):
    protocol_section: _Protocol | None = None
    studies: msgspec.Raw = msgspec.Raw(b"")


_STUDY = msgspec.json.Decoder(Study)
_HEAD = msgspec.json.Decoder(_Head)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_VALUE = msgspec.json.Decoder(msgspec.Raw)
# What the decoder raises on bad input; RecursionError is its answer to deep nesting.
_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_NCT_ID = re.compile(rb'"(?:nctId|NCTId)"\s*:\s*"(NCT[0-9]{8})"')
_ANSWER = re.compile(rb'[^\[]*"(?:studies|FullStudies)"\s*:\s*\[')
_SECTION = re.compile(rb'"[pP]rotocolSection"')
_GAP = re.compile(r"[\s,]*")
_UNKNOWN_FIELD = "unknown field"
_BACKSLASH = rb"\\"
"""A backslash in a JSON string."""
# How a record begins; in a string the quotes would have backslashes.
_NEXT_RECORD = re.compile(r'\{\s*"protocolSection"\s*:')
_PATIENCE = 100
"""So many JSON values without one study record at the start of a file, and it is taken for something else."""
_PIECE = 2**20


def decode_json(record: RawRecord) -> Study:
    """The study of one API v2 record.

    Raises:
        RecordError: not JSON, a field of the wrong type (its JSON path is in the message), or no NCT id.
    """
    try:
        study = _decoded(record.data)
    except _BAD as error:
        raise _record_error(record, _problem(error)) from error
    if not is_nct_id(study.nct_id):
        raise _record_error(record, _no_nct_id(study.nct_id))
    if record.form is Form.API_V2 and _BACKSLASH in record.data:
        unescape(study)
    return study


def _decoded(data: bytes) -> Study:
    """The study of a record; fields that nobody knows are left out and named."""
    try:
        study = _STUDY.decode(data)
        if not (study.page or study.reading_notes or study.unknown_fields):
            return study
    except msgspec.ValidationError as error:
        if _UNKNOWN_FIELD not in str(error):
            raise
    study, unknown = without_unknown(msgspec.json.decode(data))
    study.unknown_fields = [one_line(path) for path in unknown]
    return study


def head_json(data: bytes) -> tuple[str, str]:
    """NCT id and date of the last update of a record, ``""`` for what cannot be read; never raises."""
    try:
        return _identity(_HEAD.decode(data))
    except _BAD:
        return _seen_nct_id(data), ""


def json_records(stream: Stream, place: str, limits: Limits) -> Iterator[RawRecord | Reject]:
    """The records of a JSON file, one by one; a record that is spoilt costs no other.

    Args:
        stream: the file.
        place: what to call it.
        limits: ``record_bytes`` bounds a record and a line, ``document_bytes`` a document of many records.

    Raises:
        InputError: the stream broke; what came before was yielded.
    """
    lines = _lines(stream, limits)
    number, first = next(lines, (0, b""))
    if first is None:
        yield _too_long(place, limits.document_bytes)
    elif not first:
        yield unread(place, "empty (nothing to read)")
    elif _is_value(first):
        try:
            second = next(lines, None)
        except InputError:
            yield from _document(first, place, limits)
            raise
        if second is None:
            yield from _document(first, place, limits)
        else:
            yield from _one_to_the_line(chain([(number, first), second], lines), place, limits)
    elif not _opens_a_list(first) and stream.peek(2)[:2] == b'{"':
        yield from _one_to_the_line(chain([(number, first)], lines), place, limits)
    else:
        yield from _long_document(first, stream, place, limits)


def _lines(stream: Stream, limits: Limits) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, with their numbers; None for one that is too long."""
    number = 0
    # The first line may be a whole document; whether it is, shows only when it is read.
    longest = limits.document_bytes
    while line := stream.readline(longest + 1):
        number += 1
        if number == 1:
            line = without_mark(line)
        if len(line) > longest and not line.endswith(b"\n"):
            while (rest := stream.readline(_PIECE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif text := line.strip():
            yield number, text
            longest = limits.record_bytes


def _one_to_the_line(
    lines: Iterator[tuple[int, bytes | None]], place: str, limits: Limits
) -> Iterator[RawRecord | Reject]:
    values = (
        (f"{place}:{number}", _too_long(f"{place}:{number}", limits.record_bytes) if text is None else text)
        for number, text in lines
    )
    yield from _values(values, place, limits)


def _document(data: bytes, place: str, limits: Limits) -> Iterator[RawRecord | Reject]:
    """The records of one whole JSON value."""
    if data.startswith(b"["):
        yield from _elements(data, place, limits)
    else:
        yield from _values(iter([(place, data)]), place, limits)


def _elements(data: bytes | msgspec.Raw, place: str, limits: Limits) -> Iterator[RawRecord | Reject]:
    """The records of an array."""
    try:
        elements = _ELEMENTS.decode(data)
    except _BAD as error:
        yield unread(place, _problem(error))
        return
    values = ((f"{place}[{index}]", bytes(element)) for index, element in enumerate(elements))
    yield from _values(values, place, limits, answers=False)


def _values(
    values: Iterator[tuple[str, bytes | Reject]], place: str, limits: Limits, *, answers: bool = True
) -> Iterator[RawRecord | Reject]:
    """The records in JSON values; none of them at first: it is another kind of file.

    Args:
        values: each with its place: a record, or a search answer where ``answers`` says so.
        place: what the values are in.
        limits: see :func:`json_records`.
        answers: whether values may be search answers; those in search answers are not looked for.
    """
    strangers: list[Reject] = []
    patient = True
    for where, value in values:
        result = value if isinstance(value, Reject) else _record(value, where, limits)
        if isinstance(result, RawRecord | Reject) or (answers and result is not None):
            patient = False
            yield from strangers
            strangers.clear()
            if isinstance(result, msgspec.Raw):
                yield from _elements(result, where, limits)
            else:
                yield result
        elif patient:
            strangers.append(spoilt(where, UNKNOWN))
            if len(strangers) == _PATIENCE:
                break
        else:
            yield spoilt(where, UNKNOWN)
    if strangers:
        yield unread(place, UNKNOWN)


def _record(data: bytes, place: str, limits: Limits) -> RawRecord | Reject | msgspec.Raw | None:
    """A record; or why it is none; or the studies of a search answer; or None for other JSON."""
    try:
        head = _HEAD.decode(data)
        if head.protocol_section is None:
            return head.studies if memoryview(head.studies).nbytes else v1_record(data, place, limits)
        if not data.isascii():
            data.decode()
    except msgspec.ValidationError as error:
        # A value of the wrong type; not to be told from other JSON unless it has the one part every record has.
        return spoilt(place, _problem(error), _seen_nct_id(data)) if b'"protocolSection"' in data else None
    except _BAD as error:
        return spoilt(place, _problem(error), _seen_nct_id(data))
    nct_id, _ = _identity(head)
    if len(data) > limits.record_bytes:
        return _too_long(place, limits.record_bytes)
    return RawRecord(data, Form.API_V2, place) if is_nct_id(nct_id) else spoilt(place, _no_nct_id(nct_id))


def _long_document(first: bytes, stream: Stream, place: str, limits: Limits) -> Iterator[RawRecord | Reject]:
    """A document over several lines, or what can be had of one that is spoilt or cut off."""
    pieces = [first, b"\n"]
    size = len(first)
    broken: InputError | None = None
    try:
        while size <= limits.document_bytes and (piece := stream.read1(_PIECE)):
            pieces.append(piece)
            size += len(piece)
    except InputError as error:
        broken = error
    if size > limits.document_bytes:
        yield _too_long(place, limits.document_bytes)
        return
    data = b"".join(pieces)
    if broken is None and _is_value(data):
        yield from _document(data.strip(), place, limits)
        return
    found = False
    for result in _salvaged(data, place, limits, cut=broken is not None):
        found = found or isinstance(result, RawRecord)
        yield result
    if broken is not None:
        yield rejected(broken, place=place, whole_input=not found)


def _salvaged(data: bytes, place: str, limits: Limits, *, cut: bool) -> Iterator[RawRecord | Reject]:
    """The records of a document that is no JSON as a whole; where it was cut off, its end is no second fault."""
    if _SECTION.search(data) is None:
        yield unread(place, UNKNOWN)
        return
    opening = _opens_a_list(data)
    if not opening:
        yield from _salvaged_lines(data, place, limits, cut=cut)
        return
    # Bytes that are no UTF-8 survive there and back; the record they are in is then rejected, and no other.
    text = data.decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder()
    at = len(data[:opening].decode("utf-8", "surrogateescape"))
    index = broken = 0
    before: list[Reject] | None = []  # the elements before the first record; None after it
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            again = _NEXT_RECORD.search(text, at + 1) if broken < _PATIENCE else None
            if again:
                reason = f"malformed JSON: {one_line(str(error))} (download the record again)"
                yield from before or ()
                before = None
                yield spoilt(f"{place}[{index}]", reason, _seen_nct_id(_bytes(text, at, again.start())))
                at, index, broken = again.start(), index + 1, broken + 1
                continue
            if before is not None:  # no list of records after all
                yield from _salvaged_lines(data, place, limits, cut=cut)
            elif not cut and not text.startswith("]", at):
                reason = f"malformed JSON: {one_line(str(error))} (the records after it are lost: get the file again)"
                yield spoilt(f"{place}[{index}]", reason, _seen_nct_id(_bytes(text, at, at + 2**16)))
            return
        result = _record(_bytes(text, at, end), f"{place}[{index}]", limits)
        if not isinstance(result, RawRecord | Reject):
            result = spoilt(f"{place}[{index}]", UNKNOWN)
        if isinstance(result, Reject) and before is not None:
            before.append(result)
        else:
            yield from before or ()
            before = None
            yield result
        at, index = end, index + 1


def _bytes(text: str, start: int, end: int) -> bytes:
    return text[start:end].encode("utf-8", "surrogateescape")


def _salvaged_lines(data: bytes, place: str, limits: Limits, *, cut: bool) -> Iterator[RawRecord | Reject]:
    """Records one to the line after a first line that looked like the beginning of a document."""
    lines = [(number, line.strip()) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if any(line.startswith(b'{"') and _is_value(line) for _, line in lines):
        yield from _one_to_the_line(iter(lines), place, limits)
        return
    try:
        _VALUE.decode(data)
    except _BAD as error:
        if cut:
            return
        remedy = "; records one after the other are read when each is on one line" if b"\n{" in data else ""
        yield spoilt(place, _problem(error) + remedy, _seen_nct_id(data))


def _opens_a_list(data: bytes) -> int:
    """How far into ``data`` the list of an array or a search answer opens; 0 when none does."""
    answer = _ANSWER.match(data, 0, _PIECE)
    return 1 if data.startswith(b"[") else answer.end() if answer else 0


def _is_value(data: bytes) -> bool:
    try:
        _VALUE.decode(data)
    except _BAD:
        return False
    return True


def _identity(head: _Head) -> tuple[str, str]:
    protocol = head.protocol_section or _Protocol()
    identification = protocol.identification_module or _Identification()
    updated = (protocol.status_module or _Status()).last_update_post_date_struct or _Date()
    return identification.nct_id or "", updated.date or ""


def _seen_nct_id(data: bytes) -> str:
    """The NCT id of a record that cannot be decoded, where it can be seen."""
    found = _NCT_ID.search(data, 0, 2**16)
    return found[1].decode() if found else ""


def _record_error(record: RawRecord, problem: str) -> RecordError:
    nct_id = _seen_nct_id(record.data)
    return RecordError(problem, place=f"{nct_id} ({record.place})" if nct_id else record.place)


def _problem(error: Exception) -> str:
    """What is wrong with a JSON value, in one line, with what to do."""
    if isinstance(error, msgspec.ValidationError):
        return f"not as the registry's API v2 gives it: {one_line(str(error))} (download the record again)"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start} (save or download it as UTF-8)"
    if isinstance(error, RecursionError):
        return "JSON nested too deep to be a record (download the record again)"
    return f"malformed JSON: {one_line(str(error))} (download the record again)"


def _no_nct_id(found: str) -> str:
    what = f"'{one_line(found, 40)}' is no NCT id" if found else "no NCT id"
    return f"{what} (expected NCT and 8 digits at $.protocolSection.identificationModule.nctId)"


def _too_long(place: str, limit: int) -> Reject:
    return spoilt(place, f"longer than {limit:,} bytes (one record to the line, or split the file)")
