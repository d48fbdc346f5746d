"""The gold of texts is whole, is in order, and has codes that exist."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from bench import texts_outcomes
from bench.texts_counts import PARTS, Labelled, codes, precision_and_recall, read_gold
from kg.vocabularies.codes import load_codes

OUTCOMES = ("nct", "kind", "number", "endpoints", "criteria", "frame", "note")
REASONS = ("nct", "form", "reasons", "note")
SIZES = {"tune": 120, "held": 120, "fresh": 110}
KINDS = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")


@pytest.mark.parametrize("part", PARTS)
def test_outcomes(part: str) -> None:
    rows = read_gold("outcomes", part)
    assert len(rows) == SIZES[part]
    assert all(tuple(row) == OUTCOMES for row in rows)
    places = [(row["nct"], KINDS.index(row["kind"]), int(row["number"])) for row in rows]
    assert places == sorted(set(places))
    known = load_codes()
    for row in rows:
        assert re.fullmatch(r"NCT\d{8}", row["nct"])
        assert codes(row["endpoints"]) <= known["endpoint"].keys(), row
        assert codes(row["criteria"], without=("recist-unversioned",)) <= known["response-criteria"].keys(), row
        assert not row["frame"] or texts_outcomes.days(row["frame"]), row
        assert row["note"] in ("", "unsure")


@pytest.mark.parametrize("part", PARTS)
def test_stop_reasons(part: str) -> None:
    rows = read_gold("stop-reasons", part)
    assert len(rows) == SIZES[part]
    assert all(tuple(row) == REASONS for row in rows)
    assert [row["nct"] for row in rows] == sorted({row["nct"] for row in rows})
    for row in rows:
        assert re.fullmatch(r"NCT\d{8}", row["nct"])
        assert row["form"] in ("v2", "xml")
        assert codes(row["reasons"]) <= load_codes()["stop-reason"].keys(), row
        assert row["note"] in ("", "unsure")


def test_no_text_is_in_two_parts() -> None:
    for name, columns in (("outcomes", OUTCOMES[:3]), ("stop-reasons", REASONS[:2])):
        places = [[tuple(row[one] for one in columns) for row in read_gold(name, part)] for part in PARTS]
        assert len(set(chain(*places))) == sum(map(len, places))


def test_what_is_counted() -> None:
    one = Labelled(frozenset("ab"), frozenset("ac"), unsure=False)
    none = Labelled(frozenset(), frozenset(), unsure=True)
    table = precision_and_recall("x", [("tune", [one, none])])
    whole, sure = table.rows
    assert whole[:3] == ("tune", "2", "2")
    assert [cell.partition(" (")[0] for cell in whole[3:]] == ["50.0 %", "50.0 %", "50.0 %", "100.0 %"]
    assert [cell.partition(" (")[0] for cell in sure] == ["tune, sure", "1", "2", "50.0 %", "50.0 %", "0.0 %", "–"]
