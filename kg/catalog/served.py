"""What a server says of the data it serves: counts in VoID, and a catalog in DCAT, both of what is there now.

The counts come from the engine, by :data:`COUNTS`, whatever wrote the store. They take longer than a dump of it, so
they are made once for a generation, when they are first asked for, and not by a build.

Source: https://www.w3.org/TR/void/#statistics, https://www.w3.org/TR/vocab-dcat-3/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox

from kg.catalog.data import Facts
from kg.catalog.dcat import catalog_graph
from kg.catalog.described import Described
from kg.catalog.publication import Publication
from kg.catalog.void import Counts, Subset, describe
from kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["COUNTS", "Row", "Served", "catalog_statements", "served", "void_statements"]

Row = Mapping[str, str]
"""Variable → value; what is not bound is left out."""

_PROLOGUE: Final = f"PREFIX tkg: <{PREFIXES['tkg']}>\nPREFIX rdf: <{PREFIXES['rdf']}>\n"
COUNTS: Final[dict[str, str]] = {
    name: _PROLOGUE + text
    for name, text in {
        "all": "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) { ?s ?p ?o }",
        "class": "SELECT ?class (COUNT(*) AS ?n) { ?s a ?class } GROUP BY ?class",
        "property": "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) { ?s ?p ?o } GROUP BY ?p",
        "pair": "SELECT ?class ?p (COUNT(*) AS ?n) { ?s a ?class ; ?p ?o } GROUP BY ?class ?p",
        "datatype": "SELECT ?class ?p ?datatype (COUNT(*) AS ?n) { ?s a ?class ; ?p ?o . FILTER (isLiteral(?o)) "
        "BIND (DATATYPE(?o) AS ?datatype) } GROUP BY ?class ?p ?datatype",
        "object": "SELECT ?class ?p ?kind (COUNT(*) AS ?n) { ?s a ?class ; ?p ?o . FILTER (?p != rdf:type) "
        "?o a ?kind } GROUP BY ?class ?p ?kind",
        "studies": "SELECT (COUNT(DISTINCT ?s) AS ?n) (MIN(STR(?posted)) AS ?first) "
        "{ ?s a tkg:Study OPTIONAL { ?s tkg:firstPosted ?posted } }",
        "mapping": "SELECT DISTINCT ?version { ?record tkg:mappingVersion ?version }",
        "vocabulary": "SELECT DISTINCT ?vocabulary ?version "
        "{ ?link tkg:vocabulary ?vocabulary OPTIONAL { ?link tkg:vocabularyVersion ?version } }",
    }.items()
}
"""What is asked of the default graph, by name."""


class Served(NamedTuple):
    """What is known of the data that a server has."""

    counts: Counts
    facts: Facts
    studies: int


def served(answers: Mapping[str, Sequence[Row]], data_date: str) -> Served:
    """What the answers to :data:`COUNTS` say.

    Args:
        answers: the rows of each.
        data_date: the registry's own date of the data, or ``""``.
    """
    [total], [studies] = answers["all"], answers["studies"]
    counts = Counts(triples=int(total["n"]), subjects=int(total["subjects"]))
    for row in answers["class"]:
        counts.instances[row["class"]] = int(row["n"])
    for row in answers["property"]:
        counts.property_triples[row["p"]] = int(row["n"])
        counts.property_subjects[row["p"]] = int(row["subjects"])
    for row in answers["pair"]:
        counts.class_property[row["class"], row["p"]] = int(row["n"])
    for row in answers["datatype"]:
        counts.datatype[row["class"], row["p"], row["datatype"]] = int(row["n"])
    for row in answers["object"]:
        counts.object_class[row["class"], row["p"], row["kind"]] = int(row["n"])
    facts = Facts(
        data_date=data_date,
        first_posted=studies.get("first", ""),
        mapping_versions={row["version"] for row in answers["mapping"]},
        vocabularies={(row["vocabulary"], row.get("version", "")) for row in answers["vocabulary"]},
    )
    return Served(counts, facts, int(studies["n"]))


def void_statements(base: str, known: Served) -> list[ox.Triple]:
    """The VoID description of what a server has, at ``BASE.well-known/void``.

    Args:
        base: the server's address, with a slash at the end. The dataset is ``BASEdataset``, as in the catalog.
        known: the counts.

    Raises:
        UsageError: the address is none.
    """
    publication = Publication(base_url=base)
    graph = describe(
        base,
        publication.title,
        [Subset("default-graph", "The default graph", known.counts, ())],
        known.counts.triples,
        modified=known.facts.data_date,
        licence=publication.licence,
    )
    document, dataset = ox.NamedNode(f"{base}.well-known/void"), ox.NamedNode(f"{base}dataset")
    endpoint = ox.NamedNode(f"{base}sparql")
    return [
        *(_moved(triple, ox.NamedNode(f"{base}void.ttl"), document) for triple in _statements(graph)),
        ox.Triple(dataset, ox.NamedNode(PREFIXES["void"] + "sparqlEndpoint"), endpoint),
    ]


def catalog_statements(base: str, known: Served) -> list[ox.Triple]:
    """The catalog of what a server has: one dataset, with its endpoint.

    Args:
        base: the server's address, with a slash at the end.
        known: what it says of the data.

    Raises:
        UsageError: the address is none.
    """
    publication = Publication(base_url=base, endpoint=f"{base}sparql")
    counts = known.counts
    described = Described(
        publication,
        files=(),
        facts=known.facts,
        subsets=(Subset("default-graph", "The default graph", counts, ()),),
        studies=known.studies,
        concepts=0,
        statements=counts.triples,
        subjects=counts.subjects,
    )
    return _statements(catalog_graph(described))


def _statements(graph: Graph) -> list[ox.Triple]:
    # In one order, so that the same counts are the same bytes, and what is said of one thing stands together.
    plain = "".join(sorted(graph.serialize(format="nt").splitlines(keepends=True)))
    return [quad.triple for quad in ox.parse(plain, format=ox.RdfFormat.N_TRIPLES)]


def _moved(triple: ox.Triple, before: ox.NamedNode, after: ox.NamedNode) -> ox.Triple:
    return ox.Triple(after, triple.predicate, triple.object) if triple.subject == before else triple
