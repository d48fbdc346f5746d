"""docs/ontology.md is what the files of the drug ontology say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.errors import VocabularyError
from kg.vocabularies import document
from kg.vocabularies.agents import load_agents
from kg.vocabularies.checks import load_checks
from kg.vocabularies.document import definitions, ontology_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ontology.md"
PREFIX = """\
@prefix agent: <https://w3id.org/trialkg/agent/> .
@prefix tkg: <https://w3id.org/trialkg/vocab#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""


@pytest.fixture(scope="module")
def page() -> str:
    return ontology_page()


def test_the_page_is_up_to_date(page: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == page, "run python -m kg.vocabularies.document > docs/ontology.md"


def test_every_class_has_a_row_with_its_number_of_agents(page: str) -> None:
    agents = load_agents()
    rows = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| ([^|]+) \|.*\| (\d+) \|$", page, re.MULTILINE)}
    assert rows.keys() == {thing.iri.rpartition("/")[2] for thing in agents.classes}
    for thing in agents.classes:
        _, label, number = rows[thing.iri.rpartition("/")[2]]
        assert label == thing.label
        assert int(number) == sum(thing.iri in agents.within[agent.iri] for agent in agents.agents)


def test_every_check_is_described(page: str) -> None:
    for check in load_checks():
        assert f"| `{check.name}` | {check.severity} | {check.summary} |" in page


def test_tables_are_whole(page: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({len(re.sub(r"`[^`]*`", "", row).split("|")) for row in table.splitlines()}) == 1, table


def test_every_class_but_one_is_defined_and_brackets_close() -> None:
    found = definitions()
    assert [iri for iri, text in found.items() if not text] == [
        "https://w3id.org/trialkg/agent/ImmuneCheckpointInhibitor"
    ]
    for text in found.values():
        assert text.count("(") == text.count(")")


def test_definitions_read_as_they_are_meant(tmp_path: Path) -> None:
    (tmp_path / "agents.ttl").write_text(
        PREFIX + "agent:C a owl:Class ; owl:equivalentClass [ owl:unionOf ( agent:A [ owl:intersectionOf ( agent:B "
        "[ owl:onProperty tkg:actsOn ; owl:someValuesFrom [ owl:oneOf ( agent:x agent:y ) ] ] ) ] ) ] .\n",
        encoding="utf-8",
    )
    assert definitions(tmp_path) == {"https://w3id.org/trialkg/agent/C": "A or (B and (actsOn some {x, y}))"}


def test_a_definition_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agents.ttl").write_text(
        PREFIX + "agent:C a owl:Class ; owl:equivalentClass [ owl:complementOf agent:A ] .\n", encoding="utf-8"
    )
    with pytest.raises(VocabularyError, match="no definition of a known form"):
        definitions(tmp_path)


def test_the_command_writes_the_page(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    document.main()
    assert capsys.readouterr().out == page
