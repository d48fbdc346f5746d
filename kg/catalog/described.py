"""What an export holds, as its descriptions are given it: everything computed from what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.catalog.files import DataFile
from kg.catalog.publication import Publication
from kg.catalog.void import Subset

if TYPE_CHECKING:
    from kg.catalog.data import Facts

__all__ = ["Described"]


@dataclass(frozen=True)
class Described:
    """An export, described.

    Args:
        publication: who publishes it and where.
        files: its data files.
        facts: what the statements say of their date, place and origin.
        subsets: counts of its parts; the first is the studies.
        studies: how many studies there are.
        concepts: how many concepts they name, with what those are within.
        statements: distinct statements in all data files together.
        subjects: distinct subjects of these.
    """

    publication: Publication
    files: Sequence[DataFile]
    facts: Facts
    subsets: Sequence[Subset]
    studies: int
    concepts: int
    statements: int
    subjects: int
