"""The statements of studies as RDF files, in one or more files of one form."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from pyoxigraph import Triple

from kg.catalog.files import FILE_TYPES
from kg.catalog.writing import Part, Setting, Written
from kg.turtle import ntriples, prefix_lines, turtle

__all__ = ["FORMATS", "RdfFile", "RdfFiles"]

FORMATS: Final = ("ttl", "nt", "ttl.gz", "nt.gz")
"""The forms in which statements can be written; each is the end of a file name."""

_COMMENT: Final = (
    "Studies registered at ClinicalTrials.gov, one after the other, then the organizations that they name.",
    "Sorted; written by trialkg. What the licence covers: README.md.",
)
_DESCRIPTION: Final = (
    "The registered studies with their parts, links and shortcuts, and the organizations that they name."
)


class RdfFile:
    """One file of statements, begun with its comment and prefix lines.

    Gzip members carry no time and no name, so that the same statements give the same bytes.

    Args:
        path: the file.
        form: one of :data:`FORMATS`.
        comment: lines for the head of the file.
    """

    def __init__(self, path: Path, form: str, comment: Sequence[str]) -> None:
        self._stack = ExitStack()
        self._file: IO[bytes] | gzip.GzipFile = self._stack.enter_context(path.open("wb"))
        if form.endswith(".gz"):
            self._file = self._stack.enter_context(gzip.GzipFile("", "wb", fileobj=self._file, mtime=0))
        is_turtle = form.startswith("ttl")
        self._text = turtle if is_turtle else ntriples
        head = "".join(f"# {line}\n" for line in comment).encode()
        self._file.write(head + (prefix_lines() if is_turtle else b""))

    def write(self, triples: Sequence[Triple]) -> None:
        """Append statements; all of one subject in one call."""
        self._file.write(self._text(triples))

    def close(self) -> None:
        """Complete the file."""
        self._stack.close()


class RdfFiles:
    """A :class:`kg.catalog.writing.Writer` of RDF.

    Args:
        setting: where and what.
        form: one of :data:`FORMATS`.
    """

    def __init__(self, setting: Setting, form: str) -> None:
        self._form = form
        self._name = f"studies.{form}"
        self._file = RdfFile(setting.folder / self._name, form, _COMMENT)

    def write(self, part: Part) -> None:
        """Append a study or organization."""
        self._file.write(part.triples)

    def finish(self) -> Sequence[Written]:
        """Complete the file."""
        self.close()
        title = FILE_TYPES[self._form.removesuffix(".gz")].title
        title += ", gzip" if self._form.endswith(".gz") else ""
        return [Written(self._name, f"Studies ({title})", _DESCRIPTION, is_rdf=True)]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
