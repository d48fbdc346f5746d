"""rdflib that translates each query once.

pySHACL gives rdflib the text of a rule's query again for every node that the rule looks at, and four fifths of its time
go into reading it. What a query finds is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rdflib import plugin
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor
from rdflib.term import Identifier

__all__ = ["PreparedProcessor", "prepare_queries"]


class PreparedProcessor(SPARQLProcessor):
    """rdflib's own processor, which remembers the queries that it has translated."""

    def query(  # type: ignore[override]  # as the class that it is made from
        self,
        strOrQuery: str | Query,  # noqa: N803 - rdflib's name
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        base: str | None = None,
        DEBUG: bool = False,  # noqa: N803
    ) -> Mapping[str, Any]:
        """As :meth:`rdflib.plugins.sparql.processor.SPARQLProcessor.query`."""
        query = strOrQuery
        if isinstance(query, str):
            names = tuple(sorted((prefix, str(name)) for prefix, name in (initNs or {}).items()))
            query = _translated(query, base, names)
        return super().query(query, initBindings, initNs, base, DEBUG)


@lru_cache(1024)
def _translated(text: str, base: str | None, names: tuple[tuple[str, str], ...]) -> Query:
    return translateQuery(parseQuery(text), base, dict(names))


def prepare_queries() -> None:
    """Let rdflib use it in this process from now on."""
    plugin.register("sparql", Processor, PreparedProcessor.__module__, PreparedProcessor.__name__)
