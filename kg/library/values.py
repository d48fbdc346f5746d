"""Values of parameters as RDF terms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kg import terms
from kg.errors import TermError, UsageError
from kg.library.parameters import Kind, Parameter
from kg.namespaces import PREFIXES, expand

__all__ = ["term_of"]

_ESCAPED_U = re.compile(r"\\\\([uU])")


def _iri(value: str) -> str:
    if value.startswith("<") and value.endswith(">"):
        return terms.ref(value[1:-1])
    prefix, colon, rest = value.partition(":")
    if colon and prefix in PREFIXES and not rest.startswith("//"):
        return terms.ref(expand(value))
    if "://" not in value and not value.startswith("urn:"):
        raise TermError(f"{value!r} is no IRI", remedy="expected prefix:name with a known prefix, or a whole IRI")
    return terms.ref(value)


def _number(pattern: str, write: Callable[[str], str]) -> Callable[[str], str]:
    def term(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise TermError(f"{value!r} is not a number of this kind")
        return write(value)

    return term


def _boolean(value: str) -> str:
    if value not in ("true", "false"):
        raise TermError(f"{value!r} is not a truth value", remedy="expected true or false")
    return terms.boolean(value == "true")


def _text(value: str) -> str:
    r"""Text as a SPARQL string, cleaned like the text in the graph, so that the two can be equal.

    SPARQL has ``\uXXXX`` replaced before strings are read, and rdflib does that after a doubled backslash too. The
    letter is therefore written as the code point that it is, in eight digits, as rdflib takes up to eight.
    """
    literal = terms.string(value) or '""'
    return _ESCAPED_U.sub(lambda match: rf"\\\U{ord(match[1]):08X}", literal)


_WRITERS: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.BOOLEAN: _boolean,
    Kind.DATE: lambda value: terms.date(value or "an empty value"),
    Kind.DECIMAL: _number(r"[+-]?(\d{1,40}(\.\d{0,20})?|\.\d{1,20})", terms.decimal),
    Kind.INTEGER: _number(r"[+-]?\d{1,40}", lambda value: terms.integer(int(value))),
    Kind.IRI: _iri,
    Kind.TEXT: _text,
}


def term_of(parameter: Parameter, value: object, place: str) -> str:
    """The term that a value becomes, as SPARQL writes it.

    Raises:
        UsageError: the value is not of the kind that the parameter takes.
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return _WRITERS[parameter.kind](text if parameter.kind is Kind.TEXT else text.strip())
    except TermError as error:
        raise UsageError(
            f"parameter {parameter.name!r}: {error.problem}",
            place=place,
            remedy=error.remedy or f"expected {parameter.kind}",
        ) from error
