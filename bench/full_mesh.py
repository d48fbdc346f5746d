"""The linker over all of MeSH: every descriptor and supplementary record of the tables at hand.

Reading the tables and making the index takes a minute or two, so both are kept in the cache folder, under the digest of
what they were made from.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from bench.figures import data_path
from kg import packed
from kg.config import cache_directory
from kg.linking.linker import Linker, load_linker
from kg.vocabularies import entry
from kg.vocabularies.installed import MESH, Vocabulary, install, overlay
from kg.vocabularies.readers import mesh_records, mesh_tables

__all__ = ["full_linker", "full_vocabularies"]

_TABLES: Final = ("descriptors.tsv.gz", "supplementary.tsv.gz", "disease-extra-synonyms.tsv.gz")
_YEAR: Final = "2024"
_ABOUT: Final = "vocabulary.json"


@lru_cache(maxsize=1)
def full_vocabularies() -> tuple[Vocabulary, ...]:
    """What ships with the package, with all of MeSH in place of the part of it."""
    tables = [data_path(f"mesh/{name}") for name in _TABLES]
    folder = cache_directory() / f"bench-mesh-{_digest(tables)}" / MESH
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            made = Path(aside) / MESH
            made.mkdir()
            install(mesh_tables.read(tables, year=_YEAR), MESH, made)
            # Another process may have been faster; its copy is the same.
            with suppress(OSError):
                made.rename(folder)
    about = msgspec.json.decode((folder / _ABOUT).read_bytes())
    return overlay([Vocabulary(**{**about, "folder": str(folder)})])


def full_linker() -> Linker:
    """The linker over :func:`full_vocabularies`."""
    return load_linker(full_vocabularies())


def _digest(tables: list[Path]) -> str:
    """What the installed copy depends on: the tables, and the code that reads and keeps them."""
    content = hashlib.sha256()
    for path in (*tables, *(Path(str(module.__file__)) for module in (packed, entry, mesh_records, mesh_tables))):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]
