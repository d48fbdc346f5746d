"""Registry pages, as text or HTML → studies: one tab, or several of one study saved one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from kg.errors import RecordError
from kg.sources.ctgov_page.blocks import MOST_BLOCKS, Block, text_blocks
from kg.sources.ctgov_page.details import StudyDetails
from kg.sources.ctgov_page.html import html_blocks
from kg.sources.ctgov_page.merge import merged
from kg.sources.ctgov_page.results import StudyResults
from kg.sources.ctgov_page.tabs import tabs
from kg.sources.ctgov_page.tabular import TabularView
from kg.sources.detect import without_mark
from kg.sources.record import Form, RawRecord
from kg.study import Study

__all__ = ["decode_page", "page_problem"]

_SIGNS_NEEDED = 4
_MOST_NOTES = 500


def decode_page(record: RawRecord) -> Study:
    """The study of one registry page.

    Raises:
        RecordError: not UTF-8, or not the page of one study.
    """
    try:
        page = _Page(record)
    except UnicodeDecodeError as error:
        raise RecordError(f"not UTF-8 at byte {error.start}", place=record.place, remedy="save it as UTF-8") from error
    if page.problem:
        raise RecordError(page.problem, place=record.place, remedy="expected the page of one study, whole")
    return page.study()


def page_problem(record: RawRecord) -> str:
    """Why a text is not the page of one study; ``""`` when it is.

    Raises:
        UnicodeDecodeError: not UTF-8.
    """
    return "no NCT id" if b"NCT" not in record.data else _Page(record).problem


class _Page:
    """The tabs of a page.

    Attributes:
        problem: why this is not the page of one study; ``""`` when it is.
    """

    def __init__(self, record: RawRecord) -> None:
        given_up = ""
        try:
            blocks = list(islice(_blocks(record), MOST_BLOCKS + 1))
        except RecordError as error:
            blocks, given_up = [], error.problem
        parted = tabs(blocks[:MOST_BLOCKS])
        self._details = StudyDetails(parted.details, breaks_kept=record.form is Form.PAGE_HTML)
        self._tabular = TabularView(parted.tabular) if parted.tabular else None
        self._results = StudyResults(parted.results) if parted.results else None
        self.problem = f"more than {MOST_BLOCKS:,} lines" if len(blocks) > MOST_BLOCKS else given_up or self._problem()

    def _problem(self) -> str:
        nct_ids = self._details.nct_ids | (self._tabular.nct_ids if self._tabular else set())
        if len(nct_ids) != 1:
            names = ", ".join(sorted(nct_ids)[:5])
            return f"names more than one study: {names}" if names else "no row or line that names the study's NCT id"
        signs = self._details.signs + (self._tabular.signs if self._tabular else 0)
        signs += self._results.signs if self._results else 0
        if signs < _SIGNS_NEEDED:
            return f"names {min(nct_ids)}, but has only {signs} of the rows of a study's page"
        return ""

    def study(self) -> Study:
        """What all tabs say."""
        study = self._details.study()
        if self._tabular:
            study = merged(study, self._tabular.study(), "the tabular view")
        if self._results:
            study = merged(study, self._results.study(), "the results")
        if len(study.reading_notes) > _MOST_NOTES:
            more = len(study.reading_notes) - _MOST_NOTES
            study.reading_notes[_MOST_NOTES:] = [f"and {more:,} more of which something cannot be told"]
        return study


def _blocks(record: RawRecord) -> Iterator[Block]:
    text = without_mark(record.data).decode()
    return html_blocks(text.encode()) if record.form is Form.PAGE_HTML else text_blocks(text)
