"""The statements of a study by node and property, as Python values: what tables and other graphs are made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.errors import StoreError
from kg.linking.mappings import labels_in
from kg.namespaces import PREFIXES, expand
from kg.store.cells import cell
from kg.turtle import Subjects, literal_text

__all__ = ["Nodes", "Vocabulary", "code_of"]

_DATES: Final = tuple(f"^^<{PREFIXES['xsd']}{name}>".encode() for name in ("date", "gYearMonth"))
_INT64: Final = 2**63
_expand = lru_cache(maxsize=1_024)(expand)


@lru_cache(maxsize=1_024)
def _term(name: str) -> bytes:
    return f"<{expand(name)}>".encode()


def code_of(iri: str) -> str:
    """The last part of the IRI of a code.

    >>> code_of("https://w3id.org/trialkg/code/phase/phase-2")
    'phase-2'
    """
    return iri.rpartition("/")[2]


class Nodes:
    """Values of nodes by prefixed name, in the order of the statements: ``nodes.text(arm, "rdfs:label")``.

    Args:
        found: statements as text, as :attr:`kg.catalog.writing.Part.subjects` gives them.
    """

    def __init__(self, found: Subjects) -> None:
        self._nodes = {subject[1:-1].decode(): dict(predicates) for subject, predicates in found}

    def __iter__(self) -> Iterator[str]:
        """The nodes that statements are about."""
        return iter(self._nodes)

    def values(self, node: str, name: str) -> Sequence[bytes]:
        """The values of a property, as N-Triples has them."""
        about = self._nodes.get(node)
        return about.get(_term(name), ()) if about else ()

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Subject, predicate and object of each statement whose value is an IRI."""
        for node, about in self._nodes.items():
            for predicate, values in about.items():
                for value in values:
                    if value.startswith(b"<"):
                        yield node, predicate[1:-1].decode(), value[1:-1].decode()

    def iris(self, node: str, name: str) -> list[str]:
        """The values that are IRIs."""
        return [value[1:-1].decode() for value in self.values(node, name) if value.startswith(b"<")]

    def iri(self, node: str, name: str) -> str | None:
        """The first value that is an IRI."""
        return next(iter(self.iris(node, name)), None)

    def codes(self, node: str, name: str) -> list[str]:
        """The values as codes: ``phase-2`` for ``phase:phase-2``."""
        return [code_of(iri) for iri in self.iris(node, name)]

    def code(self, node: str, name: str) -> str | None:
        """The first value as a code."""
        return next(iter(self.codes(node, name)), None)

    def texts(self, node: str, name: str) -> list[str]:
        """The lexical forms of the values that are literals."""
        return [literal_text(value)[0] for value in self.values(node, name) if value.startswith(b'"')]

    def text(self, node: str, name: str) -> str | None:
        """The lexical form of the first literal."""
        return next(iter(self.texts(node, name)), None)

    def day(self, node: str, name: str) -> date | None:
        """The date, where it is known to the day."""
        found = self._literal(node, name)
        return found if isinstance(found, date) else None

    def month(self, node: str, name: str) -> str | None:
        """The month of a date or month, ``YYYY-MM``."""
        for value in self.values(node, name):
            if value.endswith(_DATES):
                return literal_text(value)[0][:7]
        return None

    def integer(self, node: str, name: str) -> int | None:
        """The whole number.

        Raises:
            StoreError: it does not fit in 64 bits.
        """
        found = self._literal(node, name)
        if not isinstance(found, int) or isinstance(found, bool):
            return None
        if not -_INT64 <= found < _INT64:
            raise StoreError(f"{name} {found} does not fit in 64 bits", place=node, remedy="correct the record")
        return found

    def number(self, node: str, name: str) -> float | None:
        """The number, as binary floating point."""
        found = self._literal(node, name)
        return float(found) if isinstance(found, int | float | Decimal) and not isinstance(found, bool) else None

    def flag(self, node: str, name: str) -> bool | None:
        """The truth value."""
        found = self._literal(node, name)
        return found if isinstance(found, bool) else None

    def _literal(self, node: str, name: str) -> object:
        for value in self.values(node, name):
            if value.startswith(b'"'):
                text, kind = literal_text(value)
                return cell(Literal(text, datatype=NamedNode(kind[1:-1].decode()))) if kind.startswith(b"<") else text
        return None


class Vocabulary:
    """What the store says of concepts, codes and organizations; what was asked last is kept.

    Args:
        store: the statements.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._label = labels_in(store)
        self._iris = lru_cache(maxsize=20_000)(self._read_iris)

    def label(self, iri: str) -> str | None:
        """The label of a concept."""
        return self._label(iri) or None

    def iris(self, iri: str, name: str) -> list[str]:
        """The values of a property that are IRIs, in order."""
        return list(self._iris(iri, name))

    def texts(self, iri: str, name: str) -> list[str]:
        """The lexical forms of the values that are literals, in order."""
        return sorted({value.value for value in self._values(iri, name) if isinstance(value, Literal)})

    def code(self, iri: str, name: str) -> str | None:
        """The first value as a code."""
        return next((code_of(value) for value in self._iris(iri, name)), None)

    def within(self, iri: str) -> list[str]:
        """What a concept is within, itself included, in order."""
        return self.iris(iri, "tkg:within")

    def _read_iris(self, iri: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(value.value for value in self._values(iri, name) if isinstance(value, NamedNode)))

    def _values(self, iri: str, name: str) -> list[object]:
        subject, predicate = NamedNode(iri), NamedNode(_expand(name))
        return [quad.object for quad in self._store.quads_for_pattern(subject, predicate, None, DefaultGraph())]
