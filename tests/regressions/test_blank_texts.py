"""Texts of which nothing is left when they are cleaned give no statement, and never an empty object."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest

from kg.linking.linker import load_linker
from kg.mapping.study import map_study
from kg.sources import Form, RawRecord, decode
from kg.terms import render_bytes
from tests.records import record

BLANK = [" ", "\t\n", "\x07", "\u2028 "]


def triples(data: dict[str, Any]) -> list[ox.Triple]:
    text = json.dumps(data).encode()
    study, linker = decode(RawRecord(text, Form.API_V2, "here")), load_linker()
    mapped = map_study(study, linker.study(study), linker, text, Form.API_V2)
    return [quad.triple for quad in ox.parse(render_bytes(mapped.statements), format=ox.RdfFormat.N_TRIPLES)]


@pytest.mark.parametrize("blank", BLANK)
def test_a_study_with_a_blank_title_has_its_number_as_title(blank: str) -> None:
    titles = [t.object for t in triples(json.loads(record(title=blank))) if t.predicate.value.endswith("/title")]
    assert titles == [ox.Literal("NCT99999901")]


@pytest.mark.parametrize("blank", [*BLANK, None])
def test_a_registry_term_without_its_name_is_linked_by_its_id(blank: str | None) -> None:
    data = json.loads(record())
    data["derivedSection"] = {"conditionBrowseModule": {"meshes": [{"id": "C999999", "term": blank}]}}
    matched = [t.object for t in triples(data) if t.predicate.value.endswith("#matchedText")]
    assert matched == [ox.Literal("C999999")]
