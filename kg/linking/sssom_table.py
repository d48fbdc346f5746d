"""Reading SSSOM tables as people hand them back.

A spreadsheet quotes lines of the block and pads them with tabs, and an editor may put a byte order mark before it. A
table with any row that cannot be read is refused, with the line: a row that is dropped in silence is a correction that
nobody obeys.

Source: https://mapping-commons.github.io/sssom/spec-formats-tsv/, version 1.1.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from kg.errors import VocabularyError
from kg.linking.sssom import BUILT_IN, IDENTIFIERS, IRIS, REQUIRED, TSV, Row
from kg.namespaces import PREFIXES
from kg.vocabularies.readers.files import open_stream

__all__ = ["Table", "read_table", "recognises"]

_BLOCK_BYTES: Final = 64 * 2**10
"""Longest block of YAML; ours are under 2 KiB."""
_LINE_BYTES: Final = 2**20
_AS_TSV: Final = "save it as tab-separated text"
_PREFIX: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ESCAPED: Final = re.compile(r"\\([\\|])|\|")
_TEXTS: Final = frozenset(("subject_label", "object_label", "match_string", "comment"))
_PROPAGATED: Final = ("subject_type", "subject_source", "object_source", "object_source_version")
"""Columns of ours that the block may hold for all rows."""


class Table:
    """A table that is being read; iterating gives each row with the number of its line.

    Args:
        path: the file, plain or compressed.

    Attributes:
        version: the table's own version, or the date of its mappings; empty where it has none.
        identifier: its IRI; empty where it has none.

    Raises:
        VocabularyError: it is not there, no table of mappings in UTF-8, or too large. So does iterating, with the line.
    """

    def __init__(self, path: Path) -> None:
        self._place = str(path)
        self._path = path
        with open_stream(path) as stream:
            block, _ = self._block(self._lines(stream))
        self._block_facts = self._facts(block)
        self._prefixes = self._curie_map(self._block_facts.get("curie_map") or {})
        self.identifier = _text(self._block_facts.get("mapping_set_id"))
        self.version = _text(self._block_facts.get("mapping_set_version") or self._block_facts.get("mapping_date"))

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        with open_stream(self._path) as stream:
            lines = self._lines(stream)
            block, first = self._block(lines)
            rows = csv.reader(_after(first, lines), **TSV)
            at = len(block) + 1
            try:
                header = next(rows, [])
                columns = self._columns(header, at)
                at = len(block) + rows.line_num + 1
                for cells in rows:
                    if any(cells):
                        yield at, self._row(cells, len(header), columns, at)
                    at = len(block) + rows.line_num + 1
            except csv.Error as error:
                raise VocabularyError(
                    f"is not tab-separated: {error}",
                    place=f"{self._place}:{len(block) + rows.line_num}",
                    remedy='a cell with a tab, a line break or a " stands between ", and a " in it is written twice',
                ) from error

    def iri(self, cell: str, line: int) -> str:
        """The IRI of a prefixed name, by the table's own prefixes and then by ours.

        Raises:
            VocabularyError: nobody knows the prefix.
        """
        found = self._expand(cell)
        if not found:
            raise VocabularyError(
                f"{cell!r} has no known prefix",
                place=f"{self._place}:{line}",
                remedy="declare it in curie_map, or write the identifier as mesh:D008545 or agent:pembrolizumab",
            )
        return found

    def _expand(self, cell: str) -> str:
        """The IRI of a prefixed name, or nothing."""
        prefix, colon, local = cell.partition(":")
        if colon and local.startswith("//"):
            return cell
        namespace = self._prefixes.get(prefix) or PREFIXES.get(prefix) if colon else None
        return namespace + local if namespace else ""

    def _lines(self, stream: IO[bytes]) -> Iterator[str]:
        number = 0
        # Bounded, since a line may go on for ever.
        while line := stream.readline(_LINE_BYTES):
            number += 1
            at = f"{self._place}:{number}"
            if len(line) == _LINE_BYTES:
                raise VocabularyError(f"a line of more than {_LINE_BYTES:,} bytes", place=at, remedy=_AS_TSV)
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise VocabularyError(f"is not UTF-8: {error}", place=at, remedy="save it in UTF-8") from error

    def _block(self, lines: Iterator[str]) -> tuple[list[str], str]:
        """The lines of the YAML block, and the first line after it."""
        block: list[str] = []
        size = 0
        for line in lines:
            if line.startswith('"#'):
                # A spreadsheet quotes a cell that has quotes, and this line was its first cell.
                line = next(csv.reader([line], delimiter="\t"))[0]
            if not line.startswith("#"):
                return block, line
            block.append(line[1:].rstrip())
            size += len(line)
            if size > _BLOCK_BYTES:
                raise VocabularyError(
                    f"more than {_BLOCK_BYTES:,} bytes of comment lines", place=self._place, remedy=_AS_TSV
                )
        return block, ""

    def _facts(self, block: Sequence[str]) -> dict[str, Any]:
        try:
            found = msgspec.yaml.decode("\n".join(block)) if block else {}
        except (msgspec.DecodeError, RecursionError) as error:
            problem = " ".join(str(error).split())
            raise VocabularyError(
                f"its comment lines are not YAML: {problem}", place=self._place, remedy="expected # key: value"
            ) from error
        if not isinstance(found, dict):
            raise VocabularyError(
                "its comment lines say no facts", place=self._place, remedy="expected # key: value, or none at all"
            )
        return found

    def _curie_map(self, found: object) -> dict[str, str]:
        if not isinstance(found, Mapping):
            raise VocabularyError("curie_map is no map", place=self._place, remedy="expected prefix: IRI")
        prefixes = dict(BUILT_IN)
        for prefix, iri in found.items():
            if not isinstance(prefix, str) or not isinstance(iri, str) or not _PREFIX.fullmatch(prefix):
                raise VocabularyError(f"curie_map has {prefix!r}: {iri!r}", place=self._place, remedy="expected texts")
            if prefixes.setdefault(prefix, iri) != iri:
                raise VocabularyError(
                    f"prefix {prefix} is declared as {iri}", place=self._place, remedy=f"it is {prefixes[prefix]}"
                )
        return prefixes

    def _columns(self, header: Sequence[str], line: int) -> dict[str, int]:
        names = [name for name in header if name]
        place = f"{self._place}:{line}"
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            raise VocabularyError(f"column {twice} is there twice", place=place, remedy="expected it once")
        missing = [name for name in REQUIRED if name not in names]
        if "subject_id" not in names and "subject_label" not in names:
            missing.append("subject_id or subject_label")
        if missing:
            raise VocabularyError(
                f"column {missing[0]} is missing", place=place, remedy="expected a table of mappings (SSSOM)"
            )
        return {name: header.index(name) for name in Row._fields if name in names}

    def _row(self, cells: Sequence[str], width: int, columns: Mapping[str, int], line: int) -> Row:
        place = f"{self._place}:{line}"
        if len(cells) != width:
            raise VocabularyError(f"{len(cells)} cells", place=place, remedy=f"expected {width}, parted by tabs")
        # Only what is an identifier is free of spaces around it; a registered string is as it is.
        found = {name: cells[n] if name in _TEXTS else cells[n].strip() for name, n in columns.items()}
        for name in _PROPAGATED:
            if name not in columns and self._block_facts.get(name):
                found[name] = _text(self._block_facts[name])
        for name in REQUIRED:
            if not found[name]:
                raise VocabularyError(f"{name} is empty", place=place, remedy="expected a prefixed name")
        for name in IDENTIFIERS:
            if found.get(name):
                found[name] = self.iri(found[name], line)
        for name in IRIS.difference(IDENTIFIERS):
            if found.get(name):
                # The specification allows words here.
                found[name] = self._expand(found[name]) or found[name]
        if "match_string" in found:
            found["match_string"] = _ESCAPED.sub(lambda match: match[1] or "|", found["match_string"])
        return Row(**found)


def read_table(path: Path) -> list[Row]:
    """All rows of a table, for tables that fit into memory.

    Raises:
        VocabularyError: as :class:`Table`.
    """
    return [row for _, row in Table(path)]


def recognises(head: bytes) -> bool:
    r"""Whether a file is a table of mappings, by its beginning.

    >>> recognises(b"#license: x\nsubject_label\tpredicate_id\tobject_id\tmapping_justification\n")
    True
    """
    for line in head.decode("utf-8-sig", "replace").splitlines():
        if not line.startswith(("#", '"#')):
            return {cell.strip('"') for cell in line.split("\t")}.issuperset(REQUIRED)
    return False


def _after(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _text(value: object) -> str:
    return "" if value is None else str(value)
