"""Which hosts may be asked, and at which addresses.

Hosts are compared as they are written in ASCII: no resolver and no second reading of a number decides whether a
name is one of the list.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.errors import QueryRefused, UsageError

__all__ = ["Address", "AllowedHosts", "Target"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST: Final = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
_ENTRY: Final = re.compile(_HOST)
_IRI: Final = re.compile(rf"(?P<scheme>https?)://{_HOST}(?P<path>/[!-~]*|\?[!-~]*)?", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443}
_LAST_PORT: Final = 65_535
_EXPECTED: Final = "expected HOST or HOST:PORT, as sparql.example.org or [::1]:8080"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_SHOWN: Final = 200


class Target(NamedTuple):
    """Where a call goes: the parts of an IRI, and the port in any case. ``path`` has the query of the IRI too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port, as the header ``Host`` has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


class AllowedHosts:
    """The hosts that queries may ask.

    A host without a port may be asked at the ports of http and https, one with a port at that port only. Addresses
    that are not public are connected to only where that very address and port is in the list, whatever name leads
    there.

    Args:
        entries: hosts, each ``HOST`` or ``HOST:PORT``.

    Raises:
        UsageError: an entry is none.

    >>> AllowedHosts(["sparql.example.org"]).target("https://sparql.example.org/sparql").port
    443
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = dict.fromkeys(_entry(entry) for entry in entries)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def __str__(self) -> str:
        named = ((f"[{host}]" if ":" in host else host, port) for host, port in self._entries)
        return ", ".join(host if port is None else f"{host}:{port}" for host, port in named)

    def target(self, iri: str) -> Target:
        """Where a call to an IRI goes.

        Raises:
            QueryRefused: the IRI is not that of an allowed host, or not written so that this is sure.

        >>> AllowedHosts(["example.org"]).target("http://example.org@127.0.0.1/")
        Traceback (most recent call last):
        kg.errors.QueryRefused: SERVICE <http://example.org@127.0.0.1/> is not allowed (allowed hosts: example.org)
        """
        found = _IRI.fullmatch(iri.partition("#")[0])
        if found:
            scheme, host = found["scheme"].lower(), _plain(found["host"])
            port = int(found["port"] or _PORTS[scheme])
            named = (host, port) in self._entries or ((host, None) in self._entries and port == _PORTS[scheme])
            if named and 0 < port <= _LAST_PORT:
                path = found["path"] or "/"
                return Target(scheme, host, port, path if path.startswith("/") else f"/{path}")
        # The names are told: they are no secret, since every answer shows which of them works.
        raise QueryRefused(f"SERVICE <{iri[:_SHOWN]}> is not allowed", remedy=f"allowed hosts: {self}")

    def permits(self, address: str, port: int) -> bool:
        """Whether an address may be connected to: a public one, or one that is in the list with this port.

        >>> hosts = AllowedHosts(["example.org", "127.0.0.1:8080"])
        >>> hosts.permits("127.0.0.1", 8080), hosts.permits("127.0.0.1", 80), hosts.permits("::ffff:10.0.0.1", 80)
        (True, False, False)
        """
        found = ipaddress.ip_address(address.partition("%")[0])
        return (str(found), port) in self._entries or all(map(_public, _meant(found)))


def _entry(entry: str) -> tuple[str, int | None]:
    found = _ENTRY.fullmatch(entry)
    if not found:
        raise UsageError(f"{entry!r} is not a host", remedy=_EXPECTED)
    try:
        host = _plain(found["host"])
    except ValueError as error:
        raise UsageError(f"{entry!r} is not a host: {error}", remedy=_EXPECTED) from None
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port <= _LAST_PORT:
        raise UsageError(f"{entry!r} has no port from 1 to {_LAST_PORT}", remedy=_EXPECTED)
    return host, port


def _plain(host: str) -> str:
    """A host in small letters, an address in its one short form."""
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError:
            return host
    return host.lower()


def _meant(address: Address) -> list[Address]:
    """The addresses that one stands for: one of IPv4 may be written in several forms of IPv6."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped or address in _NAT64:
        # No place of their own.
        return [ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)]
    inner = [address.sixtofour, *(address.teredo or ())]
    return [address, *(one for one in inner if one is not None)]


def _public(address: Address) -> bool:
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    )
