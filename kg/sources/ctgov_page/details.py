"""The study details of a registry page → a study.

Headings and the labels of rows decide what a piece of the page is, never its position, with one exception: where a
converter has lost the headings of the last two lists (:meth:`StudyDetails._trailing_lists`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.sources.ctgov_page.blocks import Block, Kind
from kg.sources.ctgov_page.lines import lines_of, prose
from kg.sources.ctgov_page.lists import SiteLine, arms_interventions, sites
from kg.sources.ctgov_page.parts import KINDS_OF_OUTCOME, PageParts
from kg.sources.ctgov_page.values import (
    age_limits,
    date_struct,
    design_info,
    enrollment,
    ipd_sharing,
    outcome,
    oversight,
    phases,
    responsible,
    secondary_id,
    status,
    study_type,
    yes_no,
)
from kg.sources.ctgov_page.words import IPD_LABELS, ROLES, Section, code, squeezed
from kg.study import (
    BioSpec,
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
    Page,
    Protocol,
    Reference,
    References,
    SponsorCollaborators,
    Status,
    Study,
)

__all__ = ["StudyDetails"]

_SITE_NAME = re.compile(
    r"( - (Full Text View|Study Details|Tabular View|Study Results))?( [-|] ClinicalTrials\.gov){1,2}$", re.IGNORECASE
)
_REFERENCES = {Section.BACKGROUND: "BACKGROUND", Section.RESULTS: "RESULT", Section.DERIVED: "DERIVED"}
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


class StudyDetails:
    """What the study details say, and the rows that all tabs have: titles, NCT id, status, dates.

    Args:
        blocks: of this tab, and of what stands before and between the tabs.
        breaks_kept: the lines of a cell are as they were, as in HTML.

    Attributes:
        nct_ids: the studies that the page names as its own.
        signs: how many of the rows there are that only a study's page has.
    """

    def __init__(self, blocks: Iterable[Block], *, breaks_kept: bool) -> None:
        self._page = PageParts(blocks)
        self._breaks_kept = breaks_kept
        self.nct_ids = self._page.nct_ids
        self.signs = len(_SIGNS & self._page.facts.keys())

    def study(self) -> Study:
        """Everything that the page says."""
        outcomes = self._outcomes()
        keywords, keyword_runs, mesh_runs = self._trailing_lists()
        conditions, listed, phase, *_ = (*self._page.conditions, "", "", "")
        type_ = study_type(self._text("study type") or "")
        protocol = Protocol(
            identification_module=self._identification(),
            status_module=self._status(),
            sponsor_collaborators_module=self._sponsors(),
            oversight_module=oversight(
                {name: fact.text for name, fact in self._page.facts.items()},
                self._text("has data monitoring committee"),
            ),
            description_module=Description(
                brief_summary=self._prose(Section.SUMMARY), detailed_description=self._prose(Section.DESCRIPTION)
            ),
            conditions_module=Conditions(
                conditions=[line for line in conditions.split("\n") if line], keywords=keywords
            ),
            design_module=Design(
                study_type=type_.code,
                patient_registry=type_.patient_registry,
                expanded_access_types=type_.expanded_access,
                target_duration=self._text("target follow-up duration"),
                phases=phases(phase),
                design_info=design_info({name: "\n".join(fact.lines) for name, fact in self._page.facts.items()}),
                bio_spec=self._bio_spec(),
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
            ipd_sharing_statement_module=ipd_sharing(
                {name: fact.lines for name, fact in self._page.facts.items() if name in IPD_LABELS}
            ),
        )
        page = Page(unstated_outcomes=outcomes["unstated"], keyword_runs=keyword_runs, mesh_runs=mesh_runs)
        return Study(protocol_section=protocol, has_results=self._has_results(), page=page)

    def _text(self, label: str) -> str | None:
        fact = self._page.facts.get(label)
        return fact.text if fact else None

    def _lines(self, label: str) -> list[str]:
        fact = self._page.facts.get(label)
        return fact.lines if fact else []

    def _identification(self) -> Identification:
        numbers = self._lines("other study id numbers")
        headings = [title for title in self._page.titles[1:] if "clinicaltrials.gov" not in title.casefold()]
        title = (headings or self._page.titles or [""])[0]
        if not title and self._page.parts and 0 not in self._page.used:
            title = self._page.parts[0][1].text  # a page made into text begins with its title
        return Identification(
            nct_id=min(self.nct_ids, default=None),
            org_study_id_info=OrgStudyId(id=numbers[0]) if numbers else None,
            secondary_id_infos=[secondary_id(number) for number in numbers[1:]],
            brief_title=_SITE_NAME.sub("", title) or None,
            official_title=self._text("official title"),
        )

    def _date(self, label: str) -> DateStruct | None:
        fact = self._page.facts.get(label)
        return date_struct(fact.text, fact.qualifier) if fact else None

    def _day(self, label: str) -> str | None:
        found = self._date(label)
        return found.date if found else None

    def _status(self) -> Status:
        found = status(" ".join(self._lines("recruitment status")))
        return Status(
            status_verified_date=self._day("last verified"),
            overall_status=found.overall or None,
            last_known_status=found.last_known,
            why_stopped=found.why_stopped,
            study_first_submit_date=self._day("first submitted"),
            results_first_submit_date=self._day("results first submitted"),
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
        return prose(
            line
            for section, block in self._page.parts
            if section is wanted and block.kind is not Kind.ROW
            for line in lines_of(block)
        )

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
        eligibility.gender_based = yes_no(self._text("gender based eligibility"))
        eligibility.gender_description = "\n".join(self._lines("gender eligibility description")) or None
        sampling = self._text("sampling method")
        eligibility.sampling_method = code(sampling) if sampling else None
        eligibility.eligibility_criteria = self._prose(Section.CRITERIA)
        eligibility.study_population = self._prose(Section.POPULATION)
        return eligibility

    def _bio_spec(self) -> BioSpec | None:
        kept = self._text("biospecimen retention")
        described = self._prose(Section.BIOSPECIMEN)
        return BioSpec(retention=code(kept) if kept else None, description=described) if kept or described else None

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
