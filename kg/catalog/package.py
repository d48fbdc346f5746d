"""The export as a whole: a folder for a data catalog, the same bytes for the same statements.

Source of the layout: docs/export.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from pyoxigraph import Store

from kg.catalog.contents import Contents, ExportReport, Options
from kg.catalog.data import chosen_studies
from kg.catalog.profiles import check_profiles
from kg.catalog.publication import Publication
from kg.catalog.target import check_target, replacing
from kg.catalog.writers import check_formats, check_layout
from kg.store.embedded import reading
from kg.store.generations import Generation, StoreDirectory

__all__ = ["ExportReport", "export"]


def export(
    store: StoreDirectory | Generation | Store,
    output: Path,
    *,
    select: Sequence[str] = (),
    formats: Sequence[str] = ("ttl", "nt"),
    layout: str = "whole",
    vocabularies: bool = True,
    history: bool = False,
    profiles: Sequence[str] = (),
    publication: Publication | None = None,
) -> ExportReport:
    """Write studies, what they refer to, and their catalog entry into a folder.

    The folder is written aside and takes its place when it is complete. An earlier export there is replaced.

    Args:
        store: the newest generation of a directory, one generation, or an open store.
        output: the folder; it may be absent, empty, or an earlier export.
        select: NCT ids; none means all studies. :func:`kg.catalog.selection.selected` makes them of queries.
        formats: how to write the studies, of :data:`kg.catalog.writers.WRITERS`.
        layout: how to put them into files, of :data:`kg.catalog.writing.LAYOUTS`.
        vocabularies: whether to write concepts, vocabulary, code lists and drug ontology.
        history: whether to write earlier versions of the studies.
        profiles: what else to write for catalogs, of :data:`kg.catalog.profiles.PROFILES`; the default one is
            written always.
        publication: who publishes it and where.

    Raises:
        UsageError: an NCT id that the store does not have, an unknown format, layout or profile, or a folder with
            other files.
        StoreError: no study, a store that cannot be read, a blank node in a study, or a file that cannot be written.
        VocabularyError: the package lacks one of its ontology files.
    """
    publication = publication or Publication()
    check_formats(formats)
    check_layout(layout)
    check_profiles(profiles, publication)
    target = output.resolve()
    check_target(target)
    if isinstance(store, StoreDirectory):
        store = store.newest()
    options = Options(
        formats=formats,
        layout=layout,
        vocabularies=vocabularies,
        history=history,
        profiles=profiles,
        publication=publication,
    )
    with nullcontext(store) if isinstance(store, Store) else reading(store) as statements:
        chosen = chosen_studies(statements, select)
        with replacing(target) as folder:
            return Contents(statements, folder, options).write(chosen, target)
