"""``/sparql``: the endpoint, its description and its form; ``/update`` and ``/graphs``, which are refused.

Source: https://www.w3.org/TR/sparql11-protocol/, https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

import asyncio
from typing import Final

import pyoxigraph as ox
from fastapi import FastAPI, Request, Response

from kg.namespaces import PREFIXES
from kg.server.negotiation import GRAPHS, HTML, RESULTS
from kg.server.problems import Problem
from kg.server.protocol import FORM, QUERY, read_operation
from kg.server.rdf import write_graph
from kg.server.services import Services, Shown, answer_query, pick, wanted_formats
from kg.server.templating import page
from kg.store.reader import QueryRequest

__all__ = ["add_sparql", "service_description"]

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORMAT_IRIS: Final = {
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
_EXAMPLE: Final = """\
PREFIX tkg: <https://w3id.org/trialkg/vocab#>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?study ?title WHERE {
  ?study a tkg:Study ; dcterms:title ?title .
}
LIMIT 10
"""
_METHODS: Final = ["GET", "HEAD", "POST", "OPTIONS"]
_EVERY_METHOD: Final = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]


def service_description(endpoint: str, triples: int) -> list[ox.Triple]:
    """What the endpoint says of itself.

    Args:
        endpoint: its address.
        triples: how many statements the default graph has.
    """
    node, rdf_type = ox.NamedNode, ox.NamedNode(PREFIXES["rdf"] + "type")
    service, dataset, graph = (node(f"{endpoint}#{part}") for part in ("service", "dataset", "graph"))

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    offered = [ox.Triple(service, sd("resultFormat"), node(_FORMATS + iri)) for iri in _FORMAT_IRIS.values()]
    return [
        ox.Triple(service, rdf_type, sd("Service")),
        ox.Triple(service, sd("endpoint"), node(endpoint)),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        *offered,
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, rdf_type, sd("Dataset")),
        ox.Triple(dataset, sd("defaultGraph"), graph),
        ox.Triple(graph, rdf_type, sd("Graph")),
        ox.Triple(graph, node(PREFIXES["void"] + "triples"), ox.Literal(triples)),
    ]


def _address(request: Request) -> str:
    """The endpoint's own address, which also is what relative IRIs of a query are relative to."""
    return str(request.url.replace(path="/sparql", query="", fragment=""))


def add_sparql(app: FastAPI, services: Services) -> None:
    """Add the routes of the protocol."""

    async def describe(request: Request, format_name: str | None) -> Response:
        chosen = pick(request, format_name, (*GRAPHS[:4], HTML))
        headers = {"Vary": "Accept"}
        if chosen is HTML:
            return page("sparql.html", headers=headers, query=_EXAMPLE, timeout=services.settings.timeout)
        facts = await asyncio.to_thread(services.lookup.facts)
        endpoint = _address(request)
        prefixes = {"sd": _SD, "formats": _FORMATS, "void": PREFIXES["void"]}
        body = write_graph(service_description(endpoint, facts.triples), chosen, prefixes)
        return Response(body, headers={**headers, "Content-Type": chosen.content_type})

    async def sparql(request: Request) -> Response:
        """SPARQL 1.1 Protocol: run a query, or describe the service."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(_METHODS), "Accept-Post": f"{QUERY}, {FORM}"})
        operation = await read_operation(request, services.settings)
        if operation.text is None:
            return await describe(request, operation.format_name)
        wanted = wanted_formats(request, operation.format_name)
        query = QueryRequest(
            text=operation.text,
            timeout=operation.timeout,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            base_iri=_address(request),
        )
        return await answer_query(request, services, query, wanted, Shown("Result"))

    async def refuse(request: Request) -> Response:
        """Updates are switched off."""
        raise Problem(403, f"{request.url.path} is switched off: this server is read-only")

    app.add_api_route("/sparql", sparql, methods=_METHODS, openapi_extra=_OPENAPI, tags=["SPARQL"])
    # Behind a proxy a redirect from one to the other goes wrong.
    app.add_api_route("/sparql/", sparql, methods=_METHODS, include_in_schema=False)
    app.add_api_route("/update", refuse, methods=_EVERY_METHOD, include_in_schema=False)
    app.add_api_route("/graphs", refuse, methods=_EVERY_METHOD, include_in_schema=False)


def _parameter(name: str, description: str, kind: str = "string") -> dict[str, object]:
    return {"name": name, "in": "query", "description": description, "schema": {"type": kind}}


_OPENAPI: Final[dict[str, object]] = {
    "parameters": [
        _parameter("query", "The query"),
        _parameter("default-graph-uri", "A graph of the default graph; may be repeated"),
        _parameter("named-graph-uri", "A named graph; may be repeated"),
        _parameter("timeout", "Seconds until the query is stopped; cannot exceed the server's own limit", "number"),
        _parameter("format", "Format of the answer, instead of Accept"),
    ],
    "responses": {
        "200": {
            "description": "The answer",
            "content": {format_.media_type: {} for format_ in (*RESULTS, *GRAPHS, HTML)},
        }
    },
}
