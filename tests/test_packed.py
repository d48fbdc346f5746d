from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.packed import PackedWriter, read_packed


@given(st.lists(st.text() | st.text(min_size=1000)))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, things: list[str]) -> None:
    path = tmp_path_factory.mktemp("packed") / "file"
    with PackedWriter(path) as packed:
        for thing in things:
            packed.add(thing)
    assert packed.count == len(things)
    assert list(read_packed(path, str)) == things


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    digests = []
    for things in (["a", "b"], ["a", "b"], ["ab"]):
        with PackedWriter(tmp_path / "file") as packed:
            for thing in things:
                packed.add(thing)
        digests.append(packed.digest())
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("cut", [8, 20, 100])
def test_a_cut_off_file_is_an_error(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "file"
    with PackedWriter(path) as packed:
        for number in range(100):
            packed.add(f"thing {number}")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ValueError, match=r"."):
        list(read_packed(path, str))


def test_another_kind_of_thing_is_an_error(tmp_path: Path) -> None:
    with PackedWriter(tmp_path / "file") as packed:
        packed.add(1)
    with pytest.raises(ValueError, match="Expected"):
        list(read_packed(tmp_path / "file", str))
