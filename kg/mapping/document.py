"""Writes ``docs/mapping.md``: which field of a record becomes which property.

    python -m kg.mapping.document > docs/mapping.md

The table is that of :mod:`kg.mapping.fields`, which the run uses to account for every field.
"""

from __future__ import annotations

import sys
from itertools import groupby
from typing import Final

from kg.mapping.fields import Row, rows

__all__ = ["main", "mapping_table"]

_SECTIONS: Final = {
    "resultsSection": "Results",
    "annotationSection": "Notices of the registry",
    "documentSection": "Documents",
    "derivedSection": "What the registry derived",
}
_COLUMNS: Final = """\

| field | node | property | value |
|---|---|---|---|
"""

_HEAD: Final = """\
# From record to graph

Which field of a record becomes which property. Fields are named as in the registry's API v2, `protocolSection.` left
out; every other source is read into the same form first. Nodes are parts of the study: `arm/1` is
`https://w3id.org/trialkg/trial/NCT…/arm/1`. Every field that the registry's description (2.0.5) has is here, and those
that records have beyond it; one without a property is kept out, for the reason given. A field of a record that is not
here is unknown: the report of the run names it, and the rest of the record is converted.

How often each field occurred, and how many of its values were mapped, kept out or rejected, `report.json` says under
`fields`.

This page is written by `python -m kg.mapping.document`; a test compares it with the code.
"""

_TAIL: Final = """
Every node has its class (`rdf:type`): `tkg:Study` and so on; see `ontology/trialkg.ttl`. Text is kept as registered,
but for Unicode NFC, line ends and control characters. A code that is not in the code list is noted in the report, and
gives no statement.

## What follows from the fields

| property | on | from |
|---|---|---|
| `tkg:conditionConcept`, `tkg:interventionConcept` | study | its links, and the registry's own terms |
| `tkg:conditionWithin` | study | its condition concepts and everything they are within |
| `tkg:drug`, `tkg:drugClass` | intervention, arm, study | what interventions name: agents and drugs, and classes |
| `tkg:drugWithin` | arm, study | its drugs and classes and everything they are within |
| `tkg:secondaryIdentifier`, `tkg:foundIn` | study, its number | numbers of other registries that are only in a title |
| `tkg:mentionedStudy` | study | NCT ids of other studies in titles, descriptions, criteria, numbers |
| `tkg:seriousness` | adverse event | the list that it stands in: `seriousness:serious`, `seriousness:other` |
| `tkg:record` | study | the record that was read |

The record is a `prov:Entity` with `dcterms:source` (its page at the registry), `tkg:sourceForm`, `tkg:sha256` of its
bytes, `tkg:dataDate` and `tkg:mappingVersion`.

## Links

A link (`tkg:ConceptLink`) says that a registered string means a concept: `tkg:concept`, `tkg:matchedText`,
`tkg:method`, `tkg:score`, `tkg:vocabulary`, `tkg:vocabularyVersion`. It stands on the condition or intervention that it
explains. A term of the registry that no string of the record accounts for, and links of keywords, stand on the study.
The registry's lists of ancestors are not read: what a term is within is known from MeSH.

## Numbers of other registries

EudraCT, CTIS, ISRCTN, ACTRN, DRKS, jRCT, UMIN, JapicCTI, ChiCTR, CTRI, KCT, IRCT, PACTR, SLCTR, TCTR, RBR, RPCEC, Dutch
(NL-OMON, NTR, NL) and universal trial numbers are known by their form, in numbers of any type and in titles; none of
them has a public rule for check digits. The number leads to its page there by `rdfs:seeAlso`, and a number without a
registered type gets the one of its form. A date or a protocol number has none of these forms, nor has a CTIS number
without its last part; Dutch NTR and NL numbers count only where the record speaks of that register. That two records
mean one study is the registrant's word: nothing here says that they are the same.

## Roles

Of an intervention in an arm, by the first rule that applies: a placebo or sham is `role:placebo`; in a comparator arm,
what experimental arms give too is `role:background` unless the arm gives nothing else, and the rest `role:comparator`;
in an arm whose drugs are a proper part of those of an experimental arm, `role:comparator`; what every arm gives, where
the arms differ, `role:background`; in an experimental arm, `role:investigational`; else `role:unknown`.

## Registry pages

A page has what the API has no field for:

| what | becomes |
|---|---|
| outcomes whose heading is lost (`unstatedOutcomes`) | `tkg:outcome`, which does not say which kind |
| keywords without marks between them (`keywordRuns`) | `tkg:keyword`, parted with the help of known names |
| MeSH terms without marks between them (`meshRuns`) | links by `method:registry`, of what is not inherited |

A term of a page is inherited when it is above another one in the list, or an action beside a listed substance.
"""


def mapping_table() -> str:
    """The text of ``docs/mapping.md``."""
    parts = [_HEAD]
    for section, found in groupby(rows(), _section):
        parts += [f"\n## {section}\n", _COLUMNS, *map(_line, found)]
    return "".join(parts) + _TAIL


def _section(row: Row) -> str:
    return _SECTIONS.get(row.path.partition(".")[0], "What the registrant said" if "." in row.path else "The record")


def _line(row: Row) -> str:
    names = ", ".join(f"`{name}`" for name in row.properties) or "–"
    return f"| `{row.path}` | {row.node} | {names} | {row.value} |\n"


def main() -> None:
    """Write the page to standard output."""
    sys.stdout.write(mapping_table())


if __name__ == "__main__":
    main()
