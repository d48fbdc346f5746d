"""The export against the engine's dump and rdflib's serializer.

    python -m bench.export [--records 1000] [--rounds 3] [--statements 3000000]

CPU and wall time, each measurement in a process of its own. ``README.md`` says what each row is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from bench.figures import cpu_seconds, data_path, lines, middle, peak_mib, show, wall_seconds
from kg.catalog import export
from kg.catalog.collecting import seldom_collecting
from kg.catalog.data import chosen_studies, studies, study_part
from kg.catalog.rdf_files import Document
from kg.catalog.writing import Part
from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.namespaces import PREFIXES
from kg.sources import RawRecord, decode, read
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory
from kg.terms import render_bytes

PART: Final = 60_000
"""So many statements are given to rdflib."""


class Measured(NamedTuple):
    """A measurement: CPU seconds, wall seconds, statements written, the most memory held."""

    cpu: float
    wall: float
    statements: int
    mib: float


class Clock:
    """Adds up the CPU and wall time of pieces of work."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def time(self, work: Callable[[], object]) -> None:
        """Do a piece of work."""
        self.wall += wall_seconds(lambda: self._add(cpu_seconds(work)))

    def _add(self, seconds: float) -> None:
        self.cpu += seconds

    def measured(self, statements: int) -> Measured:
        """The measurement, after so many statements."""
        return Measured(self.cpu, self.wall, statements, peak_mib())


def make_store(directory: Path, records: int) -> None:
    """A store with nothing but studies, so that a dump and an export write the same statements."""
    every = 3_658 // records or 1
    source = directory.parent / "records.ndjson"
    source.write_bytes(
        b"".join(line + b"\n" for line in itertools.islice(lines(data_path()), 0, records * every, every))
    )
    linker = load_linker()
    text = directory.parent / "statements.nt"
    with text.open("wb") as output:
        for record in read([source]):
            assert isinstance(record, RawRecord), record
            study = decode(record)
            output.write(
                render_bytes(map_study(study, linker.study(study), linker, record.data, record.form).statements)
            )
    with StoreDirectory(directory).writing() as draft:
        draft.store.bulk_load(path=str(text), format=ox.RdfFormat.N_TRIPLES, lenient=True)
        draft.optimize = True
    text.unlink()
    source.unlink()


def opened(directory: Path) -> ox.Store:
    """The newest generation."""
    return open_generation(StoreDirectory(directory).newest())


def dump(directory: Path, folder: Path, _: int) -> Measured:
    """The engine's own N-Triples of the default graph; to count them afterwards does not count."""
    path = folder / "dump.nt"
    clock = Clock()
    clock.time(lambda: opened(directory).dump(str(path), ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()))
    return clock.measured(counted(path))


def write(form: str) -> Callable[[Path, Path, int], int]:
    """Studies in one file of a form, read from the store in one pass."""

    def written(directory: Path, folder: Path, _: int) -> int:
        store = opened(directory)
        document = Document(folder / "studies", form)
        statements = 0
        for part in studies(store, chosen_studies(store), folder):
            document.write(part)
            statements += part.text.count(b"\n")
        document.finish()
        return statements

    return written


def command(directory: Path, folder: Path, _: int) -> int:
    """All that ``trialkg export`` does, with Turtle and N-Triples."""
    return export(StoreDirectory(directory), folder / "out").statements


def again(directory: Path, statements: int) -> Iterator[Part]:
    """The studies of a store, and the same again under new numbers, until there are so many statements."""
    store = opened(directory)
    parts = [study_part(store, nct_id) for nct_id in chosen_studies(store)[:200]]
    number = 10_000_000
    while True:
        for part in parts:
            number += 1
            name = f"NCT{number}"
            yield Part(name, part.text.replace(part.name.encode(), name.encode()))
            statements -= part.text.count(b"\n")
            if statements <= 0:
                return


def turtle(directory: Path, folder: Path, statements: int) -> Measured:
    """Pretty Turtle of studies that are there as N-Triples; to read them does not count."""
    document = Document(folder / "studies.ttl", "ttl")
    clock, written = Clock(), 0
    for part in again(directory, statements):
        clock.time(partial(document.write, part))
        written += part.text.count(b"\n")
    clock.time(document.finish)
    return clock.measured(written)


def rdflib_turtle(directory: Path, folder: Path, _: int) -> Measured:
    """Turtle by rdflib of a graph that is in memory; to make the graph does not count."""
    import rdflib

    graph = rdflib.Graph()
    for part in again(directory, PART):
        graph.parse(data=part.text.decode(), format="nt")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    clock = Clock()
    clock.time(lambda: graph.serialize(folder / "rdflib.ttl", format="turtle"))
    return clock.measured(len(graph))


WAYS: Final[dict[str, Callable[[Path, Path, int], int | Measured]]] = {
    "dump": dump,
    "nt": write("nt"),
    "ttl": write("ttl"),
    "jsonld": write("jsonld"),
    "export": command,
    "turtle": turtle,
    "rdflib": rdflib_turtle,
}


def counted(path: Path) -> int:
    """Lines of a file."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))


def measure(way: str, directory: Path, statements: int) -> Measured:
    """Measure one way, in this process."""
    with tempfile.TemporaryDirectory(dir=directory.parent) as folder:
        found: list[int | Measured] = []
        # As an export does.
        with seldom_collecting():
            clock = Clock()
            clock.time(lambda: found.append(WAYS[way](directory, Path(folder), statements)))
    return found[0] if isinstance(found[0], Measured) else clock.measured(found[0])


def apart(way: str, directory: Path, statements: int) -> Measured:
    """Measure one way in a process of its own."""
    words = [
        sys.executable,
        "-m",
        "bench.export",
        "--way",
        way,
        "--store",
        str(directory),
        "--statements",
        str(statements),
    ]
    return Measured(*json.loads(subprocess.run(words, capture_output=True, check=True).stdout))


def table(directory: Path, rounds: int, statements: int) -> None:
    """Measure every way, taking turns, and print the table."""
    taken: dict[str, list[Measured]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            taken[way].append(apart(way, directory, statements))
    titles = {
        "dump": ("a  Store.dump, N-Triples", "dump"),
        "nt": ("b  whole store, N-Triples", "dump"),
        "ttl": ("c  whole store, pretty Turtle", "dump"),
        "jsonld": ("d  whole store, JSON-LD", "dump"),
        "export": ("e  trialkg export, all of it", "dump"),
        "turtle": ("f  pretty Turtle from N-Triples", "rdflib"),
        "rdflib": ("g  rdflib's Turtle", "rdflib"),
    }
    rows = []
    for way, (title, base) in titles.items():
        found = taken[way]
        pairs = list(zip(found, taken[base], strict=True))
        many = [one.statements / other.statements for one, other in pairs]
        by_cpu = middle(times * other.cpu / one.cpu for times, (one, other) in zip(many, pairs, strict=True))
        by_wall = middle(times * other.wall / one.wall for times, (one, other) in zip(many, pairs, strict=True))
        letter = "a" if base == "dump" else "g"
        rows.append(
            (
                title,
                f"{found[0].statements:,}",
                f"{middle(one.cpu for one in found):.1f}",
                f"{middle(one.wall for one in found):.1f}",
                f"{middle(one.statements / one.wall for one in found) / 1e3:,.0f}",
                f"{by_cpu:.2f} × {letter}",
                f"{by_wall:.2f} × {letter}",
                f"{max(one.mib for one in found):,.0f}",
            )
        )
    columns = ("", "statements", "CPU s", "wall s", "thousand/s", "by CPU", "by wall", "peak MiB")
    show(f"export: median of {rounds}", columns, rows)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000, help="how many records the store has")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--statements", type=int, default=3_000_000, help="how many statements row f has")
    parser.add_argument("--store", type=Path, help="a store made before, instead of one made of records")
    parser.add_argument("--way", choices=sorted(WAYS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options.store, options.statements)))
        return
    if options.store:
        table(options.store, options.rounds, options.statements)
        return
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "store"
        make_store(directory, options.records)
        table(directory, options.rounds, options.statements)


if __name__ == "__main__":
    main()
