"""Many small things in one compressed file, written and read one after the other in bounded memory.

Each is MessagePack after its length in four bytes; a length of zero says that this is the end, since a zstd stream
that is cut off reads like one that is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec
import zstandard

__all__ = ["PackedWriter", "read_packed"]

T = TypeVar("T")

_LEVEL: Final = 3
_LENGTH: Final = 4
_END: Final = bytes(_LENGTH)


class PackedWriter:
    """Writes a packed file. Use it as a context manager.

    Args:
        path: the file, made anew.

    Attributes:
        count: how many things were written.
    """

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._content = hashlib.sha256()
        self._encode = msgspec.msgpack.Encoder().encode
        self._file = path.open("wb")
        self._packed = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(self._file)

    def add(self, thing: Any) -> None:
        """Append one thing that MessagePack can express."""
        encoded = self._encode(thing)
        framed = len(encoded).to_bytes(_LENGTH, "big") + encoded
        self._content.update(framed)
        self._packed.write(framed)
        self.count += 1

    def digest(self) -> str:
        """SHA-256 of what was written, before compression."""
        return self._content.hexdigest()

    def close(self) -> None:
        """Finish the file; a second time does nothing."""
        if self._file.closed:
            return
        self._packed.write(_END)
        self._packed.close()  # type: ignore[no-untyped-call]
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_packed(path: Path, kind: type[T]) -> Iterator[T]:
    """The things of a packed file, in the order in which they were written.

    Args:
        path: the file.
        kind: what each of them is.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged.
    """
    decode = msgspec.msgpack.Decoder(kind).decode
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
            while (length := packed.read(_LENGTH)) != _END:
                encoded = packed.read(int.from_bytes(length, "big"))
                if len(length) < _LENGTH or len(encoded) < int.from_bytes(length, "big"):
                    raise ValueError("it is cut off")
                yield decode(encoded)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error
