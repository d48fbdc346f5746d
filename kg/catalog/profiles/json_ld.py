"""JSON-LD of our own: written the same way every time, and read back as a graph to be checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.profiles.checking import check

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["media_types", "organization", "read", "write"]


def write(document: Mapping[str, Any], path: Path, base: str, shapes: str) -> None:
    """Check a document and write it.

    Args:
        document: JSON-LD whose context is in it, so that reading it asks no server.
        path: the file.
        base: what relative IRIs in it are relative to.
        shapes: the file below ``shapes/`` that it has to fit.

    Raises:
        UsageError: it breaks a rule.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    check(read(text, base), (shapes,), path.name)
    path.write_text(text, encoding="utf-8", newline="\n")


def read(text: str, base: str) -> Graph:
    """The statements of a document; what it names is not fetched."""
    from pyoxigraph import RdfFormat, parse, serialize
    from rdflib import Graph

    triples = (quad.triple for quad in parse(text, RdfFormat.JSON_LD, base_iri=base))
    return Graph(bind_namespaces="none").parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")


def organization(described: Described) -> dict[str, Any]:
    """The publisher in schema.org's words."""
    publication = described.publication
    found = {
        "@type": "Organization",
        "@id": publication.publisher_node,
        "name": publication.publisher,
        "url": publication.contact_url,
    }
    return found | ({"email": publication.contact_email} if publication.contact_email else {})


def media_types(file: DataFile) -> list[str]:
    """The media types of a file, that of a compressed one first."""
    found = ["application/gzip"] if file.compressed else []
    return [*found, file.type.media_type or file.type.title]
