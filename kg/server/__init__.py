"""The HTTP server: SPARQL endpoint, pages of studies, and the query library as paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kg.server.bearer import Token
    from kg.server.settings import ServerSettings
    from kg.store.remote_reader import Endpoint

__all__ = ["create_app", "serve"]


def create_app(served: Path | Endpoint, settings: ServerSettings | None = None, token: Token | None = None) -> FastAPI:
    """The application, for any ASGI server; see :func:`kg.server.app.create_app`."""
    from kg.server import app

    return app.create_app(served, settings, token)


def serve(
    store: Path | Endpoint,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int | None = None,
    timeout: float | None = None,
    *,
    settings: ServerSettings | None = None,
) -> int:
    """Serve a store, or an endpoint elsewhere, until interrupted; see :func:`kg.server.run.serve`."""
    from kg.server import run

    return run.serve(store, host, port, workers, timeout, settings=settings)
