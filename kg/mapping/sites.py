"""Sites: where a study runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import pycountry

from kg.mapping.draft import LABEL, Draft, prop
from kg.study import Contact, Location
from kg.terms import RDF_TYPE, decimal, string

__all__ = ["add_central_contacts", "add_sites", "country_code"]

_MODULE: Final = "contactsLocationsModule.locations[]."
_SITE = prop("tkg:site")
_CONTACT_ROLE = prop("tkg:contactRole")
_CENTRAL_CONTACT_ROLE = prop("tkg:centralContactRole")
_CLASS = prop("tkg:Site")
_LOCALITY = prop("schema:addressLocality")
_REGION = prop("schema:addressRegion")
_POSTAL_CODE = prop("schema:postalCode")
_COUNTRY = prop("schema:addressCountry")
_COUNTRY_NAME = prop("tkg:countryName")
_LAT = prop("wgs:lat")
_LONG = prop("wgs:long")
_STATUS = prop("tkg:siteStatus")

# Names that the registry uses and ISO 3166 does not. A state that no longer exists has no code any more.
_REGISTRY_NAMES: Final = {
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "congo, the democratic republic of the": "CD",
    "côte d’ivoire": "CI",
    "czech republic": "CZ",
    "democratic republic of the congo": "CD",
    "falkland islands": "FK",
    "holy see (vatican city state)": "VA",
    "kosovo": "XK",
    "libyan arab jamahiriya": "LY",
    "macau": "MO",
    "macedonia, the former yugoslav republic of": "MK",
    "palestinian territories, occupied": "PS",
    "palestinian territory, occupied": "PS",
    "reunion": "RE",
    "russia": "RU",
    "saint martin": "MF",
    "south korea": "KR",
    "swaziland": "SZ",
    "the bahamas": "BS",
    "the gambia": "GM",
    "turkey": "TR",
    "turkey (türkiye)": "TR",
    "virgin islands (u.s.)": "VI",
}


@lru_cache(maxsize=1024)
def country_code(name: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country as the registry names it; ``""`` where there is none.

    >>> country_code("United States"), country_code("Korea, Republic of"), country_code("Former Yugoslavia")
    ('US', 'KR', '')
    """
    known = _REGISTRY_NAMES.get(name.strip().casefold())
    if known:
        return known
    try:
        return str(pycountry.countries.lookup(name.strip()).alpha_2)
    except LookupError:
        return ""


def add_sites(draft: Draft, locations: Sequence[Location]) -> None:
    """Statements on the sites of a study."""
    statements = draft.statements
    for number, location in enumerate(locations, 1):
        node = draft.part("site", number)
        point = location.geo_point
        city, state, country = location.city, location.state, location.country
        long = len(city or "") + len(state or "") + len(country or "") > _LONGEST_KEPT
        place = (_place.__wrapped__ if long else _place)(
            city, state, country, point.lat if point else None, point.lon if point else None
        )
        statements.append((draft.study, _SITE, node))
        statements += [(node, predicate, value) for predicate, value in place]
        draft.text(node, LABEL, location.facility)
        draft.text(node, _POSTAL_CODE, location.zip)
        if location.status:
            draft.code(node, _STATUS, "site-status", location.status, _MODULE + "status")
        if point and not (_is_within(point.lat, 90) and _is_within(point.lon, 180)):
            draft.reject(_MODULE + "geoPoint.lat", f"{point.lat}, {point.lon} is no point on earth")
        if location.country and not country_code(location.country):
            draft.notes.append(f"country {location.country!r} has no ISO 3166-1 code")
        if location.contacts:
            _add_roles(draft, node, _CONTACT_ROLE, location.contacts, _MODULE + "contacts[].role")


def add_central_contacts(draft: Draft, contacts: Sequence[Contact]) -> None:
    """Statements on the roles of those to ask about a study; who they are and how to reach them is left out."""
    _add_roles(draft, draft.study, _CENTRAL_CONTACT_ROLE, contacts, "contactsLocationsModule.centralContacts[].role")


def _add_roles(draft: Draft, node: str, predicate: str, contacts: Sequence[Contact], field: str) -> None:
    for role in dict.fromkeys(contact.role for contact in contacts):
        draft.code(node, predicate, "contact-role", role, field)


def _is_within(degrees: float | None, most: int) -> bool:
    return degrees is None or -most <= degrees <= most


_LONGEST_KEPT = 500
"""Longer names are no names of places, and would fill the memory."""


@lru_cache(maxsize=65_536)
def _place(
    city: str | None, state: str | None, country: str | None, lat: float | None, lon: float | None
) -> tuple[tuple[str, str], ...]:
    """Predicates and values that every site in one place shares; cities come back in thousands of studies."""
    code = country_code(country) if country else ""
    pairs = (
        (RDF_TYPE, _CLASS),
        (_LOCALITY, string(city)),
        (_REGION, string(state)),
        (_COUNTRY_NAME, string(country)),
        (_COUNTRY, string(code)),
        # Half of a point that cannot be is no place either.
        *(((_LAT, decimal(lat)), (_LONG, decimal(lon))) if _is_within(lat, 90) and _is_within(lon, 180) else ()),
    )
    return tuple(pair for pair in pairs if pair[1])
