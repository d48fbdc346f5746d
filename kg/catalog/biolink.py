"""Names in the Biolink model: CURIEs of concepts, categories of nodes, codes of studies.

Source: https://github.com/biolink/biolink-model, version 4.4.6 (its prefix map, ``id_prefixes`` of its classes, its
enumerations).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kg.catalog.nodes import Nodes, Vocabulary, code_of
from kg.namespaces import PREFIXES

__all__ = [
    "DISEASE",
    "MODEL",
    "TRIAL",
    "condition_category",
    "curie",
    "drug_category",
    "identifiers",
    "phase",
    "study_category",
    "study_curie",
]

MODEL: Final = "https://w3id.org/biolink/biolink-model"

DISEASE: Final = "biolink:Disease"
TRIAL: Final = "biolink:ClinicalTrial"

_OBO: Final = PREFIXES["obo"]
_NAMESPACES: Final = {
    # in the order in which the model prefers them for a chemical entity, then those that it has for others
    "CHEBI": f"{_OBO}CHEBI_",
    "UNII": PREFIXES["unii"],
    "CHEMBL.COMPOUND": PREFIXES["chembl"],
    "DRUGBANK": PREFIXES["drugbank"],
    "MESH": PREFIXES["mesh"],
    "RXCUI": PREFIXES["rxnorm"],
    "NCIT": f"{_OBO}NCIT_",
    "DRON": f"{_OBO}DRON_",
    "ATC": PREFIXES["atc"],
    "MONDO": f"{_OBO}MONDO_",
    "DOID": f"{_OBO}DOID_",
    "HP": f"{_OBO}HP_",
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "ORDO": "http://www.orpha.net/ORDO/",
    "UniProtKB": PREFIXES["uniprot"],
    # not in the model: agents and classes for which no other vocabulary has an identifier
    "trialkg.agent": PREFIXES["agent"],
}
_ORDER: Final = {prefix: place for place, prefix in enumerate(_NAMESPACES)}
_MENTAL_DISORDERS: Final = PREFIXES["mesh"] + "D001523"
_DISEASES: Final = frozenset((PREFIXES["mesh-category"] + "C", _MENTAL_DISORDERS))
_DISEASE_PREFIXES: Final = frozenset(("MONDO", "DOID", "ORDO"))
_CHEMICALS: Final = PREFIXES["mesh-category"] + "D"
_CHEMICAL_PREFIXES: Final = frozenset(("CHEBI", "UNII", "CHEMBL.COMPOUND", "DRUGBANK", "RXCUI", "ATC", "DRON"))
_PHASES: Final = {
    ("early-phase-1",): "clinical_trial_phase",
    ("phase-1",): "clinical_trial_phase_1",
    ("phase-1", "phase-2"): "clinical_trial_phase_1_to_2",
    ("phase-2",): "clinical_trial_phase_2",
    ("phase-2", "phase-3"): "clinical_trial_phase_2_to_3",
    ("phase-3",): "clinical_trial_phase_3",
    ("phase-4",): "clinical_trial_phase_4",
}


def curie(iri: str) -> str:
    """The CURIE of a concept; the IRI itself where no prefix fits, which the model allows.

    >>> curie("http://id.nlm.nih.gov/mesh/D008545"), curie("http://purl.obolibrary.org/obo/NCIT_C68814")
    ('MESH:D008545', 'NCIT:C68814')
    """
    for prefix, namespace in _NAMESPACES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and not set(local) & set("/: "):
            return f"{prefix}:{local}"
    return iri


def study_curie(nct_id: str) -> str:
    """The CURIE of a study."""
    return f"CLINICALTRIALS:{nct_id}"


def identifiers(iri: str, vocabulary: Vocabulary) -> list[str]:
    """The CURIEs of a concept, the one that the model prefers first.

    An agent has those that its ontology states as exact matches.
    """
    found = {curie(iri), *map(curie, vocabulary.iris(iri, "skos:exactMatch"))}
    return sorted(found, key=lambda name: (_ORDER.get(_prefix(name), len(_ORDER)), name))


def condition_category(iri: str, vocabulary: Vocabulary) -> str:
    """The category of a condition: a disease, or a thing of which no more is said."""
    is_disease = _DISEASES.intersection(vocabulary.within(iri)) or _prefix(curie(iri)) in _DISEASE_PREFIXES
    return DISEASE if is_disease else "biolink:NamedThing"


def drug_category(iri: str, vocabulary: Vocabulary) -> str:
    """The category of what is given.

    An agent of the drug ontology is a drug, a chemical of MeSH a chemical entity. Anything else is a treatment.
    """
    if iri.startswith(PREFIXES["agent"]):
        return "biolink:ChemicalEntity" if _is_class(iri) else "biolink:Drug"
    if _CHEMICALS in vocabulary.within(iri) or _prefix(curie(iri)) in _CHEMICAL_PREFIXES:
        return "biolink:ChemicalEntity"
    return "biolink:Treatment"


def study_category(nodes: Nodes, study: str) -> str:
    """:data:`TRIAL` for an interventional study, ``biolink:Study`` for any other."""
    return TRIAL if nodes.code(study, "tkg:studyType") == "interventional" else "biolink:Study"


def phase(codes: Iterable[str]) -> str | None:
    """The phase as the model names it; none where it has no name for it.

    >>> phase(["phase-1", "phase-2"]), phase(["not-applicable"])
    ('clinical_trial_phase_1_to_2', None)
    """
    return _PHASES.get(tuple(sorted(codes)))


def _prefix(name: str) -> str:
    return name.partition(":")[0]


def _is_class(iri: str) -> bool:
    # agent/nivolumab is an agent, agent/PD1Inhibitor a class of them
    return code_of(iri)[:1].isupper()
