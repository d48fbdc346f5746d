"""The export: data files with their catalog entry, counts and checksums, ready for a data catalog."""

from kg.catalog.checksums import verify
from kg.catalog.delta import DeltaReport, apply_delta, export_delta
from kg.catalog.files import DataFile
from kg.catalog.package import ExportReport, export
from kg.catalog.publication import Body, HealthFacts, Publication, read_publication
from kg.catalog.selection import selected

__all__ = [
    "Body",
    "DataFile",
    "DeltaReport",
    "ExportReport",
    "HealthFacts",
    "Publication",
    "apply_delta",
    "export",
    "export_delta",
    "read_publication",
    "selected",
    "verify",
]
