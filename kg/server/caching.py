"""Entity tags: a client that has an answer already is told so, without the query being run again.

A tag stands for the generation, the query with its dataset, and the format. It is weak: the same rows may come in
another order, and the same bytes in another compression.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests (section 13).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from kg.config import VERSION
from kg.store.generations import Generation
from kg.store.pin import REPORT

__all__ = ["entity_tag", "may_be_kept", "not_modified", "of_generation"]

_CHANGING: Final = re.compile(r"\b(?:now|rand|uuid|struuid)\b|\\u", re.IGNORECASE)
"""What makes a query answer something else each time; and escapes, in which such a name can hide."""
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
_DIGITS: Final = 32


def of_generation(generation: Generation) -> dict[str, str]:
    """Headers that say what an answer is from, and whether it may be kept.

    >>> from pathlib import Path
    >>> of_generation(Generation(7, Path(), {}))
    {'Cache-Control': 'no-cache', 'Trialkg-Generation': '7'}
    >>> of_generation(Generation(0, Path(), {}))
    {'Cache-Control': 'no-store'}
    """
    if generation.number:
        return {"Cache-Control": "no-cache", "Trialkg-Generation": str(generation.number)}
    # An endpoint elsewhere does not say when it has changed.
    return {"Cache-Control": "no-store"}


def may_be_kept(query: str, *, asks_others: bool = False) -> bool:
    r"""Whether the same query on the same data always has the same answer, as far as its text tells.

    Args:
        query: the query.
        asks_others: whether queries may ask other servers, whose data nothing is known of.

    >>> may_be_kept("SELECT * { ?s ?p ?o }"), may_be_kept("SELECT (Now() AS ?t) {}")
    (True, False)
    >>> may_be_kept(r"SELECT (N\u004FW() AS ?t) {}")
    False
    """
    return not (_CHANGING.search(query) or (asks_others and "service" in query.casefold()))


def entity_tag(generation: Generation, *parts: object) -> str:
    """A tag for what is made of a generation; empty where there are none.

    Args:
        generation: the generation. A store made anew begins again with 1, so the time of its report counts too.
        parts: all else that decides what is answered.
    """
    if not generation.number:
        return ""
    try:
        made = os.stat(generation.path.parent / REPORT).st_mtime_ns
    except FileNotFoundError:
        made = 0
    decided = json.dumps([VERSION, generation.number, made, *parts])
    return f'W/"{hashlib.blake2b(decided.encode(), digest_size=_DIGITS // 2).hexdigest()}"'


def not_modified(request: Request, tag: str, headers: Mapping[str, str]) -> Response | None:
    """The answer 304, when the client has what a tag stands for; else None.

    A star is not taken: whether there is an answer at all shows only when the query is run.

    Args:
        request: a GET, HEAD or QUERY.
        tag: the tag of what would be answered; empty where there is none.
        headers: the headers that the whole answer would have; those of its content are left out.
    """
    known = ",".join(request.headers.getlist("if-none-match"))
    if not tag or tag.removeprefix("W/") not in _TAG.findall(known):
        return None
    return Response(status_code=304, headers={**headers, "ETag": tag})
