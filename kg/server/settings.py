"""What one server may take and give."""

from __future__ import annotations

import ipaddress
import math
import os
from dataclasses import dataclass, field, fields
from typing import Final, Literal

from kg.config import LIMITS
from kg.errors import UsageError
from kg.federation import AllowedHosts, ServiceLimits

__all__ = ["ServerSettings"]

_MAY_BE_ZERO: Final = frozenset(
    {
        "waiting", "client_waiting", "client_workers", "young_queries", "long_queries", "spare_workers",
        "result_rows", "result_bytes", "held_bytes", "logged_query_bytes",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Limits of a server. Sizes are bytes, times are seconds.

    Raises:
        UsageError: a number that makes no server.
    """

    workers: int = field(default_factory=lambda: 2 * (os.cpu_count() or 1))
    """Query processes; as many queries run at once. More than processors, so that quick ones find one beside long."""
    spare_workers: int = 2
    """Query processes beyond these that stand ready, each to take the place of one that is killed."""
    validations: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) // 2))
    """Validations at once, each in a process of its own, beside the query processes."""
    timeout: float = LIMITS.query_seconds
    """Deadline of a query, validation or change; a request may ask for less, not for more."""
    client_workers: int = 0
    """Queries of one client at once, a client being an address; 0 for all but one of the workers."""
    young_queries: int = 0
    """Queries that run at once while all of them are young; 0 for as many as there are processors."""
    young_seconds: float = 0.1
    """Until when a query is young: then the processor is others' first, where that can be taken back."""
    quick_seconds: float = 1.0
    """From when on a query is long, and only some may run while others wait."""
    long_queries: int = 0
    """Long queries that go on while others wait for a process, which end a further one; 0 for half of the workers."""
    waiting: int = 64
    """Requests that may wait for a process, of each kind; the next is answered 429."""
    client_waiting: int = 32
    """Requests of one client that may wait for a process, of each kind; the next is answered 429."""
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
    update_memory: int = LIMITS.update_memory
    """Memory that a change may use, beyond what the open store takes."""
    allow_service: tuple[str, ...] = ()
    """Hosts that queries may ask by SERVICE, each as HOST or HOST:PORT; none by default."""
    service_seconds: float = LIMITS.service_seconds
    """Longest time of one call to such a host; the deadline of the query counts as well."""
    service_bytes: int = LIMITS.service_bytes
    """Most that the answers of such hosts to one query have together, decompressed."""
    service_calls: int = LIMITS.service_calls
    """Most calls of one query to such hosts."""
    allow_update: bool = False
    """Whether changes are taken, from those who have the token; only together with token_file."""
    token_file: str = ""
    """The file with the token, one line of at least 32 characters."""
    held_bytes: int = 64 * 1024
    """An answer up to this size is sent only when it is complete, so that its errors have a status of their own."""
    result_rows: int = 0
    """Most rows of an answer, or statements of a graph; a longer one is cut off, and says so. 0 for any number."""
    result_bytes: int = 4 * 2**30
    """Longest answer; a longer one is broken off. 0 for any length."""
    stall_seconds: float = 30.0
    """How long a client may leave unread what it was sent, before its connection is closed."""
    page_bytes: int = 2 * 2**20
    """Largest answer that is shown as a page."""
    query_memory: int = LIMITS.query_memory
    """Memory that a query may use, beyond what the open store takes."""
    query_depth: int = LIMITS.query_depth
    """Deepest nesting of brackets in a query or update."""
    shapes_bytes: int = LIMITS.shapes_bytes
    """Longest shapes that a request for a validation brings."""
    shapes_statements: int = LIMITS.shapes_statements
    """Most statements of these shapes."""
    report_bytes: int = LIMITS.report_bytes
    """Longest report of a validation."""
    validation_results: int = LIMITS.validation_results
    """Results of each rule that a report keeps; its totals stay exact."""
    validation_memory: int = LIMITS.validation_memory
    """Memory that a validation may use, beyond what its process starts with."""
    stop_seconds: float = 3.0
    """How long running requests may go on once the server is told to stop; what then still runs is answered 503."""
    log_format: Literal["text", "json"] = "text"
    """How the server's own log on standard error is written: text, or json for one object to the line."""
    query_log: str = ""
    """A file for a line of JSON about each query, validation and change; - is standard error, and "" is none."""
    slow_query_log: str = "-"
    """The same for requests that took slow_seconds or more, with the query's text; "" is none."""
    slow_seconds: float = 5.0
    """From when on a request is slow."""
    logged_query_bytes: int = 2_000
    """Most of a slow query's text that is logged; 0 for none."""
    endpoint_bytes: int = 64 * 2**20
    """Longest answer of an endpoint elsewhere, where the server is over one; it is held in memory."""
    compression: bool = True
    """Whether answers are compressed, with zstd, Brotli or gzip, for clients that take it."""
    metrics: bool = True
    """Whether /metrics is served; it has numbers only, but a proxy should not pass it on to everybody."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    def __post_init__(self) -> None:
        for name in (one.name for one in fields(self)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            if not math.isfinite(value) or value < 0 or (value == 0 and name not in _MAY_BE_ZERO):
                least = "a number, 0 or more" if name in _MAY_BE_ZERO else "a number above 0"
                raise UsageError(f"{name} is {value!r}", remedy=f"expected {least}")
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError as error:
                remedy = "expected addresses and networks, as 10.0.0.1 or 10.0.0.0/8"
                raise UsageError(f"trusted_proxies has {proxy!r}: {error}", remedy=remedy) from None

        AllowedHosts(self.allow_service)

    @property
    def services(self) -> ServiceLimits | None:
        """What queries may ask elsewhere; None for nothing."""
        if not self.allow_service:
            return None
        return ServiceLimits(self.allow_service, self.service_seconds, self.service_bytes, self.service_calls)

    @property
    def processes(self) -> int:
        """Query processes, those that stand ready included."""
        return self.workers + self.spare_workers

    @property
    def workers_of_client(self) -> int:
        """Query processes that one client may have at once."""
        return min(self.workers, self.client_workers or max(1, self.workers - 1))

    @property
    def young_at_once(self) -> int:
        """Young queries that run at once."""
        return self.young_queries or os.cpu_count() or 1

    @property
    def long_at_once(self) -> int:
        """Long queries that go on while others wait."""
        return self.long_queries or max(1, self.workers // 2)

    @property
    def validation_body_bytes(self) -> int:
        """Longest body of a request for a validation: data, shapes, and what is around them in a form."""
        return self.data_bytes + self.shapes_bytes + 16 * 1024

    @property
    def update_body_bytes(self) -> int:
        """Longest body of a request for an update."""
        return 3 * self.update_bytes + 16 * 1024

    @property
    def body_bytes(self) -> int:
        """Longest body of a request for a query: a form writes a byte as up to three."""
        return 3 * self.query_bytes + 16 * 1024
