"""Commands that give a store to others: export, serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.shared import EndpointGraph, EndpointUrl, Store, parameters, say
from kg.config import LIMITS, store_directory
from kg.errors import UsageError

__all__ = ["export", "serve"]


def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write.")],
    store: Store = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NCT...|QUERY|@FILE",
            help="Only these studies: an NCT id, a query of the library, the text of a SELECT that returns studies, or "
            "@FILE with ids or such a text; may be repeated.",
        ),
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the query that selects.")
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="ttl, nt, nq, trig, jsonld, rdfxml, each also with .gz; parquet, kgx; may be repeated "
            "[default: ttl, nt].",
        ),
    ] = None,
    layout: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Studies in one file (whole), ten thousand numbers to a file (partition), or each (study).",
        ),
    ] = "whole",
    vocabularies: Annotated[
        bool,
        typer.Option(
            "--vocabularies/--no-vocabularies",
            help="With concepts, vocabulary, code lists and drug ontology, or without.",
        ),
    ] = True,
    history: Annotated[
        bool, typer.Option("--history/--no-history", help="With earlier versions of the studies, or without.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="GENERATION|DIR",
            help="Write only what changed since a generation of the store, or an earlier export, as N-Triples.",
        ),
    ] = None,
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
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which a query that selects is stopped.")
    ] = LIMITS.query_seconds,
) -> None:
    """Write a store as files for a data catalog: data, vocabularies, DCAT, VoID, checksums.

    The folder is written aside and takes its place when it is complete. The same store gives the same bytes.
    """
    from kg.catalog import Publication, export_delta, read_publication, selected
    from kg.catalog import export as run
    from kg.catalog.profiles import check_profiles
    from kg.store.generations import StoreDirectory

    facts = read_publication(publication) if publication else Publication()
    check_profiles(profile or (), facts)
    directory = StoreDirectory(store_directory(store))
    generation = directory.newest()
    chosen = selected(generation, select or (), parameters(param or []), timeout=timeout)
    if since is not None:
        if form or profile or history or layout != "whole":
            raise UsageError(
                "--since writes N-Triples and nothing else",
                place="since",
                remedy="leave out --format, --layout, --history and --profile",
            )
        earlier = int(since) if since.isdecimal() else Path(since)
        delta = export_delta(directory, output, earlier, select=chosen, vocabularies=vocabularies, publication=facts)
        say(
            f"{delta.removed:,} statements to remove, {delta.added:,} to add, in {len(delta.studies):,} studies: "
            f"{delta.output}"
        )
        return
    report = run(
        generation,
        output,
        select=chosen,
        formats=tuple(form or ("ttl", "nt")),
        layout=layout,
        vocabularies=vocabularies,
        history=history,
        profiles=profile or (),
        publication=facts,
    )
    say(f"{report.studies:,} studies, {report.statements:,} statements in {len(report.files)} files: {report.output}")


def serve(
    store: Store = None,
    endpoint: EndpointUrl = None,
    graph: EndpointGraph = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on [default: 8000].")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Query processes [default: two for each core].")] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1, help=f"Seconds after which a query or change is stopped [default: {LIMITS.query_seconds:g}]."
        ),
    ] = None,
    allow_service: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Let queries ask this HOST or HOST:PORT by SERVICE; may be repeated."),
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
    """Serve a store, or an endpoint elsewhere: SPARQL, pages, query library. Read-only, unless changes are allowed."""
    from kg.server import serve as run
    from kg.server.configuration import configure, written
    from kg.store.remote_reader import Endpoint

    options = {
        "store": None if store is None else str(store),
        "endpoint": endpoint,
        "graph": graph,
        "host": host,
        "port": port,
        "workers": workers,
        "timeout": timeout,
        "allow_service": allow_service or None,
        "allow_update": allow_update or None,
        "token_file": None if token_file is None else str(token_file),
        "log_format": log_format,
    }
    configured = configure(config, options)
    if print_config:
        typer.echo(written(configured), nl=False)
        return
    address = configured.address
    served: Path | Endpoint
    if address.endpoint:
        served = Endpoint(address.endpoint, address.graph)
    else:
        served = store_directory(Path(address.store) if address.store else None)
    raise typer.Exit(run(served, address.host, address.port, settings=configured.settings))
