"""Requests whose end two servers could see at two places.

Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.1.
"""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.server.problems import Problem

__all__ = ["OneLength"]


class OneLength:
    """Refuses a request that states its length in two ways, and closes its connection.

    The parser takes the chunks and leaves the stated length aside. A proxy in front may do it the other way round, and
    what it takes for the rest of one client's body would be read here as the next request of another.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        names = {name for name, _ in scope["headers"]} if scope["type"] == "http" else set()
        if b"transfer-encoding" in names:
            # Chunks that are none end the connection when the parser gets to them; nothing is to be sent before.
            await asyncio.sleep(0)
        if {b"content-length", b"transfer-encoding"} <= names:
            detail = "the request has both Content-Length and Transfer-Encoding; expected one"
            refused = Problem(400, detail, headers={"Connection": "close"})
            await refused.respond(Request(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)
