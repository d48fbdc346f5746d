"""The registry's words for enum values, as its older forms write them, and the values of API v2.

Most words are the value in other letters (``Active, not recruiting``, ``ACTIVE_NOT_RECRUITING``); those that are not
are listed here. Source: the registry's list of enums at ``/api/v2/studies/enums``, with its legacy values, and words
of still older records.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["enum_list", "enum_value", "enum_words", "phase_values"]

_OTHER_THAN_LETTERS = re.compile(r"[^a-z0-9]+")

_VALUES: Final = {
    "OrgStudyIdType": "NIH FDA VA CDC AHRQ SAMHSA",
    "SecondaryIdType": "NIH FDA VA CDC AHRQ SAMHSA OTHER_GRANT EUDRACT_NUMBER CTIS REGISTRY OTHER",
    "AgencyClass": "NIH FED OTHER_GOV INDIV INDUSTRY NETWORK AMBIG OTHER UNKNOWN",
    "Status": """ACTIVE_NOT_RECRUITING COMPLETED ENROLLING_BY_INVITATION NOT_YET_RECRUITING RECRUITING SUSPENDED
        TERMINATED WITHDRAWN AVAILABLE NO_LONGER_AVAILABLE TEMPORARILY_NOT_AVAILABLE APPROVED_FOR_MARKETING WITHHELD
        UNKNOWN""",
    "ExpandedAccessStatus": "AVAILABLE NO_LONGER_AVAILABLE TEMPORARILY_NOT_AVAILABLE APPROVED_FOR_MARKETING",
    "DateType": "ACTUAL ESTIMATED",
    "ResponsiblePartyType": "SPONSOR PRINCIPAL_INVESTIGATOR SPONSOR_INVESTIGATOR",
    "StudyType": "EXPANDED_ACCESS INTERVENTIONAL OBSERVATIONAL",
    "Phase": "NA EARLY_PHASE1 PHASE1 PHASE2 PHASE3 PHASE4",
    "DesignAllocation": "RANDOMIZED NON_RANDOMIZED NA",
    "InterventionalAssignment": "SINGLE_GROUP PARALLEL CROSSOVER FACTORIAL SEQUENTIAL",
    "PrimaryPurpose": """TREATMENT PREVENTION DIAGNOSTIC ECT SUPPORTIVE_CARE SCREENING HEALTH_SERVICES_RESEARCH
        BASIC_SCIENCE DEVICE_FEASIBILITY OTHER""",
    "ObservationalModel": """COHORT CASE_CONTROL CASE_ONLY CASE_CROSSOVER ECOLOGIC_OR_COMMUNITY FAMILY_BASED
        DEFINED_POPULATION NATURAL_HISTORY OTHER""",
    "DesignTimePerspective": "RETROSPECTIVE PROSPECTIVE CROSS_SECTIONAL OTHER",
    "DesignMasking": "NONE SINGLE DOUBLE TRIPLE QUADRUPLE",
    "WhoMasked": "PARTICIPANT CARE_PROVIDER INVESTIGATOR OUTCOMES_ASSESSOR",
    "BioSpecRetention": "NONE_RETAINED SAMPLES_WITH_DNA SAMPLES_WITHOUT_DNA",
    "EnrollmentType": "ACTUAL ESTIMATED",
    "ArmGroupType": "EXPERIMENTAL ACTIVE_COMPARATOR PLACEBO_COMPARATOR SHAM_COMPARATOR NO_INTERVENTION OTHER",
    "InterventionType": """BEHAVIORAL BIOLOGICAL COMBINATION_PRODUCT DEVICE DIAGNOSTIC_TEST DIETARY_SUPPLEMENT DRUG
        GENETIC PROCEDURE RADIATION OTHER""",
    "Sex": "FEMALE MALE ALL",
    "StandardAge": "CHILD ADULT OLDER_ADULT",
    "SamplingMethod": "PROBABILITY_SAMPLE NON_PROBABILITY_SAMPLE",
    "ContactRole": "STUDY_CHAIR STUDY_DIRECTOR PRINCIPAL_INVESTIGATOR SUB_INVESTIGATOR CONTACT",
    "OfficialRole": "STUDY_CHAIR STUDY_DIRECTOR PRINCIPAL_INVESTIGATOR SUB_INVESTIGATOR",
    "RecruitmentStatus": """ACTIVE_NOT_RECRUITING COMPLETED ENROLLING_BY_INVITATION NOT_YET_RECRUITING RECRUITING
        SUSPENDED TERMINATED WITHDRAWN AVAILABLE""",
    "ReferenceType": "BACKGROUND RESULT DERIVED",
    "IpdSharing": "YES NO UNDECIDED",
    "IpdSharingInfoType": "STUDY_PROTOCOL SAP ICF CSR ANALYTIC_CODE",
    "MeasureParam": """GEOMETRIC_MEAN GEOMETRIC_LEAST_SQUARES_MEAN LEAST_SQUARES_MEAN LOG_MEAN MEAN MEDIAN NUMBER
        COUNT_OF_PARTICIPANTS COUNT_OF_UNITS""",
    "MeasureDispersionType": """NA STANDARD_DEVIATION STANDARD_ERROR INTER_QUARTILE_RANGE FULL_RANGE CONFIDENCE_80
        CONFIDENCE_90 CONFIDENCE_95 CONFIDENCE_975 CONFIDENCE_99 CONFIDENCE_OTHER GEOMETRIC_COEFFICIENT""",
    "OutcomeMeasureType": "PRIMARY SECONDARY OTHER_PRE_SPECIFIED POST_HOC",
    "ReportingStatus": "NOT_POSTED POSTED",
    "AnalysisDispersionType": "STANDARD_DEVIATION STANDARD_ERROR_OF_MEAN",
    "ConfidenceIntervalNumSides": "ONE_SIDED TWO_SIDED",
    "NonInferiorityType": """SUPERIORITY NON_INFERIORITY EQUIVALENCE OTHER NON_INFERIORITY_OR_EQUIVALENCE
        SUPERIORITY_OR_OTHER NON_INFERIORITY_OR_EQUIVALENCE_LEGACY SUPERIORITY_OR_OTHER_LEGACY""",
    "EventAssessment": "NON_SYSTEMATIC_ASSESSMENT SYSTEMATIC_ASSESSMENT",
    "AgreementRestrictionType": "LTE60 GT60 OTHER",
    "UnpostedEventType": "RESET RELEASE UNRELEASE",
    "ViolationEventType": """VIOLATION_IDENTIFIED CORRECTION_CONFIRMED PENALTY_IMPOSED
        ISSUES_IN_LETTER_ADDRESSED_CONFIRMED""",
    "BrowseLeafRelevance": "LOW HIGH",
}

_GRANTS: Final = {f"U.S. {agency} Grant/Contract": agency for agency in ("NIH", "FDA", "VA", "CDC", "AHRQ", "SAMHSA")}
# The words of older records: "Anticipated" until 2024, "Both" until 2017, "Open Label" and "Double Blind" until 2016.
_OTHER_WORDS: Final = {
    "OrgStudyIdType": _GRANTS,
    "SecondaryIdType": {
        **_GRANTS,
        "Other Grant/Funding Number": "OTHER_GRANT",
        "EU Trial (CTIS) Number": "CTIS",
        "Registry Identifier": "REGISTRY",
        "Other Identifier": "OTHER",
    },
    "AgencyClass": {"U.S. Fed": "FED", "Other U.S. Federal Agency": "FED"},
    "Status": {"Unknown status": "UNKNOWN"},
    "DateType": {"Anticipated": "ESTIMATED", "Estimate": "ESTIMATED"},
    "EnrollmentType": {"Anticipated": "ESTIMATED", "Estimate": "ESTIMATED"},
    "Phase": {"Not Applicable": "NA", "Phase 0": "EARLY_PHASE1"},
    "InterventionalAssignment": {
        f"{kind} Assignment": value
        for kind, value in (
            ("Single Group", "SINGLE_GROUP"),
            ("Parallel", "PARALLEL"),
            ("Crossover", "CROSSOVER"),
            ("Factorial", "FACTORIAL"),
            ("Sequential", "SEQUENTIAL"),
        )
    },
    "PrimaryPurpose": {"Educational/Counseling/Training": "ECT"},
    "ObservationalModel": {"Case Control": "CASE_CONTROL", "Case Only": "CASE_ONLY"},
    "DesignMasking": {
        "None (Open Label)": "NONE",
        "Open Label": "NONE",
        "No masking": "NONE",
        "Single Blind": "SINGLE",
        "Double Blind": "DOUBLE",
    },
    "WhoMasked": {"Subject": "PARTICIPANT", "Caregiver": "CARE_PROVIDER"},
    "Sex": {"Both": "ALL"},
    "ReferenceType": {"Results": "RESULT", "Results reference": "RESULT"},
    "IpdSharingInfoType": {
        "Statistical Analysis Plan (SAP)": "SAP",
        "Statistical Analysis Plan": "SAP",
        "Informed Consent Form (ICF)": "ICF",
        "Informed Consent Form": "ICF",
        "Clinical Study Report (CSR)": "CSR",
        "Clinical Study Report": "CSR",
    },
    "MeasureDispersionType": {
        "Not Applicable": "NA",
        "80% Confidence Interval": "CONFIDENCE_80",
        "90% Confidence Interval": "CONFIDENCE_90",
        "95% Confidence Interval": "CONFIDENCE_95",
        "97.5% Confidence Interval": "CONFIDENCE_975",
        "99% Confidence Interval": "CONFIDENCE_99",
        "Other Confidence Interval Level": "CONFIDENCE_OTHER",
        "Geometric Coefficient of Variation": "GEOMETRIC_COEFFICIENT",
    },
    "OutcomeMeasureType": {"Other": "OTHER_PRE_SPECIFIED"},
    "AnalysisDispersionType": {"Standard Error of the Mean": "STANDARD_ERROR_OF_MEAN"},
    "ConfidenceIntervalNumSides": {"1-Sided": "ONE_SIDED", "2-Sided": "TWO_SIDED"},
    "ViolationEventType": {
        "Violation Identified by FDA": "VIOLATION_IDENTIFIED",
        "Correction Confirmed by FDA": "CORRECTION_CONFIRMED",
        "Penalty Imposed by FDA": "PENALTY_IMPOSED",
        "Issues in letter addressed; confirmed by FDA.": "ISSUES_IN_LETTER_ADDRESSED_CONFIRMED",
    },
}

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


def _key(words: str) -> str:
    return _OTHER_THAN_LETTERS.sub("", words.lower())


_BY_KEY: Final = {
    name: {
        **{_key(value): value for value in values.split()},
        **{_key(words): value for words, value in _OTHER_WORDS.get(name, {}).items()},
    }
    for name, values in _VALUES.items()
}


def enum_value(list_name: str, words: str) -> str:
    """The value of API v2 that words of an older form stand for; a value itself stays as it is.

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
    return _BY_KEY[list_name].get(_key(words), words)


def enum_words(list_name: str, value: str) -> str:
    """The words for a value that is written as its words, as types of interventions are before their names.

    >>> enum_words("InterventionType", "DIETARY_SUPPLEMENT")
    'Dietary Supplement'
    """
    known = value in _VALUES[list_name].split()
    return value.replace("_", " ").title() if known else value


def enum_list(piece: str) -> str | None:
    """The list that the values of a data piece of API v1 are of; None when the piece is no enum.

    >>> enum_list("CompletionDateType"), enum_list("BriefTitle")
    ('DateType', None)
    """
    return _LIST_OF_PIECE.get(piece) or (piece if piece in _VALUES else None)


def phase_values(words: str) -> list[str]:
    """The phases in one string of older forms.

    >>> phase_values("Phase 2/Phase 3"), phase_values("PHASE1/PHASE2"), phase_values("N/A")
    (['PHASE2', 'PHASE3'], ['PHASE1', 'PHASE2'], ['NA'])
    """
    whole = enum_value("Phase", words)
    if whole in _VALUES["Phase"].split():
        return [whole]
    return [enum_value("Phase", part.strip()) for part in words.split("/") if part.strip()]
