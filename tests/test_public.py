"""What the package shows: true lists of names, docstrings, type marker, texts without traces of a machine."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kg"
MODULES = sorted(
    ".".join(("kg", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)
TEXTS = [path for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "NOTICE") if (path := ROOT / name).is_file()]
TEXTS += sorted((ROOT / "docs").rglob("*.md")) + sorted(PACKAGE.rglob("*.md"))
OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home|root|tmp/\w|Users|opt|mnt|var/folders)\b|[A-Z]:\\\\|file://(?!/etc)"
)


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def own_names(found: ModuleType) -> list[str]:
    """Public functions and classes that a module defines itself."""
    return [
        name
        for name, value in vars(found).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value) or hasattr(value, "__wrapped__"))
        and getattr(value, "__module__", None) == found.__name__
    ]


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as the linter sorts them."""
    constant = name.isupper() and len(name) > 1
    return (0 if constant else 1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("name", MODULES)
def test_all_is_true_and_sorted(name: str) -> None:
    found = module(name)
    names = getattr(found, "__all__", None)
    if names is None:
        assert own_names(found) == [], f"{name} has public names and no __all__"
        return
    assert list(names) == sorted(set(names), key=order)
    assert [one for one in names if not hasattr(found, one)] == []
    assert [one for one in own_names(found) if one not in names] == []


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name: str) -> None:
    found = module(name)
    assert found.__doc__, name
    for one in own_names(found):
        value = getattr(found, one)
        assert inspect.getdoc(value), f"{name}.{one}"
        if inspect.isclass(value):
            for method, function in vars(value).items():
                if not method.startswith("_") and inspect.isfunction(inspect.unwrap(function)):
                    assert inspect.getdoc(getattr(value, method)), f"{name}.{one}.{method}"


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_name_no_machine(path: Path) -> None:
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if OF_A_MACHINE.search(line)]
    assert found == []


def test_file_names_of_tests_are_unique() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
