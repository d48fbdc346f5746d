"""What breaks a rule, in a few words, from the rule's own failing example; for :mod:`kg.validation.document`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.namespaces import compress
from kg.validation.report import Result
from kg.validation.shapes import load_shapes
from kg.validation.validator import Validator
from kg.validation.values import quiet

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["CASES", "FailingExamples"]

CASES: Final = Path(__file__).resolve().parents[2] / "tests" / "shapes" / "cases"
"""The examples in a checkout: ``SHAPE/RULE.ttl`` breaks RULE."""

_LONGEST: Final = 150


class FailingExamples:
    """The failing example of each rule."""

    def __init__(self) -> None:
        self._files = {file.stem: file for file in sorted(CASES.glob("*/*.ttl")) if file.stem != "pass"}

    @cached_property
    def _validator(self) -> Validator:
        return Validator(load_shapes(vocabulary=True))

    def link(self, rule: str) -> str:
        """The example of a rule as a link in Markdown: what in it breaks the rule."""
        from rdflib import Graph

        file = self._files[rule]
        with quiet():
            data = Graph().parse(file)
        results = [result for result in self._validator.graph(data).results if result.rule_name == rule]
        text = _told(results[0], data) or _body(file)
        return f"[`{text}`](../tests/shapes/cases/{file.parent.name}/{file.name})"


def _told(result: Result, data: Graph) -> str:
    """A result on a property, its values or that there is none; for a result on an IRI, the IRI."""
    from rdflib import URIRef

    if result.constraint_component.endswith("#PatternConstraintComponent") and not result.path:
        return f"<{result.focus}>"
    if not result.path.startswith("http"):
        return ""
    path, name = URIRef(result.path), compress(result.path)
    values = sorted(data.objects(URIRef(result.focus), path), key=str)
    if not values:
        return f"no {name}"
    # One value is wrong, or all of them are too many.
    wrong = [value for value in values if result.value and str(value) == result.value.value] or values
    return f"{name} {' , '.join(_short(value) for value in wrong)}"


def _short(value: Node) -> str:
    from rdflib import XSD, Literal, URIRef

    if isinstance(value, URIRef):
        return compress(str(value)) if compress(str(value)) != str(value) else f"<{value}>"
    if isinstance(value, Literal):
        if value.datatype in (XSD.boolean, XSD.decimal, XSD.integer) and value.value is not None:
            return str(value)
        kind = (
            f"^^{compress(str(value.datatype))}" if value.datatype else f"@{value.language}" if value.language else ""
        )
        return f'"{value}"{"" if kind == "^^xsd:string" else kind}'
    return "[]"


def _body(file: Path) -> str:
    """The statements of a small example, on one line."""
    _, _, body = file.read_text(encoding="utf-8").partition("\n\n")
    text = " ".join(body.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} …"
