"""The registry of data writers: each name of ``--format``, and who writes that form of the studies.

:mod:`kg.catalog.writing` says what a writer is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kg.catalog.rdf_files import FORMATS, RdfFiles
from kg.catalog.writing import LAYOUTS, Setting, Writer
from kg.errors import UsageError

__all__ = ["WRITERS", "check_formats", "check_layout"]


def _rdf(form: str) -> Callable[[Setting], Writer]:
    return lambda setting: RdfFiles(setting, form)


def _tables(setting: Setting) -> Writer:
    from kg.catalog.parquet import Tables

    return Tables(setting)


def _kgx(setting: Setting) -> Writer:
    from kg.catalog.kgx import Kgx

    return Kgx(setting)


WRITERS: Final[Mapping[str, Callable[[Setting], Writer]]] = {
    **{form: _rdf(form) for form in FORMATS},
    "parquet": _tables,
    "kgx": _kgx,
}
"""Name of a format → what opens its writer. Modules with heavy imports make them inside the function named here."""


def check_formats(formats: Sequence[str]) -> None:
    """Refuse what is no list of formats.

    Raises:
        UsageError: no format, one twice, or one that does not exist.
    """
    known = ", ".join(WRITERS)
    if not formats or len(set(formats)) != len(formats):
        raise UsageError(
            f"formats {list(formats)!r}", place="formats", remedy=f"give each once, at least one of {known}"
        )
    for name in formats:
        if name not in WRITERS:
            raise UsageError(f"{name!r} is not a format of an export", place="formats", remedy=f"expected {known}")


def check_layout(layout: str) -> None:
    """Refuse a layout that does not exist.

    Raises:
        UsageError: it is not in :data:`kg.catalog.writing.LAYOUTS`.
    """
    if layout not in LAYOUTS:
        raise UsageError(
            f"{layout!r} is not a layout of an export", place="layout", remedy=f"expected {', '.join(LAYOUTS)}"
        )
