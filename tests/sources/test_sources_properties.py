"""What holds for any bytes: reading gives records and rejects, and nothing else happens."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import zstandard
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kg.errors import RecordError
from kg.sources import Form, RawRecord, Reject, decode, head, read
from kg.sources.detect import Content, detect

TEXT = (Path(__file__).parent / "pages" / "interventional.txt").read_bytes()
HTML = (Path(__file__).parent / "pages" / "interventional.html").read_bytes()
PACKED = (b"\x1f\x8b", b"PK", b"\x28\xb5\x2f\xfd")
UNHURRIED = settings(deadline=None, max_examples=60)  # how busy the machine is, is no matter here
MAGIC = [
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"{",
    b"[",
    b"<html>",
    b"\xef\xbb\xbf",
    b"NCT",
]


def read_bytes(data: bytes) -> list[RawRecord | Reject]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return [result._replace(place=result.place.replace(file.name, "X")) for result in read([file.name])]


def line(number: int) -> bytes:
    return json.dumps({"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08}"}}}).encode()


def check(found: list[RawRecord | Reject]) -> None:
    for result in found:
        assert result.place
        if isinstance(result, Reject):
            assert result.reason.isprintable()
            continue
        nct_id, _ = head(result)
        with suppress(RecordError):
            assert decode(result).nct_id == nct_id


@given(st.binary(max_size=500))
@UNHURRIED
def test_any_bytes(data: bytes) -> None:
    check(read_bytes(data))


@given(st.sampled_from(MAGIC), st.binary(max_size=200))
@UNHURRIED
def test_any_bytes_that_begin_well(start: bytes, data: bytes) -> None:
    check(read_bytes(start + data))


@given(st.data())
@UNHURRIED
def test_good_files_with_spoilt_bytes(data: st.DataObject) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", line(1))
        archive.writestr("b.txt", TEXT[:2000])
    whole = [packed.getvalue(), gzip.compress(line(1) * 3), zstandard.compress(line(1) * 3), line(1), TEXT, HTML]
    content = bytearray(data.draw(st.sampled_from(whole)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check(read_bytes(bytes(content)))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: (
            st.lists(part)
            | st.dictionaries(
                st.sampled_from(["studies", "protocolSection", "identificationModule", "nctId", "x"]), part
            )
        ),
    )
)
@example({"studies": [{"protocolSection": None}]})
@example({"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}, "statusModule": []}})
@UNHURRIED
def test_any_json(value: object) -> None:
    check(read_bytes(json.dumps(value).encode()))


CORRUPT = st.one_of(
    st.binary(min_size=1, max_size=60).filter(lambda data: b"\n" not in data and data.strip()),
    st.integers(1, 60).map(lambda size: line(5)[:size]),
    st.integers(1, 60).map(lambda size: line(5)[size:]),
)


@given(st.lists(st.tuples(st.integers(0, 99_999_999), st.none() | CORRUPT), min_size=1, max_size=12), st.booleans())
@UNHURRIED
def test_good_lines_survive_bad_ones(lines: list[tuple[int, bytes | None]], crlf: bool) -> None:
    # Each good line, with or without a bad one before it; the good ones are at least half.
    content: list[bytes] = []
    for number, bad in lines:
        content += [line(number)] if bad is None else [line(number), bad]
    found = read_bytes((b"\r\n" if crlf else b"\n").join(content))
    kept = [result.data for result in found if isinstance(result, RawRecord)]
    assert [data for data in kept if data in {line(number) for number, _ in lines}] == [
        line(number) for number, _ in lines
    ]
    check(found)


@given(st.lists(CORRUPT, min_size=1, max_size=3), st.integers(3, 6))
@UNHURRIED
def test_good_lines_survive_a_bad_beginning(bad: list[bytes], good: int) -> None:
    beginning = b"\n".join(bad)
    assume(not beginning.startswith(PACKED) and detect(beginning)[0] not in (Content.OTHER, Content.HTML))
    found = read_bytes(b"\n".join([*bad, *(line(number) for number in range(good))]))
    kept = {result.data for result in found if isinstance(result, RawRecord)}
    assert {line(number) for number in range(good)} <= kept


@given(st.sampled_from([TEXT, HTML, line(1), line(1) + b"\n" + line(2), b"[" + line(1) + b"]", b"nothing", b"{}"]))
@UNHURRIED
def test_wrapping_changes_no_result(content: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m", content)

    def bare(found: list[RawRecord | Reject]) -> list[tuple[object, ...]]:
        return [
            (result.place.replace("!m", ""), *(result[:2] if isinstance(result, RawRecord) else result[1:]))
            for result in found
        ]

    plain = bare(read_bytes(content))
    assert plain
    for wrapped in (gzip.compress(content), zstandard.compress(content), packed.getvalue()):
        assert bare(read_bytes(wrapped)) == plain


@given(st.text(max_size=300))
@UNHURRIED
def test_any_text_inside_a_page(text: str) -> None:
    data = TEXT.replace(b"Fear of the dark", text.encode("utf-8", "replace"))
    record = RawRecord(data, Form.PAGE_TEXT, "x")
    nct_id, updated = head(record)
    assert nct_id in ("NCT99999901", "")
    assert updated in ("2021-07-15", "")


@given(st.text(max_size=300))
@UNHURRIED
def test_any_markup_inside_a_page(text: str) -> None:
    data = HTML.replace(b"Fear of the dark", text.encode("utf-8", "replace"))
    head(RawRecord(data, Form.PAGE_HTML, "x"))
