"""Watching every request from outside: when it began and ended, and how."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.trace import Trace, tracing

__all__ = ["Observed"]


class Observed:
    """Gives each request a trace, and hands it on when the request has ended.

    Args:
        app: the application.
        to: what takes traces; must not raise.
    """

    def __init__(self, app: ASGIApp, to: Sequence[Callable[[Trace], None]]) -> None:
        self._app = app
        self._to = to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        trace = Trace(method=scope["method"], client=client[0] if client else "")

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                trace.status = message["status"]
            elif message["type"] == "http.response.body" and trace.method != "HEAD":
                trace.size += len(message.get("body", b""))
            await send(message)

        begin = time.perf_counter()
        try:
            with tracing(trace):
                await self._app(scope, receive, send_counted)
        except BaseException:
            trace.cut = trace.status != 0
            trace.status = trace.status or 500
            raise
        finally:
            trace.seconds = time.perf_counter() - begin
            trace.route = _route(scope)
            for take in self._to:
                take(trace)


def _route(scope: Scope) -> str:
    """The pattern of the path, of which there are few."""
    path = getattr(scope.get("route"), "path", "")
    return path or ("/static" if scope.get("root_path", "").endswith("/static") else "other")
