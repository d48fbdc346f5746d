"""The parameters of a query: where its text has them, and what each takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kg.errors import QueryError, UsageError
from kg.namespaces import compress

__all__ = ["Kind", "Parameter", "listed", "parameter_of", "parameters_of", "public_name", "tokens"]


class Kind(StrEnum):
    """What a parameter takes; the last part of its variable."""

    BOOLEAN = "boolean"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    IRI = "iri"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query; ``default`` is None where a value must be given."""

    name: str
    kind: Kind
    default: str | None = None


_TOKEN: Final = re.compile(
    r'''
      (?P<iri>      < [^\x00-\x20<>"{}|^`\\]* > )
    | (?P<string>   """ (?: "{0,2} (?: [^"\\] | \\. ) )*+ """
                  | \'\'\' (?: '{0,2} (?: [^'\\] | \\. ) )*+ \'\'\'
                  | " (?: [^"\\\n\r] | \\. )*+ "
                  | ' (?: [^'\\\n\r] | \\. )*+ ' )
    | (?P<open>     ["'] )
    | (?P<comment>  \# [^\n\r]* )
    | (?P<variable> [?$] [\w\u00b7]+ )
    | \\.           # an escape in a local name, such as \#
    ''',
    re.VERBOSE | re.DOTALL,
)
_KINDS: Final = {kind.value: kind for kind in Kind}
_PARAMETER = re.compile(r"[?$]_([A-Za-z0-9]\w*)", re.ASCII)
_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens that matter here; what is between them is punctuation, keywords and numbers.

    Raises:
        QueryError: a string that does not end.
    """
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "open":
            line = text.count("\n", 0, token.start()) + 1
            raise QueryError(f"the string {text[token.start() :][:20]!r} does not end", place=f"line {line}")
        yield token


def parameter_of(variable: str) -> tuple[str, Kind] | None:
    """Name and kind of a parameter's variable; None for a variable that is none.

    >>> parameter_of("?_condition_iri"), parameter_of("?_last_year_integer"), parameter_of("?study")
    (('condition', <Kind.IRI: 'iri'>), ('last_year', <Kind.INTEGER: 'integer'>), None)
    >>> parameter_of("?_text")
    ('text', <Kind.TEXT: 'text'>)
    >>> parameter_of("?_lastYear_integer"), parameter_of("?_since_xsd_date")
    (('last_year', <Kind.INTEGER: 'integer'>), ('since', <Kind.DATE: 'date'>))
    """
    match = _PARAMETER.fullmatch(variable)
    if not match:
        return None
    name, _, kind = match[1].rpartition("_")
    if not name or kind not in _KINDS:
        return public_name(match[1]), Kind.TEXT
    return public_name(name.removesuffix("_xsd") or name), _KINDS[kind]


def public_name(name: str) -> str:
    """The name of a parameter for people, of the one in the file."""
    return _HUMP.sub(lambda match: f"_{match[0].lower()}", name)


def parameters_of(text: str, defaults: Mapping[str, str], place: str) -> tuple[Parameter, ...]:
    """The parameters of a query in the order in which it names them, with their defaults.

    Raises:
        UsageError: one name with two kinds, or a default for a parameter that the query does not have.
    """
    kinds: dict[str, Kind] = {}
    for token in tokens(text):
        if token.lastgroup == "variable" and (found := parameter_of(token[0])):
            name, kind = found
            if kinds.setdefault(name, kind) is not kind:
                raise UsageError(f"parameter {name!r} has two kinds, {kinds[name]} and {kind}", place=place)
    if strangers := defaults.keys() - kinds.keys():
        raise UsageError(f"defaults for no parameter of the query: {listed(strangers)}", place=place)
    shown = {name: compress(text) if kinds[name] is Kind.IRI else text for name, text in defaults.items()}
    return tuple(Parameter(name, kind, shown.get(name)) for name, kind in kinds.items())


def listed(names: set[str] | list[str]) -> str:
    """Names for a message."""
    return ", ".join(sorted(names))
