"""Records → a published generation of a store."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.config import LIMITS
from kg.errors import InputError, StoreError
from kg.namespaces import PREFIXES
from kg.pipeline.choose import Choice, choose
from kg.pipeline.convert import Part, convert
from kg.pipeline.report import Note, RunReport
from kg.sources import Inputs, Reject
from kg.store.embedded import (
    bulk_load,
    count_instances,
    count_statements,
    has_study,
    open_generation,
    remove_study,
    study_quads,
)
from kg.store.generations import Generation, StoreDirectory
from kg.vocabularies.installed import statements, versions

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Progress", "build", "default_jobs", "nothing_converted"]

Progress = Callable[[int, int], None]
"""Called with the number of records done and of all records."""

_FEW = 1_000
"""Below so many records, starting worker processes takes longer than they save."""


def default_jobs(records: int) -> int:
    """How many processes convert so many records fastest."""
    return 1 if records < _FEW else os.cpu_count() or 1


def build(
    inputs: Sequence[str | Path],
    store: Path,
    *,
    validate: bool = True,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Convert, link, validate and load records, and publish the result as a new generation.

    Studies that the store has already are replaced by those of the input; others stay, as does a study whose new
    record cannot be converted. Either the whole input is
    published or, on an error or a kill at any moment, nothing is changed.

    Args:
        inputs: files, folders, patterns, ``-``.
        store: the store's directory.
        validate: whether to validate, every study up to ``LIMITS.validated_studies``, a sample beyond.
        jobs: worker processes; chosen by the number of records when None.
        progress: told after each part.

    Returns:
        The account of the run, which is in the generation and in ``DIR/report.json`` too.

    Raises:
        InputError: no input gave a single record.
        StoreError: the store cannot be written.
    """
    report = RunReport(started=_now(), vocabularies=versions())
    with Inputs(inputs) as opened:
        choice = choose(opened)
        if not choice.records:
            found = [(row.place, row.reason) for row in opened.records() if isinstance(row, Reject)]
            raise nothing_converted(found)
        report.data_date = choice.data_date
        every = _validate_every(len(choice.winners)) if validate else 0
        with StoreDirectory(store).writing() as draft:
            old = draft.base.report if draft.base else {}
            report.data_date = max(report.data_date, str(old.get("dataDate", "")))
            fresh = old.get("vocabularies") != report.vocabularies
            if draft.base:
                for nct_id in choice.winners:
                    remove_study(draft.store, nct_id)
                if fresh:
                    _remove_vocabularies(draft.store)
            if fresh and draft.base:
                report.notes += _stale(draft.store, old.get("vocabularies", {}))
            parts = convert(opened, choice, jobs=jobs or default_jobs(choice.records), validate_every=every)
            pieces = _pieces(parts, report, progress, choice.records)
            if fresh:
                pieces = _then(statements(), pieces)
            source = _Pieces(pieces)
            try:
                bulk_load(draft.store, io.BufferedReader(source, 1 << 20), trusted=True)
            except StoreError:
                if source.error:
                    raise source.error from None
                raise
            if source.error:
                raise source.error
            if not report.studies:
                raise nothing_converted([(row.place, row.reason) for row in report.rejects])
            if draft.base:
                _keep_rejected(draft.store, draft.base, report, choice)
            report.finished = _now()
            draft.report = {
                **report.to_dict(),
                "triples": count_statements(draft.store),
                "storeStudies": count_instances(draft.store, PREFIXES["tkg"] + "Study"),
            }
    return report


def _validate_every(studies: int) -> int:
    return 1 if studies <= LIMITS.validated_studies else LIMITS.validation_sample


def _pieces(parts: Iterable[Part], report: RunReport, progress: Progress | None, records: int) -> Iterator[bytes]:
    for part in parts:
        report.add(part)
        yield part.ntriples
        if progress:
            progress(report.records, records)


def _then(first: Iterable[bytes], second: Iterable[bytes]) -> Iterator[bytes]:
    yield from first
    yield from second


def _keep_rejected(store: ox.Store, base: Generation, report: RunReport, choice: Choice) -> None:
    """Put back the studies whose new record turned out to be none: a bad record changes nothing."""
    lost = {row.nct_id for row in report.rejects if row.nct_id in choice.winners and not has_study(store, row.nct_id)}
    if lost:
        before = open_generation(base)
        for nct_id in sorted(lost):
            store.extend(study_quads(before, nct_id))


def _stale(store: ox.Store, was: dict[str, str]) -> list[Note]:
    """A note on the studies that stay in a store whose vocabularies are replaced."""
    studies = count_instances(store, PREFIXES["tkg"] + "Study")
    names = ", ".join(f"{name} {version}" for name, version in was.items()) or "other vocabularies"
    return [Note("", f"{studies} studies keep their links to {names}: build them again")] if studies else []


def _remove_vocabularies(store: ox.Store) -> None:
    """Remove what the vocabularies own: everything but studies, their parts, and organizations."""
    kept = (PREFIXES["trial"], PREFIXES["organization"])
    owned = [
        quad for quad in store if not (isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(kept))
    ]
    for quad in owned:
        store.remove(quad)


def nothing_converted(rejects: Sequence[tuple[str, str]]) -> InputError:
    """The error for input of which nothing became a study.

    Args:
        rejects: place and reason of each reject.
    """
    if not rejects:
        return InputError("there is nothing to read", remedy="name files or folders with records")
    place, reason = rejects[0]
    more = f", and {len(rejects) - 1} more rejects" if len(rejects) > 1 else ""
    return InputError(f"{reason}{more}", place=place)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a stream, so that the loader takes them as they are made.

    The loader turns any exception of a stream into its own; the real one is kept in :attr:`error`.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self.error:
            return 0
        target = memoryview(buffer).cast("B")
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return 0
        except BaseException as error:
            self.error = error
            raise OSError(str(error)) from error
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
