"""The page on the library, which is made from the heads of its files."""

from __future__ import annotations

from collections.abc import Mapping

from kg.library.files import LibraryQuery

__all__ = ["as_markdown"]


def as_markdown(library: Mapping[str, LibraryQuery]) -> str:
    """The library as a Markdown document: a table of all queries, then each with its parameters."""
    lines = [
        "# The query library",
        "",
        "One file in `queries/`, one question. This page is made from the heads of the files; a test keeps it true.",
        "What researchers ask, and which query answers it, is in [questions.md](questions.md). The folder works with",
        "[grlc](https://github.com/CLARIAH/grlc) as it is: `?_drugClass_iri` in a file is `drugClass` there and",
        "`drug_class` here.",
        "",
        "| query | question | parameters |",
        "|---|---|---|",
    ]
    for query in library.values():
        names = ", ".join(f"`{parameter.name}`" for parameter in query.parameters)
        lines.append(f"| [`{query.name}`](#{query.name}) | {query.summary} | {names} |")
    for query in library.values():
        lines += ["", f"## {query.name}", "", f"**{query.summary}** {query.description}", ""]
        lines.append(f"Tags: {', '.join(query.tags)}.")
        if query.parameters:
            lines += ["", "| parameter | kind | default |", "|---|---|---|"]
            for one in query.parameters:
                default = "required" if one.default is None else f"`{one.default}`" if one.default else "empty"
                lines.append(f"| `{one.name}` | {one.kind} | {default} |")
    return "\n".join(lines) + "\n"
