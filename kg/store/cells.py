"""Values in the rows of a result: RDF terms as Python values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

import pyoxigraph as ox

from kg.namespaces import PREFIXES, compress
from kg.terms import clean

__all__ = ["IRI", "Cell", "LangString", "cell", "lexical", "shown"]


class IRI(str):
    """An IRI in a result.

    >>> IRI("https://w3id.org/trialkg/code/phase/phase-2").curie
    'phase:phase-2'
    """

    __slots__ = ()

    @property
    def curie(self) -> str:
        """The prefixed name, or the IRI itself where no prefix fits."""
        return compress(self)


class LangString(str):
    """Text in a result that says its language."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str) -> LangString:
        """Text with its language tag."""
        made = super().__new__(cls, text)
        made.language = language
        return made

    def __reduce__(self) -> tuple[type[LangString], tuple[str, str]]:
        return LangString, (str(self), self.language)


Cell: TypeAlias = str | int | Decimal | float | bool | date | datetime | None
"""A value in a row: IRIs are :class:`IRI`, unbound is None, datatypes without a Python type are their text."""


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


_XSD: Final = PREFIXES["xsd"]
_INTEGERS: Final = (
    "integer long int short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger "
    "unsignedLong unsignedInt unsignedShort unsignedByte"
)
_READERS: Final[dict[str, Callable[[str], Cell]]] = {
    _XSD + "decimal": _decimal,
    _XSD + "double": float,
    _XSD + "float": float,
    _XSD + "boolean": _boolean,
    _XSD + "date": date.fromisoformat,
    _XSD + "dateTime": datetime.fromisoformat,
    **dict.fromkeys((_XSD + name for name in _INTEGERS.split()), int),
}


def cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Cell:
    """A term as a Python value; a literal that Python cannot hold in the type of its datatype stays text.

    >>> cell(ox.Literal("2022-10", datatype=ox.NamedNode(PREFIXES["xsd"] + "gYearMonth")))
    '2022-10'
    >>> cell(ox.Literal("2022-10-03", datatype=ox.NamedNode(PREFIXES["xsd"] + "date")))
    datetime.date(2022, 10, 3)
    """
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if not isinstance(term, ox.Literal):
        return str(term)
    if term.language:
        return LangString(term.value, term.language)
    reader = _READERS.get(term.datatype.value)
    # Python's own number syntax has underscores, that of XML Schema has not.
    if reader is None or "_" in term.value:
        return term.value
    try:
        return reader(term.value)
    except (ValueError, KeyError, InvalidOperation):
        return term.value


def lexical(value: Cell) -> str:
    """A value as text; unbound is empty.

    >>> lexical(True), lexical(date(2022, 10, 3)), lexical(Decimal("1.50")), lexical(None)
    ('true', '2022-10-03', '1.50', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(value: Cell) -> str:
    """A value for people: prefixed names, and no control characters, whoever sent it."""
    return clean(value.curie if isinstance(value, IRI) else lexical(value))
