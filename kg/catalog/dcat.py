"""The catalog entry of an export: DCAT-AP 3.0.1, one catalog, one dataset, one distribution for each data file.

The graph is built and written with rdflib and never passes through the store, which would turn
``xsd:nonNegativeInteger`` into ``xsd:integer``. Every node has an IRI. Authority IRIs (media types, file types,
languages, countries, the licence) are named and not described: a validator brings their types as background data, a
harvester knows them.

Source: https://semiceu.github.io/DCAT-AP/releases/3.0.0/, shapes of release 3.0.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kg.catalog.countries import countries
from kg.catalog.graphs import EU, IANA, PUBLISHER_TYPES, add, day, new_graph, number, text
from kg.config import VERSION
from kg.namespaces import PREFIXES, compress

if TYPE_CHECKING:
    from rdflib import Graph

    from kg.catalog.data import Facts
    from kg.catalog.described import Described
    from kg.catalog.files import DataFile
    from kg.catalog.publication import Publication

__all__ = ["SSSOM", "catalog_graph", "dataset_description", "dataset_graph", "provenance"]

SSSOM: Final = "https://w3id.org/sssom/"
"""What tables of links conform to."""
_VOCABULARY: Final = PREFIXES["tkg"].removesuffix("#")
_PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"
_STANDARDS: Final = {
    _VOCABULARY: "The trialkg vocabulary",
    SSSOM: "A Simple Standard for Sharing Ontology Mappings",
    _PROTOCOL: "SPARQL 1.1 Protocol",
}


def catalog_graph(described: Described) -> Graph:
    """The catalog of an export, with its one dataset.

    Returns:
        a graph without blank nodes and without anything of the run.
    """
    from rdflib import DCAT, DCTERMS, FOAF, RDF, URIRef

    publication, facts = described.publication, described.facts
    graph = dataset_graph(described)
    base = publication.base_url
    catalog = URIRef(base + "catalog")
    add(
        graph,
        catalog,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, text(publication.title)),
        (DCTERMS.description, text(publication.description)),
        (DCTERMS.publisher, URIRef(publication.publisher_node)),
        (DCTERMS.language, URIRef(EU + "language/ENG")),
        (DCTERMS.license, URIRef(publication.licence)),
        (DCAT.themeTaxonomy, URIRef(EU + "data-theme")),
        (FOAF.homepage, URIRef(base)),
        (DCAT.dataset, URIRef(base + "dataset")),
        *((DCTERMS.spatial, URIRef(country.iri)) for country in countries(facts.countries)),
    )
    if facts.data_date:
        add(graph, catalog, (DCTERMS.modified, day(facts.data_date)))
    if publication.issued:
        add(graph, catalog, (DCTERMS.issued, day(publication.issued)))
    if publication.endpoint:
        add(graph, catalog, (DCAT.service, URIRef(base + "sparql")))
    return graph


def dataset_graph(described: Described) -> Graph:
    """The dataset of an export without a catalog around it: what HealthDCAT-AP is built on.

    Returns:
        a graph without blank nodes and without anything of the run.
    """
    from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, Literal, URIRef

    publication, facts = described.publication, described.facts
    graph = new_graph()
    base = publication.base_url
    dataset, home = URIRef(base + "dataset"), URIRef(base)
    rights, period, origin = (URIRef(base + name) for name in ("rights", "period", "provenance"))
    add(
        graph,
        dataset,
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, text(publication.title)),
        (DCTERMS.description, text(dataset_description(described))),
        (DCTERMS.identifier, Literal(base + "dataset")),
        (DCTERMS.publisher, URIRef(publication.publisher_node)),
        (DCAT.contactPoint, URIRef(base + "contact")),
        (DCAT.theme, URIRef(EU + "data-theme/HEAL")),
        (DCTERMS.language, URIRef(EU + "language/ENG")),
        (DCTERMS.accessRights, URIRef(EU + "access-right/PUBLIC")),
        (DCTERMS.license, URIRef(publication.licence)),
        (DCTERMS.rights, rights),
        (URIRef(PREFIXES["dcat"] + "version"), Literal(facts.version)),
        (DCAT.landingPage, home),
        (DCTERMS.provenance, origin),
        (PROV.wasDerivedFrom, URIRef("https://clinicaltrials.gov/")),
        *((DCAT.keyword, text(word)) for word in publication.keywords),
        *((DCTERMS.spatial, URIRef(country.iri)) for country in countries(facts.countries)),
    )
    if publication.frequency:
        add(graph, dataset, (DCTERMS.accrualPeriodicity, URIRef(f"{EU}frequency/{publication.frequency}")))
    if publication.issued:
        add(graph, dataset, (DCTERMS.issued, day(publication.issued)))
    if facts.data_date:
        add(graph, dataset, (DCTERMS.modified, day(facts.data_date)), (DCTERMS.temporal, period))
        add(graph, period, (RDF.type, DCTERMS.PeriodOfTime), (DCAT.endDate, day(facts.data_date)))
        if facts.first_posted:
            add(graph, period, (DCAT.startDate, day(facts.first_posted)))
    _add_agents(graph, publication)
    add(graph, home, (RDF.type, FOAF.Document), (DCTERMS.title, text(publication.title)))
    add(graph, rights, (RDF.type, DCTERMS.RightsStatement), (RDFS.label, text(publication.rights)))
    add(graph, origin, (RDF.type, DCTERMS.ProvenanceStatement), (RDFS.label, text(provenance(facts))))
    for file in described.files:
        _add_distribution(graph, publication, file)
    if publication.endpoint:
        _add_service(graph, described)
    for standard in set(map(str, graph.objects(None, DCTERMS.conformsTo))):
        title = text(_STANDARDS.get(standard, standard))
        add(graph, URIRef(standard), (RDF.type, DCTERMS.Standard), (DCTERMS.title, title))
    return graph


def _add_agents(graph: Graph, publication: Publication) -> None:
    from rdflib import DCTERMS, FOAF, RDF, Literal, Namespace, URIRef

    vcard = Namespace("http://www.w3.org/2006/vcard/ns#")
    publisher, contact = URIRef(publication.publisher_node), URIRef(publication.base_url + "contact")
    add(graph, publisher, (RDF.type, FOAF.Agent), (FOAF.name, Literal(publication.publisher)))
    if publication.publisher_type:
        add(graph, publisher, (DCTERMS.type, URIRef(PUBLISHER_TYPES + publication.publisher_type)))
    # Both classes, since the range shapes do no inference from one to the other.
    add(graph, contact, (RDF.type, vcard.Organization), (RDF.type, vcard.Kind))
    add(graph, contact, (vcard.fn, Literal(publication.contact)), (vcard.hasURL, URIRef(publication.contact_url)))
    if publication.contact_email:
        add(graph, contact, (vcard.hasEmail, URIRef(f"mailto:{publication.contact_email}")))


def _add_distribution(graph: Graph, publication: Publication, file: DataFile) -> None:
    from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, Namespace, URIRef

    spdx, dcatap = Namespace(PREFIXES["spdx"]), Namespace("http://data.europa.eu/r5r/")
    base = publication.base_url
    node, url = URIRef(f"{base}distribution/{file.name}"), URIRef(base + file.name)
    add(graph, URIRef(base + "dataset"), (DCAT.distribution, node))
    add(
        graph,
        node,
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, text(file.title)),
        (DCTERMS.description, text(file.description)),
        (DCAT.accessURL, url),
        (DCAT.downloadURL, url),
        (DCAT.byteSize, number(file.size)),
        (DCTERMS.language, URIRef(EU + "language/ENG")),
        (DCTERMS.license, URIRef(publication.licence)),
        (DCTERMS.rights, URIRef(base + "rights")),
        (DCTERMS.conformsTo, URIRef(file.standard or _VOCABULARY)),
    )
    if file.type.media_type:
        add(graph, node, (DCAT.mediaType, URIRef(IANA + file.type.media_type)))
    if file.type.code:
        add(graph, node, (DCTERMS.format, URIRef(f"{EU}file-type/{file.type.code}")))
    if file.compressed:
        add(graph, node, (DCAT.compressFormat, URIRef(IANA + "application/gzip")))
    if publication.availability:
        add(graph, node, (dcatap.availability, URIRef(f"{EU}planned-availability/{publication.availability}")))
    if file.sha256:
        checksum = URIRef(f"{node}/checksum")
        value = Literal(file.sha256, datatype=XSD.hexBinary, normalize=False)
        add(graph, node, (spdx.checksum, checksum))
        add(graph, checksum, (RDF.type, spdx.Checksum), (spdx.algorithm, spdx.checksumAlgorithm_sha256))
        add(graph, checksum, (spdx.checksumValue, value))


def _add_service(graph: Graph, described: Described) -> None:
    from rdflib import DCAT, DCTERMS, RDF, URIRef

    publication = described.publication
    base = publication.base_url
    service, endpoint = URIRef(base + "sparql"), URIRef(publication.endpoint)
    add(
        graph,
        service,
        (RDF.type, DCAT.DataService),
        (DCTERMS.title, text(f"{publication.title.strip()}: SPARQL endpoint")),
        (DCAT.endpointURL, endpoint),
        (DCAT.endpointDescription, endpoint),
        (DCAT.servesDataset, URIRef(base + "dataset")),
        (DCTERMS.publisher, URIRef(publication.publisher_node)),
        (DCAT.contactPoint, URIRef(base + "contact")),
        (DCAT.theme, URIRef(EU + "data-theme/HEAL")),
        (DCTERMS.conformsTo, URIRef(_PROTOCOL)),
        *((DCAT.keyword, text(word)) for word in publication.keywords),
    )
    for file in described.files:
        add(graph, URIRef(f"{base}distribution/{file.name}"), (DCAT.accessService, service))


def dataset_description(described: Described) -> str:
    """What the dataset is, with the number of studies."""
    number_of = f"{described.studies:,} {'study' if described.studies == 1 else 'studies'}"
    return f"{described.publication.description.strip()} {number_of}."


def provenance(facts: Facts) -> str:
    """From what the statements were made and with what, as a text."""
    mapping = ", ".join(sorted(facts.mapping_versions)) or "not stated"
    vocabularies = "; ".join(
        f"{compress(iri).rstrip(':')} {version}".strip() for iri, version in sorted(facts.vocabularies)
    )
    linked = f" Links use: {vocabularies}." if vocabularies else ""
    state = f" State of the registry: {facts.data_date}." if facts.data_date else ""
    return f"Converted from ClinicalTrials.gov records by trialkg {VERSION}, mapping {mapping}.{state}{linked}"
