"""Which reader a vocabulary file is for, found out from what it holds and not from its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.errors import VocabularyError
from kg.vocabularies import mesh
from kg.vocabularies.entry import Source
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.readers.files import read_head

__all__ = ["Opened", "open_bundled", "open_vocabulary"]

MESH: Final = "mesh"
# In this order, since the later a reader stands, the more it takes for its own. Imported when needed: some of them
# bring large libraries along.
_MESH_READERS: Final = ("mesh_xml", "mesh_rdf", "mesh_tables")
_READERS: Final = ("obo", "skos", "owl")


class Opened(NamedTuple):
    """A vocabulary that is about to be read, and the name that it goes by."""

    name: str
    source: Source


def open_vocabulary(paths: Sequence[Path], *, name: str = "", year: str = "", reason: bool = False) -> Opened:
    """Opens a vocabulary: MeSH in any form, or one OWL, OBO or SKOS file.

    Args:
        paths: its files; a folder stands for the MeSH files in it.
        name: what it shall be called; found out from what it holds when empty.
        year: the MeSH year, where the files do not say it.
        reason: whether to let a reasoner check an OWL file and complete its hierarchy.

    Raises:
        VocabularyError: a file cannot be read, no reader knows it, or it is not what the name says.
    """
    first = paths[0]
    if name == MESH or first.is_dir():
        return Opened(name or MESH, _mesh_reader(first)(paths, year=year))
    head = read_head(first)
    if not name and any(_reader(module).recognises(head) for module in _MESH_READERS):
        return Opened(MESH, _mesh_reader(first)(paths, year=year))
    if len(paths) > 1:
        raise VocabularyError(
            "more than one file", place=str(paths[1]), remedy="only MeSH comes in several; add others one by one"
        )
    for module in _READERS:
        reader = _reader(module)
        if reader.recognises(head):
            known = name or _name_of(head, first)
            return Opened(known, reader.read(first, name=known, **({"reason": True} if reason else {})))
    raise VocabularyError(
        "is no vocabulary that can be read",
        place=str(first),
        remedy="expected MeSH (N-Triples, XML or tables), OWL, OBO or SKOS; plain, gzip or zstd",
    )


def open_bundled(name: str) -> Opened:
    """Opens a vocabulary that ships with the package, to be added in full.

    Raises:
        VocabularyError: it does not ship with the package.
    """
    if name != MESH:
        raise VocabularyError(f"{name!r} does not ship with trialkg", remedy="name its file or URL")
    return Opened(MESH, mesh.bundled())


def _mesh_reader(path: Path) -> Callable[..., Source]:
    heads = [read_head(path)] if path.is_file() else [read_head(member) for member in _members(path)]
    for module in _MESH_READERS:
        reader = _reader(module)
        if any(reader.recognises(head) for head in heads):
            read: Callable[..., Source] = reader.read
            return read
    raise VocabularyError(
        "is not MeSH", place=str(path), remedy="expected NLM's mesh.nt, its XML, or tables; plain, gzip or zstd"
    )


def _members(folder: Path) -> list[Path]:
    return sorted(member for member in folder.iterdir() if member.is_file() and member.name[0] != ".")


def _reader(module: str) -> Any:
    return import_module(f"kg.vocabularies.readers.{module}")


def _name_of(head: bytes, path: Path) -> str:
    """The name of a well-known vocabulary that these bytes speak of, else what the file is called."""
    text = head.decode("utf-8", "replace")
    for name, profile in PROFILES.items():
        if any(marker in text for marker in profile.markers):
            return name
    return path.name.partition(".")[0].lower()
