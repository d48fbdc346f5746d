"""Studies that the rules keep out of the graph, beside it: their Turtle and their report."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import pyoxigraph as ox

from kg.errors import StoreError
from kg.terms import Statement, render_bytes
from kg.turtle import prefix_lines, turtle
from kg.validation import Report

__all__ = ["Quarantine", "Quarantined", "quarantined"]

_FOLDER: Final = "quarantine"
_ENDING: Final = ".ttl"
_UNFINISHED: Final = ".part"
_SHOWN: Final = 3


class Quarantined(NamedTuple):
    """A study that was kept out.

    Attributes:
        nct_id: the study.
        place: where its record was.
        reason: the rules that it breaks, on one line.
        document: its statements and its report, as Turtle.
    """

    nct_id: str
    place: str
    reason: str
    document: bytes


def quarantined(nct_id: str, place: str, statements: list[Statement], report: Report) -> Quarantined:
    """A study that breaks rules, with what a curator needs."""
    broken = [total for total in report.rules if total.severity not in ("Warning", "Info")]
    names = [f"{result.source_shape.rpartition('#')[2]}: {result.message}" for result in broken]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    triples = (quad.triple for quad in ox.parse(render_bytes(statements), format=ox.RdfFormat.N_TRIPLES))
    parts = (
        f"# {nct_id}, from {place}: {sum(total.results for total in broken)} violations".encode(),
        prefix_lines() + turtle(triples),
        report.turtle().encode(),
    )
    return Quarantined(nct_id, place, " ".join(names[:_SHOWN]) + more, b"\n".join(parts))


class Quarantine:
    """Writes what one build keeps out into a store's directory. Use it as a context manager.

    Args:
        directory: the store's directory.
    """

    def __init__(self, directory: Path) -> None:
        self._folder = directory / _FOLDER
        self._aside: Path | None = None
        self._digest = hashlib.sha256()

    def add(self, study: Quarantined) -> None:
        """Keep a study.

        Raises:
            StoreError: the file cannot be written.
        """
        try:
            if self._aside is None:
                self._folder.mkdir(exist_ok=True)
                handle, name = tempfile.mkstemp(suffix=_UNFINISHED, dir=self._folder)
                os.close(handle)
                self._aside = Path(name)
            with self._aside.open("ab") as file:
                file.write(study.document + b"\n")
        except OSError as error:
            raise StoreError(f"the quarantine cannot be written: {error}", place=str(self._folder)) from error
        self._digest.update(study.document)

    def finish(self) -> str:
        """Finish the file.

        Returns:
            Its place under the store's directory; empty when nothing was kept out.
        """
        if self._aside is None:
            return ""
        name = self._digest.hexdigest()[:16] + _ENDING
        self._aside.chmod(0o644)
        self._aside.replace(self._aside.with_name(name))
        self._aside = None
        return f"{_FOLDER}/{name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._aside:
            self._aside.unlink(missing_ok=True)
