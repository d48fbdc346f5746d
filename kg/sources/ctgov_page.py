"""Registry pages, as text or HTML → studies.

Headings and the labels of rows decide what a piece of the page is, never its position, with one exception: where a
converter has lost the headings of the last two lists (:func:`_trailing_lists`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from kg.errors import RecordError
from kg.sources.detect import without_mark
from kg.sources.page_blocks import Block, Kind, is_table_head, text_blocks
from kg.sources.page_html import html_blocks
from kg.sources.page_lists import SiteLine, arms_interventions, sites
from kg.sources.page_values import (
    age_limits,
    date_struct,
    design_info,
    enrollment,
    outcome,
    phases,
    responsible,
    secondary_id,
    status,
    yes_no,
)
from kg.sources.page_words import (
    PROSE,
    ROLES,
    STUDY_TYPES,
    Label,
    Section,
    code,
    is_boilerplate,
    label_of,
    section_of,
    squeezed,
)
from kg.sources.record import Form, RawRecord, is_nct_id
from kg.study import (
    Conditions,
    Contacts,
    DateStruct,
    Description,
    Design,
    Eligibility,
    Enrollment,
    Identification,
    Location,
    Official,
    Organization,
    OrgStudyId,
    Outcome,
    Outcomes,
    Oversight,
    Page,
    Protocol,
    Reference,
    References,
    SponsorCollaborators,
    Status,
    Study,
)

__all__ = ["decode_page", "page_problem"]

_NCT_ID = re.compile(r"NCT[0-9]{8}")
_NAMED_ID = re.compile(r"ClinicalTrials\.gov identifier \(NCT number\):\s*(NCT[0-9]{8})", re.IGNORECASE)
_SITE_NAME = re.compile(r"( - (Full Text View|Study Details))*( [-|] ClinicalTrials\.gov)+$", re.IGNORECASE)
_KINDS = {
    Section.PRIMARY: "primary",
    Section.SECONDARY: "secondary",
    Section.OTHER: "other",
    Section.ANY: "unstated",
    Section.OUTCOMES: "unstated",
}
_REFERENCES = {Section.BACKGROUND: "BACKGROUND", Section.RESULTS: "RESULT", Section.DERIVED: "DERIVED"}
_FLAGS = ("studies a u.s. fda-regulated drug product", "studies a u.s. fda-regulated device product")
# A text that only speaks of a study has its identifier, but not these rows beside it.
_SIGNS = frozenset(
    {
        "accepts healthy volunteers",
        "ages eligible for study",
        "enrollment",
        "first posted",
        "last update posted",
        "official title",
        "recruitment status",
        "responsible party",
        "study start date",
        "study type",
    }
)
_SIGNS_NEEDED = 4
_MOST_BLOCKS = 200_000
"""So many lines no page has; the bound keeps the work on a made-up one small."""


class _Fact:
    """The value of a labelled row: its lines, and whether the label says actual or estimated."""

    def __init__(self, qualifier: str | None, lines: list[str]) -> None:
        self.qualifier = qualifier
        self.lines = lines

    @property
    def text(self) -> str:
        return self.lines[0] if self.lines else ""


def decode_page(record: RawRecord) -> Study:
    """The study of one registry page.

    Raises:
        RecordError: not UTF-8, or not the page of one study.
    """
    try:
        page = _Reader(_blocks(record), breaks_kept=record.form is Form.PAGE_HTML)
    except UnicodeDecodeError as error:
        raise RecordError(f"not UTF-8 at byte {error.start}", place=record.place, remedy="save it as UTF-8") from error
    problem = page.problem()
    if problem:
        raise RecordError(problem, place=record.place, remedy="expected the page of one study, whole")
    return page.study()


def page_problem(record: RawRecord) -> str:
    """Why a text is not the page of one study; ``""`` when it is.

    Raises:
        UnicodeDecodeError: not UTF-8.
    """
    if b"NCT" not in record.data:
        return "no NCT id"
    return _Reader(_blocks(record), breaks_kept=record.form is Form.PAGE_HTML).problem()


def _blocks(record: RawRecord) -> Iterator[Block]:
    text = without_mark(record.data).decode()
    return html_blocks(text.encode()) if record.form is Form.PAGE_HTML else text_blocks(text)


class _Reader:
    """The parts of one page, found by headings and labels."""

    def __init__(self, blocks: Iterator[Block], *, breaks_kept: bool) -> None:
        self._breaks_kept = breaks_kept
        self._titles: list[str] = []
        self._parts: list[tuple[Section, Block]] = []
        self._facts: dict[str, _Fact] = {}
        self._conditions: tuple[str, ...] = ()
        self._arms: list[tuple[str, ...]] = []
        self._tables: set[int] = set()  # the parts that are rows of the tables of conditions and arms
        self._used: set[int] = set()  # the parts that are labels with their values
        self._find_sections(blocks)
        self._find_tables()
        self._find_facts()

    def _find_sections(self, blocks: Iterator[Block]) -> None:
        """Give each block the section that the headings before it open."""
        section = Section.ANY
        for block in islice(blocks, _MOST_BLOCKS):
            if block.kind is Kind.TITLE or (block.kind is Kind.HEADING and not self._parts):
                self._titles.append(block.text)
            elif block.kind is Kind.HEADING:
                section = section_of(block.text) or Section.ANY
            elif block.kind is Kind.ROW:
                section = self._section_of_row(section, block)
                self._parts.append((section, block))
            elif block.kind is Kind.LINE and is_boilerplate(block.text):
                section = Section.ANY
            else:
                in_prose = section in (Section.SUMMARY, Section.DESCRIPTION)
                opened = section_of(block.text, in_prose=in_prose) if block.kind is Kind.LINE else None
                section = opened or section
                if not opened or (opened is Section.CRITERIA and squeezed(block.text).casefold() != "criteria"):
                    self._parts.append((section, block))

    @staticmethod
    def _section_of_row(section: Section, block: Block) -> Section:
        label = label_of(block.text)
        if label and label.name in ("accepts healthy volunteers", "sexes eligible for study"):
            return Section.CRITERIA  # what follows the table of eligibility, also where no heading says so
        ended = label or is_table_head(block.cells) or section in PROSE or section in _KINDS
        return Section.ANY if ended else section

    def _find_tables(self) -> None:
        table = ""
        for number, (section, block) in enumerate(self._parts):
            if block.kind is not Kind.ROW:
                table = ""
            elif head := is_table_head(block.cells):
                table = head
            elif label_of(block.text) or section in (Section.KEYWORDS, Section.MESH):
                table = ""
            elif table:
                self._tables.add(number)
                if table == "arms":
                    self._arms.append(block.cells)
                else:
                    self._conditions = self._conditions or block.cells

    def _find_facts(self) -> None:
        """Labels with their values: beside them, after a colon, or on the lines below."""
        waiting: tuple[Label, _Fact] | None = None
        for number, (section, block) in enumerate(self._parts):
            if section in PROSE and block.kind is not Kind.ROW:
                waiting = None
                continue
            filled = [cell for cell in block.cells if cell]
            label = label_of(block.text)
            if block.kind is Kind.ROW and label and len(filled) > 1:
                self._keep(label, [line for cell in filled[1:] for line in cell.split("\n")], row=True)
                self._used.add(number)
                waiting = None
                continue
            if len(filled) != 1 or block.kind in (Kind.ITEM, Kind.HEADING):
                waiting = None
                continue
            for line in filled[0].split("\n"):
                before, colon, after = line.partition(":")
                label = label_of(before) if colon else label_of(line)
                if label:
                    fact = _Fact(label.qualifier, [])
                    waiting = None if after.strip() else (label, fact)
                    if after.strip():
                        self._keep(label, [after.strip()])
                    self._used.add(number)
                elif waiting and (not waiting[1].lines or block.attached or block.kind is Kind.ROW):
                    waiting[1].lines.append(squeezed(line.removeprefix(":")))
                    self._keep(waiting[0], waiting[1].lines)
                    self._used.add(number)
                else:
                    waiting = None
            if block.kind is Kind.ROW and waiting and waiting[1].lines:
                waiting = None

    def _keep(self, label: Label, lines: list[str], *, row: bool = False) -> None:
        """Keep a fact; the first stands, but a row of a table says more than a line of text."""
        if row or label.name not in self._facts:
            self._facts[label.name] = _Fact(label.qualifier, lines)

    # What the page says

    def problem(self) -> str:
        """Why this is not the page of one study; ``""`` when it is."""
        if len(self._parts) >= _MOST_BLOCKS // 2:
            return f"more than {_MOST_BLOCKS // 2:,} lines"
        nct_id = self._nct_id()
        if not nct_id:
            return "no row or line that names the study's NCT id"
        signs = len(_SIGNS & self._facts.keys())
        if signs < _SIGNS_NEEDED:
            return f"names {nct_id}, but has only {signs} of the rows of a study's page"
        return ""

    def study(self) -> Study:
        """Everything that the page says."""
        outcomes = self._outcomes()
        keywords, keyword_runs, mesh_runs = self._trailing_lists()
        sponsors = self._sponsors()
        conditions, listed, phase, *_ = (*self._conditions, "", "", "")
        study_type = self._text("study type")
        protocol = Protocol(
            identification_module=self._identification(),
            status_module=self._status(),
            sponsor_collaborators_module=sponsors,
            oversight_module=Oversight(
                oversight_has_dmc=yes_no(self._text("has data monitoring committee")),
                is_fda_regulated_drug=yes_no(self._text(_FLAGS[0])),
                is_fda_regulated_device=yes_no(self._text(_FLAGS[1])),
            ),
            description_module=Description(
                brief_summary=self._prose(Section.SUMMARY), detailed_description=self._prose(Section.DESCRIPTION)
            ),
            conditions_module=Conditions(
                conditions=[line for line in conditions.split("\n") if line], keywords=keywords
            ),
            design_module=Design(
                study_type=next(
                    (code(name) for name in STUDY_TYPES if (study_type or "").startswith(name)), study_type
                ),
                phases=phases(phase),
                design_info=design_info({name: fact.text for name, fact in self._facts.items()}),
                enrollment_info=self._enrollment(),
            ),
            arms_interventions_module=arms_interventions(listed, self._arms),
            outcomes_module=Outcomes(
                primary_outcomes=outcomes["primary"],
                secondary_outcomes=outcomes["secondary"],
                other_outcomes=outcomes["other"],
            ),
            eligibility_module=self._eligibility(),
            contacts_locations_module=Contacts(overall_officials=self._officials(), locations=self._locations()),
            references_module=References(references=self._references()),
        )
        page = Page(unstated_outcomes=outcomes["unstated"], keyword_runs=keyword_runs, mesh_runs=mesh_runs)
        return Study(protocol_section=protocol, has_results=self._has_results(), page=page)

    def _text(self, label: str) -> str | None:
        fact = self._facts.get(label)
        return fact.text if fact else None

    def _nct_id(self) -> str:
        found = _NCT_ID.search(self._text("clinicaltrials.gov identifier") or "")
        return found[0] if found and is_nct_id(found[0]) else ""

    def _identification(self) -> Identification:
        lines = self._facts["other study id numbers"].lines if "other study id numbers" in self._facts else []
        headings = [title for title in self._titles[1:] if "clinicaltrials.gov" not in title.casefold()]
        title = (headings or self._titles or [""])[0]
        if not title and self._parts and self._parts[0][1].kind is Kind.LINE:
            title = self._parts[0][1].text  # a page made into text begins with its title
        return Identification(
            nct_id=self._nct_id(),
            org_study_id_info=OrgStudyId(id=lines[0]) if lines else None,
            secondary_id_infos=[secondary_id(line) for line in lines[1:]],
            brief_title=_SITE_NAME.sub("", title) or None,
            official_title=self._text("official title"),
        )

    def _date(self, label: str) -> DateStruct | None:
        fact = self._facts.get(label)
        return date_struct(fact.text, fact.qualifier) if fact else None

    def _status(self) -> Status:
        overall, why_stopped = status(self._text("recruitment status") or "")
        return Status(
            overall_status=overall or None,
            why_stopped=why_stopped,
            start_date_struct=self._date("study start date"),
            primary_completion_date_struct=self._date("primary completion date"),
            completion_date_struct=self._date("study completion date"),
            study_first_post_date_struct=self._date("first posted"),
            results_first_post_date_struct=self._date("results first posted"),
            last_update_post_date_struct=self._date("last update posted"),
        )

    def _sponsors(self) -> SponsorCollaborators:
        listed = [block.text for section, block in self._parts if section is Section.SPONSORS]
        sponsor = self._text("sponsor") or (listed[0] if listed else None)
        collaborators = self._facts["collaborator"].lines if "collaborator" in self._facts else listed[1:]
        stated = self._text("responsible party") or self._text("information provided by")
        answer = responsible(stated, sponsor) if stated else None
        lead = sponsor or (answer.sponsor if answer else None)
        return SponsorCollaborators(
            responsible_party=answer.party if answer else None,
            lead_sponsor=Organization(name=lead) if lead else None,
            collaborators=[Organization(name=name) for name in collaborators],
        )

    def _enrollment(self) -> Enrollment | None:
        fact = self._facts.get("enrollment")
        return enrollment(fact.text, fact.qualifier) if fact else None

    def _prose(self, wanted: Section) -> str | None:
        """Free text of a section: paragraphs apart by a blank line, items of a list below each other."""
        text = ""
        listing = False
        for section, block in self._parts:
            if section is not wanted or block.kind is Kind.ROW:
                continue
            if block.kind is Kind.ITEM:
                line = "  " * block.level + "* " + squeezed(block.text)
                text += ("\n" if listing else "\n\n") + line
            else:
                text += "\n\n" + block.text
            listing = block.kind is Kind.ITEM
        return text.strip() or None

    def _outcomes(self) -> dict[str, list[Outcome]]:
        texts: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
        last = ""
        for section, block in self._parts:
            kind = _KINDS.get(section)
            if kind and block.kind is Kind.ITEM and (kind != "unstated" or "time frame:" in block.text.casefold()):
                texts[kind].append(block.text)
                last = kind
            elif kind == last and block.kind is Kind.LINE and block.attached and texts[last]:
                texts[last][-1] += "\n" + block.text
            else:
                last = ""
        return {kind: [outcome(text) for text in found] for kind, found in texts.items()}

    def _eligibility(self) -> Eligibility:
        eligibility = age_limits(self._text("ages eligible for study") or "")
        sex = self._text("sexes eligible for study")
        eligibility.sex = code(sex, {"both": "ALL"}) if sex else None
        eligibility.healthy_volunteers = yes_no(self._text("accepts healthy volunteers"))
        eligibility.eligibility_criteria = self._prose(Section.CRITERIA)
        return eligibility

    def _officials(self) -> list[Official]:
        found = []
        for _, block in self._parts:
            role = block.text.rstrip(" :").casefold()
            filled = [squeezed(cell) for cell in block.cells if cell]
            if block.kind is Kind.ROW and role in ROLES and len(filled) > 1:
                affiliation = filled[2] if len(filled) > 2 else None
                found.append(Official(name=filled[1], affiliation=affiliation, role=code(role)))
        return found

    def _locations(self) -> list[Location]:
        """The sites; where the heading of their list is lost, they are between the criteria and the last labels."""
        criteria = [number for number, (section, _) in enumerate(self._parts) if section is Section.CRITERIA]
        headless = range(max(criteria, default=0), max(self._used, default=0))
        taken = self._used | self._tables
        lines: list[SiteLine] = []
        for number, (section, block) in enumerate(self._parts):
            listed = section is Section.LOCATIONS or (section is Section.ANY and number in headless)
            if listed and number not in taken:
                lines += SiteLine.of(block.cells)
        return sites(lines)

    def _references(self) -> list[Reference]:
        return [
            Reference(type=_REFERENCES[section], citation=squeezed(block.text))
            for section, block in self._parts
            if section in _REFERENCES and block.kind is not Kind.ROW and not block.text.endswith(":")
        ]

    def _has_results(self) -> bool | None:
        """Whether results are posted, as the tab of the page says."""
        if "results first posted" in self._facts:
            return True
        tabs = {squeezed(block.text).casefold() for _, block in self._parts if block.kind is not Kind.ROW}
        return False if "no results posted" in tabs else True if "study results" in tabs else None

    def _trailing_lists(self) -> tuple[list[str], list[str], list[str]]:
        """Keywords, runs of keywords, runs of MeSH terms.

        Where the headings are lost, the two lists are the rows of two cells each that end the page, after the last
        labelled row: first the keywords, then the MeSH terms, which the page has in this order and which nothing
        else follows. Where there are no more than two cells, one list is missing, and nothing says which: they are
        taken as keywords, the weaker claim.
        """
        keywords = self._cells_of(Section.KEYWORDS)
        mesh = self._cells_of(Section.MESH)
        if not keywords and not mesh:
            rest = [
                cell
                for _, block in self._parts[max(self._used, default=-1) + 1 :]
                if block.kind is Kind.ROW and not block.text.endswith(":")
                for cell in block.cells
                if cell
            ]
            mesh = rest[-2:] if len(rest) > 2 else []
            keywords = rest[: len(rest) - len(mesh)]
        listed = [line for cell in keywords for line in cell.split("\n")]
        terms = [line for cell in mesh for line in cell.split("\n")]
        # Under its heading, a list that goes over lines has one entry on each; one line may be many run together.
        breaks = any(section is Section.KEYWORDS and block.kind is not Kind.ROW for section, block in self._parts)
        return (listed, [], terms) if self._breaks_kept or breaks else ([], listed, terms)

    def _cells_of(self, wanted: Section) -> list[str]:
        return [cell for section, block in self._parts if section is wanted for cell in block.cells if cell]
