"""The lists of codes and countries that rules ask for: ``python -m kg.validation.lists`` writes shapes/lists.ttl.

Each list has an IRI, so that all rules on codes of one list share it.

Sources: ``ontology/codes.ttl``; ISO 3166-1 alpha-2, as pycountry has it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pycountry

from kg.namespaces import BASE
from kg.vocabularies.codes import load_codes

__all__ = ["FILE", "list_name", "render"]

FILE: Final = Path(__file__).resolve().parents[2] / "shapes" / "lists.ttl"
"""The file in a checkout."""

_NOT_ASKED_FOR: Final = frozenset({"browse-leaf-relevance", "mesh-category"})
"""Lists whose codes no property has as its only values."""

_USER_ASSIGNED: Final = ("XK",)
"""Kosovo: ISO 3166-1 leaves the code to its users, of whom many use this one."""

_HEAD: Final = """\
# The codes of each code list, and the countries that there are; rules share them with sh:in.
# Made from ontology/codes.ttl and ISO 3166-1 by `python -m kg.validation.lists`; not to be changed by hand.

@prefix s: <https://w3id.org/trialkg/shapes#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


def list_name(code_list: str) -> str:
    """The name of the list of a code list's codes.

    >>> list_name("date-type")
    'DateTypeCodes'
    """
    return "".join(word.capitalize() for word in code_list.split("-")) + "Codes"


def render() -> str:
    """The file as Turtle.

    >>> "s:PhaseCodes rdf:first phase:early-phase-1 ;" in render()
    True
    """
    codes = {name: sorted(set(terms.values())) for name, terms in sorted(load_codes().items())}
    asked_for = {name: terms for name, terms in codes.items() if name not in _NOT_ASKED_FOR}
    prefixes = "".join(f"@prefix {name}: <{BASE}code/{name}/> .\n" for name in asked_for)
    lists = [
        _list(list_name(name), [f"{name}:{term[1:-1].rpartition('/')[2]}" for term in terms])
        for name, terms in asked_for.items()
    ]
    countries = sorted({country.alpha_2 for country in pycountry.countries}.union(_USER_ASSIGNED))
    lists.append(_list("Countries", [f'"{code}"' for code in countries]))
    return _HEAD + prefixes + "".join(lists)


def _list(name: str, members: Iterable[str]) -> str:
    first, *rest = members
    lines = textwrap.fill(" ".join(rest), 110, break_long_words=False, break_on_hyphens=False)
    return f"\ns:{name} rdf:first {first} ; rdf:rest (\n{textwrap.indent(lines, '    ')}\n) .\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
