"""Each rule on our graph finds something that no other rule does: a rule that never does says what others say already.

For each there is a seed whose single change to a study nothing but the rule finds; ``python -m
tests.validation.differential --witnesses 60000`` looks for them; what is rare takes ten times as many seeds. For some
no seed did, and why is said here.
"""

from __future__ import annotations

import json

from kg.validation import load_shapes
from tests.shapes.rules import breakable
from tests.validation.differential import WITNESSES, found_alone, witnesses

POINTED_TO = (
    "what points to the node asks for the same form of IRI; this rule says it of the node, whatever points to it"
)
WITH_PARTS = (
    "what is below the node has its IRI in its own, and is found with it; this rule says which of them is wrong"
)
PARTS = "where the table has numbers, they are found with it: their groups belong to no table of the study any more"
NEVER_ALONE = {
    **dict.fromkeys(
        (
            *("Arm", "ConceptLink", "Condition", "Criterion", "Eligibility", "Intervention", "InterventionUse"),
            *("Official", "OutcomeMeasure", "Record", "Reference", "ResponsibleParty", "SecondaryIdentifier", "Site"),
        ),
        POINTED_TO,
    ),
    **dict.fromkeys(
        (
            *("AdverseEvent", "AdverseEventReport", "BaselineMeasure", "BaselinePopulation", "FlowPeriod", "Milestone"),
            *("OutcomeResult", "ParticipantFlow", "Study", "WithdrawalReason"),
        ),
        WITH_PARTS,
    ),
    **dict.fromkeys(("AdverseEventReportOwner", "BaselinePopulationOwner"), PARTS),
    "EligibilityCriteriaApart": "the IRI says the side too; another graph made this mistake for years",
    "ExpandedAccessClass": "without the class tkg:Study its record is found to be nobody's",
    "ExpandedAccessType": "without its type the study is asked for a primary outcome",
    "StudyBreaksRule": "a build writes it, after the validation, into no study that is changed here",
    "StudyArmUses": "the drugs of the arm differ then too, unless neither intervention has one",
    "Version": "the record or a later version points to it and asks for the same form of IRI",
}
AGAIN = 3_000
"""So many seeds are tried where studies or mutations have changed since the seeds were written down."""


def test_each_rule_finds_what_no_other_does() -> None:
    rules = {rule for rule, severity in breakable(load_shapes()).items() if severity == "Violation"}
    seeds: dict[str, int] = json.loads(WITNESSES.read_text(encoding="utf-8"))
    assert set(seeds) == rules - NEVER_ALONE.keys(), "run: python -m tests.validation.differential --witnesses 60000"
    assert NEVER_ALONE.keys() <= rules
    lost = {rule for rule, seed in seeds.items() if found_alone(seed) != rule}
    if lost:
        lost -= witnesses(range(AGAIN), lost).keys()
    assert lost == set(), "run: python -m tests.validation.differential --witnesses 60000"
