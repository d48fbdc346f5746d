"""All studies of a store, read in one pass.

Walking the links of each study takes the engine three times as long as writing everything it has. So the whole of a
store is written as lines, which are put into files by the number of the study that they are about, and each of
those is sorted in memory. What that needs is room for the statements of the studies once more.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import accumulate, chain, groupby, pairwise
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
_WORD: Final = array("Q").itemsize
# The engine gives the statements of a subject one after another: so there are blocks to handle, a fifth of the lines.
_BLOCK = re.compile(rb"^(%b[0-9]{8}[^ ]*+ ).*+\n(?:\1.*+\n)*+" % re.escape(_SUBJECT), re.MULTILINE)
_PART = re.compile(rb" (%b[0-9]{8}/[^>]*+>) \.\n" % re.escape(_SUBJECT))


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
        self._text = bytearray()
        self._waiting: dict[bytes, list[bytes]] = {}
        self._waiting_size = 0

    def write(self, piece: bytes) -> int:
        """Take a piece of text, which may begin and end anywhere."""
        self._text += piece
        if len(self._text) >= _CHUNK:
            self._sort()
        return len(piece)

    def flush(self) -> None:
        """Nothing: files are written when there is enough for them."""

    def finish(self) -> None:
        """Write what is left."""
        self._sort()
        self._append()

    def add(self, blocks: Collection[bytes]) -> None:
        """Take blocks: whole lines with one subject each, a study or a part of one."""
        waiting, key = self._waiting, self._key
        for block in blocks:
            name = block[key]
            if name in waiting:
                waiting[name].append(block)
            else:
                waiting[name] = [block]
        self._waiting_size += sum(map(len, blocks))
        if self._waiting_size > _BUFFERED:
            self._append()

    def _sort(self) -> None:
        end = self._text.rfind(b"\n") + 1
        self.add([found[0] for found in _BLOCK.finditer(self._text, 0, end)])
        del self._text[:end]

    def _append(self) -> None:
        for name, blocks in self._waiting.items():
            with (self._folder / name.decode("ascii")).open("ab") as file:
                file.write(_packed(blocks))
        self._waiting.clear()
        self._waiting_size = 0


def _packed(blocks: Sequence[bytes]) -> bytes:
    """Blocks as one text with their number and lengths before it: faster than to look for the end of each again."""
    numbers = array("Q", [len(blocks), *map(len, blocks)])
    return b"".join((numbers, *blocks))


def _unpacked(file: IO[bytes]) -> Iterator[list[bytes]]:
    """What :func:`_packed` made, once for each time that something was appended to the file."""
    while head := file.read(_WORD):
        lengths = array("Q", file.read(_WORD * array("Q", head)[0]))
        ends = list(accumulate(lengths, initial=0))
        text = file.read(ends[-1])
        yield [text[begin:end] for begin, end in pairwise(ends)]


def _gathered(path: Path, depths: Sequence[int], wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    if path.stat().st_size > _SORTED and depths:
        below = path.with_name(path.name + ".parts")
        below.mkdir()
        sorter = _Sorter(below, depths[0])
        with path.open("rb") as file:
            for blocks in _unpacked(file):
                sorter.add(blocks)
        sorter.finish()
        path.unlink()
        for part in sorted(below.iterdir()):
            yield from _gathered(part, depths[1:], wanted)
        below.rmdir()
        return
    with path.open("rb") as file:
        found = list(chain.from_iterable(_unpacked(file)))
    path.unlink()
    found.sort()
    for nct_id, of_study in groupby(found, _id_of):
        name = nct_id.decode("ascii")
        if name in wanted:
            yield name, _text(nct_id, of_study)


def _id_of(block: bytes) -> bytes:
    return block[_ID]


def _text(nct_id: bytes, blocks: Iterable[bytes]) -> bytes:
    """The lines about a study and what its own links lead to, which is nearly always all there are."""
    about: dict[bytes, bytes] = {}
    for block in blocks:
        subject = block[: block.index(b" ")]
        about[subject] = about[subject] + block if subject in about else block
    unlinked = _unlinked(_SUBJECT[:-3] + nct_id + b">", about)
    lines = BytesIO(b"".join([block for subject, block in about.items() if subject not in unlinked])).readlines()
    lines.sort()
    return b"".join(lines)


def _unlinked(study: bytes, about: Mapping[bytes, bytes]) -> set[bytes]:
    """The subjects that no chain of links leads to from the study.

    Nearly all are led to by one whose name they go on from. In reversed order that one comes first, and the others, of
    which there are more, need no look.
    """
    above = names = {subject[: subject.rindex(b"/")] for subject in about}
    while names:
        names = {name[: name.rindex(b"/")] for name in names if len(name) > len(study)} - above
        above |= names
    linked = {study}
    for subject in sorted(about, reverse=True):
        if subject in linked and subject[:-1] in above:
            linked.update(_PART.findall(about[subject]))
    unlinked = about.keys() - linked
    pending = list(linked)
    while unlinked and pending:
        found = unlinked.intersection(_PART.findall(about.get(pending.pop(), b"")))
        unlinked -= found
        pending += found
    return unlinked
