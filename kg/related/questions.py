"""The questions that relating studies takes beside those of the library: about several studies or things at once.

Library queries take one value for a parameter. These have a block of VALUES whose terms are parameters, so they are
bound as RDF terms just the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

__all__ = [
    "ACTIONS",
    "CARDS",
    "HAVE",
    "HAVE_AMONG",
    "HOLDERS",
    "KNOWN",
    "LINKS",
    "NAMES",
    "STUDIES",
    "WITHIN",
    "list_of",
    "values_of",
]

STUDIES: Final = "SELECT (COUNT(DISTINCT ?study) AS ?studies) WHERE { ?study a tkg:Study }"
KNOWN: Final = "ASK { ?study a tkg:Study ; dcterms:identifier ?_nct }"
# Who has a thing, by kind.
HOLDERS: Final = {
    "agent": "?node tkg:drug ?thing ; a tkg:Study",
    "form": "?node tkg:drugWithin ?thing ; a tkg:Study",
    "target": "?does tkg:target ?thing ; tkg:action ?action . ?agent tkg:actsOn ?does . "
    "?node tkg:drug ?agent ; a tkg:Study",
    "class": "?node tkg:drugWithin ?thing ; a tkg:Study",
    "condition": "?node tkg:conditionConcept ?thing",
    "near condition": "?node tkg:conditionWithin ?thing",
    "sponsor": "?node tkg:leadSponsor ?thing",
    "grant": "?number rdfs:seeAlso ?thing . ?node tkg:secondaryIdentifier ?number",
    "number": "?number rdfs:seeAlso ?thing . ?node tkg:secondaryIdentifier ?number",
}
HAVE: Final = "SELECT DISTINCT ?study ?thing ?action WHERE {{ {values} {pattern} . ?node dcterms:identifier ?study }}"
# From the studies, for things that many have.
HAVE_AMONG: Final = """SELECT DISTINCT ?study ?thing ?action WHERE {{
  {values} ?node dcterms:identifier ?study . {pattern} . FILTER (?thing IN ({things})) }}"""
CARDS: Final = """SELECT DISTINCT ?study ?title ?phase WHERE {{
  {values} ?node dcterms:identifier ?study ; dcterms:title ?title OPTIONAL {{ ?node tkg:phase ?phase }} }}"""
LINKS: Final = """SELECT DISTINCT ?study ?part ?registered ?matched ?method ?score ?concept ?version WHERE {{
  {values} ?node dcterms:identifier ?study .
  ?node (tkg:condition|tkg:intervention)? ?part .
  ?part tkg:link ?link .
  ?link tkg:concept ?concept ; tkg:matchedText ?matched ; tkg:method ?method .
  OPTIONAL {{ ?link tkg:score ?score }} OPTIONAL {{ ?link tkg:vocabularyVersion ?version }}
  OPTIONAL {{ ?part rdfs:label ?registered }} }}"""
WITHIN: Final = "SELECT ?concept ?end WHERE {{ {values} ?concept tkg:within ?end }}"
ACTIONS: Final = """SELECT DISTINCT ?concept ?end ?action WHERE {{
  {values} ?concept tkg:actsOn ?does . ?does tkg:target ?end ; tkg:action ?action }}"""
NAMES: Final = """SELECT ?concept (MIN(STR(?label)) AS ?name) WHERE {{
  {values} ?concept skos:prefLabel|rdfs:label ?label }} GROUP BY ?concept"""


def values_of(names: Sequence[str], kind: str, columns: Sequence[Sequence[str]]) -> tuple[str, dict[str, Any]]:
    """A VALUES block whose terms are parameters of a kind (``iri`` or ``text``), and the values of these.

    >>> values_of(["study"], "text", [["NCT00000001", "NCT00000002"]])[0]
    'VALUES (?study) { (?_study0) (?_study1) }'
    """
    parts = [list_of(name, kind, column) for name, column in zip(names, columns, strict=True)]
    rows = zip(*(terms for terms, _ in parts), strict=True)
    lines = " ".join(f"({' '.join(row)})" for row in rows)
    bound = {name: value for _, values in parts for name, value in values.items()}
    return f"VALUES ({' '.join('?' + name for name in names)}) {{ {lines} }}", bound


def list_of(name: str, kind: str, values: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """A parameter for each value, and the values of the parameters.

    >>> list_of("thing", "iri", ["mesh:D008545"])
    (['?_thing0_iri'], {'thing0': 'mesh:D008545'})
    """
    suffix = "" if kind == "text" else f"_{kind}"
    terms = [f"?_{name}{place}{suffix}" for place in range(len(values))]
    return terms, {f"{name}{place}": value for place, value in enumerate(values)}
