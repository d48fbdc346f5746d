"""Answers of the registry's API as they were recorded: each one is read, and what is none says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.sources import Form, RawRecord, Reject, decode, read

# Beside the answers: the parameters of the requests, and the receipts of the recording.
NO_ANSWERS = ("*.meta.json", "capture-receipts.json")


@pytest.mark.shared_data
def test_every_recorded_answer_is_read(shared_data: Path) -> None:
    folder = shared_data / "records" / "api" / "recorded"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    no_answers = [path for path in files if any(path.match(pattern) for pattern in NO_ANSWERS)]
    assert len(files) > len(no_answers) > 0
    studies: dict[str, int] = {}
    for path in files:
        found = list(read([path]))
        if path in no_answers:
            (reject,) = found
            assert isinstance(reject, Reject)
            assert reject.reason.startswith("no known form of a study record")
            continue
        records = [one for one in found if isinstance(one, RawRecord)]
        assert len(records) == len(found), found
        assert {one.form for one in records} <= {Form.API_V2}
        studies[path.name] = len([decode(one) for one in records])
        if path.suffix == ".json":
            answer = json.loads(path.read_text())
            assert len(records) == len(answer.get("studies", [answer]))
    assert [name for name, number in studies.items() if not number] == ["studies_empty.json"]
    assert studies["studies-page-1.json.gz"] == studies["studies-page-2.json.gz"] == 100
    assert sum(studies.values()) == 318
