"""What the benchmarks share: where the data is, how a time is taken, how a table is printed."""

from __future__ import annotations

import gzip
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

__all__ = ["RECORDS", "cpu_seconds", "data_path", "has_data", "lines", "middle", "peak_mib", "show", "wall_seconds"]

RECORDS = "records/v2/studies.ndjson.gz"
_ROOT = Path(__file__).resolve().parent.parent


def has_data(name: str = RECORDS) -> bool:
    """Whether a file of the real data is there."""
    return _place(name).is_file()


def data_path(name: str = RECORDS) -> Path:
    """A file of the real data, from ``$TRIALKG_DATA`` or ``../shared/data``; ends the program where it is absent."""
    path = _place(name)
    if not path.is_file():
        sys.exit(
            f"{path}: not there; the benchmark runs on real records (set TRIALKG_DATA to the folder that has {name})"
        )
    return path


def _place(name: str) -> Path:
    return Path(os.environ.get("TRIALKG_DATA") or _ROOT.parent / "shared" / "data") / name


def lines(path: Path) -> Iterable[bytes]:
    """The lines of a gzipped file, without their ends, one at a time."""
    with gzip.open(path) as file:
        for line in file:
            yield line.rstrip(b"\n")


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for a piece of work; unlike wall time it hardly feels what else the machine does."""
    start = time.process_time()
    work()
    return time.process_time() - start


def wall_seconds(work: Callable[[], object]) -> float:
    """Wall time of a piece of work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(values)


def peak_mib() -> float:
    """The most memory that this process has held, in MiB.

    Linux counts what the parent held before the start as the child's in ``ru_maxrss``; ``/proc`` does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; the first column is text, the others are figures."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=120 if not sys.stdout.isatty() else None).print(table)
