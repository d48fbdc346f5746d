"""The export: data files with their catalog entry, counts and checksums, ready for a data catalog."""

from kg.catalog.checksums import verify
from kg.catalog.dcat import Publication, read_publication
from kg.catalog.files import DataFile
from kg.catalog.package import ExportReport, export

__all__ = ["DataFile", "ExportReport", "Publication", "export", "read_publication", "verify"]
