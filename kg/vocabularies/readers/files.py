"""Files of vocabularies: opened and unpacked by what they hold, not by their names, and never beyond a limit.

Source: RFC 1952 (gzip), RFC 8878 (zstd).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from kg.config import LIMITS
from kg.errors import VocabularyError

__all__ = ["HEAD_BYTES", "files_of", "open_stream", "read_head"]

HEAD_BYTES: Final = 64 * 2**10
"""As much of a file as says what it is."""

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_PIECE: Final = 128 * 2**10
# Four bytes of a zstd frame can stand for 128 KiB, so this is what bounds the memory for one step: 64 MiB.
_ZSTD_PIECE: Final = 2 * 2**10
_ZSTD_WINDOW: Final = 128 * 2**20
# Packings that people try; each would otherwise only be "not known".
_OTHERS: Final = (
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
)
_CUT: Final = "the file is cut off; get it again"


def open_stream(path: Path, *, limit: int = LIMITS.vocabulary_bytes) -> BinaryIO:
    """Opens a file that is plain, gzip or zstd, whatever it is called.

    Args:
        path: the file.
        limit: most bytes that it may have, unpacked.

    Returns:
        The unpacked bytes. Reading raises VocabularyError too: the file is cut off, damaged or over the limit.

    Raises:
        VocabularyError: there is no such file, or it is empty, too large, or packed in another way.
    """
    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
        raise VocabularyError(problem, place=str(path), remedy="expected a file")
    stream = io.BufferedReader(_Unpacked(path, limit), _PIECE)
    try:
        if not stream.peek(1):
            raise VocabularyError("is empty", place=str(path), remedy=_CUT)
    except VocabularyError:
        stream.close()
        raise
    return stream


def read_head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """The first unpacked bytes of a file.

    Raises:
        VocabularyError: as :func:`open_stream`.
    """
    with open_stream(path) as stream:
        return stream.read(size)


def files_of(paths: Sequence[Path], recognises: Callable[[bytes], bool], form: str) -> list[Path]:
    """The files that are meant by paths, each once: a folder stands for those files in it that are of a form.

    Args:
        paths: files and folders. Folders are not searched deeper; hidden files are left alone.
        recognises: whether a file that begins with these bytes is of the form.
        form: the form's name, for messages.

    Raises:
        VocabularyError: a path is not of the form, or a folder has no such file, or a file cannot be read.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            members = sorted(member for member in path.iterdir() if member.is_file() and member.name[0] != ".")
            members = [member for member in members if recognises(read_head(member))]
        else:
            members = [path] if recognises(read_head(path)) else []
        if not members:
            problem = f"has no file that is {form}" if path.is_dir() else f"is not {form}"
            raise VocabularyError(problem, place=str(path), remedy=f"expected {form}, plain, gzip or zstd")
        for member in members:
            found.setdefault(member.resolve(), member)
    if not found:
        raise VocabularyError("no file was given", remedy=f"expected {form}")
    return list(found.values())


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a file; what goes wrong is said in words."""

    def __init__(self, path: Path, limit: int) -> None:
        self._place = str(path)
        self._limit = limit
        self._count = 0
        self._rest = memoryview(b"")
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise VocabularyError(f"cannot be read: {error.strerror}", place=self._place) from error
        self._pieces = self._unpack()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        while not self._rest:
            piece = self._next_piece()
            if piece is None:
                return 0
            self._count += len(piece)
            if self._count > self._limit:
                raise VocabularyError(
                    f"has more than {self._limit:,} bytes unpacked",
                    place=self._place,
                    remedy="too large for a vocabulary; is it the right file?",
                )
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _next_piece(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except EOFError as error:
            raise VocabularyError("ends in the middle of gzip data", place=self._place, remedy=_CUT) from error
        except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
            raise VocabularyError(
                f"cannot be unpacked: {error}", place=self._place, remedy="the file is damaged; get it again"
            ) from error
        except OSError as error:
            raise VocabularyError(f"cannot be read: {error.strerror}", place=self._place) from error

    def _unpack(self) -> Iterator[bytes]:
        magic = self._file.peek(8)
        for other, name in _OTHERS:
            if magic.startswith(other):
                raise VocabularyError(f"is {name}", place=self._place, remedy="unpack it first, or use gzip or zstd")
        if magic.startswith(_GZIP):
            with gzip.GzipFile(fileobj=self._file) as unpacked:
                yield from iter(lambda: unpacked.read1(_PIECE), b"")
        elif magic.startswith(_ZSTD):
            yield from self._unzstd()
        else:
            yield from iter(lambda: self._file.read(_PIECE), b"")

    def _unzstd(self) -> Iterator[bytes]:
        # A stream_reader would take a cut file for a whole one, so frames are followed one by one.
        decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        frame = decompressor.decompressobj()
        begun = False
        pending = b""
        while piece := pending or self._file.read(_ZSTD_PIECE):
            unpacked = frame.decompress(piece)
            begun = not frame.eof
            pending = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = decompressor.decompressobj()
            if unpacked:
                yield unpacked
        if begun:
            raise VocabularyError("ends in the middle of zstd data", place=self._place, remedy=_CUT)
