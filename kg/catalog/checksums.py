"""Checksums in the format of ``sha256sum``, so that everybody has the tool that checks them.

Source: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from kg.errors import InputError

__all__ = ["CHECKSUM_FILE", "digest", "files_below", "read_checksums", "verify", "write_checksums"]

CHECKSUM_FILE = "CHECKSUMS.sha256"

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?P<name>(?!/|\.\.?(?:/|$))[^\\\0]+)")


def digest(path: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """The files in a folder and the folders below it; a link is a file, whatever it leads to."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from files_below(Path(entry.path))
            else:
                yield Path(entry.path)


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in files_below(folder)} - {CHECKSUM_FILE}


def write_checksums(folder: Path) -> None:
    """Write the checksum of every file in a folder, and in those below it, into :data:`CHECKSUM_FILE` there."""
    names = sorted(_names(folder))
    text = "".join(f"{digest(folder / name)}  {name}\n" for name in names)
    (folder / CHECKSUM_FILE).write_text(text, encoding="utf-8", newline="\n")


def read_checksums(folder: Path) -> dict[str, str]:
    """File name → SHA-256, as :data:`CHECKSUM_FILE` says.

    Raises:
        InputError: there is no such file, or a line of it is no checksum line.
    """
    path = folder / CHECKSUM_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"checksums cannot be read: {error}", place=str(path), remedy="export again") from error
    found = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if not match:
            raise InputError(
                f"{line!r} is no checksum line", place=f"{path}:{number}", remedy="expected 64 hex digits and a name"
            )
        found[match["name"]] = match["digest"]
    return found


def verify(folder: Path) -> list[str]:
    """What differs between a folder and its checksums, one line for each file; empty when nothing does.

    Raises:
        InputError: the checksums cannot be read.
    """
    expected = read_checksums(folder)
    present = _names(folder)
    problems = [f"{name}: missing" for name in sorted(expected.keys() - present)]
    problems += [f"{name}: not in the list" for name in sorted(present - expected.keys())]
    problems += [
        f"{name}: changed"
        for name in sorted(expected.keys() & present)
        if not (folder / name).is_file() or digest(folder / name) != expected[name]
    ]
    return problems
