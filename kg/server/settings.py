"""What one server may take and give."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from kg.config import LIMITS
from kg.errors import UsageError

__all__ = ["ServerSettings"]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Limits of a server. Sizes are bytes, times are seconds.

    Raises:
        UsageError: a number that makes no server.
    """

    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    """Query processes; as many queries run at once."""
    validations: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) // 2))
    """Validations at once, each in a process of its own, beside the query processes."""
    timeout: float = LIMITS.query_seconds
    """Deadline of a query or validation; a request may ask for less, not for more."""
    waiting: int = 64
    """Requests that may wait for a process, of either kind; the next is answered 429."""
    waiting_seconds: float = 30.0
    """How long a request waits for a process before it is answered 503."""
    body_seconds: float = 20.0
    """How long the body of a request may take to arrive."""
    query_bytes: int = LIMITS.query_bytes
    """Longest query."""
    data_bytes: int = LIMITS.validation_bytes
    """Longest data to be validated."""
    update_bytes: int = LIMITS.update_bytes
    """Longest update."""
    graph_bytes: int = LIMITS.graph_bytes
    """Longest graph that is sent to be stored."""
    held_bytes: int = 64 * 1024
    """An answer up to this size is sent only when it is complete, so that its errors have a status of their own."""
    stall_seconds: float = 30.0
    """How long a client may leave unread what it was sent, before its connection is closed."""
    page_bytes: int = 2 * 2**20
    """Largest answer that is shown as a page."""

    def __post_init__(self) -> None:
        for name in (
            "workers",
            "validations",
            "timeout",
            "waiting_seconds",
            "body_seconds",
            "stall_seconds",
            "query_bytes",
            "data_bytes",
            "update_bytes",
            "graph_bytes",
            "page_bytes",
        ):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} is {getattr(self, name)!r}", remedy="expected a number above 0")

    @property
    def validation_body_bytes(self) -> int:
        """Longest body of a request for a validation: data, shapes, and what is around them in a form."""
        return self.data_bytes + LIMITS.shapes_bytes + 16 * 1024

    @property
    def update_body_bytes(self) -> int:
        """Longest body of a request for an update."""
        return 3 * self.update_bytes + 16 * 1024

    @property
    def body_bytes(self) -> int:
        """Longest body of a request for a query: a form writes a byte as up to three."""
        return 3 * self.query_bytes + 16 * 1024
