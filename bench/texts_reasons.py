"""What the rules read out of the texts on why studies stopped, against gold."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from lxml import etree

from bench.figures import data_path
from bench.tables import Table, bounds
from bench.texts_counts import PARTS, TUNED, Labelled, codes, precision_and_recall, read_gold
from kg.linking.evaluate import Fraction
from kg.mapping.texts.stop_reasons import stop_reasons

__all__ = ["misses", "tables"]

Record = Mapping[str, Any]

_XML: Final = "records/xml/AllPublicXML-sample.zip"


@cache
def _of_xml(nct: str) -> str:
    """The text of a study that is at hand in the registry's old XML only."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(data_path(_XML)) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(f"{nct}.xml"))
        return str(etree.fromstring(archive.read(name), parser).findtext("why_stopped"))


def _read(part: str, records: Mapping[str, Record]) -> Iterator[tuple[str, Labelled]]:
    for row in read_gold("stop-reasons", part):
        if row["form"] == "xml":
            text = _of_xml(row["nct"])
        else:
            text = records[row["nct"]]["protocolSection"]["statusModule"]["whyStopped"]
        yield text, Labelled(codes(row["reasons"]), frozenset(stop_reasons(text)), bool(row["note"]))


def tables(records: Mapping[str, Record]) -> list[Table]:
    """The tables of the figures."""
    parts = [(part, [one for _, one in _read(part, records)]) for part in PARTS]
    ours, gold, right = Counter[str](), Counter[str](), Counter[str]()
    for one in parts[-1][1]:
        ours.update(one.ours)
        gold.update(one.gold)
        right.update(one.gold & one.ours)
    classes = [
        (code, str(gold[code]), bounds(Fraction(right[code], ours[code])), bounds(Fraction(right[code], gold[code])))
        for code, _ in sorted((gold + ours).items(), key=lambda pair: (-gold[pair[0]], pair[0]))
    ]
    return [
        precision_and_recall("Stop reasons", parts),
        Table(f"Stop reasons by class, {PARTS[-1]}", ("", "in gold", "precision", "recall"), classes),
    ]


def misses(records: Mapping[str, Record]) -> Iterator[str]:
    """What of the parts tuned on is not right, a line each."""
    for text, one in (one for part in TUNED for one in _read(part, records)):
        if one.gold != one.ours:
            yield f"{' '.join(text.split())}\n\tgold {sorted(one.gold)}\n\tours {sorted(one.ours)}"
