"""Queries through a reader process against the engine in this process, over the same store.

    python -m bench.query [--rounds 15] [--store DIR]

Wall time. ``README.md`` says what each column is.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox

import kg
from bench.figures import data_path, middle, show, wall_seconds
from kg.namespaces import sparql_prologue
from kg.pipeline.build import build
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest, Reader, ResultStream

QUERIES: Final = {
    "point: one study": "SELECT ?property ?value { ?study dcterms:identifier ?id . ?study ?property ?value }",
    "3 hops: arms of neoplasm studies and what they use": """
        SELECT ?study ?name {
          ?study tkg:conditionWithin mesh:D009369 ; tkg:arm ?arm .
          ?arm tkg:use ?use . ?use tkg:intervention ?intervention . ?intervention rdfs:label ?name
        }""",
    "aggregate: studies by country": """
        SELECT ?country (COUNT(DISTINCT ?study) AS ?studies) {
          ?study tkg:site ?site . ?site schema:addressCountry ?country
        } GROUP BY ?country""",
    "100,000 rows": "SELECT ?thing ?label { ?thing rdfs:label ?label } LIMIT 100000",
}


def in_process(store: ox.Store, text: str) -> bytes:
    """The engine's own JSON, made in this process."""
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return solutions.serialize(format=ox.QueryResultsFormat.JSON) or b""


def through_reader(reader: Reader, text: str) -> bytes:
    """The same from a reader process that runs already, as the endpoint has them."""
    return ResultStream(reader, QueryRequest(text)).read()


def measure(directory: Path, rounds: int) -> None:
    """Time each query each way, taking turns, and print the table."""
    generation = StoreDirectory(directory).newest()
    store = open_generation(generation)
    reader = Reader(generation.path)
    reader.start()
    study = next(store.quads_for_pattern(None, ox.NamedNode("http://purl.org/dc/terms/identifier"), None)).object
    rows = []
    with kg.open(directory) as graph:
        for title, query in QUERIES.items():
            text = sparql_prologue() + query.replace("?id", str(study))
            answer = in_process(store, text)
            ways = (
                partial(in_process, store, text),
                partial(through_reader, reader, text),
                partial(graph.query, text),
            )
            times = [[wall_seconds(way) for way in ways] for _ in range(rounds + 1)]
            # The first turn of each pays for what is read once.
            del times[0]
            cells = [f"{middle(taken[way] for taken in times) * 1000:.2f}" for way in range(3)]
            ratios = [f"{middle(taken[way] / taken[0] for taken in times):.2f}" for way in (1, 2)]
            rows.append((title, cells[0], cells[1], ratios[0], cells[2], ratios[1], f"{len(answer) / 1e6:.2f}"))
    reader.kill()
    columns = ("", "a engine ms", "b reader ms", "b/a", "c kg.open ms", "c/a", "MB of JSON")
    show(f"{len(store):,} statements, median of {rounds}", columns, rows)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Queries through a reader process against the engine in this one.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--store", type=Path, help="a store to ask, in place of one built of the real records")
    given = parser.parse_args()
    if given.store:
        return measure(given.store, given.rounds)
    with tempfile.TemporaryDirectory(prefix="trialkg-bench-") as name:
        build([data_path()], Path(name) / "trials.kg", checking=None)
        measure(Path(name) / "trials.kg", given.rounds)
    return None


if __name__ == "__main__":
    main()
