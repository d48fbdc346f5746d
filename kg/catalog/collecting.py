"""The collector while an export is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["seldom_collecting"]


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let the collector look for cycles seldom.

    Statements are held in very many lists and no cycles, so looking often is time lost: a third of that of an export.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
