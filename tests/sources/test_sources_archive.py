"""Compressed files and archives: nested, cut off, damaged, and made to hurt."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from kg.config import LIMITS, Limits
from kg.sources import Inputs, RawRecord, Reject, read
from kg.sources.archive import member_starts


def line(number: int, filler: str = "") -> bytes:
    identification = {"nctId": f"NCT{number:08}", "briefTitle": filler}
    return json.dumps({"protocolSection": {"identificationModule": identification}}).encode() + b"\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def ids(found: list[RawRecord | Reject]) -> list[str]:
    return [result.data[-30:].split(b"NCT")[-1][:8].decode() for result in found if isinstance(result, RawRecord)]


def rejects(found: list[RawRecord | Reject]) -> list[Reject]:
    return [result for result in found if isinstance(result, Reject)]


def read_bytes(tmp_path: Path, content: bytes, limits: Limits = LIMITS) -> list[RawRecord | Reject]:
    path = tmp_path / "input"
    path.write_bytes(content)
    with Inputs([path], limits) as inputs:
        return list(inputs.records())


ZSTD = zstandard.ZstdCompressor().compress
TWO = line(1) + line(2)


@pytest.mark.parametrize(
    ("wrapped", "place"),
    [
        (TWO, ":2"),
        (gzip.compress(TWO), ":2"),
        (gzip.compress(line(1)) + gzip.compress(line(2)), ":2"),
        (ZSTD(TWO), ":2"),
        (ZSTD(line(1)) + ZSTD(line(2)), ":2"),
        (b"\x50\x2a\x4d\x18\x04\0\0\0skip" + ZSTD(TWO), ":2"),
        (zipped(("a/b.json", TWO)), "!a/b.json:2"),
        (zipped(("b.json", TWO), method=zipfile.ZIP_STORED), "!b.json:2"),
        (zipped(("b.json.gz", gzip.compress(TWO))), "!b.json.gz:2"),
        (zipped(("named.txt", ZSTD(TWO))), "!named.txt:2"),
        (zipped(("in.zip", zipped(("b.json", TWO)))), "!in.zip!b.json:2"),
        (gzip.compress(zipped(("b.json", TWO))), "!b.json:2"),
        (gzip.compress(gzip.compress(ZSTD(TWO))), ":2"),
    ],
)
def test_wrappings_are_seen_by_content(tmp_path: Path, wrapped: bytes, place: str) -> None:
    found = read_bytes(tmp_path, wrapped)
    assert [result.data for result in found if isinstance(result, RawRecord)] == [line(1)[:-1], line(2)[:-1]]
    assert found[-1].place == f"{tmp_path / 'input'}{place}"


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD])
@pytest.mark.parametrize("lost", [1, 4, 200])
def test_records_before_a_cut_are_kept(tmp_path: Path, pack: Callable[[bytes], bytes], lost: int) -> None:
    import random

    noise = random.Random(1)  # noqa: S311 - so that it does not compress to nothing
    lines = [line(number, noise.randbytes(200).hex()) for number in range(500)]
    found = read_bytes(tmp_path, pack(b"".join(lines))[:-lost])
    kept = [result.data + b"\n" for result in found if isinstance(result, RawRecord)]
    assert 200 < len(kept) <= 500  # a block of zstd is 128 KiB, and is had whole or not at all
    assert kept == lines[: len(kept)]
    (reject,) = rejects(found)
    assert "cut off" in reject.reason
    assert not reject.whole_input


def test_a_cut_document_gives_the_records_before_the_cut(tmp_path: Path) -> None:
    import random

    noise = random.Random(1)  # noqa: S311
    studies = [json.loads(line(number, noise.randbytes(200).hex())) for number in range(200)]
    found = read_bytes(tmp_path, gzip.compress(json.dumps({"studies": studies}, indent=1).encode())[:-3000])
    (reject,) = rejects(found)
    assert "cut off" in reject.reason
    assert not reject.whole_input
    assert 150 < len(found) < 200
    (reject,) = rejects(read_bytes(tmp_path, gzip.compress(json.dumps(studies[0], indent=1).encode())[:-50]))
    assert reject.whole_input


def test_one_record_in_a_file_cut_behind_it_is_kept(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, gzip.compress(line(1))[:-3])
    assert len(found) == 2
    assert isinstance(found[0], RawRecord)


@pytest.mark.parametrize("content", [b"\x1f\x8b", b"\x1f\x8bxxxxxxxx", b"\x28\xb5\x2f\xfdxxxx", b"PK\x03\x04xxxx"])
def test_damaged_files_are_one_reject(tmp_path: Path, content: bytes) -> None:
    (reject,) = read_bytes(tmp_path, content)
    assert isinstance(reject, Reject)
    assert reject.whole_input


def test_a_damaged_member_costs_no_other(tmp_path: Path) -> None:
    content = bytearray(zipped(("a", line(1)), ("b", line(2)), ("c", line(3)), method=zipfile.ZIP_STORED))
    content[content.index(b"NCT00000002") + 4] ^= 1  # the checksum no longer fits
    found = read_bytes(tmp_path, bytes(content))
    assert [reject.place for reject in rejects(found)] == [f"{tmp_path / 'input'}!b"]
    assert ids(found)[-1] == "00000003"


def test_other_files_in_an_archive_are_one_reject_each(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, zipped(("EXPECTED.tsv", b"a\tb\n"), (".DS_Store", b"\0\0\0\1Bud1"), ("a.json", TWO)))
    assert len(found) == 4
    assert [reject.place.rpartition("!")[2] for reject in rejects(found)] == ["EXPECTED.tsv", ".DS_Store"]


def test_names_of_members_are_only_words(tmp_path: Path) -> None:
    names = ["/etc/passwd", "../../up.json", "new\nline\x1b[31m.json"]
    found = read_bytes(tmp_path, zipped(*((name, TWO) for name in names)))
    assert len(found) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["input"]
    assert all(result.place.isprintable() for result in found)


@pytest.mark.parametrize("pack", [gzip.compress, ZSTD, lambda data: zipped(("a", data))], ids=["gz", "zst", "zip"])
def test_what_grows_too_much_is_stopped(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    limits = replace(LIMITS, archive_grace=100_000)
    found = read_bytes(tmp_path, pack(line(1, " " * 30_000_000)), limits)
    (reject,) = rejects(found)
    assert "more than 200 times" in reject.reason
    assert reject.whole_input
    assert len(read_bytes(tmp_path, pack(TWO), limits)) == 2


def test_what_grows_by_layers_is_stopped(tmp_path: Path) -> None:
    layered = gzip.compress(gzip.compress(line(1, " " * 60_000_000)))
    (reject,) = read_bytes(tmp_path, layered, replace(LIMITS, archive_grace=200_000))
    assert isinstance(reject, Reject)
    assert "more than 200 times" in reject.reason


def test_nesting_has_a_bottom(tmp_path: Path) -> None:
    nested = TWO
    for _ in range(LIMITS.archive_depth + 1):
        nested = gzip.compress(nested)
    (reject,) = read_bytes(tmp_path, nested)
    assert isinstance(reject, Reject)
    assert "nested deeper" in reject.reason


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(("a", line(1)), ("b", line(2))))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 42 : entry + 46] = b"\0\0\0\0"  # the second entry now points at the first member
    (reject,) = read_bytes(tmp_path, bytes(content))
    assert isinstance(reject, Reject)
    assert "overlap" in reject.reason


def test_encrypted_and_odd_members_are_refused_alone(tmp_path: Path) -> None:
    content = bytearray(zipped(("a", line(1)), ("b", line(2))))
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    found = read_bytes(tmp_path, bytes(content))
    assert ["encrypted" in reject.reason for reject in rejects(found)] == [True]
    assert len(found) == 2
    found = read_bytes(tmp_path, zipped(("a", line(1)), method=zipfile.ZIP_LZMA))
    assert "method 14" in rejects(found)[0].reason


def test_too_many_members_and_too_long_a_directory(tmp_path: Path) -> None:
    content = zipped(*((f"{number}.json", line(number)) for number in range(20)))
    (reject,) = read_bytes(tmp_path, content, replace(LIMITS, archive_members=19))
    assert isinstance(reject, Reject)
    assert "20 files in one archive" in reject.reason
    (reject,) = read_bytes(tmp_path, content, replace(LIMITS, archive_directory_bytes=500))
    assert isinstance(reject, Reject)
    assert "directory of" in reject.reason


def test_an_archive_without_files(tmp_path: Path) -> None:
    for content in (zipped(), zipped(("in.zip", zipped()))):
        (reject,) = read_bytes(tmp_path, content)
        assert isinstance(reject, Reject)
        assert "without files" in reject.reason


def test_inner_archives_have_a_limit(tmp_path: Path) -> None:
    inner = gzip.compress(zipped(("a", line(1)), method=zipfile.ZIP_STORED))
    (reject,) = read_bytes(tmp_path, inner, replace(LIMITS, spool_bytes=100))
    assert isinstance(reject, Reject)
    assert "longer than 100 bytes" in reject.reason


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a", TWO), ("b.gz", gzip.compress(TWO)[:-2])))
    with Inputs([path]) as inputs:
        assert list(inputs.records()) == list(inputs.records()) == list(read([path]))


def test_a_member_without_a_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("#", line(1)), method=zipfile.ZIP_STORED).replace(b"#", b"\0"))
    assert [type(found) for found in read([path])] == [RawRecord]


def test_members_are_looked_at_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(200):
            archive.writestr(f"{number}/studies.txt", b"x" * 65_536)
    tracemalloc.start()
    try:
        assert list(member_starts(path, {"readme.txt"}, LIMITS)) == []
        tracemalloc.reset_peak()
        assert sum(map(len, member_starts(path, {"studies.txt"}, LIMITS))) == 200 * 65_536
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
