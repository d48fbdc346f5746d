"""Small graphs as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from kg.server.negotiation import Format

__all__ = ["write_graph"]


def write_graph(triples: Iterable[ox.Triple], chosen: Format, prefixes: Mapping[str, str]) -> bytes:
    """Statements in an RDF format, with those of the prefixes that they use."""
    kept = list(triples)
    plain = ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b""
    used = {prefix: iri for prefix, iri in prefixes.items() if f"<{iri}".encode() in plain}
    return ox.serialize(kept, format=ox.RdfFormat.from_media_type(chosen.media_type), prefixes=used) or b""
