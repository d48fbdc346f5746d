"""trialkg: clinical trial records as a semantic knowledge graph.

>>> import kg
>>> [link.concept.label for link in kg.link("Keytruda", kind="intervention")]
['pembrolizumab']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.api import convert, diff, link, validate
    from kg.graph import Graph, open
    from kg.store.result import Result

__all__ = ["Graph", "Result", "convert", "diff", "link", "open", "validate"]

_HOMES = {
    "Graph": "kg.graph",
    "Result": "kg.store.result",
    "convert": "kg.api",
    "diff": "kg.api",
    "link": "kg.api",
    "open": "kg.graph",
    "validate": "kg.api",
}


def __getattr__(name: str) -> Any:
    # Loaded when first used: a query worker needs none of it, and starts in a tenth of the time.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
