"""What the server writes down, as JSON lines: queries, slow ones, and its own log when asked to.

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

__all__ = ["JsonLines", "QueryLog", "log_config"]

_STDERR: Final = "-"
_DIGITS: Final = 16


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
    """Writes down queries and validations when they have ended, and whatever was slow.

    Args:
        settings: where to, and what is slow.

    Raises:
        UsageError: a file cannot be written.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._salt = secrets.token_bytes(16)
        self._all = _writer("query_log", settings.query_log)
        self._slow = _writer("slow_query_log", settings.slow_query_log)

    def write(self, trace: Trace) -> None:
        """Write down a request that has ended, if it is one for these logs."""
        if self._all and (trace.query or trace.process):
            self._all.info("%s", _line(self._members("query", trace)))
        if self._slow and trace.seconds >= self._settings.slow_seconds:
            members = self._members("slow", trace)
            longest = self._settings.logged_query_bytes
            if trace.query and longest:
                text = trace.query.encode()
                members["text"] = text[:longest].decode(errors="ignore")
                members["whole"] = len(text) <= longest
            self._slow.info("%s", _line(members))

    def close(self) -> None:
        """Close the files."""
        for writer in (self._all, self._slow):
            for handler in list(writer.handlers if writer else ()):
                handler.close()

    def _members(self, log: str, trace: Trace) -> dict[str, Any]:
        return {
            "time": _time(),
            "log": log,
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
            "client": _hash(trace.client.encode(), self._salt) if trace.client else None,
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
