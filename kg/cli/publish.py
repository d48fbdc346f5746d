"""Commands that give a store to others: export, serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.shared import Store, say
from kg.config import LIMITS, store_directory

__all__ = ["export", "serve"]


def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")],
    store: Store = None,
    select: Annotated[
        list[str] | None, typer.Option(metavar="NCT...", help="Only this study; may be repeated.")
    ] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="ttl, nt, ttl.gz, nt.gz; may be repeated.")] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What else to write for catalogs, beside dcat-ap-3: hcls, healthdcat-ap-r8-public, bioschemas, "
            "croissant; may be repeated.",
        ),
    ] = None,
    publication: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A TOML file that says who publishes the export, where, under which licence."
        ),
    ] = None,
) -> None:
    """Write a store as files for a data catalog: data, vocabularies, DCAT, VoID, checksums.

    The folder is written aside and then renamed. The same store gives the same bytes.
    """
    from kg.catalog import export as run
    from kg.catalog import read_publication
    from kg.store.generations import StoreDirectory

    report = run(
        StoreDirectory(store_directory(store)),
        output,
        select=select or (),
        formats=tuple(form or ("ttl", "nt")),
        profiles=profile or (),
        publication=read_publication(publication) if publication else None,
    )
    say(f"{report.studies:,} studies, {report.statements:,} statements in {len(report.files)} files: {report.output}")


def serve(
    store: Store = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on [default: 8000].")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Query processes [default: one for each core].")] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1, help=f"Seconds after which a query or change is stopped [default: {LIMITS.query_seconds:g}]."
        ),
    ] = None,
    allow_update: Annotated[
        bool, typer.Option("--allow-update", help="Take changes from those who have the token.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file with the token; only with --allow-update.")
    ] = None,
    log_format: Annotated[
        str | None, typer.Option(metavar="text|json", help="How the log on standard error is written [default: text].")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A TOML file with settings; options go before it.")
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Show every setting, as such a file, and exit.")
    ] = False,
) -> None:
    """Serve a store: SPARQL endpoint, pages, query library. Read-only, unless changes are allowed."""
    from kg.server import serve as run
    from kg.server.configuration import configure, written

    options = {
        "store": None if store is None else str(store),
        "host": host,
        "port": port,
        "workers": workers,
        "timeout": timeout,
        "allow_update": allow_update or None,
        "token_file": None if token_file is None else str(token_file),
        "log_format": log_format,
    }
    configured = configure(config, options)
    if print_config:
        typer.echo(written(configured), nl=False)
        return
    address = configured.address
    served = store_directory(Path(address.store) if address.store else None)
    raise typer.Exit(run(served, address.host, address.port, settings=configured.settings))
