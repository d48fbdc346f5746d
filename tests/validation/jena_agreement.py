"""Whether Jena finds what we find, and what stays different.

Where the two differ, :data:`KNOWN` says who is right and by which section of the specification. A difference that is
not listed fails; a test makes sure that each entry still shows. docs/conformance.md has the same list for people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Final, NamedTuple

from rdflib import Graph, Literal, URIRef

from kg.validation import Result, validate
from tests.validation.engines import Engine, differences, results_in, results_of
from tests.validation.jena import jena_report

__all__ = ["KNOWN", "Known", "agree"]


class Known(NamedTuple):
    """A difference that stays: which results only one of the two has, and what the specification says."""

    only: str
    shows: Callable[[Result], bool]
    section: str
    verdict: str


def _bound_on_what_is_no_number(result: Result) -> bool:
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
        shows=_bound_on_what_is_no_number,
        section="https://www.w3.org/TR/shacl/#core-components-range",
        verdict=(
            "Jena is right: whatever the comparison is not true of is a result, and of a value that does not compare "
            "it is not. pySHACL lets some of them pass; it finds the same value by its datatype."
        ),
    ),
)


def _compiled_engine(data: Graph, shapes: Graph) -> list[Result]:
    """The compiled rules, which are held against pySHACL on the same files elsewhere, and are quick on many at once."""
    return results_of(validate(data, shapes))


def agree(data: Graph, shapes: Graph, engine: Engine = _compiled_engine) -> tuple[Sequence[Result], list[Known]]:
    """What our engine found, and the known differences that show; any other difference is an assertion that fails."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        report = beside.submit(jena_report, data, shapes)
        found = engine(data, shapes)
    jena = results_in(Graph().parse(data=report.result(), format="turtle"))
    if engine is _compiled_engine:
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
