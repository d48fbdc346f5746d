"""``trialkg validate --shapes`` with shapes that mean no good: one line, exit code 2, and soon."""

from __future__ import annotations

import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.cli import main
from kg.confined.owner import Confined
from kg.store.generations import StoreDirectory
from kg.validation import LimitedValidator
from kg.validation.messages import Checked
from tests.validation.hostile import ENDLESS, PREFIX, RECURSIVE, REFUSED, arm_shape

STUDY = """
<https://w3id.org/trialkg/trial/{id}> a <https://w3id.org/trialkg/vocab#Study> .
<https://w3id.org/trialkg/trial/{id}/arm/1> a <https://w3id.org/trialkg/vocab#Arm> ;
    <http://purl.org/dc/terms/title> "{title}" ; <urn:p> {numbers} .
"""
HOSTILE = {**{f"endless: {name}": text for name, text in ENDLESS.items()}, **RECURSIVE, **REFUSED}


def study(nct_id: str = "NCT99999901", title: str = "a" * 60 + "!") -> str:
    return STUDY.format(id=nct_id, title=title, numbers=" , ".join(map(str, range(60))))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "study.ttl"
    path.write_text(study())
    return path


def run(capfd: pytest.CaptureFixture[str], shapes: str, data: Path, *more: str) -> tuple[int, str, str]:
    """The exit code, what was written, and the one line of an error."""
    path = data.with_name("own.ttl")
    path.write_text(shapes, encoding="utf-8")
    code = main(["validate", str(data), "--shapes", str(path), *more])
    out, error = capfd.readouterr()
    # What is left to pySHACL is said before, and is no error.
    lines = [line for line in error.splitlines(keepends=True) if not line.startswith("left to pySHACL: ")]
    return code, out, "".join(lines)


@pytest.mark.parametrize("shapes", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_shapes_are_one_line(data: Path, capfd: pytest.CaptureFixture[str], shapes: str) -> None:
    started = time.monotonic()
    code, out, error = run(capfd, shapes, data, "--timeout", "0.5")
    assert (code, out) == (2, "")
    assert error.startswith("trialkg: ")
    assert "own.ttl: " in error
    assert error.count("\n") == 1
    assert len(error) < 1_000
    assert time.monotonic() - started < 10


def test_a_million_shapes_are_one_line(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capfd, PREFIX + "".join(f"ex:s{i} a sh:NodeShape .\n" for i in range(1_000_000)), data)
    assert (code, error.count("\n")) == (2, 1)
    assert "too many shapes" in error
    code, _, error = run(capfd, PREFIX + "[a sh:NodeShape].\n" * 60_000, data)
    assert (code, error.count("\n")) == (2, 1)
    assert "more than 50,000 statements" in error


def test_a_pattern_that_is_none_is_one_line(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, error = run(capfd, arm_shape('sh:property [ sh:path <urn:p> ; sh:pattern "(" ]'), data)
    assert (code, error.count("\n")) == (2, 1)
    assert "cannot be evaluated" in error


def test_a_report_is_as_before(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, error = run(capfd, arm_shape("sh:property [ sh:path <urn:p> ; sh:maxCount 1 ]"), data)
    assert (code, error) == (1, "")
    assert "1 study checked: 1 Violation" in out
    code, out, _ = run(capfd, arm_shape("sh:property [ sh:path <urn:p> ; sh:minCount 1 ]"), data, "--format", "ttl")
    assert code == 0
    assert "sh:conforms true" in out


@pytest.mark.parametrize("seconds", ["0", "-1", "nan"])
def test_a_deadline_that_is_none(data: Path, capfd: pytest.CaptureFixture[str], seconds: str) -> None:
    code, _, error = run(capfd, arm_shape("sh:nodeKind sh:IRI"), data, "--timeout", seconds)
    assert (code, error.count("\n")) == (2, 1)


def test_the_deadline_is_for_each_study_of_a_store(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []

    class Recording(LimitedValidator):
        def _answer(self, process: Confined, seconds: float) -> Checked:
            allowed.append(seconds)
            return super()._answer(process, seconds)

    monkeypatch.setattr("kg.pipeline.validate.LimitedValidator", Recording)
    ids = [f"NCT999999{number:02}" for number in range(1, 7)]
    with StoreDirectory(tmp_path / "store").writing() as draft:
        draft.store.load("".join(study(nct_id) for nct_id in ids), format=ox.RdfFormat.TURTLE)
    (tmp_path / "own.ttl").write_text(arm_shape("sh:nodeKind sh:IRI"))
    command = ["validate", "--store", str(tmp_path / "store"), "--shapes", str(tmp_path / "own.ttl"), "--timeout"]
    assert main([*command, "31"]) == 0
    assert "6 studies checked" in capfd.readouterr().out
    # Once for the shapes, then for each study.
    assert allowed.count(31) == 1 + len(ids)
    endless = 'ex:Study a sh:NodeShape ; sh:targetClass tkg:Study ; sh:pattern "^(([a-zA-Z0-9:/.])+)+!$" .'
    (tmp_path / "own.ttl").write_text(PREFIX + endless)
    assert main([*command, "0.4"]) == 2
    assert "stopped after 0.4 s" in capfd.readouterr().err


def test_a_document_that_breaks_off_does_not_conform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<rdf:Description rdf:about="urn:a"/>\n'
    file = tmp_path / "graph.rdf"
    file.write_text(text + "</rdf:RDF>")
    assert main(["validate", str(file)]) == 0
    file.write_text(text)
    capsys.readouterr()
    assert main(["validate", str(file)]) == 2
    assert "graph.rdf:3: is not whole" in capsys.readouterr().err
