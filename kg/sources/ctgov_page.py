"""Registry pages, as text or HTML → studies.

Headings and the labels of rows decide what a piece of the page is, never its position, with one exception: where a
converter has lost the headings of the last two lists (:func:`_Reader.trailing_lists`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import RecordError
from kg.sources.detect import without_mark
from kg.sources.page_blocks import Block, Kind, text_blocks
from kg.sources.page_html import html_blocks
from kg.sources.page_lists import SiteLine, arms_interventions, sites
from kg.sources.page_parts import KINDS_OF_OUTCOME, MOST_BLOCKS, PageParts
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
    ROLES,
    STUDY_TYPES,
    Section,
    code,
    squeezed,
)
from kg.sources.record import Form, RawRecord
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

_SITE_NAME = re.compile(r"( - (Full Text View|Study Details))?( [-|] ClinicalTrials\.gov){1,2}$", re.IGNORECASE)
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
    """What a page says, from its parts."""

    def __init__(self, blocks: Iterator[Block], *, breaks_kept: bool) -> None:
        self._page = PageParts(blocks)
        self._breaks_kept = breaks_kept

    def problem(self) -> str:
        """Why this is not the page of one study; ``""`` when it is."""
        if self._page.too_long:
            return f"more than {MOST_BLOCKS:,} lines"
        if len(self._page.nct_ids) != 1:
            names = ", ".join(sorted(self._page.nct_ids)[:5])
            return f"names more than one study: {names}" if names else "no row or line that names the study's NCT id"
        signs = len(_SIGNS & self._page.facts.keys())
        if signs < _SIGNS_NEEDED:
            return f"names {self._nct_id()}, but has only {signs} of the rows of a study's page"
        return ""

    def study(self) -> Study:
        """Everything that the page says."""
        outcomes = self._outcomes()
        keywords, keyword_runs, mesh_runs = self._trailing_lists()
        conditions, listed, phase, *_ = (*self._page.conditions, "", "", "")
        study_type = self._text("study type")
        protocol = Protocol(
            identification_module=self._identification(),
            status_module=self._status(),
            sponsor_collaborators_module=self._sponsors(),
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
                design_info=design_info({name: fact.text for name, fact in self._page.facts.items()}),
                enrollment_info=self._enrollment(),
            ),
            arms_interventions_module=arms_interventions(listed, self._page.arms),
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
        fact = self._page.facts.get(label)
        return fact.text if fact else None

    def _lines(self, label: str) -> list[str]:
        fact = self._page.facts.get(label)
        return fact.lines if fact else []

    def _nct_id(self) -> str:
        return min(self._page.nct_ids)

    def _identification(self) -> Identification:
        numbers = self._lines("other study id numbers")
        headings = [title for title in self._page.titles[1:] if "clinicaltrials.gov" not in title.casefold()]
        title = (headings or self._page.titles or [""])[0]
        if not title and 0 not in self._page.used:
            title = self._page.parts[0][1].text  # a page made into text begins with its title
        return Identification(
            nct_id=self._nct_id(),
            org_study_id_info=OrgStudyId(id=numbers[0]) if numbers else None,
            secondary_id_infos=[secondary_id(number) for number in numbers[1:]],
            brief_title=_SITE_NAME.sub("", title) or None,
            official_title=self._text("official title"),
        )

    def _date(self, label: str) -> DateStruct | None:
        fact = self._page.facts.get(label)
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
        listed = [block.text for section, block in self._page.parts if section is Section.SPONSORS]
        sponsor = self._text("sponsor") or (listed[0] if listed else None)
        collaborators = self._lines("collaborator") or listed[1:]
        stated = self._text("responsible party") or self._text("information provided by")
        answer = responsible(stated, sponsor) if stated else None
        lead = sponsor or (answer.sponsor if answer else None)
        return SponsorCollaborators(
            responsible_party=answer.party if answer else None,
            lead_sponsor=Organization(name=lead) if lead else None,
            collaborators=[Organization(name=name) for name in collaborators],
        )

    def _enrollment(self) -> Enrollment | None:
        fact = self._page.facts.get("enrollment")
        return enrollment(fact.text, fact.qualifier) if fact else None

    def _prose(self, wanted: Section) -> str | None:
        """Free text of a section: paragraphs apart by a blank line, items of a list below each other."""
        text = ""
        listing = False
        for section, block in self._page.parts:
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
        texts: dict[str, list[str]] = {kind: [] for kind in KINDS_OF_OUTCOME.values()}
        last = ""
        for section, block in self._page.parts:
            kind = KINDS_OF_OUTCOME.get(section)
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
        for _, block in self._page.parts:
            role = block.text.rstrip(" :").casefold()
            filled = [squeezed(cell) for cell in block.cells if cell]
            if block.kind is Kind.ROW and role in ROLES and len(filled) > 1:
                affiliation = filled[2] if len(filled) > 2 else None
                found.append(Official(name=filled[1], affiliation=affiliation, role=code(role)))
        return found

    def _locations(self) -> list[Location]:
        """The sites; where the heading of their list is lost, they are between the criteria and the last labels."""
        criteria = [number for number, (section, _) in enumerate(self._page.parts) if section is Section.CRITERIA]
        headless = range(max(criteria, default=0), max(self._page.used, default=0))
        taken = self._page.used | self._page.tables
        lines: list[SiteLine] = []
        for number, (section, block) in enumerate(self._page.parts):
            listed = section is Section.LOCATIONS or (section is Section.ANY and number in headless)
            if listed and number not in taken:
                lines += SiteLine.of(block.cells)
        return sites(lines)

    def _references(self) -> list[Reference]:
        return [
            Reference(type=_REFERENCES[section], citation=squeezed(block.text))
            for section, block in self._page.parts
            if section in _REFERENCES and block.kind is not Kind.ROW and not block.text.endswith(":")
        ]

    def _has_results(self) -> bool | None:
        """Whether results are posted, as the tab of the page says."""
        if "results first posted" in self._page.facts:
            return True
        tabs = {squeezed(block.text).casefold() for _, block in self._page.parts if block.kind is not Kind.ROW}
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
                for _, block in self._page.parts[max(self._page.used, default=-1) + 1 :]
                if block.kind is Kind.ROW and not block.text.endswith(":")
                for cell in block.cells
                if cell
            ]
            mesh = rest[-2:] if len(rest) > 2 else []
            keywords = rest[: len(rest) - len(mesh)]
        listed = [line for cell in keywords for line in cell.split("\n")]
        terms = [line for cell in mesh for line in cell.split("\n")]
        # Under its heading, a list that goes over lines has one entry on each; one line may be many run together.
        breaks = any(section is Section.KEYWORDS and block.kind is not Kind.ROW for section, block in self._page.parts)
        return (listed, [], terms) if self._breaks_kept or breaks else ([], listed, terms)

    def _cells_of(self, wanted: Section) -> list[str]:
        return [cell for section, block in self._page.parts if section is wanted for cell in block.cells if cell]
