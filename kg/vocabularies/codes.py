"""The code lists of ``ontology/codes.ttl``, as the mapping looks values up in them."""

from __future__ import annotations

from functools import lru_cache

import pyoxigraph as ox

from kg.config import resource
from kg.namespaces import BASE, expand

__all__ = ["load_codes"]


@lru_cache(maxsize=1)
def load_codes() -> dict[str, dict[str, str]]:
    """List name → notation → IRI as N-Triples term.

    >>> load_codes()["phase"]["PHASE2"]
    '<https://w3id.org/trialkg/code/phase/phase-2>'
    """
    codes: dict[str, dict[str, str]] = {}
    notation = expand("skos:notation")
    with resource("ontology", "codes.ttl").open("rb") as file:
        for quad in ox.parse(file, format=ox.RdfFormat.TURTLE):
            if quad.predicate.value == notation and isinstance(quad.object, ox.Literal):
                assert isinstance(quad.subject, ox.NamedNode)  # noqa: S101 - the file has no blank nodes, by test
                code_list = quad.subject.value.removeprefix(BASE + "code/").partition("/")[0]
                codes.setdefault(code_list, {})[quad.object.value] = f"<{quad.subject.value}>"
    return codes
