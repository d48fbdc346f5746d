"""GET for JSON from a server that may fail: again after a while, at a pace, within limits, from one host only.

Statuses and ``Retry-After`` as RFC 9110 has them, validators as its section 13.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, NamedTuple, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential_jitter

from kg.config import LIMITS, VERSION, Limits
from kg.errors import RemoteError, UsageError
from kg.sources.record import one_line

__all__ = ["Answer", "PoliteClient", "Validators"]

_AGENT: Final = f"trialkg/{VERSION}"
_AGAIN: Final = frozenset((408, 429, 500, 502, 503, 504))
_REFUSED: Final = frozenset((400, 404))
_NOT_MODIFIED: Final = 304
_OK: Final = 200
_SAID: Final = 400
"""So much of what a server says of an error is shown."""
_REDIRECTS: Final = 5


class Validators(NamedTuple):
    """What a server gives to ask later whether an answer is still the same; empty where it gives nothing."""

    etag: str = ""
    modified: str = ""


class Answer(NamedTuple):
    """What a server answered.

    Attributes:
        status: 200; 304 for an answer that is still the same; 400 or 404.
        body: the answer unpacked; of 400 and 404 the first words that the server says.
        validators: to ask for it again.
    """

    status: int
    body: bytes
    validators: Validators

    def said(self) -> str:
        """The words of the server in one line."""
        return one_line(" ".join(self.body.decode("utf-8", "replace").split()), _SAID)


class _Fault(NamedTuple):
    """A failure that may pass, and how long the server asks to wait."""

    reason: str
    wait: float = 0.0


class PoliteClient:
    """Gets JSON from one server. Use it as a context manager, or close it.

    Args:
        url: the beginning of all addresses, http or https.
        interval: least seconds from one request to the next.
        limits: sizes, times and attempts.
        say: told in one line of each failure that is tried again.
        sleep: waits so many seconds.

    Raises:
        UsageError: not a URL, or one with a password in it.
    """

    def __init__(
        self,
        url: str,
        *,
        interval: float = LIMITS.registry_interval,
        limits: Limits = LIMITS,
        say: Callable[[str], None] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._base = _checked(url)
        self.url = str(self._base).rstrip("/")
        self._interval = interval
        self._limits = limits
        self._say = say or (lambda _line: None)
        self._sleep = sleep or time.sleep
        self._next = 0.0
        backoff = wait_exponential_jitter(initial=1, max=limits.registry_backoff, jitter=1)
        self._retrying = Retrying(
            retry=retry_if_result(lambda outcome: isinstance(outcome, _Fault)),
            stop=self._is_enough,
            wait=lambda state: max(backoff(state), _fault(state).wait),
            before_sleep=self._tell,
            sleep=self._sleep,
            retry_error_callback=_last,
        )
        # gzip alone: what other packings give at a time has no bound that is known before.
        # Certificates are not read for http, from which no redirect to https is followed.
        self._client = httpx.Client(
            verify=self._base.scheme == "https",
            headers={"User-Agent": _AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=limits.registry_seconds,
            follow_redirects=False,
        )

    def get(
        self, path: str, parameters: Mapping[str, str] | None = None, validators: Validators | None = None
    ) -> Answer:
        """Get one address, again and again while the failure may pass.

        Args:
            path: what follows the URL.
            parameters: the query.
            validators: those of an answer that is here already.

        Raises:
            RemoteError: the server keeps failing, sends too much, or answers what is no JSON.
        """
        headers = {}
        if validators and validators.etag:
            headers["If-None-Match"] = validators.etag
        elif validators and validators.modified:
            headers["If-Modified-Since"] = validators.modified
        request = self._client.build_request("GET", self.url + path, params=parameters or None, headers=headers)
        outcome: Answer | _Fault = self._retrying(self._attempt, request)
        if isinstance(outcome, Answer):
            return outcome
        if outcome.wait > self._limits.registry_retry_after:
            raise self._error(outcome.reason, f"it asks to wait {outcome.wait:,.0f} seconds: run again after that")
        times = self._limits.registry_attempts
        raise self._error(f"{outcome.reason}, {times} times", "try again later, or check the address")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attempt(self, request: httpx.Request) -> Answer | _Fault:
        wait = self._next - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next = time.monotonic() + self._interval
        try:
            return self._send(request)
        except httpx.TimeoutException:
            return _Fault(f"no answer within {self._limits.registry_seconds:g} seconds")
        except httpx.DecodingError as error:
            return _Fault(f"the answer cannot be unpacked: {one_line(str(error))}")
        except httpx.TransportError as error:
            return _Fault(f"the connection failed: {one_line(str(error)) or type(error).__name__}")

    def _send(self, request: httpx.Request) -> Answer | _Fault:
        for _ in range(_REDIRECTS + 1):
            response = self._client.send(request, stream=True)
            with closing(response):
                if response.next_request is None:
                    return self._read(response)
                request = self._followed(response.next_request)
        raise self._error(f"redirects more than {_REDIRECTS} times", "check the address")

    def _followed(self, request: httpx.Request) -> httpx.Request:
        """A request that the server redirects to, which must be one to itself."""
        to, base = request.url, self._base
        if (to.scheme, to.host, to.port) != (base.scheme, base.host, base.port):
            raise self._error(
                f"redirects to another server, {one_line(str(to.copy_with(query=None)), 100)}",
                "name that one by --api if it is right",
            )
        return request

    def _read(self, response: httpx.Response) -> Answer | _Fault:
        status = response.status_code
        headers = response.headers
        validators = Validators(_plain(headers.get("etag", "")), _plain(headers.get("last-modified", "")))
        if status == _NOT_MODIFIED:
            return Answer(status, b"", validators)
        packing = headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("", "identity", "gzip"):
            raise self._error(f"answers packed as {one_line(packing, 40)!r}", "gzip was asked for")
        if status != _OK:
            answer = Answer(status, self._said(response), validators)
            if status in _REFUSED:
                return answer
            said = answer.said()
            reason = f"answers {status} {one_line(response.reason_phrase, 60)}{': ' if said else ''}{said}"
            if status in _AGAIN:
                return _Fault(reason, _retry_after(headers.get("retry-after", "")))
            raise self._error(reason, "check the address")
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type and "json" not in media_type:
            raise self._error(f"answers {one_line(media_type, 60)}, not JSON", "is this the address of the API?")
        return self._body(response, validators)

    def _said(self, response: httpx.Response) -> bytes:
        return b"" if _is_html(response.headers) else _beginning(response, self._limits.registry_answer_seconds)

    def _body(self, response: httpx.Response, validators: Validators) -> Answer | _Fault:
        deadline = time.monotonic() + self._limits.registry_answer_seconds
        most = self._limits.registry_page_bytes
        data = bytearray()
        for piece in response.iter_bytes():
            data += piece
            if len(data) > most:
                raise self._error(f"sends more than {most:,} bytes in one answer", "ask for smaller pages")
            if time.monotonic() > deadline:
                return _Fault(f"no complete answer within {self._limits.registry_answer_seconds:g} seconds")
        if data.lstrip()[:1] == b"<":
            raise self._error("answers a page for people, not JSON", "is this the address of the API?")
        return Answer(_OK, bytes(data), validators)

    def _is_enough(self, state: RetryCallState) -> bool:
        return (
            state.attempt_number >= self._limits.registry_attempts
            or _fault(state).wait > self._limits.registry_retry_after
        )

    def _tell(self, state: RetryCallState) -> None:
        self._say(f"{self.url}: {_fault(state).reason}; trying again in {state.upcoming_sleep:.0f} seconds")

    def _error(self, problem: str, remedy: str) -> RemoteError:
        return RemoteError(problem, place=self.url, remedy=remedy)


def _checked(url: str) -> httpx.URL:
    expected = "expected http:// or https:// and a host"
    try:
        url.encode()
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeEncodeError) as error:
        raise UsageError(f"the address of the API is no URL: {error}", remedy=expected) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(f"{one_line(url, 100)!r} is no address of an API", remedy=expected)
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise UsageError("the address of the API has a password or a query in it", remedy=expected)
    return parsed


def _fault(state: RetryCallState) -> _Fault:
    outcome = _last(state)
    return outcome if isinstance(outcome, _Fault) else _Fault("")


def _last(state: RetryCallState) -> Answer | _Fault:
    if state.outcome is None:
        raise AssertionError
    result: Answer | _Fault = state.outcome.result()
    return result


def _plain(header: str) -> str:
    """A header that can be sent back as it is; empty for what no sound server gives."""
    return header if header.isascii() and len(header) <= _SAID else ""


def _is_html(headers: httpx.Headers) -> bool:
    return "html" in headers.get("content-type", "")


def _beginning(response: httpx.Response, seconds: float) -> bytes:
    """The first words, or what of them comes in time."""
    deadline = time.monotonic() + seconds
    data = b""
    for piece in response.iter_bytes():
        data += piece
        if len(data) >= _SAID * 4 or time.monotonic() > deadline:
            break
    return data[: _SAID * 4]


def _retry_after(text: str) -> float:
    """Seconds to wait by a ``Retry-After`` header, which has seconds or a date; 0 when it has neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    # A date without a zone is one of UTC.
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
