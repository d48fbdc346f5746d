"""A seeded sample of mutated records; the whole is `python -m tests.fuzz.check --records 20000`."""

from __future__ import annotations

import json
import random

import pytest

from kg.mapping.draft import Draft
from tests.fuzz.check import check_documents, check_records, real_documents, real_records
from tests.fuzz.mutations import MUTATIONS, mutated
from tests.records import combination

SAMPLE = 400


@pytest.mark.shared_data
@pytest.mark.slow
def test_mutated_records_are_converted_or_rejected_with_their_place() -> None:
    outcome = check_records(real_records(every=20), SAMPLE, seed=20261127)
    assert outcome.wrong == []
    assert outcome.converted > SAMPLE / 4
    assert outcome.rejected.total() > SAMPLE / 4
    assert outcome.converted + outcome.rejected.total() == SAMPLE


@pytest.mark.shared_data
def test_mutated_documents_are_converted_or_rejected_with_their_place() -> None:
    outcome = check_documents(real_documents(every=30), SAMPLE // 4, seed=20261127)
    assert outcome.wrong == []
    assert outcome.converted > SAMPLE / 16
    assert outcome.rejected.total() > 0


def test_the_same_seed_gives_the_same_mutation() -> None:
    record = json.loads(combination())
    assert mutated(record, random.Random(7)) == mutated(record, random.Random(7))


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_a_record(name: str) -> None:
    changed = 0
    for seed in range(20):
        record = json.loads(combination())
        MUTATIONS[name](record, random.Random(seed))
        changed += record != json.loads(combination())
    assert changed


def test_a_lost_text_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check itself can fail: a mapping that drops a text is found out."""
    monkeypatch.setattr(Draft, "text", lambda *_: None)
    record = json.loads(combination())
    record["protocolSection"]["identificationModule"]["officialTitle"] = "A title that gets lost"
    assert any("is lost" in line for line in check_records([record], 30, seed=3).wrong)
