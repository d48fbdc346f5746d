"""The records that a store was made from, kept beside it, so that it can be made again.

A study's links depend on the vocabularies. When those change, every study is converted once more from the record it
came from, which gives the same store as building it anew would: there is one way from records to statements.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from kg.errors import StoreError
from kg.packed import PackedWriter, read_packed
from kg.sources import Form, RawRecord

__all__ = ["RecordKeeper", "kept_records"]

_FOLDER: Final = "records"
_ENDING: Final = ".records.zst"
_UNFINISHED: Final = ".part"


class _Kept(NamedTuple):
    nct_id: str
    form: str
    data: bytes


class RecordKeeper:
    """Writes the records of one build into a store's directory. Use it as a context manager.

    Args:
        directory: the store's directory.

    Raises:
        StoreError: the file cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        folder = directory / _FOLDER
        try:
            folder.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=_UNFINISHED, dir=folder)
            os.close(handle)
        except OSError as error:
            raise StoreError(f"records cannot be kept: {error}", place=str(folder)) from error
        self._aside = Path(name)
        self._packed = PackedWriter(self._aside)

    def add(self, nct_id: str, record: RawRecord) -> None:
        """Keep the record that a study was made from."""
        self._packed.add(_Kept(nct_id, record.form.value, record.data))

    def finish(self) -> str:
        """Finish the file.

        Returns:
            Its place under the store's directory; empty when no record was kept.
        """
        self._packed.close()
        if not self._packed.count:
            return ""
        name = self._packed.digest()[:16] + _ENDING
        self._aside.chmod(0o644)
        self._aside.replace(self._aside.with_name(name))
        return f"{_FOLDER}/{name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._packed.close()
        self._aside.unlink(missing_ok=True)


def kept_records(directory: Path, files: Sequence[str], without: Container[str]) -> Iterator[RawRecord]:
    """The records of all studies of a store, each the one that the study was last made from.

    Args:
        directory: the store's directory.
        files: the files of its builds under that directory, oldest first.
        without: studies to leave out.

    Raises:
        StoreError: a file is missing or damaged.
    """
    seen: set[str] = set()
    for name in reversed(files):
        path = directory / name
        try:
            for kept in read_packed(path, _Kept):
                if kept.nct_id not in seen and kept.nct_id not in without:
                    seen.add(kept.nct_id)
                    yield RawRecord(kept.data, Form(kept.form), f"{name}:{kept.nct_id}")
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot be read: {error}", place=str(path), remedy="build the store anew") from error
