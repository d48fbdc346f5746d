"""What changed at the registry since a store's data date → the next generation of the store."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyoxigraph as ox

from kg.config import MAPPING_VERSION
from kg.errors import StoreError
from kg.namespaces import PREFIXES, study_iri
from kg.pipeline.build import Progress, build
from kg.pipeline.checking import USUAL, Checking
from kg.pipeline.kept import kept_records
from kg.pipeline.report import RunReport
from kg.sources import Inputs, RawRecord, Reject, head
from kg.sources.ctgov_api import MOST_ON_A_PAGE, Query, RegistryApi
from kg.sources.fetch import Fetched, fetch
from kg.sources.fetch_folder import FetchFolder
from kg.store.embedded import reading, study_ids
from kg.store.generations import Generation, StoreDirectory

__all__ = ["Update", "update"]

_FOLDER: Final = "update"
_ASKED_BY_ID: Final = 5_000
"""Up to so many studies are asked for by their numbers; beyond, asking for all that changed takes fewer requests."""
_VERSION_HOLDER: Final = re.compile(rb'"versionHolder"\s*:\s*"[0-9-]*"')
_PARTIAL_DATE: Final = {4: "-01-01", 7: "-01"}


class Update(NamedTuple):
    """What an update did.

    Attributes:
        since: the first day of the posted updates that were asked for.
        fetched: what the registry gave.
        changed: how many of these studies are new or differ from what the store has.
        report: the account of the build; None when there was nothing to build.
    """

    since: str
    fetched: Fetched
    changed: int
    report: RunReport | None


def update(
    store: Path,
    api: RegistryApi,
    *,
    query: Query | None = None,
    known: bool = False,
    page_size: int = MOST_ON_A_PAGE,
    jobs: int | None = None,
    checking: Checking | None = USUAL,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Update:
    """Fetch what changed since the store's data date, and put it in place of what the store has.

    All of it is published in one generation. Dates are days, so it begins one day earlier; a record that is the same
    but for the date of the registry's data is not built again. What is fetched stays in the store's directory until
    it is published, so that an interrupted update goes on, as long as the registry's data is still the same.

    Args:
        store: the store's directory.
        api: the registry.
        query: to ask for less than everything, or since another day.
        known: only studies that the store has; otherwise others come in too.
        page_size: most studies on a page.
        jobs: worker processes.
        checking: see :func:`kg.pipeline.build.build`.
        progress: told of studies fetched, then of records built.
        say: told in one line what is worth knowing and no error.

    Raises:
        StoreError: there is no store, or its data date is of no use.
        InputError: nothing of what changed can be read.
        RemoteError: the registry fails.
    """
    base = StoreDirectory(store).newest()
    with reading(base) as opened:
        asked = query or Query()
        asked = asked._replace(since=asked.since or _day_before(str(base.report.get("dataDate", "")), store))
        here = set(study_ids(opened)) if known else None
        if here is not None and len(here) <= _ASKED_BY_ID:
            asked = asked._replace(ids=tuple(sorted(here)))
        work = store / _FOLDER
        with FetchFolder(work):  # so that no other update comes in between
            there = work / "fetched"
            fetched = fetch(asked, there, api, page_size=page_size, disposable=True, progress=progress, say=say)
            changed = work / "changed.ndjson"
            number = _write_changed(changed, fetched.files, _Present(store, base, opened, here))
            report = build([changed], store, checking=checking, jobs=jobs, progress=progress) if number else None
            shutil.rmtree(work, ignore_errors=True)
        return Update(asked.since, fetched, number, report)


def _day_before(data_date: str, store: Path) -> str:
    """The day before a store's data date.

    Raises:
        StoreError: it has none, or one of the future.
    """
    remedy = "say since when by --since"
    try:
        day = date.fromisoformat(data_date + _PARTIAL_DATE.get(len(data_date), ""))
        before = day - timedelta(days=1)
    except (ValueError, OverflowError) as error:
        problem = f"its data date {data_date!r} is no date" if data_date else "it has no data date"
        raise StoreError(problem, place=str(store), remedy=remedy) from error
    if day > datetime.now(UTC).date() + timedelta(days=1):
        raise StoreError(f"its data date {day} lies in the future", place=str(store), remedy=remedy)
    return before.isoformat()


class _Present:
    """What the store has of studies.

    Args:
        store: the store's directory.
        base: its newest generation.
        opened: the same, opened.
        only: the studies that count; None for all.
    """

    def __init__(self, store: Path, base: Generation, opened: ox.Store, only: Collection[str] | None) -> None:
        self._store = store
        self._report: dict[str, Any] = base.report
        self._opened = opened
        self._only = only

    def is_wanted(self, nct_id: str) -> bool:
        """Whether a study counts at all."""
        return self._only is None or nct_id in self._only

    def is_same(self, nct_id: str, data: bytes) -> bool:
        """Whether it was made from these very bytes, by the mapping of today."""
        return self._said(nct_id, "sha256") == hashlib.sha256(data).hexdigest() and self._is_of_today(nct_id)

    def may_be_same(self, nct_id: str, updated: str) -> bool:
        """Whether it may have been made from the same record but for the date of the registry's data."""
        data_date = str(self._report.get("dataDate", ""))
        return (not data_date or updated <= data_date) and self._is_of_today(nct_id)

    def kept(self, nct_ids: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """The records that studies were made from; of recent ones it finds them soon, since it looks there first."""
        left = set(nct_ids)
        if not left or not self._report.get("records"):
            return
        for record in kept_records(self._store, self._report["records"], _AllBut(left)):
            nct_id, _ = head(record)
            yield nct_id, record.data
            left.discard(nct_id)
            if not left:
                return

    def _is_of_today(self, nct_id: str) -> bool:
        return self._said(nct_id, "mappingVersion") == MAPPING_VERSION

    def _said(self, nct_id: str, what: str) -> str:
        node, term = ox.NamedNode(study_iri(nct_id) + "/record"), ox.NamedNode(PREFIXES["tkg"] + what)
        found = next(iter(list(self._opened.quads_for_pattern(node, term, None, ox.DefaultGraph()))), None)
        return found.object.value if found is not None and isinstance(found.object, ox.Literal) else ""


class _AllBut:
    """Contains every NCT id but some."""

    def __init__(self, some: Collection[str]) -> None:
        self._some = some

    def __contains__(self, nct_id: object) -> bool:
        return nct_id not in self._some


def _write_changed(target: Path, files: Sequence[Path], present: _Present) -> int:
    """Write the records of files that are not what the store has, and count them."""
    candidates = set()
    for record in _records(files):
        nct_id, updated = head(record)
        if present.is_wanted(nct_id) and present.may_be_same(nct_id, updated):
            candidates.add(nct_id)
    kept = {(nct_id, _digest(data)) for nct_id, data in present.kept(candidates)}
    number = 0
    with target.open("wb") as file:
        for record in _records(files):
            nct_id, _ = head(record)
            same = (nct_id, _digest(record.data)) in kept or present.is_same(nct_id, record.data)
            if present.is_wanted(nct_id) and not same:
                file.write(record.data + b"\n")
                number += 1
    return number


def _records(files: Sequence[Path]) -> Iterator[RawRecord]:
    with Inputs(files) as opened:
        for found in opened.records():
            if isinstance(found, Reject):
                raise StoreError(f"cannot be read again: {found.reason}", place=found.place, remedy="run again")
            yield found


def _digest(data: bytes) -> bytes:
    """What tells a record from another but for white space and the date of the registry's data, new every day."""
    with suppress(msgspec.DecodeError):  # a registry page is never the same as a record in JSON
        data = msgspec.json.format(data, indent=-1)
    return hashlib.sha256(_VERSION_HOLDER.sub(b"", data, count=1)).digest()
