"""The table of fields: what becomes of each field of a record, and how often each occurs.

``fields.tsv`` has a row for every field that the Structs of :mod:`kg.study` declare, which are those that the
registry describes. A row without a property is a field that is kept out, and its last column says why.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec

from kg.config import resource
from kg.errors import TrialkgError
from kg.study import OWN_FIELDS, Study

__all__ = ["PROTOCOL", "Row", "leaves", "occurrences", "rows"]

PROTOCOL: Final = "protocolSection."
"""What the paths of most fields begin with; left out in the table and in notes."""

_TABLE: Final = ("kg", "mapping", "fields.tsv")


class Row(NamedTuple):
    """A field and what it becomes; ``properties`` are prefixed names, none where the field is kept out."""

    path: str
    node: str
    properties: tuple[str, ...]
    value: str


class _Field(NamedTuple):
    """A field of a Struct: its path, whether it is a list, and the fields of what it holds."""

    path: str
    is_list: bool
    inner: tuple[_Field | None, ...]


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """A row for every field, in the order of the record.

    Raises:
        TrialkgError: a field has no row, or a row has no field.
    """
    lines = resource(*_TABLE).read_text(encoding="utf-8").splitlines()
    table = {row["path"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    paths = list(leaves())
    odd = sorted(set(paths) ^ table.keys())
    if odd:
        raise TrialkgError(
            f"{odd[0]} is a field or a row, and not both", place="/".join(_TABLE), remedy="add or remove the row"
        )
    return tuple(
        Row(path, row["node"], tuple(filter(None, row["properties"].split(", "))), row["value"])
        for path in paths
        for row in [table[path]]
    )


def leaves() -> Iterator[str]:
    """The paths of the fields of a record that hold a value, as the registry names them; a list ends in ``[]``.

    >>> next(leaves())
    'identificationModule.nctId'
    """
    return _leaves_of(_fields())


def occurrences(studies: Sequence[Study]) -> Counter[str]:
    """How many values each field has in some studies, by its path; an empty text is none.

    Goes through the records level by level and not one by one, so that nearly all of the work is native code.

    >>> from kg.study import Conditions, Protocol
    >>> study = Study(protocol_section=Protocol(conditions_module=Conditions(conditions=["Melanoma", "Glioma"])))
    >>> occurrences([study])
    Counter({'conditionsModule.conditions[]': 2})
    """
    counts: Counter[str] = Counter()
    if studies:
        _count(_fields(), studies, counts)
    return +counts


def _count(fields: Sequence[_Field | None], parts: Sequence[msgspec.Struct], counts: Counter[str]) -> None:
    for field, column in zip(fields, zip(*map(msgspec.structs.astuple, parts), strict=True), strict=True):
        values: Sequence[Any] = column
        if field is None:
            continue
        if field.is_list:
            values = list(chain.from_iterable(values))
        if not field.inner:
            counts[field.path] += len(values) - values.count(None) - values.count("")
            continue
        inner = [value for value in values if value is not None]
        if inner:
            _count(field.inner, inner, counts)


@lru_cache(maxsize=1)
def _fields() -> tuple[_Field | None, ...]:
    """All fields of a study, in the order of the Struct; None stands for those that are not the registry's."""
    return tuple(field if field.path.removesuffix("[]") not in OWN_FIELDS else None for field in _fields_of(Study, ""))


def _fields_of(struct: type[msgspec.Struct], path: str) -> Iterator[_Field]:
    for field in msgspec.structs.fields(struct):
        kind, own = field.type, (path + field.encode_name).removeprefix(PROTOCOL)
        kinds = [one for one in get_args(kind) if one is not type(None)] if get_origin(kind) is not list else []
        kind = kinds[0] if kinds else kind
        is_list = get_origin(kind) is list
        if is_list:
            kind, own = get_args(kind)[0], own + "[]"
        inner = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        yield _Field(own, is_list, tuple(_fields_of(kind, own + ".")) if inner else ())


def _leaves_of(fields: Sequence[_Field | None]) -> Iterator[str]:
    for field in filter(None, fields):
        if field.inner:
            yield from _leaves_of(field.inner)
        else:
            yield field.path
