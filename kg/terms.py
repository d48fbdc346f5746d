"""N-Triples terms as text, and statements as parts.

The mapping writes terms directly as N-Triples text, since objects of an RDF library cost ten times as much.
This module is the only place that escapes and the only place that decides a lexical form. Forms are canonical,
so that the store, which rewrites others, gives back what went in.

A statement is a tuple of three such texts; :func:`render` makes a document of them. An empty string stands
for "no value", so that mapping code can pass optional fields through.

Source: https://www.w3.org/TR/n-triples/ (grammar), https://www.w3.org/TR/xmlschema11-2/ (lexical forms).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date as calendar_date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

import msgspec
import pyoxigraph as ox

from kg.errors import TermError
from kg.namespaces import PREFIXES

__all__ = [
    "RDF_TYPE",
    "Statement",
    "boolean",
    "clean",
    "date",
    "decimal",
    "double",
    "duration",
    "integer",
    "lang_string",
    "quoted",
    "ref",
    "render",
    "render_bytes",
    "string",
    "web_iri",
]

Statement = tuple[str, str, str]
"""Subject, predicate, object, each as N-Triples text."""

RDF_TYPE: Final = f"<{PREFIXES['rdf']}type>"

_XSD = PREFIXES["xsd"]
_INTEGER: Final = f'"^^<{_XSD}integer>'
_DECIMAL: Final = f'"^^<{_XSD}decimal>'
_TRUE: Final = f'"true"^^<{_XSD}boolean>'
_FALSE: Final = f'"false"^^<{_XSD}boolean>'
_IRI_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\\ud800-\udfff]')
_DROPPED = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_CONTROL = re.compile(f"[{_DROPPED}]")
# Nearly all text has none; finding that out by a match of the whole is twice as fast as by a search.
_NO_CONTROL = re.compile(f"[^{_DROPPED}]*+")
# JSON's escapes are a subset of those of N-Triples (\b \t \n \f \r \" \\ \u00XX), and its encoder is native code.
_encode: Final = msgspec.json.Encoder().encode
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")
_LANGUAGE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*")
_WEB = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)


def ref(iri: str) -> str:
    """An IRI as a term.

    Raises:
        TermError: the IRI has a character that no IRI may have, or no scheme.

    >>> ref("https://w3id.org/trialkg/vocab#arm")
    '<https://w3id.org/trialkg/vocab#arm>'
    """
    if _IRI_FORBIDDEN.search(iri) or ":" not in iri:
        raise TermError(f"{iri!r} is not an absolute IRI", remedy="expected a scheme, and no space, quote or bracket")
    return f"<{iri}>"


def web_iri(url: str) -> str:
    """A URL found in a record as a term, or ``""`` when it is no http(s) IRI and must stay a string.

    >>> web_iri("https://example.org/a?b=c"), web_iri("see example.org"), web_iri("http://a b")
    ('<https://example.org/a?b=c>', '', '')
    """
    url = url.strip()
    if not _WEB.fullmatch(url) or _IRI_FORBIDDEN.search(url):
        return ""
    try:
        # The store would take a malformed one now and refuse every later change of its study.
        return str(ox.NamedNode(url))
    except ValueError:
        return ""


def clean(text: str) -> str:
    r"""Registry text as the graph keeps it: NFC, trimmed, line ends LF, no control characters.

    >>> clean("  a\r\nb\x07 ")
    'a\nb'
    """
    if text.isascii():
        if text.isprintable():
            return text.strip()
    elif not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Several lines of printable text are the common case; only the others are looked through letter by letter.
    if not text.replace("\n", " ").isprintable() and not _NO_CONTROL.fullmatch(text):
        text = _CONTROL.sub("", text)
    return text.strip()


def string(text: str | None) -> str:
    """Registry text as a plain literal, cleaned; ``""`` where nothing is left of it.

    >>> string("He said no"), string("  "), string(None)
    ('"He said no"', '', '')
    """
    if not text:
        return ""
    if text.isascii():
        literal = _encode(text.strip()).decode()
        # No escape in it and no delete: nothing to clean, which is so for most registry text.
        if "\\" not in literal and "\x7f" not in literal:
            return literal if len(literal) > 2 else ""
    return quoted(clean(text))


def quoted(text: str) -> str:
    """Text that :func:`clean` has gone over, or a stretch of it, as a plain literal; ``""`` for no text."""
    return _encode(text).decode() if text else ""


def lang_string(text: str, language: str = "en") -> str:
    """Our own text with its language tag, lower case as the store keeps it.

    Raises:
        TermError: the tag is not a language tag.
    """
    language = language.lower()
    if not _LANGUAGE.fullmatch(language):
        raise TermError(f"{language!r} is not a language tag", remedy="expected e.g. en or pt-br")
    return f"{_encode(clean(text)).decode()}@{language}"


def integer(value: int | None) -> str:
    """A whole number as ``xsd:integer``; ``""`` for None.

    >>> integer(14)
    '"14"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    return "" if value is None else f'"{value}{_INTEGER}'


def decimal(value: Decimal | float | str | None) -> str:
    """A number as ``xsd:decimal`` in canonical form; ``""`` for None.

    Raises:
        TermError: not a finite number.

    >>> decimal("1.50"), decimal(18.0), decimal(-1e-05)
    ('"1.5"^^<...decimal>', '"18"^^<...decimal>', '"-0.00001"^^<...decimal>')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        text = repr(value)
        if text[-2:] == ".0" and value:
            return f'"{text[:-2]}{_DECIMAL}'
        if text.replace(".", "", 1).lstrip("-").isdigit() and value:
            return f'"{text}{_DECIMAL}'
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation as error:
        raise TermError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise TermError(f"{value!r} is not a finite number")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f'"{"0" if text in ("-0", "") else text}{_DECIMAL}'


def double(value: float) -> str:
    """A measured number as ``xsd:double``, shortest form.

    Raises:
        TermError: not a finite number.
    """
    if value != value or value in (float("inf"), float("-inf")):
        raise TermError(f"{value!r} is not a finite number")
    mantissa, _, exponent = f"{value!r}".partition("e")
    return f'"{mantissa}E{int(exponent or 0)}"^^<{_XSD}double>'


def boolean(value: bool | None) -> str:
    """A truth value; ``""`` for None.

    >>> boolean(True)
    '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    """
    if value is None:
        return ""
    return _TRUE if value else _FALSE


@lru_cache(maxsize=16_384)
def date(text: str | None) -> str:
    """A registry date with the precision it has: ``xsd:date`` or ``xsd:gYearMonth``; ``""`` for none.

    Raises:
        TermError: no day or month of the calendar.

    >>> date("2020-02-05"), date("2022-10")
    ('"2020-02-05"^^<...date>', '"2022-10"^^<...gYearMonth>')
    """
    if not text:
        return ""
    match = _DATE.fullmatch(text)
    if match:
        year, month, day = match.groups()
        try:
            calendar_date(int(year), int(month), int(day or 1))
        except ValueError:
            match = None
    if not match:
        raise TermError(f"{text!r} is not a date", remedy="expected YYYY-MM-DD or YYYY-MM")
    return f'"{text}"^^<{_XSD}{"date" if day else "gYearMonth"}>'


def duration(*, years: int = 0, months: int = 0, days: int = 0, hours: int = 0, minutes: int = 0) -> str:
    """An ``xsd:duration`` in canonical form: months carried into years, days and hours apart.

    >>> duration(months=18)
    '"P1Y6M"^^<http://www.w3.org/2001/XMLSchema#duration>'
    """
    months += years * 12
    minutes += (days * 24 + hours) * 60
    years, months = divmod(months, 12)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    text = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    if time:
        text += "T" + time
    return f'"P{text or "T0S"}"^^<{_XSD}duration>'


def render(statements: Iterable[Statement]) -> str:
    """Statements as an N-Triples document.

    >>> print(render([("<a:b>", RDF_TYPE, "<c:d>")]), end="")
    <a:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <c:d> .
    """
    return "".join([f"{s} {p} {o} .\n" for s, p, o in statements])


def render_bytes(statements: Iterable[Statement]) -> bytes:
    """The same document in UTF-8.

    Encoded line by line: one letter beyond Latin-1 would make all of a document twice as wide, and slow to encode.

    >>> render_bytes([("<a:b>", RDF_TYPE, "<c:d>")]) == render([("<a:b>", RDF_TYPE, "<c:d>")]).encode()
    True
    """
    return b"".join([f"{s} {p} {o} .\n".encode() for s, p, o in statements])
