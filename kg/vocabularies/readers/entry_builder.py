"""One concept's statements → its entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from kg.namespaces import PREFIXES
from kg.vocabularies.entry import Entry
from kg.vocabularies.profiles import FORM
from kg.vocabularies.readers.crossrefs import CrossReferences, valid_iri
from kg.vocabularies.readers.predicates import OBSOLETE_PARENT, RANKS, Use, is_retired
from kg.vocabularies.readers.rdf_files import RELATIVE
from kg.vocabularies.readers.reading import CLOSE_MATCH, Names

__all__ = ["LINKS", "TEXTS", "EntryBuilder"]

_RXNORM: Final = PREFIXES["rxnorm"]
# RxNorm's dose forms and groups of them; what UMLS calls them, if it calls them nothing else.
_FORMS: Final = frozenset(("DF", "DFG"))
_FORM_TYPES: Final = frozenset(("T122",))
_TRUE: Final = frozenset(("true", "1"))


class EntryBuilder:
    """Collects what is said of one concept.

    Args:
        iri: the concept; a valid IRI.
        references: makes IRIs of cross-references.
        notes: counts of what is left out, added to.
    """

    def __init__(self, iri: str, references: CrossReferences, notes: Counter[str]) -> None:
        self._iri = iri
        self._references = references
        self._notes = notes
        self._names = Names()
        self._matches: dict[tuple[str, str], None] = {}
        self._parents: dict[str, None] = {}
        self._replaced: set[str] = set()
        self._kinds: set[str] = set()
        self._semantic_types: set[str] = set()
        self._inexact: set[str] = set()
        self._called_exact: set[str] = set()
        self.deprecated = False

    def label(self, predicate: str, text: str, language: str) -> None:
        """A preferred name."""
        self._names.label(text, language, RANKS[predicate])

    def mark(self, text: str, *, exact: bool) -> None:
        """Says of a name that it is exact or not, whatever it is stated as; to be said before the names are."""
        (self._called_exact if exact else self._inexact).add(text)

    def exact(self, _predicate: str, text: str, language: str) -> None:
        """A name that means the concept."""
        if text in self._inexact:
            self._names.loose(text, language)
        else:
            self._names.exact(text, language)

    def loose(self, _predicate: str, text: str, language: str) -> None:
        """A name that means something near."""
        if text in self._called_exact:
            self._names.exact(text, language)
        else:
            self._names.loose(text, language)

    def cross_reference(self, _predicate: str, text: str, _language: str) -> None:
        """A cross-reference, with its prefix."""
        if match := self._references.iri(text):
            self._matches[CLOSE_MATCH, match] = None

    def match(self, predicate: str, text: str, _language: str) -> None:
        """A SKOS mapping that is written as text."""
        if match := self._references.iri(text):
            self._matches[predicate, match] = None

    def flag(self, _predicate: str, text: str, _language: str) -> None:
        """Whether the concept is deprecated."""
        self.deprecated = self.deprecated or text.strip().lower() in _TRUE

    def status(self, _predicate: str, text: str, _language: str) -> None:
        """The status that NCIt gives a concept."""
        self.deprecated = self.deprecated or is_retired(text)

    def replaced(self, _predicate: str, text: str, _language: str) -> None:
        """What stands in for the concept, as an IRI or with a prefix."""
        self._replaced.add(text if "//" in text else self._references.iri(text))

    def term_type(self, _predicate: str, text: str, _language: str) -> None:
        """A term type of RxNorm."""
        self._kinds.add(text)

    def semantic_type(self, _predicate: str, text: str, _language: str) -> None:
        """A semantic type of UMLS."""
        self._semantic_types.add(text)

    def parent(self, iri: str) -> None:
        """What the concept lies directly within."""
        self._parents[iri] = None

    def match_to(self, predicate: str, iri: str) -> None:
        """A SKOS mapping."""
        self._matches[predicate, iri] = None

    def cross_reference_to(self, _predicate: str, iri: str) -> None:
        """A cross-reference that is an IRI."""
        self._matches[CLOSE_MATCH, iri] = None

    def replaced_by(self, _predicate: str, iri: str) -> None:
        """What stands in for the concept."""
        self._replaced.add(iri)

    def entry(self) -> Entry:
        """The entry; its label is empty if the concept has no name."""
        label, exact, loose = self._names.chosen()
        deprecated = self.deprecated or OBSOLETE_PARENT in self._parents
        self._parents.pop(OBSOLETE_PARENT, None)
        self._note("concept without a name", not label)
        self._note("name that is too long", self._names.too_long)
        self._note("name in another language", self._names.other_languages)
        replaced = [iri for iri in self._replaced if self._usable(iri)]
        return Entry(
            self._iri,
            label,
            synonyms=exact,
            loose=loose,
            parents=tuple(iri for iri in self._parents if self._usable(iri)),
            matches=tuple(match for match in self._matches if self._usable(match[1])),
            deprecated=deprecated,
            # Of several, none stands in for it alone.
            replaced_by=replaced[0] if len(replaced) == 1 else "",
            kind=FORM if self._is_form() else "concept",
        )

    def _is_form(self) -> bool:
        if not self._iri.startswith(_RXNORM):
            return False
        return not self._kinds.isdisjoint(_FORMS) if self._kinds else self._semantic_types == _FORM_TYPES

    def _usable(self, iri: str) -> bool:
        if not iri or iri == self._iri:
            return False
        if valid_iri(iri) and not iri.startswith(RELATIVE):
            return True
        self._note("reference to an invalid IRI", 1)
        return False

    def _note(self, what: str, count: int) -> None:
        if count:
            self._notes[what] += count


TEXTS: Final[dict[Use, Callable[[EntryBuilder, str, str, str], None]]] = {
    Use.LABEL: EntryBuilder.label,
    Use.EXACT: EntryBuilder.exact,
    Use.LOOSE: EntryBuilder.loose,
    Use.CROSS_REFERENCE: EntryBuilder.cross_reference,
    Use.MATCH: EntryBuilder.match,
    Use.DEPRECATED: EntryBuilder.flag,
    Use.STATUS: EntryBuilder.status,
    Use.REPLACED: EntryBuilder.replaced,
    Use.TERM_TYPE: EntryBuilder.term_type,
    Use.SEMANTIC_TYPE: EntryBuilder.semantic_type,
}
"""What to do with a text, by what its predicate is taken for."""

LINKS: Final[dict[Use, Callable[[EntryBuilder, str, str], None]]] = {
    Use.MATCH: EntryBuilder.match_to,
    Use.CROSS_REFERENCE: EntryBuilder.cross_reference_to,
    Use.REPLACED: EntryBuilder.replaced_by,
}
"""What to do with an IRI, by what its predicate is taken for."""
