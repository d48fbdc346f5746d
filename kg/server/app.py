"""The application: routes, errors, headers, and the life of the query processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from kg.config import VERSION
from kg.errors import StoreError, TrialkgError
from kg.library import LibraryQuery, load_library
from kg.server.bearer import Token
from kg.server.described import add_descriptions
from kg.server.describing import Describing
from kg.server.elsewhere import Elsewhere, RemoteDescribing, RemoteLookup
from kg.server.framing import OneLength
from kg.server.graphs import add_graphs
from kg.server.logs import Clients, QueryLog
from kg.server.lookup import Lookup, Newest
from kg.server.metrics import Metrics, add_metrics
from kg.server.negotiation import GRAPHS, PROBLEM, REPORTS, RESULTS
from kg.server.observed import Observed
from kg.server.pages import add_pages
from kg.server.pool import Pool
from kg.server.problems import Problem, answer_http, answer_problem, answer_trialkg, answer_unexpected
from kg.server.rest import add_query_library, openapi_with_queries
from kg.server.services import TRUNCATED, Services
from kg.server.settings import ServerSettings
from kg.server.sparql import add_sparql
from kg.server.updates import Updates
from kg.server.validation import add_validation
from kg.server.validators import Validators
from kg.store.generations import StoreDirectory
from kg.store.remote_reader import Endpoint, RemoteReader

__all__ = ["create_app"]

_PAGE_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_COMPRESSED_BYTES: Final = 1000
"""Shorter answers fit in one packet anyway."""
_READING: Final = ("GET", "HEAD", "QUERY")
# XML is a document to a browser; whatever elements an answer has, they do nothing.
_DATA_POLICY: Final = "default-src 'none'; sandbox"


class _SecurityHeaders:
    """Says in every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                shown = headers.get("content-type", "").startswith(("text/html", "text/css", "image/"))
                headers["Content-Security-Policy"] = _PAGE_POLICY if shown else _DATA_POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class _Compressed(CompressMiddleware):
    """Compresses answers, but none to a change: nothing that comes with the token shows in a length."""

    __slots__ = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _READING and "authorization" in Headers(scope=scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _forget(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Nobody is there to read this."""
    return Response(status_code=499)


def _asked(
    served: Path | Endpoint, library: dict[str, LibraryQuery], settings: ServerSettings
) -> tuple[Pool, Lookup, Describing]:
    """What answers queries, what the pages look things up in, and what describes it all."""
    if isinstance(served, Path):
        newest = Newest(StoreDirectory(served))
        lookup = Lookup(newest)
        return Pool(newest, settings), lookup, Describing(newest, lookup, library, settings)
    endpoint = served

    def reader(_: Path) -> RemoteReader:
        return RemoteReader(
            endpoint,
            memory=settings.query_memory,
            longest=settings.query_bytes,
            deepest=settings.query_depth,
            most=settings.endpoint_bytes,
        )

    newest, remote = Elsewhere(), RemoteLookup(endpoint, settings)
    return Pool(newest, settings, reader=reader), remote, RemoteDescribing(newest, remote, library, settings)


def create_app(served: Path | Endpoint, settings: ServerSettings | None = None, token: Token | None = None) -> FastAPI:
    """The application over one store directory, or over an endpoint elsewhere.

    Args:
        served: the directory of a store, of which the newest generation is served, and a newer one as soon as it is
            published; or an endpoint, which is never changed.
        settings: limits.
        token: who has it may change the store; None when nobody may.

    Raises:
        UsageError: a file of the query library is not as it must be, or a log cannot be written.
    """
    settings = settings or ServerSettings()
    clients = Clients()
    library = load_library()
    pool, lookup, describing = _asked(served, library, settings)
    if isinstance(served, Endpoint):
        # Changes go to the endpoint itself.
        token = None
    updates = Updates(StoreDirectory(served if isinstance(served, Path) else Path()), settings, token, clients)
    services = Services(pool, Validators(settings), updates, lookup, library, settings, describing)

    metrics, log = Metrics(services), QueryLog(settings, clients)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            try:
                await services.pool.start()
            except StoreError as error:
                # The ASGI server only hears that the start failed; whoever runs it looks here.
                app.state.failure = error
                raise
            yield
        finally:
            await services.updates.stop()
            await services.validators.stop()
            await services.pool.stop()
            services.describing.stop()
            services.lookup.close()
            log.close()

    app = FastAPI(
        title="trialkg",
        version=VERSION,
        description="Clinical trial records as a knowledge graph: SPARQL, studies, a library of queries, validation.",
        lifespan=lifespan,
        redirect_slashes=False,
        # Looked for with each request otherwise. Older versions take no notice.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    for add in (add_pages, add_sparql, add_graphs, add_query_library, add_descriptions, add_validation):
        add(app, services)
    if settings.metrics:
        add_metrics(app, metrics)
    app.state.processes = (services.pool, services.validators, services.updates)
    app.state.failure = None
    app.mount("/static", StaticFiles(packages=[("kg.server", "static")]))
    described = openapi_with_queries(app, services.library)
    app.openapi = lambda: described  # type: ignore[method-assign]
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(TrialkgError, answer_trialkg)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(ClientDisconnect, _forget)
    app.add_exception_handler(Exception, answer_unexpected)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "QUERY", "PUT", "DELETE", "PATCH"],
        allow_headers=["*"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "Trialkg-Generation", TRUNCATED, "WWW-Authenticate"],
        max_age=86_400,
    )
    if settings.compression:
        for format_ in (*RESULTS, *GRAPHS, *REPORTS, PROBLEM):
            add_compress_type(format_.media_type)
        app.add_middleware(_Compressed, minimum_size=_COMPRESSED_BYTES)
    app.add_middleware(OneLength)
    app.add_middleware(_SecurityHeaders)
    app.add_middleware(Observed, to=[metrics.observe, log.write])
    return app
