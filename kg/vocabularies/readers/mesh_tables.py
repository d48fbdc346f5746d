"""MeSH in tables: one record to the line, columns parted by tabs, several values in one column by ``|``.

Four kinds, told apart by their first line: descriptors, supplementary records, more names of diseases (which need
the descriptors), and the packed table that ships with the package (see :mod:`kg.vocabularies.pack`), which has both
kinds of records under comments, with or without a last column of loose names. The tables know one concept a record,
the preferred one, and not which of its headings a supplementary record is mapped to first of all.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from kg.errors import VocabularyError
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.readers.files import files_of, open_stream
from kg.vocabularies.readers.mesh_records import (
    DESCRIPTOR,
    RECORD,
    SUPPLEMENTARY,
    checked,
    entry,
    mesh_source,
    mesh_year,
    record_iri,
)

__all__ = ["read", "recognises"]

_FORM: Final = "a MeSH table"
_DESCRIPTORS: Final = ("ui", "label", "tree_numbers", "synonyms")
_SUPPLEMENTARY: Final = ("ui", "label", "mapped_to", "synonyms")
_MORE_NAMES: Final = ("ui", "label", "extra_synonyms_lowercase")
_LETTERS: Final[dict[tuple[str, ...], str]] = {_DESCRIPTORS: DESCRIPTOR, _SUPPLEMENTARY: SUPPLEMENTARY}
_PACKED: Final = re.compile(r"# Medical Subject Headings \(MeSH\) ([0-9]{4})\b")
_PACKED_WIDTHS: Final = (len(_DESCRIPTORS), len(_DESCRIPTORS) + 1)
_COMMENT: Final = "#"
_MARK: Final = "\ufeff"
_LONGEST_LINE: Final = 2**20
# The published table of 2024 has the synonyms of this one record where its headings should be, torn at commas: what
# can be read is its identifier and its label.
_TORN: Final = "C483025"


class _MoreNames(NamedTuple):
    """Further names of one record, and where they are written."""

    label: str
    names: tuple[str, ...]
    place: str


def recognises(head: bytes) -> bool:
    r"""Whether a file that begins with these bytes is a MeSH table.

    >>> recognises(b"ui\tlabel\tmapped_to\tsynonyms\nC000002\tbevonium\tD001561\t\n")
    True
    """
    first = head.partition(b"\n")[0].decode("utf-8", "replace").removeprefix(_MARK).rstrip("\r")
    return bool(_PACKED.match(first)) or tuple(first.split("\t")) in (*_LETTERS, _MORE_NAMES)


def read(paths: Sequence[Path], *, year: str = "") -> Source:
    """MeSH from its tables.

    Args:
        paths: files, or folders with them; plain, gzip or zstd.
        year: the MeSH year where the tables do not say it; only the packed table does.

    Returns:
        The source; its version is empty where nothing says the year.

    Raises:
        VocabularyError: a file cannot be read or is no MeSH table; while reading: a line is malformed, or the
            tables do not fit together.
    """
    files = files_of(paths, recognises, _FORM)
    heads = {path: _first_line(path) for path in files}
    stated = [match[1] for head in heads.values() if (match := _PACKED.match(head))]
    version = mesh_year(stated, year, files, str)
    more = [path for path, head in heads.items() if _columns(head) == _MORE_NAMES]
    records = [path for path in files if path not in more]
    if not records:
        raise VocabularyError(
            "has names only", place=str(more[0]), remedy="give it together with the table of descriptors"
        )
    return mesh_source(version, _entries(records, more))


def _entries(records: list[Path], more: list[Path]) -> Iterator[Entry]:
    names: dict[str, _MoreNames] = {}
    for path in more:
        _read_more_names(path, names)
    waiting = dict(names)
    for found in checked((path, _records(path, names)) for path in records):
        waiting.pop(found.iri, None)
        yield found
    for unused in waiting.values():
        raise VocabularyError(
            f"{unused.label!r} is in no table of records",
            place=unused.place,
            remedy="are these tables of one MeSH year, descriptors included?",
        )


def _read_more_names(path: Path, names: dict[str, _MoreNames]) -> None:
    for place, (ui, label, more) in _rows(path):
        iri = record_iri(ui, RECORD, place)
        if iri in names:
            raise VocabularyError(f"{ui} is given twice", place=place, remedy="expected one line a record")
        names[iri] = _MoreNames(label, _values(more), place)


def _records(path: Path, names: dict[str, _MoreNames]) -> Iterator[Entry]:
    allowed = _LETTERS.get(_columns(_first_line(path)), RECORD)
    for place, (ui, label, where, synonyms, *loose) in _rows(path):
        iri = record_iri(ui, allowed, place)
        more = names.get(iri)
        if more and more.label != label:
            raise VocabularyError(
                f"{ui} is called {more.label!r} here and {label!r} in {place}",
                place=more.place,
                remedy="are these tables of one MeSH year?",
            )
        values = _values(where)
        is_descriptor = ui.startswith(DESCRIPTOR)
        is_torn = ui == _TORN and any(not value.startswith(DESCRIPTOR) for value in values)
        yield entry(
            iri,
            label,
            place,
            synonyms=() if is_torn else _values(synonyms),
            loose=(*(more.names if more else ()), *(name for column in loose for name in _values(column))),
            trees=values if is_descriptor else (),
            mapped=() if is_descriptor or is_torn else values,
        )


def _values(text: str) -> tuple[str, ...]:
    return tuple(value for part in text.split("|") if (value := part.strip()))


def _columns(head: str) -> tuple[str, ...]:
    return tuple(head.split("\t"))


def _first_line(path: Path) -> str:
    with open_stream(path) as stream:
        return next(_lines(stream, path)).removeprefix(_MARK)


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The rows below the head, each with its place."""
    with open_stream(path) as stream:
        lines = _lines(stream, path)
        head = next(lines).removeprefix(_MARK)
        is_packed = head.startswith(_COMMENT)
        widths: tuple[int, ...] = _PACKED_WIDTHS if is_packed else (len(_columns(head)),)
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        while True:
            place = f"{path}:{rows.line_num + 2}"
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise VocabularyError(f"is not a row of a table: {error}", place=place) from error
            if row is None:
                return
            if is_packed and row and row[0].startswith(_COMMENT):
                continue
            if len(row) not in widths:
                expected = " or ".join(map(str, widths))
                raise VocabularyError(
                    f"the line has {len(row)} columns", place=place, remedy=f"expected {expected}; is the file whole?"
                )
            widths = (len(row),)
            yield place, row


def _lines(stream: BinaryIO, path: Path) -> Iterator[str]:
    """The lines without their ends; not the text layer of Python, which would take a line of any length."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise VocabularyError(
                f"the line has {_LONGEST_LINE:,} bytes or more", place=f"{path}:{number}", remedy="is it a table?"
            )
        if not line.endswith(b"\n"):
            # A line that is cut within its last column is a good line of fewer synonyms.
            raise VocabularyError(
                "the last line has no end",
                place=f"{path}:{number}",
                remedy="if the file is not cut off, put a line end there",
            )
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise VocabularyError(
                f"the line is not UTF-8: {error.reason}", place=f"{path}:{number}", remedy="save the table as UTF-8"
            ) from error
