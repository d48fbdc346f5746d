"""``/sparql``: the endpoint, its description and its form; ``/update``, where changes are allowed.

Source: https://www.w3.org/TR/sparql11-protocol/, https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import request_response

from kg.server.described import CATALOG, EXAMPLES, VOID, base_of
from kg.server.description import DESCRIPTION_PREFIXES, MOST_GRAPHS, Described, service_description
from kg.server.graphs import TAKEN
from kg.server.negotiation import GRAPHS, HTML, RESULTS, media_type_of
from kg.server.problems import Problem
from kg.server.protocol import FORM, QUERY, UPDATE, WITH_BODY, Parameters, read_body, read_operation, read_update
from kg.server.rdf import write_graph
from kg.server.services import Services, Shown, answer_query, pick, wanted_formats
from kg.server.templating import page
from kg.server.updates import done, read_only
from kg.store.change import Change
from kg.store.reader import QueryRequest

__all__ = ["add_sparql"]

_EXAMPLE: Final = """\
PREFIX tkg: <https://w3id.org/trialkg/vocab#>
PREFIX dcterms: <http://purl.org/dc/terms/>

SELECT ?study ?title WHERE {
  ?study a tkg:Study ; dcterms:title ?title .
}
LIMIT 10
"""
_METHODS: Final = ["GET", "HEAD", "POST", "QUERY", "OPTIONS"]
_UPDATE_METHODS: Final = ["POST", "OPTIONS"]
_OTHER_METHODS: Final = ["GET", "HEAD", "PUT", "DELETE", "PATCH"]


def _address(request: Request) -> str:
    """The endpoint's own address, which also is what relative IRIs of a query are relative to."""
    return str(request.url.replace(path="/sparql", query="", fragment=""))


def add_sparql(app: FastAPI, services: Services) -> None:
    """Add the routes of the protocol."""
    settings, updates = services.settings, services.updates

    async def describe(request: Request, format_name: str | None) -> Response:
        chosen = pick(request, format_name, (*GRAPHS[:4], HTML))
        headers = {"Vary": "Accept"}
        if chosen is HTML:
            return page("sparql.html", headers=headers, query=_EXAMPLE, timeout=settings.timeout)
        facts = await asyncio.to_thread(services.lookup.facts)
        graphs = await asyncio.to_thread(services.lookup.graphs, MOST_GRAPHS)
        inputs = [format_.media_type for format_ in TAKEN] if updates.allowed else []
        more = [base_of(request) + path.removeprefix("/") for path in (VOID, EXAMPLES, CATALOG)]
        federated = bool(settings.allow_service)
        described = service_description(
            Described(
                _address(request),
                facts.triples,
                graphs,
                inputs,
                more=more,
                federated=federated,
                elsewhere=facts.generation == 0,
            )
        )
        body = write_graph(described, chosen, DESCRIPTION_PREFIXES)
        return Response(body, headers={**headers, "Content-Type": chosen.content_type})

    async def sparql(request: Request) -> Response:
        """SPARQL 1.1 Protocol: run a query, or describe the service; an update too, where changes are allowed."""
        if request.method == "OPTIONS":
            taken = ", ".join([QUERY, FORM, *([UPDATE] if updates.allowed else [])])
            headers = {"Allow": ", ".join(_METHODS), "Accept-Post": taken, "Accept-Query": f"{QUERY}, {FORM}"}
            return Response(status_code=204, headers=headers)
        body = None
        sent = request.scope["query_string"]
        if request.method in WITH_BODY:
            media_type, _ = media_type_of(request.headers.get("content-type"))
            if request.method == "POST" and media_type == UPDATE:
                return await change(request, None)
            if media_type == FORM:
                longest = settings.update_body_bytes if updates.allowed else settings.body_bytes
                body = await read_body(request, longest, settings.body_seconds)
                if "update" in Parameters(body).names():
                    if request.method == "POST":
                        return await change(request, body)
                    raise Problem(400, "QUERY changes nothing; an update is sent by POST")
        if not updates.allowed and "update" in Parameters(sent).names():
            raise read_only(request)
        operation = await read_operation(request, settings, body)
        if operation.text is None:
            return await describe(request, operation.format_name)
        wanted = wanted_formats(request, operation.format_name)
        query = QueryRequest(
            text=operation.text,
            timeout=operation.timeout,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            base_iri=_address(request),
            description=await services.describing.wanted_by(operation.text, base_of(request)),
        )
        return await answer_query(request, services, query, wanted, Shown("Result"))

    async def change(request: Request, body: bytes | None) -> Response:
        async with updates.audited(request, "update") as entry:
            operation = await read_update(request, settings, body)
            entry.size = operation.size
            asked = Change(
                "update",
                _address(request),
                text=operation.text,
                default_graphs=operation.using,
                named_graphs=operation.using_named,
            )
            published = await updates.make(request, entry, asked, operation.timeout)
        return done(published, 204)

    async def update(request: Request) -> Response:
        """SPARQL 1.1 Update: change the store, where changes are allowed. It is changed when this is answered."""
        if request.method == "OPTIONS":
            return Response(
                status_code=204,
                headers={"Allow": ", ".join(_UPDATE_METHODS), "Accept-Post": f"{UPDATE}, {FORM}"},
            )
        return await change(request, None)

    async def refuse(request: Request) -> Response:
        """There is no update by any other method."""
        if not updates.allowed:
            raise read_only(request)
        detail = f"{request.url.path} does not take {request.method}"
        raise Problem(405, detail, headers={"Allow": ", ".join(_UPDATE_METHODS)})

    app.add_api_route("/sparql", sparql, methods=_METHODS, openapi_extra=_OPENAPI, tags=["SPARQL"])
    # Behind a proxy a redirect from one to the other goes wrong.
    app.add_api_route("/sparql/", sparql, methods=_METHODS, include_in_schema=False)
    _answer_directly(app, sparql)
    app.add_api_route("/update", update, methods=_UPDATE_METHODS, openapi_extra=_OPENAPI_UPDATE, tags=["SPARQL"])
    app.add_api_route("/update", refuse, methods=_OTHER_METHODS, include_in_schema=False)


def _answer_directly(app: FastAPI, answer: Callable[[Request], Awaitable[Response]]) -> None:
    """Call the function of some routes at once: the framework would look for parameters that it has not."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.endpoint is answer:
            route.app = request_response(answer)


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
_OPENAPI_UPDATE: Final[dict[str, object]] = {
    "parameters": [
        _parameter("using-graph-uri", "A graph of the default graph of patterns; may be repeated"),
        _parameter("using-named-graph-uri", "A named graph of patterns; may be repeated"),
        _parameter("timeout", "Seconds until the update is stopped; cannot exceed the server's own limit", "number"),
    ],
    "requestBody": {"required": True, "content": {UPDATE: {"schema": {"type": "string"}}}},
    "responses": {
        "204": {"description": "Changed, and published"},
        "401": {"description": "Without the token"},
        "403": {"description": "The server is read-only, or the update is refused"},
    },
    "security": [{"token": []}],
}
