"""What readers of OWL, OBO and SKOS files share: the names that are taken of a concept, and what is noted on the way.

Names are English or say no language; others serve only where a concept has none of these. A name that is longer than
any string that a study could hold is no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from kg.namespaces import PREFIXES
from kg.terms import clean
from kg.vocabularies.entry import Entry

__all__ = ["CLOSE_MATCH", "Names", "Reading", "version_of"]

CLOSE_MATCH: Final = PREFIXES["skos"] + "closeMatch"
"""How near a plain cross-reference is: vocabularies do not say more of them."""

_LONGEST_NAME: Final = 1_000


class Reading(Iterator[Entry]):
    """The entries of a file, once, and counts of what was left out of them.

    Args:
        entries: makes the entries.
        notes: filled while they are made: what was left out → how often.
        close: sets free what they are made from; called once.
    """

    def __init__(self, entries: Iterator[Entry], notes: Counter[str], close: Callable[[], None] = lambda: None) -> None:
        self.notes = notes
        self._entries = entries
        self._close: Callable[[], None] | None = close

    def __next__(self) -> Entry:
        try:
            return next(self._entries)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Sets free what the entries are made from; harmless when done already."""
        if self._close is not None:
            close, self._close = self._close, None
            close()

    def __del__(self) -> None:
        self.close()


class _Label(NamedTuple):
    """A label, in the order of preference."""

    language: int
    tag: str
    rank: int
    text: str


class Names:
    """The names of one concept.

    >>> names = Names()
    >>> names.label("Aspirin", ""); names.label("aspirin", "en"); names.label("Acetylsalicylsäure", "de")
    >>> names.exact("ASA", "en"); names.loose("Salicylate", "")
    >>> names.chosen()
    ('aspirin', ('Aspirin', 'ASA'), ('Salicylate',))
    """

    def __init__(self) -> None:
        self._labels: list[_Label] = []
        self._exact: list[str] = []
        self._loose: list[str] = []
        self.too_long = 0
        self.other_languages = 0

    def label(self, text: str, language: str, rank: int = 0) -> None:
        """Adds a preferred name; of those in one language, the one of the lowest rank is taken."""
        if name := self._tidy(text):
            self._labels.append(_Label(_order(language), language, rank, name))

    def exact(self, text: str, language: str) -> None:
        """Adds a name that means exactly the concept."""
        if self._speaks(language) and (name := self._tidy(text)):
            self._exact.append(name)

    def loose(self, text: str, language: str) -> None:
        """Adds a name that means less than the concept, or something near it."""
        if self._speaks(language) and (name := self._tidy(text)):
            self._loose.append(name)

    def chosen(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Label, other exact names, loose names; each name once, in the order of the file. The label may be empty."""
        # Nearly all concepts have one label.
        label = min(self._labels).text if self._labels else ""
        others = [other.text for other in self._labels if other.language < _FOREIGN] if len(self._labels) > 1 else []
        exact = dict.fromkeys((*others, *self._exact))
        exact.pop(label, None)
        loose = dict.fromkeys(name for name in self._loose if name not in exact and name != label)
        return label, tuple(exact), tuple(loose)

    def _speaks(self, language: str) -> bool:
        if _order(language) < _FOREIGN:
            return True
        self.other_languages += 1
        return False

    def _tidy(self, text: str) -> str:
        if len(text) > _LONGEST_NAME:
            self.too_long += 1
            return ""
        name = clean(text)
        # Most names are printable, and have no run of blanks: they are done.
        return name if name.isprintable() and "  " not in name else " ".join(name.split())


_FOREIGN: Final = 3


def _order(language: str) -> int:
    if not language:
        return 2
    language = language.lower()
    if language == "en":
        return 0
    return 1 if language.startswith("en-") else _FOREIGN


def version_of(version: str, version_iri: str, dates: Iterable[str]) -> str:
    """The version of an ontology: as it says it, else what its version IRI holds, else its date.

    >>> version_of("", "http://purl.obolibrary.org/obo/chebi/237/chebi.owl", ())
    '237'
    >>> version_of("", "http://purl.obolibrary.org/obo/doid/releases/2024-07-31/doid.owl", ())
    '2024-07-31'
    """
    if version:
        return version
    parts = [part for part in version_iri.split("/")[3:] if any(letter.isdigit() for letter in part)]
    if version_iri:
        return parts[-1].removesuffix(".owl") if parts else version_iri
    return max(dates, default="")
