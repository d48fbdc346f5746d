"""The tables of one AACT export, joined by study, in bounded memory: DuckDB reads, sorts and joins them on disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.config import Limits
from kg.errors import InputError
from kg.sources.aact.rows import Header
from kg.sources.aact.tables import COLUMNS, OPTIONAL_COLUMNS, REQUIRED
from kg.sources.record import Reject, one_line, spoilt

if TYPE_CHECKING:
    import duckdb

__all__ = ["Row", "TableStore", "Tables"]

Row = dict[str, str | None]
"""A row of a table: its columns; what is empty is None."""

Tables = dict[str, list[Row]]
"""The rows of one study, by table, in the order of their ids."""

_ROWS_AT_ONCE: Final = 40_000
_THREADS: Final = 1
_PARTS_OF_MEMORY: Final = 8
"""Text is sorted in parts of this fraction of the memory that is allowed."""
_AFTER_ALL: Final = chr(0x10FFFF)


class TableStore:
    """A database of its own for one export, which can read no file but those in its folder. Close it.

    Args:
        folder: an empty folder, for the database and for the tables on their way into it.
        limits: ``table_memory`` and ``table_rejects``.

    Raises:
        InputError: DuckDB is not installed.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        try:
            import duckdb
        except ModuleNotFoundError as error:
            remedy = 'pip install "trialkg[aact]"'
            raise InputError("an AACT export needs the package duckdb", remedy=remedy) from error
        self._failure = duckdb.Error
        self._limits = limits
        self._folder = folder
        self._database = duckdb.connect(
            folder / "tables.duckdb",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "memory_limit": f"{limits.table_memory}B",
                "preserve_insertion_order": False,
                "temp_directory": str(folder / "spilled"),
                "threads": _THREADS,
            },
        )
        # The last three in this order: each makes the one before it final.
        self._run("SET allowed_directories = ['{}']".format(str(folder).replace("'", "''")))
        self._run("SET enable_progress_bar = false")
        self._run("SET enable_external_access = false")
        self._run("SET lock_configuration = true")
        self._run("BEGIN")
        for table, columns in _ALL_COLUMNS.items():
            self._run(f"CREATE TABLE {table} (nct_id VARCHAR, {', '.join(f'{name} VARCHAR' for name in columns)})")
        self._run("COMMIT")

    def load(self, table: str, path: Path, place: str, header: Header) -> Iterator[Reject]:
        """Load a table, sorted by study.

        Args:
            table: its name.
            path: its rows without the header, in the store's folder.
            place: what to call it.
            header: its header.

        Yields:
            A reject for each row that does not fit the header.

        Raises:
            InputError: it cannot be read as a table.
        """
        options = f"""delim = '{header.delimiter}', quote = '"', escape = '"', header = false, auto_detect = false,
            columns = $columns, parallel = false, new_line = '\\n',
            max_line_size = {self._limits.table_row_bytes + 1},
            store_rejects = true, rejects_limit = {self._limits.table_rejects + 1}"""
        columns = ", ".join(
            f"nullif({name}, '') AS {name}" if name in header.columns else f"NULL AS {name}"
            for name in _ALL_COLUMNS[table]
        )
        rows = f"SELECT coalesce(nct_id, '') AS nct_id, {columns} FROM read_csv($path, {options})"
        values = {"path": str(path), "columns": dict.fromkeys(header.columns, "VARCHAR")}
        most = self._limits.table_rejects
        parts = 1 + path.stat().st_size * _PARTS_OF_MEMORY // self._limits.table_memory
        try:
            if parts == 1:
                self._run(f"INSERT INTO {table} {rows} ORDER BY {_order(table)}", values)
            else:
                self._run(f"CREATE OR REPLACE TABLE loaded AS {rows}", values)
                self._sort(table, parts)
            rejects = self._run(
                "SELECT line_byte_position, any_value(error_message), any_value(csv_line), count(*) FROM reject_errors "
                "JOIN reject_scans USING (scan_id, file_id) WHERE file_path = $path "
                "GROUP BY line_byte_position ORDER BY line_byte_position",
                {"path": str(path)},
            ).fetchall()
        except self._failure as error:
            raise InputError(f"not read as a table: {one_line(str(error))}", place=place) from error
        lines = _LineNumbers(path)
        for position, message, text, _ in rejects[:most]:
            problem = f"a row that does not fit the header (left out): {one_line(message)}"
            yield spoilt(f"{place}:{lines.at(position or 0)}", problem, _nct_id_in(text))
        if sum(errors for *_, errors in rejects) > most:
            yield spoilt(
                place,
                f"more than {most:,} errors; the other rows that do not fit are left out untold (export it again)",
            )

    def _sort(self, table: str, parts: int) -> None:
        """Move what was loaded into its table, in the order of the studies: part by part, as memory allows."""
        sample = self._run("SELECT nct_id FROM loaded USING SAMPLE 4000 ROWS").fetchall()
        ids = sorted(nct_id for (nct_id,) in sample)
        starts = sorted({ids[len(ids) * part // parts] for part in range(1, parts)}) if ids else []
        for first, end in pairwise(["", *starts, _AFTER_ALL]):
            self._run(
                f"INSERT INTO {table} SELECT * FROM loaded WHERE nct_id >= $first AND nct_id < $end "
                f"ORDER BY {_order(table)}",
                {"first": first, "end": end},
            )
        self._run("DROP TABLE loaded")

    def settle(self) -> Iterator[str]:
        """Keep what belongs to a study, once all tables are loaded.

        Yields:
            What was left out and why.

        Raises:
            InputError: memory or disk ran out.
        """
        try:
            yield from self._settled()
        except self._failure as error:
            raise _not_joined(error) from error

    def _settled(self) -> Iterator[str]:
        odd = f"FROM {REQUIRED} WHERE nct_id IS NULL OR NOT regexp_full_match(nct_id, 'NCT[0-9]{{8}}')"
        said = f"(nct_id <> '' OR coalesce({', '.join(COLUMNS[REQUIRED])}) IS NOT NULL)"  # a blank row says nothing
        ((nameless, example),) = self._run(f"SELECT count(*), min(nct_id) {odd} AND {said}").fetchall()
        self._run(f"DELETE {odd}")
        if nameless:
            yield f"{nameless:,} rows of {REQUIRED} have no NCT id, as '{one_line(example or '', 40)}' (left out)"
        ((twice,),) = self._run(f"SELECT count(*) - count(DISTINCT nct_id) FROM {REQUIRED}").fetchall()
        if twice:
            self._run(f"DELETE FROM {REQUIRED} WHERE rowid NOT IN (SELECT min(rowid) FROM {REQUIRED} GROUP BY nct_id)")
            yield f"{twice:,} rows of {REQUIRED} repeat a study (the first row of each counts)"
        for table in _CHILDREN:
            ((orphans,),) = self._run(f"SELECT count(*) FROM {table} ANTI JOIN {REQUIRED} USING (nct_id)").fetchall()
            if orphans:
                yield f"{orphans:,} rows of {table} belong to no study in {REQUIRED} (left out)"

    def studies(self) -> Iterator[tuple[str, Tables]]:
        """Each study with its rows, in the order of the NCT ids.

        Raises:
            InputError: memory or disk ran out.
        """
        try:
            ends = self._run(_BATCHES, {"rows": _ROWS_AT_ONCE}).fetchall()
            for first, last in ends:
                yield from self._between(first, last).items()
        except self._failure as error:
            raise _not_joined(error) from error

    def _between(self, first: str, last: str) -> dict[str, Tables]:
        """The studies from one NCT id to another. Tables are stored in the order of the studies, so each is cheap."""
        found: dict[str, Tables] = {}
        for table, columns in _ALL_COLUMNS.items():
            rows = self._run(
                f"SELECT * FROM {table} WHERE nct_id BETWEEN $first AND $last ORDER BY {_order(table)}",
                {"first": first, "last": last},
            )
            for nct_id, *values in rows.fetchall():
                if table == REQUIRED:
                    found[nct_id] = {name: [] for name in _ALL_COLUMNS}
                if nct_id in found:
                    found[nct_id][table].append(dict(zip(columns, values, strict=True)))
        return found

    def close(self) -> None:
        """Let go of the database; its folder can then be removed."""
        self._database.close()

    def _run(self, command: str, values: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        return self._database.execute(command, values)


_ALL_COLUMNS: Final = {
    table: (*(("id",) if table != REQUIRED else ()), *columns, *OPTIONAL_COLUMNS.get(table, ()))
    for table, columns in COLUMNS.items()
}
_CHILDREN: Final = tuple(table for table in COLUMNS if table != REQUIRED)

# So many rows at once, and not so many studies: a study with results can have as many rows as a thousand others.
_BATCHES: Final = f"""
    WITH sizes AS (
        SELECT nct_id, sum(n) AS n FROM (
            {" UNION ALL ".join(f"SELECT nct_id, count(*) AS n FROM {table} GROUP BY nct_id" for table in COLUMNS)}
        ) SEMI JOIN {REQUIRED} USING (nct_id) GROUP BY nct_id
    ), running AS (SELECT nct_id, sum(n) OVER (ORDER BY nct_id) AS total FROM sizes)
    SELECT min(nct_id), max(nct_id) FROM running GROUP BY total // $rows ORDER BY 1
"""


def _not_joined(error: Exception) -> InputError:
    remedy = "see that the folder for temporary files ($TMPDIR) has room for twice the export, unpacked"
    return InputError(f"the tables cannot be joined: {one_line(str(error))}", remedy=remedy)


def _order(table: str) -> str:
    return "nct_id" if table == REQUIRED else "nct_id, try_cast(id AS BIGINT)"


class _LineNumbers:
    """Byte positions of a file, in rising order → numbers of lines, counting the header that is not in the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._number = 2

    def at(self, position: int) -> int:
        with self._path.open("rb") as file:
            file.seek(self._at)
            while self._at < position and (piece := file.read(min(2**20, position - self._at))):
                self._number += piece.count(b"\n")
                self._at += len(piece)
        return self._number


def _nct_id_in(text: str | None) -> str:
    found = re.search(r"\bNCT[0-9]{8}\b", text or "")
    return found[0] if found else ""
