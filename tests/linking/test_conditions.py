"""What each rule about conditions does, on strings made up for it; by label, since ids say nothing to a reader."""

from __future__ import annotations

import pytest

from kg.linking.link import METHODS
from kg.linking.linker import Linker, load_linker


@pytest.fixture(scope="module")
def linker() -> Linker:
    return load_linker()


def labels(linker: Linker, text: str) -> list[str]:
    return [link.concept.label for link in linker.condition(text)]


def methods(linker: Linker, text: str) -> set[str]:
    return {link.method for link in linker.condition(text)}


WORDS_THAT_MEAN_THE_SAME = {
    "Hepatic Disorder": "Liver Diseases",
    "Renal Illness": "Kidney Diseases",
    "Ophthalmological Disorders": "Eye Diseases",
    "Ischaemic Brain Injury": "Brain Ischemia",
    "Mammary Cancer": "Breast Neoplasms",
    "Oesophageal Stricture": "Esophageal Stenosis",
    "Nephropathy": "Kidney Diseases",
    "Pulmonary Malignancy": "Lung Neoplasms",
    "Tricuspid Regurgitation": "Tricuspid Valve Insufficiency",
    "Diabetes Type II": "Diabetes Mellitus, Type 2",
    "Type One Diabetes": "Diabetes Mellitus, Type 1",
    "Prolapsed Lumbar Disk": "Intervertebral Disc Displacement",
    "Post-Operative Complication": "Postoperative Complications",
    "Pre Eclampsia": "Pre-Eclampsia",
    "Urothelial Cancer": "Carcinoma, Transitional Cell",
    "Infertile Women": "Infertility, Female",
    "Neoplasm of the Thymic Gland": "Thymus Neoplasms",
}

WHAT_QUALIFIES = {
    "Stage IIB Pancreatic Cancer AJCC v8": "Pancreatic Neoplasms",
    "Cervical Cancer, FIGO Stage IVA": "Uterine Cervical Neoplasms",
    "Cardiac Failure, NYHA Class II or III": "Heart Failure",
    "Heart Failure New York Heart Association Class IV": "Heart Failure",
    "Refractory Epilepsy in Children": "Drug Resistant Epilepsy",
    "Severe Chronic Asthma, Uncontrolled": "Asthma",
    "Psoriasis Patients": "Psoriasis",
    "High-risk Neuroblastoma": "Neuroblastoma",
    "Non-metastatic Bladder Cancer": "Urinary Bladder Neoplasms",
    "Sarcoma, Not Otherwise Specified": "Sarcoma",
    "B. Gastric Cancer": "Stomach Neoplasms",
    "Crohn&#39;s Disease": "Crohn Disease",
}

KINDS = {
    "Giant Hepatic Adenoma": "Adenoma, Liver Cell",
    "Steroid-induced Cataract": "Cataract",
    "Transplant-associated Microangiopathy Thrombotic": "Thrombotic Microangiopathies",
    "Scoliosis Thoracic": "Scoliosis",
    "Renal Dysfunction": "Kidney Diseases",
    "Thyroid Damage": "Thyroid Diseases",
    "Symptoms of Multiple Sclerosis": "Multiple Sclerosis",
    "Psoriasis Screening": "Psoriasis",
    "Critical Stenosis of the Mitral Valve": "Mitral Valve Stenosis",
    "Fracture of the Left Radius": "Radius Fractures",
    "Fracture of the Upper Body": "Fractures, Bone",
    "Chondroangiosarcoma": "Hemangiosarcoma",
    "Dominant Episodic Dystonia Type 17": "Dystonia",
    "Painful Cramp Syndrome": "Muscle Cramp",
    "Malabsorption Complications": "Malabsorption Syndromes",
    "Impaired Recognition of Hyponatremia": "Hyponatremia",
    "Myofascial Pain Syndrome of the Jaw": "Myofascial Pain Syndromes",
}

SEVERAL = {
    "Asthma and COPD": ["Asthma", "Pulmonary Disease, Chronic Obstructive"],
    "Lung, Colon and Thyroid Cancers": ["Lung Neoplasms", "Colonic Neoplasms", "Thyroid Neoplasms"],
    "Type 1 and Type 2 Diabetes": ["Diabetes Mellitus, Type 1", "Diabetes Mellitus, Type 2"],
    "Liver and Kidney Transplantation": ["Liver Transplantation", "Kidney Transplantation"],
    "Anemia Due to Chronic Kidney Disease": ["Anemia", "Renal Insufficiency, Chronic"],
    "Depression in Epilepsy": ["Depression", "Epilepsy"],
    "Renal/Hepatic Disorders": ["Kidney Diseases", "Liver Diseases"],
    "COPD - Chronic Obstructive Pulmonary Disease": ["Pulmonary Disease, Chronic Obstructive"],
    "Gastroparesis With Migraine": ["Gastroparesis", "Migraine Disorders"],
    "Gallbladder Metastases": ["Gallbladder Neoplasms", "Neoplasm Metastasis"],
    "Leiomyosarcoma of the Stomach": ["Leiomyosarcoma", "Stomach Neoplasms"],
    "Carcinoma of the Gallbladder": ["Gallbladder Neoplasms"],
    "Sarcoma of Unknown Primary": ["Sarcoma", "Neoplasms, Unknown Primary"],
}

ONLY_THE_FIRST = {
    "Anastomotic Leak After Colectomy": "Anastomotic Leak",
    "Asthma Without Obesity": "Asthma",
    "Fatigue Following Chemotherapy": "Fatigue",
    "Hypertension; Rural": "Hypertension",
    "CKD - Chronic Kidney Disease": "Renal Insufficiency, Chronic",
    "Small Fiber Neuropathy (Length-dependent)": "Small Fiber Neuropathy",
}

ELSEWHERE = {"Spleen": "Spleen", "Atorvastatin": "Atorvastatin", "Influenza A Virus": "Influenza A virus"}

NOTHING = [
    "Family History of Asthma",
    "No Asthma",
    "Without Psoriasis",
    "Risk of Stroke",
    "Anti-asthma",
    "Hepatitis B Negative",
    "SCAR12",
    "Cohort 3",
    "Group B",
    "Borjeson-Zzyzx-Lehman Syndrome",
    "Low",
    "Acute",
    "Efficacy and Safety",
    "Disorder",
    "(",
    ";;",
]


@pytest.mark.parametrize(("text", "label"), {**WORDS_THAT_MEAN_THE_SAME, **WHAT_QUALIFIES}.items())
def test_a_name_in_other_words(linker: Linker, text: str, label: str) -> None:
    assert labels(linker, text) == [label]


@pytest.mark.parametrize(("text", "label"), KINDS.items())
def test_a_kind_of_what_has_a_name(linker: Linker, text: str, label: str) -> None:
    assert labels(linker, text) == [label]


@pytest.mark.parametrize(("text", "expected"), SEVERAL.items())
def test_several_conditions(linker: Linker, text: str, expected: list[str]) -> None:
    assert labels(linker, text) == expected


@pytest.mark.parametrize(("text", "label"), ONLY_THE_FIRST.items())
def test_circumstance_is_not_studied(linker: Linker, text: str, label: str) -> None:
    assert labels(linker, text) == [label]


@pytest.mark.parametrize(("text", "label"), ELSEWHERE.items())
def test_a_whole_string_may_name_anything(linker: Linker, text: str, label: str) -> None:
    assert [found.casefold() for found in labels(linker, text)][:1] == [label.casefold()]


@pytest.mark.parametrize("text", NOTHING)
def test_what_names_no_condition(linker: Linker, text: str) -> None:
    assert linker.condition(text) == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Rheumatoid Artritis", "Arthritis, Rheumatoid"),
        ("Chronic Obstuctive Pulmonary Disease", "Pulmonary Disease, Chronic Obstructive"),
        ("Myocardial Infaction", "Myocardial Infarction"),
        ("Kidneyfailure", "Renal Insufficiency"),
    ],
)
def test_a_slip_of_the_pen(linker: Linker, text: str, label: str) -> None:
    assert labels(linker, text) == [label]
    assert methods(linker, text) == {"fuzzy"}
    assert linker.condition(text)[0].text == text
    assert float(METHODS["fuzzy"]) < float(METHODS["component"])


def test_words_run_together_or_apart(linker: Linker) -> None:
    assert labels(linker, "Sub-dural Hematoma") == ["Hematoma, Subdural"]
    assert methods(linker, "Sub-dural Hematoma") == {"normalized"}


def test_brackets_may_say_more(linker: Linker) -> None:
    assert labels(linker, "Leukemia (Acute Myeloid)") == ["Leukemia, Myeloid, Acute"]
    assert labels(linker, "Leukemia (Adults)") == ["Leukemia"]
    assert labels(linker, "Asthma (Melanoma)") == ["Asthma"]


@pytest.mark.parametrize("text", ["Healthy", "Healthy Adults", "Normal Subjects", "Healthy Nepalese Women"])
def test_healthy_people(linker: Linker, text: str) -> None:
    assert labels(linker, text) == ["Healthy Volunteers"]


def test_more_words_of_a_name_go_before_fewer(linker: Linker) -> None:
    assert labels(linker, "Acute Pancreatitis") == ["Pancreatitis"]
    assert labels(linker, "Recurrent Acute Chest Syndrome") == ["Acute Chest Syndrome"]


def test_a_function_that_is_low_is_not_the_function(linker: Linker) -> None:
    assert "Olfactory Perception" not in labels(linker, "Reduced Olfactory Perception")


def test_the_same_twice(linker: Linker) -> None:
    for text in (*SEVERAL, *KINDS, *NOTHING):
        assert linker._conditions.link(text) == linker.condition(text)
