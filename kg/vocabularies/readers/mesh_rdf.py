"""MeSH in NLM's RDF: ``mesh.nt``, N-Triples of some 15 million lines in no order that can be relied on.

So everything is read before the first entry is given, and only what entries need is kept: of 350,000 records their
label, tree numbers, headings, actions and concepts; of concepts their terms; of terms their names. Concepts and terms
are numbers in memory, not IRIs.

Records are descriptors and supplementary records of all classes. Left out are qualifiers and pairs of descriptor and
qualifier (a heading mapped to with a qualifier counts as the heading), notes, dates, names in other languages than
English, and everything that is not about MeSH. The IRIs of one year (``…/mesh/2025/D000001``), as in the yearly files,
become the plain ones. What is no longer active is deprecated, or, if it is a concept or a term, no longer a name.

Source: https://hhs.github.io/meshrdf/ (data model, versioning policy).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeGuard

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.namespaces import PREFIXES
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.readers.files import files_of, open_stream
from kg.vocabularies.readers.mesh_records import RECORD, checked, entry, mesh_source, mesh_year, record_iri

__all__ = ["read", "recognises"]

_FORM: Final = "MeSH in N-Triples"
_MESH: Final = PREFIXES["mesh"]
_MESHV: Final = PREFIXES["meshv"]
_RECORD_CLASSES: Final = frozenset(
    _MESHV + name
    for name in (
        "Descriptor TopicalDescriptor GeographicalDescriptor PublicationType CheckTag "
        "SupplementaryConceptRecord SCR_Chemical SCR_Disease SCR_Protocol SCR_Organism SCR_Population SCR_Anatomy"
    ).split()
)
# Records, concepts, terms and qualifiers have six digits and more, tree numbers two before the first point.
_NODE: Final = re.compile(re.escape(_MESH) + r"(?:([0-9]{4})/)?(([CDMQT])([0-9]{6,15}))")
_LOCAL: Final = re.compile(re.escape(_MESH) + r"(?:[0-9]{4}/)?([^/#]+)")
_QUALIFIER: Final = re.compile(r"Q[0-9]+$")
_YEAR: Final = re.compile(r"[0-9]{4}")
_DATE: Final = re.compile(r"([0-9]{4})-")
_OBSOLETE: Final = "[OBSOLETE]"
_INACTIVE: Final = frozenset(("false", "0"))
_CONCEPT_LETTER: Final = "M"
_TERM_LETTER: Final = "T"
_STATEMENT: Final = re.compile(rb"[ \t]*<http://id\.nlm\.nih\.gov/mesh[^<>\s]*>[ \t]*<")
_SAYS_MESH: Final = re.compile(rb"<http://id\.nlm\.nih\.gov/mesh/vocab#\w+>")


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is MeSH in N-Triples.

    >>> recognises(b'<http://id.nlm.nih.gov/mesh/D1> <http://id.nlm.nih.gov/mesh/vocab#identifier> "D1" .')
    True
    """
    for line in head.splitlines():
        if line.strip() and not line.lstrip().startswith(b"#"):
            return bool(_STATEMENT.match(line)) and bool(_SAYS_MESH.search(head))
    return False


def read(paths: Sequence[Path], *, year: str = "") -> Source:
    """MeSH from NLM's N-Triples.

    Args:
        paths: files, or folders with them; plain, gzip or zstd. Several are taken together.
        year: the MeSH year where the files do not say it; ``mesh2025.nt`` says it in its IRIs, ``mesh.nt`` does not.

    Raises:
        VocabularyError: a file cannot be read, is not of this form, or is cut off or malformed; here or while the
            entries are made: a record is not as NLM writes it, or something that it refers to is not there.
    """
    files = files_of(paths, recognises, _FORM)
    graph = _Graph()
    for path in files:
        graph.load(path)
    version = mesh_year(graph.years, year, files, lambda: graph.latest)
    place = ", ".join(str(path) for path in files)
    return mesh_source(version, checked([(Path(place), graph.entries(place))]))


class _Record:
    """What is kept of a descriptor or a supplementary record; concepts by number, headings by identifier."""

    __slots__ = ("actions", "active", "concepts", "label", "mapped", "preferred", "preferred_concept", "trees")

    def __init__(self) -> None:
        self.label = ""
        self.active = True
        self.preferred_concept = 0
        # Tuples, since most of these stay empty or have one member, and an empty tuple costs nothing.
        self.concepts: tuple[int, ...] = ()
        self.trees: tuple[str, ...] = ()
        self.preferred: tuple[str, ...] = ()
        self.mapped: tuple[str, ...] = ()
        self.actions: tuple[str, ...] = ()


_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class _Graph:
    """What is kept of the triples."""

    def __init__(self) -> None:
        self.years: set[str] = set()
        self.latest = ""
        self._place = ""
        self._records: dict[str, _Record] = {}
        self._terms: dict[int, list[int]] = {}
        self._names: dict[int, str | tuple[str, ...]] = {}
        self._inactive: set[int] = set()
        # Looked up for each of 15 million triples; most predicates are not here.
        self._keep: Final[dict[str, Callable[[str, _Term], None]]] = {
            PREFIXES["rdf"] + "type": self._type,
            PREFIXES["rdfs"] + "label": self._label,
            PREFIXES["owl"] + "versionInfo": self._version,
            _MESHV + "active": self._active,
            _MESHV + "concept": self._concept,
            _MESHV + "preferredConcept": self._preferred_concept,
            _MESHV + "term": self._term,
            _MESHV + "preferredTerm": self._term,
            _MESHV + "prefLabel": self._name,
            _MESHV + "altLabel": self._name,
            _MESHV + "treeNumber": self._tree,
            _MESHV + "preferredMappedTo": self._preferred,
            _MESHV + "mappedTo": self._mapped,
            _MESHV + "pharmacologicalAction": self._action,
            _MESHV + "dateEstablished": self._date,
            _MESHV + "dateRevised": self._date,
        }

    def load(self, path: Path) -> None:
        """Reads one file.

        Raises:
            VocabularyError: it is cut off or malformed, or a record is not as NLM writes it.
        """
        self._place = str(path)
        keep = self._keep
        try:
            with open_stream(path) as stream:
                for triple in ox.parse(stream, format=ox.RdfFormat.N_TRIPLES):
                    use = keep.get(triple.predicate.value)
                    if use is not None and isinstance(triple.subject, ox.NamedNode):
                        use(triple.subject.value, triple.object)
        except SyntaxError as error:
            raise VocabularyError(
                f"is not N-Triples: {error.msg}",
                place=f"{path}:{error.lineno}",
                remedy="the file is cut off or damaged; get it again",
            ) from error
        except MemoryError as error:
            raise VocabularyError(f"has a line that is too long: {error}", place=str(path)) from error

    def entries(self, place: str) -> Iterator[Entry]:
        """The records in the order of their identifiers, once; they are forgotten on the way.

        Raises:
            VocabularyError: a record has no label, or what it refers to is not there, or is malformed.
        """
        # A heading that is gone keeps its tree numbers here, even when another heading has them now.
        in_use = {tree for record in self._records.values() if record.active for tree in record.trees}
        for ui in sorted(self._records):
            record = self._records.pop(ui)
            here = f"{place}: {ui}"
            label = record.label.removeprefix(_OBSOLETE).strip()
            deprecated = not record.active or label != record.label
            yield entry(
                _MESH + ui,
                label,
                here,
                synonyms=self._synonyms(record, here),
                loose=[name for concept in record.concepts for name in self._names_of(concept, record, here)],
                trees=record.trees if record.active else [tree for tree in record.trees if tree not in in_use],
                preferred=record.preferred,
                mapped=record.mapped,
                actions=record.actions,
                deprecated=deprecated,
            )

    def _synonyms(self, record: _Record, place: str) -> list[str]:
        if record.preferred_concept:
            return self._names_of(record.preferred_concept, record, place)
        if record.concepts and record.active:
            raise VocabularyError("has no preferred concept", place=place, remedy="is the file whole?")
        return []

    def _names_of(self, concept: int, record: _Record, place: str) -> list[str]:
        if concept in self._inactive:
            return []
        found: list[str] = []
        terms = self._terms.get(concept)
        # Little is left of what is no longer active.
        if terms is None and record.active:
            raise VocabularyError("has a concept without terms", place=place, remedy="is the file whole?")
        for term in terms or ():
            if term in self._inactive:
                continue
            names = self._names.get(term)
            if names is None and record.active:
                raise VocabularyError("has a term without a name", place=place, remedy="is the file whole?")
            found.extend((names,) if isinstance(names, str) else names or ())
        return found

    def _node(self, iri: str) -> tuple[str, str, str] | None:
        """Letter, identifier and digits of what a record, concept, term or qualifier is called."""
        match = _NODE.fullmatch(iri)
        if match is None:
            return None
        year, ui, letter, digits = match.groups()
        if year:
            self.years.add(year)
        return letter, ui, digits

    def _record(self, iri: str) -> _Record | None:
        node = self._node(iri)
        if node is None or node[0] not in RECORD:
            return None
        record = self._records.get(node[1])
        if record is None:
            ui = record_iri(node[1], RECORD, self._place).removeprefix(_MESH)
            record = self._records.setdefault(ui, _Record())
        return record

    def _number(self, iri: str, letter: str) -> int:
        """A concept (above zero) or a term (below) as a number, or 0 for anything else."""
        node = self._node(iri)
        if node is None or node[0] != letter:
            return 0
        # The 1 keeps M0000123 and M000000123 apart.
        return int(f"{'-' if letter == _TERM_LETTER else ''}1{node[2]}")

    def _local(self, value: _Term) -> str:
        """What comes after the namespace, without the year."""
        if isinstance(value, ox.Literal):
            return value.value
        match = _LOCAL.fullmatch(value.value) if isinstance(value, ox.NamedNode) else None
        if match is None:
            raise VocabularyError(f"{value} is not of MeSH", place=self._place, remedy=f"expected an IRI in {_MESH}")
        return sys.intern(match[1])

    def _heading(self, value: _Term) -> str:
        return sys.intern(_QUALIFIER.sub("", self._local(value)))

    def _type(self, subject: str, value: _Term) -> None:
        if isinstance(value, ox.NamedNode) and value.value in _RECORD_CLASSES and self._record(subject) is None:
            raise VocabularyError(
                f"<{subject}> does not identify a MeSH record", place=self._place, remedy="expected C or D and digits"
            )

    def _label(self, subject: str, value: _Term) -> None:
        if not _is_english(value):
            return
        record = self._record(subject)
        if record is None:
            self._name(subject, value)
        elif record.label and record.label != value.value:
            raise VocabularyError(
                f"<{subject}> has two labels, {record.label!r} and {value.value!r}",
                place=self._place,
                remedy="are these files of one MeSH year?",
            )
        else:
            record.label = value.value

    def _name(self, subject: str, value: _Term) -> None:
        term = self._number(subject, _TERM_LETTER)
        if not term or not _is_english(value):
            return
        known = self._names.get(term)
        if known is None:
            self._names[term] = value.value
        else:
            self._names[term] = (*((known,) if isinstance(known, str) else known), value.value)

    def _active(self, subject: str, value: _Term) -> None:
        if not isinstance(value, ox.Literal) or value.value not in _INACTIVE:
            return
        record = self._record(subject)
        if record is not None:
            record.active = False
        else:
            self._inactive.add(self._number(subject, _CONCEPT_LETTER) or self._number(subject, _TERM_LETTER))

    def _concept(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.concepts += (self._reference(value, _CONCEPT_LETTER),)

    def _preferred_concept(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.preferred_concept = self._reference(value, _CONCEPT_LETTER)

    def _term(self, subject: str, value: _Term) -> None:
        # Records have preferred terms too: those of their preferred concepts.
        concept = self._number(subject, _CONCEPT_LETTER)
        if concept:
            self._terms.setdefault(concept, []).append(self._reference(value, _TERM_LETTER))

    def _reference(self, value: _Term, letter: str) -> int:
        number = self._number(value.value, letter) if isinstance(value, ox.NamedNode) else 0
        if not number:
            raise VocabularyError(
                f"{value} is not what NLM calls a {'term' if letter == _TERM_LETTER else 'concept'}",
                place=self._place,
                remedy=f"expected {letter} and digits",
            )
        return number

    def _tree(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.trees += (self._local(value),)

    def _preferred(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.preferred += (self._heading(value),)

    def _mapped(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.mapped += (self._heading(value),)

    def _action(self, subject: str, value: _Term) -> None:
        record = self._record(subject)
        if record is not None:
            record.actions += (self._local(value),)

    def _version(self, subject: str, value: _Term) -> None:
        # The vocabulary's own version is here too, and is no year.
        if subject.startswith(_MESH) and isinstance(value, ox.Literal) and _YEAR.fullmatch(value.value):
            self.years.add(value.value)

    def _date(self, _subject: str, value: _Term) -> None:
        match = _DATE.match(value.value) if isinstance(value, ox.Literal) else None
        if match and match[1] > self.latest:
            self.latest = match[1]


def _is_english(value: _Term) -> TypeGuard[ox.Literal]:
    return isinstance(value, ox.Literal) and (value.language or "en").partition("-")[0] == "en"
