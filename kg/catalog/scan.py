"""All studies of a store, read in one pass.

Walking the links of each study takes the engine three times as long as writing everything it has. So the whole of a
store is written as lines, which are put into files by the number of the study that they are about, and each of
those is sorted in memory. What that needs is room for the statements of the studies once more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.errors import StoreError
from kg.namespaces import PREFIXES

__all__ = ["scanned"]

_SUBJECT: Final = f"<{PREFIXES['trial']}NCT".encode()
_DIGITS: Final = len(_SUBJECT)
_ID: Final = slice(_DIGITS - 3, _DIGITS + 8)
_MANY: Final = 50_000
_FEW_FILES: Final = 3
_DEPTHS: Final = (4, 6, 8)
"""By so many digits of its number a study is put into a file; by more of them where a file is too large to sort.

For less than fifty thousand studies three digits make files that are small enough, and opening fewer files is faster.
"""
_CHUNK: Final = 2**20
_BUFFERED: Final = 48 * 2**20
_SORTED: Final = 64 * 2**20
"""Largest file that is sorted in memory, where it takes about three times as much."""
# The engine gives the statements of a subject one after another: so there are blocks to handle, a fifth of the lines.
_BLOCK = re.compile(rb"^(%b[0-9]{8}[^>]*> )[^\n]*\n(?:\1[^\n]*\n)*" % re.escape(_SUBJECT), re.MULTILINE)
_PART = re.compile(rb" (%b[0-9]{8}/[^>]*>) \.$" % re.escape(_SUBJECT), re.MULTILINE)


def scanned(store: ox.Store, folder: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The statements of studies, as :func:`kg.store.embedded.study_quads` finds them, but of all in one pass.

    Args:
        store: the store.
        folder: an empty folder for files that are read again and removed.
        wanted: NCT ids of the studies; others are passed over.

    Yields:
        NCT id and N-Triples whose lines are sorted, in the order of the ids.

    Raises:
        StoreError: the store cannot be read.
        OSError: the folder cannot be written.
    """
    _scatter(store, folder, _FEW_FILES if len(wanted) < _MANY else _DEPTHS[0])
    for path in sorted(folder.iterdir()):
        yield from _gathered(path, [digits for digits in _DEPTHS if digits > len(path.name)], wanted)


def _scatter(store: ox.Store, folder: Path, digits: int) -> None:
    """Write the lines about each study into the file of its number."""
    sorter = _Sorter(folder, digits)
    try:
        store.dump(cast("IO[bytes]", sorter), ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    except RuntimeError as error:  # a damaged store is a RuntimeError of the engine's
        raise StoreError(f"the store cannot be read: {error}", remedy="build it anew") from error
    sorter.finish()


class _Sorter:
    """Takes lines as a file does, and appends them to files named by the first digits of their study.

    Lines about anything else are left out.

    Args:
        folder: where the files are.
        digits: how many digits make a name.
    """

    def __init__(self, folder: Path, digits: int) -> None:
        self._folder = folder
        self._key = slice(_DIGITS, _DIGITS + digits)
        self._pieces: list[bytes] = []
        self._size = 0
        self._waiting: dict[bytes, list[bytes]] = {}
        self._waiting_size = 0

    def write(self, piece: bytes) -> int:
        """Take a piece of text, which may begin and end anywhere."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= _CHUNK:
            self._sort()
        return len(piece)

    def flush(self) -> None:
        """Nothing: files are written when there is enough for them."""

    def finish(self) -> None:
        """Write what is left."""
        self._sort()
        self._append()

    def _sort(self) -> None:
        data = b"".join(self._pieces)
        end = data.rfind(b"\n") + 1
        self._pieces, self._size = [data[end:]], len(data) - end
        waiting, key = self._waiting, self._key
        for found in _BLOCK.finditer(data, 0, end):
            block = found[0]
            name = block[key]
            if name in waiting:
                waiting[name].append(block)
            else:
                waiting[name] = [block]
        self._waiting_size += end
        if self._waiting_size > _BUFFERED:
            self._append()

    def _append(self) -> None:
        for name, blocks in self._waiting.items():
            with (self._folder / name.decode("ascii")).open("ab") as file:
                # An empty line between blocks: to part them there is faster than to look for them again.
                blocks.append(b"")
                file.write(b"\n".join(blocks))
        self._waiting.clear()
        self._waiting_size = 0


def _gathered(path: Path, depths: Sequence[int], wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    if path.stat().st_size > _SORTED and depths:
        below = path.with_name(path.name + ".parts")
        below.mkdir()
        sorter = _Sorter(below, depths[0])
        with path.open("rb") as stream:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                sorter.write(chunk)
        sorter.finish()
        path.unlink()
        for part in sorted(below.iterdir()):
            yield from _gathered(part, depths[1:], wanted)
        below.rmdir()
        return
    blocks = path.read_bytes().split(b"\n\n")
    path.unlink()
    blocks.pop()
    blocks.sort()
    for nct_id, of_study in groupby(blocks, _id_of):
        name = nct_id.decode("ascii")
        if name in wanted:
            yield name, _text(nct_id, list(of_study))


def _id_of(block: bytes) -> bytes:
    return block[_ID]


def _text(nct_id: bytes, blocks: list[bytes]) -> bytes:
    """The lines about a study and what its own links lead to, which is nearly always all there are."""
    about: dict[bytes, bytes] = {}
    for block in blocks:
        subject = block[: block.index(b" ")]
        about[subject] = about[subject] + b"\n" + block if subject in about else block
    study = _SUBJECT[:-3] + nct_id + b">"
    unlinked = about.keys() - {study}
    pending = [study]
    for subject in pending:
        if not unlinked:
            break
        found = unlinked.intersection(_PART.findall(about.get(subject, b"")))
        unlinked -= found
        pending += found
    lines = b"\n".join(block for subject, block in about.items() if subject not in unlinked).split(b"\n")
    lines.sort()
    lines.append(b"")
    return b"\n".join(lines)
