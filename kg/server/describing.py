"""What the server says of its data, for the generation that is served: counted when first asked for, then kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import pyoxigraph as ox

from kg.catalog.queries import example_statements
from kg.catalog.served import COUNTS, Row, Served, catalog_statements, served, void_statements
from kg.errors import QueryError, QueryTimeout
from kg.library import LibraryQuery
from kg.server.lookup import Lookup
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.store.description import COUNTED, EXAMPLES, may_name
from kg.store.generations import Generation
from kg.store.reader import QueryRequest, Reader, ResultStream

__all__ = ["Describing"]

_LONGEST: Final = 1800.0
"""Seconds that one of the counts may take. Nobody waits so long; whoever comes later has the answer at once."""

_ANY_DATE: Final = "2026-01-01"
_MOST_KEPT: Final = 12


class Describing:
    """The description of what is served.

    Args:
        newest: gives the newest generation.
        lookup: the server's own view of the store.
        library: the query library.
        settings: limits.
    """

    def __init__(
        self,
        newest: Callable[[], Generation],
        lookup: Lookup,
        library: dict[str, LibraryQuery],
        settings: ServerSettings,
    ) -> None:
        self._newest = newest
        self._lookup = lookup
        self._library = library
        self._settings = settings
        self._counting: tuple[int, asyncio.Task[Served]] | None = None
        self._reader: Reader | None = None
        self._kept: dict[tuple[int, str, str], list[ox.Triple]] = {}

    async def known(self) -> Served:
        """Counts of the newest generation.

        Raises:
            Problem: 503, they are not ready within the time that a query may take, or cannot be made.
            StoreError: nothing is published, or it cannot be opened.
        """
        return (await self._known())[1]

    async def _known(self) -> tuple[int, Served]:
        """The number of the newest generation, and its counts; raises as :meth:`known`."""
        generation = await asyncio.to_thread(self._newest)
        if self._counting is None or self._counting[0] != generation.number:
            self.stop()
            self._counting = generation.number, asyncio.create_task(asyncio.to_thread(self._count, generation))
        counting = self._counting[1]
        # Who goes away leaves the counting to those who come.
        await asyncio.wait({counting}, timeout=self._settings.timeout)
        if not counting.done():
            raise Problem(503, "the statements are still being counted; come again", retry=True)
        try:
            return generation.number, counting.result()
        except (QueryError, QueryTimeout) as error:
            # Not tried again before there are others: it would fail again, and cost as much.
            raise Problem(503, f"these statements could not be counted: {error.problem}") from None

    async def void(self, base: str) -> list[ox.Triple]:
        """The VoID description; raises as :meth:`known`."""
        number, known = await self._known()
        return await self._made(number, "void", base, lambda: void_statements(base, known))

    async def catalog(self, base: str) -> list[ox.Triple]:
        """The catalog; raises as :meth:`known`."""
        number, known = await self._known()
        return await self._made(number, "catalog", base, lambda: catalog_statements(base, known))

    async def examples(self, base: str) -> list[ox.Triple]:
        """The query library.

        Raises:
            StoreError: nothing is published, or it cannot be opened.
        """
        facts = await asyncio.to_thread(self._lookup.facts)
        # A store without a date of its own has no studies, or records that tell none: any date will do.
        date = facts.data_date or _ANY_DATE

        def make() -> list[ox.Triple]:
            return list(example_statements(base, self._library.values(), date))

        return await self._made(facts.generation, "examples", base, make)

    async def wanted_by(self, text: str, base: str) -> str:
        """Those parts of the description that a query may be on, as N-Triples; ``""`` for a query on data.

        Raises:
            Problem: as :meth:`known`.
            StoreError: as :meth:`known`.
        """
        triples = [*(await self.examples(base))] if may_name(text, EXAMPLES) else []
        triples += await self.void(base) if may_name(text, COUNTED) else []
        return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode() if triples else ""

    def stop(self) -> None:
        """Give up counting."""
        if self._reader:
            self._reader.kill()

    async def _made(
        self, generation: int, kind: str, base: str, make: Callable[[], list[ox.Triple]]
    ) -> list[ox.Triple]:
        """Statements that are made once for a generation and an address of the server."""
        key = generation, kind, base
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                # A client may call the server by any name.
                self._kept.clear()
            self._kept[key] = await asyncio.to_thread(make)
        return self._kept[key]

    def _count(self, generation: Generation) -> Served:
        """The counts of a generation, by a query process of its own, one after the other."""
        reader = Reader(generation.path, memory=self._settings.query_memory)
        reader.start()
        self._reader = reader
        try:
            answers = {name: _rows(reader, text) for name, text in COUNTS.items()}
        finally:
            reader.kill()
        return served(answers, self._lookup.facts().data_date)


def _rows(reader: Reader, text: str) -> list[Row]:
    body = ResultStream(reader, QueryRequest(text=text, timeout=_LONGEST)).read()
    bindings = msgspec.json.decode(body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]
