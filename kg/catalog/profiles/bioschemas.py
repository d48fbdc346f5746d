"""``bioschemas.jsonld``: the dataset and its catalog in schema.org's words, as Bioschemas profiles them.

Source: https://bioschemas.org/profiles/Dataset/1.0-RELEASE and https://bioschemas.org/profiles/DataCatalog/0.3-RELEASE-2019_07_01.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from kg.catalog.countries import countries
from kg.catalog.dcat import dataset_description
from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.profiles import json_ld

__all__ = ["FILE", "document", "write"]

FILE: Final = "bioschemas.jsonld"
_DATASET: Final = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"
_CATALOG: Final = "https://bioschemas.org/profiles/DataCatalog/0.3-RELEASE-2019_07_01"
_SOURCE: Final = "https://clinicaltrials.gov/"

_CONTEXT: Final[dict[str, Any]] = {
    "@vocab": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    **{name: {"@type": "@id"} for name in ("contentUrl", "isBasedOn", "license", "url")},
}
"""In the document, not named by it: reading it asks no server."""


def write(described: Described, folder: Path) -> None:
    """Write the document.

    Raises:
        UsageError: it breaks a rule of ``shapes/bioschemas.ttl``.
    """
    json_ld.write(document(described), folder / FILE, described.publication.base_url, "bioschemas.ttl")


def document(described: Described) -> dict[str, Any]:
    """The dataset and the catalog. Each repeats what the profile wants to read of the other where it is named."""
    publication, facts = described.publication, described.facts
    base = publication.base_url
    organization = json_ld.organization(described)
    catalog = {
        "@type": "DataCatalog",
        "@id": base + "catalog",
        "name": publication.title.strip(),
        "description": publication.description.strip(),
        "url": base,
        "keywords": list(publication.keywords),
        "provider": organization,
    }
    dataset = {
        "@type": "Dataset",
        "@id": base + "dataset",
        "identifier": base + "dataset",
        "name": publication.title.strip(),
        "description": dataset_description(described),
        "url": base,
        "keywords": list(publication.keywords),
    }
    full: dict[str, Any] = {
        **dataset,
        "dct:conformsTo": {"@id": _DATASET, "@type": "CreativeWork"},
        "license": publication.licence,
        "usageInfo": {"@type": "CreativeWork", "@id": base + "rights", "text": publication.rights.strip()},
        "creator": organization,
        # Named only: to the JSON Schema of Bioschemas, which does not look at types, an organization with a name is a
        # person too, and a publisher is one of the two.
        "publisher": {"@type": "Organization", "@id": publication.publisher_node},
        "version": facts.version,
        "isBasedOn": _SOURCE,
        "isAccessibleForFree": True,
        "inLanguage": "en",
        "includedInDataCatalog": catalog,
    }
    if publication.issued:
        full["datePublished"] = publication.issued
    # A month is no date to the profile.
    if len(facts.data_date) == len("2000-01-01"):
        full["dateModified"] = facts.data_date
        if facts.first_posted:
            full["temporalCoverage"] = f"{facts.first_posted}/{facts.data_date}"
    if places := countries(facts.countries):
        full["spatialCoverage"] = [
            {"@type": "Country", "@id": place.iri, "name": place.name, "identifier": place.code} for place in places
        ]
    full["distribution"] = [_download(file, described) for file in described.files]
    return {
        "@context": _CONTEXT,
        "@graph": [
            full,
            {
                **catalog,
                "dct:conformsTo": {"@id": _CATALOG, "@type": "CreativeWork"},
                "identifier": base + "catalog",
                "license": publication.licence,
                "dataset": dataset,
            },
        ],
    }


def _download(file: DataFile, described: Described) -> dict[str, Any]:
    publication = described.publication
    types = json_ld.media_types(file)
    found = {
        "@type": "DataDownload",
        "@id": f"{publication.base_url}distribution/{file.name}",
        "name": file.title,
        "description": file.description,
        "contentUrl": publication.base_url + file.name,
        "encodingFormat": types if len(types) > 1 else types[0],
        "contentSize": f"{file.size} B",
        "license": publication.licence,
    }
    return found | ({"sha256": file.sha256} if file.sha256 else {})
