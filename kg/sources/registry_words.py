"""The registry's words for enum values, as its older forms write them, and the values of API v2.

Source: ``registry_words.tsv``: the registry's own list, ``/studies/enums``, each value with its legacy word, and
(``older`` in the last column) words that records of earlier years have.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Final

from kg.config import resource

__all__ = ["enum_list", "enum_value", "enum_words", "phase_values"]

_FILE: Final = ("kg", "sources", "registry_words.tsv")
_OTHER_THAN_LETTERS: Final = re.compile(r"[^a-z0-9]+")

# Names of the data pieces of API v1 whose values are of a list, where the piece has not the list's own name.
_LIST_OF_PIECE: Final = {
    "OrgClass": "AgencyClass",
    "LeadSponsorClass": "AgencyClass",
    "CollaboratorClass": "AgencyClass",
    "OverallStatus": "Status",
    "LastKnownStatus": "Status",
    "ExpandedAccessStatusForNCTId": "ExpandedAccessStatus",
    "StartDateType": "DateType",
    "PrimaryCompletionDateType": "DateType",
    "CompletionDateType": "DateType",
    "StudyFirstPostDateType": "DateType",
    "ResultsFirstPostDateType": "DateType",
    "DispFirstPostDateType": "DateType",
    "LastUpdatePostDateType": "DateType",
    "FirstMCPPostDateType": "DateType",
    "DesignInterventionModel": "InterventionalAssignment",
    "DesignPrimaryPurpose": "PrimaryPurpose",
    "DesignObservationalModel": "ObservationalModel",
    "DesignWhoMasked": "WhoMasked",
    "Gender": "Sex",
    "StdAge": "StandardAge",
    "CentralContactRole": "ContactRole",
    "LocationContactRole": "ContactRole",
    "OverallOfficialRole": "OfficialRole",
    "LocationStatus": "RecruitmentStatus",
    "IPDSharing": "IpdSharing",
    "IPDSharingInfoType": "IpdSharingInfoType",
    "BaselineMeasureParamType": "MeasureParam",
    "OutcomeMeasureParamType": "MeasureParam",
    "BaselineMeasureDispersionType": "MeasureDispersionType",
    "OutcomeMeasureReportingStatus": "ReportingStatus",
    "OutcomeAnalysisDispersionType": "AnalysisDispersionType",
    "OutcomeAnalysisCINumSides": "ConfidenceIntervalNumSides",
    "OutcomeAnalysisNonInferiorityType": "NonInferiorityType",
    "SeriousEventAssessmentType": "EventAssessment",
    "OtherEventAssessmentType": "EventAssessment",
    "ConditionBrowseLeafRelevance": "BrowseLeafRelevance",
    "InterventionBrowseLeafRelevance": "BrowseLeafRelevance",
}


def enum_value(list_name: str, words: str) -> str:
    """The value of API v2 that words of an older form stand for; a value itself stays as it is.

    Case, hyphens and spaces do not count: records have "Double-Blind" and "Double Blind".

    Args:
        list_name: the registry's name of the enum, as ``Status``.
        words: what the record says.

    Returns:
        The value; the words as they are when the list has none for them, so that a new one is seen and not lost.

    >>> enum_value("Status", "Active, not recruiting"), enum_value("DateType", "Anticipated")
    ('ACTIVE_NOT_RECRUITING', 'ESTIMATED')
    >>> enum_value("Status", "COMPLETED"), enum_value("Status", "Paused")
    ('COMPLETED', 'Paused')
    """
    return _values().get(list_name, {}).get(_key(words), words)


def enum_words(list_name: str, value: str) -> str:
    """The registry's own words for a value, as types of interventions are before their names; the value without any.

    >>> enum_words("InterventionType", "DIETARY_SUPPLEMENT")
    'Dietary Supplement'
    """
    return _words().get((list_name, value), value)


def enum_list(piece: str) -> str | None:
    """The list that the values of a data piece of API v1 are of; None when the piece is no enum.

    >>> enum_list("CompletionDateType"), enum_list("BriefTitle")
    ('DateType', None)
    """
    return _LIST_OF_PIECE.get(piece) or (piece if piece in _values() else None)


def phase_values(words: str) -> list[str]:
    """The phases in one string of older forms.

    >>> phase_values("Phase 2/Phase 3"), phase_values("PHASE1/PHASE2"), phase_values("N/A")
    (['PHASE2', 'PHASE3'], ['PHASE1', 'PHASE2'], ['NA'])
    """
    whole = enum_value("Phase", words)
    if whole in _values()["Phase"].values():
        return [whole]
    return [enum_value("Phase", part.strip()) for part in words.split("/") if part.strip()]


def _key(words: str) -> str:
    return _OTHER_THAN_LETTERS.sub("", words.lower())


@cache
def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(resource(*_FILE).read_text("utf-8").splitlines(), delimiter="\t"))


@cache
def _values() -> dict[str, dict[str, str]]:
    """List → word or value, letters and digits only → value."""
    values: dict[str, dict[str, str]] = {}
    for row in _rows():
        values.setdefault(row["enumeration"], {}).update(
            {_key(row["word"]): row["value"], _key(row["value"]): row["value"]}
        )
    return values


@cache
def _words() -> dict[tuple[str, str], str]:
    words: dict[tuple[str, str], str] = {}
    for row in _rows():
        words.setdefault((row["enumeration"], row["value"]), row["word"])
    return words
