"""The criteria texts that gold was labelled on, looked up in the real records: no text of the registry is kept here."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from bench.figures import data_path, lines

__all__ = ["XML_SAMPLE", "criteria_texts", "units"]

XML_SAMPLE = "records/xml/AllPublicXML-sample.zip"
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_BULLET = re.compile(r"-\s+")
_FIRST_INDENT, _INDENT = 10, 5


@lru_cache(maxsize=4)
def criteria_texts(wanted: frozenset[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """NCT id and form (``v2`` or ``xml``) → the criteria text, the old XML's paragraphs unwrapped."""
    found = dict(_of_json({nct for nct, form in wanted if form == "v2"}))
    return found | dict(_of_xml({nct for nct, form in wanted if form == "xml"}))


def _of_json(wanted: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    for line in lines(data_path()) if wanted else ():
        protocol: dict[str, Any] = json.loads(line)["protocolSection"]
        nct = protocol["identificationModule"]["nctId"]
        if nct in wanted:
            yield (nct, "v2"), protocol.get("eligibilityModule", {}).get("eligibilityCriteria", "")


def _of_xml(wanted: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    if not wanted:
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(data_path(XML_SAMPLE)) as archive:
        for name in archive.namelist():
            nct = name.rpartition("/")[2].removesuffix(".xml")
            if nct in wanted:
                text = etree.fromstring(archive.read(name), parser).findtext("eligibility/criteria/textblock")
                yield (nct, "xml"), _unwrapped(text or "")


def _unwrapped(text: str) -> str:
    """One line for each paragraph, with the bullets and the nesting of API v2."""
    made = []
    for paragraph in _PARAGRAPHS.split(text.replace("\r\n", "\n")):
        line = paragraph.strip("\n")
        bare = " ".join(line.split())
        if not bare:
            continue
        match = _BULLET.match(line.lstrip())
        depth = max(0, round((len(line) - len(line.lstrip()) - _FIRST_INDENT) / _INDENT))
        made.append(f"{'  ' * depth}* {bare[1:].strip()}" if match else bare)
    return "\n\n".join(made)


def units(text: str) -> list[tuple[int, str]]:
    """The lines that say something, each with its number in the text from 0: what the labels stand for, in order."""
    return [(number, line) for number, line in enumerate(text.split("\n")) if line.strip()]
