"""Which format an answer gets: media types, their short names, and the Accept header.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-accept (section 12.5.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.request import parse_http_list

from fastapi import Request

__all__ = [
    "DOCUMENTS",
    "GRAPHS",
    "HTML",
    "JSON",
    "PROBLEM",
    "REPORTS",
    "RESULTS",
    "Format",
    "Range",
    "accept_of",
    "best",
    "by_name",
    "media_type_of",
    "parse_accept",
    "prefers_html",
]


class Format(NamedTuple):
    """A format that can be asked for.

    ``names`` are what ``?format=`` takes, the first also as a file extension; ``aliases`` are other media types that
    clients send for the same thing.
    """

    names: tuple[str, ...]
    media_type: str
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name that is used for links."""
        return self.names[0]

    @property
    def content_type(self) -> str:
        """The Content-Type header: text says its encoding, since some clients would otherwise assume another."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


HTML: Final = Format(("html",), "text/html", ("application/xhtml+xml",))
JSON: Final = Format(("json",), "application/json")
PROBLEM: Final = Format(("problem",), "application/problem+json", ("application/json",))

RESULTS: Final = (
    # SPARQLWrapper and browsers' fetch ask for application/json and mean this one.
    Format(("json",), "application/sparql-results+json", ("application/json", "text/json", "text/javascript")),
    Format(("xml",), "application/sparql-results+xml", ("application/xml", "text/xml")),
    Format(("csv",), "text/csv"),
    Format(("tsv",), "text/tab-separated-values"),
)
"""Formats of SELECT and ASK, the preferred one first."""

GRAPHS: Final = (
    Format(
        ("ttl", "turtle", "n3"), "text/turtle", ("application/turtle", "application/x-turtle", "text/n3", "text/rdf+n3")
    ),
    Format(("nt", "ntriples", "n-triples"), "application/n-triples", ("text/plain",)),
    Format(("jsonld", "json-ld", "json"), "application/ld+json", ("application/json", "application/x-json+ld")),
    Format(("rdf", "rdfxml", "rdf+xml", "xml"), "application/rdf+xml", ("application/xml", "text/xml")),
    Format(("trig",), "application/trig", ("application/x-trig",)),
    Format(("nq", "nquads", "n-quads"), "application/n-quads", ("text/x-nquads",)),
)
"""Formats of CONSTRUCT and DESCRIBE, the preferred one first."""

DOCUMENTS: Final = (HTML, *GRAPHS[:4])
"""Formats of a study's page."""

REPORTS: Final = (
    JSON,
    Format(("ttl", "turtle"), "text/turtle"),
    Format(("text", "txt"), "text/plain"),
)
"""Formats of a validation report, the preferred one first."""

_REMEMBERED: Final = 256
_LONGEST_REMEMBERED: Final = 500
"""Of headers; so that what is remembered stays small."""
_RANGE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)/([!#$%&'*+.^_`|~0-9A-Za-z-]+)")
_WEIGHT = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


class Range(NamedTuple):
    """One element of an Accept header."""

    kind: str
    subtype: str
    weight: float

    def specificity(self, media_type: str) -> int:
        """How exactly this range names a media type: 3 exactly, 2 its kind, 1 anything, 0 not at all."""
        kind, _, subtype = media_type.partition("/")
        if (self.kind, self.subtype) == (kind, subtype):
            return 3
        if (self.kind, self.subtype) == (kind, "*"):
            return 2
        return int((self.kind, self.subtype) == ("*", "*"))


def parse_accept(header: str) -> list[Range]:
    """The media ranges of an Accept header, in the order written.

    An element with a weight that is no number from 0 to 1, or that is no media range, is left out: the rest of
    the header still says what the client wants. Parameters other than ``q`` play no part, as no two formats here
    differ by one.

    >>> parse_accept("text/csv;q=0.5, */*;q=x, application/json")
    [Range(kind='text', subtype='csv', weight=0.5), Range(kind='application', subtype='json', weight=1.0)]
    """
    ranges = []
    for element in parse_http_list(header):
        field = Message()
        field["accept"] = element
        (name, _), *parameters = field.get_params(failobj=[("", "")], header="accept")
        # Java's URLConnection sends a bare star.
        match = _RANGE.fullmatch("*/*" if name.strip() == "*" else name.strip().lower())
        weight = next((value.strip() for key, value in parameters if key.lower() == "q"), "1")
        if match and _WEIGHT.fullmatch(weight) and 0 <= float(weight) <= 1:
            ranges.append(Range(match[1], match[2], float(weight)))
    return ranges


def best(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """The offered format that an Accept header wants most; None when it wants none of them.

    The most specific range decides a format's weight. Among equals an exactly named type beats a wildcard, then
    the order in the header counts, then the order offered. No header, or one in which nothing can be read, asks
    for nothing in particular: the first format offered.

    >>> best("text/csv, */*;q=0.1", RESULTS).name, best("image/png", RESULTS), best(None, RESULTS).name
    ('csv', None, 'json')
    """
    accept = accept or ""
    # Programs send few headers, again and again.
    choose = _remembered_best if len(accept) <= _LONGEST_REMEMBERED else _best
    return choose(accept, tuple(offered))


def _best(accept: str, offered: tuple[Format, ...]) -> Format | None:
    ranges = parse_accept(accept)
    if not ranges:
        return offered[0]
    ranked = []
    for rank, format_ in enumerate(offered):
        claims = [
            (found, range_.weight, -place)
            for media_type in (format_.media_type, *format_.aliases)
            for place, range_ in enumerate(ranges)
            # A wildcard means the format's own type: text/* does not ask for JSON because text/json is a name of it.
            if (found := range_.specificity(media_type)) == 3 or (found and media_type == format_.media_type)
        ]
        if claims:
            found, weight, place = max(claims)
            if weight > 0:
                ranked.append(((weight, found == 3, place, -rank), format_))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


_remembered_best = lru_cache(_REMEMBERED)(_best)


def by_name(name: str, offered: Sequence[Format]) -> Format | None:
    """The offered format with a short name or media type, as ``?format=`` gives it; None when there is none.

    >>> by_name("turtle", GRAPHS).media_type, by_name("text/csv", RESULTS).name, by_name("pdf", RESULTS)
    ('text/turtle', 'csv', None)
    """
    wanted = name.strip().lower()
    return next((format_ for format_ in offered if wanted in (*format_.names, format_.media_type)), None)


def accept_of(request: Request) -> str | None:
    """The Accept header of a request, all of its lines as one; None when it has none."""
    return ", ".join(request.headers.getlist("accept")) or None


def prefers_html(accept: str | None) -> bool:
    """Whether a client names HTML, and wants it no less than JSON: a person with a browser, not a program.

    >>> prefers_html("text/html,application/xml;q=0.9,*/*;q=0.8"), prefers_html("*/*"), prefers_html(None)
    (True, False, False)
    """
    return best(accept, (PROBLEM, HTML)) is HTML


def media_type_of(content_type: str | None) -> tuple[str, str]:
    """The media type and charset of a Content-Type header, in lower case; empty where it says none.

    >>> media_type_of('application/sparql-query; charset="UTF-16"'), media_type_of(None), media_type_of("nonsense")
    (('application/sparql-query', 'utf-16'), ('', ''), ('', ''))
    """
    content_type = content_type or ""
    read = _remembered_media_type if len(content_type) <= _LONGEST_REMEMBERED else _media_type
    return read(content_type)


def _media_type(content_type: str) -> tuple[str, str]:
    field = Message()
    field["content-type"] = content_type
    name = str(field.get_params(failobj=[("", "")])[0][0]).strip().lower()
    return (name if _RANGE.fullmatch(name) else ""), field.get_content_charset("")


_remembered_media_type = lru_cache(_REMEMBERED)(_media_type)
