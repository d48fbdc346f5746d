"""Wrapped and indented text blocks → the text that was registered.

The registry sets text at about 100 columns: paragraphs apart by a blank line; items of a list with ``-  `` or a number
that is right-aligned before the text, whose lines all begin five columns further in than the text around the list. API
v2 has the same text in Markdown, from which the layout here is taken: a line for each paragraph and item, ``*`` for a
dash, what is within an item indented to its text.

Backslashes, which API v2 puts before characters that mean something in Markdown, are not put: nobody registered them.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

__all__ = ["paragraphs", "unwrapped"]

_MARK = re.compile(r" *(?:(-)  |([0-9]{1,3}\.) )(?=\S)")
_GAP = re.compile(r"\n(?:[^\S\n]*\n)+")
_INDENT = 5
_SAME_LEVEL = 3
_WIDEST = 100
_WRAPPED = re.compile(r"[^\n]{60,}[^\s.;:!?]\n[a-z]")


class _Block(NamedTuple):
    """Lines between two blank lines.

    Attributes:
        mark: ``*`` or a number; ``""`` when it is no item.
        column: where its text begins.
        left: where its first line begins.
        text: its words, without the mark.
    """

    mark: str
    column: int
    left: int
    text: str


class _Item(NamedTuple):
    """An item that is open: where its text begins, there and here."""

    column: int
    indent: int


def unwrapped(text: str) -> str:
    r"""The text of a block as API v2 lays it out.

    Args:
        text: with line breaks and indentation as they are in the file.

    >>> print(unwrapped("\n  Two\n  lines:\n\n    -  one\n       item\n\n         1. within\n\n    -  two\n"))
    Two lines:
    <BLANKLINE>
    * one item
    <BLANKLINE>
      1. within
    * two
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs()
    blocks = [_block(part) for part in _GAP.split(lines) if part.strip()]
    margin = _margin(blocks)
    pieces: list[str] = []
    items: list[_Item] = []
    previous: int | None = None  # the column of the item before, where an item may follow on the next line
    for block in blocks:
        while items and _ends(items[-1], block):
            items.pop()
        outer = items[-1] if items else _Item(margin, 0)
        item = block.mark == "*" or (block.mark and abs(block.column - outer.column - _INDENT) <= 1)
        # An item after another is on the next line, also after more paragraphs of it; but the list that comes right
        # after the first words of an item is a new paragraph.
        follows = previous is not None and item and block.column < previous + _SAME_LEVEL
        pieces.append(("\n" if follows else "\n\n") + " " * outer.indent)
        if item:
            pieces.append(f"{block.mark} {block.text}")
            items.append(_Item(block.column, outer.indent + len(block.mark) + 1))
            previous = block.column
        else:
            mark = {"": "", "*": "- "}.get(block.mark, f"{block.mark} ")
            pieces.append(mark + block.text)
            previous = sys.maxsize if items else None
    return "".join(pieces).strip()


def paragraphs(text: str) -> str:
    r"""Text that is not set in columns: each line a paragraph.

    Some registrants wrapped their lines themselves: where no line is long, and a full one ends amid a sentence,
    only blank lines part paragraphs.

    >>> paragraphs("Given daily.\r\nOther name: X")
    'Given daily.\n\nOther name: X'
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")]
    if max(map(len, lines)) <= _WIDEST and _WRAPPED.search("\n".join(lines)):
        return unwrapped(text)
    return "\n\n".join(" ".join(line.split()) for line in lines if line)


def _block(part: str) -> _Block:
    lines = [line for line in part.split("\n") if line.strip()]
    left = min(_indent(line) for line in lines)
    found = _MARK.match(lines[0])
    words = " ".join(part.split())
    if found is None or any(_indent(line) != found.end() for line in lines[1:]):
        return _Block("", _indent(lines[0]), left, words)
    mark = found[1] or found[2]
    return _Block("*" if found[1] else mark, found.end(), left, words[len(mark) :].lstrip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _ends(item: _Item, block: _Block) -> bool:
    """Whether a block is no part of an item that is open before it."""
    return item.column + _SAME_LEVEL > block.column if block.mark else item.column > block.column


def _margin(blocks: list[_Block]) -> int:
    """Where text that is in no list begins."""
    unmarked = [block.left for block in blocks if not block.mark]
    marked = [block for block in blocks if block.mark]
    if marked and min(unmarked, default=marked[0].left + 1) > min(block.left for block in marked):
        return min(block.column for block in marked) - _INDENT
    return min(unmarked, default=0)
