"""What a query text may not be, decided before the engine sees it.

The engine reaches out to the network for ``SERVICE`` and has no switch against it, and its parser overflows the
stack on deeply nested brackets. Query processes import this module, so it imports nothing heavy unless a text
needs to be parsed.
"""

from __future__ import annotations

import re

from kg.errors import QueryError, QueryRefused

__all__ = ["nesting_depth", "refuse_federation", "refuse_oversize"]

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


def refuse_oversize(text: str, *, longest: int, deepest: int) -> None:
    """Refuse a query that is too long or too deeply nested for the parsers.

    Args:
        text: the query.
        longest: most bytes in UTF-8; see ``LIMITS.query_bytes``.
        deepest: most nested brackets; see ``LIMITS.query_depth``.

    Raises:
        QueryRefused: it is.

    >>> refuse_oversize("SELECT * {{{}}}", longest=100, deepest=2)
    Traceback (most recent call last):
    kg.errors.QueryRefused: the query nests brackets 3 deep (at most 2)
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > longest:
        raise QueryRefused(f"the query has {size:,} bytes", remedy=f"at most {longest:,}")
    depth = nesting_depth(text)
    if depth > deepest:
        raise QueryRefused(f"the query nests brackets {depth:,} deep", remedy=f"at most {deepest:,}")


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
    plain = _without_escapes(text)
    if "service" not in plain.casefold():
        return
    if plain != text:
        raise QueryRefused(
            r"the query has the letters of SERVICE and a \u escape",
            remedy="write the character itself, so that the query can be checked",
        )
    if _has_service(text):
        raise QueryRefused(
            "SERVICE is not allowed: this store asks no other server",
            remedy="ask each server on its own and join the answers",
        )


def _without_escapes(text: str) -> str:
    for _ in range(_MOST_ESCAPE_LEVELS):
        if not _ESCAPE.search(text):
            return text
        text = _ESCAPE.sub(_character, text)
    raise QueryRefused(r"the query has \u escapes within \u escapes", remedy="write the characters themselves")


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    # A code point that does not exist stays no letter; the engine refuses it.
    return chr(code) if code < 0x110000 else "?"


def _has_service(text: str) -> bool:
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    # A carriage return ends a comment in SPARQL, but not for this parser.
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        pending: list[object] = [parseQuery(unified)]
    except ParseBaseException as error:
        found = " ".join(error.msg.split())[:_WHY_SHOWN]
        place = f"line {error.lineno}, column {error.column}"
        raise QueryError("the query has the letters of SERVICE and does not parse", place=place, remedy=found) from None
    except RecursionError:
        raise QueryRefused("the query is too deeply nested to be checked for SERVICE") from None
    while pending:
        node = pending.pop()
        if isinstance(node, CompValue):
            if node.name == "ServiceGraphPattern":
                return True
            pending.extend(node.values())
        elif not isinstance(node, str) and hasattr(node, "__iter__"):
            pending.extend(node)
    return False
