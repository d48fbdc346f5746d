"""What a query text may not be, decided before the engine sees it.

The engine reaches out to the network for ``SERVICE`` and has no switch against it, and its parser overflows the
stack on deeply nested brackets. Query processes import this module, so it imports nothing heavy unless a text
needs to be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.errors import QueryError, QueryRefused

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

__all__ = [
    "names_service",
    "nesting_depth",
    "parsed",
    "refuse_federation",
    "refuse_fetching",
    "refuse_oversize",
    "walk",
]

# Escapes come first, so that \# and \' in prefixed names open nothing.
_TOKEN = re.compile(
    r"""\\.|'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\""""
    r"""|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"|<[^<>"{}|^`\\\x00-\x20]*>|\#[^\n\r]*|[\[\](){}]""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_MOST_ESCAPE_LEVELS = 5
_WHY_SHOWN = 150


def nesting_depth(text: str) -> int:
    """The deepest nesting of brackets in a query, not counting those in strings, IRIs and comments.

    >>> nesting_depth("SELECT * { ?s ?p '{{{' FILTER(?x IN (1, 2)) } # ((((")
    3
    """
    depth = deepest = 0
    for match in _TOKEN.finditer(text):
        step = _BRACKETS.get(match[0])
        if step:
            depth = max(0, depth + step)
            deepest = max(deepest, depth)
        elif match[0][0] == "<":
            # Without spaces `?a<((1))&&?b>1` looks like an IRI and is none.
            deepest = max(deepest, depth + sum(match[0].count(opening) for opening in "(["))
    return deepest


def refuse_oversize(text: str, *, longest: int, deepest: int, what: str = "query") -> None:
    """Refuse a query, or what else it is, that is too long or too deeply nested for the parsers.

    Args:
        text: the query.
        longest: most bytes in UTF-8; see ``LIMITS.query_bytes``.
        deepest: most nested brackets; see ``LIMITS.query_depth``.
        what: what the text is, in messages.

    Raises:
        QueryRefused: it is.

    >>> refuse_oversize("SELECT * {{{}}}", longest=100, deepest=2)
    Traceback (most recent call last):
    kg.errors.QueryRefused: the query nests brackets 3 deep (at most 2)
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > longest:
        raise QueryRefused(f"the {what} has {size:,} bytes", remedy=f"at most {longest:,}")
    depth = nesting_depth(text)
    if depth > deepest:
        raise QueryRefused(f"the {what} nests brackets {depth:,} deep", remedy=f"at most {deepest:,}")


def refuse_federation(text: str) -> None:
    r"""Refuse a query that asks other servers by ``SERVICE``, also in sub-queries and with a variable.

    A text without these letters cannot ask for it. Any other is parsed, and passes only when the parser understands
    it and finds none: the letters then stand in a string, an IRI, a name or a comment. Escapes like ``\u0053`` can
    hide letters, and parsers differ on where they count, so a text that has both is refused as it is.

    Raises:
        QueryRefused: the query has SERVICE, or hides letters by escapes.
        QueryError: a text with these letters does not parse.

    >>> refuse_federation("SELECT * { ?s ?p 'health service' }")
    >>> refuse_federation("SELECT * { SERVICE ?host { ?s ?p ?o } }")
    Traceback (most recent call last):
    kg.errors.QueryRefused: SERVICE is not allowed: this store asks no other server (...)
    """
    _refuse_words(text, {"service": "ServiceGraphPattern"}, "query")


def names_service(text: str) -> bool:
    r"""Whether a query has the letters of ``SERVICE`` anywhere, as keyword or not.

    Raises:
        QueryRefused: it has them, and escapes as well; see :func:`refuse_federation`.

    >>> names_service("SELECT * { ?s ?p 'health service' }"), names_service("SELECT * { ?s ?p ?o }")
    (True, False)
    """
    return bool(_found(text, ["service"], "query"))


def refuse_fetching(text: str) -> None:
    r"""Refuse an update that loads documents by ``LOAD`` or asks other servers by ``SERVICE``, wherever they stand.

    It is decided as by :func:`refuse_federation`.

    Raises:
        QueryRefused: the update has LOAD or SERVICE, or hides letters by escapes.
        QueryError: a text with these letters does not parse.

    >>> refuse_fetching("INSERT DATA { <urn:a> <urn:b> 'viral load of a service' }")
    >>> refuse_fetching("CLEAR ALL ; LOAD SILENT <http://example.org/>")
    Traceback (most recent call last):
    kg.errors.QueryRefused: LOAD is not allowed: this store fetches no document (...)
    """
    _refuse_words(text, {"service": "ServiceGraphPattern", "load": "Load"}, "update")


_REFUSALS = {
    "service": (
        "SERVICE is not allowed: this store asks no other server",
        "ask each server on its own and join the answers",
    ),
    "load": ("LOAD is not allowed: this store fetches no document", "send the statements themselves"),
}


def _refuse_words(text: str, words: dict[str, str], what: str) -> None:
    """Refuse a text in which one of the words is a keyword; ``words`` has what the parser calls each."""
    found = _found(text, list(words), what)
    if not found:
        # The parser takes longer to import than most queries take.
        return
    names = {node.name for node in walk(parsed(text, what, f"has the letters of {found[0].upper()} and "))}
    for word, name in words.items():
        if name in names:
            raise QueryRefused(_REFUSALS[word][0], remedy=_REFUSALS[word][1])


def _found(text: str, words: list[str], what: str) -> list[str]:
    """The words whose letters a text has."""
    plain = _without_escapes(text, what)
    found = [word for word in words if word in plain.casefold()]
    if found and plain != text:
        raise QueryRefused(
            rf"the {what} has the letters of {found[0].upper()} and a \u escape",
            remedy="write the character itself, so that it can be checked",
        )
    return found


def _without_escapes(text: str, what: str) -> str:
    for _ in range(_MOST_ESCAPE_LEVELS):
        if not _ESCAPE.search(text):
            return text
        text = _ESCAPE.sub(_character, text)
    raise QueryRefused(rf"the {what} has \u escapes within \u escapes", remedy="write the characters themselves")


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    # A code point that does not exist stays no letter; the engine refuses it.
    return chr(code) if code < 0x110000 else "?"


def parsed(text: str, what: str, reason: str = "") -> object:
    """A query or an update as the parser of rdflib understands it, for :func:`walk`.

    Args:
        text: the text.
        what: ``query`` or ``update``.
        reason: words of the error that say why it is parsed.

    Raises:
        QueryError: it does not parse.
        QueryRefused: it is nested too deeply.
    """
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

    # A carriage return ends a comment in SPARQL, but not for this parser.
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return parseUpdate(unified) if what == "update" else parseQuery(unified)
    except ParseBaseException as error:
        found = " ".join(error.msg.split())[:_WHY_SHOWN]
        place = f"line {error.lineno}, column {error.column}"
        raise QueryError(f"the {what} {reason}does not parse", place=place, remedy=found) from None
    except RecursionError:
        raise QueryRefused(f"the {what} is too deeply nested to be checked") from None


def walk(tree: object) -> Iterator[CompValue]:
    """Every node of what :func:`parsed` gives that has a name."""
    from rdflib.plugins.sparql.parserutils import CompValue

    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, CompValue):
            yield node
            pending.extend(node.values())
        elif not isinstance(node, str) and hasattr(node, "__iter__"):
            pending.extend(node)
