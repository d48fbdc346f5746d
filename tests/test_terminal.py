"""What a command writes to."""

from __future__ import annotations

import os
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Thread

import pytest

from kg.errors import UsageError
from kg.terminal import output_file


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with output_file(pipe) as file:
        file.write(b"a line")
    reader.join(10)
    assert read == [b"a line"]
    assert pipe.is_fifo()


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.ttl"
    path.write_bytes(b"before")
    with output_file(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "out.ttl", tmp_path / "link"
    link.symlink_to(path)
    with output_file(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert path.read_bytes() == b"after"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    here = tmp_path / "socket"
    with socket(AF_UNIX) as listening:
        listening.bind(str(here))
        with pytest.raises(UsageError, match="cannot be written"), output_file(here):
            pass
    with pytest.raises(UsageError, match="cannot be written"), output_file(tmp_path / "absent" / "out.ttl"):
        pass
