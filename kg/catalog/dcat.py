"""The catalog entry of an export: DCAT-AP 3.0.1, one catalog, one dataset, one distribution for each data file.

The graph is built and written with rdflib and never passes through the store, which would turn
``xsd:nonNegativeInteger`` into ``xsd:integer``. Every node has an IRI. Authority IRIs (media types, file types,
languages, the licence) are named and not described: a validator brings their types as background data, a
harvester knows them.

Source: https://semiceu.github.io/DCAT-AP/releases/3.0.0/, shapes of release 3.0.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kg.catalog.files import DataFile
from kg.config import VERSION
from kg.errors import InputError, UsageError
from kg.namespaces import PREFIXES, compress
from kg.terms import web_iri

if TYPE_CHECKING:
    from rdflib import Graph

    from kg.catalog.data import Facts

__all__ = ["SSSOM", "Publication", "catalog_graph", "read_publication", "write_graph"]

_EU = "http://publications.europa.eu/resource/authority/"
_IANA = "https://www.iana.org/assignments/media-types/"
_EXTRA_PREFIXES = {"vcard": "http://www.w3.org/2006/vcard/ns#"}
_VOCABULARY = PREFIXES["tkg"].removesuffix("#")
SSSOM = "https://w3id.org/sssom/"
"""What tables of links conform to."""
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_CODE = re.compile(r"[A-Z0-9_]+")

RIGHTS = (
    "The licence covers what this dataset adds: the RDF structure, the links to concepts, the vocabulary, the code "
    "lists and the drug ontology. Titles, descriptions and other record text come from ClinicalTrials.gov, U.S. "
    "National Library of Medicine, and stay under its terms (https://clinicaltrials.gov/about-site/terms-conditions): "
    "name the source and the date of the data, and say what was changed. MeSH identifiers, labels and hierarchy come "
    "from the U.S. National Library of Medicine and were reformatted here; its terms apply. The National Library of "
    "Medicine does not endorse this dataset."
)
"""What the licence covers, and what it does not."""


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who publishes an export, where, and under which words. Every field has a neutral default.

    Raises:
        UsageError: an address is not an http(s) URL, or a text is empty.
    """

    base_url: str = "https://w3id.org/trialkg/export/"
    """Where the files are, ending in ``/``. The dataset is ``base_url`` + ``dataset`` and keeps that IRI."""
    title: str = "Clinical trial records as a knowledge graph"
    description: str = (
        "Studies registered at ClinicalTrials.gov as RDF: the registered record, links from conditions and "
        "interventions to MeSH and to a drug ontology, and the hierarchy above them."
    )
    publisher: str = "trialkg developers"
    publisher_iri: str = ""
    """IRI of the publisher; ``base_url`` + ``publisher`` when empty."""
    contact: str = "trialkg developers"
    contact_url: str = "https://w3id.org/trialkg/"
    contact_email: str = ""
    licence: str = "https://creativecommons.org/licenses/by/4.0/"
    rights: str = RIGHTS
    keywords: tuple[str, ...] = ("clinical trials", "knowledge graph", "MeSH", "RDF", "ClinicalTrials.gov")
    endpoint: str = ""
    """URL of a SPARQL endpoint that serves the same data; none when empty."""
    frequency: str = ""
    """Code of the EU frequency list, e.g. ``MONTHLY``; not stated when empty."""

    def __post_init__(self) -> None:
        """Check what was given."""
        for name in ("base_url", "publisher_iri", "contact_url", "licence", "endpoint"):
            value = getattr(self, name)
            optional = name in ("publisher_iri", "endpoint")
            if not (optional and not value) and web_iri(value) != f"<{value}>":
                raise UsageError(f"{value!r} is not a URL", place=name, remedy="expected http:// or https://")
        if not self.base_url.endswith("/"):
            raise UsageError(f"{self.base_url!r} does not end in '/'", place="base_url", remedy="add the slash")
        for name in ("title", "description", "publisher", "contact", "rights"):
            if not getattr(self, name).strip():
                raise UsageError("empty text", place=name, remedy="leave the setting out to have the default")
        if self.contact_email and not _EMAIL.fullmatch(self.contact_email):
            raise UsageError(
                f"{self.contact_email!r} is not an e-mail address", place="contact_email", remedy="expected name@host"
            )
        if self.frequency and not _CODE.fullmatch(self.frequency):
            raise UsageError(
                f"{self.frequency!r} is not a frequency", place="frequency", remedy="expected a code such as MONTHLY"
            )


def read_publication(path: Path) -> Publication:
    """Publication facts from a TOML file whose keys are the fields of :class:`Publication`.

    Raises:
        InputError: the file cannot be read, or is not such a file.
        UsageError: a value in it is not what it should be.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Publication)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        names = ", ".join(Publication.__struct_fields__)
        raise InputError(
            f"publication facts: {error}", place=str(path), remedy=f"expected TOML with {names}"
        ) from error


def catalog_graph(publication: Publication, files: Sequence[DataFile], facts: Facts, studies: int) -> Graph:
    """The catalog of an export.

    Args:
        publication: who publishes it and where.
        files: its data files.
        facts: what the statements say of their date and origin.
        studies: how many studies there are.

    Returns:
        a graph without blank nodes and without anything of the run.
    """
    from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef

    vcard = Namespace(_EXTRA_PREFIXES["vcard"])
    graph = Graph(bind_namespaces="none")
    base = publication.base_url
    catalog, dataset, home = URIRef(base + "catalog"), URIRef(base + "dataset"), URIRef(base)
    publisher = URIRef(publication.publisher_iri or base + "publisher")
    contact, rights, period, provenance = (
        URIRef(base + name) for name in ("contact", "rights", "period", "provenance")
    )
    licence, english = URIRef(publication.licence), URIRef(_EU + "language/ENG")
    standard, health = URIRef(_VOCABULARY), URIRef(_EU + "data-theme/HEAL")

    def add(subject: URIRef, *pairs: tuple[URIRef, URIRef | Literal]) -> None:
        for predicate, value in pairs:
            graph.add((subject, predicate, value))

    def text(value: str) -> Literal:
        return Literal(value.strip(), lang="en")

    def day(value: str) -> Literal:
        return Literal(value, datatype=XSD.date if len(value) == len("2000-01-01") else XSD.gYearMonth)

    add(
        catalog,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, text(publication.title)),
        (DCTERMS.description, text(publication.description)),
        (DCTERMS.publisher, publisher),
        (DCTERMS.language, english),
        (DCTERMS.license, licence),
        (DCAT.themeTaxonomy, URIRef(_EU + "data-theme")),
        (FOAF.homepage, home),
        (DCAT.dataset, dataset),
    )
    add(
        dataset,
        (RDF.type, DCAT.Dataset),
        (DCTERMS.title, text(publication.title)),
        (DCTERMS.description, text(f"{publication.description.strip()} {_count(studies, 'study', 'studies')}.")),
        (DCTERMS.identifier, Literal(base + "dataset")),
        (DCTERMS.publisher, publisher),
        (DCAT.contactPoint, contact),
        (DCAT.theme, health),
        (DCTERMS.language, english),
        (DCTERMS.accessRights, URIRef(_EU + "access-right/PUBLIC")),
        (DCTERMS.license, licence),
        (DCTERMS.rights, rights),
        (URIRef(PREFIXES["dcat"] + "version"), Literal(facts.version)),
        (DCAT.landingPage, home),
        (DCTERMS.provenance, provenance),
        (PROV.wasDerivedFrom, URIRef("https://clinicaltrials.gov/")),
        *((DCAT.keyword, text(word)) for word in publication.keywords),
    )
    if publication.frequency:
        add(dataset, (DCTERMS.accrualPeriodicity, URIRef(f"{_EU}frequency/{publication.frequency}")))
    if facts.data_date:
        add(catalog, (DCTERMS.modified, day(facts.data_date)))
        add(dataset, (DCTERMS.modified, day(facts.data_date)), (DCTERMS.temporal, period))
        add(period, (RDF.type, DCTERMS.PeriodOfTime), (DCAT.endDate, day(facts.data_date)))
        if facts.first_posted:
            add(period, (DCAT.startDate, day(facts.first_posted)))
    add(publisher, (RDF.type, FOAF.Agent), (FOAF.name, Literal(publication.publisher)))
    # Both classes, since the range shapes do no inference from one to the other.
    add(contact, (RDF.type, vcard.Organization), (RDF.type, vcard.Kind), (vcard.fn, Literal(publication.contact)))
    add(contact, (vcard.hasURL, URIRef(publication.contact_url)))
    if publication.contact_email:
        add(contact, (vcard.hasEmail, URIRef(f"mailto:{publication.contact_email}")))
    add(home, (RDF.type, FOAF.Document), (DCTERMS.title, text(publication.title)))
    add(rights, (RDF.type, DCTERMS.RightsStatement), (RDFS.label, text(publication.rights)))
    add(provenance, (RDF.type, DCTERMS.ProvenanceStatement), (RDFS.label, text(_provenance(facts))))
    add(standard, (RDF.type, DCTERMS.Standard), (DCTERMS.title, text("The trialkg vocabulary")))
    for file in files:
        _add_distribution(graph, publication, file)
    if any(file.standard == SSSOM for file in files):
        sssom = URIRef(SSSOM)
        add(
            sssom,
            (RDF.type, DCTERMS.Standard),
            (DCTERMS.title, text("A Simple Standard for Sharing Ontology Mappings")),
        )
    if publication.endpoint:
        service = URIRef(base + "sparql")
        add(catalog, (DCAT.service, service))
        add(
            service,
            (RDF.type, DCAT.DataService),
            (DCTERMS.title, text(f"{publication.title.strip()}: SPARQL endpoint")),
            (DCAT.endpointURL, URIRef(publication.endpoint)),
            (DCAT.endpointDescription, URIRef(publication.endpoint)),
            (DCAT.servesDataset, dataset),
            (DCTERMS.publisher, publisher),
            (DCAT.contactPoint, contact),
            (DCAT.theme, health),
            (DCTERMS.conformsTo, URIRef("https://www.w3.org/TR/sparql11-protocol/")),
            *((DCAT.keyword, text(word)) for word in publication.keywords),
        )
        add(
            URIRef("https://www.w3.org/TR/sparql11-protocol/"),
            (RDF.type, DCTERMS.Standard),
            (DCTERMS.title, text("SPARQL 1.1 Protocol")),
        )
        for file in files:
            add(URIRef(f"{base}distribution/{file.name}"), (DCAT.accessService, service))
    return graph


def _add_distribution(graph: Graph, publication: Publication, file: DataFile) -> None:
    from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, Namespace, URIRef

    spdx = Namespace(PREFIXES["spdx"])
    base = publication.base_url
    node, url = URIRef(f"{base}distribution/{file.name}"), URIRef(base + file.name)
    checksum = URIRef(f"{node}/checksum")
    statements: list[tuple[URIRef, URIRef, URIRef | Literal]] = [
        (URIRef(base + "dataset"), DCAT.distribution, node),
        (node, RDF.type, DCAT.Distribution),
        (node, DCTERMS.title, Literal(file.title, lang="en")),
        (node, DCTERMS.description, Literal(file.description, lang="en")),
        (node, DCAT.accessURL, url),
        (node, DCAT.downloadURL, url),
        (node, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger)),
        (node, DCTERMS.language, URIRef(_EU + "language/ENG")),
        (node, DCTERMS.license, URIRef(publication.licence)),
        (node, DCTERMS.rights, URIRef(base + "rights")),
        (node, DCTERMS.conformsTo, URIRef(file.standard or _VOCABULARY)),
    ]
    if file.type.media_type:
        statements.append((node, DCAT.mediaType, URIRef(_IANA + file.type.media_type)))
    if file.type.code:
        statements.append((node, DCTERMS.format, URIRef(f"{_EU}file-type/{file.type.code}")))
    if file.sha256:
        statements += [
            (node, spdx.checksum, checksum),
            (checksum, RDF.type, spdx.Checksum),
            (checksum, spdx.algorithm, spdx.checksumAlgorithm_sha256),
            (checksum, spdx.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary, normalize=False)),
        ]
    if file.compressed:
        statements.append((node, DCAT.compressFormat, URIRef(_IANA + "application/gzip")))
    for statement in statements:
        graph.add(statement)


def write_graph(graph: Graph, path: Path, comment: Sequence[str]) -> None:
    """Write a small graph as Turtle, in rdflib's order, with comment lines before it."""
    for prefix, namespace in (PREFIXES | _EXTRA_PREFIXES).items():
        graph.bind(prefix, namespace)
    body = graph.serialize(format="turtle")
    head = "".join(f"# {line}\n" for line in comment)
    path.write_text(head + body, encoding="utf-8", newline="\n")


def _provenance(facts: Facts) -> str:
    mapping = ", ".join(sorted(facts.mapping_versions)) or "not stated"
    vocabularies = "; ".join(
        f"{compress(iri).rstrip(':')} {version}".strip() for iri, version in sorted(facts.vocabularies)
    )
    linked = f" Links use: {vocabularies}." if vocabularies else ""
    state = f" State of the registry: {facts.data_date}." if facts.data_date else ""
    return f"Converted from ClinicalTrials.gov records by trialkg {VERSION}, mapping {mapping}.{state}{linked}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
