"""Records → statements: a pure function of each record, run here or in worker processes."""

from __future__ import annotations

import gc
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import NamedTuple

from kg.errors import InputError, RecordError, TermError
from kg.linking.linker import Linker, load_linker
from kg.mapping.fields import occurrences
from kg.mapping.study import Mapped, map_study
from kg.pipeline.checking import Checked, Checking, check
from kg.pipeline.choose import LeftOut
from kg.pipeline.quarantine import Quarantined, quarantined
from kg.sources import RawRecord, Reject, decode, head
from kg.study import Study
from kg.terms import render_bytes
from kg.validation import Report, merge
from kg.vocabularies.installed import Vocabulary

__all__ = ["Converted", "Part", "convert", "convert_record", "settle"]

_BATCH_BYTES = 4 * 2**20
_BATCH_RECORDS = 200
_KEPT_RESULTS = 50


class Converted(NamedTuple):
    """One converted record.

    Attributes:
        nct_id: the study.
        place: where the record was.
        statements: how many statements it became.
        linked: conditions and interventions with a link, and all of them: ``(linked, all, linked, all)``.
        notes: what of it could not be expressed.
    """

    nct_id: str
    place: str
    statements: int
    linked: tuple[int, int, int, int]
    notes: tuple[str, ...]


class Part(NamedTuple):
    """What a batch of records became.

    Attributes:
        ntriples: the statements of the converted studies.
        converted: one entry for each of them, in the order of the input.
        rejects: what gave no study.
        superseded: records left for a newer or richer one.
        records: the converted records themselves, in the same order.
        quarantined: studies that validation kept out.
        validation: what validation found in the studies of the batch, those kept out included; None without it.
        audited: how many of them pySHACL validated as well.
        admitted: how many of them break rules and are among the converted all the same.
        fields: field → how many values of it the converted records have, those of unknown fields by their paths too.
        rejected: field → how many of these values could not be expressed.
    """

    ntriples: bytes
    converted: list[Converted]
    rejects: list[Reject]
    superseded: list[LeftOut]
    records: list[RawRecord]
    quarantined: list[Quarantined]
    validation: Report | None
    audited: int
    admitted: int
    fields: Counter[str]
    rejected: Counter[str]


class _Task(NamedTuple):
    records: list[RawRecord]
    checking: Checking | None
    vocabularies: tuple[Vocabulary, ...]


def convert_record(record: RawRecord, linker: Linker) -> tuple[Study, Mapped, Converted]:
    """A record's study, its statements, and the account of it.

    Raises:
        RecordError: it cannot become a study.
    """
    study = decode(record)
    links = linker.study(study)
    try:
        mapped = map_study(study, links, linker, record.data, record.form.value)
    except TermError as error:
        raise RecordError(error.problem, place=study.nct_id or record.place, remedy=error.remedy) from error
    linked = (
        sum(map(bool, links.conditions)),
        len(links.conditions),
        sum(map(bool, links.interventions)),
        len(links.interventions),
    )
    return study, mapped, Converted(mapped.nct_id, record.place, len(mapped.statements), linked, tuple(mapped.notes))


def convert(
    found: Iterable[RawRecord | LeftOut | Reject],
    *,
    vocabularies: tuple[Vocabulary, ...] = (),
    jobs: int = 1,
    checking: Checking | None = None,
) -> Iterator[Part]:
    """The statements of records, in the order of the input, in bounded memory.

    Args:
        found: the records, see :func:`kg.pipeline.choose.chosen`.
        vocabularies: what to link to; the bundled ones when empty.
        jobs: worker processes; 1 converts in this one.
        checking: how to validate; not at all when None.

    Raises:
        InputError: a worker process died.
        ValidationDisagreement: pySHACL finds something else than the compiled rules.
    """
    batches = _batches(found, checking, vocabularies)
    if jobs <= 1:
        for task, skipped in batches:
            yield _finish(_run(task), task, skipped)
        return
    try:
        yield from _convert_in_workers(batches, jobs, vocabularies)
    except BrokenProcessPool as error:
        remedy = "give it more memory, or fewer workers by --jobs"
        raise InputError("a worker process died, as it does when memory runs out", remedy=remedy) from error


def _convert_in_workers(
    batches: Iterator[tuple[_Task, Part]], jobs: int, vocabularies: tuple[Vocabulary, ...]
) -> Iterator[Part]:
    # The store's threads must not be forked along, so workers start afresh.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(vocabularies,)
    ) as pool:
        waiting: deque[tuple[Future[Part], _Task, Part]] = deque()
        for task, skipped in batches:
            waiting.append((pool.submit(_run, task), task, skipped))
            if len(waiting) > 2 * jobs:
                yield _finish_next(waiting)
        while waiting:
            yield _finish_next(waiting)


def _finish_next(waiting: deque[tuple[Future[Part], _Task, Part]]) -> Part:
    future, task, skipped = waiting.popleft()
    return _finish(future.result(), task, skipped)


def _batches(
    found: Iterable[RawRecord | LeftOut | Reject], checking: Checking | None, vocabularies: tuple[Vocabulary, ...]
) -> Iterator[tuple[_Task, Part]]:
    """Tasks, each with what needs no work: rejects of the reader and superseded records."""
    records: list[RawRecord] = []
    skipped = _nothing()
    size = 0
    for one in found:
        if isinstance(one, Reject):
            skipped.rejects.append(one)
        elif isinstance(one, LeftOut):
            skipped.superseded.append(one)
        else:
            records.append(one)
            size += len(one.data)
        if size > _BATCH_BYTES or len(records) + len(skipped.superseded) >= _BATCH_RECORDS:
            yield _Task(records, checking, vocabularies), skipped
            records, skipped, size = [], _nothing(), 0
    if records or skipped.rejects or skipped.superseded:
        yield _Task(records, checking, vocabularies), skipped


def _nothing() -> Part:
    return Part(b"", [], [], [], [], [], None, 0, 0, Counter(), Counter())


def _finish(done: Part, task: _Task, skipped: Part) -> Part:
    # Records do not travel to a worker process and back: this one has them still.
    places = {entry.place for entry in done.converted}
    return done._replace(
        rejects=[*skipped.rejects, *done.rejects],
        superseded=skipped.superseded,
        records=[record for record in task.records if record.place in places],
    )


def settle(vocabularies: tuple[Vocabulary, ...] = ()) -> Linker:
    """Ready a process that does nothing but convert: load what every record needs, and quieten the collector.

    Conversion makes hundreds of tuples of a record and no cycles, so looking for cycles often is time lost.
    """
    linker = load_linker(vocabularies)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return linker


def _begin_worker(vocabularies: tuple[Vocabulary, ...]) -> None:
    # The keyboard interrupts this process too; the one that started it is the one to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle(vocabularies)


def _run(task: _Task) -> Part:
    linker = load_linker(task.vocabularies)
    texts: list[bytes] = []
    converted: list[Converted] = []
    rejects: list[Reject] = []
    checks: list[Checked] = []
    kept_out: list[Quarantined] = []
    studies: list[Study] = []
    rejected: Counter[str] = Counter()
    for record in task.records:
        try:
            study, mapped, entry = convert_record(record, linker)
        except RecordError as error:
            nct_id, _ = head(record)
            rejects.append(Reject(record.place, nct_id, _reason(error), whole_input=False))
            continue
        studies.append(study)
        rejected.update(mapped.rejected)
        statements = mapped.statements
        if task.checking:
            checked = check(mapped.nct_id, statements, task.checking)
            checks.append(checked)
            if not checked.is_admitted:
                kept_out.append(quarantined(mapped.nct_id, record.place, statements, checked.report))
                continue
            statements = [*statements, *checked.marks]
        texts.append(render_bytes(statements))
        converted.append(entry)
    validation = merge((one.report for one in checks), keep=_KEPT_RESULTS) if checks else None
    audited = sum(one.is_audited for one in checks)
    admitted = sum(one.is_admitted and not one.report.conforms for one in checks)
    fields = occurrences(studies)
    fields.update(path for study in studies for path in study.unknown_fields)
    return Part(b"".join(texts), converted, rejects, [], [], kept_out, validation, audited, admitted, fields, rejected)


def _reason(error: RecordError) -> str:
    return f"{error.problem} ({error.remedy})" if error.remedy else error.problem
