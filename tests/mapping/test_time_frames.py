"""The duration that a time frame says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.texts.time_frames import length, time_frame
from kg.mapping.texts.treatment_cycles import without_cycles

Build = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("12 months", "12 month"),
        ("1 year", "1 year"),
        ("2years", "2 year"),
        ("6-month", "6 month"),
        ("Two years", "2 year"),
        ("six (6) months", "6 month"),
        ("24 (twenty four) weeks", "24 week"),
        ("1.5 years", "1.5 year"),
        ("one and a half years", "1.5 year"),
        ("half a year", "0.5 year"),
        ("within an hour", "1 hour"),
        ("24 h", "24 hour"),
        ("30 min", "30 minute"),
        ("Up to ~34 months", "34 month"),
        ("up to approximately 2 years", "2 year"),
        ("through study completion, an average of 1 year", "1 year"),
        ("Baseline, week 12 and week 52", "52 week"),
        ("week 0, 13, and 26", "26 week"),
        ("Weeks 4, 8 to 12", "12 week"),
        ("6 weeks, 3, 6, 12 and 24 months", "24 month"),
        ("7 days after surgery and at 1 year", "1 year"),
        ("Day 1 to Day 21", "21 day"),
        ("month 11-12", "12 month"),
        ("Day1, Day 3", "3 day"),
        ("D1, D7, D28", "28 day"),
        ("M6, M12", "12 month"),
        ("hour 72", "72 hour"),
        ("First postoperative day", "1 day"),
        ("2nd and 3rd postoperative day", "3 day"),
        ("POD 7", "7 day"),
        ("Day 1, 2 and 4 hours", "1 day"),
        ("Day 1, Month 3", "3 month"),
        ("Day 1 24 hours", "1 day"),
        ("10 years and 5 months", "125 month"),
        ("188 weeks and 5 days", "1321 day"),
        ("6 months and 1 year", "1 year"),
        ("1 year, 6 months", "1 year"),
        ("14±2 days", "14 day"),
        ("21 days (+/- 3 days)", "21 day"),
        ("every 8 weeks for 2 years", "2 year"),
        ("at 6-monthly intervals for 18 months", "18 month"),
        ("12 weeks (the past 4 weeks are asked for)", "12 week"),
        ("From 4 weeks before surgery to 6 months after it", "6 month"),
        ("Day -28 to Day 1", "1 day"),
        ("-2, 0, 4 and 12 weeks", "12 week"),
        ("Baseline (Day 1) and Day 8", "8 day"),
        ("Day1、2、3（9:00）", "3 day"),
        ("Baseline – 18 months", "18 month"),
        ("4th day and 24 hours", "4 day"),
        ("6 cycles (each 21 days)", "126 day"),
        ("At the end of Cycle 6 (each cycle is 28 days)", "168 day"),
        ("Cycle 2 Day 8 (28-day cycles)", "36 day"),
        ("C1D15", "15 day"),
        ("Cycle 1 (21 days)", "21 day"),
        ("up to 3 years (each cycle is 28 days)", "3 year"),
    ],
)
def test_what_a_time_frame_says(text: str, stated: str) -> None:
    found = length(text)
    assert found is not None
    assert f"{found.number.normalize():f} {found.unit}" == stated


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Baseline",
        "Day 0",
        "through hospital discharge",
        "every 3 months",
        "until progression or death, whichever comes first",
        "Once at 36 to 40 weeks of gestation",
        "9 months of age",
        "within 30 days prior to surgery",
        "Day -7",
        "30 seconds",
        "Baseline (4 weeks before the start)",
        "Visit 9",
        "after the 6-minute walk test",
        "Cycle 3 Day 15",
        "on December 31, 2024",
        "twice a week",
        "12 " * 400 + "weeks",
        "999999 years",
    ],
)
def test_what_says_no_length(text: str) -> None:
    assert length(text) is None
    assert time_frame(text) is None


@pytest.mark.parametrize(
    ("text", "duration", "days"),
    [
        ("18 months", "P1Y6M", "547.875"),
        ("2 years", "P2Y", "730.5"),
        ("12 weeks", "P84D", "84"),
        ("36 hours", "P1DT12H", "1.5"),
        ("30 minutes", "PT30M", "0.0208"),
        ("1.5 years", "P1Y6M", "547.875"),
        ("4.5 months", "P137D", "136.9688"),
        ("2.5 weeks", "P17DT12H", "17.5"),
    ],
)
def test_terms(text: str, duration: str, days: str) -> None:
    found = time_frame(text)
    assert found is not None
    assert found.duration.startswith(f'"{duration}"^^')
    assert found.days.startswith(f'"{days}"^^')
    # The store keeps what is canonical as it is.
    store = ox.Store()
    line = f"<a:b> <a:c> {found.duration} .\n<a:b> <a:d> {found.days} .\n"
    store.load(line.encode(), ox.RdfFormat.N_TRIPLES)
    assert {str(quad.object) for quad in store} == {found.duration, found.days}


def test_statements(statements: Build) -> None:
    found = statements(
        outcomesModule={
            "primaryOutcomes": [
                {"measure": "A", "timeFrame": "Baseline, 12 weeks"},
                {"measure": "B", "timeFrame": "at discharge"},
            ]
        }
    )
    assert found.of("outcome/primary/1", "tkg:timeFrameDuration") == ["P84D duration"]
    assert found.of("outcome/primary/1", "tkg:timeFrameDays") == ["84 decimal"]
    assert found.of("outcome/primary/2", "tkg:timeFrameDays") == []
    assert found.of("outcome/primary/2", "tkg:timeFrame") == ["at discharge"]


WORDS = st.sampled_from(
    "12 1 0.5 week weeks day days month h d m cycle cycles each every ± +/- - ( ) , ; and to 21-day baseline half a an "
    "first postoperative c1d15 before of age one is = plus/minus".split()
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_text_gives_a_positive_length_or_none(text: str) -> None:
    found = length(text)
    assert found is None or found.days > 0
    terms = time_frame(text)
    assert (terms is None) == (found is None)


@pytest.mark.parametrize(
    "text",
    ["1, " * 200, "cycle " * 100, "cycle 1, 2, 3 and " * 30, "(" * 600, "1 and a " * 75, "± 1 - " * 100, "-1" * 300],
)
def test_long_repetition_ends(text: str) -> None:
    length(text)
    without_cycles(text)
