"""Our gold is whole, is what the sampler drew, and names concepts that exist."""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from bench import gold_sample, linking_registry
from bench.linking_gold import GOLD, read_gold
from bench.tables import DOCUMENT
from kg.namespaces import PREFIXES
from kg.vocabularies.agents import load_agents

FILES = sorted(GOLD / f"{side}-{half}.tsv" for side in ("conditions", "interventions") for half in ("held", "tune"))
UI = re.compile(r"[DC]\d{6}(?:\d{3})?")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_both_halves_of_both_sides_are_there() -> None:
    assert [path for path in FILES if not path.is_file()] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_gold_is_well_formed(path: Path) -> None:
    found = rows(path)
    assert len(found) == 150
    assert all(list(row) == ["nct", "number", "type", "text", "gold", "note"] for row in found)
    assert all(re.fullmatch(r"NCT\d{8}", row["nct"]) for row in found)
    drugs = load_agents()
    agents = {thing.iri.removeprefix(PREFIXES["agent"]) for thing in (*drugs.agents, *drugs.classes)}
    for string in read_gold(path):
        ids = [one for slot in string.gold for one in slot.any_of]
        assert len(ids) == len(set(ids)) or len(string.gold) > 1, string
        for one in ids:
            assert UI.fullmatch(one) or one.removeprefix("agent:") in agents, string


@pytest.mark.parametrize("side", ["conditions", "interventions"])
def test_the_halves_share_no_string(side: str) -> None:
    texts = Counter(
        " ".join(row["text"].casefold().split()) for path in FILES if path.name.startswith(side) for row in rows(path)
    )
    assert texts.most_common(1)[0][1] == 1


@pytest.mark.shared_data
@pytest.mark.usefixtures("shared_data")
def test_gold_is_what_the_sampler_draws(tmp_path: Path) -> None:
    gold_sample.write_all(tmp_path)
    columns = ("nct", "number", "type", "text")
    for path in FILES:
        drawn, labelled = rows(tmp_path / path.name), rows(path)
        assert [[row[name] for name in columns] for row in labelled] == [
            [row[name] for name in columns] for row in drawn
        ]


@pytest.mark.shared_data
def test_gold_names_records_of_mesh_2024(shared_data: Path) -> None:
    known: set[str] = set()
    for name in ("descriptors", "supplementary"):
        with gzip.open(shared_data / f"mesh/{name}.tsv.gz", "rt", encoding="utf-8") as file:
            known.update(line.partition("\t")[0] for line in file)
    named = {one for path in FILES for string in read_gold(path) for slot in string.gold for one in slot.any_of}
    assert {one for one in named if not one.startswith("agent:")} <= known


def test_a_draw_has_each_string_once_and_is_halved_in_turn() -> None:
    pool = [gold_sample.Occurrence(f"NCT{n:08}", 1, "", text) for n, text in enumerate(["A", "a ", "b", "c", " ", "d"])]
    drawn = gold_sample.draw(list(pool), random.Random(1), 4)  # noqa: S311 - no secret
    assert sorted(one.text.strip().casefold() for one in drawn) == ["a", "b", "c", "d"]
    halves = gold_sample.halves(drawn)
    assert halves == {"tune": [drawn[0], drawn[2]], "held": [drawn[1], drawn[3]]}


def test_the_sample_of_disagreements_is_read() -> None:
    sheet = linking_registry.read_sheet()
    assert Counter(one.side for one in sheet) == {"condition": 100, "intervention": 100}
    assert len({one[:2] for one in sheet}) == 200
    for one in sheet:
        assert one.verdict in linking_registry.VERDICTS, one
        assert one.reason, one
        assert "*" in one.registry + one.ours, one


def test_a_verdict_stays_while_what_it_judged_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking_registry, "SHEET", tmp_path / "sheet.tsv")
    first = linking_registry.Disagreement("NCT00000001", "condition", 'a "string"', "*A (D1)", "*B (D2)")
    second = first._replace(nct_id="NCT00000002")
    assert linking_registry.write_sheet([first, second]) == 2
    read = [one._replace(verdict="ours", reason="because") for one in linking_registry.read_sheet()]
    assert [one[:5] for one in read] == [first[:5], second[:5]]
    (tmp_path / "sheet.tsv").write_text(
        "\n".join("\t".join(row) for row in (linking_registry.Disagreement._fields, *read)).replace("nct_id", "nct", 1)
        + "\n",
        encoding="utf-8",
    )
    assert linking_registry.write_sheet([first, second._replace(ours="*C (D3)")]) == 1
    assert [one.verdict for one in linking_registry.read_sheet()] == ["ours", ""]


def test_a_draw_of_disagreements_is_the_same_in_any_order_and_keeps_to_its_studies() -> None:
    found = [
        linking_registry.Disagreement(f"NCT{n:08}", side, "s", "*r", "*o")
        for n in range(300)
        for side in ("condition", "intervention")
    ]
    drawn = linking_registry.draw(found)
    assert drawn == linking_registry.draw(reversed(found))
    assert Counter(one.side for one in drawn) == {"condition": 100, "intervention": 100}
    # When one that was not drawn agrees now, the sample is what it was.
    gone = next(one for one in found if one not in drawn)
    assert linking_registry.draw(one for one in found if one != gone) == drawn


def test_the_document_has_its_figures() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in ("figures", "speed"):
        section = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]
        assert section.count("\n| ") > 2, name
