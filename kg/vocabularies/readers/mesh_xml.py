"""MeSH in NLM's XML: ``desc2025.xml``, the descriptors, and ``supp2025.xml``, the supplementary records.

A record has concepts, one of them preferred, and each concept has terms; terms of the preferred concept mean the
record, terms of the others mean less, more or something near. Supplementary records of all classes are kept
(chemicals, protocols, diseases, organisms). Left out are qualifiers, which have a file of their own, and the
qualifier of a heading that a record is mapped to.

Source: https://www.nlm.nih.gov/mesh/xml_data_elements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from lxml import etree

from kg.errors import VocabularyError
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.readers.files import files_of, open_stream, read_head
from kg.vocabularies.readers.mesh_records import (
    DESCRIPTOR,
    SUPPLEMENTARY,
    checked,
    entry,
    mesh_source,
    mesh_year,
    record_iri,
)

__all__ = ["read", "recognises"]


class _Shape(NamedTuple):
    """What a kind of record is called."""

    root: str
    record: str
    ui: str
    name: str
    letter: str


_FORM: Final = "NLM's XML of MeSH descriptors or supplementary records"
_SHAPES: Final = {
    shape.record: shape
    for shape in (
        _Shape("DescriptorRecordSet", "DescriptorRecord", "DescriptorUI", "DescriptorName/String", DESCRIPTOR),
        _Shape(
            "SupplementalRecordSet",
            "SupplementalRecord",
            "SupplementalRecordUI",
            "SupplementalRecordName/String",
            SUPPLEMENTARY,
        ),
    )
}
_ROOTS: Final = tuple(shape.root for shape in _SHAPES.values())
# Since 2026 a descriptor has the second one in place of the first and no date of revision.
_DATES: Final = ("DateEstablished", "DateIntroduced", "DateRevised")
_STAR: Final = "*"
# The only thing in a real file that says its year: nlmdescriptorrecordset_20250101.dtd
_DTD_YEAR: Final = re.compile(r"recordset_([0-9]{4})[0-9]{4}\.dtd$")
_YEAR: Final = re.compile(r"[0-9]{4}")
# The longest real record has about 200 kB. What is not within a record would otherwise pile up in memory.
_LONGEST_RECORD: Final = 8 * 2**20
_PIECE: Final = 64 * 2**10
_STEP: Final = 1024


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a set of descriptors or of supplementary records in XML.

    >>> recognises(b'<?xml version="1.0"?><DescriptorRecordSet LanguageCode="eng">')
    True
    """
    return _start(head) is not None


def read(paths: Sequence[Path], *, year: str = "") -> Source:
    """MeSH from NLM's XML.

    Args:
        paths: files, or folders with them; plain, gzip or zstd. Descriptors may come without supplementary records.
        year: the MeSH year where the files do not say it: real ones do, in the name of their DTD.

    Raises:
        VocabularyError: a file cannot be read or is not of this form; while reading: it is cut off or malformed,
            declares entities, or a record is not as NLM writes it.
    """
    files = files_of(paths, recognises, _FORM)
    starts = [_start(read_head(path)) for path in files]
    stated = [match[1] for start in starts if start and (match := _DTD_YEAR.search(start))]
    version = mesh_year(stated, year, files, lambda: _latest_year(files))
    return mesh_source(version, checked((path, _entries(path)) for path in files))


def _start(head: bytes) -> str | None:
    """The address of the DTD or ``""``, when the root is one of ours; it is never fetched."""
    parser = _parser(("start",), ("*",))
    try:
        for place in range(0, len(head), _STEP):
            parser.feed(head[place : place + _STEP])
            for _, element in parser.read_events():
                return (element.getroottree().docinfo.system_url or "") if element.tag in _ROOTS else None
    except etree.XMLSyntaxError:
        # What is not XML at its start is not ours; a detector asks this of every file.
        return None
    return None


def _elements(path: Path, *tags: str) -> Iterator[etree._Element]:
    """The elements of these names, which are gone when the next one is asked for."""
    # Not iterparse: after an error it may begin anew with what follows, as if that were a document of its own.
    parser = _parser(("start", "end"), (*_ROOTS, *tags))
    since_record = 0
    try:
        with open_stream(path) as stream:
            while piece := stream.read(_PIECE):
                parser.feed(piece)
                _refuse_errors(parser, path)
                since_record += len(piece)
                for event, element in parser.read_events():
                    if element.tag in _ROOTS:
                        _refuse_entities(element, path)
                    elif event == "end":
                        since_record = 0
                        yield element
                        _drop(element)
                if since_record > _LONGEST_RECORD:
                    raise VocabularyError(
                        f"has no record in {_LONGEST_RECORD:,} bytes", place=str(path), remedy="is it NLM's file?"
                    )
            parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(path, error.lineno, error.msg) from error


def _refuse_errors(parser: etree.XMLPullParser, path: Path) -> None:
    # An entity that is not declared stops the parser, which tells nobody and begins anew with the next piece.
    for error in parser.feed_error_log.filter_from_errors():
        raise _malformed(path, error.line, error.message)


def _malformed(path: Path, line: int | None, problem: str | None) -> VocabularyError:
    return VocabularyError(
        f"is not well-formed XML: {problem}",
        place=f"{path}:{line}",
        remedy="the file is cut off or damaged; get it again",
    )


def _parser(events: tuple[Literal["start", "end"], ...], tags: tuple[str, ...]) -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=events,
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_entities(root: etree._Element, path: Path) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    for entity in dtd.iterentities() if dtd is not None else ():
        raise VocabularyError(
            f"declares the entity {entity.name!r}", place=str(path), remedy="NLM's files declare none; get it again"
        )


def _drop(element: etree._Element) -> None:
    """Frees an element and what lies before it in its parent."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _latest_year(paths: Sequence[Path]) -> str:
    years = {
        record.findtext(f"{date}/Year") or ""
        for path in paths
        for record in _elements(path, *_SHAPES)
        for date in _DATES
    }
    return max(filter(_YEAR.fullmatch, years), default="")


def _entries(path: Path) -> Iterator[Entry]:
    for element in _elements(path, *_SHAPES):
        yield _entry(element, _SHAPES[str(element.tag)], path)


def _entry(record: etree._Element, shape: _Shape, path: Path) -> Entry:
    ui = _first(record, shape.ui).strip()
    place = f"{path}: {ui or f'line {record.sourceline}'}"
    # Entities that are not declared are left as they are, and text around them would be lost.
    for entity in record.iter(etree.Entity):
        raise VocabularyError(f"refers to the entity {entity.text}", place=place, remedy="NLM's files refer to none")
    iri = record_iri(ui, shape.letter, place)
    synonyms: list[str] = []
    loose: list[str] = []
    concepts = record.findall("ConceptList/Concept")
    preferred_concepts = 0
    for concept in concepts:
        is_preferred = concept.get("PreferredConceptYN") == "Y"
        preferred_concepts += is_preferred
        terms = _texts(concept, "TermList/Term/String")
        (synonyms if is_preferred else loose).extend(terms)
    if concepts and preferred_concepts != 1:
        raise VocabularyError(
            f"has {preferred_concepts} preferred concepts", place=place, remedy='expected one PreferredConceptYN="Y"'
        )
    preferred, mapped = _headings(record)
    return entry(
        iri,
        _first(record, shape.name),
        place,
        synonyms=synonyms,
        loose=loose,
        trees=_texts(record, "TreeNumberList/TreeNumber"),
        preferred=preferred,
        mapped=mapped,
        actions=_texts(record, "PharmacologicalActionList/PharmacologicalAction/DescriptorReferredTo/DescriptorUI"),
    )


def _headings(record: etree._Element) -> tuple[list[str], list[str]]:
    """The headings mapped to first of all, which have a star, at them or at their qualifier, and the others."""
    preferred: list[str] = []
    others: list[str] = []
    for heading in record.iterfind("HeadingMappedToList/HeadingMappedTo"):
        ui = _first(heading, "DescriptorReferredTo/DescriptorUI").strip()
        qualifier = _first(heading, "QualifierReferredTo/QualifierUI").strip()
        is_preferred = ui.startswith(_STAR) or qualifier.startswith(_STAR)
        (preferred if is_preferred else others).append(ui.removeprefix(_STAR))
    return preferred, others


def _first(element: etree._Element, path: str) -> str:
    return element.findtext(path) or ""


def _texts(element: etree._Element, path: str) -> list[str]:
    return [(found.text or "").strip() for found in element.iterfind(path)]
