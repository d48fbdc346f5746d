"""The default profile: ``catalog.ttl`` in DCAT-AP 3.0.1, and the counts in ``void.ttl``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kg.catalog.dcat import catalog_graph
from kg.catalog.described import Described
from kg.catalog.graphs import write_graph
from kg.catalog.profiles.checking import check
from kg.catalog.void import describe

__all__ = ["CATALOG", "MARK", "VOID", "write"]

CATALOG: Final = "catalog.ttl"
VOID: Final = "void.ttl"
MARK: Final = "# trialkg export: catalog"
"""First line of a catalog that an export wrote; without it a folder is somebody else's."""


def write(described: Described, folder: Path) -> None:
    """Write the catalog and the counts.

    Raises:
        UsageError: the catalog breaks a rule of ``shapes/catalog.ttl``.
    """
    publication = described.publication
    catalog = catalog_graph(described)
    check(catalog, ("catalog.ttl",), CATALOG)
    write_graph(catalog, folder / CATALOG, (MARK.removeprefix("# "), "DCAT-AP 3.0.1."))
    void = describe(
        publication.base_url,
        publication.title,
        described.subsets,
        described.statements,
        modified=described.facts.data_date,
        licence=publication.licence,
        subjects=described.subjects,
    )
    write_graph(void, folder / VOID, ("trialkg export: counts of what the data files hold (VoID).",))
