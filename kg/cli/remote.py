"""The command that fills a store elsewhere: load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli.shared import Inputs, MaxRejects, Strict, exit_on_rejects, say, show_rejects
from kg.config import LIMITS
from kg.terminal import progress_bar

__all__ = ["load"]


def load(
    inputs: Inputs,
    endpoint: Annotated[str, typer.Option(metavar="URL", help="Where updates are sent, or the graph store.")],
    graph_store: Annotated[
        bool, typer.Option("--graph-store", help="The URL is that of a graph store, not one for updates.")
    ] = False,
    graph: Annotated[
        str | None, typer.Option(metavar="IRI", help="The graph for statements that have none [default: the default].")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="A file with a bearer token.")] = None,
    credentials_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with NAME:PASSWORD, for digest or basic.")
    ] = None,
    vocabularies: Annotated[
        bool, typer.Option("--vocabularies", help="Send the vocabularies of the package, too; a store has its own.")
    ] = False,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Statements in one request.")] = LIMITS.load_batch,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one request.")] = LIMITS.query_seconds,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where it is noted how far it is [default: in the cache folder]."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier run of the same was.")] = False,
    max_rejects: MaxRejects = None,
    strict: Strict = False,
) -> None:
    """Send records (converted), RDF files or stores to a SPARQL store elsewhere, in batches.

    Nothing is removed there. What was interrupted goes on with --resume; what is sent twice does no harm.
    """
    from kg.pipeline.remote.load import load as run
    from kg.pipeline.remote.target import Target, read_credentials

    credentials = read_credentials(token_file, credentials_file)
    target = Target(endpoint, graph_store=graph_store, graph=graph or "", credentials=credentials, timeout=timeout)
    with progress_bar("statements") as progress:
        report = run(
            inputs,
            target,
            vocabularies=vocabularies,
            batch=batch,
            journal=journal,
            resume=resume,
            # How many there will be is not known before.
            progress=lambda count: progress(count, count),
        )
    say(report.text())
    show_rejects([(row.place, row.reason) for row in report.rejects], "")
    exit_on_rejects(len(report.rejects), 0 if strict else max_rejects)
