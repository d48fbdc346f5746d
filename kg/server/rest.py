"""``/queries``: the query library as paths with parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from kg.library import Kind, LibraryQuery, Parameter, bind_marked
from kg.server.negotiation import HTML, JSON, PROBLEM, RESULTS
from kg.server.paging import MOST_ROWS, read_paging
from kg.server.problems import Problem
from kg.server.protocol import Parameters, read_format, read_timeout
from kg.server.services import Services, Shown, answer_query, pick, wanted_formats
from kg.server.templating import page
from kg.store.reader import QueryRequest

__all__ = ["RESERVED", "add_query_library", "openapi_with_queries"]

RESERVED: Final = frozenset({"format", "limit", "offset", "timeout"})
"""Parameters of every query path, which therefore no query of the library may have."""

_SCHEMAS: Final[dict[Kind, dict[str, str]]] = {
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"},
    Kind.DECIMAL: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.IRI: {"type": "string", "format": "iri"},
    Kind.TEXT: {"type": "string"},
}
_FAILURES: Final = {
    "400": "A parameter is wrong, unknown, missing or repeated",
    "406": "Accept takes no format that rows have",
    "429": "Too many requests wait already",
    "503": "No process became free in time",
    "504": "The query reached its time limit",
}
_MEANING: Final[dict[Kind, str]] = {
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "A day or a month, as 2026-01-31 or 2026-01",
    Kind.DECIMAL: "A number",
    Kind.INTEGER: "A whole number",
    Kind.IRI: "An IRI, whole or with a standard prefix, as agent:PD1Inhibitor",
    Kind.TEXT: "Any text",
}
_ROWS_OF_A_PAGE: Final = 100


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
        values = {given: parameters.one(given) or "" for given in parameters.names() - RESERVED}
        wanted, paging = wanted_formats(request, read_format(parameters)), read_paging(parameters)
        shown = Shown(query.summary, query.description, query, values)
        if wanted.html:
            paging = paging._replace(limit=paging.limit or _ROWS_OF_A_PAGE)
            if not values and any(one.default is None for one in query.parameters):
                return page(
                    "query.html",
                    headers={"Vary": "Accept"},
                    **shown._asdict(),
                    rows=None,
                    cut_at=None,
                    pages={},
                    links=[],
                )
        bound = bind_marked(query, values).paged(*paging)
        seconds = read_timeout(parameters, services.settings)
        asked = QueryRequest(bound.text, timeout=seconds, marked=bound.marked, terms=bound.terms)
        return await answer_query(request, services, asked, wanted, shown, paging)

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
    formats = {"type": "string", "enum": [format_.name for format_ in (*RESULTS, HTML)]}
    rows = {"type": "integer", "maximum": MOST_ROWS}
    parameters = [
        *(_parameter(one.name, _MEANING[one.kind], _schema(one), one.default is None) for one in query.parameters),
        _parameter("limit", "Most rows; then Link headers lead to the others", {**rows, "minimum": 1}),
        _parameter("offset", "Rows to leave out before them", {**rows, "minimum": 0, "default": 0}),
        _parameter("format", "Format of the answer, instead of Accept", formats),
        _parameter("timeout", "Seconds until the query is stopped", {"type": "number", "exclusiveMinimum": 0}),
    ]
    link = {"description": "The first, previous and next page", "schema": {"type": "string"}}
    return {
        "tags": ["Query library"],
        "operationId": query.name,
        "summary": query.summary,
        "description": query.description,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The rows",
                "headers": {"Link": link},
                "content": {one.media_type: {} for one in (*RESULTS, HTML)},
            },
            **{
                status: {"description": text, "content": {PROBLEM.media_type: {}}} for status, text in _FAILURES.items()
            },
        },
    }


def _parameter(name: str, meaning: str, schema: Mapping[str, object], required: bool = False) -> dict[str, object]:
    return {"name": name, "in": "query", "description": meaning, "required": required, "schema": schema}


def _schema(parameter: Parameter) -> dict[str, object]:
    schema: dict[str, object] = {**_SCHEMAS[parameter.kind]}
    if parameter.default is not None:
        typed = parameter.kind in (Kind.BOOLEAN, Kind.DECIMAL, Kind.INTEGER)
        schema["default"] = json.loads(parameter.default) if typed else parameter.default
    return schema
