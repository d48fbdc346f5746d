r"""One order of statements, and their text as Turtle and N-Triples.

The text itself is pyoxigraph's. What is decided here is what a serializer leaves open and what would make two
exports of the same statements differ: the order of statements, the order of the prefix lines, and which prefixes
are applied.

Names are never written with a backslash (``trial:NCT04144517\/arm\/1``). Turtle 1.1 allows it, several readers
do not know it (Virtuoso before 2019, rdflib.js), and nobody can search for it. An IRI that would need one is
written whole.

Source: https://www.w3.org/TR/turtle/#sec-grammar-grammar (PN_LOCAL, PN_LOCAL_ESC).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from kg.errors import StoreError
from kg.namespaces import PREFIXES

__all__ = [
    "RDF_TYPE",
    "natural_key",
    "ntriples",
    "ordered",
    "plain_prefixes",
    "prefix_lines",
    "turtle",
]

RDF_TYPE = PREFIXES["rdf"] + "type"

_DIGITS = re.compile("([0-9]+)")
_PLAIN_LOCAL = re.compile("([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")
_CUT = re.compile("[/#:]")
_NAMESPACES = {namespace: prefix for prefix, namespace in PREFIXES.items()}


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


def plain_prefixes(iris: Iterable[str]) -> dict[str, str]:
    """The prefixes that shorten some of these IRIs and need a backslash for none of them.

    >>> arm = "https://w3id.org/trialkg/trial/NCT04144517/arm/1"
    >>> sorted(plain_prefixes([arm, "https://w3id.org/trialkg/vocab#Arm"]))
    ['tkg']
    """
    useful: set[str] = set()
    refused: set[str] = set()
    for iri in iris:
        fitting, unfit = _prefixes_of(iri)
        useful.update(fitting)
        refused.update(unfit)
    return {prefix: PREFIXES[prefix] for prefix in PREFIXES if prefix in useful and prefix not in refused}


@lru_cache(maxsize=65_536)
def _prefixes_of(iri: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The prefix that shortens an IRI, if any, and those that would need a backslash for it."""
    # Every namespace ends in one of three characters, so that looking at the cuts is enough.
    found = [prefix for cut in _CUT.finditer(iri) if (prefix := _NAMESPACES.get(iri[: cut.end()]))]
    refused: list[str] = []
    for prefix in reversed(found):
        if _PLAIN_LOCAL.fullmatch(iri, len(PREFIXES[prefix])):
            return (prefix,), tuple(refused)
        # The serializer would now try the next shorter namespace around it, so that one is looked at too.
        refused.append(prefix)
    return (), tuple(refused)


def prefix_lines(prefixes: Mapping[str, str] = PREFIXES) -> bytes:
    """``@prefix`` lines in alphabetical order, with an empty line after them."""
    unused = NamedNode("urn:x")
    text = _text([Triple(unused, unused, unused)], RdfFormat.TURTLE, prefixes)
    lines = [line for line in text.splitlines(keepends=True) if line.startswith(b"@prefix ")]
    return b"".join(sorted(lines)) + b"\n"


def turtle(triples: Sequence[Triple]) -> bytes:
    """Statements as Turtle without prefix lines, in the order given; an empty line ends them.

    The prefixes are those of :data:`kg.namespaces.PREFIXES`; the file must begin with :func:`prefix_lines`.
    """
    prefixes = plain_prefixes(_iris(triples))
    text = _text(triples, RdfFormat.TURTLE, prefixes)
    # One line for each prefix stands before the first statement.
    body = text.split(b"\n", len(prefixes))[-1]
    return body + b"\n" if triples else b""


def ntriples(triples: Sequence[Triple]) -> bytes:
    """Statements as canonical N-Triples, in the order given."""
    return _text(triples, RdfFormat.N_TRIPLES, {})


def _text(triples: Sequence[Triple], form: RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    buffer = BytesIO()
    serialize(triples, buffer, form, prefixes=dict(prefixes))
    return buffer.getvalue()


def _iris(triples: Iterable[Triple]) -> Iterator[str]:
    seen: set[str] = set()
    for triple in triples:
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, NamedNode):
                seen.add(term.value)
            elif isinstance(term, Literal):
                seen.add(term.datatype.value)
    yield from seen
