"""Real records, spoilt in the ways that downloads, tools and people spoil them.

A mutation is drawn from a seeded generator, so that a record that breaks something can be made again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["MUTATIONS", "mutated"]

_Place = tuple[Any, Any]
"""A dict or list, and the key or index of a value in it."""

_WRONG_DATES = ("2019-13", "2019-02-30", "19-01-01", "January 2019", "2019-1-1", "0000-00", "2019-01-01T00:00:00Z", "")
_ODD_TEXT = (
    *("\x00", "\x07bell", "\x1b[31mred", "\x85", "\u2028", "\ufdd0", "\ufffe", "\u202eright to left"),
    *("\ud800", "\udc00x", "a\u0301", "\r\n", "\\", '"', "\\u0041", "<a> <b> .", "_:b0", "'''"),
    *("\U0001f600", "%00", "^^<x>", "@en"),
)
_OTHER_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    1e308,
    "",
    " ",
    [],
    {},
    [[]],
    {"": {}},
    "text",
)


def mutated(record: Any, rng: random.Random) -> tuple[str, bytes]:
    """A record with one to three mutations, as the bytes of one line, and what was done to it."""
    value = json.loads(json.dumps(record))
    done = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice(list(MUTATIONS))
        MUTATIONS[name](value, rng)
        done.append(name)
    data = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        name = rng.choice(list(_OF_BYTES))
        data = _OF_BYTES[name](data, rng)
        done.append(name)
    return ", ".join(done), data.replace(b"\n", b" ")


def _places(value: Any, wanted: Callable[[Any], bool]) -> list[_Place]:
    found: list[_Place] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        items: Iterator[tuple[Any, Any]] = iter(one.items() if isinstance(one, dict) else enumerate(one))
        for key, inner in items:
            if wanted(inner):
                found.append((one, key))
            if isinstance(inner, dict | list):
                waiting.append(inner)
    return found


def _anywhere(value: Any, rng: random.Random, wanted: Callable[[Any], bool] = lambda _: True) -> _Place | None:
    places = _places(value, wanted)
    return rng.choice(places) if places else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _put(
    value: Any, rng: random.Random, make: Callable[[Any], Any], wanted: Callable[[Any], bool] = lambda _: True
) -> None:
    place = _anywhere(value, rng, wanted)
    if place:
        place[0][place[1]] = make(place[0][place[1]])


def _change_type(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda _: rng.choice(_OTHER_VALUES))


def _remove(value: Any, rng: random.Random) -> None:
    place = _anywhere(value, rng)
    if place:
        del place[0][place[1]]


def _wrap(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: [old])


def _unwrap(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: old[0] if old else None, lambda one: isinstance(one, list))


def _repeat(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: old * rng.choice((2, 3, 50)), lambda one: isinstance(one, list) and len(one) < 40)


def _reverse(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: old[::-1], lambda one: isinstance(one, list))


def _swap_texts(value: Any, rng: random.Random) -> None:
    first, second = _anywhere(value, rng, _is_text), _anywhere(value, rng, _is_text)
    if first and second:
        (a, i), (b, j) = first, second
        a[i], b[j] = b[j], a[i]


def _insert_odd_text(value: Any, rng: random.Random) -> None:
    def spoilt(old: str) -> str:
        at = rng.randrange(len(old) + 1)
        return old[:at] + rng.choice(_ODD_TEXT) + old[at:]

    _put(value, rng, spoilt, _is_text)


def _make_huge(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: (old or "x") * (200_000 // max(len(old), 1)), _is_text)


def _nest(value: Any, rng: random.Random) -> None:
    depth = rng.choice((50, 400))

    def nested(old: Any) -> Any:
        for _ in range(depth):
            old = rng.choice(([old], {"x": old}))
        return old

    _put(value, rng, nested)


def _spoil_date(value: Any, rng: random.Random) -> None:
    def is_date(one: Any) -> bool:
        return isinstance(one, str) and one[:4].isdigit() and one[4:5] == "-"

    _put(value, rng, lambda _: rng.choice(_WRONG_DATES), is_date)


def _unknown_key(value: Any, rng: random.Random) -> None:
    place = _anywhere(value, rng, lambda one: isinstance(one, dict))
    if place:
        place[0][place[1]][rng.choice(("newField", "", "page", "readingNotes", "nctId ", "@id", "\u202e"))] = {"a": [1]}


def _unknown_code(value: Any, rng: random.Random) -> None:
    _put(value, rng, lambda old: old + "_NEW", lambda one: isinstance(one, str) and one.isupper() and len(one) > 3)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _key_twice(data: bytes, rng: random.Random) -> bytes:
    return data[:-1] + rng.choice(
        (b',"protocolSection":{}}', b',"hasResults":false,"hasResults":true}', b',"derivedSection":1}')
    )


def _no_number(data: bytes, _: random.Random) -> bytes:
    return data[:-1] + b',"hasResults":NaN}'


MUTATIONS: dict[str, Callable[[Any, random.Random], None]] = {
    "type changed": _change_type,
    "removed": _remove,
    "wrapped in a list": _wrap,
    "taken out of a list": _unwrap,
    "list repeated": _repeat,
    "list reversed": _reverse,
    "texts swapped": _swap_texts,
    "odd text": _insert_odd_text,
    "huge text": _make_huge,
    "nested": _nest,
    "wrong date": _spoil_date,
    "unknown key": _unknown_key,
    "unknown code": _unknown_code,
}
"""What can be done to a decoded record."""

_OF_BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": _cut,
    "byte flipped": _flip,
    "key twice": _key_twice,
    "no number": _no_number,
}
