"""What other servers answer, read as rows of terms.

Nothing in it is trusted: a form other than SPARQL results, a value of a wrong type and variables that nobody asked
for do not get further than this.

Source: https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox

from kg.errors import RemoteError
from kg.store.xml import require_whole

__all__ = ["Row", "Term", "read_rows"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Row = tuple[Term | None, ...]

# Servers that know no better name say what both are made of.
_FORMS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
_MARK_OF_TRIPLE: Final = b"triple"
_MOST_TRIPLES: Final = 1000
"""Terms that are triples of triples overflow the stack of the engine's parser where there are many."""
_SHOWN: Final = 40


def read_rows(media_type: str, data: bytes, names: Sequence[str], place: str) -> list[Row]:
    """The rows of an answer.

    Args:
        media_type: what the server says that it is.
        data: the answer.
        names: the variables that are wanted; what else is bound is left out.
        place: the server, for messages.

    Raises:
        RemoteError: the answer is not SPARQL results of a SELECT, or has terms that are none.

    >>> read_rows("text/html", b"<!doctype html>", ["a"], "https://example.org/sparql")
    Traceback (most recent call last):
    kg.errors.RemoteError: https://example.org/sparql: the server answered an HTML page, no SPARQL results
    """
    form = _FORMS.get(media_type)
    if form is None:
        if "html" in media_type:
            raise RemoteError("the server answered an HTML page, no SPARQL results", place=place)
        start = data[:_SHOWN].decode("utf-8", "replace")
        raise RemoteError(f"the server answered {media_type or 'no media type'!r}, beginning {start!r}", place=place)
    if data.count(_MARK_OF_TRIPLE) > _MOST_TRIPLES and data.count(b'"triple"') + data.count(b"<triple") > _MOST_TRIPLES:
        raise RemoteError(f"the answer has more than {_MOST_TRIPLES:,} terms that are triples", place=place)
    try:
        return _rows(data, form, names)
    except _NotRows as error:
        problem = str(error)
    except (SyntaxError, ValueError, OSError) as error:
        problem = f"the answer is no {media_type}: {error}"
    # Out here the engine's error is gone, and with it the last hold on its objects, which only this thread may free.
    raise RemoteError(problem, place=place)


class _NotRows(Exception):
    """Results, but not rows of terms."""


def _rows(data: bytes, form: ox.QueryResultsFormat, names: Sequence[str]) -> list[Row]:
    if form == ox.QueryResultsFormat.XML:
        require_whole(data)
    found = ox.parse_query_results(data, format=form)
    if isinstance(found, ox.QueryBoolean):
        raise _NotRows("the answer is a boolean, and rows were asked for")
    positions = {variable.value: position for position, variable in enumerate(found.variables)}
    wanted = [positions.get(name) for name in names]
    rows = [tuple(None if position is None else solution[position] for position in wanted) for solution in found]
    if any(isinstance(term, ox.Triple) for row in rows for term in row):
        raise _NotRows("the answer has terms that are triples, which are not taken")
    return rows
