"""Requests of the SPARQL 1.1 Protocol, read and checked.

Source: https://www.w3.org/TR/sparql11-protocol/#protocol (section 2); the method QUERY:
https://datatracker.ietf.org/doc/draft-ietf-httpbis-safe-method-w-body/.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

import pyoxigraph
from fastapi import Request

from kg.server.negotiation import GRAPHS, HTML, RESULTS, Format, by_name, media_type_of
from kg.server.problems import Problem
from kg.server.settings import ServerSettings

__all__ = [
    "FORM",
    "QUERY",
    "UPDATE",
    "WITH_BODY",
    "Operation",
    "Parameters",
    "UpdateOperation",
    "format_of_body",
    "read_body",
    "read_format",
    "read_operation",
    "read_timeout",
    "read_update",
    "read_utf8",
    "refuse_encoded",
    "refuse_long_body",
]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
WITH_BODY = ("POST", "QUERY")
"""Methods whose body is, or has, a query."""
_MOST_PARAMETERS = 1000


class Parameters:
    """The parameters of a request, in the order sent.

    Args:
        encoded: query strings or form bodies, percent-encoded UTF-8.

    Raises:
        Problem: 400, a parameter that is not UTF-8, or too many of them.

    >>> Parameters(b"query=ASK+%7B%7D&format=csv").one("query")
    'ASK {}'
    """

    def __init__(self, *encoded: bytes) -> None:
        self._pairs: list[tuple[str, str]] = []
        for part in encoded:
            try:
                # Some clients leave other than ASCII unencoded.
                text = part.decode()
                self._pairs += parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
            except UnicodeDecodeError:
                raise Problem(400, "a parameter is not UTF-8") from None
            except ValueError:
                raise Problem(400, f"more than {_MOST_PARAMETERS} parameters") from None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter that may be repeated."""
        return tuple(value for found, value in self._pairs if found == name)

    def one(self, name: str) -> str | None:
        """The value of a parameter that may be given once; None when it is absent.

        Raises:
            Problem: 400, given more than once.
        """
        values = self.all(name)
        if len(values) > 1:
            raise Problem(400, f"parameter {name!r} is given {len(values)} times; expected one")
        return values[0] if values else None

    def names(self) -> set[str]:
        """The names that occur."""
        return {name for name, _ in self._pairs}


class Operation(NamedTuple):
    """A query operation.

    ``text`` is None when there is no query. The two graph lists are None when the request names no dataset; when
    it names one, a list left out is empty.
    """

    text: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    timeout: float
    format_name: str | None


class UpdateOperation(NamedTuple):
    """An update operation; the graphs are None when the request names no dataset. ``size`` is that of its body."""

    text: str
    using: tuple[str, ...] | None
    using_named: tuple[str, ...] | None
    timeout: float
    size: int


def read_timeout(parameters: Parameters, settings: ServerSettings) -> float:
    """Seconds that a query, a validation or a change may take: what is asked for, at most the server's limit.

    Raises:
        Problem: 400, not a number above 0.
    """
    given = parameters.one("timeout")
    if given is None:
        return settings.timeout
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Problem(400, f"timeout {given!r} is not a number of seconds above 0")
    return min(seconds, settings.timeout)


def read_format(parameters: Parameters, offered: Sequence[Format] = (*RESULTS, *GRAPHS, HTML)) -> str | None:
    """The format that a request names; None when it names none.

    SPARQLWrapper sends several names for one format, not all of them ours: the first that is known counts.
    """
    given = parameters.all("format")
    known = (name for name in given if by_name(name, offered))
    return next(known, given[0] if given else None)


def _graphs(parameters: Parameters, name: str) -> tuple[str, ...]:
    for value in parameters.all(name):
        try:
            pyoxigraph.NamedNode(value)
        except ValueError:
            raise Problem(400, f"{name} {value!r} is not an absolute IRI") from None
    return parameters.all(name)


def read_utf8(body: bytes, charset: str, what: str) -> str:
    """A text in a body.

    Raises:
        Problem: 415 for another charset, 400 for bytes that are not UTF-8.
    """
    if charset not in ("", "utf-8", "utf8"):
        raise Problem(415, f"a text in {charset} is not taken; send UTF-8")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"the {what} is not UTF-8 at byte {error.start}") from None


def refuse_encoded(request: Request) -> None:
    """Refuse a body that is compressed.

    Raises:
        Problem: 415.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(415, f"a body in the encoding {encoding} is not taken; send it as it is")


def refuse_long_body(request: Request, longest: int) -> None:
    """Refuse a body that is announced to be too long, before any of it is read.

    Raises:
        Problem: 413.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > longest:
        raise _too_long(longest)


def _too_long(longest: int) -> Problem:
    return Problem(413, f"the body is longer than {longest} bytes")


async def read_body(request: Request, longest: int, seconds: float) -> bytes:
    """The body of a request.

    Args:
        request: the request.
        longest: most bytes of it.
        seconds: what it may take to arrive.

    Raises:
        Problem: 408, 413, 415 where it is compressed: what it would unpack to is not bounded.
    """
    refuse_encoded(request)
    refuse_long_body(request, longest)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > longest:
                    raise _too_long(longest)
    except TimeoutError:
        raise Problem(408, f"the body did not arrive within {seconds:g} seconds") from None
    return bytes(body)


async def read_operation(request: Request, settings: ServerSettings, body: bytes | None = None) -> Operation:
    """The query operation that a GET, POST or QUERY asks for.

    Args:
        request: the request.
        settings: limits.
        body: its body, where it was read already.

    Raises:
        Problem: 400 for parameters that are wrong or repeated, 403 for an update, 408, 413 and 415 for a body
            that is late, too long or of another kind.
    """
    url = request.scope["query_string"]
    text: str | None = None
    if request.method in WITH_BODY:
        media_type, charset = _sent_as(request, (QUERY, FORM))
        if body is None:
            body = await read_body(request, settings.body_bytes, settings.body_seconds)
        if media_type == FORM:
            parameters = Parameters(url, body)
        else:
            parameters = Parameters(url)
            text = read_utf8(body, charset, "query")
            if parameters.all("query"):
                raise Problem(400, "the query is both in the body and in the URL; expected one")
    else:
        parameters = Parameters(url)
    if "update" in parameters.names():
        raise Problem(400, "an update is sent alone, by POST, as a form or as the body")
    text = parameters.one("query") if text is None else text
    if text is None and request.method in WITH_BODY:
        raise Problem(400, "parameter 'query' is missing")
    if text is not None and len(text.encode()) > settings.query_bytes:
        raise Problem(413, f"the query is longer than {settings.query_bytes} bytes")
    default, named = _graphs(parameters, "default-graph-uri"), _graphs(parameters, "named-graph-uri")
    stated = bool(default or named)
    return Operation(
        text,
        default if stated else None,
        named if stated else None,
        read_timeout(parameters, settings),
        read_format(parameters),
    )


async def read_update(request: Request, settings: ServerSettings, body: bytes | None = None) -> UpdateOperation:
    """The update operation that a POST asks for.

    Args:
        request: the request.
        settings: limits.
        body: its body, where it was read already.

    Raises:
        Problem: 400 for parameters that are wrong, repeated, or those of a query, 408, 413 and 415 for a body that is
            late, too long or of another kind.
    """
    url = request.scope["query_string"]
    media_type, charset = _sent_as(request, (UPDATE, FORM))
    if body is None:
        body = await read_body(request, settings.update_body_bytes, settings.body_seconds)
    if media_type == FORM:
        parameters = Parameters(url, body)
        text = parameters.one("update")
    else:
        parameters = Parameters(url)
        text = read_utf8(body, charset, "update")
        if parameters.all("update"):
            raise Problem(400, "the update is both in the body and in the URL; expected one")
    if text is None:
        raise Problem(400, "parameter 'update' is missing")
    if others := parameters.names() & {"query", "default-graph-uri", "named-graph-uri"}:
        raise Problem(400, f"parameter {min(others)!r} is for queries, and this is an update")
    if len(text.encode()) > settings.update_bytes:
        raise Problem(413, f"the update is longer than {settings.update_bytes} bytes")
    using, using_named = _graphs(parameters, "using-graph-uri"), _graphs(parameters, "using-named-graph-uri")
    stated = bool(using or using_named)
    seconds = read_timeout(parameters, settings)
    return UpdateOperation(text, using if stated else None, using_named if stated else None, seconds, len(body))


def _sent_as(request: Request, taken: tuple[str, str]) -> tuple[str, str]:
    """The media type and charset of a body, of one of two types.

    Raises:
        Problem: 415.
    """
    media_type, charset = media_type_of(request.headers.get("content-type"))
    if media_type not in taken:
        listed = ", ".join(taken)
        given = media_type or "a body without a type"
        detail = f"{given} is not taken; send {' or '.join(taken)}"
        raise Problem(415, detail, headers={"Accept-Post": listed})
    return media_type, charset


def format_of_body(media_type: str, charset: str, taken: Sequence[Format], *, what: str, accept_post: str) -> Format:
    """The format of a body.

    Args:
        media_type: what the request says that it is.
        charset: the same; ``""`` where it says nothing.
        taken: formats that are read.
        what: what the body is, in a word.
        accept_post: the header that tells the client.

    Raises:
        Problem: 415, it is none that is taken, or not in UTF-8.
    """
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Problem(415, f"a {what} in {charset} is not taken; send UTF-8")
    for format_ in taken:
        if media_type in (format_.media_type, *format_.aliases):
            return format_
    names = ", ".join(format_.media_type for format_ in taken)
    given = media_type or "a body without a type"
    raise Problem(415, f"{given} is not taken; expected {names}", headers={"Accept-Post": accept_post})
