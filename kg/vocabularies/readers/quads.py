"""The quadstore of an Owlready2 world, filled and walked in bulk.

An ontology of 200,000 classes has some six million statements. As Python classes they would take minutes and gigabytes,
so nothing is ever made of them but rows: Owlready2's tables are in a private SQLite database that has no name, which
SQLite keeps on disk beyond 200 MB and deletes when it is closed. ``Ontology.load`` is not used either: it would fetch
what the file imports, and import Python modules that it names (``owlready_ontology#python_module``).

Measured on a file of ChEBI's shape (200,000 classes, 6.1 million statements, 540 MB of RDF/XML; ``bench/ontology.py``;
CPU seconds and peak memory on one machine): as it is done, entries included, 35 s and 0.3 GB. All statements by
Owlready2's own parser, without entries, 58 s and 1.7 GB; through N-Triples, 65 s and 1.4 GB after 15 s for writing them
down. Only the statements that are needed, through N-Triples, 61 s and 1.0 GB; handed over as they are parsed, 47 s;
with the indexes made afterwards, 39 s; the rest was won by leaving restrictions and annotations of axioms out.

Source: https://owlready2.readthedocs.io/en/latest/world.html (quadstore), its ``triplelite.py`` (tables).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

__all__ = ["Quads", "Resource"]

_BATCH: Final = 50_000
# Beside those on (c), which Owlready2 itself needs; made anew after loading, without what serves updates only.
_INDEXES: Final = ("index_objs_sp", "index_objs_op", "index_datas_sp", "index_datas_op")


class Resource(NamedTuple):
    """What is said of one resource: predicate and object, by number; predicate, text and language tag."""

    number: int
    links: list[tuple[int, int]]
    texts: list[tuple[int, str, str]]


class Quads:
    """Statements in an Owlready2 world: first all are added, then :meth:`index` is called, then they are looked up."""

    def __init__(self) -> None:
        # Imported here: it takes a quarter of a second, and only reading an ontology needs it.
        import owlready2

        connection = sqlite3.connect("", isolation_level="EXCLUSIVE", check_same_thread=False)
        connection.execute("PRAGMA journal_mode = OFF")
        self._world = owlready2.World(connection=connection)
        self._graph: Any = self._world.graph
        ontology = self._world.get_ontology("urn:x-vocabulary#")
        for index in _INDEXES:
            self._graph.execute(f"DROP INDEX {index}")
        # The file's resources have higher numbers; up to here are owl:Thing and the like, below zero are blank nodes.
        self._last_built_in = int(self._graph.execute("SELECT max(storid) FROM resources").fetchone()[0])
        insert_links, insert_texts, *_, self._finish = ontology.graph.import_triples_from_queue(None)
        self._insert_links, self._insert_texts = insert_links, insert_texts
        self._links: list[tuple[str, str, str]] = []
        self._texts: list[tuple[str, str, str, str]] = []

    def link(self, subject: str, predicate: str, value: str) -> None:
        """Adds a statement about two resources: IRIs, or blank nodes as ``_:`` and a name."""
        self._links.append((subject, predicate, value))
        if len(self._links) >= _BATCH:
            self._insert_links(self._links)
            self._links.clear()

    def text(self, subject: str, predicate: str, text: str, language: str) -> None:
        """Adds a statement whose object is a text."""
        self._texts.append((subject, predicate, text, f"@{language}" if language else ""))
        if len(self._texts) >= _BATCH:
            self._insert_texts(self._texts)
            self._texts.clear()

    def index(self) -> None:
        """Ends adding."""
        self._insert_links(self._links)
        self._insert_texts(self._texts)
        self._links.clear()
        self._texts.clear()
        self._finish()
        self._graph.execute("CREATE INDEX index_objs_sp ON objs(s, p)")
        self._graph.execute("CREATE INDEX index_datas_sp ON datas(s, p)")

    def number(self, iri: str) -> int:
        """The number of a resource; 0 if nothing is said of it."""
        return self._graph._abbreviate(iri, create_if_missing=False) or 0

    def numbers(self, iris: Collection[str]) -> dict[int, str]:
        """The numbers of those resources that something is said of → their IRIs."""
        return {number: iri for iri in iris if (number := self.number(iri))}

    def iris(self) -> dict[int, str]:
        """Number → IRI of everything that has an IRI and is not of RDF, RDFS, OWL or Owlready2 itself."""
        rows = self._graph.execute("SELECT storid, iri FROM resources WHERE storid > ?", (self._last_built_in,))
        return dict(rows)

    def subjects(self, predicate: int, value: int) -> list[int]:
        """What stands in a relation to a resource, in the order of the file."""
        rows = self._graph.execute("SELECT s FROM objs WHERE p = ? AND o = ? ORDER BY rowid", (predicate, value))
        return [number for (number,) in rows]

    def pairs(self, predicate: int) -> Iterator[tuple[int, int]]:
        """All subjects and objects of a predicate."""
        rows: Iterator[tuple[int, int]] = self._graph.execute(
            "SELECT s, o FROM objs WHERE p = ? ORDER BY rowid", (predicate,)
        )
        return rows

    def objects(self, subject: int, predicate: int) -> list[int]:
        """The resources that a resource stands in a relation to."""
        rows = self._graph.execute("SELECT o FROM objs WHERE s = ? AND p = ? ORDER BY rowid", (subject, predicate))
        return [number for (number,) in rows]

    def resource(self, number: int) -> Resource:
        """What is said of one resource."""
        links = self._graph.execute("SELECT p, o FROM objs WHERE s = ? ORDER BY p, rowid", (number,))
        texts = self._graph.execute("SELECT p, o, d FROM datas WHERE s = ? ORDER BY p, rowid", (number,))
        return Resource(number, list(links), [(p, text, _tag(kind)) for p, text, kind in texts])

    def resources(self) -> Iterator[Resource]:
        """What is said of each resource that is linked to another, in the order in which the file names them first."""
        # Owlready2's own connection is one cursor per call, so the two can be walked side by side.
        links = self._graph.execute("SELECT s, p, o FROM objs WHERE s > 0 ORDER BY s, p, rowid")
        texts = self._graph.execute("SELECT s, p, o, d FROM datas WHERE s > 0 ORDER BY s, p, rowid")
        texts_of = groupby(texts, key=itemgetter(0))
        behind, its_texts = next(texts_of, (0, None))
        for number, rows in groupby(links, key=itemgetter(0)):
            said = [(p, o) for _, p, o in rows]
            while its_texts is not None and behind < number:
                behind, its_texts = next(texts_of, (0, None))
            if its_texts is not None and behind == number:
                yield Resource(number, said, [(p, text, _tag(kind)) for _, p, text, kind in its_texts])
            else:
                yield Resource(number, said, [])

    def close(self) -> None:
        """Deletes everything."""
        self._world.close()


def _tag(kind: int | str) -> str:
    return kind[1:] if isinstance(kind, str) else ""
