"""``/validate``: what does not fit in data that is sent, by our shapes or by shapes that are sent too."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from fastapi import FastAPI, Request, Response

from kg.server.multipart import MULTIPART, Part, read_parts
from kg.server.negotiation import GRAPHS, REPORTS, Format, media_type_of
from kg.server.problems import Problem
from kg.server.protocol import (
    Parameters,
    format_of_body,
    read_body,
    read_format,
    read_timeout,
    refuse_encoded,
    refuse_long_body,
)
from kg.server.respond import while_connected
from kg.server.services import Services, pick
from kg.server.settings import ServerSettings
from kg.server.validators import Validation
from kg.validation import ShapesDocument

__all__ = ["DATA", "add_validation"]

_TURTLE, _NTRIPLES = GRAPHS[0], GRAPHS[1]
DATA: Final = tuple(format_ for format_ in GRAPHS if format_.name in ("ttl", "nt", "trig", "nq"))
"""The formats that data is taken in: those in which it can name no other document to be fetched."""

_HEADER_BYTES: Final = 1000
_UNTYPED: Final = ("", "application/octet-stream")
_PARAMETERS: Final = frozenset({"format", "timeout"})
_ACCEPT_POST: Final = ", ".join([*(format_.media_type for format_ in DATA), MULTIPART])


class _Sent(NamedTuple):
    """Data in one of the formats, and shapes in Turtle where there are some."""

    data: bytes
    data_format: Format
    shapes: bytes | None = None


def add_validation(app: FastAPI, services: Services) -> None:
    """Add the route."""
    settings, validators = services.settings, services.validators

    async def validate(request: Request) -> Response:
        """Validate the data in the body against the SHACL shapes, ours or those in the body."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "POST, OPTIONS", "Accept-Post": _ACCEPT_POST})
        parameters = Parameters(request.scope["query_string"])
        if unknown := sorted(parameters.names() - _PARAMETERS):
            raise Problem(400, f"parameter {unknown[0]!r} is not known here; data and shapes are in the body")
        chosen = pick(request, read_format(parameters, REPORTS), REPORTS)
        seconds = read_timeout(parameters, settings)
        content_type = _content_type(request)
        refuse_long_body(request, settings.validation_body_bytes)
        async with validators.place():
            body = await read_body(request, settings.validation_body_bytes, settings.body_seconds)
            sent = await asyncio.to_thread(_sent, content_type, body, settings)
            base = str(request.url.replace(path="/validate", query="", fragment=""))
            shapes = None if sent.shapes is None else ShapesDocument(sent.shapes, "shapes", base)
            asked = Validation(sent.data, sent.data_format.media_type, shapes, base, chosen.name, seconds)
            report = await while_connected(request, validators.report(asked))
        headers = {"Vary": "Accept", "Cache-Control": "no-store", "Content-Type": chosen.content_type}
        return Response(report, headers=headers)

    methods = ["POST", "OPTIONS"]
    app.add_api_route("/validate", validate, methods=methods, openapi_extra=_OPENAPI, tags=["Validation"])


def _content_type(request: Request) -> str:
    """The Content-Type of a request, if it is one that is taken.

    Raises:
        Problem: 415.
    """
    refuse_encoded(request)
    given = request.headers.get("content-type", "")
    if len(given) > _HEADER_BYTES:
        raise Problem(415, f"a Content-Type of more than {_HEADER_BYTES} bytes is not taken")
    media_type, charset = media_type_of(given)
    if media_type != MULTIPART:
        _format(media_type, charset, DATA)
    return given


def _format(media_type: str, charset: str, taken: Sequence[Format]) -> Format:
    return format_of_body(media_type, charset, taken, what="body", accept_post=_ACCEPT_POST)


def _sent(content_type: str, body: bytes, settings: ServerSettings) -> _Sent:
    media_type, charset = media_type_of(content_type)
    if media_type == MULTIPART:
        sent = _of_form(read_parts(content_type, body))
    else:
        sent = _Sent(body, _format(media_type, charset, DATA))
    for what, given, longest in (
        ("data", sent.data, settings.data_bytes),
        ("shapes", sent.shapes or b"", settings.shapes_bytes),
    ):
        if len(given) > longest:
            raise Problem(413, f"the {what} are longer than {longest} bytes")
    return sent


def _of_form(parts: list[Part]) -> _Sent:
    named: dict[str, Part] = {}
    for part in parts:
        if part.name not in ("data", "shapes"):
            raise Problem(400, f"the form has a part {part.name!r}; expected data and shapes")
        if part.name in named:
            raise Problem(400, f"the form has two parts {part.name!r}; expected one")
        named[part.name] = part
    if "data" not in named:
        raise Problem(400, "the form has no part 'data'")
    shapes = named.get("shapes")
    if shapes:
        _part_format(shapes, (_TURTLE, _NTRIPLES))
    return _Sent(named["data"].content, _part_format(named["data"], DATA), shapes.content if shapes else None)


def _part_format(part: Part, taken: Sequence[Format]) -> Format:
    """The format of a part: by its type, else by the name of the file, else Turtle, of which N-Triples is a part."""
    media_type, charset = media_type_of(part.content_type)
    # What forms say of a field that is no file.
    if media_type in _UNTYPED or media_type == "text/plain":
        suffix = PurePath(part.filename).suffix.lower().removeprefix(".")
        media_type = next((one.media_type for one in DATA if suffix in one.names), _TURTLE.media_type)
    return _format(media_type, charset, taken)


_OPENAPI: Final[dict[str, object]] = {
    "parameters": [
        {"name": "format", "in": "query", "schema": {"type": "string", "enum": [one.name for one in REPORTS]}},
        {"name": "timeout", "in": "query", "schema": {"type": "number"}},
    ],
    "requestBody": {
        "required": True,
        "content": {
            **{format_.media_type: {"schema": {"type": "string"}} for format_ in DATA},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["data"],
                    "properties": {
                        "data": {"type": "string", "description": "The data"},
                        "shapes": {"type": "string", "description": "SHACL shapes in Turtle, in place of ours"},
                    },
                }
            },
        },
    },
    "responses": {
        "200": {
            "description": "The report, also where the data does not conform",
            "content": {format_.media_type: {} for format_ in REPORTS},
        }
    },
}
