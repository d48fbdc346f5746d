"""What is known of a written file: what it is, how long, its hash, and how many statements it holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FILE_TYPES", "DataFile", "FileType"]


@dataclass(frozen=True)
class FileType:
    """A type of file, as catalogs name it.

    Args:
        title: for people.
        media_type: as registered at IANA, for example ``text/turtle``; ``""`` where none is registered.
        code: in the EU's authority list of file types, for example ``RDF_TURTLE``; ``""`` where it has none.
    """

    title: str
    media_type: str
    code: str


FILE_TYPES = {
    "ttl": FileType("Turtle", "text/turtle", "RDF_TURTLE"),
    "nt": FileType("N-Triples", "application/n-triples", "RDF_N_TRIPLES"),
    "nq": FileType("N-Quads", "application/n-quads", "RDF_N_QUADS"),
    "trig": FileType("TriG", "application/trig", "RDF_TRIG"),
    "jsonld": FileType("JSON-LD", "application/ld+json", "JSON_LD"),
    "rdf": FileType("RDF/XML", "application/rdf+xml", "RDF_XML"),
    "tsv": FileType("TSV", "text/tab-separated-values", "TSV"),
    "parquet": FileType("Parquet", "application/vnd.apache.parquet", "PARQUET"),
    "jsonl": FileType("JSON lines", "text/plain", "TXT"),  # none of its own is registered
}
"""End of a file's name, without ``.gz`` → its type. Writers of other forms add theirs here."""


@dataclass(frozen=True)
class DataFile:
    """One written data file, or a folder of files of one type.

    Args:
        name: file name relative to the export; that of a folder ends in ``/``.
        title: what it is.
        description: what is in it.
        size: bytes; of a folder, of all its files.
        sha256: of its bytes; ``""`` for a folder, whose files are in the list of checksums one by one.
        statements: RDF statements in it; none in a table.
        form: the key of its type in :data:`FILE_TYPES`.
        compressed: whether it, or each file of the folder, is compressed by gzip.
        standard: IRI of what it conforms to; ``""`` for the vocabulary of trialkg.
        stem: the part of the export that it is a form of: ``studies``, ``concepts``, ``links`` …; files of one stem
            hold the same.
    """

    name: str
    title: str
    description: str
    size: int
    sha256: str
    statements: int
    form: str = ""
    compressed: bool = False
    standard: str = ""
    stem: str = ""

    def __post_init__(self) -> None:
        """Read from the name what was not given."""
        plain = self.name.removesuffix(".gz")
        if not self.form:
            object.__setattr__(self, "form", plain.rpartition(".")[2])
        if plain != self.name:
            object.__setattr__(self, "compressed", True)
        if not self.stem:
            object.__setattr__(self, "stem", plain.partition(".")[0].rstrip("/"))

    @property
    def type(self) -> FileType:
        """Its type."""
        return FILE_TYPES[self.form]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.name.endswith("/")
