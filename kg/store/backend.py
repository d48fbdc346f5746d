"""The one way to ask, whether the store is here or at an endpoint."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kg.config import LIMITS
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest, Reader, ResultStream

__all__ = ["Backend", "EmbeddedBackend", "RawResult"]


class RawResult(Protocol):
    """A result as bytes."""

    @property
    def media_type(self) -> str:
        """The format of the bytes."""

    @property
    def kind(self) -> str:
        """What the result is: ``solutions``, ``boolean`` or ``graph``."""

    @property
    def cut_at(self) -> int | None:
        """The number of rows at which the server says it cut the answer off; None when it says nothing."""

    @property
    def suspect_at(self) -> int | None:
        """The number of rows where servers often cut an answer off without a word; None when nothing looks like it."""

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, in pieces."""

    def read(self, most: int = LIMITS.answer_bytes) -> bytes:
        """All bytes; raises QueryError when there are more than ``most``."""

    def close(self) -> None:
        """Stop, when not at the end."""


class Backend(Protocol):
    """Something that answers SPARQL queries."""

    def run(self, request: QueryRequest) -> RawResult:
        """Answer a request.

        Raises:
            QueryError: the query does not parse, is refused or fails.
            QueryTimeout: it reached its deadline.
            StoreError: the store cannot be opened.
            RemoteError: the endpoint failed.
        """

    def close(self) -> None:
        """Let go of processes and connections."""


class EmbeddedBackend:
    """Answers from the newest generation of a store directory.

    A reader process is kept for the next query, as starting one takes longer than most queries.

    Args:
        store: the store directory.
        memory: bytes that a query may use.
    """

    def __init__(self, store: StoreDirectory | Path, *, memory: int = LIMITS.query_memory) -> None:
        self.store = store if isinstance(store, StoreDirectory) else StoreDirectory(store)
        self.memory = memory
        self._lock = threading.Lock()
        self._idle: Reader | None = None

    def run(self, request: QueryRequest) -> ResultStream:
        """Answer a request from the newest generation; see :class:`Backend`."""
        reader = self._reader(self.store.newest().path)
        try:
            return ResultStream(reader, request, finished=self._keep)
        except BaseException:
            reader.kill()
            raise

    def close(self) -> None:
        """End the reader that waits for the next query."""
        with self._lock:
            reader, self._idle = self._idle, None
        if reader:
            reader.kill()

    def _reader(self, path: Path) -> Reader:
        with self._lock:
            reader, self._idle = self._idle, None
        if reader and reader.store == path and reader.alive:
            return reader
        if reader:
            reader.kill()
        reader = Reader(path, memory=self.memory)
        reader.start()
        return reader

    def _keep(self, reader: Reader) -> None:
        with self._lock:
            surplus, self._idle = self._idle, reader
        if surplus:
            surplus.kill()
