"""HermiT over vocabulary, code lists and drug ontology together: no contradiction, and one that is put in is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.config import resource
from kg.errors import VocabularyError
from kg.vocabularies.reason import main, require_consistent

ONTOLOGY = Path(str(resource("ontology")))
FILES = ("trialkg.ttl", "codes.ttl", "agents.ttl")

pytestmark = pytest.mark.java


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(ONTOLOGY / name, tmp_path)
    return tmp_path


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def test_the_files_contradict_themselves_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--consistent"]) == 0
    assert capsys.readouterr().out.startswith(", ".join(FILES))


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        # What an agent acts on is an action, and no action is an agent.
        ("agents.ttl", "agent:nivolumab tkg:actsOn agent:pembrolizumab ."),
        # A code of one file with the properties of two disjoint classes of another.
        (
            "codes.ttl",
            "sex:male <https://w3id.org/trialkg/vocab#action> action:blocker ; "
            "<https://w3id.org/trialkg/vocab#modality> modality:antibody .",
        ),
        # A value that its datatype does not have.
        ("agents.ttl", 'agent:nivolumab a tkg:Study ; tkg:enrollment "many" .'),
        ("trialkg.ttl", "tkg:actsOn rdfs:range tkg:Agent ."),
    ],
)
def test_a_contradiction_is_found(folder: Path, name: str, statement: str) -> None:
    append(folder / name, statement)
    with pytest.raises(VocabularyError, match=r"trialkg.ttl, codes.ttl, agents.ttl: the ontology contradicts itself"):
        require_consistent(folder)


def test_a_class_that_can_have_no_member_is_found(folder: Path) -> None:
    for name in ("codes.ttl", "agents.ttl"):  # without them it takes a second and not nine
        (folder / name).write_text("", encoding="utf-8")
    append(folder / "trialkg.ttl", "tkg:New a owl:Class ; rdfs:subClassOf tkg:Agent , tkg:Action .")
    with pytest.raises(VocabularyError, match=r"class https://w3id\.org/trialkg/vocab#New can have no member"):
        require_consistent(folder)


def test_the_command_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append(folder / "agents.ttl", "agent:nivolumab a tkg:Action .")
    assert main(["--consistent", "--ontology", str(folder)]) == 2
    assert "contradicts itself" in capsys.readouterr().err
    (folder / "codes.ttl").unlink()
    assert main(["--consistent", "--ontology", str(folder)]) == 2
    assert "codes.ttl: cannot be read" in capsys.readouterr().err
