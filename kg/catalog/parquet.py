"""The tables of an export as Parquet files, row group by row group.

Source: https://parquet.apache.org/docs/file-format/.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any, Final

from kg.catalog.data import CONCEPT_PROPERTIES, concepts_of
from kg.catalog.nodes import Vocabulary
from kg.catalog.table_rows import Row, concept_row, rows_of_study
from kg.catalog.tables import TABLES, TYPES, Table
from kg.catalog.writing import Part, Setting, Written
from kg.errors import UsageError
from kg.namespaces import compress

__all__ = ["FOLDER", "Tables"]

FOLDER: Final = "tables"
"""The folder of the tables, below that of the export."""

_NAMING: Final = frozenset(map(compress, CONCEPT_PROPERTIES))

_ROWS: Final = 100_000
_CHARACTERS: Final = 8_000_000
"""What a row group may hold. Both depend on the data alone, so that the same rows are cut the same way."""


class Tables:
    """Writes the tables.

    Args:
        setting: where, and the store that has labels and hierarchy.

    Raises:
        UsageError: pyarrow is not installed.
    """

    def __init__(self, setting: Setting) -> None:
        arrow = _arrow()
        self._store = setting.store
        self._vocabulary = Vocabulary(setting.store)
        self._concepts: set[str] = set()
        self._files: dict[str, _File] = {}
        folder = setting.folder / FOLDER
        folder.mkdir()
        for table in TABLES:
            self._files[table.name] = _File(arrow, table, folder / f"{table.name}.parquet")

    def write(self, part: Part) -> None:
        """Take in a study; organizations are in its rows.

        Raises:
            StoreError: a number does not fit in its column.
        """
        if not part.is_study:
            return
        for name, row in rows_of_study(part.name, part.subjects, self._vocabulary):
            self._files[name].add(row)
            if name == "edges" and row["predicate"] in _NAMING:
                self._concepts.add(str(row["object"]))

    def finish(self) -> list[Written]:
        """Write the concepts and what is left, and close the files."""
        for iri in concepts_of(self._store, self._concepts):
            self._files["concepts"].add(concept_row(iri, self._vocabulary))
        self.close()
        return [
            Written(f"{FOLDER}/{table.name}.parquet", f"{table.name.capitalize()} (Parquet)", table.about)
            for table in TABLES
        ]

    def close(self) -> None:
        """Complete the files; may be called again."""
        for file in self._files.values():
            file.close()


class _File:
    """One table on its way to its file."""

    def __init__(self, arrow: ModuleType, table: Table, path: Path) -> None:
        self._arrow = arrow
        self._columns = table.columns
        self._schema = _schema(arrow, table)
        # No index of pages, no names of threads or times: the same rows give the same bytes.
        self._writer = arrow.parquet.ParquetWriter(path, self._schema, compression="zstd", version="2.6")
        self._start()

    def _start(self) -> None:
        self._values: list[list[object]] = [[] for _ in self._columns]
        self._rows = 0
        self._characters = 0

    def add(self, row: Row) -> None:
        for column, values in zip(self._columns, self._values, strict=True):
            value = row[column.name]
            values.append(value)
            if isinstance(value, str):
                self._characters += len(value)
            elif isinstance(value, list):
                self._characters += sum(map(len, value))
        self._rows += 1
        if self._rows >= _ROWS or self._characters >= _CHARACTERS:
            self._flush()

    def close(self) -> None:
        if self._writer.is_open:
            if self._rows:
                self._flush()
            self._writer.close()

    def _flush(self) -> None:
        arrays = [
            self._arrow.array(values, type=field.type) for values, field in zip(self._values, self._schema, strict=True)
        ]
        table = self._arrow.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table, row_group_size=self._rows)
        self._start()


def _schema(arrow: ModuleType, table: Table) -> Any:
    """The schema of a table, with what each column says."""
    types = {
        "string": arrow.string(),
        "list<string>": arrow.list_(arrow.field("element", arrow.string(), nullable=False)),
        "int64": arrow.int64(),
        "double": arrow.float64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
    }
    fields = []
    for column in table.columns:
        about = column.about or column.source
        nullable = not column.required and not TYPES[column.kind].startswith("list")
        metadata = {"description": about} if about else None
        fields.append(arrow.field(column.name, types[TYPES[column.kind]], nullable, metadata))
    return arrow.schema(fields, {"description": table.about})


def _arrow() -> ModuleType:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("pyarrow is not installed", remedy="pip install 'trialkg[parquet]'") from error
    found: ModuleType = pyarrow
    return found
