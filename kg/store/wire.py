"""One request to a server elsewhere, with one deadline and one limit of size for all of it.

Reading with a time limit for each read is not enough: a server that sends a byte now and then holds its client for
ever, in the head of its answer as in the body. So the connection itself is shut down at the deadline, whatever is
waited for. Redirects are not followed: where they go is not ours to trust.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, socket
from typing import Any, Final, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from kg.errors import QueryTimeout, RemoteError, RemoteUnavailable
from kg.terms import clean

__all__ = ["Reply", "ask", "one_line"]

_PIECE: Final = 64 * 1024
_SHOWN: Final = 200
_SAID_BYTES: Final = 4 * _SHOWN
"""Most that is read of an error's message."""


class Reply(NamedTuple):
    """An answer. Of an error, ``data`` is the beginning; ``headers`` has names in lower case."""

    status: int
    reason: str
    headers: dict[str, str]
    data: bytes

    @property
    def media_type(self) -> str:
        """The type in its Content-Type, without parameters; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def one_line(text: str) -> str:
    r"""A server's words as one line that is not long and has no control characters.

    >>> one_line("it failed:\n\tno  memory")
    'it failed: no memory'
    """
    return clean(" ".join(text.split()))[:_SHOWN]


def ask(request: Request, *, place: str, timeout: float, most: int) -> Reply:
    """Send a request and read the whole answer, or the beginning of one that is an error.

    Args:
        request: the request.
        place: what errors name as the place.
        timeout: seconds for all of it.
        most: most bytes of an answer.

    Raises:
        QueryTimeout: the answer was not complete at the deadline.
        RemoteUnavailable: the server cannot be reached, or breaks off.
        RemoteError: it says too much, or less than it announced.
    """
    deadline = _Deadline(timeout)
    try:
        return _answer(request, deadline, place, timeout, most)
    except (HTTPException, OSError) as error:
        if deadline.passed or isinstance(error, TimeoutError) or isinstance(_reason(error), TimeoutError):
            raise _too_late(place, timeout) from error
        if isinstance(error, URLError):
            problem = f"the endpoint cannot be reached: {error.reason}"
            raise RemoteUnavailable(one_line(problem), place=place, remedy="check the URL and the network") from error
        problem = f"the connection broke: {error or type(error).__name__}"
        raise RemoteUnavailable(one_line(problem), place=place, remedy="try again") from error
    finally:
        deadline.close()


def _answer(request: Request, deadline: _Deadline, place: str, timeout: float, most: int) -> Reply:
    opener = build_opener(_NoRedirect, _Plain(deadline), _Secure(deadline))
    try:
        with opener.open(request, timeout=timeout) as response:
            data = _read(response, place, most)
            status, reason, headers = response.status, response.reason, response.headers
    except HTTPError as error:
        with error:
            data = b""
            # The status says enough, when the rest of it does not come.
            with suppress(HTTPException, OSError):
                data = error.read(_SAID_BYTES)
            status, reason, headers = error.code, str(error.reason), error.headers
    if deadline.passed:
        # The end of a body without a length looks like this, too.
        raise _too_late(place, timeout)
    return Reply(status, reason, {name.lower(): value for name, value in headers.items()}, data)


def _read(response: HTTPResponse, place: str, most: int) -> bytes:
    data = bytearray()
    while piece := response.read1(_PIECE):
        data += piece
        if len(data) > most:
            raise RemoteError(f"the answer has more than {most:,} bytes", place=place, remedy="add LIMIT")
    if response.length:
        raise RemoteError(f"the answer is {response.length:,} bytes short", place=place, remedy="try again")
    return bytes(data)


def _reason(error: Exception) -> object:
    return getattr(error, "reason", None)


def _too_late(place: str, timeout: float) -> QueryTimeout:
    return QueryTimeout(
        f"no complete answer within {timeout:g} s", place=place, remedy="narrow the query, or allow more time"
    )


class _Deadline:
    """Shuts a connection down when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = threading.Lock()
        self._watched: list[socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, connection: socket) -> None:
        """Shut this connection down, too."""
        # The copy stays one of the connection, also when the original is wrapped for TLS or closed by its owner.
        copy = connection.dup()
        with self._lock:
            self._watched.append(copy)
            if self.passed:
                _shut(copy)

    def close(self) -> None:
        """No longer watch."""
        self._timer.cancel()
        with self._lock:
            for copy in self._watched:
                copy.close()
            self._watched.clear()

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            for copy in self._watched:
                _shut(copy)


def _shut(connection: socket) -> None:
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST arrives as a GET without its query, and where it goes is not ours to trust."""

    def redirect_request(self, *_: Any) -> None:
        """No request: the redirect becomes an error."""


class _Connection(HTTPConnection):
    deadline: _Deadline

    def connect(self) -> None:
        super().connect()
        self.deadline.watch(self.sock)


class _SecureConnection(HTTPSConnection, _Connection):
    """Its TLS is negotiated on a connection that is watched already."""


def _watched(kind: type[_Connection], deadline: _Deadline) -> Callable[..., HTTPConnection]:
    def connection(host: str, **options: Any) -> HTTPConnection:
        made = kind(host, **options)
        made.deadline = deadline
        return made

    return connection


class _Plain(HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_watched(_Connection, self._deadline), req)


class _Secure(HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_watched(_SecureConnection, self._deadline), req)
