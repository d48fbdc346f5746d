"""Running the server until someone stops it."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

import uvicorn

from kg.errors import UsageError
from kg.server.answer import CutOff
from kg.server.app import create_app
from kg.server.bearer import Token, read_token
from kg.server.logs import log_config
from kg.server.pool import Pool
from kg.server.settings import ServerSettings
from kg.server.updates import Updates, audit_logger
from kg.server.validators import Validators
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest
from kg.store.remote_reader import Endpoint

__all__ = ["serve"]

logger = logging.getLogger("kg.server")

_MORE_SECONDS = 3
"""What requests have to end after the processes were stopped, before their connections are dropped."""
_INTERRUPTED = 130
_FIRST_SECONDS = 10.0
"""What an endpoint has for its first answer, when the server starts."""


class _Server(uvicorn.Server):
    """Says where it listens, once it does, and stops what outlasts its grace when it ends."""

    def __init__(
        self, config: uvicorn.Config, processes: Sequence[Pool | Validators | Updates], settings: ServerSettings
    ) -> None:
        super().__init__(config)
        self._processes = processes
        self._settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What a server is made of stays until its end. To look through it for garbage again and again holds up
        # requests.
        gc.collect()
        gc.freeze()
        if self.started:
            for listening in sockets or []:
                host, port = listening.getsockname()[:2]
                address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
                self._announce(f"trialkg serves {address} (stop with Ctrl-C)")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Their clients get an answer that says so, before uvicorn would drop the connections.
        stopping = asyncio.get_running_loop().call_later(
            self._settings.stop_seconds, lambda: [asyncio.ensure_future(one.interrupt()) for one in self._processes]
        )
        try:
            await super().shutdown(sockets)
        finally:
            stopping.cancel()

    def _announce(self, line: str) -> None:
        if self._settings.log_format == "json":
            logger.info("%s", line)
        else:
            sys.stderr.write(f"{line}\n")


def _shorten(record: logging.LogRecord) -> bool:
    """A log filter: an answer broken off on purpose is one line, and a failed start is the caller's to tell."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, CutOff):
        record.msg, record.args, record.exc_info = "an answer was broken off: %s", (str(error),), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    message = record.getMessage()
    return not (message.startswith("Traceback") and "StoreError" in message)


def _token(settings: ServerSettings) -> Token | None:
    """The token of those who may change the store; None when nobody may."""
    if settings.allow_update != bool(settings.token_file):
        raise UsageError("one of allow_update and token_file is given", remedy="expected both or neither")
    return read_token(Path(settings.token_file)) if settings.allow_update else None


def _check(store: Path | Endpoint, settings: ServerSettings) -> None:
    """Find out now whether there is something to serve."""
    if isinstance(store, Path):
        StoreDirectory(store).newest()
        return
    if settings.allow_update:
        raise UsageError("no changes are taken for an endpoint", place=store.url, remedy="send them to the endpoint")
    # Some endpoints answer a query without any pattern in their own way.
    store.backend(most=settings.endpoint_bytes).run(QueryRequest("ASK { ?s ?p ?o }", timeout=_FIRST_SECONDS))


def _show_audit(settings: ServerSettings) -> None:
    """Write the audit log to stderr; where all logs there are JSON, it is one of them already."""
    if settings.log_format != "json" and not audit_logger.handlers:
        audit_logger.addHandler(logging.StreamHandler())
        audit_logger.setLevel(logging.INFO)
        audit_logger.propagate = False


def _listen(host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio switches TCP_NODELAY on; without, each answer waits 40 ms for an acknowledgement.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        problem = f"cannot listen at {host} port {port}: {error}"
        raise UsageError(problem, remedy="name another --host or --port") from error
    return listening


def serve(
    store: Path | Endpoint,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int | None = None,
    timeout: float | None = None,
    *,
    settings: ServerSettings | None = None,
) -> int:
    """Serve a store, or an endpoint elsewhere, until SIGINT or SIGTERM.

    Args:
        store: the store directory, or the endpoint.
        host: the address to listen at.
        port: the port; 0 takes a free one, which is then announced on stderr.
        workers: query processes; as the settings say when None.
        timeout: deadline of a query in seconds; as the settings say when None.
        settings: all limits.

    Returns:
        The exit code: 0, or 130 when interrupted from the keyboard.

    Raises:
        StoreError: there is nothing to serve.
        RemoteError: the endpoint does not answer.
        UsageError: the address cannot be listened at, a setting makes no sense, the file has no token, or changes are
            to be taken for an endpoint.
    """
    settings = settings or ServerSettings()
    given = {name: value for name, value in (("workers", workers), ("timeout", timeout)) if value is not None}
    settings = replace(settings, **given)  # type: ignore[arg-type]  # by name
    token = _token(settings)
    _check(store, settings)
    app = create_app(store, settings, token)
    config = uvicorn.Config(
        app,
        log_config=log_config(settings) or uvicorn.config.LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds) + _MORE_SECONDS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    logging.getLogger("uvicorn.error").addFilter(_shorten)
    _show_audit(settings)
    stopped: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        stopped.append(number)

    # uvicorn stops gracefully, then raises the signal again for whoever listened before it: us.
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _listen(host, port) as listening:
            _Server(config, app.state.processes, settings).run(sockets=[listening])
    except SystemExit:
        if app.state.failure:
            raise app.state.failure from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _INTERRUPTED if signal.SIGINT in stopped else 0
