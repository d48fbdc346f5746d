"""Jena finds in descriptions of an export what our own rules find in them."""

from __future__ import annotations

from random import Random

import pytest
from rdflib import RDF, BNode, Graph, Literal

from kg.catalog import ExportReport
from kg.catalog.profiles.checking import shapes_of
from tests.catalog.test_profiles import SHAPES_OF, described
from tests.validation.jena_agreement import agree

pytestmark = [pytest.mark.java, pytest.mark.jena]

SEED = 3


def spoilt(graph: Graph) -> Graph:
    """A description without a third of its statements, and with nonsense for the value of another; types stay."""
    rng = Random(SEED)  # noqa: S311  (the same each time)
    changed = Graph()
    for subject, predicate, value in sorted(graph):
        match 0 if predicate == RDF.type else rng.randrange(3):
            case 0:
                changed.add((subject, predicate, value))
            case 1:
                changed.add((subject, predicate, rng.choice([BNode(), Literal(1.5), Literal("x", lang="en")])))
    return changed


@pytest.mark.parametrize("name", SHAPES_OF)
def test_on_a_description_with_much_wrong(exported_in_full: ExportReport, name: str) -> None:
    found, known = agree(spoilt(described(exported_in_full, name)), shapes_of(SHAPES_OF[name]))
    assert len({result.rule_name for result in found}) > 5
    assert not known
