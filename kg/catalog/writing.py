"""What a writer of data files is given, and what it must do.

A writer is given one study after another and then the organizations that they name. It writes below the folder of the
setting, keeps no more than one study in memory, and writes nothing of the run: no time, no path, no random name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from pyoxigraph import RdfFormat, Store, Triple, parse

from kg.catalog.publication import Publication
from kg.turtle import Subjects, lines_of, ordered, subjects

__all__ = ["LAYOUTS", "Part", "Setting", "Writer", "Written"]

LAYOUTS = ("whole", "partition", "study")
"""How studies are put into files: all into one, those of ten thousand numbers into one, or each into its own."""


@dataclass(frozen=True)
class Part:
    """What the export says of one thing.

    Args:
        name: the NCT id of a study, or the IRI of an organization or concept.
        text: its statements as N-Triples, the lines sorted; those of a study with everything below it.
    """

    name: str
    text: bytes

    @classmethod
    def of(cls, name: str, triples: Iterable[Triple]) -> Part:
        """A part made of statements in any order."""
        return cls(name, b"".join(lines_of(triples)))

    @property
    def is_study(self) -> bool:
        """Whether it is a study."""
        return self.name.startswith("NCT")

    @cached_property
    def subjects(self) -> Subjects:
        """Its statements as text, by subject and predicate, in the one order."""
        return subjects(self.text.splitlines(keepends=True))

    @cached_property
    def triples(self) -> Sequence[Triple]:
        """Its statements in the one order, as objects: convenient, and several times as slow as :attr:`subjects`."""
        return ordered((quad.triple for quad in parse(self.text, RdfFormat.N_TRIPLES)), place=self.name)


@dataclass(frozen=True)
class Setting:
    """What a writer may know.

    Args:
        folder: the new export; the writer makes its files below it.
        store: the statements, for labels of concepts and the like.
        publication: who publishes it and where.
        layout: one of :data:`LAYOUTS`; a writer of tables need not follow it.
    """

    folder: Path
    store: Store
    publication: Publication
    layout: str = "whole"


@dataclass(frozen=True)
class Written:
    """A file, or a folder of files of one type, that a writer made.

    Args:
        name: relative to the folder of the setting; that of a folder ends in ``/``.
        title: for people, with the form: "Studies (Turtle)".
        description: what is in it, one or two sentences.
        form: key of :data:`kg.catalog.files.FILE_TYPES`; read from the name when empty.
        standard: IRI of what it conforms to; the vocabulary of trialkg when empty.
        is_rdf: whether it holds the statements of the studies, all of them.
        compressed: whether the files of a folder are compressed by gzip; a file's name says it.
        statements: how many statements are in it, where they are others than those of the studies.
    """

    name: str
    title: str
    description: str
    form: str = ""
    standard: str = ""
    is_rdf: bool = False
    compressed: bool = False
    statements: int = 0


class Writer(Protocol):
    """Writes the studies of an export in one form."""

    def write(self, part: Part) -> None:
        """Take in one study or organization; each comes once, studies by NCT id, then organizations by IRI."""

    def finish(self) -> Sequence[Written]:
        """Complete the files and say what there is."""

    def close(self) -> None:
        """Let go of open files; called after :meth:`finish`, and also when the export fails."""
