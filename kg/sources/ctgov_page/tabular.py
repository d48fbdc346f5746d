"""The tabular view of a registry page → a study: one row for each element, known by its label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kg.sources.ctgov_page.blocks import Block, Kind
from kg.sources.ctgov_page.lines import Line, inner_values, lines_of, prose
from kg.sources.ctgov_page.tabular_lists import arms_and_interventions, countries, officials, outcomes
from kg.sources.ctgov_page.tabular_words import GROUPS, MARKED, TabularLabel, has_mark, tabular_label
from kg.sources.ctgov_page.values import (
    age_limits,
    bio_spec,
    date_struct,
    design_info,
    enrollment,
    ipd_sharing,
    oversight,
    phases,
    responsible,
    secondary_id,
    status,
    study_type,
    yes_no,
)
from kg.sources.ctgov_page.words import DESIGN_LABELS, IPD_LABELS, code, label_of, squeezed
from kg.sources.record import one_line
from kg.study import (
    Conditions,
    Contacts,
    DateStruct,
    Derived,
    Description,
    Design,
    Eligibility,
    FullOrganization,
    Identification,
    Location,
    MiscInfo,
    Organization,
    OrgStudyId,
    Outcomes,
    Oversight,
    Protocol,
    Reference,
    References,
    SponsorCollaborators,
    Status,
    Study,
)

__all__ = ["TabularView"]

_PROSE = frozenset({"brief summary", "detailed description", "eligibility criteria", "study population"})
_ARMS = frozenset({"study arms", "study groups/cohorts"})
_NOTHING = frozenset({"not provided", "same as current", "no changes posted", ""})
# A link, and people to call: neither is kept.
_NOT_KEPT = frozenset({"change history", "contacts"})
_LABEL_WITH_MARK = re.compile(r"(.{1,120}?\bICMJE\b(?:\s*\((?:submitted|posted):[^()]*\))?)\s*:?\s*(.*)", re.DOTALL)
_SUBMITTED = re.compile(r"\(\s*(?:submitted|posted)\s*:[^()]*\)\s*", re.IGNORECASE)
_NCT_ID = re.compile(r"\bNCT[0-9]{8}\b")
_GENDER = ("gender based eligibility", "gender eligibility description", "sexes eligible for study", "gender based",
           "gender eligibility", "sex")  # fmt: skip
_NO_PUBLICATION = "includes publications given by the data provider"
_LONGEST_NOTE = 2000


class _Entry(NamedTuple):
    label: TabularLabel
    lines: list[Line]


class TabularView:
    """What the tabular view says.

    Attributes:
        nct_ids: the studies that it names as its own.
        signs: how many of its rows are known.
    """

    def __init__(self, blocks: list[Block]) -> None:
        self._current: dict[str, _Entry] = {}
        self._original: list[_Entry] = []
        self._read(blocks)
        self.nct_ids = set(_NCT_ID.findall(self._text("nct number") or ""))
        self.signs = len(self._current)

    def _read(self, blocks: list[Block]) -> None:
        marks = any(has_mark(block.text) for block in blocks)
        entry: _Entry | None = None
        for block in blocks:
            found = self._label(block, marks, entry)
            if found:
                label, lines = found
                entry = _Entry(label, lines)
                if label.original:
                    self._original.append(entry)
                else:
                    self._current.setdefault(label.name, entry)
            elif squeezed(block.text).casefold() in GROUPS:
                entry = None
            elif entry:
                entry.lines.extend(lines_of(block))

    def _label(self, block: Block, marks: bool, entry: _Entry | None) -> tuple[TabularLabel, list[Line]] | None:
        """The label that a block begins with, and the lines of the value beside it."""
        if block.kind is Kind.ITEM:
            return None
        label = tabular_label(block.text)
        if label and (block.kind is Kind.ROW or self._stands_alone(label, block, marks, entry)):
            return label, list(lines_of(block, first=1)) if block.kind is Kind.ROW else []
        together = _LABEL_WITH_MARK.fullmatch(block.text[:_LONGEST_NOTE]) if has_mark(block.text[:150]) else None
        label = tabular_label(together[1]) if together else None
        if together and label:
            return label, [Line(block.text[together.start(2) :]), *lines_of(block, first=1)]
        return None

    def _stands_alone(self, label: TabularLabel, block: Block, marks: bool, entry: _Entry | None) -> bool:
        """Whether a line that reads like a label is one, and no line of the free text that it is in."""
        if has_mark(block.text) or not entry:
            return True
        if (marks and label.name in MARKED) or (label.name == "intervention" and entry.label.name in _ARMS):
            return False
        return entry.label.name not in _PROSE or label.name not in self._current

    def _lines(self, label: str) -> list[Line]:
        """The lines of a value; none where it says that nothing was provided."""
        entry = self._current.get(label)
        return _filled(entry.lines) if entry else []

    def _text(self, label: str) -> str | None:
        lines = self._lines(label)
        return squeezed(" ".join((lines[0].text, *lines[0].rest))) if lines else None

    def _date(self, label: str) -> str | None:
        text = self._text(label)
        return date_struct(text).date if text else None

    def _date_struct(self, label: str) -> DateStruct | None:
        text = self._text(label)
        return date_struct(text, self._current[label].label.qualifier) if text else None

    def study(self) -> Study:
        """Everything that the view says."""
        notes: list[str] = []
        design = inner_values(self._lines("study design"), DESIGN_LABELS)
        facts = {name: "\n".join(values) for name, values in design.items()}
        type_ = study_type(self._text("study type") or "")
        size = self._text("enrollment") or self._text("estimated enrollment")
        measured = {kind: outcomes(self._lines(f"{kind} outcome measures")) for kind in _KINDS}
        arms = self._lines("study arms") or self._lines("study groups/cohorts")
        protocol = Protocol(
            identification_module=self._identification(),
            status_module=self._status(),
            sponsor_collaborators_module=self._sponsors(),
            oversight_module=self._oversight(),
            description_module=Description(
                brief_summary=prose(self._lines("brief summary")),
                detailed_description=prose(self._lines("detailed description")),
            ),
            conditions_module=Conditions(conditions=[line.text for line in self._lines("condition") if line.text]),
            design_module=Design(
                study_type=type_.code,
                patient_registry=type_.patient_registry,
                expanded_access_types=type_.expanded_access,
                target_duration=self._text("target follow-up duration"),
                phases=phases(" ".join(line.text for line in self._lines("study phase"))),
                design_info=design_info(facts) if facts else None,
                bio_spec=bio_spec(self._lines("biospecimen")),
                enrollment_info=enrollment(size, self._qualifier("enrollment")) if size else None,
            ),
            arms_interventions_module=arms_and_interventions(self._lines("intervention"), arms, notes),
            outcomes_module=Outcomes(
                primary_outcomes=measured["primary"],
                secondary_outcomes=measured["secondary"],
                other_outcomes=measured["other pre-specified"],
            ),
            eligibility_module=self._eligibility(),
            contacts_locations_module=Contacts(
                overall_officials=officials(self._lines("investigators")),
                locations=[Location(country=name) for name in countries(self._lines("listed location countries"))],
            ),
            references_module=References(
                references=[
                    Reference(citation=line.text)
                    for line in self._lines("publications")
                    if not line.text.casefold().lstrip("* ").startswith(_NO_PUBLICATION)
                ]
            ),
            ipd_sharing_statement_module=ipd_sharing(inner_values(self._lines("ipd sharing statement"), IPD_LABELS)),
        )
        removed = countries(self._lines("removed location countries"))
        return Study(
            protocol_section=protocol,
            derived_section=Derived(misc_info_module=MiscInfo(removed_countries=removed)),
            has_results=True if self._text("results first posted date") else None,
            reading_notes=[*notes, *self._not_taken()],
        )

    def _qualifier(self, label: str) -> str | None:
        entry = self._current.get(label)
        return entry.label.qualifier if entry else None

    def _identification(self) -> Identification:
        numbers = [line.text for line in self._lines("other study id numbers") if line.text]
        account = self._text("prs account")
        return Identification(
            nct_id=min(self.nct_ids, default=None),
            org_study_id_info=OrgStudyId(id=numbers[0]) if numbers else None,
            secondary_id_infos=[secondary_id(number) for number in numbers[1:]],
            brief_title=self._text("brief title"),
            official_title=self._text("official title"),
            organization=FullOrganization(full_name=account) if account else None,
        )

    def _status(self) -> Status:
        lines = self._lines("recruitment status")
        found = status(" ".join(line.text for line in lines))
        return Status(
            status_verified_date=self._date("verification date"),
            overall_status=found.overall or None,
            last_known_status=found.last_known,
            why_stopped=found.why_stopped,
            start_date_struct=self._date_struct("study start date"),
            primary_completion_date_struct=self._date_struct("primary completion date"),
            completion_date_struct=self._date_struct("study completion date"),
            study_first_submit_date=self._date("first submitted date"),
            study_first_post_date_struct=self._date_struct("first posted date"),
            results_first_submit_date=self._date("results first submitted date"),
            results_first_post_date_struct=self._date_struct("results first posted date"),
            disp_first_submit_date=self._date("disposition first submitted date"),
            disp_first_post_date_struct=self._date_struct("disposition first posted date"),
            last_update_submit_date=self._date("last update submitted date"),
            last_update_post_date_struct=self._date_struct("last update posted date"),
        )

    def _sponsors(self) -> SponsorCollaborators:
        sponsor = self._text("study sponsor")
        stated = self._text("responsible party")
        answer = responsible(stated, sponsor) if stated else None
        lead = sponsor or (answer.sponsor if answer else None)
        return SponsorCollaborators(
            responsible_party=answer.party if answer else None,
            lead_sponsor=Organization(name=lead) if lead else None,
            collaborators=[Organization(name=line.text) for line in self._lines("collaborators") if line.text],
        )

    def _oversight(self) -> Oversight:
        facts: dict[str, str] = {}
        lines = self._lines("u.s. fda-regulated product")
        for number, line in enumerate(lines):
            before, _, after = line.text.partition(":")
            label = label_of(before)
            below = lines[number + 1].text if number + 1 < len(lines) else ""
            if label:
                facts[label.name] = " ".join(line.rest) or after.strip() or below
        return oversight(facts, self._text("has data monitoring committee"))

    def _eligibility(self) -> Eligibility:
        eligibility = age_limits(self._text("ages") or "")
        sex = inner_values(self._lines("sex/gender"), _GENDER)
        word = next((sex[name] for name in ("sexes eligible for study", "sex") if sex.get(name)), None)
        word = word or [line.text for line in self._lines("sex/gender")[:1] if ":" not in line.text]
        eligibility.sex = code(word[0], {"both": "ALL"}) if word else None
        based = sex.get("gender based eligibility") or sex.get("gender based")
        eligibility.gender_based = yes_no(based[0]) if based else None
        eligibility.gender_description = "\n".join(sex.get("gender eligibility description", [])) or None
        eligibility.healthy_volunteers = yes_no(self._text("accepts healthy volunteers"))
        eligibility.eligibility_criteria = prose(self._lines("eligibility criteria"))
        eligibility.study_population = prose(self._lines("study population"))
        sampling = self._text("sampling method")
        eligibility.sampling_method = code(sampling) if sampling else None
        return eligibility

    def _not_taken(self) -> list[str]:
        """What was first registered and has changed since, and rows that no field takes."""
        taken = [self._current[name] for name in ("supplementary information",) if name in self._current]
        return [
            one_line(f"{_title(entry.label)}: {text}", _LONGEST_NOTE)
            for entry in (*self._original, *taken)
            if (text := " ".join(" ".join((line.text, *line.rest)) for line in _filled(entry.lines)))
            and entry.label.name not in _NOT_KEPT
        ]


_KINDS = ("primary", "secondary", "other pre-specified")


def _title(label: TabularLabel) -> str:
    words = ("Original " if label.original else "") + ("estimated " if label.qualifier == "ESTIMATED" else "")
    return (words + label.name)[:1].upper() + (words + label.name)[1:]


def _filled(lines: Iterable[Line]) -> list[Line]:
    kept = [line._replace(text=_SUBMITTED.sub("", line.text, count=1)) if "(" in line.text[:2] else line
            for line in lines]  # fmt: skip
    kept = [line for line in kept if line.text or line.rest]
    if len(kept) == 1 and kept[0].text.casefold().rstrip(" .") in _NOTHING and not kept[0].rest:
        return []
    return kept
