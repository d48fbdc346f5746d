"""What linking costs: its part of the conversion, and the index of names with all of MeSH in it.

    python -m bench.linking_speed [--rounds 3] [--write]

CPU time of one process over real records held in memory. ``README.md`` says what each row is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Final

from bench.convert import forget
from bench.figures import data_path, lines, middle, peak_mib, wall_seconds
from bench.full_mesh import full_linker, full_vocabularies
from bench.tables import DOCUMENT, Table, write_section
from kg.linking.index_files import index_folder, make_index
from kg.linking.linker import Linker
from kg.mapping.study import map_study
from kg.pipeline.convert import settle
from kg.sources import Form, RawRecord, decode
from kg.terms import render_bytes

_SECTION: Final = "speed"
_STATES: Final = {
    "a process that has seen no record": (slice(0), slice(None)),
    "every other record, after the others": (slice(0, None, 2), slice(1, None, 2)),
    "the same records again": (slice(None), slice(None)),
}
"""What a process has converted before, and what is measured."""


def convert(records: Sequence[bytes], linker: Linker) -> tuple[float, float]:
    """Decode, link, map and render every record, and write the bytes to nowhere.

    Returns:
        CPU seconds for all of it, and for linking. Taken in one run, both feel the same of what else the machine does.
    """
    linking = 0.0
    start = process_time()
    with open(os.devnull, "wb") as sink:
        for line in records:
            study = decode(RawRecord(line, Form.API_V2, ""))
            before = process_time()
            links = linker.study(study)
            linking += process_time() - before
            sink.write(render_bytes(map_study(study, links, linker, line, Form.API_V2.value).statements))
    return process_time() - start, linking


def one_round(records: Sequence[bytes], linker: Linker) -> list[tuple[float, float]]:
    """CPU seconds for each of ``_STATES``: of conversion, and of linking in it."""
    seconds = []
    for before, part in _STATES.values():
        forget(linker)
        convert(records[before], linker)
        seconds.append(convert(records[part], linker))
    return seconds


def shares(rounds: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[str, ...]]:
    """The rows of the table: seconds, and what linking adds to all the rest."""
    rows: list[tuple[str, ...]] = []
    for number, name in enumerate(_STATES):
        everything, linking = (middle(taken[number][n] for taken in rounds) for n in range(2))
        adds = middle(linked / (whole - linked) for whole, linked in (taken[number] for taken in rounds))
        rows.append((name, f"{everything:.2f}", f"{linking:.2f}", f"{100 * adds:.0f} %"))
    return rows


def only_open() -> None:
    """Open the index that is there already and link every record; print seconds and memory."""
    vocabularies = full_vocabularies()
    before = peak_mib()
    linker: list[Linker] = []
    seconds = wall_seconds(lambda: linker.append(settle(vocabularies)))
    opened = peak_mib()
    for line in lines(data_path()):
        linker[0].study(decode(RawRecord(line, Form.API_V2, "")))
    print(f"{seconds:.2f} {before:.0f} {opened:.0f} {peak_mib():.0f}")


def index_table() -> Table:
    """The index with all of MeSH: making it, opening it, its size."""
    vocabularies = full_vocabularies()
    concepts = len(full_linker().index)
    size = sum(path.stat().st_size for path in index_folder(vocabularies).iterdir()) / 2**20
    with tempfile.TemporaryDirectory(prefix="trialkg-bench-") as name:
        making = wall_seconds(lambda: make_index(vocabularies, Path(name) / "index"))
    command = [sys.executable, "-m", "bench.linking_speed", "--only-open"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    seconds, before, opened, after = map(float, answer)
    rows = [
        ("concepts", f"{concepts:,}"),
        ("size on disk, MiB", f"{size:.0f}"),
        ("making it, once, s", f"{making:.0f}"),
        ("opening it, s", f"{seconds:.2f}"),
        ("peak memory of a process before, MiB", f"{before:.0f}"),
        ("after opening, MiB", f"{opened:.0f}"),
        ("after linking all records, MiB", f"{after:.0f}"),
    ]
    return Table("The index with all of MeSH", ("", ""), rows)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="What linking costs.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    parser.add_argument("--only-open", action="store_true", help="open the index once and print seconds and memory")
    given = parser.parse_args()
    if given.only_open:
        return only_open()
    full_linker()
    linker = settle(full_vocabularies())
    records = list(lines(data_path()))
    rows = shares([one_round(records, linker) for _ in range(given.rounds)])
    tables = [
        Table(
            f"Linking as a part of conversion: {len(records):,} records, all of MeSH, median of {given.rounds}",
            ("", "conversion, CPU s", "of it linking", "linking adds"),
            rows,
        ),
        index_table(),
    ]
    for table in tables:
        table.print()
    if given.write:
        write_section(_SECTION, tables)
    return None


if __name__ == "__main__":
    main()
