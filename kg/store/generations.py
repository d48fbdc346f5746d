"""A store directory: immutable generations, and one writer at a time.

    DIR/store-format               says that the directory is ours
    DIR/current                    name of the newest generation; replacing it publishes
    DIR/generations/000007/store   an Oxigraph store that nobody writes to any more
    DIR/generations/000007/report.json
    DIR/report.json                the newest generation's report
    DIR/records/…, DIR/vocabularies/…  what generations were made from; a report names what it relies on
    DIR/quarantine/…               studies that validation kept out
    DIR/update/…                   what an update has fetched and not published yet
    DIR/draft-…                    what the writer works on
    DIR/lock                       held by the writer

A draft is a copy-on-write checkpoint of the newest generation (hard links, milliseconds at any size). Publishing
makes a checkpoint of the draft, gives it the next number and then replaces ``current`` in one rename. That rename
is the only moment at which anything changes for readers, so a writer that is killed before it has changed nothing
and one killed after it has published; what it left behind is swept by the next writer. Readers never write, and a
query that runs keeps its generation.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.errors import StoreBusy, StoreError
from kg.store.pin import REPORT, in_use

__all__ = ["KEPT_FOLDERS", "KEPT_GENERATIONS", "Draft", "Generation", "StoreDirectory"]

KEPT_GENERATIONS: Final = 3
"""So many of the newest generations always stay; older ones stay while a reader uses them."""

KEPT_FOLDERS: Final = ("records", "vocabularies", "quarantine")
"""Folders of a store directory with what generations were made from; see :attr:`Draft.report`."""

_FORMAT: Final = "trialkg store 2\n"
_FORMAT_FILE: Final = "store-format"
_CURRENT: Final = "current"
_LOCK: Final = "lock"
_DRAFT: Final = "draft-"
_UNFINISHED: Final = ".part"
_DIGITS: Final = 6


class Generation(NamedTuple):
    """One published state of the store. ``path`` is the Oxigraph folder, to be opened read-only."""

    number: int
    path: Path
    report: dict[str, Any]


class Draft:
    """What a writer works on; only valid inside :meth:`StoreDirectory.writing`.

    Attributes:
        report: what ``report.json`` will say. The generation's number is added as ``generation``. Its ``keeps`` names
            the files and folders under the store's directory that this generation relies on; others are swept.
        empty: whether to begin with nothing instead of :attr:`base`; to be decided before :attr:`store` is first used.
        optimize: whether to compact the store before it is published. It pays after a bulk load of a large part.
        base: the generation that this draft begins as; None when there is none.
        number: the number of the generation, once it is published.
    """

    def __init__(self, path: Path, base: Generation | None) -> None:
        self.number: int | None = None
        self.report: dict[str, Any] = {}
        self.empty = False
        self.optimize = False
        self.base = base
        self._path = path
        self._store: ox.Store | None = None
        self._over = False

    @property
    def store(self) -> ox.Store:
        """The store, to be written to.

        Raises:
            StoreError: the draft is over, or the store cannot be made.
        """
        self._refuse_when_over()
        if self._store is None:
            with _as_store_error(self._path):
                self._copy_base()
                self._store = ox.Store(str(self._path))
        return self._store

    def folder(self) -> Path:
        """The folder of the store, for one other process to open and write to until :attr:`store` is used here.

        Raises:
            StoreError: the draft is over, or the store cannot be made.
        """
        self._refuse_when_over()
        with _as_store_error(self._path):
            self._copy_base()
        return self._path

    def _copy_base(self) -> None:
        if self.base is not None and not self.empty and not self._path.exists():
            ox.Store.read_only(str(self.base.path)).backup(str(self._path))

    def _refuse_when_over(self) -> None:
        if self._over:
            raise StoreError("the draft is over", remedy="write inside the 'with' block of writing()")

    def close(self) -> None:
        """Let go of the store."""
        self._store = None
        self._over = True


class StoreDirectory:
    """A directory with generations of a store.

    Args:
        directory: the directory; made by the first :meth:`writing`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def newest(self) -> Generation:
        """The newest generation.

        Raises:
            StoreError: there is none, or the directory is no store of ours.
        """
        # Between reading the name and the report a writer may publish and sweep, though hardly three times.
        for last_try in (False, True):
            number = self._current()
            if number is None:
                self._check_ours()
                raise StoreError(
                    "there is no store",
                    place=str(self.directory),
                    remedy="make one with: trialkg build INPUT --store DIR",
                )
            try:
                return self.generation(number)
            except StoreError:
                if last_try:
                    raise
        raise AssertionError

    def generation(self, number: int) -> Generation:
        """A generation by its number.

        Raises:
            StoreError: it is not there, or its report cannot be read.
        """
        folder = self._folder(number)
        try:
            report = json.loads((folder / REPORT).read_bytes())
        except (OSError, ValueError) as error:
            problem = f"generation {number} cannot be read: {error}"
            raise StoreError(problem, place=str(self.directory), remedy="build the store anew") from error
        return Generation(number, folder / "store", report)

    def numbers(self) -> list[int]:
        """The numbers of the published generations that are still there, oldest first."""
        current = self._current()
        return [] if current is None else [number for number in self._present() if number <= current]

    @contextmanager
    def writing(self) -> Iterator[Draft]:
        """Write the next generation.

        Leaving the block normally publishes the draft. Leaving it by an exception changes nothing.

        Raises:
            StoreBusy: another writer is at work.
            StoreError: the directory is no store of ours, or it cannot be written.
        """
        with self._locked():
            with _as_store_error(self.directory):
                self._sweep_unfinished()
            base = self.newest() if self._current() is not None else None
            with _as_store_error(self.directory):
                folder = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self.directory))
            try:
                draft = Draft(folder / "store", base)
                try:
                    yield draft
                    with _as_store_error(self.directory):
                        self._publish(draft)
                finally:
                    draft.close()
            finally:
                # Should the caller still hold the store, it now writes to files without a name.
                shutil.rmtree(folder, ignore_errors=True)
            # It is published already; what cannot be removed now is removed after the next draft.
            with suppress(OSError):
                self._sweep_old()

    def _publish(self, draft: Draft) -> None:
        number = max([*self._present(), self._current() or 0]) + 1
        folder = self._folder(number)
        unfinished = folder.with_name(folder.name + _UNFINISHED)
        unfinished.mkdir(parents=True)
        if draft.optimize:
            draft.store.optimize()
        # A checkpoint of a read-only store, which the next draft begins with, leaves out what is not flushed.
        draft.store.flush()
        draft.store.backup(str(unfinished / "store"))
        report = json.dumps({**draft.report, "generation": number}, indent=2, ensure_ascii=False) + "\n"
        _write(unfinished / REPORT, report)
        _sync_directory(unfinished / "store")
        _sync_directory(unfinished)
        unfinished.rename(folder)
        _sync_directory(folder.parent)
        _replace(self.directory / _CURRENT, folder.name + "\n")
        draft.number = number
        _replace(self.directory / REPORT, report)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _as_store_error(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            self._check_ours()
            lock = open(self.directory / _LOCK, "a+", encoding="ascii")  # noqa: SIM115 (closed below)
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read(20).strip()
                problem = "the store is being written" + (f" by process {holder}" if holder else "")
                raise StoreBusy(problem, place=str(self.directory), remedy="wait until it is done") from None
            with _as_store_error(self.directory):
                lock.truncate(0)
                lock.write(f"{os.getpid()}\n")
                lock.flush()
                _replace(self.directory / _FORMAT_FILE, _FORMAT)
            yield

    def _check_ours(self) -> None:
        """Refuse a directory that has other things in it, so that nothing of theirs is ever swept."""
        try:
            found = (self.directory / _FORMAT_FILE).read_text("ascii")
        except FileNotFoundError:
            # A writer killed in its first moments leaves these.
            ours = {_LOCK, _FORMAT_FILE + _UNFINISHED}
            if self.directory.is_dir() and {entry.name for entry in self.directory.iterdir()} - ours:
                problem = "the directory is not empty and not a store of trialkg"
                raise StoreError(problem, place=str(self.directory), remedy="name another directory") from None
            return
        except (OSError, ValueError) as error:
            raise StoreError(f"not a store directory: {error}", place=str(self.directory)) from error
        if found != _FORMAT:
            problem = f"the store has the form {found.strip()!r}, not {_FORMAT.strip()!r}"
            raise StoreError(problem, place=str(self.directory), remedy="use the version that made it, or build anew")

    def _current(self) -> int | None:
        try:
            return int((self.directory / _CURRENT).read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot be read: {error}", place=str(self.directory / _CURRENT)) from error

    def _folder(self, number: int) -> Path:
        return self.directory / "generations" / f"{number:0{_DIGITS}}"

    def _present(self) -> list[int]:
        try:
            names = os.listdir(self.directory / "generations")
        except FileNotFoundError:
            return []
        return sorted(int(name) for name in names if name.isdecimal())

    def _sweep_unfinished(self) -> None:
        """Remove what a killed writer left: drafts, and generations that were never published."""
        current = self._current() or 0
        for leftover in self.directory.glob(_DRAFT + "*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for leftover in (self.directory / "generations").glob("*" + _UNFINISHED):
            shutil.rmtree(leftover, ignore_errors=True)
        for number in self._present():
            if number > current:
                shutil.rmtree(self._folder(number), ignore_errors=True)
        if current:
            _replace(self.directory / REPORT, (self._folder(current) / REPORT).read_text("utf-8"))

    def _sweep_old(self) -> None:
        kept: set[str] = set()
        numbers = self.numbers()
        for number in numbers:
            folder = self._folder(number)
            if number in numbers[-KEPT_GENERATIONS:] or in_use(str(folder)):
                kept.update(self.generation(number).report.get("keeps", ()))
                continue
            # Under another name first: half a generation must not look like one.
            doomed = folder.with_name(folder.name + _UNFINISHED)
            folder.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
        for place in KEPT_FOLDERS:
            for found in (self.directory / place).glob("*"):
                if f"{place}/{found.name}" not in kept:
                    shutil.rmtree(found, ignore_errors=True) if found.is_dir() else found.unlink()


@contextmanager
def _as_store_error(directory: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:  # a damaged store is a RuntimeError of the engine's
        raise StoreError(f"the store cannot be written: {error}", place=str(directory)) from error


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    aside = path.with_name(path.name + _UNFINISHED)
    _write(aside, text)
    aside.replace(path)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
