"""Any RDF or OWL file → its statements, by what it holds and not by its name, within limits.

RDF/XML, Turtle, N-Triples and JSON-LD are parsed by pyoxigraph as a stream, OWL/XML by Owlready2's own parser into
N-Triples. No parser follows imports or reaches out: DTDs and remote contexts are never fetched. What XML would let a
file do to its reader is refused before parsing: entities that name files, or that are made of entities. An element
that never ends is refused while reading. So is a file without its closing tag, which pyoxigraph takes for a whole one.

Source: https://www.w3.org/TR/rdf-syntax-grammar/, https://www.w3.org/TR/owl2-xml-serialization/,
https://www.w3.org/TR/xml/#sec-entity-decl
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.namespaces import PREFIXES
from kg.vocabularies.readers.files import open_stream, read_head

__all__ = ["RELATIVE", "Syntax", "statements", "syntax_of"]

RELATIVE: Final = "x-relative:///"
"""What the IRI of something begins with that a file names by a relative IRI, without saying relative to what."""


class Syntax(StrEnum):
    """A form that statements are written in."""

    RDF_XML = "RDF/XML"
    OWL_XML = "OWL/XML"
    TURTLE = "Turtle"
    JSON_LD = "JSON-LD"


_FORMATS: Final = {
    Syntax.RDF_XML: ox.RdfFormat.RDF_XML,
    Syntax.TURTLE: ox.RdfFormat.TURTLE,
    Syntax.JSON_LD: ox.RdfFormat.JSON_LD,
}
_CUT: Final = "the file is cut off; get it again"
_PROLOG_BYTES: Final = 64 * 2**10
_LONGEST_ENTITY: Final = 300
# A whole element of text, or an attribute, is held in memory.
_LONGEST_TEXT: Final = 16 * 2**20
_PIECE: Final = 256 * 2**10
_TAIL: Final = 8 * 2**10
_BOM: Final = b"\xef\xbb\xbf"
# "<name attribute=" or "<?", "<!": N-Triples also begin with "<", and never with these.
_XML: Final = re.compile(rb"\s*<(?:[?!]|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?\s+[A-Za-z_][\w.:-]*\s*=)")
_IRI_FIRST: Final = re.compile(rb"(?:\s|#[^\n]*\n)*(?:<[^<>\s]*>|_:\S+|\[|@prefix\b|@base\b|(?i:prefix|base)\s)")
_NAME: Final = rb"[A-Za-z][\w.-]*:[\w.-]*"
_PREFIXED_FIRST: Final = re.compile(rb"(?:\s|#[^\n]*\n)*" + _NAME + rb"\s+(?:a|" + _NAME + rb"|<[^<>\s]+>)\s")
_AFTER_THE_END: Final = re.compile(rb"\s*>(?:\s|<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)*\Z", re.DOTALL)
_LATIN: Final = re.compile(rb"<\?xml[^>]*encoding=[\"'](?!utf-?8)([\w.-]+)", re.IGNORECASE)
_OTHERS: Final = (
    (re.compile(rb"\s*(?:#[^\n]*\n\s*)*(?:Prefix|Ontology)\s*\("), "OWL functional syntax"),
    (re.compile(rb"\s*(?:#[^\n]*\n\s*)*(?:Prefix:|Ontology:)\s"), "OWL Manchester syntax"),
    (re.compile(rb"\s*<(?:!DOCTYPE\s+html|html)", re.IGNORECASE), "a web page"),
)


class _Prolog(NamedTuple):
    """What stands before the content of an XML file: the name of its root element, and what that means."""

    root: str
    syntax: Syntax | None


def syntax_of(head: bytes) -> Syntax | None:
    """The form of a file that begins with these bytes; ``None`` if it is none that is known.

    Raises:
        VocabularyError: XML that declares entities which could read files or fill the memory.

    >>> syntax_of(b"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .")
    <Syntax.TURTLE: 'Turtle'>
    >>> syntax_of(b'<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://a/b">')
    <Syntax.OWL_XML: 'OWL/XML'>
    >>> syntax_of(b"Ontology(<http://a/b>")
    """
    head = head.removeprefix(_BOM)
    if any(form.match(head) for form, _ in _OTHERS):
        return None
    if _XML.match(head) or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        prolog = _prolog(head)
        return prolog.syntax if prolog else None
    if head.lstrip()[:1] in (b"{", b"[") and b'"@' in head:
        return Syntax.JSON_LD
    return Syntax.TURTLE if _IRI_FIRST.match(head) or _PREFIXED_FIRST.match(head) else None


def statements(path: Path) -> Iterator[ox.Quad]:
    """The statements of a file, as a stream.

    IRIs are as the file has them, and may be invalid; those that it writes relative to nothing begin with
    :data:`RELATIVE`.

    Args:
        path: the file; plain, gzip or zstd.

    Raises:
        VocabularyError: it cannot be read, is of no known form, is malformed or cut off, or tries something.
    """
    head = read_head(path, _PROLOG_BYTES)
    try:
        syntax = syntax_of(head)
    except VocabularyError as error:
        raise VocabularyError(error.problem, place=str(path), remedy=error.remedy) from None
    if syntax is None:
        raise VocabularyError(_what(head), place=str(path), remedy="expected RDF/XML, OWL/XML, Turtle or N-Triples")
    return _owl_xml(path, head) if syntax is Syntax.OWL_XML else _rdf(path, syntax, head)


def _rdf(path: Path, syntax: Syntax, head: bytes) -> Iterator[ox.Quad]:
    root = _root(head) if syntax is Syntax.RDF_XML else ""
    try:
        watched = _Watched(path, root)
        with io.BufferedReader(watched, _PIECE) as stream:
            # Lenient: real files have IRIs with spaces in cross-references; what is taken of them is checked later.
            yield from ox.parse(stream, format=_FORMATS[syntax], base_iri=RELATIVE, lenient=True)
            watched.check_end()
    except SyntaxError as error:
        place = f"{path}:{error.lineno}" if error.lineno else str(path)
        raise VocabularyError(f"is not {syntax}: {_one_line(error.msg)}", place=place, remedy=_remedy(head)) from error
    except MemoryError as error:
        raise VocabularyError(f"has a term that is too long: {error}", place=str(path)) from error


def _owl_xml(path: Path, head: bytes) -> Iterator[ox.Quad]:
    # Owlready2's parser calls back for each statement; what it says goes through a file, to be taken as a stream.
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "ontology.nt"
        with target.open("wb") as file:
            _owl_xml_to_n_triples(path, _root(head), file)
        with target.open("rb") as file:
            yield from ox.parse(file, format=ox.RdfFormat.N_TRIPLES, lenient=True)


def _owl_xml_to_n_triples(path: Path, root: str, target: BinaryIO) -> None:
    from owlready2 import OwlReadyOntologyParsingError, owlxml_2_ntriples

    def node(name: object) -> ox.NamedNode | ox.BlankNode:
        text = str(name)
        return ox.BlankNode(f"b{text.removeprefix('_:')}") if text.startswith("_") else ox.NamedNode(text)

    def write(subject: object, predicate: object, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
        triple = ox.Triple(node(subject), ox.NamedNode(str(predicate)), value)
        target.write(ox.serialize([triple], format=ox.RdfFormat.N_TRIPLES) or b"")

    def write_literal(subject: object, predicate: object, text: object, kind: str) -> None:
        if kind.startswith("@"):
            literal = ox.Literal(str(text), language=kind[1:])
        else:
            literal = ox.Literal(str(text), datatype=ox.NamedNode(kind) if kind else None)
        write(subject, predicate, literal)

    try:
        watched = _Watched(path, root)
        with io.BufferedReader(watched, _PIECE) as stream:
            owlxml_2_ntriples.parse(
                stream,
                on_prepare_obj=lambda subject, predicate, value: write(subject, predicate, node(value)),
                on_prepare_data=write_literal,
            )
            watched.check_end()
    except OwlReadyOntologyParsingError as error:
        cause = error.__cause__ or error
        if isinstance(cause, VocabularyError):
            raise cause from None
        where = f"{path}:{cause.lineno}" if isinstance(cause, expat.ExpatError) else str(path)
        raise VocabularyError(f"is not OWL/XML: {_one_line(str(cause))}", place=where, remedy=_CUT) from error


class _Watched(io.RawIOBase):
    """The bytes of a file on their way to a parser, watched for what the parser does not look for itself.

    Args:
        path: the file.
        root: the name of its root element; empty if it is not XML.
    """

    def __init__(self, path: Path, root: str) -> None:
        self._path = path
        self._root = root
        self._file = open_stream(path)
        self._tail = b""
        self._without_tag = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        if self._root and piece:
            self._tail = (self._tail + piece)[-_TAIL:]
            last = piece.rfind(b"<")
            self._without_tag = self._without_tag + len(piece) if last < 0 else len(piece) - last
            if self._without_tag > _LONGEST_TEXT:
                raise VocabularyError(
                    f"has more than {_LONGEST_TEXT:,} bytes of text in one element", place=str(self._path)
                )
        return len(piece)

    def check_end(self) -> None:
        """Finds out whether the root element was closed.

        Raises:
            VocabularyError: it was not.
        """
        _, closing, rest = self._tail.rpartition(b"</" + self._root.encode())
        if self._root and not (closing and _AFTER_THE_END.match(rest)):
            raise VocabularyError(f"does not end with </{self._root}>", place=str(self._path), remedy=_CUT)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _RootReached(Exception):
    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        super().__init__(name)
        self.name = name
        self.attributes = attributes


def _prolog(head: bytes) -> _Prolog | None:
    """Reads up to the root element; ``None`` if there is none."""
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        raise _RootReached(name, attributes)

    # The parameters are expat's.
    def entity(name: str, _parameter: bool, value: str | None, *_rest: str | None) -> None:
        if value is None:
            raise VocabularyError(
                f"declares the entity {name!r} to be another file", remedy="remove it from the DOCTYPE"
            )
        if "&" in value or "%" in value or len(value) > _LONGEST_ENTITY:
            raise VocabularyError(
                f"declares the entity {name!r} by other entities, or too long", remedy="remove it from the DOCTYPE"
            )

    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(head)
    except _RootReached as found:
        prefix, _, local = found.name.rpartition(":")
        namespace = found.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
        if namespace == PREFIXES["owl"] and local == "Ontology" and "ontologyIRI" in found.attributes:
            return _Prolog(found.name, Syntax.OWL_XML)
        rdf = namespace == PREFIXES["rdf"] or PREFIXES["rdf"] in found.attributes.values()
        return _Prolog(found.name, Syntax.RDF_XML if rdf else None)
    except expat.ExpatError:
        return None
    return None


def _root(head: bytes) -> str:
    prolog = _prolog(head.removeprefix(_BOM))
    return prolog.root if prolog else ""


def _what(head: bytes) -> str:
    for form, name in _OTHERS:
        if form.match(head.removeprefix(_BOM)):
            return f"is {name}"
    return "holds no statements in a form that is known"


def _remedy(head: bytes) -> str:
    other = _LATIN.match(head)
    return f"it is in {other.group(1).decode()}; convert it to UTF-8" if other else _CUT


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
