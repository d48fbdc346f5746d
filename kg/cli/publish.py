"""Commands that give a store to others: export, serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.shared import Store, say
from kg.config import LIMITS, store_directory
from kg.errors import UsageError

__all__ = ["export", "serve"]


def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")],
    store: Store = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="NCT...", help="Only this study; may be repeated.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="ttl, nt, ttl.gz, nt.gz; may be repeated.")] = None,
) -> None:
    """Write a store as files for a data catalog: data, vocabularies, DCAT, VoID, checksums.

    The folder is written aside and then renamed. The same store gives the same bytes.
    """
    from kg.catalog import export as run
    from kg.store.generations import StoreDirectory

    report = run(
        StoreDirectory(store_directory(store)), output, select=select or (), formats=tuple(form or ("ttl", "nt"))
    )
    say(f"{report.studies:,} studies, {report.statements:,} statements in {len(report.files)} files: {report.output}")


def serve(
    store: Store = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int | None, typer.Option(min=1, help="Query processes [default: one for each core].")] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which a query is stopped.")
    ] = LIMITS.query_seconds,
    allow_update: Annotated[
        bool, typer.Option("--allow-update", help="Take changes from those who have the token.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file with the token; only with --allow-update.")
    ] = None,
) -> None:
    """Serve a store: SPARQL endpoint, pages, query library. Read-only, unless changes are allowed."""
    from kg.server import serve as run

    if allow_update != (token_file is not None):
        raise UsageError("one of --allow-update and --token-file is given", remedy="expected both or neither")
    directory = store_directory(store)
    raise typer.Exit(run(directory, host=host, port=port, workers=workers, timeout=timeout, token_file=token_file))
