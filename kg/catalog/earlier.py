"""The studies and concepts of an earlier export, read back part by part."""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from itertools import chain, groupby
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.catalog.checksums import verify
from kg.catalog.rdf_forms import split_form
from kg.catalog.writing import Part
from kg.errors import InputError
from kg.namespaces import PREFIXES
from kg.turtle import lines_of

__all__ = ["EarlierExport"]

_FORMS: Final = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
}
"""Forms that can be read statement by statement."""
_ENDS: Final = tuple(f"{form}{end}" for form in _FORMS for end in ("", ".gz"))
_NCT: Final = re.compile(re.escape(PREFIXES["trial"]) + "(NCT[0-9]{8})")
_VERSION: Final = re.compile(r"^\| Version \| (.+) \|$", re.MULTILINE)
_CONCEPTS: Final = "concepts.ttl"


class EarlierExport:
    """An export that was written before.

    Args:
        folder: the folder.
        wanted: NCT ids; none means all.

    Raises:
        InputError: it is not as it was written, or has no file of studies that can be read statement by statement.
    """

    def __init__(self, folder: Path, wanted: Collection[str] = ()) -> None:
        if problems := verify(folder):
            raise InputError(
                f"the export is not as it was written: {problems[0]}", place=str(folder), remedy="name another"
            )
        self._folder = folder
        self._wanted = frozenset(wanted)
        self._files = self._found()
        self._parts = self._all()
        self._next: Part | None = None

    @property
    def has_concepts(self) -> bool:
        """Whether it was written with vocabularies."""
        return (self._folder / _CONCEPTS).is_file()

    @property
    def version(self) -> str:
        """Its version, as it says."""
        found = _VERSION.search((self._folder / "README.md").read_text("utf-8"))
        return found[1] if found else "unknown"

    def studies(self) -> Iterator[Part]:
        """Its studies, by NCT id."""
        for part in self._parts:
            if not part.is_study:
                self._next = part
                return
            if not self._wanted or part.name in self._wanted:
                yield part

    def organizations(self) -> Iterator[Part]:
        """Its organizations, by IRI; to be asked for after the studies."""
        if self._next:
            yield self._next
        yield from self._parts

    def concepts(self) -> Iterator[Part]:
        """Its concepts, in their order."""
        return _parts(self._folder / _CONCEPTS)

    def _found(self) -> list[Path]:
        for end in _ENDS:
            if (whole := self._folder / f"studies.{end}").is_file():
                return [whole]
        for end in _ENDS:
            if (below := self._folder / f"studies-{end.replace('.', '-')}").is_dir():
                organizations = below / f"organizations.{end}"
                return [*sorted(set(below.rglob(f"*.{end}")) - {organizations}), organizations]
        raise InputError(
            "no file of studies that can be read statement by statement",
            place=str(self._folder),
            remedy="expected studies as N-Triples, N-Quads, Turtle or TriG",
        )

    def _all(self) -> Iterator[Part]:
        return chain.from_iterable(_parts(path) for path in self._files if path.is_file())


def _parts(path: Path) -> Iterator[Part]:
    """The statements of a file, those of one study or thing together, as they stand there together."""
    plain, compressed = split_form(path.name)
    form = _FORMS[plain.rpartition(".")[2]]
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        if compressed:
            file = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=file)))
        try:
            for name, quads in groupby(ox.parse(file, form), _name):
                yield Part(name, b"".join(lines_of(quad.triple for quad in quads)))
        except (SyntaxError, EOFError, gzip.BadGzipFile) as error:
            raise InputError(f"does not parse: {error}", place=str(path), remedy="export again") from error


def _name(quad: ox.Quad) -> str:
    iri = str(quad.subject)[1:-1]
    found = _NCT.match(iri)
    return found[1] if found else iri
