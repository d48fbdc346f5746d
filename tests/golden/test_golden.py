"""Records → statements, compared whole: a case is a folder with a record and what it becomes.

``pytest tests/golden --update-goldens`` writes what the code gives now; the difference is then for git to show and
for a person to judge. The studies are invented.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import pyoxigraph as ox
import pytest
from rdflib import Graph

from kg.linking.linker import load_linker
from kg.mapping.fields import leaves, occurrences
from kg.mapping.study import map_study
from kg.sources import RawRecord, decode, read
from kg.study import Page
from kg.terms import render
from kg.turtle import ordered, prefix_lines, turtle

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/input.*"))


class Converted(NamedTuple):
    """What a case gives: N-Triples text, and the notes."""

    text: str
    notes: str


def convert(case: Path) -> Converted:
    (record,) = read(sorted(case.glob("input.*")))
    assert isinstance(record, RawRecord), record
    study, linker = decode(record), load_linker()
    mapped = map_study(study, linker.study(study), linker, record.data, record.form)
    return Converted(render(mapped.statements), "".join(f"{note}\n" for note in mapped.notes))


def triples(data: bytes, form: ox.RdfFormat) -> set[ox.Triple]:
    # pyoxigraph keeps the lexical forms, which rdflib would even out.
    return {quad.triple for quad in ox.parse(data, format=form)}


def listed(found: set[ox.Triple]) -> str:
    return "".join(f"\n    {triple}" for triple in ordered(found))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden(case: Path, update_goldens: bool) -> None:
    got = convert(case)
    statements = triples(got.text.encode(), ox.RdfFormat.N_TRIPLES)
    golden, notes = case / "expected.ttl", case / "notes.txt"
    if update_goldens:
        golden.write_bytes(prefix_lines() + turtle(ordered(statements)).rstrip(b"\n") + b"\n")
        notes.unlink(missing_ok=True)
        if got.notes:
            notes.write_text(got.notes, encoding="utf-8")
    wanted = triples(golden.read_bytes(), ox.RdfFormat.TURTLE)
    missing, new = wanted - statements, statements - wanted
    assert not missing, f"in {golden.parent.name}/{golden.name} and not made:{listed(missing)}"
    assert not new, f"made and not in {golden.parent.name}/{golden.name}:{listed(new)}"
    assert got.notes == (notes.read_text(encoding="utf-8") if notes.is_file() else "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_is_what_rdflib_reads_too(case: Path) -> None:
    golden = (case / "expected.ttl").read_bytes()
    text = convert(case).text
    assert len(Graph().parse(data=text, format="nt")) == len(triples(golden, ox.RdfFormat.TURTLE))
    assert set(Graph().parse(data=text, format="nt")) == set(Graph().parse(data=golden, format="turtle"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_record_same_bytes_without_repetition(case: Path) -> None:
    first, second = convert(case), convert(case)
    assert first == second
    lines = first.text.splitlines()
    assert sorted(lines) == sorted(set(lines))
    assert "_:" not in {line[:2] for line in lines}


def test_golden_files_are_in_the_one_order() -> None:
    for case in CASES:
        golden = (case / "expected.ttl").read_bytes()
        again = prefix_lines() + turtle(ordered(triples(golden, ox.RdfFormat.TURTLE))).rstrip(b"\n") + b"\n"
        assert golden == again, case.name


def test_every_field_of_a_record_is_in_some_case() -> None:
    """No field can lose its mapping unseen: each is filled in some case."""
    studies = []
    for case in CASES:
        (record,) = read(sorted(case.glob("input.*")))
        assert isinstance(record, RawRecord)
        studies.append(decode(record))
    assert set(leaves()) - set(occurrences(studies)) == set()
    for field in msgspec.structs.fields(Page):
        assert any(study.page and getattr(study.page, field.name) for study in studies), field.name
