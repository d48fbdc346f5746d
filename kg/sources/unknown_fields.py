"""Fields of a record that no Struct declares: found, named and left out, so that the rest of the record is read.

The decoder is strict, which costs nothing. Only a record that it refuses for an unknown field comes here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args, get_origin

import msgspec

from kg.study import OWN_FIELDS, Study

__all__ = ["without_unknown"]


def without_unknown(record: Any) -> tuple[Any, list[str]]:
    """A record without the fields that are not the registry's, and the paths of those.

    Args:
        record: a decoded JSON value; values of a wrong type are left for the decoder to refuse.

    >>> without_unknown({"hasResults": True, "score": 1})
    ({'hasResults': True}, ['score'])
    """
    unknown: dict[str, None] = {}
    known = _known(record, Study, "", unknown)
    return known, list(unknown)


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
        if name in fields and (path or name not in OWN_FIELDS):
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
