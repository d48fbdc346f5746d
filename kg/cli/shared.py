"""What several commands share: their options, how they speak, how rejects decide the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.config import store_directory
from kg.errors import UsageError

__all__ = [
    "EndpointGraph",
    "EndpointUrl",
    "Inputs",
    "Jobs",
    "ListForm",
    "MaxRejects",
    "Store",
    "Strict",
    "exit_on_rejects",
    "parameters",
    "place",
    "print_json",
    "say",
    "show_rejects",
]

_SHOWN_REJECTS = 20
_NO_PARAMETERS = ("prefixes", "timeout")
"""What :meth:`kg.graph.Graph.query` takes beside the parameters of a query."""
Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders, patterns, archives, or - for standard input.")
]
Store = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="The store [default: $TRIALKG_STORE or ./trials.kg].")
]
EndpointUrl = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="A SPARQL endpoint instead of a store.")
]
EndpointGraph = Annotated[
    str | None,
    typer.Option("--graph", metavar="IRI", help="The graph of the endpoint that is meant [default: as it decides]."),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Worker processes [default: by the size of the input].")]
MaxRejects = Annotated[int | None, typer.Option(min=0, help="Exit with 1 when more records than this are rejected.")]
Strict = Annotated[bool, typer.Option("--strict", help="The same as --max-rejects 0.")]


class ListForm(StrEnum):
    """Formats of a list with its reasons."""

    TABLE = "table"
    JSON = "json"


def say(text: str) -> None:
    """Say something on stderr."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def place(store: Path | None, endpoint: str | None) -> str | Path:
    """What to ask: an endpoint or a store.

    Raises:
        UsageError: both are given.
    """
    if endpoint and store:
        raise UsageError("both --store and --endpoint are given", remedy="give one of them")
    return endpoint or store_directory(store)


def show_rejects(rejects: Sequence[tuple[str, str]], rest: str, *, what: str = "rejected") -> None:
    """Say what was rejected, the first of it in full.

    Args:
        rejects: place and reason of each.
        rest: where the others are told.
        what: what happened to them.
    """
    for where, reason in rejects[:_SHOWN_REJECTS]:
        say(f"{what}: {where}: {reason}")
    if len(rejects) > _SHOWN_REJECTS:
        say(f"and {len(rejects) - _SHOWN_REJECTS} more{'; ' + rest if rest else ''}")


def exit_on_rejects(number: int, limit: int | None) -> None:
    """End with exit code 1 when there are more rejects than allowed; None allows any number."""
    if limit is not None and number > limit:
        say(f"trialkg: {number} rejected or quarantined, more than the {limit} allowed")
        raise typer.Exit(1)


def parameters(given: Sequence[str]) -> dict[str, str]:
    """The parameters of a query, each given as ``NAME=VALUE``.

    Raises:
        UsageError: one is not of that form, or has a name that none can have.
    """
    values = {}
    for entry in given:
        name, separator, value = entry.partition("=")
        if not separator or not name:
            raise UsageError(f"--param {entry!r} is not a parameter", remedy="expected NAME=VALUE")
        if name in _NO_PARAMETERS:
            raise UsageError(f"--param {entry!r}: no parameter can have this name", remedy="rename it in the query")
        values[name] = value
    return values
