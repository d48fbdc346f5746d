"""The example studies that ship with the package, and what they answer; where they come from is in ``README.md``."""

from __future__ import annotations

import csv
from pathlib import Path

from kg.config import resource

__all__ = ["expected", "paths"]


def paths() -> list[Path]:
    """The files of the example studies, one study to the file, in the order of their NCT ids.

    >>> len(paths()), paths()[0].name
    (47, 'NCT00529035.json')
    """
    return sorted(Path(str(entry)) for entry in resource("examples", "studies").iterdir())


def expected() -> dict[str, tuple[str, bool]]:
    """What each example says to the question of IL-2 pathway agonists combined with PD-1 pathway inhibitors.

    Returns:
        NCT id → the evidence of a combination, and whether head and neck cancer is studied. The evidence is ``arm``
        (both in one arm), ``combination`` (one intervention names both), ``study`` (both in the study, and the record
        does not say in which arm), ``class`` (only a class is named where the second agent should be) or ``none``.

    >>> expected()["NCT04144517"]
    ('arm', True)
    """
    with Path(str(resource("examples", "expected.tsv"))).open(encoding="utf-8", newline="") as file:
        return {
            row["nct_id"]: (row["evidence"], row["head_and_neck"] == "yes")
            for row in csv.DictReader(file, delimiter="\t")
        }
