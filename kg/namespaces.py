"""The one prefix map, and how IRIs of studies, their parts, codes, agents and organizations are made.

Every function returns a plain IRI without angle brackets. Nothing here makes a blank node, and an IRI is
made from text only by :func:`slug`, so no record can smuggle characters into one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Final

from kg.errors import TermError

__all__ = [
    "BASE",
    "CODE_LISTS",
    "PREFIXES",
    "agent_class_iri",
    "agent_iri",
    "code_iri",
    "code_slug",
    "compress",
    "expand",
    "mesh_category_iri",
    "mesh_iri",
    "organization_iri",
    "slug",
    "sparql_prologue",
    "study_iri",
]

BASE: Final = "https://w3id.org/trialkg/"

CODE_LISTS: Final = (
    "action",
    "agency-class",
    "agreement-restriction-type",
    "allocation",
    "analysis-dispersion-type",
    "arm-type",
    "bio-spec-retention",
    "confidence-interval-num-sides",
    "contact-role",
    "date-type",
    "drug-group",
    "endpoint",
    "event-assessment",
    "expanded-access-status",
    "expanded-access-type",
    "identifier-type",
    "intervention-model",
    "intervention-type",
    "ipd-sharing",
    "ipd-sharing-info-type",
    "masked-party",
    "masking",
    "measure-dispersion-type",
    "measure-param",
    "mesh-category",
    "method",
    "modality",
    "non-inferiority-type",
    "observational-model",
    "official-role",
    "outcome-measure-type",
    "phase",
    "primary-purpose",
    "reference-type",
    "reporting-status",
    "response-criteria",
    "responsible-party-type",
    "role",
    "sampling-method",
    "selectivity",
    "seriousness",
    "sex",
    "site-status",
    "standard-age",
    "status",
    "stop-reason",
    "study-type",
    "time-perspective",
    "unposted-event-type",
    "violation-event-type",
)
"""Code lists that the graph uses; each is a prefix. ``ontology/codes.ttl`` has these and the registry's others."""

PREFIXES: Final[dict[str, str]] = {
    "tkg": BASE + "vocab#",
    "trial": BASE + "trial/",
    "agent": BASE + "agent/",
    "organization": BASE + "organization/",
    "code": BASE + "code/",
    **{name: f"{BASE}code/{name}/" for name in CODE_LISTS},
    "schema": "https://schema.org/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "meshv": "http://id.nlm.nih.gov/mesh/vocab#",
    "obo": "http://purl.obolibrary.org/obo/",
    "uniprot": "http://purl.uniprot.org/uniprot/",
    "chembl": "http://rdf.ebi.ac.uk/resource/chembl/molecule/",
    "rxnorm": "http://purl.bioontology.org/ontology/RXNORM/",
    "atc": "http://purl.bioontology.org/ontology/ATC/",
    "drugbank": "https://identifiers.org/drugbank:",
    "hgnc": "https://identifiers.org/hgnc:",
    "unii": "https://identifiers.org/unii:",
    "clinicaltrials": "https://identifiers.org/clinicaltrials:",
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/",
    # http, as the vocabulary says of itself; rdflib 7.6 has https.
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "dcterms": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "vann": "http://purl.org/vocab/vann/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "spdx": "http://spdx.org/rdf/terms#",
}
"""Prefix → namespace, one to one."""

_LONGEST_FIRST = sorted(((iri, prefix) for prefix, iri in PREFIXES.items()), key=lambda pair: -len(pair[0]))
_NCT = re.compile(r"NCT[0-9]{8}")
_MESH = re.compile(r"([CD])([0-9]{1,15})")
# NLM went from six digits to nine here; read off the 2024 tables, where both kinds end and begin.
_LAST_SIX_DIGIT_UI = {"D": 66_331, "C": 588_418}
_LOCAL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_UNSAFE = re.compile(r"[^a-z0-9]+")
_LETTER_THEN_DIGIT = re.compile(r"(?<=[a-z])(?=[0-9])")


def expand(curie: str) -> str:
    """The IRI of a prefixed name.

    Raises:
        TermError: the prefix is not in :data:`PREFIXES`.

    >>> expand("tkg:arm")
    'https://w3id.org/trialkg/vocab#arm'
    """
    prefix, _, local = curie.partition(":")
    if prefix not in PREFIXES:
        raise TermError(f"prefix {prefix!r} is not known", place=curie, remedy="see kg.namespaces.PREFIXES")
    return PREFIXES[prefix] + local


def compress(iri: str) -> str:
    """The prefixed name of an IRI, or the IRI itself where no prefix fits.

    >>> compress("https://w3id.org/trialkg/code/phase/phase-2")
    'phase:phase-2'
    >>> compress("https://example.org/x")
    'https://example.org/x'
    """
    for namespace, prefix in _LONGEST_FIRST:
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def sparql_prologue() -> str:
    """PREFIX lines for every prefix, as SPARQL and Turtle 1.1 read them."""
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


def slug(text: str) -> str:
    """Text as a path segment: ASCII, lower case, every run of other characters one hyphen.

    >>> slug("Alkermes, Inc."), slug("TransCon IL-2 β/γ"), slug("☃")
    ('alkermes-inc', 'transcon-il-2', '')
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _UNSAFE.sub("-", ascii_text.lower()).strip("-")


def study_iri(nct_id: str) -> str:
    """The IRI of a study.

    Raises:
        TermError: not ``NCT`` and eight digits.

    >>> study_iri("NCT04144517")
    'https://w3id.org/trialkg/trial/NCT04144517'
    """
    if not _NCT.fullmatch(nct_id):
        raise TermError(f"{nct_id!r} is not an NCT id", remedy="expected NCT and eight digits")
    return f"{BASE}trial/{nct_id}"


@lru_cache(maxsize=4096)
def code_slug(value: str) -> str:
    """The last part of a code's IRI, from the registry's enum value.

    >>> code_slug("PHASE1"), code_slug("EARLY_PHASE1"), code_slug("NA"), code_slug("ACTIVE_NOT_RECRUITING")
    ('phase-1', 'early-phase-1', 'not-applicable', 'active-not-recruiting')
    """
    if value == "NA":
        return "not-applicable"
    return slug(_LETTER_THEN_DIGIT.sub("-", value.lower()))


def code_iri(code_list: str, value: str) -> str:
    """The IRI of a code, from the list's name and the registry's enum value.

    >>> code_iri("phase", "PHASE2")
    'https://w3id.org/trialkg/code/phase/phase-2'
    """
    return f"{BASE}code/{code_list}/{code_slug(value)}"


def agent_iri(preferred_name: str) -> str:
    """The IRI of an agent, from its preferred name.

    >>> agent_iri("nemvaleukin alfa")
    'https://w3id.org/trialkg/agent/nemvaleukin-alfa'
    """
    return f"{BASE}agent/{slug(preferred_name)}"


def agent_class_iri(name: str) -> str:
    """The IRI of an agent class, from its name in UpperCamelCase.

    >>> agent_class_iri("PD1Inhibitor")
    'https://w3id.org/trialkg/agent/PD1Inhibitor'
    """
    return f"{BASE}agent/{name}"


@lru_cache(maxsize=65536)
def organization_iri(name: str) -> str:
    """The IRI of an organization; names that differ only in case or spacing share it.

    >>> organization_iri("Alkermes,  Inc.") == organization_iri("ALKERMES, Inc.")
    True
    """
    folded = " ".join(name.casefold().split())
    digest = hashlib.sha256(folded.encode()).hexdigest()[:8]
    return f"{BASE}organization/{slug(folded)}-{digest}".replace("/-", "/")


def mesh_iri(ui: str) -> str:
    """The IRI of a MeSH descriptor or supplementary record; zero padding that some records carry is taken out.

    Raises:
        TermError: not a ``D`` or ``C`` id (terms ``T``, concepts ``M`` and qualifiers ``Q`` never stand on a study).

    >>> mesh_iri("C000582435")
    'http://id.nlm.nih.gov/mesh/C582435'
    >>> mesh_iri("D000017239"), mesh_iri("D000077195")
    ('http://id.nlm.nih.gov/mesh/D017239', 'http://id.nlm.nih.gov/mesh/D000077195')
    """
    match = _MESH.fullmatch(ui)
    if not match:
        raise TermError(f"{ui!r} is not a MeSH descriptor or supplementary record", remedy="expected D or C and digits")
    letter, digits = match.groups()
    number = int(digits)
    width = 6 if number <= _LAST_SIX_DIGIT_UI[letter] else 9
    return f"{PREFIXES['mesh']}{letter}{number:0{width}}"


def mesh_category_iri(letter: str) -> str:
    """The IRI of a MeSH top category, which NLM gives none.

    >>> mesh_category_iri("C")
    'https://w3id.org/trialkg/code/mesh-category/C'
    """
    return f"{BASE}code/mesh-category/{letter}"
