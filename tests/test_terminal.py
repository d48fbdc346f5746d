"""What a command writes to."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

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
