"""Cross-references as vocabularies write them (``MESH:D008545``) → IRIs, where the prefix is known for certain.

Prefixes are written in any case and by several names. What is not in the table below, or is not an identifier of the
kind that its prefix promises, is counted and left out: a guessed IRI would join what nobody said is the same.

Source: https://bioregistry.io/ (names of prefixes, patterns); for the form of the IRIs, :mod:`kg.namespaces` where it
has the namespace, the vocabulary's own RDF where there is one, else identifiers.org.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.errors import TermError
from kg.namespaces import PREFIXES, mesh_iri

__all__ = ["CrossReferences", "valid_iri"]

_OBO: Final = PREFIXES["obo"]
_IDENTIFIERS: Final = "https://identifiers.org/"


class _Kind(NamedTuple):
    pattern: re.Pattern[str]
    iri: Callable[[str], str]


def _kind(pattern: str, namespace: str) -> _Kind:
    return _Kind(re.compile(pattern), lambda local: namespace + local)


_NCIT: Final = _kind(r"C[0-9]{2,7}", f"{_OBO}NCIT_")
_MESH: Final = _Kind(re.compile(r"[CD][0-9]{6,9}"), mesh_iri)
_SNOMED: Final = _kind(r"[0-9]{6,18}", "http://snomed.info/id/")
_UNIPROT: Final = _kind(
    r"(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[0-9]+)?", PREFIXES["uniprot"]
)
_UMLS: Final = _kind(r"C[0-9]{7}", f"{_IDENTIFIERS}umls:")
_ORPHANET: Final = _kind(r"[0-9]{1,7}", "http://www.orpha.net/ORDO/Orphanet_")
_CHEMBL: Final = _kind(r"CHEMBL[0-9]{1,9}", PREFIXES["chembl"])
_RXNORM: Final = _kind(r"[0-9]{1,8}", PREFIXES["rxnorm"])
_PUBCHEM: Final = _Kind(
    re.compile(r"(?:CID:? ?)?[0-9]{1,12}"),
    lambda local: f"http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID{local.removeprefix('CID').lstrip(': ')}",
)

_KINDS: Final[dict[str, _Kind]] = {
    "atc": _kind(r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?", PREFIXES["atc"]),
    "cas": _kind(r"[0-9]{2,7}-[0-9]{2}-[0-9]", f"{_IDENTIFIERS}cas:"),
    "chebi": _kind(r"[0-9]{1,7}", f"{_OBO}CHEBI_"),
    "chembl": _CHEMBL,
    "chembl.compound": _CHEMBL,
    "doid": _kind(r"[0-9]{1,7}", f"{_OBO}DOID_"),
    "dron": _kind(r"[0-9]{8}", f"{_OBO}DRON_"),
    "drugbank": _kind(r"DB[0-9]{5}", PREFIXES["drugbank"]),
    "efo": _kind(r"[0-9]{7}", "http://www.ebi.ac.uk/efo/EFO_"),
    "hgnc": _kind(r"[0-9]{1,6}", PREFIXES["hgnc"]),
    "hp": _kind(r"[0-9]{7}", f"{_OBO}HP_"),
    "mesh": _MESH,
    "mondo": _kind(r"[0-9]{7}", f"{_OBO}MONDO_"),
    "msh": _MESH,
    "nci": _NCIT,
    "nci_thesaurus": _NCIT,
    "ncit": _NCIT,
    "orphanet": _ORPHANET,
    "ordo": _ORPHANET,
    "pr": _kind(r"[A-Z0-9-]{5,12}", f"{_OBO}PR_"),
    "pubchem.compound": _PUBCHEM,
    "rxcui": _RXNORM,
    "rxnorm": _RXNORM,
    "sctid": _SNOMED,
    "snomedct": _SNOMED,
    "snomedct_us": _SNOMED,
    "umls": _UMLS,
    "umls_cui": _UMLS,
    "unii": _kind(r"[A-Z0-9]{10}", PREFIXES["unii"]),
    "uniprot": _UNIPROT,
    "uniprotkb": _UNIPROT,
}
# "SNOMEDCT_US_2023_03_01:254837009": the prefix carries its release.
_RELEASE: Final = re.compile(r"_(?:20[0-9]{2}(?:_[0-9]{2}){2})\Z")
_LONGEST_PREFIX: Final = 40


class CrossReferences:
    """Makes IRIs of cross-references; what it cannot is counted by prefix in ``unknown``."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()

    def knows(self, reference: str) -> bool:
        """Whether the prefix is known; if not, it is counted. Cheaper than making the IRI.

        >>> CrossReferences().knows("KEGG:C00001")
        False
        """
        prefix = reference.partition(":")[0]
        if _kind_of(prefix) is not None:
            return True
        self.unknown[prefix[:_LONGEST_PREFIX].strip().lower() if ":" in reference else ""] += 1
        return False

    def iri(self, reference: str) -> str:
        """The IRI of a cross-reference; empty if it is not known, and counted then.

        >>> references = CrossReferences()
        >>> references.iri("MESH:D000017239"), references.iri("CHEBI:4551"), references.iri("unii:31YO63LBSN")
        ('http://id.nlm.nih.gov/mesh/D017239', '...obo/CHEBI_4551', 'https://identifiers.org/unii:31YO63LBSN')
        >>> references.iri("KEGG:C00001"), references.iri("CAS:none"), dict(references.unknown)
        ('', '', {'kegg': 1, 'cas': 1})
        """
        prefix, _, local = reference.partition(":")
        kind = _kind_of(prefix)
        if kind is None:
            self.knows(reference)
            return ""
        # Some repeat the prefix: "CHEBI:CHEBI:15377".
        local = local.strip().removeprefix(f"{prefix}:")
        if kind.pattern.fullmatch(local):
            # What looks like a MeSH identifier may be none of a record.
            with suppress(TermError):
                return kind.iri(local)
        self.unknown[prefix.strip().lower()] += 1
        return ""


@lru_cache(maxsize=1024)
def _kind_of(prefix: str) -> _Kind | None:
    name = prefix.strip().lower()
    return _KINDS.get(name) or _KINDS.get(_RELEASE.sub("", name))


@lru_cache(maxsize=2**16)
def valid_iri(iri: str) -> bool:
    """Whether a store takes an IRI now and ever after.

    >>> valid_iri("http://a/b"), valid_iri("http://a b"), valid_iri("b")
    (True, False, False)
    """
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True
