"""What is taken of an ontology or a SKOS vocabulary, by predicate; everything else in a file is passed over.

Source: https://www.w3.org/TR/owl2-mapping-to-rdf/, https://www.w3.org/TR/skos-reference/,
https://github.com/information-artifact-ontology/ontology-metadata (deprecation, synonyms),
https://owlcollab.github.io/oboformat/doc/obo-syntax.html (oboInOwl), https://github.com/ncbo/umls2rdf (RxNorm, ATC),
https://evs.nci.nih.gov/ftp1/NCI_Thesaurus/ReadMe.txt (NCIt's properties).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from kg.namespaces import PREFIXES, expand

__all__ = [
    "CALLED_EXACT",
    "CROSS_REFERENCE",
    "DATES",
    "IDENTIFIERS",
    "LABELS",
    "LICENCES",
    "NAME_TYPES",
    "NOT_EXACT",
    "OBSOLETE_PARENT",
    "RANKS",
    "TITLES",
    "USES",
    "Use",
    "is_exact",
    "is_inexact",
    "is_retired",
]


class Use(Enum):
    """What the statements of a predicate are taken for."""

    TYPE = auto()
    PARENT = auto()
    CHILD = auto()
    EQUIVALENT = auto()
    INTERSECTION = auto()
    FIRST = auto()
    REST = auto()
    RESTRICTION = auto()
    LABEL = auto()
    EXACT = auto()
    LOOSE = auto()
    MARK = auto()
    MATCH = auto()
    CROSS_REFERENCE = auto()
    DEPRECATED = auto()
    STATUS = auto()
    REPLACED = auto()
    TERM_TYPE = auto()
    SEMANTIC_TYPE = auto()
    AXIOM = auto()
    HEADER = auto()


_OBO: Final = PREFIXES["obo"]
_RXNORM: Final = PREFIXES["rxnorm"]
_OIO: Final = "http://www.geneontology.org/formats/oboInOwl#"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_EFO: Final = "http://www.ebi.ac.uk/efo/"
_UMLS: Final = "http://bioportal.bioontology.org/ontologies/umls/"
_ISO_THES: Final = "http://purl.org/iso25964/skos-thes#"
# NCI's own form, and that of the OBO Foundry.
_NCIT: Final = ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#", f"{_OBO}NCIT_")


def _ncit(code: str) -> tuple[str, ...]:
    return tuple(namespace + code for namespace in _NCIT)


# Preferred name of NCIt, of SKOS and BioPortal, of everybody: in this order.
LABELS: Final = (*_ncit("P108"), expand("skos:prefLabel"), expand("rdfs:label"))
"""Predicates of preferred names; the first that a concept has gives its label."""

RANKS: Final = {label: rank for rank, label in enumerate(LABELS)}
"""Predicate of :data:`LABELS` → its place."""

NAME_TYPES: Final = (f"{_OIO}hasSynonymType", *_ncit("P383"))
"""Predicates that say, of the statement of a name, what kind of name it is."""

CALLED_EXACT: Final = "urn:x-vocabulary:called-exact"
"""Our own predicate for names that :data:`NAME_TYPES` say are exact; never leaves the quadstore."""

NOT_EXACT: Final = "urn:x-vocabulary:not-exact"
"""Our own predicate for names that :data:`NAME_TYPES` say are not exact; never leaves the quadstore."""

CROSS_REFERENCE: Final = f"{_OIO}hasDbXref"
"""The predicate under which all cross-references are kept."""

IDENTIFIERS: Final = {
    f"{_UMLS}cui": "UMLS",
    **dict.fromkeys(_ncit("P207"), "UMLS"),
    **dict.fromkeys(_ncit("P210"), "CAS"),
    **dict.fromkeys(_ncit("P319"), "UNII"),
    **dict.fromkeys(_ncit("P368"), ""),
}
"""Predicates whose values are identifiers → the prefix that they lack; ChEBI's stand with theirs."""

OBSOLETE_PARENT: Final = f"{_OIO}ObsoleteClass"
"""What classes that were given up lay within, in older files."""

TITLES: Final = (expand("dcterms:title"), f"{_DC}title")
"""Predicates of an ontology's title."""

LICENCES: Final = (
    expand("dcterms:license"),
    "http://creativecommons.org/ns#license",
    expand("schema:license"),
    "http://schema.org/license",
    expand("dcterms:rights"),
    f"{_DC}rights",
)
"""Predicates of an ontology's licence, the most definite first."""

DATES: Final = (expand("dcterms:modified"), expand("dcterms:issued"), expand("dcterms:date"), f"{_DC}date")
"""Predicates of an ontology's date."""

_EXACT: Final = (
    f"{_OIO}hasExactSynonym",
    f"{_OBO}IAO_0000118",
    f"{_EFO}alternative_term",
    expand("skos:altLabel"),
    *_ncit("P90"),
)
_LOOSE: Final = (
    f"{_OIO}hasRelatedSynonym",
    f"{_OIO}hasNarrowSynonym",
    f"{_OIO}hasBroadSynonym",
    expand("skos:hiddenLabel"),
)
_RXNORM_PARENTS: Final = (
    *("isa", "tradename_of", "form_of", "consists_of", "has_part"),
    *("has_ingredient", "has_ingredients", "has_precise_ingredient"),
)
_PARENTS: Final = (
    expand("rdfs:subClassOf"),
    expand("skos:broader"),
    f"{_ISO_THES}broaderGeneric",
    f"{_ISO_THES}broaderInstantial",
    *(_RXNORM + relation for relation in _RXNORM_PARENTS),
)
_MATCHES: Final = tuple(expand(f"skos:{near}Match") for near in ("exact", "close", "broad", "narrow", "related"))
_REPLACED: Final = (f"{_OBO}IAO_0100001", expand("dcterms:isReplacedBy"))
_AXIOM: Final = tuple(expand(f"owl:annotated{part}") for part in ("Source", "Target", "Property"))
_HEADER: Final = (expand("owl:versionInfo"), expand("owl:versionIRI"), expand("owl:imports"))

USES: Final[dict[str, Use]] = {
    expand("rdf:type"): Use.TYPE,
    **dict.fromkeys(_PARENTS, Use.PARENT),
    expand("skos:narrower"): Use.CHILD,
    expand("owl:equivalentClass"): Use.EQUIVALENT,
    expand("owl:intersectionOf"): Use.INTERSECTION,
    expand("rdf:first"): Use.FIRST,
    expand("rdf:rest"): Use.REST,
    expand("owl:onProperty"): Use.RESTRICTION,
    **dict.fromkeys(LABELS, Use.LABEL),
    **dict.fromkeys(_EXACT, Use.EXACT),
    **dict.fromkeys(_LOOSE, Use.LOOSE),
    **dict.fromkeys((CALLED_EXACT, NOT_EXACT), Use.MARK),
    **dict.fromkeys(_MATCHES, Use.MATCH),
    CROSS_REFERENCE: Use.CROSS_REFERENCE,
    **dict.fromkeys(IDENTIFIERS, Use.CROSS_REFERENCE),
    expand("owl:deprecated"): Use.DEPRECATED,
    **dict.fromkeys(_ncit("P310"), Use.STATUS),
    **dict.fromkeys(_REPLACED, Use.REPLACED),
    _RXNORM + "TTY": Use.TERM_TYPE,
    _RXNORM + "tty": Use.TERM_TYPE,
    f"{_UMLS}tui": Use.SEMANTIC_TYPE,
    **dict.fromkeys((*_AXIOM, *NAME_TYPES), Use.AXIOM),
    **dict.fromkeys((*TITLES, *LICENCES, *DATES, *_HEADER), Use.HEADER),
}
"""Predicate → what it is taken for."""

# Antiquated terms, adjectives and headers of NCIt; what OBO ontologies mark as given up.
_INEXACT_TYPES: Final = frozenset(("AQ", "AQS", "AD", "HD"))
_INEXACT_WORDS: Final = ("DEPRECATED", "EXCLUDE", "AMBIGUOUS", "MISSPELLING")
# ChEBI calls the international nonproprietary names of its molecules "related".
_EXACT_TYPES: Final = frozenset(("INN",))
_RETIRED: Final = frozenset(("retired_concept", "obsolete_concept"))


def is_exact(kind: str) -> bool:
    """Whether a kind of name is the concept's own, however near its statement says that it is.

    >>> is_exact("http://purl.obolibrary.org/obo/chebi#INN"), is_exact("BRAND_NAME")
    (True, False)
    """
    return _word(kind) in _EXACT_TYPES


def is_inexact(kind: str) -> bool:
    """Whether a kind of name is not to be taken for the concept's own.

    >>> is_inexact("AQ"), is_inexact("http://purl.obolibrary.org/obo/mondo#EXCLUDE"), is_inexact("PT")
    (True, True, False)
    """
    word = _word(kind)
    return word in _INEXACT_TYPES or any(part in word for part in _INEXACT_WORDS)


def is_retired(status: str) -> bool:
    """Whether a status of NCIt says that the concept was given up.

    >>> is_retired("Retired_Concept"), is_retired("Provisional_Concept")
    (True, False)
    """
    return status.strip().lower() in _RETIRED


def _word(kind: str) -> str:
    return kind.rpartition("#")[2].rpartition("/")[2].upper()
