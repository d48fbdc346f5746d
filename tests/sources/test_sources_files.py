"""Files, folders, patterns, links, pipes and standard input."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from kg.config import LIMITS
from kg.errors import InputError
from kg.sources import Inputs, RawRecord, Reject, read
from kg.sources.files import Spool


def line(number: int) -> str:
    return f'{{"protocolSection": {{"identificationModule": {{"nctId": "NCT{number:08}"}}}}}}'


def places(found: list[RawRecord | Reject], folder: Path) -> list[str]:
    return [result.place.removeprefix(f"{folder}/") for result in found if isinstance(result, RawRecord)]


def test_folders_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "a/deep/er/y.json", "c.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line(1))
    (tmp_path / "README.md").write_text("About NCT00000001.")
    found = list(read([tmp_path]))
    assert places(found, tmp_path) == ["a/deep/er/y.json", "a/z.json", "b.json", "c.json"]
    assert [result.place for result in found if isinstance(result, Reject)] == [f"{tmp_path}/README.md"]


def test_inputs_are_read_in_the_order_given(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.json").write_text(line(number))
    given: list[str | Path] = [tmp_path / "2.json", str(tmp_path / "1.json"), tmp_path]
    assert places(list(read(given)), tmp_path) == ["2.json", "1.json", "1.json", "2.json"]


def test_patterns(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "x/c.json", "d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(line(1))
    assert places(list(read([f"{tmp_path}/*.json"])), tmp_path) == ["a.json", "b.json"]
    assert places(list(read([f"{tmp_path}/**/*.json"])), tmp_path) == ["a.json", "b.json", "x/c.json"]
    (reject,) = read([f"{tmp_path}/*.xml"])
    assert isinstance(reject, Reject)
    assert "no file matches" in reject.reason
    odd = tmp_path / "[1].json"
    odd.write_text(line(1))
    assert places(list(read([odd])), tmp_path) == ["[1].json"]


@pytest.mark.parametrize("name", ["absent.json", "with\0null", "absent/deep"])
def test_what_is_not_there(tmp_path: Path, name: str) -> None:
    (reject,) = read([f"{tmp_path}/{name}"])
    assert isinstance(reject, Reject)
    assert reject.whole_input
    assert reject.place.isprintable()


def test_a_folder_without_records_says_so(tmp_path: Path) -> None:
    (reject,) = read([tmp_path])
    assert isinstance(reject, Reject)
    assert "no record in this folder" in reject.reason
    (tmp_path / "notes.txt").write_text("nothing")
    assert [isinstance(result, Reject) and result.whole_input for result in read([tmp_path])] == [True, True]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("\n \n")
    (reject,) = read([tmp_path / "a.json"])
    assert isinstance(reject, Reject)
    assert "empty" in reject.reason


def test_links_that_lead_around(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(line(1))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "absent")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = list(read([tmp_path]))
    assert places(found, tmp_path) == ["a.json"]
    assert sorted(Path(result.place).name for result in found if isinstance(result, Reject)) == [
        "loop",
        "nowhere",
        "self",
    ]


def test_links_to_other_folders_are_followed_once(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.json").write_text(line(1))
    (inside / "one").symlink_to(outside)
    (inside / "two").symlink_to(outside)
    found = list(read([inside]))
    assert places(found, inside) == ["one/a.json"]
    assert len(found) == 2


def test_hidden_folders_and_odd_files_are_named(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.json").write_text(line(1))
    (tmp_path / "a.json").write_text(line(1))
    os.mkfifo(tmp_path / "pipe")
    found = list(read([tmp_path]))
    assert [Path(result.place).name for result in found] == [".git", "a.json", "pipe"]
    assert places(list(read([tmp_path / ".git"])), tmp_path / ".git") == ["a.json"]


def test_folders_deeper_than_the_stack(tmp_path: Path) -> None:
    (tmp_path / "keep").touch()
    folder = tmp_path
    for _ in range(1200):
        folder = folder / "d"
        folder.mkdir()
    (folder / "a.json").write_text(line(1))
    found = [result for result in read([tmp_path]) if isinstance(result, RawRecord)]
    (folder / "a.json").unlink()
    os.removedirs(folder)  # pytest would remove it by recursion
    assert len(found) == 1


def test_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(line(1))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    (reject,) = read([path])
    assert isinstance(reject, Reject)
    assert "cannot be read" in reject.reason


class _Stdin:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(f"{line(1)}\n{line(2)}\n".encode()))
    with Inputs(["-"]) as inputs:
        first, second = list(inputs.records()), list(inputs.records())
    assert [result.place for result in first] == ["-:1", "-:2"]
    assert first == second


def test_a_pipe_can_be_read_twice_and_leaves_nothing(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, line(1).encode())
    os.close(writing)
    inputs = Inputs([f"/dev/fd/{reading}"])
    try:
        assert len(list(inputs.records())) == len(list(inputs.records())) == 1
    finally:
        inputs.close()
        os.close(reading)


def test_the_spool_has_a_limit_and_is_removed(tmp_path: Path) -> None:
    import dataclasses

    spool = Spool(dataclasses.replace(LIMITS, spool_bytes=10))
    path = spool.keep("a", io.BytesIO(b"0123456789"))
    assert path.read_bytes() == b"0123456789"
    with pytest.raises(InputError, match="longer than 10 bytes"):
        spool.keep("b", io.BytesIO(b"0123456789x"))
    spool.close()
    assert not path.exists()


def test_names_that_the_system_refuses_are_rejects() -> None:
    (reject,) = read(["a" * 300])
    assert isinstance(reject, Reject)
    assert "cannot be read" in reject.reason


def test_closed_standard_input_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    (reject,) = read(["-"])
    assert isinstance(reject, Reject)
    assert "standard input is closed" in reject.reason
