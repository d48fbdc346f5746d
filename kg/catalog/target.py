"""The folder of an export: made aside, put in its place as a whole, and never over somebody else's files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kg.catalog.checksums import CHECKSUM_FILE, read_checksums
from kg.catalog.profiles import CATALOG, MARK
from kg.errors import InputError, StoreError, UsageError

__all__ = ["check_target", "replacing"]


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of the target when the block ends well.

    Args:
        target: the folder; absent, empty, or an earlier export, which is replaced.

    Raises:
        UsageError: the target holds other files.
        StoreError: a file cannot be written.
    """
    check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        try:
            # A folder of its own inside: mkdtemp makes one that nobody else may read.
            folder = aside / "new"
            folder.mkdir()
            yield folder
            check_target(target)
            _publish(folder, target, aside / "old")
        finally:
            # An earlier export that could be put neither away nor back is left where it is.
            if target.exists() or not (aside / "old").exists():
                shutil.rmtree(aside)
    except OSError as error:
        raise StoreError(f"the export failed: {error}", place=str(target), remedy="check space and rights") from error


def _publish(folder: Path, target: Path, old: Path) -> None:
    """Put a finished folder in the place of the target, or leave the target as it was."""
    if target.exists():
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


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
        with (target / CATALOG).open(encoding="utf-8") as file:
            marked = file.readline().rstrip("\n") == MARK
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
    if not marked or CATALOG not in listed or strangers:
        what = f"files that no export wrote: {', '.join(strangers[:5])}" if strangers else "not an earlier export"
        raise UsageError(what, place=str(target), remedy=remedy)
