"""The counts of :mod:`kg.catalog.void`, taken from statements as text.

What occurs again and again, a property on a class with values of a kind, is one key here, and is taken apart once at
the end: several times as fast as counting statement by statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from kg.catalog.void import Counts, target_of
from kg.catalog.writing import Part
from kg.turtle import RDF_TYPE

__all__ = ["Tally"]

_TYPE = f"<{RDF_TYPE}>".encode()
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_TAGGED = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_CACHED = 200_000

_Classes = tuple[bytes, ...]
_Pair = tuple[_Classes, bytes]
"""Classes of a subject, and a property of it."""
_Object = tuple[_Classes, str | None]
"""Classes of a value, and the dataset that it leads into."""
_NOTHING: _Object = ((), None)


class Tally:
    """Counts the statements of a file while they pass.

    Args:
        classes_elsewhere: the classes that other parts of the export state for an IRI.
    """

    def __init__(self, classes_elsewhere: Callable[[str], Sequence[str]] = lambda _iri: ()) -> None:
        self.triples = 0
        self.subjects = 0
        self._kinds: dict[_Classes, int] = defaultdict(int)
        self._pairs: dict[_Pair, int] = defaultdict(int)
        self._literals: dict[tuple[_Pair, bytes], int] = defaultdict(int)
        self._objects: dict[tuple[_Pair, _Object], int] = defaultdict(int)

        @lru_cache(maxsize=_CACHED)
        def elsewhere(term: bytes) -> _Object:
            iri = term[1:-1].decode()
            return tuple(sorted(kind.encode() for kind in classes_elsewhere(iri))), target_of(iri)

        self._elsewhere = elsewhere

    def add(self, part: Part) -> None:
        """Count the statements of a part: everything that the file says about its subjects."""
        own = {subject: _classes(predicates) for subject, predicates in part.subjects}
        targets: dict[bytes, str | None] = dict.fromkeys(own)
        known: dict[bytes, _Object] = {subject: (kinds, None) for subject, kinds in own.items()}
        if not part.is_study:
            for subject, kinds in own.items():
                stated, targets[subject] = self._elsewhere(subject)
                known[subject] = (tuple(sorted({*kinds, *stated})), targets[subject])
        self.subjects += len(own)
        pairs, literals, objects, elsewhere = self._pairs, self._literals, self._objects, self._elsewhere
        for subject, predicates in part.subjects:
            kinds, target = own[subject], targets[subject]
            self._kinds[kinds] += 1
            for predicate, values in predicates:
                pair = (kinds, predicate)
                pairs[pair] += 1
                self.triples += len(values)
                for value in values:
                    if value[:1] == b'"':
                        literals[pair, value[value.rindex(b'"') + 1 :]] += 1
                    elif predicate == _TYPE:
                        objects[pair, _NOTHING] += 1
                    else:
                        about = known.get(value) or elsewhere(value)
                        if about[1] is not None and about[1] == target:
                            about = (about[0], None)
                        objects[pair, about] += 1

    def counts(self) -> Counts:
        """What was counted, taken apart."""
        counts = Counts(triples=self.triples, subjects=self.subjects)
        for kinds, number in self._kinds.items():
            counts.instances.update(dict.fromkeys(map(bytes.decode, kinds), number))
        for (_, predicate), number in self._pairs.items():
            counts.property_subjects[predicate[1:-1].decode()] += number
        for (pair, kind), number in self._literals.items():
            datatype = kind[3:-1].decode() if kind[:1] == b"^" else _TAGGED if kind else _STRING
            for of_subject, name in _said(counts, pair, number):
                counts.datatype[of_subject, name, datatype] += number
        for (pair, (of_object, target)), number in self._objects.items():
            for of_subject, name in _said(counts, pair, number):
                for kind in of_object:
                    counts.object_class[of_subject, name, kind.decode()] += number
            if target is not None:
                counts.links[target, pair[1][1:-1].decode()] += number
        return counts


def _classes(predicates: Sequence[tuple[bytes, list[bytes]]]) -> _Classes:
    # Types come first in the one order.
    first, values = predicates[0]
    return tuple([value[1:-1] for value in values if value[:1] == b"<"]) if first == _TYPE else ()


def _said(counts: Counts, pair: _Pair, number: int) -> Iterator[tuple[str, str]]:
    """Count so many statements by their property, and give each class of their subjects with it."""
    kinds, name = pair[0], pair[1][1:-1].decode()
    counts.property_triples[name] += number
    for kind in kinds:
        counts.class_property[kind.decode(), name] += number
        yield kind.decode(), name
