"""XML made safe to read, and a view of it that knows what nobody has asked for.

Of a document, the prolog is looked at before any parser sees it: a document type declaration, which is what all
attacks with entities need, ends the reading there. The parser opens no file and no address, expands nothing, and
stops at 256 levels; how many nodes it may make has a bound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TypedDict

from lxml import etree

from kg.config import LIMITS
from kg.errors import RecordError
from kg.sources.detect import after_prolog, without_mark
from kg.sources.record import one_line

__all__ = ["Element", "Reading", "early_texts", "parsed"]

_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
# In all of these, markup is the same bytes as in ASCII, so that the prolog can be looked at without decoding.
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "us-ascii": "UTF-8",
    "ascii": "UTF-8",
    "iso-8859-1": "ISO-8859-1",
    "latin1": "ISO-8859-1",
    "windows-1252": "windows-1252",
}
_NOTED_PATHS = 50
_SAMPLE = 80


def parsed(data: bytes, place: str = "", *, nodes: int = LIMITS.xml_nodes) -> etree._Element:
    """The root of a document.

    Args:
        data: the document.
        place: what to call it.
        nodes: most tags and attributes it may have.

    Raises:
        RecordError: not well-formed, not in an encoding that is read, with a document type, or too many nodes.

    >>> parsed(b"<clinical_study/>").tag
    'clinical_study'
    """
    encoding = _encoding(data, place)
    start = data[after_prolog(data) :][:9]
    if start.upper() == b"<!DOCTYPE":
        raise RecordError(
            "has a document type declaration, as made to expand entities or to read other files",
            place=place,
            remedy="the registry's records have none; remove it, or download the record again",
        )
    if data.count(b"<") + data.count(b"=") > nodes:
        raise RecordError(f"more than {nodes:,} tags and attributes", place=place, remedy="no record has so many")
    parser = etree.XMLParser(encoding=encoding, **_SAFE)
    try:
        root = etree.fromstring(without_mark(data), parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, place) from error
    if root is None:
        raise RecordError("no element", place=place, remedy="download the record again")
    return root


def early_texts(data: bytes, wanted: dict[str, str], *, until: str) -> dict[str, str]:
    """The texts of some elements, the first of each, read no further than the end of one of them.

    Args:
        data: a document; where it is malformed, nothing more is found.
        wanted: the name of each, and that of the element around it.
        until: the last of them.

    Raises:
        RecordError: not in an encoding that is read.
    """
    found: dict[str, str] = {}
    parser = etree.XMLPullParser(("end",), tag=tuple(wanted), encoding=_encoding(data, ""), **_SAFE)
    document = memoryview(without_mark(data))
    for start in range(0, len(document), _PIECE):
        try:
            parser.feed(bytes(document[start : start + _PIECE]))
        except etree.XMLSyntaxError:  # said by who parses it whole
            break
        for _, element in parser.read_events():
            around = element.getparent() if isinstance(element, etree._Element) else None
            if around is not None and around.tag == wanted[str(element.tag)]:
                found.setdefault(str(element.tag), (element.text or "").strip())
        if until in found:
            break
    return found


class Reading:
    """What of a document was asked for, so that the rest can be told."""

    def __init__(self, root: etree._Element, *, boilerplate: frozenset[str] = frozenset()) -> None:
        """Start reading.

        Args:
            root: the document.
            boilerplate: paths from the root of what says nothing of its own; ``path@name`` for an attribute.
        """
        self._root = root
        self.notes: list[str] = []
        self.elements: set[etree._Element] = {root}
        self.texts: set[etree._Element] = set()
        self.attributes: set[tuple[etree._Element, str]] = set()
        self._boilerplate = boilerplate

    @property
    def root(self) -> Element:
        """The document."""
        return Element(self._root, self)  # not kept: a cycle would keep large trees in memory

    def note(self, text: str) -> None:
        """Keep what could not be carried over."""
        self.notes.append(text)

    def left_over(self) -> list[str]:
        """What nobody asked for, a line for each path, with how often it occurs and the first value."""
        counted: Counter[str] = Counter()
        first: dict[str, str] = {}
        for path, value in self._left_over():
            counted[path] += 1
            first.setdefault(path, one_line(" ".join(value.split()), _SAMPLE))
        lines = []
        for path, count in list(counted.items())[:_NOTED_PATHS]:
            times = f" ({count:,} times)" if count > 1 else ""
            lines.append(f"no field takes {one_line(path)}{times}: {first[path]!r}")
        if len(counted) > _NOTED_PATHS:
            lines.append(f"no field takes the elements of {len(counted) - _NOTED_PATHS:,} more paths")
        return lines

    def _left_over(self) -> Iterator[tuple[str, str]]:
        paths: list[str] = []
        for event, element in etree.iterwalk(self._root, events=("start", "end")):
            if event == "end":
                paths.pop()
                continue
            # The root is no part of a path; the path of an element is only worked out when it is left over.
            paths.append(str(element.tag))
            path = "/".join(paths[1:])
            text = (element.text or "").strip()
            unread = text and element not in self.texts
            if (unread or not (len(element) or element in self.elements)) and path not in self._boilerplate:
                yield path, text
            for name, value in element.attrib.items():
                if (element, str(name)) not in self.attributes and f"{path}@{name}" not in self._boilerplate:
                    yield f"{path}@{name}", str(value)
            tail = (element.tail or "").strip()
            if tail and len(paths) > 1:
                yield f"{'/'.join(paths[1:-1])} (text between elements)", tail


class Element:
    """An element, or one that is not there, of which everything is absent."""

    __slots__ = ("_reading", "node")

    def __init__(self, node: etree._Element | None, reading: Reading) -> None:
        self.node = node
        self._reading = reading

    def __bool__(self) -> bool:
        return self.node is not None

    @property
    def tag(self) -> str:
        """The name; ``""`` when it is not there."""
        return "" if self.node is None else str(self.node.tag)

    def note(self, text: str) -> None:
        """Keep what could not be carried over."""
        self._reading.note(text)

    def own(self) -> str | None:
        """The text as it stands; None when there is none."""
        if self.node is None:
            return None
        self._reading.texts.add(self.node)
        text = self.node.text
        return text if text and not text.isspace() else None

    def text(self, *path: str) -> str | None:
        """The text of the first element of a path, on one line."""
        text = self.first(*path).own()
        return " ".join(text.split()) if text else None

    def raw(self, *path: str) -> str | None:
        """The same, with its lines."""
        return self.first(*path).own()

    def first(self, *path: str) -> Element:
        """The first element of a path."""
        node = self.node
        for tag in path:
            if node is None:
                break
            node = next(node.iterchildren(tag), None)
            if node is not None:
                self._reading.elements.add(node)
        return Element(node, self._reading)

    def all(self, *path: str) -> list[Element]:
        """The elements of that name, within the first element of what is before it in the path."""
        node = self.first(*path[:-1]).node
        return [] if node is None else [Element(child, self._reading) for child in self._asked(node, path[-1])]

    def children(self) -> list[Element]:
        """All elements within, in their order."""
        return [] if self.node is None else [Element(child, self._reading) for child in self._asked(self.node, None)]

    def texts(self, *path: str) -> list[str]:
        """The texts of the elements of that name, each on one line; those without text are left out."""
        return [text for element in self.all(*path) if (text := element.text())]

    def attribute(self, name: str) -> str | None:
        """An attribute; None when it is absent or empty."""
        if self.node is None:
            return None
        self._reading.attributes.add((self.node, name))
        value = self.node.get(name)
        return value.strip() or None if value else None

    def _asked(self, node: etree._Element, tag: str | None) -> Iterator[etree._Element]:
        for child in node.iterchildren(tag):
            self._reading.elements.add(child)
            yield child


_PIECE = 2**16


class _Safe(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    attribute_defaults: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool
    collect_ids: bool
    recover: bool


# Said in full although most are the parser's own choice: a later version of it must not choose otherwise.
_SAFE: _Safe = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
    "recover": False,
}


def _encoding(data: bytes, place: str) -> str:
    start = data[:4]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
        raise RecordError("UTF-16 or UTF-32 text", place=place, remedy="save it as UTF-8")
    declared = _DECLARED.match(without_mark(data[:1024]))
    name = declared[1].decode("ascii", "replace") if declared else "UTF-8"
    known = _ENCODINGS.get(name.casefold())
    if known is None:
        raise RecordError(f"in the encoding {one_line(name, 40)!r}", place=place, remedy="save it as UTF-8")
    return known


def _malformed(error: etree.XMLSyntaxError, place: str) -> RecordError:
    line = error.lineno or 0
    problem = one_line(str(error.msg or "no element"))
    return RecordError(
        f"malformed XML: {problem}", place=f"{place}:{line}" if line else place, remedy="download it again"
    )
