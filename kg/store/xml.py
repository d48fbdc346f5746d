"""Whether XML is whole.

The engine's parsers of RDF/XML and of results in XML stop without an error where a document breaks off between two
elements, so half of it would count as all.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO
from xml.parsers import expat

__all__ = ["NotWhole", "require_whole"]


class NotWhole(ValueError):
    """A document that is not well formed; ``line`` and ``column`` say where."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def require_whole(document: bytes | IO[bytes]) -> None:
    """Look through a document that is not to break off. Nothing that it names is opened.

    Args:
        document: its bytes, or a file, which is read to its end.

    Raises:
        NotWhole: it is not well formed.

    >>> require_whole(b"<a><b/>")
    Traceback (most recent call last):
    kg.store.xml.NotWhole: no element found
    """
    try:
        expat.ParserCreate().ParseFile(BytesIO(document) if isinstance(document, bytes) else document)
    except expat.ExpatError as error:
        raise NotWhole(expat.errors.messages[error.code], error.lineno, error.offset + 1) from None
