"""Fields of a record that no Struct declares: found, named and left out, so that the rest of the record is read.

The decoder is strict, which costs nothing. Only a record that it refuses for an unknown field comes here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, get_args, get_origin

import msgspec

from kg.study import OWN_FIELDS, Study

__all__ = ["without_unknown"]

_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?", re.DOTALL)
_STEP: Final = re.compile(r"\.([A-Za-z0-9]+)|\[([0-9]+)\]")
_ONE_BY_ONE: Final = 8
"""So many unknown fields are taken out as the decoder names them; a record with more is looked through whole."""


def without_unknown(record: Any) -> tuple[Study, list[str]]:
    """A study without the fields of its record that are not the registry's, and the paths of those.

    Args:
        record: a decoded JSON value; it is changed.

    Raises:
        msgspec.ValidationError: a value has a wrong type.

    >>> study, unknown = without_unknown({"hasResults": True, "score": 1})
    >>> study.has_results, unknown
    (True, ['score'])
    """
    unknown: dict[str, None] = {}
    if isinstance(record, dict):
        for name in OWN_FIELDS & record.keys():
            del record[name]
            unknown[name] = None
    for _ in range(_ONE_BY_ONE):
        try:
            return msgspec.convert(record, Study), list(unknown)
        except msgspec.ValidationError as error:
            named = _UNKNOWN.fullmatch(str(error))
            if not named or not _take_out(record, named[1], named[2] or "", unknown):
                break
    return msgspec.convert(_known(record, Study, "", unknown), Study), list(unknown)


def _take_out(record: Any, name: str, place: str, unknown: dict[str, None]) -> bool:
    """Remove a field that the decoder named; False where its place is not to be found."""
    steps = list(_STEP.finditer(place))
    if "".join(step[0] for step in steps) != place:
        return False
    try:
        for step in steps:
            record = record[step[1]] if step[1] else record[int(step[2])]
    except (LookupError, TypeError):  # a name that looks like the rest of the decoder's message
        return False
    if not isinstance(record, dict) or name not in record:
        return False
    del record[name]
    path = "".join(f".{step[1]}" if step[1] else "[]" for step in steps)
    unknown[f"{path}.{name}".removeprefix(".")] = None
    return True


def _known(value: Any, kind: Any, path: str, unknown: dict[str, None]) -> Any:
    if get_origin(kind) is list and isinstance(value, list):
        return [_known(item, get_args(kind)[0], f"{path}[]", unknown) for item in value]
    struct = _struct(kind)
    if struct is None or not isinstance(value, dict):
        return value
    fields = _fields(struct)
    found = {}
    for name, item in value.items():
        own = f"{path}.{name}" if path else name
        if name in fields:
            found[name] = _known(item, fields[name], own, unknown)
        else:
            unknown[own] = None
    return found


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            return one
    return None


@lru_cache(maxsize=256)
def _fields(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
