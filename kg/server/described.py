"""``/.well-known/void``, ``/.well-known/sparql-examples`` and ``/catalog``: what is served, for programs and people.

Source: https://www.w3.org/TR/void/#well-known, https://github.com/sib-swiss/sparql-examples.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import pyoxigraph as ox
from fastapi import FastAPI, Request, Response

from kg.catalog.publication import Publication
from kg.namespaces import PREFIXES
from kg.server.caching import entity_tag, not_modified, of_generation
from kg.server.negotiation import DOCUMENTS, GRAPHS, HTML
from kg.server.protocol import Parameters, read_format
from kg.server.rdf import write_graph
from kg.server.services import Services, pick
from kg.server.templating import page

__all__ = ["CATALOG", "EXAMPLES", "VOID", "add_descriptions", "base_of"]

VOID: Final = "/.well-known/void"
EXAMPLES: Final = "/.well-known/sparql-examples"
CATALOG: Final = "/catalog"
_READ: Final = ["GET", "HEAD"]


def base_of(request: Request) -> str:
    """The server's own address, with a slash at the end."""
    return str(request.url.replace(path="/", query="", fragment=""))


def add_descriptions(app: FastAPI, services: Services) -> None:
    """Add the routes of the descriptions."""
    describing = services.describing

    async def described(
        request: Request, made: Callable[[str], Awaitable[list[ox.Triple]]], *, html: bool = False
    ) -> Response:
        chosen = pick(request, read_format(Parameters(request.scope["query_string"])), DOCUMENTS if html else GRAPHS)
        newest = await services.pool.newest()
        headers = {"Vary": "Accept", **of_generation(newest)}
        base = base_of(request)
        tag = entity_tag(newest, request.url.path, base, chosen.name)
        if kept := not_modified(request, tag, headers):
            return kept
        if tag:
            headers["ETag"] = tag
        if chosen is HTML:
            known = await describing.known()
            publication = Publication()
            formats = [(format_.name, format_.media_type) for format_ in DOCUMENTS[1:]]
            return page("catalog.html", headers=headers, known=known, publication=publication, formats=formats)
        body = write_graph(await made(base), chosen, PREFIXES)
        return Response(body, headers={**headers, "Content-Type": chosen.content_type})

    async def void(request: Request) -> Response:
        """VoID: statements, classes, properties, and what each class says by which property about what."""
        return await described(request, describing.void)

    async def examples(request: Request) -> Response:
        """The query library as ``sh:SPARQLExecutable``, with the prefixes of the graph."""
        return await described(request, describing.examples)

    async def catalog(request: Request) -> Response:
        """DCAT: the dataset that is served, its date, licence and endpoint; a page for people."""
        return await described(request, describing.catalog, html=True)

    for path, route in ((VOID, void), (EXAMPLES, examples), (CATALOG, catalog)):
        app.add_api_route(path, route, methods=_READ, tags=["Descriptions"])
