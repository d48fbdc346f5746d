"""The registry of profiles: each name of ``--profile`` and who writes what that catalog wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.catalog.described import Described
from kg.catalog.profiles import bioschemas, croissant, dcat_ap, hcls, healthdcat
from kg.catalog.profiles.dcat_ap import CATALOG, MARK
from kg.catalog.publication import Publication
from kg.errors import UsageError

__all__ = ["CATALOG", "DEFAULT_PROFILE", "MARK", "PROFILES", "Described", "Profile", "check_profiles"]

DEFAULT_PROFILE: Final = "dcat-ap-3"


@dataclass(frozen=True)
class Profile:
    """What one kind of catalog is given.

    Args:
        title: what it follows, with the version.
        files: what it writes: name → what that is, for people.
        write: writes its files into a folder and raises when they break the profile's own rules.
        missing: gives the settings of a publication that it cannot do without and that nobody gave; None where it can
            do without any.
    """

    title: str
    files: Mapping[str, str]
    write: Callable[[Described, Path], None]
    missing: Callable[[Publication], list[str]] | None = None


PROFILES: Final[Mapping[str, Profile]] = {
    DEFAULT_PROFILE: Profile(
        "DCAT-AP 3.0.1",
        {
            CATALOG: "The entry for a data catalog: DCAT-AP 3.0.1.",
            dcat_ap.VOID: "Counts by class and property, and linksets: VoID.",
        },
        dcat_ap.write,
    ),
    "hcls": Profile(
        "HCLS Community Profile for dataset descriptions",
        {hcls.FILE: "The description at three levels that the W3C's HCLS community profile asks for."},
        hcls.write,
    ),
    "healthdcat-ap-r8-public": Profile(
        "HealthDCAT-AP Release 8, PUBLIC",
        {healthdcat.FILE: "The entry for catalogs of health data: HealthDCAT-AP Release 8, PUBLIC."},
        healthdcat.write,
        healthdcat.missing,
    ),
    "bioschemas": Profile(
        "Bioschemas Dataset 1.0-RELEASE and DataCatalog 0.3-RELEASE",
        {bioschemas.FILE: "The entry for search engines: schema.org as Bioschemas profiles it, in JSON-LD."},
        bioschemas.write,
    ),
    "croissant": Profile(
        "Croissant 1.1",
        {croissant.FILE: "The description that machine learning tools load data by: Croissant 1.1."},
        croissant.write,
    ),
}
"""Name of a profile → what it is. The default one is written always, the others when they are asked for."""


def check_profiles(profiles: Sequence[str], publication: Publication) -> None:
    """Refuse a name that is no profile, and a profile whose facts nobody gave.

    Raises:
        UsageError: it is not in :data:`PROFILES`, or the publication lacks what it needs.
    """
    for name in profiles:
        if name not in PROFILES:
            raise UsageError(
                f"{name!r} is not a profile of an export", place="profile", remedy=f"expected {', '.join(PROFILES)}"
            )
        find = PROFILES[name].missing
        if missing := find(publication) if find else []:
            raise UsageError(
                f"the publication facts lack {', '.join(missing)}",
                place=f"profile {name}",
                remedy="only the publisher can know them: give a file with --publication, see docs/export.md",
            )
