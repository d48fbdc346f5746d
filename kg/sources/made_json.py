"""Records that a reader here wrote itself, as JSON in the shape of API v2: those of AACT (which are rows) and API v1.

Unlike records of the registry, they may have fields that are not the registry's, such as what the reader noted.
"""

from __future__ import annotations

import msgspec

from kg.errors import RecordError
from kg.sources.record import Form, RawRecord, one_line
from kg.study import Study

__all__ = ["decode_made", "made_record"]

_STUDY = msgspec.json.Decoder(Study)


def made_record(study: Study, form: Form, place: str) -> RawRecord:
    """A study as a record, which can be kept and decoded again."""
    return RawRecord(msgspec.json.encode(study), form, place)


def decode_made(record: RawRecord) -> Study:
    """The study of such a record.

    Raises:
        RecordError: it is not what :func:`made_record` of this version writes.

    >>> from kg.study import Study
    >>> study = Study(has_results=False, reading_notes=["seen"])
    >>> decode_made(made_record(study, Form.AACT, "export:NCT00000001")) == study
    True
    """
    try:
        return _STUDY.decode(record.data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(one_line(str(error)), place=record.place, remedy="build from the source again") from error
