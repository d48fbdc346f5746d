"""What the routes share, and the one way in which they answer a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from fastapi import Request, Response

from kg.library import LibraryQuery
from kg.server.caching import entity_tag, may_be_kept, not_modified, of_generation
from kg.server.describing import Describing
from kg.server.lookup import Lookup
from kg.server.negotiation import GRAPHS, HTML, RESULTS, Format, accept_of, best, by_name
from kg.server.paging import Paging
from kg.server.pool import Pool
from kg.server.problems import Problem
from kg.server.respond import AnswerResponse, while_connected
from kg.server.result_view import ResultView, result_view
from kg.server.settings import ServerSettings
from kg.server.templating import page
from kg.server.trace import Killed, current
from kg.server.updates import Updates
from kg.server.validators import Validators
from kg.store.cutting import cut_link
from kg.store.reader import QueryRequest

__all__ = ["TRUNCATED", "Services", "Shown", "Wanted", "answer_query", "pick", "wanted_formats"]

TRUNCATED: Final = "Trialkg-Truncated"
"""The header of an answer that is cut off, with the number of rows or statements that it has."""


@dataclass(frozen=True, slots=True)
class Services:
    """What one application has: its processes, its writer, its own view of the store, the library, its limits."""

    pool: Pool
    validators: Validators
    updates: Updates
    lookup: Lookup
    library: dict[str, LibraryQuery]
    settings: ServerSettings
    describing: Describing


class Wanted(NamedTuple):
    """The formats that a client takes for a query whose kind is not known yet.

    ``results`` is for SELECT and ASK, ``graph`` for CONSTRUCT and DESCRIBE; None where it takes none. ``html``: it
    takes a page, which has both.
    """

    results: Format | None
    graph: Format | None
    html: bool


class Shown(NamedTuple):
    """How a result's page is headed; ``query`` and ``values`` are those of a page with a form."""

    title: str
    description: str = ""
    query: LibraryQuery | None = None
    values: Mapping[str, str] = MappingProxyType({})


def _offer(formats: Sequence[Format]) -> str:
    return ", ".join(f"{format_.media_type} ({format_.name})" for format_ in formats)


def pick(request: Request, name: str | None, offered: Sequence[Format]) -> Format:
    """The format to answer in, by ``?format=`` or else by Accept.

    Raises:
        Problem: 400 for a format name that is not known, 406 when Accept takes none.
    """
    if name is not None:
        chosen = by_name(name, offered)
        if chosen is None:
            raise Problem(400, f"format {name!r} is not known here; expected one of {_offer(offered)}")
        return chosen
    chosen = best(accept_of(request), offered)
    if chosen is None:
        raise Problem(406, f"none of the types in Accept is offered; offered are {_offer(offered)}")
    return chosen


def wanted_formats(request: Request, name: str | None) -> Wanted:
    """The formats for a query's answer, by ``?format=`` or else by Accept.

    Raises:
        Problem: 400 for a format name that is not known, 406 when Accept takes none of any kind.
    """
    if name is not None:
        if by_name(name, (HTML,)):
            return Wanted(None, None, html=True)
        pick(request, name, (*RESULTS, *GRAPHS, HTML))
        return Wanted(by_name(name, RESULTS), by_name(name, GRAPHS), html=False)
    accept = accept_of(request)
    pick(request, None, (*RESULTS, *GRAPHS, HTML))
    if best(accept, (*RESULTS, HTML)) is HTML:
        return Wanted(None, None, html=True)
    return Wanted(best(accept, RESULTS), best(accept, GRAPHS), html=False)


async def answer_query(
    request: Request,
    services: Services,
    query: QueryRequest,
    wanted: Wanted,
    shown: Shown,
    paging: Paging | None = None,
) -> Response:
    """Run a query and answer with its result, in the format wanted.

    Args:
        request: the HTTP request.
        services: the application's.
        query: the query, with text, dataset and deadline.
        wanted: the formats; see :func:`wanted_formats`.
        shown: the head of the page, when the answer is one.
        paging: which rows the query gives, for links to others; None where it has no pages.

    Raises:
        Problem: the query fails, is refused, is stopped, or no process is free.
        ClientDisconnect: the client went away.
    """
    if wanted.html:
        wanted = wanted._replace(results=RESULTS[0], graph=by_name("nt", GRAPHS))
    asked = replace(
        query,
        media_type=wanted.results.media_type if wanted.results else "",
        graph_media_type=wanted.graph.media_type if wanted.graph else "",
        rows=services.settings.result_rows,
        longest=services.settings.result_bytes,
    )
    current().query = query.text
    settings = services.settings
    held = settings.page_bytes if wanted.html else settings.held_bytes
    newest = await services.pool.newest()
    headers = {"Vary": "Accept", **of_generation(newest)}
    tag = ""
    linked = request.method in ("GET", "HEAD")
    if request.method != "POST" and may_be_kept(query.text, asks_others=bool(settings.allow_service)):
        # A page has more than the answer: its heading, and links made of its address.
        page_parts = (shown.title, shown.description, request.url.query, linked, held) if wanted.html else ()
        dataset = (query.base_iri, query.default_graphs, query.named_graphs)
        types = asked.media_type, asked.graph_media_type
        tag = entity_tag(newest, query.text, *dataset, *types, asked.rows, page_parts)
        if kept := not_modified(request, tag, headers):
            current().generation = newest.number
            return kept
    answer = await while_connected(request, services.pool.ask(asked, held=held))
    if answer.generation != newest.number:
        headers["Trialkg-Generation"] = str(answer.generation)
    elif tag:
        headers["ETag"] = tag
    paging = paging or Paging()
    # Of an answer that was cut off it is not known how many rows the page has.
    rows = current().rows if answer.complete and answer.cut_at is None else None
    pages = {relation: one.address(request) for relation, one in paging.others(rows).items()}
    related = dict(pages)
    if answer.cut_at is not None:
        headers[TRUNCATED] = str(answer.cut_at)
        related["describedby"] = cut_link(query.base_iri, answer.cut_at)
    if not wanted.html:
        if related:
            headers["Link"] = ", ".join(f'<{address}>; rel="{name}"' for name, address in related.items())
        chosen = wanted.graph if answer.kind == "graph" else wanted.results
        headers["Content-Type"] = chosen.content_type if chosen else answer.media_type
        return AnswerResponse(answer, headers, stall_seconds=settings.stall_seconds)
    answer.close(Killed.UNNEEDED)
    view = result_view(answer.head, answer.kind) if answer.complete else ResultView()
    formats = GRAPHS[:4] if answer.kind == "graph" else RESULTS
    links = []
    if linked:
        # Relative, since a proxy may serve this under another address.
        links = [(one.name, "?" + request.url.include_query_params(format=one.name).query) for one in formats]
    return page(
        "query.html" if shown.query else "result.html",
        headers=headers,
        **shown._asdict(),
        too_large=not answer.complete,
        cut_at=answer.cut_at,
        links=links,
        cut_for_sure=bool(answer.generation),
        pages=pages if answer.complete else {},
        before=paging.offset,
        **view._asdict(),
    )
