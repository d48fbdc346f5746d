"""The study results of a registry page → a study: participant flow, measures, adverse events, agreements."""

from __future__ import annotations

import re

from kg.sources.ctgov_page.blocks import Block
from kg.sources.ctgov_page.events import adverse_events
from kg.sources.ctgov_page.measures import baseline, outcome_result
from kg.sources.ctgov_page.rows import Row, free_label, key_of, result_rows
from kg.sources.ctgov_page.tables import GroupTable, number, split
from kg.sources.ctgov_page.values import design_info
from kg.sources.ctgov_page.words import DESIGN_LABELS, INTERVENTION_TYPES, code, squeezed
from kg.study import (
    Achievement,
    Agreement,
    ArmsInterventions,
    Conditions,
    Design,
    DropWithdraw,
    Flow,
    Intervention,
    Limitations,
    Milestone,
    MoreInfo,
    OutcomeMeasures,
    Period,
    PointOfContact,
    Protocol,
    Results,
    Study,
)

__all__ = ["StudyResults"]

_PARTS = {
    "participant flow": "flow",
    "baseline characteristics": "baseline",
    "outcome measures": "outcomes",
    "adverse events": "events",
    "limitations and caveats": "more",
    "more information": "more",
    "certain agreements": "more",
    "results point of contact": "more",
}
_OUTCOME = re.compile(r"(?:\d{1,4}\. )?(primary|secondary|other pre-specified|post-hoc) outcome")
_PERIOD = re.compile(r"Period Title:\s*(.+)", re.IGNORECASE)
_MILESTONES = {"started": "STARTED", "completed": "COMPLETED", "not completed": "NOT COMPLETED"}
_COUNTED = re.compile(r"([0-9][0-9,]*)(?:\s*\[(\d{1,3})\])?")
_FOOTNOTE = re.compile(r"\[(\d{1,3})\]\s*(.+)", re.DOTALL)
_EMPLOYED = re.compile(r"principal investigators are( not)? employed by", re.IGNORECASE)
_AGREED = re.compile(r"there is( not)? an agreement between", re.IGNORECASE)
# How long the sponsor may hold back a publication, in the registry's own sentences on it.
_RESTRICTIONS = (
    ("less than or equal to 60 days", "LTE60"),
    ("more than 60 days", "GT60"),
    ("restriction type:", "OTHER"),
    ("restriction description:", "OTHER"),
)
_DETAILS = re.compile(r"restriction description:\s*(.+)", re.IGNORECASE | re.DOTALL)
_CONTACT = re.compile(r"(name/title|name or official title|organization)\s*:\s*(.+)", re.IGNORECASE)
_DESIGN = re.compile(rf"\b({'|'.join(sorted(DESIGN_LABELS, key=len, reverse=True))})\s*:\s*", re.IGNORECASE)
_TYPED = re.compile(rf"({'|'.join(INTERVENTION_TYPES)}): (.+)")


class StudyResults:
    """What the results say.

    Attributes:
        signs: how many of their parts there are.
    """

    def __init__(self, blocks: list[Block]) -> None:
        self._parts: dict[str, list[Row]] = {"": []}
        self._outcomes: list[tuple[str, list[Row]]] = []
        self._part_rows(result_rows(blocks))
        self.signs = 2 * (len(self._parts) - 1)

    def _part_rows(self, rows: list[Row]) -> None:
        """Give each row to the part whose heading, or whose own label, is above it."""
        current = self._parts[""]
        for row in rows:
            key = key_of(row[0])
            outcome = _OUTCOME.fullmatch(key)
            name = _PARTS.get(key) if len(row) == 1 or key == "limitations and caveats" else None
            if key in ("recruitment details", "pre-assignment details") or key.startswith("period title:"):
                name = name or "flow"
            elif key == "adverse event reporting description" or (
                len(row) == 1 and key in ("all-cause mortality", "serious adverse events")
            ):
                name = name or "events"
            elif key.startswith("overall number of baseline "):
                name = name or "baseline"
            if outcome:
                self._outcomes.append((code(outcome[1]), []))
                current = self._outcomes[-1][1]
                self._parts.setdefault("outcomes", [])
                continue
            if name:
                current = self._parts.setdefault(name, [])
                if len(row) == 1 and key in ("participant flow", "baseline characteristics", "outcome measures",
                                              "adverse events", "more information"):  # fmt: skip
                    continue
            current.append(row)

    def study(self) -> Study:
        """Everything that the results say."""
        notes: list[str] = []
        results = Results()
        if "flow" in self._parts:
            results.participant_flow_module = _flow(self._parts["flow"], notes)
        if "baseline" in self._parts:
            results.baseline_characteristics_module = baseline(self._parts["baseline"], notes)
        if self._outcomes:
            results.outcome_measures_module = OutcomeMeasures(
                outcome_measures=[outcome_result(type_, rows, notes) for type_, rows in self._outcomes]
            )
        if "events" in self._parts:
            results.adverse_events_module = adverse_events(self._parts["events"], notes)
        if "more" in self._parts:
            results.more_info_module = _more(self._parts["more"])
        some = len(self._parts) > 1
        return Study(
            protocol_section=self._head(),
            results_section=results if some else None,
            has_results=True if some else None,
            reading_notes=[squeezed(note) for note in notes],
        )

    def _head(self) -> Protocol:
        """The study again, in the few rows that begin the results."""
        found = Protocol()
        for label, value in filter(None, map(free_label, self._parts[""])):
            if label == "conditions":
                found.conditions_module = Conditions(conditions=[line for line in value.split("\n") if line])
            elif label == "interventions":
                named = [_TYPED.fullmatch(squeezed(line)) for line in value.split("\n")]
                found.arms_interventions_module = ArmsInterventions(
                    interventions=[Intervention(type=code(one[1]), name=one[2]) for one in named if one]
                )
            elif label == "study design":
                pieces = _DESIGN.split(squeezed(value))
                texts = {
                    name.casefold(): text.strip(" ;") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
                }
                found.design_module = Design(design_info=design_info(texts))
        return found


def _flow(rows: list[Row], notes: list[str]) -> Flow:
    found = Flow()
    table = GroupTable("FG")
    reasons = False
    marked: dict[str, list[Achievement]] = {}
    for row in rows:
        period = _PERIOD.fullmatch(squeezed(row[0])) if row[0] else None
        free = free_label(row)
        taken = table.read(row)
        footnote = _FOOTNOTE.fullmatch(row[0]) if len(row) == 1 else None
        if taken is not False:
            if taken is None:
                notes.append("Participant flow: which description is whose group's cannot be told")
        elif free and free[0] in ("recruitment details", "pre-assignment details"):
            text = None if free[1] == "[Not Specified]" else free[1]
            setattr(found, free[0].replace("-", "_").replace(" ", "_"), text)
        elif free and free[0] == "type of units analyzed":
            found.type_units_analyzed = squeezed(free[1])
        elif period:
            found.periods.append(Period(title=period[1]))
            reasons, marked = False, {}
        elif key_of(row[0]) == "reason not completed":
            reasons = True
        elif footnote:
            for one in marked.pop(footnote[1], ()):
                one.comment = squeezed(footnote[2])
        elif found.periods:
            _counts(found.periods[-1], row, table, marked, notes, reasons=reasons)
    found.groups = table.groups
    return found


def _counts(
    period: Period,
    row: Row,
    table: GroupTable,
    marked: dict[str, list[Achievement]],
    notes: list[str],
    *,
    reasons: bool,
) -> None:
    """Take a row of numbers of participants: a milestone, or a reason for leaving."""
    parts = split(row, len(table.groups))
    if parts is None or not parts.labels:
        notes.append(f"Participant flow: a row whose numbers cannot be told apart: {' | '.join(row)[:200]}")
        return
    if not parts.values:
        return
    achieved = []
    for id_, value in zip(table.ids, parts.values, strict=True):
        found = _COUNTED.fullmatch(value)
        one = Achievement(group_id=id_, num_subjects=number(value))
        if one.num_subjects:
            achieved.append(one)
        elif value:
            notes.append(f"Participant flow, {parts.labels[-1][:100]}: {value[:100]}")
        if found and found[2]:
            marked.setdefault(found[2], []).append(one)
    label = squeezed(parts.labels[-1])
    type_ = _MILESTONES.get(label.casefold(), label)
    if reasons and label.casefold() not in _MILESTONES:
        period.drop_withdraws.append(DropWithdraw(type=type_, reasons=achieved))
    else:
        period.milestones.append(Milestone(type=type_, achievements=achieved))


def _more(rows: list[Row]) -> MoreInfo:
    """Limitations, agreements, and whom to ask: of a person only what office they have, never how to reach them."""
    found = MoreInfo()
    limits: list[str] = []
    in_limits = False
    lines: list[str] = []
    for row in rows:
        free = free_label(row)
        if free and free[0] == "limitations and caveats":
            limits.append(free[1])
        elif key_of(row[0]) == "limitations and caveats":
            in_limits = True
        elif key_of(row[0]) in _PARTS:
            in_limits = False
        elif in_limits:
            limits.append(" ".join(row))
        else:
            text = " ".join(cell for cell in row if cell)
            lines += [squeezed(line) for line in text.split("\n")] if "escription:" not in text else [text]
    if limits and limits != ["[Not Specified]"]:
        found.limitations_and_caveats = Limitations(description="\n".join(limits))
    found.certain_agreement = _agreement(" ".join(lines))
    contact = [one for one in map(_CONTACT.fullmatch, lines) if one]
    if contact:
        words = {one[1].casefold(): one[2] for one in contact}
        title = words.get("name/title") or words.get("name or official title")
        found.point_of_contact = PointOfContact(title=title, organization=words.get("organization"))
    return found


def _agreement(text: str) -> Agreement | None:
    text = text.partition("Results Point of Contact")[0]
    employed, agreed = _EMPLOYED.search(text), _AGREED.search(text)
    if not employed and not agreed:
        return None
    below = text.casefold()
    details = _DETAILS.search(re.split(r"\bName/Title\s*:|\bName or Official Title\s*:", text)[0])
    return Agreement(
        pi_sponsor_employee=not employed[1] if employed else None,
        restrictive_agreement=not agreed[1] if agreed else None,
        restriction_type=next((kind for words, kind in _RESTRICTIONS if words in below), None),
        other_details=details[1].strip() if details else None,
    )
