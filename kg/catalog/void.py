"""Counts of what was written, and the VoID description made of them.

Classes and properties are counted while statements pass, with what each class says by which property about what:
that is what query editors, sparql-llm and other readers of VoID look for.

Source: https://www.w3.org/TR/void/#statistics; ``void-ext:datatypePartition`` is http://ldf.fi/void-ext#.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from kg.namespaces import compress
from kg.turtle import RDF_TYPE

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

__all__ = ["Counts", "Subset", "describe"]

VOID_EXT = "http://ldf.fi/void-ext#"


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


def describe(base: str, title: str, subsets: Sequence[Subset], triples: int, *, modified: str, licence: str) -> Graph:
    """The VoID description of an export.

    Args:
        base: base IRI; the dataset is ``BASEdataset``, as in the catalog.
        title: of the dataset.
        subsets: its parts.
        triples: distinct statements in all of them together.
        modified: date of the data, or ``""``.
        licence: IRI of the licence, or ``""``.

    Returns:
        a graph without blank nodes.
    """
    from rdflib import DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, URIRef

    graph = Graph(bind_namespaces="none")
    dataset, root = URIRef(base + "dataset"), URIRef(base + "void.ttl")
    graph.add((root, RDF.type, VOID.DatasetDescription))
    graph.add((root, DCTERMS.title, Literal(f"{title}: counts", lang="en")))
    graph.add((root, FOAF.primaryTopic, dataset))
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, DCTERMS.title, Literal(title, lang="en")))
    graph.add((dataset, VOID.triples, Literal(triples)))
    if modified:
        kind = XSD.date if len(modified) == len("2000-01-01") else XSD.gYearMonth
        graph.add((dataset, DCTERMS.modified, Literal(modified, datatype=kind)))
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
        for vocabulary in sorted({_namespace(name) for name in subset.counts.property_triples}):
            graph.add((dataset, VOID.vocabulary, URIRef(vocabulary)))
    return graph


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


def _name(iri: str) -> str:
    """A short name for an IRI, as one path segment: its prefixed name, or a digest where it has none."""
    short = compress(iri)
    return short if short != iri else hashlib.sha256(iri.encode()).hexdigest()[:16]


def _namespace(iri: str) -> str:
    cut = max(iri.rfind("#"), iri.rfind("/"))
    return iri[: cut + 1] if cut > 0 else iri
