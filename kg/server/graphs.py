"""``/graphs``: the Graph Store Protocol. Everybody may read graphs; who has the token may change them.

A graph is named by ``?default``, by ``?graph=IRI``, or directly: the graph at ``/graphs/NAME`` has that address as its
IRI. Names are IRIs and nothing else: none leads to a file.

Source: https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from enum import Enum
from pathlib import PurePath
from typing import Final, Literal, NamedTuple, cast

import pyoxigraph
from fastapi import FastAPI, Request, Response

from kg.server.multipart import MULTIPART, Part, read_parts
from kg.server.negotiation import GRAPHS, HTML, Format, media_type_of
from kg.server.problems import Problem
from kg.server.protocol import (
    UPDATE,
    Parameters,
    format_of_body,
    read_body,
    read_format,
    read_timeout,
    read_utf8,
    refuse_encoded,
)
from kg.server.services import Services, Shown, Wanted, answer_query, pick
from kg.server.settings import ServerSettings
from kg.server.updates import done
from kg.store.change import Change
from kg.store.reader import QueryRequest

__all__ = ["TAKEN", "add_graphs"]

TAKEN: Final = tuple(format_ for format_ in GRAPHS if format_.name in ("ttl", "nt", "jsonld", "rdf"))
"""The formats that graphs are taken in. What they name elsewhere, as the contexts of JSON-LD, is not fetched."""

_WHOLE: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_READING: Final = ["GET", "HEAD", "OPTIONS"]
_WRITING: Final = ["PUT", "POST", "DELETE", "PATCH"]
_PARAMETERS: Final = frozenset({"default", "graph", "format", "timeout"})
_ACCEPT_POST: Final = ", ".join([*(format_.media_type for format_ in TAKEN), MULTIPART])
_DOTS: Final = re.compile(r"/(\.|%2e){1,2}(?=/|$)", re.IGNORECASE)


class _Place(NamedTuple):
    """Which graph is meant: ``iri`` is None for the default graph. ``base`` is what relative IRIs are relative to."""

    iri: str | None
    base: str
    is_new: bool = False


def add_graphs(app: FastAPI, services: Services) -> None:
    """Add the routes."""
    settings, updates = services.settings, services.updates

    async def read(request: Request) -> Response:
        """Graph Store Protocol: the statements of a graph."""
        if request.method == "OPTIONS":
            return _options(allowed=updates.allowed)
        parameters = _parameters(request)
        place = _place(request, parameters)
        chosen = pick(request, read_format(parameters, (*GRAPHS, HTML)), (*GRAPHS, HTML))
        if place.iri is not None and not await asyncio.to_thread(services.lookup.has_graph, place.iri):
            raise Problem(404, f"there is no graph {place.iri}")
        query = QueryRequest(
            text=_WHOLE,
            timeout=read_timeout(parameters, settings),
            default_graphs=None if place.iri is None else (place.iri,),
            named_graphs=None if place.iri is None else (),
        )
        wanted = Wanted(None, None if chosen is HTML else chosen, html=chosen is HTML)
        return await answer_query(request, services, query, wanted, Shown(place.iri or "The default graph"))

    async def write(request: Request) -> Response:
        """Graph Store Protocol: change a graph, where changes are allowed. It is changed when this is answered."""
        kind = cast("Literal['put', 'post', 'delete', 'patch']", request.method.lower())
        async with updates.audited(request, kind) as entry:
            parameters = _parameters(request)
            place = _place(request, parameters)
            text = ""
            bodies: tuple[tuple[str, bytes], ...] = ()
            if kind == "patch":
                text, entry.size = await _read_patch(request, settings)
            elif kind != "delete":
                bodies, entry.size = await _read_graph(request, settings)
            asked = Change(kind, place.base, text=text, graph=place.iri, bodies=bodies)
            published = await updates.make(request, entry, asked, read_timeout(parameters, settings))
        headers = {"Location": place.base} if place.is_new else {}
        return done(published, 204 if published.existed else 201, headers)

    tags: list[str | Enum] = ["Graph Store Protocol"]
    for path, name, parameters in (("/graphs", "graph", _BY_PARAMETER), ("/graphs/{name:path}", "graph-at", _BY_PATH)):
        reading, writing = {"parameters": parameters, **_READ}, {"parameters": parameters, **_WRITTEN}
        app.add_api_route(path, read, methods=_READING, name=f"{name}-read", openapi_extra=reading, tags=tags)
        app.add_api_route(path, write, methods=_WRITING, name=f"{name}-change", openapi_extra=writing, tags=tags)


def _options(*, allowed: bool) -> Response:
    headers = {"Allow": ", ".join([*_READING, *(_WRITING if allowed else [])])}
    if allowed:
        headers |= {"Accept-Post": _ACCEPT_POST, "Accept-Patch": UPDATE}
    return Response(status_code=204, headers=headers)


def _parameters(request: Request) -> Parameters:
    parameters = Parameters(request.scope["query_string"])
    if unknown := sorted(parameters.names() - _PARAMETERS):
        raise Problem(400, f"parameter {unknown[0]!r} is not known here; expected 'default', or 'graph' and an IRI")
    return parameters


def _place(request: Request, parameters: Parameters) -> _Place:
    """The graph that a request is about.

    Raises:
        Problem: 400, it names none, or several, or what it names is no IRI.
    """
    given, default = parameters.one("graph"), parameters.one("default")
    path = (request.scope.get("raw_path") or request.scope["path"].encode()).decode("latin-1")
    here = f"{request.url.scheme}://{request.url.netloc}"
    if path.removeprefix("/graphs").strip("/"):
        if given is not None or default is not None:
            raise Problem(400, "the graph is named by the path and by a parameter; expected one")
        if _DOTS.search(path):
            raise Problem(400, "the path has '.' or '..' in it")
        iri = _iri(here + path)
        return _Place(iri, iri)
    if given is not None and default is not None:
        raise Problem(400, "parameters 'graph' and 'default' are both given; expected one")
    if given is not None:
        iri = _iri(given)
        return _Place(iri, iri)
    if default:
        raise Problem(400, "parameter 'default' takes no value; a named graph is named by 'graph'")
    if default is not None:
        return _Place(None, f"{here}/graphs")
    if request.method == "POST":
        iri = _iri(f"{here}/graphs/{uuid.uuid4()}")
        return _Place(iri, iri, is_new=True)
    raise Problem(400, "no graph is named; expected 'default', 'graph' and an IRI, or a path below /graphs")


def _iri(value: str) -> str:
    try:
        return pyoxigraph.NamedNode(value).value
    except ValueError:
        raise Problem(400, f"the name of the graph, {value!r}, is not an absolute IRI") from None


async def _read_patch(request: Request, settings: ServerSettings) -> tuple[str, int]:
    refuse_encoded(request)
    media_type, charset = media_type_of(request.headers.get("content-type"))
    if media_type != UPDATE:
        given = media_type or "a body without a type"
        raise Problem(415, f"{given} is not taken by PATCH; send {UPDATE}", headers={"Accept-Patch": UPDATE})
    body = await read_body(request, settings.update_bytes, settings.body_seconds)
    return read_utf8(body, charset, "update"), len(body)


async def _read_graph(request: Request, settings: ServerSettings) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The graph in a body, as media types and contents, and the length of the body."""
    refuse_encoded(request)
    content_type = request.headers.get("content-type", "")
    media_type, charset = media_type_of(content_type)
    if media_type == MULTIPART and request.method == "POST":
        body = await read_body(request, settings.graph_bytes, settings.body_seconds)
        parts = await asyncio.to_thread(read_parts, content_type, body)
        return tuple((_part_type(part), part.content) for part in parts), len(body)
    format_ = _format(media_type, charset)
    body = await read_body(request, settings.graph_bytes, settings.body_seconds)
    return ((format_.media_type, body),), len(body)


def _part_type(part: Part) -> str:
    media_type, charset = media_type_of(part.content_type)
    if media_type in ("", "application/octet-stream"):
        suffix = PurePath(part.filename).suffix.lower().removeprefix(".")
        media_type = next((one.media_type for one in TAKEN if suffix in one.names), media_type)
    return _format(media_type, charset).media_type


def _format(media_type: str, charset: str) -> Format:
    return format_of_body(media_type, charset, TAKEN, what="graph", accept_post=_ACCEPT_POST)


_TEXT: Final[dict[str, object]] = {"schema": {"type": "string"}}
_READ: Final[dict[str, object]] = {
    "responses": {
        "200": {"description": "The graph", "content": {one.media_type: {} for one in (*GRAPHS, HTML)}},
        "404": {"description": "There is no such graph"},
    },
}
_WRITTEN: Final[dict[str, object]] = {
    "requestBody": {"content": {**{one.media_type: _TEXT for one in TAKEN}, UPDATE: _TEXT}},
    "responses": {
        "201": {"description": "Made, and published"},
        "204": {"description": "Changed, and published"},
        "401": {"description": "Without the token"},
        "403": {"description": "The server is read-only, or the patch is refused"},
    },
    "security": [{"token": []}],
}
_BY_PARAMETER: Final = [
    {"name": "default", "in": "query", "allowEmptyValue": True, "schema": {"type": "string"}},
    {"name": "graph", "in": "query", "description": "The IRI of a graph", "schema": {"type": "string"}},
]
_BY_PATH: Final = [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}]
