"""Changes of a store by what others wrote, each made in a process of its own and published as a generation.

A change is made whole or not at all: it is written to a draft, which is published when all went well. The draft is
written by a confined process, which is ended at the deadline and may die without harm; publishing is done here.

Source: https://www.w3.org/TR/sparql11-update/, https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from kg.config import LIMITS
from kg.confined.owner import Confined, Ending, How
from kg.errors import StoreBusy, StoreError
from kg.store.generations import StoreDirectory
from kg.store.messages import Changed, Failed, decode

__all__ = ["Change", "Changer", "Published"]

_WORKER: Final = "kg.store.change_worker"
_RECOUNTED: Final = ("triples", "storeVersions")
"""What a report counts. Counting anew reads the whole store, so it is left to those who want to know."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed.

    Args:
        kind: ``update`` for SPARQL Update; the others are what the Graph Store Protocol does to one graph.
        base: what relative IRIs are relative to.
        text: the update, or the patch.
        graph: IRI of the one graph; None for the default graph.
        bodies: media type and content of what a graph is made of.
        default_graphs: names of the graphs that make the default graph of patterns; None leaves it to the update.
        named_graphs: names of the named graphs; None together with ``default_graphs``.
    """

    kind: Literal["update", "put", "post", "delete", "patch"]
    base: str
    text: str = ""
    graph: str | None = None
    bodies: tuple[tuple[str, bytes], ...] = ()
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None

    def frames(self) -> list[bytes]:
        """The change as its process reads it."""
        fields = {
            "kind": self.kind,
            "base": self.base,
            "text": self.text,
            "graph": self.graph,
            "media_types": [media_type for media_type, _ in self.bodies],
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
        }
        return [json.dumps(fields).encode(), *(body for _, body in self.bodies)]


class Published(NamedTuple):
    """A change that readers see from now on. ``existed``: whether its graph was there before."""

    generation: int
    existed: bool


class Changer:
    """Makes one change. :meth:`run` may wait in one thread while :meth:`stop` is called in another.

    Args:
        store: the store directory.
        change: the change.
        memory: bytes that it may use.
        longest: most bytes of an update.
        deepest: most nested brackets in an update.
    """

    def __init__(
        self,
        store: StoreDirectory,
        change: Change,
        *,
        memory: int = LIMITS.update_memory,
        longest: int = LIMITS.update_bytes,
        deepest: int = LIMITS.query_depth,
    ) -> None:
        self._longest = longest
        self._deepest = deepest
        self._store = store
        self._change = change
        self._memory = memory
        self._lock = threading.Lock()
        self._process: Confined | None = None
        self._stopped = False
        self._publishing = False

    def run(self) -> Published | Failed:
        """Make the change and publish it; after ``Failed`` the store is as it was.

        Raises:
            StoreError: the store cannot be written.
        """
        try:
            with self._store.writing() as draft:
                existed = self._make(str(draft.folder()))
                report = draft.base.report if draft.base else {}
                draft.report = {name: value for name, value in report.items() if name not in _RECOUNTED}
        except _Unmade as unmade:
            return unmade.failed
        except StoreBusy:
            return Failed("busy", "another writer is at work on the store", remedy="try again soon")
        if draft.number is None:
            raise StoreError("the draft was not published", place=str(self._store.directory))
        return Published(draft.number, existed)

    def stop(self) -> None:
        """Give the change up, unless it is being published. May be called again, and from any thread."""
        with self._lock:
            if self._publishing:
                return
            self._stopped = True
            process = self._process
        if process:
            process.kill()

    def _make(self, folder: str) -> bool:
        limits = [str(limit) for limit in (self._memory, self._longest, self._deepest)]
        with self._lock:
            if self._stopped:
                raise _Unmade(_stopped())
            try:
                process = self._process = Confined(_WORKER, [folder, *limits])
            except OSError as error:
                raise StoreError(f"no process can be started: {error}", place=folder) from error
        try:
            for frame in self._change.frames():
                process.send(frame)
            message = decode(process.receive())
        except EOFError:
            message = self._reason(process.ending())
        finally:
            # It holds the store's files open, which are opened here next.
            process.kill()
        with self._lock:
            if self._stopped:
                raise _Unmade(_stopped())
            if not isinstance(message, Changed):
                raise _Unmade(_failure(message))
            self._publishing = True
        return message.existed

    def _reason(self, ending: Ending) -> Failed:
        match ending.how:
            case How.MEMORY:
                limit = f"{self._memory / 2**20:,.0f} MiB"
                return Failed("memory", f"the change needs more than the {limit} it may use", remedy="change less")
            case How.KILLED:
                return _stopped()
            case How.STACK:
                return Failed("deep", "the change overflowed the engine's stack", remedy="make it shorter")
            case How.CRASHED:
                return Failed("crashed", f"the process of the change ended by {ending.words.partition(': ')[0]}")


class _Unmade(Exception):
    """Leaves the draft, so that it is thrown away."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


def _stopped() -> Failed:
    return Failed("killed", "the change was stopped")


def _failure(message: Any) -> Failed:
    return message if isinstance(message, Failed) else Failed("crashed", "the process answered out of order")
