"""``hcls.ttl``: the dataset at the three levels of the HCLS community profile.

The summary level says what stays the same over all versions, the version level what one export is, the distribution
level what one file is. The IRIs of the last two have the version in them, unlike those of the catalog.

Source: https://www.w3.org/TR/hcls-dataset/, section 5, in the editors' copy that has the licence as a MUST of the
version level.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kg.catalog.dcat import dataset_description, provenance
from kg.catalog.described import Described
from kg.catalog.files import DataFile
from kg.catalog.graphs import EU, IANA, add, day, new_graph, number, text, write_graph
from kg.catalog.profiles.checking import check
from kg.catalog.void import Subset, vocabularies

if TYPE_CHECKING:
    from rdflib import Graph, Literal, URIRef

__all__ = ["FILE", "graph", "write"]

FILE: Final = "hcls.ttl"
_PROFILE: Final = "http://www.w3.org/2001/sw/hcls/notes/hcls-dataset/"
_ENGLISH: Final = "http://lexvo.org/id/iso639-3/eng"


def write(described: Described, folder: Path) -> None:
    """Write the description.

    Raises:
        UsageError: it breaks a rule of ``shapes/hcls.ttl``.
    """
    description = graph(described)
    check(description, ("hcls.ttl",), FILE)
    write_graph(description, folder / FILE, ("HCLS dataset description: summary, version and distribution level.",))


def graph(described: Described) -> Graph:
    """The description, without blank nodes."""
    from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID, Literal, Namespace, URIRef

    dctypes, pav = Namespace("http://purl.org/dc/dcmitype/"), Namespace("http://purl.org/pav/")
    publication, facts = described.publication, described.facts
    base = publication.base_url
    summary, publisher = URIRef(base + "summary"), URIRef(publication.publisher_node)
    version = URIRef(f"{base}version/{quote(facts.version, safe='+.')}")
    found = new_graph()
    add(
        found,
        summary,
        (RDF.type, dctypes.Dataset),
        (DCTERMS.title, text(publication.title)),
        (DCTERMS.description, text(publication.description)),
        (DCTERMS.publisher, publisher),
        (DCTERMS.license, URIRef(publication.licence)),
        (DCTERMS.rights, text(publication.rights)),
        (FOAF.page, URIRef(base)),
        (pav.hasCurrentVersion, version),
        *((DCAT.keyword, Literal(word)) for word in publication.keywords),
    )
    if publication.frequency:
        add(found, summary, (DCTERMS.accrualPeriodicity, URIRef(f"{EU}frequency/{publication.frequency}")))
    if publication.endpoint:
        add(found, summary, (VOID.sparqlEndpoint, URIRef(publication.endpoint)))
    add(found, publisher, (RDF.type, FOAF.Agent), (FOAF.name, Literal(publication.publisher)))
    title, origin = f"{publication.title.strip()}, version {facts.version}", provenance(facts)
    add(
        found,
        version,
        (DCTERMS.title, text(title)),
        (DCTERMS.description, text(f"{dataset_description(described)} {origin}")),
        (DCTERMS.isVersionOf, summary),
        (DCAT.landingPage, URIRef(base)),
        *_of_version(described),
    )
    for file in described.files:
        node = URIRef(f"{version}/{file.name}")
        add(found, version, (DCAT.distribution, node))
        add(
            found,
            node,
            (RDF.type, DCAT.Distribution),
            (DCTERMS.title, text(f"{file.title}, version {facts.version}")),
            (DCTERMS.description, text(file.description)),
            (DCAT.downloadURL, URIRef(base + file.name)),
            (DCAT.byteSize, number(file.size)),
            *_of_version(described),
        )
        for pair in _formats(file):
            add(found, node, pair)
        for subset in described.subsets:
            if base + file.name in subset.dumps:
                _add_statistics(found, node, file, subset, base)
    return found


def _of_version(described: Described) -> list[tuple[URIRef, URIRef | Literal]]:
    """What the version level says of an export and the distribution level repeats."""
    from rdflib import DCTERMS, FOAF, PROV, RDF, Literal, Namespace, URIRef

    dctypes, pav = Namespace("http://purl.org/dc/dcmitype/"), Namespace("http://purl.org/pav/")
    publication = described.publication
    publisher, source = URIRef(publication.publisher_node), URIRef("https://clinicaltrials.gov/")
    issued = [(DCTERMS.issued, day(publication.issued))] if publication.issued else []
    return [
        (RDF.type, dctypes.Dataset),
        (DCTERMS.creator, publisher),
        (DCTERMS.publisher, publisher),
        (DCTERMS.license, URIRef(publication.licence)),
        (DCTERMS.rights, text(publication.rights)),
        (DCTERMS.language, URIRef(_ENGLISH)),
        (DCTERMS.conformsTo, URIRef(_PROFILE)),
        (DCTERMS.source, source),
        (PROV.wasDerivedFrom, source),
        (FOAF.page, URIRef(publication.base_url)),
        (pav.version, Literal(described.facts.version)),
        *issued,
    ]


def _formats(file: DataFile) -> list[tuple[URIRef, URIRef | Literal]]:
    from rdflib import DCTERMS, Literal, URIRef

    media_type = file.type.media_type
    found: list[URIRef | Literal] = [URIRef(IANA + media_type) if media_type else Literal(file.type.title)]
    if file.compressed:
        found.append(URIRef(IANA + "application/gzip"))
    return [(DCTERMS.format, value) for value in found]


def _add_statistics(found: Graph, node: URIRef, file: DataFile, subset: Subset, base: str) -> None:
    from rdflib import RDF, VOID, Literal, Namespace, URIRef

    idot = Namespace("http://identifiers.org/idot/")
    counts = subset.counts
    add(
        found,
        node,
        (RDF.type, VOID.Dataset),
        (VOID.dataDump, URIRef(base + file.name)),
        (VOID.triples, Literal(counts.triples)),
        (VOID.entities, Literal(counts.subjects)),
        (VOID.distinctSubjects, Literal(counts.subjects)),
        (VOID.properties, Literal(len(counts.property_triples))),
        *((VOID.vocabulary, URIRef(iri)) for iri in vocabularies(counts)),
    )
    if subset.example:
        add(found, node, (VOID.exampleResource, URIRef(subset.example)))
        add(found, node, (idot.exampleIdentifier, Literal(subset.example.rpartition("/")[2])))
