"""Writes a study as the classic registry would have shown it: each tab, as HTML and as what converters make of it.

Made from what is known of the layout; the words between the values are those that the reader goes by. A page that is
made here shows that what is written can be read again, and not that the registry wrote it so.
"""

from __future__ import annotations

from kg.study import Study
from tests.sources.classic_details import details
from tests.sources.classic_results import results
from tests.sources.classic_tabular import tabular
from tests.sources.classic_values import status_lines, when
from tests.sources.classic_writing import FORMS, Element, Heading, Item, Items, Paragraph, row, write

__all__ = ["FORMS", "TABS", "page", "write"]

TABS = ("details", "tabular", "results")


def page(study: Study, *wanted: str) -> list[Element]:
    """The elements of a page with these tabs one after the other."""
    makers = {"details": details, "tabular": tabular, "results": results}
    found: list[Element] = []
    for tab in wanted:
        found += [*_header(study), *makers[tab](study)]
    return found


def _header(study: Study) -> list[Element]:
    module = study.protocol_section
    status = module.status_module
    facts: list[Element] = [
        Heading(module.identification_module.brief_title or ""),
        *row("", f"ClinicalTrials.gov Identifier: {study.nct_id}"),
        Paragraph(f"Recruitment Status : {' '.join(status_lines(study))}"),
        Paragraph(f"First Posted : {when(status.study_first_post_date_struct)}"),
        Paragraph(f"Last Update Posted : {when(status.last_update_post_date_struct)}"),
    ]
    tabs = ("Study Details", "Tabular View", "Study Results" if study.has_results else "No Results Posted")
    return [*facts, Items(tuple(Item((tab,)) for tab in tabs))]
