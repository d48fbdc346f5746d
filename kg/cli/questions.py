"""Commands that ask: query, queries, related, diff, link."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.shared import EndpointGraph, EndpointUrl, ListForm, Store, parameters, place, print_json, say
from kg.config import LIMITS
from kg.errors import InputError, UsageError

__all__ = ["Kind", "LinkForm", "ResultForm", "diff", "link", "queries", "query", "related"]


class ResultForm(StrEnum):
    """Formats of a query result."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    XML = "xml"
    TTL = "ttl"
    NT = "nt"


class LinkForm(StrEnum):
    """Formats of links."""

    TABLE = "table"
    SSSOM = "sssom"
    JSON = "json"


class Kind(StrEnum):
    """What a string names."""

    CONDITION = "condition"
    INTERVENTION = "intervention"


def query(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A query of the library; see: trialkg queries.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file with SPARQL.")] = None,
    text: Annotated[
        str | None, typer.Option("-q", "--query", help="SPARQL text; the usual prefixes need no line.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the query.")] = None,
    store: Store = None,
    endpoint: EndpointUrl = None,
    graph: EndpointGraph = None,
    form: Annotated[ResultForm, typer.Option("--format", help="The format of the answer.")] = ResultForm.TABLE,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which the query is stopped.")
    ] = LIMITS.query_seconds,
) -> None:
    """Ask a store or an endpoint: a query of the library, a file, or any SPARQL."""
    from kg.graph import open as open_graph

    given = [source for source in (name, file, text) if source is not None]
    if len(given) != 1:
        raise UsageError("no query, or more than one", remedy="give one of NAME, -f FILE, -q TEXT")
    sparql = _read_text(file) if file else text or name or ""
    with open_graph(place(store, endpoint), graph=graph or "") as opened:
        result = opened.query(sparql, prefixes=text is not None, timeout=timeout, **parameters(param or []))
        if form is ResultForm.TABLE and sys.stdout.isatty():
            typer.echo(result.table())
        else:
            sys.stdout.buffer.write(result.serialise(form.value))
    if result.notice:
        say(f"trialkg: {result.notice}")


def queries() -> None:
    """The query library: names, questions, parameters."""
    from kg.library import load_library

    rows = []
    for found in load_library().values():
        parameters = [f"{one.name}={one.default}" if one.default else one.name for one in found.parameters]
        rows.append((found.name, found.summary, ", ".join(parameters)))
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "question", "parameters", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def related(
    study: Annotated[str, typer.Argument(metavar="NCT...", help="The study.")],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS", help="What counts: target,class,condition,sponsor,phase,reference [default: all]."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most studies shown.")] = 20,
    store: Store = None,
    endpoint: EndpointUrl = None,
    graph: EndpointGraph = None,
    form: Annotated[ListForm, typer.Option("--format", help="The format of the answer.")] = ListForm.TABLE,
) -> None:
    """The studies most related to a study, each with the reasons: what is shared, and which words led to it."""
    from kg.graph import open as open_graph
    from kg.related import BY
    from kg.terms import clean

    kinds = tuple(BY) if by is None else tuple(kind.strip() for kind in by.split(","))
    with open_graph(place(store, endpoint), graph=graph or "") as opened:
        found = opened.related(study, by=kinds, limit=limit)
    if form is ListForm.JSON:
        print_json(found)
        return
    for one in found:
        typer.echo(f"{one.score:.2f}\t{one.nct_id}\t{clean(one.title)}")
        for reason in one.reasons:
            typer.echo(f"    {clean(reason.text())}")
    if not found:
        say(f"no study here shares anything of that with {study}")


def diff(
    study: Annotated[str, typer.Argument(metavar="NCT...", help="The study, or a file with the older record.")],
    newer: Annotated[str | None, typer.Argument(metavar="[FILE]", help="A file with the newer record.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="VERSION", help="The older version: number, name, or a date [default: the one before]."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="The newer version [default: the current one].")
    ] = None,
    store: Store = None,
    endpoint: EndpointUrl = None,
    graph: EndpointGraph = None,
    form: Annotated[ListForm, typer.Option("--format", help="The format of the answer.")] = ListForm.TABLE,
) -> None:
    """What changed in a study from one version to another: of a store that keeps history, or of two files."""
    from kg.graph import open as open_graph

    if newer is not None:
        from kg.api import diff as diff_records

        if since or until or store or endpoint or graph:
            raise UsageError("two files, and an option for versions in a store", remedy="give one or the other")
        found = diff_records(study, newer)
    else:
        with open_graph(place(store, endpoint), graph=graph or "") as opened:
            found = opened.diff(study, before=since, after=until)
    if form is ListForm.JSON:
        print_json(found)
    else:
        typer.echo(found.text())


def link(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Strings as a record has them.")],
    kind: Annotated[Kind, typer.Option(help="What the strings name.")] = Kind.CONDITION,
    form: Annotated[LinkForm, typer.Option("--format", help="The format of the answer.")] = LinkForm.TABLE,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Also the concepts of that name that were not chosen, and why.")
    ] = False,
    store: Store = None,
) -> None:
    """What strings mean, and why; says so where nothing is certain.

    The vocabularies and corrections are those of the store where there is one, else those of the package.
    """
    from kg.api import linker_of
    from kg.linking.answers import answers, as_json, as_lines, as_table
    from kg.vocabularies.scope import Side

    found = answers(linker_of(store), texts, Side(kind.value), candidates=candidates)
    if form is LinkForm.JSON:
        print_json(as_json(found))
    elif form is LinkForm.SSSOM:
        typer.echo(as_table(found), nl=False)
    else:
        for line in as_lines(found):
            typer.echo(line)


def _read_text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", place=str(file), remedy="expected a text file in UTF-8") from error
