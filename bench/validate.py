"""Validation of real studies: the compiled rules against pySHACL, and against the conversion.

    python -m bench.validate [--rounds 3] [--every 200]
    python -m bench.validate --many 100000 [--jobs 2]

The first is CPU time in one process, over statements as the mapping makes them; the works take turns, and pySHACL has
its shapes parsed once. The second converts so many records, real ones again and again under new numbers, with and
without validation, and says what the whole registry would take. ``README.md`` says what each row is.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from bench.big_file import renumbered
from bench.figures import data_path, lines, middle, peak_mib, show
from kg.linking.linker import Linker
from kg.pipeline.checking import USUAL
from kg.pipeline.choose import choose, chosen
from kg.pipeline.convert import convert, convert_record, settle
from kg.sources import Form, Inputs, RawRecord
from kg.terms import Statement, render_bytes
from kg.validation import Engine, Validator

_REGISTRY = 580_000
_Made = TypeVar("_Made")


class Round(NamedTuple):
    """CPU seconds of one round over all records; ``sample`` and ``pyshacl`` over the same part of them."""

    convert: float
    compiled: float
    sample: float
    pyshacl: float


def statements_of(record: bytes, linker: Linker) -> list[Statement]:
    """One record, as a build converts it."""
    found = convert_record(RawRecord(record, Form.API_V2, ""), linker)[1].statements
    render_bytes(found)
    return found


def timed(work: Callable[[], _Made]) -> tuple[_Made, float]:
    """What a piece of work gives, and its CPU seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def one_round(records: Sequence[bytes], every: int, linker: Linker, engines: dict[Engine, Validator]) -> Round:
    """Every measurement once, record by record in turn, and that the results are equal."""
    seconds = dict.fromkeys(Round._fields, 0.0)
    for number, record in enumerate(records):
        statements, taken = timed(partial(statements_of, record, linker))
        seconds["convert"] += taken
        found, taken = timed(partial(engines[Engine.COMPILED].statements, statements))
        seconds["compiled"] += taken
        if number % every == 0:
            seconds["sample"] += taken
            authority, taken = timed(partial(engines[Engine.PYSHACL].statements, statements))
            seconds["pyshacl"] += taken
            assert found == authority, f"record {number}: the engines differ"
    return Round(**seconds)


def compare(rounds: int, every: int) -> None:
    """The table of the engines."""
    linker = settle()
    records = list(lines(data_path()))
    sample = range(0, len(records), every)
    engines = {engine: Validator(engine=engine) for engine in Engine}
    engines[Engine.PYSHACL].study("")
    taken = [one_round(records, every, linker, engines) for _ in range(rounds)]
    parts = (
        ("a  convert: decode, link, map, render", "convert", len(records)),
        ("b  the compiled rules", "compiled", len(records)),
        ("c  the compiled rules, of the sample", "sample", len(sample)),
        ("d  pySHACL, of the sample", "pyshacl", len(sample)),
    )
    rows = []
    for name, field, number in parts:
        seconds = middle(getattr(one, field) for one in taken)
        rows.append((name, f"{number:,}", f"{seconds:.2f}", f"{1000 * seconds / number:.2f}"))
    title = f"{len(records):,} records, every {every}th by pySHACL too, median of {rounds} rounds"
    show(title, ("", "studies", "CPU s", "ms a study"), rows)
    first, *later = (one.compiled / one.convert for one in taken)
    print(f"b/a   {first:7.2f}   the first time that a record is met, as in a build")
    for ratio in later:
        print(f"b/a   {ratio:7.2f}   again, when its texts are known")
    ratios = sorted(one.pyshacl / one.sample for one in taken)
    print(f"d/c   {middle(ratios):7.0f}   (from {ratios[0]:.0f} to {ratios[-1]:.0f})")


def many(number: int, jobs: int) -> None:
    """A build's conversion of many records, with and without validation."""
    source = islice(cycle(lines(data_path())), number)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.ndjson"
        with path.open("wb") as file:
            for place, line in enumerate(source, 1):
                file.write(renumbered(line, place) + b"\n")
        rows = []
        for name, checking in (("without validation", None), ("with validation", USUAL)):
            start = time.perf_counter()
            studies = statements = audited = 0
            with Inputs([path]) as opened:
                for part in convert(chosen(opened, choose(opened)), jobs=jobs, checking=checking):
                    studies += len(part.converted)
                    statements += sum(entry.statements for entry in part.converted)
                    audited += part.audited
            seconds = time.perf_counter() - start
            assert studies == number, f"{number} in, {studies} out"
            projected = seconds * _REGISTRY / number / 60
            rows.append((name, f"{statements:,}", f"{audited}", f"{seconds:.0f}", f"{projected:.0f}"))
    title = f"{number:,} records, {jobs} processes, wall time"
    show(title, ("", "statements", "audited", "s", f"min for {_REGISTRY:,}"), rows)
    print(f"peak memory of the process that writes: {peak_mib():.0f} MiB")


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=200, help="one record in so many is validated by pySHACL too")
    parser.add_argument("--many", type=int, help="convert so many records instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    if given.many:
        many(given.many, given.jobs)
    else:
        compare(given.rounds, given.every)


if __name__ == "__main__":
    main()
