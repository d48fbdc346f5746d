"""The page that lists every rule, made from the shapes: ``python -m kg.validation.document`` writes docs/shapes.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.config import resource
from kg.namespaces import PREFIXES
from kg.validation.examples import FailingExamples
from kg.validation.report import SEVERITIES
from kg.validation.shapes import SHAPES_BASE, STUDY_SHAPES, VOCABULARY_SHAPES

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["PAGE", "render"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "shapes.md"
"""The page in a checkout."""

_SH: Final = PREFIXES["sh"]
_HEAD: Final = """\
# Rules

Made from `shapes/*.ttl` by `python -m kg.validation.document`; change the shapes, not this page.

A rule's IRI is `{base}` and its name. What a severity means:

| severity | meaning | `trialkg validate` |
|---|---|---|
| Violation | our graph is wrong or unusable | exit 1 |
| Warning | what the registrant stated looks odd, or a fact that readers count on is missing | listed, exit 0 |
| Info | it could be better | listed, exit 0 |

What the registry leaves out is never a Violation. Dates are compared by month and ages by years, since dates of two
precisions, and durations, do not compare. The last column is from a file that
breaks the rule, one for each in `tests/shapes/cases`; `pass.ttl` beside it fits, and has what the rule looks at.

{total} rules: {counts}.
"""


def render() -> str:
    """The page as Markdown.

    >>> "StudyStatus" in render()
    True
    """
    from rdflib import Graph

    sections = []
    examples = FailingExamples()
    counts = dict.fromkeys(SEVERITIES, 0)
    for name in (*STUDY_SHAPES, *VOCABULARY_SHAPES):
        text = resource("shapes", name).read_text(encoding="utf-8")
        graph = Graph().parse(data=text, format="turtle")
        rows = []
        for rule in _rules(graph, text):
            severity = _value(graph, rule, "severity").removeprefix(_SH)
            counts[severity] += 1
            cells = (
                f"`{str(rule).removeprefix(SHAPES_BASE)}`",
                severity,
                _value(graph, rule, "message"),
                _why(graph, rule),
                examples.link(str(rule).removeprefix(SHAPES_BASE)),
            )
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
        if not rows:
            continue
        head = "| rule | severity | what to do | why | what breaks it |\n|---|---|---|---|---|\n"
        sections.append(f"\n## {name}\n\n{_first_comment(text)}\n\n{head}{''.join(rows)}")
    summary = ", ".join(f"{number} {severity}" for severity, number in counts.items())
    return _HEAD.format(base=SHAPES_BASE, total=sum(counts.values()), counts=summary) + "".join(sections)


def _rules(graph: Graph, text: str) -> list[Node]:
    """What can be broken, in the order of the file: targets that constrain the node itself, and property shapes."""
    from rdflib import RDF, URIRef

    def sh(name: str) -> URIRef:
        return URIRef(_SH + name)

    targets = ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
    shapes = {shape for name in targets for shape in graph.subjects(sh(name))}
    own = [sh(name) for name in ("pattern", "or", "sparql", "in")]
    rules: set[Node] = {shape for shape in shapes if any((shape, name, None) in graph for name in own)}
    rules |= {rule for shape in shapes for rule in graph.objects(shape, sh("property"))}
    order = {SHAPES_BASE + name: place for place, name in enumerate(re.findall(r"^s:(\w+) a ", text, re.MULTILINE))}
    return sorted((rule for rule in rules if (rule, RDF.type, None) in graph), key=lambda rule: order[str(rule)])


def _value(graph: Graph, rule: Node, name: str) -> str:
    from rdflib import URIRef

    return str(graph.value(rule, URIRef(_SH + name)))


def _why(graph: Graph, rule: Node) -> str:
    from rdflib import RDFS

    return str(graph.value(rule, RDFS.comment))


def _first_comment(text: str) -> str:
    lines = text.partition("\n\n")[0].splitlines()
    return "\n".join(line.removeprefix("#").strip() for line in lines)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
