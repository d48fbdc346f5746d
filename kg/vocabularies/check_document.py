"""The section of ``docs/ontology.md`` on the checks: what each finds, and what ROBOT and FOOPS! ask for beyond them."""

from __future__ import annotations

from typing import Final

from kg.vocabularies.checks import Check, load_checks

__all__ = ["UNCHECKED", "checks_section"]

UNCHECKED: Final = {
    "ROBOT missing_obsolete_label": "a deprecated term keeps its label here; owl:deprecated says that it is one",
    "ROBOT misused_obsolete_label": "as above: no label says whether a term is deprecated",
    "ROBOT missing_subset_declaration": "we have no OBO subsets",
    "ROBOT missing_synonymtype_declaration": "we have no OBO synonym types",
    "ROBOT multiple_asserted_superclasses": "a class may have several: what blocks PD-1 and activates IL-2 is both",
    "FOOPS! FIND2": "needs the web: the prefix in prefix.cc or LOV",
    "FOOPS! FIND3": "needs the web: the ontology in a public registry",
    "FOOPS! FIND_3_BIS": "needs the web: its metadata in a public registry",
    "FOOPS! URI1": "needs the web: the ontology's IRI resolves",
    "FOOPS! VER2": "needs the web: the version IRI resolves",
    "FOOPS! CN1": "needs the web: content negotiation for RDF and HTML",
    "FOOPS! RDF1": "needs the web: the served ontology is RDF; that the files are Turtle is seen when they are loaded",
    "FOOPS! DOC1": "needs the web: a page for people at the ontology's IRI",
    "FOOPS! OM4.2": "needs the web: the licence's IRI resolves",
}
"""Rules of ROBOT's report and tests of FOOPS! that no check goes after, each with the reason."""

_HEAD: Final = """
## Checks

`python -m kg.vocabularies.checks` runs the queries of `ontology/checks`, and so do the tests. Each finds one kind of
fault. The folder of a query says what it looks at.
"""

_FOLDERS: Final = {
    "agents": """
### The facts of the drug ontology: `checks/agents`

Over vocabulary, code lists, agents, inferences and identifiers together, as a store gets them.
""",
    "terms": """
### Terms: `checks/terms`

Over `trialkg.ttl`, `codes.ttl` and `agents.ttl` as they are written, axioms included. Many go after rules of
[ROBOT's report](https://robot.obolibrary.org/report), adapted to SKOS labels and definitions and to code lists.
""",
    "headers": """
### Headers: `checks/headers`

Over what these three files and `shapes/common.ttl` say of themselves as ontologies. Most go after tests of
[FOOPS!](https://w3id.org/foops/), as far as a file can be tested without the web.
""",
}

_UNCHECKED_HEAD: Final = """
### What is not checked

All other rules of ROBOT's report and tests of FOOPS! have a check. Of the metadata that FOOPS! looks for, the files
have no DOI and no logo, since there is none, so that its test OM3 would not pass in full; no contributor, since the
creator "trialkg developers" is everyone; and no date of modification, since the date of the version changes with it.
The last two are optional there.

| rule | why not |
|---|---|
"""

_REASONER: Final = """
### Consistency

`python -m kg.vocabularies.reason --consistent` runs HermiT over the three files together: they contradict themselves
nowhere, and every class can have members. A contradiction can come from the domains, ranges and datatypes of
properties, and from what no agent is: an action. Tests insert such contradictions, each of which is found.
"""


def checks_section() -> str:
    """The section, from the heads of the queries."""
    checks = load_checks()
    page = [_HEAD]
    for over, introduction in _FOLDERS.items():
        page += [introduction, _table([check for check in checks if check.over == over])]
    page.append(_UNCHECKED_HEAD)
    page += [f"| {rule} | {reason} |\n" for rule, reason in UNCHECKED.items()]
    page.append(_REASONER)
    return "".join(page)


def _table(checks: list[Check]) -> str:
    after = any(check.after for check in checks)
    rows = ["\n| check | severity | finds | why it matters |", "|---|---|---|---|"]
    if after:
        rows = [row + column for row, column in zip(rows, (" after |", "---|"), strict=True)]
    for check in checks:
        row = f"| `{check.name}` | {check.severity} | {check.summary} | {check.why} |"
        rows.append(f"{row} {', '.join(check.after)} |" if after else row)
    return "\n".join(rows) + "\n"
