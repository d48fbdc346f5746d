"""Queries to an endpoint elsewhere in a process of their own, which can be stopped like that of a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.config import LIMITS
from kg.confined.owner import Confined
from kg.errors import StoreError
from kg.store.reader import Reader
from kg.store.remote import RemoteBackend

__all__ = ["Endpoint", "RemoteReader"]

_WORKER: Final = "kg.store.remote_worker"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SPARQL endpoint.

    Args:
        url: its address.
        graph: the default graph of queries that name none; empty to leave that to the endpoint.

    Raises:
        UsageError: not an http(s) URL, one with a password in it, or a graph whose name is no IRI.
    """

    url: str
    graph: str = ""

    def __post_init__(self) -> None:
        RemoteBackend(self.url, graph=self.graph)

    def backend(self, *, most: int = LIMITS.answer_bytes) -> RemoteBackend:
        """What asks it in this process; ``most`` is the largest answer in bytes."""
        return RemoteBackend(self.url, graph=self.graph, most=most)


class RemoteReader(Reader):
    """One query process that asks an endpoint, for one request at a time; see :class:`kg.store.reader.Reader`.

    Args:
        endpoint: the endpoint.
        memory: bytes that a request may use.
        longest: most bytes of a query text.
        deepest: most nested brackets in a query text.
        most: most bytes of an answer.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        memory: int = LIMITS.query_memory,
        longest: int = LIMITS.query_bytes,
        deepest: int = LIMITS.query_depth,
        most: int = LIMITS.answer_bytes,
    ) -> None:
        super().__init__(Path(), memory=memory, longest=longest, deepest=deepest)
        self._arguments = [endpoint.url, endpoint.graph, *(str(limit) for limit in (memory, longest, deepest, most))]

    def start(self) -> None:
        """Start the process, without waiting until it is ready. The endpoint is asked by requests only.

        Raises:
            StoreError: it cannot be started.
        """
        try:
            self._process = Confined(_WORKER, self._arguments)
        except OSError as error:
            raise StoreError(f"no query process can be started: {error}") from error
