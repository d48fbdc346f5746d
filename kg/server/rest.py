"""``/queries``: the query library as paths with parameters."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from kg.library import Kind, LibraryQuery, bind_marked
from kg.server.negotiation import HTML, JSON, RESULTS
from kg.server.problems import Problem
from kg.server.protocol import Parameters, read_format, read_timeout
from kg.server.services import Services, Shown, answer_query, pick, wanted_formats
from kg.server.templating import page
from kg.store.reader import QueryRequest

__all__ = ["RESERVED", "add_query_library", "openapi_with_queries"]

RESERVED: Final = frozenset({"format", "timeout"})
"""Parameters of every query path, which therefore no query of the library may have."""

_SCHEMAS: Final[dict[Kind, dict[str, str]]] = {
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string"},
    Kind.DECIMAL: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.IRI: {"type": "string"},
    Kind.TEXT: {"type": "string"},
}


def _described(query: LibraryQuery) -> dict[str, object]:
    parameters = [{"name": one.name, "kind": one.kind, "default": one.default} for one in query.parameters]
    return {
        "name": query.name,
        "summary": query.summary,
        "description": query.description,
        "tags": query.tags,
        "parameters": parameters,
        "href": f"/queries/{query.name}",
    }


def add_query_library(app: FastAPI, services: Services) -> None:
    """Add the routes of the query library."""
    library = services.library

    async def list_queries(request: Request) -> Response:
        """The query library: name, question and parameters of each query."""
        chosen = pick(request, read_format(Parameters(request.scope["query_string"])), (JSON, HTML))
        headers = {"Vary": "Accept"}
        if chosen is HTML:
            return page("queries.html", headers=headers, library=library.values())
        return JSONResponse([_described(query) for query in library.values()], headers=headers)

    async def run_query(request: Request, name: str) -> Response:
        """Run a query of the library."""
        query = library.get(name)
        if query is None:
            raise Problem(404, f"there is no query {name!r}; /queries lists them")
        parameters = Parameters(request.scope["query_string"])
        values = {given: parameters.one(given) for given in parameters.names() - RESERVED}
        bound = bind_marked(query, values)
        wanted = wanted_formats(request, read_format(parameters))
        seconds = read_timeout(parameters, services.settings)
        asked = QueryRequest(bound.text, timeout=seconds, marked=bound.marked, terms=bound.terms)
        return await answer_query(request, services, asked, wanted, Shown(query.summary, query.description))

    app.add_api_route("/queries", list_queries, methods=["GET", "HEAD"], tags=["Query library"])
    app.add_api_route("/queries/{name}", run_query, methods=["GET", "HEAD"], include_in_schema=False)


def openapi_with_queries(app: FastAPI, library: dict[str, LibraryQuery]) -> dict[str, Any]:
    """The OpenAPI description of the application, with a path for each query of the library."""
    # One operation for each method: FastAPI gives all methods of a route the same operation id.
    documented = APIRouter()
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in sorted((route.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}):
                documented.add_api_route(
                    route.path,
                    route.endpoint,
                    methods=[method],
                    operation_id=f"{route.name}-{method.lower()}",
                    tags=route.tags,
                    openapi_extra=route.openapi_extra,
                )
    described = get_openapi(title=app.title, version=app.version, description=app.description, routes=documented.routes)
    for operations in described["paths"].values():
        for operation in operations.values():
            # Nothing here is answered by FastAPI's own validation.
            operation["responses"].pop("422", None)
            if "204" in operation["responses"]:
                operation["responses"].pop("200", None)
    described.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for query in library.values():
        described["paths"][f"/queries/{query.name}"] = {"get": _operation(query)}
    return described


def _operation(query: LibraryQuery) -> dict[str, object]:
    parameters: list[dict[str, object]] = []
    for one in query.parameters:
        schema = {**_SCHEMAS[one.kind], **({} if one.default is None else {"default": one.default})}
        required = one.default is None
        parameters.append({"name": one.name, "in": "query", "required": required, "schema": schema})
    formats = {"type": "string", "enum": [format_.name for format_ in (*RESULTS, HTML)]}
    parameters += [
        {"name": "format", "in": "query", "schema": formats},
        {"name": "timeout", "in": "query", "schema": {"type": "number"}},
    ]
    return {
        "tags": ["Query library"],
        "operationId": query.name,
        "summary": query.summary,
        "description": query.description,
        "parameters": parameters,
        "responses": {"200": {"description": "The rows", "content": {one.media_type: {} for one in RESULTS}}},
    }
