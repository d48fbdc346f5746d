"""MeSH as it ships with the package: all descriptors; supplementary records of diseases, drugs and biologics.

Source: https://www.nlm.nih.gov/mesh/ (tables), https://hhs.github.io/meshrdf/ (IRIs).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.config import resource
from kg.namespaces import PREFIXES
from kg.vocabularies.entry import Source
from kg.vocabularies.readers import mesh_tables
from kg.vocabularies.readers.files import open_stream

__all__ = ["VOCABULARY", "bundled", "count", "digest"]

VOCABULARY: Final = PREFIXES["mesh"]
_PACKED: Final = "mesh-2024.tsv.zst"


def bundled() -> Source:
    """The packed table, opened.

    Raises:
        VocabularyError: it is missing or broken.
    """
    return mesh_tables.read([_table()])


@lru_cache(maxsize=1)
def count() -> int:
    """How many records it has."""
    with open_stream(_table()) as lines:
        return sum(1 for line in lines if not line.startswith(b"#"))


@lru_cache(maxsize=1)
def digest() -> str:
    """Digest of its bytes."""
    return hashlib.sha256(_table().read_bytes()).hexdigest()


def _table() -> Path:
    return Path(str(resource("vocabularies", _PACKED)))
