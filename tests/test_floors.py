"""Imports only run downward, as the architecture has it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

KG = Path(__file__).resolve().parent.parent / "kg"

FLOORS = (
    {"cli", "__main__"},
    {"api"},
    {"pipeline", "server"},
    {"catalog", "graph"},
    {"mapping", "library"},
    {"linking", "validation"},
    {"sources", "vocabularies", "store"},
    {"study", "terms", "namespaces", "turtle", "examples"},
    {"config", "errors"},
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# Together on one floor, but not one room: these may know each other.
NEIGHBOURS = {("terms", "namespaces"), ("turtle", "namespaces"), ("config", "errors"), ("__main__", "cli")}


def room(path: Path) -> str:
    return path.relative_to(KG).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kg."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("kg.")}
    return found


MODULES = sorted(path for path in KG.rglob("*.py") if path.parent != KG or path.name != "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(KG)))
def test_imports_run_down(path: Path) -> None:
    here = room(path)
    assert here in LEVEL, f"kg/{here} stands on no floor: add it to FLOORS and to the architecture"
    wrong = {
        other
        for other in imports(path)
        if other != here and LEVEL[other] <= LEVEL[here] and (here, other) not in NEIGHBOURS
    }
    assert not wrong


def test_the_two_sides_do_not_meet_below_the_pipeline() -> None:
    for path in MODULES:
        if room(path) == "mapping":
            assert "store" not in imports(path)
        if room(path) == "server":
            assert not imports(path) & {"mapping", "linking", "sources"}
