"""What the endpoint says of itself.

Source: https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/ns/formats/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import PREFIXES

__all__ = [
    "DESCRIPTION_PREFIXES",
    "EXTENSION_FUNCTIONS",
    "FORMAT_IRIS",
    "MOST_GRAPHS",
    "Described",
    "service_description",
]

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_GEOSPARQL: Final = "http://www.opengis.net/def/function/geosparql/"
_SIMPLE_ENTAILMENT: Final = "http://www.w3.org/ns/entailment/Simple"

DESCRIPTION_PREFIXES: Final = {"sd": _SD, "formats": _FORMATS, "void": PREFIXES["void"], "rdfs": PREFIXES["rdfs"]}
"""Prefixes for the description."""

FORMAT_IRIS: Final = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/n-triples": "N-Triples",
    "application/ld+json": "JSON-LD",
    "application/rdf+xml": "RDF_XML",
    "application/trig": "TriG",
    "application/n-quads": "N-Quads",
}
"""Media types and the W3C's names of the formats."""

EXTENSION_FUNCTIONS: Final = tuple(
    _GEOSPARQL + name
    for name in (
        "area asGeoJSON centroid convexHull coordinateDimension difference dimension distance "
        "ehContains ehCoveredBy ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap "
        "envelope getSRID intersection isEmpty isSimple length perimeter rcc8dc rcc8ec rcc8eq "
        "rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses sfDisjoint "
        "sfEquals sfIntersects sfOverlaps sfTouches sfWithin spatialDimension symDifference "
        "union"
    ).split()
)
"""Functions that the engine has beyond those of SPARQL."""

MOST_GRAPHS: Final = 100
"""So many named graphs are listed; where there are more, as with earlier versions of studies, none is."""


class Described(NamedTuple):
    """What is described.

    Args:
        endpoint: the endpoint's address.
        triples: how many statements the default graph has.
        graphs: IRIs of the named graphs, as many as are to be listed.
        inputs: media types of graphs that may be sent; none when the endpoint takes no changes.
        more: where more is said of the dataset.
        federated: whether queries may ask other servers.
        elsewhere: whether the data is at an endpoint elsewhere, of whose engine nothing is known.
    """

    endpoint: str
    triples: int
    graphs: Sequence[str] = ()
    inputs: Sequence[str] = ()
    more: Sequence[str] = ()
    federated: bool = False
    elsewhere: bool = False


def service_description(described: Described) -> list[ox.Triple]:
    """The description as statements."""
    node, rdf_type = ox.NamedNode, ox.NamedNode(PREFIXES["rdf"] + "type")
    endpoint = node(described.endpoint)
    service, dataset, graph = (node(f"{described.endpoint}#{part}") for part in ("service", "dataset", "graph"))

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    def void(name: str) -> ox.NamedNode:
        return ox.NamedNode(PREFIXES["void"] + name)

    languages = ["SPARQL11Query", *(["SPARQL11Update"] if described.inputs else [])]
    features = ["EmptyGraphs", *(["BasicFederatedQuery"] if described.federated else [])]
    formats = [node(_FORMATS + iri) for iri in FORMAT_IRIS.values()]
    triples = [
        ox.Triple(service, rdf_type, sd("Service")),
        ox.Triple(service, sd("endpoint"), endpoint),
        *(ox.Triple(service, sd("supportedLanguage"), sd(language)) for language in languages),
        *(ox.Triple(service, sd("resultFormat"), one) for one in formats),
        *(ox.Triple(service, sd("inputFormat"), node(_FORMATS + FORMAT_IRIS[one])) for one in described.inputs),
        # A graph that was made without statements is there; a dataset may be named in the request.
        *(ox.Triple(service, sd("feature"), sd(feature)) for feature in features),
        ox.Triple(service, sd("defaultEntailmentRegime"), node(_SIMPLE_ENTAILMENT)),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, rdf_type, sd("Dataset")),
        ox.Triple(dataset, rdf_type, void("Dataset")),
        ox.Triple(dataset, void("sparqlEndpoint"), endpoint),
        *(ox.Triple(dataset, node(PREFIXES["rdfs"] + "seeAlso"), node(one)) for one in described.more),
        ox.Triple(dataset, sd("defaultGraph"), graph),
        ox.Triple(graph, rdf_type, sd("Graph")),
        ox.Triple(graph, void("triples"), ox.Literal(described.triples)),
    ]
    if not described.elsewhere:
        # A graph that was made without statements is there; a dataset may be named in the request.
        triples.append(ox.Triple(service, sd("feature"), sd("EmptyGraphs")))
    for function in map(node, () if described.elsewhere else EXTENSION_FUNCTIONS):
        triples += [
            ox.Triple(service, sd("extensionFunction"), function),
            ox.Triple(function, rdf_type, sd("Function")),
        ]
    for number, name in enumerate(described.graphs, 1):
        named = node(f"{described.endpoint}#graph-{number}")
        triples += [
            ox.Triple(dataset, sd("namedGraph"), named),
            ox.Triple(named, rdf_type, sd("NamedGraph")),
            ox.Triple(named, sd("name"), node(name)),
        ]
    return triples
