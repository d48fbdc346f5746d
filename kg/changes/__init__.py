"""What changed in a study from one version to another.

Versions are found and read by SPARQL, so that a store here and an endpoint elsewhere give the same answer.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec

from kg.changes.compare import Change, How, compare
from kg.changes.facts import Facts, facts_of
from kg.changes.versions import StudyVersion, chosen, read_version, versions_of
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.graph import Graph

__all__ = ["Change", "Facts", "How", "StudyDiff", "StudyVersion", "compare", "diff", "difference", "facts_of"]


class StudyDiff(msgspec.Struct, frozen=True, rename="camel"):
    """What changed in a study between two versions.

    Attributes:
        nct_id: the study.
        before: the version it was.
        after: the version it became.
        changes: what differs.
        note: what makes the comparison doubtful; ``""`` when nothing does.
    """

    nct_id: str
    before: StudyVersion
    after: StudyVersion
    changes: list[Change]
    note: str = ""

    def text(self) -> str:
        """The difference as lines for people."""
        lines = [f"{self.nct_id}: {self.before.text()} → {self.after.text()}"]
        lines += [f"  {change.text()}" for change in self.changes]
        if not self.changes:
            lines.append("  nothing that is compared has changed")
        if self.note:
            lines.append(f"  note: {self.note}")
        return "\n".join(lines)


def diff(
    graph: Graph, nct_id: str, *, before: str | int | date | None = None, after: str | int | date | None = None
) -> StudyDiff:
    """What changed in a study.

    Args:
        graph: a store that keeps earlier versions, or an endpoint over one.
        nct_id: the study.
        before: the older version: its number, its name or IRI, or a date; the one before ``after`` when not given.
        after: the newer version, likewise; the current one when not given.

    Raises:
        UsageError: no such study, or no such version.
        TermError: not an NCT id.
        QueryError: a query failed, or an endpoint did not give the whole answer.
        StoreError: the store cannot be opened.
        RemoteError: the endpoint failed.
    """
    versions = versions_of(graph, nct_id)
    if len(versions) == 1:
        remedy = "trialkg build --history keeps what a newer record replaces"
        raise UsageError(f"no earlier version of {nct_id} was kept", remedy=remedy)
    newer = versions[-1] if after is None else chosen(versions, after)
    if before is None:
        place = versions.index(newer)
        if place == 0:
            raise UsageError(f"nothing comes before {newer.text()}", place=nct_id, remedy="name another version")
        older = versions[place - 1]
    else:
        older = chosen(versions, before)
    return difference(nct_id, older, read_version(graph, nct_id, older), newer, read_version(graph, nct_id, newer))


def difference(nct_id: str, older: StudyVersion, was: Facts, newer: StudyVersion, now: Facts) -> StudyDiff:
    """The difference between what two versions say."""
    note = ""
    if was.mapping != now.mapping:
        note = (
            f"made by mappings {was.mapping or '?'} and {now.mapping or '?'}: some of this may be the mapping's doing"
        )
    return StudyDiff(nct_id, older, newer, compare(was, now), note)
