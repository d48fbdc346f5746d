"""Files of vocabularies: unpacked by content, with a limit, and every damage said in words."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.vocabularies.readers.files import files_of, open_stream, read_head

TEXT = b"".join(b"line %d of some text that is packed\n" % number for number in range(5000))
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def whole(path: Path, **options: int) -> bytes:
    with open_stream(path, **options) as stream:
        return stream.read()


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("name", ["a.txt", "a.gz", "a.zst"])
def test_is_unpacked_by_content_whatever_the_name(tmp_path: Path, packing: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKINGS[packing](TEXT))
    assert whole(path) == TEXT
    assert read_head(path, 10) == TEXT[:10]


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_several_members_are_one_stream(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKINGS[packing](TEXT) + PACKINGS[packing](b"more"))
    assert whole(path) == TEXT + b"more"


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@settings(deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_no_cut_is_taken_for_the_end(tmp_path_factory: pytest.TempPathFactory, packing: str, share: float) -> None:
    packed = PACKINGS[packing](TEXT)
    # Of fewer bytes than the magic number nothing can be said.
    cut = packed[: max(4, int(len(packed) * share))]
    path = tmp_path_factory.mktemp("cut") / "a"
    path.write_bytes(cut)
    with pytest.raises(VocabularyError, match=r"ends in the middle|cannot be unpacked") as caught:
        whole(path)
    assert caught.value.place == str(path)
    assert "get it again" in caught.value.remedy


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_damage_is_told(tmp_path: Path, packing: str) -> None:
    packed = bytearray(PACKINGS[packing](TEXT))
    middle = len(packed) // 2
    packed[middle : middle + 40] = bytes(40)
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(VocabularyError, match=r"cannot be unpacked|ends in the middle"):
        whole(tmp_path / "a")


def test_trash_after_gzip_data_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(TEXT) + b"trash")
    with pytest.raises(VocabularyError, match="cannot be unpacked"):
        whole(tmp_path / "a")


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_limit_is_on_what_is_unpacked(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKINGS[packing](TEXT))
    assert whole(path, limit=len(TEXT)) == TEXT
    with pytest.raises(VocabularyError, match="has more than 1,000 bytes unpacked"):
        whole(path, limit=1000)


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_empty_file_is_refused(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKINGS[packing](b""))
    with pytest.raises(VocabularyError, match="is empty"):
        open_stream(path)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"PK\x03\x04", "a zip archive"),
        (b"BZh9", "a bzip2 file"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"7z\xbc\xaf'\x1c", "7z"),
    ],
)
def test_other_packings_are_named(tmp_path: Path, start: bytes, name: str) -> None:
    (tmp_path / "a").write_bytes(start + bytes(50))
    with pytest.raises(VocabularyError, match=name) as caught:
        open_stream(tmp_path / "a")
    assert "unpack it first" in caught.value.remedy


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="does not exist"):
        open_stream(tmp_path / "absent")
    with pytest.raises(VocabularyError, match="is a folder"):
        open_stream(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(VocabularyError, match="is not a file"):
        open_stream(pipe)


def is_a(head: bytes) -> bool:
    return head.startswith(b"A")


def test_a_folder_stands_for_the_files_in_it_that_fit(tmp_path: Path) -> None:
    for name, content in {"2.txt": b"A2", "1.txt": b"A1", "other": b"B", ".hidden": b"A"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "3.txt").write_bytes(b"A3")
    expected = [tmp_path / "1.txt", tmp_path / "2.txt"]
    assert files_of([tmp_path], is_a, "an A") == expected
    assert files_of([tmp_path, tmp_path / "1.txt"], is_a, "an A") == expected


def test_paths_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"B")
    with pytest.raises(VocabularyError, match="is not an A"):
        files_of([tmp_path / "b"], is_a, "an A")
    with pytest.raises(VocabularyError, match="has no file that is an A"):
        files_of([tmp_path], is_a, "an A")
    with pytest.raises(VocabularyError, match="no file was given"):
        files_of([], is_a, "an A")


def test_a_broken_file_in_a_folder_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"A")
    (tmp_path / "b").write_bytes(gzip.compress(TEXT)[:100])
    with pytest.raises(VocabularyError, match="ends in the middle"):
        files_of([tmp_path], is_a, "an A")
