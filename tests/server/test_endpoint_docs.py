"""docs/endpoint.md says what the server has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from kg.server import create_app
from kg.server.bearer import LEAST_CHARACTERS
from kg.server.description import MOST_GRAPHS
from kg.server.negotiation import GRAPHS, HTML, REPORTS, RESULTS, Format
from kg.server.settings import ServerSettings
from kg.server.updates import CHANGE_STATUS

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "endpoint.md").read_text(encoding="utf-8")
SETTINGS = ServerSettings(workers=1)


def test_every_route_is_documented(tmp_path: Path) -> None:
    paths = {getattr(route, "path", "").replace(":path}", "}") for route in create_app(tmp_path, SETTINGS).routes}
    assert len(paths) > 8
    assert not {path for path in paths if f"`{path}`" not in DOCUMENT}


@pytest.mark.parametrize("format_", [*RESULTS, *GRAPHS, *REPORTS, HTML])
def test_every_format_is_documented(format_: Format) -> None:
    assert re.search(rf"\| `{re.escape(format_.name)}` \| `{re.escape(format_.media_type)}` \|", DOCUMENT)


@pytest.mark.parametrize("setting", [field.name for field in dataclasses.fields(ServerSettings)])
def test_every_setting_is_documented_with_its_value(setting: str) -> None:
    limits = DOCUMENT.partition("## Limits")[2]
    row = next(line for line in limits.splitlines() if line.startswith("|") and f"`{setting}`" in line)
    value = getattr(SETTINGS, setting)
    if setting in ("workers", "validations"):
        return
    assert f"| {_shown(setting, value)} |" in row


def _shown(setting: str, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | ():
            return f"`{value}`" if value else "none"
        case int() if setting.endswith("_memory"):
            return f"{value // 2**30} GiB"
        case float():
            return f"{value:g} s"
        case int() if setting.endswith("_bytes"):
            return f"{value:,} bytes"
    return f"{value:,}"


def test_what_changes_need_is_documented() -> None:
    changes = DOCUMENT.partition("## Changes\n")[2].partition("\n## ")[0]
    assert f"at least {LEAST_CHARACTERS} letters" in changes
    assert "--allow-update --token-file FILE" in changes
    described = DOCUMENT.partition("## Service description\n")[2].partition("\n## ")[0]
    assert f"up to {MOST_GRAPHS}." in described
    methods = DOCUMENT.partition("## Graphs\n")[2].partition("\n## ")[0]
    routes = [route for route in create_app(Path("none"), SETTINGS).routes if getattr(route, "path", "") == "/graphs"]
    taken = {method for route in routes for method in getattr(route, "methods", ())} - {"OPTIONS"}
    rows = re.findall(r"^\| ([A-Z, ]+) \|", methods, re.MULTILINE)
    assert {method for row in rows for method in row.split(", ")} == taken


def test_every_status_is_documented() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(create_app.__code__.co_filename).parent.glob("*.py")
    )
    raised = {int(status) for status in re.findall(r"Problem\((\d{3})", source)} | set(CHANGE_STATUS.values()) | {405}
    documented = {int(status) for status in re.findall(r"^\| (\d{3}) \|", DOCUMENT, re.MULTILINE)}
    assert raised == documented
