"""What the readers of MeSH share: checks of identifiers and tree numbers, entries in one order, the MeSH year.

The same facts give the same entries whichever form they are read from, so names, tree numbers and headings are
sorted, and a name is said once: by the strictest of label, synonym and loose name.

Source: https://www.nlm.nih.gov/mesh/xml_data_elements.html, https://hhs.github.io/meshrdf/ (identifiers, tree numbers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from kg.errors import UsageError, VocabularyError
from kg.namespaces import PREFIXES, mesh_iri
from kg.terms import clean
from kg.vocabularies.entry import Entry, Source

__all__ = ["DESCRIPTOR", "RECORD", "SUPPLEMENTARY", "checked", "entry", "mesh_source", "mesh_year", "record_iri"]

DESCRIPTOR: Final = "D"
"""First letter of a descriptor's identifier."""

SUPPLEMENTARY: Final = "C"
"""First letter of a supplementary record's identifier."""

RECORD: Final = DESCRIPTOR + SUPPLEMENTARY
"""First letters of the identifiers that become entries. Qualifiers (``Q``) are no concepts and are left out."""

_TITLE: Final = "MeSH"
_LICENCE: Final = "courtesy of the U.S. National Library of Medicine"
_KINDS: Final = {DESCRIPTOR: "descriptor", SUPPLEMENTARY: "supplementary"}
_KIND_NAMES: Final = {DESCRIPTOR: "a descriptor", SUPPLEMENTARY: "a supplementary record", RECORD: "a MeSH record"}
# Six digits and more: C04 and D12 are tree numbers, which have IRIs of their own in the same namespace.
_UI: Final = re.compile(r"[CD][0-9]{6,15}")
_TREE: Final = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9]{3})*")
_YEAR: Final = re.compile(r"[0-9]{4}")
_YEAR_IN_NAME: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


@lru_cache(maxsize=65_536)
def _iri(ui: str) -> str:
    return mesh_iri(ui)


def record_iri(ui: str, letters: str, place: str) -> str:
    """The IRI of a record, without zero padding.

    Args:
        ui: its identifier.
        letters: the letters that it may begin with: :data:`DESCRIPTOR`, :data:`SUPPLEMENTARY` or :data:`RECORD`.
        place: where it is written.

    Raises:
        VocabularyError: it is not such an identifier.

    >>> record_iri("D008545", DESCRIPTOR, "desc2025.xml")
    'http://id.nlm.nih.gov/mesh/D008545'
    >>> record_iri("C04", RECORD, "tables.tsv:3")
    Traceback (most recent call last):
    kg.errors.VocabularyError: tables.tsv:3: 'C04' does not identify a MeSH record (expected C or D and digits)
    """
    if not _UI.fullmatch(ui) or ui[0] not in letters:
        raise VocabularyError(
            f"{ui!r} does not identify {_KIND_NAMES[letters]}",
            place=place,
            remedy=f"expected {' or '.join(sorted(letters))} and digits",
        )
    return _iri(ui)


def entry(
    iri: str,
    label: str,
    place: str,
    *,
    synonyms: Iterable[str] = (),
    loose: Iterable[str] = (),
    trees: Iterable[str] = (),
    preferred: Iterable[str] = (),
    mapped: Iterable[str] = (),
    actions: Iterable[str] = (),
    deprecated: bool = False,
) -> Entry:
    """A MeSH record as an entry.

    Args:
        iri: from :func:`record_iri`.
        label: its heading or name.
        place: where it is written.
        synonyms: names of its preferred concept; the label may be among them.
        loose: names of its other concepts, or of uncertain standing.
        trees: its tree numbers.
        preferred: identifiers of the headings that it is mapped to first of all, where the source says which.
        mapped: identifiers of all headings that it is mapped to, or of the others.
        actions: identifiers of its pharmacological actions.
        deprecated: whether NLM has given it up.

    Raises:
        VocabularyError: there is no label, or a tree number or an identifier is malformed.

    >>> entry("http://id.nlm.nih.gov/mesh/C1", "x", "a", synonyms=["y", "x"], loose=["Y", "z"]).loose
    ('z',)
    """
    label = clean(label)
    if not label:
        raise VocabularyError("has no label", place=place, remedy="each record needs one; is the file whole?")
    strict = set(_names(synonyms)) - {label}
    # A loose name that differs from a stricter one in letter case alone says nothing new.
    folded = {name.casefold() for name in (label, *strict)}
    parents = {record_iri(ui, DESCRIPTOR, place) for ui in preferred}
    others = {record_iri(ui, DESCRIPTOR, place) for ui in mapped} - parents
    if not parents:
        parents, others = others, set()
    return Entry(
        iri=iri,
        label=label,
        synonyms=tuple(sorted(strict)),
        loose=tuple(sorted({name for name in _names(loose) if name.casefold() not in folded})),
        parents=tuple(sorted(parents)),
        trees=tuple(sorted({_tree(number, place) for number in trees})),
        mapped=tuple(sorted(others)),
        actions=tuple(sorted({record_iri(ui, DESCRIPTOR, place) for ui in actions})),
        deprecated=deprecated,
        kind=_KINDS[iri[len(PREFIXES["mesh"])]],
    )


def _names(names: Iterable[str]) -> Iterator[str]:
    return filter(None, map(clean, names))


def _tree(number: str, place: str) -> str:
    if not _TREE.fullmatch(number):
        raise VocabularyError(f"{number!r} is not a tree number", place=place, remedy="expected e.g. C04.557.470")
    return number


def checked(files: Iterable[tuple[Path, Iterator[Entry]]]) -> Iterator[Entry]:
    """Entries of several files, each once, when they fit together.

    A record that is given twice in the same words (the same file packed and unpacked) counts once.

    Raises:
        VocabularyError: a file has no record, a record is given twice differently, or two descriptors that are in
            use share a tree number.
    """
    seen: dict[str, int] = {}
    by_tree: dict[str, str] = {}
    for path, entries in files:
        count = 0
        for found in entries:
            count += 1
            content = hash(found)
            before = seen.get(found.iri)
            if before == content:
                continue
            if before is not None:
                raise VocabularyError(
                    f"{_ui(found.iri)} is given twice with different content, here as {found.label!r}",
                    place=str(path),
                    remedy="are these files of one MeSH year?",
                )
            seen[found.iri] = content
            # NLM may give the place of a heading that is gone to another one.
            for tree in () if found.deprecated else found.trees:
                if by_tree.setdefault(tree, found.iri) != found.iri:
                    raise VocabularyError(
                        f"tree number {tree} belongs to both {_ui(by_tree[tree])} and {_ui(found.iri)}",
                        place=str(path),
                        remedy="are these files of one MeSH year?",
                    )
            yield found
        if not count:
            raise VocabularyError("has no MeSH record", place=str(path), remedy="is the file whole?")


def _ui(iri: str) -> str:
    return iri.removeprefix(PREFIXES["mesh"])


def mesh_year(stated: Iterable[str], given: str, files: Iterable[Path], latest: Callable[[], str]) -> str:
    """The MeSH year: as the files say it, else as the caller, else as their names, else of the latest date in them.

    Args:
        stated: years that the files say they are of.
        given: what the caller says, or ``""``.
        files: where the records are from.
        latest: gives the year of the latest date in the files, or ``""``; only asked when nothing else says it.

    Raises:
        UsageError: ``given`` is not a year.
        VocabularyError: the files say different years.

    >>> mesh_year([], "", [Path("desc2025.xml.gz"), Path("supp2025.xml.gz")], str)
    '2025'
    """
    if given and not _YEAR.fullmatch(given):
        raise UsageError(f"{given!r} is not a MeSH year", remedy="expected four digits")
    files = list(files)
    years = sorted(set(stated))
    if len(years) > 1:
        raise VocabularyError(
            f"these files are of different years: {', '.join(years)}",
            place=", ".join(str(path) for path in files),
            remedy="give the files of one MeSH year",
        )
    if years or given:
        return years[0] if years else given
    named = {year for path in files for year in _YEAR_IN_NAME.findall(path.name)}
    return named.pop() if len(named) == 1 else latest()


def mesh_source(year: str, entries: Iterator[Entry]) -> Source:
    """MeSH of a year as a source."""
    return Source(title=_TITLE, iri=PREFIXES["mesh"], version=year, licence=_LICENCE, entries=entries)
