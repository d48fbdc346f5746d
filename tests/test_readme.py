"""What the README shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.cli import main
from kg.validation.shapes import load_shapes

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    """Command → what the README shows under it."""
    console = "\n".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
    found = {}
    for shown in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        quoted = re.match(r"[^'\n]*(?:'[^']*'[^'\n]*)*\n", shown)
        assert quoted
        found[quoted[0].strip()] = shown[quoted.end() :].rstrip("\n")
    return found


def test_the_transcript_is_real(
    blocks: dict[str, str], store: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.chdir(ROOT)
    build, query, link = (next(c for c in blocks if f"trialkg {name}" in c) for name in ("build", "query", "link"))

    assert main(["build", "kg/examples/studies", "--store", str(store)]) == 0
    printed = capfd.readouterr().err.splitlines()
    assert printed[:-1] == blocks[build].splitlines()[:-1]

    (text,) = re.findall(r"-q '(.*)'", query, re.DOTALL)
    assert main(["query", "--store", str(store), "-q", text]) == 0
    assert capfd.readouterr().out.splitlines() == blocks[query].splitlines()

    strings = re.findall(r'"([^"]+)"', link)
    assert main(["link", *strings, "--kind", "intervention"]) == 0
    assert capfd.readouterr().out.splitlines() == blocks[link].splitlines()


def test_links_in_the_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_the_number_of_rules_and_questions_is_true() -> None:
    from rdflib import RDF, SH

    from kg.library import load_library

    questions = int(re.findall(r"\[(\d+) questions\]", README)[0])
    assert questions == len(load_library())
    rules = int(re.findall(r"(\d+) SHACL rules", README)[0])
    page = (ROOT / "docs" / "shapes.md").read_text()
    assert f"{rules} rules" in page
    assert len(set(load_shapes().subjects(RDF.type, SH.PropertyShape))) > rules / 2
