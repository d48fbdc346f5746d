"""Frames as ``multiprocessing.connection.Connection`` writes them, for those who cannot wait for a whole one.

A frame is its length in four bytes, the most significant first, and its bytes; one of 2 GiB and more has -1 there,
and its length in eight bytes behind it.
"""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["Frames", "framed"]

_SHORT: Final = struct.Struct("!i")
_LONG: Final = struct.Struct("!Q")
_LONGEST_SHORT: Final = 2**31 - 1


def framed(data: bytes) -> bytes:
    """A frame with its length before it.

    >>> framed(b"abc").hex(" ")
    '00 00 00 03 61 62 63'
    """
    if len(data) > _LONGEST_SHORT:
        return _SHORT.pack(-1) + _LONG.pack(len(data)) + data
    return _SHORT.pack(len(data)) + data


class Frames:
    """Frames out of bytes that come in pieces.

    >>> frames = Frames()
    >>> frames.add(framed(b"abc") + framed(b"de")[:5]), frames.add(b"e")
    ([b'abc'], [b'de'])
    """

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, data: bytes) -> list[bytes]:
        """The frames that are whole with this piece."""
        self._data += data
        found = []
        begin = 0
        with memoryview(self._data) as view:
            while (body := self._body(begin)) and body[1] <= len(view):
                found.append(bytes(view[body[0] : body[1]]))
                begin = body[1]
        del self._data[:begin]
        return found

    def _body(self, begin: int) -> tuple[int, int] | None:
        """Where the body of the next frame begins and ends; None while its length is not there."""
        start = begin + _SHORT.size
        if start > len(self._data):
            return None
        (length,) = _SHORT.unpack_from(self._data, begin)
        if length < 0:
            start += _LONG.size
            if start > len(self._data):
                return None
            (length,) = _LONG.unpack_from(self._data, start - _LONG.size)
        return start, start + length
