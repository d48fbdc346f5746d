"""Publication facts: who publishes an export, where, and under which words; read from a TOML file.

What only the publisher can know is never made up. What has a neutral default has one; what a profile cannot do
without and nobody gave is an error that names it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from kg.errors import InputError, UsageError
from kg.terms import web_iri

__all__ = ["RIGHTS", "Body", "HealthFacts", "Publication", "read_publication"]

_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_CODE = re.compile(r"[A-Z0-9_]+")
# http://purl.org/adms/publishertype/1.0
_PUBLISHER_TYPES = (
    "Academia-ScientificOrganisation",
    "Company",
    "IndustryConsortium",
    "LocalAuthority",
    "NationalAuthority",
    "NonGovernmentalOrganisation",
    "NonProfitOrganisation",
    "PrivateIndividual(s)",
    "RegionalAuthority",
    "StandardisationBody",
    "SupraNationalAuthority",
)
# http://publications.europa.eu/resource/authority/planned-availability
_AVAILABILITY = ("AVAILABLE", "EXPERIMENTAL", "STABLE", "TEMPORARY")

RIGHTS = (
    "The licence covers what this dataset adds: the RDF structure, the links to concepts, the vocabulary, the code "
    "lists and the drug ontology. Titles, descriptions and other record text come from ClinicalTrials.gov, U.S. "
    "National Library of Medicine, and stay under its terms (https://clinicaltrials.gov/about-site/terms-conditions): "
    "name the source and the date of the data, and say what was changed. MeSH identifiers, labels and hierarchy come "
    "from the U.S. National Library of Medicine and were reformatted here; its terms apply. The National Library of "
    "Medicine does not endorse this dataset."
)
"""What the licence covers, and what it does not."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization that answers for health data, and how to reach it.

    Args:
        name: what it is called.
        iri: its IRI; one below ``base_url`` when empty.
        email: its address.
        page: URL of its page for questions.
        type: name in the ADMS list of publisher types; not stated when empty.
    """

    name: str = ""
    iri: str = ""
    email: str = ""
    page: str = ""
    type: str = ""

    def check(self, place: str) -> None:
        """Refuse addresses that are none.

        Raises:
            UsageError: ``iri`` or ``page`` is not a URL, ``email`` not an e-mail address, or ``type`` not in the list.
        """
        _check_url(self.iri, f"{place}.iri", optional=True)
        _check_url(self.page, f"{place}.page", optional=True)
        _check_email(self.email, f"{place}.email")
        _check_listed(self.type, f"{place}.type", _PUBLISHER_TYPES)

    def missing(self, place: str) -> list[str]:
        """What of it nobody gave, as names of settings."""
        names = [] if self.name.strip() else [f"{place}.name"]
        return names if self.email or self.page else [*names, f"{place}.email or {place}.page"]


class HealthFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What HealthDCAT-AP asks of a holder of health data. Nothing has a default: only the holder knows it.

    Args:
        legislation: IRIs of the acts under which the data is made available.
        categories: IRIs of health categories, of the list that Regulation (EU) 2025/327, Article 51, is coded in.
        hdab: the health data access body.
        holder: the health data holder, where it is not the publisher.
        population: whom the data is about, in words.
    """

    legislation: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    hdab: Body = Body()
    holder: Body | None = None
    population: str = ""

    def check(self) -> None:
        """Refuse addresses that are none.

        Raises:
            UsageError: one is not a URL or not an e-mail address.
        """
        for name in ("legislation", "categories"):
            for value in getattr(self, name):
                _check_url(value, f"health.{name}")
        self.hdab.check("health.hdab")
        if self.holder:
            self.holder.check("health.holder")


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
    publisher_type: str = ""
    """Name in the ADMS list of publisher types, e.g. ``NonProfitOrganisation``; not stated when empty."""
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
    issued: str = ""
    """Since when this dataset is published, ``YYYY-MM-DD``; not stated when empty."""
    availability: str = ""
    """Code of the EU list of planned availability, e.g. ``STABLE``; not stated when empty."""
    health: HealthFacts = HealthFacts()
    """For the profile ``healthdcat-ap-r8-public``."""

    def __post_init__(self) -> None:
        """Check what was given."""
        for name in ("base_url", "publisher_iri", "contact_url", "licence", "endpoint"):
            _check_url(getattr(self, name), name, optional=name in ("publisher_iri", "endpoint"))
        if not self.base_url.endswith("/"):
            raise UsageError(f"{self.base_url!r} does not end in '/'", place="base_url", remedy="add the slash")
        for name in ("title", "description", "publisher", "contact", "rights"):
            if not getattr(self, name).strip():
                raise UsageError("empty text", place=name, remedy="leave the setting out to have the default")
        if not self.keywords or not all(word.strip() for word in self.keywords):
            raise UsageError("no keyword, or an empty one", place="keywords", remedy="catalogs sort and search by them")
        _check_email(self.contact_email, "contact_email")
        if self.frequency and not _CODE.fullmatch(self.frequency):
            raise UsageError(
                f"{self.frequency!r} is not a frequency", place="frequency", remedy="expected a code such as MONTHLY"
            )
        if self.issued and not _is_date(self.issued):
            raise UsageError(f"{self.issued!r} is not a date", place="issued", remedy="expected YYYY-MM-DD")
        _check_listed(self.availability, "availability", _AVAILABILITY)
        _check_listed(self.publisher_type, "publisher_type", _PUBLISHER_TYPES)
        self.health.check()

    @property
    def publisher_node(self) -> str:
        """IRI of the publisher."""
        return self.publisher_iri or self.base_url + "publisher"


def _check_url(value: str, place: str, *, optional: bool = False) -> None:
    if not (optional and not value) and web_iri(value) != f"<{value}>":
        raise UsageError(f"{value!r} is not a URL", place=place, remedy="expected http:// or https://")


def _check_listed(value: str, place: str, known: Sequence[str]) -> None:
    if value and value not in known:
        raise UsageError(f"{value!r} is not in the list", place=place, remedy=f"expected {', '.join(known)}")


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _check_email(value: str, place: str) -> None:
    if value and not _EMAIL.fullmatch(value):
        raise UsageError(f"{value!r} is not an e-mail address", place=place, remedy="expected name@host")


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
