"""Legacy XML records, spoilt: elements removed, repeated, moved, nested, filled with odd text; bytes flipped, cut."""

from __future__ import annotations

import random
from collections.abc import Callable

from lxml import etree

__all__ = ["MUTATIONS_XML", "mutated_xml"]

_TEXTS = (
    *("", " ", "0", "-1", "1e400", "Yes", "N/A", "February 30, 2021", "<![CDATA[x]]>", "]]>", "&#0;", "é" * 3),
    *("\u202e", "x" * 100_000),
)
_NAMES = ("new_element", "nct_id", "title", "location", "category", "a-b.c")


def mutated_xml(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    """A record with one to three mutations, and what was done to it."""
    root = etree.fromstring(data)
    done = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(list(MUTATIONS_XML))
        MUTATIONS_XML[name](root, rng)
        done.append(name)
    spoilt = etree.tostring(root, encoding="utf-8", xml_declaration=rng.random() < 0.5)
    if rng.random() < 0.2:
        at = rng.randrange(len(spoilt))
        name, spoilt = rng.choice(
            (("cut", spoilt[:at]), ("byte flipped", spoilt[:at] + bytes([rng.randrange(256)]) + spoilt[at + 1 :]))
        )
        done.append(name)
    return ", ".join(done), spoilt


def _any(root: etree._Element, rng: random.Random) -> etree._Element:
    return rng.choice([one for one in root.iterdescendants() if isinstance(one.tag, str)] or [root])


def _remove(root: etree._Element, rng: random.Random) -> None:
    one = _any(root, rng)
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)


def _repeat(root: etree._Element, rng: random.Random) -> None:
    one = _any(root, rng)
    for _ in range(rng.choice((1, 2, 30))):
        one.addnext(etree.fromstring(etree.tostring(one, with_tail=False)))


def _move(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).append(etree.fromstring(etree.tostring(_any(root, rng), with_tail=False)))


def _rename(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).tag = rng.choice(_NAMES)


def _fill(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).text = rng.choice(_TEXTS)


def _empty(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).clear()


def _attribute(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).set(rng.choice(("type", "group_id", "value", "new")), rng.choice(_TEXTS))


def _nest(root: etree._Element, rng: random.Random) -> None:
    one = _any(root, rng)
    for _ in range(rng.choice((5, 100))):
        one = etree.SubElement(one, rng.choice(_NAMES))


def _comment(root: etree._Element, rng: random.Random) -> None:
    _any(root, rng).insert(0, rng.choice((etree.Comment("NCT99999999"), etree.ProcessingInstruction("x", "y"))))


MUTATIONS_XML: dict[str, Callable[[etree._Element, random.Random], None]] = {
    "removed": _remove,
    "repeated": _repeat,
    "moved": _move,
    "renamed": _rename,
    "filled": _fill,
    "emptied": _empty,
    "attribute": _attribute,
    "nested": _nest,
    "comment": _comment,
}
"""What can be done to a document."""
