"""Jena finds in our shapes and data exactly what pySHACL finds, down to the message.

Where the two differ, ``KNOWN`` says who is right and by which section of the specification. A difference that is not
listed fails, and so does an entry that no longer shows. docs/conformance.md has the same list for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest
from rdflib import Graph, Literal, URIRef

from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.sources import RawRecord, decode, read
from kg.terms import render
from kg.validation import Result, load_shapes, validate
from kg.validation.audit import as_graph
from kg.validation.values import text_of
from tests.validation.engines import Engine, differences, results_in, results_of
from tests.validation.jena import jena_report
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


class Known(NamedTuple):
    """A difference that stays: which results only one of the two has, and what the specification says."""

    only: str
    shows: Callable[[Result], bool]
    section: str
    verdict: str


def bound_on_what_is_no_number(result: Result) -> bool:
    component = result.constraint_component.rpartition("#")[2]
    if component not in {"MinInclusiveConstraintComponent", "MaxInclusiveConstraintComponent"}:
        return False
    value = result.value
    if value is None or value.type != "literal":
        return False
    number = Literal(value.value, datatype=URIRef(value.datatype)).value if value.datatype else None
    return isinstance(number, bool) or not isinstance(number, int | float | Decimal)


KNOWN: Final = (
    Known(
        only="Jena",
        shows=bound_on_what_is_no_number,
        section="https://www.w3.org/TR/shacl/#core-components-range",
        verdict=(
            "Jena is right: whatever the comparison is not true of is a result, and of a value that does not compare "
            "it is not. pySHACL lets some of them pass; it finds the same value by its datatype."
        ),
    ),
)


def compiled_engine(data: Graph, shapes: Graph) -> list[Result]:
    """The compiled rules, which are held against pySHACL on the same files elsewhere, and are quick on many at once."""
    return results_of(validate(data, shapes))


def agree(data: Graph, shapes: Graph, engine: Engine = compiled_engine) -> tuple[Sequence[Result], list[Known]]:
    """What our engine found, and the known differences that show; any other difference fails."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        report = beside.submit(jena_report, data, shapes)
        found = engine(data, shapes)
    jena = results_in(Graph().parse(data=report.result(), format="turtle"))
    if engine is compiled_engine:
        # Our reports have each result once, and blank nodes are not told apart.
        found, jena = list(set(found)), list(set(jena))
    only_ours, only_jena = differences(found, jena)
    seen = []
    for name, only in (("pySHACL", only_ours), ("Jena", only_jena)):
        for result in only.elements():
            known = [entry for entry in KNOWN if entry.only == name and entry.shows(result)]
            assert known, f"only {name}: {result}"
            seen += known
    return found, seen


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
