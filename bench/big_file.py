"""Memory over a file that is far larger than memory should grow: real records again and again under new numbers.

    python -m bench.big_file --gigabytes 2

Writes the file to a temporary folder, converts it to nowhere in a process of its own, and prints what that took.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from bench.figures import data_path, lines, peak_mib, show

__all__ = ["main", "renumbered", "write_big_file"]

_NCT_ID = re.compile(rb"NCT[0-9]{8}")


def renumbered(record: bytes, number: int) -> bytes:
    """A record under another number, wherever its own stands."""
    own = _NCT_ID.search(record)
    assert own
    return record.replace(own[0], b"NCT%08d" % number)


def write_big_file(path: Path, size: int) -> tuple[int, int]:
    """Write records, one to the line, until the file has so many bytes.

    Every record has a number of its own, in place of the study's number wherever it stands.

    Returns:
        How many records, and the bytes of the largest.
    """
    written = number = largest = 0
    with path.open("wb") as file:
        for line in cycle(lines(data_path())):
            number += 1
            record = renumbered(line, number) + b"\n"
            written += file.write(record)
            largest = max(largest, len(record))
            if written >= size:
                return number, largest
    raise AssertionError


def convert(path: Path) -> None:
    """Convert the file to nowhere, and print the statements and the peak memory."""
    from kg.pipeline.choose import choose, chosen
    from kg.pipeline.convert import convert as run
    from kg.pipeline.convert import settle
    from kg.sources import Inputs

    settle()
    loaded = peak_mib()
    statements = studies = 0
    with Inputs([path]) as opened:
        for part in run(chosen(opened, choose(opened))):
            studies += len(part.converted)
            statements += sum(entry.statements for entry in part.converted)
    print(f"{studies} {statements} {loaded:.0f} {peak_mib():.0f}")


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Peak memory of a conversion of a large file.")
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--convert", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.convert:
        return convert(given.convert)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.ndjson"
        records, largest = write_big_file(path, int(given.gigabytes * 1e9))
        start = time.perf_counter()
        command = [sys.executable, "-m", "bench.big_file", "--convert", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    studies, statements, loaded, peak = map(int, done.stdout.split())
    assert studies == records, f"{records} in, {studies} out"
    show(
        f"{records:,} records, {given.gigabytes:g} GB, one process",
        ("", "value"),
        [
            ("statements", f"{statements:,}"),
            ("seconds", f"{seconds:.0f}"),
            ("largest record, MB", f"{largest / 1e6:.1f}"),
            ("memory with the vocabularies alone, MiB", f"{loaded}"),
            ("peak memory, MiB", f"{peak}"),
        ],
    )
    return None


if __name__ == "__main__":
    main()
