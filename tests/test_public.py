"""What is public is declared, documented, and nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KG = ROOT / "kg"
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in KG.rglob("*.py")
)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "kg.__main__"])
def test_all_is_true_sorted_and_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, "a module says what it is for"
    declared = getattr(module, "__all__", None)
    if declared is None:
        path = Path(str(module.__file__))
        assert not _public_definitions(path), f"{name} defines public names and has no __all__"
        return
    assert sorted(declared, key=_isort) == list(declared)
    assert len(set(declared)) == len(declared)
    for public in declared:
        thing = getattr(module, public)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), f"{name}.{public} has no docstring"


def _isort(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as ruff sorts ``__all__``."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _public_definitions(path: Path) -> list[str]:
    body = ast.parse(path.read_text()).body
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node.name for node in body if isinstance(node, kinds) and not node.name.startswith("_")]


def test_the_package_is_typed() -> None:
    assert (KG / "py.typed").is_file()


def test_no_file_names_a_machine_or_a_registry_host() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    telling = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w|//[\w.]*(?:pypi|pythonhosted|npmjs)\.")
    found = []
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".zst", ".png", ".ico"} or not path.is_file() or path == Path(__file__):
            continue
        found += [
            f"{name}: {line[:100]}" for line in path.read_text("utf-8", "replace").splitlines() if telling.search(line)
        ]
    assert not found
