"""Studies with something wrong, drawn from a seed, for engines to agree on; what is wrong is theirs to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Final

from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.namespaces import BASE

__all__ = ["mutated", "together"]

_NUMBER: Final = re.compile("NCT[0-9]{8}")
_SHARED: Final = re.compile(rf"({re.escape(BASE)}(?:agent|organization)/)([^/> ]+)")
_TEXTS: Final = ("", " ", "-1", "0", "1", "1.5", "true", "2020-02", "2020-02-30", "P18Y", "25° N", r"\1", "a\nb")
_DATATYPES: Final = (
    *(XSD.string, XSD.boolean, XSD.integer, XSD.decimal, XSD.double, XSD.nonNegativeInteger, XSD.anyURI),
    *(XSD.date, XSD.gYear, XSD.gYearMonth, XSD.dateTime, XSD.duration),
)


def mutated(studies: Sequence[Graph], number: int, seed: int) -> Iterator[Graph]:
    """Copies of some studies, each with one to four changes; the same seed gives the same copies."""
    random = Random(seed)
    for _ in range(number):
        # As text: rdflib's own order of literals depends on the order that they come in.
        triples = sorted(random.choice(studies), key=lambda triple: [term.n3() for term in triple])
        for _ in range(random.randint(1, 4)):
            change = random.choice(_CHANGES)
            change(triples, random)
        study = Graph(bind_namespaces="none")
        for triple in triples:
            study.add(triple)
        yield study


def together(studies: Iterable[Graph]) -> Graph:
    """Studies in one graph, each under registry numbers of its own, so that none says anything of another.

    Agents and organizations that a study describes are made its own too; those that it only names stay as they are.
    """
    graph = Graph(bind_namespaces="none")
    for place, study in enumerate(studies):
        described = {str(node) for node in study.subjects()}
        numbers: dict[str, str] = {}

        def number(match: re.Match[str], place: int = place, numbers: dict[str, str] = numbers) -> str:
            return numbers.setdefault(match[0], f"NCT{place:06}{len(numbers):02}")

        def name(match: re.Match[str], place: int = place, described: set[str] = described) -> str:
            return f"{match[1]}n{place}-{match[2]}" if match[0] in described else match[0]

        text = _NUMBER.sub(number, study.serialize(format="nt"))
        graph.parse(data=_SHARED.sub(name, text), format="nt")
    return graph


_Triples = list[tuple[Node, Node, Node]]


def _dropped(triples: _Triples, random: Random) -> None:
    del triples[random.randrange(len(triples))]


def _another_value(triples: _Triples, random: Random) -> None:
    (subject, predicate, _), (_, _, value) = random.choice(triples), random.choice(triples)
    triples.append((subject, predicate, value))


def _another_property(triples: _Triples, random: Random) -> None:
    (subject, _, value), (_, predicate, _) = random.choice(triples), random.choice(triples)
    triples.append((subject, predicate, value))


def _other_value(triples: _Triples, random: Random) -> None:
    _replace(triples, random, random.choice(triples)[2])


def _other_node(triples: _Triples, random: Random) -> None:
    subject = random.choice(triples)[0]
    _replace(triples, random, random.choice((subject, BNode(), URIRef(f"{subject}/more"))))


def _other_text(triples: _Triples, random: Random) -> None:
    _replace(triples, random, _literal(random.choice(_TEXTS), random))


def _other_datatype(triples: _Triples, random: Random) -> None:
    place = random.randrange(len(triples))
    subject, predicate, value = triples[place]
    triples[place] = (subject, predicate, _literal(str(value), random))


def _replace(triples: _Triples, random: Random, value: Node) -> None:
    place = random.randrange(len(triples))
    subject, predicate, _ = triples[place]
    triples[place] = (subject, predicate, value)


def _literal(text: str, random: Random) -> Literal:
    if random.randrange(6) == 0:
        return Literal(text, lang=random.choice(("en", "de-AT")))
    return Literal(text, datatype=random.choice(_DATATYPES))


_CHANGES: Final[tuple[Callable[[_Triples, Random], None], ...]] = (
    *(_dropped, _another_value, _another_property),
    *(_other_value, _other_node, _other_text, _other_datatype),
)
