"""The statements of anything that can be sent to a store elsewhere, always the same in the same order.

A blank node would be a new one each time it is sent, so that a load could not go on where it was. Each becomes an IRI
made of the file's content and of its place in it.

Source: https://www.w3.org/TR/rdf11-concepts/#section-skolemization
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import InputError
from kg.linking.linker import load_linker
from kg.pipeline.choose import choose, chosen
from kg.pipeline.convert import convert
from kg.sources import Inputs, Reject
from kg.store.embedded import reading
from kg.store.generations import StoreDirectory
from kg.store.xml import NotWhole, require_whole
from kg.vocabularies.installed import statements as vocabulary_statements
from kg.vocabularies.readers.files import open_stream

__all__ = ["GENID", "Sent", "statements_of"]

GENID: Final = "https://w3id.org/trialkg/.well-known/genid/"
"""What the IRIs of blank nodes begin with."""

_PIECE: Final = 2**20
_DIGITS: Final = 16
_PACKED: Final = (".gz", ".zst")
_RDF: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}


class Sent(NamedTuple):
    """One statement: the IRI of its graph, empty for the default graph, and its line of N-Triples without the end."""

    graph: str
    line: str


def statements_of(inputs: Sequence[str], *, vocabularies: bool, reject: Callable[[Reject], None]) -> Iterator[Sent]:
    """The statements of stores, RDF files and records, in this order.

    Args:
        inputs: store directories; RDF files, by their ending, plain or packed; anything else is records.
        vocabularies: whether those of the package come first, for records that are not in a store.
        reject: told of each record that could not be converted.

    Raises:
        InputError: something cannot be read, or there is nothing.
        StoreError: a store cannot be opened.
    """
    if vocabularies:
        for piece in vocabulary_statements():
            yield from _lines(piece)
    stores = [given for given in inputs if Path(given, "store-format").is_file()]
    files = [given for given in inputs if given not in stores and _format(Path(given))]
    for given in stores:
        yield from _of_store(Path(given))
    for given in files:
        yield from _of_file(Path(given))
    records = [given for given in inputs if given not in stores and given not in files]
    if records:
        yield from _of_records(records, reject)


def _of_store(directory: Path) -> Iterator[Sent]:
    with reading(StoreDirectory(directory).newest()) as store:
        named = sorted((name for name in store.named_graphs() if isinstance(name, ox.NamedNode)), key=str)
        graphs: tuple[ox.DefaultGraph | ox.NamedNode, ...] = (ox.DefaultGraph(), *named)
        for graph in graphs:
            iri = graph.value if isinstance(graph, ox.NamedNode) else ""
            yield from _skolemised(store.quads_for_pattern(None, None, None, graph), f"{GENID}{directory.name}/", iri)


def _of_file(path: Path) -> Iterator[Sent]:
    form = _format(path)
    with open_stream(path) as stream:
        digest = hashlib.sha256()
        while piece := stream.read(_PIECE):
            digest.update(piece)
    try:
        if form == ox.RdfFormat.RDF_XML:
            with open_stream(path) as stream:
                require_whole(stream)
        with open_stream(path) as stream:
            quads = ox.parse(stream, format=form, base_iri=path.absolute().as_uri())
            yield from _skolemised(quads, f"{GENID}{digest.hexdigest()[:_DIGITS]}/")
    except NotWhole as error:
        raise InputError(f"is not whole: {error}", place=f"{path}:{error.line}", remedy="get it again") from None
    except SyntaxError as error:
        raise InputError(f"does not parse: {error}", place=str(path), remedy=f"expected {form}") from None


def _skolemised(quads: Iterable[ox.Quad], genid: str, graph: str | None = None) -> Iterator[Sent]:
    names: dict[str, ox.NamedNode] = {}

    def named(node: ox.BlankNode) -> ox.NamedNode:
        return names.setdefault(node.value, ox.NamedNode(f"{genid}{len(names)}"))

    for quad in quads:
        subject, value, where = quad.subject, quad.object, quad.graph_name
        if isinstance(subject, ox.BlankNode):
            subject = named(subject)
        if isinstance(value, ox.BlankNode):
            value = named(value)
        if isinstance(where, ox.BlankNode):
            where = named(where)
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise InputError("a statement about a statement is not sent", remedy="leave it out")
        iri = where.value if isinstance(where, ox.NamedNode) else ""
        yield Sent(iri if graph is None else graph, f"{subject} {quad.predicate} {value}")


def _of_records(records: Sequence[str], reject: Callable[[Reject], None]) -> Iterator[Sent]:
    load_linker()
    found = 0
    last: Reject | None = None
    with Inputs(records) as opened:
        for part in convert(chosen(opened, choose(opened))):
            for last in part.rejects:
                reject(last)
            found += len(part.converted)
            yield from _lines(part.ntriples)
    if not found:
        raise InputError(last.reason if last else "there is nothing to load", place=last.place if last else "")


def _lines(document: bytes) -> Iterator[Sent]:
    for line in document.decode().split("\n"):
        if line:
            yield Sent("", line.removesuffix(".").rstrip())


def _format(path: Path) -> ox.RdfFormat | None:
    suffix = Path(path.stem).suffix if path.suffix.lower() in _PACKED else path.suffix
    return _RDF.get(suffix.lower())
