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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bench.convert import forget
from bench.figures import cpu_seconds, data_path, lines, middle, peak_mib, wall_seconds
from bench.full_mesh import full_linker, full_vocabularies
from bench.tables import DOCUMENT, Table, write_section
from kg.linking.index_files import index_folder, make_index
from kg.linking.linker import Linker, StudyLinks
from kg.mapping.study import map_study
from kg.pipeline.convert import settle
from kg.sources import Form, RawRecord, decode
from kg.study import Study
from kg.terms import render_bytes

_SECTION: Final = "speed"
_STATES: Final = {
    "a process that has seen no record": (slice(0), slice(None)),
    "every other record, after the others": (slice(0, None, 2), slice(1, None, 2)),
    "the same records again": (slice(None), slice(None)),
}
"""What a process has converted before, and what is measured."""


def unlinked(study: Study) -> StudyLinks:
    """What a linker gives that knows no name."""
    protocol = study.protocol_section
    return StudyLinks(
        conditions=[()] * len(protocol.conditions_module.conditions),
        interventions=[()] * len(protocol.arms_interventions_module.interventions),
        keywords=list(protocol.conditions_module.keywords),
        keyword_links=[],
        registry_conditions=[],
        registry_interventions=[],
        notes=[],
    )


def convert(records: Sequence[bytes], linker: Linker, link: Callable[[Study], StudyLinks]) -> None:
    """Decode, link, map and render every record, and write the bytes to nowhere."""
    with open(os.devnull, "wb") as sink:
        for line in records:
            study = decode(RawRecord(line, Form.API_V2, ""))
            sink.write(render_bytes(map_study(study, link(study), linker, line, Form.API_V2.value).statements))


def one_round(records: Sequence[bytes], linker: Linker) -> list[list[float]]:
    """CPU seconds of linking alone, converting with links and without, for each of ``_STATES``."""
    studies = [decode(RawRecord(line, Form.API_V2, "")) for line in records]

    def only_link(part: slice) -> None:
        for study in studies[part]:
            linker.study(study)

    def with_links(part: slice) -> None:
        convert(records[part], linker, linker.study)

    def without_links(part: slice) -> None:
        convert(records[part], linker, unlinked)

    seconds = []
    for before, part in _STATES.values():
        row = []
        for work in (only_link, with_links, without_links):
            # What one work leaves in the caches would be a gift to the next.
            forget(linker)
            with_links(before)
            row.append(cpu_seconds(partial(work, part)))
        seconds.append(row)
    return seconds


def shares(rounds: Sequence[Sequence[Sequence[float]]]) -> list[tuple[str, ...]]:
    """The rows of the table: seconds, and what linking adds to conversion without it."""
    rows = []
    for number, name in enumerate(_STATES):
        linking, linked, bare = (middle(taken[number][n] for taken in rounds) for n in range(3))
        adds = middle(taken[number][0] / taken[number][2] for taken in rounds)
        adds_all = middle(taken[number][1] / taken[number][2] - 1 for taken in rounds)
        ratios = (f"{100 * adds:.0f} %", f"{100 * adds_all:.0f} %")
        rows.append((name, *(f"{seconds:.2f}" for seconds in (bare, linking, linked)), *ratios))
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
            ("", "without links, CPU s", "linking", "with links", "linking adds", "with its statements"),
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
