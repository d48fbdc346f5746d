"""What a run did: counts in and out, what was left out and why."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

import msgspec

from kg.config import MAPPING_VERSION, VERSION
from kg.mapping.fields import rows
from kg.pipeline.choose import LeftOut
from kg.pipeline.convert import Converted, Part
from kg.pipeline.vocabularies import LinkChanges
from kg.sources import Reject
from kg.validation import Report, merge
from kg.vocabularies.changes import VocabularyChanges

__all__ = ["FieldCount", "Note", "RejectRow", "RunReport"]

_FIELD_COUNTS = ("mapped", "kept_out", "rejected")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class RejectRow(msgspec.Struct, frozen=True, rename="camel"):
    """Something in the input that gave no study."""

    place: str
    nct_id: str
    reason: str


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """Something in a record that no statement could express."""

    nct_id: str
    note: str


class FieldCount(msgspec.Struct, rename="camel", omit_defaults=True):
    """What became of the values of one field."""

    mapped: int = 0
    kept_out: int = 0
    rejected: int = 0


class RunReport(msgspec.Struct, rename="camel"):
    """The account of a run: every record that went in is a study, superseded, rejected, or quarantined.

    Attributes:
        conditions, interventions: how many of them have a link, and how many there are.
        relinked: how many studies were converted again from the record that was kept of them.
        vocabulary_changes: what changed in vocabularies that are used in another version than before.
        link_changes: links that differ because of that.
        fields: what became of the values of each field of the converted records; an unknown field is kept out.
        history: whether the store keeps earlier versions of studies.
        versions: how many studies it kept an earlier version of in this run.
        rejected: how many records were rejected; the other rejects are whole inputs.
        quarantined: studies that validation kept out of the graph; the reason is the rules that they break.
        admitted: how many studies came in though they break rules.
        validated: how many studies were validated.
        audited: how many of them by pySHACL too.
        data_date: the newest posted update among the studies; ``""`` when no record says.
    """

    version: str = VERSION
    mapping_version: str = MAPPING_VERSION
    vocabularies: dict[str, str] = {}
    data_date: str = ""
    records: int = 0
    studies: int = 0
    statements: int = 0
    conditions: tuple[int, int] = (0, 0)
    interventions: tuple[int, int] = (0, 0)
    rejects: list[RejectRow] = []
    rejected: int = 0
    quarantined: list[RejectRow] = []
    admitted: int = 0
    unread_inputs: int = 0
    superseded: list[LeftOut] = []
    notes: list[Note] = []
    fields: dict[str, FieldCount] = {}
    relinked: int = 0
    vocabulary_changes: list[VocabularyChanges] = []
    link_changes: LinkChanges | None = None
    history: bool = False
    versions: int = 0
    validated: int = 0
    audited: int = 0
    validation: Report | None = None
    started: str = ""
    finished: str = ""

    def add(self, part: Part) -> None:
        """Count a converted part."""
        for entry in part.converted:
            self._add_study(entry)
        for reject in part.rejects:
            self._add_reject(reject)
        self.records += len(part.quarantined)
        self.superseded += part.superseded
        self.records += len(part.superseded)
        self._add_fields(part)
        self._add_validation(part)

    def add_kept(self, part: Part) -> None:
        """Count a part that was converted again from kept records."""
        self.relinked += len(part.converted)
        self.statements += sum(entry.statements for entry in part.converted)
        self.notes += [Note(entry.nct_id, note) for entry in part.converted for note in entry.notes]
        self.rejects += [RejectRow(reject.place, reject.nct_id, reject.reason) for reject in part.rejects]
        self._add_fields(part)
        self._add_validation(part)

    def _add_fields(self, part: Part) -> None:
        mapped = _mapped_fields()
        for path, count in part.fields.items():
            entry = self.fields.setdefault(path, FieldCount())
            if path in mapped:
                rejected = part.rejected[path]
                entry.mapped += count - rejected
                entry.rejected += rejected
            else:
                entry.kept_out += count

    def _add_validation(self, part: Part) -> None:
        if part.validation:
            self.validation = merge([self.validation, part.validation] if self.validation else [part.validation], 50)
            self.validated = self.validation.studies
        self.audited += part.audited
        self.quarantined += [RejectRow(study.place, study.nct_id, study.reason) for study in part.quarantined]
        self.admitted += part.admitted

    def _add_study(self, entry: Converted) -> None:
        self.records += 1
        self.studies += 1
        self.statements += entry.statements
        linked, conditions, given, interventions = entry.linked
        self.conditions = (self.conditions[0] + linked, self.conditions[1] + conditions)
        self.interventions = (self.interventions[0] + given, self.interventions[1] + interventions)
        self.notes += [Note(entry.nct_id, note) for note in entry.notes]

    def _add_reject(self, reject: Reject) -> None:
        self.rejects.append(RejectRow(reject.place, reject.nct_id, reject.reason))
        if reject.whole_input:
            self.unread_inputs += 1
        else:
            self.records += 1
            self.rejected += 1

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """Place and reason of everything that gave no study, rejected or quarantined."""
        return [(row.place, row.reason) for row in (*self.rejects, *self.quarantined)]

    def text(self) -> str:
        """The report for a terminal."""
        lines = (
            []
            if not self.records and self.relinked
            else [
                f"{_count(self.records, 'record')} read: {_count(self.studies, 'study', 'studies')} converted, "
                f"{len(self.superseded)} superseded, {self.rejected} rejected"
                + (f", {len(self.quarantined)} quarantined" if self.quarantined else "")
                + (f"; {_count(self.unread_inputs, 'input')} gave no record" if self.unread_inputs else ""),
                f"{_count(self.statements, 'statement')}; linked: {_share(self.conditions)} conditions, "
                f"{_share(self.interventions)} interventions",
            ]
        )
        if self.fields:
            total = {name: sum(getattr(one, name) for one in self.fields.values()) for name in _FIELD_COUNTS}
            lines.append(
                f"{total['mapped']:,} values of {_count(len(self.fields), 'field')} mapped, "
                f"{total['kept_out']:,} kept out by rule, {total['rejected']:,} rejected"
            )
        if self.relinked:
            lines.append(f"{_count(self.relinked, 'study', 'studies')} linked anew")
        lines += [changes.text() for changes in self.vocabulary_changes]
        if self.link_changes:
            lines.append(
                f"links: {self.link_changes.added:,} new, {self.link_changes.removed:,} gone, in "
                f"{_count(self.link_changes.studies, 'study', 'studies')}"
            )
        if self.versions:
            lines.append(f"{_count(self.versions, 'earlier version')} kept")
        if self.validation:
            found = ", ".join(f"{number} {name}" for name, number in self.validation.counts().items())
            audited = f", {self.audited:,} of them by pySHACL too" if self.audited else ""
            lines.append(f"{_count(self.validated, 'study', 'studies')} validated{audited}: {found}")
        if self.admitted:
            lines.append(
                f"{_count(self.admitted, 'study', 'studies')} with violations admitted: tkg:breaksRule says which"
            )
        if self.notes:
            kinds = Counter(_QUOTED.sub("…", note.note).partition(":")[0] for note in self.notes)
            most = "; ".join(f"{number} × {kind}" for kind, number in kinds.most_common(3))
            lines.append(f"{_count(len(self.notes), 'note')} on what could not be expressed ({most})")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for ``report.json``."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _share(pair: tuple[int, int]) -> str:
    return f"{pair[0]:,} of {pair[1]:,}"


@lru_cache(maxsize=1)
def _mapped_fields() -> frozenset[str]:
    return frozenset(row.path for row in rows() if row.properties)
