"""Loading SHACL shapes: the bundled ones, or the user's own.

A shapes file is data from outside. Nothing in it is fetched (``owl:imports`` is ignored), JavaScript and rules are
never run, and SPARQL in it may neither call another server (``SERVICE``) nor load a file (``FROM``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.config import LIMITS, resource
from kg.errors import ShapesError
from kg.namespaces import BASE, PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.plugins.sparql.parserutils import CompValue

__all__ = ["SHAPES_BASE", "STUDY_SHAPES", "VOCABULARY_SHAPES", "load_shapes"]

SHAPES_BASE: Final = f"{BASE}shapes#"
"""Namespace of the bundled shapes; the name after it is the name of the rule."""

STUDY_SHAPES: Final = (
    "common.ttl",
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
_PREFIX_NAME = re.compile(r"([^\W\d_]([\w.-]*[\w-])?)?")
_REFUSED = {"ServiceGraphPattern": "SERVICE", "DatasetClause": "FROM"}
_PREFIXES_OF_PYSHACL = {"rdf", "rdfs", "owl"}


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
    for file in _files(paths):
        _parse(file, graph)
    place = ", ".join(map(str, paths))
    _check_shapes(graph, place)
    _check_terms(graph, place)
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


def _parse(file: Path, graph: Graph) -> None:
    from rdflib.plugins.parsers.notation3 import BadSyntax

    size = file.stat().st_size
    if size > LIMITS.page_bytes:
        remedy = f"shapes files may have up to {LIMITS.page_bytes} bytes"
        raise ShapesError(f"the file has {size} bytes", place=str(file), remedy=remedy)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShapesError(
            f"byte {error.start} is not UTF-8", place=str(file), remedy="save the file as UTF-8"
        ) from error
    try:
        # N-Triples is a part of Turtle, and only the Turtle parser says in which line it failed.
        graph.parse(data=text, format="turtle", publicID=file.resolve().as_uri())
    except BadSyntax as error:
        reason = " ".join(str(error).partition(":\n")[2].partition(" at ^ in:")[0].split())
        place = f"{file}:{error.lines + 1}"
        raise ShapesError(reason or "not Turtle", place=place, remedy="correct the Turtle") from error
    except (IndexError, RecursionError, ValueError) as error:
        # The parser of rdflib reads past the end of a file that breaks off inside brackets.
        problem = "breaks off too early" if isinstance(error, IndexError) else str(error)
        raise ShapesError(f"not Turtle: {problem}", place=str(file), remedy="correct the Turtle") from error


def _check_shapes(graph: Graph, place: str) -> None:
    """A file without a target would find nothing wrong with any data, which nobody means."""
    from rdflib import OWL, RDF, RDFS, URIRef

    targets = any((None, URIRef(_SH + name), None) in graph for name in _TARGETS)
    classes = {node for kind in (RDFS.Class, OWL.Class) for node in graph.subjects(RDF.type, kind)}
    shapes = set(graph.subjects(RDF.type, URIRef(f"{_SH}NodeShape")))
    if not targets and not classes & shapes:
        raise ShapesError("no shape with a target", place=place, remedy="give a node shape sh:targetClass")


def _check_terms(graph: Graph, place: str) -> None:
    """Refuse odd IRIs and prefixes: pySHACL writes them into query text, where they could bring text of their own."""
    from rdflib import URIRef

    for triple in graph:
        for term in triple:
            if isinstance(term, URIRef) and _UNSAFE_IRI.search(term):
                raise ShapesError(f"{str(term)!r} is not an IRI", place=place, remedy="take the odd characters out")
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
    for name in ("select", "ask", "construct"):
        for node, value in graph.subject_objects(URIRef(_SH + name)):
            text = str(value)
            where = f"{place}: sh:{name} of {node}"
            if len(text) > LIMITS.query_bytes:
                remedy = f"up to {LIMITS.query_bytes} characters"
                raise ShapesError(f"the query has {len(text)} characters", place=where, remedy=remedy)
            try:
                parsed = parseQuery(text)
            except (ParseBaseException, RecursionError) as error:
                raise ShapesError(f"not SPARQL: {error}", place=where, remedy="correct the query") from error
            known = declared if (node, URIRef(f"{_SH}prefixes"), None) in graph else set()
            _check_parts(list(_parts(parsed)), known | _PREFIXES_OF_PYSHACL, where)


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
