"""Countries as catalogs name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.catalog.graphs import EU

__all__ = ["Country", "countries"]


class Country(NamedTuple):
    """A country: its ISO 3166-1 alpha-2 code, its name, and its IRI in the EU's list, which goes by alpha-3."""

    code: str
    name: str
    iri: str


def countries(codes: Iterable[str]) -> list[Country]:
    """The countries of some codes, sorted; what is the code of none is left out.

    >>> countries({"US", "DE", "??"})[0]
    Country(code='DE', name='Germany', iri='http://publications.europa.eu/resource/authority/country/DEU')
    >>> len(countries({"US", "DE", "??"}))
    2
    """
    import pycountry

    found = (pycountry.countries.get(alpha_2=code) for code in sorted(codes))
    return [Country(one.alpha_2, one.name, f"{EU}country/{one.alpha_3}") for one in found if one]
