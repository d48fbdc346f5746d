"""What differs between two versions of a vocabulary: terms gone, merged into others, renamed, moved, and new."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kg.vocabularies.entry import Entry

__all__ = ["TermChange", "VocabularyChanges", "compare"]


class TermChange(msgspec.Struct, frozen=True, rename="camel"):
    """One term that is not what it was; ``was`` and ``now`` are labels, places or IRIs, by the kind of change."""

    concept: str
    label: str
    was: str
    now: str


class VocabularyChanges(msgspec.Struct, rename="camel"):
    """The differences between two versions.

    Attributes:
        name: the vocabulary.
        was, now: the versions.
        new: how many terms there were not before.
        gone: terms that are no more, and whose name no other term has.
        merged: terms that are no more, whose name has gone to another, or that name what stands in for them.
        renamed: terms with another label.
        moved: terms that lie elsewhere.
    """

    name: str
    was: str
    now: str
    new: int = 0
    gone: list[TermChange] = []
    merged: list[TermChange] = []
    renamed: list[TermChange] = []
    moved: list[TermChange] = []

    def text(self) -> str:
        """One line for a terminal."""
        parts = [f"{self.new:,} new"]
        parts += [f"{len(getattr(self, kind)):,} {kind}" for kind in ("gone", "merged", "renamed", "moved")]
        return f"{self.name} {self.was} → {self.now}: {', '.join(parts)}"


def compare(name: str, was: str, old: Iterable[Entry], now: str, new: Iterable[Entry]) -> VocabularyChanges:
    """Compares two versions of a vocabulary.

    Args:
        name: the vocabulary.
        was: the version of ``old``.
        old: its concepts before.
        now: the version of ``new``.
        new: its concepts after.

    >>> compare("v", "1", [Entry("a", "Ache")], "2", [Entry("b", "Pain", synonyms=("ache",))]).merged[0].now
    'b'
    """
    changes = VocabularyChanges(name, was, now)
    before = {entry.iri: (entry.label, _place(entry)) for entry in old if not entry.deprecated}
    names: dict[str, str] = {}
    after: set[str] = set()
    for entry in new:
        if entry.deprecated:
            if entry.iri in before and entry.replaced_by:
                names[before[entry.iri][0].casefold()] = entry.replaced_by
            continue
        after.add(entry.iri)
        for known in (entry.label, *entry.synonyms, *entry.loose):
            names.setdefault(known.casefold(), entry.iri)
        if entry.iri not in before:
            changes.new += 1
            continue
        label, place = before[entry.iri]
        if label != entry.label:
            changes.renamed.append(TermChange(entry.iri, entry.label, label, entry.label))
        if place != _place(entry):
            changes.moved.append(TermChange(entry.iri, entry.label, " ".join(place), " ".join(_place(entry))))
    for iri, (label, _) in before.items():
        if iri not in after:
            heir = names.get(label.casefold(), "")
            (changes.merged if heir else changes.gone).append(TermChange(iri, label, iri, heir))
    return changes


def _place(entry: Entry) -> tuple[str, ...]:
    return tuple(sorted(entry.trees or entry.parents))
