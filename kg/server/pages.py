"""``/``, ``/trial/NCT…`` and ``/health``."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from kg.config import VERSION
from kg.namespaces import PREFIXES
from kg.server.caching import entity_tag, not_modified, of_generation
from kg.server.negotiation import DOCUMENTS, HTML, by_name
from kg.server.problems import Problem
from kg.server.protocol import Parameters, read_format
from kg.server.rdf import write_graph
from kg.server.services import Services, pick
from kg.server.study_view import study_node
from kg.server.templating import page

__all__ = ["add_pages"]

_NCT = re.compile(r"NCT[0-9]{8}")
_READ: Final = ["GET", "HEAD"]


def add_pages(app: FastAPI, services: Services) -> None:
    """Add the routes of what people read, and of the server's state."""
    lookup = services.lookup

    async def start() -> Response:
        """The start page."""
        facts = await asyncio.to_thread(lookup.facts)
        return page("start.html", facts=facts, library=services.library.values())

    async def find(request: Request) -> Response:
        """Go to the study whose NCT id was typed."""
        given = (Parameters(request.scope["query_string"]).one("id") or "").strip().upper()
        if not _NCT.fullmatch(given):
            raise Problem(400, f"{given!r} is not an NCT id; expected NCT and eight digits, as ?id=NCT04144517")
        return RedirectResponse(f"/trial/{given}", 303)

    async def study(request: Request, name: str) -> Response:
        """One study: a page for people, or its statements."""
        nct_id, dot, extension = name.partition(".")
        by_extension = by_name(extension, DOCUMENTS) if dot else None
        if not _NCT.fullmatch(nct_id) or (dot and by_extension is None):
            expected = ", ".join(f".{format_.name}" for format_ in DOCUMENTS)
            raise Problem(404, f"{name!r} is no study; expected NCT and eight digits, then nothing or {expected}")
        wished = read_format(Parameters(request.scope["query_string"]))
        chosen = by_extension or pick(request, wished, DOCUMENTS)
        newest = await services.pool.newest()
        headers = {"Vary": "Accept", **of_generation(newest)}
        tag = entity_tag(newest, "study", nct_id, chosen.name)
        if kept := not_modified(request, tag, headers):
            return kept
        data = await asyncio.to_thread(lookup.study, nct_id)
        if data is None:
            raise Problem(404, f"{nct_id} is not in this store")
        if data.generation != newest.number:
            headers["Trialkg-Generation"] = str(data.generation)
        elif tag:
            headers["ETag"] = tag
        if chosen is not HTML:
            body = await asyncio.to_thread(write_graph, data.triples, chosen, PREFIXES)
            return Response(body, headers={**headers, "Content-Type": chosen.content_type})
        formats = [(format_.name, format_.media_type) for format_ in DOCUMENTS[1:]]

        def written() -> Response:
            return page("study.html", headers=headers, nct_id=nct_id, study=study_node(nct_id, data), formats=formats)

        # Results may take seconds, in which others want answers.
        return await asyncio.to_thread(written)

    async def health() -> Response:
        """Whether the server can answer, and what it serves."""
        facts = await asyncio.to_thread(lookup.facts)
        pool = services.pool
        state = {
            "status": "ok",
            "version": VERSION,
            "generation": facts.generation or None,
            "triples": facts.triples,
            "studies": facts.studies,
            "dataDate": facts.data_date or None,
            "validations": {"busy": services.validators.busy, "waiting": services.validators.waiting},
            "workers": {"alive": pool.alive, "busy": pool.busy, "waiting": pool.waiting},
        }
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    app.add_api_route("/", start, methods=_READ, include_in_schema=False)
    app.add_api_route("/trial", find, methods=_READ, include_in_schema=False)
    app.add_api_route("/trial/{name}", study, methods=_READ, tags=["Studies"])
    app.add_api_route("/health", health, methods=_READ, tags=["Server"])
