"""Records → a published generation of a store."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import InputError, StoreError
from kg.namespaces import PREFIXES
from kg.pipeline.additions import Addition
from kg.pipeline.checking import USUAL, Checking
from kg.pipeline.choose import Choice, LeftOut, choose, chosen
from kg.pipeline.convert import Part, convert
from kg.pipeline.history import carry_history
from kg.pipeline.kept import RecordKeeper, kept_records
from kg.pipeline.quarantine import Quarantine
from kg.pipeline.report import RunReport
from kg.pipeline.vocabularies import (
    changed,
    installing,
    kept_places,
    link_changes,
    report_of,
    used_by,
)
from kg.sources import Inputs, RawRecord, Reject
from kg.store.embedded import (
    bulk_load,
    count_graphs,
    count_instances,
    count_statements,
    has_study,
    open_generation,
    remove_study,
    study_quads,
)
from kg.store.generations import Draft, Generation, StoreDirectory
from kg.validation.shapes import descriptions
from kg.vocabularies.installed import Vocabulary, bundled, digest, statements

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Progress", "build", "default_jobs", "nothing_converted"]

Progress = Callable[[int, int], None]
"""Called with the number of records done and of all records."""

_FEW = 1_000
"""Below so many records, starting worker processes takes longer than they save."""

_COMPACTED_FROM = 1_000
"""From so many studies on, what compacting the store takes pays in the first queries."""


def default_jobs(records: int) -> int:
    """How many processes convert so many records fastest."""
    return 1 if records < _FEW else os.cpu_count() or 1


def build(
    inputs: Sequence[str | Path],
    store: Path,
    *,
    add: Sequence[Addition] = (),
    remove: Sequence[str] = (),
    history: bool | None = None,
    checking: Checking | None = USUAL,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Convert, link, validate and load records, and publish the result as a new generation.

    Studies that the store has already are replaced by those of the input; others stay, as does a study whose new
    record cannot be converted. Where the vocabularies are not those of the newest generation, all of its studies are
    converted again from the records that were kept of them. Either everything is published or, on an error or a kill
    at any moment, nothing is changed.

    Args:
        inputs: files, folders, patterns, ``-``.
        store: the store's directory.
        add: vocabularies to link to, from now on; with them, ``inputs`` may be empty.
        remove: names of added vocabularies to do without; likewise.
        history: whether to keep the earlier versions of studies that are replaced, from now on; as the store does when
            None. Versions that were kept stay in any case.
        checking: how to validate; not at all when None. Studies with violations are kept out, in a file of their own.
        jobs: worker processes; chosen by the number of records when None.
        progress: told after each part.

    Returns:
        The account of the run, which is in the generation and in ``DIR/report.json`` too.

    Raises:
        InputError: no input gave a single record.
        VocabularyError: a vocabulary cannot be added.
        StoreError: the store cannot be written.
        ValidationDisagreement: pySHACL finds something else in a study than the compiled rules.
    """
    report = RunReport(started=_now())
    with Inputs(inputs) as opened:
        choice = choose(opened)
        if not choice.records and (inputs or not (add or remove)):
            found = [(row.place, row.reason) for row in opened.records() if isinstance(row, Reject)]
            raise nothing_converted(found)
        directory = StoreDirectory(store)
        with directory.writing() as draft:
            before = used_by(store, draft.base) if draft.base else bundled()
            with (
                installing(store, before, add, remove) as vocabularies,
                RecordKeeper(store) as keeper,
                Quarantine(store) as quarantine,
            ):
                run = _Run(store, draft, vocabularies, report, keeper, quarantine, history=history)
                run.load(
                    chosen(opened, choice),
                    choice,
                    jobs=jobs or default_jobs(choice.records + run.kept_studies),
                    checking=checking,
                    progress=progress,
                )
                run.compare(before)
                run.finish(choice.data_date)
            # Queries take half the time then; a small store is quick as it is.
            draft.optimize = choice.records + run.kept_studies >= _COMPACTED_FROM
    return report


class _Run:
    """One build: from the chosen records to the draft's report.

    Args:
        store: the store's directory.
        draft: what is written to.
        vocabularies: what to link to.
        report: the account of the run.
        keeper: where the converted records are kept.
        quarantine: where the studies are put that validation keeps out.
        history: whether to keep earlier versions; as the store does when None.
    """

    def __init__(
        self,
        store: Path,
        draft: Draft,
        vocabularies: tuple[Vocabulary, ...],
        report: RunReport,
        keeper: RecordKeeper,
        quarantine: Quarantine,
        *,
        history: bool | None = None,
    ) -> None:
        self._store = store
        self._draft = draft
        self._vocabularies = vocabularies
        self._report = report
        self._keeper = keeper
        self._quarantine = quarantine
        self._old = draft.base.report if draft.base else {}
        self._digest = digest(vocabularies)
        self._anew = self._old.get("vocabularyDigest") != self._digest
        draft.empty = self._anew
        self._converted: set[str] = set()
        report.history = bool(self._old.get("history")) if history is None else history
        report.vocabularies = {vocabulary.name: vocabulary.version for vocabulary in vocabularies}
        self.kept_studies = int(self._old.get("storeStudies", 0)) if self._anew else 0
        if self.kept_studies and not self._old.get("records"):
            raise StoreError(
                "its records were not kept, so its studies cannot be linked anew",
                place=str(store),
                remedy="build it from the records in a new directory",
            )

    def load(
        self,
        found: Iterable[RawRecord | LeftOut | Reject],
        choice: Choice,
        *,
        jobs: int,
        checking: Checking | None,
        progress: Progress | None,
    ) -> None:
        """Fill the draft."""
        if not self._anew:
            for nct_id in choice.winners:
                remove_study(self._draft.store, nct_id)
        total = choice.records + self.kept_studies
        if checking:
            checking = checking.for_studies(set(choice.winners))
        source = _Pieces(self._pieces(found, jobs, checking, progress, total))
        try:
            bulk_load(self._draft.store, io.BufferedReader(source, 1 << 20), trusted=True)
        except StoreError:
            if source.error:
                raise source.error from None
            raise
        if source.error:
            raise source.error
        if choice.records and not self._report.studies:
            raise nothing_converted(self._report.left_out)
        if self._draft.base and not self._anew:
            _keep_rejected(self._draft.store, self._draft.base, self._report, choice)
        if self._draft.base:
            self._report.versions = carry_history(
                open_generation(self._draft.base),
                self._draft.store,
                self._converted,
                keep=self._report.history,
                anew=self._anew,
            )

    def compare(self, before: Sequence[Vocabulary]) -> None:
        """Report what other vocabularies changed."""
        self._report.vocabulary_changes = changed(before, self._vocabularies)
        if self._anew and self._draft.base and self._report.relinked:
            self._report.link_changes = link_changes(open_generation(self._draft.base), self._draft.store)

    def finish(self, data_date: str) -> None:
        """Write the report, and what this generation relies on."""
        earlier = [] if self._anew else list(self._old.get("records", ()))
        kept = self._keeper.finish()
        in_quarantine = self._in_quarantine(self._quarantine.finish())
        records = [*(name for name in earlier if name != kept), *([kept] if kept else [])]
        self._report.data_date = max(data_date, str(self._old.get("dataDate", "")))
        self._report.finished = _now()
        self._draft.report = {
            **self._report.to_dict(),
            "vocabularyDigest": self._digest,
            "installed": report_of(self._store, self._vocabularies),
            "records": records,
            "inQuarantine": in_quarantine,
            "keeps": [*records, *sorted(set(in_quarantine.values())), *kept_places(self._store, self._vocabularies)],
            "triples": count_statements(self._draft.store),
            "storeVersions": count_graphs(self._draft.store),
            "storeStudies": count_instances(self._draft.store, PREFIXES["tkg"] + "Study"),
        }

    def _in_quarantine(self, file: str) -> dict[str, str]:
        """Study → the file that it was put into, of this build and of those before it, until it is converted."""
        earlier: dict[str, str] = dict(self._old.get("inQuarantine", {}))
        now = {**earlier, **dict.fromkeys((row.nct_id for row in self._report.quarantined), file)}
        return {nct_id: place for nct_id, place in sorted(now.items()) if nct_id not in self._converted}

    def _pieces(
        self,
        found: Iterable[RawRecord | LeftOut | Reject],
        jobs: int,
        checking: Checking | None,
        progress: Progress | None,
        total: int,
    ) -> Iterator[bytes]:
        if self._anew:
            yield from statements(self._vocabularies)
        if checking:
            yield descriptions()
        for part in convert(found, vocabularies=self._vocabularies, jobs=jobs, checking=checking):
            self._report.add(part)
            self._converted.update(entry.nct_id for entry in part.converted)
            yield from self._keep(part)
            if progress:
                progress(self._report.records, total)
        if not self.kept_studies:
            return
        kept = kept_records(self._store, self._old["records"], self._converted)
        for part in convert(kept, vocabularies=self._vocabularies, jobs=jobs, checking=checking):
            self._report.add_kept(part)
            yield from self._keep(part)
            if progress:
                progress(self._report.records + self._report.relinked, total)

    def _keep(self, part: Part) -> Iterator[bytes]:
        for entry, record in zip(part.converted, part.records, strict=True):
            self._keeper.add(entry.nct_id, record)
        for study in part.quarantined:
            self._quarantine.add(study)
        yield part.ntriples


def _keep_rejected(store: ox.Store, base: Generation, report: RunReport, choice: Choice) -> None:
    """Put back the studies whose new record turned out to be none: a bad record changes nothing."""
    rows = [*report.rejects, *report.quarantined]
    lost = {row.nct_id for row in rows if row.nct_id in choice.winners and not has_study(store, row.nct_id)}
    if lost:
        before = open_generation(base)
        for nct_id in sorted(lost):
            store.extend(study_quads(before, nct_id))


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
