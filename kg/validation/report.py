"""What a validation found: results, counted by rule, as text, JSON and a SHACL validation report."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec

from kg.config import REGISTRY_PAGE
from kg.namespaces import PREFIXES, compress
from kg.validation.shapes import SHAPES_BASE

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["SEVERITIES", "Report", "Result", "RuleTotal", "Term", "merge"]

SEVERITIES: Final = ("Violation", "Warning", "Info")
"""The worst first; shapes of others may use further ones, which are kept as IRIs and rank with Violation."""

_SH: Final = PREFIXES["sh"]
_XSD_STRING: Final = PREFIXES["xsd"] + "string"
_SHOWN: Final = 70
_PATH_IRI: Final = re.compile("<([^>]*)>")
_HARMLESS: Final = frozenset(("Warning", "Info"))


class Term(msgspec.Struct, frozen=True, omit_defaults=True):
    """An RDF term, with the keys of the SPARQL 1.1 Query Results JSON Format.

    A blank node has no value: its label says nothing outside the run that made it.

    >>> print(Term("literal", "2019-13", datatype=PREFIXES["xsd"] + "gYearMonth"))
    "2019-13"^^xsd:gYearMonth
    >>> print(Term("uri", "https://w3id.org/trialkg/code/phase/phase-2"), Term("bnode", ""))
    phase:phase-2 a blank node
    """

    type: str
    value: str
    datatype: str = ""
    language: str = msgspec.field(name="xml:lang", default="")

    def __str__(self) -> str:
        if self.type == "bnode":
            return "a blank node"
        if self.type == "uri":
            return compress(self.value)
        text = " ".join(self.value.split())
        text = f'"{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"}"'
        if self.language:
            return f"{text}@{self.language}"
        return text if self.datatype in ("", _XSD_STRING) else f"{text}^^{compress(self.datatype)}"


class Result(msgspec.Struct, frozen=True, rename="camel"):
    """One place where the data does not fit a rule.

    Attributes:
        study: NCT id of the study that the place belongs to; ``""`` where none can be told.
        severity: ``Violation``, ``Warning`` or ``Info``, or the IRI of another severity.
        source_shape: IRI of the rule.
        focus: IRI of the node that was checked; ``_:`` for a blank node, N-Triples for a literal.
        path: IRI of the property, SPARQL text of a longer path, or ``""`` for a rule on the node itself.
        value: the value that does not fit; None where a value is missing.
        message: what to do about it.
        constraint_component: IRI of the kind of constraint.
    """

    study: str
    severity: str
    source_shape: str
    focus: str
    path: str
    value: Term | None
    message: str
    constraint_component: str

    @property
    def rule_name(self) -> str:
        """The rule's name for people: without the namespace where it is one of ours."""
        return _short(self.source_shape)


class RuleTotal(msgspec.Struct, frozen=True, rename="camel"):
    """How often one rule was broken, and in how many studies."""

    source_shape: str
    severity: str
    message: str
    results: int
    studies: int


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """What the validation of one or more studies found.

    Attributes:
        results: sorted, so that the same data gives the same report.
        rules: totals of each broken rule, the worst first; exact also where :func:`merge` kept only some results.
        studies: how many studies were looked at.
    """

    results: tuple[Result, ...]
    rules: tuple[RuleTotal, ...]
    studies: int

    @classmethod
    def of(cls, results: Iterable[Result], studies: int = 1) -> Report:
        """The report of some results.

        >>> Report.of([]).conforms
        True
        """
        ordered = tuple(sorted(set(results), key=_order))
        totals = []
        for _, group in groupby(sorted(ordered, key=_rule_order), key=_rule_order):
            same = list(group)
            first = same[0]
            named = len({result.study for result in same})
            totals.append(RuleTotal(first.source_shape, first.severity, first.message, len(same), named))
        return cls(ordered, tuple(totals), studies)

    @property
    def conforms(self) -> bool:
        """Whether nothing is worse than a Warning."""
        return all(rule.severity in _HARMLESS for rule in self.rules)

    def counts(self) -> dict[str, int]:
        """Number of results by severity, the worst first.

        >>> Report.of([]).counts()
        {'Violation': 0, 'Warning': 0, 'Info': 0}
        """
        counts = dict.fromkeys(SEVERITIES, 0)
        for rule in self.rules:
            counts[rule.severity] = counts.get(rule.severity, 0) + rule.results
        return counts

    def text(self, limit: int = 5) -> str:
        """The report for a terminal: each rule with its first results, and a last line that sums up.

        Args:
            limit: how many results to show for each rule.
        """
        by_rule: dict[tuple[str, str], list[Result]] = {}
        for result in self.results:
            by_rule.setdefault((result.source_shape, result.severity), []).append(result)
        lines = []
        for rule in self.rules:
            studies = f" in {_count(rule.studies, 'study')}" if self.studies > 1 else ""
            lines.append(
                f"{compress(rule.severity)}  {_short(rule.source_shape)}: {_count(rule.results, 'result')}{studies}"
            )
            lines.append(f"  {rule.message}")
            shown = by_rule.get((rule.source_shape, rule.severity), [])[:limit]
            lines.extend(f"    {_line(result)}" for result in shown)
            if shown and shown[0].study and self.studies > 1:
                lines.append(f"    the first at the registry: {REGISTRY_PAGE}{shown[0].study}")
            if len(shown) < rule.results:
                lines.append(f"    and {rule.results - len(shown)} more")
            lines.append("")
        if self.studies == 1 and self.results and self.results[0].study:
            lines.append(f"  at the registry: {REGISTRY_PAGE}{self.results[0].study}")
        found = ", ".join(_count(number, name) for name, number in self.counts().items())
        verdict = "conforms" if self.conforms else "does not conform"
        lines.append(f"{_count(self.studies, 'study')} checked: {found}; {verdict}.")
        return "\n".join(lines)

    def json(self) -> str:
        """The report as JSON: ``conforms``, ``studies``, ``counts``, ``rules``, ``results``."""
        everything = {
            "conforms": self.conforms,
            "studies": self.studies,
            "counts": self.counts(),
            "rules": self.rules,
            "results": self.results,
        }
        return msgspec.json.format(msgspec.json.encode(everything), indent=2).decode()

    def turtle(self) -> str:
        """The report as a ``sh:ValidationReport`` in Turtle, the same text for the same results.

        ``sh:conforms`` is true when nothing is worse than a Warning. Report and results have IRIs made from what they
        say; blank nodes stand only where SHACL asks for them, in paths longer than one property.
        """
        from rdflib import RDF, Graph, Literal, URIRef

        graph = Graph(bind_namespaces="none")
        for prefix in ("sh", "tkg", "trial", "rdf", "xsd"):
            graph.bind(prefix, PREFIXES[prefix])
        graph.bind("shapes", SHAPES_BASE)
        contents = [msgspec.json.encode(result).decode() for result in self.results]
        report = _urn("\n".join(contents))
        graph.add((report, RDF.type, URIRef(f"{_SH}ValidationReport")))
        graph.add((report, URIRef(f"{_SH}conforms"), Literal(self.conforms)))
        for result, content in zip(self.results, contents, strict=True):
            node = _urn(content)
            graph.add((report, URIRef(f"{_SH}result"), node))
            _add_result(graph, node, result)
        return graph.serialize(format="turtle")


def merge(reports: Iterable[Report], keep: int | None = None) -> Report:
    """One report of many, each of other studies.

    Args:
        reports: reports, taken one at a time.
        keep: how many results of each rule to keep; all when None. Totals stay exact.

    >>> merge([Report.of([]), Report.of([])]).studies
    2
    """
    kept: list[Result] = []
    number: Counter[tuple[str, str, str]] = Counter()
    totals: dict[tuple[str, str, str], RuleTotal] = {}
    studies = 0
    for report in reports:
        studies += report.studies
        for rule in report.rules:
            key = (rule.source_shape, rule.severity, rule.message)
            old = totals.get(key)
            totals[key] = (
                msgspec.structs.replace(old, results=old.results + rule.results, studies=old.studies + rule.studies)
                if old
                else rule
            )
        for result in report.results:
            key = (result.source_shape, result.severity, result.message)
            if keep is None or number[key] < keep:
                number[key] += 1
                kept.append(result)
    rules = sorted(totals.values(), key=lambda rule: (_rank(rule.severity), rule.source_shape, rule.message))
    return Report(tuple(sorted(kept, key=_order)), tuple(rules), studies)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _order(result: Result) -> tuple[object, ...]:
    # None and Term do not compare, so the value goes as text and its parts.
    value = msgspec.structs.astuple(result.value) if result.value else ()
    place = (result.source_shape, result.focus, result.path, value)
    return (result.study, _rank(result.severity), *place, result.constraint_component, result.message)


def _rule_order(result: Result) -> tuple[int, str, str]:
    return _rank(result.severity), result.source_shape, result.message


def _short(iri: str) -> str:
    return iri.removeprefix(SHAPES_BASE) if iri.startswith(SHAPES_BASE) else compress(iri)


def _count(number: int, name: str) -> str:
    plural = {"study": "studies", "Info": "Info"}.get(name, f"{compress(name)}s")
    return f"{number:,} {compress(name) if number == 1 else plural}"


def _line(result: Result) -> str:
    """One result for a terminal: study, node, property, value."""
    node = result.focus.removeprefix(f"{PREFIXES['trial']}{result.study}").lstrip("/") if result.study else result.focus
    path = _PATH_IRI.sub(lambda match: compress(match[1]), result.path) if "<" in result.path else compress(result.path)
    # A rule on the node itself gives the node as its value.
    value = "" if result.value is None or result.value.value == result.focus else str(result.value)
    return "  ".join(part for part in (result.study, compress(node), path, value) if part)


def _urn(content: str) -> Node:
    from rdflib import URIRef

    return URIRef(uuid.uuid5(uuid.NAMESPACE_URL, content).urn)


def _focus(text: str) -> Node:
    from rdflib import URIRef

    from kg.validation.values import literal

    return literal(text) if text.startswith('"') else URIRef(text)


def _add_result(graph: Graph, node: Node, result: Result) -> None:
    from rdflib import RDF, BNode, Literal, URIRef

    from kg.validation.paths import add_path

    def add(name: str, value: Node) -> None:
        graph.add((node, URIRef(_SH + name), value))

    graph.add((node, RDF.type, URIRef(f"{_SH}ValidationResult")))
    add("focusNode", BNode() if result.focus == "_:" else _focus(result.focus))
    severity = f"{_SH}{result.severity}" if result.severity in SEVERITIES else result.severity
    add("resultSeverity", URIRef(severity))
    add("sourceShape", URIRef(result.source_shape))
    add("sourceConstraintComponent", URIRef(result.constraint_component))
    add("resultMessage", Literal(result.message))
    if result.path:
        add("resultPath", add_path(graph, result.path))
    if (value := result.value) is not None:
        if value.type == "literal":
            datatype = URIRef(value.datatype) if value.datatype and not value.language else None
            add("value", Literal(value.value, lang=value.language or None, datatype=datatype, normalize=False))
        else:
            add("value", URIRef(value.value) if value.type == "uri" else BNode())
