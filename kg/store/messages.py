"""What a query process and the process that owns it say to each other.

Each message is one frame of a ``multiprocessing.connection.Connection``: a letter, then JSON or, for result bytes,
the bytes. Nothing is pickled, so a process that went wrong cannot make its owner run anything.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from kg.errors import (
    QueryError,
    QueryRefused,
    QueryTimeout,
    RemoteError,
    RemoteUnavailable,
    StoreError,
    TrialkgError,
)

__all__ = [
    "STOP",
    "Changed",
    "Chunk",
    "Done",
    "Failed",
    "Message",
    "Started",
    "decode",
    "encode",
]


STOP = b""
"""The frame that asks a query process to write no more of its answer. One that has written it all takes no notice."""


class Started(NamedTuple):
    """The first result bytes exist.

    ``kind`` is ``solutions``, ``boolean`` or ``graph``. ``cut_at`` is the number of rows, or of statements of a graph,
    after which the result is cut off; None when it is not.
    """

    media_type: str
    kind: str
    cut_at: int | None = None


class Chunk(NamedTuple):
    """Result bytes, in order."""

    data: bytes


class Done(NamedTuple):
    """The result is complete; ``size`` is how many bytes it has."""

    size: int


class Changed(NamedTuple):
    """A draft is changed and flushed; ``existed`` says whether the graph was there before."""

    existed: bool


class Failed(NamedTuple):
    """The request has no result, or its result ends here incomplete.

    ``kind`` is one of ``syntax``, ``refused``, ``unacceptable`` (no format of this kind of result was asked for),
    ``request`` (a graph name or base that is no IRI), ``evaluation``, ``memory``, ``length`` (more bytes than are
    allowed), ``stopped`` (it was asked to write no more), ``store`` (cannot be opened), ``remote`` (another server
    failed, or answered nonsense), ``away`` (it cannot be reached, or has no time), ``late`` (it took too long), and
    ``deep`` (it overflowed the stack), ``crashed`` or ``killed`` when the process ended. After the last three, and
    mostly after ``memory``, the reader is no longer ``alive``. A change of the store also knows ``data`` (what was
    sent does not parse), ``absent`` (no such graph), ``scope`` (a patch of one graph names others) and ``busy``
    (another writer is at work).
    """

    kind: str
    message: str
    line: int | None = None
    column: int | None = None
    remedy: str = ""

    def error(self) -> TrialkgError:
        """The exception that says this.

        >>> print(Failed("syntax", "expected '}'", 1, 25).error())
        line 1, column 25: expected '}'
        """
        kind = _ERRORS.get(self.kind, QueryError)
        place = f"line {self.line}, column {self.column}" if self.line else ""
        return kind(self.message, place=place, remedy=self.remedy)


_ERRORS: dict[str, type[TrialkgError]] = {
    "store": StoreError,
    "refused": QueryRefused,
    "late": QueryTimeout,
    "remote": RemoteError,
    "away": RemoteUnavailable,
}
Message = Started | Chunk | Done | Failed | Changed

_LETTERS: dict[type[Any], bytes] = {Started: b"S", Done: b"D", Failed: b"F", Changed: b"W"}
_CONTROL = {letter[0]: kind for kind, letter in _LETTERS.items()}
_CHUNK = b"C"


def encode(message: Message) -> bytes:
    """A message as a frame."""
    if isinstance(message, Chunk):
        return _CHUNK + message.data
    return _LETTERS[type(message)] + json.dumps(message).encode()


def decode(frame: bytes) -> Message:
    """A frame as a message.

    Raises:
        ValueError: it is none.

    >>> decode(encode(Started("text/csv", "solutions")))
    Started(media_type='text/csv', kind='solutions', cut_at=None)
    """
    letter, body = frame[:1], frame[1:]
    if letter == _CHUNK:
        return Chunk(body)
    if not letter or letter[0] not in _CONTROL:
        raise ValueError(f"not a message of a query process: {frame[:40]!r}")
    message: Message = _CONTROL[letter[0]](*json.loads(body))
    return message
