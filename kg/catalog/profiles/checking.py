"""A description is held against our own shapes before an export says that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.config import resource
from kg.errors import UsageError, VocabularyError

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["SHARED", "check", "shapes_of"]

SHARED = ("common.ttl", "dataset.ttl")
"""Shapes for every description: helpers, and that no study is a dataset."""
_SHOWN = 3


def shapes_of(names: Sequence[str]) -> Graph:
    """Bundled shapes as one graph.

    Raises:
        VocabularyError: the package lacks one of the files.
    """
    from rdflib import Graph

    graph = Graph()
    for name in (*SHARED, *names):
        file = resource("shapes", name)
        if not file.is_file():
            raise VocabularyError(f"shapes/{name} is not in the package", remedy="install trialkg again")
        graph.parse(data=file.read_bytes(), format="turtle")
    return graph


def check(graph: Graph, names: Sequence[str], place: str) -> None:
    """Hold a description against shapes.

    Args:
        graph: the description.
        names: files below ``shapes/``, beside :data:`SHARED`.
        place: the file that it becomes, for the error.

    Raises:
        UsageError: it breaks a rule. Everything else in it being computed, a publication fact does not fit.
        VocabularyError: the package lacks one of the shapes.
    """
    from kg.validation import Validator

    results = [result for result in Validator(shapes_of(names)).graph(graph).results if result.severity == "Violation"]
    if results:
        shown = "; ".join(f"{result.focus}: {result.message} [{result.rule_name}]" for result in results[:_SHOWN])
        more = f"; and {len(results) - _SHOWN} more" if len(results) > _SHOWN else ""
        raise UsageError(
            f"{shown}{more}", place=place, remedy="correct the publication facts; where they are right, report it"
        )
