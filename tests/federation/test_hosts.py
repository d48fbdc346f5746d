"""Which hosts may be asked, and which addresses connected to."""

from __future__ import annotations

import pytest

from kg.errors import QueryRefused, UsageError
from kg.federation import AllowedHosts

HOSTS = AllowedHosts(["example.org", "127.0.0.1:8080", "[::1]:8080", "Other.example:9"])


@pytest.mark.parametrize(
    ("iri", "authority", "path"),
    [
        ("http://EXAMPLE.org/x?y#z", "example.org", "/x?y"),
        ("https://example.org:443", "example.org", "/"),
        ("http://[0:0::1]:8080/s", "[::1]:8080", "/s"),
        ("http://other.example:9?x=1", "other.example:9", "/?x=1"),
        ("HTTPS://127.0.0.1:8080/", "127.0.0.1:8080", "/"),
    ],
)
def test_an_allowed_host(iri: str, authority: str, path: str) -> None:
    target = HOSTS.target(iri)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.org:80/",
        "http://example.org:8080/",
        "http://example.org./",
        "http://sub.example.org/",
        "http://example.org.evil.test/",
        "http://example.org@127.0.0.1/",
        "http://user:word@example.org/",
        "http://127.0.0.1\\@example.org/",
        "http://127.0.0.1:8081/",
        "http://127.1:8080/",
        "http://2130706433:8080/",
        "http://0x7f000001:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://other.example/",
        "http://ⓔxample.org/",
        "http://example.org%2f.test/",
        "http://example.org/a b",
        "http://example.org/\r\nHost: x",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "",
    ],
)
def test_no_other_way_to_write_a_host(iri: str) -> None:
    with pytest.raises(QueryRefused, match=r"is not allowed .*allowed hosts: example\.org, 127\.0\.0\.1:8080"):
        HOSTS.target(iri)


@pytest.mark.parametrize(
    "address",
    "10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 127.0.0.1 0.0.0.0 100.64.0.1 224.0.0.1 240.0.0.1 192.0.2.1 "
    "255.255.255.255 ::1 :: ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: fe80::1%eth0 "
    "fd00::1 ff02::1".split(),
)
def test_no_address_that_is_not_public(address: str) -> None:
    assert not HOSTS.permits(address, 443)


def test_addresses_that_are_public_or_named() -> None:
    assert all(HOSTS.permits(one, 443) for one in ("8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"))
    assert HOSTS.permits("127.0.0.1", 8080)
    assert HOSTS.permits("::1", 8080)
    # Without a port an address is a name like others, and not public for it.
    assert not AllowedHosts(["127.0.0.1"]).permits("127.0.0.1", 80)


@pytest.mark.parametrize(
    "entry", ["", "http://example.org", "a/b", "a:0", "a:70000", "*.org", "::1", "[::1", "a b", "é"]
)
def test_an_entry_that_is_no_host(entry: str) -> None:
    with pytest.raises(UsageError, match=r"expected HOST or HOST:PORT"):
        AllowedHosts([entry])
