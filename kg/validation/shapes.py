"""Loading SHACL shapes: the bundled ones, or the user's own.

A shapes file is data from outside. Nothing in it is fetched (``owl:imports`` is ignored), JavaScript and rules are
never run, SPARQL in it may neither call another server (``SERVICE``) nor load a file (``FROM``), and shapes may not
lead back to themselves. How many there may be is in :data:`kg.config.LIMITS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kg.config import LIMITS, resource
from kg.errors import InputError, ShapesError
from kg.namespaces import BASE, PREFIXES
from kg.validation.reading import read_graph
from kg.validation.recursion import refuse_recursion

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.plugins.sparql.parserutils import CompValue
    from rdflib.term import Node

__all__ = [
    "SHAPES_BASE",
    "STUDY_SHAPES",
    "VOCABULARY_SHAPES",
    "ShapesDocument",
    "descriptions",
    "load_shapes",
    "parse_shapes",
    "read_shapes_files",
]

SHAPES_BASE: Final = f"{BASE}shapes#"
"""Namespace of the bundled shapes; the name after it is the name of the rule."""

STUDY_SHAPES: Final = (
    "common.ttl",
    "lists.ttl",
    "study.ttl",
    "arm.ttl",
    "condition.ttl",
    "link.ttl",
    "outcome.ttl",
    "eligibility.ttl",
    "site.ttl",
    "party.ttl",
    "record.ttl",
    "documents.ttl",
    "submissions.ttl",
    "results.ttl",
)
"""The bundled files that a study is validated with."""

VOCABULARY_SHAPES: Final = ("vocabulary.ttl",)
"""The bundled files for a graph that holds the code lists or agents beside its studies."""

_SUFFIXES = (".ttl", ".nt")
_SH = PREFIXES["sh"]
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_UNSAFE_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_LOCAL_NAME = re.compile(r"\w([\w.-]*[\w-])?")
_PREFIX_NAME = re.compile(r"([^\W\d_]([\w.-]*[\w-])?)?")
_REFUSED = {"ServiceGraphPattern": "SERVICE", "DatasetClause": "FROM"}
_PREFIXES_OF_PYSHACL = {name: PREFIXES.get(name, "") for name in ("rdf", "rdfs", "owl")}
_PATH_VARIABLE = re.compile(r"[$?]PATH(\w*)")
_SHOWN = 300


class ShapesDocument(msgspec.Struct, frozen=True):
    """The text of some shapes, in Turtle.

    Attributes:
        text: the text, in UTF-8.
        place: what it is, for errors.
        base: what relative IRIs in it are relative to; None refuses them.
    """

    text: bytes
    place: str
    base: str | None = None


def load_shapes(paths: Sequence[Path] = (), *, vocabulary: bool = False) -> Graph:
    """The shapes of some files as one graph, or the bundled shapes when no file is named.

    Args:
        paths: Turtle or N-Triples files, or folders of them; they take the place of the bundled shapes.
        vocabulary: with the bundled shapes for studies, also those for code lists and agents.

    Returns:
        A new graph that the caller may keep and change.

    Raises:
        ShapesError: a file cannot be read or parsed, holds no shape, or asks for what shapes may not do.

    >>> len(load_shapes()) > 1000
    True
    """
    from rdflib import Graph

    graph = Graph()
    if not paths:
        for name in (*STUDY_SHAPES, *(VOCABULARY_SHAPES if vocabulary else ())):
            graph.parse(data=resource("shapes", name).read_bytes(), format="turtle", publicID=f"{BASE}shapes")
        return graph
    return parse_shapes(read_shapes_files(paths))


def read_shapes_files(paths: Sequence[Path]) -> list[ShapesDocument]:
    """The texts of some files, for :func:`parse_shapes`.

    Args:
        paths: Turtle or N-Triples files, or folders of them.

    Raises:
        ShapesError: a file cannot be read, is none that can hold shapes, or all together are too long.
    """
    documents: list[ShapesDocument] = []
    size = 0
    for file in _files(paths):
        # A device or pipe has no size, so one byte more than allowed is asked for.
        with file.open("rb") as opened:
            text = opened.read(LIMITS.shapes_bytes - size + 1)
        size += len(text)
        if size > LIMITS.shapes_bytes:
            remedy = f"shapes may have up to {LIMITS.shapes_bytes:,} bytes, all files together"
            raise ShapesError("too many shapes", place=str(file), remedy=remedy)
        documents.append(ShapesDocument(text, str(file), file.resolve().as_uri()))
    return documents


def descriptions() -> bytes:
    """Name, severity and message of every bundled rule, as N-Triples: what a store says of rules that studies break.

    >>> b"<https://w3id.org/trialkg/shapes#StudyPhaseExpected> <http://www.w3.org/ns/shacl#severity>" in descriptions()
    True
    """
    from rdflib import Graph, URIRef

    said = {URIRef(_SH + name) for name in ("name", "severity", "message")}
    graph = Graph()
    for triple in load_shapes():
        if triple[1] in said:
            graph.add(triple)
    return graph.serialize(format="nt", encoding="utf-8")


def parse_shapes(documents: Sequence[ShapesDocument], *, most: int = LIMITS.shapes_statements) -> Graph:
    """The shapes of some texts as one graph, checked for what shapes may not do.

    Args:
        documents: the texts.
        most: statements that they may have together.

    Raises:
        ShapesError: a text does not parse, they hold no shape with a target or too many, refer to themselves, or ask
            for what shapes may not do.
    """
    from rdflib import Graph

    graph = Graph()
    for document in documents:
        try:
            # N-Triples is a part of Turtle.
            graph += read_graph(
                document.text,
                "text/turtle",
                place=document.place,
                base=document.base,
                most=most - len(graph),
            )
        except InputError as error:
            raise ShapesError(error.problem, place=error.place, remedy=error.remedy) from error
    place = ", ".join(document.place for document in documents)
    _check_shapes(graph, place)
    _check_prefixes(graph, place)
    refuse_recursion(graph, place)
    _check_queries(graph, place)
    return graph


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
            if not found:
                raise ShapesError("no shapes file in this folder", place=str(path), remedy="expected .ttl or .nt files")
            yield from found
        elif not path.is_file():
            raise ShapesError("no such file", place=str(path), remedy="name a Turtle file with SHACL shapes")
        elif path.suffix not in _SUFFIXES:
            # RDF/XML and JSON-LD can name documents to be fetched while they are parsed.
            raise ShapesError(
                f"{path.suffix!r} files are not read", place=str(path), remedy="convert it to Turtle (.ttl)"
            )
        else:
            yield path


def _check_shapes(graph: Graph, place: str) -> None:
    """A file without a target would find nothing wrong with any data, which nobody means."""
    from rdflib import OWL, RDF, RDFS, URIRef

    targets = any((None, URIRef(_SH + name), None) in graph for name in _TARGETS)
    classes = {node for kind in (RDFS.Class, OWL.Class) for node in graph.subjects(RDF.type, kind)}
    shapes = set(graph.subjects(RDF.type, URIRef(f"{_SH}NodeShape")))
    if not targets and not classes & shapes:
        raise ShapesError("no shape with a target", place=place, remedy="give a node shape sh:targetClass")


def _check_prefixes(graph: Graph, place: str) -> None:
    """Refuse odd prefixes: pySHACL writes them into query text, where they could bring text of their own."""
    from rdflib import URIRef

    for namespace in graph.objects(None, URIRef(f"{_SH}namespace")):
        if _UNSAFE_IRI.search(str(namespace)):
            raise ShapesError(f"sh:namespace {str(namespace)!r} is not an IRI", place=place, remedy="correct it")
    for prefix in graph.objects(None, URIRef(f"{_SH}prefix")):
        if not _PREFIX_NAME.fullmatch(str(prefix)):
            raise ShapesError(f"sh:prefix {str(prefix)!r} is not a prefix", place=place, remedy="correct it")


def _check_queries(graph: Graph, place: str) -> None:
    from pyparsing import ParseBaseException
    from rdflib import URIRef
    from rdflib.plugins.sparql.parser import parseQuery

    declared = {str(prefix) for prefix in graph.objects(None, URIRef(f"{_SH}prefix"))}
    with_path = False
    for name in ("select", "ask", "construct"):
        for node, value in graph.subject_objects(URIRef(_SH + name)):
            text = str(value)
            where = f"{place}: sh:{name} of {node if isinstance(node, URIRef) else 'a blank node'}"
            if len(text) > LIMITS.query_bytes:
                remedy = f"up to {LIMITS.query_bytes} characters"
                raise ShapesError(f"the query has {len(text)} characters", place=where, remedy=remedy)
            try:
                parsed = parseQuery(text)
            except (ParseBaseException, RecursionError, ValueError, OverflowError) as error:
                reason = " ".join(str(error).split())[:_SHOWN]
                raise ShapesError(f"not SPARQL: {reason}", place=where, remedy="correct the query") from error
            known = declared if (node, URIRef(f"{_SH}prefixes"), None) in graph else set()
            _check_parts(list(_parts(parsed)), known | _PREFIXES_OF_PYSHACL.keys(), where)
            for variable in _PATH_VARIABLE.finditer(text):
                with_path = True
                if variable[1]:
                    remedy = "the path would be put in place of its beginning"
                    raise ShapesError(f"a variable named {variable[0]}", place=where, remedy=remedy)
    if with_path:
        _check_paths(graph, place)


def _check_paths(graph: Graph, place: str) -> None:
    """Refuse paths that, put in place of ``$PATH``, could end a string or begin something new.

    pySHACL writes them into the text of a query after it was checked, by prefix where one is declared.
    """
    from rdflib import URIRef

    namespaces = {str(namespace) for namespace in graph.objects(None, URIRef(f"{_SH}namespace"))}
    namespaces |= set(_PREFIXES_OF_PYSHACL.values())
    for iri in _path_iris(graph):
        short = [iri.replace(namespace, "") for namespace in namespaces if iri.startswith(namespace)]
        if "'" in iri or not all(_LOCAL_NAME.fullmatch(local) for local in short):
            remedy = "declare a prefix after which only a plain name is left, or none"
            raise ShapesError(f"{iri!r} cannot be put in place of $PATH", place=place, remedy=remedy)


def _path_iris(graph: Graph) -> set[str]:
    """The IRIs that the paths of the shapes are made of."""
    from rdflib import BNode, URIRef

    pending: list[Node] = list(graph.objects(None, URIRef(f"{_SH}path")))
    seen: set[Node] = set()
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            if isinstance(node, BNode):
                pending.extend(graph.objects(node, None))
    return {str(node) for node in seen if isinstance(node, URIRef)}


def _check_parts(parts: list[CompValue], known: set[str], where: str) -> None:
    known = known | {part.prefix or "" for part in parts if part.name == "PrefixDecl"}
    for part in parts:
        if part.name in _REFUSED:
            word = _REFUSED[part.name]
            raise ShapesError(f"{word} is not allowed in shapes", place=where, remedy="ask the data graph only")
        if part.name == "pname" and (part.prefix or "") not in known:
            remedy = "declare it with sh:declare and point to it with sh:prefixes"
            raise ShapesError(f"prefix {part.prefix!r} is not declared", place=where, remedy=remedy)


def _parts(tree: Any) -> Iterator[CompValue]:
    """All parts of a parsed query that have a name, found without recursion: nesting is the writer's choice."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    stack = [tree]
    while stack:
        part = stack.pop()
        if isinstance(part, CompValue):
            yield part
            stack.extend(part.values())
        elif isinstance(part, ParseResults | list | tuple):
            stack.extend(part)
