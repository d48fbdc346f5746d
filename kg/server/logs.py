"""What the server writes down, as JSON lines: queries, slow ones, changes, and its own log when asked to.

Nothing of it says who asked: a client's address is hashed with a salt that is made at the start and never written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import sys
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Any, Final

from kg.errors import UsageError
from kg.server.settings import ServerSettings
from kg.server.trace import Trace

__all__ = ["AUDIT", "Clients", "JsonLines", "QueryLog", "json_line", "log_config"]

AUDIT: Final = "kg.server.audit"
"""The logger of changes. What it is given are lines of JSON already, so that any handler writes them."""

_STDERR: Final = "-"
_DIGITS: Final = 16


class Clients:
    """Names for the clients of one server, which say nothing after its end."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)

    def name(self, address: str) -> str | None:
        """A hash of a client's address; None for none."""
        return _hash(address.encode(), self._salt) if address else None


def json_line(log: str, members: dict[str, Any]) -> str:
    """A line about what happens now, for one of the logs."""
    return _line({"time": _time(), "log": log, **members})


def _line(members: dict[str, Any]) -> str:
    return json.dumps(members, ensure_ascii=False)


def _time(seconds: float | None = None) -> str:
    moment = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """Writes a record of a log as one line of JSON.

    >>> record = logging.LogRecord("kg.server", logging.WARNING, "", 0, "%s ended", ("it",), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'it ended'
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if record.name == AUDIT:
            return record.getMessage()
        members = {
            "time": _time(record.created),
            "log": "server",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        return _line(members)


def log_config(settings: ServerSettings) -> dict[str, Any] | None:
    """A configuration of :mod:`logging` for the server's log; None to leave it to the ASGI server."""
    if settings.log_format != "json":
        return None
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "loggers": {
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "kg": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


class QueryLog:
    """Writes down queries, validations and changes when they have ended, and whatever was slow.

    Args:
        settings: where to, and what is slow.
        clients: gives the clients their names.

    Raises:
        UsageError: a file cannot be written.
    """

    def __init__(self, settings: ServerSettings, clients: Clients) -> None:
        self._settings = settings
        self._clients = clients
        self._all = _writer("query_log", settings.query_log)
        self._slow = _writer("slow_query_log", settings.slow_query_log)

    def write(self, trace: Trace) -> None:
        """Write down a request that has ended, if it is one for these logs."""
        if self._all and (trace.query or trace.process):
            self._all.info("%s", json_line("query", self._members(trace)))
        if self._slow and trace.seconds >= self._settings.slow_seconds:
            members = self._members(trace)
            longest = self._settings.logged_query_bytes
            if trace.query and longest:
                text = trace.query.encode()
                members["text"] = text[:longest].decode(errors="ignore")
                members["whole"] = len(text) <= longest
            self._slow.info("%s", json_line("slow", members))

    def close(self) -> None:
        """Close the files."""
        for writer in (self._all, self._slow):
            for handler in list(writer.handlers if writer else ()):
                handler.close()

    def _members(self, trace: Trace) -> dict[str, Any]:
        return {
            "method": trace.method,
            "route": trace.route,
            "query": _hash(trace.query.encode()) if trace.query else None,
            "status": trace.status,
            "seconds": round(trace.seconds, 4),
            "waited": round(trace.waited, 4),
            "rows": trace.rows,
            "bytes": trace.size,
            "cut": trace.cut,
            "killed": trace.killed,
            "generation": trace.generation,
            "client": self._clients.name(trace.client),
        }


def _hash(data: bytes, salt: bytes = b"") -> str:
    return hashlib.blake2b(data, key=salt, digest_size=_DIGITS // 2).hexdigest()


def _writer(setting: str, target: str) -> logging.Logger | None:
    if not target:
        return None
    try:
        # Another program may move the file away to begin a new one.
        handler = (
            logging.StreamHandler(sys.stderr) if target == _STDERR else WatchedFileHandler(target, encoding="utf-8")
        )
    except OSError as error:
        remedy = "name a file that can be written, or - for standard error"
        raise UsageError(f"{setting} {target!r} cannot be written: {error.strerror}", remedy=remedy) from None
    # Beside the tree of loggers: no level or handler of others counts.
    writer = logging.Logger(setting, logging.INFO)
    writer.addHandler(handler)
    return writer
