"""``/metrics``: what is measured, for Prometheus.

Every label has few values: routes are the patterns of paths, never the paths.

Source: https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from kg.config import VERSION
from kg.errors import QueryTimeout, RemoteError, StoreError
from kg.server.negotiation import accept_of
from kg.server.services import Services
from kg.server.trace import Killed, Trace

__all__ = ["Metrics", "add_metrics"]

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_WAITED: Final = (0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30)
_PROCESSES: Final = ("query", "validation", "change")
_OUTCOMES: Final = ("report", "refused", "stopped")
_SHOWN_KILLS: Final = tuple(one.value for one in Killed)


class Metrics:
    """What one server has measured since it started.

    Args:
        services: the server's processes and store, of which the present state is measured.
    """

    def __init__(self, services: Services) -> None:
        self.registry = registry = CollectorRegistry()
        self._lookup = services.lookup
        # Memory, processor time and open files of the server's own process.
        ProcessCollector(registry=registry)
        self._requests = Histogram(
            "trialkg_request_seconds",
            "Time from a request to the end of its answer",
            ("route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._routes: dict[tuple[str, int], Histogram] = {}
        self._waited = Histogram(
            "trialkg_waiting_seconds",
            "Time that requests waited for a process",
            ("process",),
            buckets=_WAITED,
            registry=registry,
        )
        self._kills = Counter(
            "trialkg_kills", "Processes that ended before their work was done", ("process", "reason"), registry=registry
        )
        self._cut = Counter("trialkg_cut_answers", "Answers broken off before their end", registry=registry)
        self._rows = Counter("trialkg_rows", "Rows and statements sent, where they are counted", registry=registry)
        self._bytes = Counter("trialkg_sent_bytes", "Bytes of answers sent, without their heads", registry=registry)
        self._validations = Counter("trialkg_validations", "Validations asked for", ("outcome",), registry=registry)
        info = Gauge("trialkg_info", "The version that runs; always 1", ("version",), registry=registry)
        info.labels(VERSION).set(1)
        self._readable = Gauge("trialkg_store_readable", "1 when the store can be read", registry=registry)
        self._generation = Gauge("trialkg_generation", "Number of the generation served", registry=registry)
        self._triples = Gauge("trialkg_statements", "Statements served", registry=registry)
        self._studies = Gauge("trialkg_studies", "Studies served", registry=registry)
        self._data_date = Gauge(
            "trialkg_data_date_seconds", "The registry's data date as seconds since 1970; 0 unknown", registry=registry
        )
        self._present(services)
        for process in _PROCESSES:
            self._waited.labels(process)
            for reason in _SHOWN_KILLS:
                self._kills.labels(process, reason)
        for outcome in _OUTCOMES:
            self._validations.labels(outcome)

    def _present(self, services: Services) -> None:
        owners = services.pool, services.validators, services.updates
        present = (
            ("trialkg_requests_waiting", "Requests that wait for a process", "waiting"),
            ("trialkg_processes_alive", "Processes that run", "alive"),
            ("trialkg_processes_busy", "Processes that work for a request", "busy"),
        )
        for name, meaning, property_ in present:
            gauge = Gauge(name, meaning, ("process",), registry=self.registry)
            for process, owner in zip(_PROCESSES, owners, strict=True):
                gauge.labels(process).set_function(partial(getattr, owner, property_))

    def _of(self, route: str, status: int) -> Histogram:
        """The histogram of a route and status; there are few, and looking one up takes longer than to count."""
        found = self._routes.get((route, status))
        if found is None:
            found = self._routes[route, status] = self._requests.labels(route, str(status))
        return found

    def observe(self, trace: Trace) -> None:
        """Count a request that has ended."""
        self._of(trace.route, trace.status).observe(trace.seconds)
        self._bytes.inc(trace.size)
        self._rows.inc(trace.rows or 0)
        self._cut.inc(trace.cut)
        if trace.process:
            self._waited.labels(trace.process).observe(trace.waited)
        if trace.killed:
            self._kills.labels(trace.process, trace.killed.value).inc()
        if trace.process == "validation":
            outcome = "report" if trace.status == 200 else "refused" if trace.status < 500 else "stopped"
            self._validations.labels(outcome).inc()

    def look(self) -> None:
        """Measure what is served now; may block."""
        try:
            facts = self._lookup.facts()
        except (StoreError, RemoteError, QueryTimeout):
            self._readable.set(0)
            return
        self._readable.set(1)
        self._generation.set(facts.generation)
        self._triples.set(facts.triples)
        self._studies.set(facts.studies)
        self._data_date.set(_seconds(facts.data_date))


def _seconds(day: str) -> float:
    """The start of a day as seconds since 1970; 0 for what is no day.

    >>> _seconds("1970-01-02"), _seconds("")
    (86400.0, 0.0)
    """
    try:
        found = date.fromisoformat(day[:10])
    except ValueError:
        return 0.0
    return datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Add the route."""

    async def show(request: Request) -> Response:
        """What is measured, for Prometheus."""
        await asyncio.to_thread(metrics.look)
        encode, content_type = choose_encoder(accept_of(request) or "")
        headers = {"Content-Type": content_type, "Cache-Control": "no-store", "Vary": "Accept"}
        return Response(encode(metrics.registry), headers=headers)

    app.add_api_route("/metrics", show, methods=["GET", "HEAD"], tags=["Server"])
