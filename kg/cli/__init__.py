"""The command line: parse, call, print. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kg.cli import publish, questions, records, remote, vocabularies
from kg.cli.shared import say
from kg.config import VERSION
from kg.errors import TrialkgError

__all__ = ["app", "main"]

_INTERRUPTED = 130
app = typer.Typer(
    name="trialkg",
    help="Clinical trial records as a semantic knowledge graph.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_vocabulary = typer.Typer(help="Vocabularies that links are made to.", no_args_is_help=True)
for _command in (
    records.build,
    records.convert,
    records.fetch,
    records.update,
    records.validate,
    questions.query,
    questions.queries,
    questions.related,
    questions.diff,
    questions.link,
):
    app.command()(_command)
_vocabulary.command("add")(vocabularies.vocabulary_add)
_vocabulary.command("remove")(vocabularies.vocabulary_remove)
_vocabulary.command("list")(vocabularies.vocabulary_list)
app.add_typer(_vocabulary, name="vocabulary")
app.command()(publish.export)
app.command()(remote.load)
app.command()(publish.serve)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Clinical trial records as a semantic knowledge graph."""
    context.obj = debug
    if version:
        typer.echo(f"trialkg {VERSION}")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; errors are one line on stderr, never a traceback without ``--debug``.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
        if code == _INTERRUPTED:
            say("trialkg: interrupted")
        return code
    except TrialkgError as error:
        if "--debug" in given:
            raise
        say(f"trialkg: {error}")
        return error.exit_code
    except OSError as error:
        # Mostly a full disk; a reader of a pipe that has gone is not among these.
        if "--debug" in given:
            raise
        say(f"trialkg: {error} (check the path, your rights and the space on the disk)")
        return 2
    return 0
