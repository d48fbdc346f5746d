"""A store elsewhere that takes statements: by SPARQL Update or by the Graph Store Protocol.

Both ways add statements that may be there already, so that sending again does no harm.

Source: https://www.w3.org/TR/sparql11-protocol/ (section 2.2), https://www.w3.org/TR/sparql11-http-rdf-update/.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Generator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential, wait_random

from kg.config import VERSION
from kg.errors import RemoteError, RemoteUnavailable, UsageError
from kg.pipeline.remote.statements import Sent
from kg.store.remote import checked_url
from kg.store.wire import one_line
from kg.terms import ref

__all__ = ["Credentials", "Target", "read_credentials"]

_AGAIN: Final = frozenset((408, 429, 502, 503, 504))
_TOO_MUCH: Final = frozenset((400, 413, 500))
"""What servers answer, too, when there is too much in one request."""
_ATTEMPTS: Final = 5
_LONGEST_WAIT: Final = 30.0
_READ_BYTES: Final = 64 * 1024
_CREDENTIAL_BYTES: Final = 4096
_ESCAPED_U: Final = re.compile(r"\\\\([uU])")


class Credentials(httpx.Auth):
    """A bearer token, or a name and a password by the scheme that the server asks for.

    Args:
        token: the token; empty for a name and a password.
        name: the name.
        password: the password.
    """

    def __init__(self, token: str = "", name: str = "", password: str = "") -> None:
        self._token = token
        self._schemes = {"digest": httpx.DigestAuth(name, password), "basic": httpx.BasicAuth(name, password)}
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request, and again with what the server asks for."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request
            return
        if self._chosen is None:
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            asked = response.headers.get("www-authenticate", "").partition(" ")[0].lower()
            self._chosen = self._schemes.get(asked)
            if self._chosen is None:
                return
        yield from self._chosen.auth_flow(request)


def read_credentials(token_file: Path | None, credentials_file: Path | None) -> Credentials | None:
    """What is in a file: the one line is a bearer token, or a name, a colon and a password.

    Raises:
        UsageError: both files are given, one cannot be read, or it has something else.
    """
    if token_file and credentials_file:
        raise UsageError("a token and credentials are given", remedy="give one of them")
    file = token_file or credentials_file
    if file is None:
        return None
    try:
        with open(file, "rb") as opened:
            text = opened.read(_CREDENTIAL_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", place=str(file), remedy="expected one line") from None
    # No error shows any of it.
    if not text or not text.isprintable():
        raise UsageError("expected one line", place=str(file))
    if token_file:
        if not text.isascii() or " " in text:
            raise UsageError("the file has no bearer token", place=str(file), remedy="expected one word")
        return Credentials(token=text)
    name, colon, password = text.partition(":")
    if not colon:
        raise UsageError("the file has no credentials", place=str(file), remedy="expected NAME:PASSWORD")
    return Credentials(name=name, password=password)


class _Outcome(NamedTuple):
    """What became of a request: ``status`` is 0 when there was no answer."""

    status: int
    said: str
    wait: float = 0.0


class Target:
    """A store that takes statements. Use it in ``async with``.

    Args:
        url: where updates are sent, or the graph store.
        graph_store: whether the URL is that of a graph store.
        graph: the graph that statements of the default graph go to; empty for the default graph.
        credentials: who is asking.
        timeout: seconds for one request.

    Raises:
        UsageError: a URL that cannot be one of a store, or a graph whose name is no IRI.
    """

    def __init__(
        self,
        url: str,
        *,
        graph_store: bool = False,
        graph: str = "",
        credentials: Credentials | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.url = checked_url(url)
        self.graph = ref(graph)[1:-1] if graph else ""
        self._graph_store = graph_store
        self._timeout = timeout
        backoff = wait_exponential(multiplier=0.5, max=_LONGEST_WAIT) + wait_random(0, 0.5)
        self._retrying = AsyncRetrying(
            retry=retry_if_result(lambda outcome: outcome.status == 0 or outcome.status in _AGAIN),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=lambda state: max(backoff(state), min(_outcome(state).wait, _LONGEST_WAIT)),
            retry_error_callback=_outcome,
        )
        # Redirects are not followed: where they go is not ours to trust.
        self._client = httpx.AsyncClient(
            auth=credentials,
            headers={"User-Agent": f"trialkg/{VERSION}", "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=timeout,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Target:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def add(self, statements: Sequence[Sent]) -> None:
        """Add statements. What the store does not take at once is sent in halves.

        Raises:
            RemoteUnavailable: the store cannot be reached, or has no time, several times.
            RemoteError: it refuses a statement, or all of them.
        """
        if not self._graph_store:
            await self._send(statements)
            return
        # By the protocol a request is about one graph.
        for _, some in groupby(statements, key=lambda one: one.graph):
            await self._send(list(some))

    async def _send(self, statements: Sequence[Sent]) -> None:
        outcome: _Outcome = await self._retrying(self._attempt, self._request(statements))
        if 200 <= outcome.status < 300:
            return
        if outcome.status in _TOO_MUCH and len(statements) > 1:
            half = len(statements) // 2
            await self._send(statements[:half])
            await self._send(statements[half:])
            return
        raise self._error(outcome, statements)

    def _request(self, statements: Sequence[Sent]) -> httpx.Request:
        if not self._graph_store:
            data = _insertion(statements, self.graph).encode()
            return self._client.build_request(
                "POST", self.url, content=data, headers={"Content-Type": "application/sparql-update"}
            )
        graph = statements[0].graph or self.graph
        url = httpx.URL(self.url).copy_merge_params({"graph": graph} if graph else {"default": ""})
        lines = "".join(f"{one.line} .\n" for one in statements)
        return self._client.build_request(
            "POST", url, content=lines.encode(), headers={"Content-Type": "application/n-triples"}
        )

    async def _attempt(self, request: httpx.Request) -> _Outcome:
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.send(request, stream=True)
                try:
                    said = await _beginning(response.aiter_raw())
                finally:
                    await response.aclose()
        except TimeoutError:
            return _Outcome(0, f"no answer within {self._timeout:g} s")
        except httpx.HTTPError as error:
            return _Outcome(0, str(error) or type(error).__name__)
        html = "html" in response.headers.get("content-type", "")
        if html and said and response.is_success:
            return _Outcome(-1, "an HTML page")
        waits = response.headers.get("retry-after", "")
        words = "" if html else f": {said.decode('utf-8', 'replace')}" if said else ""
        return _Outcome(
            response.status_code,
            f"{response.status_code} {response.reason_phrase}{words}",
            float(waits) if waits.isdecimal() and len(waits) < 6 else 0.0,
        )

    def _error(self, outcome: _Outcome, statements: Sequence[Sent]) -> RemoteError:
        said = one_line(outcome.said)
        if outcome.status == 0:
            return RemoteUnavailable(f"the store does not answer: {said}", place=self.url, remedy="try again later")
        if outcome.status in (401, 403):
            remedy = "give --token-file or --credentials-file, of someone who may write"
            return RemoteError(f"the store takes no statements: {said}", place=self.url, remedy=remedy)
        if outcome.status in _TOO_MUCH and len(statements) == 1:
            return RemoteError(
                f"the store refuses the statement {one_line(statements[0].line)}: {said}", place=self.url
            )
        kind = RemoteUnavailable if outcome.status in _AGAIN else RemoteError
        remedy = "is this the URL that takes statements?"
        return kind(f"the store answered {said}", place=self.url, remedy=remedy)


def _insertion(statements: Sequence[Sent], default: str) -> str:
    r"""An update that adds statements.

    SPARQL has ``\uXXXX`` replaced before strings are read, some parsers after a doubled backslash too, so the letter
    is written as its code point.

    >>> _insertion([Sent("", '<a:a> <a:b> "\\\\u"'), Sent("a:g", "<a:a> <a:b> 1")], "")
    'INSERT DATA {\n<a:a> <a:b> "\\\\\\U00000075" .\nGRAPH <a:g> {\n<a:a> <a:b> 1 .\n}\n}'
    """
    parts = []
    for graph, some in groupby(statements, key=lambda one: one.graph or default):
        lines = "".join(f"{one.line} .\n" for one in some)
        parts.append(f"GRAPH <{graph}> {{\n{lines}}}\n" if graph else lines)
    text = _ESCAPED_U.sub(lambda match: rf"\\\U{ord(match[1]):08X}", "".join(parts))
    return f"INSERT DATA {{\n{text}}}"


async def _beginning(pieces: AsyncIterator[bytes]) -> bytes:
    data = b""
    async for piece in pieces:
        data += piece
        if len(data) > _READ_BYTES:
            break
    return data[:_READ_BYTES].strip()


def _outcome(state: RetryCallState) -> _Outcome:
    outcome = state.outcome.result() if state.outcome else None
    assert isinstance(outcome, _Outcome)  # noqa: S101  (attempts give nothing else)
    return outcome
