"""Counts of what was written, and the VoID description made of them.

Classes and properties are counted while statements pass, with what each class says by which property about what:
that is what query editors, sparql-llm and other readers of VoID look for. So are the links into other datasets, by
property: the linksets.

Source: https://www.w3.org/TR/void/#statistics and #linkset; ``void-ext:datatypePartition`` is http://ldf.fi/void-ext#.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from kg.catalog.graphs import day, new_graph
from kg.namespaces import PREFIXES, compress
from kg.turtle import RDF_TYPE

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

__all__ = ["TARGETS", "VOID_EXT", "Counts", "Subset", "Target", "describe", "target_of", "vocabularies"]

VOID_EXT: Final = "http://ldf.fi/void-ext#"


@dataclass(frozen=True)
class Target:
    """A dataset that statements lead into.

    Args:
        title: for people.
        space: what its IRIs begin with.
        home: its home page; ``""`` for a part of trialkg.
    """

    title: str
    space: str
    home: str = ""


TARGETS: Final = {
    "agents": Target("The drug ontology", PREFIXES["agent"]),
    "codes": Target("The code lists", PREFIXES["code"]),
    "mesh": Target("Medical Subject Headings", PREFIXES["mesh"], "https://id.nlm.nih.gov/mesh/"),
    "registry": Target("ClinicalTrials.gov", "https://clinicaltrials.gov/study/", "https://clinicaltrials.gov/"),
    "clinicaltrials": Target(
        "ClinicalTrials.gov at Identifiers.org", PREFIXES["clinicaltrials"], "https://identifiers.org/"
    ),
    "pubmed": Target("PubMed", PREFIXES["pubmed"], "https://pubmed.ncbi.nlm.nih.gov/"),
    "chebi": Target("ChEBI", PREFIXES["obo"] + "CHEBI_", "https://www.ebi.ac.uk/chebi/"),
    "chembl": Target("ChEMBL", PREFIXES["chembl"], "https://www.ebi.ac.uk/chembl/"),
    "drugbank": Target("DrugBank", PREFIXES["drugbank"], "https://go.drugbank.com/"),
    "unii": Target("UNII", PREFIXES["unii"], "https://precision.fda.gov/uniisearch/"),
    "rxnorm": Target("RxNorm", PREFIXES["rxnorm"], "https://www.nlm.nih.gov/research/umls/rxnorm/"),
    "atc": Target("ATC", PREFIXES["atc"], "https://atcddd.fhi.no/"),
    "uniprot": Target("UniProt", PREFIXES["uniprot"], "https://www.uniprot.org/"),
    "hgnc": Target("HGNC", PREFIXES["hgnc"], "https://www.genenames.org/"),
}
"""Datasets that linksets are counted for: the parts of ours that IRIs tell apart, and those of others."""

_TARGET = re.compile("|".join(f"(?P<{name}>{re.escape(target.space)})" for name, target in TARGETS.items()))


@dataclass
class Counts:
    """How often what occurs in one file."""

    triples: int = 0
    subjects: int = 0
    instances: Counter[str] = field(default_factory=Counter)
    """Class → its instances."""
    property_triples: Counter[str] = field(default_factory=Counter)
    property_subjects: Counter[str] = field(default_factory=Counter)
    class_property: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Class of the subject, property → statements; so too below."""
    object_class: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    datatype: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    links: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Key of :data:`TARGETS`, property → statements that lead there from elsewhere."""

    def add(
        self, triples: Iterable[Triple], classes_elsewhere: Callable[[str], Sequence[str]] = lambda _iri: ()
    ) -> None:
        """Count statements.

        Args:
            triples: distinct statements, with everything the file says about their subjects.
            classes_elsewhere: the classes that other files of the export state for an IRI.
        """
        rows = [(_text(triple.subject), triple.predicate.value, triple.object) for triple in triples]
        classes: dict[str, list[str]] = {}
        for subject, name, value in rows:
            of_subject = classes.setdefault(subject, [])
            if name == RDF_TYPE and isinstance(value, NamedNode):
                of_subject.append(value.value)
        self.triples += len(rows)
        self.subjects += len(classes)
        for names in classes.values():
            self.instances.update(names)
        pairs: set[tuple[str, str]] = set()
        for subject, name, value in rows:
            self.property_triples[name] += 1
            pairs.add((subject, name))
            if isinstance(value, NamedNode) and name != RDF_TYPE:
                target = target_of(value.value)
                if target and target_of(subject) != target:
                    self.links[target, name] += 1
            of_subject = classes[subject]
            if not of_subject:
                continue
            of_object: set[str] = set()
            if name != RDF_TYPE and not isinstance(value, Literal):
                of_object.update(classes.get(_text(value), ()))
                if isinstance(value, NamedNode):
                    of_object.update(classes_elsewhere(value.value))
            datatype = value.datatype.value if isinstance(value, Literal) else ""
            for kind in of_subject:
                self.class_property[kind, name] += 1
                if datatype:
                    self.datatype[kind, name, datatype] += 1
                for object_kind in of_object:
                    self.object_class[kind, name, object_kind] += 1
        for _, name in pairs:
            self.property_subjects[name] += 1


def _text(node: object) -> str:
    """A node as a key; IRIs and blank nodes (in ontology files only) do not meet."""
    return node.value if isinstance(node, NamedNode) else str(node)


def target_of(iri: str) -> str | None:
    """The key in :data:`TARGETS` of the dataset that an IRI belongs to."""
    found = _TARGET.match(iri)
    return found.lastgroup if found else None


@dataclass(frozen=True)
class Subset:
    """One part of an export.

    Args:
        name: its name, in its IRI.
        title: for people.
        counts: of its statements.
        dumps: URLs of the files that hold it.
        example: IRI of a thing in it, or ``""``.
    """

    name: str
    title: str
    counts: Counts
    dumps: tuple[str, ...]
    example: str = ""


def describe(
    base: str,
    title: str,
    subsets: Sequence[Subset],
    triples: int,
    *,
    modified: str,
    licence: str,
    subjects: int | None = None,
) -> Graph:
    """The VoID description of an export.

    Args:
        base: base IRI; the dataset is ``BASEdataset``, as in the catalog.
        title: of the dataset.
        subsets: its parts.
        triples: distinct statements in all of them together.
        modified: date of the data, or ``""``.
        licence: IRI of the licence, or ``""``.
        subjects: distinct subjects in all parts together; not stated when None.

    Returns:
        a graph without blank nodes.
    """
    from rdflib import DCTERMS, FOAF, RDF, VOID, Literal, URIRef

    graph = new_graph()
    dataset, root = URIRef(base + "dataset"), URIRef(base + "void.ttl")
    graph.add((root, RDF.type, VOID.DatasetDescription))
    graph.add((root, DCTERMS.title, Literal(f"{title}: counts", lang="en")))
    graph.add((root, FOAF.primaryTopic, dataset))
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, DCTERMS.title, Literal(title, lang="en")))
    graph.add((dataset, VOID.triples, Literal(triples)))
    for name, used in (("classes", "instances"), ("properties", "property_triples")):
        distinct: set[str] = set().union(*(getattr(subset.counts, used) for subset in subsets))
        graph.add((dataset, VOID[name], Literal(len(distinct))))
    if subjects is not None:
        graph.add((dataset, VOID.entities, Literal(subjects)))
        graph.add((dataset, VOID.distinctSubjects, Literal(subjects)))
    if modified:
        graph.add((dataset, DCTERMS.modified, day(modified)))
    if licence:
        graph.add((dataset, DCTERMS.license, URIRef(licence)))
    for subset in subsets:
        node = URIRef(f"{base}void/{subset.name}")
        graph.add((dataset, VOID.subset, node))
        graph.add((node, DCTERMS.title, Literal(subset.title, lang="en")))
        for url in subset.dumps:
            graph.add((node, VOID.dataDump, URIRef(url)))
            graph.add((dataset, VOID.dataDump, URIRef(url)))
        if subset.example:
            graph.add((node, VOID.exampleResource, URIRef(subset.example)))
            graph.add((dataset, VOID.exampleResource, URIRef(subset.example)))
        _statistics(graph, node, subset.counts)
        _linksets(graph, base, subset, {part.name for part in subsets})
        for vocabulary in vocabularies(subset.counts):
            graph.add((dataset, VOID.vocabulary, URIRef(vocabulary)))
    return graph


def vocabularies(counts: Counts) -> list[str]:
    """Namespaces of the properties used."""
    return sorted({_namespace(name) for name in counts.property_triples})


def _statistics(graph: Graph, node: URIRef, counts: Counts) -> None:
    from rdflib import RDF, VOID, Literal, Namespace, URIRef

    ext = Namespace(VOID_EXT)

    def partition(parent: URIRef, link: URIRef, key: URIRef, iri: str, **numbers: int) -> URIRef:
        child = URIRef(f"{parent}/{link.rsplit('#', 1)[-1].removesuffix('Partition')}/{_name(iri)}")
        graph.add((parent, link, child))
        graph.add((child, key, URIRef(iri)))
        for name, number in numbers.items():
            graph.add((child, VOID[name], Literal(number)))
        return child

    graph.add((node, RDF.type, VOID.Dataset))
    graph.add((node, VOID.triples, Literal(counts.triples)))
    # VoID counts as entities the things described; here every subject is one.
    graph.add((node, VOID.entities, Literal(counts.subjects)))
    graph.add((node, VOID.distinctSubjects, Literal(counts.subjects)))
    graph.add((node, VOID.classes, Literal(len(counts.instances))))
    graph.add((node, VOID.properties, Literal(len(counts.property_triples))))
    for name, number in counts.property_triples.items():
        subjects = counts.property_subjects[name]
        partition(
            node, VOID.propertyPartition, VOID.property, name, triples=number, entities=subjects,
            distinctSubjects=subjects,
        )  # fmt: skip
    of_class = {
        kind: partition(node, VOID.classPartition, VOID["class"], kind, entities=number)
        for kind, number in counts.instances.items()
    }
    of_pair = {
        (kind, name): partition(of_class[kind], VOID.propertyPartition, VOID.property, name, triples=number)
        for (kind, name), number in counts.class_property.items()
    }
    for (kind, name, object_kind), number in counts.object_class.items():
        partition(of_pair[kind, name], VOID.classPartition, VOID["class"], object_kind, triples=number)
    for (kind, name, datatype), number in counts.datatype.items():
        partition(of_pair[kind, name], ext.datatypePartition, ext.datatype, datatype, triples=number)


def _linksets(graph: Graph, base: str, subset: Subset, parts: set[str]) -> None:
    from rdflib import DCTERMS, FOAF, RDF, VOID, Literal, URIRef

    node = URIRef(f"{base}void/{subset.name}")
    for (name, property_iri), number in sorted(subset.counts.links.items()):
        target = TARGETS[name]
        # A part of the export is described as such; what is elsewhere gets a node that says where.
        objects = URIRef(f"{base}void/{name}" if name in parts else f"{base}void/target/{name}")
        linkset = URIRef(f"{node}/linkset/{name}/{_name(property_iri)}")
        title = f"{subset.title}: links to {target.title} by {compress(property_iri)}"
        graph.add((node, VOID.subset, linkset))
        graph.add((linkset, RDF.type, VOID.Linkset))
        graph.add((linkset, DCTERMS.title, Literal(title, lang="en")))
        graph.add((linkset, VOID.subjectsTarget, node))
        graph.add((linkset, VOID.objectsTarget, objects))
        graph.add((linkset, VOID.linkPredicate, URIRef(property_iri)))
        graph.add((linkset, VOID.triples, Literal(number)))
        graph.add((objects, RDF.type, VOID.Dataset))
        graph.add((objects, VOID.uriSpace, Literal(target.space)))
        if name not in parts:
            graph.add((objects, DCTERMS.title, Literal(target.title, lang="en")))
            if target.home:
                graph.add((objects, FOAF.homepage, URIRef(target.home)))


def _name(iri: str) -> str:
    """A short name for an IRI, as one path segment: its prefixed name, or a digest where it has none."""
    short = compress(iri)
    return short if short != iri else hashlib.sha256(iri.encode()).hexdigest()[:16]


def _namespace(iri: str) -> str:
    cut = max(iri.rfind("#"), iri.rfind("/"))
    return iri[: cut + 1] if cut > 0 else iri
