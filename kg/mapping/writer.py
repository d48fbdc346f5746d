"""Sinks for statements: the mapping's N-Triples, as they are or in another RDF format, streaming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Final

import pyoxigraph as ox

from kg.errors import UsageError
from kg.namespaces import PREFIXES
from kg.turtle import prefix_lines, turtle

__all__ = ["FORMATS", "write"]

FORMATS: Final[dict[str, ox.RdfFormat]] = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "ttl": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
"""Format name → format. N-Triples and N-Quads of the default graph are the same text."""


def write(documents: Iterable[bytes], output: IO[bytes], form: str = "nt") -> None:
    """Write statements.

    Args:
        documents: N-Triples, each complete in itself.
        output: where to.
        form: a name of :data:`FORMATS`.

    Raises:
        UsageError: another format.
    """
    if form not in FORMATS:
        raise UsageError(f"format {form!r} is not known", remedy=f"expected one of {', '.join(FORMATS)}")
    if form in ("nt", "nq"):
        output.writelines(documents)
    elif form == "ttl":
        output.write(prefix_lines())
        for document in documents:
            output.write(turtle(_triples([document])))
    else:
        ox.serialize(_triples(documents), output, format=FORMATS[form], prefixes=PREFIXES)


def _triples(documents: Iterable[bytes]) -> Iterator[ox.Triple]:
    for document in documents:
        for quad in ox.parse(document, format=ox.RdfFormat.N_TRIPLES):
            yield quad.triple
