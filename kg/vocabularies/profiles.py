"""What is known about well-known vocabularies beforehand: which of their concepts are conditions, treatments, drugs.

A vocabulary file says how its concepts lie within each other, not which of them a study may be about. For those that
are named here it is known by the roots that such concepts lie within. In any other vocabulary everything may be given.

Files also hold concepts of other vocabularies (DRON has ChEBI's molecules and BFO's objects and roles). Kept are the
vocabulary's own, those that it uses as if they were its own, and whatever these lie within; the rest is left out.

Source: the ontologies themselves, https://obofoundry.org/ (prefixes, licences), https://evs.nci.nih.gov/ (NCIt),
https://www.nlm.nih.gov/research/umls/rxnorm/docs/appendix5.html (term types), https://atcddd.fhi.no/ (ATC).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from kg.namespaces import PREFIXES
from kg.vocabularies.entry import Entry

__all__ = ["FORM", "PROFILES", "Profile"]

FORM: Final = "form"
"""The kind of an entry that is a form of drugs (tablet, injection), never a drug."""

_OBO: Final = PREFIXES["obo"]
_NT_TYPE: Final = f"<{{}}> <{PREFIXES['rdf']}type>"
_THESAURUS: Final = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#"


class Profile(NamedTuple):
    """What is known about one vocabulary.

    Attributes:
        name: as on the command line.
        title: for people.
        iri: the vocabulary, where its file does not name itself.
        prefixes: beginnings of the IRIs of its own concepts; empty if everything in its file is its own.
        used: beginnings of IRIs of other vocabularies' concepts that it uses as its own.
        licence: the terms, where its file does not state them.
        attribution: whom its terms ask to name.
        condition_roots: what is studied lies within these.
        intervention_roots: what is given or done lies within these; empty with ``any_intervention``.
        any_intervention: whether everything that is no dose form may be given, wherever it lies.
        drug_roots: what makes a study one that gives a drug lies within these; empty: every intervention.
        not_drugs: and not within these.
        drug_code: and has an IRI in which this is found; ``None`` for no such rule.
        other_iris: other names of the vocabulary itself.
    """

    name: str
    title: str
    iri: str
    prefixes: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    licence: str = ""
    attribution: str = ""
    condition_roots: tuple[str, ...] = ()
    intervention_roots: tuple[str, ...] = ()
    any_intervention: bool = False
    drug_roots: tuple[str, ...] = ()
    not_drugs: tuple[str, ...] = ()
    drug_code: re.Pattern[str] | None = None
    other_iris: tuple[str, ...] = ()

    @property
    def markers(self) -> tuple[str, ...]:
        """Texts near the beginning of a file that say that it is this vocabulary, and not one that imports it."""
        written = ('about="{}"', 'ontologyIRI="{}"', 'xml:base="{}"', "<{}> a ", "<{}> rdf:type ", "<{}>\n", _NT_TYPE)
        stated = (form.format(iri) for iri in (self.iri, *self.other_iris) for form in written)
        return (*stated, f"\nontology: {self.name}\n")

    def is_condition(self, entry: Entry, within: Collection[str]) -> bool:
        """Whether a concept may be what is studied; a root itself is too general to name anything."""
        return entry.iri not in self.condition_roots and any(root in within for root in self.condition_roots)

    def is_intervention(self, entry: Entry, within: Collection[str]) -> bool:
        """Whether a concept may be what is given or done; a root itself is too general to name anything."""
        if entry.kind == FORM or entry.iri in self.intervention_roots:
            return False
        return self.any_intervention or any(root in within for root in self.intervention_roots)

    def is_drug(self, entry: Entry, within: Collection[str]) -> bool:
        """Whether a study that names a concept gives a drug.

        >>> atc = PROFILES["atc"]
        >>> [atc.is_drug(Entry(atc.prefixes[0] + code, ""), {atc.prefixes[0] + "L"}) for code in ("L01FF01", "L01FF")]
        [True, False]
        """
        if not self.is_intervention(entry, within):
            return False
        if self.drug_code is not None and not self.drug_code.search(entry.iri):
            return False
        if any(root in within for root in self.not_drugs) or entry.iri in self.drug_roots:
            return False
        return not self.drug_roots or any(root in within for root in self.drug_roots)

    def owns(self, iri: str) -> bool:
        """Whether a concept is the vocabulary's own, or used as if it were."""
        return not self.prefixes or iri.startswith((*self.prefixes, *self.used))

    def terms(self, stated: str) -> str:
        """The licence as shown: what the file states, else what is known, with whom to name.

        >>> PROFILES["chebi"].terms("")
        'CC BY 4.0; attribution: ChEBI, EMBL-EBI'
        """
        return "; attribution: ".join(filter(None, (stated or self.licence, self.attribution)))


def _obo(*curies: str) -> tuple[str, ...]:
    return tuple(_OBO + curie.replace(":", "_") for curie in curies)


def _ncit(*codes: str) -> tuple[str, ...]:
    """NCIt has two living forms: NCI's own, and the one of the OBO Foundry."""
    return tuple(namespace + code for code in codes for namespace in (_THESAURUS, _OBO + "NCIT_"))


def _by_name(profiles: Iterable[Profile]) -> dict[str, Profile]:
    return {profile.name: profile for profile in profiles}


_MOLECULES: Final = _obo("CHEBI:24431")
_DISEASES: Final = _obo("MONDO:0000001")
# Its tablets, creams, solutions … and both IRIs that "drug product" has had.
_DRON_PRODUCTS: Final = _obo(
    *("DRON:00000005", "DRON:00000074", "DRON:00000015", "DRON:00000016", "DRON:00000017", "DRON:00000018"),
    *("DRON:00000019", "DRON:00000020", "DRON:00000021", "DRON:00000022", "DRON:00000024", "DRON:00000026"),
)
# Molecular entity, mixture, processed material, protein.
_DRON_INGREDIENTS: Final = (*_MOLECULES, *_obo("CHEBI:23367", "CHEBI:60004", "OBI:0000047", "PR:000000001"))

PROFILES: Final[dict[str, Profile]] = _by_name(
    (
        Profile(
            "chebi",
            "ChEBI",
            f"{_OBO}chebi.owl",
            prefixes=_obo("CHEBI:"),
            licence="CC BY 4.0",
            attribution="ChEBI, EMBL-EBI",
            intervention_roots=_MOLECULES,
            # Parts of molecules and single atoms are given to nobody. Roles (CHEBI:50906) are no chemical entities.
            not_drugs=_obo("CHEBI:24433", "CHEBI:33250"),
        ),
        Profile(
            "dron",
            "Drug Ontology (DrOn)",
            f"{_OBO}dron.owl",
            prefixes=_obo("DRON:"),
            used=_obo("CHEBI:", "PR:"),
            licence="CC BY 3.0",
            attribution="The Drug Ontology; contains content of the U.S. National Library of Medicine (RxNorm)",
            intervention_roots=(*_DRON_PRODUCTS, *_DRON_INGREDIENTS),
        ),
        Profile(
            "ncit",
            "NCI Thesaurus",
            _THESAURUS.removesuffix("#"),
            prefixes=_ncit("C"),
            licence="CC BY 4.0",
            attribution="NCI Thesaurus, U.S. National Cancer Institute",
            # Disease, Disorder or Finding.
            condition_roots=_ncit("C7057"),
            # Drug, Food, Chemical or Biomedical Material; Intervention or Procedure; regimens and combinations.
            intervention_roots=_ncit("C1908", "C25218", "C12218"),
            # Pharmacologic Substance; regimens and combinations.
            drug_roots=_ncit("C1909", "C12218"),
            other_iris=(f"{_OBO}ncit.owl",),
        ),
        Profile(
            "rxnorm",
            "RxNorm",
            PREFIXES["rxnorm"],
            prefixes=(PREFIXES["rxnorm"],),
            licence="UMLS Metathesaurus licence; RxNorm's own names (SAB=RXNORM) are free",
            attribution="RxNorm, courtesy of the U.S. National Library of Medicine",
            any_intervention=True,
        ),
        Profile(
            "atc",
            "Anatomical Therapeutic Chemical classification (ATC)",
            PREFIXES["atc"],
            prefixes=(PREFIXES["atc"],),
            licence="no redistribution, no change and no commercial use without leave of the WHO centre",
            attribution="WHO Collaborating Centre for Drug Statistics Methodology, Oslo",
            intervention_roots=tuple(PREFIXES["atc"] + letter for letter in "ABCDGHJLMNPRSV"),
            # The fifth level is the substance; the levels above are classes of them.
            drug_code=re.compile(r"/[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}\Z"),
        ),
        Profile(
            "doid",
            "Human Disease Ontology",
            f"{_OBO}doid.owl",
            prefixes=_obo("DOID:"),
            licence="CC0 1.0",
            attribution="Human Disease Ontology",
            condition_roots=_obo("DOID:4"),
        ),
        Profile(
            "mondo",
            "Mondo Disease Ontology",
            f"{_OBO}mondo.owl",
            prefixes=_obo("MONDO:"),
            licence="CC BY 4.0",
            attribution="Mondo Disease Ontology, Monarch Initiative",
            condition_roots=_DISEASES,
        ),
        Profile(
            "efo",
            "Experimental Factor Ontology",
            "http://www.ebi.ac.uk/efo/efo.owl",
            prefixes=("http://www.ebi.ac.uk/efo/EFO_",),
            used=(*_obo("MONDO:", "CHEBI:", "HP:"), "http://www.orpha.net/ORDO/Orphanet_"),
            licence="Apache 2.0",
            attribution="Experimental Factor Ontology, EMBL-EBI",
            condition_roots=("http://www.ebi.ac.uk/efo/EFO_0000408", *_DISEASES),
            intervention_roots=_MOLECULES,
        ),
    )
)
"""Name → what is known. A vocabulary of another name is taken as it is."""
