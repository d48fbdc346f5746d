"""What stands before a query: grlc's decorators, as far as they are used here."""

from __future__ import annotations

import json
import re

from kg.errors import UsageError
from kg.library.parameters import public_name

__all__ = ["read_defaults", "read_head", "scalar"]

_HEAD_KEY = re.compile(r"([a-z]+):(?: (.*))?")
_HEAD_ITEM = re.compile(r"- (.+)")
_NOT_PLAIN = re.compile(r"""^[-?:,\[\]{}#&*!|>'"%@`]|: | #|:$""")
_TEXT_KEYS = ("summary", "description")
_LIST_KEYS = ("tags", "defaults")


def scalar(text: str, place: str) -> str:
    """A YAML scalar, plain or in double quotes, that every YAML reader takes as the same text."""
    text = text.strip()
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise UsageError(f"{text!r} is not a quoted value", place=place, remedy="close the quotes") from error
        return str(value)
    if not text or _NOT_PLAIN.search(text):
        raise UsageError(f"{text!r} is not a plain value", place=place, remedy='write it in double quotes, "" if empty')
    return text


def read_head(lines: list[str], place: str) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
    """The head's single values, and its lists with the place of each item."""
    texts: dict[str, str] = {}
    lists: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] | None = None
    for number, line in enumerate(lines, start=1):
        here = f"{place}:{number}"
        content = line.removeprefix("#+").strip()
        if item := _HEAD_ITEM.fullmatch(content):
            if current is None:
                raise UsageError(f"{content!r} belongs to no list", place=here, remedy="tags: or defaults: goes before")
            current.append((item[1], here))
            continue
        pair = _HEAD_KEY.fullmatch(content)
        key, value = (pair[1], pair[2]) if pair else ("", None)
        if key in texts or key in lists:
            raise UsageError(f"{key!r} stands twice", place=here)
        if key in _LIST_KEYS and not value:
            current = lists[key] = []
        elif key in _TEXT_KEYS and value:
            texts[key] = scalar(value, here)
            current = None
        else:
            remedy = "expected summary: TEXT, description: TEXT, tags: or defaults: with their items on the next lines"
            raise UsageError(f"{content!r} is no line of a head", place=here, remedy=remedy)
    return texts, lists


def read_defaults(items: list[tuple[str, str]]) -> dict[str, str]:
    """The defaults by the name of their parameter, of the items of that list."""
    defaults: dict[str, str] = {}
    for item, here in items:
        name, colon, value = item.partition(": ")
        if not colon or not name.isidentifier() or public_name(name) in defaults:
            raise UsageError(f"{item!r} is no default", place=here, remedy="expected - name: value, each name once")
        defaults[public_name(name)] = scalar(value, here)
    return defaults
