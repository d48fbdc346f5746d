"""The registry of profiles: each name of ``--profile`` and who writes what that catalog wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.catalog.dcat import Publication, catalog_graph, write_graph
from kg.catalog.files import DataFile
from kg.catalog.void import Subset, describe
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.catalog.data import Facts

__all__ = ["CATALOG", "DEFAULT_PROFILE", "MARK", "PROFILES", "Described", "check_profiles"]

CATALOG: Final = "catalog.ttl"
MARK: Final = "# trialkg export: catalog"
"""First line of a catalog that an export wrote; without it a folder is somebody else's."""
DEFAULT_PROFILE: Final = "dcat-ap-3"


@dataclass(frozen=True)
class Described:
    """What an export holds, all of it computed from what was written.

    Args:
        publication: who publishes it and where.
        files: its data files.
        facts: what the statements say of their date and origin.
        subsets: counts of its parts; the first is the studies.
        studies: how many studies there are.
        concepts: how many concepts they name, with what those are within.
        statements: distinct statements in all data files together.
    """

    publication: Publication
    files: Sequence[DataFile]
    facts: Facts
    subsets: Sequence[Subset]
    studies: int
    concepts: int
    statements: int


def _dcat(described: Described, folder: Path) -> None:
    publication, facts = described.publication, described.facts
    graph = catalog_graph(publication, described.files, facts, described.studies)
    write_graph(graph, folder / CATALOG, (MARK.removeprefix("# "), "DCAT-AP 3.0.1."))
    void = describe(
        publication.base_url,
        publication.title,
        described.subsets,
        described.statements,
        modified=facts.data_date,
        licence=publication.licence,
    )
    write_graph(void, folder / "void.ttl", ("trialkg export: counts of what the data files hold (VoID).",))


PROFILES: Final[Mapping[str, Callable[[Described, Path], None]]] = {DEFAULT_PROFILE: _dcat}
"""Name of a profile → what writes its files into a folder and raises when they break the profile's own rules.

The default one is written always, the others when they are asked for. What they write gets its checksums afterwards.
"""


def check_profiles(profiles: Sequence[str]) -> None:
    """Refuse a name that is no profile.

    Raises:
        UsageError: it is not in :data:`PROFILES`.
    """
    for name in profiles:
        if name not in PROFILES:
            raise UsageError(
                f"{name!r} is not a profile of an export", place="profile", remedy=f"expected {', '.join(PROFILES)}"
            )
