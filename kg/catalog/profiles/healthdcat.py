"""``healthdcat-ap-r8-public.ttl``: the dataset as HealthDCAT-AP Release 8 wants public data described.

Who holds the data, which body gives access to it and under which act are facts that only a publisher can know: they
come from the publication facts, and without them nothing is written. There is no ``dcat:Catalog`` in the file, since
the validator of HealthData@EU would hold it to the rules for datasets.

Source: https://code.europa.eu/healthdataeu/healthdcat-ap, Release 8 (commit cd7841f), shapes for PUBLIC.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.catalog.dcat import dataset_graph
from kg.catalog.described import Described
from kg.catalog.graphs import PUBLISHER_TYPES, add, number, text, write_graph
from kg.catalog.profiles.checking import check
from kg.catalog.profiles.columns import DescribedTable, described_tables
from kg.catalog.publication import Body, Publication

if TYPE_CHECKING:
    from rdflib import Graph, URIRef

__all__ = ["FILE", "graph", "missing", "write"]

FILE: Final = "healthdcat-ap-r8-public.ttl"
_HEALTH: Final = "http://healthdataportal.eu/ns/health#"
_DCATAP: Final = "http://data.europa.eu/r5r/"
_CV: Final = "http://data.europa.eu/m8g/"
_CSVW: Final = "http://www.w3.org/ns/csvw#"


def missing(publication: Publication) -> list[str]:
    """The settings that the profile cannot do without and that nobody gave.

    >>> missing(Publication())
    ['base_url', 'publisher', 'contact', 'contact_url', 'health.legislation', 'health.categories',
     'health.hdab.name', 'health.hdab.email or health.hdab.page']
    """
    health, neutral = publication.health, Publication()
    # Those of other profiles would be named to an EU catalog as who answers for health data, and where that is.
    told = ("base_url", "publisher", "contact", "contact_url")
    names = [name for name in told if getattr(publication, name) == getattr(neutral, name)]
    names += [f"health.{name}" for name in ("legislation", "categories") if not getattr(health, name)]
    names += health.hdab.missing("health.hdab")
    return names + (health.holder.missing("health.holder") if health.holder else [])


def write(described: Described, folder: Path) -> None:
    """Write the description.

    Raises:
        UsageError: it breaks a rule of ``shapes/healthdcat.ttl``.
    """
    description = graph(described, list(described_tables(described, folder)))
    check(description, ("catalog.ttl", "healthdcat.ttl"), FILE)
    write_graph(description, folder / FILE, ("HealthDCAT-AP Release 8, PUBLIC.",))


def graph(described: Described, tables: Iterable[DescribedTable]) -> Graph:
    """The description, without blank nodes and without a catalog."""
    from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, Namespace, URIRef

    health, dcatap = Namespace(_HEALTH), Namespace(_DCATAP)
    publication = described.publication
    facts, base = publication.health, publication.base_url
    found = dataset_graph(described)
    dataset = URIRef(base + "dataset")
    legislation = [(dcatap.applicableLegislation, URIRef(iri)) for iri in facts.legislation]
    add(
        found,
        dataset,
        *legislation,
        *((health.healthCategory, URIRef(iri)) for iri in facts.categories),
        (health.hdab, _add_body(found, facts.hdab, base, "hdab")),
        (health.numberOfRecords, number(described.studies)),
    )
    for distribution in list(found.objects(dataset, DCAT.distribution)):
        add(found, URIRef(str(distribution)), *legislation)
    for act in facts.legislation:
        add(found, URIRef(act), (RDF.type, URIRef("http://data.europa.eu/eli/ontology#LegalResource")))
    _add_contact(
        found,
        URIRef(publication.publisher_node),
        base + "publisher",
        publication.contact_email,
        publication.contact_url,
    )
    if facts.holder:
        custodian = URIRef("http://data.europa.eu/930/custodian")
        add(found, dataset, (custodian, _add_body(found, facts.holder, base, "holder")))
    if facts.population:
        add(found, dataset, (health.populationCoverage, text(facts.population)))
    variables = URIRef(base + "variables")
    described_ones = list(tables)
    add(found, dataset, (health.hasStructuredData, Literal(bool(described_ones), datatype=XSD.boolean)))
    if described_ones:
        add(found, dataset, (health.hasVariables, variables))
        add(
            found,
            variables,
            (RDF.type, URIRef(_CSVW + "TableGroup")),
            (DCTERMS.title, text(f"{publication.title.strip()}: columns of the tables")),
        )
    for table in described_ones:
        _add_table(found, variables, table, base)
    return found


def _add_body(found: Graph, body: Body, base: str, name: str) -> URIRef:
    from rdflib import DCTERMS, FOAF, RDF, Literal, URIRef

    node = URIRef(body.iri or base + name)
    add(found, node, (RDF.type, FOAF.Agent), (FOAF.name, Literal(body.name)))
    if body.type:
        add(found, node, (DCTERMS.type, URIRef(PUBLISHER_TYPES + body.type)))
    _add_contact(found, node, base + name, body.email, body.page)
    return node


def _add_contact(found: Graph, agent: URIRef, name: str, email: str, page: str) -> None:
    from rdflib import RDF, Literal, Namespace, URIRef

    cv = Namespace(_CV)
    contact = URIRef(f"{name}/contact")
    add(found, agent, (cv.contactPoint, contact))
    add(found, contact, (RDF.type, cv.ContactPoint))
    if email:
        add(found, contact, (cv.email, Literal(email)))
    if page:
        add(found, contact, (cv.contactPage, URIRef(page)))


def _add_table(found: Graph, variables: URIRef, table: DescribedTable, base: str) -> None:
    from rdflib import DCTERMS, RDF, Literal, Namespace, URIRef

    csvw = Namespace(_CSVW)
    node = URIRef(f"{variables}/{table.file.name}")
    add(found, variables, (csvw.table, node))
    add(
        found,
        node,
        (RDF.type, csvw.Table),
        (csvw.url, URIRef(base + table.file.name)),
        (DCTERMS.title, text(table.file.title)),
        (DCTERMS.description, text(table.file.description)),
    )
    for column in table.columns:
        one = URIRef(f"{node}/{column.name}")
        add(found, node, (csvw.column, one))
        add(
            found,
            one,
            (RDF.type, csvw.Column),
            (csvw.name, Literal(column.name)),
            (csvw.title, text(column.title)),
            (csvw.datatype, Literal(column.datatype)),
            (DCTERMS.description, text(column.about)),
        )
