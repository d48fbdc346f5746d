"""Every error that leaves the server, as ``application/problem+json``.

Source: https://www.rfc-editor.org/rfc/rfc9457.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kg.errors import (
    QueryError,
    QueryRefused,
    QueryTimeout,
    RemoteError,
    RemoteUnavailable,
    StoreError,
    TermError,
    TrialkgError,
    UsageError,
)
from kg.server.negotiation import accept_of, prefers_html
from kg.server.templating import page

__all__ = ["Problem", "answer_http", "answer_problem", "answer_trialkg", "answer_unexpected", "problem_of"]

logger = logging.getLogger("kg.server")

_RETRY_SECONDS = 2
"""What Retry-After says: most queries take milliseconds, so a place is soon free."""


class Problem(Exception):
    """An answer other than the one asked for.

    Args:
        status: HTTP status code.
        detail: what is wrong and what to do, for the reader of the answer.
        headers: further headers.
        members: further members of the problem object, such as ``line`` and ``column``.
        retry: whether the same request may do better soon.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, int] | None = None,
        retry: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        if retry:
            self.headers["Retry-After"] = str(_RETRY_SECONDS)

    def respond(self, request: Request) -> Response:
        """The answer: a problem object, or a page for someone who asked for HTML."""
        title = HTTPStatus(self.status).phrase
        headers = {**self.headers, "Cache-Control": "no-store", "Vary": "Accept"}
        if prefers_html(accept_of(request)):
            return page(
                "error.html", status=self.status, headers=headers, title=title, detail=self.detail, code=self.status
            )
        body = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, **self.members}
        return JSONResponse(body, self.status, headers, media_type="application/problem+json")


_STATUS: tuple[tuple[type[TrialkgError], int], ...] = (
    (QueryRefused, 403),
    (QueryTimeout, 504),
    (QueryError, 400),
    (UsageError, 400),
    (TermError, 400),
    (StoreError, 503),
    (RemoteUnavailable, 503),
    (RemoteError, 502),
)


def problem_of(error: TrialkgError) -> Problem:
    """The problem that an error of ours is for a client."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, RemoteError):
        logger.error("%s", error)
        return Problem(status, error.problem, retry=status == 503)
    if status == 503:
        # The message names paths of this machine: it is for the log, not for the client.
        logger.error("%s", error)
        return Problem(503, "the data cannot be read at the moment", retry=True)
    return Problem(status, str(error))


async def answer_problem(request: Request, error: Exception) -> Response:
    """Exception handler for :class:`Problem`."""
    assert isinstance(error, Problem)  # noqa: S101  (registered for it)
    return error.respond(request)


async def answer_trialkg(request: Request, error: Exception) -> Response:
    """Exception handler for :class:`kg.errors.TrialkgError`."""
    assert isinstance(error, TrialkgError)  # noqa: S101  (registered for it)
    return problem_of(error).respond(request)


async def answer_http(request: Request, error: Exception) -> Response:
    """Exception handler for what the framework refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for it)
    detail = {
        404: f"nothing is at {request.url.path}; / is the start page",
        405: f"{request.url.path} does not take {request.method}",
    }.get(error.status_code, error.detail)
    return Problem(error.status_code, detail, headers=error.headers).respond(request)


async def answer_unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Exception handler for a mistake of ours: the log has the traceback, the client does not."""
    return Problem(500, "the server made a mistake; its log says more").respond(request)
