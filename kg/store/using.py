"""The dataset that a request names for an update, written into the update as ``USING`` clauses.

The engine takes a dataset for queries only. The protocol defines these parameters by the clauses.

Source: https://www.w3.org/TR/sparql11-protocol/#update-operation (section 2.2.3).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kg.errors import QueryError
from kg.store.guard import parsed, walk

__all__ = ["using_dataset"]

_TOKEN: Final = re.compile(
    r"""(?P<text>'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\""""
    r"""|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"|<[^<>"{}|^`\\\x00-\x20]*>|\#[^\n\r]*)"""
    r"""|(?P<word>[?$@]?(?:[\w:%-]|\\.)+)|(?P<brace>[{}])""",
    re.DOTALL,
)


def using_dataset(text: str, default: Sequence[str], named: Sequence[str]) -> str:
    """An update in which every operation with a pattern has ``USING`` clauses.

    Args:
        text: the update.
        default: IRIs of the graphs that make the default graph.
        named: IRIs of the named graphs.

    Raises:
        QueryError: it does not parse, or names a dataset itself.
        QueryRefused: it is nested too deeply.

    >>> using_dataset("DELETE WHERE { ?s ?p ?o }", ["urn:a"], ["urn:b"])
    'DELETE { ?s ?p ?o } USING <urn:a> USING NAMED <urn:b> WHERE { ?s ?p ?o }'
    """
    before = list(walk(parsed(text, "update")))
    if any(node.name == "Modify" and ({"using", "withClause"} & node.keys()) for node in before):
        raise QueryError("the update has USING or WITH, and the request names a dataset too", remedy="expected one")
    clauses = [*(f"USING <{iri}>" for iri in default), *(f"USING NAMED <{iri}>" for iri in named)]
    rewritten = _with_clauses(text, " ".join(clauses))
    after = list(walk(parsed(rewritten, "update")))
    operations = sum(node.name in ("Modify", "DeleteWhere") for node in before)
    stated = [
        [str(clause.default or clause.named) for clause in node.using]
        for node in after
        if node.name == "Modify" and "using" in node.keys()  # noqa: SIM118 (its own 'in' means something else)
    ]
    # Where the text is cut differently from how it is parsed, it is better refused.
    if stated != [[*default, *named]] * operations:
        raise QueryError("the update cannot be given the dataset of the request", remedy="write USING into it")
    return rewritten


def _with_clauses(text: str, clauses: str) -> str:
    pieces: list[str] = []
    copied = depth = 0
    previous = ""
    for match in _TOKEN.finditer(text):
        if match["brace"]:
            depth += 1 if match["brace"] == "{" else -1
        elif match["word"] and depth == 0:
            word = match["word"].upper()
            if word == "WHERE" and previous == "DELETE":
                # It has no place for the clauses: its pattern is both what is sought and what is deleted.
                end = _end_of_block(text, match.end())
                pieces += [text[copied : match.start()], text[match.end() : end].strip(), f" {clauses} "]
                copied = match.start()
            elif word == "WHERE":
                pieces += [text[copied : match.start()], f"{clauses} "]
                copied = match.start()
            previous = word
    return "".join([*pieces, text[copied:]])


def _end_of_block(text: str, start: int) -> int:
    """Where the first group in braces at or after a position ends."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        if match["brace"]:
            depth += 1 if match["brace"] == "{" else -1
            if depth == 0:
                return match.end()
    return len(text)
