"""Settings and limits, in one place, and where the files that ship with the package are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from platformdirs import user_cache_path

__all__ = [
    "DEFAULT_STORE",
    "LIMITS",
    "MAPPING_VERSION",
    "REGISTRY_API",
    "REGISTRY_PAGE",
    "VERSION",
    "Limits",
    "cache_directory",
    "resource",
    "store_directory",
]

VERSION = version("trialkg")
"""Version of the distribution."""

MAPPING_VERSION = "0.3.0"
"""Version of the mapping from records to statements; changes when the same record gives other statements."""

DEFAULT_STORE = Path("trials.kg")
"""Where the store is when neither ``--store`` nor ``TRIALKG_STORE`` says."""

REGISTRY_API = "https://clinicaltrials.gov/api/v2"
"""The registry's API, as its OpenAPI description names it."""

REGISTRY_PAGE = "https://clinicaltrials.gov/study/"
"""The registry's page of a study is this and its NCT id."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one input, one record and one query may cost.

    Sizes are bytes, times are seconds.
    """

    record_bytes: int = 64 * 2**20
    """Largest single record; the largest real one with results is about 15 MB."""
    page_bytes: int = 16 * 2**20
    """Largest registry page, text or HTML."""
    xml_nodes: int = 1_500_000
    """Most tags and attributes of one XML record; each costs about 130 bytes, and records of 20 MB have a million."""
    document_bytes: int = 2**30
    """Largest JSON document that is not one record to the line; a page of 1,000 studies is about 30 MB."""
    spool_bytes: int = 64 * 2**30
    """Most that is kept on disk of what can be read only once: standard input, an archive in an archive."""
    archive_members: int = 2_000_000
    """Most files in one archive; the registry's bulk file has about 600,000."""
    archive_directory_bytes: int = 128 * 2**20
    """Longest directory of a zip archive, which is read at once; that of the bulk file is about 45 MB."""
    archive_ratio: int = 200
    """Most that one compressed member may grow; trial records reach about 20."""
    archive_grace: int = 16 * 2**20
    """Bytes that anything compressed may give before its growth counts: small files of repeated text grow much."""
    archive_depth: int = 3
    """Deepest nesting of compressed files: a ``.json.gz`` in a ``.zip`` is two."""
    table_row_bytes: int = 2 * 2**20
    """Longest row of a table of an AACT export; the registry's longest texts are about 32,000 characters."""
    table_rejects: int = 1_000
    """Most broken rows of one table that are told and left out, before the rest of the table is."""
    table_memory: int = 2**30
    """Memory in which the tables of an AACT export are joined; beyond it, on disk."""
    vocabulary_bytes: int = 4 * 2**30
    """Largest file of a vocabulary, unpacked; the largest real one, NLM's ``mesh.nt``, is a little over 2 GB."""
    registry_page_bytes: int = 512 * 2**20
    """Largest answer of the registry's API, unpacked; it is held in memory. 1,000 studies are about 30 MB."""
    registry_bytes: int = 64 * 2**30
    """Most that one download from the registry keeps on disk; the whole registry is about 18 GB."""
    registry_seconds: float = 60.0
    """Longest silence of the registry before a request counts as failed."""
    registry_answer_seconds: float = 900.0
    """Longest time for one whole answer of the registry."""
    registry_attempts: int = 6
    """How often one request is made before the registry counts as failed."""
    registry_backoff: float = 60.0
    """Longest wait between two attempts where the registry does not say how long."""
    registry_retry_after: float = 300.0
    """Longest wait that the registry may ask for; beyond it the command ends, and goes on when it is run again."""
    registry_interval: float = 1.2
    """Least time from one request to the registry to the next."""
    query_seconds: float = 60.0
    """Deadline of a query when none is given."""
    query_bytes: int = 200_000
    """Longest query text."""
    query_depth: int = 200
    """Deepest nesting of brackets in a query; the engine's parser overflows its stack near 10,000."""
    query_memory: int = 4 * 2**30
    """Address space that one query worker may use beyond what it starts with."""
    update_bytes: int = 2 * 2**20
    """Longest SPARQL update that the endpoint takes."""
    update_memory: int = 4 * 2**30
    """Address space that an update may use beyond what the open store does."""
    graph_bytes: int = 32 * 2**20
    """Longest graph that the endpoint takes at once."""
    answer_bytes: int = 512 * 2**20
    """Largest result that is held in memory as a whole; larger ones are streamed."""
    load_batch: int = 2_000
    """Statements that are sent to a store elsewhere in one request."""
    shapes_bytes: int = 2 * 2**20
    """Longest shapes of a user, all files together; ours are about 250 kB."""
    shapes_statements: int = 50_000
    """Most statements of a user's shapes; ours are about 4,000, and every shape takes at least one."""
    validation_seconds: float = 60.0
    """Deadline of a user's shapes, on each study or file, and while they are loaded."""
    validation_memory: int = 2 * 2**30
    """Address space that a process with a user's shapes may use beyond what it starts with."""
    validation_bytes: int = 8 * 2**20
    """Longest data that the endpoint validates at once."""
    validation_results: int = 1_000
    """Results of each rule that the report on a store, or from a user's shapes, keeps; totals stay exact."""
    report_bytes: int = 32 * 2**20
    """Largest report of a confined validation."""
    service_seconds: float = 30.0
    """Longest time of one call that a query makes to another server."""
    service_bytes: int = 16 * 2**20
    """Most that the answers of other servers to one query have together, decompressed."""
    service_calls: int = 20
    """Most calls of one query to other servers."""
    audit_every: int = 1_000
    """A build validates one study in this many by pySHACL as well, and at least one."""


LIMITS = Limits()


def resource(*parts: str) -> Traversable:
    """A file or folder that ships with the package: ``ontology``, ``shapes``, ``queries``, ``kg/...``.

    The three top-level folders are inside the package in an installed wheel and beside it in a checkout.

    >>> resource("ontology", "agents.ttl").is_file()
    True
    """
    package = files("kg")
    inside = package.joinpath(*parts)
    if inside.is_file() or inside.is_dir():
        return inside
    return Path(str(package)).parent.joinpath(*parts)


def cache_directory() -> Path:
    """Where things are kept that can be made again: ``$TRIALKG_CACHE``, else the user's cache folder."""
    return Path(os.environ.get("TRIALKG_CACHE") or user_cache_path("trialkg"))


def store_directory(given: Path | None = None) -> Path:
    """The store to use: the one given, else ``$TRIALKG_STORE``, else ``./trials.kg``."""
    return given or Path(os.environ.get("TRIALKG_STORE") or DEFAULT_STORE)
