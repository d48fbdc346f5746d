"""Sending statements to a store elsewhere in batches, and going on where it was after it was interrupted.

A journal says after each batch how many statements are there, and what they were. It is written when the store has
said that it has them, so what it says is true whenever this is killed; the batch under way is sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.config import LIMITS, cache_directory
from kg.errors import RemoteError, UsageError
from kg.pipeline.remote.statements import Sent, statements_of
from kg.pipeline.remote.target import Target
from kg.sources import Reject

__all__ = ["LoadReport", "journal_for", "load"]

_BATCH_CHARACTERS: Final = 2**20
_LOADS: Final = "loads"
_DIGITS: Final = 32


class LoadReport(NamedTuple):
    """What was loaded.

    Attributes:
        statements: how many were sent in this run.
        before: how many an earlier run had sent.
        batches: in how many requests, before any was sent in halves.
        seconds: how long it took.
        rejects: records that could not be converted.
    """

    statements: int
    before: int
    batches: int
    seconds: float
    rejects: tuple[Reject, ...]

    def text(self) -> str:
        """The report in one line.

        >>> LoadReport(12_000, 0, 6, 1.5, ()).text()
        '12,000 statements sent in 6 batches, 8,000 a second'
        """
        pace = f"{self.statements / self.seconds:,.0f} a second" if self.seconds else "at once"
        before = f", {self.before:,} were sent before" if self.before else ""
        return f"{self.statements:,} statements sent in {self.batches:,} batches, {pace}{before}"


class _Journal:
    """How many of a load's statements are sent, and a hash of them."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self._path = path
        self._about = about
        self._hash = hashlib.sha256()
        self.counted = 0

    def sent(self) -> tuple[int, str]:
        """How many statements an earlier run sent, and their hash.

        Raises:
            UsageError: the journal is of something else, or no journal.
        """
        try:
            said = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return 0, ""
        except (OSError, ValueError) as error:
            raise UsageError(f"the journal cannot be read: {error}", place=str(self._path), remedy=_AFRESH) from error
        match said:
            case {"about": about, "sent": int(count), "hash": str(digest)} if about == self._about:
                return count, digest
        raise UsageError("the journal is of another load", place=str(self._path), remedy=_AFRESH)

    def count(self, one: Sent) -> None:
        """Count a statement that is sent, or was."""
        self._hash.update(f"{one.graph}\t{one.line}\n".encode())
        self.counted += 1

    @property
    def hash(self) -> str:
        """The hash of what was counted."""
        return self._hash.hexdigest()

    def write(self) -> None:
        """Note what was counted."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_name(self._path.name + ".part")
        aside.write_text(json.dumps({"about": self._about, "sent": self.counted, "hash": self.hash}) + "\n")
        aside.replace(self._path)

    def remove(self) -> None:
        """Everything is sent."""
        with suppress(FileNotFoundError):
            self._path.unlink()


_AFRESH: Final = "begin anew without --resume; what is there already does no harm"


def journal_for(inputs: Sequence[str], target: Target) -> Path:
    """Where the journal of a load is when nobody says where."""
    about = json.dumps(_about(inputs, target)).encode()
    return cache_directory() / _LOADS / f"{hashlib.sha256(about).hexdigest()[:_DIGITS]}.json"


def load(
    inputs: Sequence[str],
    target: Target,
    *,
    vocabularies: bool = False,
    batch: int = LIMITS.load_batch,
    journal: Path | None = None,
    resume: bool = False,
    progress: Callable[[int], None] = lambda _count: None,
) -> LoadReport:
    """Send the statements of stores, RDF files and records to a store elsewhere.

    Args:
        inputs: what to send; see :func:`kg.pipeline.remote.statements.statements_of`.
        target: where to.
        vocabularies: whether those of the package are sent, too.
        batch: statements in one request.
        journal: the file that says how far it is; one in the cache folder when not given. It is gone at the end.
        resume: whether to go on where an earlier run was, as the journal says.
        progress: told how many statements are there.

    Raises:
        InputError: something cannot be read, or there is nothing to send.
        RemoteError: the store cannot be reached or refuses; what was sent stays.
        StoreError: a store cannot be opened.
        UsageError: the journal is of another load, or the input is not what it was.
    """
    about = _about(inputs, target) | {"vocabularies": vocabularies}
    noted = _Journal(journal or journal_for(inputs, target), about)
    rejects: list[Reject] = []
    found = statements_of(inputs, vocabularies=vocabularies, reject=rejects.append)
    before, digest = noted.sent() if resume else (0, "")
    if before:
        _skip(found, before, digest, noted)
    began = time.monotonic()
    batches = asyncio.run(_send_all(found, target, batch, noted, progress))
    noted.remove()
    seconds = round(time.monotonic() - began, 3)
    return LoadReport(noted.counted - before, before, batches, seconds, tuple(rejects))


def _about(inputs: Sequence[str], target: Target) -> dict[str, Any]:
    return {"url": target.url, "graph": target.graph, "inputs": [str(Path(given).absolute()) for given in inputs]}


def _skip(found: Iterator[Sent], before: int, digest: str, noted: _Journal) -> None:
    for one in found:
        noted.count(one)
        if noted.counted == before:
            break
    if noted.counted != before or noted.hash != digest:
        raise UsageError("the input is not what it was when the load began", remedy=_AFRESH)


async def _send_all(
    found: Iterator[Sent], target: Target, size: int, noted: _Journal, progress: Callable[[int], None]
) -> int:
    count = 0
    async with target:
        for batch in _batches(found, size):
            try:
                await target.add(batch)
            except RemoteError as error:
                if noted.counted:
                    error.remedy += f"; {noted.counted:,} statements are sent, and --resume goes on there"
                raise
            for one in batch:
                noted.count(one)
            noted.write()
            count += 1
            progress(noted.counted)
    return count


def _batches(found: Iterable[Sent], size: int) -> Iterator[list[Sent]]:
    batch: list[Sent] = []
    characters = 0
    for one in found:
        batch.append(one)
        characters += len(one.line)
        if len(batch) == size or characters > _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
