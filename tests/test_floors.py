"""Imports only run downward: the floors of the house, checked on the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kg"
# From the top. A module imports from floors below and from its own group; groups of one floor do not know each other.
FLOORS: list[list[set[str]]] = [
    [{"__init__", "__main__", "api", "cli", "terminal"}],
    [{"pipeline"}, {"server"}],
    [{"catalog"}, {"graph", "related", "changes"}],
    [{"mapping"}, {"library"}],
    [{"linking"}, {"validation"}],
    [{"sources"}, {"vocabularies"}, {"store", "federation"}, {"examples"}],
    [{"study", "terms", "namespaces", "packed", "turtle"}, {"confined"}],
    [{"config", "errors"}],
]
HEIGHT = {name: height for height, floor in enumerate(reversed(FLOORS)) for group in floor for name in group}
GROUP = {name: group for floor in FLOORS for group in floor for name in group}
FILES = sorted(PACKAGE.rglob("*.py"))
# What the reading side and the writing side must not know of each other.
APART = [("mapping", {"store", "library", "graph"}), ("server", {"mapping", "linking", "sources", "pipeline"})]


def part(module: str) -> str:
    """The top-level part of a module of the package: ``kg.store.reader`` is of ``store``."""
    _, _, rest = module.partition(".")
    return rest.partition(".")[0] or "__init__"


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """The parts of the package that a file imports, anywhere in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            if module == "kg":
                yield from ((part(f"kg.{alias.name}"), node.lineno) for alias in node.names)
            elif module.startswith("kg."):
                yield part(module), node.lineno
        elif isinstance(node, ast.Import):
            yield from ((part(alias.name), node.lineno) for alias in node.names if alias.name.split(".")[0] == "kg")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    own = part_of(path)
    assert own in HEIGHT, f"give {own} a floor"
    for other, line in imported(path):
        allowed = other in GROUP[own] or HEIGHT[other] < HEIGHT[own]
        assert allowed, f"{path.relative_to(PACKAGE)}:{line}: {own} imports {other}, which is not below it"


@pytest.mark.parametrize(("own", "others"), APART)
def test_sides_that_do_not_know_each_other(own: str, others: set[str]) -> None:
    for path in FILES:
        if part_of(path) == own:
            assert others.isdisjoint(other for other, _ in imported(path)), path


def test_the_package_imports_nothing_heavy() -> None:
    """Process start stays light: what costs tenths of a second is imported where it is needed."""
    heavy = {"rdflib", "pyshacl", "owlready2", "pandas", "polars", "fastapi", "uvicorn", "SPARQLWrapper"}
    for path in FILES:
        if part_of(path) in ("__init__", "__main__", "api", "cli", "graph", "library", "config", "terms", "study"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {
                name.split(".")[0]
                for node in tree.body
                if isinstance(node, ast.Import | ast.ImportFrom)
                for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
            }
            assert names.isdisjoint(heavy), path
