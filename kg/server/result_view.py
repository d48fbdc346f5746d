"""A query's result as a table of a page.

Source: https://www.w3.org/TR/sparql11-results-json/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import pyoxigraph as ox

from kg.namespaces import compress
from kg.server.study_view import local_link

__all__ = ["Cell", "ResultView", "result_view"]

_NCT = re.compile(r"NCT[0-9]{8}")


class Cell(NamedTuple):
    """A cell; ``href`` is empty where it is no link."""

    text: str
    href: str = ""


class ResultView(NamedTuple):
    """A result to show: a table or a truth value."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    truth: bool | None = None


def _iri_cell(iri: str) -> Cell:
    return Cell(compress(iri), local_link(iri))


def _cell(term: dict[str, Any] | None) -> Cell:
    """A cell of SPARQL results in JSON."""
    if term is None:
        return Cell("")
    kind, value = term["type"], term["value"]
    if kind == "uri":
        return _iri_cell(value)
    if kind == "bnode":
        return Cell(f"_:{value}")
    if kind == "triple":
        return Cell(" ".join(_cell(value[part]).text for part in ("subject", "predicate", "object")))
    return Cell(value, f"/trial/{value}" if _NCT.fullmatch(value) else "")


def _term_cell(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Cell:
    """A cell of a graph."""
    if isinstance(term, ox.NamedNode):
        return _iri_cell(term.value)
    return Cell(term.value if isinstance(term, ox.Literal) else str(term))


def result_view(body: bytes, kind: str) -> ResultView:
    """A result, arranged for a page.

    Args:
        body: SPARQL results in JSON; a graph in N-Triples.
        kind: ``solutions``, ``boolean`` or ``graph``.

    >>> body = b'{"head": {"vars": ["s", "n"]}, "results": {"bindings": [{"n": {"type": "literal", "value": "1"}}]}}'
    >>> result_view(body, "solutions").rows
    [[Cell(text='', href=''), Cell(text='1', href='')]]
    """
    if kind == "graph":
        triples = [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]
        rows = [[_term_cell(part) for part in (one.subject, one.predicate, one.object)] for one in triples]
        return ResultView(("subject", "predicate", "object"), rows)
    result = msgspec.json.decode(body)
    if kind == "boolean":
        return ResultView(truth=result["boolean"])
    columns = result["head"]["vars"]
    return ResultView(
        columns, [[_cell(row.get(column)) for column in columns] for row in result["results"]["bindings"]]
    )
