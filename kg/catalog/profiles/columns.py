"""What the columns of the tables in an export say, for profiles that describe tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.tables import TABLES, TYPES
from kg.errors import InputError
from kg.linking.sssom import TSV

__all__ = ["DescribedColumn", "DescribedTable", "described_tables"]

_SSSOM: Final = {
    "subject_id": "IRI of the condition or intervention, as a prefixed name",
    "subject_label": "The registered text that was linked",
    "subject_category": "Class of the subject, as a prefixed name",
    "predicate_id": "How the concept found is related to the text, as a prefixed name",
    "predicate_modifier": "Not where the mapping does not hold",
    "object_id": "The concept, as a prefixed name; sssom:NoTermFound where there is none",
    "object_label": "Label of the concept",
    "mapping_justification": "How the mapping was found, as a prefixed name of SEMAPV",
    "subject_type": "Whether the subject is a thing or only a text",
    "subject_source": "Where the subject is from, as a prefixed name",
    "object_source": "The vocabulary that has the concept, as a prefixed name",
    "object_source_version": "Version of that vocabulary",
    "confidence": "Between 0 and 1, how sure the mapping is",
    "match_string": "The text that matched",
    "comment": "What else is known",
}
"""Column of a table of links → what it says."""
_DOUBLE: Final = frozenset(("confidence",))


@dataclass(frozen=True)
class DescribedColumn:
    """A column of a table.

    Args:
        name: as in the file.
        about: what it says.
        datatype: ``string``, ``integer``, ``double``, ``boolean`` or ``date``.
        is_list: whether a cell has any number of these.
    """

    name: str
    about: str
    datatype: str
    is_list: bool = False

    @property
    def title(self) -> str:
        """Its name in words.

        >>> DescribedColumn("nct_id", "NCT id of the study", "string").title
        'Nct id'
        """
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class DescribedTable:
    """A table and its columns, in the order of the file."""

    file: DataFile
    name: str
    columns: Sequence[DescribedColumn]


def described_tables(described: Described, folder: Path) -> Iterator[DescribedTable]:
    """The tables among the data files of an export.

    Args:
        described: the export.
        folder: where its files are.

    Raises:
        InputError: a table of links has no line of column names.
    """
    known = {table.name: table for table in TABLES}
    for file in described.files:
        path = folder / file.name
        name = path.name.partition(".")[0]
        if file.form == "parquet" and name in known:
            columns = [
                DescribedColumn(
                    column.name,
                    column.about or (f"Value of {column.source}" if column.source else column.name.replace("_", " ")),
                    _DATATYPES[TYPES[column.kind]],
                    is_list=TYPES[column.kind].startswith("list"),
                )
                for column in known[name].columns
            ]
            yield DescribedTable(file, name, columns)
        elif path.name.endswith(".sssom.tsv"):
            columns = [
                DescribedColumn(column, _SSSOM[column], "double" if column in _DOUBLE else "string")
                for column in _head(path)
            ]
            yield DescribedTable(file, name, columns)


_DATATYPES: Final = {
    "string": "string",
    "list<string>": "string",
    "int64": "integer",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
}


def _head(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader((line for line in file if not line.startswith("#")), **TSV):
            return row
    raise InputError("no line of column names", place=str(path), remedy="export again")
