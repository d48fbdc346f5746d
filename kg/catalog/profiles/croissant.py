"""``croissant.json``: the files, and the columns of the tables, as tools for machine learning load them.

A table becomes a RecordSet where a reader of Croissant can load it: Parquet. A table of links in SSSOM begins with
lines of comment that such readers stumble over, so it is a file without records.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, whose context is the one below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from kg.catalog.dcat import dataset_description
from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.profiles import json_ld
from kg.catalog.profiles.columns import DescribedColumn, DescribedTable, described_tables

__all__ = ["FILE", "document", "write"]

FILE: Final = "croissant.json"
_VERSION: Final = "http://mlcommons.org/croissant/1.1"
_TYPES: Final = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "double": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}
# The name that readers know beside the registered one.
_PARQUET: Final = "application/x-parquet"
_OF_CROISSANT: Final = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
_BY_LANGUAGE: Final = {"@container": "@language"}
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": _BY_LANGUAGE,
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": _BY_LANGUAGE,
    **{name: f"cr:{name}" for name in _OF_CROISSANT},
}


def write(described: Described, folder: Path) -> None:
    """Write the document.

    Raises:
        UsageError: it breaks a rule of ``shapes/croissant.ttl``: there is no date at all, for example.
    """
    tables = [table for table in described_tables(described, folder) if table.file.form == "parquet"]
    json_ld.write(document(described, tables), folder / FILE, described.publication.base_url, "croissant.ttl")


def document(described: Described, tables: list[DescribedTable]) -> dict[str, Any]:
    """The dataset, its files, and a set of records for each table."""
    publication, facts = described.publication, described.facts
    base = publication.base_url
    organization = json_ld.organization(described)
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": base + "dataset",
        "conformsTo": _VERSION,
        "name": publication.title.strip(),
        "description": dataset_description(described),
        "license": publication.licence,
        "url": base,
        "creator": organization,
        "publisher": organization,
        "keywords": list(publication.keywords),
        "inLanguage": "en",
        "version": facts.version,
        "citeAs": f"{publication.publisher}. {publication.title.strip()}, version {facts.version}. {base}dataset.",
    }
    # The profile wants a date. Without one from the publisher it is that of the data: what the registry had published.
    if date := publication.issued or facts.data_date:
        found["datePublished"] = date
    if facts.data_date:
        found["dateModified"] = facts.data_date
    found["distribution"] = [_file(file, base) for file in described.files]
    if tables:
        found["recordSet"] = [_records(table) for table in tables]
    return found


def _file(file: DataFile, base: str) -> dict[str, Any]:
    types = json_ld.media_types(file)
    found: dict[str, Any] = {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "description": file.description,
        "encodingFormat": types if len(types) > 1 else types[0],
    }
    if file.is_folder:
        ends = f".{file.form}.gz" if file.compressed else f".{file.form}"
        return found | {"@type": "cr:FileSet", "includes": f"{file.name}**/*{ends}"}
    if file.form == "parquet":
        found["encodingFormat"] = [*types, _PARQUET]
    return found | {"contentUrl": base + file.name, "contentSize": f"{file.size} B", "sha256": file.sha256}


def _records(table: DescribedTable) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.file.description,
        "field": [_field(table, column) for column in table.columns],
    }


def _field(table: DescribedTable, column: DescribedColumn) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.about,
        "dataType": _TYPES[column.datatype],
        "source": {"fileObject": {"@id": table.file.name}, "extract": {"column": column.name}},
    }
    return found | ({"isArray": True, "arrayShape": "-1"} if column.is_list else {})
