"""The blocks of a page → its parts: each block with the section it is in, the labelled facts, the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kg.sources.ctgov_page.blocks import Block, Kind, is_table_head
from kg.sources.ctgov_page.words import PROSE, Label, Section, is_boilerplate, label_of, section_of, squeezed

__all__ = ["KINDS_OF_OUTCOME", "Fact", "PageParts"]

_NCT_ID = re.compile(r"\bNCT[0-9]{8}\b")
_ENDED_BY_LABEL = frozenset({Section.BACKGROUND, Section.RESULTS, Section.DERIVED, Section.SPONSORS})
# Labels whose value may go on below where no mark ends its cell.
_MANY_LINES = frozenset(
    {
        "access criteria",
        "collaborator",
        "intervention model description",
        "masking description",
        "other study id numbers",
        "plan description",
        "supporting materials",
    }
)
_ELIGIBILITY = frozenset(
    {
        "accepts healthy volunteers",
        "gender based eligibility",
        "gender eligibility description",
        "sampling method",
        "sexes eligible for study",
    }
)
KINDS_OF_OUTCOME = {
    Section.PRIMARY: "primary",
    Section.SECONDARY: "secondary",
    Section.OTHER: "other",
    Section.ANY: "unstated",
    Section.OUTCOMES: "unstated",
}
"""What an outcome is by the section it stands in."""


class Fact(NamedTuple):
    """The value of a label: its lines, and whether the label says that it is actual or estimated."""

    qualifier: str | None
    lines: list[str]

    @property
    def text(self) -> str:
        """The first line."""
        return self.lines[0]


class PageParts:
    """The parts of one page, found by headings and labels.

    Attributes:
        titles: the title of the document and the headings before anything else.
        parts: every other block, with its section.
        facts: labelled values, by the label.
        nct_ids: the studies that the page names as its own.
        conditions: the row of the table of conditions: conditions, interventions, phases.
        arms: the rows of the table of arms.
        used: numbers of the parts that are labels or their values.
        tables: numbers of the parts that are rows of the tables of conditions and arms.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.titles: list[str] = []
        self.parts: list[tuple[Section, Block]] = []
        self.facts: dict[str, Fact] = {}
        self.nct_ids: set[str] = set()
        self.conditions: tuple[str, ...] = ()
        self.arms: list[tuple[str, ...]] = []
        self.used: set[int] = set()
        self.tables: set[int] = set()
        self._rows: set[str] = set()  # the facts that are from rows
        self._waiting: tuple[Label, list[str]] | None = None  # a label whose value is on the lines below
        self._find_sections(blocks)
        self._find_tables()
        self._find_facts()

    def _find_sections(self, blocks: Iterable[Block]) -> None:
        """Give each block the section that the headings before it open."""
        section = Section.ANY
        for block in blocks:
            if block.kind is Kind.TITLE or (block.kind is Kind.HEADING and not self.parts):
                self.titles.append(block.text)
            elif block.kind is Kind.HEADING:
                section = section_of(block.text) or Section.ANY
            elif block.kind is Kind.ROW:
                section = self._section_of_row(section, block)
                self.parts.append((section, block))
            elif block.kind is Kind.LINE and is_boilerplate(block.text):
                section = Section.ANY
            else:
                in_prose = section in (Section.SUMMARY, Section.DESCRIPTION)
                opened = section_of(block.text, in_prose=in_prose) if block.kind is Kind.LINE else None
                if section in _ENDED_BY_LABEL and label_of(block.text.partition(":")[0]):
                    section = Section.ANY
                section = opened or section
                if not opened or (opened is Section.CRITERIA and squeezed(block.text).casefold() != "criteria"):
                    self.parts.append((section, block))

    @staticmethod
    def _section_of_row(section: Section, block: Block) -> Section:
        label = label_of(block.text)
        if label and label.name in _ELIGIBILITY:
            return Section.CRITERIA  # what follows the table of eligibility, also where no heading says so
        ended = label or is_table_head(block.cells) or section in PROSE or section in KINDS_OF_OUTCOME
        return Section.ANY if ended else section

    def _find_tables(self) -> None:
        table = ""
        for number, (section, block) in enumerate(self.parts):
            if block.kind is not Kind.ROW:
                table = ""
            elif head := is_table_head(block.cells):
                table = head
            elif label_of(block.text) or section in (Section.KEYWORDS, Section.MESH):
                table = ""
            elif table:
                self.tables.add(number)
                if table == "arms":
                    self.arms.append(block.cells)
                else:
                    self.conditions = self.conditions or block.cells

    def _find_facts(self) -> None:
        """Labels with their values: beside them, after a colon, or on the lines below."""
        for number, (section, block) in enumerate(self.parts):
            filled = [cell for cell in block.cells if cell]
            label = label_of(block.text, row=block.kind is Kind.ROW and len(filled) > 1)
            if block.kind is Kind.ROW and label and len(filled) > 1:
                lines = [line for cell in filled[1:] for line in cell.split("\n")]
                self._waiting = (label, lines) if block.open and label.name in _MANY_LINES else None
                self._keep(number, label, lines, row=True)
            elif len(filled) == 1 and (block.kind is Kind.ROW or (block.kind is Kind.LINE and section not in PROSE)):
                for line in filled[0].split("\n"):
                    self._read_line(number, block, line)
                if block.kind is Kind.ROW and self._waiting and self._waiting[1]:
                    self._waiting = None  # the cell with the value ends here
            else:
                self._waiting = None

    def _read_line(self, number: int, block: Block, line: str) -> None:
        before, _, after = line.partition(":")
        label = label_of(before)
        if label and after.strip():
            self._waiting = None
            self._keep(number, label, [after.strip()])
        elif label:
            self._waiting = (label, [])
            self.used.add(number)
        elif self._waiting:
            label, lines = self._waiting
            if lines and not block.attached and block.kind is not Kind.ROW:
                self._waiting = None
                return
            lines.append(squeezed(line.removeprefix(":")))
            self._keep(number, label, lines)

    def _keep(self, number: int, label: Label, lines: list[str], *, row: bool = False) -> None:
        """Keep a fact; the first stands, but a row of a table says more than a line of text before it."""
        self.used.add(number)
        if label.name == "clinicaltrials.gov identifier":
            self.nct_ids.update(_NCT_ID.findall(lines[0]))
        if label.name not in self.facts or (row and label.name not in self._rows):
            self.facts[label.name] = Fact(label.qualifier, lines)
        if row:
            self._rows.add(label.name)
