"""Commands on vocabularies: add, remove, list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg.cli.shared import Jobs, Store, say
from kg.config import store_directory
from kg.terminal import progress_bar

if TYPE_CHECKING:
    from kg.pipeline.additions import Addition

__all__ = ["opened_addition", "vocabulary_add", "vocabulary_list", "vocabulary_remove"]


def vocabulary_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="mesh, chebi, ncit, dron, atc, rxnorm, or any name.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH...]", help="Files or a URL [default for mesh: the tables in the package]."),
    ] = None,
    store: Store = None,
    version: Annotated[str, typer.Option(help="The version, where the files do not say it, as a MeSH year.")] = "",
    reason: Annotated[
        bool, typer.Option("--reason", help="Check an OWL file and complete its hierarchy by a reasoner (needs java).")
    ] = False,
    jobs: Jobs = None,
) -> None:
    """Add a vocabulary to a store, or replace one, and link its studies anew.

    What changed is reported: terms gone, merged, moved, renamed, and links that differ. On any error the store
    stays as it was.
    """
    from kg.pipeline.build import build as run

    directory = store_directory(store)
    with (
        opened_addition(paths or [], name=name, version=version, reason=reason) as addition,
        progress_bar() as progress,
    ):
        report = run((), directory, add=[addition], jobs=jobs, progress=progress)
    say(report.text())
    say(f"published in {directory}")


def vocabulary_remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What was added; see: trialkg vocabulary list.")],
    store: Store = None,
    jobs: Jobs = None,
) -> None:
    """Remove a vocabulary from a store, and link its studies anew; one that ships with trialkg comes back."""
    from kg.pipeline.build import build as run

    directory = store_directory(store)
    with progress_bar() as progress:
        report = run((), directory, remove=[name], jobs=jobs, progress=progress)
    say(report.text())
    say(f"published in {directory}")


def vocabulary_list(store: Store = None) -> None:
    """The vocabularies that links are made to: version, number of concepts, licence."""
    from kg.pipeline.vocabularies import used_or_bundled

    for vocabulary in used_or_bundled(store):
        fields = (vocabulary.name, vocabulary.version, f"{vocabulary.concepts:,} concepts", vocabulary.licence)
        typer.echo("\t".join((*fields, vocabulary.iri)))


@contextmanager
def opened_addition(paths: Sequence[str], **options: Any) -> Iterator[Addition]:
    """A vocabulary to add, opened as :func:`kg.pipeline.additions.opened` does."""
    from kg.pipeline.additions import opened

    with opened(paths, **options) as addition:
        yield addition
