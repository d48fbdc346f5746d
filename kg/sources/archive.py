"""Files and compressed files → the plain files in them, as streams, within limits.

What a file is, its first bytes say, not its name. Nothing is ever extracted under a name that an archive gives:
names of members are only words in a report. Whatever is unpacked is counted, so that a few kilobytes that unpack to
terabytes are stopped early, and the memory used does not depend on the size of the input.
"""

from __future__ import annotations

import gzip
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from kg.config import Limits
from kg.errors import InputError
from kg.sources.record import Reject, one_line, rejected, unread

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    Stream = io.BufferedReader[Any]
else:
    Stream = io.BufferedReader

__all__ = ["PEEK", "Leaf", "Stream", "copy_within", "leaves", "member_starts"]

PEEK = 256 * 1024
"""Bytes of a stream that can be looked at without reading them."""

_PIECE = 64 * 1024
# Four bytes of a zstd frame can stand for 128 KiB, so this is what bounds the memory for one step: 64 MiB.
_ZSTD_PIECE = 2048
_ZSTD_WINDOW = 2**27
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZSTD = b"\x28\xb5\x2f\xfd"
_LOCAL_HEADER = 30
# bzip2 and LZMA in a zip are unpacked without a bound on what one step gives; no registry file uses them.
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What the standard library raises on archives that are damaged, or made to hurt.
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError, struct.error)


class Leaf(NamedTuple):
    """A file that holds no other files; its stream may raise InputError where the archive around it is damaged."""

    place: str
    stream: Stream


class _Budget:
    """How much may still come out of something compressed."""

    def __init__(self, place: str, packed: int, limits: Limits) -> None:
        self.place = place
        self.ratio = limits.archive_ratio
        self.left = limits.archive_grace + packed * limits.archive_ratio

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise InputError(
                f"unpacks to more than {self.ratio} times its size, as made to fill memory or disk",
                place=self.place,
                remedy="records grow about 20 times; if this file is sound, unpack it first",
            )


class _Unpacked(io.RawIOBase):
    """What comes out of a decompressor, as a stream.

    An error is held back until all bytes before it are delivered, so that the records before a cut are kept.
    """

    def __init__(self, some: Callable[[], bytes], budgets: tuple[_Budget, ...]) -> None:
        super().__init__()
        self._some = some
        self._budgets = budgets
        self._rest = memoryview(b"")
        self._failure: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(target):
            if not self._rest:
                self._fetch(started=filled > 0)
                if not self._rest:
                    break
            size = min(len(self._rest), len(target) - filled)
            target[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        return filled

    def _fetch(self, *, started: bool) -> None:
        try:
            if self._failure is None:
                piece = self._some()
                for budget in self._budgets:
                    budget.spend(len(piece))
                self._rest = memoryview(piece)
        except InputError as error:
            self._failure = error
        if self._failure is not None and not started:
            raise self._failure


def leaves(place: str, path: Path, limits: Limits) -> Iterator[Leaf | Reject]:
    """The plain files in a file: itself, or what it holds when it is compressed or an archive.

    Each stream is valid until the next one is asked for.

    Args:
        place: what to call the file.
        path: where it is.
        limits: how deep, how many, how much.

    Yields:
        A stream for each plain file; a reject for each file, or the whole, that cannot be opened.
    """
    try:
        with io.BufferedReader(io.FileIO(path), PEEK) as stream:
            size = path.stat().st_size
            yield from _walk(place, stream, size, 0, _Budget(place, size, limits), limits)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        yield unread(place, f"{one_line(problem)} (check the path and your rights)")


def member_starts(path: Path, names: Container[str], limits: Limits) -> Iterator[bytes]:
    """How the members of a zip archive begin that have certain names, in whatever folder of it.

    Args:
        path: a file; one that is no archive, or a broken one, has no members.
        names: the last part of their names.
        limits: how long the archive's directory may be.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if not file.read(4).startswith(_ZIP):
            return
        try:
            with zipfile.ZipFile(_Bounded(file, limits.archive_directory_bytes)) as archive:
                if _suspicious(archive.infolist(), limits):
                    return
                members = [member for member in archive.infolist() if member.filename.rpartition("/")[2] in names]
                for member in members:
                    if not _unreadable(member, limits):
                        with archive.open(member) as packed:
                            yield packed.read(_PIECE)  # one at a time: there can be many of one name
        except _BROKEN_ZIP:
            return  # what is wrong with it, reading it says


def copy_within(source: IO[bytes], target: IO[bytes], limit: int, place: str) -> None:
    """Copy a stream, and raise InputError when it is longer than ``limit`` bytes."""
    left = limit
    while piece := source.read(_PIECE):
        left -= len(piece)
        if left < 0:
            raise InputError(f"longer than {limit:,} bytes", place=place, remedy="save it as a file and name that")
        target.write(piece)


def _walk(
    place: str, stream: Stream, packed: int | None, depth: int, total: _Budget, limits: Limits
) -> Iterator[Leaf | Reject]:
    """Open ``stream`` as what its first bytes say; ``packed`` is its length where that is known."""
    try:
        magic = stream.peek(4)[:4]
    except InputError as error:
        yield rejected(error, place=place, whole_input=True)
        return
    archive = magic.startswith(_ZIP)
    if magic.startswith(_GZIP):
        some = _gunzip(stream, place)
    elif magic == _ZSTD or (magic[1:] == b"\x2a\x4d\x18" and magic[0] >> 4 == 5):  # RFC 8878: frame, skippable frame
        some = _unzstd(stream, place)
    elif not archive:
        yield Leaf(place, stream)
        return
    if depth >= limits.archive_depth:
        reason = f"compressed files nested deeper than {limits.archive_depth} (unpack the outer ones first)"
        yield unread(place, reason)
    elif archive:
        yield from _seekable_members(place, stream, depth, total, limits)
    else:
        budgets = (total,) if packed is None else (total, _Budget(place, packed, limits))
        inner = io.BufferedReader(_Unpacked(some, budgets), PEEK)
        yield from _walk(place, inner, None, depth + 1, total, limits)


def _gunzip(stream: Stream, place: str) -> Callable[[], bytes]:
    unpacked = gzip.GzipFile(fileobj=stream, mode="rb")

    def some() -> bytes:
        try:
            return unpacked.read1(_PIECE)
        except EOFError:
            raise _cut(place, "gzip") from None
        except (OSError, zlib.error) as error:
            raise _damaged(place, "gzip", error) from error

    return some


def _unzstd(stream: Stream, place: str) -> Callable[[], bytes]:
    import zstandard

    # A stream_reader would take a cut file for a whole one, so frames are followed one by one.
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = decompressor.decompressobj()
    fed = False
    pending = b""

    def some() -> bytes:
        nonlocal frame, fed, pending
        while True:
            piece = pending or stream.read1(_ZSTD_PIECE)
            if not piece:
                if fed:
                    raise _cut(place, "zstd")
                return b""
            try:
                unpacked = frame.decompress(piece)
            except zstandard.ZstdError as error:
                raise _damaged(place, "zstd", error) from error
            fed = not frame.eof
            pending = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = decompressor.decompressobj()
            if unpacked:
                return unpacked

    return some


class _Bounded:
    """A zip file whose directory, which is read in one piece before anything can be checked, has a bound."""

    def __init__(self, file: IO[bytes], longest: int) -> None:
        self._file = file
        self._longest = longest
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > self._longest:
            raise zipfile.BadZipFile(f"a directory of {size:,} bytes")
        return self._file.read(size)


def _seekable_members(
    place: str, stream: Stream, depth: int, total: _Budget, limits: Limits
) -> Iterator[Leaf | Reject]:
    """The members of a zip archive; one that is itself inside something compressed is set aside on disk first."""
    if depth == 0:
        stream.seek(0)
        yield from _members(place, stream, depth, total, limits)
        return
    with tempfile.TemporaryFile() as file:
        try:
            copy_within(stream, file, limits.spool_bytes, place)
        except InputError as error:
            yield rejected(error, place=place, whole_input=True)
            return
        yield from _members(place, file, depth, total, limits)


def _members(place: str, file: IO[bytes], depth: int, total: _Budget, limits: Limits) -> Iterator[Leaf | Reject]:
    try:
        archive = zipfile.ZipFile(_Bounded(file, limits.archive_directory_bytes))
    except _BROKEN_ZIP as error:
        yield rejected(_damaged(place, "zip", error), whole_input=True)
        return
    with archive:
        members = [member for member in archive.infolist() if not member.filename.endswith("/")]
        problem = _suspicious(members, limits)
        if problem:
            yield unread(place, problem)
            return
        for member in members:
            name = f"{place}!{one_line(member.filename)}"
            problem = _unreadable(member, limits)
            if problem:
                yield unread(name, problem)
                continue
            try:
                packed = archive.open(member)
            except _BROKEN_ZIP as error:
                yield rejected(_damaged(name, "zip", error), whole_input=True)
                continue
            with packed:
                inner = io.BufferedReader(_Unpacked(_unzip(packed, name), (total,)), PEEK)
                yield from _walk(name, inner, member.file_size, depth + 1, total, limits)


def _suspicious(members: list[zipfile.ZipInfo], limits: Limits) -> str:
    """Why an archive as a whole is not read."""
    if not members:
        return "an archive without files (nothing to read)"
    if len(members) > limits.archive_members:
        return f"{len(members):,} files in one archive (at most {limits.archive_members:,}: split it)"
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            return "members overlap, as in an archive made to fill memory or disk (make the archive anew)"
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
    return ""


def _unreadable(member: zipfile.ZipInfo, limits: Limits) -> str:
    """Why one member is not read."""
    if member.flag_bits & 1:
        return "encrypted (unpack it with its password first)"
    if member.compress_type not in _ZIP_METHODS:
        return f"packed by method {member.compress_type}, which is not read (use deflate)"
    if member.file_size > limits.archive_grace + member.compress_size * limits.archive_ratio:
        return f"unpacks to more than {limits.archive_ratio} times its size (if it is sound, unpack it first)"
    return ""


def _unzip(packed: IO[bytes], place: str) -> Callable[[], bytes]:
    def some() -> bytes:
        try:
            return packed.read(_PIECE)
        except _BROKEN_ZIP as error:
            raise _damaged(place, "zip", error) from error

    return some


def _cut(place: str, kind: str) -> InputError:
    remedy = "what came before the cut was read; get the file again"
    return InputError(f"the {kind} file is cut off before its end", place=place, remedy=remedy)


def _damaged(place: str, kind: str, error: Exception) -> InputError:
    return InputError(
        f"not a sound {kind} file: {one_line(str(error)) or type(error).__name__}",
        place=place,
        remedy="get the file again",
    )
