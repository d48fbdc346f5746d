"""Many studies in one graph, for engines that take long to start."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from rdflib import Graph

from kg.namespaces import BASE

__all__ = ["together"]

_NUMBER: Final = re.compile("NCT[0-9]{8}")
_SHARED: Final = re.compile(rf"({re.escape(BASE)}(?:agent|organization)/)([^/> ]+)")


def together(studies: Iterable[Graph]) -> Graph:
    """Studies in one graph, each under registry numbers of its own, so that none says anything of another.

    Agents and organizations that a study describes are made its own too; those that it only names stay as they are.
    """
    graph = Graph(bind_namespaces="none")
    for place, study in enumerate(studies):
        described = {str(node) for node in study.subjects()}
        numbers: dict[str, str] = {}

        def number(match: re.Match[str], place: int = place, numbers: dict[str, str] = numbers) -> str:
            return numbers.setdefault(match[0], f"NCT{place:06}{len(numbers):02}")

        def name(match: re.Match[str], place: int = place, described: set[str] = described) -> str:
            return f"{match[1]}n{place}-{match[2]}" if match[0] in described else match[0]

        text = _NUMBER.sub(number, study.serialize(format="nt"))
        graph.parse(data=_SHARED.sub(name, text), format="nt")
    return graph
