"""What was named on the command line → the files on disk: folders, patterns, standard input."""

from __future__ import annotations

import glob
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kg.config import Limits
from kg.errors import InputError
from kg.sources.archive import copy_within
from kg.sources.record import Reject, one_line, rejected, unread

__all__ = ["OWN_PREFIX", "STANDARD_INPUT", "InputFile", "Spool", "folder_files", "input_file", "matches"]

STANDARD_INPUT = "-"
"""The word for standard input."""

OWN_PREFIX = ".trialkg-fetch"
"""How the names of files begin that a download keeps for itself beside the records."""


class InputFile(NamedTuple):
    """A file to read, and what to call it."""

    place: str
    path: Path


class Spool:
    """Keeps what can be read only once, standard input and pipes, so that it can be read again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._folder: Path | None = None
        self._kept: dict[str, Path] = {}

    def keep(self, name: str, source: BinaryIO | None = None) -> Path:
        """The file that holds what ``name`` gave, read now if it was not read before.

        Args:
            name: ``-`` or the path of a pipe.
            source: read this instead of opening the path.

        Raises:
            InputError: it is longer than the limit.
            OSError: it cannot be read, or the disk is full.
        """
        if name in self._kept:
            return self._kept[name]
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="trialkg-"))
        path = self._folder / str(len(self._kept))
        with path.open("wb") as target:
            if source is not None:
                copy_within(source, target, self._limits.spool_bytes, name)
            else:
                with Path(name).open("rb") as opened:
                    copy_within(opened, target, self._limits.spool_bytes, name)
        self._kept[name] = path
        return path

    def close(self) -> None:
        """Remove what was kept."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self._kept.clear()


def matches(given: str | Path) -> list[str]:
    """The paths that a word means: itself when it exists, else the matches of it as a pattern, in order.

    >>> matches("-")
    ['-']
    """
    name = str(given)
    if name == STANDARD_INPUT or os.path.lexists(name) or not glob.has_magic(name):
        return [name]
    return sorted(glob.glob(name, recursive=True))


def input_file(name: str, spool: Spool) -> InputFile | Reject:
    """The file to read for one name that is no folder; pipes and standard input are kept first."""
    try:
        if name == STANDARD_INPUT and sys.stdin is None:
            return unread(name, "standard input is closed (give a file, or pipe the records in)")
        if name == STANDARD_INPUT:
            return InputFile(name, spool.keep(name, sys.stdin.buffer))
        path = Path(name)
        return InputFile(one_line(name), path if stat.S_ISREG(path.stat().st_mode) else spool.keep(name))
    except FileNotFoundError:
        return unread(one_line(name), "no such file or folder, and no file matches it (check the path)")
    except InputError as error:
        return rejected(error, whole_input=True)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return unread(one_line(name), f"cannot be read: {one_line(problem)} (check the path and your rights)")


def folder_files(folder: Path) -> Iterator[InputFile | Reject]:
    """Every file under a folder, in the order of the names, depth first.

    Links to folders are followed, but each folder is read once, whatever leads to it. Hidden folders (``.git``) are
    named in a reject and not entered; hidden files are files, but for what a download keeps for itself.
    """
    seen: set[tuple[int, int]] = set()
    # A stack and not recursion: paths can be deeper than the interpreter's own stack.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        place = one_line(str(path))
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                yield InputFile(place, path)
            elif not stat.S_ISDIR(status.st_mode):
                yield unread(place, "neither a file nor a folder (name it on its own to read it)")
            elif path != folder and path.name.startswith("."):
                yield unread(place, "a hidden folder, not entered (name it on its own to read it)")
            elif (status.st_dev, status.st_ino) in seen:
                yield unread(place, "a link to a folder that is read already (nothing to do)")
            else:
                seen.add((status.st_dev, status.st_ino))
                found = (entry for entry in path.iterdir() if not entry.name.startswith(OWN_PREFIX))
                waiting.extend(sorted(found, reverse=True))
        except OSError as error:
            problem = one_line(error.strerror or str(error))
            yield unread(place, f"cannot be read: {problem} (check your rights, and links that lead nowhere)")
