"""``CITATION.cff``: how to cite an export, for people and for what reads such files.

Source: https://github.com/citation-file-format/citation-file-format, version 1.2.0.
"""

from __future__ import annotations

from typing import Final

import msgspec

from kg.catalog.described import Described

__all__ = ["citation"]

_SPDX: Final = {
    "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC-BY-SA-4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
}


def citation(described: Described) -> str:
    """The file. Its date is that of the data, since nothing of the run is in an export."""
    publication, facts = described.publication, described.facts
    licence = _SPDX.get(publication.licence)
    day = facts.data_date if len(facts.data_date) == len("2000-01-01") else ""
    found = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it, and name ClinicalTrials.gov as its source.",
        "type": "dataset",
        "title": publication.title.strip(),
        "abstract": publication.description.strip(),
        "authors": [{"name": publication.publisher.strip()}],
        "version": facts.version,
        "date-released": day,
        "url": f"{publication.base_url}dataset",
        "license": licence or "",
        "license-url": "" if licence else publication.licence,
        "keywords": list(publication.keywords),
        "references": [
            {
                "type": "database",
                "title": "ClinicalTrials.gov",
                "authors": [{"name": "U.S. National Library of Medicine"}],
                "url": "https://clinicaltrials.gov/",
                **({"notes": f"State of {facts.data_date}."} if facts.data_date else {}),
            }
        ],
    }
    return msgspec.yaml.encode({key: value for key, value in found.items() if value}).decode()
