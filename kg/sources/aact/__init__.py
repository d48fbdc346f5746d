"""An AACT export, a folder or a zip of tables → one record for each study, in the shape of API v2.

AACT is the registry as tables, made by the Clinical Trials Transformation Initiative. What it does not hold, such as
MeSH ids and the places of sites, the records do not have either; docs/sources.md lists it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kg.config import Limits
from kg.errors import InputError
from kg.sources.aact.protocol import study_of
from kg.sources.aact.rows import copy_rows, read_header
from kg.sources.aact.store import TableStore
from kg.sources.aact.tables import COLUMNS, OPTIONAL_COLUMNS, REQUIRED, UNUSED_COLUMNS, UNUSED_TABLES
from kg.sources.archive import Leaf, leaves, member_starts
from kg.sources.files import InputFile, folder_files
from kg.sources.made_json import made_record
from kg.sources.record import Form, RawRecord, Reject, one_line, rejected, spoilt, unread

__all__ = ["Export", "is_export"]

_ENDINGS = (".txt", ".csv")
_REQUIRED_NAMES = {REQUIRED + ending for ending in _ENDINGS}


def is_export(path: Path, limits: Limits) -> bool:
    """Whether a folder or a zip holds a table of studies, and so is an export as a whole.

    Args:
        path: a folder, or a file of any kind.
        limits: what an archive may cost.
    """
    try:
        if path.is_dir():
            starts = iter([_start(path / name) for name in _REQUIRED_NAMES if (path / name).is_file()])
        else:
            starts = member_starts(path, _REQUIRED_NAMES, limits)
        return any("nct_id" in start.partition(b"\n")[0].decode("utf-8", "replace").lower() for start in starts)
    except OSError:
        return False  # the reader of files says what is wrong with it


class Export:
    """An export that is read once and can be gone through again and again. Close it.

    Args:
        place: what to call it.
        path: a folder or a zip.
        limits: what it may cost.
    """

    def __init__(self, place: str, path: Path, limits: Limits) -> None:
        self._place = place
        self._path = path
        self._limits = limits
        self._folder: Path | None = None
        self._store: TableStore | None = None
        self._rejects: list[Reject] = []
        self._failure: InputError | None = None

    def records(self) -> Iterator[RawRecord | Reject]:
        """What could not be read, then the record of each study in the order of the NCT ids."""
        try:
            store = self._loaded()
            yield from self._rejects
            for nct_id, tables in store.studies():
                record = made_record(study_of(nct_id, tables), Form.AACT, f"{self._place}:{nct_id}")
                if len(record.data) > self._limits.record_bytes:
                    yield spoilt(record.place, f"longer than {self._limits.record_bytes:,} bytes (left out)", nct_id)
                else:
                    yield record
        except InputError as error:
            self._failure = error  # half an export must not be read the next time
            yield rejected(error, place=error.place or self._place, whole_input=True)

    def close(self) -> None:
        """Remove what was kept of it."""
        if self._store is not None:
            self._store.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._store = self._folder = None

    def _loaded(self) -> TableStore:
        if self._failure is not None:
            raise self._failure
        if self._store is not None:
            return self._store
        self._folder = Path(tempfile.mkdtemp(prefix="trialkg-aact-"))
        self._store = TableStore(self._folder, self._limits)
        read: set[str] = set()
        for leaf in self._leaves():
            if isinstance(leaf, Reject):
                self._rejects.append(leaf)
            else:
                self._rejects += self._load(leaf, read, self._folder, self._store)
        missing = sorted(COLUMNS.keys() - read)
        if missing:
            problem = f"no table {', '.join(missing)} in this export (what they hold is not in the records)"
            self._rejects.append(unread(self._place, problem))
        self._rejects += [spoilt(self._place, problem) for problem in self._store.settle()]
        return self._store

    def _leaves(self) -> Iterator[Leaf | Reject]:
        files = folder_files(self._path) if self._path.is_dir() else [InputFile(self._place, self._path)]
        for file in files:
            if isinstance(file, Reject):
                yield file
            else:
                yield from leaves(file.place, file.path, self._limits)

    def _load(self, leaf: Leaf, read: set[str], folder: Path, store: TableStore) -> Iterator[Reject]:
        """Load one file, if it is a table that is read."""
        # Names of members are words: the table's own name, out of a fixed list, is what the file gets.
        name = PurePosixPath(leaf.place.rpartition("!")[2])
        table = name.name.removesuffix(".gz").rpartition(".")[0].lower()
        if table in UNUSED_TABLES and name.name.lower().endswith(_ENDINGS):
            return
        if table not in COLUMNS:
            yield unread(leaf.place, "no table of AACT that is known (name the file on its own to read it)")
            return
        if table in read:
            yield unread(leaf.place, f"a second table {table} in one export (the first one counts)")
            return
        path = folder / f"{table}.rows"
        try:
            header = read_header(leaf.stream)
            if "nct_id" not in header.columns or len(set(header.columns)) < len(header.columns):
                yield unread(leaf.place, "no header with nct_id and without repeats (export the table again)")
                return
            read.add(table)
            yield from _odd_columns(table, header.columns, leaf.place)
            with path.open("wb") as target:
                try:
                    yield from copy_rows(leaf.stream, target, leaf.place, header, self._limits)
                except InputError as error:
                    yield rejected(error, place=leaf.place)
            yield from store.load(table, path, leaf.place, header)
        except InputError as error:
            yield rejected(error, place=leaf.place, whole_input=True)
        except OSError as error:
            yield unread(leaf.place, f"cannot be read: {one_line(error.strerror or str(error))} (check the disk)")
        finally:
            path.unlink(missing_ok=True)


def _odd_columns(table: str, columns: tuple[str, ...], place: str) -> Iterator[Reject]:
    known = {"id", "nct_id", *COLUMNS[table], *OPTIONAL_COLUMNS.get(table, ())}
    known |= {name.partition(".")[2] for name in UNUSED_COLUMNS if name.startswith(f"{table}.")}
    strange = sorted(set(columns) - known)
    if strange:
        yield spoilt(f"{place}:1", f"columns that are not known: {one_line(', '.join(strange))} (not read)")
    missing = [name for name in COLUMNS[table] if name not in columns]
    if missing:
        yield spoilt(f"{place}:1", f"columns that are missing: {', '.join(missing)} (what they hold is not read)")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64 * 1024)
