"""Constraints on single values, as functions over N-Triples terms: the same answers as pySHACL, and fast.

Text decides where it can; where the value of a literal counts, it is read as rdflib reads it, once for each term.

Source: https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

import datetime
import logging
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from kg.errors import ShapesError
from kg.namespaces import PREFIXES
from kg.validation.data import NotCompiledError

if TYPE_CHECKING:
    from rdflib import Literal
    from rdflib.term import Node

__all__ = [
    "Accepts",
    "comes_before",
    "compares",
    "exact_number",
    "fused",
    "in_languages",
    "is_one_of",
    "lexical",
    "literal",
    "node_kind",
    "node_of",
    "of_datatype",
    "of_length",
    "quiet",
    "text_of",
    "with_pattern",
]

Accepts = Callable[[str], bool]
"""Whether a term conforms."""

_SH: Final = PREFIXES["sh"]
_XSD: Final = PREFIXES["xsd"]
_PLAIN: Final = f"{_XSD}string"
_LANGUAGE: Final = f"{PREFIXES['rdf']}langString"
_KNOWN_VALUES: Final[dict[str, type]] = {
    f"{_XSD}integer": int,
    f"{_XSD}float": float,
    f"{_XSD}decimal": Decimal,
    f"{_XSD}boolean": bool,
    f"{_XSD}date": datetime.date,
    f"{_XSD}time": datetime.time,
    f"{_XSD}dateTime": datetime.datetime,
}
"""The types of Python that pySHACL asks for."""
_EVERY_LITERAL: Final = frozenset({f"{PREFIXES['rdfs']}Literal", f"{PREFIXES['rdfs']}Datatype"})
_EXACT: Final = re.compile(
    rf'"(-?[0-9]{{1,18}})"\^\^<{re.escape(_XSD)}integer>|"(-?[0-9]{{1,18}}(?:\.[0-9]{{1,18}})?)"\^\^<{re.escape(_XSD)}decimal>'
)
_EXACT_KINDS: Final = (int, Decimal)
_KINDS: Final = {
    "IRI": "<",
    "BlankNode": "_",
    "Literal": '"',
    "BlankNodeOrIRI": "<_",
    "BlankNodeOrLiteral": '_"',
    "IRIOrLiteral": '<"',
}
# pySHACL logs what it also reports or raises; rdflib logs a traceback for each literal that is none of its datatype.
_LOGGERS: Final = ("pyshacl-validate", "rdflib.term")
_REMEMBERED: Final = 65_536


def text_of(node: Node) -> str:
    """A term of rdflib as N-Triples text, in the spelling that pyoxigraph gives it.

    >>> import rdflib
    >>> text_of(rdflib.Literal("a", datatype=rdflib.XSD.string)), text_of(rdflib.URIRef("a:b"))
    ('"a"', '<a:b>')
    """
    import pyoxigraph as ox
    from rdflib import BNode, Literal, URIRef

    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, BNode):
        return f"_:{node}"
    if not isinstance(node, Literal):
        raise NotCompiledError(f"{node!r} is no term")
    if node.language:
        return str(ox.Literal(str(node), language=node.language))
    return str(ox.Literal(str(node), datatype=ox.NamedNode(node.datatype) if node.datatype else None))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' own log lines and warnings off the terminal; what they find is in the report."""

    def refuse(_: logging.LogRecord) -> bool:
        return False

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(refuse)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(refuse)


@lru_cache(_REMEMBERED)
def literal(text: str) -> Literal:
    """A literal as rdflib reads it, in the form that it is written."""
    import pyoxigraph as ox
    from rdflib import Literal, URIRef

    if text[-1] == ">" and "\\" not in text:
        form, _, kind = text[1:-1].rpartition('"^^<')
        return Literal(form, datatype=URIRef(kind), normalize=False)
    found = next(iter(ox.parse(f"<a:a> <a:a> {text} .", format=ox.RdfFormat.N_TRIPLES))).object
    if not isinstance(found, ox.Literal):
        raise TypeError(f"{text} is no literal")
    if found.language:
        return Literal(found.value, lang=found.language)
    kind = found.datatype.value
    return Literal(found.value, datatype=None if kind == _PLAIN else URIRef(kind), normalize=False)


def node_of(text: str) -> Node:
    """A term as rdflib has it."""
    from rdflib import BNode, URIRef

    if text[0] == "<":
        return URIRef(text[1:-1])
    return BNode(text[2:]) if text[0] == "_" else literal(text)


def lexical(text: str) -> str:
    r"""What SPARQL's ``STR`` gives for an IRI or a literal.

    >>> lexical("<a:b>"), lexical('"x"'), lexical(r'"a\"b"@en'), lexical('"1"^^<a:n>')
    ('a:b', 'x', 'a"b', '1')
    """
    if text[0] == "<":
        return text[1:-1]
    return str(literal(text)) if "\\" in text else text[1 : text.rindex('"')]


def of_datatype(datatype: str) -> Accepts:
    """``sh:datatype``: literals of a datatype that are well-formed.

    >>> accepts = of_datatype(PREFIXES["xsd"] + "integer")
    >>> accepts('"1"^^<http://www.w3.org/2001/XMLSchema#integer>'), accepts('"1"')
    (True, False)

    Raises:
        NotCompiledError: a datatype of which every literal is.
    """
    if datatype in _EVERY_LITERAL:
        raise NotCompiledError(f"sh:datatype {datatype} holds for all literals")
    if datatype == _PLAIN:
        return _is_text
    if datatype == _LANGUAGE:
        return lambda text: text[0] == '"' and text[text.rindex('"') + 1 : text.rindex('"') + 2] == "@"
    return partial(_is_of_datatype, f'"^^<{datatype}>', _KNOWN_VALUES.get(datatype))


def _is_of_datatype(end: str, kind: type | None, text: str) -> bool:
    if not text.endswith(end) or text[0] != '"':
        return False
    return (kind in _EXACT_KINDS and exact_number(text) is not None) or _is_well_formed(text, kind)


@lru_cache(_REMEMBERED)
def exact_number(text: str) -> Decimal | None:
    """The value of an ``xsd:integer`` or ``xsd:decimal``, which needs no rdflib; None for any other term.

    >>> exact_number('"-1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'), exact_number('"1"')
    (Decimal('-1.50'), None)
    """
    match = _EXACT.fullmatch(text)
    return Decimal(match[1] or match[2]) if match else None


@lru_cache(_REMEMBERED)
def _is_well_formed(text: str, kind: type | None) -> bool:
    found = literal(text)
    return not found.ill_typed and (kind is None or isinstance(found.value, kind))


def fused(accepts: Sequence[Accepts]) -> tuple[Accepts, ...]:
    """The same tests, the most frequent pair of them as one."""
    if _is_text in accepts and _is_not_empty in accepts:
        return (_is_filled_text, *(one for one in accepts if one not in (_is_text, _is_not_empty)))
    return tuple(accepts)


def _is_text(text: str) -> bool:
    return text[0] == '"' and text[-1] == '"'


def _is_not_empty(text: str) -> bool:
    # Only the empty literal is shorter. An IRI has letters, and a datatype or language stands behind the quote.
    return text[0] != "_" and text[:2] != '""'


def _is_filled_text(text: str) -> bool:
    return text[0] == '"' and text[-1] == '"' and len(text) > len('""')


def node_kind(name: str) -> Accepts:
    """``sh:nodeKind``, by the local name of its value.

    Raises:
        NotCompiledError: no such kind.
    """
    if name not in _KINDS:
        raise NotCompiledError(f"sh:nodeKind {name} does not exist")
    first = _KINDS[name]
    return lambda text: text[0] in first


def with_pattern(pattern: str, flags: str) -> Accepts:
    """``sh:pattern`` with ``sh:flags``, read as pySHACL does: Python's, of which it knows ``i`` and ``m``.

    Raises:
        NotCompiledError: no regular expression of Python.
    """
    options = (re.IGNORECASE if "i" in flags.lower() else 0) | (re.MULTILINE if "m" in flags.lower() else 0)
    try:
        search = re.compile(pattern, options).search
    except re.error as error:
        raise NotCompiledError(f"sh:pattern {pattern!r}: {error}") from error

    def accepts(text: str) -> bool:
        if text[0] == "<":
            return search(text[1:-1]) is not None
        return text[0] != "_" and search(lexical(text)) is not None

    return accepts


def of_length(least: int, most: int | None) -> Accepts:
    """``sh:minLength`` and ``sh:maxLength``.

    >>> of_length(1, None)('""'), of_length(0, 2)('"abc"')
    (False, False)
    """
    if least == 1 and most is None:
        return _is_not_empty

    def accepts(text: str) -> bool:
        if text[0] == "_":
            return least == 0 and most is None
        length = len(lexical(text))
        return length >= least and (most is None or length <= most)

    return accepts


def is_one_of(terms: Collection[str]) -> Accepts:
    """``sh:in``."""
    return frozenset(terms).__contains__


def in_languages(tags: Collection[str]) -> Accepts:
    """``sh:languageIn``.

    >>> in_languages(["en"])('"colour"@en-gb'), in_languages(["en"])('"couleur"@fr'), in_languages(["en"])('"x"')
    (True, False, False)
    """
    wanted = frozenset(tag.lower() for tag in tags)

    def accepts(text: str) -> bool:
        if text[0] != '"':
            return False
        tag = text[text.rindex('"') + 1 :].lower()
        if tag[:1] != "@":
            return False
        return "*" in wanted or tag[1:] in wanted or tag[1:].partition("-")[0] in wanted

    return accepts


def compares(limit: Literal, conforms: Callable[[int], bool]) -> Accepts:
    """``sh:minInclusive`` and the other ranges.

    Args:
        limit: what values are compared with.
        conforms: whether they may be less (below 0), equal (0) or more (above 0).
    """
    limit_is_text = isinstance(limit.value, str)
    exact_limit = exact_number(text_of(limit))

    @lru_cache(_REMEMBERED)
    def accepts(text: str) -> bool:
        from pyshacl.rdfutil.compare import compare_literal

        number = exact_number(text)
        if number is not None and exact_limit is not None:
            return conforms((number > exact_limit) - (number < exact_limit))
        if text[0] != '"':
            return False
        value = literal(text)
        if isinstance(value.value, str) != limit_is_text:
            return False
        try:
            return conforms(compare_literal(value, limit))  # type: ignore[no-untyped-call]
        except (TypeError, NotImplementedError):
            return False

    return accepts


def comes_before(first: str, second: str, *, or_equals: bool) -> bool:
    """``sh:lessThan`` and ``sh:lessThanOrEquals`` of two terms.

    Raises:
        ShapesError: they do not compare; pySHACL stops there too.
    """
    if "_" in (first[0], second[0]):
        raise _not_comparable(first, second)
    one, other = _comparable(first), _comparable(second)
    if (type(one) is str) is not (type(other) is str):
        return False
    try:
        return bool(one <= other) if or_equals else bool(one < other)
    except TypeError as error:
        raise _not_comparable(first, second) from error


def _not_comparable(first: str, second: str) -> ShapesError:
    problem = f"the shapes cannot be evaluated: {first} and {second} do not compare"
    return ShapesError(problem, remedy="correct the shape")


def _comparable(text: str) -> Any:
    """IRIs and texts as ``str``, other literals as rdflib compares them."""
    if text[0] == "<":
        return text[1:-1]
    found = literal(text)
    return found.value if isinstance(found.value, str) else found
