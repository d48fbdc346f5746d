"""Queries with values: each value a term in the place of its parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kg.errors import UsageError
from kg.library.files import LibraryQuery
from kg.library.parameters import listed, parameter_of, tokens
from kg.library.values import term_of
from kg.store.substitution import marks

__all__ = ["Bound", "bind", "bind_marked", "paged"]

_LIMIT = re.compile(r"\nLIMIT (\d+)\s*\Z")
_CODE_POINT = re.compile(r"\\[uU]")


class Bound(NamedTuple):
    """A query with values, and what proves that they are terms in it; see :mod:`kg.store.substitution`.

    Attributes:
        text: the query.
        marked: the same with marks in the places of the values; empty where no value was given.
        terms: each mark with its term.
    """

    text: str
    marked: str = ""
    terms: tuple[tuple[str, str], ...] = ()

    def paged(self, limit: int | None, offset: int) -> Bound:
        """The same for some of its rows only; see :func:`paged`."""
        text, marked = (one and paged(one, limit, offset) for one in (self.text, self.marked))
        return self._replace(text=text, marked=marked)


def bind(query: LibraryQuery, values: Mapping[str, object] | None = None) -> str:
    r"""The complete SPARQL text of a query: every parameter replaced by its value or its default.

    Args:
        query: a query of the library, or of :func:`parse_query`.
        values: parameter name → value. An IRI may be a prefixed name of :data:`kg.namespaces.PREFIXES`, a whole IRI,
            or one in angle brackets; a date has day or month precision; text may be any text.

    Raises:
        UsageError: a parameter that the query does not have, one without value and default, or a value of the wrong
            kind.

    >>> from kg.library import parse_query
    >>> query = parse_query("SELECT ?s { ?s tkg:phase ?_phase_iri ; dcterms:title ?_title }")
    >>> print(bind(query, {"phase": "phase:phase-2", "title": 'no"} DROP ALL'}), end="")
    SELECT ?s { ?s tkg:phase <https://w3id.org/trialkg/code/phase/phase-2> ; dcterms:title "no\"} DROP ALL" }
    """
    return bind_marked(query, values).text


def bind_marked(query: LibraryQuery, values: Mapping[str, object] | None = None) -> Bound:
    """The same as :func:`bind`, with what proves it to whoever sends the text elsewhere.

    Raises:
        UsageError: as :func:`bind`.
    """
    values = values or {}
    known = {parameter.name: parameter for parameter in query.parameters}
    place = query.name or query.place
    remedy = f"it takes {listed(list(known))}" if known else "it takes no parameters"
    if unknown := values.keys() - known.keys():
        raise UsageError(f"no such parameter: {listed(unknown)}", place=place, remedy=remedy)
    if missing := [name for name, one in known.items() if one.default is None and name not in values]:
        raise UsageError(f"no value for {listed(missing)}", place=place, remedy=remedy)
    if not known:
        return Bound(query.text)
    if _CODE_POINT.search(query.text):
        # Such an escape may open or end a string for one engine and not for another; then no place is sure.
        raise UsageError(
            r"a query with parameters cannot have \u escapes", place=place, remedy="write the character itself"
        )
    written = {name: term_of(one, values.get(name, one.default), place) for name, one in known.items()}
    bound = _replaced(query.text, written)
    if not values:
        return Bound(bound)
    marked = marks(known)
    return Bound(bound, _replaced(query.text, marked), tuple((marked[name], term) for name, term in written.items()))


def _replaced(text: str, terms: Mapping[str, str]) -> str:
    """A text with a term in the place of each parameter."""
    parts: list[str] = []
    done = 0
    for token in tokens(text):
        if token.lastgroup == "variable" and (found := parameter_of(token[0])):
            parts += (text[done : token.start()], terms[found[0]])
            done = token.end()
    parts.append(text[done:])
    return "".join(parts)


def paged(text: str, limit: int | None, offset: int) -> str:
    r"""The text of a query of the library, for some of its rows only. Each ends with its order, or its own limit.

    Args:
        text: the text, from :func:`bind`.
        limit: so many rows; None for all.
        offset: so many rows before them are left out.

    >>> paged("SELECT * { ?s ?p ?o }\nORDER BY ?s\nLIMIT 100\n", 30, 80).splitlines()[1:]
    ['ORDER BY ?s', 'LIMIT 20', 'OFFSET 80']
    """
    if own := _LIMIT.search(text):
        left = max(0, int(own[1]) - offset)
        text, limit = text[: own.start()], left if limit is None else min(limit, left)
    rows = [*([f"LIMIT {limit}"] if limit is not None else []), *([f"OFFSET {offset}"] if offset else [])]
    return "\n".join([text.rstrip(), *rows]) + "\n"
