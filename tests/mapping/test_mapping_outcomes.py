"""Endpoints and response criteria that the text of an outcome names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.texts import endpoints_clinical, endpoints_measured
from kg.mapping.texts.endpoints import endpoints
from kg.mapping.texts.response_criteria import response_criteria
from kg.vocabularies.codes import load_codes

Build = Callable[..., Any]


@pytest.mark.parametrize(
    ("measure", "codes"),
    [
        ("Progression-free survival (PFS)", ["progression-free-survival"]),
        ("Progression Free Survival per RECIST 1.1", ["progression-free-survival"]),
        ("PFS2", ["progression-free-survival"]),
        ("Overall survival", ["overall-survival"]),
        ("Median OS", ["overall-survival"]),
        ("Change in os calcis density", []),
        ("Relapse-free survival", ["relapse-free-survival"]),
        ("Recurrence-Free Survival (RFS)", ["relapse-free-survival"]),
        ("Disease-free survival", ["disease-free-survival"]),
        ("Event Free Survival (EFS)", ["event-free-survival"]),
        ("Distant metastasis-free survival", ["metastasis-free-survival"]),
        ("Time to progression", ["time-to-progression"]),
        ("Time to tumor progression (TTP)", ["time-to-progression"]),
        ("Time to response", ["time-to-response"]),
        ("Objective Response Rate (ORR)", ["objective-response-rate"]),
        ("Overall response rate", ["objective-response-rate"]),
        ("Duration of response in subjects with CR or PR", ["duration-of-response"]),
        ("Duration of overall response (DOR)", ["duration-of-response"]),
        ("Pathologic Complete Response (pCR)", ["pathological-complete-response"]),
        ("PCR test positivity", []),
        ("Major Pathological Response", ["major-pathological-response"]),
        ("Rate of non-progression (ie, disease control rate) at 6 months", ["disease-control-rate"]),
        ("Rate of non-progression at 6 months", []),
        ("Clinical benefit rate", ["clinical-benefit-rate"]),
        ("Number of Participants With Dose-limiting Toxicities (DLTs)", ["dose-limiting-toxicity"]),
        ("Maximum tolerated dose (MTD)", ["maximum-tolerated-dose"]),
        ("Recommended Phase 2 Dose", ["recommended-phase-2-dose"]),
        ("Incidence of drug-related AEs", ["adverse-events"]),
        ("Incidence of drug-related SAEs", ["serious-adverse-events"]),
        ("Adverse events and serious adverse events", ["serious-adverse-events", "adverse-events"]),
        ("Health-related quality of life (HRQoL)", ["quality-of-life"]),
        ("MACE at 1 year", ["major-adverse-cardiac-events"]),
        ("All-cause mortality", ["overall-mortality"]),
        ("Change in HbA1c", ["hemoglobin-a1c"]),
        ("6-minute walk distance", ["six-minute-walk-distance"]),
        ("Anti-drug antibodies", ["immunogenicity"]),
        ("Area under the plasma concentration curve", ["pharmacokinetics"]),
        ("Cmax of X", ["pharmacokinetics"]),
        ("PFS and OS", ["progression-free-survival", "overall-survival"]),
        ("ORR（Objective response rate）", ["objective-response-rate"]),
        ("Survival at 12 months", ["overall-survival"]),
        ("Graft survival", []),
        ("KCCQ-OS", ["quality-of-life"]),
        ("Time to treatment failure", ["time-to-treatment-failure"]),
        ("Best overall response", ["best-overall-response"]),
        ("Complete response (CR)", ["complete-response"]),
        ("Time to complete response", ["time-to-response"]),
        ("Local control rate", ["local-control"]),
        ("Safety and tolerability of the lamp", ["adverse-events"]),
        ("Postoperative complications", ["adverse-events"]),
        ("Complications of diabetes", []),
        ("Incidence of hypotension", []),
        ("Amount excreted in urine (Ae)", []),
        ("Major bleeding", ["bleeding"]),
        ("Myocardial infarction, stroke or death", ["overall-mortality", "myocardial-infarction", "stroke"]),
        ("Infarct size in patients with myocardial infarction", ["imaging-measure"]),
        ("Stroke volume", []),
        ("30-day mortality", ["overall-mortality"]),
        ("Mortality due to cancer", []),
        ("Cardiovascular death", ["cardiovascular-mortality"]),
        ("Hospitalization for heart failure", ["hospitalization"]),
        ("Duration of hospitalization", ["length-of-stay"]),
        ("Loneliness scale (UCLA Los Angeles)", []),
        ("Target vessel revascularization", ["revascularization"]),
        ("Freedom from atrial fibrillation", ["atrial-fibrillation-recurrence"]),
        ("Systolic blood pressure", ["blood-pressure"]),
        ("Pulmonary artery pressure", []),
        ("QTc interval", ["electrocardiogram"]),
        ("Vital signs", ["vital-signs"]),
        ("Fasting plasma glucose", ["fasting-glucose"]),
        ("LDL-C", ["ldl-cholesterol"]),
        ("Very low density lipoprotein", ["biomarker-level"]),
        ("Survival after lamp treatment", ["overall-survival"]),
        ("Patient and graft survival", ["overall-survival"]),
        ("Survival of the implant", []),
        ("Cytokine levels in plasma", ["biomarker-level"]),
        ("Interleukin-8 after the lamp", ["biomarker-level"]),
        ("Testosterone therapy use", []),
        ("Plasma concentration of ABC1234", ["pharmacokinetics"]),
        ("AUC of the lamp score (ROC)", []),
        ("Complete blood count", ["laboratory-values"]),
        ("Platelet count", ["laboratory-values"]),
        ("Platelet engraftment", []),
        ("Mitral inflow E/A ratio", ["imaging-measure"]),
        ("Right atrial diameter", ["imaging-measure"]),
        ("Caregiver strain", []),
        ("Neutralizing antibody titers", ["immunogenicity"]),
        ("Death or readmission", ["overall-mortality", "hospitalization"]),
        ("Death from cardiovascular causes", ["cardiovascular-mortality"]),
        ("Ejection fraction", ["left-ventricular-ejection-fraction"]),
        ("Right ventricular ejection fraction", []),
        ("Walking in patients with reduced ejection fraction", []),
        ("Lower urinary tract symptoms", ["patient-reported-symptoms"]),
        ("Time from symptom onset", []),
        ("Tumour response rate", ["objective-response-rate"]),
        ("Maintenance of sinus rhythm", ["atrial-fibrillation-recurrence"]),
        ("Session attendance", ["treatment-adherence"]),
        ("Clavien-Dindo grade III or more", ["adverse-events"]),
        ("eGFR", ["estimated-glomerular-filtration-rate"]),
        ("EGFR mutation", []),
        ("Body weight", ["body-weight"]),
        ("Birth weight", []),
        ("Abnormal laboratory values: troponin", ["laboratory-values"]),
        ("NT-proBNP", ["biomarker-level"]),
        ("Sodium intake", []),
        ("Postoperative pain", ["pain"]),
        ("Chest pain", []),
        ("Fatigue severity scale", ["patient-reported-symptoms"]),
        ("Medication adherence", ["treatment-adherence"]),
        ("Lung compliance", []),
        ("Feasibility of the lamp", ["feasibility"]),
        ("Left ventricular mass by MRI", ["imaging-measure"]),
        ("LVEF by echocardiography", ["left-ventricular-ejection-fraction"]),
        ("Pharmacodynamics", ["pharmacodynamics"]),
        ("Terminal half-life of the lamp drug", ["pharmacokinetics"]),
        ("Area under the glucose concentration curve", ["biomarker-level"]),
        ("Loudness of the lamp", []),
        ("", []),
    ],
)
def test_endpoints(measure: str, codes: list[str]) -> None:
    assert list(endpoints(measure)) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("RECIST v1.1", ["recist-1.1"]),
        ("RECIST 1.1", ["recist-1.1"]),
        ("RECIST criteria v1.1", ["recist-1.1"]),
        ("RECIST version 1.0", ["recist-1.0"]),
        ("Response Evaluation Criteria in Solid Tumors version 1.1 (RECIST 1.1)", ["recist-1.1"]),
        ("Response Evaluation Criteria In Solid Tumors (RECIST) v1.1", ["recist-1.1"]),
        ("RECIST", []),
        ("iRECIST", ["irecist"]),
        ("RECIST 1.1 and iRECIST", ["recist-1.1", "irecist"]),
        ("modified RECIST (mRECIST)", ["mrecist"]),
        ("modified RECIST 1.1", ["mrecist"]),
        ("irRECIST", ["irrecist"]),
        ("immune-related Response Criteria (irRC)", ["immune-related-response-criteria"]),
        ("PERCIST criteria", ["percist"]),
        ("Choi criteria", ["choi"]),
        ("RANO criteria", ["rano"]),
        ("iRANO criteria", ["irano"]),
        ("Lugano 2014 classification", ["lugano"]),
        ("IMWG", ["imwg"]),
        ("PCWG3", ["pcwg3"]),
        ("RECISTv1.1", ["recist-1.1"]),
        ("RECIST guidelines (version 1.1)", ["recist-1.1"]),
        ("Revised Response Criteria for Malignant Lymphoma", ["cheson-2007"]),
        ("WHO response criteria", ["who"]),
        ("diabetes by WHO criteria", []),
        ("Macdonald criteria", ["macdonald"]),
        ("International Neuroblastoma Response Criteria", ["inrc"]),
        ("the criteria of the wrecist society", []),
        ("", []),
    ],
)
def test_response_criteria(text: str, codes: list[str]) -> None:
    assert list(response_criteria(text)) == codes


@given(st.text())
def test_any_text_gives_codes_of_the_lists(text: str) -> None:
    assert set(endpoints(text)) <= load_codes()["endpoint"].keys()
    assert set(response_criteria(text)) <= load_codes()["response-criteria"].keys()


@pytest.mark.parametrize(
    "text", ["no adverse " * 500, "left ventricular end " * 300, "overall " * 900, "a" * 9000, "complete " * 700]
)
def test_long_repetition_ends(text: str) -> None:
    assert set(endpoints(text)) <= load_codes()["endpoint"].keys()
    assert response_criteria(f"RECIST {text}") == ()


def test_every_code_has_a_rule() -> None:
    recognised = {one.code for one in (*endpoints_clinical.RULES, *endpoints_measured.RULES)}
    assert recognised == load_codes()["endpoint"].keys()


def test_outcomes_by_kind_and_order(statements: Build) -> None:
    found = statements(
        outcomesModule={
            "primaryOutcomes": [{"measure": "PFS", "timeFrame": "1 year"}, {"measure": "OS"}],
            "secondaryOutcomes": [{"measure": "ORR", "description": "by RECIST 1.1"}],
            "otherOutcomes": [{}],
        }
    )
    assert found.of("", "tkg:primaryOutcome") == ["outcome/primary/1", "outcome/primary/2"]
    assert found.of("", "tkg:secondaryOutcome") == ["outcome/secondary/1"]
    assert found.of("", "tkg:otherOutcome") == ["outcome/other/1"]
    assert found.of("", "tkg:outcome") == []
    assert found.of("outcome/primary/1", "tkg:timeFrame") == ["1 year"]
    assert found.of("outcome/primary/2", "tkg:endpoint") == ["overall-survival"]
    assert found.of("outcome/secondary/1", "tkg:responseCriteria") == ["recist-1.1"]
    assert found.of("outcome/other/1", "rdf:type") == ["vocab#OutcomeMeasure"]


def test_outcomes_of_no_stated_kind(statements: Build) -> None:
    found = statements(outcomesModule={})
    assert found.of("", "tkg:outcome") == []
