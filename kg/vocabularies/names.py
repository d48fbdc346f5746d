"""Names that people use for MeSH records and MeSH's own tables do not have.

Two tables, both of facts:

    names.tsv               kept by hand: brands, INNs, codes, everyday words for procedures; such a name means its
                            record first of all, and goes before a record that happens to have it
    drug-names.tsv.zst      DrugBank's open vocabulary, packed by :mod:`kg.vocabularies.pack_names`

NLM publishes most of the first with the narrower concepts of its records, which the tables that ship with the package
lack; where MeSH is installed from NLM's own files, they say the same twice.
"""

from __future__ import annotations

import csv
import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

import zstandard

from kg.config import resource
from kg.errors import VocabularyError
from kg.vocabularies.mesh import VOCABULARY

__all__ = ["OtherNames", "names_digest", "other_names"]

_KEPT: Final = "names.tsv"
_PACKED: Final = "drug-names.tsv.zst"
_UNPACKED_LIMIT: Final = 16 * 2**20


class OtherNames(NamedTuple):
    """IRIs of MeSH records → further names: those kept by hand, and those found in another vocabulary."""

    kept: dict[str, tuple[str, ...]]
    found: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def other_names() -> OtherNames:
    """The further names.

    Raises:
        VocabularyError: a table is missing or broken.
    """
    kept: dict[str, list[str]] = {}
    lines = (line for line in _bytes(_KEPT).decode("utf-8").splitlines() if line and not line.startswith("#"))
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        kept.setdefault(VOCABULARY + row["ui"], []).extend(row["names"].split("|"))
    found: dict[str, tuple[str, ...]] = {}
    try:
        unpacked = zstandard.ZstdDecompressor().decompress(_bytes(_PACKED), max_output_size=_UNPACKED_LIMIT)
    except zstandard.ZstdError as error:
        raise VocabularyError(str(error), place=_PACKED, remedy="reinstall trialkg") from error
    for line in unpacked.decode("utf-8").splitlines():
        if not line.startswith("#"):
            ui, _, names = line.partition("\t")
            found[VOCABULARY + ui] = tuple(names.split("|"))
    return OtherNames({iri: tuple(names) for iri, names in kept.items()}, found)


@lru_cache(maxsize=1)
def names_digest() -> str:
    """Digest of both tables."""
    return hashlib.sha256(_bytes(_KEPT) + _bytes(_PACKED)).hexdigest()


def _bytes(name: str) -> bytes:
    path = resource("vocabularies", name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise VocabularyError(str(error), place=str(path), remedy="reinstall trialkg") from error
