"""A query to the registry → a folder of records; what was interrupted goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kg.config import LIMITS, Limits
from kg.errors import InputError, RemoteError, UsageError
from kg.sources.ctgov_api import MOST_ON_A_PAGE, Page, Query, RegistryApi
from kg.sources.ctgov_json import head_json
from kg.sources.fetch_folder import FetchedPage, FetchFolder, FetchState
from kg.sources.record import RawRecord, Reject, one_line

__all__ = ["Fetched", "fetch"]

_EMPTY_PAGES: Final = 100
"""A page may be empty; so many in a row, and the registry is leading nowhere."""


class Fetched(NamedTuple):
    """What a folder of downloaded records has.

    Attributes:
        records: how many records.
        files: where they are.
        rejects: records that cannot be read.
        absent: NCT ids that were asked for and not found.
        new: whether anything was asked for; False when all of it was here and the registry has nothing newer.
    """

    records: int
    files: list[Path]
    rejects: list[Reject]
    absent: list[str]
    new: bool


def fetch(
    query: Query,
    directory: Path,
    api: RegistryApi,
    *,
    page_size: int = MOST_ON_A_PAGE,
    disposable: bool = False,
    limits: Limits = LIMITS,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Fetched:
    """Download the records of a query into a folder, as files that can be read as they are.

    What is in the folder of the same query is not asked for again: an interrupted download goes on, a complete one is
    renewed when the registry's data has changed, page by page, and pages that the registry says are the same stay.

    Args:
        query: what to ask for.
        directory: the folder.
        api: whom to ask.
        page_size: most studies on a page.
        disposable: the folder is the caller's own, and what it has of another query, or of other data than the
            registry has now, is thrown away.
        limits: how much may be kept.
        progress: told how many studies are here, and of how many.
        say: told in one line what is worth knowing and no error.

    Raises:
        UsageError: the registry refuses the query; the folder belongs to another one.
        InputError: of the studies that were asked for there is none.
        RemoteError: the registry fails; what is here stays, and the next run goes on from there.
    """
    with FetchFolder(directory) as folder:
        run = _Run(query, folder, api, page_size, limits, progress, say or (lambda _line: None))
        new = run.begin(disposable=disposable)
        if new:
            run.all_pages()
        state = run.state
    if query.only_ids and not state.records and not state.rejects:
        raise InputError(
            f"the registry has none of these studies: {', '.join(state.absent[:5])}",
            place=api.url,
            remedy="check the numbers",
        )
    files = [directory / page.file for page in state.pages if page.file]
    return Fetched(state.records, files, state.rejects, state.absent, new)


class _Run:
    """One run of a download."""

    state: FetchState

    def __init__(
        self,
        query: Query,
        folder: FetchFolder,
        api: RegistryApi,
        page_size: int,
        limits: Limits,
        progress: Callable[[int, int], None] | None,
        say: Callable[[str], None],
    ) -> None:
        self._query = query
        self._folder = folder
        self._api = api
        self._page_size = page_size
        self._limits = limits
        self._progress = progress or (lambda _done, _all: None)
        self._say = say

    def begin(self, *, disposable: bool) -> bool:
        """Find out what is here already.

        Returns:
            Whether there is anything to ask for.
        """
        version = self._api.version()
        # A server without versions may change its data any time; what is of another day is old.
        data = version or f"of {datetime.now(UTC).date()}"
        asked = f"{self._query.text()} from {self._api.url}"
        query = f"{self._query.digest()} {self._api.url}"
        new = FetchState(query, asked, data, self._page_size)
        try:
            found = self._folder.state()
        except (InputError, UsageError):  # also what a kill leaves while the folder is thrown away
            if not disposable:
                raise
            self._folder.clear()
            found = None
        if found and disposable and (found.query != query or found.data != data):
            self._folder.clear()
            found = None
        if found is None:
            self.state = new
            return True
        if found.query != query:
            raise UsageError(
                f"has the download of another query: {found.asked}",
                place=str(self._folder.directory),
                remedy="name another folder",
            )
        whole = all(map(self._folder.has, found.pages))
        if found.done and whole and (disposable or found.data == version):
            self.state = found
            self._folder.clear(found)  # what a kill left of the download before it
            return False
        if found.done or not whole:
            same_pages = found.page_size == self._page_size
            self.state = msgspec.structs.replace(new, earlier=found.pages if same_pages else [])
        else:
            self.state = found
            self._go_on(data)
        return True

    def _go_on(self, data: str) -> None:
        state = self.state
        self._say(f"going on after the {state.records:,} studies that are here")
        if state.data != data:
            self._say(
                f"the registry's data was {state.data} when this began and is {data}: fetch again when it is done"
            )
        if state.page_size != self._page_size:
            state.page_size, state.earlier = self._page_size, []

    def all_pages(self) -> None:
        """Ask for everything that is not here."""
        state = self.state
        for number, (ids, parameters) in enumerate(self._query.parameters()):
            if number < state.batch:
                continue
            if not state.token:
                state.waiting = list(ids)
            self._batch(parameters)
        for nct_id in list(state.missing):
            self._single(nct_id)
        given = state.records + len(state.rejects)
        if not self._query.ids and state.total > given:
            self._say(f"the registry counted {state.total:,} studies and gave {given:,}")
        state.earlier, state.done = [], True
        self._folder.save(state)
        self._folder.clear(state)

    def _batch(self, parameters: dict[str, str]) -> None:
        """All pages of one of the query's requests that are not here."""
        state = self.state
        seen = {state.token}
        empty = 0
        last = False
        while not last:
            fetched, records = self._ask(parameters)
            if not state.pages:
                self._folder.save(state)  # a page without it would be taken for a file of another origin
            last = not fetched.next_token
            if fetched.next_token in seen and not last:
                raise RemoteError(
                    f"names the same next page twice, {one_line(fetched.next_token, 60)!r}: an endless loop",
                    place=self._api.url,
                    remedy="what is here stays; run again later",
                )
            seen.add(fetched.next_token)
            empty = 0 if fetched.records or fetched.rejects else empty + 1
            if empty > _EMPTY_PAGES:
                raise RemoteError(f"gives {empty} empty pages in a row", place=self._api.url, remedy="run again later")
            found = set(fetched.ids)
            state.token = fetched.next_token
            state.waiting = [nct_id for nct_id in state.waiting if nct_id not in found]
            if last:
                state.batch += 1
                (state.missing if self._query.only_ids else state.absent).extend(state.waiting)
                state.waiting = []
            self._keep(fetched, records)

    def _ask(self, parameters: dict[str, str]) -> tuple[FetchedPage, list[RawRecord] | None]:
        """The next page; without records when the registry says that it is as it is here."""
        state = self.state
        number = len(state.pages)
        earlier = state.earlier[number] if number < len(state.earlier) else None
        if earlier and ((earlier.batch, earlier.token) != (state.batch, state.token) or not self._folder.has(earlier)):
            earlier = None
        page = self._api.page(
            parameters,
            token=state.token,
            size=self._page_size,
            place=f"page {number + 1}",
            validators=earlier.validators if earlier else None,
        )
        if page is None and earlier:
            return earlier, None
        if page is None:
            raise AssertionError
        if page.total is not None and not self._query.ids:
            if page.total < state.total:
                self._say(f"the registry's count went from {state.total:,} to {page.total:,} studies between pages")
            state.total = page.total
        return self._unwritten(page), page.records

    def _single(self, nct_id: str) -> None:
        """A study that no page had: by a former number, or not at all."""
        page = self._api.study(nct_id)
        self.state.missing.remove(nct_id)
        if page is None:
            self.state.absent.append(nct_id)
            self._folder.save(self.state)
        else:
            self._keep(self._unwritten(page), page.records)

    def _unwritten(self, page: Page) -> FetchedPage:
        state = self.state
        fetched = FetchedPage(state.batch, state.token, page.next_token, records=len(page.records))
        fetched.rejects, fetched.validators = page.rejects, page.validators
        if state.waiting:
            here = {head_json(record.data)[0] for record in page.records}.union(page.aliases)
            here.update(reject.nct_id for reject in page.rejects)
            fetched.ids = sorted(here.intersection(state.waiting))
        return fetched

    def _keep(self, fetched: FetchedPage, records: list[RawRecord] | None) -> None:
        """Write a page, then remember it."""
        state = self.state
        if records:
            fetched.file, size = self._folder.write(len(state.pages) + 1, records)
            state.size += size
        state.pages.append(fetched)
        self._folder.save(state)
        self._progress(state.records, max(state.total, len(self._query.ids), state.records))
        if state.size > self._limits.registry_bytes:
            raise RemoteError(
                f"gives more than {self._limits.registry_bytes:,} bytes", place=self._api.url, remedy="narrow the query"
            )
