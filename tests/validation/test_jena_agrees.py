"""Jena finds in our shapes and data exactly what pySHACL finds, down to the message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest
from rdflib import Graph

from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.sources import RawRecord, decode, read
from kg.terms import render
from kg.validation import Result, load_shapes
from kg.validation.audit import as_graph
from kg.validation.values import text_of
from tests.validation.jena_agreement import KNOWN, agree
from tests.validation.merged import together
from tests.validation.mutations import mutate
from tests.validation.test_mutations import MUTATIONS, changed, replaced, valid

pytestmark = [pytest.mark.java, pytest.mark.jena, pytest.mark.slow]

TESTS: Final = Path(__file__).parents[1]
ROOT: Final = TESTS.parent
CASES: Final = sorted(TESTS.glob("shapes/cases/*/*.ttl"))
GOLDEN: Final = sorted(TESTS.glob("golden/*/expected.ttl"))
MUTATED, SEED = 40, 4
NO_NUMBER: Final = replaced("<NCT99999901/link/1> tkg:score 1.0", '"1.0"^^xsd:duration')


def rules(results: Sequence[Result]) -> set[str]:
    return {result.rule_name for result in results}


def examples() -> Iterator[Graph]:
    linker = load_linker()
    for record in read(sorted((ROOT / "kg" / "examples" / "studies").iterdir())):
        assert isinstance(record, RawRecord)
        study = decode(record)
        mapped = map_study(study, linker.study(study), linker, record.data, record.form)
        yield Graph(bind_namespaces="none").parse(data=render(mapped.statements), format="nt")


def test_on_an_example_of_every_rule() -> None:
    data = together(Graph(bind_namespaces="none").parse(case) for case in CASES)
    found, known = agree(data, load_shapes(vocabulary=True))
    assert {case.stem for case in CASES if case.stem != "pass"} - rules(found) == set()
    assert not known


def test_on_golden_data_and_the_bundled_studies_with_their_code_lists() -> None:
    data = together([*(Graph(bind_namespaces="none").parse(path) for path in GOLDEN), *examples()])
    for name in ("codes.ttl", "agents.ttl"):
        data.parse(ROOT / "ontology" / name)
    found, known = agree(data, load_shapes(vocabulary=True))
    assert {result.severity for result in found} == {"Warning", "Info"}
    assert not known


def test_on_studies_with_something_wrong() -> None:
    graphs = [valid(), Graph(bind_namespaces="none").parse(TESTS / "golden" / "every-field" / "expected.ttl")]
    # In one order, since the seed chooses by place.
    whole = [sorted((text_of(s), text_of(p), text_of(o)) for s, p, o in graph) for graph in graphs]
    by_hand = [changed(update) for update in (*(update for update, _ in MUTATIONS.values()), NO_NUMBER)]
    rng = Random(SEED)
    drawn = [as_graph(mutate(rng.choice(whole), rng, rng.randint(1, 4))[1]) for _ in range(MUTATED)]
    found, known = agree(together([*by_hand, *drawn]), load_shapes())
    assert set().union(*(expected for _, expected in MUTATIONS.values())) - rules(found) == set()
    assert set(KNOWN) == set(known)
    assert len(found) > 150
