"""Checksums are those of sha256sum, and a changed, missing or added file shows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kg.catalog.checksums import CHECKSUM_FILE, digest, read_checksums, verify, write_checksums
from kg.errors import InputError

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.ttl").write_bytes(b"")
    (tmp_path / "a.ttl").write_bytes(b"a\n")
    write_checksums(tmp_path)
    return tmp_path


def test_sorted_and_without_itself(folder: Path) -> None:
    write_checksums(folder)
    assert list(read_checksums(folder)) == ["a.ttl", "b.ttl"]
    assert read_checksums(folder)["b.ttl"] == EMPTY == digest(folder / "b.ttl")


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on the path")
def test_sha256sum_agrees(folder: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", CHECKSUM_FILE], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 2


def test_what_differs_is_named(folder: Path) -> None:
    assert verify(folder) == []
    (folder / "a.ttl").write_bytes(b"b\n")
    (folder / "b.ttl").unlink()
    (folder / "c.ttl").write_bytes(b"")
    assert verify(folder) == ["b.ttl: missing", "c.ttl: not in the list", "a.ttl: changed"]


def test_no_list(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=CHECKSUM_FILE):
        verify(tmp_path)


@pytest.mark.parametrize("line", ["", "abc  a.ttl", f"{EMPTY}  ../a.ttl", f"{EMPTY.upper()}  a.ttl", f"{EMPTY} a.ttl"])
def test_a_line_that_is_no_checksum(folder: Path, line: str) -> None:
    (folder / CHECKSUM_FILE).write_text(f"{EMPTY}  b.ttl\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"{CHECKSUM_FILE}:2: .* is no checksum line"):
        read_checksums(folder)
