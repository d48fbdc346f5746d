"""OBO flat files, 1.2 and 1.4, parsed by fastobo as a stream.

Terms become concepts; relations, typedefs and instances are left out. ``import`` is never followed. A term lies within
its ``is_a``, the genus of its ``intersection_of``, and what it is ``equivalent_to``. Exact synonyms mean the term, all
others something near. Terms of other vocabularies come last, as far as the vocabulary's own lie within them.

fastobo refuses what the format does not allow, and a last line without an end, so a file that is cut off within a
line is found out; one that is cut off between two lines looks whole.

Source: https://owlcollab.github.io/oboformat/doc/obo-syntax.html (5.9 for the IRIs)
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.profiles import PROFILES, Profile
from kg.vocabularies.readers.crossrefs import CrossReferences, valid_iri
from kg.vocabularies.readers.files import open_stream
from kg.vocabularies.readers.predicates import is_exact, is_inexact
from kg.vocabularies.readers.reading import CLOSE_MATCH, Names, Reading

__all__ = ["read", "recognises"]

_OBO: Final = PREFIXES["obo"]
_SKOS: Final = PREFIXES["skos"]
_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|![^\n]*\n)*format-version:\s*[0-9]")
_MAPPINGS: Final = {
    f"{near}Match": expand(f"skos:{near}Match") for near in ("exact", "close", "broad", "narrow", "related")
}
_LICENCES: Final = (
    expand("dcterms:license"),
    "http://purl.org/dc/elements/1.1/rights",
    "dcterms:license",
    "dcterms-license",
)
_TITLES: Final = (expand("dcterms:title"), "http://purl.org/dc/elements/1.1/title", "dcterms:title", "dc:title")
# Prefixes whose IRIs are not OBO's; an idspace in the header goes before.
_OTHER_SPACES: Final = {"EFO": "http://www.ebi.ac.uk/efo/EFO_", "Orphanet": "http://www.orpha.net/ORDO/Orphanet_"}


def recognises(head: bytes) -> bool:
    r"""Whether a file that begins with these bytes is an OBO file.

    >>> recognises(b"format-version: 1.2\nontology: chebi\n"), recognises(b"<rdf:RDF>")
    (True, False)
    """
    return bool(_FIRST.match(head))


_PANIC: Final = "PanicException"


def read(path: Path, *, name: str, reason: bool = False) -> Source:
    """Reads an OBO file.

    Args:
        path: the file; plain, gzip or zstd.
        name: what the vocabulary is called; a name of :data:`~kg.vocabularies.profiles.PROFILES` brings along what is
            known about it.
        reason: must be false; the reasoner takes OWL.

    Returns:
        The vocabulary. Its entries are a
        :class:`~kg.vocabularies.readers.reading.Reading`, with counts of what was left out;
        they are made while the file is read, so errors in it come late.

    Raises:
        VocabularyError: the file cannot be read, is malformed or cut off, or has no term; or reasoning is asked for.
    """
    if reason:
        raise VocabularyError(
            "an OBO file cannot be reasoned over", place=str(path), remedy="give the ontology as OWL, or leave it out"
        )
    # Imported here: only reading an OBO file needs it.
    import fastobo

    stream = _Stream(open_stream(path))
    try:
        with _told(path, stream):
            # More threads read ahead without a bound.
            frames = fastobo.iter(stream, ordered=True, threads=1)
            header = _Header(frames.header())
    except VocabularyError:
        stream.close()
        raise
    profile = PROFILES.get(name)
    terms = _Terms(path, header, profile)
    return Source(
        title=profile.title if profile else header.title or name,
        iri=header.iri or (profile.iri if profile else f"{_OBO}{quote(name)}.owl"),
        version=header.version,
        licence=profile.terms(header.licence) if profile else header.licence,
        entries=Reading(terms.entries(frames, stream), terms.notes, stream.close),
    )


class _Stream(io.RawIOBase):
    """The bytes of a file; fastobo hides what went wrong while it was reading them, so it is kept here."""

    def __init__(self, file: BinaryIO) -> None:
        self.error: VocabularyError | None = None
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except VocabularyError as error:
            self.error = error
            raise

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


@contextmanager
def _told(path: Path, stream: _Stream) -> Iterator[None]:
    """Says in words what fastobo finds wrong."""
    try:
        yield
    except SyntaxError as error:
        raise VocabularyError(
            f"is not OBO: {error.msg}",
            place=f"{path}:{error.lineno}",
            remedy="correct the line; if it is the last, the file is cut off",
        ) from error
    except (OSError, TypeError) as error:
        # A stream that fails is, to fastobo, no stream.
        if stream.error is not None:
            raise stream.error from None
        raise VocabularyError(f"is not OBO: {error}", place=str(path), remedy="expected UTF-8") from error
    except BaseException as error:
        # The library is compiled, and where it stumbles over a file it raises what is no Exception.
        if type(error).__name__ != _PANIC:
            raise
        raise VocabularyError(f"is not OBO: {error}", place=str(path), remedy="is it an OBO file?") from error


class _Header:
    """What the header says of the vocabulary; and makes IRIs of its identifiers."""

    def __init__(self, frame: Any) -> None:
        self.ontology = self.iri = self.title = self.version = self.licence = ""
        date = ""
        self._spaces = dict(_OTHER_SPACES)
        for clause in frame:
            tag, value = clause.raw_tag(), clause.raw_value()
            if tag == "ontology":
                self.ontology = value
                self.iri = value if "://" in value else f"{_OBO}{quote(value)}.owl"
            elif tag == "data-version":
                self.version = value
            elif tag == "date":
                date = value
            elif tag == "idspace":
                self._spaces[str(clause.prefix)] = str(clause.url)
            elif tag == "property_value":
                said = clause.property_value
                relation, text = str(said.relation), str(said.value)
                if relation in _LICENCES:
                    self.licence = text
                elif relation in _TITLES:
                    self.title = text
        self.version = self.version.removeprefix("releases/") or date
        if not valid_iri(self.iri):
            self.iri = ""

    def iri_of(self, identifier: object) -> str:
        """The IRI of a term; empty if it makes no valid one."""
        prefix, local = getattr(identifier, "prefix", None), getattr(identifier, "local", None)
        if prefix is not None and local is not None:
            iri = f"{self._spaces.get(prefix, f'{_OBO}{prefix}_')}{local}"
        elif "://" in str(identifier):
            iri = str(identifier)
        else:
            iri = f"{_OBO}{quote(self.ontology or 'unknown')}#{quote(str(identifier))}"
        return iri if valid_iri(iri) else ""


class _Terms:
    """Makes entries of terms."""

    def __init__(self, path: Path, header: _Header, profile: Profile | None) -> None:
        self.notes: Counter[str] = Counter()
        self._path = path
        self._header = header
        self._profile = profile
        self._references = CrossReferences()

    def entries(self, frames: Any, stream: _Stream) -> Iterator[Entry]:
        """The vocabulary's own terms in the order of the file, then the others that they lie within."""
        others: dict[str, Entry] = {}
        wanted: set[str] = set()
        count = 0
        for frame in self._frames(frames, stream):
            entry = self._entry(frame)
            if entry is None:
                self.notes["concept with an invalid IRI"] += 1
            elif self._profile is None or self._profile.owns(entry.iri):
                count += 1
                wanted.update(entry.parents)
                yield entry
            else:
                others[entry.iri] = entry
        if not count:
            raise VocabularyError("has no term", place=str(self._path), remedy="expected [Term] frames")
        while wanted & others.keys():
            for iri in sorted(wanted & others.keys()):
                entry = others.pop(iri)
                wanted.update(entry.parents)
                yield entry
        if others:
            self.notes["concept of another vocabulary"] = len(others)
        for prefix, unknown in self._references.unknown.items():
            self.notes[f"cross-reference of no known form: {prefix or 'no prefix'}"] = unknown

    def _frames(self, frames: Any, stream: _Stream) -> Iterator[Any]:
        import fastobo

        while True:
            with _told(self._path, stream):
                frame = next(frames, None)
            if frame is None:
                return
            if isinstance(frame, fastobo.term.TermFrame):
                yield frame

    def _entry(self, frame: Any) -> Entry | None:
        iri = self._header.iri_of(frame.id)
        if not iri:
            return None
        names = Names()
        parents: dict[str, None] = {}
        matches: dict[tuple[str, str], None] = {}
        replaced: set[str] = set()
        deprecated = False
        for clause in frame:
            tag = clause.raw_tag()
            if tag == "name":
                names.label(clause.name, "")
            elif tag == "synonym":
                synonym = clause.synonym
                kind = str(synonym.type or "")
                exact = is_exact(kind) or (synonym.scope == "EXACT" and not is_inexact(kind))
                (names.exact if exact else names.loose)(synonym.desc, "")
            elif tag == "xref":
                matches[CLOSE_MATCH, self._reference(clause.xref.id)] = None
            elif tag in ("is_a", "equivalent_to") or (tag == "intersection_of" and clause.typedef is None):
                parents[self._header.iri_of(clause.term)] = None
            elif tag == "is_obsolete":
                deprecated = clause.obsolete
            elif tag == "replaced_by":
                replaced.add(self._header.iri_of(clause.term))
            elif tag == "property_value":
                relation = str(clause.property_value.relation).removeprefix("skos:").removeprefix(_SKOS)
                if relation in _MAPPINGS:
                    matches[_MAPPINGS[relation], self._reference(clause.property_value.value)] = None
        for useless in ("", iri):
            parents.pop(useless, None)
            replaced.discard(useless)
        label, exact_names, loose_names = names.chosen()
        if not label:
            self.notes["concept without a name"] += 1
        if names.too_long:
            self.notes["name that is too long"] += names.too_long
        return Entry(
            iri,
            label,
            synonyms=exact_names,
            loose=loose_names,
            parents=tuple(parents),
            matches=tuple((near, other) for near, other in matches if other and other != iri),
            deprecated=deprecated,
            replaced_by=replaced.pop() if len(replaced) == 1 else "",
        )

    def _reference(self, identifier: object) -> str:
        text = str(identifier)
        return text if "://" in text and valid_iri(text) else self._references.iri(text)
