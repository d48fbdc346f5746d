r"""One order of statements, and their text as Turtle and N-Triples.

What a serializer leaves open, and what would make two exports of the same statements differ, is decided here: the order
of statements, of values and of prefix lines, and which names are shortened how.

Turtle is made from lines of N-Triples, without an object for each term: a study at a time, several times as fast as by
way of a library. Most literals are the same in both and are copied.

Names are never written with a backslash (``trial:NCT04144517\/arm\/1``). Turtle 1.1 allows it, several readers
do not know it (Virtuoso before 2019, rdflib.js), and nobody can search for it. Studies and their parts are relative to
the base, ``<NCT04144517/arm/1>``, other names have their prefix, and what neither fits is written whole.

Source: https://www.w3.org/TR/turtle/#sec-grammar-grammar (PN_LOCAL, PN_LOCAL_ESC, STRING_LITERAL_LONG_QUOTE),
https://www.w3.org/TR/n-triples/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kg.errors import StoreError
from kg.namespaces import PREFIXES

__all__ = [
    "RDF_TYPE",
    "Subjects",
    "lines_of",
    "literal_text",
    "natural_key",
    "ntriples",
    "ordered",
    "prefix_lines",
    "prefixed",
    "subjects",
    "turtle",
    "turtle_of",
]

RDF_TYPE: Final = PREFIXES["rdf"] + "type"

Subjects = list[tuple[bytes, list[tuple[bytes, list[bytes]]]]]
"""Subjects, their predicates, and their values, each as N-Triples has it."""

_DIGITS = re.compile("([0-9]+)")
_DIGITS_OF_BYTES = re.compile(rb"[0-9]+")
_PLAIN_LOCAL = re.compile("([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")
_CUT = re.compile("[/#:]")
_NAMESPACES = {namespace: prefix for prefix, namespace in PREFIXES.items()}

_TYPE: Final = f"<{RDF_TYPE}>".encode()
_BASE: Final = f"<{PREFIXES['trial']}".encode()
# No segment begins with a dot, so that nothing is resolved to another place.
_RELATIVE = re.compile(re.escape(_BASE) + rb"NCT[0-9]{8}(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*>")
_STUDY: Final = len(_BASE) + len("NCT00000000")
_INTEGER = re.compile(rb"[+-]?[0-9]+")
_DECIMAL = re.compile(rb"[+-]?[0-9]*\.[0-9]+")
_DOUBLE = re.compile(rb"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+")
_BARE: Final = {
    f"<{PREFIXES['xsd']}integer>".encode(): _INTEGER,
    f"<{PREFIXES['xsd']}decimal>".encode(): _DECIMAL,
    f"<{PREFIXES['xsd']}double>".encode(): _DOUBLE,
    f"<{PREFIXES['xsd']}boolean>".encode(): re.compile(rb"true|false"),
}
_ESCAPE = re.compile(rb"\\(.)")
_CACHED: Final = 65_536


def natural_key(text: str) -> tuple[str | int, ...]:
    """Text as people sort it: runs of digits by their value.

    >>> sorted(["arm/10", "arm/2", "arm/2/use/1", "arm"], key=natural_key)
    ['arm', 'arm/2', 'arm/2/use/1', 'arm/10']
    """
    parts: list[str | int] = list(_DIGITS.split(text))
    for at in range(1, len(parts), 2):
        parts[at] = int(parts[at])
    return tuple(parts)


@lru_cache(maxsize=65_536)
def _iri_key(iri: str) -> tuple[tuple[str | int, ...], str]:
    # The IRI itself decides between "01" and "1", which have the same value.
    return natural_key(iri), iri


def ordered(triples: Iterable[Triple], *, place: str = "") -> list[Triple]:
    """Statements in the order of the export, each once.

    Subjects by :func:`natural_key`, so that a study comes before its parts and arm 2 before arm 10; then
    ``rdf:type`` before the other predicates; then IRIs before literals.

    Args:
        triples: statements of one study, or of one concept.
        place: what they belong to, for the error message.

    Raises:
        StoreError: a subject or object is a blank node, which has no stable place in any order.
    """
    keyed = []
    for triple in set(triples):
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if not isinstance(subject, NamedNode) or not isinstance(value, NamedNode | Literal):
            node = value if isinstance(subject, NamedNode) else subject
            kind = "blank node" if isinstance(node, BlankNode) else "triple term"
            raise StoreError(
                f"{kind} {node} in the statements of the store",
                place=place,
                remedy="every node of a study has an IRI; convert the study again",
            )
        name = predicate.value
        object_key = (0, *_iri_key(value.value)) if isinstance(value, NamedNode) else (1, (), str(value))
        keyed.append(((_iri_key(subject.value), name != RDF_TYPE, name, object_key), triple))
    keyed.sort(key=lambda pair: pair[0])
    return [triple for _, triple in keyed]


@lru_cache(maxsize=_CACHED)
def prefixed(iri: str) -> str:
    """The prefixed name of an IRI, if one needs no backslash; else ``""``.

    >>> prefixed("https://w3id.org/trialkg/vocab#Arm"), prefixed("https://w3id.org/trialkg/trial/NCT04144517/arm/1")
    ('tkg:Arm', '')
    """
    # Every namespace ends in one of three characters, so that looking at the cuts is enough.
    for cut in reversed(list(_CUT.finditer(iri))):
        prefix = _NAMESPACES.get(iri[: cut.end()])
        if prefix and _PLAIN_LOCAL.fullmatch(iri, cut.end()):
            return f"{prefix}:{iri[cut.end() :]}"
    return ""


def prefix_lines(prefixes: Collection[str] = PREFIXES) -> bytes:
    """The lines that a file of Turtle or TriG begins with: base and prefixes in alphabetical order, an empty line."""
    lines = [f"@base <{PREFIXES['trial']}> .\n"]
    lines += sorted(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in prefixes)
    return "".join([*lines, "\n"]).encode()


def ntriples(triples: Sequence[Triple]) -> bytes:
    """Statements as canonical N-Triples, in the order given."""
    buffer = BytesIO()
    serialize(triples, buffer, RdfFormat.N_TRIPLES)
    return buffer.getvalue()


def lines_of(triples: Iterable[Triple]) -> list[bytes]:
    """Statements as lines of N-Triples, each once, in the order of their bytes."""
    return sorted({line + b"\n" for line in ntriples(list(triples)).split(b"\n") if line})


def turtle(triples: Iterable[Triple]) -> bytes:
    """Statements as Turtle without prefix lines, in the one order; an empty line follows each subject.

    The file must begin with :func:`prefix_lines`. Blank nodes keep the names they have.
    """
    return turtle_of(subjects(lines_of(triples)))


def subjects(lines: Iterable[bytes]) -> Subjects:
    """Lines of N-Triples as subjects, their predicates, and their values, in the one order.

    Args:
        lines: distinct lines with their line ends, sorted.
    """
    about: dict[bytes, dict[bytes, list[bytes]]] = {}
    subject, values = b"", dict[bytes, list[bytes]]()
    for line in lines:
        of, predicate, value = line[:-3].split(b" ", 2)
        if of != subject:
            subject, values = of, about.setdefault(of, {})
        if predicate in values:
            values[predicate].append(value)
        else:
            values[predicate] = [value]
    start = subject[:_STUDY]
    if start.startswith(_BASE) and all(of.startswith(start) for of in about):
        # All begin with the same study, whose number ends before a slash or the end.
        order = sorted(about, key=lambda of: _bytes_key(of[_STUDY:-1]))
    else:
        order = sorted(about, key=_term_key)
    places = dict(zip(order, range(len(order)), strict=True))
    for values in about.values():
        for several in values.values():
            if len(several) > 1 and several[-1][:1] != b'"':
                _sort_values(several, places)
    return [(of, [(name, about[of][name]) for name in _in_order(tuple(about[of]))]) for of in order]


def literal_text(term: bytes) -> tuple[str, bytes]:
    r"""The text of a literal as N-Triples has it, and its datatype or language: ``<…>``, ``@en``, or nothing.

    >>> literal_text(b'"a \\"b\\""@en'), literal_text(b'"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    (('a "b"', b'@en'), ('1', b'<http://www.w3.org/2001/XMLSchema#integer>'))
    """
    text, _, kind = term.rpartition(b'"')
    # Canonical N-Triples escapes no otherwise than JSON.
    plain = json.loads(text + b'"') if b"\\" in text else text[1:].decode()
    return plain, kind.removeprefix(b"^^")


def turtle_of(found: Subjects) -> bytes:
    """Statements as Turtle without prefix lines; an empty line follows each subject.

    Args:
        found: what :func:`subjects` gives: all that a file says about a subject in one call.
    """
    parts: list[bytes] = []
    add = parts.append
    names: dict[bytes, bytes] = {}
    for subject, predicates in found:
        name = names.get(subject)
        if name is None:
            name = names[subject] = _name(subject)
        add(name)
        before = b" "
        for predicate, values in predicates:
            add(before)
            add(_predicate(predicate))
            before = b" "
            for value in values:
                add(before)
                # A literal that reads the same is copied; so are most of them.
                if value[:1] == b"<":
                    name = names.get(value)
                    if name is None:
                        name = names[value] = _name(value)
                    add(name)
                elif value[-1:] == b'"' and b"\\n" not in value:
                    add(value)
                else:
                    add(_literal(value))
                before = b" ,\n        "
            before = b" ;\n    "
        add(b" .\n\n")
    return b"".join(parts)


def _sort_values(values: list[bytes], places: Mapping[bytes, int]) -> None:
    """IRIs before literals; they come in the order of their bytes, which is that of literals among themselves."""
    try:
        # Most lists name parts of the same study, whose order is known already.
        values.sort(key=places.__getitem__)
    except KeyError:
        values.sort(key=lambda value: (value[:1] == b'"', b"" if value[:1] == b'"' else _term_key(value)))


def _term_key(term: bytes) -> bytes:
    return _bytes_key(term[1:-1])


def _bytes_key(iri: bytes) -> bytes:
    """What sorts as :func:`natural_key` does: a number after its length, so that bytes compare by value."""
    # The IRI itself decides between "01" and "1"; no IRI has a byte below 33.
    return _DIGITS_OF_BYTES.sub(_number_key, iri) + b"\0\0" + iri


def _number_key(match: re.Match[bytes]) -> bytes:
    digits = match[0].lstrip(b"0")
    return b"\0%c%b" % (min(len(digits), 254) + 1, digits)


@lru_cache(maxsize=_CACHED)
def _in_order(predicates: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(sorted(predicates, key=lambda predicate: (predicate != _TYPE, predicate[1:-1])))


@lru_cache(maxsize=_CACHED)
def _predicate(term: bytes) -> bytes:
    return b"a" if term == _TYPE else _name(term)


def _name(term: bytes) -> bytes:
    """An IRI, or a blank node."""
    if term.startswith(_BASE) and _RELATIVE.fullmatch(term):
        return b"<" + term[len(_BASE) :]
    return _shortened(term)


@lru_cache(maxsize=_CACHED)
def _shortened(term: bytes) -> bytes:
    return (prefixed(term[1:-1].decode()).encode() or term) if term[:1] == b"<" else term


def _literal(term: bytes) -> bytes:
    if term[:1] != b'"':
        return term
    if term[-1:] == b">":
        return _typed(term) if len(term) < 100 else _long_typed(term)
    text, quote, tag = term.rpartition(b'"')
    return _long(text[1:]) + tag if b"\\n" in text else text + quote + tag


@lru_cache(maxsize=_CACHED)
def _typed(term: bytes) -> bytes:
    return _long_typed(term)


def _long_typed(term: bytes) -> bytes:
    text, _, datatype = term[1:].rpartition(b'"^^')
    bare = _BARE.get(datatype)
    if bare and bare.fullmatch(text):
        return text
    return (_long(text) if b"\\n" in text else b'"' + text + b'"') + b"^^" + _shortened(datatype)


def _long(text: bytes) -> bytes:
    """Text with line ends as a long literal, where quotes and line ends stand for themselves."""
    long = _ESCAPE.sub(_unescape, text)
    if b'"""' in long or long.endswith(b'"'):
        long = _ESCAPE.sub(_unescape_lines, text)
    return b'"""' + long + b'"""'


def _unescape(match: re.Match[bytes]) -> bytes:
    return _STANDS_FOR.get(match[1], match[0])


def _unescape_lines(match: re.Match[bytes]) -> bytes:
    return b"\n" if match[1] == b"n" else match[0]


_STANDS_FOR: Final = {b"n": b"\n", b'"': b'"'}
