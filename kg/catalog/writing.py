"""What a writer of data files is given, and what it must do.

A writer is given one study after another and then the organizations that they name. It writes below the folder of the
setting, keeps no more than one study in memory, and writes nothing of the run: no time, no path, no random name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pyoxigraph import Store, Triple

from kg.catalog.publication import Publication

__all__ = ["Part", "Setting", "Writer", "Written"]


@dataclass(frozen=True)
class Part:
    """What the export says of one thing.

    Args:
        name: the NCT id of a study, or the IRI of an organization.
        triples: its statements, in order; those of a study with everything below it.
    """

    name: str
    triples: Sequence[Triple]

    @property
    def is_study(self) -> bool:
        """Whether it is a study."""
        return self.name.startswith("NCT")


@dataclass(frozen=True)
class Setting:
    """What a writer may know.

    Args:
        folder: the new export; the writer makes its files below it.
        store: the statements, for labels of concepts and the like.
        publication: who publishes it and where.
        layout: ``whole``, ``study`` or ``partition``; a writer of tables need not follow it.
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
    """

    name: str
    title: str
    description: str
    form: str = ""
    standard: str = ""
    is_rdf: bool = False


class Writer(Protocol):
    """Writes the studies of an export in one form."""

    def write(self, part: Part) -> None:
        """Take in one study or organization; each comes once, studies by NCT id, then organizations by IRI."""

    def finish(self) -> Sequence[Written]:
        """Complete the files and say what there is."""

    def close(self) -> None:
        """Let go of open files; called after :meth:`finish`, and also when the export fails."""
