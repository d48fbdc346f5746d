"""Small invented records, for tests that need a study and not a particular one."""

from __future__ import annotations

import json
from typing import Any


def record(nct_id: str = "NCT99999901", *, updated: str = "2024-01-01", title: str = "A study", **modules: Any) -> str:
    """An API v2 record as JSON; ``modules`` are further modules of ``protocolSection``."""
    return json.dumps(
        {
            "protocolSection": {
                "identificationModule": {"nctId": nct_id, "briefTitle": title},
                "statusModule": {"overallStatus": "RECRUITING", "lastUpdatePostDateStruct": {"date": updated}},
                "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE2"]},
                **modules,
            }
        }
    )


def combination(nct_id: str = "NCT99999902") -> str:
    """A study that gives an IL-2 agent and a PD-1 antibody in one arm, in melanoma."""
    return record(
        nct_id,
        title="Two agents in one arm",
        conditionsModule={"conditions": ["Melanoma"]},
        armsInterventionsModule={
            "armGroups": [
                {"label": "Both", "type": "EXPERIMENTAL", "interventionNames": ["Drug: NKTR-214", "Drug: Keytruda"]}
            ],
            "interventions": [{"type": "DRUG", "name": "NKTR-214"}, {"type": "DRUG", "name": "Keytruda"}],
        },
    )
