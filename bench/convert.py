"""Conversion of real records, in one process, against the time it takes only to read them.

    python -m bench.convert [--rounds 5]

CPU time over the same lines held in memory. The works take turns, a twentieth of each at a time, so that a ratio of
a round feels little of what else the machine does. ``README.md`` says what each row is.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import orjson
import pyoxigraph as ox
import rdflib

from bench.figures import cpu_seconds, data_path, lines, middle, peak_mib, show
from kg.linking.linker import Linker, load_linker
from kg.linking.normalize import tokens, words
from kg.mapping.study import Mapped
from kg.pipeline.convert import convert_record, settle
from kg.sources import Form, RawRecord
from kg.sources.ctgov_json import decode_json
from kg.terms import render_bytes

_SAMPLE = 300
_PIECES = 20


class Round(NamedTuple):
    """CPU seconds of one round, and of ``orjson`` beside each of them.

    ``rdflib`` is scaled from the sample to all statements.
    """

    orjson: float
    msgspec: float
    cold: float
    orjson_again: float
    warm: float
    rdflib: float


def converted(line: bytes, linker: Linker) -> Mapped:
    """One record, as a build converts it."""
    return convert_record(RawRecord(line, Form.API_V2, ""), linker)[1]


def convert(records: Sequence[bytes], linker: Linker) -> None:
    """Decode, link, map and render every record, and write the bytes to nowhere."""
    with open(os.devnull, "wb") as sink:
        for line in records:
            sink.write(render_bytes(converted(line, linker).statements))


def forget(linker: Linker) -> None:
    """Empty every cache, and bring back what a process has that has loaded the vocabularies and seen no record."""
    modules = [module for name, module in sys.modules.items() if name.startswith("kg.")]
    parts = [part for part in vars(linker).values() if type(part).__module__.startswith("kg.")]
    for owner in (linker, *parts, *modules):
        for name, value in list(vars(owner).items()):
            if hasattr(value, "cache_clear") and not isinstance(value, type) and not name.startswith("load_"):
                value.cache_clear()
    for thing in (*linker.index.agents.agents, *linker.index.agents.classes):
        for name in thing.names:
            words(name)
    tokens.cache_clear()
    gc.collect()


_Parts = tuple[str, str, str, str | None, str | None]


def parts(line: bytes, linker: Linker) -> list[_Parts]:
    """The statements of a record as bare strings: subject, predicate, object, its datatype, its language.

    ``datatype`` is ``""`` where the object is an IRI. Made before the clock starts, so that rdflib is charged for
    what a converter that uses it does: make terms, add them to a graph, serialise.
    """
    found: list[_Parts] = []
    for quad in ox.parse(render_bytes(converted(line, linker).statements), format=ox.RdfFormat.N_TRIPLES):
        subject, value = quad.subject, quad.object
        assert isinstance(subject, ox.NamedNode)
        if isinstance(value, ox.Literal):
            plain = value.language or value.datatype.value.endswith("#string")
            datatype = None if plain else value.datatype.value
            found.append((subject.value, quad.predicate.value, value.value, datatype, value.language))
        elif isinstance(value, ox.NamedNode):
            found.append((subject.value, quad.predicate.value, value.value, "", None))
    return found


def with_rdflib(studies: Sequence[Sequence[_Parts]]) -> None:
    """Each study's statements into a graph of its own, and out as N-Triples."""
    for study in studies:
        graph = rdflib.Graph()
        for subject, predicate, value, datatype, language in study:
            term: rdflib.term.Identifier
            if datatype == "":
                term = rdflib.URIRef(value)
            else:
                term = rdflib.Literal(value, lang=language, datatype=datatype, normalize=False)
            graph.add((rdflib.URIRef(subject), rdflib.URIRef(predicate), term))
        graph.serialize(format="nt", encoding="utf-8")


def dropping(decode_line: Callable[[bytes], object], records: Sequence[bytes]) -> None:
    """Decode every record and keep none."""
    for line in records:
        decode_line(line)


def taking_turns(pieces: int, *works: Callable[[slice], object]) -> list[float]:
    """CPU seconds of several works, a piece of each at a time, so that all of them share what the machine was like."""
    seconds = [0.0 for _ in works]
    for number in range(pieces):
        every = slice(number, None, pieces)
        for place, work in enumerate(works):
            seconds[place] += cpu_seconds(partial(work, every))
    return seconds


def one_round(records: Sequence[bytes], sample: Sequence[Sequence[_Parts]], scale: float, linker: Linker) -> Round:
    """Every measurement once."""

    def parse(piece: slice) -> None:
        dropping(orjson.loads, records[piece])

    def decode(piece: slice) -> None:
        dropping(lambda line: decode_json(RawRecord(line, Form.API_V2, "")), records[piece])

    def convert_all(piece: slice) -> None:
        convert(records[piece], linker)

    forget(linker)
    parsed, decoded, cold = taking_turns(_PIECES, parse, decode, convert_all)
    again, warm, rdflib_sample = taking_turns(_PIECES, parse, convert_all, lambda piece: with_rdflib(sample[piece]))
    return Round(parsed, decoded, cold, again, warm, rdflib_sample * scale)


def report(rounds: Sequence[Round], studies: int, statements: int) -> None:
    """Print the table and the ratios."""
    names = {
        "orjson": "a  orjson.loads, nothing kept",
        "msgspec": "b  kg.sources to kg.study.Study, nothing kept",
        "cold": "c  decode, link, map, render, encode: empty caches",
        "warm": "c' the same again: caches filled",
        "rdflib": f"d  rdflib: terms, Graph.add, serialise ({_SAMPLE} studies, scaled)",
    }
    rows = []
    for field, name in names.items():
        seconds = middle(getattr(run, field) for run in rounds)
        made = f"{statements / seconds:,.0f}" if field in ("cold", "warm", "rdflib") else ""
        rows.append((name, f"{seconds:.2f}", f"{studies / seconds:,.0f}", made))
    title = f"{studies:,} records, {statements:,} statements, median of {len(rounds)} rounds"
    show(title, ("", "CPU s", "studies/s", "statements/s"), rows)
    pairs = (
        ("b/a", "msgspec", "orjson"),
        ("c/a", "cold", "orjson"),
        ("c'/a", "warm", "orjson_again"),
        ("d/a", "rdflib", "orjson_again"),
        ("d/c'", "rdflib", "warm"),
    )
    for name, over, under in pairs:
        ratios = sorted(getattr(run, over) / getattr(run, under) for run in rounds)
        print(f"{name:5} {middle(ratios):6.2f}   (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


def only_convert() -> None:
    """Convert record by record from the file, and say how much memory that took at most."""
    linker = settle()
    loaded = peak_mib()
    with open(os.devnull, "wb") as sink:
        for line in lines(data_path()):
            sink.write(render_bytes(converted(line, linker).statements))
    print(
        f"peak memory of a process that only converts: {peak_mib():.0f} MiB ({loaded:.0f} with the vocabularies alone)"
    )


def digest() -> None:
    """Print the hash of all that the conversion writes: what a change for speed must leave as it is."""
    linker = load_linker()
    total = hashlib.sha256()
    for line in lines(data_path()):
        total.update(render_bytes(converted(line, linker).statements))
    print(total.hexdigest())


def _has_results(line: bytes) -> str:
    return "with" if b'"resultsSection"' in line else "without"


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Conversion of real records against the time to read them.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-convert", action="store_true", help="convert once and print the peak memory")
    parser.add_argument("--digest", action="store_true", help="convert once and print the hash of the output")
    parser.add_argument("--results", choices=("all", "with", "without"), default="all", help="which records")
    given = parser.parse_args()
    if given.only_convert:
        return only_convert()
    if given.digest:
        return digest()
    records = [line for line in lines(data_path()) if given.results == "all" or _has_results(line) == given.results]
    linker = settle()
    statements = sum(len(converted(line, linker).statements) for line in records)
    sample = [parts(line, linker) for line in records[:: len(records) // _SAMPLE][:_SAMPLE]]
    scale = statements / sum(len(study) for study in sample)
    report([one_round(records, sample, scale, linker) for _ in range(given.rounds)], len(records), statements)
    subprocess.run([sys.executable, "-m", "bench.convert", "--only-convert"], check=True)
    return None


if __name__ == "__main__":
    main()
