"""Queries as files: reading one, and all of a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from kg.config import resource
from kg.errors import UsageError
from kg.library.heads import read_defaults, read_head, scalar
from kg.library.parameters import Parameter, parameters_of
from kg.library.values import term_of

__all__ = ["LibraryQuery", "load_library", "parse_query"]

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """A query with what its head says; ``text`` is the query without the head, parameters not yet bound."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str
    place: str


def parse_query(source: str, *, name: str = "", place: str = "the query") -> LibraryQuery:
    r"""A query from its text; the head may be left out.

    Args:
        source: the file's text.
        name: what the query is called.
        place: where the text is from, for messages.

    Raises:
        UsageError: the head has a line that is not understood, or speaks of parameters that are not there.
        QueryError: a string in the query does not end.

    >>> query = parse_query("#+ summary: Who?\n#+ tags:\n#+   - people\nSELECT ?s { ?s ?p ?_who_iri }")
    >>> query.summary, query.tags, query.parameters[0].name
    ('Who?', ('people',), 'who')
    """
    lines = source.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    texts, lists = read_head(lines[:end], place)
    text = "".join(lines[end:]).strip() + "\n"
    defaults = read_defaults(lists.get("defaults", []))
    query = LibraryQuery(
        name=name,
        summary=texts.get("summary", ""),
        description=texts.get("description", ""),
        tags=tuple(scalar(item, here) for item, here in lists.get("tags", [])),
        parameters=parameters_of(text, defaults, place),
        text=text,
        place=place,
    )
    for parameter in query.parameters:
        if parameter.default is not None:
            term_of(parameter, parameter.default, name or place)
    return query


def load_library(folder: Traversable | None = None) -> dict[str, LibraryQuery]:
    """Every query of a folder, by name; the library that ships with the package when no folder is given.

    Raises:
        UsageError: a file whose name or head is not as it must be.

    >>> "il2-pd1-same-arm" in load_library()
    True
    """
    library: dict[str, LibraryQuery] = {}
    files = [file for file in (folder or resource("queries")).iterdir() if file.name.endswith(".rq")]
    for file in sorted(files, key=lambda file: file.name):
        name = file.name.removesuffix(".rq")
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no query name", place=file.name, remedy="expected words joined by hyphens")
        query = parse_query(file.read_text(encoding="utf-8"), name=name, place=file.name)
        if not (query.summary and query.description and query.tags):
            raise UsageError("the head is not complete", place=file.name, remedy="summary, description and tags")
        library[name] = query
    return library
