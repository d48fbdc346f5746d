"""SSSOM tables: a block of YAML in comments, then one mapping to the line, parted by tabs.

A table is written as the specification's canonical form has it, so that the same rows give the same bytes. Reading is
:mod:`kg.linking.sssom_table`.

Source: https://mapping-commons.github.io/sssom/spec-formats-tsv/ and spec-model/, version 1.1.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Self

import msgspec

from kg.config import VERSION
from kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from _csv import Writer

__all__ = [
    "BUILT_IN",
    "IDENTIFIERS",
    "IRIS",
    "LITERAL",
    "NOT",
    "NO_TERM",
    "REQUIRED",
    "TSV",
    "About",
    "Row",
    "TableWriter",
    "document",
]

BUILT_IN: Final = {
    "sssom": "https://w3id.org/sssom/",
    **{prefix: PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs", "semapv", "skos")},
}
"""Prefixes that a table need not declare, and must not declare otherwise."""

NO_TERM: Final = BUILT_IN["sssom"] + "NoTermFound"
"""The object of a row that says that there is none."""

LITERAL: Final = "rdfs literal"
"""The type of a subject that is a string without an identifier."""

NOT: Final = "Not"
"""The modifier of a row that says that the mapping does not hold."""

_SPOOL_BYTES: Final = 8 * 2**20
_NAMESPACE_END: Final = re.compile(r".*[/#:_]")


class Row(NamedTuple):
    """One mapping, in the order of the specification; identifiers are IRIs, what is absent is empty.

    ``match_string`` is one string here, though the specification allows several.
    """

    subject_id: str = ""
    subject_label: str = ""
    subject_category: str = ""
    predicate_id: str = ""
    predicate_modifier: str = ""
    object_id: str = ""
    object_label: str = ""
    mapping_justification: str = ""
    subject_type: str = ""
    subject_source: str = ""
    object_source: str = ""
    object_source_version: str = ""
    confidence: str = ""
    match_string: str = ""
    comment: str = ""


TSV: Final[dict[str, Any]] = {"delimiter": "\t", "strict": True}
"""How the lines after the block are read by :mod:`csv`."""

IDENTIFIERS: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
"""Columns that hold an identifier and nothing else."""

IRIS: Final = frozenset((*IDENTIFIERS, "subject_category", "subject_source", "object_source"))
"""Columns that are written as prefixed names."""

REQUIRED: Final = ("predicate_id", "object_id", "mapping_justification")
"""Columns that no table is without."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a table says of itself, in the order of the specification.

    Attributes:
        mapping_set_id: its IRI.
        mapping_set_version, mapping_set_title, license: as their names say; the licence is an IRI.
        mapping_tool, mapping_tool_version: what made every row of it.
        comment: for people.
    """

    mapping_set_id: str
    mapping_set_version: str = ""
    mapping_set_title: str = ""
    license: str = "https://creativecommons.org/licenses/by/4.0/"
    mapping_tool: str = "trialkg"
    mapping_tool_version: str = VERSION
    comment: str = ""


class TableWriter:
    """Collects rows, and writes them as a table; use it as a context manager.

    Rows wait in a file, since the block before them names the prefixes that they use, and no column may be empty.

    Args:
        directory: where they wait once they are many; the system's place for such files when None.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._spool: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed on leaving
            _SPOOL_BYTES, "w+", encoding="utf-8", newline="", dir=str(directory) if directory else None
        )
        self._writer = _writer(self._spool)
        self._prefixes: dict[str, str] = {}
        self._used: set[int] = set()
        self._own: dict[str, str] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows; those of one subject together and sorted, for the canonical form."""
        for row in rows:
            cells = [
                self._curie(value) if name in IRIS else value for name, value in zip(Row._fields, row, strict=True)
            ]
            if row.match_string:
                cells[_MATCH] = row.match_string.replace("\\", "\\\\").replace("|", "\\|")
            self._used.update(n for n, cell in enumerate(cells) if cell)
            self._writer.writerow(cells)

    def finish(self, file: IO[str], about: About) -> None:
        """Write the table.

        Args:
            file: open for text, with ``newline=""``.
            about: what goes into its block.
        """
        facts = {key: value for key, value in msgspec.to_builtins(about).items() if value}
        prefixes = {prefix: self._prefixes[prefix] for prefix in sorted(self._prefixes) if prefix not in BUILT_IN}
        block = {"sssom_version": "1.1", **({"curie_map": prefixes} if prefixes else {}), **facts}
        for line in msgspec.yaml.encode(block).decode().splitlines():
            file.write(f"#{line}\n")
        least = REQUIRED if self._used else (*REQUIRED, "subject_label")
        columns = sorted(self._used | {Row._fields.index(name) for name in least})
        writer = _writer(file)
        writer.writerow([Row._fields[n] for n in columns])
        self._spool.seek(0)
        for cells in csv.reader(self._spool, **TSV):
            writer.writerow([cells[n] for n in columns])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def _curie(self, iri: str) -> str:
        if not iri:
            return ""
        for namespace, prefix in _LONGEST_FIRST:
            if iri.startswith(namespace):
                self._prefixes[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        # A vocabulary that only this user has: the format knows no IRIs, so it gets a prefix of this table's own.
        found = _NAMESPACE_END.match(iri)
        if not found:
            return iri
        prefix = self._own.setdefault(found[0], f"ns{len(self._own) + 1}")
        self._prefixes[prefix] = found[0]
        return f"{prefix}:{iri[found.end() :]}"


def document(rows: Iterable[Row], about: About) -> str:
    r"""A small table as text.

    >>> rows = [Row(subject_label="Melanoma", predicate_id=PREFIXES["skos"] + "exactMatch",
    ...     object_id=PREFIXES["mesh"] + "D008545", mapping_justification=PREFIXES["semapv"] + "LexicalMatching")]
    >>> print(document(rows, About(mapping_set_id="https://example.org/m")).splitlines()[-1].replace("\t", " | "))
    Melanoma | skos:exactMatch | mesh:D008545 | semapv:LexicalMatching
    """
    text = io.StringIO(newline="")
    with TableWriter() as table:
        table.add(rows)
        table.finish(text, about)
    return text.getvalue()


_MATCH: Final = Row._fields.index("match_string")
_LONGEST_FIRST: Final = sorted(
    ((iri, prefix) for prefix, iri in {**PREFIXES, **BUILT_IN}.items()), key=lambda pair: -len(pair[0])
)


class _Lines:
    """Ends rows with a line feed alone, whereas the quoting is that of rows that end with both characters.

    Otherwise Python before 3.13 leaves a carriage return in a cell without quotes, and the row falls apart.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def write(self, row: str) -> None:
        self._write(row.removesuffix("\r\n") + "\n")


def _writer(file: IO[str]) -> Writer:
    return csv.writer(_Lines(file.write), delimiter="\t", lineterminator="\r\n")
