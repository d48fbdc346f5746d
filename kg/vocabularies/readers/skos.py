"""SKOS vocabularies in any RDF syntax.

Concepts with their preferred, other and hidden labels, what is broader (``skos:broader``, the converse of
``skos:narrower``, and ISO 25964's generic and instance relations, which are kinds of it), mappings, and whether they
are deprecated. Labels as resources (SKOS-XL) are not read; vocabularies that have them have plain labels as well.

Source: https://www.w3.org/TR/skos-reference/
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from kg.errors import VocabularyError
from kg.vocabularies.entry import Source
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.readers.concepts import CONCEPTS, Concepts
from kg.vocabularies.readers.rdf_files import Syntax, statements, syntax_of

__all__ = ["read", "recognises"]

_SKOS: Final = b"http://www.w3.org/2004/02/skos/core#"
# With any prefix, with none, or in full.
_CONCEPT: Final = re.compile(rb"[#:<]Concept(?:Scheme)?\b")
_CLASS: Final = re.compile(rb"\bowl(?:#|:)Class\b|<Class\b")


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a SKOS vocabulary; one that has classes is an ontology.

    >>> recognises(b"@prefix skos: <http://www.w3.org/2004/02/skos/core#> . <http://a/b> a skos:Concept .")
    True
    """
    try:
        syntax = syntax_of(head)
    except VocabularyError:
        return False
    if syntax in (None, Syntax.OWL_XML):
        return False
    return _SKOS in head and bool(_CONCEPT.search(head)) and not _CLASS.search(head)


def read(path: Path, *, name: str, reason: bool = False) -> Source:
    """Reads a SKOS vocabulary.

    Args:
        path: the file; plain, gzip or zstd.
        name: what the vocabulary is called.
        reason: must be false; SKOS defines nothing that a reasoner could complete.

    Returns:
        The vocabulary. Its entries are a
        :class:`~kg.vocabularies.readers.reading.Reading`, with counts of what was left out.

    Raises:
        VocabularyError: the file cannot be read, is malformed or cut off, has no concept, or names its concepts by
            relative IRIs; or reasoning is asked for.
    """
    if reason:
        raise VocabularyError("SKOS cannot be reasoned over", place=str(path), remedy="leave the reasoner out")
    concepts = Concepts(CONCEPTS, PROFILES.get(name))
    try:
        concepts.load(statements(path))
        return concepts.source(path, name, "concept", "a SKOS vocabulary")
    except BaseException:
        concepts.close()
        raise
