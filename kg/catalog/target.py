"""The folder of an export: made aside, put in its place as a whole, and never over somebody else's files."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from kg.catalog.checksums import CHECKSUM_FILE, files_below, read_checksums
from kg.catalog.profiles import CATALOG, MARK
from kg.errors import InputError, StoreBusy, StoreError, UsageError

__all__ = ["check_target", "exchange", "replacing"]

_OURS: Final = {CATALOG: MARK, "README.md": "# trialkg export: delta"}
"""Files whose first line says that an export, or a delta, wrote the folder."""
_ASIDE: Final = ".partial"
_MANY: Final = 1_000
# From <fcntl.h> and <linux/fs.h>.
_HERE: Final = -100
_EXCHANGE: Final = 2


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of the target when the block ends well.

    At any moment the target is what it was or the new folder as a whole, also when the process is killed. What a
    killed one left beside it is removed by the next.

    Args:
        target: the folder; absent, empty, or an earlier export, which is replaced.

    Raises:
        UsageError: the target holds other files.
        StoreBusy: another process writes to the target.
        StoreError: a file cannot be written.
    """
    check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_writer(target) as aside:
            # A folder of its own inside: what is aside may be read by nobody else.
            folder = aside / "new"
            folder.mkdir()
            yield folder
            check_target(target)
            _sync(folder)
            _publish(folder, target, aside / "old")
    except OSError as error:
        raise StoreError(_words(error), place=str(target), remedy="check space and rights") from error


def _words(error: OSError) -> str:
    # Where the interpreter could not close a file either, the first error is what went wrong.
    return f"the export failed, and nothing was changed: {error.strerror or error}"


@contextmanager
def _only_writer(target: Path) -> Iterator[Path]:
    """A folder beside the target, locked while we work in it; those of dead writers are removed."""
    # The random part has no dot, so that what belongs to "out.b" is not taken for that of "out".
    own = re.compile(rf"\.{re.escape(target.name)}\.[^.]+{re.escape(_ASIDE)}")
    for left in [path for path in target.parent.iterdir() if own.fullmatch(path.name)]:
        with _locked(left) as ours:
            if ours is False:
                raise StoreBusy(
                    "another process is writing this export", place=str(target), remedy="wait until it is done"
                )
            if ours:
                _put_back(left / "old", target)
                shutil.rmtree(left)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_ASIDE, dir=target.parent))
    try:
        with _locked(aside):
            yield aside
    finally:
        # An earlier export that could be put neither away nor back is left where it is.
        if target.exists() or not (aside / "old").exists():
            shutil.rmtree(aside)


@contextmanager
def _locked(folder: Path) -> Iterator[bool | None]:
    """Whether the folder could be locked, until the block or the process ends; None where folders have no locks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        locked: bool | None = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            locked = False
        except OSError as error:
            if error.errno not in (errno.EBADF, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
            locked = None
        yield locked
    finally:
        os.close(descriptor)


def _put_back(old: Path, target: Path) -> None:
    """Where folders cannot be exchanged, a killed writer may have put the earlier export away and nothing there."""
    if old.exists() and not target.exists():
        old.rename(target)


def _publish(folder: Path, target: Path, old: Path) -> None:
    """Put a finished folder in the place of the target, or leave the target as it was."""
    if not target.exists():
        folder.rename(target)
    elif not exchange(folder, target):
        target.rename(old)
        try:
            folder.rename(target)
        except OSError:
            old.rename(target)
            raise
    _sync_folder(target.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, if the system and the file system can.

    Source: https://man7.org/linux/man-pages/man2/rename.2.html (RENAME_EXCHANGE).

    Raises:
        OSError: they could, and it failed.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(other))


def _sync(folder: Path) -> None:
    """See that the files are on the disk before their folder has its name."""
    paths = list(files_below(folder))
    if len(paths) > _MANY:
        # One by one, hundreds of thousands of files would take longer than to write them.
        os.sync()
        return
    for path in paths:
        _sync_folder(path)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_target(target: Path) -> None:
    """Refuse a folder with anything in it that no export put there.

    Raises:
        UsageError: the target is a file, or a folder that is not an export and only an export.
    """
    remedy = "choose a new or empty folder, or move what is in it"
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError("not a folder", place=str(target), remedy=remedy)
    if not any(target.iterdir()):
        return
    try:
        listed = read_checksums(target)
        marked = any(_begins_with(target / name, mark) for name, mark in _OURS.items() if name in listed)
    except (InputError, OSError, UnicodeDecodeError) as error:
        raise UsageError("not an earlier export", place=str(target), remedy=remedy) from error
    known = listed.keys() | {CHECKSUM_FILE}
    # Also folders: an empty one, or one in the place of a file, is nobody's but the user's.
    folders = {parent for name in known for parent in PurePosixPath(name).parents}
    strangers = sorted(
        name.as_posix() + ("/" if path.is_dir() else "")
        for path in target.rglob("*")
        if ((name := PurePosixPath(path.relative_to(target))) not in folders and name.as_posix() not in known)
        or (name.as_posix() in known and not path.is_file())
    )
    if not marked or strangers:
        what = f"files that no export wrote: {', '.join(strangers[:5])}" if strangers else "not an earlier export"
        raise UsageError(what, place=str(target), remedy=remedy)


def _begins_with(path: Path, line: str) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n") == line
