"""The process that calls other servers, for one query process.

It has the network that the query process gave up, and neither the store nor the query: it is told an IRI and what to
send there, checks the IRI against the list that it was started with, and gives back the bytes of the answer. It
ends with the query process, at whatever moment, and its connections with it.

A name is resolved once, its addresses are checked, and a checked address is what is connected to. Redirects are
followed to the same host only. Proxies that the environment names are not used: they would resolve names themselves.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import urlencode, urljoin

import httpx

from kg.config import VERSION
from kg.confined.inside import connect, limit_memory
from kg.errors import QueryRefused
from kg.federation.hosts import AllowedHosts, Target
from kg.federation.limits import ServiceLimits

__all__ = ["ACCEPT", "Answered", "CallFailed", "call", "main"]

ACCEPT: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
"""What is asked for: both forms of results show where they end."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Wikidata and others turn programs away that do not say who they are.
_AGENT: Final = f"trialkg/{VERSION} (https://w3id.org/trialkg)"
_FORM: Final = "application/x-www-form-urlencoded"
_CONNECT_SECONDS: Final = 10.0
_MOST_REDIRECTS: Final = 3
_MOST_ADDRESSES: Final = 3
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_TOO_LATE: Final = (408, 504)
_PIECE: Final = 64 * 1024
_SAID_BYTES: Final = 2_000
_SHOWN: Final = 200
_BASE_MEMORY: Final = 512 * 2**20


class Answered(NamedTuple):
    """A whole answer."""

    media_type: str
    body: bytes


class CallFailed(Exception):
    """A call without an answer.

    ``kind`` is ``refused`` (by the policy), ``remote`` (the other server failed), ``late`` or ``large``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


async def call(
    hosts: AllowedHosts, iri: str, query: str, *, seconds: float, most: int, resolve: Resolve | None = None
) -> Answered:
    """Send a query to a server.

    Args:
        hosts: what may be called.
        iri: the server.
        query: a SELECT query.
        seconds: longest time for all of it.
        most: longest answer in bytes, decompressed.
        resolve: gives the addresses of a name; the system's resolver by default.

    Raises:
        CallFailed: there is no whole answer.
    """
    target = _target(hosts, iri)
    try:
        async with asyncio.timeout(seconds):
            method = "POST"
            for _ in range(_MOST_REDIRECTS + 1):
                try:
                    answer = await _ask(hosts, target, method, query, most, resolve or _system_resolver)
                except _NotByPost:
                    method = "GET"
                    continue
                if isinstance(answer, Answered):
                    return answer
                target = answer
    except TimeoutError:
        raise CallFailed("late", f"{target.host} gave no whole answer within {seconds:g} s") from None
    raise CallFailed("remote", f"{target.host} redirects more than {_MOST_REDIRECTS} times")


@cache
def _certificates() -> ssl.SSLContext:
    """What certificates are checked by; reading it takes longer than most calls."""
    return httpx.create_ssl_context()


def _target(hosts: AllowedHosts, iri: str) -> Target:
    try:
        return hosts.target(iri)
    except QueryRefused as error:
        raise CallFailed("refused", str(error)) from None


class _NotByPost(Exception):
    """A server that takes queries in the URL only."""


async def _ask(
    hosts: AllowedHosts, target: Target, method: str, query: str, most: int, resolve: Resolve
) -> Answered | Target:
    """Send the query to the first permitted address that takes connections; a target is where it redirects to."""
    problem = f"{target.host} has no address"
    for address in await _permitted(hosts, target, resolve):
        host = f"[{address}]" if ":" in address else address
        headers = {
            "Host": target.authority,
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip",
            "User-Agent": _AGENT,
        }
        timeout = httpx.Timeout(None, connect=_CONNECT_SECONDS)
        # A client for each call: one that is kept would take connections to one address for those to one name.
        async with httpx.AsyncClient(
            verify=_certificates(), trust_env=False, follow_redirects=False, timeout=timeout
        ) as client:
            url = f"{target.scheme}://{host}:{target.port}{target.path}"
            form = urlencode({"query": query})
            if method == "GET":
                url += ("&" if "?" in url else "?") + form
            request = client.build_request(
                method,
                url,
                content=form.encode() if method == "POST" else None,
                headers=headers | ({"Content-Type": _FORM} if method == "POST" else {}),
                # The certificate has to be the name's, not the address's.
                extensions={"sni_hostname": target.host},
            )
            try:
                response = await client.send(request, stream=True)
                try:
                    return await _read(hosts, target, response, most)
                finally:
                    await response.aclose()
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                problem = f"{target.host} cannot be reached: {error or type(error).__name__}"
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError) as error:
                what = f"the connection to {target.host} broke: {error or type(error).__name__}"
                raise CallFailed("remote", _one_line(what)) from None
    raise CallFailed("remote", _one_line(problem))


async def _permitted(hosts: AllowedHosts, target: Target, resolve: Resolve) -> list[str]:
    """The addresses of a host that may be connected to.

    Raises:
        CallFailed: it has none.
    """
    try:
        found = [str(ipaddress.ip_address(target.host))]
    except ValueError:
        try:
            found = list(dict.fromkeys(await resolve(target.host, target.port)))
        except (OSError, UnicodeError) as error:
            raise CallFailed("remote", f"the name {target.host} has no address: {error}") from None
    permitted = [address for address in found if hosts.permits(address, target.port)]
    if found and not permitted:
        raise CallFailed("refused", f"{target.host} is at an address that is not public, which is not allowed")
    return permitted[:_MOST_ADDRESSES]


async def _system_resolver(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def _read(hosts: AllowedHosts, target: Target, response: httpx.Response, most: int) -> Answered | Target:
    status = response.status_code
    if status in _REDIRECTS:
        return _redirected(hosts, target, response.headers.get("location", ""))
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status == httpx.codes.OK:
        body = bytearray()
        async for piece in _unpacked(response, target, most):
            body += piece
        return Answered(media_type, bytes(body))
    if status == httpx.codes.METHOD_NOT_ALLOWED and response.request.method == "POST":
        raise _NotByPost
    if status in _TOO_LATE:
        raise CallFailed("late", f"{target.host} answered {status}: it ran out of time")
    said = b""
    if "html" not in media_type and "content-encoding" not in response.headers:
        async for piece in response.aiter_raw(_SAID_BYTES):
            said = piece
            break
    words = f": {said.decode('utf-8', 'replace')}" if said else ""
    raise CallFailed("remote", _one_line(f"{target.host} answered {status}{words}"))


def _redirected(hosts: AllowedHosts, target: Target, location: str) -> Target:
    here = f"{target.scheme}://{target.authority}{target.path}"
    try:
        there = _target(hosts, urljoin(here, location))
    except (ValueError, CallFailed):
        there = None
    # The query is sent again as it was: it is the same server, and asking changes nothing there.
    if there is None or there.host != target.host or (target.scheme, there.scheme) == ("https", "http"):
        raise CallFailed("remote", _one_line(f"{target.host} redirects to {location!r}, which is not followed"))
    return there


async def _unpacked(response: httpx.Response, target: Target, most: int) -> AsyncIterator[bytes]:
    """The body, decompressed in small steps: a short piece may stand for gigabytes."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise CallFailed("remote", _one_line(f"{target.host} answered in the encoding {encoding!r}"))
    packed = encoding not in ("identity", "")
    # 32 more: gzip or zlib, whichever it is.
    unpacker = zlib.decompressobj(zlib.MAX_WBITS + 32) if packed else None
    total = 0
    async for raw in response.aiter_raw(_PIECE):
        rest = raw
        while rest:
            if unpacker is None:
                piece, rest = rest, b""
            else:
                try:
                    piece = unpacker.decompress(rest, _PIECE)
                except zlib.error as error:
                    raise CallFailed("remote", f"{target.host} answered what is not {encoding}: {error}") from None
                rest = b"" if unpacker.eof else unpacker.unconsumed_tail
            total += len(piece)
            if total > most:
                raise CallFailed("large", f"the answers of other servers have more than {most:,} bytes")
            yield piece
    if unpacker and not unpacker.eof:
        raise CallFailed("remote", f"the answer of {target.host} ends early")


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in " ".join(text.split()))[:_SHOWN]


def main(descriptor: str, limits: str) -> None:
    """Make calls until the connection is closed.

    Each request is a frame of JSON: ``iri``, ``query``, ``seconds`` and ``most``. Each answer is a frame of JSON, and
    after ``{"media_type": …}`` one with the body.

    Args:
        descriptor: this process's end of the connection.
        limits: what :meth:`ServiceLimits.encode` wrote.
    """
    connection = connect(int(descriptor))
    allowed = ServiceLimits.decode(limits)
    hosts = AllowedHosts(allowed.hosts)
    limit_memory(_BASE_MEMORY + 4 * allowed.bytes)
    # One loop: the end of each would wait for a resolver that hangs.
    loop = asyncio.new_event_loop()
    try:
        while True:
            asked = json.loads(connection.recv_bytes())
            seconds, most = min(asked["seconds"], allowed.seconds), min(asked["most"], allowed.bytes)
            try:
                work = call(hosts, asked["iri"], asked["query"], seconds=seconds, most=most)
                answer = loop.run_until_complete(work)
            except CallFailed as error:
                connection.send_bytes(json.dumps({"kind": error.kind, "message": str(error)}).encode())
                continue
            connection.send_bytes(json.dumps({"media_type": answer.media_type}).encode())
            connection.send_bytes(answer.body)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
