"""The folder of a download: whole files of records, and what is needed to go on with it later.

    DIR/studies-000001.ndjson        the records of a page, one to the line
    DIR/.trialkg-fetch.json          how far the download is, see FetchState
    DIR/.trialkg-fetch.lock          held by the process that downloads
    DIR/.trialkg-fetch-….part        being written

Every file is written aside and then renamed, the state after the page that it tells of: a kill at any moment costs
one page. The reader of folders leaves out what begins with ``.trialkg-fetch``.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from kg.errors import InputError, UsageError
from kg.sources.files import OWN_PREFIX
from kg.sources.polite_http import Validators
from kg.sources.record import RawRecord, Reject

__all__ = ["FetchFolder", "FetchState", "FetchedPage"]

_STATE: Final = OWN_PREFIX + ".json"
_LOCK: Final = OWN_PREFIX + ".lock"
_PART: Final = ".part"
_PAGES: Final = "studies-*.ndjson"
_FORM: Final = 1


class FetchedPage(msgspec.Struct, omit_defaults=True, rename="camel"):
    """A page that is here.

    Attributes:
        batch: which of the query's requests it belongs to.
        token: what it was asked for with.
        next_token: what the next one is asked for with; empty on the last.
        file: the name of its file; empty when it has no records.
        records: how many there are in it.
        rejects: what could not be read.
        ids: of the NCT ids that it was asked for, those it has.
        validators: to ask for it again.
    """

    batch: int
    token: str = ""
    next_token: str = ""
    file: str = ""
    records: int = 0
    rejects: list[Reject] = []
    ids: list[str] = []
    validators: Validators = Validators()


class FetchState(msgspec.Struct, rename="camel"):
    """How far a download is.

    Attributes:
        query: the digest of what is asked, with the server.
        asked: the same in words.
        data: the version of the registry's data when it began.
        page_size: most studies on a page.
        total: how many studies the registry says there are.
        size: bytes of the files.
        batch: the request of the query that is under way.
        token: what its next page is asked for with.
        waiting: NCT ids of that request that were not seen yet.
        missing: NCT ids that no page had, still to be asked for one by one.
        absent: NCT ids of which the registry has no study.
        pages: what is here.
        earlier: pages of the download before this one, to be asked for again.
        done: whether all of it is here.
        form: the form of this file.
    """

    query: str
    asked: str
    data: str
    page_size: int
    total: int = 0
    size: int = 0
    batch: int = 0
    token: str = ""
    waiting: list[str] = []
    missing: list[str] = []
    absent: list[str] = []
    pages: list[FetchedPage] = []
    earlier: list[FetchedPage] = []
    done: bool = False
    form: int = _FORM

    @property
    def records(self) -> int:
        """How many records are here."""
        return sum(page.records for page in self.pages)

    @property
    def rejects(self) -> list[Reject]:
        """What could not be read, on all pages."""
        return [reject for page in self.pages for reject in page.rejects]


_DECODER: Final = msgspec.json.Decoder(FetchState)


class FetchFolder:
    """A folder that records are downloaded into by one process at a time. Use it as a context manager.

    Args:
        directory: the folder; made when it is not there.

    Raises:
        UsageError: it cannot be a folder to write to, or another process downloads into it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = open(directory / _LOCK, "ab")  # noqa: SIM115 (closed by close)
        except OSError as error:
            raise UsageError(
                f"cannot be written: {error.strerror}", place=str(directory), remedy="name another folder"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise UsageError(
                "another process downloads into it", place=str(directory), remedy="wait until it is done"
            ) from None
        for leftover in directory.glob(f"{OWN_PREFIX}-*{_PART}"):
            leftover.unlink(missing_ok=True)

    def state(self) -> FetchState | None:
        """How far the download is that is here; None when there is none.

        Raises:
            InputError: that cannot be read.
            UsageError: files are here that a download would replace, and it does not know them.
        """
        path = self.directory / _STATE
        try:
            state = _DECODER.decode(path.read_bytes())
        except FileNotFoundError:
            if next(self.directory.glob(_PAGES), None):
                raise UsageError(
                    f"has files named {_PAGES} of another origin",
                    place=str(self.directory),
                    remedy="name another folder",
                ) from None
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"cannot be read: {error}", place=str(path), remedy="fetch into another folder") from error
        if state.form != _FORM:
            raise InputError("is of another version", place=str(path), remedy="fetch into another folder")
        return state

    def save(self, state: FetchState) -> None:
        """Remember how far the download is."""
        self._replace(_STATE, [msgspec.json.encode(state)])

    def write(self, number: int, records: Iterable[RawRecord]) -> tuple[str, int]:
        """Write the records of a page, one to the line.

        Returns:
            The name of the file, and its size.
        """
        name = _PAGES.replace("*", f"{number:06}")
        size = self._replace(name, (msgspec.json.format(record.data, indent=-1) + b"\n" for record in records))
        return name, size

    def has(self, page: FetchedPage) -> bool:
        """Whether the file of a page is still here."""
        return not page.file or (self.directory / page.file).is_file()

    def clear(self, state: FetchState | None = None) -> None:
        """Remove the files that do not belong to ``state``; without it, all, and what is known of them."""
        if state is None:
            (self.directory / _STATE).unlink(missing_ok=True)
        kept = {page.file for page in state.pages} if state else set()
        for path in self.directory.glob(_PAGES):
            if path.name not in kept:
                path.unlink()

    def close(self) -> None:
        """Let another process download here."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _replace(self, name: str, pieces: Iterable[bytes]) -> int:
        handle, aside = tempfile.mkstemp(prefix=f"{OWN_PREFIX}-", suffix=_PART, dir=self.directory)
        path = Path(aside)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                size = file.tell()
                file.flush()
                os.fsync(file.fileno())
            path.chmod(0o644)
            path.replace(self.directory / name)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return size
