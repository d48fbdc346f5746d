"""The export: data files with their catalog entry, counts and checksums, ready for a data catalog."""

from kg.catalog.checksums import verify
from kg.catalog.files import DataFile
from kg.catalog.package import ExportReport, export
from kg.catalog.publication import Body, HealthFacts, Publication, read_publication

__all__ = [
    "Body",
    "DataFile",
    "ExportReport",
    "HealthFacts",
    "Publication",
    "export",
    "read_publication",
    "verify",
]
