"""API v2 JSON in every wrapping, whole and spoilt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.config import LIMITS
from kg.errors import RecordError
from kg.sources import Form, Inputs, RawRecord, Reject, decode, head, read


def study(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": f"Trial {number}"},
            "statusModule": {"lastUpdatePostDateStruct": {"date": "2020-01-02"}},
        },
        **fields,
    }


def results(path: Path, content: bytes | str) -> list[RawRecord | Reject]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read([path]))


def records(found: list[RawRecord | Reject]) -> list[RawRecord]:
    return [result for result in found if isinstance(result, RawRecord)]


def rejects(found: list[RawRecord | Reject]) -> list[Reject]:
    return [result for result in found if isinstance(result, Reject)]


STUDIES = [study(1), study(2), study(3)]


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (json.dumps(STUDIES), ["[0]", "[1]", "[2]"]),
        (json.dumps(STUDIES, indent=1), ["[0]", "[1]", "[2]"]),
        (json.dumps({"studies": STUDIES, "nextPageToken": "x"}), ["[0]", "[1]", "[2]"]),
        (json.dumps({"totalCount": 3, "studies": STUDIES}, indent=2), ["[0]", "[1]", "[2]"]),
        ("\n".join(json.dumps(one) for one in STUDIES), [":1", ":2", ":3"]),
        ("\n".join(json.dumps(one) for one in STUDIES) + "\n", [":1", ":2", ":3"]),
        ("\r\n\r\n".join(json.dumps(one) for one in STUDIES) + "\r\n", [":1", ":3", ":5"]),
        ("\n  \n" + "\n".join(json.dumps(one) for one in STUDIES), [":3", ":4", ":5"]),
        ("[\n" + ",\n".join(json.dumps(one) for one in STUDIES) + "\n]", ["[0]", "[1]", "[2]"]),
        ('{"studies": [\n' + ",\n".join(json.dumps(one) for one in STUDIES) + "\n]}", ["[0]", "[1]", "[2]"]),
        ('{"studies": [' + ",\n".join(json.dumps(one) for one in STUDIES) + "]}", ["[0]", "[1]", "[2]"]),
        ("\n".join(json.dumps({"studies": [one]}) for one in STUDIES), [":1[0]", ":2[0]", ":3[0]"]),
    ],
    ids=(
        "array pretty-array answer pretty-answer lines lines-end crlf blank array-lines answer-lines answer-in-line "
        "line-of-answers"
    ).split(),
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
def test_every_wrapping_gives_the_same_studies(tmp_path: Path, content: str, places: list[str], mark: str) -> None:
    path = tmp_path / "any.name"
    found = results(path, mark + content)
    assert rejects(found) == []
    assert [record.place for record in records(found)] == [f"{path}{place}" for place in places]
    assert [decode(record).nct_id for record in records(found)] == ["NCT00000001", "NCT00000002", "NCT00000003"]
    assert {record.form for record in records(found)} == {Form.API_V2}


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_one_object(tmp_path: Path, indent: int | None, end: str) -> None:
    path = tmp_path / "one.json"
    found = records(results(path, json.dumps(study(7), indent=indent) + end))
    assert [(record.place, head(record)) for record in found] == [(str(path), ("NCT00000007", "2020-01-02"))]


def test_the_bytes_are_the_records_own(tmp_path: Path) -> None:
    line = b'{"protocolSection": {"identificationModule": {"nctId":"NCT00000001","x":"\xc3\xa9 \\u00e9"}}}'
    assert records(results(tmp_path / "a", b"  " + line + b" \r\n" + line))[0].data == line
    assert records(results(tmp_path / "b", b"[ " + line + b" ,\n" + line + b"]"))[1].data == line


def test_an_empty_answer_is_no_fault(tmp_path: Path) -> None:
    assert results(tmp_path / "none.json", '{"studies": []}') == []


def test_a_bad_line_is_named_and_costs_no_other(tmp_path: Path) -> None:
    lines = [json.dumps(one) for one in STUDIES]
    lines[1] = lines[1][:-9]
    path = tmp_path / "a.ndjson"
    found = results(path, "\n".join(lines))
    assert [decode(record).nct_id for record in records(found)] == ["NCT00000001", "NCT00000003"]
    (reject,) = rejects(found)
    assert (reject.place, reject.nct_id, reject.whole_input) == (f"{path}:2", "NCT00000002", False)
    assert "malformed JSON" in reject.reason


@pytest.mark.parametrize("first", ["garbage", '{"protocolSection": {"a": [', '{"protocolSection": {}', "{", "["])
def test_a_bad_first_line_costs_no_other(tmp_path: Path, first: str) -> None:
    found = results(tmp_path / "a.ndjson", "\n".join([first, *(json.dumps(one) for one in STUDIES)]))
    assert [decode(record).nct_id for record in records(found)] == ["NCT00000001", "NCT00000002", "NCT00000003"]
    assert [reject.whole_input for reject in rejects(found)] == [False]


def test_a_broken_array_gives_the_records_before_the_break(tmp_path: Path) -> None:
    text = json.dumps({"studies": STUDIES}, indent=1)
    path = tmp_path / "page.json"
    found = results(path, text[: text.index("Trial 3")])
    assert [decode(record).nct_id for record in records(found)] == ["NCT00000001", "NCT00000002"]
    assert [(reject.place, reject.whole_input) for reject in rejects(found)] == [(f"{path}[2]", False)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"protocolSection": {"identificationModule": {}}}', "no NCT id"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT123"}}}', "'NCT123' is no NCT id"),
        ('{"protocolSection": {"identificationModule": {"nctId": "NCT٠١٢٣٤٥٦٧"}}}'.encode(), "is no NCT id"),
        (b'{"protocolSection": {"identificationModule": {"nctId": ["NCT00000009"]}}}', "nctId"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000009"}}, "x": "\xff"}', "not UTF-8"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000009"}}, "x": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000009"}}, "x": "\\ud800"}', "malformed JSON"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b', "protocolSection": {}}', "nested too deep"),
        (b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000009"}}, "x": NaN}', "malformed JSON"),
    ],
    ids=["none", "short", "digits", "list", "utf8", "surrogate", "escape", "deep", "nan"],
)
def test_a_record_that_cannot_be_one_is_rejected(tmp_path: Path, line: bytes, reason: str) -> None:
    good = json.dumps(study(1)).encode()
    path = tmp_path / "a.ndjson"
    found = results(path, b"\n".join([good, line, good]))
    assert len(records(found)) == 2
    (reject,) = rejects(found)
    assert reason in reject.reason
    assert "(" in reject.reason  # says what to do
    assert reject.place == f"{path}:2"
    alone = results(tmp_path / "alone", line)
    assert [reject.whole_input for reject in rejects(alone)] == [True]


def test_limits_on_a_record_and_on_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    long = json.dumps(study(2, x="y" * 500))
    path.write_text("\n".join([json.dumps(study(1)), long, json.dumps(study(3))]))
    with Inputs([path], replace(LIMITS, record_bytes=300)) as inputs:
        found = list(inputs.records())
    assert [decode(record).nct_id for record in records(found)] == ["NCT00000001", "NCT00000003"]
    assert [reject.place for reject in rejects(found)] == [f"{path}:2"]
    path.write_text(json.dumps(STUDIES, indent=1))
    with Inputs([path], replace(LIMITS, document_bytes=300)) as inputs:
        (reject,) = inputs.records()
    assert isinstance(reject, Reject)
    assert reject.whole_input
    assert "longer than 300 bytes" in reject.reason


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "package", "version": 1}',
        "[1, 2, 3]",
        '[{"a": 1}, {"a": 2}]',
        "\n".join('{"level": "info"}' for _ in range(500)),
        "{{ template }}",
        "[badge](https://example.org)\n\n# A project about NCT00000001",
        '{"studies": {"a": 1}}',
        "{",
    ],
)
def test_other_json_is_one_reject(tmp_path: Path, content: str) -> None:
    (reject,) = results(tmp_path / "x.json", content)
    assert isinstance(reject, Reject)
    assert reject.whole_input


def test_other_json_between_records_is_rejected_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    found = results(path, "\n".join(['{"a": 1}', json.dumps(study(1)), '{"b": 1}']))
    assert len(records(found)) == 1
    assert [reject.place for reject in rejects(found)] == [f"{path}:1", f"{path}:3"]


def test_answers_in_answers_are_not_followed(tmp_path: Path) -> None:
    text = '{"studies": [' * 200 + json.dumps(study(1)) + "]}" * 200
    (reject,) = results(tmp_path / "deep.json", text)
    assert isinstance(reject, Reject)


def test_type_errors_name_study_and_json_path() -> None:
    data = json.dumps(study(4)).replace('"Trial 4"', "[1]").encode()
    with pytest.raises(RecordError) as caught:
        decode(RawRecord(data, Form.API_V2, "a.json:9"))
    assert "NCT00000004" in str(caught.value)
    assert "a.json:9" in str(caught.value)
    assert "$.protocolSection.identificationModule.briefTitle" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[]", b"[" * 10**5, b'{"protocolSection": {"x": "\xff"}}'])
def test_decode_raises_and_head_does_not(data: bytes) -> None:
    record = RawRecord(data, Form.API_V2, "here")
    with pytest.raises(RecordError):
        decode(record)
    assert head(record) == ("", "")


@pytest.mark.parametrize("broken", [0, 1, 3])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("cut", ['"NCT00000042"', '"NCT00000042", }', "[", '"NCT00000042\n'])
def test_a_malformed_record_in_an_array_costs_no_other(
    tmp_path: Path, broken: int, indent: int | None, cut: str
) -> None:
    texts = [json.dumps(study(number), indent=indent) for number in range(1, 5)]
    texts[broken] = '{"protocolSection": {"identificationModule": {"nctId": ' + cut
    for opening in ("[", '{"studies": ['):
        found = results(tmp_path / "a.json", opening + ",\n".join(texts) + ("]" if opening == "[" else "]}"))
        assert [head(one)[0][-1] for one in records(found)] == [str(n + 1) for n in range(4) if n != broken]
        (reject,) = rejects(found)
        assert reject.place.endswith(f"a.json[{broken}]")
        assert "malformed JSON" in reject.reason
        assert not reject.whole_input


def test_many_malformed_records_take_no_time_without_end(tmp_path: Path) -> None:
    texts = [json.dumps(study(1)), *['{"protocolSection": ['] * 1000, json.dumps(study(2))]
    found = results(tmp_path / "a.json", "[" + ",".join(texts) + "]")
    assert len(records(found)) == 1
    assert len(rejects(found)) == 101
    assert "the records after it are lost" in rejects(found)[-1].reason


def test_head_sees_an_id_in_what_cannot_be_decoded() -> None:
    assert head(RawRecord(b'{"nctId": "NCT00000005", ', Form.API_V2, "x")) == ("NCT00000005", "")
