"""The blocks of a page → those of each of its tabs: study details, tabular view, study results.

Several tabs of one study may be saved one after the other. Each is known by what only it has, and ends where another
begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kg.sources.ctgov_page.blocks import Block, Kind, is_table_head
from kg.sources.ctgov_page.tabular_words import GROUPS, has_mark, is_end_note, tabular_label
from kg.sources.ctgov_page.words import label_of, squeezed

__all__ = ["Tabs", "tabs"]

_HEADER = re.compile(r"clinicaltrials\.gov identifier\s*:\s*nct[0-9]{8}", re.IGNORECASE)
_RESULTS = frozenset({"arm/group title", "participant flow", "pre-assignment details", "recruitment details"})
_HEAD = frozenset({"conditions", "interventions", "study design"})
_DETAILS = frozenset({"study description", "go to study description"})


class Tabs(NamedTuple):
    """The blocks of each tab; those of a tab that is not there are an empty list.

    ``details`` also has what stands before and between the tabs: titles, the header with NCT id and status, and the
    labelled rows that end the results.
    """

    details: list[Block]
    tabular: list[Block]
    results: list[Block]


def tabs(blocks: Iterable[Block]) -> Tabs:
    """Part the blocks of a page by the tab they belong to."""
    found = Tabs([], [], [])
    current = found.details
    in_head = False
    in_more = False  # after the results' "More Information", where rows as in the details follow
    for block in blocks:
        if block.kind is Kind.TITLE:
            found.details.append(block)
            continue
        key = squeezed(block.text.split("\n")[0]).casefold().rstrip(" :.|") if len(block.text) < 300 else ""
        if key in GROUPS or (current is found.details and has_mark(block.text) and tabular_label(block.text)):
            current = found.tabular
        elif key in _RESULTS or key.startswith("period title:"):
            current, in_more = found.results, False
        elif current is found.tabular and is_end_note(block.text):
            current = found.details
            continue
        elif current is not found.details and (
            key in _DETAILS
            or _HEADER.match(block.text)
            or (block.kind is Kind.ROW and is_table_head(block.cells))
            or (in_more and label_of(block.text.partition(":")[0]))
        ):
            current = found.details
        elif current is found.results and key == "more information":
            in_more = True
        if current is found.details:
            # The first rows of the results, and lines that go on in their cells.
            in_head = _is_head(key, block) or (in_head and not label_of(block.text.partition(":")[0]))
            (found.results if in_head else current).append(block)
            in_head = in_head and (block.open or len(block.cells) == 1) and not block.marked
        else:
            current.append(block)
            in_head = False
    return found


def _is_head(key: str, block: Block) -> bool:
    """Whether a row is one of those that begin the results: the study again, in a few words."""
    if block.kind is not Kind.ROW or len(block.cells) > 2 or key not in _HEAD:
        return False
    return len(block.cells) == 1 or key != "study design" or ":" in block.cells[1]
