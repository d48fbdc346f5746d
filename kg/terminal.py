"""What a command writes to and shows: whole files or none, a progress bar on a terminal only."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from kg.errors import UsageError

__all__ = ["output_file", "progress_bar"]

_T = TypeVar("_T")


@contextmanager
def output_file(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is written aside and renamed when everything went well.

    A device or a pipe is written to as it is: renaming onto it would put a file in its place.

    Raises:
        UsageError: the file cannot be written.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(os.path.realpath(path))  # where a link leads, or the link itself would be replaced
    if path.exists() and not path.is_file() and not path.is_dir():
        with _opened(path, lambda: path.open("wb")) as file:
            yield file
        return
    handle, aside = _opened(path, lambda: tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(aside).chmod(0o666 & ~umask)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _opened(path: Path, opening: Callable[[], _T]) -> _T:
    try:
        return opening()
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", place=str(path), remedy="check the folder") from error


@contextmanager
def progress_bar(of: str = "records") -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, silence elsewhere; gives what is told the numbers done and in all.

    Args:
        of: what is counted.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        of,
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(of)
        yield lambda done, of_all: bar.update(task, completed=done, total=of_all)
