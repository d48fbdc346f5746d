"""Queries on the description of an endpoint: its examples, prefixes and counts, and nothing of its data.

Query editors send such queries to the endpoint itself, as if the description lay in its default graph. Were it there,
it would be in every answer about all subjects or classes. So a query that names only what descriptions are made of
is answered from the description, and every other from the data alone.

Source: https://github.com/sib-swiss/sparql-editor (its three queries on metadata).
"""

from __future__ import annotations

import re
from typing import Final

from kg.errors import QueryError, QueryRefused
from kg.namespaces import PREFIXES
from kg.store.guard import parsed

__all__ = ["COUNTED", "EXAMPLES", "is_on_description", "may_name"]

COUNTED: Final = PREFIXES["void"]
"""A query on counts has terms of this namespace."""
EXAMPLES: Final = PREFIXES["sh"]
"""A query on examples or prefixes has terms of this namespace."""

_OF_SHACL: Final = (
    "PrefixDeclaration SPARQLAskExecutable SPARQLConstructExecutable SPARQLDescribeExecutable SPARQLExecutable "
    "SPARQLSelectExecutable ask construct declare describe namespace prefix prefixes select"
).split()
_OWN: Final = frozenset(PREFIXES["sh"] + name for name in _OF_SHACL)
_OWN_NAMESPACES: Final = (PREFIXES["void"], "http://ldf.fi/void-ext#")
_COMMON: Final = frozenset(
    (
        *(PREFIXES["rdf"] + name for name in ("type",)),
        *(PREFIXES["rdfs"] + name for name in ("comment", "label", "seeAlso")),
        *(PREFIXES["dcterms"] + name for name in ("description", "license", "modified", "title")),
        *(PREFIXES["schema"] + name for name in ("keywords", "target")),
    )
)


def may_name(text: str, namespace: str) -> bool:
    """Whether a query may name a term of a namespace; without a parse, so that any text can be asked about.

    >>> may_name("PREFIX void: <http://rdfs.org/ns/void#> SELECT * { ?s void:class ?o }", COUNTED)
    True
    >>> may_name("PREFIX void: <http://rdfs.org/ns/void#> SELECT * { ?s ?p ?o }", COUNTED)
    False
    """
    if namespace not in text:
        return False
    declared = re.findall(rf"prefix\s+([\w.-]*):\s*<{re.escape(namespace)}>", text, re.IGNORECASE)
    if text.count(namespace) > len(declared):
        return True
    return any(re.search(rf"(?<![\w.-]){re.escape(prefix)}:(?!\s*<)", text) for prefix in declared)


def is_on_description(text: str) -> bool:
    """Whether a query names something that only descriptions have, and nothing but what they have.

    >>> is_on_description("PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT * { ?x a sh:SPARQLExecutable }")
    True
    >>> is_on_description("PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT * { ?x sh:severity ?y }")
    False
    >>> is_on_description("SELECT * { ?x ?y ?z }")
    False
    """
    if not (may_name(text, COUNTED) or may_name(text, EXAMPLES)):
        return False
    try:
        named = _iris(parsed(text, "query"))
    except (QueryError, QueryRefused):
        return False
    own = {iri for iri in named if iri in _OWN or iri.startswith(_OWN_NAMESPACES)}
    return bool(own) and not named - own - _COMMON


def _iris(tree: object) -> set[str]:
    """The IRIs that a parsed query names, those of its dataset among them, without those of its prefixes."""
    from rdflib import URIRef
    from rdflib.plugins.sparql.parserutils import CompValue

    prefixes: dict[str, str] = {}
    found: set[str] = set()
    short: list[tuple[str, str]] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, URIRef):
            found.add(str(node))
        elif isinstance(node, CompValue):
            if node.name == "PrefixDecl":
                prefixes[node.prefix or ""] = str(node.iri)
            elif node.name == "pname":
                short.append((node.prefix or "", node.localname or ""))
            elif node.name != "Base":
                pending.extend(node.values())
        elif not isinstance(node, str) and hasattr(node, "__iter__"):
            pending.extend(node)
    # An unknown prefix makes a name that nothing has.
    return found | {prefixes.get(prefix, "?") + name for prefix, name in short}
