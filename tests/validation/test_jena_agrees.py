"""Jena finds in our shapes and data exactly what pySHACL finds, down to the message.

Where the two differ, ``KNOWN`` says who is right and by which section of the specification. A difference that is not
listed fails, and so does an entry that no longer shows. docs/conformance.md has the same list for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from rdflib import Graph, Literal, URIRef

from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.sources import RawRecord, decode, read
from kg.terms import render
from kg.validation import Result, load_shapes
from tests.validation.engines import differences, pyshacl_engine, results_in
from tests.validation.jena import jena_report
from tests.validation.mutated import mutated, together
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


def agree(data: Graph, shapes: Graph) -> tuple[list[Result], list[Known]]:
    """What pySHACL found, and the known differences that show; any other difference fails."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        report = beside.submit(jena_report, data, shapes)
        found = pyshacl_engine(data, shapes)
    only_pyshacl, only_jena = differences(found, results_in(Graph().parse(data=report.result(), format="turtle")))
    seen = []
    for engine, only in (("pySHACL", only_pyshacl), ("Jena", only_jena)):
        for result in only.elements():
            known = [entry for entry in KNOWN if entry.only == engine and entry.shows(result)]
            assert known, f"only {engine}: {result}"
            seen += known
    return found, seen


def rules(results: list[Result]) -> set[str]:
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
    # What the registry says breaks no rule on our graph.
    assert {result.severity for result in found} == {"Warning", "Info"}
    assert not known


def test_on_studies_with_something_wrong() -> None:
    whole = [valid(), Graph(bind_namespaces="none").parse(TESTS / "golden" / "every-field" / "expected.ttl")]
    by_hand = [changed(update) for update in (*(update for update, _ in MUTATIONS.values()), NO_NUMBER)]
    found, known = agree(together([*by_hand, *mutated(whole, MUTATED, SEED)]), load_shapes())
    assert set().union(*(expected for _, expected in MUTATIONS.values())) - rules(found) == set()
    assert set(KNOWN) == set(known)
    assert len(found) > 150
