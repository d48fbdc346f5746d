"""Compares a study with what is read of its page: field by field, by words and not by marks of lists or white space."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from kg.sources import Form, RawRecord, decode
from kg.study import Study
from tests.sources.classic_pages import page, write

__all__ = ["differences", "read_again"]

_LIST_MARK = re.compile(r"(?:^|(?<=\n))\s*(?:[*-]|\d{1,2}[.)])\s+")
# What only tells one part of a record from another within it.
_IDS = re.compile(r"\[\d+\]")


def read_again(study: Study, form: str, *tabs: str) -> Study:
    """The study read from its own page."""
    kind = Form.PAGE_HTML if form == "html" else Form.PAGE_TEXT
    return decode(RawRecord(write(page(study, *tabs), form), kind, f"{study.nct_id} as {form}"))


def differences(first: Study, second: Study) -> tuple[Counter[str], Counter[str]]:
    """How many values of each field ``first`` has, and how many of them ``second`` has otherwise or not."""
    total: Counter[str] = Counter()
    other: Counter[str] = Counter()
    found = dict(_leaves(_by_row(second), ""))
    for path, value in _leaves(_by_row(first), ""):
        field = _IDS.sub("", path)
        total[field] += 1
        if found.get(path) != value:
            other[field] += 1
    return total, other


def _by_row(study: Study) -> object:
    """The record as pages can tell it: values of a measure by row, since a page does not tell a class from a category
    by itself, and in an order of their own the lists that a page has by kind.
    """
    record = msgspec.to_builtins(study)
    protocol = record.get("protocolSection", {})
    for one in protocol.get("armsInterventionsModule", {}).get("interventions", []):
        one.get("armGroupLabels", []).sort()
    protocol.get("referencesModule", {}).get("references", []).sort(key=lambda one: str(one.get("citation")))
    results = record.get("resultsSection", {})
    for module, field in (("baselineCharacteristicsModule", "measures"), ("outcomeMeasuresModule", "outcomeMeasures")):
        for measure in results.get(module, {}).get(field, []):
            rows = []
            for one in measure.pop("classes", []):
                for number, category in enumerate(one.get("categories", [{}])):
                    title = " / ".join(text for text in (one.get("title"), category.get("title")) if text)
                    denoms = one.get("denoms", [])[:1] if number == 0 else []
                    rows.append({"title": title, "denoms": denoms, "measurements": category.get("measurements", [])})
            measure["rows"] = rows
    return record


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path, " ".join(_LIST_MARK.sub(" ", value).replace("*", " ").replace("\\", "").split())
    elif value is not None:
        yield path, value
