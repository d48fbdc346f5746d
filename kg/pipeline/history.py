"""What a build does about earlier versions of studies: keep those that it replaces, and hand on those kept before.

The conversion of a record knows nothing of it. The default graph has of all history one statement for each study
that has any; see :mod:`kg.store.history`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Final

import pyoxigraph as ox

from kg.errors import StoreError
from kg.namespaces import PREFIXES, expand
from kg.store.embedded import has_study
from kg.store.history import (
    Version,
    is_another,
    link_to,
    newest_version,
    next_version,
    version_graphs,
    version_quads,
)

__all__ = ["carry_history"]

_REVISION_OF: Final = ox.NamedNode(expand("prov:wasRevisionOf"))


def carry_history(before: ox.Store, after: ox.Store, built: Collection[str], *, keep: bool, anew: bool) -> int:
    """Bring the history of studies from one state of a store to the next.

    Args:
        before: the newest generation.
        after: the draft, with the new statements of the studies.
        built: the studies that were made from records of the input, all of them in ``after``.
        keep: whether what is replaced becomes an earlier version.
        anew: whether the draft began empty, so that it has none of the versions yet.

    Returns:
        How many versions were added.

    Raises:
        StoreError: the draft cannot be written.
    """
    versions: list[Version] = []
    links: list[ox.Quad] = []
    for nct_id in sorted(built):
        if keep and has_study(before, nct_id) and is_another(before, after, nct_id):
            versions.append(next_version(before, nct_id))
            links.append(link_to(nct_id, versions[-1].iri))
        elif earlier := newest_version(before, nct_id):
            links.append(link_to(nct_id, earlier))
    handed_on: Iterable[ox.Quad] = ()
    if anew:
        links += _links_of_others(before, after, built)
        handed_on = version_graphs(before)
    if not links and not anew:
        return 0
    added = chain.from_iterable(version_quads(before, version) for version in versions)
    try:
        after.bulk_extend(chain(links, handed_on, added))
    except (OSError, RuntimeError) as error:
        raise StoreError(f"earlier versions cannot be kept: {error}") from error
    return len(versions)


def _links_of_others(before: ox.Store, after: ox.Store, built: Collection[str]) -> Iterator[ox.Quad]:
    """The links of studies that were made again from the record that was kept of them."""
    for quad in list(before.quads_for_pattern(None, _REVISION_OF, None, ox.DefaultGraph())):
        if isinstance(quad.subject, ox.NamedNode):
            nct_id = quad.subject.value.removeprefix(PREFIXES["trial"]).removesuffix("/record")
            if nct_id not in built and has_study(after, nct_id):
                yield quad
