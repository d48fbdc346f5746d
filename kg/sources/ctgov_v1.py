"""The registry's API v1 JSON (until 2024) → records in the shape of API v2.

In v1 the name of every piece repeats that of what it is in (``ArmGroup.ArmGroupLabel``), lists are wrapped
(``ArmGroupList.ArmGroup``), all values are strings and enum values are words. Most pieces have, without what is
repeated, the name of the v2 field; the others are in a table here.

Source: the registry's study structure of API 1.01.05 (``/api/info/study_structure``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from kg.config import Limits
from kg.errors import RecordError
from kg.sources.dates import iso_date
from kg.sources.made_json import made_record
from kg.sources.record import Form, RawRecord, Reject, is_nct_id, one_line, rejected, spoilt
from kg.sources.registry_words import enum_list, enum_value
from kg.study import Study
from kg.study.part import Part

__all__ = ["v1_record"]

_TRUTHS: Final = {"yes": True, "true": True, "accepts healthy volunteers": True, "no": False, "false": False}
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]*|[0-9]+")
# Beginnings of names that are not those of what the pieces are in.
_BEGINNINGS: Final = {
    "AdverseEventsModule": ("Events",),
    "CertainAgreement": ("Agreement",),
    "ExpandedAccessTypes": ("ExpAccType",),
    "LargeDocumentModule": ("LargeDoc",),
    "Organization": ("Org",),
    "ParticipantFlowModule": ("Flow",),
}
_OTHER_NAMES: Final = {"Gender": "sex", "LimitationsAndCaveatsDescription": "limitations_and_caveats"}
_DATES: Final = re.compile(r"(.*_)?date|version_holder")
_FIRST_IN_THE_LIST: Final = {"observational_model", "time_perspective"}
"""Fields of one value that v1 has lists for."""


class _Answer(msgspec.Struct):
    full_studies: msgspec.Raw = msgspec.field(name="FullStudies", default=msgspec.Raw(b""))


class _Study(msgspec.Struct):
    study: dict[str, Any] | None = msgspec.field(name="Study", default=None)


class _V1(msgspec.Struct):
    """What an answer of API v1 has at its top: all studies, one study, or a study as such."""

    answer: _Answer | None = msgspec.field(name="FullStudiesResponse", default=None)
    full_study: _Study | None = msgspec.field(name="FullStudy", default=None)
    study: dict[str, Any] | None = msgspec.field(name="Study", default=None)
    protocol: msgspec.Raw = msgspec.field(name="ProtocolSection", default=msgspec.Raw(b""))


_ANSWER = msgspec.json.Decoder(_V1)


class _Field(NamedTuple):
    name: str
    encoded: str
    part: type[Part] | None
    scalar: str
    is_list: bool


def v1_record(data: bytes, place: str, limits: Limits) -> RawRecord | Reject | msgspec.Raw | None:
    """A record of API v1; or why it is none; or the studies of a search answer; or None for other JSON.

    Args:
        data: a JSON value.
        place: where it was.
        limits: ``record_bytes`` bounds a record.
    """
    try:
        found = _ANSWER.decode(data)
    except msgspec.ValidationError:
        return None
    if found.answer is not None:
        return found.answer.full_studies if memoryview(found.answer.full_studies).nbytes else None
    study = found.study or (found.full_study.study if found.full_study else None)
    if study is None and memoryview(found.protocol).nbytes:
        study = msgspec.json.decode(data)
    if study is None or "ProtocolSection" not in study:
        return None
    if len(data) > limits.record_bytes:
        return spoilt(place, f"longer than {limits.record_bytes:,} bytes (one record to the line, or split the file)")
    try:
        record = _Translation().study(study)
    except RecordError as error:
        return rejected(error, place=place)
    if not is_nct_id(record.nct_id):
        what = f"'{one_line(record.nct_id, 40)}' is no NCT id" if record.nct_id else "no NCT id"
        return spoilt(place, f"{what} (expected NCT and 8 digits at $.ProtocolSection.IdentificationModule.NCTId)")
    return made_record(record, Form.API_V1, place)


class _Translation:
    """One study on its way from v1 to v2; what has no field in v2 is noted."""

    def __init__(self) -> None:
        self._notes: list[str] = []

    def study(self, study: dict[str, Any]) -> Study:
        plain = self._part(study, Study, "Study", "")
        plain["hasResults"] = "resultsSection" in plain
        if self._notes:
            plain["readingNotes"] = list(dict.fromkeys(self._notes))
        try:
            return msgspec.convert(plain, Study)
        except msgspec.ValidationError as error:
            raise RecordError(f"not as the registry's API v1 gives it: {one_line(str(error))}") from error

    def _part(self, values: dict[str, Any], kind: type[Part], container: str, path: str) -> dict[str, Any]:
        """The fields of a part, by their v2 names."""
        plain: dict[str, Any] = {}
        for piece, value in values.items():
            where = f"{path}.{piece}".removeprefix(".")
            items = value
            inner = piece
            if piece.endswith("List") and isinstance(value, dict) and len(value) == 1:
                ((inner, items),) = value.items()
            field = _field(kind, container, inner)
            if field is None:
                self._notes.append(f"no field of API v2 for {where}")
            elif field.encoded in plain:
                self._notes.append(f"{where} says a second time what another piece says: not read")
            elif field.name == "limitations_and_caveats" and isinstance(value, str):
                plain[field.encoded] = {"description": value}
            else:
                plain[field.encoded] = self._value(items, field, inner, where)
        return plain

    def _value(self, value: Any, field: _Field, piece: str, where: str) -> Any:
        if field.is_list:
            items = value if isinstance(value, list) else [value]
            return [self._item(item, field, piece, where) for item in items]
        if field.name in _FIRST_IN_THE_LIST and isinstance(value, list):
            if len(value) > 1:
                self._notes.append(f"{where} has {len(value)} values: only the first one is read")
            value = value[0] if value else None
        return self._item(value, field, piece, where)

    def _item(self, value: Any, field: _Field, piece: str, where: str) -> Any:
        if field.part is not None:
            if not isinstance(value, dict):
                raise RecordError(f"{where} is not as the registry's API v1 gives it", remedy="expected an object")
            return self._part(value, field.part, piece, where)
        if not isinstance(value, str):
            return value
        if field.scalar == "bool":
            return _TRUTHS.get(value.strip().lower(), value)
        if field.scalar == "int":
            return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value
        listed = enum_list(piece)
        if listed is not None:
            return enum_value(listed, value)
        if _DATES.fullmatch(field.name):
            return iso_date(value) or value
        return value


@lru_cache(maxsize=4096)
def _field(kind: type[Part], container: str, piece: str) -> _Field | None:
    """The field of a part that a piece in ``container`` is."""
    fields = _fields(kind)
    if piece in _OTHER_NAMES:
        return next((field for field in fields.values() if field.name == _OTHER_NAMES[piece]), None)
    if container.endswith("DateStruct") and f"{piece}Struct" == container:
        return fields.get("date")
    for name in _names(container, piece):
        for form in (name, f"{name}s", f"{name}es", f"{name[:-1]}ies", f"{name[:-2]}es", f"{name[:-1]}ves"):
            if form in fields:
                return fields[form]
    return None


def _names(container: str, piece: str) -> list[str]:
    """What a piece may be called in v2, in small letters: its whole name, then without what it repeats."""
    words = _WORDS.findall(container)
    beginnings = ["".join(words[:number]) for number in range(len(words), 0, -1)]
    whole = [piece.lower()]
    short = [
        piece[len(beginning) :].lower()
        for beginning in (*_BEGINNINGS.get(container, ()), *beginnings)
        if piece.startswith(beginning) and len(piece) > len(beginning)
    ]
    return whole + short


@lru_cache(maxsize=256)
def _fields(kind: type[Part]) -> dict[str, _Field]:
    """The fields of a part by their v2 names in small letters."""
    hints = get_type_hints(kind)
    fields = {}
    for field in msgspec.structs.fields(kind):
        types = _types(hints[field.name])
        part = next((one for one in types if isinstance(one, type) and issubclass(one, Part)), None)
        scalar = next((one.__name__ for one in (bool, int) if one in types), "str")
        is_list = get_origin(hints[field.name]) is list
        fields[field.encode_name.lower()] = _Field(field.name, field.encode_name, part, scalar, is_list)
    return fields


def _types(hint: Any) -> list[Any]:
    inner = get_args(hint)
    return [one for part in inner for one in _types(part)] if inner else [hint]
