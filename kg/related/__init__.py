"""Related studies, each with the reasons: what two studies share, and which words of their records led to it.

A score is the sum of the points of its reasons, and a reason's points are the weight of its kind times how rare the
shared thing is among the studies of the graph; ``docs/related.md`` explains both. Everything is asked by SPARQL, so a
store here and an endpoint elsewhere give the same answer.

Source: rarity is inverse document frequency (K. Spärck Jones, 1972, https://doi.org/10.1108/eb026526); the rarest
common ancestor as a measure of nearness is P. Resnik's (1995, https://arxiv.org/abs/cmp-lg/9511007).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.namespaces import study_iri
from kg.related.questions import KNOWN
from kg.related.reasons import BY, WEIGHTS, Evidence, Reason, Related, rarity
from kg.related.search import Search

if TYPE_CHECKING:
    from kg.graph import Graph

__all__ = ["BY", "WEIGHTS", "Evidence", "Reason", "Related", "rarity", "related"]


def related(graph: Graph, nct_id: str, *, by: Sequence[str] = tuple(BY), limit: int = 20) -> list[Related]:
    """The studies that are most related to a study, with the reasons.

    Args:
        graph: where the studies are.
        nct_id: the study asked about.
        by: which things count: ``target`` (the same drug too), ``class``, ``condition``, ``sponsor``, ``phase``,
            ``reference``. Phase only ranks what something else relates.
        limit: most studies wanted.

    Returns:
        The best first; those of the same score in the order of their NCT ids.

    Raises:
        UsageError: no such study in the graph, or a wrong ``by`` or ``limit``.
        TermError: not an NCT id.
        QueryError: a query failed.
        StoreError: the store cannot be opened.
        RemoteError: the endpoint failed.
    """
    study_iri(nct_id)
    if unknown := [name for name in by if name not in BY]:
        raise UsageError(f"nothing is related by {unknown[0]!r}", remedy=f"expected {', '.join(BY)}")
    if not set(by) - {"phase"}:
        raise UsageError("phase alone relates no studies", remedy=f"add one of {', '.join(BY)}")
    if limit < 1:
        raise UsageError(f"a limit of {limit}", remedy="expected 1 or more")
    if not graph.query(KNOWN, prefixes=True, nct=nct_id):
        raise UsageError(f"no study {nct_id} here", remedy="trialkg build adds studies to a store")
    return Search(graph, nct_id, frozenset(by)).best(limit)
