"""Anything → records: what people have of the registry's data, read as one stream of records.

>>> from pathlib import Path
>>> [reject.reason for reject in read(["no-such-file.json"])]
['no such file or folder, and no file matches it (check the path)']
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kg.config import LIMITS, Limits
from kg.errors import InputError, RecordError
from kg.sources.aact import Export, is_export
from kg.sources.archive import PEEK, Leaf, Stream, leaves
from kg.sources.ctgov_json import decode_json, head_json, json_records
from kg.sources.detect import UNKNOWN, Content, detect
from kg.sources.files import STANDARD_INPUT, InputFile, Spool, folder_files, input_file, matches
from kg.sources.made_json import decode_made
from kg.sources.record import Form, RawRecord, Reject, one_line, rejected, unread
from kg.study import Study

__all__ = ["Form", "Inputs", "RawRecord", "Reject", "decode", "head", "read"]

_MADE = frozenset({Form.AACT, Form.API_V1})
"""Forms whose records are written by their readers, as JSON in the shape of API v2."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


class Inputs:
    """What was named as input, readable again and again.

    Standard input and pipes are kept in a temporary file, so use it as a context manager, or close it.

    Args:
        inputs: files, folders, patterns, ``-`` for standard input.
        limits: what one input may cost.
    """

    def __init__(self, inputs: Sequence[str | Path], limits: Limits = LIMITS) -> None:
        self._inputs = list(inputs)
        self._limits = limits
        self._spool = Spool(limits)
        self._exports: dict[Path, Export] = {}

    def records(self) -> Iterator[RawRecord | Reject]:
        """The records of all inputs, in the order given and within folders in that of the names.

        Bad input gives a reject and costs no other record. What is in memory at a time is one record, or one
        document where many records are one JSON value.
        """
        for given in self._inputs:
            names = matches(given)
            if not names:
                yield unread(one_line(str(given)), "no file matches it (check the path)")
            for name in names:
                yield from self._named(name)

    def close(self) -> None:
        """Remove what was kept of standard input and of AACT exports."""
        self._spool.close()
        for export in self._exports.values():
            export.close()
        self._exports.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _named(self, name: str) -> Iterator[RawRecord | Reject]:
        if name == STANDARD_INPUT or not os.path.isdir(name):  # unlike Path.is_dir, raises nothing
            file = input_file(name, self._spool)
            yield from [file] if isinstance(file, Reject) else self._file(file)
            return
        if is_export(Path(name), self._limits):
            yield from self._export(InputFile(one_line(name), Path(name)))
            return
        found = False
        for file in folder_files(Path(name)):
            for result in [file] if isinstance(file, Reject) else self._file(file):
                found = found or isinstance(result, RawRecord)
                yield result
        if not found:
            yield unread(one_line(name), "no record in this folder (name the folder with the records)")

    def _export(self, file: InputFile) -> Iterator[RawRecord | Reject]:
        if file.path not in self._exports:
            self._exports[file.path] = Export(file.place, file.path, self._limits)
        yield from self._exports[file.path].records()

    def _file(self, file: InputFile) -> Iterator[RawRecord | Reject]:
        if is_export(file.path, self._limits):
            yield from self._export(file)
            return
        for leaf in leaves(file.place, file.path, self._limits):
            yield from [leaf] if isinstance(leaf, Reject) else _leaf_records(leaf, self._limits)


def read(inputs: Sequence[str | Path]) -> Iterator[RawRecord | Reject]:
    """The records of all inputs; see :meth:`Inputs.records`."""
    with Inputs(inputs) as opened:
        yield from opened.records()


def decode(record: RawRecord) -> Study:
    """The study of a record.

    Raises:
        RecordError: it cannot become a study; says which, where in it, and what was expected.
    """
    if record.form is Form.API_V2:
        return decode_json(record)
    if record.form in _MADE:
        return decode_made(record)
    if record.form is Form.XML:
        from kg.sources.ctgov_xml import decode_xml  # with an XML parser, so only for XML

        return decode_xml(record)
    from kg.sources.ctgov_page import decode_page  # with an HTML parser, so only for pages

    return decode_page(record)


def head(record: RawRecord) -> tuple[str, str]:
    """NCT id and date of the last posted update (ISO), ``""`` for what is not there; never raises.

    Cheap for JSON and XML. For choosing between several records of one study before any of them is decoded.
    """
    if record.form is Form.API_V2 or record.form in _MADE:
        nct_id, updated = head_json(record.data)
    elif record.form is Form.XML:
        from kg.sources.ctgov_xml import head_xml

        nct_id, updated = head_xml(record.data)
    else:
        try:
            study = decode(record)
        except RecordError:
            return "", ""
        posted = study.protocol_section.status_module.last_update_post_date_struct
        nct_id, updated = study.nct_id, (posted.date if posted else None) or ""
    # What is no date must not win over every date.
    return nct_id, updated if _ISO_DATE.fullmatch(updated) else ""


def _leaf_records(leaf: Leaf, limits: Limits) -> Iterator[RawRecord | Reject]:
    """The records of a plain file; its rejects say whether they concern all of it."""
    found = False
    try:
        for result in _content_records(leaf.stream, leaf.place, limits):
            if isinstance(result, RawRecord):
                found = True
                yield result
            else:
                yield result._replace(whole_input=result.place == leaf.place and not found)
    except InputError as error:
        yield rejected(error, place=leaf.place, whole_input=not found)
    except OSError as error:
        problem = f"cannot be read: {one_line(error.strerror or str(error))} (check the disk)"
        yield Reject(leaf.place, "", problem, whole_input=not found)


def _content_records(stream: Stream, place: str, limits: Limits) -> Iterator[RawRecord | Reject]:
    content, reason = detect(stream.peek(PEEK)[:PEEK])
    if content is Content.JSON:
        yield from json_records(stream, place, limits)
    elif content is Content.XML:
        from kg.sources.ctgov_xml import xml_record

        yield xml_record(stream, place, limits)
    elif content in (Content.HTML, Content.TEXT):
        form = Form.PAGE_HTML if content is Content.HTML else Form.PAGE_TEXT
        yield _page(stream, place, form, limits)
    else:
        yield unread(place, reason)


def _page(stream: Stream, place: str, form: Form, limits: Limits) -> RawRecord | Reject:
    from kg.sources.ctgov_page import page_problem

    data = stream.read(limits.page_bytes + 1)
    if len(data) > limits.page_bytes:
        return unread(place, f"{UNKNOWN}; longer than {limits.page_bytes:,} bytes")
    record = RawRecord(data, form, place)
    try:
        problem = page_problem(record)
    except UnicodeDecodeError as error:
        return unread(place, f"not UTF-8 at byte {error.start} (save it as UTF-8)")
    return unread(place, f"{UNKNOWN}: {problem}") if problem else record
