"""Pages from templates. Everything a template shows is escaped; an undefined name is an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from kg.namespaces import compress

__all__ = ["environment", "is_web", "page"]


def is_web(iri: str) -> bool:
    """Whether an IRI may be the target of a link; ``javascript:`` and ``data:`` may not."""
    return iri.startswith(("https://", "http://"))


@cache
def environment() -> Environment:
    """The one template environment."""
    made = Environment(
        loader=PackageLoader("kg.server", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["curie"] = compress
    made.tests["web"] = is_web
    return made


def page(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
) -> HTMLResponse:
    """An HTML answer from a template of ``templates/``."""
    return HTMLResponse(environment().get_template(template).render(values), status, dict(headers or {}))
