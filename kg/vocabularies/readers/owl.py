"""OWL ontologies: RDF/XML, OWL/XML, Turtle and N-Triples, through Owlready2's quadstore.

ChEBI, DRON, NCIt, Mondo and the like as published, and the RxNorm and ATC of BioPortal, which are OWL classes with SKOS
names. ``owl:imports`` are never followed. What is taken of a class is said in
:mod:`kg.vocabularies.readers.concepts`, what is known of each vocabulary beforehand in :mod:`kg.vocabularies.profiles`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from kg.errors import VocabularyError
from kg.vocabularies import hermit
from kg.vocabularies.entry import Source
from kg.vocabularies.profiles import PROFILES
from kg.vocabularies.readers import skos
from kg.vocabularies.readers.concepts import CLASSES, Concepts
from kg.vocabularies.readers.rdf_files import Syntax, statements, syntax_of

__all__ = ["read", "recognises"]

_SAYS_OWL: Final = re.compile(
    rb"http://www\.w3\.org/2002/07/owl#|\bowl:|http://www\.w3\.org/2000/01/rdf-schema#subClassOf"
)


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is an OWL ontology in a form that can be read.

    >>> recognises(b'<http://a/B> a <http://www.w3.org/2002/07/owl#Class> .')
    True
    """
    try:
        syntax = syntax_of(head)
    except VocabularyError:
        # It is, and tries something; reading it says what.
        return b"Ontology" in head or b"rdf:RDF" in head
    if syntax is None or skos.recognises(head):
        return False
    return syntax is Syntax.OWL_XML or bool(_SAYS_OWL.search(head))


def read(path: Path, *, name: str, reason: bool = False) -> Source:
    """Reads an ontology.

    Args:
        path: the file; plain, gzip or zstd.
        name: what the vocabulary is called; a name of :data:`~kg.vocabularies.profiles.PROFILES` brings along what is
            known about it.
        reason: whether HermiT shall look for contradictions, and add superclasses that follow but are not stated.

    Returns:
        The ontology. Its entries are a
        :class:`~kg.vocabularies.readers.reading.Reading`, with counts of what was left out.

    Raises:
        VocabularyError: the file cannot be read, is malformed or cut off, has no class, or names its classes by
            relative IRIs; with ``reason``, contradicts itself, or there is no Java runtime.
    """
    profile = PROFILES.get(name)
    if reason:
        hermit.require_java(str(path))
    concepts = Concepts(CLASSES, profile)
    try:
        concepts.load(statements(path))
        if reason:
            concepts.add_parents(hermit.superclasses(statements(path), str(path)))
        return concepts.source(path, name, "class", "an OWL ontology")
    except BaseException:
        concepts.close()
        raise
