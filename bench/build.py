"""A whole build of real records against the engine alone, loading the finished N-Triples.

    python -m bench.build [--rounds 3] [--jobs N]

Wall time, since a build uses every core. ``README.md`` says what each row is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pyoxigraph as ox

from bench.figures import data_path, middle, show, wall_seconds
from kg.pipeline.build import build
from kg.pipeline.choose import choose, chosen
from kg.pipeline.convert import convert
from kg.sources import Inputs
from kg.vocabularies.installed import statements


def write_ntriples(source: Path, target: Path) -> None:
    """Everything that a build of ``source`` loads, as one file."""
    with Inputs([source]) as opened, target.open("wb") as file:
        file.writelines(statements())
        file.writelines(part.ntriples for part in convert(chosen(opened, choose(opened))))


def load_alone(ntriples: Path, folder: Path) -> int:
    """Load a finished file with the engine's bulk loader; the number of statements in the store."""
    store = ox.Store(str(folder))
    store.bulk_load(path=str(ntriples), format=ox.RdfFormat.N_TRIPLES, lenient=True)
    store.flush()
    return len(store)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="A whole build against the engine loading the finished statements.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, help="worker processes; by default what a build chooses")
    given = parser.parse_args()
    source = data_path()
    with tempfile.TemporaryDirectory(prefix="trialkg-bench-") as name:
        folder = Path(name)
        ntriples = folder / "all.nt"
        write_ntriples(source, ntriples)
        triples = load_alone(ntriples, folder / "counted")
        fresh = (folder / str(number) for number in count())
        works: dict[str, Callable[[], object]] = {
            "a  the engine loads the finished file": lambda: load_alone(ntriples, next(fresh)),
            "b  build without validation": lambda: build([source], next(fresh), checking=None, jobs=given.jobs),
            "c  build": lambda: build([source], next(fresh), jobs=given.jobs),
        }
        rounds = [[wall_seconds(work) for work in works.values()] for _ in range(given.rounds)]
    rows = []
    for position, title in enumerate(works):
        seconds = middle(taken[position] for taken in rounds)
        ratio = middle(taken[position] / taken[0] for taken in rounds)
        rows.append((title, f"{seconds:.1f}", f"{ratio:.2f}", f"{triples / seconds:,.0f}"))
    show(f"{triples:,} statements, median of {given.rounds}", ("", "wall s", "÷ a", "statements/s"), rows)


if __name__ == "__main__":
    main()
